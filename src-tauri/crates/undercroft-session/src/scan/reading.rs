//! What the texts of codes, or a pasted text, mean.

use undercroft_otp::{
    EntryError, MigrationPart, OtherPayload, Payload, RefusedEntry, classify, collect,
};
use undercroft_secret::SecretString;
use url::Url;

use crate::{OtherCode, SessionError, devices::Typed};

/// One thing that a text holds.
pub(super) enum Read {
    /// A device to save.
    Device { typed: Typed, exported: bool },
    /// Something else.
    Other(OtherCode),
}

/// Reads the texts of codes.
pub(super) fn of_codes(texts: &[SecretString]) -> Vec<Read> {
    let mut read = Vec::new();
    let mut parts = Vec::new();
    for text in texts {
        match classify(text) {
            Ok(Payload::Device(uri)) => read.push(Read::Device {
                typed: uri.into(),
                exported: false,
            }),
            Ok(Payload::Migration(part)) => parts.push(part),
            Ok(Payload::Other(kind)) => read.push(Read::Other(other(kind, text))),
            Err(error) => read.push(Read::Other(OtherCode::Unusable {
                label: None,
                why: error.to_string(),
            })),
        }
    }
    read.extend(of_export(parts));
    read
}

/// Reads what was pasted: all that a code may hold, or a seed.
///
/// # Errors
/// [`SessionError::Invalid`] for what is none of these.
pub(super) fn of_pasted(text: &SecretString) -> Result<Vec<Read>, SessionError> {
    if let Ok(Payload::Migration(part)) = classify(text) {
        return Ok(of_export(vec![part]));
    }
    Ok(vec![Read::Device {
        typed: Typed::read(text)?,
        exported: false,
    }])
}

/// The one place where the codes of an export of Google Authenticator come in.
///
/// Each of its devices is offered on its own, and codes that are missing are said.
fn of_export(parts: Vec<MigrationPart>) -> Vec<Read> {
    if parts.is_empty() {
        return Vec::new();
    }
    let collected = collect(parts);
    let missing: usize = collected
        .batches
        .iter()
        .map(|batch| batch.missing.len())
        .sum();
    let devices = collected.devices.into_iter().map(|device| match device {
        Ok(uri) => Read::Device {
            typed: uri.into(),
            exported: true,
        },
        Err(refused) => Read::Other(refused_entry(refused)),
    });
    let rest = (missing > 0).then(|| {
        let missing = u32::try_from(missing).unwrap_or(u32::MAX);
        Read::Other(OtherCode::MissingParts { missing })
    });
    devices.chain(rest).collect()
}

fn refused_entry(refused: RefusedEntry) -> OtherCode {
    let RefusedEntry {
        issuer,
        name,
        reason,
    } = refused;
    let label = [issuer, name]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(": ");
    let label = (!label.is_empty()).then_some(label);
    if reason == EntryError::Hotp {
        return OtherCode::Hotp { label };
    }
    OtherCode::Unusable {
        label,
        why: reason.to_string(),
    }
}

fn other(kind: OtherPayload, text: &SecretString) -> OtherCode {
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "the enum may grow; what is new is a text until it has words"
    )]
    match kind {
        OtherPayload::Hotp => OtherCode::Hotp { label: None },
        OtherPayload::Passkey => OtherCode::Passkey,
        OtherPayload::IdentityCenterPage | OtherPayload::BuilderIdPage => OtherCode::SignInPage,
        OtherPayload::Wifi => OtherCode::Wifi,
        OtherPayload::Url => web_address(text).unwrap_or(OtherCode::Text),
        OtherPayload::UnknownDevice => OtherCode::Unusable {
            label: None,
            why: "a device of an unknown type: AWS takes time-based (TOTP) ones only".to_owned(),
        },
        _ => OtherCode::Text,
    }
}

fn web_address(text: &SecretString) -> Option<OtherCode> {
    // Exposed to find the host; the path may be a secret of somebody's and is not told.
    let url = Url::parse(text.expose().trim()).ok()?;
    let is_web = matches!(url.scheme(), "http" | "https");
    let host = url.host_str().filter(|_| is_web)?.to_owned();
    Some(OtherCode::WebAddress { host })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_export_has_that_can_not_be_used_is_told_with_its_name() {
        let refused = |issuer: &str, name: &str, reason| {
            refused_entry(RefusedEntry {
                issuer: issuer.to_owned(),
                name: name.to_owned(),
                reason,
            })
        };
        let label = |text: &str| Some(text.to_owned());
        assert_eq!(
            refused("Acme", "jane", EntryError::Hotp),
            OtherCode::Hotp {
                label: label("Acme: jane")
            }
        );
        assert_eq!(
            refused("", "jane", EntryError::Digits),
            OtherCode::Unusable {
                label: label("jane"),
                why: "codes of an unknown length".to_owned()
            }
        );
        assert_eq!(
            refused("", "", EntryError::Hotp),
            OtherCode::Hotp { label: None }
        );
    }
}
