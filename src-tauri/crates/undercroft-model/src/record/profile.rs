//! Profiles: named recipes that yield credentials.

use std::fmt;

use ciborium::Value;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser::SerializeMap};

use super::macros::record;
use crate::{
    access_key_id::AccessKeyId,
    account_id::AccountId,
    duration::DurationSecs,
    id::{DeviceId, ItemId},
    profile_name::ProfileName,
    region::Region,
    session_policy::SessionPolicy,
    sts_names::{ExternalId, FederatedName, PolicyArn, RoleArn, RoleSessionName, SourceIdentity},
};

record! {
    /// A named recipe that yields credentials.
    #[derive(Clone, Debug, PartialEq)]
    pub struct Profile {
        /// What programs ask for it by; no two profiles share one.
        required name: ProfileName,
        /// How the credentials come about.
        required recipe: Recipe,
        /// The region that programs are told to use.
        optional region: Option<Region>,
        /// The output format that the AWS CLI is told to use.
        optional output: Option<OutputFormat>,
        /// How long the credentials last; the kind's default where there is none.
        optional duration: Option<DurationSecs>,
        /// Whether it stands on top.
        optional favourite: bool,
        /// Notes; searched, so not for secrets.
        optional notes: String,
        /// Whether a program's first use of it is asked about; as the settings say where there is nothing.
        optional approval: Option<Approval>,
    }
}

/// How a profile's credentials come about: in CBOR, a map of `kind` and `value`.
///
/// The map itself never grows: what is new goes into `value`. A kind that this version does not know is kept.
#[derive(Clone, Debug, PartialEq)]
pub enum Recipe {
    /// A long-term access key as it is.
    LongTerm(KeyRecipe),
    /// `GetSessionToken`.
    Session(SessionRecipe),
    /// `AssumeRole`.
    Role(Box<RoleRecipe>),
    /// `GetFederationToken`.
    Federated(Box<FederatedRecipe>),
    /// `AssumeRoleWithWebIdentity`.
    WebIdentity(Box<WebIdentityRecipe>),
    /// A permission set of IAM Identity Center, as `~/.aws/config` describes it; kept to be read.
    Sso(Box<SsoRecipe>),
    /// Something of a newer version.
    Unknown {
        /// What the newer version calls it.
        kind: String,
        /// Its fields.
        value: Value,
    },
}

record! {
    /// A long-term access key as it is.
    #[derive(Clone, Debug, PartialEq)]
    pub struct KeyRecipe {
        /// Whose key.
        required identity: ItemId,
        /// Which one; the first that is not known to be inactive where there is none.
        optional key: Option<AccessKeyId>,
    }
}

record! {
    /// What `GetSessionToken` is asked with.
    #[derive(Clone, Debug, PartialEq)]
    pub struct SessionRecipe {
        /// Whose key signs.
        required identity: ItemId,
        /// Which one; the first that is not known to be inactive where there is none.
        optional key: Option<AccessKeyId>,
        /// Whether a code is sent along.
        optional mfa: Mfa,
    }
}

record! {
    /// What `AssumeRole` is asked with.
    #[derive(Clone, Debug, PartialEq)]
    pub struct RoleRecipe {
        /// Whose credentials sign.
        required source: RoleSource,
        /// The role.
        required role: RoleArn,
        /// Whether a code is sent along; only a long-term key's call takes one.
        optional mfa: Mfa,
        /// What the role's trust policy wants to hear.
        optional external_id: Option<ExternalId>,
        /// What the session is called in logs; made up where there is none.
        optional session_name: Option<RoleSessionName>,
        /// Who stands behind the session, for logs; it stays through chained roles.
        optional source_identity: Option<SourceIdentity>,
        /// Session tags.
        optional tags: Vec<SessionTag>,
        /// An inline policy that narrows the session down.
        optional policy: Option<SessionPolicy>,
        /// Managed policies that narrow the session down.
        optional policy_arns: Vec<PolicyArn>,
    }
}

record! {
    /// What `GetFederationToken` is asked with.
    #[derive(Clone, Debug, PartialEq)]
    pub struct FederatedRecipe {
        /// Whose key signs.
        required identity: ItemId,
        /// Which one; the first that is not known to be inactive where there is none.
        optional key: Option<AccessKeyId>,
        /// What the federated user is called.
        required name: FederatedName,
        /// What the user may do, of what the identity may; nothing at all without any policy.
        optional policy: Option<SessionPolicy>,
        /// The same by managed policies.
        optional policy_arns: Vec<PolicyArn>,
        /// Session tags.
        optional tags: Vec<SessionTag>,
    }
}

