//! Identities, as they are listed and shown.

use undercroft_model::{
    AccessKeyId, AccountId, Arn, DeviceId, IdentityKind, ItemId, KeyState, OtpParams, Serial,
    Timestamp, ValueId,
};

use super::{AccountRow, CustomSecretRow, LiveSession};
use crate::{HalfMade, HalfMadeDevice};

/// An identity in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdentityRow {
    /// The item.
    pub id: ItemId,
    /// Root user or IAM user, with the name that it signs in with.
    pub kind: IdentityKind,
    /// Whether it is a favourite.
    pub favourite: bool,
    /// Whether a password is kept.
    pub has_password: bool,
    /// How many MFA devices it has.
    pub devices: usize,
    /// How many access keys it has.
    pub keys: usize,
    /// How many custom secrets it has.
    pub secrets: usize,
    /// Whether a session of it is live.
    pub live: bool,
}

/// Everything about an identity but its secrets.
#[derive(Clone, Debug, PartialEq)]
pub struct IdentityDetails {
    /// The item.
    pub id: ItemId,
    /// Its account.
    pub account: AccountRow,
    /// Root user or IAM user, with the name that it signs in with.
    pub kind: IdentityKind,
    /// Whether it is a favourite.
    pub favourite: bool,
    /// Free notes.
    pub notes: String,
    /// The sign-on, without the password.
    pub sign_on: Option<SignOnDetails>,
    /// The MFA devices.
    pub devices: Vec<DeviceDetails>,
    /// The access keys.
    pub keys: Vec<KeyDetails>,
    /// Custom secrets.
    pub secrets: Vec<CustomSecretRow>,
    /// The device that is being made at AWS, even when its seed is lost.
    pub half_made: Option<HalfMadeDevice>,
    /// Live sessions made from its keys.
    pub sessions: Vec<LiveSession>,
    /// The address of the console's sign-in page for it.
    pub sign_in_url: String,
    /// How long its sessions may last.
    pub session_limits: SessionLimits,
    /// When it was filed.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub modified_at: Timestamp,
    /// How many earlier versions its history holds.
    pub history: usize,
}

/// How long a session may last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionLimits {
    /// The shortest.
    pub min_secs: u32,
    /// The longest.
    pub max_secs: u32,
    /// The one proposed.
    pub default_secs: u32,
}

/// A console password, without the password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignOnDetails {
    /// When it was set.
    pub changed_at: Timestamp,
    /// Earlier ones, newest first.
    pub past: Vec<PastPasswordRow>,
}

/// An earlier password, without the password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PastPasswordRow {
    /// The value.
    pub id: ValueId,
    /// When it was replaced.
    pub replaced_at: Timestamp,
}

/// An MFA device, without its seed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceDetails {
    /// The device.
    pub id: DeviceId,
    /// Its name.
    pub name: String,
    /// Its serial: the ARN that STS wants.
    pub serial: Option<Serial>,
    /// How its codes are made.
    pub params: OtpParams,
    /// When it was filed.
    pub added_at: Timestamp,
    /// Whether STS takes its codes: 6 digits, a serial, and not in the making.
    pub usable_with_sts: bool,
    /// How far it is, while it is being made at AWS.
    pub half_made: Option<HalfMade>,
}

/// An access key, without its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyDetails {
    /// The access key id.
    pub id: AccessKeyId,
    /// Its state.
    pub state: KeyState,
    /// When it was filed.
    pub added_at: Timestamp,
    /// When it was made at AWS.
    pub created_at: Option<Timestamp>,
    /// When it was last rotated.
    pub rotated_at: Option<Timestamp>,
    /// When it was last used by Undercroft.
    pub last_used_at: Option<Timestamp>,
    /// When it was last checked with AWS.
    pub checked_at: Option<Timestamp>,
}

/// What AWS says about the caller of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The account.
    pub account: AccountId,
    /// The caller's ARN.
    pub arn: Arn,
    /// The caller's unique id.
    pub user_id: String,
    /// Whether account and user are those that the key is filed under.
    pub matches: bool,
}
