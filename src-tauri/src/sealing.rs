//! Seals secrets on their way between a window and the backend.
//!
//! Whatever crosses Tauri's IPC in the clear leaves copies in the web engine's allocator of this process, out of
//! Rust's reach. So a secret crosses as ciphertext: the receiving side makes a one-time P-256 key, the sending side
//! an ephemeral one, and both derive an AES-256-GCM key by ECDH and HKDF-SHA-256 (RFC 5869). The page's half is
//! `ui/src/lib/api/sealing.ts`.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};

use aes_gcm::aead::{AeadInOut, KeyInit, Nonce};
use aes_gcm::{Aes256Gcm, Key};
use data_encoding::BASE64;
use hkdf::Hkdf;
use p256::elliptic_curve::sec1::ToSec1Point;
use p256::{PublicKey, SecretKey};
use sha2::Sha256;
use undercroft_secret::SecretString;
use zeroize::Zeroizing;

use crate::error::UiError;
use crate::view::Sealed;

/// Names the protocol and its version, in the key derivation and as associated data.
const CONTEXT: &[u8] = b"undercroft ipc 1";

/// How many keys of one window may await their field; more than a form has secret fields.
const OUTSTANDING: usize = 8;

/// The one-time keys that were given to windows and not used yet.
#[derive(Default)]
pub(crate) struct Seals(Mutex<HashMap<String, VecDeque<SecretKey>>>);

impl Seals {
    /// Makes a one-time key for `window` and returns its public half, Base64 of the uncompressed point.
    pub(crate) fn issue(&self, window: &str) -> Result<String, UiError> {
        let key = one_time_key()?;
        let public = public_half(&key);
        let mut windows = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let keys = windows.entry(window.to_owned()).or_default();
        if keys.len() == OUTSTANDING {
            keys.pop_front();
        }
        keys.push_back(key);
        Ok(public)
    }

    /// Opens what `window` sealed to one of its one-time keys, which is spent by it.
    ///
    /// # Errors
    ///
    /// [`UiError::BadMessage`] where no key of the window fits, or the content is not UTF-8.
    pub(crate) fn open(&self, window: &str, sealed: &Sealed) -> Result<SecretString, UiError> {
        let mut windows = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let keys = windows.get_mut(window).ok_or(UiError::BadMessage)?;
        let (position, text) = keys
            .iter()
            .enumerate()
            .rev()
            .find_map(|(position, key)| Some((position, unseal(key, sealed)?)))
            .ok_or(UiError::BadMessage)?;
        keys.remove(position);
        Ok(text)
    }

    /// Forgets the keys of a window that is gone.
    pub(crate) fn forget(&self, window: &str) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(window);
    }
}

/// Checks that something could be sealed to `reader`, before anything is done that has to be told.
///
/// # Errors
///
/// [`UiError::BadMessage`] where `reader` is no point on the curve.
pub(crate) fn check_reader(reader: &str) -> Result<(), UiError> {
    decode_point(reader).map(drop).ok_or(UiError::BadMessage)
}

/// Seals `secret` to the page whose one-time public key is `reader`.
///
/// # Errors
///
/// [`UiError::BadMessage`] where `reader` is no point on the curve.
pub(crate) fn seal_for(reader: &str, secret: &SecretString) -> Result<Sealed, UiError> {
    let reader = decode_point(reader).ok_or(UiError::BadMessage)?;
    let own = one_time_key()?;
    let mut nonce = [0u8; 12];
    getrandom::fill(&mut nonce).map_err(|_| UiError::Internal)?;
    let mut data = secret.expose().as_bytes().to_vec();
    cipher(&own, &reader)
        .encrypt_in_place(&Nonce::<Aes256Gcm>::from(nonce), CONTEXT, &mut data)
        .map_err(|_| UiError::Internal)?;
    Ok(Sealed {
        key: public_half(&own),
        iv: BASE64.encode(&nonce),
        data: BASE64.encode(&data),
    })
}

fn unseal(key: &SecretKey, sealed: &Sealed) -> Option<SecretString> {
    let sender = decode_point(&sealed.key)?;
    let nonce: [u8; 12] = BASE64.decode(sealed.iv.as_bytes()).ok()?.try_into().ok()?;
    let mut data = Zeroizing::new(BASE64.decode(sealed.data.as_bytes()).ok()?);
    cipher(key, &sender)
        .decrypt_in_place(&Nonce::<Aes256Gcm>::from(nonce), CONTEXT, &mut *data)
        .ok()?;
    String::from_utf8(std::mem::take(&mut *data))
        .ok()
        .map(SecretString::from)
}

