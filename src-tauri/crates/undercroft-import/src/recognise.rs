//! Telling by its content what a file is.

use serde::Deserialize;
use serde::de::IgnoredAny;
use undercroft_secret::SecretString;

use crate::{
    Foreign, Import, ImportError, aegis, bitwarden, ente, json, keepass, lines, one_password,
    picture, table, two_fas,
};

const ZIP: &[u8] = b"PK\x03\x04";
const KDBX: &[u8] = &[0x03, 0xd9, 0xa2, 0x9a];
const BYTE_ORDER_MARK: &[u8] = &[0xef, 0xbb, 0xbf];

/// The fields by which the kinds of JSON differ; nothing of their contents is kept.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Fields {
    header: Option<IgnoredAny>,
    db: Option<Kind>,
    services: Option<IgnoredAny>,
    services_encrypted: Option<IgnoredAny>,
    encrypted: Option<bool>,
    items: Option<IgnoredAny>,
    encrypted_data: Option<IgnoredAny>,
    kdf_params: Option<IgnoredAny>,
}

/// Whether a field is a text or something else.
enum Kind {
    Text,
    Other,
}

impl<'de> Deserialize<'de> for Kind {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Look;

        impl<'de> serde::de::Visitor<'de> for Look {
            type Value = Kind;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a text or an object")
            }

            fn visit_str<E>(self, _: &str) -> Result<Kind, E> {
                Ok(Kind::Text)
            }

            fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<Kind, A::Error> {
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(Kind::Other)
            }
        }

        deserializer.deserialize_any(Look)
    }
}

/// Reads a file with the reader that it is for.
pub(crate) fn read(bytes: &[u8], password: Option<&SecretString>) -> Result<Import, ImportError> {
    if bytes.starts_with(ZIP) {
        return one_password::read(bytes);
    }
    if bytes.starts_with(KDBX) {
        let foreign = Foreign::Kdbx;
        return Err(ImportError::NotReadHere { foreign });
    }
    if let Some(import) = picture::read(bytes) {
        return import;
    }
    let bytes = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
    let text = std::str::from_utf8(bytes).map_err(|_| ImportError::Unrecognised)?;
    match text.trim_start().as_bytes().first() {
        Some(b'{') => read_json(bytes, password),
        Some(b'<') => keepass::read(text),
        Some(_) if lines::is_one(text) => lines::read(text),
        Some(_) => table::read(text),
        None => Err(ImportError::Unrecognised),
    }
}

fn read_json(bytes: &[u8], password: Option<&SecretString>) -> Result<Import, ImportError> {
    let fields: Fields = json::parse(bytes)?;
    if fields.services_encrypted.is_some() {
        return two_fas::read_encrypted(bytes, password);
    }
    if fields.services.is_some() {
        return two_fas::read_plain(bytes);
    }
    if fields.kdf_params.is_some() && fields.encrypted_data.is_some() {
        return ente::read(bytes, password);
    }
    if fields.encrypted == Some(true) {
        return bitwarden::read_encrypted(bytes, password);
    }
    if fields.items.is_some() {
        return bitwarden::read_plain(bytes);
    }
    match (fields.header, fields.db) {
        (Some(_), Some(Kind::Text)) => aegis::read_encrypted(bytes, password),
        (_, Some(Kind::Other)) => aegis::read_plain(bytes),
        _ => Err(ImportError::Unrecognised),
    }
}
