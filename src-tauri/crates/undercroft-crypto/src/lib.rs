//! The primitives of the vault's file, each bound to one purpose.
//!
//! Everything below the Argon2id step is SHA-256, HMAC-SHA-256, HKDF-SHA-256 and AES-256-GCM. No key is used
//! for two purposes, and no key encrypts two messages under one nonce: every key that encrypts is derived
//! with a fresh random salt or id.

use aes_gcm::aead::{AeadInOut, KeyInit};
use aes_gcm::{Aes256Gcm, Nonce, Tag};
use hkdf::Hkdf;
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};
use undercroft_secret::SecretKey;
use zeroize::Zeroizing;

/// Starts the HKDF info of every key, so that another version of the format can never derive the same one.
const DOMAIN: &[u8] = b"undercroft v1 ";

/// Number of bytes of an AES-GCM tag.
pub const TAG_LEN: usize = 16;
/// Number of bytes of an AES-GCM nonce.
pub const NONCE_LEN: usize = 12;
/// The nonce for keys that encrypt a single message.
pub const ONLY_NONCE: [u8; NONCE_LEN] = [0; NONCE_LEN];

/// HKDF-SHA-256 of `input` with `salt`; the info is the domain, then all of `purpose`.
#[must_use]
pub fn hkdf(input: &[u8], salt: &[u8], purpose: &[&[u8]]) -> SecretKey {
    let kdf = Hkdf::<Sha256>::new(Some(salt), input);
    SecretKey::filled_by(|key| {
        let mut info = Vec::with_capacity(1 + purpose.len());
        info.push(DOMAIN);
        info.extend_from_slice(purpose);
        // HKDF-SHA-256 gives up to 8,160 bytes; 32 never fail.
        let expanded = kdf.expand_multi_info(&info, key);
        debug_assert!(expanded.is_ok());
    })
}

/// SHA-256 of `bytes`.
#[must_use]
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// HMAC-SHA-256 of `bytes`.
#[must_use]
pub fn hmac(key: &SecretKey, bytes: &[u8]) -> [u8; 32] {
    hmac_of(key, bytes).finalize().into_bytes().into()
}

/// Compares the HMAC-SHA-256 of `bytes` with `expected` in constant time.
#[must_use]
pub fn hmac_matches(key: &SecretKey, bytes: &[u8], expected: &[u8]) -> bool {
    hmac_of(key, bytes).verify_slice(expected).is_ok()
}

fn hmac_of(key: &SecretKey, bytes: &[u8]) -> Hmac<Sha256> {
    // HMAC pads a key to its block of 64 bytes with zeros (RFC 2104), so this is the same key.
    let mut block = Zeroizing::new([0; 64]);
    block[..32].copy_from_slice(key.expose());
    let mut mac = <Hmac<Sha256> as KeyInit>::new((&*block).into());
    mac.update(bytes);
    mac
}

/// The tag did not match: another key, or changed bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("another key, or changed bytes")]
pub struct TagMismatch;

/// Encrypts `buffer` in place with AES-256-GCM and returns the tag.
pub fn encrypt(
    key: &SecretKey,
    nonce: &[u8; NONCE_LEN],
    aad: &[u8],
    buffer: &mut [u8],
) -> [u8; TAG_LEN] {
    let cipher = Aes256Gcm::new(key.expose().into());
    match cipher.encrypt_inout_detached(&Nonce::from(*nonce), aad, buffer.into()) {
        Ok(tag) => tag.into(),
        // AES-GCM refuses only messages above 64 GiB; a vault holds at most 64 MiB.
        Err(_) => unreachable!("no message of a vault is too long for AES-GCM"),
    }
}

/// Checks `tag`, then decrypts `buffer` in place with AES-256-GCM.
///
/// # Errors
/// [`TagMismatch`] where it was not made with this key, nonce, `aad` and content; `buffer` stays encrypted then.
pub fn decrypt(
    key: &SecretKey,
    nonce: &[u8; NONCE_LEN],
    aad: &[u8],
    buffer: &mut [u8],
    tag: &[u8; TAG_LEN],
) -> Result<(), TagMismatch> {
    let cipher = Aes256Gcm::new(key.expose().into());
    cipher
        .decrypt_inout_detached(&Nonce::from(*nonce), aad, buffer.into(), &Tag::from(*tag))
        .map_err(|_| TagMismatch)
}

/// Fills an array from the system's random source.
///
/// # Panics
/// When the system has no random source: going on would be worse.
#[must_use]
pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    if let Err(error) = getrandom::fill(&mut bytes) {
        panic!("the system's random source failed: {error}");
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hkdf_is_rfc_5869_with_the_domain_in_front_of_the_info() {
        let key = hkdf(b"input", b"salt", &[b"body"]);
        let mut expected = [0; 32];
        Hkdf::<Sha256>::new(Some(b"salt"), b"input")
            .expand(b"undercroft v1 body", &mut expected)
            .unwrap();
        assert_eq!(key.expose(), &expected);
    }

    #[test]
    fn decrypts_what_it_encrypted_and_nothing_else() {
        let key = SecretKey::random();
        let mut buffer = *b"a message";
        let tag = encrypt(&key, &ONLY_NONCE, b"aad", &mut buffer);
        let sealed = buffer;
        assert_ne!(&sealed, b"a message");
        assert_eq!(
            decrypt(&key, &ONLY_NONCE, b"aae", &mut buffer, &tag),
            Err(TagMismatch)
        );
        assert_eq!(buffer, sealed);
        assert_eq!(
            decrypt(&key, &ONLY_NONCE, b"aad", &mut buffer, &tag),
            Ok(())
        );
        assert_eq!(&buffer, b"a message");
    }

    #[test]
    fn hmac_matches_only_its_own_message() {
        let key = SecretKey::random();
        let mac = hmac(&key, b"header");
        assert!(hmac_matches(&key, b"header", &mac));
        assert!(!hmac_matches(&key, b"headex", &mac));
        assert!(!hmac_matches(&key, b"header", &mac[..31]));
    }

    #[test]
    fn gives_what_the_standards_list() {
        let hex = |bytes: &[u8]| data_encoding::HEXLOWER.encode(bytes);
        // FIPS 180-4: "abc".
        assert_eq!(
            hex(&sha256(b"abc")),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
        // RFC 4231, test case 2; a key is padded with zeros.
        let key = SecretKey::filled_by(|key| key[..4].copy_from_slice(b"Jefe"));
        assert_eq!(
            hex(&hmac(&key, b"what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
        // The GCM specification, test case 14.
        let key = SecretKey::filled_by(|key| *key = [0; 32]);
        let mut block = [0; 16];
        let tag = encrypt(&key, &ONLY_NONCE, b"", &mut block);
        assert_eq!(hex(&block), "cea7403d4d606b6e074ec5d3baf39d18");
        assert_eq!(hex(&tag), "d0d1c8a799996bf0265b98b5d48ab919");
    }
}
