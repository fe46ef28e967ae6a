//! The vault file as a whole.
//!
//! ```text
//! magic | major, minor | header length | header (CBOR) | SHA-256 | HMAC | AES-256-GCM body
//! ```
//!
//! [`parse`] checks all that can be checked without a secret, in an order that never changes: magic, length,
//! hash, version. [`open`] goes on with a credential, [`open_with_key`] with a vault key that is known already.
//! `FORMAT.md` describes every byte.

pub(crate) mod cbor;
mod error;
pub(crate) mod header;
mod padding;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use undercroft_crypto::{self as crypto, ONLY_NONCE, TAG_LEN};
use undercroft_model::Revision;
use undercroft_secret::SecretBytes;

pub use cbor::UnknownFields;
pub use error::{FormatError, FormatVersion, Part};
pub use header::Header;

use crate::body::{self, Body};
use crate::slots::{Credential, KeySlot, MAX_SLOTS, Slot};
use crate::vault_key::VaultKey;
use cbor::Writer;
use header::{SALT_LEN, StoredHeader};

/// The first bytes of every vault. Like PNG's they notice a transfer that mangled line ends or the eighth bit.
pub const MAGIC: [u8; 8] = *b"\x89UCV\r\n\x1a\n";
/// The most bytes that a header has.
pub const MAX_HEADER_LEN: usize = 64 * 1024;
/// The most bytes that a vault file has.
pub const MAX_FILE_LEN: usize = 64 * 1024 * 1024;

/// Magic, version and header length.
const PRELUDE_LEN: usize = 16;
const HASH_LEN: usize = 32;
const MAC_LEN: usize = 32;

/// A vault file of which everything is checked that needs no secret.
#[derive(Clone, Debug)]
pub struct Parsed<'a> {
    header: StoredHeader,
    /// All that the HMAC covers: from the magic to the hash.
    authenticated: &'a [u8],
    /// All that the body's AAD covers: the above and the HMAC.
    aad: &'a [u8],
    mac: &'a [u8],
    body: &'a [u8],
}

impl Parsed<'_> {
    /// The version of the format that the file was written in.
    #[must_use]
    pub fn version(&self) -> FormatVersion {
        self.header.version
    }

    /// The key slots, in their order in the file.
    #[must_use]
    pub fn slots(&self) -> &[KeySlot] {
        &self.header.slots
    }
}

/// What opening a vault with a credential gives.
#[derive(Clone, Debug)]
pub struct Opened {
    /// The key at the root of the vault.
    pub vault_key: VaultKey,
    /// Version and slots, to be written back.
    pub header: Header,
    /// Which of the header's slots opened.
    pub slot_used: usize,
    /// What the vault holds.
    pub body: Body,
}

