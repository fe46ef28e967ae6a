//! Files and folders that are their owner's alone, whatever the user's umask says.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io;
use std::path::Path;

/// Makes a folder for its owner alone, with those above it; one that is there stays as it is.
pub(crate) fn make_folder(folder: &Path) -> io::Result<()> {
    let mut making = DirBuilder::new();
    making.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut making, 0o700);
    making.create(folder)
}

/// Makes a file for its owner alone, or empties one that is there and closes it to others.
pub(crate) fn create(path: &Path) -> io::Result<File> {
    let mut making = OpenOptions::new();
    making.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut making, 0o600);
    let file = making.open(path)?;
    #[cfg(unix)]
    file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
    Ok(file)
}

/// Makes the folder in which the web engine keeps its own files, or closes the one that is there.
///
/// The engine gives what it writes the modes that any program's files have, so that other users could look into it. It
/// holds no secret, but it tells when the vault was used.
pub(crate) fn close_to_others(folder: &Path) {
    let closed = make_folder(folder);
    #[cfg(unix)]
    let closed = closed.and_then(|()| {
        std::fs::set_permissions(folder, std::os::unix::fs::PermissionsExt::from_mode(0o700))
    });
    if let Err(error) = closed {
        tracing::warn!("the web engine's folder could not be closed to others: {error}");
    }
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use std::fs::{Permissions, create_dir, metadata, set_permissions, write};
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn mode(path: &Path) -> u32 {
        metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn a_folder_is_its_owners_alone_whether_it_was_there_or_not() {
        let place = tempfile::tempdir().unwrap();
        let new = place.path().join("data/engine");
        close_to_others(&new);
        assert_eq!(mode(&new), 0o700);
        assert_eq!(mode(&place.path().join("data")), 0o700);
        let old = place.path().join("old");
        create_dir(&old).unwrap();
        set_permissions(&old, Permissions::from_mode(0o777)).unwrap();
        close_to_others(&old);
        assert_eq!(mode(&old), 0o700);
    }

    #[test]
    fn a_file_is_its_owners_alone_whether_it_was_there_or_not() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("file");
        for before in [None, Some(0o666)] {
            if let Some(before) = before {
                write(&path, "scribble").unwrap();
                set_permissions(&path, Permissions::from_mode(before)).unwrap();
            }
            create(&path).unwrap();
            assert_eq!(mode(&path), 0o600);
            assert_eq!(std::fs::read(&path).unwrap(), b"");
        }
    }
}
