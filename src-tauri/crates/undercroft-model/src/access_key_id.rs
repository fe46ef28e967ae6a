//! Access key ids.

use crate::{
    pasted,
    text::{codes, text_type},
};

text_type! {
    /// The id of a long-term access key, such as `AKIAIOSFODNN7EXAMPLE`.
    ///
    /// Sixteen to 128 letters and digits; ids of temporary keys are refused. Source: IAM's `accessKeyIdType`.
    AccessKeyId, AccessKeyIdError, "an access key id"
}

/// Why a text is not the id of a long-term access key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AccessKeyIdError {
    /// Nothing was given.
    #[error("type the access key's id; it begins with AKIA and has 20 characters")]
    Empty,
    /// The text has the shape of the secret that belongs to an id.
    #[error(
        "this looks like the secret access key; it belongs in the field for the secret. The id begins with AKIA and has 20 characters"
    )]
    LooksLikeSecret,
    /// The id of a temporary key.
    #[error(
        "keys that begin with ASIA are temporary and expire within hours; a long-term key begins with AKIA. Undercroft makes temporary ones from it when they are needed"
    )]
    Temporary,
    /// The unique id of a user, role, group or other thing that is not a key.
    #[error(
        "this is the unique id of a user, role or other resource, not of an access key; a key's id begins with AKIA"
    )]
    NotAKey,
    /// Shorter than 16 or longer than 128 characters, or not 20 after AKIA.
    #[error(
        "an access key's id that begins with AKIA has 20 characters, others have 16 to 128; this has {found}"
    )]
    Length {
        /// How many characters were found.
        found: usize,
    },
    /// A character that ids don't have.
    #[error("an access key's id has only capital letters and digits, like AKIAIOSFODNN7EXAMPLE; character {} is another", position + 1)]
    Character {
        /// Zero-based position of the first such character.
        position: usize,
    },
}

codes!(AccessKeyIdError {
    Empty => "access-key-id-empty",
    LooksLikeSecret => "access-key-id-looks-like-secret",
    Temporary => "access-key-id-temporary",
    NotAKey => "access-key-id-not-a-key",
    Length { .. } => "access-key-id-length",
    Character { .. } => "access-key-id-character",
});

/// What the unique ids of things other than keys begin with (IAM guide, "IAM identifiers").
const OTHER_PREFIXES: [&str; 9] = [
    "ABIA", "ACCA", "AGPA", "AIDA", "AIPA", "ANPA", "ANVA", "APKA", "AROA",
];

impl AccessKeyId {
    /// Reads the id of a long-term access key.
    ///
    /// # Errors
    /// When the text is anything else; what people paste by mistake is named in the error.
    pub fn parse(text: &str) -> Result<Self, AccessKeyIdError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(AccessKeyIdError::Empty);
        }
        if pasted::is_secret_access_key(text) || pasted::is_otpauth(text) {
            return Err(AccessKeyIdError::LooksLikeSecret);
        }
        if let Some(position) = text
            .chars()
            .position(|c| !c.is_ascii_alphanumeric() && c != '_')
        {
            return Err(AccessKeyIdError::Character { position });
        }
        let found = text.len();
        let prefix = text.get(..4).unwrap_or_default();
        if found >= 16 && prefix == "ASIA" {
            return Err(AccessKeyIdError::Temporary);
        }
        if found >= 16 && OTHER_PREFIXES.contains(&prefix) {
            return Err(AccessKeyIdError::NotAKey);
        }
        let is_capital = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit();
        if prefix.eq_ignore_ascii_case("AKIA")
            && let Some(position) = text.chars().position(|c| !is_capital(c))
        {
            return Err(AccessKeyIdError::Character { position });
        }
        let fits = if prefix == "AKIA" {
            found == 20
        } else {
            (16..=128).contains(&found)
        };
        if !fits {
            return Err(AccessKeyIdError::Length { found });
        }
        Ok(Self(text.into()))
    }
}
