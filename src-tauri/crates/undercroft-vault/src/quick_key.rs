//! Quick unlock: the vault key, sealed to a random key that a keychain of the machine holds.
//!
//! Two halves, of which neither opens anything alone: the quick key is in the keychain, what it seals in a file that
//! stays on the machine. Nothing of it is in the vault file.
//!
//! ```text
//! sealed     = "UCQUICK" | 1 | salt | commitment | wrapped
//! context    = vault id | SHA-256(the password slots as the header has them)
//! wrap key   = HKDF(quick key, salt, "quick-wrap " context)
//! commitment = HKDF(quick key, salt, "quick-commitment " context)
//! wrapped    = AES-256-GCM(wrap key, vault key, AAD "undercroft v1 quick " vault id)
//! ```
//!
//! The password slots are part of it, so that a password changed on another machine, which leaves the vault key as it is,
//! ends quick unlock here. As with a slot, the commitment is compared in constant time before anything is unwrapped.

use undercroft_crypto::{self as crypto, ONLY_NONCE, TAG_LEN};
use undercroft_model::VaultId;
use undercroft_secret::SecretKey;

use crate::format::cbor::Writer;
use crate::slots::{KeySlot, SlotKind};
use crate::vault_key::VaultKey;

const MAGIC: [u8; 7] = *b"UCQUICK";
const VERSION: u8 = 1;
const SALT_LEN: usize = 32;
const COMMITMENT_LEN: usize = 32;
const WRAPPED_LEN: usize = QuickKey::LEN + TAG_LEN;
const SALT_AT: usize = MAGIC.len() + 1;
const COMMITMENT_AT: usize = SALT_AT + SALT_LEN;
const WRAPPED_AT: usize = COMMITMENT_AT + COMMITMENT_LEN;

/// The random key in the keychain. Wiped when dropped; its `Debug` shows nothing of it.
#[derive(Clone, Debug)]
pub struct QuickKey(SecretKey);

impl QuickKey {
    /// Number of bytes.
    pub const LEN: usize = 32;

    /// Makes a new key from the system's random source.
    #[must_use]
    pub fn random() -> Self {
        Self(SecretKey::random())
    }

    /// Takes a key that `fill` reads out of a keychain, straight into memory that is kept out of swap.
    ///
    /// # Errors
    /// Whatever `fill` returns; what it had written is wiped.
    pub fn try_filled_by<E>(
        fill: impl FnOnce(&mut [u8; Self::LEN]) -> Result<(), E>,
    ) -> Result<Self, E> {
        SecretKey::try_filled_by(fill).map(Self)
    }

    /// Lends the key in the clear, for a keychain to keep.
    #[must_use]
    pub fn expose(&self) -> &[u8; Self::LEN] {
        self.0.expose()
    }
}

/// Why a sealed vault key does not open. Whatever it is, the password has to be typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum QuickKeyError {
    /// These bytes are no sealed vault key.
    #[error("not a sealed vault key")]
    Malformed,
    /// A newer version sealed it.
    #[error("a newer version sealed the vault key")]
    TooNew,
    /// It was sealed to another key, for another vault, or under another password.
    #[error("the quick key does not fit")]
    WrongKey,
    /// The quick key is right and the sealed key was changed.
    #[error("the sealed vault key was changed")]
    Tampered,
}

/// A vault key sealed to a [`QuickKey`]: no secret without that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedVaultKey([u8; Self::LEN]);

impl SealedVaultKey {
    /// Number of bytes.
    pub const LEN: usize = WRAPPED_AT + WRAPPED_LEN;

    /// Reads what [`SealedVaultKey::as_bytes`] gave.
    ///
    /// # Errors
    /// [`QuickKeyError::Malformed`] and [`QuickKeyError::TooNew`].
    pub fn parse(bytes: &[u8]) -> Result<Self, QuickKeyError> {
        let rest = bytes.strip_prefix(&MAGIC).ok_or(QuickKeyError::Malformed)?;
        match rest.first() {
            Some(&VERSION) => {}
            Some(_) => return Err(QuickKeyError::TooNew),
            None => return Err(QuickKeyError::Malformed),
        }
        bytes
            .try_into()
            .map(Self)
            .map_err(|_| QuickKeyError::Malformed)
    }

