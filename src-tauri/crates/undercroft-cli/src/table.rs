//! Rows of text in columns.

use unicode_width::UnicodeWidthStr;

use crate::terminal::{Style, Terminal, harmless};

/// A text and the manner in which it is written.
#[derive(Clone, Debug)]
pub(crate) struct Cell {
    text: String,
    style: Style,
}

impl Cell {
    pub(crate) fn new(text: &str, style: Style) -> Self {
        Self {
            text: harmless(text).replace('\n', " "),
            style,
        }
    }

    pub(crate) fn plain(text: &str) -> Self {
        Self::new(text, Style::Plain)
    }
}

/// Writes rows as lines in which each column begins below the one above. The first row names the columns, if it is given.
pub(crate) fn lines(names: &[&str], rows: Vec<Vec<Cell>>, terminal: &Terminal) -> String {
    let heading: Vec<Cell> = names
        .iter()
        .map(|name| Cell::new(name, Style::Bold))
        .collect();
    let all: Vec<_> = std::iter::once(heading)
        .filter(|heading| !heading.is_empty())
        .chain(rows)
        .collect();
    let columns = all.iter().map(Vec::len).max().unwrap_or_default();
    let widths: Vec<usize> = (0..columns)
        .map(|column| {
            let cells = all.iter().filter_map(|row| row.get(column));
            cells
                .map(|cell| cell.text.width())
                .max()
                .unwrap_or_default()
        })
        .collect();
    let mut text = String::new();
    for row in &all {
        let mut gap = 0;
        for (cell, width) in row.iter().zip(&widths) {
            if !cell.text.is_empty() {
                text.extend(std::iter::repeat_n(' ', gap));
                text.push_str(&terminal.styled(&cell.text, cell.style));
                gap = 0;
            }
            gap += width.saturating_sub(cell.text.width()) + 2;
        }
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arguments::Common;

    #[test]
    fn columns_are_aligned_and_lines_end_with_their_last_word() {
        let terminal = Terminal::new(&Common {
            quiet: true,
            ..Common::default()
        });
        let row = |texts: [&str; 3]| texts.iter().map(|text| Cell::plain(text)).collect();
        let rows = vec![row(["a", "", "x"]), row(["längst", "b", ""])];
        assert_eq!(
            lines(&["NAME", "OF", "IS"], rows, &terminal),
            "NAME    OF  IS\na           x\nlängst  b\n"
        );
    }
}