/// Checks all of a file that needs no secret.
///
/// # Errors
/// In this order: [`FormatError::TooLarge`], [`FormatError::NotAVault`], [`FormatError::HeaderLength`],
/// [`FormatError::Truncated`], [`FormatError::Damaged`], [`FormatError::TooNew`], [`FormatError::Malformed`],
/// [`FormatError::TooNew`] for a critical extension, [`FormatError::Truncated`] or
/// [`FormatError::TrailingBytes`] for the body's length, [`FormatError::HostileKdf`].
pub fn parse(bytes: &[u8]) -> Result<Parsed<'_>, FormatError> {
    if bytes.len() > MAX_FILE_LEN {
        return Err(FormatError::TooLarge);
    }
    let magic = &bytes[..bytes.len().min(MAGIC.len())];
    if magic != &MAGIC[..magic.len()] {
        return Err(FormatError::NotAVault);
    }
    let (prelude, rest) = bytes
        .split_first_chunk::<PRELUDE_LEN>()
        .ok_or(FormatError::Truncated)?;
    let [.., major1, major0, minor1, minor0, len3, len2, len1, len0] = *prelude;
    let header_len = u32::from_be_bytes([len3, len2, len1, len0]) as usize;
    if header_len > MAX_HEADER_LEN {
        return Err(FormatError::HeaderLength);
    }
    let (header, rest) = rest
        .split_at_checked(header_len)
        .ok_or(FormatError::Truncated)?;
    let (hash, rest) = rest
        .split_first_chunk::<HASH_LEN>()
        .ok_or(FormatError::Truncated)?;
    if crypto::sha256(&bytes[..PRELUDE_LEN + header_len]) != *hash {
        return Err(FormatError::Damaged);
    }
    let version = FormatVersion {
        major: u16::from_be_bytes([major1, major0]),
        minor: u16::from_be_bytes([minor1, minor0]),
    };
    if version.major != FormatVersion::CURRENT.major {
        return Err(FormatError::TooNew { needs: version });
    }
    let header = StoredHeader::read(version, header)?;
    let (mac, body) = rest
        .split_first_chunk::<MAC_LEN>()
        .ok_or(FormatError::Truncated)?;
    let body_len = usize::try_from(header.body_len).map_err(|_| FormatError::Truncated)?;
    if body.len() < body_len {
        return Err(FormatError::Truncated);
    }
    if body.len() > body_len {
        return Err(FormatError::TrailingBytes);
    }
    for slot in &header.slots {
        slot.check_kdf()?;
    }
    let hashed = PRELUDE_LEN + header_len + HASH_LEN;
    Ok(Parsed {
        header,
        authenticated: &bytes[..hashed],
        aad: &bytes[..hashed + MAC_LEN],
        mac,
        body,
    })
}

/// Opens a vault with a password or a recovery key. Blocks for Argon2id's time, once for each slot of that kind
/// until one fits.
///
/// # Errors
/// Those of [`parse`], then [`FormatError::NoSuchSlot`], [`FormatError::WrongCredential`],
/// [`FormatError::Tampered`] and [`FormatError::Malformed`].
pub fn open(bytes: &[u8], credential: Credential<'_>) -> Result<Opened, FormatError> {
    let parsed = parse(bytes)?;
    let (slot_used, vault_key) = open_slot(parsed.slots(), credential)?;
    if !mac_matches(&parsed, &vault_key) {
        return Err(FormatError::Tampered);
    }
    let (header, body) = open_body(parsed, &vault_key)?;
    Ok(Opened {
        vault_key,
        header,
        slot_used,
        body,
    })
}

/// Opens a vault whose key is known, such as the file just written or one that another installation saved.
///
/// # Errors
/// Those of [`parse`], then [`FormatError::OtherVaultKey`] when the header was not authenticated with `key`,
/// [`FormatError::Tampered`] and [`FormatError::Malformed`].
pub fn open_with_key(bytes: &[u8], key: &VaultKey) -> Result<(Header, Body), FormatError> {
    let parsed = parse(bytes)?;
    if !mac_matches(&parsed, key) {
        return Err(FormatError::OtherVaultKey);
    }
    open_body(parsed, key)
}

/// Encrypts a vault, with a fresh body key.
///
/// # Errors
/// [`FormatError::SlotCount`] unless there are one to eight slots, [`FormatError::TooLarge`] when the header or
/// the file exceeds its limit.
pub fn write(header: &Header, key: &VaultKey, body: &Body) -> Result<Vec<u8>, FormatError> {
    write_with_salt(header, key, body, crypto::random())
}

pub(crate) fn write_with_salt(
    header: &Header,
    key: &VaultKey,
    body: &Body,
    body_salt: [u8; SALT_LEN],
) -> Result<Vec<u8>, FormatError> {
    if !(1..=MAX_SLOTS).contains(&header.slots.len()) {
        return Err(FormatError::SlotCount);
    }
    // The body goes first, since the header holds its length, into a buffer that never moves and so leaves no copy.
    let capacity =
        padding::padded_len(padding::PREFIX_LEN + body::max_encoded_len(body, header.slots.len()));
    let mut content = Writer::with_capacity(capacity);
    content.raw(&[0; padding::PREFIX_LEN]);
    let revisions: Vec<Revision> = header.slots.iter().map(|slot| slot.revision).collect();
    body::write(body, &revisions, &mut content);
    let mut content = content.finish();
    padding::pad(&mut content);

    let stored = StoredHeader::new(header, body_salt, content.len() + TAG_LEN);
    let mut out = authenticate(&stored, key)?;
    if out.len() + content.len() + TAG_LEN > MAX_FILE_LEN {
        drop(SecretBytes::new(content));
        return Err(FormatError::TooLarge);
    }
    let tag = crypto::encrypt(&body_key(key, &body_salt), &ONLY_NONCE, &out, &mut content);
    out.reserve_exact(content.len() + TAG_LEN);
    out.extend_from_slice(&content);
    out.extend_from_slice(&tag);
    Ok(out)
}

