//! Random 16-byte ids of everything in a vault.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Why a text is not an id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// Not 32 characters long.
    #[error("an id has 32 hexadecimal characters; this has {found}")]
    Length {
        /// How many characters were found.
        found: usize,
    },
    /// A character that is not a hexadecimal digit.
    #[error("character {} of the id is not one of 0-9 and a-f", position + 1)]
    NotHex {
        /// Zero-based position of the first such character.
        position: usize,
    },
}

crate::text::codes!(IdError { Length { .. } => "id-length", NotHex { .. } => "id-not-hex" });

macro_rules! random_id {
    ($(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        ///
        /// Sixteen random bytes, shown as 32 lower-case hexadecimal characters. Binary formats carry the bytes.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; 16]);

        impl $name {
            /// Draws a new id from the operating system's random source.
            ///
            /// # Panics
            /// When the operating system has no randomness to give; nothing that needs an id can be done then.
            #[must_use]
            pub fn new_random() -> Self {
                Self(random_bytes())
            }

            /// Makes an id of its bytes.
            #[must_use]
            pub const fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(bytes)
            }

            /// The id's bytes.
            #[must_use]
            pub const fn as_bytes(&self) -> &[u8; 16] {
                &self.0
            }

            /// Reads 32 hexadecimal characters, in either case.
            ///
            /// # Errors
            /// When the text has another length or another character.
            pub fn parse(text: &str) -> Result<Self, IdError> {
                parse_hex(text).map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write_hex(&self.0, f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self)
            }
        }

        impl std::str::FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                Self::parse(text)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                if serializer.is_human_readable() {
                    serializer.collect_str(self)
                } else {
                    serializer.serialize_bytes(&self.0)
                }
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                if deserializer.is_human_readable() {
                    deserializer.deserialize_str(IdVisitor).map(Self)
                } else {
                    deserializer.deserialize_bytes(IdVisitor).map(Self)
                }
            }
        }
    };
}

random_id! {
    /// Names an item of the vault: an account, an identity or the settings.
    ItemId
}
random_id! {
    /// Names one sealed value; a changed secret gets a new one.
    ValueId
}
random_id! {
    /// Names an installation of Undercroft, so that two of them never make the same revision.
    InstallationId
}
random_id! {
    /// Names a vault for its whole life, wherever its file goes.
    VaultId
}
random_id! {
    /// Names an MFA device within the vault.
    DeviceId
}
random_id! {
    /// Names a custom secret field.
    FieldId
}

#[expect(
    clippy::expect_used,
    reason = "a machine without randomness can keep no secrets"
)]
fn random_bytes() -> [u8; 16] {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
    bytes
}

fn parse_hex(text: &str) -> Result<[u8; 16], IdError> {
    let found = text.chars().count();
    if found != 32 {
        return Err(IdError::Length { found });
    }
    let mut bytes = [0; 16];
    for (position, character) in text.chars().enumerate() {
        let digit = character
            .to_digit(16)
            .and_then(|digit| u8::try_from(digit).ok())
            .ok_or(IdError::NotHex { position })?;
        if let Some(byte) = bytes.get_mut(position / 2) {
            *byte = (*byte << 4) | digit;
        }
    }
    Ok(bytes)
}

fn write_hex(bytes: &[u8; 16], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
}

struct IdVisitor;

impl<'de> de::Visitor<'de> for IdVisitor {
    type Value = [u8; 16];

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an id of 16 bytes")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
        parse_hex(text).map_err(E::custom)
    }

    fn visit_bytes<E: de::Error>(self, bytes: &[u8]) -> Result<Self::Value, E> {
        bytes
            .try_into()
            .map_err(|_| E::invalid_length(bytes.len(), &self))
    }

    fn visit_seq<A: de::SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut bytes = [0; 16];
        for (index, byte) in bytes.iter_mut().enumerate() {
            *byte = seq
                .next_element()?
                .ok_or_else(|| de::Error::invalid_length(index, &self))?;
        }
        Ok(bytes)
    }
}
