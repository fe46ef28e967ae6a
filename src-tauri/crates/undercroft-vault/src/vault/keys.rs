//! Passwords, recovery keys and the vault key itself.

use std::collections::BTreeSet;

use undercroft_crypto as crypto;
use undercroft_model::{Item, ItemId, Revision, Timestamp};
use undercroft_secret::SecretString;

use crate::body::{Items, StoredItem};
use crate::error::VaultError;
use crate::kdf::KdfParams;
use crate::recovery::RecoveryKey;
use crate::sealed;
use crate::sealed_fields::{each_content, is_same_item, visit_sealed};
use crate::slots::{Credential, Slot, SlotKind};
use crate::store::backups;
use crate::vault_key::VaultKey;

use super::saving::Draft;
use super::{Access, Vault};

/// How often a new slot is tried again when the same kind of slot was replaced elsewhere at the same moment.
const ATTEMPTS: usize = 3;

impl Vault {
    /// Whether this is the vault's password. Blocks for Argon2id's time.
    #[must_use]
    pub fn verify_password(&self, password: &SecretString) -> bool {
        self.header
            .slots
            .iter()
            .filter(|slot| slot.kind() == SlotKind::Password)
            .any(|slot| slot.unwrap_key(Credential::Password(password)).is_ok())
    }

    /// Whether this is the vault's recovery key. Blocks for Argon2id's time.
    #[must_use]
    pub fn verify_recovery_key(&self, key: &RecoveryKey) -> bool {
        self.header
            .slots
            .iter()
            .filter(|slot| slot.kind() == SlotKind::RecoveryKey)
            .any(|slot| slot.unwrap_key(Credential::RecoveryKey(key)).is_ok())
    }

    /// Replaces the password and saves. Blocks for Argon2id's time.
    ///
    /// Where the vault is dirty afterwards, the new password is in force but a power cut may bring back the old one.
    ///
    /// Backups made before still open with the old password; [`Vault::replace_vault_key`] ends that.
    ///
    /// # Errors
    /// As [`Vault::save`]; the old password stays then.
    pub fn change_password(
        &mut self,
        new: &SecretString,
        kdf: KdfParams,
        now: Timestamp,
    ) -> Result<(), VaultError> {
        self.replace_slot(SlotKind::Password, now, &|key, revision| {
            Slot::new_password(key, new, kdf, revision)
        })
    }

    /// Replaces the recovery key and saves. The old one does not open the vault any more; backups it does. The vault may
    /// be dirty afterwards as in [`Vault::change_password`].
    ///
    /// # Errors
    /// As [`Vault::save`]; the old recovery key stays then.
    pub fn new_recovery_key(&mut self, now: Timestamp) -> Result<RecoveryKey, VaultError> {
        let recovery = RecoveryKey::random();
        self.replace_slot(SlotKind::RecoveryKey, now, &|key, revision| {
            Slot::new_recovery(key, &recovery, revision)
        })?;
        Ok(recovery)
    }

    /// Replaces the vault key itself, sealing every secret again, and saves.
    ///
    /// From then on nothing that was learned from the old key, an old password or an old backup opens the
    /// vault. Slots of unknown kinds are dropped, since they wrap the old key. With `purge_backups` every
    /// backup is removed, once the new file is in place; one that can't be removed is still listed by
    /// [`Vault::backups`]. Blocks for Argon2id's time.
    ///
    /// # Errors
    /// [`VaultError::WrongPassword`] when it is not the present password; [`VaultError::NewerContent`] when a
    /// newer version put something into the vault whose secrets this one can't find; otherwise as
    /// [`Vault::save`]. The old key stays then, except after a failure at [`Step::SyncFolder`](crate::Step): the
    /// new file is in place, its durability is in doubt, and a new recovery key has to be made.
    pub fn replace_vault_key(
        &mut self,
        password: &SecretString,
        purge_backups: bool,
        now: Timestamp,
    ) -> Result<RecoveryKey, VaultError> {
        if !self.verify_password(password) {
            return Err(VaultError::WrongPassword);
        }
        let kdf = self.password_kdf().unwrap_or(KdfParams::MIN_NEW);
        let key = VaultKey::random();
        let recovery = RecoveryKey::random();
        let revision = self.next_slot_revision();
        let mut draft = self.draft();
        let mut target = self.draft();
        target.body.items = Items::default();
        target.header.slots = vec![
            Slot::new_password(&key, password, kdf, revision)?,
            Slot::new_recovery(&key, &recovery, revision)?,
        ];
        target.key = key;
        bring_under(&mut draft, &target)?;
        let slot = target.header.slots[0].clone();
        self.commit_keys(draft, &slot, now)?;
        if purge_backups && !self.dirty {
            // The key was replaced, and its owner must get the recovery key whatever happens here.
            let _ = self.purge_backups();
        }
        Ok(recovery)
    }

    /// Removes every backup, and answers how many there were.
    ///
    /// # Errors
    /// What the disk answers; what could be removed is gone all the same.
    pub fn purge_backups(&mut self) -> Result<usize, VaultError> {
        if self.access != Access::Write {
            return Err(VaultError::ReadOnly);
        }
        backups::purge(&*self.disk, &self.place)
    }

