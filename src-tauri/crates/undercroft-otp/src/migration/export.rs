//! Writing an export.

use std::borrow::Cow;

use undercroft_model::{OtpAlgorithm, OtpParams};
use undercroft_secret::{SecretBytes, SecretString};

use super::protobuf::{put_bytes, put_number};
use super::{BATCH_ID, COUNT, DEVICES, INDEX, VERSION, entry};
use crate::{OtpAuth, base64};

/// Google Authenticator packs ten devices into a code.
const MOST_DEVICES: usize = 10;
/// The most bytes of one code before encoding, so that a screen shows it with modules large enough to scan.
const MOST_BYTES: usize = 800;

/// An export, code by code.
#[derive(Debug)]
pub struct Export {
    /// The text of each QR code.
    pub uris: Vec<SecretString>,
    /// The devices, by their place in what was given, that the format can't carry: a period other than 30 seconds,
    /// or seven digits.
    pub left_out: Vec<usize>,
}

/// Writes devices as an export that Google Authenticator and others read.
#[must_use]
pub fn migration_uris(devices: &[OtpAuth]) -> Export {
    let mut left_out = Vec::new();
    let mut batches: Vec<Vec<SecretBytes>> = Vec::new();
    let mut room = 0;
    for (place, device) in devices.iter().enumerate() {
        let Some(message) = message_of(device) else {
            left_out.push(place);
            continue;
        };
        match batches.last_mut() {
            Some(batch) if batch.len() < MOST_DEVICES && message.len() <= room => {
                room -= message.len();
                batch.push(message);
            }
            Some(_) | None => {
                room = MOST_BYTES.saturating_sub(message.len());
                batches.push(vec![message]);
            }
        }
    }
    let batch_id = batch_id_of(devices);
    let count = batches.len() as u64;
    let uris = batches.iter().zip(0..).map(|(batch, index)| {
        let size = batch.iter().map(|message| message.len() + 8).sum::<usize>();
        let mut payload = Vec::with_capacity(size + 48);
        for message in batch {
            // Exposed into the payload, which is wiped.
            put_bytes(&mut payload, DEVICES as u8, message.expose());
        }
        put_number(&mut payload, VERSION as u8, 1);
        put_number(&mut payload, COUNT as u8, count);
        put_number(&mut payload, INDEX as u8, index);
        put_number(&mut payload, BATCH_ID as u8, u64::from(batch_id));
        debug_assert!(
            payload.len() <= size + 48,
            "the buffer moved and left a copy"
        );
        let data = base64::encode_for_uri(SecretBytes::new(payload).expose());
        SecretString::concat(&["otpauth-migration://offline?data=", data.expose()])
    });
    Export {
        uris: uris.collect(),
        left_out,
    }
}

fn message_of(device: &OtpAuth) -> Option<SecretBytes> {
    let digits = match device.params.digits.count() {
        6 => 1,
        8 => 2,
        _ => return None,
    };
    if device.params.period != OtpParams::default().period {
        return None;
    }
    let algorithm = match device.params.algorithm {
        OtpAlgorithm::Sha1 => 1,
        OtpAlgorithm::Sha256 => 2,
        OtpAlgorithm::Sha512 => 3,
    };
    let issuer = device.issuer.as_deref().unwrap_or_default();
    // A name with a colon would be taken for issuer and name, unless the issuer stands before it.
    let name = if device.name.contains(':') {
        Cow::Owned(device.label())
    } else {
        Cow::Borrowed(&device.name)
    };
    let size = device.seed.expose().len() + name.len() + issuer.len() + 32;
    let mut message = Vec::with_capacity(size);
    // Exposed into the message, which is wiped.
    put_bytes(&mut message, entry::SECRET as u8, device.seed.expose());
    put_bytes(&mut message, entry::NAME as u8, name.as_bytes());
    put_bytes(&mut message, entry::ISSUER as u8, issuer.as_bytes());
    put_number(&mut message, entry::ALGORITHM as u8, algorithm);
    put_number(&mut message, entry::DIGITS as u8, digits);
    put_number(&mut message, entry::KIND as u8, 2);
    debug_assert!(message.len() <= size, "the buffer moved and left a copy");
    Some(SecretBytes::new(message))
}

/// Tells exports apart by the labels in them (FNV-1a); the seeds have no part in it.
fn batch_id_of(devices: &[OtpAuth]) -> u32 {
    let labels = devices.iter().flat_map(|device| {
        let issuer = device.issuer.as_deref().unwrap_or_default();
        issuer
            .bytes()
            .chain([0])
            .chain(device.name.bytes())
            .chain([0])
    });
    let hash = labels.fold(0x811c_9dc5_u32, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    });
    // Positive as a 32-bit number, and not the zero that means none.
    (hash >> 1) | 1
}
