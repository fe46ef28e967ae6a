//! Headers made by hand, right but for one thing.

use ciborium::Value;
use undercroft_crypto as crypto;

use crate::format::MAGIC;
use crate::format::header::StoredHeader;
use crate::vectors::golden::{KDF, header, password_slot, recovery_slot};
use crate::vectors::{PASSWORD, fixed};

/// A file whose hash fits and whose HMAC and body are nobody's.
pub(super) fn file(version: [u8; 4], header: &[u8], body_len: usize) -> Vec<u8> {
    let mut bytes = MAGIC.to_vec();
    bytes.extend(version);
    bytes.extend(u32::try_from(header.len()).unwrap().to_be_bytes());
    bytes.extend(header);
    bytes.extend(crypto::sha256(&bytes));
    bytes.extend(fixed::<32>("nobody's HMAC"));
    bytes.resize(bytes.len() + body_len, 0x55);
    bytes
}

pub(super) type Fields = Vec<(Value, Value)>;

/// The header of a vault with a password slot and a body of 16 bytes.
pub(super) fn base_fields() -> Fields {
    let stored = StoredHeader::new(
        &header(vec![password_slot(PASSWORD, KDF)]),
        fixed("body salt"),
        16,
    );
    let value: Value = ciborium::from_reader(stored.write().as_slice()).unwrap();
    value.into_map().unwrap()
}

pub(super) fn encode(fields: &Fields) -> Vec<u8> {
    let mut bytes = Vec::new();
    ciborium::into_writer(&Value::Map(fields.clone()), &mut bytes).unwrap();
    bytes
}

pub(super) fn without(mut fields: Fields, name: &str) -> Fields {
    fields.retain(|field| field.0.as_text() != Some(name));
    fields
}

/// Replaces a field, or adds it at the end.
pub(super) fn with(mut fields: Fields, name: &str, value: impl Into<Value>) -> Fields {
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
pub(super) fn twice(mut fields: Fields, name: &str, value: impl Into<Value>) -> Fields {
    fields.push((name.into(), value.into()));
    fields
}

pub(super) fn slot_fields() -> Fields {
    let fields = base_fields();
    let slots = fields
        .iter()
        .find(|field| field.0.as_text() == Some("slots"))
        .unwrap();
    slots.1.as_array().unwrap()[0].as_map().unwrap().clone()
}

pub(super) fn with_slots(slots: Vec<Fields>) -> Fields {
    let slots = slots.into_iter().map(Value::Map).collect();
    with(base_fields(), "slots", Value::Array(slots))
}

pub(super) fn with_kdf(change: impl Fn(Fields) -> Fields) -> Fields {
    let slot = slot_fields();
    let kdf = slot
        .iter()
        .find(|field| field.0.as_text() == Some("kdf"))
        .unwrap();
    let kdf = change(kdf.1.as_map().unwrap().clone());
    with_slots(vec![with(slot, "kdf", Value::Map(kdf))])
}

pub(super) fn zeros(len: usize) -> Value {
    Value::Bytes(vec![0; len])
}

/// The header with a field `x` whose value is these bytes.
pub(super) fn with_raw(raw: &[u8]) -> Vec<u8> {
    let mut bytes = encode(&with(base_fields(), "x", 0));
    bytes.pop();
    bytes.extend(raw);
    bytes
}

pub(super) fn recovery_fields() -> Fields {
    let stored = StoredHeader::new(&header(vec![recovery_slot()]), fixed("body salt"), 16);
    let value: Value = ciborium::from_reader(stored.write().as_slice()).unwrap();
    let fields = value.into_map().unwrap();
    fields[0].1.as_array().unwrap()[0].as_map().unwrap().clone()
}

/// The header with one bit of a slot's byte string flipped.
pub(super) fn changed_slot(name: &str, at: usize) -> Fields {
    let slot = slot_fields();
    let field = slot
        .iter()
        .find(|field| field.0.as_text() == Some(name))
        .unwrap();
    let mut bytes = field.1.as_bytes().unwrap().clone();
    bytes[at] ^= 0x80;
    with_slots(vec![with(slot, name, Value::Bytes(bytes))])
}
