//! Writing a vault file so that at every moment the old or the new one is whole.
//!
//! A temporary file of mode 0600 in the same folder is written, fsynced, read back and decrypted; the old file
//! gets a second name among the backups; only then the temporary file takes the vault's name, and the folder
//! is fsynced. A failure on the way removes the temporary file and leaves everything else as it was.

use std::io;
use std::path::{Path, PathBuf};

use crate::error::{Step, VaultError};

use super::backups::{self, OldVersion};
use super::disk::Disk;
use super::place::Place;

/// A file larger than this is no vault.
pub(crate) const MAX_FILE_BYTES: u64 = crate::format::MAX_FILE_LEN as u64;

/// A save that did not succeed.
#[derive(Debug)]
pub(crate) struct NotSaved {
    /// What went wrong.
    pub(crate) error: VaultError,
    /// Whether the new file has the vault's name all the same; only its durability is in doubt then.
    pub(crate) replaced: bool,
}

/// Replaces the vault file by `bytes`, keeping the old one as a backup when `old` describes it.
///
/// `verify` decrypts what was read back.
pub(crate) fn replace(
    disk: &dyn Disk,
    place: &Place,
    bytes: &[u8],
    old: Option<OldVersion>,
    verify: &dyn Fn(&[u8]) -> Result<(), VaultError>,
) -> Result<Option<PathBuf>, NotSaved> {
    let not_replaced = |error| NotSaved {
        error,
        replaced: false,
    };
    let temporary = write_verified(disk, place, bytes, verify).map_err(not_replaced)?;
    let kept = match old {
        None => Ok(None),
        Some(old) => backups::keep(disk, place, old).map(Some),
    };
    let backup = kept.map_err(|error| {
        discard(disk, &temporary);
        not_replaced(error)
    })?;
    disk.rename(&temporary, place.file()).map_err(|error| {
        discard(disk, &temporary);
        not_replaced(Step::Replace.failed(error))
    })?;
    disk.sync_folder(place.folder()).map_err(|error| NotSaved {
        error: Step::SyncFolder.failed(error),
        replaced: true,
    })?;
    Ok(backup)
}

/// Writes a vault file where there is none, never replacing one that appears meanwhile.
pub(crate) fn create(
    disk: &dyn Disk,
    place: &Place,
    bytes: &[u8],
    verify: &dyn Fn(&[u8]) -> Result<(), VaultError>,
) -> Result<(), VaultError> {
    let temporary = write_verified(disk, place, bytes, verify)?;
    let published = publish(disk, place, &temporary);
    discard(disk, &temporary);
    published?;
    disk.sync_folder(place.folder()).map_err(|error| {
        // Nobody was told of this file; left there, it would be in the way of the next attempt.
        discard(disk, place.file());
        Step::SyncFolder.failed(error)
    })
}

/// Writes a durable temporary file beside the vault and answers its path.
pub(crate) fn write_temporary(
    disk: &dyn Disk,
    place: &Place,
    bytes: &[u8],
) -> Result<PathBuf, VaultError> {
    let path = place.temporary()?;
    let mut file = disk.create_new(&path).map_err(|error| {
        if error.kind() == io::ErrorKind::NotFound {
            VaultError::FolderMissing {
                folder: place.folder().to_owned(),
            }
        } else {
            Step::CreateTemporary.failed(error)
        }
    })?;
    let written = file
        .write_all(bytes)
        .map_err(|error| Step::WriteTemporary.failed(error))
        .and_then(|()| {
            file.sync()
                .map_err(|error| Step::SyncTemporary.failed(error))
        });
    drop(file);
    match written {
        Ok(()) => Ok(path),
        Err(error) => {
            discard(disk, &path);
            Err(error)
        }
    }
}

/// Removes the temporary files of saves that were interrupted.
///
/// Only to be called while the lock is held: nobody else is saving then. What can't be removed is left for
/// the next time.
pub(crate) fn clear_leftovers(disk: &dyn Disk, place: &Place) {
    for path in disk.list(place.folder()).unwrap_or_default() {
        if place.is_temporary(&path) {
            discard(disk, &path);
        }
    }
}

fn write_verified(
    disk: &dyn Disk,
    place: &Place,
    bytes: &[u8],
    verify: &dyn Fn(&[u8]) -> Result<(), VaultError>,
) -> Result<PathBuf, VaultError> {
    let path = write_temporary(disk, place, bytes)?;
    let verified = match disk.read(&path, MAX_FILE_BYTES) {
        Err(error) => Err(Step::ReadBack.failed(error)),
        Ok(read) if read != bytes => Err(VaultError::Verify),
        Ok(read) => verify(&read),
    };
    match verified {
        Ok(()) => Ok(path),
        Err(error) => {
            discard(disk, &path);
            Err(error)
        }
    }
}

