//! The export of Google Authenticator: `otpauth-migration://offline?data=…`, several devices in one code.
//!
//! `data` is Base64 of a protocol buffer, which nobody has published; its fields are known from the exports:
//!
//! ```text
//! message MigrationPayload {
//!   message OtpParameters {
//!     bytes secret = 1; string name = 2; string issuer = 3;
//!     enum algorithm = 4;  // 1 SHA1, 2 SHA256, 3 SHA512, 4 MD5
//!     enum digits = 5;     // 1 six, 2 eight
//!     enum type = 6;       // 1 HOTP, 2 TOTP
//!     int64 counter = 7;
//!   }
//!   repeated OtpParameters otp_parameters = 1;
//!   int32 version = 2; int32 batch_size = 3; int32 batch_index = 4; int32 batch_id = 5;
//! }
//! ```
//!
//! A period has no place in it: it is 30 seconds, always.

mod collect;
mod entry;
mod export;
mod protobuf;

use undercroft_secret::SecretString;

use crate::percent::{self, Plus};
use crate::{OtpAuth, base64};
pub use collect::{Batch, Collected, collect};
pub use entry::{EntryError, RefusedEntry};
pub use export::{Export, migration_uris};
use protobuf::Message;

/// The most bytes that a URI may have: twice what the largest QR code holds.
const MAX_BYTES: usize = 8192;
/// The most codes that one export may have.
const MAX_PARTS: u32 = 1000;

const DEVICES: u32 = 1;
const VERSION: u32 = 2;
const COUNT: u32 = 3;
const INDEX: u32 = 4;
const BATCH_ID: u32 = 5;

/// One QR code of an export, which may have several.
#[derive(Clone, Debug)]
pub struct MigrationPart {
    /// Which export it belongs to.
    pub batch_id: i32,
    /// Its place in the export, from 0.
    pub index: u32,
    /// How many codes the export has.
    pub count: u32,
    /// The devices, in their order; each one that can't be used says why.
    pub devices: Vec<Result<OtpAuth, RefusedEntry>>,
}

impl MigrationPart {
    /// Reads the text of one code.
    ///
    /// # Errors
    ///
    /// When it is no such text, or its frame is damaged. A device that can't be used is no error of the part.
    pub fn parse(uri: &SecretString) -> Result<Self, MigrationError> {
        // Exposed to be taken apart: what is copied of it is wiped.
        let uri = uri.expose().trim();
        if uri.len() > MAX_BYTES {
            return Err(MigrationError::TooLong { limit: MAX_BYTES });
        }
        let encoded =
            percent::decode_secret(data_of(uri)?, Plus::Plus).ok_or(MigrationError::NotBase64)?;
        let bytes = base64::decode(encoded.expose()).ok_or(MigrationError::NotBase64)?;

        let (mut batch_id, mut index, mut count) = (0, 0, 0);
        let mut devices = Vec::new();
        for field in Message::new(bytes.expose()) {
            let (number, value) = field.ok_or(MigrationError::Damaged)?;
            match number {
                DEVICES => {
                    devices.push(entry::parse(value.bytes().ok_or(MigrationError::Damaged)?)?)
                }
                COUNT => count = value.number().ok_or(MigrationError::Damaged)?,
                INDEX => index = value.number().ok_or(MigrationError::Damaged)?,
                // A negative number is written as one of 64 bits.
                BATCH_ID => batch_id = value.number().ok_or(MigrationError::Damaged)? as i32,
                // The version among them: 2 differs from 1 in nothing that is read here.
                _ => {}
            }
        }
        // Some programs leave the frame out.
        let count = u32::try_from(count.max(1)).unwrap_or(u32::MAX);
        let index = u32::try_from(index).unwrap_or(u32::MAX);
        if count > MAX_PARTS || index >= count {
            return Err(MigrationError::Damaged);
        }
        if devices.is_empty() {
            return Err(MigrationError::NoDevice);
        }
        Ok(Self {
            batch_id,
            index,
            count,
            devices,
        })
    }
}

