//! AWS account ids.

use crate::{
    pasted,
    text::{codes, text_impls},
};

/// A 12-digit AWS account id.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountId([u8; 12]);

/// Why a text is not an account id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AccountIdError {
    /// Nothing was given.
    #[error("type the account's 12-digit id, like 123456789012")]
    Empty,
    /// Digits, but not 12 of them.
    #[error("an account id has 12 digits, like 123456789012; this has {found}")]
    Length {
        /// How many digits were found.
        found: usize,
    },
    /// Something other than digits.
    #[error("an account id has only digits, like 123456789012 or 1234-5678-9012; character {} is another", position + 1)]
    NotDigits {
        /// Zero-based position of the first other character.
        position: usize,
    },
    /// The text looks like a secret.
    #[error(
        "this looks like a secret, not like an account id; an id has 12 digits, like 123456789012"
    )]
    LooksLikeSecret,
}

codes!(AccountIdError {
    Empty => "account-id-empty",
    Length { .. } => "account-id-length",
    NotDigits { .. } => "account-id-not-digits",
    LooksLikeSecret => "account-id-looks-like-secret",
});

impl AccountId {
    /// Reads 12 digits; also as the console writes them, `1234-5678-9012`.
    ///
    /// # Errors
    /// When the text is anything else.
    pub fn parse(text: &str) -> Result<Self, AccountIdError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(AccountIdError::Empty);
        }
        if pasted::is_secret_access_key(text)
            || pasted::is_otpauth(text)
            || pasted::is_mfa_seed(text)
        {
            return Err(AccountIdError::LooksLikeSecret);
        }
        let mut digits = [0; 12];
        let mut found = 0;
        for (position, character) in text.chars().enumerate() {
            match character {
                '0'..='9' => {
                    if let Some(digit) = digits.get_mut(found) {
                        // Within '0'..='9', so the cast keeps the digit.
                        *digit = character as u8;
                    }
                    found += 1;
                }
                '-' | ' ' | '\u{a0}' => {}
                _ => return Err(AccountIdError::NotDigits { position }),
            }
        }
        if found == digits.len() {
            Ok(Self(digits))
        } else {
            Err(AccountIdError::Length { found })
        }
    }

    /// The 12 digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // Only ASCII digits get in, so the fallback is never taken.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// The id as the console groups it: `1234-5678-9012`.
    #[must_use]
    pub fn grouped(&self) -> String {
        let text = self.as_str();
        [text.get(..4), text.get(4..8), text.get(8..)]
            .map(Option::unwrap_or_default)
            .join("-")
    }
}

text_impls!(AccountId, AccountIdError, "an AWS account id of 12 digits");
