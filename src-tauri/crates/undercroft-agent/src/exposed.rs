//! Secrets on the wire: the only place of this crate that writes or reads one.
//!
//! Used through serde's `with`, on fields of answers that exist to carry a secret to a program that was given it.

use std::fmt;

use serde::{
    Deserialize, Deserializer, Serializer,
    de::{Error, Visitor},
};
use undercroft_secret::SecretString;

/// Writes a secret in the clear.
///
/// Exposed because the answer is what the program asked for. `serde_json` hands the text to the writer piece by piece
/// without a buffer of its own, and the writer is [`crate::wiped::Wiped`].
pub(crate) fn serialize<S: Serializer>(
    secret: &SecretString,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(secret.expose())
}

pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<SecretString, D::Error> {
    Read::deserialize(deserializer).map(|read| read.0)
}

/// The same for a secret that may be left out.
pub(crate) mod option {
    use super::{Deserialize, Deserializer, Read, SecretString, Serializer};

    #[expect(
        clippy::ref_option,
        reason = "the signature that serde's `with` asks for"
    )]
    pub(crate) fn serialize<S: Serializer>(
        secret: &Option<SecretString>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match secret {
            Some(secret) => super::serialize(secret, serializer),
            None => serializer.serialize_none(),
        }
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<SecretString>, D::Error> {
        Ok(Option::<Read>::deserialize(deserializer)?.map(|read| read.0))
    }
}

/// A secret that is read straight from the line that carries it.
struct Read(SecretString);

impl<'de> Deserialize<'de> for Read {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;

        impl Visitor<'_> for Text {
            type Value = Read;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a secret text")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Read, E> {
                Ok(Read(SecretString::copy_of(text)))
            }
        }

        deserializer.deserialize_str(Text)
    }
}