    /// Replaces a weak password slot by a stronger one; it is the same password, so its revision stays.
    ///
    /// What can't be raised today is raised another time.
    pub fn raise_kdf(&mut self, password: &SecretString, today: KdfParams, now: Timestamp) -> bool {
        let Some(weak) = self.header.slots.iter().position(|slot| {
            slot.kind() == SlotKind::Password
                && slot.kdf().is_some_and(|kdf| kdf.is_weaker_than(&today))
        }) else {
            return false;
        };
        let mut draft = self.draft();
        let revision = draft.header.slots[weak].revision;
        match Slot::new_password(&draft.key, password, today, revision) {
            Ok(slot) => draft.header.slots[weak] = slot,
            Err(_) => return false,
        }
        self.commit(draft, now).is_ok()
    }

    fn replace_slot(
        &mut self,
        kind: SlotKind,
        now: Timestamp,
        new: &dyn Fn(&VaultKey, Revision) -> Result<Slot, crate::format::FormatError>,
    ) -> Result<(), VaultError> {
        for _ in 0..ATTEMPTS {
            let mut draft = self.draft();
            let slot = new(&draft.key, self.next_slot_revision())?;
            draft.header.slots.retain(|slot| slot.kind() != kind);
            draft.header.slots.insert(0, slot.clone());
            self.commit_keys(draft, &slot, now)?;
            // The same moment's change from elsewhere may have been merged as the newer one.
            if self.header.slots.contains(&slot) {
                return Ok(());
            }
        }
        Err(VaultError::ChangedKey)
    }

    /// Writes a draft with a new slot.
    ///
    /// When only making the new file's name durable fails, the new slot is what opens the vault from then on, and whoever
    /// asked for it must learn of it: that is no error here, and the vault stays dirty.
    fn commit_keys(&mut self, draft: Draft, slot: &Slot, now: Timestamp) -> Result<(), VaultError> {
        match self.commit(draft, now) {
            Err(_) if self.header.slots.contains(slot) => Ok(()),
            outcome => outcome.map(drop),
        }
    }

    fn password_kdf(&self) -> Option<KdfParams> {
        let mut slots = self.header.slots.iter();
        slots.find(|slot| slot.kind() == SlotKind::Password)?.kdf()
    }

    fn next_slot_revision(&self) -> Revision {
        let newest = self.header.slots.iter().map(|slot| slot.revision).max();
        newest.map_or(Revision::first(self.installation), |newest| {
            newest.next(self.installation)
        })
    }
}

/// Seals the secrets of `draft` again under the key of `target`, and gives it that key and its slots.
///
/// Items that are the same in both but for the sealing are taken over from `target`.
pub(super) fn bring_under(draft: &mut Draft, target: &Draft) -> Result<(), VaultError> {
    let mut items = Vec::with_capacity(draft.body.items.len());
    for stored in draft.body.items.iter() {
        let id = stored.id();
        let mut item = stored.decode().map_err(|_| VaultError::BadItem(id))?;
        let same = target.body.items.get(id).filter(|other| {
            other
                .decode()
                .is_ok_and(|other| is_same_item(&other, &item))
        });
        items.push(match same {
            Some(other) => other.clone(),
            None => {
                seal_again(&mut item, draft, target)?;
                StoredItem::encode(&item)?
            }
        });
    }
    draft.body.items = Items::from_iter(items);
    draft.header = target.header.clone();
    draft.key = target.key.clone();
    Ok(())
}

fn seal_again(item: &mut Item, old: &Draft, new: &Draft) -> Result<(), VaultError> {
    let (id, vault) = (item.id, old.body.vault);
    each_content(item, &mut |content| {
        let known = visit_sealed(content, &mut |field, value| {
            let secret = sealed::unseal(&old.key, vault, id, &field, value)?;
            *value = sealed::seal_with(
                &new.key,
                vault,
                id,
                &field,
                &secret,
                value.id,
                crypto::random(),
            );
            Ok::<(), VaultError>(())
        })?;
        if known {
            Ok(())
        } else {
            Err(VaultError::NewerContent(id))
        }
    })
}

/// What a look at everything inside a vault found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ItemsReport {
    /// How many items there are, tombstones included.
    pub items: usize,
    /// How many secrets could be opened.
    pub secrets: usize,
    /// Items that can't be decoded, or of which a secret can't be opened.
    pub bad: BTreeSet<ItemId>,
}

impl Vault {
    /// Decodes every item and opens every secret.
    #[must_use]
    pub fn check_items(&self) -> ItemsReport {
        let mut report = ItemsReport::default();
        for stored in self.body.items.iter() {
            report.items += 1;
            let Ok(mut item) = stored.decode() else {
                report.bad.insert(stored.id());
                continue;
            };
            let id = item.id;
            let opened = each_content(&mut item, &mut |content| {
                visit_sealed(content, &mut |field, value| {
                    report.secrets += 1;
                    sealed::unseal(&self.key, self.body.vault, id, &field, value).map(drop)
                })
                .map(drop)
            });
            if opened.is_err() {
                report.secrets -= 1;
                report.bad.insert(id);
            }
        }
        report
    }
}
