//! A file of `~/.aws` as lines, each with what it is.
//!
//! The rules are those of Python's `RawConfigParser`, by which botocore reads the files: a line that is indented further
//! than the setting above it continues that setting's value, blank lines and comments between them notwithstanding.
//! The parser and the editor share these lines, so they can't disagree.

/// A file cut into lines; joined again they are the file, byte for byte.
pub(crate) struct Lines<'a> {
    /// The byte order mark at the beginning, or nothing.
    pub(crate) mark: &'a str,
    /// The lines.
    pub(crate) lines: Vec<Line<'a>>,
}

/// One line.
#[derive(Clone, Copy)]
pub(crate) struct Line<'a> {
    /// The line without its end.
    pub(crate) content: &'a str,
    /// `\n`, `\r\n`, `\r`, or nothing at the end of the file.
    pub(crate) end: &'a str,
    /// What the line is.
    pub(crate) role: LineRole<'a>,
}

/// What a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LineRole<'a> {
    /// Nothing, or only spaces.
    Blank,
    /// A comment of its own line.
    Comment,
    /// `[NAME]`: the text between the brackets, trimmed; `None` where it is empty or the bracket doesn't close.
    Header(Option<&'a str>),
    /// `KEY = VALUE`.
    Setting {
        /// The key as written.
        key: &'a str,
        /// The value without the comment behind it.
        value: &'a str,
        /// The comment behind the value, with its sign.
        comment: Option<&'a str>,
    },
    /// A further line of the value above, trimmed.
    Continuation(&'a str),
    /// None of these, or a line before the first header.
    Stray,
}

impl<'a> Line<'a> {
    /// What the line begins with before its first visible character.
    pub(crate) fn indent(&self) -> &'a str {
        let visible = self.content.trim_start().len();
        self.content
            .get(..self.content.len() - visible)
            .unwrap_or_default()
    }
}

impl<'a> Lines<'a> {
    /// Cuts a file into lines.
    pub(crate) fn of(text: &'a str) -> Self {
        let rest = text.trim_start_matches('\u{feff}');
        let mark = text.get(..text.len() - rest.len()).unwrap_or_default();
        let mut reader = Reader::default();
        let lines = split(rest)
            .map(|(content, end)| Line {
                content,
                end,
                role: reader.role(content),
            })
            .collect();
        Self { mark, lines }
    }
}

/// What must be remembered from line to line.
#[derive(Default)]
struct Reader {
    in_section: bool,
    in_setting: bool,
    /// Characters before the first visible one of the last header, setting or stray line.
    indent: usize,
}

impl Reader {
    fn role<'a>(&mut self, content: &'a str) -> LineRole<'a> {
        let text = content.trim();
        if text.is_empty() {
            return LineRole::Blank;
        }
        if text.starts_with(['#', ';']) {
            return LineRole::Comment;
        }
        let indent = content.chars().take_while(|c| c.is_whitespace()).count();
        if self.in_setting && indent > self.indent {
            return LineRole::Continuation(text);
        }
        self.indent = indent;
        self.in_setting = false;
        if let Some(rest) = text.strip_prefix('[') {
            self.in_section = true;
            let name = rest.split_once(']').map(|(name, _)| name.trim());
            return LineRole::Header(name.filter(|name| !name.is_empty()));
        }
        match text.split_once(['=', ':']) {
            Some((key, value)) if self.in_section && !key.trim().is_empty() => {
                self.in_setting = true;
                let (value, comment) = without_comment(value);
                LineRole::Setting {
                    key: key.trim(),
                    value,
                    comment,
                }
            }
            _ => LineRole::Stray,
        }
    }
}

/// Parts a value from the comment behind it, which begins with a space and `#` or `;`.
pub(crate) fn without_comment(text: &str) -> (&str, Option<&str>) {
    let mut after_space = false;
    for (at, character) in text.char_indices() {
        if after_space && matches!(character, '#' | ';') {
            let (value, comment) = text.split_at_checked(at).unwrap_or((text, ""));
            return (value.trim(), Some(comment));
        }
        after_space = character.is_whitespace();
    }
    (text.trim(), None)
}

/// Cuts a text after each `\n`, `\r\n` or `\r`, as Python does.
fn split(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let length = rest.find(['\n', '\r']).unwrap_or(rest.len());
        let (content, after) = rest.split_at_checked(length)?;
        let end_length = if after.starts_with("\r\n") {
            2
        } else {
            after.len().min(1)
        };
        let (end, after) = after.split_at_checked(end_length)?;
        rest = after;
        Some((content, end))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn roles(text: &str) -> Vec<LineRole<'_>> {
        Lines::of(text).lines.iter().map(|line| line.role).collect()
    }

    fn setting<'a>(key: &'a str, value: &'a str) -> LineRole<'a> {
        LineRole::Setting {
            key,
            value,
            comment: None,
        }
    }

    #[test]
    fn joined_lines_are_the_file() {
        for text in ["", "\n", "[a]\r\nb=1\r\n", "\u{feff}[a]\rb = 1\n\n  c", "x"] {
            let cut = Lines::of(text);
            let mut joined = cut.mark.to_owned();
            for line in &cut.lines {
                joined.push_str(line.content);
                joined.push_str(line.end);
            }
            assert_eq!(joined, text);
        }
    }

    #[test]
    fn further_indentation_continues_and_equal_indentation_does_not() {
        assert_eq!(
            roles("[a]\n  b = 1\n  c = 2\n\n    d = 3\n# e\n    f\n"),
            [
                LineRole::Header(Some("a")),
                setting("b", "1"),
                setting("c", "2"),
                LineRole::Blank,
                LineRole::Continuation("d = 3"),
                LineRole::Comment,
                LineRole::Continuation("f"),
            ]
        );
    }

    #[test]
    fn a_header_may_be_indented_only_where_no_setting_is_above() {
        assert_eq!(
            roles("[a]\n  [b]\n  c=1\n   [d]"),
            [
                LineRole::Header(Some("a")),
                LineRole::Header(Some("b")),
                setting("c", "1"),
                LineRole::Continuation("[d]"),
            ]
        );
    }

    #[test]
    fn a_broken_header_still_ends_the_section_above() {
        assert_eq!(
            roles("[a]\n[b\n[]\n"),
            [
                LineRole::Header(Some("a")),
                LineRole::Header(None),
                LineRole::Header(None)
            ]
        );
    }

    #[test]
    fn a_comment_behind_a_value_needs_a_space_before_it() {
        assert_eq!(without_comment(" a#b;c "), ("a#b;c", None));
        assert_eq!(without_comment(" a # b"), ("a", Some("# b")));
        assert_eq!(without_comment(" a\t; b"), ("a", Some("; b")));
    }
}
