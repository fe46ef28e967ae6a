//! Makes vaults that must be refused, each for one reason.

use ciborium::Value;

use super::golden::{self, KDF, body, header, key, password_slot, recovery_slot};
use super::{Edit, Expectation, PASSWORD, Vector, bytes_of, fixed, hash_end, hex};
use crate::crypto::{self, ONLY_NONCE};
use crate::format::header::StoredHeader;
use crate::format::{self, MAGIC};
use crate::kdf::KdfParams;
use crate::slots::KeySlot;

/// The vaults that edits start from. Two headers of the same length, under the same key.
const BASE: &str = "golden/v1-0-household";
const OTHER: &str = "golden/v1-0-recovery-key";

pub(super) fn all() -> Vec<Vector> {
    let mut vectors = Vec::new();
    vectors.extend(prelude());
    vectors.extend(lengths());
    vectors.extend(damaged());
    vectors.extend(versions());
    vectors.extend(headers());
    vectors.extend(hostile());
    vectors.extend(credentials());
    vectors.extend(tampered());
    vectors.extend(bodies());
    vectors
}

fn expectation(about: &str, expect: &str) -> Expectation {
    Expectation {
        about: about.to_owned(),
        from: None,
        edits: Vec::new(),
        password: None,
        recovery_key: None,
        expect: expect.to_owned(),
        needs: None,
        content: None,
    }
}

/// A vector that is another one after `edits`.
fn edited(name: &str, about: &str, expect: &str, edits: Vec<Edit>) -> Vector {
    let from = Some(BASE.to_owned());
    Vector {
        name: name.to_owned(),
        expectation: Expectation {
            from,
            edits,
            ..expectation(about, expect)
        },
        bytes: None,
    }
}

/// A vector with bytes of its own.
fn whole(name: &str, about: &str, expect: &str, bytes: Vec<u8>) -> Vector {
    Vector {
        name: name.to_owned(),
        expectation: expectation(about, expect),
        bytes: Some(bytes),
    }
}

fn flip(at: i64) -> Edit {
    Edit::Flip { at, mask: 1 }
}

fn set(at: i64, bytes: &[u8]) -> Edit {
    Edit::Set {
        at,
        bytes: hex(bytes),
    }
}

