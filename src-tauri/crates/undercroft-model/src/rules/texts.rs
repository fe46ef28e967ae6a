//! Free texts: names, labels and notes.

use crate::text::codes;

/// Why a free text can't be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// Nothing where something is needed.
    #[error("type a name")]
    Empty,
    /// More characters than fit.
    #[error("at most {limit} characters fit here; this has {found}")]
    TooLong {
        /// How many fit.
        limit: usize,
        /// How many were found.
        found: usize,
    },
    /// A line break or another control character where one line is expected.
    #[error("this must be one line of text, without line breaks or control characters")]
    ControlCharacter,
}

codes!(TextError {
    Empty => "text-empty",
    TooLong { .. } => "text-too-long",
    ControlCharacter => "text-control-character",
});

/// Checks the name of an account or device, or the label of a secret: one line of up to 100 characters.
///
/// # Errors
/// When it is empty, longer, or more than a line.
pub fn check_label(text: &str) -> Result<(), TextError> {
    if text.trim().is_empty() {
        return Err(TextError::Empty);
    }
    if text
        .chars()
        .any(|c| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}'))
    {
        return Err(TextError::ControlCharacter);
    }
    check_length(text, 100)
}

/// Checks notes: up to 20,000 characters on any number of lines.
///
/// # Errors
/// When they are longer or have control characters other than line breaks and tabs.
pub fn check_notes(text: &str) -> Result<(), TextError> {
    if text
        .chars()
        .any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
    {
        return Err(TextError::ControlCharacter);
    }
    check_length(text, 20_000)
}

fn check_length(text: &str, limit: usize) -> Result<(), TextError> {
    let found = text.chars().count();
    if found > limit {
        Err(TextError::TooLong { limit, found })
    } else {
        Ok(())
    }
}
