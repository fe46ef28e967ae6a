//! Where things are on this machine.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
};

use serde::de::DeserializeOwned;
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
            .map(|bytes| Self::parse(&bytes))
            .unwrap_or_default()
    }

    fn parse(bytes: &[u8]) -> Self {
        parse_object(bytes).unwrap_or_default()
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

/// Reads the content of `last.json` and writes it again; for fuzzing. What can't be read is nothing remembered.
///
/// # Errors
/// For a path that is no text, which JSON can't hold.
pub fn rewrite_last(bytes: &[u8]) -> serde_json::Result<Vec<u8>> {
    serde_json::to_vec(&Remembered::parse(bytes))
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
pub(crate) fn read_small(path: &Path) -> io::Result<Vec<u8>> {
    OsDisk.read(path, SMALL_FILE_BYTES)
}

/// Reads a JSON object. Serde alone takes a list for one as well, and passes over bytes that are no text in a field that
/// it does not know.
pub(crate) fn parse_object<T: DeserializeOwned>(bytes: &[u8]) -> serde_json::Result<T> {
    serde_json::from_slice::<serde_json::Map<String, serde_json::Value>>(bytes)?;
    serde_json::from_slice(bytes)
}

/// Replaces a small file that is kept in the clear, for its owner only, whole or not at all.
pub(crate) fn replace_small(path: &Path, bytes: &[u8]) -> io::Result<()> {
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
    use undercroft_vault::store::faulty_disk::FaultyDisk;

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
    fn a_small_file_is_replaced_whole_and_a_larger_one_is_not_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new/small.json");
        for bytes in [b"the first".as_slice(), b"two", &vec![7; 64 * 1024]] {
            replace_small(&path, bytes).unwrap();
            assert_eq!(read_small(&path).unwrap(), bytes);
        }
        replace_small(&path, &vec![7; 64 * 1024 + 1]).unwrap();
        assert!(read_small(&path).is_err());
        let beside = fs::read_dir(folder.path().join("new")).unwrap();
        assert_eq!(beside.count(), 1, "nothing is left over");
    }

    #[test]
    fn what_a_disk_refuses_to_make_is_not_tried_again() {
        const EACCES: i32 = 13;
        let folder = tempfile::tempdir().unwrap();
        let disk = FaultyDisk::with_folder(folder.path());
        let path = folder.path().join("it.state");
        replace_on(&disk, &path, b"before").unwrap();
        // After the leftover was looked for.
        disk.fail_at(1, EACCES);
        let refused = replace_on(&disk, &path, b"after").unwrap_err();
        assert_eq!(refused.raw_os_error(), Some(EACCES));
        assert_eq!(disk.bytes(&path).unwrap(), b"before");
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

    /// Everything that may stand in a small file's place, with whether somebody could have written it on purpose.
    fn damaged(whole: &[u8]) -> Vec<Vec<u8>> {
        let cut = (0..whole.len()).map(|len| whole[..len].to_vec());
        let flipped = (0..whole.len()).flat_map(|at| {
            (0..8).map(move |bit| {
                let mut bytes = whole.to_vec();
                bytes[at] ^= 1 << bit;
                bytes
            })
        });
        let huge = vec![b' '; usize::try_from(SMALL_FILE_BYTES).unwrap() + 1];
        let others = [
            vec![0xff, 0xfe],
            b"[]".to_vec(),
            br#"["/elsewhere/mine.undercroft"]"#.to_vec(),
            b"{\"theme\":\"dark\",\"other\":\"\xff\"}".to_vec(),
            br#"{"theme":"dark","theme":"light"}"#.to_vec(),
            b"7".to_vec(),
            [whole, &huge].concat(),
        ];
        cut.chain(flipped).chain(others).collect()
    }

    /// Puts a folder, a pipe, a link to nowhere, a link in a circle and an unreadable file into a file's place in turn.
    #[cfg(unix)]
    fn in_the_way(path: &Path, look: &dyn Fn(&str)) -> usize {
        use std::os::unix::fs::{PermissionsExt, symlink};

        let clear = || {
            let _ = fs::remove_file(path);
            let _ = fs::remove_dir(path);
        };
        let put: [(&str, &dyn Fn()); 5] = [
            ("a folder", &|| fs::create_dir(path).unwrap()),
            ("a pipe", &|| {
                let made = std::process::Command::new("mkfifo").arg(path).status();
                assert!(made.unwrap().success());
            }),
            ("a link to nowhere", &|| {
                symlink(path.with_extension("nowhere"), path).unwrap();
            }),
            ("a circle", &|| symlink(path, path).unwrap()),
            ("an unreadable file", &|| {
                // Root may read it all the same.
                fs::write(path, "{").unwrap();
                fs::set_permissions(path, fs::Permissions::from_mode(0o0)).unwrap();
            }),
        ];
        for (name, put) in &put {
            clear();
            put();
            look(name);
        }
        clear();
        put.len()
    }

    #[test]
    fn what_is_remembered_is_what_was_written_or_nothing_whatever_became_of_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = Remembered::path(folder.path());
        let written = Remembered {
            vault: Some("/elsewhere/mine.undercroft".into()),
            id: None,
            theme: Theme::Dark,
        };
        written.write(folder.path());
        let whole = fs::read(&path).unwrap();
        assert_eq!(rewrite_last(&whole).unwrap(), whole);
        let mut cases = 0;
        for bytes in damaged(&whole) {
            fs::write(&path, &bytes).unwrap();
            let read = Remembered::read(folder.path());
            let own = std::str::from_utf8(&bytes).is_ok_and(|text| {
                serde_json::from_str::<serde_json::Value>(text).is_ok_and(|value| value.is_object())
            });
            let twice = bytes.starts_with(br#"{"theme":"dark","theme""#);
            assert!(
                (own && !twice) || read == Remembered::default(),
                "{bytes:?}"
            );
            cases += 1;
        }
        for wrong in ["1", "[]", "{}", "true", "\"x\"", "-1", "1e400"] {
            for field in ["vault", "id", "theme"] {
                fs::write(&path, format!("{{\"{field}\":{wrong}}}")).unwrap();
                let read = Remembered::read(folder.path());
                assert!(
                    field == "vault" || read == Remembered::default(),
                    "{field} {wrong}"
                );
                cases += 1;
            }
        }
        #[cfg(unix)]
        {
            cases += in_the_way(&path, &|name| {
                assert_eq!(
                    Remembered::read(folder.path()),
                    Remembered::default(),
                    "{name}"
                );
            });
            // And what is remembered next finds its way.
            for name in ["pipe", "folder"] {
                let temporary = path.with_extension("json-new");
                if name == "folder" {
                    fs::create_dir(&temporary).unwrap();
                } else {
                    let made = std::process::Command::new("mkfifo")
                        .arg(&temporary)
                        .status();
                    assert!(made.unwrap().success());
                }
                written.write(folder.path());
                cases += 1;
                let _ = fs::remove_dir(&temporary);
            }
        }
        written.write(folder.path());
        assert_eq!(Remembered::read(folder.path()), written);
        println!("last.json: {cases} damages; each read as written or as nothing, 0 hung");
    }

    #[test]
    fn a_remembered_vault_that_is_no_absolute_path_is_ignored() {
        for vault in ["", "here.undercroft", "../up"] {
            let folder = tempfile::tempdir().unwrap();
            let state = folder.path().join("undercroft");
            let remembered = Remembered {
                vault: Some(vault.into()),
                ..Remembered::default()
            };
            remembered.write(&state);
            let found = places(&[
                ("HOME", "/home/none-such"),
                ("XDG_STATE_HOME", folder.path().to_str().unwrap()),
            ]);
            let usual = "/home/none-such/.local/share/undercroft/vault.undercroft";
            assert_eq!(found.vault, Path::new(usual), "{vault}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_damaged_installation_id_is_drawn_anew() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("installation");
        let first = installation(folder.path());
        let whole = fs::read(&path).unwrap();
        let mut cases = 0;
        for bytes in damaged(&whole) {
            fs::write(&path, &bytes).unwrap();
            let id = installation(folder.path());
            let is_an_id = std::str::from_utf8(&bytes)
                .is_ok_and(|text| InstallationId::parse(text.trim()).is_ok());
            assert!(is_an_id || id != first);
            assert_eq!(installation(folder.path()), id, "and kept");
            cases += 1;
        }
        cases += in_the_way(&path, &|_| {
            installation(folder.path());
        });
        println!("installation: {cases} damages; 0 hung");
    }

    #[test]
    fn a_broken_memory_is_none() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(Remembered::path(folder.path()), "{").unwrap();
        assert_eq!(Remembered::read(folder.path()), Remembered::default());
    }
}