fn cipher(own: &SecretKey, theirs: &PublicKey) -> Aes256Gcm {
    let shared = p256::ecdh::diffie_hellman(own.to_nonzero_scalar(), theirs.as_affine());
    let mut key = Zeroizing::new([0u8; 32]);
    // 32 bytes are always within HKDF's limit of 255 blocks.
    let _ = Hkdf::<Sha256>::new(None, shared.raw_secret_bytes()).expand(CONTEXT, &mut *key);
    Aes256Gcm::new(&Key::<Aes256Gcm>::from(*key))
}

fn one_time_key() -> Result<SecretKey, UiError> {
    let mut bytes = Zeroizing::new([0u8; 32]);
    loop {
        getrandom::fill(&mut *bytes).map_err(|_| UiError::Internal)?;
        // A value outside the group's order is as rare as 2^-32; then another is drawn.
        if let Ok(key) = SecretKey::from_slice(&*bytes) {
            return Ok(key);
        }
    }
}

fn public_half(key: &SecretKey) -> String {
    BASE64.encode(key.public_key().to_sec1_point(false).as_bytes())
}

fn decode_point(text: &str) -> Option<PublicKey> {
    PublicKey::from_sec1_bytes(&BASE64.decode(text.as_bytes()).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a page does: seals `text` to the key that the backend issued.
    fn page_seals(backend: &str, text: &str) -> Sealed {
        seal_for(backend, &SecretString::from(text.to_owned())).unwrap()
    }

    #[test]
    fn a_sealed_field_opens_once() {
        let seals = Seals::default();
        let sealed = page_seals(&seals.issue("main").unwrap(), "correct horse — ß");
        assert_eq!(
            seals.open("main", &sealed).unwrap().expose(),
            "correct horse — ß"
        );
        assert_eq!(
            seals.open("main", &sealed).unwrap_err(),
            UiError::BadMessage
        );
    }

    #[test]
    fn a_field_of_one_window_does_not_open_for_another() {
        let seals = Seals::default();
        let sealed = page_seals(&seals.issue("password").unwrap(), "secret");
        seals.issue("main").unwrap();
        assert_eq!(
            seals.open("main", &sealed).unwrap_err(),
            UiError::BadMessage
        );
        assert!(seals.open("password", &sealed).is_ok());
    }

    #[test]
    fn several_fields_may_be_under_way() {
        let seals = Seals::default();
        let first = page_seals(&seals.issue("main").unwrap(), "one");
        let second = page_seals(&seals.issue("main").unwrap(), "two");
        assert_eq!(seals.open("main", &first).unwrap().expose(), "one");
        assert_eq!(seals.open("main", &second).unwrap().expose(), "two");
    }

    #[test]
    fn forgotten_and_surplus_keys_open_nothing() {
        let seals = Seals::default();
        let oldest = page_seals(&seals.issue("main").unwrap(), "one");
        for _ in 0..OUTSTANDING {
            seals.issue("main").unwrap();
        }
        assert!(seals.open("main", &oldest).is_err());
        let newest = page_seals(&seals.issue("main").unwrap(), "two");
        seals.forget("main");
        assert!(seals.open("main", &newest).is_err());
    }

    #[test]
    fn every_changed_byte_and_foreign_point_is_refused() {
        let seals = Seals::default();
        let sealed = page_seals(&seals.issue("main").unwrap(), "secret");
        let bytes = BASE64.decode(sealed.data.as_bytes()).unwrap();
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            let message = Sealed {
                data: BASE64.encode(&changed),
                ..sealed.clone()
            };
            assert!(seals.open("main", &message).is_err(), "byte {at}");
        }
        for key in ["", "AAAA", "not base64!", &BASE64.encode(&[4u8; 65])] {
            assert!(
                seals
                    .open(
                        "main",
                        &Sealed {
                            key: key.to_owned(),
                            ..sealed.clone()
                        }
                    )
                    .is_err()
            );
            assert!(seal_for(key, &SecretString::from("x".to_owned())).is_err());
        }
        assert!(
            seals
                .open(
                    "main",
                    &Sealed {
                        iv: String::new(),
                        ..sealed.clone()
                    }
                )
                .is_err()
        );
        assert!(
            seals.open("main", &sealed).is_ok(),
            "a refused message spends no key"
        );
    }
}
