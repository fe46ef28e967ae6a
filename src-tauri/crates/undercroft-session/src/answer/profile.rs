//! Profiles, as they are listed and shown, and what they yield.

use undercroft_model::{
    AccountId, EndpointUrl, IdentityKind, ItemId, OutputFormat, Profile, ProfileName, Region,
    RoleArn, Timestamp,
};
use undercroft_secret::SecretString;

use super::{AccountRow, SessionId};

/// A profile in a list.
#[derive(Clone, Debug, PartialEq)]
pub struct ProfileRow {
    /// The item.
    pub id: ItemId,
    /// What programs ask for it by.
    pub name: ProfileName,
    /// The recipe's kind: `long-term`, `session`, `role`, `federated`, `web-identity`, `sso`, or a newer version's.
    pub kind: String,
    /// The account in which the credentials act; nothing while that is not in the vault.
    pub account: Option<AccountRow>,
    /// Its 12 digits, where they are known all the same.
    pub account_id: Option<AccountId>,
    /// The identity whose key stands at the beginning of the way.
    pub identity: Option<(ItemId, IdentityKind)>,
    /// The role that it ends in.
    pub role: Option<RoleArn>,
    /// Whether a code goes along with a call on the way.
    pub mfa: bool,
    /// The profile's own region.
    pub region: Option<Region>,
    /// The output format of the AWS CLI.
    pub output: Option<OutputFormat>,
    /// Whether it stands on top.
    pub favourite: bool,
    /// When its session ends, and that session, while one is live.
    pub live: Option<(SessionId, Timestamp)>,
}

/// A profile as it is shown and edited.
#[derive(Clone, Debug, PartialEq)]
pub struct ProfileDetails {
    /// Its row.
    pub row: ProfileRow,
    /// What it is made of.
    pub profile: Profile,
    /// How its credentials come about, or why they can't.
    pub way: Result<Way, crate::SessionError>,
}

/// The way to a profile's credentials: every call, before it runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Way {
    /// The long-term key that stands at the beginning, and whose it is; nothing for a web identity.
    pub key: Option<WayKey>,
    /// The calls, in order; none for a long-term key.
    pub steps: Vec<WayStep>,
}

/// The long-term key at the beginning of a way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WayKey {
    /// The access key id.
    pub id: undercroft_model::AccessKeyId,
    /// The identity.
    pub identity: ItemId,
    /// Its name.
    pub identity_name: String,
    /// Its account's name.
    pub account_name: String,
}

/// One call on the way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WayStep {
    /// What is called.
    pub call: crate::SessionKind,
    /// What it yields credentials for: the role's ARN, the federated user or the identity.
    pub of: String,
    /// The profile that it belongs to.
    pub profile: String,
    /// The MFA device whose code goes along.
    pub device: Option<String>,
    /// How long the credentials last.
    pub duration_secs: u32,
    /// How long they could last.
    pub longest_secs: u32,
    /// What limits that.
    pub limit: WayLimit,
    /// Whether they are at hand.
    pub cached: bool,
}

/// What limits how long credentials last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum WayLimit {
    /// The call itself.
    Call,
    /// A root user's credentials last an hour at most.
    Root,
    /// A role that is assumed with a session lasts an hour at most; with a long-term key and MFA it lasts up to 12.
    Chained,
    /// The role's own maximum, which AWS knows: an hour unless its owner raised it.
    Role,
}

/// Credentials, for a program. Not for the window.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// The profile.
    pub profile: ProfileName,
    /// The account in which they act.
    pub account: AccountId,
    /// The access key id.
    pub access_key_id: String,
    /// The secret access key.
    pub secret: SecretString,
    /// The session token; a long-term key has none.
    pub token: Option<SecretString>,
    /// When they end, by AWS's clock; a long-term key does not.
    pub expiration: Option<Timestamp>,
    /// When they end, by the local clock.
    pub expires_at: Option<Timestamp>,
    /// What made them; nothing for a long-term key.
    pub kind: Option<crate::SessionKind>,
    /// The region to use.
    pub region: Option<Region>,
    /// The output format to use.
    pub output: Option<OutputFormat>,
    /// Where STS is that takes them, if it is not AWS's own.
    pub sts_endpoint: Option<EndpointUrl>,
    /// Where IAM is that takes them, if it is not AWS's own.
    pub iam_endpoint: Option<EndpointUrl>,
    /// Whether they were at hand.
    pub cached: bool,
}

/// What came of a wish for credentials.
#[derive(Clone, Debug)]
pub enum CredentialsAnswer {
    /// Here they are.
    Ready(Box<Credentials>),
    /// No unused code is there yet; ask again then.
    Wait {
        /// Seconds until the next code begins.
        secs: u32,
    },
}