    /// The bytes for a file.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; Self::LEN] {
        &self.0
    }

    pub(crate) fn seal(key: &VaultKey, quick: &QuickKey, context: &Context) -> Self {
        Self::seal_with_salt(key, quick, context, crypto::random())
    }

    fn seal_with_salt(
        key: &VaultKey,
        quick: &QuickKey,
        context: &Context,
        salt: [u8; SALT_LEN],
    ) -> Self {
        let (wrap_key, commitment) = context.split(quick, &salt);
        let mut bytes = [0; Self::LEN];
        bytes[..MAGIC.len()].copy_from_slice(&MAGIC);
        bytes[MAGIC.len()] = VERSION;
        bytes[SALT_AT..COMMITMENT_AT].copy_from_slice(&salt);
        bytes[COMMITMENT_AT..WRAPPED_AT].copy_from_slice(commitment.expose());
        // The plain key stands in `wrapped` only between these two statements.
        let (wrapped, tag) = bytes[WRAPPED_AT..].split_at_mut(QuickKey::LEN);
        wrapped.copy_from_slice(key.secret().expose());
        tag.copy_from_slice(&crypto::encrypt(
            &wrap_key,
            &ONLY_NONCE,
            &context.aad(),
            wrapped,
        ));
        Self(bytes)
    }

    pub(crate) fn open(
        &self,
        quick: &QuickKey,
        context: &Context,
    ) -> Result<VaultKey, QuickKeyError> {
        let (wrap_key, commitment) = context.split(quick, &self.0[SALT_AT..COMMITMENT_AT]);
        let stored = SecretKey::filled_by(|place| {
            place.copy_from_slice(&self.0[COMMITMENT_AT..WRAPPED_AT]);
        });
        if !commitment.ct_eq(&stored) {
            return Err(QuickKeyError::WrongKey);
        }
        let (wrapped, tag) = self.0[WRAPPED_AT..]
            .split_last_chunk::<TAG_LEN>()
            .ok_or(QuickKeyError::Malformed)?;
        SecretKey::try_filled_by(|place| {
            place.copy_from_slice(wrapped);
            crypto::decrypt(&wrap_key, &ONLY_NONCE, &context.aad(), place, tag)
        })
        .map(VaultKey::from_secret)
        .map_err(|_| QuickKeyError::Tampered)
    }
}

/// What a sealed vault key belongs to: one vault, and the password that it has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Context {
    vault: VaultId,
    password_slots: [u8; 32],
}

impl Context {
    pub(crate) fn new<'a>(vault: VaultId, slots: impl IntoIterator<Item = &'a KeySlot>) -> Self {
        let mut written = Writer::default();
        for slot in slots {
            if slot.kind() == SlotKind::Password {
                slot.write(&mut written);
            }
        }
        Self {
            vault,
            password_slots: crypto::sha256(&written.finish()),
        }
    }

    fn split(&self, quick: &QuickKey, salt: &[u8]) -> (SecretKey, SecretKey) {
        let derive = |purpose: &[u8]| {
            let info = [purpose, self.vault.as_bytes(), &self.password_slots];
            crypto::hkdf(quick.expose(), salt, &info)
        };
        (derive(b"quick-wrap "), derive(b"quick-commitment "))
    }

    fn aad(&self) -> Vec<u8> {
        [b"undercroft v1 quick ", self.vault.as_bytes().as_slice()].concat()
    }
}

#[cfg(test)]
mod tests {
    use aes_gcm::aead::{Aead, KeyInit, Payload};
    use hkdf::Hkdf;
    use proptest::prelude::*;
    use sha2::Sha256;

    use super::*;

    fn context(vault: u8, slots: u8) -> Context {
        Context {
            vault: VaultId::from_bytes([vault; 16]),
            password_slots: [slots; 32],
        }
    }

    #[test]
    fn opens_with_its_key_in_its_place_and_nowhere_else() {
        let (key, quick) = (VaultKey::random(), QuickKey::random());
        let sealed = SealedVaultKey::seal(&key, &quick, &context(1, 2));
        let read = SealedVaultKey::parse(sealed.as_bytes()).unwrap();
        assert!(read.open(&quick, &context(1, 2)).unwrap().ct_eq(&key));
        for (quick, context) in [
            (QuickKey::random(), context(1, 2)),
            (quick.clone(), context(9, 2)),
            (quick.clone(), context(1, 9)),
        ] {
            let refused = read.open(&quick, &context).unwrap_err();
            assert_eq!(refused, QuickKeyError::WrongKey);
        }
    }

