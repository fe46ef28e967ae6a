//! Folding: what makes "Zürich", "ZURICH" and "zurich" the same.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// Appends the folded form of a character: lower case, without accents, compatibility forms resolved, white space and
/// control characters as a space.
pub(super) fn fold_char(character: char, folded: &mut String) {
    if character.is_ascii() {
        folded.push(if character.is_ascii_control() {
            ' '
        } else {
            character.to_ascii_lowercase()
        });
        return;
    }
    if character.is_whitespace() || character.is_control() {
        folded.push(' ');
        return;
    }
    for lower in character.to_lowercase().nfkd().flat_map(char::to_lowercase) {
        match lower {
            'ß' => folded.push_str("ss"),
            'æ' => folded.push_str("ae"),
            'œ' => folded.push_str("oe"),
            'þ' => folded.push_str("th"),
            'ø' => folded.push('o'),
            'ł' => folded.push('l'),
            'đ' | 'ð' => folded.push('d'),
            'ı' => folded.push('i'),
            'ς' => folded.push('σ'),
            _ if is_combining_mark(lower) || is_invisible(lower) => {}
            _ if lower.is_whitespace() || lower.is_control() => folded.push(' '),
            _ => folded.push(lower),
        }
    }
}

/// Appends the folded form of a text. ASCII keeps its length and so its offsets.
pub(super) fn fold_into(text: &str, folded: &mut String) {
    folded.reserve(text.len());
    for character in text.chars() {
        fold_char(character, folded);
    }
}

/// The byte range of `text` whose folded form covers `start..end` of the folded text.
///
/// Marks that belong to the last character are covered too.
pub(super) fn unfold_range(text: &str, start: usize, end: usize) -> std::ops::Range<usize> {
    let mut folded = String::new();
    let mut range: Option<std::ops::Range<usize>> = None;
    let mut folded_len = 0;
    for (offset, character) in text.char_indices() {
        folded.clear();
        fold_char(character, &mut folded);
        let begins = folded_len;
        folded_len += folded.len();
        let character_end = offset + character.len_utf8();
        let is_inside = begins < end && folded_len > start;
        match &mut range {
            None if is_inside => range = Some(offset..character_end),
            Some(range) if is_inside || (folded.is_empty() && range.end == offset) => {
                range.end = character_end
            }
            Some(_) if begins >= end => break,
            None | Some(_) => {}
        }
    }
    range.unwrap_or(0..0)
}

/// Tells whether a character only shapes its neighbours.
fn is_invisible(character: char) -> bool {
    matches!(character, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{feff}')
}

/// A set of the bytes in a text, folded to 64: a word that is in a text has no byte that the text lacks.
#[derive(Clone, Copy, Default)]
pub(super) struct ByteSet(u64);

impl ByteSet {
    pub(super) fn of(text: &[u8]) -> Self {
        Self(text.iter().fold(0, |set, byte| set | 1 << bucket(*byte)))
    }

    /// How many bytes of this set the other lacks.
    pub(super) fn missing_in(self, other: Self) -> u32 {
        (self.0 & !other.0).count_ones()
    }
}

fn bucket(byte: u8) -> u32 {
    let bucket = match byte {
        b'a'..=b'z' => byte - b'a',
        b'0'..=b'9' => byte - b'0' + 26,
        _ => 36 + byte % 28,
    };
    u32::from(bucket)
}
