//! Sealed values: the second lock around each secret inside the body.
//!
//! An unlocked vault keeps every secret value encrypted under a key of its own, and opens it only for as long
//! as it is used. The value is bound to its vault, item, field and id, so that one moved elsewhere does not open.

use undercroft_crypto::{self as crypto, NONCE_LEN, TAG_LEN};
use undercroft_model::{Field, ItemId, SealedValue, ValueId, VaultId};
use undercroft_secret::{SecretBytes, SecretKey};

use crate::format::FormatError;
use crate::vault_key::VaultKey;

/// Seals `secret` for one field of one item, under a new random value id.
#[must_use]
pub fn seal(
    key: &VaultKey,
    vault: VaultId,
    item: ItemId,
    field: &Field,
    secret: &SecretBytes,
) -> SealedValue {
    seal_with(
        key,
        vault,
        item,
        field,
        secret,
        ValueId::new_random(),
        crypto::random(),
    )
}

/// Opens a value sealed for this very vault, item and field.
///
/// # Errors
/// [`FormatError::WrongValue`] when it was sealed elsewhere or changed.
pub fn unseal(
    key: &VaultKey,
    vault: VaultId,
    item: ItemId,
    field: &Field,
    value: &SealedValue,
) -> Result<SecretBytes, FormatError> {
    let (nonce, rest) = value
        .sealed
        .split_first_chunk::<NONCE_LEN>()
        .ok_or(FormatError::WrongValue)?;
    let (ciphertext, tag) = rest
        .split_last_chunk::<TAG_LEN>()
        .ok_or(FormatError::WrongValue)?;
    let mut secret = ciphertext.to_vec();
    let aad = aad(vault, item, field, value.id);
    crypto::decrypt(&value_key(key, value.id), nonce, &aad, &mut secret, tag)
        .map_err(|_| FormatError::WrongValue)?;
    Ok(SecretBytes::new(secret))
}

pub(crate) fn seal_with(
    key: &VaultKey,
    vault: VaultId,
    item: ItemId,
    field: &Field,
    secret: &SecretBytes,
    id: ValueId,
    nonce: [u8; NONCE_LEN],
) -> SealedValue {
    let mut sealed = Vec::with_capacity(NONCE_LEN + secret.len() + TAG_LEN);
    sealed.extend_from_slice(&nonce);
    sealed.extend_from_slice(secret.expose());
    let aad = aad(vault, item, field, id);
    let tag = crypto::encrypt(&value_key(key, id), &nonce, &aad, &mut sealed[NONCE_LEN..]);
    sealed.extend_from_slice(&tag);
    SealedValue { id, sealed }
}

fn value_key(key: &VaultKey, id: ValueId) -> SecretKey {
    key.derive_from(&[], &[b"value ", id.as_bytes()])
}

/// Three ids of fixed length, then the field's name to the end: no two different places give the same AAD.
fn aad(vault: VaultId, item: ItemId, field: &Field, id: ValueId) -> Vec<u8> {
    let field = field.aad();
    [
        b"undercroft v1 value ".as_slice(),
        vault.as_bytes(),
        item.as_bytes(),
        id.as_bytes(),
        field.as_bytes(),
    ]
    .concat()
}

#[cfg(test)]
mod tests {
    use undercroft_model::{DeviceId, FieldId};

    use super::*;

    fn ids() -> (VaultId, ItemId) {
        (VaultId::from_bytes([1; 16]), ItemId::from_bytes([2; 16]))
    }

    #[test]
    fn opens_in_its_own_place_only() {
        let key = VaultKey::random();
        let (vault, item) = ids();
        let field = Field::MfaSeed(DeviceId::from_bytes([3; 16]));
        let value = seal(&key, vault, item, &field, &SecretBytes::copy_of(b"seed"));

        assert_eq!(
            unseal(&key, vault, item, &field, &value).unwrap().expose(),
            b"seed"
        );

        let wrong = |result: Result<SecretBytes, FormatError>| {
            assert_eq!(result.unwrap_err(), FormatError::WrongValue);
        };
        wrong(unseal(&VaultKey::random(), vault, item, &field, &value));
        wrong(unseal(
            &key,
            VaultId::from_bytes([9; 16]),
            item,
            &field,
            &value,
        ));
        wrong(unseal(
            &key,
            vault,
            ItemId::from_bytes([9; 16]),
            &field,
            &value,
        ));
        wrong(unseal(
            &key,
            vault,
            item,
            &Field::MfaSeed(DeviceId::from_bytes([9; 16])),
            &value,
        ));
        wrong(unseal(
            &key,
            vault,
            item,
            &Field::Custom(FieldId::from_bytes([3; 16])),
            &value,
        ));
        wrong(unseal(&key, vault, item, &Field::Password, &value));
        let moved = SealedValue {
            id: ValueId::from_bytes([9; 16]),
            ..value.clone()
        };
        wrong(unseal(&key, vault, item, &field, &moved));
    }

    #[test]
    fn every_changed_byte_and_every_length_is_refused() {
        let key = VaultKey::random();
        let (vault, item) = ids();
        let value = seal(
            &key,
            vault,
            item,
            &Field::Password,
            &SecretBytes::copy_of(b"hunter2"),
        );
        for place in 0..value.sealed.len() {
            let mut changed = value.clone();
            changed.sealed[place] ^= 0x10;
            assert!(
                unseal(&key, vault, item, &Field::Password, &changed).is_err(),
                "{place}"
            );
            let mut cut = value.clone();
            cut.sealed.truncate(place);
            assert!(
                unseal(&key, vault, item, &Field::Password, &cut).is_err(),
                "{place}"
            );
        }
        let mut longer = value.clone();
        longer.sealed.push(0);
        assert!(unseal(&key, vault, item, &Field::Password, &longer).is_err());
    }

    #[test]
    fn sealing_twice_gives_nothing_to_compare() {
        let key = VaultKey::random();
        let (vault, item) = ids();
        let secret = SecretBytes::copy_of(b"same");
        let one = seal(&key, vault, item, &Field::Password, &secret);
        let two = seal(&key, vault, item, &Field::Password, &secret);
        assert_ne!(one.id, two.id);
        assert_ne!(one.sealed, two.sealed);
    }

    proptest::proptest! {
        #[test]
        fn any_secret_survives(secret: Vec<u8>) {
            let key = VaultKey::random();
            let (vault, item) = ids();
            let value = seal(&key, vault, item, &Field::Password, &SecretBytes::copy_of(&secret));
            let opened = unseal(&key, vault, item, &Field::Password, &value).unwrap();
            proptest::prop_assert_eq!(opened.expose(), secret);
        }

        #[test]
        fn no_value_panics(id: [u8; 16], sealed: Vec<u8>) {
            let (vault, item) = ids();
            let value = SealedValue { id: ValueId::from_bytes(id), sealed };
            proptest::prop_assert!(unseal(&VaultKey::random(), vault, item, &Field::Password, &value).is_err());
        }
    }
}
