//! Saving, and merging what others saved meanwhile.

use std::path::{Path, PathBuf};

use undercroft_crypto as crypto;
use undercroft_model::{InstallationId, Timestamp};

use crate::body::{Body, SaveStamp};
use crate::error::VaultError;
use crate::format::{self, FormatError, Header};
use crate::slots::Slot;
use crate::store::backups::{self, BackupReason, OldVersion};
use crate::store::lock_file::VaultLock;
use crate::store::merge::{MergeReport, merge_bodies, merge_slots};
use crate::store::save::{self, NotSaved};
use crate::vault_key::VaultKey;

use super::{Access, Locking, OnDisk, Vault, read_file};

/// What a save did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SaveReport {
    /// The number of the newest save.
    pub counter: u64,
    /// Whether a file was written; there is no need when disk and memory agree.
    pub written: bool,
    /// What was merged, when the file had been changed from outside.
    pub merged: Option<MergeReport>,
    /// Where the version that was replaced is now.
    pub backup: Option<PathBuf>,
    /// Whether the file on disk could not be read any more; it is among the backups.
    pub replaced_damaged: bool,
    /// Whether the vault file was gone and was written anew.
    pub recreated: bool,
    /// Whether old backups could not be removed.
    pub left_old_backups: bool,
}

/// What is to be written.
pub(crate) struct Draft {
    pub(super) key: VaultKey,
    pub(super) header: Header,
    pub(super) body: Body,
}

/// What was found in the vault's place before a save.
enum Found {
    /// What memory is based on.
    Same,
    /// Nothing; somebody removed it.
    Nothing,
    /// Something that is no whole vault.
    Damaged,
    /// Another version of the vault.
    Changed {
        digest: [u8; 32],
        header: Header,
        body: Body,
    },
}

impl Vault {
    /// Saves the changes, after merging what others saved meanwhile.
    ///
    /// Without changes this only takes in what others saved.
    ///
    /// # Errors
    /// After any error the file on disk is whole and the changes are still in memory: [`Vault::is_dirty`] stays
    /// true. [`VaultError::ChangedKey`] asks for [`Vault::merge_changed_key`].
    pub fn save(&mut self, now: Timestamp) -> Result<SaveReport, VaultError> {
        let draft = self.draft();
        self.commit(draft, now)
    }

    /// Takes in the file on disk, which has another vault key, with the password or recovery key that opens it.
    ///
    /// The newer of the two keys stays: changes are sealed again under it. The next [`Vault::save`] writes.
    /// Blocks for Argon2id's time.
    ///
    /// # Errors
    /// [`VaultError::Format`] when the credential does not open the file, [`VaultError::OtherVault`] when that
    /// is a different vault.
    pub fn merge_changed_key(
        &mut self,
        credential: crate::slots::Credential<'_>,
    ) -> Result<MergeReport, VaultError> {
        let bytes = read_file(&*self.disk, &self.place)?;
        let opened = format::open(&bytes, credential)?;
        let theirs = Draft {
            key: opened.vault_key,
            header: opened.header,
            body: opened.body,
        };
        let stamp = theirs.body.saves.last().copied();
        let report = self.take_in(theirs)?;
        self.on_disk = OnDisk {
            digest: crypto::sha256(&bytes),
            stamp,
        };
        Ok(report)
    }

    /// Takes in another file of this vault, such as a backup that is newer than the vault or went another way.
    ///
    /// # Errors
    /// [`VaultError::ChangedKey`] when it has another vault key, [`VaultError::OtherVault`] when it is a
    /// different vault.
    pub fn merge_file(&mut self, path: &Path) -> Result<MergeReport, VaultError> {
        let place = crate::store::place::Place::of_existing(&*self.disk, path)?;
        self.merge_bytes(&read_file(&*self.disk, &place)?)
    }

    /// Takes in the bytes of a file of this vault.
    ///
    /// # Errors
    /// As [`Vault::merge_file`].
    pub fn merge_bytes(&mut self, bytes: &[u8]) -> Result<MergeReport, VaultError> {
        let (header, body) = match format::open_with_key(bytes, &self.key) {
            Err(FormatError::OtherVaultKey) => return Err(VaultError::ChangedKey),
            opened => opened?,
        };
        self.take_in(Draft {
            key: self.key.clone(),
            header,
            body,
        })
    }

