//! Starting with the desktop, without a window. Off until the user says so.

use std::env;
use std::path::PathBuf;

#[cfg(not(target_os = "linux"))]
pub(crate) use system::{present, set};
#[cfg(target_os = "linux")]
pub(crate) use xdg::{present, set};

/// What starts at login.
fn program() -> Option<PathBuf> {
    // An AppImage runs from a place that is gone afterwards; the variable names the file itself.
    env::var_os("APPIMAGE")
        .map(PathBuf::from)
        .or_else(|| env::current_exe().ok())
}

/// By a file in the folder that desktops look into (Desktop Application Autostart Specification).
#[cfg(target_os = "linux")]
mod xdg {
    use std::io::Write;
    use std::path::{Path, PathBuf};
    use std::{env, fs, io};

    use super::program;
    use crate::platform::own_files;

    const FILE: &str = "dev.undercroft.Undercroft.desktop";

    /// Whether it starts at login; nothing where that can't be told.
    pub(crate) fn present() -> Option<bool> {
        Some(folder()?.join(FILE).exists())
    }

    /// Switches it on or off.
    ///
    /// # Errors
    ///
    /// What the system answers.
    pub(crate) fn set(on: bool) -> Result<(), String> {
        let unknown = || "it is not known where the desktop looks".to_owned();
        let folder = folder().ok_or_else(unknown)?;
        let done = if on {
            let program = program().ok_or_else(unknown)?;
            write(&folder, &entry(&program))
        } else {
            fs::remove_file(folder.join(FILE))
        };
        match done {
            Err(error) if on || error.kind() != io::ErrorKind::NotFound => Err(error.to_string()),
            Ok(()) | Err(_) => Ok(()),
        }
    }

    fn folder() -> Option<PathBuf> {
        let absolute = |name: &str| {
            let path = PathBuf::from(env::var_os(name)?);
            path.is_absolute().then_some(path)
        };
        let config =
            absolute("XDG_CONFIG_HOME").or_else(|| Some(absolute("HOME")?.join(".config")));
        Some(config?.join("autostart"))
    }

    fn write(folder: &Path, entry: &str) -> io::Result<()> {
        own_files::make_folder(folder)?;
        let temporary = folder.join(format!("{FILE}.new"));
        own_files::create(&temporary)?.write_all(entry.as_bytes())?;
        fs::rename(temporary, folder.join(FILE))
    }

    fn entry(program: &Path) -> String {
        format!(
            "[Desktop Entry]\nType=Application\nName=Undercroft\nIcon=dev.undercroft.Undercroft\n\
             Exec={} --background\nTerminal=false\n",
            quoted(&program.to_string_lossy())
        )
    }

    /// Quotes an argument, and then escapes the whole as a value of the file (Desktop Entry Specification).
    fn quoted(argument: &str) -> String {
        let mut quoted = String::from("\"");
        for char in argument.chars() {
            match char {
                '"' | '`' | '$' => quoted.extend(["\\\\", &char.to_string()]),
                '\\' => quoted.push_str("\\\\\\\\"),
                '%' => quoted.push_str("%%"),
                _ => quoted.push(char),
            }
        }
        quoted.push('"');
        quoted
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn a_path_with_odd_characters_is_one_argument() {
            for (path, written) in [
                ("/opt/under croft/app", r#""/opt/under croft/app""#),
                ("/a$b", r#""/a\\$b""#),
                ("/a\\b", r#""/a\\\\b""#),
                ("/100%", r#""/100%%""#),
            ] {
                assert_eq!(quoted(path), written);
            }
        }

        #[test]
        fn the_file_starts_it_without_a_window() {
            let entry = entry(Path::new("/usr/bin/undercroft-app"));
            assert!(entry.contains("\nExec=\"/usr/bin/undercroft-app\" --background\n"));
            assert!(entry.contains("\nName=Undercroft\n"));
        }
    }
}

/// By the system's own list.
#[cfg(not(target_os = "linux"))]
mod system {
    use auto_launch::{AutoLaunch, AutoLaunchBuilder};

    use super::program;

    /// Whether it starts at login; nothing where that can't be told.
    pub(crate) fn present() -> Option<bool> {
        launch()?.is_enabled().ok()
    }

    /// Switches it on or off.
    ///
    /// # Errors
    ///
    /// What the system answers.
    pub(crate) fn set(on: bool) -> Result<(), String> {
        let launch = launch().ok_or_else(|| "it is not known where this program is".to_owned())?;
        let done = if on {
            launch.enable()
        } else {
            launch.disable()
        };
        done.map_err(|error| error.to_string())
    }

    fn launch() -> Option<AutoLaunch> {
        AutoLaunchBuilder::new()
            .set_app_name("Undercroft")
            .set_app_path(program()?.to_str()?)
            .set_args(&["--background"])
            .build()
            .ok()
    }
}
