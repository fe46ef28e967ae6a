//! Accounts, identities, ids and durations: pure data and rules.
//!
//! Everything here is parsed at the edge into types that cannot be wrong: an [`AccountId`] has twelve digits, a
//! [`Serial`] is one that STS accepts. The records of the vault ([`Item`] and what it holds) are built from them.
//! No secret is held in the clear: a secret value is a [`SealedValue`], which only the vault can open.
//!
//! Error messages say what is wrong and what a right value looks like, and never repeat what was typed, since people
//! paste secrets into wrong fields.

mod access_key_id;
mod account_id;
mod alias;
mod arn;
pub mod cbor;
mod colour;
mod duration;
mod endpoint;
mod field;
mod id;
mod names;
mod otp;
mod partition;
mod pasted;
mod profile_name;
mod record;
mod region;
pub mod rules;
pub mod search;
mod serial;
mod session_policy;
mod sts_names;
mod tag;
mod text;
mod timestamp;

pub use access_key_id::{AccessKeyId, AccessKeyIdError};
pub use account_id::{AccountId, AccountIdError};
pub use alias::{AccountAlias, AccountAliasError};
pub use arn::{Arn, ArnError};
pub use colour::{Colour, UnknownColour};
pub use duration::{DurationError, DurationSecs};
pub use endpoint::{EndpointUrl, EndpointUrlError};
pub use field::Field;
pub use id::{DeviceId, FieldId, IdError, InstallationId, ItemId, ValueId, VaultId};
pub use names::{EmailAddress, EmailAddressError, UserName, UserNameError};
pub use otp::{Digits, OtpAlgorithm, OtpParams, OtpParamsError, PeriodSecs};
pub use partition::{Partition, UnknownPartition};
pub use profile_name::{ProfileName, ProfileNameError};
pub use record::{
    AccessKey, Account, Approval, ApprovalRule, Content, CustomSecret, Endpoints, Enrolment, Extra,
    FederatedRecipe, Identity, IdentityKind, Item, ItemState, KeyRecipe, KeyState, Mfa, MfaDevice,
    OutputFormat, PastContent, PastPassword, PastReason, Profile, QuickUnlock, Recipe, Revision,
    RoleRecipe, RoleSource, SealedValue, SessionRecipe, SessionTag, Settings, SignOn, SsoRecipe,
    Theme, TokenSource, Verdict, WebIdentityRecipe,
};
pub use region::{Region, RegionError};
pub use serial::{Serial, SerialError, SerialKind};
pub use session_policy::{SessionPolicy, SessionPolicyError};
pub use sts_names::{
    ExternalId, FederatedName, PolicyArn, PolicyArnError, RoleArn, RoleArnError, RoleSessionName,
    SourceIdentity, StsNameError,
};
pub use tag::{Tag, TagError};
pub use timestamp::{Timestamp, TimestampError};
