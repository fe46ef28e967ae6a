//! MFA devices in an encrypted file: a small vault with a password of its own.
//!
//! Such a file is what `FORMAT.md` describes, with one key slot and only accounts, identities and devices inside. So it
//! can be opened like any vault, and any vault can be read like such a file.

use std::collections::BTreeMap;

use undercroft_model::{
    Account, Content, Field, Identity, IdentityKind, Item, ItemId, ItemState, MfaDevice, Revision,
    VaultId,
};
use undercroft_otp::{OtpAuth, Seed};
use undercroft_secret::{SecretBytes, SecretString};
use undercroft_vault::{
    Body, Credential, FormatError, Header, KdfParams, SaveStamp, Slot, StoredItem, VaultKey,
    format::MAGIC, open, seal, unseal, write,
};

use super::{DeviceRef, export::aws_device};
use crate::{SessionError, unlocked::Unlocked};

/// The reason when a newer version wrote the file.
pub(super) const TOO_NEW: &str = "import-too-new";

/// Who has a device, where the file says so outright.
#[derive(Clone, Debug)]
pub(super) struct Owner {
    /// Its account, as it is known in the file.
    pub(super) account: Account,
    pub(super) kind: IdentityKind,
    /// What the device is called.
    pub(super) device_name: String,
}

/// Devices on their way into a file, sealed under its own key.
pub(super) struct Packed {
    key: VaultKey,
    body: Body,
    revision: Revision,
}

impl Packed {
    /// Encrypts them under a password. Blocks for Argon2id's time.
    pub(super) fn lock(
        self,
        password: &SecretString,
        kdf: KdfParams,
    ) -> Result<SecretBytes, SessionError> {
        let failed = |_| SessionError::Internal;
        let slot = Slot::new_password(&self.key, password, kdf, self.revision).map_err(failed)?;
        let header = Header::new(vec![slot]);
        write(&header, &self.key, &self.body)
            .map(SecretBytes::new)
            .map_err(failed)
    }
}

impl Unlocked {
    /// Packs devices with as much of their identities and accounts as tells whose they are.
    pub(super) fn pack(&self, devices: &[DeviceRef]) -> Result<Packed, SessionError> {
        let installation = self.shared.installation();
        let now = self.now();
        let revision = Revision::first(installation);
        let mut packed = Packed {
            key: VaultKey::random(),
            body: Body::new(VaultId::new_random()),
            revision,
        };
        let mut chosen: BTreeMap<ItemId, Vec<MfaDevice>> = BTreeMap::new();
        for device in devices {
            let identity = self.identity_of(device.identity)?;
            let filed = identity
                .device(device.device)
                .ok_or(SessionError::NoSuchItem)?;
            let field = Field::MfaSeed(filed.id);
            let seed = self.unseal(device.identity, &field, &filed.seed)?;
            let seed = seal(
                &packed.key,
                packed.body.vault,
                device.identity,
                &field,
                &seed,
            );
            let filed = MfaDevice {
                seed,
                ..filed.clone()
            };
            chosen.entry(device.identity).or_default().push(filed);
        }
        let mut contents = BTreeMap::new();
        for (id, devices) in chosen {
            let (identity, account) = self.identity_and_account(id)?;
            contents.insert(identity.account, Content::Account(bare_account(&account)));
            let bare = Identity {
                devices,
                ..Identity::new(identity.account, identity.kind)
            };
            contents.insert(id, Content::Identity(bare));
        }
        for (id, content) in contents {
            let item = Item {
                id,
                revision,
                created_at: now,
                modified_at: now,
                state: ItemState::Live(content),
                history: Vec::new(),
                extra: Default::default(),
            };
            let item = StoredItem::encode(&item).map_err(|_| SessionError::Internal)?;
            packed.body.items.insert(item);
        }
        packed.body.saves.push(SaveStamp {
            id: *ItemId::new_random().as_bytes(),
            counter: 1,
            installation,
            at: now,
        });
        Ok(packed)
    }
}

/// What tells an account from others, without its notes, secrets and endpoints.
fn bare_account(account: &Account) -> Account {
    Account {
        alias: account.alias.clone(),
        name: account.name.clone(),
        colour: account.colour,
        production: account.production,
        ..Account::new(account.id.clone(), account.partition)
    }
}

/// Whether a file begins like a vault.
pub(super) fn is_vault(bytes: &[u8]) -> bool {
    bytes.starts_with(&MAGIC)
}

/// Reads the devices of a vault file; the code of the reason where that can't be done.
pub(super) fn read_vault(
    bytes: &[u8],
    password: Option<&SecretString>,
) -> Result<Vec<(OtpAuth, Owner)>, &'static str> {
    use undercroft_import::ImportError;

    let password = password.ok_or(ImportError::PasswordNeeded.code())?;
    let opened = open(bytes, Credential::Password(password)).map_err(reason)?;
    let items: Vec<Item> = opened
        .body
        .items
        .iter()
        .filter_map(|item| item.decode().ok())
        .collect();
    let live = |id: ItemId| items.iter().find(|item| item.id == id)?.live();
    let mut devices = Vec::new();
    for item in &items {
        let Some(identity) = item.live().and_then(Content::as_identity) else {
            continue;
        };
        let Some(Content::Account(account)) = live(identity.account) else {
            continue;
        };
        for device in &identity.devices {
            let field = Field::MfaSeed(device.id);
            let vault = opened.body.vault;
            let seed = unseal(&opened.vault_key, vault, item.id, &field, &device.seed)
                .ok()
                .and_then(|seed| Seed::from_bytes(seed).ok())
                .ok_or(ImportError::Damaged.code())?;
            let out = aws_device(device, account, seed).map_err(|_| ImportError::Damaged.code())?;
            let owner = Owner {
                account: bare_account(account),
                kind: identity.kind.clone(),
                device_name: device.name.clone(),
            };
            devices.push((out, owner));
        }
    }
    Ok(devices)
}

/// Why a vault file can't be read, as a stable code.
pub(super) fn reason(error: FormatError) -> &'static str {
    use undercroft_import::ImportError;

    match error {
        FormatError::WrongCredential | FormatError::NoSuchSlot => ImportError::WrongPassword.code(),
        FormatError::HostileKdf | FormatError::OutOfMemory => ImportError::HostileParameters.code(),
        FormatError::TooLarge => ImportError::TooLarge.code(),
        FormatError::TooNew { .. } => TOO_NEW,
        FormatError::NotAVault
        | FormatError::Truncated
        | FormatError::HeaderLength
        | FormatError::Damaged
        | FormatError::Malformed(_)
        | FormatError::TrailingBytes
        | FormatError::OtherVaultKey
        | FormatError::Tampered
        | FormatError::WrongValue
        | FormatError::SlotCount
        // Whatever is told apart later.
        | _ => ImportError::Damaged.code(),
    }
}
