//! The screen under Wayland: the desktop's screenshot portal is asked, and that asks the user.
//!
//! The portal looks into `/proc` to learn who asks and refuses a process that is not dumpable, as this one is. So a
//! second process of this program asks: it is started with an environment of a few variables, before it reads or
//! makes anything secret it is done, and it tells only where the picture lies. The picture is read and deleted here.

use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant, SystemTime};

use ashpd::desktop::ResponseError;
use ashpd::desktop::screenshot::Screenshot;
use rustix::fs::{Mode, OFlags};
use undercroft_otp::qr::Picture;
use undercroft_session::ScanError;

/// The argument that makes this program the helper.
const OPTION: &str = "--screenshot-portal";
/// How long the user may take to answer the desktop.
const PATIENCE: Duration = Duration::from_secs(90);
/// How much longer the helper may take to say so.
const GRACE: Duration = Duration::from_secs(5);
/// What the helper needs to reach the session bus.
pub(crate) const PASSED_ON: &[&str] = &[
    "DBUS_SESSION_BUS_ADDRESS",
    "HOME",
    "LANG",
    "LD_LIBRARY_PATH",
    "XDG_CURRENT_DESKTOP",
    "XDG_RUNTIME_DIR",
    "XDG_SESSION_TYPE",
];
/// A longer answer of the helper is none.
const MOST_ANSWER: u64 = 8 * 1024;

const CANCELLED: u8 = 3;
const TIMEOUT: u8 = 4;
const REFUSED: u8 = 5;

/// Whether the portal gave a picture in this run: then it need not let the user choose again.
static ALLOWED: AtomicBool = AtomicBool::new(false);

/// What is wanted of the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Choice {
    /// All of it.
    Screen,
    /// What the user chooses.
    Part,
}

/// Asks for a picture.
pub(super) fn take(choice: Choice) -> Result<Picture, ScanError> {
    let asked_at = SystemTime::now();
    let silently = choice == Choice::Screen && ALLOWED.load(Ordering::Relaxed);
    let answer = if silently {
        // A desktop that asks each time, or forgot, refuses without a dialog.
        ask_helper(false).or_else(|error| {
            if error == ScanError::Cancelled {
                return Err(error);
            }
            ask_helper(true)
        })
    } else {
        ask_helper(true)
    };
    let bytes = take_away(&answer?, asked_at)?;
    ALLOWED.store(true, Ordering::Relaxed);
    super::file::of_bytes(&bytes)
}

/// Runs this program as the helper and reads where the picture lies.
fn ask_helper(interactive: bool) -> Result<PathBuf, ScanError> {
    let kept = PASSED_ON
        .iter()
        .filter_map(|name| Some((name, std::env::var_os(name)?)));
    // Also there when the file was replaced by an update.
    let mut helper = Command::new("/proc/self/exe")
        .arg(OPTION)
        .arg(if interactive { "interactive" } else { "silent" })
        .env_clear()
        .envs(kept)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(failed)?;
    let until = Instant::now() + PATIENCE + GRACE;
    let status = loop {
        if let Some(status) = helper.try_wait().map_err(failed)? {
            break status;
        }
        if Instant::now() > until {
            let _ = helper.kill();
            let _ = helper.wait();
            return Err(ScanError::Timeout);
        }
        std::thread::sleep(Duration::from_millis(20));
    };
    let mut said = String::new();
    if let Some(output) = helper.stdout.take() {
        output
            .take(MOST_ANSWER)
            .read_to_string(&mut said)
            .map_err(failed)?;
    }
    let said = said.trim_end();
    match status.code().and_then(|code| u8::try_from(code).ok()) {
        Some(0) => path_of(said),
        Some(CANCELLED) => Err(ScanError::Cancelled),
        Some(TIMEOUT) => Err(ScanError::Timeout),
        Some(REFUSED) => Err(ScanError::Refused),
        _ => Err(failed(if said.is_empty() {
            "the screenshot portal did not answer"
        } else {
            said
        })),
    }
}

fn path_of(address: &str) -> Result<PathBuf, ScanError> {
    let address = url::Url::parse(address).ok();
    address
        .filter(|address| address.scheme() == "file")
        .and_then(|address| address.to_file_path().ok())
        .ok_or_else(|| failed("the screenshot portal named no file"))
}

