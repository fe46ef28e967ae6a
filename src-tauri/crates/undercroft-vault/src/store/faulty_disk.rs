//! A file system in memory that fails, or dies, at a chosen operation.
//!
//! It keeps two states: what programs see, and what would be found after the power went away. Content becomes
//! durable by [`DiskFile::sync`], names by [`Disk::sync_folder`]. After [`FaultyDisk::lose_power`] a file that
//! was not synced is torn: cut off, or each of its pages old, new, empty or a mixture. Of the names that were not synced
//! any may have made it to the disk, in whatever order they were changed.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::disk::{Disk, DiskFile, DiskLock, FileMetadata, LockAttempt};
use super::faulty_state::State;

/// The fake disk; clones share one state.
#[derive(Clone, Debug, Default)]
pub struct FaultyDisk {
    state: Arc<Mutex<State>>,
}

impl FaultyDisk {
    /// Makes an empty disk with the folders that lead to `folder`.
    #[must_use]
    pub fn with_folder(folder: &Path) -> Self {
        let disk = Self::default();
        disk.state().add_folders(folder);
        disk
    }

    /// Counts the operations so far.
    #[must_use]
    pub fn operations(&self) -> usize {
        self.state().log.len()
    }

    /// Names the operations so far, oldest first.
    #[must_use]
    pub fn log(&self) -> Vec<&'static str> {
        self.state().log.clone()
    }

    /// Makes the `n`-th operation from now (counting from 0) fail with the given system error number.
    pub fn fail_at(&self, n: usize, errno: i32) {
        let mut state = self.state();
        state.fail_at = Some((state.log.len() + n, errno));
    }

    /// Makes every operation of that name fail with the given system error number.
    pub fn fail_each(&self, operation: &'static str, errno: i32) {
        self.state().fail_each.push((operation, errno));
    }

    /// Makes every operation after the `n`-th from now fail, as if the process were gone.
    pub fn die_after(&self, n: usize) {
        let mut state = self.state();
        state.die_after = Some(state.log.len() + n);
    }

    /// From now on there are no advisory locks.
    pub fn take_locks_away(&self) {
        self.state().has_no_locks = true;
    }

    /// Lets failing writes take so many bytes before they fail.
    pub fn failing_writes_take(&self, bytes: usize) {
        self.state().takes_of_failing = Some(bytes);
    }

    /// Takes the file system away that is mounted at `folder`; the empty folder stays.
    pub fn unmount(&self, folder: &Path) {
        self.state().unmount(folder);
    }

    /// Brings back what [`FaultyDisk::unmount`] took away.
    pub fn mount_again(&self, folder: &Path) {
        self.state().mount_again(folder);
    }

    /// Forgets all planned failures.
    pub fn heal(&self) {
        self.state().heal();
    }

    /// The disk as a new process finds it after this one was killed: all that was written is there.
    #[must_use]
    pub fn after_kill(&self) -> Self {
        Self::of(self.state().after_kill())
    }

    /// The disk after the power went away: only synced things are certain, `seed` decides about the others.
    #[must_use]
    pub fn lose_power(&self, seed: u64) -> Self {
        Self::of(self.state().after_power_loss(seed))
    }

    /// Puts a file there from outside, durable at once.
    pub fn put(&self, path: &Path, bytes: &[u8]) {
        self.state().put(path, bytes);
    }

    /// The bytes a program would read now.
    #[must_use]
    pub fn bytes(&self, path: &Path) -> Option<Vec<u8>> {
        self.state().bytes(path)
    }

    /// Removes a file or folder from outside, durably.
    pub fn take_away(&self, path: &Path) {
        self.state().take_away(path);
    }

    /// Makes `link` a symbolic link to `target`.
    pub fn link(&self, link: &Path, target: &Path) {
        self.state().add_link(link, target);
    }

    /// Adds a folder from outside, durable at once.
    pub fn add_folder(&self, folder: &Path) {
        self.state().add_folders(folder);
    }

    /// Lists the paths in a folder without counting as an operation.
    #[must_use]
    pub fn paths_in(&self, folder: &Path) -> Vec<PathBuf> {
        self.state().list(folder).unwrap_or_default()
    }

    /// From now on changes the last byte of everything that is written, without saying so.
    pub fn corrupt_writes(&self) {
        self.state().corrupts_writes = true;
    }

    fn of(state: State) -> Self {
        Self {
            state: Arc::new(Mutex::new(state)),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Disk for FaultyDisk {
    fn resolve(&self, path: &Path) -> io::Result<PathBuf> {
        let mut state = self.state();
        state.begin("resolve")?;
        state.resolve(path)
    }

    fn metadata(&self, path: &Path) -> io::Result<FileMetadata> {
        let mut state = self.state();
        state.begin("metadata")?;
        state.metadata(path)
    }

    fn read(&self, path: &Path, limit_bytes: u64) -> io::Result<Vec<u8>> {
        let mut state = self.state();
        state.begin("read")?;
        let bytes = state.read(path)?;
        if bytes.len() as u64 > limit_bytes {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        Ok(bytes)
    }

    fn create_new(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        let mut state = self.state();
        state.begin("create")?;
        let node = state.create_new(path)?;
        Ok(Box::new(FaultyFile {
            disk: self.clone(),
            node,
        }))
    }

    fn create_folder(&self, path: &Path) -> io::Result<()> {
        let mut state = self.state();
        state.begin("create_folder")?;
        state.create_folder(path)
    }

    fn hard_link(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut state = self.state();
        state.begin("hard_link")?;
        state.hard_link(from, to)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut state = self.state();
        state.begin("rename")?;
        state.rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        let mut state = self.state();
        state.begin("remove")?;
        state.remove(path)
    }

    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        let mut state = self.state();
        state.begin("sync_folder")?;
        state.sync_folder(folder)
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<PathBuf>> {
        let mut state = self.state();
        state.begin("list")?;
        state.list(folder)
    }

    fn try_lock(&self, path: &Path, note: &str) -> io::Result<LockAttempt> {
        let mut state = self.state();
        state.begin("lock")?;
        if state.has_no_locks {
            return Ok(LockAttempt::Unsupported);
        }
        Ok(match state.try_lock(path, note)? {
            None => LockAttempt::Taken(Box::new(FaultyLock {
                disk: self.clone(),
                path: path.to_owned(),
            })),
            Some(note) => LockAttempt::Held { note },
        })
    }
}

struct FaultyFile {
    disk: FaultyDisk,
    node: usize,
}

impl DiskFile for FaultyFile {
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        let mut state = self.disk.state();
        if let Err(error) = state.begin("write") {
            // A full disk takes a part before it refuses.
            let taken = state.takes_of_failing.unwrap_or(bytes.len() / 2);
            state.append(self.node, &bytes[..taken.min(bytes.len())]);
            return Err(error);
        }
        state.append(self.node, bytes);
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        let mut state = self.disk.state();
        state.begin("sync")?;
        state.sync(self.node);
        Ok(())
    }
}

#[derive(Debug)]
struct FaultyLock {
    disk: FaultyDisk,
    path: PathBuf,
}

impl DiskLock for FaultyLock {}

impl Drop for FaultyLock {
    fn drop(&mut self) {
        self.disk.state().unlock(&self.path);
    }
}
