//! What is set for this machine and not for a vault: in the clear, and nothing that lowers security.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::error::UiError;
use crate::platform::own_files;

/// The file's name.
const FILE: &str = "desktop.json";

/// The preferences. A file that can't be read counts as none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Preferences {
    /// The keys of the global shortcut; nothing where it is switched off.
    pub(crate) shortcut: Option<String>,
    /// The command that opens the console; nothing takes the system's browser.
    pub(crate) browser: Option<String>,
}

impl Default for Preferences {
    fn default() -> Self {
        Self {
            shortcut: Some("Ctrl+Alt+U".to_owned()),
            browser: None,
        }
    }
}

impl Preferences {
    /// Reads them from the folder of the state files.
    pub(crate) fn read(state_dir: &Path) -> Self {
        Self::read_from(&state_dir.join(FILE))
    }

    /// Changes one of them and keeps them all.
    ///
    /// # Errors
    ///
    /// [`UiError::Disk`] when they can't be kept.
    pub(crate) fn change(state_dir: &Path, change: impl FnOnce(&mut Self)) -> Result<(), UiError> {
        let mut kept = Self::read(state_dir);
        change(&mut kept);
        let path = state_dir.join(FILE);
        kept.write_to(&path).map_err(|error| UiError::Disk {
            path: path.display().to_string(),
            detail: error.to_string(),
        })
    }

    fn read_from(path: &Path) -> Self {
        fs::read(path)
            .map(|bytes| Self::parse(&bytes))
            .unwrap_or_default()
    }

    fn parse(bytes: &[u8]) -> Self {
        serde_json::from_slice(bytes).unwrap_or_default()
    }

    fn write_to(&self, path: &Path) -> io::Result<()> {
        let text = serde_json::to_vec_pretty(self)?;
        if let Some(folder) = path.parent() {
            own_files::make_folder(folder)?;
        }
        let temporary = path.with_extension("new");
        let mut file = own_files::create(&temporary)?;
        file.write_all(&text)?;
        file.sync_all()?;
        fs::rename(temporary, path)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn no_file_panics(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = Preferences::parse(&bytes);
        }

        #[test]
        fn nothing_of_another_kind_is_taken_for_a_shortcut(
            value in prop_oneof!["[0-9]{1,30}", "\\[.{0,20}\\]", "\\{.{0,20}\\}", Just("true".to_owned())],
        ) {
            let text = format!("{{\"shortcut\":{value}}}");
            prop_assert_eq!(Preferences::parse(text.as_bytes()), Preferences::default());
        }

        #[test]
        fn what_was_written_is_read(shortcut in any::<Option<String>>(), browser in any::<Option<String>>()) {
            let kept = Preferences { shortcut, browser };
            let written = serde_json::to_vec_pretty(&kept).unwrap();
            prop_assert_eq!(Preferences::parse(&written), kept);
        }
    }

    #[test]
    fn they_come_back_as_they_were_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new/desktop.json");
        assert_eq!(Preferences::read_from(&path), Preferences::default());
        let off = Preferences {
            shortcut: None,
            browser: Some("firefox -P work".to_owned()),
        };
        off.write_to(&path).unwrap();
        assert_eq!(Preferences::read_from(&path), off);
        fs::write(&path, "scribble").unwrap();
        assert_eq!(Preferences::read_from(&path), Preferences::default());
    }
}
