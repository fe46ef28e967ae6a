//! The first message of libsodium's secretstream, XChaCha20 with Poly1305.
//!
//! The construction: <https://doc.libsodium.org/secret-key_cryptography/secretstream>. Programs that encrypt a whole
//! file at once write one message and mark it as the last.

use chacha20::cipher::{KeyIvInit, StreamCipher, StreamCipherSeek};
use chacha20::{ChaCha20, R20, hchacha};
use poly1305::Poly1305;
use poly1305::universal_hash::KeyInit;
use subtle::ConstantTimeEq;
use undercroft_secret::{SecretBytes, SecretKey};
use zeroize::Zeroizing;

/// Number of bytes before the stream.
pub(crate) const HEADER_LEN: usize = 24;
const MAC_LEN: usize = 16;
const BLOCK_LEN: usize = 64;

/// Opens the message; `None` when the key is another's or the message was changed.
pub(crate) fn open(
    key: &SecretKey,
    header: &[u8; HEADER_LEN],
    sealed: &[u8],
) -> Option<SecretBytes> {
    let (body, mac) = sealed.split_at_checked(sealed.len().checked_sub(MAC_LEN)?)?;
    let (tag, ciphertext) = body.split_first()?;
    let (for_key, for_nonce) = header.split_at(16);
    let for_key: [u8; 16] = for_key.try_into().ok()?;
    // Exposed to derive the stream's key.
    let stream_key: [u8; 32] = hchacha::<R20>(key.expose().into(), &for_key.into()).into();
    let stream_key = Zeroizing::new(stream_key);
    // The number of the message, from 1, stands before what is left of the header.
    let mut nonce = [0; 12];
    nonce[0] = 1;
    nonce[4..].copy_from_slice(for_nonce);
    let mut stream = ChaCha20::new((&*stream_key).into(), &nonce.into());

    let mut first = Zeroizing::new([0_u8; BLOCK_LEN]);
    stream.apply_keystream(&mut *first);
    let mut mac_key = Zeroizing::new([0_u8; 32]);
    mac_key.copy_from_slice(&first[..32]);
    // The tag travels as the first byte of a block of its own, and the whole block is authenticated.
    let mut block = Zeroizing::new([0_u8; BLOCK_LEN]);
    stream.apply_keystream(&mut *block);
    block[0] = *tag;
    // libsodium pads by `(16 - 64 + length) % 16` bytes, which is not up to a multiple of 16.
    let padding = ciphertext.len() % MAC_LEN;
    let mut message = Zeroizing::new(Vec::with_capacity(BLOCK_LEN + body.len() + 2 * MAC_LEN));
    message.extend_from_slice(&*block);
    message.extend_from_slice(ciphertext);
    message.extend_from_slice(&[0; MAC_LEN][..padding]);
    message.extend_from_slice(&0_u64.to_le_bytes());
    message.extend_from_slice(
        &u64::try_from(BLOCK_LEN + ciphertext.len())
            .ok()?
            .to_le_bytes(),
    );
    let expected = Poly1305::new((&*mac_key).into()).compute_unpadded(&message);
    if !bool::from(expected.as_slice().ct_eq(mac)) {
        return None;
    }
    let mut plain = ciphertext.to_vec();
    stream.try_seek(2 * BLOCK_LEN as u64).ok()?;
    stream.apply_keystream(&mut plain);
    Some(SecretBytes::new(plain))
}
