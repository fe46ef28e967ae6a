//! What is set for this machine and not for a vault: in the clear, and nothing that lowers security.

use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::SessionError;
use crate::places::{parse_object, read_small, replace_small};

/// The file's name.
const FILE: &str = "desktop.json";

/// The preferences. A file that can't be read counts as none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Preferences {
    /// The keys of the global shortcut; nothing where it is switched off.
    pub shortcut: Option<String>,
    /// The command that opens the console; nothing takes the system's browser.
    pub browser: Option<String>,
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
    #[must_use]
    pub fn read(state_dir: &Path) -> Self {
        Self::read_from(&state_dir.join(FILE))
    }

    /// Changes one of them and keeps them all.
    ///
    /// # Errors
    ///
    /// [`SessionError::Disk`] when they can't be kept.
    pub fn change(state_dir: &Path, change: impl FnOnce(&mut Self)) -> Result<(), SessionError> {
        let mut kept = Self::read(state_dir);
        change(&mut kept);
        let path = state_dir.join(FILE);
        kept.write_to(&path).map_err(|error| SessionError::Disk {
            path,
            detail: error.to_string(),
        })
    }

    fn read_from(path: &Path) -> Self {
        read_small(path)
            .map(|bytes| Self::parse(&bytes))
            .unwrap_or_default()
    }

    fn parse(bytes: &[u8]) -> Self {
        parse_object(bytes).unwrap_or_default()
    }

    fn write_to(&self, path: &Path) -> io::Result<()> {
        replace_small(path, &serde_json::to_vec_pretty(self)?)
    }
}

/// Reads the content of `desktop.json` and writes it again; for fuzzing. What can't be read are the usual preferences.
///
/// # Errors
///
/// Never: each preference is a text or nothing.
pub fn rewrite_preferences(bytes: &[u8]) -> serde_json::Result<Vec<u8>> {
    serde_json::to_vec_pretty(&Preferences::parse(bytes))
}

#[cfg(test)]
mod tests {
    use std::fs;

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

    #[test]
    fn one_is_changed_and_the_others_stay() {
        let folder = tempfile::tempdir().unwrap();
        let state_dir = folder.path();
        let browser = Some("firefox -P work".to_owned());
        Preferences::change(state_dir, |kept| kept.browser.clone_from(&browser)).unwrap();
        Preferences::change(state_dir, |kept| kept.shortcut = None).unwrap();
        let shortcut = None;
        assert_eq!(
            Preferences::read(state_dir),
            Preferences { shortcut, browser }
        );
        let no_folder = state_dir.join(FILE);
        let refused = Preferences::change(&no_folder, |kept| kept.browser = None);
        assert!(
            matches!(&refused, Err(SessionError::Disk { path, .. }) if path.starts_with(&no_folder)),
            "{refused:?}"
        );
    }

    /// Whether a text is a JSON object, in which each field may be anything of its own.
    fn is_object(bytes: &[u8]) -> bool {
        serde_json::from_slice::<serde_json::Value>(bytes).is_ok_and(|value| value.is_object())
    }

    #[test]
    fn a_file_that_is_damaged_in_any_way_counts_as_none() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("desktop.json");
        let kept = Preferences {
            shortcut: Some("Ctrl+Alt+K".to_owned()),
            browser: Some("firefox -P work".to_owned()),
        };
        kept.write_to(&path).unwrap();
        let whole = fs::read(&path).unwrap();
        assert_eq!(rewrite_preferences(&whole).unwrap(), whole);
        let mut cases = 0;
        let mut look = |bytes: &[u8]| {
            fs::write(&path, bytes).unwrap();
            let read = Preferences::read_from(&path);
            assert!(
                is_object(bytes) || read == Preferences::default(),
                "{bytes:?}"
            );
            cases += 1;
        };
        for len in 0..whole.len() {
            look(&whole[..len]);
        }
        for at in 0..whole.len() {
            for bit in 0..8 {
                let mut bytes = whole.clone();
                bytes[at] ^= 1 << bit;
                look(&bytes);
            }
        }
        look(&[0xff, 0xfe, 0]);
        look(br#"["Ctrl+Alt+K", "firefox"]"#);
        look(b"{\"shortcut\":null,\"other\":\"\xff\"}");
        look(&[whole.as_slice(), &whole].concat());
        look(&vec![b' '; 100 * 1024]);
        let twice = br#"{"shortcut":null,"shortcut":null}"#;
        assert_eq!(Preferences::parse(twice), Preferences::default());
        look("[".repeat(50_000).as_bytes());
        for wrong in ["1", "[]", "{}", "true", "-1", "1e400", "[\"x\"]"] {
            for field in ["shortcut", "browser"] {
                let bytes = format!("{{\"{field}\":{wrong}}}");
                fs::write(&path, &bytes).unwrap();
                assert_eq!(
                    Preferences::read_from(&path),
                    Preferences::default(),
                    "{bytes}"
                );
                cases += 1;
            }
        }
        println!("desktop.json: {cases} damages of the content; none was taken for something else");
    }

    #[cfg(unix)]
    #[test]
    fn what_is_no_file_in_its_place_makes_nobody_wait() {
        use std::os::unix::fs::symlink;

        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("desktop.json");
        let pipe = |path: &Path| {
            let made = std::process::Command::new("mkfifo").arg(path).status();
            assert!(made.unwrap().success());
        };
        let put: [&dyn Fn(); 4] = [
            &|| pipe(&path),
            &|| symlink("/dev/zero", &path).unwrap(),
            &|| symlink(&path, &path).unwrap(),
            &|| fs::create_dir(&path).unwrap(),
        ];
        for put in put {
            put();
            assert_eq!(Preferences::read_from(&path), Preferences::default());
            let _ = fs::remove_file(&path);
        }
        assert!(
            Preferences::default().write_to(&path).is_err(),
            "a folder stays"
        );
        fs::remove_dir(&path).unwrap();
        // Neither does what is in the way of writing.
        pipe(&path.with_extension("json-new"));
        Preferences::default().write_to(&path).unwrap();
        assert_eq!(Preferences::read_from(&path), Preferences::default());
    }
}
