//! The names around a vault file: its folder, lock file, temporary files and backups.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

use crate::error::{Step, VaultError};

use super::disk::{Disk, FileKind};

/// The folder of backups, beside the vault file.
const BACKUPS: &str = "backups";

/// Where a vault is, after following symbolic links.
///
/// A link to a vault stays a link: saving replaces what it points to, in the folder where that is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    file: PathBuf,
    folder: PathBuf,
    name: OsString,
}

impl Place {
    /// Finds the place of a vault that exists.
    pub(crate) fn of_existing(disk: &dyn Disk, path: &Path) -> Result<Self, VaultError> {
        match disk.resolve(path) {
            Ok(file) => Self::at(file),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err(missing(disk, path)),
            Err(error) => Err(Step::FindFolder.failed(error)),
        }
    }

    /// Finds the place for a vault that must not exist yet.
    pub(crate) fn of_new(disk: &dyn Disk, path: &Path) -> Result<Self, VaultError> {
        match disk.metadata(path) {
            Ok(_) => {
                return Err(VaultError::AlreadyExists {
                    path: path.to_owned(),
                });
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(Step::FindFolder.failed(error)),
        }
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            Some(_) | None => Path::new("."),
        };
        let name = path.file_name().ok_or_else(|| VaultError::NotAFile {
            path: path.to_owned(),
        })?;
        match disk.resolve(folder) {
            Ok(folder) => Self::at(folder.join(name)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Err(VaultError::FolderMissing {
                    folder: folder.to_owned(),
                })
            }
            Err(error) => Err(Step::FindFolder.failed(error)),
        }
    }

    fn at(file: PathBuf) -> Result<Self, VaultError> {
        match (file.parent(), file.file_name()) {
            (Some(folder), Some(name)) => Ok(Self {
                folder: folder.to_owned(),
                name: name.to_owned(),
                file,
            }),
            (Some(_) | None, Some(_) | None) => Err(VaultError::NotAFile { path: file }),
        }
    }

    /// The vault file itself.
    pub(crate) fn file(&self) -> &Path {
        &self.file
    }

    /// The folder that holds the vault file.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The vault file's name.
    pub(crate) fn name(&self) -> &OsString {
        &self.name
    }

    /// The side file that carries the advisory lock.
    pub(crate) fn lock(&self) -> PathBuf {
        let mut name = self.name.clone();
        name.push(".lock");
        self.folder.join(name)
    }

    /// The folder of backups.
    pub(crate) fn backups(&self) -> PathBuf {
        self.folder.join(BACKUPS)
    }

    /// A name for a temporary file that nobody else uses.
    pub(crate) fn temporary(&self) -> Result<PathBuf, VaultError> {
        let mut random = [0; 8];
        getrandom::fill(&mut random)
            .map_err(|_| Step::CreateTemporary.failed(io::Error::other("no random numbers")))?;
        let mut name = self.temporary_prefix();
        name.push(data_encoding::HEXLOWER.encode(&random));
        name.push(TEMPORARY_SUFFIX);
        Ok(self.folder.join(name))
    }

    /// Whether a path is a temporary file that a save of this vault once made.
    pub(crate) fn is_temporary(&self, path: &Path) -> bool {
        let Some(name) = path.file_name().map(|name| name.as_encoded_bytes()) else {
            return false;
        };
        let prefix = self.temporary_prefix();
        name.strip_prefix(prefix.as_encoded_bytes())
            .and_then(|rest| rest.strip_suffix(TEMPORARY_SUFFIX.as_bytes()))
            .is_some_and(|random| random.len() == 16 && random.iter().all(u8::is_ascii_hexdigit))
    }

    fn temporary_prefix(&self) -> OsString {
        let mut name = OsString::from(".");
        name.push(&self.name);
        name.push(".");
        name
    }
}

const TEMPORARY_SUFFIX: &str = ".tmp";

