//! The real disk, until a test breaks a part of it.

use std::{
    io,
    path::{Path, PathBuf},
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use undercroft_vault::{
    OsDisk,
    store::{Disk, DiskFile, FileMetadata, LockAttempt},
};

/// Refuses to create files whose path contains a text.
#[derive(Debug, Default)]
pub struct BreakableDisk {
    broken: Mutex<Option<(&'static str, io::ErrorKind)>>,
    read_only: AtomicBool,
}

impl BreakableDisk {
    pub fn break_for(&self, part: &'static str, kind: io::ErrorKind) {
        *self.broken.lock().unwrap() = Some((part, kind));
    }

    /// Lets no lock file be opened, as a file system that is mounted read-only.
    pub fn make_read_only(&self) {
        self.read_only.store(true, Ordering::Relaxed);
    }

    pub fn mend(&self) {
        *self.broken.lock().unwrap() = None;
    }
}

impl Disk for BreakableDisk {
    fn resolve(&self, path: &Path) -> io::Result<PathBuf> {
        OsDisk.resolve(path)
    }

    fn metadata(&self, path: &Path) -> io::Result<FileMetadata> {
        OsDisk.metadata(path)
    }

    fn read(&self, path: &Path, limit_bytes: u64) -> io::Result<Vec<u8>> {
        OsDisk.read(path, limit_bytes)
    }

    fn create_new(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        match *self.broken.lock().unwrap() {
            Some((part, kind)) if path.to_string_lossy().contains(part) => Err(kind.into()),
            Some(_) | None => OsDisk.create_new(path),
        }
    }

    fn create_folder(&self, path: &Path) -> io::Result<()> {
        OsDisk.create_folder(path)
    }

    fn hard_link(&self, from: &Path, to: &Path) -> io::Result<()> {
        OsDisk.hard_link(from, to)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        OsDisk.rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        OsDisk.remove(path)
    }

    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        OsDisk.sync_folder(folder)
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<PathBuf>> {
        OsDisk.list(folder)
    }

    fn try_lock(&self, path: &Path, note: &str) -> io::Result<LockAttempt> {
        if self.read_only.load(Ordering::Relaxed) {
            return Err(io::ErrorKind::ReadOnlyFilesystem.into());
        }
        OsDisk.try_lock(path, note)
    }
}
