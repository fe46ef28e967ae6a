//! The unlocked vault: its items, its keys and its place on disk.

mod items;
mod keys;
mod moving;
mod newer_backups;
mod quick_unlock;
mod saving;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use undercroft_crypto as crypto;
use undercroft_model::{InstallationId, Timestamp, VaultId};
use undercroft_secret::SecretKey;

use crate::body::{self, Body, SaveStamp, StoredItem};
use crate::error::{Step, VaultError};
use crate::format::{self, FormatError, Header};
use crate::kdf::KdfParams;
use crate::recovery::RecoveryKey;
use crate::slots::{Credential, Slot, SlotKind};
use crate::store::disk::{Disk, FileKind};
use crate::store::lock_file::VaultLock;
use crate::store::place::Place;
use crate::store::rollback::{self, Rollback};
use crate::store::save::{self, MAX_FILE_BYTES};
use crate::vault_key::VaultKey;

pub use items::BIN_SECS;
pub use keys::ItemsReport;
pub use moving::{Moved, backups_of, restore_backup};
pub use newer_backups::NewerBackups;
use saving::Draft;
pub use saving::SaveReport;
#[cfg(test)]
pub(crate) use saving::verify;

/// The size up to which other files are taken in; the format's own limit leaves room for changes above it.
const MOST_TAKEN_IN: usize = format::MAX_FILE_LEN - 2 * 1024 * 1024;

/// An unlocked vault.
///
/// Its items stay encoded and their secrets sealed until they are asked for. Changes are made in memory and
/// reach the disk with [`Vault::save`]. While it exists nobody else can unlock the same vault for writing;
/// dropping it locks the vault and wipes what it held.
#[derive(Debug)]
pub struct Vault {
    disk: Arc<dyn Disk>,
    place: Place,
    /// The number of the file system that holds the vault's folder, to notice when that is unmounted: the empty folder
    /// that stays is no place to write the vault anew.
    file_system: u64,
    lock: Option<VaultLock>,
    locking: Locking,
    access: Access,
    installation: InstallationId,
    key: VaultKey,
    header: Header,
    body: Body,
    on_disk: OnDisk,
    dirty: bool,
}

/// The version of the vault that memory is based on.
#[derive(Clone, Copy, Debug)]
struct OnDisk {
    digest: [u8; 32],
    stamp: Option<SaveStamp>,
}

/// How a vault is made.
#[derive(Clone, Copy, Debug)]
pub struct CreateOptions {
    /// What Argon2id costs for the password: see [`KdfParams::calibrate`].
    pub kdf: KdfParams,
    /// Who makes it.
    pub installation: InstallationId,
    /// The present time.
    pub now: Timestamp,
}

/// How a vault is unlocked.
#[derive(Clone, Copy, Debug)]
pub struct UnlockOptions {
    /// Who will change it.
    pub installation: InstallationId,
    /// The present time.
    pub now: Timestamp,
    /// The save that this machine saw last, to notice that an older file was put back.
    pub last_seen: Option<SaveStamp>,
    /// What Argon2id should cost at least today: a weaker password slot is replaced, once it is open. `None`
    /// leaves it.
    pub raise_to: Option<KdfParams>,
    /// Whether changes are wanted.
    pub access: AccessWanted,
    /// For how long the advisory lock is held.
    pub locking: Locking,
}

impl UnlockOptions {
    /// Unlocks for writing, holding the lock, and raises slots that are weaker than any new vault's.
    #[must_use]
    pub fn new(installation: InstallationId, now: Timestamp) -> Self {
        Self {
            installation,
            now,
            last_seen: None,
            raise_to: Some(KdfParams::MIN_NEW),
            access: AccessWanted::Write,
            locking: Locking::WhileUnlocked {
                patience: Duration::ZERO,
            },
        }
    }
}

/// What a vault is unlocked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccessWanted {
    /// Changing it; where the folder can't be written to, it is unlocked for reading.
    Write,
    /// Reading only: no lock is taken and nothing is ever written.
    Read,
}

/// What an unlocked vault allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// It can be changed and saved.
    Write,
    /// It can be read, as was wanted.
    Read,
    /// It can only be read: its folder or file system does not allow writing.
    ReadOnlyPlace,
}

/// For how long the advisory lock is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Locking {
    /// From unlocking to the end, so that there is one writer.
    WhileUnlocked {
        /// How long to wait for another holder.
        patience: Duration,
    },
    /// During each save only. Others may save in between; their changes are merged.
    WhileSaving {
        /// How long to wait for another holder, at each save.
        patience: Duration,
    },
}

/// What came to light when a vault was unlocked.
#[derive(Debug)]
pub struct UnlockReport {
    /// Which kind of slot was opened; [`SlotKind::Unknown`] when it was the vault key itself.
    pub opened_with: SlotKind,
    /// What the vault allows now.
    pub access: Access,
    /// Whether the password slot was replaced by one with stronger parameters.
    pub raised_kdf: bool,
    /// Whether the file does not follow from the save last seen.
    pub rollback: Option<Rollback>,
    /// Whether others are really kept out: some file systems have no advisory locks.
    pub lock_is_real: bool,
}