fn prelude() -> Vec<Vector> {
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

fn lengths() -> Vec<Vector> {
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

fn damaged() -> Vec<Vector> {
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

fn versions() -> Vec<Vector> {
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

/// A file whose hash fits and whose HMAC and body are nobody's.
fn file(version: [u8; 4], header: &[u8], body_len: usize) -> Vec<u8> {
    let mut bytes = MAGIC.to_vec();
    bytes.extend(version);
    bytes.extend(u32::try_from(header.len()).unwrap().to_be_bytes());
    bytes.extend(header);
    bytes.extend(crypto::sha256(&bytes));
    bytes.extend(fixed::<32>("nobody's HMAC"));
    bytes.resize(bytes.len() + body_len, 0x55);
    bytes
}

type Fields = Vec<(Value, Value)>;

/// The header of a vault with a password slot and a body of 16 bytes.
fn base_fields() -> Fields {
    let stored = StoredHeader::new(
        &header(vec![password_slot(PASSWORD, KDF)]),
        fixed("body salt"),
        16,
    );
    let value: Value = ciborium::from_reader(stored.write().as_slice()).unwrap();
    value.into_map().unwrap()
}

fn encode(fields: &Fields) -> Vec<u8> {
    let mut bytes = Vec::new();
    ciborium::into_writer(&Value::Map(fields.clone()), &mut bytes).unwrap();
    bytes
}

fn without(mut fields: Fields, name: &str) -> Fields {
    fields.retain(|field| field.0.as_text() != Some(name));
    fields
}

/// Replaces a field, or adds it at the end.
fn with(mut fields: Fields, name: &str, value: impl Into<Value>) -> Fields {
    match fields
        .iter_mut()
        .find(|field| field.0.as_text() == Some(name))
    {
        Some(field) => field.1 = value.into(),
        None => fields.push((name.into(), value.into())),
    }
    fields
}

/// Adds a field whether or not it is there already.
fn twice(mut fields: Fields, name: &str, value: impl Into<Value>) -> Fields {
    fields.push((name.into(), value.into()));
    fields
}

fn slot_fields() -> Fields {
    let fields = base_fields();
    let slots = fields
        .iter()
        .find(|field| field.0.as_text() == Some("slots"))
        .unwrap();
    slots.1.as_array().unwrap()[0].as_map().unwrap().clone()
}

fn with_slots(slots: Vec<Fields>) -> Fields {
    let slots = slots.into_iter().map(Value::Map).collect();
    with(base_fields(), "slots", Value::Array(slots))
}

fn with_kdf(change: impl Fn(Fields) -> Fields) -> Fields {
    let slot = slot_fields();
    let kdf = slot
        .iter()
        .find(|field| field.0.as_text() == Some("kdf"))
        .unwrap();
    let kdf = change(kdf.1.as_map().unwrap().clone());
    with_slots(vec![with(slot, "kdf", Value::Map(kdf))])
}

fn zeros(len: usize) -> Value {
    Value::Bytes(vec![0; len])
}

/// The header with a field `x` whose value is these bytes.
fn with_raw(raw: &[u8]) -> Vec<u8> {
    let mut bytes = encode(&with(base_fields(), "x", 0));
    bytes.pop();
    bytes.extend(raw);
    bytes
}

fn headers() -> Vec<Vector> {
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

fn hostile() -> Vec<Vector> {
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

fn credentials() -> Vec<Vector> {
    let mut vectors = Vec::new();
    for (name, password) in [
        ("other", "Correct horse battery staple"),
        ("empty", ""),
        ("space-behind", "correct horse battery staple "),
        ("cut", "correct horse battery stapl"),
        ("nul-behind", "correct horse battery staple\0"),
        ("compatible-forms", "ｃorrect horse battery staple"),
        ("long", &"a".repeat(10_000)),
    ] {
        let about = "Not the password.";
        let mut vector = edited(
            &format!("credential/{name}"),
            about,
            "wrong-credential",
            Vec::new(),
        );
        vector.expectation.password = Some(password.to_owned());
        vectors.push(vector);
    }
    let mut vector = edited(
        "credential/other-recovery-key",
        "Another vault's.",
        "wrong-credential",
        Vec::new(),
    );
    let other = crate::recovery::RecoveryKey::from_bytes(fixed("another recovery key"));
    vector.expectation.recovery_key = Some(other.to_printable().expose().to_owned());
    vectors.push(vector);
    let recovery = golden::recovery_key().to_printable().expose().to_owned();
    for (name, slots, by_recovery) in [
        ("no-recovery-slot", vec![password_slot(PASSWORD, KDF)], true),
        ("no-password-slot", vec![recovery_slot()], false),
        ("only-unknown-slots", vec![golden::unknown_slot()], false),
    ] {
        let stored = StoredHeader::new(&header(slots), fixed("body salt"), 16);
        let bytes = file([0, 1, 0, 0], &stored.write(), 16);
        let mut vector = whole(
            &format!("credential/{name}"),
            "No slot of this kind.",
            "no-such-slot",
            bytes,
        );
        vector.expectation.recovery_key = by_recovery.then(|| recovery.clone());
        vectors.push(vector);
    }
    for (name, header) in [
        ("commitment-changed", changed_slot("commitment", 0)),
        ("commitment-changed-last", changed_slot("commitment", 31)),
        ("salt-changed", changed_slot("salt", 5)),
        (
            "more-memory",
            with_kdf(|kdf| with(kdf, "memory-kib", 19_457)),
        ),
        (
            "more-iterations",
            with_kdf(|kdf| with(kdf, "iterations", 2)),
        ),
        ("more-lanes", with_kdf(|kdf| with(kdf, "lanes", 2))),
        (
            "kind-changed",
            with_slots(vec![with(recovery_fields(), "kind", "password")]),
        ),
    ] {
        let bytes = file([0, 1, 0, 0], &encode(&header), 16);
        let about = "A changed slot opens to nobody.";
        vectors.push(whole(
            &format!("credential/{name}"),
            about,
            "wrong-credential",
            bytes,
        ));
    }
    vectors
}

fn recovery_fields() -> Fields {
    let stored = StoredHeader::new(&header(vec![recovery_slot()]), fixed("body salt"), 16);
    let value: Value = ciborium::from_reader(stored.write().as_slice()).unwrap();
    let fields = value.into_map().unwrap();
    fields[0].1.as_array().unwrap()[0].as_map().unwrap().clone()
}

/// The header with one bit of a slot's byte string flipped.
fn changed_slot(name: &str, at: usize) -> Fields {
    let slot = slot_fields();
    let field = slot
        .iter()
        .find(|field| field.0.as_text() == Some(name))
        .unwrap();
    let mut bytes = field.1.as_bytes().unwrap().clone();
    bytes[at] ^= 0x80;
    with_slots(vec![with(slot, name, Value::Bytes(bytes))])
}

fn tampered() -> Vec<Vector> {
    let base = bytes_of(BASE);
    let mac = i64::try_from(hash_end(&base)).unwrap();
    let mut vectors = Vec::new();
    for (name, at) in [
        ("mac-first", mac),
        ("mac-middle", mac + 16),
        ("mac-last", mac + 31),
        ("body-first", mac + 32),
        ("body-second", mac + 33),
        ("body-middle", mac + 30_000),
        ("body-padding", -100),
        ("tag-first", -16),
        ("tag-middle", -8),
        ("tag-last", -1),
    ] {
        let about = "One bit flipped behind the hash.";
        vectors.push(edited(
            &format!("tampered/{name}"),
            about,
            "tampered",
            vec![flip(at)],
        ));
    }
    let minor = vec![set(10, &[0, 1]), Edit::Rehash];
    vectors.push(edited(
        "tampered/minor-raised",
        "The HMAC covers the version.",
        "tampered",
        minor,
    ));
    let body = vec![Edit::BodyOf(OTHER.to_owned())];
    vectors.push(edited(
        "tampered/body-of-another-save",
        "Header of A on body of B.",
        "tampered",
        body,
    ));
    let mac_of = vec![Edit::MacOf(OTHER.to_owned())];
    vectors.push(edited(
        "tampered/mac-of-another-save",
        "HMAC of B.",
        "tampered",
        mac_of,
    ));
    let both = vec![
        Edit::MacOf(OTHER.to_owned()),
        Edit::BodyOf(OTHER.to_owned()),
    ];
    vectors.push(edited(
        "tampered/mac-and-body-of-another-save",
        "All but the header.",
        "tampered",
        both,
    ));
    let shorter = vec![Edit::BodyOf("golden/v1-0-recovery-only".to_owned())];
    vectors.push(edited(
        "tampered/body-of-another-vault",
        "Of the same length.",
        "tampered",
        shorter,
    ));
    let two = with_slots(vec![slot_fields(), recovery_fields()]);
    for (name, header) in [
        ("unknown-field-added", with(base_fields(), "x", 1)),
        (
            "unknown-field-in-slot",
            with_slots(vec![with(slot_fields(), "x", 1)]),
        ),
        ("slot-added", two),
        (
            "slots-reordered",
            with_slots(vec![recovery_fields(), slot_fields()]),
        ),
        ("wrapped-key-first", changed_slot("wrapped", 0)),
        ("wrapped-key-last", changed_slot("wrapped", 31)),
        ("wrapped-tag", changed_slot("wrapped", 47)),
        ("body-salt", with(base_fields(), "body-salt", zeros(32))),
    ] {
        let about = "The slot opens, but the HMAC or the wrapped key's tag does not fit.";
        let bytes = file([0, 1, 0, 0], &encode(&header), 16);
        vectors.push(whole(&format!("tampered/{name}"), about, "tampered", bytes));
    }
    for len in [0, 15, 16, 17] {
        let stored = StoredHeader::new(
            &header(vec![password_slot(PASSWORD, KDF)]),
            fixed("body salt"),
            len,
        );
        let mut bytes = format::authenticate(&stored, &key()).unwrap();
        bytes.resize(bytes.len() + len, 0);
        let about = "A right HMAC and a body that is none.";
        vectors.push(whole(
            &format!("tampered/body-of-{len}"),
            about,
            "tampered",
            bytes,
        ));
    }
    for (name, claim, class) in [
        ("none", 0_u64, "trailing-bytes"),
        ("one-less", 15, "trailing-bytes"),
        ("one-more", 17, "truncated"),
        ("huge", u64::MAX, "truncated"),
    ] {
        let header = with(base_fields(), "body-length", claim);
        let bytes = file([0, 1, 0, 0], &encode(&header), 16);
        let about = "The header lies about the body's length.";
        vectors.push(whole(&format!("length/body-{name}"), about, class, bytes));
    }
    vectors
}

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

fn bodies() -> Vec<Vector> {
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

#[test]
fn the_base_of_edits_has_the_usual_slots() {
    let parsed = bytes_of(BASE);
    let parsed = format::parse(&parsed).unwrap();
    let kdf: Vec<Option<KdfParams>> = parsed.slots().iter().map(KeySlot::kdf).collect();
    assert_eq!(kdf, [Some(KDF), Some(KDF)]);
}
