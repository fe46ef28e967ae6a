//! Whole vaults on a disk that can fail, die and be changed from outside.

mod copies;
mod faults;
mod key_faults;
mod keys;
mod merging;
mod places;
mod power;
mod quick_unlock;
mod saving;
mod unmounted;

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use undercroft_model::{
    Account, AccountId, Content, DeviceId, Field, Identity, IdentityKind, InstallationId, ItemId,
    ItemState, MfaDevice, OtpParams, Partition, Timestamp, UserName,
};
use undercroft_secret::{SecretBytes, SecretString};

use crate::store::faulty_disk::FaultyDisk;
use crate::{CreateOptions, KdfParams, Locking, RecoveryKey, UnlockOptions, Vault, VaultKey};

/// 2026-11-23T10:00:00Z
const NOW: Timestamp = Timestamp::from_unix_secs(1_795_428_000);
const PASSWORD: &str = "correct horse battery staple";

/// A vault file with a live account, an identity with an MFA device, and a binned account.
struct Setting {
    disk: FaultyDisk,
    path: PathBuf,
    key: VaultKey,
    account: ItemId,
    identity: ItemId,
    binned: ItemId,
    recovery: RecoveryKey,
}

impl Setting {
    /// A fresh disk with the same file each time; making one takes Argon2id's time only once.
    fn new() -> Self {
        static FILE: OnceLock<(Vec<u8>, VaultKey, [ItemId; 3], RecoveryKey)> = OnceLock::new();
        let path = PathBuf::from("/home/vaults/it.undercroft");
        let (bytes, key, [account, identity, binned], recovery) = FILE.get_or_init(|| {
            let disk = FaultyDisk::with_folder(Path::new("/home/vaults"));
            let (mut vault, recovery) = Vault::create(
                Arc::new(disk.clone()),
                &path,
                &password(PASSWORD),
                CreateOptions {
                    kdf: KdfParams::LEAST,
                    installation: installation(1),
                    now: NOW,
                },
            )
            .unwrap();
            let account = vault.put(None, account_named("first"), NOW).unwrap();
            let identity = put_identity(&mut vault, account);
            let binned = vault.put(None, account_named("binned"), NOW).unwrap();
            vault.bin(binned, NOW).unwrap();
            vault.save(NOW).unwrap();
            (
                disk.bytes(&path).unwrap(),
                vault.vault_key().clone(),
                [account, identity, binned],
                recovery,
            )
        });
        let disk = FaultyDisk::with_folder(Path::new("/home/vaults"));
        disk.put(&path, bytes);
        Self {
            disk,
            path,
            key: key.clone(),
            account: *account,
            identity: *identity,
            binned: *binned,
            recovery: recovery.clone(),
        }
    }

    /// Unlocks as installation `n`, holding the lock.
    fn unlock(&self, n: u8) -> Vault {
        self.unlock_on(&self.disk, n)
    }

    fn unlock_on(&self, disk: &FaultyDisk, n: u8) -> Vault {
        let options = UnlockOptions::new(installation(n), NOW);
        Vault::unlock_with_key(Arc::new(disk.clone()), &self.path, &self.key, options)
            .unwrap()
            .0
    }

    /// Unlocks as installation `n`, locking only to save.
    fn unlock_shared(&self, n: u8) -> Vault {
        let mut options = UnlockOptions::new(installation(n), NOW);
        options.locking = Locking::WhileSaving {
            patience: std::time::Duration::ZERO,
        };
        Vault::unlock_with_key(Arc::new(self.disk.clone()), &self.path, &self.key, options)
            .unwrap()
            .0
    }

    fn names(&self) -> Vec<&'static str> {
        self.disk.log()
    }
}

fn installation(n: u8) -> InstallationId {
    InstallationId::from_bytes([n; 16])
}

fn password(text: &str) -> SecretString {
    SecretString::copy_of(text)
}

fn later(secs: i64) -> Timestamp {
    NOW.plus_secs(secs)
}

fn account_named(name: &str) -> Content {
    let id = AccountId::parse("123456789012").unwrap();
    let mut account = Account::new(id, Partition::Aws);
    account.name = name.to_owned();
    Content::Account(account)
}

/// The name of a live account, or what else became of it.
fn name_of(vault: &Vault, id: ItemId) -> String {
    match vault.get(id).map(|item| item.state) {
        Some(ItemState::Live(content)) => name_in(&content),
        Some(ItemState::Binned { .. }) => "(binned)".to_owned(),
        Some(ItemState::Deleted { .. }) => "(deleted)".to_owned(),
        None => "(nothing)".to_owned(),
    }
}

fn name_in(content: &Content) -> String {
    content
        .as_account()
        .map(|account| account.name.clone())
        .unwrap_or_default()
}

/// The names in an item's history, newest last.
fn past_names(vault: &Vault, id: ItemId) -> Vec<String> {
    let item = vault.get(id).unwrap();
    item.history
        .iter()
        .map(|past| name_in(&past.content))
        .collect()
}

fn put_identity(vault: &mut Vault, account: ItemId) -> ItemId {
    let id = ItemId::new_random();
    let kind = IdentityKind::IamUser {
        name: UserName::parse("ada").unwrap(),
    };
    let mut identity = Identity::new(account, kind);
    let device = DeviceId::from_bytes([7; 16]);
    identity.devices.push(MfaDevice {
        id: device,
        name: "phone".to_owned(),
        serial: None,
        seed: vault.seal(
            id,
            &Field::MfaSeed(device),
            &SecretBytes::copy_of(b"seed of ada"),
        ),
        params: OtpParams::default(),
        added_at: NOW,
        extra: undercroft_model::Extra::new(),
    });
    vault
        .put(Some(id), Content::Identity(identity), NOW)
        .unwrap()
}

/// Opens the seed that [`put_identity`] sealed.
fn seed_of(vault: &Vault, id: ItemId) -> SecretBytes {
    let item = vault.get(id).unwrap();
    let device = &item.content().unwrap().as_identity().unwrap().devices[0];
    vault
        .unseal(id, &Field::MfaSeed(device.id), &device.seed)
        .unwrap()
}
