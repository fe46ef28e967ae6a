//! Identities: who signs in to an account, and with what.

use serde::{Deserialize, Serialize};

use super::{account::CustomSecret, macros::record, sealed::SealedValue};
use crate::{
    access_key_id::AccessKeyId,
    id::{DeviceId, ItemId},
    names::{EmailAddress, UserName},
    otp::OtpParams,
    serial::Serial,
    timestamp::Timestamp,
};

record! {
    /// Somebody who signs in to an account.
    #[derive(Clone, Debug, PartialEq)]
    pub struct Identity {
        /// The account's item.
        required account: ItemId,
        /// The root user or an IAM user.
        required kind: IdentityKind,
        /// Whether it stands on top.
        optional favourite: bool,
        /// Notes; searched, so not for secrets.
        optional notes: String,
        /// The console password, where there is one.
        optional sign_on: Option<SignOn>,
        /// MFA devices, at most 8.
        optional devices: Vec<MfaDevice>,
        /// Access keys, at most 2.
        optional keys: Vec<AccessKey>,
        /// Further secrets.
        optional secrets: Vec<CustomSecret>,
        /// An MFA device that is being made at AWS and is not finished.
        optional enrolment: Option<Enrolment>,
    }
}

/// Who an identity is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum IdentityKind {
    /// The root user, of which every account has one.
    Root {
        /// The address it signs in with.
        email: EmailAddress,
    },
    /// An IAM user.
    IamUser {
        /// The name it signs in with.
        name: UserName,
    },
}

record! {
    /// A console password, with those before it.
    #[derive(Clone, Debug, PartialEq)]
    pub struct SignOn {
        /// The password in use.
        required password: SealedValue,
        /// When it was set.
        required changed_at: Timestamp,
        /// Earlier passwords, newest last, at most 20.
        optional past: Vec<PastPassword>,
    }
}

record! {
    /// A password that was replaced.
    #[derive(Clone, Debug, PartialEq)]
    pub struct PastPassword {
        /// The password.
        required value: SealedValue,
        /// When it was replaced.
        required replaced_at: Timestamp,
    }
}

record! {
    /// A virtual MFA device.
    #[derive(Clone, Debug, PartialEq)]
    pub struct MfaDevice {
        /// Names the device in this vault.
        required id: DeviceId,
        /// What its owner calls it.
        required name: String,
        /// The serial that STS asks for; `None` until it is known.
        optional serial: Option<Serial>,
        /// The seed.
        required seed: SealedValue,
        /// How codes are made of it.
        optional params: OtpParams,
        /// When it was filed here.
        required added_at: Timestamp,
    }
}

record! {
    /// How far the making of an MFA device at AWS has come; written before each step, so that none is lost.
    #[derive(Clone, Debug, PartialEq)]
    pub struct Enrolment {
        /// The device's name at AWS.
        required name: String,
        /// When it was begun.
        required started_at: Timestamp,
        /// The device, once AWS has made it and its seed is kept.
        optional device: Option<DeviceId>,
        /// Whether AWS has given it to the user.
        optional enabled: bool,
    }
}

record! {
    /// A long-term access key.
    #[derive(Clone, Debug, PartialEq)]
    pub struct AccessKey {
        /// The key's id.
        required id: AccessKeyId,
        /// The secret that belongs to the id.
        required secret: SealedValue,
        /// Whether AWS accepts it, as far as is known.
        optional state: KeyState,
        /// When it was filed here.
        required added_at: Timestamp,
        /// When AWS made it.
        optional created_at: Option<Timestamp>,
        /// When it took the place of another.
        optional rotated_at: Option<Timestamp>,
        /// When it was last used.
        optional last_used_at: Option<Timestamp>,
        /// When AWS was last asked about it.
        optional checked_at: Option<Timestamp>,
    }
}

/// Whether AWS accepts a key, as far as is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum KeyState {
    /// It does.
    Active,
    /// It was switched off or deleted.
    Inactive,
    /// Nobody asked yet.
    #[default]
    Unknown,
}

impl Identity {
    /// A new identity of which only the name is known.
    #[must_use]
    pub fn new(account: ItemId, kind: IdentityKind) -> Self {
        Self {
            account,
            kind,
            favourite: false,
            notes: String::new(),
            sign_on: None,
            devices: Vec::new(),
            keys: Vec::new(),
            secrets: Vec::new(),
            enrolment: None,
            extra: super::Extra::new(),
        }
    }

    /// The MFA device of that id.
    #[must_use]
    pub fn device(&self, id: DeviceId) -> Option<&MfaDevice> {
        self.devices.iter().find(|device| device.id == id)
    }

    /// The access key of that id.
    #[must_use]
    pub fn key(&self, id: &AccessKeyId) -> Option<&AccessKey> {
        self.keys.iter().find(|key| key.id == *id)
    }
}

impl IdentityKind {
    /// Tells whether this is the root user.
    #[must_use]
    pub const fn is_root(&self) -> bool {
        match self {
            Self::Root { .. } => true,
            Self::IamUser { .. } => false,
        }
    }

    /// What it signs in with: the email address or the user name.
    #[must_use]
    pub fn sign_in_name(&self) -> &str {
        match self {
            Self::Root { email } => email.as_str(),
            Self::IamUser { name } => name.as_str(),
        }
    }
}
