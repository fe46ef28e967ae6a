//! Where a vault lives on disk, and how it is saved without ever being lost.
//!
//! Everything here goes through the [`Disk`] trait, so that each step of a save can be made to fail or to be
//! the last one before a crash. The order of a save is fixed (see [`save`]): lock, compare, temporary file,
//! fsync, read back, backup, rename, fsync of the folder. Nothing is ever truncated in place.

pub(crate) mod backups;
pub(crate) mod disk;
#[cfg(any(test, feature = "faulty-disk"))]
pub mod faulty_disk;
#[cfg(any(test, feature = "faulty-disk"))]
mod faulty_state;
pub(crate) mod lock_file;
pub(crate) mod merge;
pub(crate) mod os_disk;
pub(crate) mod place;
pub(crate) mod rollback;
pub(crate) mod save;
pub(crate) mod seen;

pub use backups::{Backup, BackupReason};
pub use disk::{Disk, DiskFile, DiskLock, FileKind, FileMetadata, LockAttempt};
pub use lock_file::Holder;
pub use merge::MergeReport;
pub use os_disk::OsDisk;
pub use rollback::Rollback;