impl Vault {
    /// Makes a new vault with a password and a recovery key, which is shown once and kept nowhere.
    ///
    /// Blocks for Argon2id's time.
    ///
    /// # Errors
    /// [`VaultError::AlreadyExists`] when there is anything at `path`; nothing is overwritten.
    pub fn create(
        disk: Arc<dyn Disk>,
        path: &Path,
        password: &undercroft_secret::SecretString,
        options: CreateOptions,
    ) -> Result<(Self, RecoveryKey), VaultError> {
        let place = Place::of_new(&*disk, path)?;
        let lock = VaultLock::take(&*disk, &place, Duration::ZERO)?;
        let key = VaultKey::random();
        let recovery = RecoveryKey::random();
        let revision = undercroft_model::Revision::first(options.installation);
        let header = Header::new(vec![
            Slot::new_password(&key, password, options.kdf, revision)?,
            Slot::new_recovery(&key, &recovery, revision)?,
        ]);
        let mut body = Body::new(VaultId::new_random());
        let stamp = saving::next_stamp(&body, options.installation, options.now);
        body.saves.push(stamp);
        let bytes = format::write(&header, &key, &body)?;
        save::create(&*disk, &place, &bytes, &|read| {
            saving::verify(read, &key, &body)
        })?;
        let vault = Self {
            on_disk: OnDisk {
                digest: crypto::sha256(&bytes),
                stamp: Some(stamp),
            },
            file_system: file_system_of(&*disk, &place),
            disk,
            place,
            lock: Some(lock),
            locking: Locking::WhileUnlocked {
                patience: Duration::ZERO,
            },
            access: Access::Write,
            installation: options.installation,
            key,
            header,
            body,
            dirty: false,
        };
        Ok((vault, recovery))
    }

    /// Unlocks a vault with a password or a recovery key. Blocks for Argon2id's time.
    ///
    /// # Errors
    /// [`VaultError::InUse`] when somebody else holds the lock; [`VaultError::Format`] when the credential is
    /// wrong or the file is no whole vault that this version can read.
    pub fn unlock(
        disk: Arc<dyn Disk>,
        path: &Path,
        credential: Credential<'_>,
        options: UnlockOptions,
    ) -> Result<(Self, UnlockReport), VaultError> {
        let (mut vault, mut report) = Self::open_at(disk, path, options, |bytes| {
            let opened = format::open(bytes, credential)?;
            let state = Draft {
                key: opened.vault_key,
                header: opened.header,
                body: opened.body,
            };
            Ok((state, credential.kind()))
        })?;
        if let (Credential::Password(password), Some(kdf)) = (credential, options.raise_to)
            && vault.access == Access::Write
            && report.rollback.is_none()
        {
            report.raised_kdf = vault.raise_kdf(password, kdf, options.now);
        }
        Ok((vault, report))
    }

    /// Unlocks a vault with its vault key, for whoever holds that already.
    ///
    /// # Errors
    /// [`VaultError::ChangedKey`] when the file has another vault key; otherwise as [`Vault::unlock`].
    pub fn unlock_with_key(
        disk: Arc<dyn Disk>,
        path: &Path,
        key: &VaultKey,
        options: UnlockOptions,
    ) -> Result<(Self, UnlockReport), VaultError> {
        Self::open_at(disk, path, options, |bytes| {
            Ok((open_with(bytes, key.clone())?, SlotKind::Unknown))
        })
    }

    fn open_at(
        disk: Arc<dyn Disk>,
        path: &Path,
        options: UnlockOptions,
        open: impl FnOnce(&[u8]) -> Result<(Draft, SlotKind), VaultError>,
    ) -> Result<(Self, UnlockReport), VaultError> {
        let place = Place::of_existing(&*disk, path)?;
        let (lock, access) = take_lock(&*disk, &place, options)?;
        let lock_is_real = lock.as_ref().is_some_and(VaultLock::is_real);
        if lock_is_real {
            save::clear_leftovers(&*disk, &place);
        }
        let bytes = read_file(&*disk, &place)?;
        let (Draft { key, header, body }, opened_with) = open(&bytes)?;
        let report = UnlockReport {
            opened_with,
            access,
            raised_kdf: false,
            rollback: rollback::check(&body.saves, options.last_seen),
            lock_is_real,
        };
        let vault = Self {
            on_disk: OnDisk {
                digest: crypto::sha256(&bytes),
                stamp: body.saves.last().copied(),
            },
            file_system: file_system_of(&*disk, &place),
            disk,
            place,
            lock: match options.locking {
                Locking::WhileUnlocked { .. } => lock,
                Locking::WhileSaving { .. } => None,
            },
            locking: options.locking,
            access,
            installation: options.installation,
            key,
            header,
            body,
            dirty: false,
        };
        Ok((vault, report))
    }

    /// Names the vault for its whole life.
    #[must_use]
    pub fn id(&self) -> VaultId {
        self.body.vault
    }