    #[test]
    fn the_same_key_sealed_twice_has_nothing_in_common() {
        let (key, quick) = (VaultKey::random(), QuickKey::random());
        let seal = || SealedVaultKey::seal(&key, &quick, &context(1, 2));
        let (one, two) = (seal(), seal());
        let same = std::iter::zip(&one.as_bytes()[SALT_AT..], &two.as_bytes()[SALT_AT..])
            .filter(|(one, two)| one == two)
            .count();
        // Of 112 random bytes one in 256 is equal by chance.
        assert!(same < 10, "{same}");
    }

    #[test]
    fn every_changed_bit_is_refused() {
        let (key, quick) = (VaultKey::random(), QuickKey::random());
        let sealed = SealedVaultKey::seal(&key, &quick, &context(1, 2));
        for bit in 0..SealedVaultKey::LEN * 8 {
            let mut bytes = *sealed.as_bytes();
            bytes[bit / 8] ^= 1 << (bit % 8);
            let expected = match bit / 8 {
                ..7 => QuickKeyError::Malformed,
                7 => QuickKeyError::TooNew,
                8..WRAPPED_AT => QuickKeyError::WrongKey,
                _ => QuickKeyError::Tampered,
            };
            let opened = SealedVaultKey::parse(&bytes)
                .and_then(|sealed| sealed.open(&quick, &context(1, 2)));
            assert_eq!(opened.map(drop), Err(expected), "bit {bit}");
        }
    }

    #[test]
    fn every_other_length_is_refused() {
        let sealed = SealedVaultKey::seal(&VaultKey::random(), &QuickKey::random(), &context(1, 2));
        for len in 0..SealedVaultKey::LEN {
            let cut = SealedVaultKey::parse(&sealed.as_bytes()[..len]);
            assert_eq!(cut, Err(QuickKeyError::Malformed), "{len}");
        }
        let longer = [sealed.as_bytes().as_slice(), &[0]].concat();
        assert_eq!(
            SealedVaultKey::parse(&longer),
            Err(QuickKeyError::Malformed)
        );
    }

    #[test]
    fn it_is_what_the_module_says_to_the_byte() {
        let quick = QuickKey::try_filled_by(|key| {
            *key = [7; 32];
            Ok::<(), ()>(())
        })
        .unwrap();
        let key = VaultKey::from_secret(SecretKey::filled_by(|key| *key = [8; 32]));
        let sealed = SealedVaultKey::seal_with_salt(&key, &quick, &context(1, 2), [9; 32]);

        let derived = |purpose: &str| {
            let info = [purpose.as_bytes(), &[1; 16], &[2; 32]].concat();
            let mut key = [0; 32];
            Hkdf::<Sha256>::new(Some(&[9; 32]), &[7; 32])
                .expand(&info, &mut key)
                .unwrap();
            key
        };
        let payload = Payload {
            msg: &[8; 32],
            aad: &[b"undercroft v1 quick ".as_slice(), &[1; 16]].concat(),
        };
        let wrapped = aes_gcm::Aes256Gcm::new(&derived("undercroft v1 quick-wrap ").into())
            .encrypt(&[0; 12].into(), payload)
            .unwrap();
        let expected = [
            b"UCQUICK\x01".as_slice(),
            &[9; 32],
            &derived("undercroft v1 quick-commitment "),
            &wrapped,
        ]
        .concat();
        assert_eq!(sealed.as_bytes().as_slice(), expected);
    }

    #[test]
    fn debug_shows_nothing() {
        let shown = format!("{:?}", QuickKey::random());
        assert_eq!(shown, "QuickKey(SecretKey(redacted))");
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let mut known = b"UCQUICK\x01".to_vec();
            known.extend_from_slice(&bytes);
            for bytes in [&bytes, &known] {
                if let Ok(sealed) = SealedVaultKey::parse(bytes) {
                    prop_assert!(sealed.open(&QuickKey::random(), &context(1, 2)).is_err());
                }
            }
        }
    }
}
