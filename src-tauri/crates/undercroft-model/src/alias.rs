//! AWS account aliases.

use crate::text::{codes, text_type};

text_type! {
    /// An account's alias: 3 to 63 lower-case letters, digits and single dashes.
    ///
    /// Source: IAM's `CreateAccountAlias`, and the IAM guide's page on account aliases.
    AccountAlias, AccountAliasError, "an AWS account alias"
}

/// Why a text is not an account alias.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AccountAliasError {
    /// Shorter than 3 or longer than 63 characters.
    #[error("an account alias has 3 to 63 characters, like acme-production; this has {found}")]
    Length {
        /// How many characters were found.
        found: usize,
    },
    /// A capital letter.
    #[error("an account alias has no capital letters; write it like acme-production")]
    UpperCase,
    /// A character that aliases don't have.
    #[error("an account alias has only a-z, 0-9 and dashes, like acme-production; character {} is another", position + 1)]
    Character {
        /// Zero-based position of the first such character.
        position: usize,
    },
    /// A dash at an end, or two in a row.
    #[error(
        "an account alias can't begin or end with a dash or have two in a row; write it like acme-production"
    )]
    Dashes,
    /// Twelve digits, which AWS keeps for account ids.
    #[error("this is an account id; an alias is a name, like acme-production")]
    IsAccountId,
}

codes!(AccountAliasError {
    Length { .. } => "account-alias-length",
    UpperCase => "account-alias-upper-case",
    Character { .. } => "account-alias-character",
    Dashes => "account-alias-dashes",
    IsAccountId => "account-alias-is-account-id",
});

impl AccountAlias {
    /// Reads an alias.
    ///
    /// # Errors
    /// When AWS would not accept the text as an alias.
    pub fn parse(text: &str) -> Result<Self, AccountAliasError> {
        let text = text.trim();
        for (position, character) in text.chars().enumerate() {
            match character {
                'a'..='z' | '0'..='9' | '-' => {}
                'A'..='Z' => return Err(AccountAliasError::UpperCase),
                _ => return Err(AccountAliasError::Character { position }),
            }
        }
        let found = text.len();
        if !(3..=63).contains(&found) {
            return Err(AccountAliasError::Length { found });
        }
        if text.starts_with('-') || text.ends_with('-') || text.contains("--") {
            return Err(AccountAliasError::Dashes);
        }
        if found == 12 && text.bytes().all(|b| b.is_ascii_digit()) {
            return Err(AccountAliasError::IsAccountId);
        }
        Ok(Self(text.into()))
    }
}