    pub(crate) fn draft(&self) -> Draft {
        Draft {
            key: self.key.clone(),
            header: self.header.clone(),
            body: self.body.clone(),
        }
    }

    /// Writes a draft, merged with what is on disk, and makes it the present state.
    pub(super) fn commit(
        &mut self,
        mut draft: Draft,
        now: Timestamp,
    ) -> Result<SaveReport, VaultError> {
        if self.access != Access::Write {
            return Err(VaultError::ReadOnly);
        }
        let _lock = match self.locking {
            Locking::WhileUnlocked { .. } => None,
            Locking::WhileSaving { patience } => {
                Some(VaultLock::take(&*self.disk, &self.place, patience)?)
            }
        };
        let found = self.look()?;
        // Another vault key has other slots.
        let is_changed = self.dirty || draft.header != self.header;
        let mut report = SaveReport {
            counter: self.on_disk.stamp.map_or(0, |stamp| stamp.counter),
            written: false,
            merged: None,
            backup: None,
            replaced_damaged: false,
            recreated: false,
            left_old_backups: false,
        };
        let old = match found {
            Found::Same if !is_changed => return Ok(report),
            Found::Same => Some((self.on_disk.stamp, BackupReason::Save)),
            Found::Nothing => {
                report.recreated = true;
                None
            }
            Found::Damaged => {
                report.replaced_damaged = true;
                Some((self.on_disk.stamp, BackupReason::Damaged))
            }
            Found::Changed {
                digest,
                header,
                body,
            } => {
                let stamp = body.saves.last().copied();
                let mut theirs = Draft {
                    key: self.key.clone(),
                    header,
                    body,
                };
                if !draft.key.ct_eq(&self.key) {
                    super::keys::bring_under(&mut theirs, &draft)?;
                }
                report.merged = Some(merge_into(&mut draft, &theirs)?);
                let is_theirs = draft.header.slots == theirs.header.slots
                    && draft.body.items == theirs.body.items
                    && draft.body.saves == theirs.body.saves
                    && draft.key.ct_eq(&self.key);
                if is_theirs {
                    report.counter = stamp.map_or(0, |stamp| stamp.counter);
                    self.adopt(draft, OnDisk { digest, stamp });
                    return Ok(report);
                }
                Some((stamp, BackupReason::Outside))
            }
        };
        let old = old.map(|(stamp, reason)| OldVersion {
            saved_at: stamp.map_or(now, |stamp| stamp.at),
            counter: stamp.map_or(0, |stamp| stamp.counter),
            reason,
        });
        self.write(draft, old, now, report)
    }

    /// Writes a draft over what is on disk, which `old` describes.
    fn write(
        &mut self,
        mut draft: Draft,
        old: Option<OldVersion>,
        now: Timestamp,
        mut report: SaveReport,
    ) -> Result<SaveReport, VaultError> {
        let stamp = next_stamp(&draft.body, self.installation, now);
        draft.body.saves.push(stamp);
        keep_newest(&mut draft.body.saves);
        let bytes = format::write(&draft.header, &draft.key, &draft.body)?;
        let written = save::replace(&*self.disk, &self.place, &bytes, old, &|read| {
            verify(read, &draft.key, &draft.body)
        });
        let on_disk = OnDisk {
            digest: crypto::sha256(&bytes),
            stamp: Some(stamp),
        };
        match written {
            Ok(backup) => report.backup = backup,
            Err(NotSaved { error, replaced }) => {
                if replaced {
                    self.adopt(draft, on_disk);
                    self.dirty = true;
                }
                return Err(error);
            }
        }
        self.adopt(draft, on_disk);
        report.written = true;
        report.counter = stamp.counter;
        let thinned = backups::thin_out(&*self.disk, &self.place, report.backup.as_deref());
        report.left_old_backups = thinned.is_err();
        Ok(report)
    }

    fn adopt(&mut self, draft: Draft, on_disk: OnDisk) {
        self.key = draft.key;
        self.header = draft.header;
        self.body = draft.body;
        self.on_disk = on_disk;
        self.dirty = false;
    }

