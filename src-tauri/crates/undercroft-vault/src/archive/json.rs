//! Archives in JSON, with every secret in the clear.
//!
//! The file is an object of `format`, `version`, `made_at`, `settings` and `items`. An item is what `FORMAT.md` writes
//! down in CBOR, field by field under the same names, with what JSON lacks put so:
//!
//! - a byte string, such as an id, is the text `hex:` and its hexadecimal digits; a text that begins like that, or
//!   with `text:`, has `text:` before it;
//! - a sealed value is an object of `id` and `secret`, the secret's text; a seed's is its Base32.
//!
//! An item that would not come back the same, as one of a newer version may not, is an object of `cbor` alone: its
//! bytes, where the sealed values hold the secrets themselves.

use std::fmt;

use ciborium::Value;
use data_encoding::{BASE32_NOPAD, HEXLOWER, HEXLOWER_PERMISSIVE};
use serde::{Deserialize, Serialize, de};
use serde_json::{Map, Number, Value as Json, value::RawValue};
use undercroft_crypto as crypto;
use undercroft_model::{Field, InstallationId, Item, ItemId, ItemState, Timestamp, cbor};
use undercroft_secret::SecretBytes;

use super::{Archive, House};
use crate::body::StoredItem;
use crate::format::FormatError;
use crate::sealed;
use crate::sealed_fields::{each_content, visit_sealed};

/// What `format` says.
const FORMAT: &str = "undercroft-archive";
/// The version of the layout that is written, and the newest that is read.
pub const VERSION: u32 = 1;
/// The most bytes that are read.
pub const MAX_JSON_LEN: usize = 128 * 1024 * 1024;
/// The most bytes of one item.
pub(super) const MAX_ITEM_LEN: usize = 16 * 1024 * 1024;
/// The most items; each is kept in memory.
pub(super) const MAX_ITEMS: usize = 200_000;

/// How deep values may lie; the reader of JSON itself ends at 128.
const MAX_DEPTH: usize = 100;

const HEX: &str = "hex:";
const TEXT: &str = "text:";

/// Why a text is no archive in JSON. Nothing says what stood there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ArchiveError {
    /// Not JSON, or not of an archive's shape.
    #[error("this is no archive of Undercroft in JSON")]
    NotAnArchive,
    /// A newer version wrote it.
    #[error("a newer Undercroft wrote this archive (version {found})")]
    TooNew {
        /// The version that the file names.
        found: u32,
    },
    /// Longer than anything that is read.
    #[error("the archive is too large")]
    TooLarge,
    /// An item that is none, or stands there twice.
    #[error("item {} of the archive can't be read", index + 1)]
    Item {
        /// Which one, from zero.
        index: usize,
    },
}

#[derive(Serialize)]
struct Written {
    format: &'static str,
    version: u32,
    made_at: Option<String>,
    settings: String,
    items: Vec<Json>,
}

/// The head is read before the items, so that a newer version is told from a broken file.
#[derive(Deserialize)]
struct Head {
    format: String,
    version: u32,
    #[serde(default)]
    made_at: Option<String>,
    #[serde(default)]
    settings: Option<String>,
}

#[derive(Deserialize)]
struct Read<'a> {
    #[serde(borrow)]
    items: Items<'a>,
}

/// The items as they stand in the text, so that no more than one is taken apart at a time.
struct Items<'a>(Vec<&'a RawValue>);

impl Archive {
    /// Writes the archive as JSON, with every secret in the clear.
    ///
    /// # Errors
    /// [`FormatError::TooLarge`] when [`Archive::from_json`] would refuse it for that; [`FormatError::WrongValue`] when
    /// a secret can't be opened.
    pub fn to_json(&self) -> Result<SecretBytes, FormatError> {
        let items = self.items().map(|item| self.item_to_json(item));
        let written = Written {
            format: FORMAT,
            version: VERSION,
            made_at: self.made_at().map(|at| at.to_string()),
            settings: hex(self.body.vault.as_bytes()),
            items: items.collect::<Result<_, _>>()?,
        };
        let mut bytes = Vec::new();
        serde_json::to_writer_pretty(&mut bytes, &written).map_err(|_| FormatError::TooLarge)?;
        bytes.push(b'\n');
        let bytes = SecretBytes::new(bytes);
        match head_and_items(bytes.expose()) {
            Ok(_) => Ok(bytes),
            Err(_) => Err(FormatError::TooLarge),
        }
    }

    /// Reads an archive in JSON; its secrets are sealed at once, under a new key.
    ///
    /// # Errors
    /// When it is no such archive, too new, too large, or an item can't be read: nothing is skipped.
    pub fn from_json(bytes: &[u8]) -> Result<Self, ArchiveError> {
        let (head, items) = head_and_items(bytes)?;
        let made_at = head.made_at.and_then(|at| Timestamp::parse(&at).ok());
        let settings = head.settings.and_then(|id| from_hex(&id));
        let settings = settings.and_then(|id| Some(ItemId::from_bytes(id.try_into().ok()?)));
        let mut archive = Self::empty(InstallationId::new_random(), made_at);
        for (index, text) in items.into_iter().enumerate() {
            let refused = ArchiveError::Item { index };
            let mut item = item_from_json(text).ok_or(refused)?;
            if Some(item.id) == settings {
                item.id = archive.house().settings_id();
            }
            let known = seal_in_place(&mut item, archive.house()).ok_or(refused)?;
            if matches!(item.state, ItemState::Deleted { .. }) {
                continue;
            }
            let stored = StoredItem::encode(&item).map_err(|_| refused)?;
            archive.newer += usize::from(!known);
            if archive.body.items.insert(stored).is_some() {
                return Err(refused);
            }
        }
        Ok(archive)
    }

