//! Serial numbers of MFA devices, as STS takes them.

use crate::{
    account_id::AccountId,
    arn::{ArnError, ArnParts},
    names::is_name_character,
    partition::Partition,
    pasted,
    text::{codes, text_type},
};

text_type! {
    /// An MFA device's serial: the ARN of a virtual device, or the number on a hardware token.
    ///
    /// Nine to 256 of letters, digits and `_+=/:,.@-`. Source: STS's `GetSessionToken`.
    Serial, SerialError, "the serial of an MFA device"
}

/// What a serial says about its device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SerialKind<'a> {
    /// A virtual device, whose serial is an ARN.
    Virtual {
        /// The partition of the account.
        partition: Partition,
        /// The account that the device belongs to.
        account: AccountId,
        /// The device's name, after `mfa/`; may have a path.
        name: &'a str,
    },
    /// A hardware token, whose serial is the number on it.
    Hardware,
}

/// Why a text is not a serial that STS takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SerialError {
    /// Nothing was given.
    #[error("type the MFA device's serial, like arn:aws:iam::123456789012:mfa/phone")]
    Empty,
    /// A passkey or U2F security key.
    #[error(
        "passkeys and U2F security keys can't be used with STS; use the serial of a virtual device, like arn:aws:iam::123456789012:mfa/phone"
    )]
    PasskeyOrU2f,
    /// An ARN that is broken.
    #[error("this begins like an ARN but isn't one: {0}")]
    Arn(#[source] ArnError),
    /// An ARN of something that is not an MFA device.
    #[error("this ARN is not an MFA device's; one looks like arn:aws:iam::123456789012:mfa/phone")]
    NotADevice,
    /// The text looks like a seed, a QR code's content or a secret key.
    #[error(
        "this looks like a secret, not like a serial; a serial looks like arn:aws:iam::123456789012:mfa/phone"
    )]
    LooksLikeSecret,
    /// Shorter than 9 or longer than 256 characters.
    #[error(
        "a serial has 9 to 256 characters; this has {found}. A virtual device's looks like arn:aws:iam::123456789012:mfa/phone"
    )]
    Length {
        /// How many characters were found.
        found: usize,
    },
    /// A character that serials don't have.
    #[error("a serial has only letters, digits and _ + = / : , . @ -; character {} is another", position + 1)]
    Character {
        /// Zero-based position of the first such character.
        position: usize,
    },
}

codes!(SerialError {
    Empty => "serial-empty",
    PasskeyOrU2f => "serial-passkey-or-u2f",
    Arn(_) => "serial-arn",
    NotADevice => "serial-not-a-device",
    LooksLikeSecret => "serial-looks-like-secret",
    Length { .. } => "serial-length",
    Character { .. } => "serial-character",
});

impl Serial {
    /// The name in the serial of every root user's first virtual device.
    pub const ROOT_DEVICE_NAME: &'static str = "root-account-mfa-device";

    /// Reads a serial: a virtual device's ARN or a hardware token's number.
    ///
    /// # Errors
    /// When STS would not take the text as a serial; what people paste by mistake is named in the error.
    pub fn parse(text: &str) -> Result<Self, SerialError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(SerialError::Empty);
        }
        if pasted::is_otpauth(text)
            || pasted::is_secret_access_key(text)
            || pasted::is_mfa_seed(text)
        {
            return Err(SerialError::LooksLikeSecret);
        }
        let is_allowed = |c: char| is_name_character(c) || matches!(c, '/' | ':');
        if let Some(position) = text.chars().position(|c| !is_allowed(c)) {
            return Err(SerialError::Character { position });
        }
        let found = text.len();
        if !(9..=256).contains(&found) {
            return Err(SerialError::Length { found });
        }
        if text.starts_with("arn:") {
            let arn = ArnParts::parse(text).map_err(SerialError::Arn)?;
            if arn.resource.starts_with("u2f/") {
                return Err(SerialError::PasskeyOrU2f);
            }
            let name = arn.resource.strip_prefix("mfa/").unwrap_or_default();
            let is_device = arn.service == "iam" && arn.region.is_empty() && arn.account.is_some();
            if !is_device || name.is_empty() || name.ends_with('/') {
                return Err(SerialError::NotADevice);
            }
        }
        Ok(Self(text.into()))
    }

    /// The serial of the virtual device called `name` in an account.
    ///
    /// # Errors
    /// When `name` is empty, too long or has characters that device names don't have; positions are those in `name`.
    pub fn of_virtual_device(
        partition: Partition,
        account: &AccountId,
        name: &str,
    ) -> Result<Self, SerialError> {
        let name = name.trim();
        let is_allowed = |c: char| is_name_character(c) || c == '/';
        if let Some(position) = name.chars().position(|c| !is_allowed(c)) {
            return Err(SerialError::Character { position });
        }
        let prefix = partition.arn_prefix();
        Self::parse(&format!("{prefix}iam::{account}:mfa/{name}"))
    }

    /// The serial of a root user's first virtual device.
    #[must_use]
    pub fn of_root(partition: Partition, account: &AccountId) -> Self {
        Self(
            format!(
                "{}iam::{account}:mfa/{}",
                partition.arn_prefix(),
                Self::ROOT_DEVICE_NAME
            )
            .into(),
        )
    }

    /// What tells the device from others of its account: a virtual device's name, or the whole number of a token.
    #[must_use]
    pub fn device_part(&self) -> &str {
        let text = self.as_str();
        text.split_once(":mfa/").map_or(text, |(_, name)| name)
    }

    /// What the serial says about its device.
    #[must_use]
    pub fn kind(&self) -> SerialKind<'_> {
        let virtual_device = ArnParts::parse(self.as_str()).ok().and_then(|arn| {
            let (account, name) = (arn.account?, arn.resource.strip_prefix("mfa/")?);
            Some(SerialKind::Virtual {
                partition: arn.partition,
                account,
                name,
            })
        });
        virtual_device.unwrap_or(SerialKind::Hardware)
    }
}
