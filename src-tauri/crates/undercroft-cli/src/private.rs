//! Files and folders for their owner alone.
//!
//! On Windows what lies in a user's own folders is that already, by inheritance, and there are no modes.

use std::{
    fs::{DirBuilder, File, Metadata, OpenOptions},
    io,
};

/// Read and written by the owner.
pub(crate) const FILE: u32 = 0o600;

/// Options that make a new file, which must not be there yet.
pub(crate) fn new_file() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, FILE);
    options
}

/// Makes a folder, and those above it.
pub(crate) fn new_folder() -> DirBuilder {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
}

/// The permissions that a file has, where they are a mode.
pub(crate) fn mode(found: &Metadata) -> u32 {
    #[cfg(unix)]
    return std::os::unix::fs::MetadataExt::mode(found) & 0o7777;
    #[cfg(not(unix))]
    {
        let _ = found;
        FILE
    }
}

/// Sets the permissions of a file, whatever the umask says.
pub(crate) fn set_mode(file: &File, mode: u32) -> io::Result<()> {
    #[cfg(unix)]
    return file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(mode));
    #[cfg(not(unix))]
    {
        let _ = (file, mode);
        Ok(())
    }
}