    /// Whether bytes begin like an archive in JSON, as far as can be told without reading all of it.
    #[must_use]
    pub fn is_json(bytes: &[u8]) -> bool {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        bytes.trim_ascii_start().first() == Some(&b'{')
    }

    fn item_to_json(&self, mut item: Item) -> Result<Json, FormatError> {
        open_in_place(&mut item, self.house())?;
        let bytes = SecretBytes::new(
            cbor::to_vec(&item).map_err(|_| FormatError::Malformed(crate::format::Part::Item))?,
        );
        // Exposed into the text that was asked for.
        let value: Option<Value> = cbor::from_slice(bytes.expose()).ok();
        let plain = value.and_then(|value| to_json(&value, 0));
        match plain {
            Some(plain) if comes_back(&plain, &item) => Ok(plain),
            Some(_) | None => {
                let text = Json::String(hex(bytes.expose()));
                Ok(Json::Object(Map::from_iter([("cbor".to_owned(), text)])))
            }
        }
    }
}

/// Takes a text apart as far as that can be done without looking into an item, and checks it against every limit.
fn head_and_items(bytes: &[u8]) -> Result<(Head, Vec<&RawValue>), ArchiveError> {
    if bytes.len() > MAX_JSON_LEN {
        return Err(ArchiveError::TooLarge);
    }
    // Editors of some systems put this before a text.
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let head: Head = serde_json::from_slice(bytes).map_err(|_| ArchiveError::NotAnArchive)?;
    if head.format != FORMAT {
        return Err(ArchiveError::NotAnArchive);
    }
    if head.version != VERSION {
        let found = head.version;
        return Err(ArchiveError::TooNew { found });
    }
    let read: Read<'_> = serde_json::from_slice(bytes).map_err(|_| ArchiveError::NotAnArchive)?;
    let Items(items) = read.items;
    if items.len() > MAX_ITEMS || items.iter().any(|item| item.get().len() > MAX_ITEM_LEN) {
        return Err(ArchiveError::TooLarge);
    }
    Ok((head, items))
}

fn comes_back(plain: &Json, item: &Item) -> bool {
    let bytes = from_json(plain.clone()).and_then(|value| cbor::to_vec(&value).ok());
    bytes.is_some_and(|bytes| {
        let bytes = SecretBytes::new(bytes);
        cbor::from_slice::<Item>(bytes.expose()).is_ok_and(|back| back == *item)
    })
}

fn item_from_json(text: &RawValue) -> Option<Item> {
    let json: Json = serde_json::from_str(text.get()).ok()?;
    let alone = json.as_object().filter(|map| map.len() == 1);
    let only_cbor = alone.and_then(|map| map.get("cbor")?.as_str());
    let bytes = match only_cbor {
        Some(text) => from_hex(text)?,
        None => cbor::to_vec(&from_json(json)?).ok()?,
    };
    let bytes = SecretBytes::new(bytes);
    cbor::from_slice(bytes.expose()).ok()
}

/// Puts the secrets themselves where the sealed bytes stood; seeds in Base32.
fn open_in_place(item: &mut Item, house: House<'_>) -> Result<(), FormatError> {
    let id = item.id;
    each_content(item, &mut |content| {
        visit_sealed(content, &mut |field, value| {
            let secret = sealed::unseal(house.key, house.vault, id, &field, value)?;
            // Exposed into the item, which is on its way into the text.
            value.sealed = match field {
                Field::MfaSeed(_) => BASE32_NOPAD.encode(secret.expose()).into_bytes(),
                Field::Password | Field::AccessKeySecret(_) | Field::Custom(_) => {
                    secret.expose().to_vec()
                }
            };
            Ok(())
        })
        .map(drop)
    })
}

/// Seals the secrets that stand where sealed bytes belong; whether all of the item is known to this version.
fn seal_in_place(item: &mut Item, house: House<'_>) -> Option<bool> {
    let id = item.id;
    let mut known = true;
    each_content(item, &mut |content| {
        known &= visit_sealed(content, &mut |field, value| {
            let clear = SecretBytes::new(std::mem::take(&mut value.sealed));
            let secret = match field {
                Field::MfaSeed(_) => BASE32_NOPAD
                    .decode(clear.expose())
                    .map(SecretBytes::new)
                    .map_err(drop)?,
                Field::Password | Field::AccessKeySecret(_) | Field::Custom(_) => clear,
            };
            let nonce = crypto::random();
            *value =
                sealed::seal_with(house.key, house.vault, id, &field, &secret, value.id, nonce);
            Ok::<(), ()>(())
        })?;
        Ok::<(), ()>(())
    })
    .ok()?;
    Some(known)
}

