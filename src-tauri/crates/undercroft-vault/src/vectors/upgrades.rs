//! Vaults of other versions are changed by this one, and nothing in them is lost.
//!
//! `tests/vectors/vault/golden` has a vault of every version. Of each, and of each map within each of their items with a
//! field of a future version added, an item is changed by an ordinary change and saved; then all else is as it was.

#![allow(clippy::print_stdout, reason = "the figures are printed")]

use std::path::Path;
use std::sync::Arc;

use ciborium::Value;
use undercroft_model::{Content, InstallationId, Item, ItemId, ItemState, Timestamp};

use super::read_all;
use super::replay::{as_value, bytes_to_read, open};
use crate::body::{Body, Items, StoredItem};
use crate::format::{self, Header};
use crate::store::faulty_disk::FaultyDisk;
use crate::vault_key::VaultKey;
use crate::{Access, UnlockOptions, Vault};

const PLACE: &str = "/v/it.undercroft";
const NOW: Timestamp = Timestamp::from_unix_secs(1_795_428_000);

/// A vault file with its key, as a program finds it.
struct Found {
    name: String,
    header: Header,
    key: VaultKey,
    body: Body,
    /// As the file has it.
    bytes: Vec<u8>,
}

fn golden() -> Vec<Found> {
    read_all()
        .iter()
        .filter(|vector| vector.name.starts_with("golden/"))
        .map(|vector| {
            let bytes = bytes_to_read(vector);
            let opened = open(&bytes, &vector.expectation).unwrap();
            Found {
                name: vector.name.clone(),
                header: opened.header,
                key: opened.vault_key,
                body: opened.body,
                bytes,
            }
        })
        .collect()
}

/// Opens the file for writing, lets `change` work, saves, and answers what is in the file then.
fn changed(bytes: &[u8], key: &VaultKey, change: impl FnOnce(&mut Vault)) -> (Header, Body) {
    let disk = FaultyDisk::with_folder(Path::new("/v"));
    disk.put(Path::new(PLACE), bytes);
    let options = UnlockOptions {
        raise_to: None,
        ..UnlockOptions::new(InstallationId::from_bytes([9; 16]), NOW)
    };
    let (mut vault, report) =
        Vault::unlock_with_key(Arc::new(disk.clone()), Path::new(PLACE), key, options).unwrap();
    assert_eq!(report.access, Access::Write);
    change(&mut vault);
    assert!(vault.save(NOW).unwrap().written);
    drop(vault);
    let saved = disk.bytes(Path::new(PLACE)).unwrap();
    format::open_with_key(&saved, key).unwrap()
}

/// Adds an item, which changes no other.
fn add_one(vault: &mut Vault) {
    let id = ItemId::from_bytes([0xfe; 16]);
    let content = Content::Settings(undercroft_model::Settings::default());
    vault.put(Some(id), content, NOW).unwrap();
}

/// Changes what a user can change of a content; whether there is something.
fn edit(content: &mut Content) -> bool {
    match content {
        Content::Account(account) => account.notes.push_str(" changed"),
        Content::Identity(identity) => identity.notes.push_str(" changed"),
        Content::Profile(profile) => profile.notes.push_str(" changed"),
        Content::Settings(settings) => settings.locks_on_sleep = !settings.locks_on_sleep,
        Content::Unknown { .. } => return false,
    }
    true
}

fn edit_live(vault: &mut Vault, id: ItemId) {
    let mut content = vault.item(id).unwrap().live().unwrap().clone();
    assert!(edit(&mut content));
    vault.put(Some(id), content, NOW).unwrap();
}

fn is_editable(item: &StoredItem) -> bool {
    item.decode().is_ok_and(|item| {
        item.live()
            .is_some_and(|content| edit(&mut content.clone()))
    })
}

