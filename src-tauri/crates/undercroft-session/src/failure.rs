//! Which errors of the vault a user can do something about.

use std::path::{Path, PathBuf};

use undercroft_vault::{Disk, FormatError, FormatVersion, VaultError};

use crate::{SessionError, shared::Shared};

impl SessionError {
    /// Says what an error of the vault at `path` means.
    ///
    /// A wrong credential is not counted here: see [`Shared::wrong_password`].
    pub(crate) fn of_vault(shared: &Shared, path: &Path, error: &VaultError) -> Self {
        let path = path.to_owned();
        match error {
            VaultError::NotFound { .. } => Self::VaultMissing {
                backups: count_backups(&*shared.disk, &path),
                path,
            },
            VaultError::FolderMissing { folder } => Self::FolderMissing {
                path: folder.clone(),
            },
            VaultError::NotAFile { path } => Self::NotAVault { path: path.clone() },
            VaultError::ReadOnly => Self::ReadOnly { path },
            VaultError::DiskFull { .. } => Self::DiskFull { path },
            VaultError::Permission { .. } => Self::NoPermission { path },
            VaultError::Io { source, .. } => Self::Disk {
                path,
                detail: source.to_string(),
            },
            VaultError::InUse { holder } => Self::InUse {
                pid: holder.as_ref().map(|holder| holder.process),
            },
            VaultError::AlreadyExists { path } => Self::AlreadyExists { path: path.clone() },
            VaultError::Format(error) => Self::of_format(shared, path, *error),
            VaultError::QuickKey(_) => Self::PasswordNeeded,
            VaultError::ChangedKey => Self::KeyReplaced,
            VaultError::OtherVault => Self::AlreadyExists { path },
            VaultError::Verify => Self::Disk {
                path,
                detail: error.to_string(),
            },
            VaultError::NoSuchItem(_) | VaultError::WrongState(_) => Self::NoSuchItem,
            VaultError::WrongPassword => Self::WrongPassword {
                wait_secs: shared.wait_secs(),
            },
            VaultError::NewerContent(_) => Self::TooNew {
                needs: format!("later than {}", FormatVersion::CURRENT),
            },
            VaultError::BadItem(_) | _ => Self::Internal,
        }
    }

    fn of_format(shared: &Shared, path: PathBuf, error: FormatError) -> Self {
        match error {
            FormatError::NotAVault => Self::NotAVault { path },
            FormatError::TooNew { needs } => Self::TooNew {
                needs: needs.to_string(),
            },
            FormatError::HostileKdf => Self::HostileParameters,
            FormatError::WrongCredential | FormatError::NoSuchSlot => Self::WrongPassword {
                wait_secs: shared.wait_secs(),
            },
            FormatError::OtherVaultKey => Self::KeyReplaced,
            FormatError::OutOfMemory | FormatError::SlotCount => Self::Internal,
            FormatError::Truncated
            | FormatError::HeaderLength
            | FormatError::Damaged
            | FormatError::Malformed(_)
            | FormatError::TrailingBytes
            | FormatError::Tampered
            | FormatError::TooLarge
            | FormatError::WrongValue => Self::Damaged {
                backups: count_backups(&*shared.disk, &path),
                path,
            },
            _ => Self::Internal,
        }
    }
}

fn count_backups(disk: &dyn Disk, path: &Path) -> u32 {
    undercroft_vault::backups_of(disk, path).map_or(0, |backups| {
        u32::try_from(backups.len()).unwrap_or(u32::MAX)
    })
}