/// What CBOR has and JSON can say.
fn to_json(value: &Value, depth: usize) -> Option<Json> {
    let deeper = |value| to_json(value, depth + 1).filter(|_| depth < MAX_DEPTH);
    Some(match value {
        Value::Null => Json::Null,
        Value::Bool(bool) => Json::Bool(*bool),
        Value::Integer(integer) => {
            let wide = i128::from(*integer);
            let signed = i64::try_from(wide).ok().map(Number::from);
            Json::Number(signed.or_else(|| u64::try_from(wide).ok().map(Number::from))?)
        }
        Value::Text(text) if text.starts_with(HEX) || text.starts_with(TEXT) => {
            Json::String(format!("{TEXT}{text}"))
        }
        Value::Text(text) => Json::String(text.clone()),
        Value::Bytes(bytes) => Json::String(hex(bytes)),
        Value::Array(values) => Json::Array(values.iter().map(deeper).collect::<Option<_>>()?),
        Value::Map(entries) => match clear_secret(entries) {
            Some((id, secret)) => Json::Object(Map::from_iter([
                ("id".to_owned(), Json::String(hex(id))),
                ("secret".to_owned(), Json::String(secret.to_owned())),
            ])),
            None => {
                let entries = entries.iter().map(|(name, value)| {
                    let name = name.as_text()?.to_owned();
                    Some((name, deeper(value)?))
                });
                Json::Object(entries.collect::<Option<_>>()?)
            }
        },
        // An item with these goes as it is.
        Value::Float(_) | Value::Tag(..) | _ => return None,
    })
}

/// The id and the text of a sealed value whose bytes are the secret itself.
fn clear_secret(entries: &[(Value, Value)]) -> Option<(&[u8], &str)> {
    let [(id_name, id), (secret_name, secret)] = entries else {
        return None;
    };
    let is_sealed = id_name.as_text() == Some("id") && secret_name.as_text() == Some("sealed");
    let text = std::str::from_utf8(secret.as_bytes()?).ok()?;
    is_sealed.then_some((id.as_bytes()?.as_slice(), text))
}

fn from_json(json: Json) -> Option<Value> {
    Some(match json {
        Json::Null => Value::Null,
        Json::Bool(bool) => Value::Bool(bool),
        Json::Number(number) => match (number.as_u64(), number.as_i64()) {
            (Some(unsigned), _) => Value::Integer(unsigned.into()),
            (None, Some(signed)) => Value::Integer(signed.into()),
            (None, None) => return None,
        },
        Json::String(text) => match (text.strip_prefix(HEX), text.strip_prefix(TEXT)) {
            (Some(_), _) => Value::Bytes(from_hex(&text)?),
            (None, Some(text)) => Value::Text(text.to_owned()),
            (None, None) => Value::Text(text),
        },
        Json::Array(values) => {
            Value::Array(values.into_iter().map(from_json).collect::<Option<_>>()?)
        }
        Json::Object(mut map) => {
            let text = |value: Option<&Json>| Some(value?.as_str()?.to_owned());
            let secret = text(map.get("secret")).filter(|_| map.len() == 2);
            match (text(map.get("id")), secret) {
                (Some(id), Some(secret)) => Value::Map(vec![
                    (Value::Text("id".to_owned()), Value::Bytes(from_hex(&id)?)),
                    (
                        Value::Text("sealed".to_owned()),
                        Value::Bytes(secret.into_bytes()),
                    ),
                ]),
                (Some(_) | None, Some(_) | None) => {
                    // CBOR keeps the order, and these two are read fastest in theirs.
                    let first = ["kind", "id"]
                        .into_iter()
                        .filter_map(|name| map.remove_entry(name));
                    let first: Vec<(String, Json)> = first.collect();
                    let entries = first
                        .into_iter()
                        .chain(map)
                        .map(|(name, value)| Some((Value::Text(name), from_json(value)?)));
                    Value::Map(entries.collect::<Option<_>>()?)
                }
            }
        }
    })
}

fn hex(bytes: &[u8]) -> String {
    let mut text = HEX.to_owned();
    HEXLOWER.encode_append(bytes, &mut text);
    text
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digits = text.strip_prefix(HEX)?;
    HEXLOWER_PERMISSIVE.decode(digits.as_bytes()).ok()
}

impl<'de: 'a, 'a> Deserialize<'de> for Items<'a> {
    fn deserialize<D: de::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ItemsVisitor;
        impl<'de> de::Visitor<'de> for ItemsVisitor {
            type Value = Vec<&'de RawValue>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of items")
            }

            fn visit_seq<A: de::SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
                let mut items = Vec::new();
                while let Some(item) = seq.next_element()? {
                    items.push(item);
                    if items.len() > MAX_ITEMS {
                        // The rest would only take memory; the reader counts and refuses.
                        while seq.next_element::<de::IgnoredAny>()?.is_some() {}
                        break;
                    }
                }
                Ok(items)
            }
        }
        deserializer.deserialize_seq(ItemsVisitor).map(Items)
    }
}
