//! Why something could not be done with a vault.

use std::fmt;
use std::io;
use std::path::PathBuf;

use undercroft_model::ItemId;

use crate::format::FormatError;
use crate::quick_key::QuickKeyError;
use crate::store::Holder;

/// Why a vault could not be opened, changed or saved.
///
/// No variant carries a secret or bytes of a file. After any error of a save the file on disk is whole and the
/// change is still in memory.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VaultError {
    /// There is no file of that name.
    #[error("there is no vault at this place")]
    NotFound {
        /// The place that was looked at.
        path: PathBuf,
    },
    /// The folder of the vault does not exist (any more).
    #[error("the folder of the vault is not there")]
    FolderMissing {
        /// The missing folder.
        folder: PathBuf,
    },
    /// The name stands for a folder, a device or a pipe.
    #[error("this is not a regular file")]
    NotAFile {
        /// The place that was looked at.
        path: PathBuf,
    },
    /// The vault was opened for reading only, or its file system is mounted so.
    #[error("the vault can only be read here")]
    ReadOnly,
    /// No space, or no quota, is left.
    #[error("the disk or the quota is full ({step})")]
    DiskFull {
        /// What was being done.
        step: Step,
        /// What the system said.
        source: io::Error,
    },
    /// The system forbids it.
    #[error("permission denied ({step})")]
    Permission {
        /// What was being done.
        step: Step,
        /// What the system said.
        source: io::Error,
    },
    /// Any other failure of the file system.
    #[error("the disk failed ({step})")]
    Io {
        /// What was being done.
        step: Step,
        /// What the system said.
        source: io::Error,
    },
    /// Another process, or another part of this one, has the vault unlocked.
    #[error("the vault is in use")]
    InUse {
        /// Who holds it, when they left a note.
        holder: Option<Holder>,
    },
    /// There is a file of that name already; nothing was overwritten.
    #[error("there is a file at this place already")]
    AlreadyExists {
        /// The taken place.
        path: PathBuf,
    },
    /// The file is no vault, damaged, too new, or the credential does not open it.
    #[error(transparent)]
    Format(#[from] FormatError),
    /// The vault key that was sealed on this machine does not open, or not for this file.
    #[error(transparent)]
    QuickKey(#[from] QuickKeyError),
    /// The file on disk got a new vault key from elsewhere: it must be opened with a password before saving.
    #[error("the vault on disk has a new key")]
    ChangedKey,
    /// The file on disk, or the backup, is another vault than this one.
    #[error("this is another vault")]
    OtherVault,
    /// What was written did not read back the same; the old file was left in place.
    #[error("what was written could not be read back")]
    Verify,
    /// No item has this id.
    #[error("there is no such item")]
    NoSuchItem(ItemId),
    /// The item's present state does not allow this (deleting what is not in the bin, for example).
    #[error("the item's state does not allow this")]
    WrongState(ItemId),
    /// An item inside the vault can't be read; the file was written by something else.
    #[error("an item can't be read")]
    BadItem(ItemId),
    /// A newer version put something into this item whose secrets this version can't find.
    #[error("an item was written by a newer version")]
    NewerContent(ItemId),
    /// The password is not the vault's present one.
    #[error("this is not the vault's password")]
    WrongPassword,
}

/// What was being done with the disk when it failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Step {
    /// Finding the vault's folder.
    FindFolder,
    /// Taking the advisory lock.
    Lock,
    /// Reading the vault file.
    Read,
    /// Creating the temporary file.
    CreateTemporary,
    /// Writing the temporary file.
    WriteTemporary,
    /// Making the temporary file durable.
    SyncTemporary,
    /// Reading the temporary file back.
    ReadBack,
    /// Keeping the old file as a backup.
    KeepBackup,
    /// Putting the temporary file in the vault's place.
    Replace,
    /// Making the new name durable.
    SyncFolder,
    /// Looking through the backups.
    ListBackups,
    /// Removing old backups or leftovers.
    Remove,
}

impl Step {
    /// Turns a failure of this step into the error that says it best.
    pub(crate) fn failed(self, source: io::Error) -> VaultError {
        let kind = source.kind();
        let is = |kinds: &[io::ErrorKind]| kinds.contains(&kind);
        if is(&[io::ErrorKind::StorageFull, io::ErrorKind::QuotaExceeded]) {
            VaultError::DiskFull { step: self, source }
        } else if is(&[io::ErrorKind::ReadOnlyFilesystem]) {
            VaultError::ReadOnly
        } else if is(&[io::ErrorKind::PermissionDenied]) {
            VaultError::Permission { step: self, source }
        } else {
            VaultError::Io { step: self, source }
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::FindFolder => "finding the folder",
            Self::Lock => "locking",
            Self::Read => "reading",
            Self::CreateTemporary => "creating the temporary file",
            Self::WriteTemporary => "writing the temporary file",
            Self::SyncTemporary => "syncing the temporary file",
            Self::ReadBack => "reading the temporary file back",
            Self::KeepBackup => "keeping the old file",
            Self::Replace => "replacing the old file",
            Self::SyncFolder => "syncing the folder",
            Self::ListBackups => "listing the backups",
            Self::Remove => "removing old files",
        })
    }
}

#[cfg(test)]
mod tests {
    use io::ErrorKind;

    use super::*;

    #[test]
    fn a_failure_of_the_disk_says_at_what_it_failed() {
        for (kind, expected) in [
            (
                ErrorKind::StorageFull,
                "the disk or the quota is full (locking)",
            ),
            (
                ErrorKind::QuotaExceeded,
                "the disk or the quota is full (locking)",
            ),
            (ErrorKind::PermissionDenied, "permission denied (locking)"),
            (
                ErrorKind::ReadOnlyFilesystem,
                "the vault can only be read here",
            ),
            (ErrorKind::TimedOut, "the disk failed (locking)"),
        ] {
            let failed = Step::Lock.failed(kind.into());
            assert_eq!(failed.to_string(), expected);
        }
    }
}
