//! Headers of other versions, against the rules, or with hostile parameters.

use ciborium::Value;

use super::made::{
    Fields, base_fields, encode, file, slot_fields, twice, with, with_kdf, with_raw, with_slots,
    without, zeros,
};
use super::{edited, set, whole};
use crate::vectors::{Edit, Vector};

pub(super) fn versions() -> Vec<Vector> {
    let needing = |name: &str, about: &str, needs: &str, edits: Vec<Edit>| {
        let mut vector = edited(&format!("version/{name}"), about, "too-new", edits);
        vector.expectation.needs = Some(needs.to_owned());
        vector
    };
    let major = |number: u16| vec![set(8, &number.to_be_bytes()), Edit::Rehash];
    let mut vectors = vec![
        needing("major-2", "The next major version.", "2.0", major(2)),
        needing(
            "major-0",
            "No version ever had this number.",
            "0.0",
            major(0),
        ),
        needing("major-256", "The high byte counts.", "256.0", major(256)),
        needing(
            "major-65535",
            "As high as it gets.",
            "65535.0",
            major(65_535),
        ),
        needing(
            "major-2-minor-3",
            "Both numbers are told.",
            "2.3",
            vec![set(8, &[0, 2, 0, 3]), Edit::Rehash],
        ),
    ];
    let garbage = file([0, 2, 0, 0], b"not CBOR at all", 0);
    let mut vector = whole(
        "version/major-2-other-header",
        "Its header may be anything.",
        "too-new",
        garbage,
    );
    vector.expectation.needs = Some("2.0".to_owned());
    vectors.push(vector);
    let extension = |needs: [u16; 2]| Value::Array(needs.map(Value::from).to_vec());
    for (name, extensions, needs) in [
        ("critical", vec![("shared-slots", extension([1, 3]))], "1.3"),
        (
            "critical-of-major-2",
            vec![("post-quantum", extension([2, 0]))],
            "2.0",
        ),
        (
            "critical-twice",
            vec![
                ("a", extension([1, 9])),
                ("b", extension([2, 1])),
                ("c", extension([1, 12])),
            ],
            "2.1",
        ),
    ] {
        let map = extensions
            .into_iter()
            .map(|(name, version)| (name.into(), version))
            .collect();
        let fields = with(base_fields(), "critical", Value::Map(map));
        let bytes = file([0, 1, 0, 5], &encode(&fields), 16);
        let name = format!("version/{name}");
        let mut vector = whole(
            &name,
            "An extension that must not be ignored.",
            "too-new",
            bytes,
        );
        vector.expectation.needs = Some(needs.to_owned());
        vectors.push(vector);
    }
    vectors
}

pub(super) fn headers() -> Vec<Vector> {
    let mut all = Vec::new();
    header_shapes(&mut all);
    header_slots(&mut all);
    header_cbor(&mut all);
    all.into_iter()
        .map(|(name, header)| {
            let bytes = file([0, 1, 0, 0], &header, 16);
            whole(
                &format!("header/{name}"),
                "The hash fits, the rules are broken.",
                "malformed",
                bytes,
            )
        })
        .collect()
}

