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
    let is_amazons = host.ends_with(".amazonaws.com") || host.ends_with(".amazonaws.com.cn");
    if host == "view.awsapps.com" || host == "profile.aws.amazon.com" {
        OtherPayload::BuilderIdPage
    } else if host.ends_with(".awsapps.com")
        || (host.starts_with("device.sso.") && is_amazons)
        || host.ends_with(".portal.amazonaws.com")
        || host.ends_with(".sso.signin.aws")
    {
        OtherPayload::IdentityCenterPage
    } else {
        OtherPayload::Url
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_belongs_to_its_host() {
        use OtherPayload::{BuilderIdPage, IdentityCenterPage, Url};
        for (host, page) in [
            ("view.awsapps.com", BuilderIdPage),
            ("profile.aws.amazon.com", BuilderIdPage),
            ("acme.awsapps.com", IdentityCenterPage),
            ("d-1234567890.awsapps.com", IdentityCenterPage),
            ("device.sso.eu-west-1.amazonaws.com", IdentityCenterPage),
            ("device.sso.cn-north-1.amazonaws.com.cn", IdentityCenterPage),
            ("device.sso.example.com", Url),
            ("device.sso.evilamazonaws.com", Url),
            ("acme.portal.amazonaws.com", IdentityCenterPage),
            ("eu-west-1.sso.signin.aws", IdentityCenterPage),
            ("my.view.awsapps.com", IdentityCenterPage),
            // Others whose names are like them.
            ("awsapps.com", Url),
            ("acmeawsapps.com", Url),
            ("acme.awsapps.com.example.com", Url),
            ("view.awsapps.com.example.com", Url),
            ("profile.aws.amazon.com.example.com", Url),
            ("my.profile.aws.amazon.com", Url),
            ("portal.amazonaws.com.example.com", Url),
            ("portal.amazonaws.com", Url),
            ("acmeportal.amazonaws.com", Url),
            ("sso.signin.aws", Url),
            ("acmesso.signin.aws", Url),
            ("acme.sso.signin.aws.example.com", Url),
            ("acme.device.sso.example.com", Url),
            ("amazonaws.com", Url),
            ("example.com", Url),
            ("", Url),
        ] {
            for address in [
                format!("https://{host}"),
                format!("https://{host}/"),
                format!("https://{host}/start#/?tab=accounts"),
                format!("https://{host}?user_code=ABCD-EFGH"),
                format!("https://{host}#/device"),
                format!("https://{host}:8443"),
                format!("https://{host}:8443/start"),
                format!("https://jane@{host}/"),
                format!("https://jane:word@{host}:443?a"),
                format!("https://jane@example.com@{host}"),
                format!("http://{host}/@example.com"),
                format!("https://{host}?@example.com"),
                format!("https://{host}#@example.com"),
                format!("HTTPS://{}/", host.to_ascii_uppercase()),
                format!(" \n https://{host} "),
            ] {
                assert_eq!(other(&address), page, "{address}");
            }
        }
    }

    #[test]
    fn what_follows_the_host_does_not_count() {
        for host in [
            "view.awsapps.com",
            "profile.aws.amazon.com",
            "acme.awsapps.com",
            "acme.portal.amazonaws.com",
            "acme.sso.signin.aws",
        ] {
            for address in [
                format!("https://example.com/{host}"),
                format!("https://example.com?{host}"),
                format!("https://example.com#{host}"),
                format!("https://example.com:{host}"),
                format!("https://{host}@example.com"),
                format!("https://{host}:443@example.com"),
            ] {
                assert_eq!(other(&address), OtherPayload::Url, "{address}");
            }
        }
    }

    #[test]
    fn a_scheme_is_a_word_before_a_colon() {
        for (text, kind) in [
            ("fido:", OtherPayload::Passkey),
            (
                " Fido:/13086400838107303667332719012595115747821895775708",
                OtherPayload::Passkey,
            ),
            ("fido", OtherPayload::Passkey),
            ("fidos:/1", OtherPayload::Text),
            ("wifi:T:WPA;S:net;P:word;;", OtherPayload::Wifi),
            ("wifis://a", OtherPayload::Url),
            ("mailto:jane@example.com", OtherPayload::Text),
            ("https:example.com", OtherPayload::Text),
            ("https:/example.com", OtherPayload::Text),
            ("example.com/a://b", OtherPayload::Url),
            ("example.com", OtherPayload::Text),
            ("://example.com", OtherPayload::Text),
            ("see https://example.com", OtherPayload::Text),
            ("ftp://example.com", OtherPayload::Url),
            ("é://example.com", OtherPayload::Url),
        ] {
            assert_eq!(other(text), kind, "{text}");
        }
    }

    #[test]
    fn only_what_claims_to_be_a_device_is_an_error() {
        let classified = |text: &str| classify(&SecretString::copy_of(text));
        let long = "a".repeat(10_000);
        for scheme in [
            "otpauth",
            "OTPAUTH",
            " otpauth",
            "apple-otpauth",
            "Apple-OtpAuth",
        ] {
            let error = classified(&format!("{scheme}://totp/{long}")).unwrap_err();
            assert_eq!(error.code(), "otpauth-too-long", "{scheme}");
        }
        for (text, kind) in [
            (format!("https://example.com/{long}"), OtherPayload::Url),
            (format!("otpauths://totp/{long}"), OtherPayload::Url),
            (format!("my otpauth:{long}"), OtherPayload::Text),
        ] {
            match classified(&text) {
                Ok(Payload::Other(found)) => assert_eq!(found, kind),
                found => panic!("{found:?}"),
            }
        }
    }

    #[test]
    fn an_error_has_the_code_and_the_text_of_its_cause() {
        let device = PayloadError::Device(OtpAuthError::Period);
        assert_eq!(device.code(), OtpAuthError::Period.code());
        assert_eq!(device.to_string(), OtpAuthError::Period.to_string());
        let migration = PayloadError::from(MigrationError::NoDevice);
        assert_eq!(migration.code(), MigrationError::NoDevice.code());
        assert_eq!(migration.to_string(), MigrationError::NoDevice.to_string());
    }
}
