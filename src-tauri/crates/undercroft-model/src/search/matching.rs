//! How a word is found in a document, and what that is worth.

use std::ops::Range;

use super::{
    document::{Document, SearchField, is_marker},
    query::Word,
};

/// A word found in a document.
pub(super) struct Found {
    /// At least one; more is better.
    pub(super) score: u32,
    /// Where it stands in the document's text.
    pub(super) range: Range<usize>,
    /// Whether letters between were left out, so that not all of the range was typed.
    pub(super) is_abbreviated: bool,
}

// A better way of being found outweighs any better field, and both outweigh what they are multiplied with below.
const WHOLE_FIELD: u32 = 1000;
const FIELD_START: u32 = 800;
const WORD_START: u32 = 600;
const INSIDE_WORD: u32 = 400;
const MISTYPED: u32 = 200;
const ABBREVIATED: u32 = 1;
/// Added when the match ends where a word does.
const WHOLE_WORD: u32 = 30;

/// Occurrences of a word in one document that are looked at; the weightiest fields come first in it.
const MAX_OCCURRENCES: usize = 16;

impl SearchField {
    const fn weight(self) -> u32 {
        match self {
            Self::AccountName | Self::AccountAlias => 60,
            Self::SignInName | Self::ProfileName => 58,
            Self::AccountId => 50,
            Self::RootUser => 45,
            Self::DeviceName | Self::Role => 40,
            Self::Tag => 35,
            Self::DeviceSerial | Self::AccessKeyId => 30,
            Self::SecretLabel => 20,
            Self::Notes => 0,
        }
    }

    /// Whether people call the thing by this field.
    const fn is_name(self) -> bool {
        match self {
            Self::AccountName
            | Self::AccountAlias
            | Self::AccountId
            | Self::SignInName
            | Self::ProfileName => true,
            Self::Tag
            | Self::Role
            | Self::RootUser
            | Self::DeviceName
            | Self::DeviceSerial
            | Self::AccessKeyId
            | Self::SecretLabel
            | Self::Notes => false,
        }
    }

    /// Whether identities are found by this field of their account.
    pub(super) const fn is_inherited_by_identities(self) -> bool {
        match self {
            Self::AccountName | Self::AccountAlias | Self::AccountId | Self::Tag => true,
            Self::SignInName
            | Self::ProfileName
            | Self::Role
            | Self::RootUser
            | Self::DeviceName
            | Self::DeviceSerial
            | Self::AccessKeyId
            | Self::SecretLabel
            | Self::Notes => false,
        }
    }

    /// Whether a near match is no match: one id is not another.
    const fn is_identifier(self) -> bool {
        match self {
            Self::AccountId | Self::AccessKeyId => true,
            Self::AccountName
            | Self::AccountAlias
            | Self::Tag
            | Self::SignInName
            | Self::ProfileName
            | Self::Role
            | Self::RootUser
            | Self::DeviceName
            | Self::DeviceSerial
            | Self::SecretLabel
            | Self::Notes => false,
        }
    }
}

/// Finds a word as it was typed: the best of its occurrences in the fields that `counts` accepts.
pub(super) fn find_typed(
    word: &Word,
    document: &Document,
    counts: &dyn Fn(SearchField) -> bool,
) -> Option<Found> {
    if word.bytes.missing_in(document.bytes) > 0 {
        return None;
    }
    let text = document.text.as_bytes();
    let mut best: Option<Found> = None;
    for start in word.finder.find_iter(text).take(MAX_OCCURRENCES) {
        let range = start..start + word.text.len();
        let Some((field, score)) = rate_typed(&document.text, &range) else {
            continue;
        };
        if counts(field) && best.as_ref().is_none_or(|best| score > best.score) {
            best = Some(Found {
                score,
                range,
                is_abbreviated: false,
            });
        }
    }
    best
}

fn rate_typed(text: &str, range: &Range<usize>) -> Option<(SearchField, u32)> {
    let (before, after) = (text.get(..range.start)?, text.get(range.end..)?);
    let field_start = before
        .as_bytes()
        .iter()
        .rposition(|byte| is_marker(*byte))?;
    let field = SearchField::of_marker(*text.as_bytes().get(field_start)?)?;
    let starts_field = field_start + 1 == range.start;
    let ends_field = after.as_bytes().first().is_none_or(|byte| is_marker(*byte));
    let starts_word = !before
        .chars()
        .next_back()
        .is_some_and(char::is_alphanumeric);
    let ends_word = !after.chars().next().is_some_and(char::is_alphanumeric);
    let place = match (starts_field, ends_field) {
        (true, true) if field.is_name() => WHOLE_FIELD,
        (true, false) if field.is_name() => FIELD_START,
        (true, _) => WORD_START,
        (false, _) if starts_word => WORD_START,
        (false, _) => INSIDE_WORD,
    };
    let whole_word = if starts_word && ends_word {
        WHOLE_WORD
    } else {
        0
    };
    let tail = after
        .as_bytes()
        .iter()
        .take(64)
        .take_while(|byte| !is_marker(**byte))
        .count();
    Some((
        field,
        place
            + whole_word
            + field.weight()
            + coverage(range.len(), range.start - field_start + tail),
    ))
}