/// Opens the picture, deletes it, and reads what it was. Only a file that was made after the question is deleted.
fn take_away(path: &Path, asked_at: SystemTime) -> Result<Vec<u8>, ScanError> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file = File::from(rustix::fs::open(path, flags, Mode::empty()).map_err(failed)?);
    let metadata = file.metadata().map_err(failed)?;
    if !metadata.is_file() {
        return Err(failed(
            "the screenshot portal named something that is no file",
        ));
    }
    let is_new = metadata
        .modified()
        .is_ok_and(|at| at + Duration::from_secs(2) >= asked_at);
    if is_new && let Err(error) = std::fs::remove_file(path) {
        tracing::warn!("the portal's picture of the screen was not deleted: {error}");
    }
    super::file::read_open(file)
}

/// Is the helper, where this program was started as it. Must come before anything secret.
pub(crate) fn helper(mut arguments: impl Iterator<Item = String>) -> Option<ExitCode> {
    if arguments.next().as_deref() != Some(OPTION) {
        return None;
    }
    let interactive = arguments.next().as_deref() == Some("interactive");
    let (code, said) = match ask_portal(interactive) {
        Ok(address) => (0, address),
        Err((code, why)) => (code, why),
    };
    // Nobody is left to tell when the pipe is gone.
    let _ = writeln!(std::io::stdout(), "{said}");
    Some(ExitCode::from(code))
}

fn ask_portal(interactive: bool) -> Result<String, (u8, String)> {
    let other = |error: &dyn std::fmt::Display| (1, error.to_string());
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| other(&error))?;
    let asking = async {
        let request = Screenshot::request()
            .interactive(interactive)
            .modal(true)
            .send()
            .await?;
        request.response()
    };
    let answer = runtime.block_on(async { tokio::time::timeout(PATIENCE, asking).await });
    match answer {
        Err(_) => Err((TIMEOUT, String::new())),
        Ok(Ok(picture)) => Ok(picture.uri().as_str().to_owned()),
        Ok(Err(ashpd::Error::Response(ResponseError::Cancelled))) => {
            Err((CANCELLED, String::new()))
        }
        Ok(Err(ashpd::Error::Response(ResponseError::Other))) => Err((REFUSED, String::new())),
        Ok(Err(error)) => Err(other(&error)),
    }
}

fn failed(error: impl std::fmt::Display) -> ScanError {
    ScanError::NoScreen {
        detail: error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn whatever_a_portal_names_is_a_whole_path_or_refused(
            address in prop_oneof![any::<String>(), "file:/{0,3}\\PC{0,20}", "file:///(\\.\\./|%2[eEfF]|%00|[a-z]){0,9}"],
        ) {
            if let Ok(path) = path_of(&address) {
                prop_assert!(path.is_absolute());
            }
        }
    }

    #[test]
    fn the_picture_is_gone_once_it_was_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("Screenshot from today.png");
        std::fs::write(&path, b"pixels").unwrap();
        let address = url::Url::from_file_path(&path).unwrap();
        let path = path_of(address.as_str()).unwrap();
        assert_eq!(take_away(&path, SystemTime::now()).unwrap(), b"pixels");
        assert!(!path.exists());
    }

    #[test]
    fn what_was_there_before_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("mine.png");
        std::fs::write(&path, b"mine").unwrap();
        let later = SystemTime::now() + Duration::from_secs(3600);
        assert_eq!(take_away(&path, later).unwrap(), b"mine");
        assert!(path.exists());
    }

    #[test]
    fn only_files_are_read() {
        for address in [
            "",
            "http://127.0.0.1/a.png",
            "file://elsewhere/a.png",
            "a.png",
        ] {
            assert!(path_of(address).is_err(), "{address}");
        }
        let folder = tempfile::tempdir().unwrap();
        let link = folder.path().join("link.png");
        std::os::unix::fs::symlink("/etc/hostname", &link).unwrap();
        assert!(take_away(&link, SystemTime::UNIX_EPOCH).is_err());
        assert!(take_away(folder.path(), SystemTime::UNIX_EPOCH).is_err());
    }

    #[test]
    fn other_arguments_start_no_helper() {
        for arguments in [&[][..], &["--background"], &["x", OPTION]] {
            let arguments = arguments.iter().map(|&argument| argument.to_owned());
            assert!(helper(arguments).is_none());
        }
    }
}
