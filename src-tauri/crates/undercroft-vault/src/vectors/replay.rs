//! Reads every vector and compares what is said with what must be said.

use ciborium::Value;
use undercroft_model::{Field, ItemId, SealedValue, ValueId};
use undercroft_secret::SecretString;

use super::{Expectation, Holds, PASSWORD, Secret, Vector, bytes_of, from_hex, hex, read_all};
use crate::format::{self, FormatError, Opened};
use crate::recovery::RecoveryKey;
use crate::sealed;
use crate::slots::{Credential, SlotKind};

#[test]
fn every_vector_is_read_as_expected() {
    let vectors = read_all();
    assert!(vectors.len() >= 200, "only {} vectors", vectors.len());
    for vector in &vectors {
        let bytes = bytes_to_read(vector);
        match (
            open(&bytes, &vector.expectation),
            vector.expectation.expect.as_str(),
        ) {
            (Ok(opened), "ok") => check_content(vector, &opened),
            (Ok(_), class) => panic!("{}: opened, expected {class}", vector.name),
            (Err(error), class) => {
                assert_eq!(error.class(), class, "{}", vector.name);
                check_needs(vector, error);
            }
        }
    }
}

#[test]
fn golden_vaults_survive_a_rewrite() {
    for vector in read_all()
        .iter()
        .filter(|vector| vector.expectation.expect == "ok")
    {
        let before = open(&bytes_to_read(vector), &vector.expectation).unwrap();
        let bytes = format::write(&before.header, &before.vault_key, &before.body).unwrap();
        let after = open(&bytes, &vector.expectation).unwrap();
        assert_eq!(after.header, before.header, "{}", vector.name);
        assert_eq!(after.body, before.body, "{}", vector.name);
        check_content(vector, &after);
    }
}

pub(super) fn bytes_to_read(vector: &Vector) -> Vec<u8> {
    let mut bytes = match (&vector.bytes, &vector.expectation.from) {
        (Some(bytes), None) => bytes.clone(),
        (None, Some(from)) => bytes_of(from),
        _ => panic!("{} needs either a file of its own or `from`", vector.name),
    };
    for edit in &vector.expectation.edits {
        edit.apply(&mut bytes);
    }
    bytes
}

pub(super) fn open(bytes: &[u8], expectation: &Expectation) -> Result<Opened, FormatError> {
    match &expectation.recovery_key {
        Some(text) => {
            let key = RecoveryKey::parse(text).expect("a recovery key");
            format::open(bytes, Credential::RecoveryKey(&key))
        }
        None => {
            let password = expectation.password.as_deref().unwrap_or(PASSWORD);
            format::open(
                bytes,
                Credential::Password(&SecretString::copy_of(password)),
            )
        }
    }
}

fn check_needs(vector: &Vector, error: FormatError) {
    let needs = if let FormatError::TooNew { needs } = error {
        Some(needs.to_string())
    } else {
        None
    };
    assert_eq!(needs, vector.expectation.needs, "{}", vector.name);
}

fn check_content(vector: &Vector, opened: &Opened) {
    let expected = vector.expectation.content.as_ref();
    let expected = expected.unwrap_or_else(|| panic!("{} must say what it holds", vector.name));
    let body = &opened.body;
    let kind = |kind| match kind {
        SlotKind::Password => "password",
        SlotKind::RecoveryKey => "recovery-key",
        SlotKind::Unknown => "unknown",
    };
    let found = Holds {
        vault: hex(body.vault.as_bytes()),
        version: opened.header.version.to_string(),
        slots: opened
            .header
            .slots
            .iter()
            .map(|slot| kind(slot.kind()).to_owned())
            .collect(),
        saves: body.saves.iter().map(|save| save.counter).collect(),
        items: body
            .items
            .iter()
            .map(|item| hex(item.id().as_bytes()))
            .collect(),
        secrets: expected
            .secrets
            .iter()
            .map(|secret| unseal(secret, opened))
            .collect(),
    };
    assert_eq!(&found, expected, "{}", vector.name);
    for item in body.items.iter() {
        let decoded = item
            .decode()
            .unwrap_or_else(|error| panic!("{}: {error}", vector.name));
        let again = crate::body::StoredItem::encode(&decoded).unwrap();
        let (before, after) = (as_value(item.encoded()), as_value(again.encoded()));
        assert_eq!(
            before, after,
            "{}: an item changes when it is rewritten",
            vector.name
        );
    }
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "all other values have no order"
)]
pub(super) fn as_value(encoded: &[u8]) -> Value {
    fn sorted(value: Value) -> Value {
        match value {
            Value::Map(mut pairs) => {
                pairs.sort_by(|a, b| a.0.as_text().cmp(&b.0.as_text()));
                Value::Map(
                    pairs
                        .into_iter()
                        .map(|(name, value)| (name, sorted(value)))
                        .collect(),
                )
            }
            Value::Array(values) => Value::Array(values.into_iter().map(sorted).collect()),
            other => other,
        }
    }
    sorted(ciborium::from_reader(encoded).expect("CBOR"))
}

/// Finds the sealed value by its id anywhere in the item and opens it.
fn unseal(secret: &Secret, opened: &Opened) -> Secret {
    let id = ItemId::from_bytes(from_hex(&secret.item).try_into().unwrap());
    let item = opened.body.items.get(id).expect("the item of a secret");
    let value =
        find(&as_value(item.encoded()), &from_hex(&secret.value)).expect("the sealed value");
    let field = field(&secret.field);
    let (text, class) =
        match sealed::unseal(&opened.vault_key, opened.body.vault, id, &field, &value) {
            Ok(text) => (
                Some(String::from_utf8(text.expose().to_vec()).unwrap()),
                None,
            ),
            Err(error) => (None, Some(error.class().to_owned())),
        };
    Secret {
        item: secret.item.clone(),
        field: secret.field.clone(),
        value: secret.value.clone(),
        text,
        class,
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "all other values hold none")]
fn find(value: &Value, id: &[u8]) -> Option<SealedValue> {
    match value {
        Value::Map(pairs) => {
            let bytes = |name: &str| {
                let pair = pairs.iter().find(|pair| pair.0.as_text() == Some(name))?;
                pair.1.as_bytes().cloned()
            };
            match (bytes("id"), bytes("sealed")) {
                (Some(found), Some(sealed)) if found == id => Some(SealedValue {
                    id: ValueId::from_bytes(found.try_into().ok()?),
                    sealed,
                }),
                _ => pairs.iter().find_map(|pair| find(&pair.1, id)),
            }
        }
        Value::Array(values) => values.iter().find_map(|value| find(value, id)),
        _ => None,
    }
}

fn field(name: &str) -> Field {
    let id = |text: &str| from_hex(text).try_into().unwrap();
    let parts: Vec<&str> = name.split('.').collect();
    let field = match parts.as_slice() {
        ["sign-on", "password"] => Field::Password,
        ["mfa", device, "seed"] => {
            Field::MfaSeed(undercroft_model::DeviceId::from_bytes(id(device)))
        }
        ["access-key", key, "secret"] => Field::AccessKeySecret(key.parse().unwrap()),
        ["custom", field] => Field::Custom(undercroft_model::FieldId::from_bytes(id(field))),
        _ => panic!("no such field: {name}"),
    };
    assert_eq!(field.aad(), name);
    field
}
