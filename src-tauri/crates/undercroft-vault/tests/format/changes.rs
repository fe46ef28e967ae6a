//! Every change that somebody without the key can make is refused, and for the right reason.

use std::collections::BTreeSet;

use crate::fixture::{PASSWORD, hash_end, vault};
use sha2::{Digest, Sha256};
use undercroft_secret::SecretString;
use undercroft_vault::{Credential, FormatError, VaultKey, open, open_with_key, write};

/// Says how much was tried, for `docs/PROOF.md`.
fn figure(what: &str, cases: usize) {
    println!("figure: {what}: {cases} tried, 0 opened");
}

/// The class of the refusal; a change that opens fails the test.
fn class(bytes: &[u8], what: &str) -> &'static str {
    match open_with_key(bytes, &vault().key) {
        Ok(_) => panic!("{what}: opened"),
        Err(error) => error.class(),
    }
}

/// Computes the plain hash anew, as anybody can.
fn rehash(bytes: &mut [u8]) {
    let end = hash_end(bytes);
    let hash = Sha256::digest(&bytes[..end - 32]);
    bytes[end - 32..end].copy_from_slice(&hash);
}

fn expected_for_flipped_bit(bytes: &[u8], at: usize, hash_end: usize) -> &'static str {
    match at {
        0..8 => "not-a-vault",
        12..16 => {
            let claim = u32::from_be_bytes(bytes[12..16].try_into().unwrap()) as usize;
            match claim {
                65_537.. => "header-length",
                _ if 16 + claim + 32 > bytes.len() => "truncated",
                _ => "damaged",
            }
        }
        _ if at < hash_end => "damaged",
        _ => "other-vault-key",
    }
}

#[test]
fn every_bit_before_the_body_counts() {
    let fixture = vault();
    for at in 0..fixture.body_start() {
        for bit in 0..8 {
            let mut bytes = fixture.bytes.clone();
            bytes[at] ^= 1 << bit;
            let expected = expected_for_flipped_bit(&bytes, at, fixture.hash_end());
            assert_eq!(class(&bytes, "flipped"), expected, "byte {at}, bit {bit}");
        }
    }
    figure("each bit before the body flipped", fixture.body_start() * 8);
}

#[test]
fn every_bit_of_the_header_counts_when_the_hash_is_made_to_fit() {
    let fixture = vault();
    let mut seen = BTreeSet::new();
    for at in (8..12).chain(16..fixture.hash_end() - 32) {
        for bit in 0..8 {
            let mut bytes = fixture.bytes.clone();
            bytes[at] ^= 1 << bit;
            rehash(&mut bytes);
            seen.insert(class(&bytes, "flipped and rehashed"));
        }
    }
    let expected = [
        "hostile-kdf",
        "malformed",
        "other-vault-key",
        "too-new",
        "trailing-bytes",
        "truncated",
    ];
    assert_eq!(seen.into_iter().collect::<Vec<_>>(), expected);
    let bytes = 4 + fixture.hash_end() - 32 - 16;
    figure(
        "each bit of the header flipped and the hash made to fit",
        bytes * 8,
    );
}

#[test]
fn every_byte_of_the_hmac_counts_for_who_has_the_password() {
    let fixture = vault();
    let password = SecretString::copy_of(PASSWORD);
    for at in fixture.hash_end()..fixture.body_start() {
        let mut bytes = fixture.bytes.clone();
        bytes[at] ^= 0x40;
        let error = open(&bytes, Credential::Password(&password)).unwrap_err();
        assert_eq!(error, FormatError::Tampered, "byte {at}");
    }
}

#[test]
fn every_byte_of_the_body_counts() {
    let fixture = vault();
    let mut bytes = fixture.bytes.clone();
    for at in fixture.body_start()..bytes.len() {
        let mask = (at % 255 + 1) as u8;
        bytes[at] ^= mask;
        assert_eq!(class(&bytes, "changed"), "tampered", "byte {at}");
        bytes[at] ^= mask;
    }
    assert!(open_with_key(&bytes, &fixture.key).is_ok());
    let changed = bytes.len() - fixture.body_start();
    figure("each byte of the body changed", changed);
}

#[test]
fn every_shorter_file_is_truncated() {
    let bytes = &vault().bytes;
    for len in 0..bytes.len() {
        assert_eq!(class(&bytes[..len], "cut"), "truncated", "{len} bytes");
    }
    figure("cut at each length", bytes.len());
}