/// Why a text is not a part of an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MigrationError {
    /// Another kind of address, or none.
    #[error("not an export of Google Authenticator")]
    NotMigration,
    /// More bytes than a QR code can hold.
    #[error("the export is longer than {limit} bytes")]
    TooLong {
        /// The most bytes that are read.
        limit: usize,
    },
    /// The `data` parameter is missing or no Base64.
    #[error("the export's data cannot be decoded")]
    NotBase64,
    /// The decoded data has not the form of an export.
    #[error("the export is damaged or cut off")]
    Damaged,
    /// No device in it.
    #[error("the export has no device in it")]
    NoDevice,
}

impl MigrationError {
    /// Returns a stable code for programs; the text is for people.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotMigration => "migration-not-one",
            Self::TooLong { .. } => "migration-too-long",
            Self::NotBase64 => "migration-not-base64",
            Self::Damaged => "migration-damaged",
            Self::NoDevice => "migration-no-device",
        }
    }
}

/// Tells whether a text claims to be part of an export.
pub(crate) fn claims_to_be(text: &str) -> bool {
    let scheme = text.split(':').next().unwrap_or_default();
    scheme
        .trim_start()
        .eq_ignore_ascii_case("otpauth-migration")
}

/// Finds the still encoded `data`.
fn data_of(uri: &str) -> Result<&str, MigrationError> {
    if !claims_to_be(uri) {
        return Err(MigrationError::NotMigration);
    }
    let (_, query) = uri.split_once('?').ok_or(MigrationError::NotBase64)?;
    let query = query.split_once('#').map_or(query, |(before, _)| before);
    query
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .find(|(key, _)| key.eq_ignore_ascii_case("data"))
        .map(|(_, data)| data)
        .ok_or(MigrationError::NotBase64)
}

#[cfg(test)]
mod tests {
    use super::protobuf::{put_bytes, put_number};
    use super::*;

    const DEVICE: &[u8] = &[0x0a, 10, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10];

    /// The payload with one device and what `write` adds.
    fn payload(write: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
        let mut bytes = Vec::new();
        put_bytes(&mut bytes, DEVICES as u8, DEVICE);
        write(&mut bytes);
        bytes
    }

    fn uri_of(payload: &[u8]) -> SecretString {
        let data = base64::encode_for_uri(payload);
        SecretString::concat(&["otpauth-migration://offline?data=", data.expose()])
    }

    fn parsed(write: impl FnOnce(&mut Vec<u8>)) -> Result<MigrationPart, MigrationError> {
        MigrationPart::parse(&uri_of(&payload(write)))
    }

    fn with_frame(count: u64, index: u64) -> Result<(u32, u32), MigrationError> {
        let part = parsed(|bytes| {
            put_number(bytes, COUNT as u8, count);
            put_number(bytes, INDEX as u8, index);
        })?;
        Ok((part.count, part.index))
    }

    #[test]
    fn a_frame_left_out_is_that_of_a_single_code() {
        let part = parsed(|_| {}).unwrap();
        assert_eq!((part.batch_id, part.index, part.count), (0, 0, 1));
        assert_eq!(part.devices.len(), 1);
    }

    #[test]
    fn an_export_has_a_thousand_codes_at_most() {
        assert_eq!(with_frame(1000, 999), Ok((1000, 999)));
        assert_eq!(with_frame(1001, 0), Err(MigrationError::Damaged));
        for count in [
            u64::from(u32::MAX),
            u64::from(u32::MAX) + 1,
            1 << 32 | 1,
            u64::MAX,
        ] {
            assert_eq!(
                with_frame(count, 0),
                Err(MigrationError::Damaged),
                "{count}"
            );
        }
    }

    #[test]
    fn a_place_lies_within_the_export() {
        assert_eq!(with_frame(0, 0), Ok((1, 0)));
        assert_eq!(with_frame(1, 0), Ok((1, 0)));
        assert_eq!(with_frame(3, 2), Ok((3, 2)));
        for (count, index) in [(0, 1), (1, 1), (3, 3), (3, 1 << 32), (3, u64::MAX)] {
            assert_eq!(
                with_frame(count, index),
                Err(MigrationError::Damaged),
                "{index} of {count}"
            );
        }
    }

    #[test]
    fn the_export_may_have_a_negative_number() {
        for id in [1, -1, i32::MIN, i32::MAX] {
            let part = parsed(|bytes| put_number(bytes, BATCH_ID as u8, i64::from(id) as u64));
            assert_eq!(part.unwrap().batch_id, id);
        }
    }