/// Everything but the item of that id is as it was, and the file's version too.
fn assert_rest_is_same(name: &str, before: &Found, after: &(Header, Body), but: Option<ItemId>) {
    let (header, body) = after;
    assert_eq!(header, &before.header, "{name}");
    assert_eq!(body.vault, before.body.vault, "{name}");
    assert_eq!(body.extra, before.body.extra, "{name}");
    for item in before
        .body
        .items
        .iter()
        .filter(|item| Some(item.id()) != but)
    {
        assert_eq!(body.items.get(item.id()), Some(item), "{name}");
    }
    // The list of saves is capped; what it had before this one is there.
    let kept = before.body.saves.len().min(crate::body::MAX_SAVES - 1);
    let saves = &before.body.saves[before.body.saves.len() - kept..];
    assert_eq!(&body.saves[..body.saves.len() - 1], saves, "{name}");
}

#[test]
fn golden_vaults_of_every_version_lose_nothing_by_a_change() {
    let golden = golden();
    let (mut files, mut items) = (0, 0);
    for found in &golden {
        let after = changed(&found.bytes, &found.key, add_one);
        assert_rest_is_same(&found.name, found, &after, None);
        files += 1;
        for stored in found.body.items.iter().filter(|item| is_editable(item)) {
            let id = stored.id();
            let after = changed(&found.bytes, &found.key, |vault| edit_live(vault, id));
            assert_rest_is_same(&found.name, found, &after, Some(id));
            let before = stored.decode().unwrap();
            let item = after.1.items.get(id).unwrap().decode().unwrap();
            let mut expected = before.live().unwrap().clone();
            edit(&mut expected);
            assert_eq!(item.live(), Some(&expected), "{}", found.name);
            for (name, value) in before.extra.iter().filter(|(name, _)| *name != "seen") {
                assert_eq!(item.extra.field(name), Some(value), "{}", found.name);
            }
            let past = item.history.last().unwrap();
            assert_eq!(Some(&past.content), before.live(), "{}", found.name);
            items += 1;
        }
    }
    assert!(files >= 13 && items >= 10, "{files} files, {items} items");
    println!(
        "{files} golden vaults opened for writing and saved, {items} items of theirs changed; 0 lost anything"
    );
}

/// A step on the way into a CBOR value.
#[derive(Clone, Debug)]
enum Into {
    Entry(usize),
    Index(usize),
}

/// The ways to all maps within a value, itself included.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "all other values hold no map"
)]
fn maps(value: &Value) -> Vec<Vec<Into>> {
    let below = |step: Into, value: &Value| -> Vec<Vec<Into>> {
        let ways = maps(value).into_iter();
        ways.map(|way| [vec![step.clone()], way].concat()).collect()
    };
    match value {
        Value::Map(pairs) => {
            let mut ways = vec![Vec::new()];
            for (index, (_, value)) in pairs.iter().enumerate() {
                ways.extend(below(Into::Entry(index), value));
            }
            ways
        }
        Value::Array(values) => {
            let values = values.iter().enumerate();
            values
                .flat_map(|(index, value)| below(Into::Index(index), value))
                .collect()
        }
        _ => Vec::new(),
    }
}

fn at<'a>(value: &'a mut Value, way: &[Into]) -> &'a mut Vec<(Value, Value)> {
    let mut value = value;
    for step in way {
        value = match step {
            Into::Entry(index) => &mut value.as_map_mut().unwrap()[*index].1,
            Into::Index(index) => &mut value.as_array_mut().unwrap()[*index],
        };
    }
    value.as_map_mut().unwrap()
}

/// A field that no version of today knows.
fn future_field() -> (Value, Value) {
    let value = Value::Map(vec![
        (Value::Integer(7.into()), Value::Bytes(vec![0, 255])),
        ("text".into(), Value::Array(vec![Value::Null, 2.5.into()])),
    ]);
    ("of-the-future".into(), value)
}

fn count_future(value: &Value) -> usize {
    let is_future = |pair: &(Value, Value)| *pair == future_field();
    let mut value = value.clone();
    let ways = maps(&value);
    ways.iter()
        .filter(|way| at(&mut value, way).iter().any(is_future))
        .count()
}

