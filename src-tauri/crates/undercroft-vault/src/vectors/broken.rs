//! Makes vaults that must be refused, each for one reason.

mod bodies;
mod headers;
mod keys;
mod made;
mod outside;

use super::golden::KDF;
use super::{Edit, Expectation, Vector, bytes_of, hex};
use crate::format;
use crate::kdf::KdfParams;
use crate::slots::KeySlot;

/// The vaults that edits start from. Two headers of the same length, under the same key.
const BASE: &str = "golden/v1-0-household";
const OTHER: &str = "golden/v1-0-recovery-key";

pub(super) fn all() -> Vec<Vector> {
    let mut vectors = Vec::new();
    vectors.extend(outside::prelude());
    vectors.extend(outside::lengths());
    vectors.extend(outside::damaged());
    vectors.extend(headers::versions());
    vectors.extend(headers::headers());
    vectors.extend(headers::hostile());
    vectors.extend(keys::credentials());
    vectors.extend(keys::tampered());
    vectors.extend(bodies::bodies());
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

#[test]
fn the_base_of_edits_has_the_usual_slots() {
    let parsed = bytes_of(BASE);
    let parsed = format::parse(&parsed).unwrap();
    let kdf: Vec<Option<KdfParams>> = parsed.slots().iter().map(KeySlot::kdf).collect();
    assert_eq!(kdf, [Some(KDF), Some(KDF)]);
}
