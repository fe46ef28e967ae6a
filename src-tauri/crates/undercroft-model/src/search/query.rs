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
    /// A word that somebody typed.
    fn typed(text: &str) -> Self {
        let word = Self::pasted(text);
        let is_short = (3..=MAX_GUESSED_CHARS).contains(&word.chars.len());
        let may_be_mistyped = is_short && word.chars.iter().any(|c| c.is_alphabetic());
        Self {
            may_be_mistyped,
            ..word
        }
    }

    /// A word that is right as it is.
    fn pasted(text: &str) -> Self {
        Self {
            text: text.to_owned(),
            chars: text.chars().collect(),
            finder: Finder::new(text.as_bytes()).into_owned(),
            bytes: ByteSet::of(text.as_bytes()),
            may_be_mistyped: false,
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
    let mut words = Vec::new();
    for word in folded.split_whitespace() {
        if word.starts_with("arn:") {
            // Of an ARN, the account and the name at its end tell one thing from another.
            let account = word.split(':').nth(4).unwrap_or_default();
            let name = word.rsplit([':', '/']).next().unwrap_or_default();
            words.extend([account, name].map(Word::pasted));
        } else if word.bytes().all(|b| b.is_ascii_digit() || b == b'-') {
            // The console writes account ids as 1234-5678-9012.
            words.push(Word::pasted(&word.replace('-', "")));
        } else {
            let punctuation = ['"', '\'', '<', '>', '(', ')', ',', ';', ':'];
            words.push(Word::typed(word.trim_matches(punctuation)));
        }
    }
    words.retain(|word: &Word| !word.text.is_empty());
    words.truncate(MAX_WORDS);
    words
}
