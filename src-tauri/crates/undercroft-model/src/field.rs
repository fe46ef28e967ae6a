//! Names of the fields that hold secrets.

use crate::{
    access_key_id::AccessKeyId,
    id::{DeviceId, FieldId},
};

/// A field of an item that holds a sealed value.
///
/// A sealed value is bound to its field, so one can't be moved to another unnoticed.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Field {
    /// A sign-on's password; past ones too, whose value ids differ.
    Password,
    /// An MFA device's seed.
    MfaSeed(DeviceId),
    /// An access key's secret.
    AccessKeySecret(AccessKeyId),
    /// A custom secret.
    Custom(FieldId),
}

impl Field {
    /// The field's canonical name, which is part of what a sealed value authenticates.
    #[must_use]
    pub fn aad(&self) -> String {
        match self {
            Self::Password => "sign-on.password".to_owned(),
            Self::MfaSeed(device) => format!("mfa.{device}.seed"),
            Self::AccessKeySecret(key) => format!("access-key.{key}.secret"),
            Self::Custom(field) => format!("custom.{field}"),
        }
    }
}
