//! Policies that narrow a session down.

use crate::text::{codes, text_type};

text_type! {
    /// An inline session policy: a JSON object of 1 to 2,048 characters.
    ///
    /// Source: `Policy` of STS's `AssumeRole` and `GetFederationToken`. Whether AWS understands it, AWS says.
    SessionPolicy, SessionPolicyError, "a session policy"
}

/// Why a text can't be a session policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SessionPolicyError {
    /// Not an object in JSON.
    #[error(
        "a session policy is a JSON object, like {{\"Version\": \"2012-10-17\", \"Statement\": […]}}"
    )]
    NotAnObject,
    /// More than AWS takes.
    #[error(
        "a session policy has at most 2,048 characters; this has {found}. Leave out spaces, or use a managed policy"
    )]
    TooLong {
        /// How many characters were found.
        found: usize,
    },
    /// A character that AWS does not take.
    #[error("AWS takes only characters of Latin-1 in a session policy; character {} is another", position + 1)]
    Character {
        /// Zero-based position of the first such character.
        position: usize,
    },
}

codes!(SessionPolicyError {
    NotAnObject => "session-policy-shape",
    TooLong { .. } => "session-policy-too-long",
    Character { .. } => "session-policy-character",
});

impl SessionPolicy {
    /// Reads a policy.
    ///
    /// # Errors
    /// When the text is no object, or too long.
    pub fn parse(text: &str) -> Result<Self, SessionPolicyError> {
        let text = text.trim();
        if !(text.starts_with('{') && text.ends_with('}')) {
            return Err(SessionPolicyError::NotAnObject);
        }
        let is_allowed = |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{ff}');
        if let Some(position) = text.chars().position(|c| !is_allowed(c)) {
            return Err(SessionPolicyError::Character { position });
        }
        let found = text.chars().count();
        if found > 2048 {
            Err(SessionPolicyError::TooLong { found })
        } else {
            Ok(Self(text.into()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn policies_are_short_objects() {
        assert!(SessionPolicy::parse(" {} ").is_ok());
        assert_eq!(
            SessionPolicy::parse("[]"),
            Err(SessionPolicyError::NotAnObject)
        );
        assert!(SessionPolicy::parse("{\"a\":\"→\"}").is_err());
        let long = format!("{{{}}}", " ".repeat(2047));
        assert!(SessionPolicy::parse(&long).is_err());
    }
}
