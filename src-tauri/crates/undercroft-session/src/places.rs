//! Where things are on this machine.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
};

use undercroft_model::{InstallationId, Theme, VaultId};
use undercroft_vault::{Disk, OsDisk};

/// A small file that is larger than this is none of ours.
const SMALL_FILE_BYTES: u64 = 64 * 1024;

/// The vault file's extension.
const EXTENSION: &str = "undercroft";

/// Where the vault is, and where what belongs to this machine is kept beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Places {
    /// The vault file.
    pub vault: PathBuf,
    /// The folder of the state files, which is neither synced nor backed up.
    pub state_dir: PathBuf,
}

/// What is remembered from one start to the next, in the clear: nothing that lowers security.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub(crate) struct Remembered {
    /// The vault that was unlocked last, where its path is text.
    pub(crate) vault: Option<PathBuf>,
    /// Its id, which its file does not tell while it is locked.
    pub(crate) id: Option<VaultId>,
    /// The theme of its settings.
    pub(crate) theme: Theme,
}

impl Places {
    /// Works out the usual places.
    ///
    /// The vault is what `UNDERCROFT_VAULT` names, else the one that was unlocked last, else
    /// `undercroft/vault.undercroft` in the user's data folder (XDG Base Directory Specification).
    #[must_use]
    pub fn from_env() -> Self {
        Self::from_variables(|name| env::var_os(name).map(PathBuf::from))
    }

    fn from_variables(variable: impl Fn(&str) -> Option<PathBuf>) -> Self {
        let home = variable("HOME").filter(|path| path.is_absolute());
        // The specification says to ignore paths that are not absolute.
        let folder = |name: &str, usual: &str| {
            variable(name)
                .filter(|path| path.is_absolute())
                .or_else(|| home.as_ref().map(|home| home.join(usual)))
                .unwrap_or_else(env::temp_dir)
                .join("undercroft")
        };
        let state_dir = folder("XDG_STATE_HOME", ".local/state");
        let vault = variable("UNDERCROFT_VAULT")
            .filter(|path| !path.as_os_str().is_empty())
            .map(|path| std::path::absolute(&path).unwrap_or(path))
            .or_else(|| {
                let last = Remembered::read(&state_dir).vault;
                last.filter(|path| path.is_absolute())
            })
            .unwrap_or_else(|| {
                folder("XDG_DATA_HOME", ".local/share").join(format!("vault.{EXTENSION}"))
            });
        Self { vault, state_dir }
    }
}

impl Remembered {
    /// Reads what was remembered; nothing when there is nothing that can be read.
    pub(crate) fn read(state_dir: &Path) -> Self {
        read_small(&Self::path(state_dir))
            .ok()
            .and_then(|bytes| serde_json::from_slice(&bytes).ok())
            .unwrap_or_default()
    }

    /// Remembers. Losing it costs a look for the file, so a failure is not worth telling.
    pub(crate) fn write(&self, state_dir: &Path) {
        let Ok(text) = serde_json::to_vec(self) else {
            return;
        };
        if Self::read(state_dir) != *self {
            let _ = replace_on(&OsDisk, &Self::path(state_dir), &text);
        }
    }

    fn path(state_dir: &Path) -> PathBuf {
        state_dir.join("last.json")
    }
}

/// Reads this installation's id, or draws one and keeps it.
///
/// Where nothing can be kept each start is an installation of its own, which merging copes with.
pub(crate) fn installation(state_dir: &Path) -> InstallationId {
    let path = state_dir.join("installation");
    let kept = read_small(&path)
        .ok()
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .and_then(|text| InstallationId::parse(text.trim()).ok());
    kept.unwrap_or_else(|| new_installation(state_dir))
}

/// Draws a new installation id and keeps it.
pub(crate) fn new_installation(state_dir: &Path) -> InstallationId {
    let id = InstallationId::new_random();
    let path = state_dir.join("installation");
    let _ = replace_on(&OsDisk, &path, id.to_string().as_bytes());
    id
}

/// Reads a small file that is kept in the clear. A pipe in its place makes nobody wait, and nothing large is read.
///
/// # Errors
/// What the system answers; when it is no file, or larger than any of ours.
pub fn read_small(path: &Path) -> io::Result<Vec<u8>> {
    OsDisk.read(path, SMALL_FILE_BYTES)
}

