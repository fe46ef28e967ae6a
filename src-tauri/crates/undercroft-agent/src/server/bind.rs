//! Taking the socket's place: never from a server that lives, and only where nobody else can write.

use std::{
    fs::{self, File, OpenOptions},
    io,
    os::unix::{
        fs::{DirBuilderExt, FileTypeExt, MetadataExt, OpenOptionsExt, PermissionsExt},
        net::UnixListener,
    },
    path::{Path, PathBuf},
};

use rustix::{
    fs::{FlockOperation, OFlags, flock},
    io::Errno,
    net::SocketAddrUnix,
};

use super::BindError;
use crate::{link::unconnected, peer};

/// A socket that lies at a path, and the right to it.
///
/// Dropping it removes the socket, unless another has been put in its place.
#[derive(Debug)]
pub(super) struct Place {
    socket: Found,
    /// Held as long as the place. The file stays, since removing it would let two hold it.
    _lock: File,
}

/// A socket as it was found at its path.
#[derive(Debug)]
pub(super) struct Found {
    path: PathBuf,
    device: u64,
    inode: u64,
}

/// Makes a socket at `path` and listens at it.
pub(super) fn bind(path: &Path) -> Result<(UnixListener, Place), BindError> {
    let folder = match path.parent() {
        Some(folder) if folder.as_os_str().is_empty() => Path::new("."),
        Some(folder) => folder,
        None => return Err(BindError::NotASocket),
    };
    own_folder(folder)?;
    let lock = lock(&beside(path, ".lock"))?;
    check_taken(path)?;

    // Made under another name and moved, so that the place is never empty and never open to others.
    let temporary = beside(path, ".new");
    match fs::remove_file(&temporary) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
        Ok(()) | Err(_) => {}
    }
    let listener = UnixListener::bind(&temporary)?;
    let placed = fs::set_permissions(&temporary, fs::Permissions::from_mode(0o600))
        .and_then(|()| fs::symlink_metadata(&temporary))
        .and_then(|made| fs::rename(&temporary, path).map(|()| made));
    match placed {
        Ok(made) => Ok((
            listener,
            Place {
                socket: Found::new(path, &made),
                _lock: lock,
            },
        )),
        Err(error) => {
            let _ = fs::remove_file(&temporary);
            Err(error.into())
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.socket.remove();
    }
}

impl Found {
    /// Looks where a socket lies that somebody else made; nowhere, when it has no path or the path is gone.
    pub(super) fn of(listener: &UnixListener) -> Option<Self> {
        let address = listener.local_addr().ok()?;
        let path = address.as_pathname()?;
        let found = fs::symlink_metadata(path).ok()?;
        let is_socket = found.file_type().is_socket();
        is_socket.then(|| Self::new(path, &found))
    }

    fn new(path: &Path, found: &fs::Metadata) -> Self {
        Self {
            path: path.to_owned(),
            device: found.dev(),
            inode: found.ino(),
        }
    }

    /// Removes it, unless another has been put in its place.
    pub(super) fn remove(&self) {
        let is_still_there = fs::symlink_metadata(&self.path)
            .is_ok_and(|found| found.dev() == self.device && found.ino() == self.inode);
        if is_still_there {
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Makes the folder for us alone, or sees to it that nobody else can write the one that is there.
fn own_folder(folder: &Path) -> Result<(), BindError> {
    use io::ErrorKind::{AlreadyExists, NotADirectory};

    let made = fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder);
    match made {
        // Told apart below.
        Err(error) if matches!(error.kind(), AlreadyExists | NotADirectory) => {}
        made => made?,
    }
    let found = fs::symlink_metadata(folder)?;
    if !found.is_dir() {
        Err(BindError::NotAFolder)
    } else if found.uid() != peer::own_uid() {
        Err(BindError::FolderOfAnother)
    } else if found.mode() & 0o022 != 0 {
        Err(BindError::FolderOpen)
    } else {
        Ok(())
    }
}

/// Takes the lock that every server of this place holds.
fn lock(path: &Path) -> Result<File, BindError> {
    let file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .custom_flags(OFlags::NOFOLLOW.bits().cast_signed())
        .open(path)?;
    match flock(&file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(file),
        Err(Errno::WOULDBLOCK) => Err(BindError::InUse),
        Err(errno) => Err(io::Error::from(errno).into()),
    }
}

/// Sees to it that what lies at the path, if anything, is a socket at which nobody listens.
fn check_taken(path: &Path) -> Result<(), BindError> {
    let found = match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        found => found?,
    };
    if !found.file_type().is_socket() {
        return Err(BindError::NotASocket);
    }
    if found.uid() != peer::own_uid() {
        return Err(BindError::SocketOfAnother);
    }
    let address = SocketAddrUnix::new(path).map_err(io::Error::from)?;
    match rustix::net::connect(unconnected()?, &address) {
        Err(Errno::CONNREFUSED | Errno::NOENT) => Ok(()),
        // It listens; whether it has the time to answer is another question.
        Ok(()) | Err(Errno::AGAIN | Errno::INPROGRESS) => Err(BindError::InUse),
        // A socket of another kind is in use by somebody, too.
        Err(Errno::PROTOTYPE) => Err(BindError::InUse),
        Err(errno) => Err(io::Error::from(errno).into()),
    }
}

fn beside(path: &Path, extension: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(extension);
    name.into()
}
