//! The limits of a whole file, exactly at each and one over.

use std::sync::OnceLock;

use undercroft_model::{InstallationId, ItemId, VaultId};
use undercroft_secret::SecretString;

use super::cbor::Reader;
use super::*;
use crate::body::StoredItem;
use crate::kdf::KdfParams;

/// A vault of one password slot; making it takes Argon2id's time only once.
fn vault() -> (Header, VaultKey, Body) {
    static SLOT: OnceLock<(VaultKey, Slot)> = OnceLock::new();
    let (key, slot) = SLOT.get_or_init(|| {
        let key = VaultKey::random();
        let slot = slot(&key, "password");
        (key, slot)
    });
    let body = Body::new(VaultId::from_bytes([1; 16]));
    (Header::new(vec![slot.clone()]), key.clone(), body)
}

fn slot(key: &VaultKey, password: &str) -> Slot {
    let password = SecretString::copy_of(password);
    Slot::new_password(key, &password, KdfParams::FLOOR, revision()).unwrap()
}

fn revision() -> Revision {
    Revision::first(InstallationId::from_bytes([1; 16]))
}

/// An unknown field that is a byte string.
fn filler(len: usize) -> UnknownFields {
    let mut value = Writer::default();
    value.bytes(&vec![0; len]);
    let value = value.finish();
    let mut unknown = UnknownFields::default();
    unknown.read("filler", &mut Reader::new(&value)).unwrap();
    unknown
}

#[test]
fn a_vault_has_one_to_eight_slots() {
    let (mut header, key, body) = vault();
    let one = header.slots[0].clone();
    for (count, accepted) in [(0, false), (1, true), (8, true), (9, false)] {
        header.slots = vec![one.clone(); count];
        match write(&header, &key, &body) {
            Ok(bytes) => {
                assert!(accepted, "{count}");
                assert_eq!(parse(&bytes).unwrap().slots().len(), count);
            }
            Err(error) => {
                assert!(!accepted, "{count}");
                assert_eq!(error, FormatError::SlotCount);
            }
        }
    }
}

#[test]
fn a_header_has_at_most_64_kib() {
    let (mut header, key, body) = vault();
    let header_len = |bytes: &[u8]| u32::from_be_bytes(bytes[12..16].try_into().unwrap()) as usize;
    header.unknown = filler(1_000);
    let rest = MAX_HEADER_LEN - header_len(&write(&header, &key, &body).unwrap());
    header.unknown = filler(1_000 + rest);
    let bytes = write(&header, &key, &body).unwrap();
    assert_eq!(header_len(&bytes), MAX_HEADER_LEN);
    assert_eq!(open_with_key(&bytes, &key).unwrap().0, header);
    header.unknown = filler(1_001 + rest);
    let refused = write(&header, &key, &body);
    assert_eq!(refused.unwrap_err(), FormatError::TooLarge);
}

#[test]
fn a_body_goes_up_to_the_last_step_below_64_mib() {
    let (header, key, mut body) = vault();
    let most = MAX_FILE_LEN - 256 * 1024;
    let mut content_len = |len: usize| {
        let id = ItemId::from_bytes([2; 16]);
        let item = StoredItem::from_parts(id, revision(), vec![0; len]);
        body.items.insert(item);
        (
            padding::PREFIX_LEN + body.to_content(&[revision()]).len(),
            body.clone(),
        )
    };
    let rest = most - content_len(100_000).0;
    let (len, largest) = content_len(100_000 + rest);
    assert_eq!(len, most);
    let bytes = write(&header, &key, &largest).unwrap();
    assert!(bytes.len() <= MAX_FILE_LEN);
    assert_eq!(open_with_key(&bytes, &key).unwrap().1, largest);
    let (_, larger) = content_len(100_001 + rest);
    let refused = write(&header, &key, &larger);
    assert_eq!(refused.unwrap_err(), FormatError::TooLarge);
}

#[test]
fn each_slot_of_a_kind_is_tried() {
    let (mut header, key, body) = vault();
    header.slots.push(slot(&key, "second"));
    let bytes = write(&header, &key, &body).unwrap();
    for (text, used) in [("password", Some(0)), ("second", Some(1)), ("third", None)] {
        let password = SecretString::copy_of(text);
        match open(&bytes, Credential::Password(&password)) {
            Ok(opened) => {
                assert_eq!(Some(opened.slot_used), used);
                assert!(opened.vault_key.ct_eq(&key));
            }
            Err(error) => {
                assert_eq!(used, None);
                assert_eq!(error, FormatError::WrongCredential);
            }
        }
    }
    let recovery = crate::RecoveryKey::random();
    let opened = open(&bytes, Credential::RecoveryKey(&recovery));
    assert_eq!(opened.unwrap_err(), FormatError::NoSuchSlot);
}

#[test]
fn an_error_names_the_part_that_breaks_the_rules() {
    for (part, name) in [
        (Part::Header, "header"),
        (Part::Body, "body"),
        (Part::Item, "item"),
    ] {
        let expected = format!("the {name} breaks the rules of the format");
        assert_eq!(FormatError::Malformed(part).to_string(), expected);
    }
}

#[test]
fn a_file_of_another_key_is_told_from_a_changed_one() {
    let (header, key, body) = vault();
    let mut bytes = write(&header, &key, &body).unwrap();
    let opened = open_with_key(&bytes, &VaultKey::random());
    assert_eq!(opened.unwrap_err(), FormatError::OtherVaultKey);
    *bytes.last_mut().unwrap() ^= 1;
    let opened = open_with_key(&bytes, &key);
    assert_eq!(opened.unwrap_err(), FormatError::Tampered);
}
