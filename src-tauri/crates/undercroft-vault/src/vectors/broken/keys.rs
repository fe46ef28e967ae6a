//! Wrong credentials, and changes that only somebody with the key could make.

use super::made::{
    base_fields, changed_slot, encode, file, recovery_fields, slot_fields, with, with_kdf,
    with_slots, zeros,
};
use super::{BASE, OTHER, edited, flip, set, whole};
use crate::format;
use crate::format::header::StoredHeader;
use crate::vectors::golden::{self, KDF, header, key, password_slot, recovery_slot};
use crate::vectors::{Edit, PASSWORD, Vector, bytes_of, fixed, hash_end};

pub(super) fn credentials() -> Vec<Vector> {
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

pub(super) fn tampered() -> Vec<Vector> {
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