fn stored(item: &StoredItem, value: &Value) -> Body {
    let mut encoded = Vec::new();
    ciborium::into_writer(value, &mut encoded).unwrap();
    let mut body = Body::new(undercroft_model::VaultId::from_bytes([1; 16]));
    body.items = Items::from_iter([StoredItem::from_parts(item.id(), item.revision(), encoded)]);
    body
}

#[test]
fn a_future_field_in_any_map_of_any_item_survives_a_change_there_and_elsewhere() {
    let (mut kept, mut closed, mut edited) = (0, 0, 0);
    for found in golden() {
        for stored_item in found.body.items.iter() {
            let plain = as_value(stored_item.encoded());
            for way in maps(&plain) {
                let name = format!("{} {:?} {way:?}", found.name, stored_item.id());
                let mut value = plain.clone();
                at(&mut value, &way).push(future_field());
                let mut body = stored(stored_item, &value);
                body.vault = found.body.vault;
                body.saves = found.body.saves.clone();
                let bytes = format::write(&found.header, &found.key, &body).unwrap();
                let before = Found {
                    name: name.clone(),
                    header: found.header.clone(),
                    key: found.key.clone(),
                    body,
                    bytes,
                };
                let id = stored_item.id();
                let item = before.body.items.get(id).unwrap();
                // What the format calls closed can't be understood with it, but is kept as it is.
                let is_open = item.decode().is_ok();
                let after = changed(&before.bytes, &before.key, add_one);
                assert_rest_is_same(&name, &before, &after, None);
                if !is_open {
                    closed += 1;
                    continue;
                }
                kept += 1;
                if !is_editable(item) {
                    continue;
                }
                let after = changed(&before.bytes, &before.key, |vault| edit_live(vault, id));
                assert_rest_is_same(&name, &before, &after, Some(id));
                let after = as_value(after.1.items.get(id).unwrap().encoded());
                // In the content itself, and, where it is within that, in the history too.
                assert!(count_future(&after) >= 1, "{name}: lost");
                let live: Item = undercroft_model::cbor::from_slice(
                    before.body.items.get(id).unwrap().encoded(),
                )
                .unwrap();
                if let ItemState::Live(content) = &live.state {
                    let mut expected = content.clone();
                    edit(&mut expected);
                    let mut bytes = Vec::new();
                    ciborium::into_writer(&after, &mut bytes).unwrap();
                    let now: Item = undercroft_model::cbor::from_slice(&bytes).unwrap();
                    assert_eq!(now.live(), Some(&expected), "{name}");
                }
                edited += 1;
            }
        }
    }
    assert!(kept > 100 && edited > 50, "{kept} {edited}");
    println!(
        "a future field at {} places: {kept} kept by a change elsewhere, {edited} also by a change of their item, \
         {closed} in closed maps kept as bytes; 0 lost",
        kept + closed
    );
}

/// Adds a future field to the header, to a slot and to the body.
#[test]
fn future_fields_of_header_slot_and_body_survive_each_kind_of_save() {
    let golden = golden();
    let found = golden
        .iter()
        .find(|found| found.name.ends_with("v1-7-unknown-fields"))
        .unwrap();
    assert!(found.header.version > format::FormatVersion::CURRENT);
    let id = found.body.items.iter().find(|item| is_editable(item));
    let id = id.unwrap().id();
    let after = changed(&found.bytes, &found.key, |vault| {
        edit_live(vault, id);
        vault.save(NOW).unwrap();
        vault.bin(id, NOW).unwrap();
        vault.save(NOW).unwrap();
        vault.new_recovery_key(NOW).unwrap();
        add_one(vault);
    });
    let unknown = |header: &Header| {
        let slots = header.slots.iter().map(|slot| slot.key().clone());
        let slots: Vec<_> = slots
            .filter(|slot| slot.kind() == crate::slots::SlotKind::Unknown)
            .collect();
        (slots, header.unknown.clone(), header.version)
    };
    assert_eq!(unknown(&after.0), unknown(&found.header));
    assert_eq!(after.1.extra, found.body.extra);
}
