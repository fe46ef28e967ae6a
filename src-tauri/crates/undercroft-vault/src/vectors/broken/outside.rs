//! Files that are cut, damaged or no vault at all.

use super::{BASE, edited, flip, set, whole};
use crate::vectors::{Edit, Vector, bytes_of, hash_end};

pub(super) fn prelude() -> Vec<Vector> {
    let mut vectors: Vec<Vector> = (0..8)
        .map(|at| {
            let name = format!("prelude/magic-byte-{at}");
            edited(
                &name,
                "One bit of the magic flipped.",
                "not-a-vault",
                vec![flip(at)],
            )
        })
        .collect();
    for (name, bytes) in [
        ("text", b"just some text, longer than a prelude".as_slice()),
        ("png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"),
        ("zip", b"PK\x03\x04\x14\0\0\0\x08\0"),
        ("age", b"age-encryption.org/v1\n-> X25519 "),
        ("one-byte", b"\0"),
        ("line-ends-mangled", b"\x89UCV\n\x1a\n\0\x01\0\0\0\0\x01\0"),
        ("eighth-bit-lost", b"\x09UCV\r\n\x1a\n\0\x01\0\0\0\0\x01\0"),
    ] {
        let name = format!("prelude/{name}");
        vectors.push(whole(
            &name,
            "Something else than a vault.",
            "not-a-vault",
            bytes.to_vec(),
        ));
    }
    vectors.push(whole(
        "prelude/empty",
        "A file of no bytes.",
        "truncated",
        Vec::new(),
    ));
    for len in [1, 7, 8, 9, 10, 12, 15, 16, 17] {
        let name = format!("prelude/cut-{len}");
        vectors.push(edited(
            &name,
            "Cut short.",
            "truncated",
            vec![Edit::Truncate(len)],
        ));
    }
    vectors
}

pub(super) fn lengths() -> Vec<Vector> {
    let base = bytes_of(BASE);
    let hash_end = hash_end(&base);
    let mut vectors = Vec::new();
    for (name, len) in [
        ("in-header", 200),
        ("before-hash", hash_end - 32),
        ("in-hash", hash_end - 1),
        ("before-mac", hash_end),
        ("in-mac", hash_end + 31),
        ("before-body", hash_end + 32),
        ("in-body", base.len() / 2),
        ("before-tag", base.len() - 16),
        ("last-byte", base.len() - 1),
    ] {
        let name = format!("length/cut-{name}");
        vectors.push(edited(
            &name,
            "Cut short.",
            "truncated",
            vec![Edit::Truncate(len)],
        ));
    }
    for (name, claim) in [("65537", 65_537_u32), ("2g", 1 << 31), ("4g", u32::MAX)] {
        let name = format!("length/header-of-{name}");
        let edits = vec![set(12, &claim.to_be_bytes())];
        vectors.push(edited(
            &name,
            "More than a header may have.",
            "header-length",
            edits,
        ));
    }
    let header_len = u32::try_from(hash_end - 48).unwrap();
    for (name, claim) in [
        ("none", 0),
        ("one-less", header_len - 1),
        ("one-more", header_len + 1),
    ] {
        let name = format!("length/header-{name}");
        let edits = vec![set(12, &claim.to_be_bytes())];
        vectors.push(edited(
            &name,
            "The length is a lie, which the hash tells.",
            "damaged",
            edits,
        ));
    }
    let edits = vec![Edit::Truncate(3000), set(12, &65_536_u32.to_be_bytes())];
    vectors.push(edited(
        "length/header-of-65536",
        "Allowed, but not there.",
        "truncated",
        edits,
    ));
    for (name, bytes) in [
        ("a-zero", "00"),
        ("a-tag", "00112233445566778899aabbccddeeff"),
    ] {
        let name = format!("length/trailing-{name}");
        let edits = vec![Edit::Append(bytes.to_owned())];
        vectors.push(edited(
            &name,
            "Bytes behind the body.",
            "trailing-bytes",
            edits,
        ));
    }
    let edits = vec![Edit::Extend(base.len() + 65_536)];
    vectors.push(edited(
        "length/trailing-zeros",
        "A step of zeros.",
        "trailing-bytes",
        edits,
    ));
    let edits = vec![Edit::Extend(64 * 1024 * 1024)];
    vectors.push(edited(
        "length/as-large-as-allowed",
        "Filled up.",
        "trailing-bytes",
        edits,
    ));
    let edits = vec![Edit::Extend(64 * 1024 * 1024 + 1)];
    vectors.push(edited(
        "length/too-large",
        "A byte more than 64 MiB.",
        "too-large",
        edits,
    ));
    let edits = vec![flip(0), Edit::Extend(64 * 1024 * 1024 + 1)];
    vectors.push(edited(
        "length/too-large-no-vault",
        "Size comes before the magic.",
        "too-large",
        edits,
    ));
    vectors
}

pub(super) fn damaged() -> Vec<Vector> {
    let base = bytes_of(BASE);
    let hash_end = hash_end(&base);
    let step = (hash_end - 16) / 24;
    let mut vectors: Vec<Vector> = (16..hash_end)
        .step_by(step)
        .map(|at| {
            let name = format!("damaged/byte-{at}");
            let mask = 1 << (at % 8);
            let edits = vec![Edit::Flip {
                at: i64::try_from(at).unwrap(),
                mask,
            }];
            edited(
                &name,
                "One bit flipped; no password would help.",
                "damaged",
                edits,
            )
        })
        .collect();
    for at in [8, 9, 10, 11] {
        let name = format!("damaged/version-{at}");
        let about = "The hash comes before the version.";
        vectors.push(edited(&name, about, "damaged", vec![flip(at)]));
    }
    let hash = vec![set(i64::try_from(hash_end - 32).unwrap(), &[0; 32])];
    vectors.push(edited(
        "damaged/hash-zeroed",
        "A sector of zeros.",
        "damaged",
        hash,
    ));
    vectors
}