fn header_shapes(all: &mut Vec<(&'static str, Vec<u8>)>) {
    let base = base_fields;
    let mut put = |name, fields: Fields| all.push((name, encode(&fields)));
    put("no-slots", without(base(), "slots"));
    put("no-body-salt", without(base(), "body-salt"));
    put("no-body-length", without(base(), "body-length"));
    put("empty-map", Vec::new());
    put("slots-empty", with_slots(Vec::new()));
    put("slots-nine", with_slots(vec![slot_fields(); 9]));
    put(
        "slots-map",
        with(base(), "slots", Value::Map(slot_fields())),
    );
    put("slots-text", with(base(), "slots", "password"));
    put(
        "slots-twice",
        twice(
            base(),
            "slots",
            Value::Array(vec![Value::Map(slot_fields())]),
        ),
    );
    put("body-salt-31", with(base(), "body-salt", zeros(31)));
    put("body-salt-33", with(base(), "body-salt", zeros(33)));
    put("body-salt-text", with(base(), "body-salt", "a".repeat(32)));
    put("body-salt-twice", twice(base(), "body-salt", zeros(32)));
    put("body-length-negative", with(base(), "body-length", -1));
    put("body-length-text", with(base(), "body-length", "16"));
    put("body-length-twice", twice(base(), "body-length", 16));
    put(
        "critical-array",
        with(base(), "critical", Value::Array(Vec::new())),
    );
    let critical = |version: Vec<Value>| Value::Map(vec![("x".into(), Value::Array(version))]);
    put(
        "critical-one-number",
        with(base(), "critical", critical(vec![1.into()])),
    );
    put(
        "critical-three-numbers",
        with(
            base(),
            "critical",
            critical(vec![1.into(), 2.into(), 3.into()]),
        ),
    );
    put(
        "critical-large-number",
        with(base(), "critical", critical(vec![1.into(), 65_536.into()])),
    );
    put("unknown-twice", twice(with(base(), "x", 1), "x", 1));
    let mut number_key = base();
    number_key.push((7.into(), 7.into()));
    put("key-not-text", number_key);
    all.push(("nothing", Vec::new()));
    all.push(("array", vec![0x80]));
    all.push(("text", b"\x6bnot a map..".to_vec()));
    let mut trailing = encode(&base());
    trailing.push(0);
    all.push(("trailing-byte", trailing));
    let mut cut = encode(&base());
    cut.pop();
    all.push(("cut", cut));
}

fn header_slots(all: &mut Vec<(&'static str, Vec<u8>)>) {
    let slot = slot_fields;
    let mut put = |name, slot: Fields| all.push((name, encode(&with_slots(vec![slot]))));
    put("slot-empty", Vec::new());
    put("slot-no-kind", without(slot(), "kind"));
    put("slot-kind-number", with(slot(), "kind", 1));
    put("slot-kind-twice", twice(slot(), "kind", "password"));
    put("slot-no-salt", without(slot(), "salt"));
    put("slot-salt-31", with(slot(), "salt", zeros(31)));
    put("slot-salt-33", with(slot(), "salt", zeros(33)));
    put("slot-salt-twice", twice(slot(), "salt", zeros(32)));
    put("slot-no-commitment", without(slot(), "commitment"));
    put("slot-commitment-16", with(slot(), "commitment", zeros(16)));
    put("slot-no-wrapped", without(slot(), "wrapped"));
    put("slot-wrapped-32", with(slot(), "wrapped", zeros(32)));
    put("slot-wrapped-49", with(slot(), "wrapped", zeros(49)));
    put("slot-no-kdf", without(slot(), "kdf"));
    put("slot-kdf-text", with(slot(), "kdf", "argon2id"));
    put("slot-unknown-twice", twice(with(slot(), "x", 1), "x", 2));
    let unknown = vec![("kind".into(), "fido2".into()), ("x".into(), 1.into())];
    put("slot-unknown-kind-field-twice", twice(unknown, "x", 2));
    let mut put = |name, fields: Fields| all.push((name, encode(&fields)));
    put("kdf-argon2i", with_kdf(|kdf| with(kdf, "name", "argon2i")));
    put("kdf-no-name", with_kdf(|kdf| without(kdf, "name")));
    put("kdf-no-memory", with_kdf(|kdf| without(kdf, "memory-kib")));
    put(
        "kdf-no-iterations",
        with_kdf(|kdf| without(kdf, "iterations")),
    );
    put("kdf-no-lanes", with_kdf(|kdf| without(kdf, "lanes")));
    put(
        "kdf-unknown-parameter",
        with_kdf(|kdf| with(kdf, "secret", 1)),
    );
    put(
        "kdf-memory-negative",
        with_kdf(|kdf| with(kdf, "memory-kib", -19456)),
    );
    put(
        "kdf-memory-float",
        with_kdf(|kdf| with(kdf, "memory-kib", 19456.0)),
    );
    put(
        "kdf-iterations-text",
        with_kdf(|kdf| with(kdf, "iterations", "3")),
    );
    put("kdf-lanes-twice", with_kdf(|kdf| twice(kdf, "lanes", 1)));
}

fn header_cbor(all: &mut Vec<(&'static str, Vec<u8>)>) {
    let nested = |depth: usize| [vec![0x81; depth], vec![0]].concat();
    for (name, raw) in [
        ("cbor-indefinite-bytes", vec![0x5f, 0x41, 0, 0xff]),
        ("cbor-indefinite-text", vec![0x7f, 0x61, b'a', 0xff]),
        ("cbor-indefinite-array", vec![0x9f, 0xff]),
        ("cbor-indefinite-map", vec![0xbf, 0xff]),
        ("cbor-break", vec![0xff]),
        ("cbor-long-23", vec![0x18, 23]),
        ("cbor-long-255", vec![0x19, 0, 255]),
        ("cbor-long-65535", vec![0x1a, 0, 0, 255, 255]),
        ("cbor-long-length", vec![0x58, 1, 0]),
        ("cbor-reserved-28", vec![0x1c]),
        ("cbor-reserved-simple", vec![0xe0]),
        ("cbor-simple-of-8-bits", vec![0xf8, 0xff]),
        ("cbor-not-utf8", vec![0x62, 0xc3, 0x28]),
        (
            "cbor-huge-array",
            vec![0x9b, 255, 255, 255, 255, 255, 255, 255, 255],
        ),
        ("cbor-huge-map", vec![0xba, 255, 255, 255, 255]),
        (
            "cbor-huge-bytes",
            vec![0x5b, 127, 255, 255, 255, 255, 255, 255, 255],
        ),
        ("cbor-huge-text", vec![0x7a, 255, 255, 255, 255]),
        ("cbor-array-too-short", vec![0x83, 1, 2]),
        ("cbor-tag-of-nothing", vec![0xc1]),
        ("cbor-nested-32", nested(32)),
        ("cbor-nested-60000", nested(60_000)),
        ("cbor-nothing", Vec::new()),
    ] {
        all.push((name, with_raw(&raw)));
    }
    let mut indefinite = encode(&base_fields());
    indefinite[0] = 0xbf;
    indefinite.push(0xff);
    all.push(("cbor-indefinite-header", indefinite));
}

pub(super) fn hostile() -> Vec<Vector> {
    let big = u64::from(u32::MAX);
    let mut headers: Vec<(String, Fields)> = Vec::new();
    for (field, values) in [
        (
            "memory-kib",
            vec![
                0,
                8,
                19_455,
                1_048_577,
                4_194_304,
                big,
                big + 1 + 19_456,
                u64::MAX,
            ],
        ),
        ("iterations", vec![0, 17, 1_000_000, big, big + 2, u64::MAX]),
        ("lanes", vec![0, 9, 1 << 24, big, big + 2, u64::MAX]),
    ] {
        for value in values {
            headers.push((
                format!("{field}-{value}"),
                with_kdf(|kdf| with(kdf, field, value)),
            ));
        }
    }
    let all_at_once = |kdf| {
        with(
            with(with(kdf, "memory-kib", u64::MAX), "iterations", u64::MAX),
            "lanes",
            u64::MAX,
        )
    };
    headers.push(("all-at-once".to_owned(), with_kdf(all_at_once)));
    let bad = |kind: &str| {
        let kdf = [
            ("name", Value::from("argon2id")),
            ("memory-kib", (1 << 30).into()),
            ("iterations", 1.into()),
            ("lanes", 1.into()),
        ];
        let kdf = Value::Map(kdf.map(|(name, value)| (name.into(), value)).to_vec());
        with(with(slot_fields(), "kdf", kdf), "kind", kind)
    };
    headers.push((
        "in-the-second-slot".to_owned(),
        with_slots(vec![slot_fields(), bad("password")]),
    ));
    headers.push((
        "in-the-recovery-slot".to_owned(),
        with_slots(vec![slot_fields(), bad("recovery-key")]),
    ));
    headers
        .into_iter()
        .map(|(name, fields)| {
            let bytes = file([0, 1, 0, 0], &encode(&fields), 16);
            let about = "Refused before any memory is allocated for it.";
            whole(&format!("kdf/{name}"), about, "hostile-kdf", bytes)
        })
        .collect()
}
