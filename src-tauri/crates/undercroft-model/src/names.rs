//! What identities are called: the root user's email address and IAM user names.

use crate::text::{codes, text_type};

text_type! {
    /// An IAM user's name: 1 to 64 of letters, digits and `_+=,.@-`.
    ///
    /// Source: IAM's `CreateUser`.
    UserName, UserNameError, "an IAM user name"
}

text_type! {
    /// The email address of a root user.
    EmailAddress, EmailAddressError, "an email address"
}

/// Why a text is not an IAM user name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UserNameError {
    /// Nothing was given.
    #[error("type the IAM user's name, like jane.doe")]
    Empty,
    /// More than 64 characters.
    #[error("an IAM user name has at most 64 characters; this has {found}")]
    TooLong {
        /// How many characters were found.
        found: usize,
    },
    /// An ARN where only the name belongs.
    #[error("this is an ARN; only the user's name belongs here, like jane.doe")]
    IsArn,
    /// A character that user names don't have.
    #[error("an IAM user name has only letters a-z, digits and _ + = , . @ -, like jane.doe; character {} is another", position + 1)]
    Character {
        /// Zero-based position of the first such character.
        position: usize,
    },
}

codes!(UserNameError {
    Empty => "user-name-empty",
    TooLong { .. } => "user-name-too-long",
    IsArn => "user-name-is-arn",
    Character { .. } => "user-name-character",
});

/// Why a text is not an email address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EmailAddressError {
    /// Nothing was given.
    #[error("type the root user's email address, like aws@example.com")]
    Empty,
    /// No `@`, more than one, or nothing on a side of it.
    #[error("an email address has one @ with something on both sides, like aws@example.com")]
    Shape,
    /// A space or a control character.
    #[error("an email address has no spaces; write it like aws@example.com")]
    Space,
    /// More than 254 characters.
    #[error("an email address has at most 254 characters; this has {found}")]
    TooLong {
        /// How many characters were found.
        found: usize,
    },
}

codes!(EmailAddressError {
    Empty => "email-empty",
    Shape => "email-shape",
    Space => "email-space",
    TooLong { .. } => "email-too-long",
});

impl UserName {
    /// Reads a user name, without a path.
    ///
    /// # Errors
    /// When IAM would not accept the text as a user name.
    pub fn parse(text: &str) -> Result<Self, UserNameError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(UserNameError::Empty);
        }
        if text.starts_with("arn:") {
            return Err(UserNameError::IsArn);
        }
        if let Some(position) = text.chars().position(|c| !is_name_character(c)) {
            return Err(UserNameError::Character { position });
        }
        let found = text.len();
        if found > 64 {
            Err(UserNameError::TooLong { found })
        } else {
            Ok(Self(text.into()))
        }
    }
}

impl EmailAddress {
    /// Reads an address, loosely: what AWS took as an address is not for Undercroft to doubt.
    ///
    /// # Errors
    /// When the text can't be an address.
    pub fn parse(text: &str) -> Result<Self, EmailAddressError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(EmailAddressError::Empty);
        }
        let found = text.chars().count();
        if found > 254 {
            return Err(EmailAddressError::TooLong { found });
        }
        if text.chars().any(|c| c.is_whitespace() || c.is_control()) {
            return Err(EmailAddressError::Space);
        }
        match text.split_once('@') {
            Some((local, domain))
                if !local.is_empty() && !domain.is_empty() && !domain.contains('@') =>
            {
                Ok(Self(text.into()))
            }
            Some(_) | None => Err(EmailAddressError::Shape),
        }
    }
}

/// Tells whether IAM's `[\w+=,.@-]` has the character.
pub(crate) fn is_name_character(character: char) -> bool {
    character.is_ascii_alphanumeric()
        || matches!(character, '_' | '+' | '=' | ',' | '.' | '@' | '-')
}
