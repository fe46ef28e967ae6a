//! What an item holds.

use std::fmt;

use ciborium::Value;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser::SerializeMap};

use super::{Account, Identity, Profile, Settings};

/// What an item holds: in CBOR, a map of `kind` and `value`.
///
/// The map itself never grows: what is new goes into `value`. A kind that this version does not know is kept as it
/// is, so a newer Undercroft finds it again.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    /// An AWS account.
    Account(Account),
    /// Somebody who signs in to an account.
    Identity(Identity),
    /// A recipe that yields credentials.
    Profile(Profile),
    /// The settings of the vault.
    Settings(Settings),
    /// Something of a newer version.
    Unknown {
        /// What the newer version calls it.
        kind: String,
        /// Its fields.
        value: Value,
    },
}

impl Content {
    /// The kind's stored name.
    #[must_use]
    pub fn kind(&self) -> &str {
        match self {
            Self::Account(_) => "account",
            Self::Identity(_) => "identity",
            Self::Profile(_) => "profile",
            Self::Settings(_) => "settings",
            Self::Unknown { kind, .. } => kind,
        }
    }

    /// The account, if it is one.
    #[must_use]
    pub fn as_account(&self) -> Option<&Account> {
        match self {
            Self::Account(account) => Some(account),
            Self::Identity(_) | Self::Profile(_) | Self::Settings(_) | Self::Unknown { .. } => None,
        }
    }

    /// The identity, if it is one.
    #[must_use]
    pub fn as_identity(&self) -> Option<&Identity> {
        match self {
            Self::Identity(identity) => Some(identity),
            Self::Account(_) | Self::Profile(_) | Self::Settings(_) | Self::Unknown { .. } => None,
        }
    }

    /// The profile, if it is one.
    #[must_use]
    pub fn as_profile(&self) -> Option<&Profile> {
        match self {
            Self::Profile(profile) => Some(profile),
            Self::Account(_) | Self::Identity(_) | Self::Settings(_) | Self::Unknown { .. } => None,
        }
    }

    /// The settings, if it is them.
    #[must_use]
    pub fn as_settings(&self) -> Option<&Settings> {
        match self {
            Self::Settings(settings) => Some(settings),
            Self::Account(_) | Self::Identity(_) | Self::Profile(_) | Self::Unknown { .. } => None,
        }
    }
}

impl Serialize for Content {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(2))?;
        map.serialize_entry("kind", self.kind())?;
        match self {
            Self::Account(account) => map.serialize_entry("value", account)?,
            Self::Identity(identity) => map.serialize_entry("value", identity)?,
            Self::Profile(profile) => map.serialize_entry("value", profile)?,
            Self::Settings(settings) => map.serialize_entry("value", settings)?,
            Self::Unknown { value, .. } => map.serialize_entry("value", value)?,
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Content {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ContentVisitor)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Key {
    Kind,
    Value,
}

struct ContentVisitor;

impl<'de> de::Visitor<'de> for ContentVisitor {
    type Value = Content;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map of kind and value")
    }

    fn visit_map<A: de::MapAccess<'de>>(self, mut map: A) -> Result<Content, A::Error> {
        let mut kind: Option<String> = None;
        let mut content: Option<Content> = None;
        // A value that stands before its kind can't be read until the kind is known.
        let mut early: Option<Value> = None;
        while let Some(key) = map.next_key()? {
            match key {
                Key::Kind if kind.is_some() => return Err(de::Error::duplicate_field("kind")),
                Key::Value if content.is_some() || early.is_some() => {
                    return Err(de::Error::duplicate_field("value"));
                }
                Key::Kind => kind = Some(map.next_value()?),
                Key::Value => match kind.as_deref() {
                    Some("account") => content = Some(Content::Account(map.next_value()?)),
                    Some("identity") => content = Some(Content::Identity(map.next_value()?)),
                    Some("profile") => content = Some(Content::Profile(map.next_value()?)),
                    Some("settings") => content = Some(Content::Settings(map.next_value()?)),
                    Some(_) | None => early = Some(map.next_value()?),
                },
            }
        }
        if let Some(content) = content {
            return Ok(content);
        }
        let kind = kind.ok_or_else(|| de::Error::missing_field("kind"))?;
        let value = early.ok_or_else(|| de::Error::missing_field("value"))?;
        match kind.as_str() {
            "account" => value
                .deserialized()
                .map(Content::Account)
                .map_err(de::Error::custom),
            "identity" => value
                .deserialized()
                .map(Content::Identity)
                .map_err(de::Error::custom),
            "profile" => value
                .deserialized()
                .map(Content::Profile)
                .map_err(de::Error::custom),
            "settings" => value
                .deserialized()
                .map(Content::Settings)
                .map_err(de::Error::custom),
            _ => Ok(Content::Unknown { kind, value }),
        }
    }
}
