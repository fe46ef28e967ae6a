//! Backups as the user meets them, and moving a vault to another place.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use undercroft_model::Timestamp;

use crate::error::{Step, VaultError};
use crate::format;
use crate::store::backups::{self, Backup, BackupReason, OldVersion};
use crate::store::disk::Disk;
use crate::store::lock_file::VaultLock;
use crate::store::place::Place;
use crate::store::save::{self, MAX_FILE_BYTES};

use super::{Access, Vault, read_file, saving};

/// What moving a vault left.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Moved {
    /// How many backups moved along.
    pub backups: usize,
    /// Files at the old place that could not be copied or removed.
    pub left_behind: Vec<PathBuf>,
}

/// Lists the backups of the vault at `path`, newest first. The vault itself may be gone.
///
/// # Errors
/// [`VaultError::FolderMissing`], or what the disk answers.
pub fn backups_of(disk: &dyn Disk, path: &Path) -> Result<Vec<Backup>, VaultError> {
    backups::list(disk, &place_of(disk, path)?)
}

/// Puts a backup in the vault's place; the present file, whole or not, is kept as a backup first.
///
/// The vault must be locked. Unlocking then reports [`Rollback::Older`](crate::Rollback::Older) where the newer
/// save was seen: whoever restores on purpose continues with a new installation id, so that new changes are
/// never mistaken for those that were given up.
///
/// # Errors
/// [`VaultError::InUse`] when the vault is unlocked, [`VaultError::Format`] when the backup is no whole vault.
pub fn restore_backup(
    disk: &dyn Disk,
    path: &Path,
    backup: &Path,
    now: Timestamp,
) -> Result<(), VaultError> {
    let place = place_of(disk, path)?;
    let _lock = VaultLock::take(disk, &place, Duration::ZERO)?;
    let bytes = disk.read(backup, MAX_FILE_BYTES).map_err(|error| {
        if error.kind() == io::ErrorKind::NotFound {
            VaultError::NotFound {
                path: backup.to_owned(),
            }
        } else {
            Step::Read.failed(error)
        }
    })?;
    format::parse(&bytes)?;
    let verify = |read: &[u8]| format::parse(read).map(drop).map_err(VaultError::from);
    match disk.metadata(place.file()) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            save::create(disk, &place, &bytes, &verify)
        }
        Err(error) => Err(Step::Read.failed(error)),
        Ok(_) => {
            let old = OldVersion {
                saved_at: now,
                counter: 0,
                reason: BackupReason::Restore,
            };
            save::replace(disk, &place, &bytes, Some(old), &verify)
                .map(drop)
                .map_err(|not_saved| not_saved.error)
        }
    }
}

impl Vault {
    /// Lists the vault's backups, newest first.
    ///
    /// # Errors
    /// What the disk answers.
    pub fn backups(&self) -> Result<Vec<Backup>, VaultError> {
        backups::list(&*self.disk, &self.place)
    }

    /// Writes what is in memory, saved or not, into another file, for a time when the vault's own place can't be
    /// written; [`Vault::merge_file`] takes it in again.
    ///
    /// # Errors
    /// [`VaultError::AlreadyExists`] when there is anything at `path`; otherwise what the disk answers.
    pub fn write_copy(&self, path: &Path) -> Result<(), VaultError> {
        let place = Place::of_new(&*self.disk, path)?;
        let bytes = self.to_bytes()?;
        save::create(&*self.disk, &place, &bytes, &|read| {
            saving::verify(read, &self.key, &self.body)
        })
    }

    /// What is in memory, saved or not, as a file would hold it; [`Vault::merge_bytes`] takes it in again.
    ///
    /// # Errors
    /// [`VaultError::Format`] when it is larger than a vault may be.
    pub fn to_bytes(&self) -> Result<Vec<u8>, VaultError> {
        Ok(format::write(&self.header, &self.key, &self.body)?)
    }

    /// Saves, then moves the vault and its backups to another place.
    ///
    /// The old file goes only after the new one was written, read back and made durable.
    ///
    /// # Errors
    /// [`VaultError::AlreadyExists`] when there is anything at `path`; otherwise as [`Vault::save`]. The vault is
    /// where it was then.
    pub fn move_to(&mut self, path: &Path, now: Timestamp) -> Result<Moved, VaultError> {
        if self.access != Access::Write {
            return Err(VaultError::ReadOnly);
        }
        let new_place = Place::of_new(&*self.disk, path)?;
        let new_lock = VaultLock::take(&*self.disk, &new_place, Duration::ZERO)?;
        self.save(now)?;
        let bytes = read_file(&*self.disk, &self.place)?;
        save::create(&*self.disk, &new_place, &bytes, &|read| {
            saving::verify(read, &self.key, &self.body)
        })?;
        let old_place = std::mem::replace(&mut self.place, new_place);
        self.file_system = super::file_system_of(&*self.disk, &self.place);
        let mut moved = Moved::default();
        for backup in backups::list(&*self.disk, &old_place).unwrap_or_default() {
            let copied = backups::take_over(&*self.disk, &self.place, &backup);
            if copied
                .and_then(|()| remove(&*self.disk, &backup.path))
                .is_ok()
            {
                moved.backups += 1;
            } else {
                moved.left_behind.push(backup.path);
            }
        }
        if remove(&*self.disk, old_place.file()).is_err() {
            moved.left_behind.push(old_place.file().to_owned());
        }
        let old_lock = self.lock.replace(new_lock);
        let _ = remove(&*self.disk, &old_place.lock());
        drop(old_lock);
        let _ = self.disk.sync_folder(old_place.folder());
        Ok(moved)
    }
}

fn remove(disk: &dyn Disk, path: &Path) -> Result<(), VaultError> {
    disk.remove(path)
        .map_err(|error| Step::Remove.failed(error))
}

/// The place of a vault that may be gone, while its backups are there.
fn place_of(disk: &dyn Disk, path: &Path) -> Result<Place, VaultError> {
    match Place::of_existing(disk, path) {
        Err(VaultError::NotFound { .. }) => Place::of_new(disk, path),
        place => place,
    }
}