#[test]
fn every_longer_file_has_trailing_bytes() {
    let mut bytes = vault().bytes.clone();
    for len in 1..=4096 {
        bytes.push((len % 251) as u8);
        assert_eq!(
            class(&bytes, "longer"),
            "trailing-bytes",
            "{len} bytes more"
        );
    }
    figure("up to 4096 bytes appended", 4096);
}

#[test]
fn blocks_of_the_body_cannot_change_places() {
    let fixture = vault();
    let mut bytes = fixture.bytes.clone();
    let blocks = (bytes.len() - fixture.body_start()) / 16;
    let swap = |bytes: &mut Vec<u8>, one: usize, other: usize| {
        for offset in 0..16 {
            bytes.swap(
                fixture.body_start() + one * 16 + offset,
                fixture.body_start() + other * 16 + offset,
            );
        }
    };
    for block in 1..blocks {
        swap(&mut bytes, 0, block);
        assert_eq!(class(&bytes, "swapped"), "tampered", "block {block}");
        swap(&mut bytes, 0, block);
    }
    figure("blocks of the body swapped", blocks - 1);
}

#[test]
fn parts_of_two_saves_do_not_fit_together() {
    let a = vault();
    let b = write(&a.header, &a.key, &a.body).unwrap();
    assert_eq!(
        a.bytes.len(),
        b.len(),
        "the same content has the same length"
    );
    let (hash, body) = (a.hash_end(), a.body_start());
    let join = |parts: [&[u8]; 3]| parts.concat();
    for (what, bytes, expected) in [
        (
            "body of B",
            join([&a.bytes[..hash], &a.bytes[hash..body], &b[body..]]),
            "tampered",
        ),
        (
            "HMAC of B",
            join([&a.bytes[..hash], &b[hash..body], &a.bytes[body..]]),
            "other-vault-key",
        ),
        (
            "HMAC and body of B",
            join([&a.bytes[..hash], &b[hash..body], &b[body..]]),
            "other-vault-key",
        ),
        (
            "header of B",
            join([&b[..hash], &a.bytes[hash..body], &a.bytes[body..]]),
            "other-vault-key",
        ),
        (
            "header and HMAC of B",
            join([&b[..hash], &b[hash..body], &a.bytes[body..]]),
            "tampered",
        ),
    ] {
        assert_eq!(class(&bytes, what), expected, "{what}");
    }
}

#[test]
fn slots_cannot_be_moved_between_files_or_places() {
    let a = vault();
    let other_key = VaultKey::random();
    let mut header = a.header.clone();
    header.slots = crate::fixture::slots(&other_key);
    let b = write(&header, &other_key, &a.body).unwrap();
    header.slots.reverse();
    let reversed = write(&header, &other_key, &a.body).unwrap();
    // The headers are of one length, so that the slots of one stand where the other's do.
    assert_eq!(hash_end(&b), a.hash_end());
    assert_eq!(hash_end(&reversed), a.hash_end());
    let slots_end = a.hash_end() - 32 - 80;
    for (what, source) in [("slots of B", &b), ("slots of B, reversed", &reversed)] {
        let mut bytes = a.bytes.clone();
        bytes[16..slots_end].copy_from_slice(&source[16..slots_end]);
        assert_eq!(class(&bytes, what), "damaged", "{what}");
        rehash(&mut bytes);
        assert!(
            ["other-vault-key", "malformed"].contains(&class(&bytes, what)),
            "{what}, rehashed"
        );
    }
    let mut swapped = a.header.clone();
    swapped.slots.reverse();
    let swapped = write(&swapped, &a.key, &a.body).unwrap();
    let mut bytes = a.bytes.clone();
    bytes[16..a.hash_end() - 32].copy_from_slice(&swapped[16..a.hash_end() - 32]);
    rehash(&mut bytes);
    assert_eq!(class(&bytes, "slots swapped"), "other-vault-key");
}

#[test]
fn another_key_opens_nothing() {
    let bytes = &vault().bytes;
    let error = open_with_key(bytes, &VaultKey::random()).unwrap_err();
    assert_eq!(error, FormatError::OtherVaultKey);
    let password = SecretString::copy_of("another password");
    let error = open(bytes, Credential::Password(&password)).unwrap_err();
    assert_eq!(error, FormatError::WrongCredential);
}
