//! The real disk, until a test breaks a part of it.

use std::{
    io,
    path::{Path, PathBuf},
    sync::{
        Condvar, Mutex,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};

use undercroft_vault::{
    OsDisk,
    store::{Disk, DiskFile, FileMetadata, LockAttempt},
};

/// Refuses to create files whose path contains a text, takes its time, or answers nothing at all.
#[derive(Debug, Default)]
pub struct BreakableDisk {
    broken: Mutex<Option<(&'static str, io::ErrorKind)>>,
    read_only: AtomicBool,
    delay_millis: AtomicU64,
    operations: AtomicUsize,
    hangs: Mutex<bool>,
    goes_on: Condvar,
}

impl BreakableDisk {
    pub fn break_for(&self, part: &'static str, kind: io::ErrorKind) {
        *self.broken.lock().unwrap() = Some((part, kind));
    }

    /// Lets no lock file be opened, as a file system that is mounted read-only.
    pub fn make_read_only(&self) {
        self.read_only.store(true, Ordering::Relaxed);
    }

    /// Lets each operation take so long.
    pub fn delay(&self, millis: u64) {
        self.delay_millis.store(millis, Ordering::Relaxed);
    }

    /// Lets each operation wait until it is told to go on, as a network drive that is gone.
    pub fn hang(&self, hangs: bool) {
        *self.hangs.lock().unwrap() = hangs;
        self.goes_on.notify_all();
    }

    /// Counts the operations so far.
    pub fn operations(&self) -> usize {
        self.operations.load(Ordering::Relaxed)
    }

    /// The real disk, when it is its time.
    fn os(&self) -> OsDisk {
        self.operations.fetch_add(1, Ordering::Relaxed);
        let delay = self.delay_millis.load(Ordering::Relaxed);
        std::thread::sleep(Duration::from_millis(delay));
        let mut hangs = self.hangs.lock().unwrap();
        while *hangs {
            hangs = self.goes_on.wait(hangs).unwrap();
        }
        OsDisk
    }

    pub fn mend(&self) {
        *self.broken.lock().unwrap() = None;
    }
}

impl Disk for BreakableDisk {
    fn resolve(&self, path: &Path) -> io::Result<PathBuf> {
        self.os().resolve(path)
    }

    fn metadata(&self, path: &Path) -> io::Result<FileMetadata> {
        self.os().metadata(path)
    }

    fn read(&self, path: &Path, limit_bytes: u64) -> io::Result<Vec<u8>> {
        self.os().read(path, limit_bytes)
    }

    fn create_new(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        match *self.broken.lock().unwrap() {
            Some((part, kind)) if path.to_string_lossy().contains(part) => Err(kind.into()),
            Some(_) | None => self.os().create_new(path),
        }
    }

    fn create_folder(&self, path: &Path) -> io::Result<()> {
        self.os().create_folder(path)
    }

    fn hard_link(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.os().hard_link(from, to)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.os().rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.os().remove(path)
    }

    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        self.os().sync_folder(folder)
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<PathBuf>> {
        self.os().list(folder)
    }

    fn try_lock(&self, path: &Path, note: &str) -> io::Result<LockAttempt> {
        if self.read_only.load(Ordering::Relaxed) {
            return Err(io::ErrorKind::ReadOnlyFilesystem.into());
        }
        self.os().try_lock(path, note)
    }
}