record! {
    /// What `AssumeRoleWithWebIdentity` is asked with.
    #[derive(Clone, Debug, PartialEq)]
    pub struct WebIdentityRecipe {
        /// The role.
        required role: RoleArn,
        /// Where the token comes from.
        required token: TokenSource,
        /// What the session is called in logs; made up where there is none.
        optional session_name: Option<RoleSessionName>,
        /// An inline policy that narrows the session down.
        optional policy: Option<SessionPolicy>,
        /// Managed policies that narrow the session down.
        optional policy_arns: Vec<PolicyArn>,
    }
}

record! {
    /// A permission set of IAM Identity Center.
    #[derive(Clone, Debug, PartialEq)]
    pub struct SsoRecipe {
        /// The start page.
        required start_url: String,
        /// The region of the Identity Center.
        required sso_region: Region,
        /// The account.
        required account: AccountId,
        /// The permission set.
        required role_name: String,
        /// The `sso-session` section that it came from.
        optional sso_session: Option<String>,
    }
}

/// Whether a code is sent along with a call, and whose.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Mfa {
    /// That of the identity's first device that can be used, if it has one.
    #[default]
    IfThere,
    /// None, even where there is a device.
    None,
    /// That of one device.
    Device {
        /// The device.
        device: DeviceId,
    },
}

/// Whose credentials a role is assumed with.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum RoleSource {
    /// An identity's long-term key.
    Identity {
        /// The identity.
        identity: ItemId,
        /// Which key; the first that is not known to be inactive where there is none.
        key: Option<AccessKeyId>,
    },
    /// What another profile yields.
    Profile {
        /// The profile.
        profile: ItemId,
    },
}

/// Where a web identity's token comes from.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum TokenSource {
    /// A file that somebody keeps fresh.
    File {
        /// Its absolute path.
        path: String,
    },
    /// What a program prints.
    Command {
        /// The program and its arguments; no shell takes part.
        words: Vec<String>,
    },
}

/// A session tag, which policies and logs see.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SessionTag {
    /// The key.
    pub key: String,
    /// The value.
    pub value: String,
    /// Whether it stays through chained roles.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub transitive: bool,
}

/// Whether a program's first use of a profile is asked about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Approval {
    /// Never.
    Never,
    /// Where the account is marked production.
    #[default]
    Production,
    /// Always.
    Always,
}

/// How the AWS CLI writes its answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OutputFormat {
    /// JSON.
    Json,
    /// YAML.
    Yaml,
    /// YAML, as it comes.
    YamlStream,
    /// Columns with tabs between.
    Text,
    /// A table.
    Table,
    /// Nothing.
    Off,
}

impl OutputFormat {
    /// All of them, in the order in which to offer them.
    pub const ALL: [Self; 6] = [
        Self::Json,
        Self::Yaml,
        Self::YamlStream,
        Self::Text,
        Self::Table,
        Self::Off,
    ];

    /// The name in `~/.aws/config`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Yaml => "yaml",
            Self::YamlStream => "yaml-stream",
            Self::Text => "text",
            Self::Table => "table",
            Self::Off => "off",
        }
    }

    /// Reads the name in `~/.aws/config`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|format| format.as_str() == text.trim())
    }
}

impl Recipe {
    /// The kind's stored name.
    #[must_use]
    pub fn kind(&self) -> &str {
        match self {
            Self::LongTerm(_) => "long-term",
            Self::Session(_) => "session",
            Self::Role(_) => "role",
            Self::Federated(_) => "federated",
            Self::WebIdentity(_) => "web-identity",
            Self::Sso(_) => "sso",
            Self::Unknown { kind, .. } => kind,
        }
    }

    /// The identity whose key stands at the beginning, where the recipe itself names one.
    #[must_use]
    pub fn identity(&self) -> Option<ItemId> {
        match self {
            Self::LongTerm(recipe) => Some(recipe.identity),
            Self::Session(recipe) => Some(recipe.identity),
            Self::Federated(recipe) => Some(recipe.identity),
            Self::Role(recipe) => match recipe.source {
                RoleSource::Identity { identity, .. } => Some(identity),
                RoleSource::Profile { .. } => None,
            },
            Self::WebIdentity(_) | Self::Sso(_) | Self::Unknown { .. } => None,
        }
    }

