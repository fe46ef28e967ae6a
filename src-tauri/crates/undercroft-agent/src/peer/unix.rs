//! Whether the other end, and what lies on the way to it, is the same user's.

use std::{fs, os::unix::fs::MetadataExt, path::Path};

/// The user that this process acts as, and whose the files are that it makes.
pub(crate) fn own_uid() -> u32 {
    rustix::process::geteuid().as_raw()
}

/// Tells whether `path` is a folder, no link, that belongs to us and that nobody else may write.
pub(crate) fn is_own_folder(path: &Path) -> bool {
    fs::symlink_metadata(path)
        .is_ok_and(|found| found.is_dir() && found.uid() == own_uid() && found.mode() & 0o022 == 0)
}

/// Tells whether the server at the other end runs as us, by the kernel's word.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(crate) fn serves_as_us(stream: &std::os::unix::net::UnixStream, _path: &Path) -> bool {
    rustix::net::sockopt::socket_peercred(stream)
        .is_ok_and(|server| server.uid.as_raw() == own_uid())
}

/// Tells whether the socket and its folder are ours, which is what can be asked here without unsafe code.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub(crate) fn serves_as_us(_stream: &std::os::unix::net::UnixStream, path: &Path) -> bool {
    path.parent().is_some_and(is_own_folder)
        && fs::symlink_metadata(path).is_ok_and(|found| found.uid() == own_uid())
}
