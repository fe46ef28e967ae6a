//! The recovery kit while it is on show, and the file that it can be saved to.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use undercroft_secret::SecretString;
use undercroft_session::{KeptOpen, RecoveryKit};

use crate::error::UiError;

/// The kit that the password window shows now. It is dropped, and so wiped, with that window.
///
/// Locking would destroy that window, and the only copy of the key with it. So the vault does not lock for want of use
/// until the kit is in a file or put away.
#[derive(Default)]
pub(crate) struct ShownKit(Mutex<Option<Shown>>);

struct Shown {
    kit: RecoveryKit,
    kept_open: Option<KeptOpen>,
}

impl ShownKit {
    /// Keeps the kit while it is shown, and the vault open until it is written or put away.
    pub(crate) fn show(&self, kit: RecoveryKit, kept_open: KeptOpen) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Shown {
            kit,
            kept_open: Some(kept_open),
        });
    }

    /// Whether a kit is on show that the user has not put away.
    pub(crate) fn is_shown(&self) -> bool {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .is_some()
    }

    /// Drops the kit.
    pub(crate) fn clear(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Writes the kit to a new file that only its owner can read.
    ///
    /// # Errors
    ///
    /// [`UiError::AlreadyExists`] rather than overwriting; what the disk says otherwise.
    pub(crate) fn write(&self, path: &Path) -> Result<(), UiError> {
        let mut shown = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let shown = shown.as_mut().ok_or(UiError::BadMessage)?;
        let text = text(&shown.kit);
        write_private(path, text.expose().as_bytes())?;
        shown.kept_open = None;
        Ok(())
    }
}

/// Writes a new file that only its owner can read.
///
/// # Errors
///
/// [`UiError::AlreadyExists`] rather than overwriting; what the disk says otherwise.
pub(crate) fn write_private(path: &Path, bytes: &[u8]) -> Result<(), UiError> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(path).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    });
    written.map_err(|error| failure(path, &error))
}

fn text(kit: &RecoveryKit) -> SecretString {
    SecretString::from(format!(
        "Undercroft recovery kit\n\
         \n\
         Vault:         {path}\n\
         Made:          {made}\n\
         Recovery key:  {key}\n\
         \n\
         Whoever has this key and the vault file can open the vault without its password.\n\
         Print this page or keep it where the vault is not, and delete the file.\n\
         To use it: on the unlock window choose \"Use recovery key\", type the key, set a new password.\n",
        path = kit.path.display(),
        made = kit.made_at,
        key = kit.key.expose(),
    ))
}

fn failure(path: &Path, error: &std::io::Error) -> UiError {
    use std::io::ErrorKind;
    let path = path.display().to_string();
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "the standard library's list of kinds grows"
    )]
    match error.kind() {
        ErrorKind::AlreadyExists => UiError::AlreadyExists { path },
        ErrorKind::NotFound => UiError::FolderMissing { path },
        ErrorKind::PermissionDenied => UiError::NoPermission { path },
        ErrorKind::ReadOnlyFilesystem => UiError::ReadOnly { path },
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => UiError::DiskFull { path },
        _ => UiError::Disk {
            path,
            detail: error.to_string(),
        },
    }
}

#[cfg(test)]
mod tests {
    use undercroft_model::Timestamp;

    use super::*;

    fn kit() -> RecoveryKit {
        RecoveryKit {
            key: SecretString::from("AAAA-BBBB".to_owned()),
            path: "/vaults/main.undercroft".into(),
            made_at: Timestamp::from_unix_secs(0),
        }
    }

    #[test]
    fn a_kit_is_written_for_its_owner_only_and_never_over_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let session =
            tauri::async_runtime::block_on(async { crate::tests::session(folder.path()) });
        let is_kept_open = |shown: &ShownKit| {
            let shown = shown.0.lock().unwrap();
            shown
                .as_ref()
                .is_some_and(|shown| shown.kept_open.is_some())
        };
        let path = folder.path().join("kit.txt");
        let shown = ShownKit::default();
        assert_eq!(shown.write(&path), Err(UiError::BadMessage));
        shown.show(kit(), session.keep_open());
        let missing = folder.path().join("missing").join("kit.txt");
        assert!(shown.write(&missing).is_err());
        assert!(is_kept_open(&shown), "the kit is nowhere yet");
        shown.write(&path).unwrap();
        assert!(!is_kept_open(&shown), "the kit is in a file");
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains("AAAA-BBBB") && text.contains("/vaults/main.undercroft"));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(
                std::fs::metadata(&path).unwrap().permissions().mode() & 0o777,
                0o600
            );
        }
        assert!(matches!(
            shown.write(&path),
            Err(UiError::AlreadyExists { .. })
        ));
        shown.clear();
        assert_eq!(
            shown.write(&folder.path().join("other.txt")),
            Err(UiError::BadMessage)
        );
    }
}