    /// The profile that this one builds on.
    #[must_use]
    pub fn source_profile(&self) -> Option<ItemId> {
        match self {
            Self::Role(recipe) => match recipe.source {
                RoleSource::Profile { profile } => Some(profile),
                RoleSource::Identity { .. } => None,
            },
            Self::LongTerm(_)
            | Self::Session(_)
            | Self::Federated(_)
            | Self::WebIdentity(_)
            | Self::Sso(_)
            | Self::Unknown { .. } => None,
        }
    }

    /// The role that it ends in.
    #[must_use]
    pub fn role(&self) -> Option<&RoleArn> {
        match self {
            Self::Role(recipe) => Some(&recipe.role),
            Self::WebIdentity(recipe) => Some(&recipe.role),
            Self::LongTerm(_)
            | Self::Session(_)
            | Self::Federated(_)
            | Self::Sso(_)
            | Self::Unknown { .. } => None,
        }
    }
}

impl Profile {
    /// A new profile with nothing but a recipe.
    #[must_use]
    pub fn new(name: ProfileName, recipe: Recipe) -> Self {
        Self {
            name,
            recipe,
            region: None,
            output: None,
            duration: None,
            favourite: false,
            notes: String::new(),
            approval: None,
            extra: super::Extra::new(),
        }
    }

    /// The profile that takes this one's place: what nobody types, fields of a newer version too, is kept.
    #[must_use]
    pub fn changed_to(self, mut new: Self) -> Self {
        new.favourite = self.favourite;
        new.extra = self.extra;
        match (self.recipe, &mut new.recipe) {
            (Recipe::LongTerm(old), Recipe::LongTerm(new)) => new.extra = old.extra,
            (Recipe::Session(old), Recipe::Session(new)) => new.extra = old.extra,
            (Recipe::Role(old), Recipe::Role(new)) => new.extra = old.extra,
            (Recipe::Federated(old), Recipe::Federated(new)) => new.extra = old.extra,
            (Recipe::WebIdentity(old), Recipe::WebIdentity(new)) => new.extra = old.extra,
            (Recipe::Sso(old), Recipe::Sso(new)) => new.extra = old.extra,
            // Another kind has other fields.
            (_, _) => {}
        }
        new
    }
}

impl Serialize for Recipe {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(2))?;
        map.serialize_entry("kind", self.kind())?;
        match self {
            Self::LongTerm(recipe) => map.serialize_entry("value", recipe)?,
            Self::Session(recipe) => map.serialize_entry("value", recipe)?,
            Self::Role(recipe) => map.serialize_entry("value", recipe)?,
            Self::Federated(recipe) => map.serialize_entry("value", recipe)?,
            Self::WebIdentity(recipe) => map.serialize_entry("value", recipe)?,
            Self::Sso(recipe) => map.serialize_entry("value", recipe)?,
            Self::Unknown { value, .. } => map.serialize_entry("value", value)?,
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Recipe {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(RecipeVisitor)
    }
}

struct RecipeVisitor;

impl<'de> de::Visitor<'de> for RecipeVisitor {
    type Value = Recipe;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map of kind and value")
    }

    fn visit_map<A: de::MapAccess<'de>>(self, mut map: A) -> Result<Recipe, A::Error> {
        let mut kind: Option<String> = None;
        let mut value: Option<Value> = None;
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "kind" if kind.is_none() => kind = Some(map.next_value()?),
                "value" if value.is_none() => value = Some(map.next_value()?),
                _ => return Err(de::Error::custom("a recipe has one kind and one value")),
            }
        }
        let kind = kind.ok_or_else(|| de::Error::missing_field("kind"))?;
        let value = value.ok_or_else(|| de::Error::missing_field("value"))?;
        let recipe = match kind.as_str() {
            "long-term" => value.deserialized().map(Recipe::LongTerm),
            "session" => value.deserialized().map(Recipe::Session),
            "role" => value.deserialized().map(Recipe::Role),
            "federated" => value.deserialized().map(Recipe::Federated),
            "web-identity" => value.deserialized().map(Recipe::WebIdentity),
            "sso" => value.deserialized().map(Recipe::Sso),
            _ => Ok(Recipe::Unknown { kind, value }),
        };
        recipe.map_err(de::Error::custom)
    }
}