/// Tells a missing file from a missing folder.
fn missing(disk: &dyn Disk, path: &Path) -> VaultError {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        Some(_) | None => {
            return VaultError::NotFound {
                path: path.to_owned(),
            };
        }
    };
    match disk
        .resolve(folder)
        .and_then(|folder| disk.metadata(&folder))
    {
        Ok(metadata) if metadata.kind == FileKind::Folder => VaultError::NotFound {
            path: path.to_owned(),
        },
        Ok(_) | Err(_) => VaultError::FolderMissing {
            folder: folder.to_owned(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::faulty_disk::FaultyDisk;

    #[test]
    fn a_link_is_followed_to_the_folder_of_its_target() {
        let disk = FaultyDisk::with_folder(Path::new("/real"));
        disk.put(Path::new("/real/it.vault"), b"x");
        disk.link(Path::new("/link"), Path::new("/real/it.vault"));
        let place = Place::of_existing(&disk, Path::new("/link")).unwrap();
        assert_eq!(place.folder(), Path::new("/real"));
        assert_eq!(place.lock(), Path::new("/real/it.vault.lock"));
    }

    #[test]
    fn only_our_own_temporary_files_are_recognised() {
        let disk = FaultyDisk::with_folder(Path::new("/v"));
        let place = Place::of_new(&disk, Path::new("/v/it.vault")).unwrap();
        assert!(place.is_temporary(&place.temporary().unwrap()));
        for name in [
            "it.vault",
            ".it.vault.tmp",
            ".it.vault.0123456789abcde.tmp",
            ".other.vault.0123456789abcdef.tmp",
            ".it.vault.0123456789abcdeg.tmp",
        ] {
            assert!(!place.is_temporary(&Path::new("/v").join(name)), "{name}");
        }
    }

    #[test]
    fn a_missing_file_and_a_missing_folder_are_told_apart() {
        let disk = FaultyDisk::with_folder(Path::new("/v"));
        assert!(matches!(
            Place::of_existing(&disk, Path::new("/v/it")),
            Err(VaultError::NotFound { .. })
        ));
        assert!(matches!(
            Place::of_existing(&disk, Path::new("/w/it")),
            Err(VaultError::FolderMissing { .. })
        ));
        assert!(matches!(
            Place::of_new(&disk, Path::new("/w/it")),
            Err(VaultError::FolderMissing { .. })
        ));
        disk.put(Path::new("/v/file"), b"x");
        assert!(matches!(
            Place::of_existing(&disk, Path::new("/v/file/it")),
            Err(VaultError::FolderMissing { .. })
        ));
    }

    #[test]
    fn a_name_alone_is_in_the_working_folder() {
        let name = Path::new("nowhere-yet.undercroft");
        let place = Place::of_new(&crate::store::OsDisk, name).unwrap();
        let working = std::env::current_dir().unwrap().canonicalize().unwrap();
        assert_eq!(place.file(), working.join(name));
        let missing = Place::of_existing(&crate::store::OsDisk, name);
        assert!(matches!(missing, Err(VaultError::NotFound { .. })));
    }

    #[test]
    fn a_place_that_cannot_be_looked_at_is_neither_free_nor_missing() {
        for operation in ["metadata", "resolve"] {
            let disk = FaultyDisk::with_folder(Path::new("/v"));
            disk.fail_each(operation, rustix::io::Errno::IO.raw_os_error());
            let place = Place::of_new(&disk, Path::new("/v/it"));
            assert!(
                !matches!(place, Ok(_) | Err(VaultError::FolderMissing { .. })),
                "{operation}: {place:?}"
            );
        }
        let disk = FaultyDisk::with_folder(Path::new("/v"));
        disk.put(Path::new("/v/it"), b"x");
        assert!(matches!(
            Place::of_new(&disk, Path::new("/v/it")),
            Err(VaultError::AlreadyExists { .. })
        ));
    }
}
