//! The folder in which the web engine keeps its own files: caches, salts and what sites must be reached by TLS.

use std::path::Path;

/// Makes the folder for its owner alone, or closes it where it is there already.
///
/// The engine gives what it writes the modes that any program's files have, so that other users could look into it. It
/// holds no secret, but it tells when the vault was used.
#[cfg(unix)]
pub(crate) fn close_to_others(folder: &Path) {
    use std::fs::{DirBuilder, Permissions, set_permissions};
    use std::os::unix::fs::{DirBuilderExt, PermissionsExt};

    let made = DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .and_then(|()| set_permissions(folder, Permissions::from_mode(0o700)));
    if let Err(error) = made {
        tracing::warn!("the web engine's folder could not be closed to others: {error}");
    }
}

/// Does nothing: elsewhere a user's folders are the user's own.
#[cfg(not(unix))]
pub(crate) fn close_to_others(_: &Path) {}

#[cfg(all(test, unix))]
mod tests {
    use std::fs::{Permissions, create_dir, metadata, set_permissions};
    use std::os::unix::fs::PermissionsExt;

    use super::close_to_others;

    #[test]
    fn the_folder_is_its_owners_alone_whether_it_was_there_or_not() {
        let place = tempfile::tempdir().unwrap();
        let mode = |path: &std::path::Path| metadata(path).unwrap().permissions().mode() & 0o777;
        let new = place.path().join("data/engine");
        close_to_others(&new);
        assert_eq!(mode(&new), 0o700);
        let old = place.path().join("old");
        create_dir(&old).unwrap();
        set_permissions(&old, Permissions::from_mode(0o777)).unwrap();
        close_to_others(&old);
        assert_eq!(mode(&old), 0o700);
    }
}
