//! Looking at a vault file without opening it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::error::VaultError;
use crate::format::{self, FormatVersion};
use crate::kdf::KdfParams;
use crate::slots::SlotKind;
use crate::store::disk::Disk;
use crate::store::lock_file::VaultLock;
use crate::store::place::Place;
use crate::vault::read_file;

/// What a vault file tells without a password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckReport {
    /// The file, after following symbolic links.
    pub path: PathBuf,
    /// Its size in bytes.
    pub size_bytes: u64,
    /// The version of its format.
    pub version: FormatVersion,
    /// The kinds of its slots and what opening each costs.
    pub slots: Vec<(SlotKind, Option<KdfParams>)>,
}

/// Checks that a file is a vault that is not damaged as far as can be told without a password.
///
/// The header's hash covers the header; damage in the body shows only when it is decrypted.
///
/// # Errors
/// [`VaultError::NotFound`], [`VaultError::FolderMissing`], [`VaultError::Permission`], and so on, each for its
/// cause; [`VaultError::Format`] says what is wrong with the file.
pub fn check(disk: &dyn Disk, path: &Path) -> Result<CheckReport, VaultError> {
    let place = Place::of_existing(disk, path)?;
    let bytes = read_file(disk, &place)?;
    let parsed = format::parse(&bytes)?;
    Ok(CheckReport {
        path: place.file().to_owned(),
        size_bytes: bytes.len() as u64,
        version: parsed.version(),
        slots: parsed
            .slots()
            .iter()
            .map(|slot| (slot.kind(), slot.kdf()))
            .collect(),
    })
}

/// Checks that nobody has the vault unlocked, by taking its lock for a moment.
///
/// # Errors
/// [`VaultError::InUse`] when somebody has, this process included; what the disk answers.
pub fn check_free(disk: &dyn Disk, path: &Path) -> Result<(), VaultError> {
    let place = Place::of_existing(disk, path)?;
    VaultLock::take(disk, &place, Duration::ZERO).map(drop)
}
