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
            // Looked for in the whole texts: cut, they could end in the middle of the secret.
            let hide = [&issuer, &name].iter().any(|text| self.is_named_in(text));
            let shown = |text: &str| {
                if hide {
                    String::new()
                } else {
                    clean(text).text.chars().take(MAX_SHOWN).collect()
                }
            };
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
        let text = &clean(text).text;
        Seed::from_bytes(SecretBytes::copy_of(self.secret))
            .is_ok_and(|seed| crate::otpauth::carries_secret(text, &seed))
    }
}

#[cfg(test)]
mod tests {
    use undercroft_secret::SecretString;

    use super::super::protobuf::{put_bytes, put_number};
    use super::*;

    const SEED: &[u8] = b"0123456789abcdefghij";

    /// Reads a device with a seed and a name, and what `write` adds.
    fn read(
        write: impl FnOnce(&mut Vec<u8>),
    ) -> Result<Result<OtpAuth, RefusedEntry>, MigrationError> {
        let mut bytes = Vec::new();
        put_bytes(&mut bytes, SECRET as u8, SEED);
        put_bytes(&mut bytes, NAME as u8, b"jane");
        write(&mut bytes);
        parse(&bytes)
    }

    fn choice(field: u32, number: u64) -> Result<OtpParams, EntryError> {
        let device = read(|bytes| put_number(bytes, field as u8, number)).unwrap();
        device
            .map(|device| device.params)
            .map_err(|refused| refused.reason)
    }

    #[test]
    fn a_field_left_out_has_its_default() {
        let device = read(|_| {}).unwrap().unwrap();
        assert_eq!(device.params, OtpParams::default());
        assert_eq!(device.seed.expose(), SEED);
        assert_eq!((device.issuer, device.name.as_str()), (None, "jane"));
    }

    #[test]
    fn each_number_stands_for_an_algorithm() {
        let algorithm = |number| choice(ALGORITHM, number).map(|params| params.algorithm);
        assert_eq!(algorithm(0), Ok(OtpAlgorithm::Sha1));
        assert_eq!(algorithm(1), Ok(OtpAlgorithm::Sha1));
        assert_eq!(algorithm(2), Ok(OtpAlgorithm::Sha256));
        assert_eq!(algorithm(3), Ok(OtpAlgorithm::Sha512));
        for number in [4, 5, u64::MAX] {
            assert_eq!(algorithm(number), Err(EntryError::Algorithm), "{number}");
        }
    }

    #[test]
    fn each_number_stands_for_a_length_of_codes() {
        let digits = |number| choice(DIGITS, number).map(|params| params.digits.count());
        assert_eq!(digits(0), Ok(6));
        assert_eq!(digits(1), Ok(6));
        assert_eq!(digits(2), Ok(8));
        for number in [3, 6, 8, u64::MAX] {
            assert_eq!(digits(number), Err(EntryError::Digits), "{number}");
        }
    }

    #[test]
    fn each_number_stands_for_a_type() {
        let kind = |number| choice(KIND, number).map(|_| ());
        assert_eq!(kind(0), Ok(()));
        assert_eq!(kind(1), Err(EntryError::Hotp));
        assert_eq!(kind(2), Ok(()));
        for number in [3, u64::MAX] {
            assert_eq!(kind(number), Err(EntryError::UnknownType), "{number}");
        }
    }

    #[test]
    fn the_last_of_a_repeated_field_counts() {
        let device = read(|bytes| put_bytes(bytes, NAME as u8, b"joe")).unwrap();
        assert_eq!(device.unwrap().name, "joe");
    }

    #[test]
    fn a_value_of_another_kind_is_damage() {
        for field in [SECRET, NAME, ISSUER] {
            let read = read(|bytes| put_number(bytes, field as u8, 1));
            assert_eq!(read.unwrap_err(), MigrationError::Damaged, "field {field}");
        }
        for field in [ALGORITHM, DIGITS, KIND] {
            let read = read(|bytes| put_bytes(bytes, field as u8, &[1]));
            assert_eq!(read.unwrap_err(), MigrationError::Damaged, "field {field}");
        }
        // The counter, and what is not known, may be anything.
        for field in [7, 8] {
            assert!(read(|bytes| put_bytes(bytes, field, &[1])).unwrap().is_ok());
            assert!(read(|bytes| put_number(bytes, field, 1)).unwrap().is_ok());
        }
    }

    #[test]
    fn a_device_without_a_secret_is_refused_alone() {
        let refused = read(|bytes| put_bytes(bytes, SECRET as u8, &[]))
            .unwrap()
            .unwrap_err();
        assert_eq!(refused.reason, EntryError::Secret(SeedError::Empty));
        assert_eq!(refused.name, "jane");
    }

    #[test]
    fn a_refused_label_is_cut_to_be_shown() {
        let refused = |name: &str| {
            read(|bytes| {
                put_bytes(bytes, NAME as u8, name.as_bytes());
                put_bytes(bytes, ISSUER as u8, " Ac\u{202e}me ".as_bytes());
                put_number(bytes, KIND as u8, 1);
            })
            .unwrap()
            .unwrap_err()
        };
        assert_eq!(refused("jane").issuer, "Acme");
        let longest = "é".repeat(100);
        assert_eq!(refused(&longest).name, longest);
        assert_eq!(refused(&format!("{longest}b")).name, longest);
    }

    #[test]
    fn a_refused_label_shows_no_secret() {
        let seed = Seed::from_bytes(SecretBytes::copy_of(SEED)).unwrap();
        let shown = |issuer: &SecretString, name: &SecretString| {
            let refused = read(|bytes| {
                put_bytes(bytes, NAME as u8, name.expose().as_bytes());
                put_bytes(bytes, ISSUER as u8, issuer.expose().as_bytes());
                put_number(bytes, DIGITS as u8, 9);
            });
            let refused = refused.unwrap().unwrap_err();
            assert_eq!(refused.reason, EntryError::Digits);
            (refused.issuer, refused.name)
        };
        let plain = SecretString::copy_of("Acme");
        let secret = SecretString::concat(&["a ", seed.to_base32().expose()]);
        assert_eq!(
            shown(&plain, &plain),
            ("Acme".to_owned(), "Acme".to_owned())
        );
        for (issuer, name) in [(&secret, &plain), (&plain, &secret)] {
            assert_eq!(shown(issuer, name), (String::new(), String::new()));
        }
    }

    #[test]
    fn each_reason_has_its_code() {
        for (reason, code) in [
            (EntryError::Hotp, "migration-hotp"),
            (EntryError::UnknownType, "migration-unknown-type"),
            (EntryError::Algorithm, "migration-algorithm"),
            (EntryError::Digits, "migration-digits"),
            (
                EntryError::Secret(SeedError::AllZero),
                SeedError::AllZero.code(),
            ),
            (
                EntryError::Label(OtpAuthError::SecretInLabel),
                OtpAuthError::SecretInLabel.code(),
            ),
        ] {
            assert_eq!(reason.code(), code);
        }
    }
}
