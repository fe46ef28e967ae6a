//! Rules of identities.

use super::{
    MAX_DEVICES, MAX_KEYS, MAX_SECRETS, TextError, account::check_secret_labels, check_label,
    check_notes,
};
use crate::{
    id::ItemId,
    record::{Account, Content, Identity, IdentityKind},
    serial::{Serial, SerialKind},
    text::codes,
};

/// What is wrong with an identity.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IdentityRuleError {
    /// The account that it names is not in the vault.
    #[error("the identity's account is not in the vault; restore it from the bin or add it first")]
    NoAccount,
    /// The account has a root user already.
    #[error(
        "this account has its root user already, and an account has only one; open that one instead"
    )]
    SecondRoot {
        /// The item that holds it.
        existing: ItemId,
    },
    /// The account has an IAM user of that name already.
    #[error(
        "this account has an IAM user of that name already; AWS tells users apart without regard to capitals"
    )]
    DuplicateUser {
        /// The item that holds it.
        existing: ItemId,
    },
    /// More MFA devices than AWS allows.
    #[error("an identity has at most {MAX_DEVICES} MFA devices; remove one first")]
    TooManyDevices,
    /// More access keys than AWS allows.
    #[error("an identity has at most {MAX_KEYS} access keys; delete one first")]
    TooManyKeys,
    /// The device's serial names another account.
    #[error(
        "this MFA device's serial belongs to another account, as the 12 digits in it show; check that it is filed under the right one"
    )]
    SerialOfOtherAccount,
    /// The device's serial names another partition.
    #[error(
        "this MFA device's serial belongs to another partition than its account; check how the serial begins"
    )]
    SerialOfOtherPartition,
    /// Another device has the same serial.
    #[error("another MFA device has this serial already; each device has its own")]
    DuplicateSerial {
        /// The item that holds the other device; `None` when it is this identity's own.
        existing: Option<ItemId>,
    },
    /// Another access key has the same id.
    #[error("this access key is in the vault already; each key belongs to one identity")]
    DuplicateKey {
        /// The item that holds it; `None` when it is this identity's own.
        existing: Option<ItemId>,
    },
    /// More custom secrets than an identity can have.
    #[error("an identity has at most {MAX_SECRETS} further secrets")]
    TooManySecrets,
    /// The name of a device can't be kept.
    #[error("the MFA device's name: {0}")]
    DeviceName(#[source] TextError),
    /// The notes can't be kept.
    #[error("the identity's notes: {0}")]
    Notes(#[source] TextError),
    /// The label of a custom secret can't be kept.
    #[error("the label of a secret: {0}")]
    Label(#[source] TextError),
}

codes!(IdentityRuleError {
    NoAccount => "identity-no-account",
    SecondRoot { .. } => "identity-second-root",
    DuplicateUser { .. } => "identity-duplicate-user",
    TooManyDevices => "identity-too-many-devices",
    TooManyKeys => "identity-too-many-keys",
    SerialOfOtherAccount => "identity-serial-of-other-account",
    SerialOfOtherPartition => "identity-serial-of-other-partition",
    DuplicateSerial { .. } => "identity-duplicate-serial",
    DuplicateKey { .. } => "identity-duplicate-key",
    TooManySecrets => "identity-too-many-secrets",
    DeviceName(_) => "identity-device-name",
    Notes(_) => "identity-notes",
    Label(_) => "identity-secret-label",
});

/// Checks an identity that is about to be put into the vault as `own`, or as a new item when that is `None`.
///
/// `others` must hold the identity's account.
///
/// # Errors
/// The first rule that it breaks.
pub fn check_identity<'a>(
    identity: &Identity,
    own: Option<ItemId>,
    others: impl IntoIterator<Item = (ItemId, &'a Content)>,
) -> Result<(), IdentityRuleError> {
    check_alone(identity)?;
    let mut account = None;
    for (id, content) in others {
        match content {
            Content::Account(found) if id == identity.account => account = Some(found),
            Content::Identity(other) if Some(id) != own => check_beside(identity, id, other)?,
            Content::Account(_)
            | Content::Identity(_)
            | Content::Profile(_)
            | Content::Settings(_)
            | Content::Unknown { .. } => {}
        }
    }
    let account = account.ok_or(IdentityRuleError::NoAccount)?;
    let mut serials = identity
        .devices
        .iter()
        .filter_map(|device| device.serial.as_ref());
    serials.try_for_each(|serial| check_serial(serial, account))
}

/// Checks that a device's serial can belong to an account.
///
/// # Errors
/// When the serial is an ARN of another account or partition. A hardware token's number names neither.
pub fn check_serial(serial: &Serial, account: &Account) -> Result<(), IdentityRuleError> {
    match serial.kind() {
        SerialKind::Virtual { partition, .. } if partition != account.partition => {
            Err(IdentityRuleError::SerialOfOtherPartition)
        }
        SerialKind::Virtual { account: id, .. } if id != account.id => {
            Err(IdentityRuleError::SerialOfOtherAccount)
        }
        SerialKind::Virtual { .. } | SerialKind::Hardware => Ok(()),
    }
}

/// Checks what needs no other item.
fn check_alone(identity: &Identity) -> Result<(), IdentityRuleError> {
    if identity.devices.len() > MAX_DEVICES {
        return Err(IdentityRuleError::TooManyDevices);
    }
    if identity.keys.len() > MAX_KEYS {
        return Err(IdentityRuleError::TooManyKeys);
    }
    if identity.secrets.len() > MAX_SECRETS {
        return Err(IdentityRuleError::TooManySecrets);
    }
    for (index, device) in identity.devices.iter().enumerate() {
        check_label(&device.name).map_err(IdentityRuleError::DeviceName)?;
        let mut earlier = identity.devices.iter().take(index);
        if device.serial.is_some() && earlier.any(|other| other.serial == device.serial) {
            return Err(IdentityRuleError::DuplicateSerial { existing: None });
        }
    }
    if let [first, second] = identity.keys.as_slice()
        && first.id == second.id
    {
        return Err(IdentityRuleError::DuplicateKey { existing: None });
    }
    check_notes(&identity.notes).map_err(IdentityRuleError::Notes)?;
    check_secret_labels(&identity.secrets).map_err(IdentityRuleError::Label)
}

/// Checks an identity beside another one.
fn check_beside(
    identity: &Identity,
    existing: ItemId,
    other: &Identity,
) -> Result<(), IdentityRuleError> {
    if identity.account == other.account {
        match (&identity.kind, &other.kind) {
            (IdentityKind::Root { .. }, IdentityKind::Root { .. }) => {
                return Err(IdentityRuleError::SecondRoot { existing });
            }
            (IdentityKind::IamUser { name }, IdentityKind::IamUser { name: other })
                if name.as_str().eq_ignore_ascii_case(other.as_str()) =>
            {
                return Err(IdentityRuleError::DuplicateUser { existing });
            }
            (IdentityKind::Root { .. } | IdentityKind::IamUser { .. }, _) => {}
        }
    }
    let has_serial = |serial: &Serial| {
        other
            .devices
            .iter()
            .any(|device| device.serial.as_ref() == Some(serial))
    };
    if identity
        .devices
        .iter()
        .filter_map(|device| device.serial.as_ref())
        .any(has_serial)
    {
        return Err(IdentityRuleError::DuplicateSerial {
            existing: Some(existing),
        });
    }
    if identity.keys.iter().any(|key| other.key(&key.id).is_some()) {
        return Err(IdentityRuleError::DuplicateKey {
            existing: Some(existing),
        });
    }
    Ok(())
}
