//! What profiles are called.

use crate::text::{codes, text_type};

text_type! {
    /// The name of a profile: 1 to 128 characters that can stand between the brackets of `~/.aws/config`.
    ///
    /// Names that came from there survive, so spaces and every script are allowed.
    ProfileName, ProfileNameError, "the name of a profile"
}

/// Why a text can't name a profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProfileNameError {
    /// Nothing was given.
    #[error("type a name for the profile, like work-deploy")]
    Empty,
    /// More than 128 characters.
    #[error("a profile's name has at most 128 characters; this has {found}")]
    TooLong {
        /// How many characters were found.
        found: usize,
    },
    /// A dash in front, which programs take for an option.
    #[error("a profile's name does not begin with a dash")]
    Dash,
    /// A character that would end the name in `~/.aws/config`.
    #[error("a profile's name has no brackets, quotes, backslashes, # ; or line breaks; character {} is one", position + 1)]
    Character {
        /// Zero-based position of the first such character.
        position: usize,
    },
}

codes!(ProfileNameError {
    Empty => "profile-name-empty",
    TooLong { .. } => "profile-name-too-long",
    Dash => "profile-name-dash",
    Character { .. } => "profile-name-character",
});

impl ProfileName {
    /// Reads a name.
    ///
    /// # Errors
    /// When it could not stand in `~/.aws/config`.
    pub fn parse(text: &str) -> Result<Self, ProfileNameError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(ProfileNameError::Empty);
        }
        if text.starts_with('-') {
            return Err(ProfileNameError::Dash);
        }
        let ends_name =
            |c: char| c.is_control() || matches!(c, '[' | ']' | '"' | '\'' | '\\' | '#' | ';');
        if let Some(position) = text.chars().position(ends_name) {
            return Err(ProfileNameError::Character { position });
        }
        let found = text.chars().count();
        if found > 128 {
            Err(ProfileNameError::TooLong { found })
        } else {
            Ok(Self(text.into()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_can_stand_between_brackets() {
        for name in ["default", "work deploy", "a/b:c@d+e=f", "Zürich"] {
            assert_eq!(ProfileName::parse(name).expect(name).as_str(), name);
        }
        for name in ["", "  ", "-x", "a]b", "a\nb", "a\"b", "a#b", "a\\b"] {
            assert!(ProfileName::parse(name).is_err(), "{name:?}");
        }
        assert!(ProfileName::parse(&"x".repeat(129)).is_err());
    }
}
