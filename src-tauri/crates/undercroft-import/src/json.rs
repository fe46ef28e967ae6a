//! What the readers of JSON share.

use std::fmt;

use serde::de::{DeserializeOwned, Error, Visitor};
use serde::{Deserialize, Deserializer};
use undercroft_secret::SecretString;

use crate::ImportError;

/// A text of a file that may be secret.
#[derive(Debug, Default)]
pub(crate) struct Secret(pub(crate) SecretString);

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;

        impl Visitor<'_> for Text {
            type Value = Secret;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Secret, E> {
                Ok(Secret(SecretString::copy_of(text)))
            }

            fn visit_string<E: Error>(self, text: String) -> Result<Secret, E> {
                Ok(Secret(SecretString::new(text)))
            }

            fn visit_unit<E: Error>(self) -> Result<Secret, E> {
                Ok(Secret::default())
            }
        }

        deserializer.deserialize_any(Text)
    }
}

/// Reads a file whose kind is known already; serde's messages, which repeat what they met, are dropped.
pub(crate) fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ImportError> {
    serde_json::from_slice(bytes).map_err(|_| ImportError::Damaged)
}

/// Returns a text that may be missing.
pub(crate) fn text(text: &Option<String>) -> &str {
    text.as_deref().unwrap_or_default().trim()
}