fn publish(disk: &dyn Disk, place: &Place, temporary: &Path) -> Result<(), VaultError> {
    let taken = || VaultError::AlreadyExists {
        path: place.file().to_owned(),
    };
    match disk.hard_link(temporary, place.file()) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(taken()),
        // Without hard links there is a moment between looking and renaming; the lock file covers it.
        Err(_) => match disk.metadata(place.file()) {
            Ok(_) => Err(taken()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => disk
                .rename(temporary, place.file())
                .map_err(|error| Step::Replace.failed(error)),
            Err(error) => Err(Step::Replace.failed(error)),
        },
    }
}

fn discard(disk: &dyn Disk, temporary: &Path) {
    let _ = disk.remove(temporary);
}

#[cfg(test)]
mod tests {
    use rustix::io::Errno;
    use undercroft_model::Timestamp;

    use super::super::backups::BackupReason;
    use super::*;
    use crate::store::faulty_disk::FaultyDisk;

    const OLD: OldVersion = OldVersion {
        saved_at: Timestamp::from_unix_secs(0),
        counter: 1,
        reason: BackupReason::Save,
    };

    fn setting() -> (FaultyDisk, Place) {
        let disk = FaultyDisk::with_folder(Path::new("/v"));
        let place = Place::of_new(&disk, Path::new("/v/it.vault")).unwrap();
        (disk, place)
    }

    fn any(_: &[u8]) -> Result<(), VaultError> {
        Ok(())
    }

    fn none(_: &[u8]) -> Result<(), VaultError> {
        Err(VaultError::Verify)
    }

    #[test]
    fn other_bytes_than_were_written_never_take_the_vault_s_place() {
        let (disk, place) = setting();
        disk.put(place.file(), b"old");
        disk.corrupt_writes();
        let not_saved = replace(&disk, &place, b"new", Some(OLD), &any).unwrap_err();
        assert!(matches!(not_saved.error, VaultError::Verify) && !not_saved.replaced);
        assert_eq!(disk.bytes(place.file()).unwrap(), b"old");
        assert_eq!(disk.paths_in(place.folder()), [place.file()]);
    }

    #[test]
    fn what_cannot_be_opened_again_never_takes_the_vault_s_place() {
        let (disk, place) = setting();
        assert!(create(&disk, &place, b"new", &none).is_err());
        assert!(disk.paths_in(place.folder()).is_empty());
        disk.put(place.file(), b"old");
        assert!(replace(&disk, &place, b"new", Some(OLD), &none).is_err());
        assert_eq!(disk.bytes(place.file()).unwrap(), b"old");
        assert_eq!(disk.paths_in(place.folder()), [place.file()]);
    }

    #[test]
    fn a_new_file_is_made_with_or_without_hard_links_and_replaces_nothing() {
        for links in [true, false] {
            let (disk, place) = setting();
            if !links {
                disk.fail_each("hard_link", Errno::PERM.raw_os_error());
            }
            create(&disk, &place, b"one", &any).unwrap();
            let again = create(&disk, &place, b"two", &any);
            assert!(matches!(again, Err(VaultError::AlreadyExists { .. })));
            assert_eq!(disk.bytes(place.file()).unwrap(), b"one");
            assert_eq!(disk.paths_in(place.folder()), [place.file()]);
        }
    }

    #[test]
    fn without_hard_links_a_place_that_cannot_be_looked_at_is_left_alone() {
        let (disk, place) = setting();
        disk.fail_each("hard_link", Errno::PERM.raw_os_error());
        disk.fail_each("metadata", Errno::IO.raw_os_error());
        assert!(create(&disk, &place, b"new", &any).is_err());
        assert!(disk.paths_in(place.folder()).is_empty());
    }

    #[test]
    fn a_name_that_is_taken_is_never_renamed_over() {
        // As by a link that leads nowhere, which nothing is found behind.
        let (disk, place) = setting();
        disk.fail_each("hard_link", Errno::EXIST.raw_os_error());
        let taken = create(&disk, &place, b"new", &any);
        assert!(matches!(taken, Err(VaultError::AlreadyExists { .. })));
        assert!(disk.paths_in(place.folder()).is_empty());
    }

    #[test]
    fn a_new_file_whose_name_may_not_last_is_taken_back() {
        let (disk, place) = setting();
        disk.fail_each("sync_folder", Errno::IO.raw_os_error());
        assert!(create(&disk, &place, b"new", &any).is_err());
        assert!(disk.paths_in(place.folder()).is_empty());
    }

    #[test]
    fn a_missing_folder_is_told_from_one_that_refuses() {
        let (disk, place) = setting();
        disk.take_away(place.folder());
        let missing = write_temporary(&disk, &place, b"new");
        assert!(matches!(missing, Err(VaultError::FolderMissing { .. })));
        let (disk, place) = setting();
        disk.fail_each("create", Errno::IO.raw_os_error());
        let refused = write_temporary(&disk, &place, b"new");
        assert!(!matches!(
            refused,
            Ok(_) | Err(VaultError::FolderMissing { .. })
        ));
    }
}