    /// Looks at the vault file and compares it with what memory is based on.
    fn look(&self) -> Result<Found, VaultError> {
        let bytes = match read_file(&*self.disk, &self.place) {
            Ok(bytes) => bytes,
            Err(VaultError::NotFound { .. }) if self.is_unmounted() => {
                return Err(VaultError::FolderMissing {
                    folder: self.place.folder().to_owned(),
                });
            }
            Err(VaultError::NotFound { .. }) => return Ok(Found::Nothing),
            Err(error) => return Err(error),
        };
        let digest = crypto::sha256(&bytes);
        if digest == self.on_disk.digest {
            return Ok(Found::Same);
        }
        match format::open_with_key(&bytes, &self.key) {
            Ok((_, body)) if body.vault != self.body.vault => Err(VaultError::OtherVault),
            Ok((header, body)) => Ok(Found::Changed {
                digest,
                header,
                body,
            }),
            Err(FormatError::OtherVaultKey) => Err(VaultError::ChangedKey),
            Err(error) if is_damage(error) => Ok(Found::Damaged),
            Err(error) => Err(error.into()),
        }
    }

    /// Whether the vault's folder is now on another file system than when the vault was opened.
    fn is_unmounted(&self) -> bool {
        let now = super::file_system_of(&*self.disk, &self.place);
        self.file_system != 0 && now != 0 && now != self.file_system
    }

    /// Merges another version into memory, bringing the one with the older vault key under the newer.
    pub(crate) fn take_in(&mut self, mut theirs: Draft) -> Result<MergeReport, VaultError> {
        if theirs.body.vault != self.body.vault {
            return Err(VaultError::OtherVault);
        }
        let mut ours = self.draft();
        if !theirs.key.ct_eq(&ours.key) {
            if newest_slot(&theirs.header) > newest_slot(&ours.header) {
                super::keys::bring_under(&mut ours, &theirs)?;
            } else {
                super::keys::bring_under(&mut theirs, &ours)?;
            }
        }
        let report = merge_into(&mut ours, &theirs)?;
        self.key = ours.key;
        self.header = ours.header;
        self.body = ours.body;
        self.dirty = true;
        Ok(report)
    }
}

/// The stamp of the save that comes after all that went into a body.
pub(super) fn next_stamp(body: &Body, installation: InstallationId, now: Timestamp) -> SaveStamp {
    let newest = body
        .saves
        .iter()
        .map(|save| save.counter)
        .max()
        .unwrap_or(0);
    SaveStamp {
        id: crypto::random(),
        counter: newest.saturating_add(1),
        installation,
        at: now,
    }
}

/// Decrypts what was read back and compares it with what was meant.
pub(crate) fn verify(read: &[u8], key: &VaultKey, body: &Body) -> Result<(), VaultError> {
    match format::open_with_key(read, key) {
        Ok((_, found)) if found == *body => Ok(()),
        Ok(_) | Err(_) => Err(VaultError::Verify),
    }
}

fn merge_into(ours: &mut Draft, theirs: &Draft) -> Result<MergeReport, VaultError> {
    let newest = theirs.body.saves.last();
    let theirs_is_older =
        newest.is_some_and(|theirs| ours.body.saves.iter().any(|save| save.id == theirs.id));
    let (body, mut report) = merge_bodies(&ours.body, &theirs.body)?;
    let slots = merge_slots(&ours.header.slots, &theirs.header.slots, theirs_is_older);
    report.slots_changed = slots != ours.header.slots;
    ours.header.slots = slots;
    ours.header.version = ours.header.version.max(theirs.header.version);
    ours.header.unknown.merge(&theirs.header.unknown);
    ours.body = body;
    Ok(report)
}

fn newest_slot(header: &Header) -> Option<undercroft_model::Revision> {
    header.slots.iter().map(|slot: &Slot| slot.revision).max()
}

fn keep_newest(saves: &mut Vec<SaveStamp>) {
    let excess = saves.len().saturating_sub(crate::body::MAX_SAVES);
    saves.drain(..excess);
}

/// Whether an error says that the bytes are no whole vault, rather than one that is not for us.
fn is_damage(error: FormatError) -> bool {
    match error {
        FormatError::NotAVault
        | FormatError::Truncated
        | FormatError::HeaderLength
        | FormatError::Damaged
        | FormatError::Malformed(_)
        | FormatError::TrailingBytes
        | FormatError::Tampered => true,
        FormatError::TooLarge
        | FormatError::TooNew { .. }
        | FormatError::HostileKdf
        | FormatError::OutOfMemory
        | FormatError::NoSuchSlot
        | FormatError::WrongCredential
        | FormatError::OtherVaultKey
        | FormatError::WrongValue
        | FormatError::SlotCount => false,
    }
}