    #[test]
    fn bytes_in_place_of_a_number_are_damage() {
        for field in [COUNT, INDEX, BATCH_ID] {
            let error = parsed(|bytes| put_bytes(bytes, field as u8, &[1])).unwrap_err();
            assert_eq!(error, MigrationError::Damaged, "field {field}");
        }
        let error = parsed(|bytes| put_number(bytes, DEVICES as u8, 1)).unwrap_err();
        assert_eq!(error, MigrationError::Damaged);
    }

    #[test]
    fn what_is_not_read_may_be_anything() {
        for field in [VERSION, 6, 15] {
            assert!(parsed(|bytes| put_bytes(bytes, field as u8, b"any")).is_ok());
            assert!(parsed(|bytes| put_number(bytes, field as u8, 7)).is_ok());
        }
    }

    #[test]
    fn a_damaged_device_damages_the_export() {
        let error = parsed(|bytes| put_bytes(bytes, DEVICES as u8, &DEVICE[..5])).unwrap_err();
        assert_eq!(error, MigrationError::Damaged);
        for end in 1..DEVICE.len() + 2 {
            let cut = &payload(|_| {})[..end];
            let error = MigrationPart::parse(&uri_of(cut)).unwrap_err();
            assert_eq!(error, MigrationError::Damaged, "cut after {end} bytes");
        }
    }

    #[test]
    fn an_export_without_a_device_is_none() {
        let mut frame = Vec::new();
        put_number(&mut frame, VERSION as u8, 1);
        put_number(&mut frame, COUNT as u8, 1);
        for payload in [&frame[..], &[]] {
            let error = MigrationPart::parse(&uri_of(payload)).unwrap_err();
            assert_eq!(error, MigrationError::NoDevice);
        }
    }

    #[test]
    fn the_longest_text_is_read() {
        let uri = uri_of(&payload(|_| {}));
        // Another parameter fills the text up.
        let of_length = |length: usize| {
            let filling = "x".repeat(length - uri.len() - "&".len());
            SecretString::concat(&[uri.expose(), "&", &filling])
        };
        assert!(MigrationPart::parse(&of_length(MAX_BYTES)).is_ok());
        let spaced = SecretString::concat(&["\n ", of_length(MAX_BYTES).expose(), " \n"]);
        assert!(MigrationPart::parse(&spaced).is_ok());
        assert_eq!(
            MigrationPart::parse(&of_length(MAX_BYTES + 1)).unwrap_err(),
            MigrationError::TooLong { limit: MAX_BYTES }
        );
    }

    #[test]
    fn the_data_is_found_among_other_parameters() {
        let data = base64::encode_for_uri(&payload(|_| {}));
        let parse = |before: &str, after: &str| {
            MigrationPart::parse(&SecretString::concat(&[before, data.expose(), after])).map(|_| ())
        };
        assert_eq!(parse("otpauth-migration://offline?DATA=", ""), Ok(()));
        assert_eq!(
            parse("otpauth-migration://offline?a=b&data=", "&c=d"),
            Ok(())
        );
        assert_eq!(parse("otpauth-migration:?data=", "#data=%21"), Ok(()));
        for before in [
            "otpauth-migration://offline?dat=",
            "otpauth-migration://offline?data",
            "otpauth-migration://offline?a#data=",
            "otpauth-migration://offline/data=",
        ] {
            assert_eq!(
                parse(before, ""),
                Err(MigrationError::NotBase64),
                "{before}"
            );
        }
        for before in [
            "otpauth://offline?data=",
            "otpauth-migrations://offline?data=",
            "?data=",
        ] {
            assert_eq!(
                parse(before, ""),
                Err(MigrationError::NotMigration),
                "{before}"
            );
        }
    }

    #[test]
    fn each_error_has_its_code() {
        for (error, code) in [
            (MigrationError::NotMigration, "migration-not-one"),
            (
                MigrationError::TooLong { limit: MAX_BYTES },
                "migration-too-long",
            ),
            (MigrationError::NotBase64, "migration-not-base64"),
            (MigrationError::Damaged, "migration-damaged"),
            (MigrationError::NoDevice, "migration-no-device"),
        ] {
            assert_eq!(error.code(), code);
        }
    }
}
