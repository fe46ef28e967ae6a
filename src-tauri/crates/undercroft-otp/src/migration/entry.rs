//! One device of an export.

use undercroft_model::{Digits, OtpAlgorithm, OtpParams};
use undercroft_secret::SecretBytes;

use super::MigrationError;
use super::protobuf::Message;
use crate::text::clean;
use crate::{OtpAuth, OtpAuthError, Seed, SeedError};

pub(super) const SECRET: u32 = 1;
pub(super) const NAME: u32 = 2;
pub(super) const ISSUER: u32 = 3;
pub(super) const ALGORITHM: u32 = 4;
pub(super) const DIGITS: u32 = 5;
pub(super) const KIND: u32 = 6;

/// The most characters of a refused device's label that are kept.
const MAX_SHOWN: usize = 100;

/// A device of an export that can't be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct RefusedEntry {
    /// Who issued it, cleaned and cut to be shown; empty when that is not said or would give the secret away.
    pub issuer: String,
    /// Its name, likewise.
    pub name: String,
    /// Why.
    #[source]
    pub reason: EntryError,
}

/// Why a device of an export can't be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EntryError {
    /// It counts events rather than time, which AWS does not have.
    #[error("a counter-based (HOTP) device: AWS takes time-based (TOTP) ones only")]
    Hotp,
    /// Neither HOTP nor TOTP.
    #[error("a device of an unknown type")]
    UnknownType,
    /// MD5, or an algorithm that is not known.
    #[error("an unknown algorithm: TOTP has SHA1, SHA256 and SHA512")]
    Algorithm,
    /// A length of codes that is not known.
    #[error("codes of an unknown length")]
    Digits,
    /// The secret is no seed.
    #[error("the secret cannot be used")]
    Secret(#[source] SeedError),
    /// The label is no label: too long, or it carries the secret.
    #[error(transparent)]
    Label(OtpAuthError),
}

impl EntryError {
    /// Returns a stable code for programs; the text is for people.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Hotp => "migration-hotp",
            Self::UnknownType => "migration-unknown-type",
            Self::Algorithm => "migration-algorithm",
            Self::Digits => "migration-digits",
            Self::Secret(error) => error.code(),
            Self::Label(error) => error.code(),
        }
    }
}

/// Reads a device; only a broken message is an error of the whole.
pub(super) fn parse(bytes: &[u8]) -> Result<Result<OtpAuth, RefusedEntry>, MigrationError> {
    let mut entry = Entry::default();
    for field in Message::new(bytes) {
        let (number, value) = field.ok_or(MigrationError::Damaged)?;
        let text = || value.bytes().ok_or(MigrationError::Damaged);
        let choice = || value.number().ok_or(MigrationError::Damaged);
        match number {
            SECRET => entry.secret = text()?,
            NAME => entry.name = text()?,
            ISSUER => entry.issuer = text()?,
            ALGORITHM => entry.algorithm = choice()?,
            DIGITS => entry.digits = choice()?,
            KIND => entry.kind = choice()?,
            _ => {}
        }
    }
    Ok(entry.device())
}

#[derive(Default)]
struct Entry<'a> {
    secret: &'a [u8],
    name: &'a [u8],
    issuer: &'a [u8],
    algorithm: u64,
    digits: u64,
    kind: u64,
}

impl Entry<'_> {
    fn device(&self) -> Result<OtpAuth, RefusedEntry> {
        let issuer = String::from_utf8_lossy(self.issuer);
        let name = String::from_utf8_lossy(self.name);
        self.parsed(&issuer, &name).map_err(|reason| {
            let hide = matches!(reason, EntryError::Label(OtpAuthError::SecretInLabel));
            let shown = |text: &str| {
                let cleaned = clean(text).text;
                cleaned.chars().take(MAX_SHOWN).collect::<String>()
            };
            let hide = hide || self.is_named_in(&shown(&issuer)) || self.is_named_in(&shown(&name));
            let shown = |text| if hide { String::new() } else { shown(text) };
            RefusedEntry {
                issuer: shown(&issuer),
                name: shown(&name),
                reason,
            }
        })
    }

    fn parsed(&self, issuer: &str, name: &str) -> Result<OtpAuth, EntryError> {
        match self.kind {
            1 => return Err(EntryError::Hotp),
            // Google's own program writes the type always; others leave it to the default.
            0 | 2 => {}
            _ => return Err(EntryError::UnknownType),
        }
        let algorithm = match self.algorithm {
            0 | 1 => OtpAlgorithm::Sha1,
            2 => OtpAlgorithm::Sha256,
            3 => OtpAlgorithm::Sha512,
            _ => return Err(EntryError::Algorithm),
        };
        let default = OtpParams::default();
        let digits = match self.digits {
            0 | 1 => default.digits,
            2 => Digits::new(8).map_err(|_| EntryError::Digits)?,
            _ => return Err(EntryError::Digits),
        };
        let params = OtpParams {
            algorithm,
            digits,
            ..default
        };
        let seed =
            Seed::from_bytes(SecretBytes::copy_of(self.secret)).map_err(EntryError::Secret)?;
        OtpAuth::from_parts(issuer, name, seed, params).map_err(EntryError::Label)
    }

    /// Tells whether a text that would be shown has the secret in it.
    fn is_named_in(&self, text: &str) -> bool {
        Seed::from_bytes(SecretBytes::copy_of(self.secret))
            .is_ok_and(|seed| crate::otpauth::carries_secret(text, &seed))
    }
}