/// Up to ten points for a match that makes up much of its field.
fn coverage(matched: usize, around: usize) -> u32 {
    u32::try_from(matched * 10 / (matched + around).max(1)).unwrap_or_default()
}

/// Finds a word with one typing error or with letters left out, from the start of any word of the text.
pub(super) fn find_guessed(
    word: &Word,
    document: &Document,
    counts: &dyn Fn(SearchField) -> bool,
) -> Option<Found> {
    // One wrong letter can be up to four bytes that the document lacks.
    let tolerated = if word.text.is_ascii() { 1 } else { 4 };
    if !word.may_be_mistyped || word.bytes.missing_in(document.bytes) > tolerated {
        return None;
    }
    let text = &*document.text;
    let mut best: Option<Found> = None;
    let mut field = None;
    let mut starts_word = true;
    for (start, byte) in text.bytes().enumerate() {
        if is_marker(byte) {
            field = SearchField::of_marker(byte)
                .filter(|field| !field.is_identifier() && counts(*field));
            starts_word = true;
        } else if !byte.is_ascii_alphanumeric() && byte.is_ascii() {
            starts_word = true;
        } else if starts_word {
            starts_word = false;
            let (Some(field), Some(rest)) = (field, text.get(start..)) else {
                continue;
            };
            if let Some(found) = guess_at(word, rest, start, field)
                && best.as_ref().is_none_or(|best| found.score > best.score)
            {
                best = Some(found);
            }
        }
    }
    best
}

/// Tells whether one of the first two letters stands at one of the first two places, as it must with one error.
fn may_begin(word: &[char], text: &str) -> bool {
    let mut letters = text.chars();
    let (first, second) = (letters.next(), letters.next());
    let mut wanted = word.iter().take(2).copied().map(Some);
    wanted.any(|letter| letter == first || letter == second)
}

/// Tries to read the word at the beginning of `rest`, which stands at `start`.
fn guess_at(word: &Word, rest: &str, start: usize, field: SearchField) -> Option<Found> {
    if !may_begin(&word.chars, rest) {
        return None;
    }
    if word.chars.len() >= 4
        && let Some(len) = mistyped(&word.chars, rest)
    {
        let score = MISTYPED + field.weight();
        return Some(Found {
            score,
            range: start..start + len,
            is_abbreviated: false,
        });
    }
    if field == SearchField::Notes {
        return None;
    }
    let len = abbreviated(&word.chars, rest, |_| {})?;
    let tightness = u32::try_from(word.text.len() * 50 / len.max(1)).unwrap_or_default();
    Some(Found {
        score: ABBREVIATED + field.weight() + tightness,
        range: start..start + len,
        is_abbreviated: true,
    })
}

/// The length of the beginning of `text` that is the word with one letter wrong, missing, too many, or two swapped.
fn mistyped(word: &[char], text: &str) -> Option<usize> {
    let mut rest = text.chars();
    let mut right = 0;
    while let Some(expected) = word.get(right) {
        let mut ahead = rest.clone();
        if ahead.next() != Some(*expected) {
            break;
        }
        rest = ahead;
        right += 1;
    }
    let wrong = word.get(right..)?;
    let (_, after_wrong) = wrong.split_first()?;
    let rest = rest.as_str();
    let len_to = |tail: Option<&str>| tail.map(|tail| text.len() - tail.len());
    if let [first, second, after_swapped @ ..] = wrong
        && let Some(tail) = rest
            .strip_prefix(*second)
            .and_then(|rest| rest.strip_prefix(*first))
        && let Some(tail) = strip_chars(after_swapped, tail)
    {
        return len_to(Some(tail));
    }
    // The first letter of a short word is what it is known by.
    if right == 0 && word.len() < 5 {
        return None;
    }
    let mut skipped = rest.chars();
    let other = skipped
        .next()
        .filter(|c| !u8::try_from(*c).is_ok_and(is_marker));
    if other.is_some() {
        let skipped = skipped.as_str();
        let tail = strip_chars(after_wrong, skipped).or_else(|| strip_chars(wrong, skipped));
        if tail.is_some() {
            return len_to(tail);
        }
    }
    len_to(strip_chars(after_wrong, rest))
}

fn strip_chars<'a>(prefix: &[char], text: &'a str) -> Option<&'a str> {
    prefix
        .iter()
        .try_fold(text, |rest, expected| rest.strip_prefix(*expected))
}

/// The length of the beginning of `text` that has the word's letters in order, not too far apart.
///
/// The offset of each letter is passed to `at`.
pub(super) fn abbreviated(
    word: &[char],
    text: &str,
    mut at: impl FnMut(Range<usize>),
) -> Option<usize> {
    let reach = word.len() * 4 + 4;
    let mut letters = word.iter();
    let mut wanted = letters.next()?;
    for (offset, character) in text.char_indices().take(reach) {
        if u8::try_from(character).is_ok_and(is_marker) {
            return None;
        }
        if character == *wanted {
            let end = offset + character.len_utf8();
            at(offset..end);
            match letters.next() {
                Some(letter) => wanted = letter,
                None => return Some(end),
            }
        } else if offset == 0 {
            return None;
        }
    }
    None
}
