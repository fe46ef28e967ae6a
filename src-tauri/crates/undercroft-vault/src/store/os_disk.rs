//! The real file system.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::disk::{Disk, DiskFile, DiskLock, FileKind, FileMetadata, LockAttempt};

/// The file system of this machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct OsDisk;

/// A longer note than this in a lock file is not ours.
const NOTE_LIMIT_BYTES: u64 = 512;

impl Disk for OsDisk {
    fn resolve(&self, path: &Path) -> io::Result<PathBuf> {
        fs::canonicalize(path)
    }

    fn metadata(&self, path: &Path) -> io::Result<FileMetadata> {
        let metadata = fs::symlink_metadata(path)?;
        let kind = if metadata.is_symlink() {
            FileKind::Link
        } else if metadata.is_file() {
            FileKind::File
        } else if metadata.is_dir() {
            FileKind::Folder
        } else {
            FileKind::Other
        };
        Ok(FileMetadata {
            kind,
            size_bytes: metadata.len(),
            file_system: file_system(&metadata),
        })
    }

    fn read(&self, path: &Path, limit_bytes: u64) -> io::Result<Vec<u8>> {
        let mut options = OpenOptions::new();
        options.read(true);
        without_blocking(&mut options);
        let file = options.open(path)?;
        let metadata = file.metadata()?;
        if !metadata.is_file() {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        if metadata.len() > limit_bytes {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        let mut bytes = Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or(0) + 1);
        file.take(limit_bytes + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > limit_bytes {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        Ok(bytes)
    }

    fn create_new(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        for_owner_only(&mut options);
        Ok(Box::new(OsFile(options.open(path)?)))
    }

    fn create_folder(&self, path: &Path) -> io::Result<()> {
        let mut builder = fs::DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(path)
    }

    fn hard_link(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::hard_link(from, to)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        #[cfg(unix)]
        File::open(folder)?.sync_all()?;
        #[cfg(not(unix))]
        let _ = folder;
        Ok(())
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<PathBuf>> {
        fs::read_dir(folder)?
            .map(|entry| entry.map(|entry| entry.path()))
            .collect()
    }

    fn try_lock(&self, path: &Path, note: &str) -> io::Result<LockAttempt> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        for_owner_only(&mut options);
        without_following(&mut options);
        let mut file = options.open(path)?;
        match file.try_lock() {
            Ok(()) => {
                // The note only helps to say who holds the lock; a full disk must not prevent locking.
                let _ = leave_note(&mut file, note);
                Ok(LockAttempt::Taken(Box::new(OsLock(file))))
            }
            Err(TryLockError::WouldBlock) => {
                let mut note = String::new();
                if file
                    .take(NOTE_LIMIT_BYTES)
                    .read_to_string(&mut note)
                    .is_err()
                {
                    note.clear();
                }
                Ok(LockAttempt::Held { note })
            }
            Err(TryLockError::Error(error)) if has_no_locks(&error) => Ok(LockAttempt::Unsupported),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }
}

struct OsFile(File);

impl DiskFile for OsFile {
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.write_all(bytes)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.0.sync_all()
    }
}

/// The side file stays on disk when the lock is released: removing it would let two processes lock two files
/// of the same name.
#[derive(Debug)]
struct OsLock(File);

impl DiskLock for OsLock {}

impl Drop for OsLock {
    fn drop(&mut self) {
        let _ = self.0.set_len(0);
        let _ = self.0.unlock();
    }
}

#[cfg(unix)]
fn file_system(metadata: &fs::Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::dev(metadata)
}

#[cfg(not(unix))]
fn file_system(_metadata: &fs::Metadata) -> u64 {
    0
}

fn leave_note(file: &mut File, note: &str) -> io::Result<()> {
    file.set_len(0)?;
    file.seek(SeekFrom::Start(0))?;
    file.write_all(note.as_bytes())
}

fn has_no_locks(error: &io::Error) -> bool {
    #[cfg(unix)]
    {
        use rustix::io::Errno;
        let errno = error.raw_os_error();
        [Errno::NOLCK, Errno::NOSYS, Errno::OPNOTSUPP]
            .iter()
            .any(|known| errno == Some(known.raw_os_error()))
    }
    #[cfg(not(unix))]
    {
        error.kind() == io::ErrorKind::Unsupported
    }
}

#[cfg(unix)]
fn for_owner_only(options: &mut OpenOptions) {
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
}

#[cfg(not(unix))]
fn for_owner_only(_options: &mut OpenOptions) {}

/// A pipe put in the vault's place must not make the program wait for a writer.
#[cfg(unix)]
fn without_blocking(options: &mut OpenOptions) {
    let flags = rustix::fs::OFlags::NONBLOCK.bits().cast_signed();
    std::os::unix::fs::OpenOptionsExt::custom_flags(options, flags);
}

#[cfg(not(unix))]
fn without_blocking(_options: &mut OpenOptions) {}

/// A link put in the lock file's place must not make the note overwrite what it points to.
#[cfg(unix)]
fn without_following(options: &mut OpenOptions) {
    use rustix::fs::OFlags;
    let flags = (OFlags::NONBLOCK | OFlags::NOFOLLOW).bits().cast_signed();
    std::os::unix::fs::OpenOptionsExt::custom_flags(options, flags);
}

#[cfg(not(unix))]
fn without_following(_options: &mut OpenOptions) {}

#[cfg(all(test, unix))]
mod tests {
    use rustix::io::Errno;

    use super::*;

    #[test]
    fn each_kind_of_name_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        let link = folder.path().join("link");
        fs::write(&file, "four").unwrap();
        std::os::unix::fs::symlink("nowhere", &link).unwrap();
        for (path, kind) in [
            (file.as_path(), FileKind::File),
            (link.as_path(), FileKind::Link),
            (folder.path(), FileKind::Folder),
            (Path::new("/dev/null"), FileKind::Other),
        ] {
            assert_eq!(OsDisk.metadata(path).unwrap().kind, kind, "{path:?}");
        }
        let metadata = OsDisk.metadata(&file).unwrap();
        assert_eq!(metadata.size_bytes, 4);
        let device = std::os::unix::fs::MetadataExt::dev(&fs::metadata(&file).unwrap());
        assert_eq!(metadata.file_system, device);
    }

    #[test]
    fn a_file_is_read_up_to_the_limit_and_not_beyond() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, "four").unwrap();
        assert_eq!(OsDisk.read(&file, 4).unwrap(), b"four");
        let refused = OsDisk.read(&file, 3).unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::FileTooLarge);
        let refused = OsDisk.read(folder.path(), 4).unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::InvalidInput);
    }

    /// As a file that grows while it is read.
    #[cfg(target_os = "linux")]
    #[test]
    fn a_file_that_is_longer_than_it_says_is_read_up_to_the_limit_and_not_beyond() {
        let path = Path::new("/proc/sys/kernel/ostype");
        assert_eq!(OsDisk.metadata(path).unwrap().size_bytes, 0);
        assert_eq!(OsDisk.read(path, 6).unwrap(), b"Linux\n");
        let refused = OsDisk.read(path, 5).unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::FileTooLarge);
    }

    #[test]
    fn names_are_made_listed_renamed_and_removed() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let mut file = OsDisk.create_new(&path("one")).unwrap();
        file.write_all(b"one").unwrap();
        file.sync().unwrap();
        let taken = OsDisk.create_new(&path("one")).map(drop).unwrap_err();
        assert_eq!(taken.kind(), io::ErrorKind::AlreadyExists);
        OsDisk.hard_link(&path("one"), &path("two")).unwrap();
        OsDisk.rename(&path("one"), &path("three")).unwrap();
        OsDisk.create_folder(&path("folder")).unwrap();
        OsDisk.sync_folder(folder.path()).unwrap();
        let mut listed = OsDisk.list(folder.path()).unwrap();
        listed.sort();
        assert_eq!(listed, ["folder", "three", "two"].map(path));
        OsDisk.remove(&path("three")).unwrap();
        assert_eq!(fs::read(path("two")).unwrap(), b"one");
        assert!(!path("three").exists() && path("folder").is_dir());
        assert!(OsDisk.sync_folder(&path("three")).is_err());
    }

    #[test]
    fn a_file_system_without_locks_is_told_from_one_that_fails() {
        let failed = |errno: Errno| io::Error::from_raw_os_error(errno.raw_os_error());
        for errno in [Errno::NOLCK, Errno::NOSYS, Errno::OPNOTSUPP] {
            assert!(has_no_locks(&failed(errno)), "{errno:?}");
        }
        assert!(!has_no_locks(&failed(Errno::IO)));
        assert!(!has_no_locks(&io::Error::other("no system error")));
    }
}
