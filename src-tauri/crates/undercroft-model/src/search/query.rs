//! What was typed, as words to look for.

use memchr::memmem::Finder;

use super::fold::{ByteSet, fold_into};

/// More than this of a query is not looked at.
const MAX_QUERY_BYTES: usize = 512;
const MAX_WORDS: usize = 8;
/// Longer words were pasted rather than typed, and are not guessed at.
const MAX_GUESSED_CHARS: usize = 32;

/// A word of a query, folded.
pub(super) struct Word {
    pub(super) text: String,
    pub(super) chars: Vec<char>,
    pub(super) finder: Finder<'static>,
    pub(super) bytes: ByteSet,
    /// Whether it may be mistyped; numbers are not guessed at, as another number is another account.
    pub(super) may_be_mistyped: bool,
}

impl Word {
    fn new(text: String) -> Self {
        let chars: Vec<char> = text.chars().collect();
        Self {
            may_be_mistyped: (3..=MAX_GUESSED_CHARS).contains(&chars.len())
                && chars.iter().any(|c| c.is_alphabetic()),
            finder: Finder::new(text.as_bytes()).into_owned(),
            bytes: ByteSet::of(text.as_bytes()),
            chars,
            text,
        }
    }
}

/// Splits a query into the words that must all be found.
pub(super) fn words(query: &str) -> Vec<Word> {
    let mut folded = String::new();
    fold_into(
        query
            .get(..query.floor_char_boundary(MAX_QUERY_BYTES))
            .unwrap_or_default(),
        &mut folded,
    );
    let mut words: Vec<String> = Vec::new();
    for word in folded.split_whitespace() {
        if word.starts_with("arn:") {
            // Of an ARN, the account and the name at its end tell one thing from another.
            let account = word.split(':').nth(4).unwrap_or_default();
            let name = word.rsplit([':', '/']).next().unwrap_or_default();
            words.extend([account, name].map(str::to_owned));
        } else if word.bytes().all(|b| b.is_ascii_digit() || b == b'-') {
            // The console writes account ids as 1234-5678-9012.
            words.push(word.replace('-', ""));
        } else {
            words.push(
                word.trim_matches(['"', '\'', '<', '>', '(', ')', ',', ';', ':'])
                    .to_owned(),
            );
        }
    }
    words.retain(|word| !word.is_empty());
    words.truncate(MAX_WORDS);
    words.into_iter().map(Word::new).collect()
}