/// All that stands before the body: prelude, header, hash and HMAC.
pub(crate) fn authenticate(header: &StoredHeader, key: &VaultKey) -> Result<Vec<u8>, FormatError> {
    let encoded = header.write();
    if encoded.len() > MAX_HEADER_LEN {
        return Err(FormatError::TooLarge);
    }
    let len = u32::try_from(encoded.len()).map_err(|_| FormatError::TooLarge)?;
    let mut out = Vec::with_capacity(PRELUDE_LEN + encoded.len() + HASH_LEN + MAC_LEN);
    out.extend_from_slice(&MAGIC);
    out.extend_from_slice(&header.version.major.to_be_bytes());
    out.extend_from_slice(&header.version.minor.to_be_bytes());
    out.extend_from_slice(&len.to_be_bytes());
    out.extend_from_slice(&encoded);
    let hash = crypto::sha256(&out);
    out.extend_from_slice(&hash);
    let mac = crypto::hmac(&mac_key(key), &out);
    out.extend_from_slice(&mac);
    Ok(out)
}

/// Tries all slots of the credential's kind, in their order.
fn open_slot(
    slots: &[KeySlot],
    credential: Credential<'_>,
) -> Result<(usize, VaultKey), FormatError> {
    let mut error = FormatError::NoSuchSlot;
    for (index, slot) in slots
        .iter()
        .enumerate()
        .filter(|(_, slot)| slot.kind() == credential.kind())
    {
        match slot.unwrap_key(credential) {
            Ok(key) => return Ok((index, key)),
            Err(FormatError::WrongCredential) => error = FormatError::WrongCredential,
            Err(other) => return Err(other),
        }
    }
    Err(error)
}

fn mac_matches(parsed: &Parsed<'_>, key: &VaultKey) -> bool {
    crypto::hmac_matches(&mac_key(key), parsed.authenticated, parsed.mac)
}

fn open_body(parsed: Parsed<'_>, key: &VaultKey) -> Result<(Header, Body), FormatError> {
    let (ciphertext, tag) = parsed
        .body
        .split_last_chunk::<TAG_LEN>()
        .ok_or(FormatError::Tampered)?;
    let mut content = ciphertext.to_vec();
    let body_key = body_key(key, &parsed.header.body_salt);
    crypto::decrypt(&body_key, &ONLY_NONCE, parsed.aad, &mut content, tag)
        .map_err(|_| FormatError::Tampered)?;
    let content = Arc::new(SecretBytes::new(content));
    let malformed = FormatError::Malformed(Part::Body);
    let range = padding::content_range(content.expose()).ok_or(malformed)?;
    let (body, revisions) = body::read(&content, range).map_err(|_| malformed)?;
    if revisions.len() != parsed.header.slots.len() {
        return Err(malformed);
    }
    let slots = revisions.into_iter().zip(parsed.header.slots);
    let header = Header {
        version: parsed.header.version,
        slots: slots
            .map(|(revision, key)| Slot::from_parts(revision, key))
            .collect(),
        unknown: parsed.header.unknown,
    };
    Ok((header, body))
}

fn mac_key(key: &VaultKey) -> undercroft_secret::SecretKey {
    key.derive_from(&[], &[b"header-mac"])
}

fn body_key(key: &VaultKey, salt: &[u8; SALT_LEN]) -> undercroft_secret::SecretKey {
    key.derive_from(salt, &[b"body"])
}
