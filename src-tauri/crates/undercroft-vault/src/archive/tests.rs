//! Archives: nothing is lost on the way into a file and out of it, and nothing existing is lost on taking one in.

mod full;
mod limits;
mod newer;
mod round_trip;
mod taking_in;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};

use ciborium::Value;
use undercroft_model::{InstallationId, Item, ItemId, Timestamp};
use undercroft_secret::SecretString;

use super::{Archive, TakeIn, TwinRule};
use crate::sealed_fields::{each_content, visit_sealed};
use crate::store::faulty_disk::FaultyDisk;
use crate::{CreateOptions, KdfParams, UnlockOptions, Vault, VaultKey};

/// 2026-11-23T10:00:00Z
const NOW: Timestamp = Timestamp::from_unix_secs(1_795_428_000);
const ALL: TakeIn = TakeIn {
    settings: true,
    twins: TwinRule::Vault,
};

fn password(text: &str) -> SecretString {
    SecretString::copy_of(text)
}

/// A fresh vault on a disk of its own, as on another machine; making one takes Argon2id's time only once for each.
fn fresh(installation: u8) -> Vault {
    static FILES: Mutex<BTreeMap<u8, (Vec<u8>, VaultKey)>> = Mutex::new(BTreeMap::new());
    let path = Path::new("/home/vaults/it.undercroft");
    let disk = || FaultyDisk::with_folder(Path::new("/home/vaults"));
    let installed = InstallationId::from_bytes([installation; 16]);
    let mut files = FILES.lock().unwrap();
    let (bytes, key) = files.entry(installation).or_insert_with(|| {
        let disk = disk();
        let options = CreateOptions {
            kdf: KdfParams::LEAST,
            installation: installed,
            now: NOW,
        };
        let password = password("correct horse battery staple");
        let (vault, _) = Vault::create(Arc::new(disk.clone()), path, &password, options).unwrap();
        (disk.bytes(path).unwrap(), vault.vault_key().clone())
    });
    let disk = disk();
    disk.put(path, bytes);
    let options = UnlockOptions::new(installed, NOW);
    Vault::unlock_with_key(Arc::new(disk), path, key, options)
        .unwrap()
        .0
}

/// A vault with every kind of item, and every field of each filled.
fn full() -> Vault {
    let mut vault = fresh(1);
    full::fill(&mut vault);
    vault.save(NOW).unwrap();
    vault
}

/// Every value of a vault by its path, with the secrets opened; the settings under a name that all vaults share.
fn flattened(vault: &Vault) -> BTreeMap<String, Value> {
    let mut all = BTreeMap::new();
    for item in vault.items().map(Result::unwrap) {
        let id = if item.id == vault.settings_id() {
            "settings".to_owned()
        } else {
            item.id.to_string()
        };
        let mut value = opened(vault, &item);
        if let Value::Map(entries) = &mut value {
            entries.retain(|(name, _)| name.as_text() != Some("id"));
        }
        flatten(&id, &value, &mut all);
    }
    all
}

fn opened(vault: &Vault, item: &Item) -> Value {
    let mut item = item.clone();
    let id = item.id;
    each_content(&mut item, &mut |content| {
        visit_sealed(content, &mut |field, value| {
            let secret = vault.unseal(id, &field, value).unwrap();
            value.sealed = secret.expose().to_vec();
            Ok::<(), std::convert::Infallible>(())
        })
        .map(drop)
    })
    .unwrap();
    Value::serialized(&item).unwrap()
}

fn flatten(path: &str, value: &Value, into: &mut BTreeMap<String, Value>) {
    let entries = value.as_map().filter(|entries| !entries.is_empty());
    let values = value.as_array().filter(|values| !values.is_empty());
    for (name, value) in entries.into_iter().flatten() {
        let name = name.as_text().unwrap_or("?");
        flatten(&format!("{path}.{name}"), value, into);
    }
    for (index, value) in values.into_iter().flatten().enumerate() {
        flatten(&format!("{path}[{index}]"), value, into);
    }
    if entries.is_none() && values.is_none() {
        let twice = into.insert(path.to_owned(), value.clone());
        assert!(twice.is_none(), "{path} stands twice");
    }
}

/// Through the encrypted file and back.
fn through_file(vault: &Vault) -> Archive {
    let bytes = vault
        .archive(NOW)
        .lock(&password("of the file"), KdfParams::LEAST)
        .unwrap();
    Archive::open(bytes.expose(), &password("of the file")).unwrap()
}

/// Through JSON and back.
fn through_json(vault: &Vault) -> Archive {
    let bytes = vault.archive(NOW).to_json().unwrap();
    Archive::from_json(bytes.expose()).unwrap()
}

fn item_of(vault: &Vault, id: ItemId) -> Item {
    vault.item(id).unwrap()
}