    /// The vault file, after following symbolic links.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.place.file()
    }

    /// The folder of the vault's backups; it may not exist yet.
    #[must_use]
    pub fn backups_folder(&self) -> PathBuf {
        self.place.backups()
    }

    /// What the vault allows.
    #[must_use]
    pub fn access(&self) -> Access {
        self.access
    }

    /// Gives up changing the vault: nothing is written any more, and others may unlock it.
    pub fn make_read_only(&mut self) {
        self.access = Access::Read;
        self.lock = None;
    }

    /// Whether there are changes that did not reach the disk.
    #[must_use]
    pub fn is_dirty(&self) -> bool {
        self.dirty
    }

    /// The newest save that went into what is in memory.
    #[must_use]
    pub fn stamp(&self) -> Option<SaveStamp> {
        self.body.saves.last().copied()
    }

    /// Compares what was unlocked with the save that this machine saw last, for whoever learns of that only with the
    /// vault's key.
    #[must_use]
    pub fn rollback_since(&self, last_seen: SaveStamp) -> Option<Rollback> {
        rollback::check(&self.body.saves, Some(last_seen))
    }

    /// Derives a key for something kept beside the vault. Each label has its own.
    #[must_use]
    pub fn derive_key(&self, label: &str) -> SecretKey {
        self.key.derive(label)
    }

    /// The vault key, to unlock the same vault again without stretching.
    #[must_use]
    pub fn vault_key(&self) -> &VaultKey {
        &self.key
    }

    pub(crate) fn installation(&self) -> InstallationId {
        self.installation
    }

    pub(crate) fn stored(&self) -> &Body {
        &self.body
    }

    /// Puts items in their places, all of them or none; the next save writes.
    pub(crate) fn put_stored(&mut self, items: Vec<StoredItem>) -> Result<(), VaultError> {
        if self.access != Access::Write {
            return Err(VaultError::ReadOnly);
        }
        let mut body = self.body.clone();
        for item in items {
            body.items.insert(item);
        }
        // A vault that can't be written any more would be worse than a refusal.
        if body::max_encoded_len(&body, self.header.slots.len()) > MOST_TAKEN_IN {
            return Err(FormatError::TooLarge.into());
        }
        self.body = body;
        self.dirty = true;
        Ok(())
    }

    /// The kinds and costs of the slots that open the vault.
    pub fn slots(&self) -> impl Iterator<Item = (SlotKind, Option<KdfParams>)> {
        self.header
            .slots
            .iter()
            .map(|slot| (slot.kind(), slot.kdf()))
    }
}

/// Opens a file with the key that it should have.
fn open_with(bytes: &[u8], key: VaultKey) -> Result<Draft, VaultError> {
    match format::open_with_key(bytes, &key) {
        Ok((header, body)) => Ok(Draft { key, header, body }),
        Err(FormatError::OtherVaultKey) => Err(VaultError::ChangedKey),
        Err(error) => Err(error.into()),
    }
}

/// Takes the lock where changes are wanted; where the place does not allow it, changes are not possible.
fn take_lock(
    disk: &dyn Disk,
    place: &Place,
    options: UnlockOptions,
) -> Result<(Option<VaultLock>, Access), VaultError> {
    let patience = match (options.access, options.locking) {
        (AccessWanted::Read, _) => return Ok((None, Access::Read)),
        (
            AccessWanted::Write,
            Locking::WhileUnlocked { patience } | Locking::WhileSaving { patience },
        ) => patience,
    };
    match VaultLock::take(disk, place, patience) {
        Ok(lock) => Ok((Some(lock), Access::Write)),
        Err(VaultError::Permission { .. } | VaultError::ReadOnly) => {
            Ok((None, Access::ReadOnlyPlace))
        }
        Err(error) => Err(error),
    }
}

/// The number of the file system that holds a vault's folder; 0 when it can't be told.
fn file_system_of(disk: &dyn Disk, place: &Place) -> u64 {
    disk.metadata(place.folder())
        .map_or(0, |metadata| metadata.file_system)
}

/// Reads the vault file, without opening anything that is no regular file.
pub(crate) fn read_file(disk: &dyn Disk, place: &Place) -> Result<Vec<u8>, VaultError> {
    let path = place.file();
    let failed = |error: io::Error| {
        if error.kind() == io::ErrorKind::FileTooLarge {
            FormatError::TooLarge.into()
        } else if error.kind() != io::ErrorKind::NotFound {
            Step::Read.failed(error)
        } else if disk
            .metadata(place.folder())
            .is_err_and(|error| error.kind() == io::ErrorKind::NotFound)
        {
            VaultError::FolderMissing {
                folder: place.folder().to_owned(),
            }
        } else {
            VaultError::NotFound {
                path: path.to_owned(),
            }
        }
    };
    if disk.metadata(path).map_err(failed)?.kind != FileKind::File {
        return Err(VaultError::NotAFile {
            path: path.to_owned(),
        });
    }
    disk.read(path, MAX_FILE_BYTES).map_err(failed)
}