/// Replaces a small file that is kept in the clear, for its owner only, whole or not at all.
///
/// # Errors
/// What the system answers.
pub fn replace_small(path: &Path, bytes: &[u8]) -> io::Result<()> {
    replace_on(&OsDisk, path, bytes)
}

/// Replaces a file of the state folder whole, for its owner only, and returns when the new one is durable.
pub(crate) fn replace_on(disk: &dyn Disk, path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(path);
    let mut extension = path.extension().unwrap_or_default().to_owned();
    extension.push("-new");
    let temporary = path.with_extension(extension);
    let _ = disk.remove(&temporary);
    let mut file = match disk.create_new(&temporary) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            create_private_folder(folder)?;
            // The new folder has to be as durable as what is put into it.
            let _ = folder.parent().map(|above| disk.sync_folder(above));
            disk.create_new(&temporary)?
        }
        file => file?,
    };
    let written = file.write_all(bytes).and_then(|()| file.sync());
    drop(file);
    if let Err(error) = written.and_then(|()| disk.rename(&temporary, path)) {
        let _ = disk.remove(&temporary);
        return Err(error);
    }
    disk.sync_folder(folder)
}

/// Makes a folder, with those above it, that only its owner may enter.
pub(crate) fn create_private_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(variables: &[(&str, &str)]) -> Places {
        Places::from_variables(|wanted| {
            variables
                .iter()
                .find(|(name, _)| *name == wanted)
                .map(|(_, value)| PathBuf::from(value))
        })
    }

    #[test]
    fn the_usual_places_follow_xdg() {
        let usual = places(&[("HOME", "/home/none-such")]);
        assert_eq!(
            usual.vault,
            Path::new("/home/none-such/.local/share/undercroft/vault.undercroft")
        );
        assert_eq!(
            usual.state_dir,
            Path::new("/home/none-such/.local/state/undercroft")
        );
        let moved = places(&[
            ("HOME", "/home/none-such"),
            ("XDG_DATA_HOME", "/data"),
            ("XDG_STATE_HOME", "/state"),
        ]);
        assert_eq!(moved.vault, Path::new("/data/undercroft/vault.undercroft"));
        assert_eq!(moved.state_dir, Path::new("/state/undercroft"));
    }

    #[test]
    fn relative_xdg_paths_are_ignored() {
        let odd = places(&[("HOME", "/home/none-such"), ("XDG_STATE_HOME", "state")]);
        assert_eq!(
            odd.state_dir,
            Path::new("/home/none-such/.local/state/undercroft")
        );
    }

    #[test]
    fn the_variable_wins_over_what_is_remembered_and_that_over_the_usual() {
        let folder = tempfile::tempdir().unwrap();
        let state = folder.path().to_str().unwrap();
        let remembered = Remembered {
            vault: Some("/elsewhere/mine.undercroft".into()),
            id: None,
            theme: Theme::Dark,
        };
        remembered.write(&folder.path().join("undercroft"));
        let last = places(&[("HOME", "/home/none-such"), ("XDG_STATE_HOME", state)]);
        assert_eq!(last.vault, Path::new("/elsewhere/mine.undercroft"));
        let named = places(&[
            ("HOME", "/home/none-such"),
            ("XDG_STATE_HOME", state),
            ("UNDERCROFT_VAULT", "/named.undercroft"),
        ]);
        assert_eq!(named.vault, Path::new("/named.undercroft"));
    }

    #[test]
    fn an_installation_keeps_its_id() {
        let folder = tempfile::tempdir().unwrap();
        let state = folder.path().join("new/undercroft");
        let first = installation(&state);
        assert_eq!(installation(&state), first);
        fs::write(state.join("installation"), "scribble").unwrap();
        let second = installation(&state);
        assert_ne!(second, first);
        assert_eq!(installation(&state), second);
    }

    #[test]
    fn a_broken_memory_is_none() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(Remembered::path(folder.path()), "{").unwrap();
        assert_eq!(Remembered::read(folder.path()), Remembered::default());
    }
}
