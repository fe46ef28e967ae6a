//! Everything that a vault holds, in a file of its own.
//!
//! An [`Archive`] is the items of a vault under a key of its own: those in use, those in the bin, their histories, the
//! settings. It goes into a file in one of two ways, and comes out of either as it was:
//!
//! - encrypted ([`Archive::lock`], [`Archive::open`]): a vault like any other, as `FORMAT.md` describes it, with one
//!   password slot. It has a vault key and an id of its own, so whoever learns its password learns nothing of the
//!   vault that it was made of, and opening it in that one's place is no mix-up;
//! - in the clear ([`Archive::to_json`], [`Archive::from_json`]): JSON that people and other programs can read.
//!
//! [`Vault::plan_taking_in`] tells what an archive would change in a vault, and [`Vault::take_in_archive`] does it.
//! What is left out: tombstones of deleted items, the key slots, and whatever is kept beside a vault.

mod json;
mod taking_in;
#[cfg(test)]
mod tests;

use undercroft_crypto as crypto;
use undercroft_model::{
    Content, InstallationId, Item, ItemId, ItemState, Revision, Timestamp, VaultId,
};
use undercroft_secret::{SecretBytes, SecretString};

use crate::body::{Body, SaveStamp, StoredItem};
use crate::error::VaultError;
use crate::format::{self, FormatError, Header};
use crate::kdf::KdfParams;
use crate::sealed;
use crate::sealed_fields::{each_content, visit_sealed};
use crate::slots::{Credential, Slot};
use crate::vault::Vault;
use crate::vault_key::VaultKey;

pub use json::{ArchiveError, MAX_JSON_LEN, VERSION as JSON_VERSION};
pub use taking_in::{Arrival, Incoming, TakeIn, TwinRule};

/// The items of a vault, sealed under a key of their own.
#[derive(Debug)]
pub struct Archive {
    key: VaultKey,
    body: Body,
    installation: InstallationId,
    unreadable: usize,
    newer: usize,
}

/// The key and the vault that values are sealed for.
#[derive(Clone, Copy)]
struct House<'a> {
    key: &'a VaultKey,
    vault: VaultId,
}

impl House<'_> {
    fn settings_id(self) -> ItemId {
        ItemId::from_bytes(*self.vault.as_bytes())
    }
}

impl Vault {
    /// Copies everything that the vault holds, saved or not, into an archive.
    #[must_use]
    pub fn archive(&self, now: Timestamp) -> Archive {
        let mut archive = Archive::empty(self.installation(), Some(now));
        let from = self.house();
        for item in self.items() {
            match item {
                Ok(item) => archive.add(item, from),
                Err(_) => archive.unreadable += 1,
            }
        }
        archive
    }
}

impl Archive {
    fn empty(installation: InstallationId, made_at: Option<Timestamp>) -> Self {
        let mut body = Body::new(VaultId::new_random());
        body.saves.extend(made_at.map(|at| SaveStamp {
            id: crypto::random(),
            counter: 1,
            installation,
            at,
        }));
        Self {
            key: VaultKey::random(),
            body,
            installation,
            unreadable: 0,
            newer: 0,
        }
    }

    /// Seals an item of a vault again and keeps it; what was deleted for good has nothing to keep.
    fn add(&mut self, mut item: Item, from: House<'_>) {
        if matches!(item.state, ItemState::Deleted { .. }) {
            return;
        }
        let to = House {
            key: &self.key,
            vault: self.body.vault,
        };
        let id = if item.id == from.settings_id() {
            to.settings_id()
        } else {
            item.id
        };
        let moved = rehouse(&mut item, from, to, id);
        match moved.and_then(|known| Ok((known, StoredItem::encode(&item)?))) {
            Ok((known, stored)) => {
                self.newer += usize::from(!known);
                self.body.items.insert(stored);
            }
            Err(_) => self.unreadable += 1,
        }
    }

    /// Encrypts the archive under a password of its own: the bytes of a vault file. Blocks for Argon2id's time.
    ///
    /// # Errors
    /// [`FormatError::TooLarge`] above 64 MiB.
    pub fn lock(
        &self,
        password: &SecretString,
        kdf: KdfParams,
    ) -> Result<SecretBytes, FormatError> {
        let revision = Revision::first(self.installation);
        let slot = Slot::new_password(&self.key, password, kdf, revision)?;
        format::write(&Header::new(vec![slot]), &self.key, &self.body).map(SecretBytes::new)
    }

    /// Reads an encrypted archive, or any other vault file, with its password. Blocks for Argon2id's time.
    ///
    /// # Errors
    /// When the password is wrong, or the file is no whole vault that this version can read.
    pub fn open(bytes: &[u8], password: &SecretString) -> Result<Self, FormatError> {
        let opened = format::open(bytes, Credential::Password(password))?;
        let from = House {
            key: &opened.vault_key,
            vault: opened.body.vault,
        };
        let stamp = opened.body.saves.last();
        let installation = stamp.map_or_else(InstallationId::new_random, |save| save.installation);
        let mut archive = Self::empty(installation, stamp.map(|save| save.at));
        for stored in opened.body.items.iter() {
            match stored.decode() {
                Ok(item) => archive.add(item, from),
                Err(_) => archive.unreadable += 1,
            }
        }
        Ok(archive)
    }

    /// When it was made, where the file says so.
    #[must_use]
    pub fn made_at(&self) -> Option<Timestamp> {
        self.body.saves.last().map(|save| save.at)
    }

    /// How many items could not be read, and so are not in it.
    #[must_use]
    pub fn unreadable(&self) -> usize {
        self.unreadable
    }

    /// How many items hold something of a newer version; a secret among that can't be opened elsewhere.
    #[must_use]
    pub fn newer(&self) -> usize {
        self.newer
    }

    /// The items, settings among them, by id.
    pub fn items(&self) -> impl Iterator<Item = Item> {
        self.body.items.iter().filter_map(|item| item.decode().ok())
    }

    /// Opens a secret of one of its items.
    ///
    /// # Errors
    /// [`FormatError::WrongValue`] when it was sealed for another place.
    pub fn unseal(
        &self,
        item: ItemId,
        field: &undercroft_model::Field,
        value: &undercroft_model::SealedValue,
    ) -> Result<SecretBytes, FormatError> {
        sealed::unseal(&self.key, self.body.vault, item, field, value)
    }

    fn house(&self) -> House<'_> {
        House {
            key: &self.key,
            vault: self.body.vault,
        }
    }
}

/// Seals an item's secrets for another house and gives it its id there; whether all of it is known to this version.
///
/// The values keep their ids, which say which secret it is.
fn rehouse(
    item: &mut Item,
    from: House<'_>,
    to: House<'_>,
    new_id: ItemId,
) -> Result<bool, VaultError> {
    let old_id = item.id;
    let mut known = true;
    each_content(item, &mut |content| {
        known &= reseal(content, (from, old_id), (to, new_id))?;
        Ok::<(), VaultError>(())
    })?;
    item.id = new_id;
    Ok(known)
}

fn reseal(
    content: &mut Content,
    (from, old_id): (House<'_>, ItemId),
    (to, new_id): (House<'_>, ItemId),
) -> Result<bool, VaultError> {
    visit_sealed(content, &mut |field, value| {
        let secret = sealed::unseal(from.key, from.vault, old_id, &field, value)?;
        let nonce = crypto::random();
        *value = sealed::seal_with(to.key, to.vault, new_id, &field, &secret, value.id, nonce);
        Ok(())
    })
}
