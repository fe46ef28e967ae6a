//! Tags on accounts.

use crate::text::{codes, text_type};

text_type! {
    /// A tag: 1 to 50 characters on one line, without commas.
    Tag, TagError, "a tag"
}

/// Why a text is not a tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TagError {
    /// Nothing was given.
    #[error("type a word for the tag, like staging")]
    Empty,
    /// More than 50 characters.
    #[error("a tag has at most 50 characters; this has {found}")]
    TooLong {
        /// How many characters were found.
        found: usize,
    },
    /// A comma, which separates tags, or a line break.
    #[error("a tag has no commas and no line breaks; a comma separates two tags")]
    Separator,
}

codes!(TagError {
    Empty => "tag-empty",
    TooLong { .. } => "tag-too-long",
    Separator => "tag-separator",
});

impl Tag {
    /// Reads one tag.
    ///
    /// # Errors
    /// When the text is empty, too long or more than one tag.
    pub fn parse(text: &str) -> Result<Self, TagError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(TagError::Empty);
        }
        if text.chars().any(|c| c == ',' || c.is_control()) {
            return Err(TagError::Separator);
        }
        let found = text.chars().count();
        if found > 50 {
            Err(TagError::TooLong { found })
        } else {
            Ok(Self(text.into()))
        }
    }
}
