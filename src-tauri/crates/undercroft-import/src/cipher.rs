//! Opening what other programs have encrypted.

use aes::Aes256;
use aes::cipher::block_padding::Pkcs7;
use aes::cipher::{BlockModeDecrypt, KeyIvInit};
use aes_gcm::aead::{AeadInOut, KeyInit};
use aes_gcm::{Aes256Gcm, Nonce, Tag};
use hkdf::Hkdf;
use hmac::{Hmac, Mac};
use sha2::Sha256;
use undercroft_secret::{SecretBytes, SecretKey};
use zeroize::Zeroize;

/// Number of bytes of an AES-GCM tag.
pub(crate) const TAG_LEN: usize = 16;

/// Opens AES-256-GCM; `None` when the key is another's or the text was changed.
pub(crate) fn open_gcm(
    key: &SecretKey,
    nonce: &[u8; 12],
    ciphertext: &[u8],
    tag: &[u8; TAG_LEN],
) -> Option<SecretBytes> {
    let mut buffer = ciphertext.to_vec();
    let opened = Aes256Gcm::new(key.expose().into()).decrypt_inout_detached(
        &Nonce::from(*nonce),
        &[],
        buffer.as_mut_slice().into(),
        &Tag::from(*tag),
    );
    // Taken over in either case, so that it is wiped.
    let buffer = SecretBytes::new(buffer);
    opened.is_ok().then_some(buffer)
}

/// The two keys of Bitwarden's AES-256-CBC with HMAC-SHA-256.
pub(crate) struct CbcHmacKey {
    encryption: SecretKey,
    authentication: SecretKey,
}

impl CbcHmacKey {
    /// Expands a stretched password; HKDF's second half, as Bitwarden does it.
    pub(crate) fn expand(key: &SecretKey) -> Option<Self> {
        let kdf = Hkdf::<Sha256>::from_prk(key.expose()).ok()?;
        let part = |info: &[u8]| {
            SecretKey::try_filled_by(|key| kdf.expand(info, key).map_err(|_| ())).ok()
        };
        Some(Self {
            encryption: part(b"enc")?,
            authentication: part(b"mac")?,
        })
    }

    /// Checks the MAC, and only then decrypts; `None` when the key is another's or the text was changed.
    pub(crate) fn open(&self, iv: &[u8; 16], ciphertext: &[u8], mac: &[u8]) -> Option<SecretBytes> {
        let mut hmac =
            <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(self.authentication.expose()).ok()?;
        hmac.update(iv);
        hmac.update(ciphertext);
        hmac.verify_slice(mac).ok()?;

        let cipher = cbc::Decryptor::<Aes256>::new(self.encryption.expose().into(), iv.into());
        let mut buffer = ciphertext.to_vec();
        let length = cipher
            .decrypt_padded::<Pkcs7>(&mut buffer)
            .map(<[u8]>::len)
            .ok();
        match length {
            Some(length) => {
                buffer[length..].zeroize();
                buffer.truncate(length);
                Some(SecretBytes::new(buffer))
            }
            None => {
                buffer.zeroize();
                None
            }
        }
    }
}
