//! The few file operations that saving needs, one method for each system call that can fail.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// The file system as the vault sees it.
///
/// [`OsDisk`](super::OsDisk) is the real one. Tests put another in its place that fails or dies at a chosen
/// operation. No method retries and none is clever: the order of the calls is what makes a save safe, and that
/// order is written in one place.
pub trait Disk: Send + Sync + fmt::Debug {
    /// Follows every symbolic link of a path that exists.
    ///
    /// # Errors
    /// `NotFound` when the path, or what a link points to, does not exist.
    fn resolve(&self, path: &Path) -> io::Result<PathBuf>;

    /// Describes what a name stands for, without following a link in its last part.
    ///
    /// # Errors
    /// `NotFound` when there is nothing of that name.
    fn metadata(&self, path: &Path) -> io::Result<FileMetadata>;

    /// Reads a whole file, refusing one that is larger than `limit_bytes`.
    ///
    /// # Errors
    /// `FileTooLarge` above the limit; otherwise what the system answers.
    fn read(&self, path: &Path, limit_bytes: u64) -> io::Result<Vec<u8>>;

    /// Creates a file that only its owner may read, failing when the name is taken.
    ///
    /// # Errors
    /// `AlreadyExists` when the name is taken, also by a link that leads nowhere.
    fn create_new(&self, path: &Path) -> io::Result<Box<dyn DiskFile>>;

    /// Creates a folder that only its owner may enter.
    ///
    /// # Errors
    /// `AlreadyExists` when the name is taken.
    fn create_folder(&self, path: &Path) -> io::Result<()>;

    /// Gives a file a second name, failing when that name is taken.
    ///
    /// # Errors
    /// `AlreadyExists` when `to` is taken; `Unsupported` or `PermissionDenied` where there are no hard links.
    fn hard_link(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Renames a file, replacing what had the new name in one step.
    ///
    /// # Errors
    /// What the system answers; the new name then still stands for what it stood for.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Removes a file's name.
    ///
    /// # Errors
    /// What the system answers.
    fn remove(&self, path: &Path) -> io::Result<()>;

    /// Makes the names in a folder durable.
    ///
    /// # Errors
    /// What the system answers.
    fn sync_folder(&self, folder: &Path) -> io::Result<()>;

    /// Lists the full paths in a folder, in no particular order.
    ///
    /// # Errors
    /// What the system answers.
    fn list(&self, folder: &Path) -> io::Result<Vec<PathBuf>>;

    /// Tries to take the advisory lock on a side file, which is created when missing, and leaves `note` in it.
    ///
    /// # Errors
    /// What the system answers when the side file can't be opened.
    fn try_lock(&self, path: &Path, note: &str) -> io::Result<LockAttempt>;
}

/// A file that is being written for the first time.
pub trait DiskFile: Send {
    /// Writes all of `bytes` at the end of the file.
    ///
    /// # Errors
    /// What the system answers; a part may have been written.
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()>;

    /// Makes the file's content durable.
    ///
    /// # Errors
    /// What the system answers; the content must then be taken as lost.
    fn sync(&mut self) -> io::Result<()>;
}

/// A held advisory lock; it is released when dropped.
pub trait DiskLock: Send + Sync + fmt::Debug {}

/// What became of an attempt to take a lock.
#[derive(Debug)]
pub enum LockAttempt {
    /// The lock is held by the caller now.
    Taken(Box<dyn DiskLock>),
    /// Somebody else holds it; `note` is what they left in the file.
    Held {
        /// The holder's note, empty when it could not be read.
        note: String,
    },
    /// This file system has no advisory locks.
    Unsupported,
}

/// What a name in the file system stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileMetadata {
    /// File, folder, link or something else.
    pub kind: FileKind,
    /// The size in bytes.
    pub size_bytes: u64,
    /// The number of the file system that it is on; 0 where the system does not tell.
    pub file_system: u64,
}

/// The kinds of names in a file system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// A regular file.
    File,
    /// A folder.
    Folder,
    /// A symbolic link.
    Link,
    /// A device, socket or pipe.
    Other,
}
