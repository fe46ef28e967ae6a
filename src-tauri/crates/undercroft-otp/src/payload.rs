//! What the text of a QR code is.

use undercroft_secret::SecretString;

use crate::migration::claims_to_be;
use crate::{MigrationError, MigrationPart, OtpAuth, OtpAuthError};

/// What a QR code says.
#[derive(Clone, Debug)]
pub enum Payload {
    /// One TOTP device. Whether it is one of AWS's, and STS takes its codes, [`AwsLabel`](crate::AwsLabel) tells.
    Device(OtpAuth),
    /// A part of an export of Google Authenticator.
    Migration(MigrationPart),
    /// Something else.
    Other(OtherPayload),
}

/// What a QR code is that has no device in it; its content is not kept, since it may be secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum OtherPayload {
    /// A device that counts events rather than time, which AWS does not have.
    Hotp,
    /// A device of a type that is neither TOTP nor HOTP.
    UnknownDevice,
    /// A request for a passkey, which a phone answers; passkeys give no codes, and can't be used with STS.
    Passkey,
    /// A page of IAM Identity Center: a sign-in, not a device.
    IdentityCenterPage,
    /// A page of AWS Builder ID: a sign-in, not a device.
    BuilderIdPage,
    /// Any other address.
    Url,
    /// A wireless network with its password.
    Wifi,
    /// Any other text.
    Text,
}

impl OtherPayload {
    /// Returns a stable code for programs.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Hotp => "payload-hotp",
            Self::UnknownDevice => "payload-unknown-device",
            Self::Passkey => "payload-passkey",
            Self::IdentityCenterPage => "payload-identity-center-page",
            Self::BuilderIdPage => "payload-builder-id-page",
            Self::Url => "payload-url",
            Self::Wifi => "payload-wifi",
            Self::Text => "payload-text",
        }
    }
}

/// Why a code that claims to hold devices can't be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PayloadError {
    /// An otpauth address that can't be used.
    #[error(transparent)]
    Device(OtpAuthError),
    /// An export that can't be read.
    #[error(transparent)]
    Migration(#[from] MigrationError),
}

impl PayloadError {
    /// Returns a stable code for programs; the text is for people.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Device(error) => error.code(),
            Self::Migration(error) => error.code(),
        }
    }
}

/// Tells what the text of a QR code is.
///
/// # Errors
///
/// When it claims to hold devices, and they can't be read.
pub fn classify(text: &SecretString) -> Result<Payload, PayloadError> {
    // Exposed to look at its beginning only.
    if claims_to_be(text.expose()) {
        return Ok(Payload::Migration(MigrationPart::parse(text)?));
    }
    match OtpAuth::parse(text) {
        Ok(device) => Ok(Payload::Device(device)),
        Err(OtpAuthError::Hotp) => Ok(Payload::Other(OtherPayload::Hotp)),
        Err(OtpAuthError::UnknownType) => Ok(Payload::Other(OtherPayload::UnknownDevice)),
        Err(OtpAuthError::NotOtpAuth) => Ok(Payload::Other(other(text.expose()))),
        Err(error) if claims_to_be_a_device(text.expose()) => Err(PayloadError::Device(error)),
        Err(_) => Ok(Payload::Other(other(text.expose()))),
    }
}

fn claims_to_be_a_device(text: &str) -> bool {
    let scheme = text.split(':').next().unwrap_or_default().trim();
    scheme.eq_ignore_ascii_case("otpauth") || scheme.eq_ignore_ascii_case("apple-otpauth")
}

fn other(text: &str) -> OtherPayload {
    let text = text.trim();
    let scheme = text.split(':').next().unwrap_or_default();
    let has_scheme = |name: &str| scheme.eq_ignore_ascii_case(name);
    if has_scheme("fido") {
        return OtherPayload::Passkey;
    }
    if has_scheme("wifi") {
        return OtherPayload::Wifi;
    }
    let Some(address) = text
        .get(scheme.len()..)
        .and_then(|rest| rest.strip_prefix("://"))
    else {
        return OtherPayload::Text;
    };
    if scheme.is_empty() || scheme.contains(char::is_whitespace) {
        return OtherPayload::Text;
    }
    let end = address.find(['/', '?', '#']).unwrap_or(address.len());
    let host = &address[..end];
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    let host = host
        .split(':')
        .next()
        .unwrap_or_default()
        .to_ascii_lowercase();
    if host == "view.awsapps.com" || host == "profile.aws.amazon.com" {
        OtherPayload::BuilderIdPage
    } else if host.ends_with(".awsapps.com")
        || host.starts_with("device.sso.")
        || host.ends_with(".portal.amazonaws.com")
        || host.ends_with(".sso.signin.aws")
    {
        OtherPayload::IdentityCenterPage
    } else {
        OtherPayload::Url
    }
}
