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
                // Version 2 differs from 1 in nothing that is read here.
                VERSION => {}
                COUNT => count = value.number().ok_or(MigrationError::Damaged)?,
                INDEX => index = value.number().ok_or(MigrationError::Damaged)?,
                // A negative number is written as one of 64 bits.
                BATCH_ID => batch_id = value.number().ok_or(MigrationError::Damaged)? as i32,
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
