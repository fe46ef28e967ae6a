//! What the user typed, as typed.
//!
//! Ids name things that the session gave out before. Every other field is text as it stands in the form; the session
//! parses it and answers with one [`FieldProblem`](crate::FieldProblem) for each that can't be taken.

use undercroft_model::{AccessKeyId, DeviceId, FieldId, ItemId, KeyState};
use undercroft_secret::SecretString;

/// An account as typed.
#[derive(Clone, Debug, Default)]
pub struct AccountDraft {
    /// The item; nothing for a new one.
    pub id: Option<ItemId>,
    /// The 12 digits.
    pub account_id: String,
    /// The alias, empty for none.
    pub alias: String,
    /// The partition's name.
    pub partition: String,
    /// The name; empty shows the alias or the id.
    pub name: String,
    /// The colour's name, empty for the usual one.
    pub colour: String,
    /// The production mark.
    pub production: bool,
    /// Tags.
    pub tags: Vec<String>,
    /// Notes.
    pub notes: String,
    /// The region, empty for the partition's own.
    pub region: String,
    /// The endpoint of STS, empty for AWS's own.
    pub sts_endpoint: String,
    /// The endpoint of IAM, empty for AWS's own.
    pub iam_endpoint: String,
    /// The console's sign-in page, empty for AWS's own.
    pub sign_in_endpoint: String,
}

/// Which kind of identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhoKind {
    /// The root user.
    Root,
    /// An IAM user.
    IamUser,
}

/// An identity as typed.
#[derive(Clone, Debug)]
pub struct IdentityDraft {
    /// The item; nothing for a new one.
    pub id: Option<ItemId>,
    /// The account's item.
    pub account: ItemId,
    /// Root user or IAM user.
    pub kind: WhoKind,
    /// The email or the user name.
    pub name: String,
    /// Notes.
    pub notes: String,
}

/// An MFA device as typed.
#[derive(Clone, Debug)]
pub struct DeviceDraft {
    /// The identity's item.
    pub identity: ItemId,
    /// The device; nothing for a new one.
    pub id: Option<DeviceId>,
    /// Its name; empty takes the one of the seed's label or serial.
    pub name: String,
    /// Its serial, empty for none.
    pub serial: String,
    /// The hash function's name.
    pub algorithm: String,
    /// Digits of a code.
    pub digits: u32,
    /// The time step.
    pub period_secs: u32,
    /// The seed in Base32 or the otpauth URI; needed for a new device. Parameters of a URI win over those typed.
    pub secret: Option<SecretString>,
}

/// An access key as typed.
#[derive(Clone, Debug)]
pub struct KeyDraft {
    /// The identity's item.
    pub identity: ItemId,
    /// The key that is changed; nothing for a new one.
    pub existing: Option<AccessKeyId>,
    /// The access key id.
    pub id: String,
    /// The secret access key; nothing keeps the present one.
    pub secret: Option<SecretString>,
    /// Its state.
    pub state: KeyState,
    /// The day on which it was made at AWS, as `2026-11-23`; empty for unknown.
    pub created_on: String,
}

/// A custom secret as typed.
#[derive(Clone, Debug)]
pub struct CustomSecretDraft {
    /// The account's or the identity's item.
    pub item: ItemId,
    /// The field; nothing for a new one.
    pub id: Option<FieldId>,
    /// What it is called.
    pub label: String,
    /// The value; nothing keeps the present one.
    pub value: Option<SecretString>,
}

/// A wish for temporary credentials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionWish {
    /// The identity's item.
    pub identity: ItemId,
    /// The access key.
    pub key: AccessKeyId,
    /// The MFA device whose next unused code is given; nothing for a session without MFA.
    pub device: Option<DeviceId>,
    /// The duration.
    pub duration_secs: u32,
    /// Whether to ask STS though a live session is at hand.
    pub fresh: bool,
}

/// What to copy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CopyTarget {
    /// An account's 12 digits.
    AccountId {
        /// The account's item.
        account: ItemId,
    },
    /// An account's alias.
    Alias {
        /// The account's item.
        account: ItemId,
    },
    /// A root user's email or an IAM user's name.
    IdentityName {
        /// The identity's item.
        identity: ItemId,
    },
    /// The address of the console's sign-in page.
    SignInUrl {
        /// The identity's item.
        identity: ItemId,
    },
    /// The serial of an MFA device.
    Serial {
        /// The identity's item.
        identity: ItemId,
        /// The device.
        device: DeviceId,
    },
    /// The present code of an MFA device, or the next one when that is about to end.
    Code {
        /// The identity's item.
        identity: ItemId,
        /// The device.
        device: DeviceId,
    },
    /// The next code: AWS asks for two in a row when a device is enrolled or brought into step.
    NextCode {
        /// The identity's item.
        identity: ItemId,
        /// The device.
        device: DeviceId,
    },
    /// An access key id.
    AccessKeyId {
        /// The identity's item.
        identity: ItemId,
        /// The access key.
        key: AccessKeyId,
    },
    /// The least policy that lets an IAM user look after MFA devices of their own.
    MfaPolicy {
        /// The identity's item.
        identity: ItemId,
    },
    /// A live session as text.
    Session {
        /// The session.
        session: crate::SessionId,
        /// As what.
        format: SessionFormat,
    },
    /// A secret.
    Secret(SecretRef),
}

/// What of an identity is copied at one click.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QuickCopy {
    /// The code of its MFA device.
    Code,
    /// Its console password.
    Password,
    /// A root user's email or an IAM user's name.
    Name,
    /// The account's alias, else its id: what the sign-in page asks for.
    AccountName,
    /// Its access key id.
    AccessKeyId,
    /// The secret of its access key.
    SecretKey,
    /// A session as lines for the terminal.
    Session,
}

impl SessionFormat {
    /// What a terminal on this platform usually takes.
    #[must_use]
    pub fn usual() -> Self {
        if cfg!(windows) {
            Self::PowerShell
        } else {
            Self::Sh
        }
    }
}

/// As what a session is copied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionFormat {
    /// `export` lines for sh, bash and zsh.
    Sh,
    /// `set -gx` lines for fish.
    Fish,
    /// `$Env:` lines for PowerShell.
    PowerShell,
    /// A section for `~/.aws/credentials`.
    CredentialsFile,
    /// The JSON of `credential_process`.
    Json,
}

/// Which secret to reveal or to copy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretRef {
    /// A console password.
    Password {
        /// The identity's item.
        identity: ItemId,
    },
    /// An earlier console password.
    PastPassword {
        /// The identity's item.
        identity: ItemId,
        /// The value.
        value: undercroft_model::ValueId,
    },
    /// The secret of an access key.
    SecretKey {
        /// The identity's item.
        identity: ItemId,
        /// The access key.
        key: AccessKeyId,
    },
    /// A custom secret of an account or an identity.
    Custom {
        /// The account's or the identity's item.
        item: ItemId,
        /// The field.
        field: FieldId,
    },
}
