//! Bodies that are authentic and against the rules.

use ciborium::Value;
use undercroft_crypto::{self as crypto, ONLY_NONCE};

use super::made::{Fields, encode, twice, with, without, zeros};
use super::whole;
use crate::format;
use crate::format::header::StoredHeader;
use crate::vectors::golden::{KDF, body, header, key, password_slot};
use crate::vectors::{PASSWORD, Vector, fixed};

/// A vault with everything right but the padded content.
fn authentic(mut padded: Vec<u8>) -> Vec<u8> {
    let salt = fixed("body salt");
    let stored = StoredHeader::new(
        &header(vec![password_slot(PASSWORD, KDF)]),
        salt,
        padded.len() + 16,
    );
    let mut bytes = format::authenticate(&stored, &key()).unwrap();
    let tag = crypto::encrypt(
        &key().derive_from(&salt, &[b"body"]),
        &ONLY_NONCE,
        &bytes,
        &mut padded,
    );
    bytes.extend(padded);
    bytes.extend(tag);
    bytes
}

fn padded(content: &[u8]) -> Vec<u8> {
    let mut padded = u64::try_from(content.len()).unwrap().to_be_bytes().to_vec();
    padded.extend(content);
    padded.resize(padded.len().next_multiple_of(64 * 1024), 0);
    padded
}

fn body_fields() -> Fields {
    let mut out = crate::format::cbor::Writer::default();
    crate::body::write(
        &body(1),
        &[header(vec![password_slot(PASSWORD, KDF)]).slots[0].revision],
        &mut out,
    );
    let value: Value = ciborium::from_reader(out.finish().as_slice()).unwrap();
    value.into_map().unwrap()
}

pub(super) fn bodies() -> Vec<Vector> {
    let content = encode(&body_fields());
    let small = |len: usize| {
        let mut bytes = padded(&content);
        bytes.truncate(len);
        bytes
    };
    let mut dirty = padded(&content);
    dirty[65_000] = 1;
    let mut long = padded(&content);
    long.resize(2 * 64 * 1024, 0);
    let mut lying = padded(&content);
    lying[..8].copy_from_slice(&65_529_u64.to_be_bytes());
    let mut huge = padded(&content);
    huge[..8].copy_from_slice(&u64::MAX.to_be_bytes());
    let mut all = vec![
        ("padding-nothing", Vec::new()),
        ("padding-7-bytes", vec![0; 7]),
        ("padding-none", small(8 + content.len())),
        ("padding-half-a-step", small(32 * 1024)),
        ("padding-dirty", dirty),
        ("padding-a-step-too-long", long),
        ("padding-length-beyond", lying),
        ("padding-length-huge", huge),
    ];
    all.extend(
        body_contents()
            .into_iter()
            .map(|(name, content)| (name, padded(&content))),
    );
    all.into_iter()
        .map(|(name, padded)| {
            let about = "Written by somebody with the key, against the rules.";
            whole(
                &format!("body/{name}"),
                about,
                "malformed",
                authentic(padded),
            )
        })
        .collect()
}

fn body_contents() -> Vec<(&'static str, Vec<u8>)> {
    let base = body_fields;
    let id = |first: u8| Value::Bytes([vec![first], vec![0; 15]].concat());
    let item = |first| Value::Array(vec![id(first), 1.into(), id(9), zeros(3)]);
    let items = |items: Vec<Value>| encode(&with(base(), "items", Value::Array(items)));
    let save = Value::Array(vec![id(1), 1.into(), id(9), 0.into()]);
    let saves = |saves: Vec<Value>| encode(&with(base(), "saves", Value::Array(saves)));
    let slot = Value::Array(vec![1.into(), id(9)]);
    let slots = |slots: Vec<Value>| encode(&with(base(), "slots", Value::Array(slots)));
    let mut trailing = encode(&base());
    trailing.push(0);
    vec![
        ("nothing", Vec::new()),
        ("not-a-map", vec![0x80]),
        ("trailing-byte", trailing),
        ("no-vault", encode(&without(base(), "vault"))),
        ("no-saves", encode(&without(base(), "saves"))),
        ("no-slots", encode(&without(base(), "slots"))),
        ("no-items", encode(&without(base(), "items"))),
        (
            "vault-of-15-bytes",
            encode(&with(base(), "vault", zeros(15))),
        ),
        (
            "unknown-twice",
            encode(&twice(with(base(), "x", 1), "x", 1)),
        ),
        ("saves-65", saves(vec![save; 65])),
        (
            "save-of-three",
            saves(vec![Value::Array(vec![id(1), 1.into(), id(9)])]),
        ),
        ("slots-one-missing", slots(Vec::new())),
        ("slots-one-more", slots(vec![slot.clone(), slot])),
        ("items-twice", items(vec![item(1), item(1)])),
        ("items-out-of-order", items(vec![item(2), item(1)])),
        (
            "item-of-three",
            items(vec![Value::Array(vec![id(1), 1.into(), id(9)])]),
        ),
        (
            "item-id-of-15-bytes",
            items(vec![Value::Array(vec![
                zeros(15),
                1.into(),
                id(9),
                zeros(3),
            ])]),
        ),
        (
            "item-counter-negative",
            items(vec![Value::Array(vec![
                id(1),
                (-1).into(),
                id(9),
                zeros(3),
            ])]),
        ),
        (
            "item-not-bytes",
            items(vec![Value::Array(vec![
                id(1),
                1.into(),
                id(9),
                Value::Map(Vec::new()),
            ])]),
        ),
    ]
}
