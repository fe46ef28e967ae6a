//! The token of a web identity: read from a file that somebody keeps fresh, or from what a program prints.

use std::{
    io::Read,
    path::Path,
    process::{Child, Command, Stdio},
    sync::mpsc,
    time::{Duration, Instant},
};

use tokio::{sync::oneshot, time::timeout};
use undercroft_model::TokenSource;
use undercroft_secret::{SecretBytes, SecretString};

/// STS takes no longer token (`WebIdentityToken`).
const LONGEST: u64 = 20_000;

/// How long the program may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// Why there is no token. What was read is not repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WebTokenError {
    /// The file is not there or can't be read.
    #[error("the token's file can't be read; see that whatever writes it runs")]
    Unreadable,
    /// The program can't be started.
    #[error("the program that prints the token can't be started; check its path")]
    NotStarted,
    /// The program failed.
    #[error("the program that prints the token failed; run it in a terminal to see why")]
    Failed,
    /// The file or the program did not answer in time.
    #[error("there was no token within 10 seconds; see what holds its file or its program up")]
    Slow,
    /// What was read is no token.
    #[error("what was read is no token: one line of 4 to 20,000 visible characters")]
    Shape,
}

/// Reads the token.
pub(super) async fn read(source: &TokenSource) -> Result<SecretString, WebTokenError> {
    read_within(source, PATIENCE).await
}

async fn read_within(
    source: &TokenSource,
    patience: Duration,
) -> Result<SecretString, WebTokenError> {
    let source = source.clone();
    let (done, read) = oneshot::channel();
    // A thread of its own: a file on a server that is gone holds nothing else up, not even the program's end.
    std::thread::spawn(move || {
        let _ = done.send(match source {
            TokenSource::File { path } => in_file(Path::new(&path)),
            TokenSource::Command { words } => printed_by(&words, patience),
        });
    });
    // The program's own time is kept where it runs; this is for a file, and for what ends a program.
    let slow = |_| WebTokenError::Slow;
    let read = timeout(patience + Duration::from_secs(2), read).await;
    let bytes = read.map_err(slow)?.map_err(|_| WebTokenError::Failed)??;
    token_in(bytes)
}

fn in_file(path: &Path) -> Result<SecretBytes, WebTokenError> {
    // A pipe would be waited for.
    if !std::fs::metadata(path).is_ok_and(|found| found.is_file()) {
        return Err(WebTokenError::Unreadable);
    }
    bounded(std::fs::File::open(path).map_err(|_| WebTokenError::Unreadable)?)
}

fn token_in(bytes: SecretBytes) -> Result<SecretString, WebTokenError> {
    let text = SecretString::from_utf8(bytes).map_err(|_| WebTokenError::Shape)?;
    let token = text.expose().trim();
    let is_token = (4..=LONGEST as usize).contains(&token.len())
        && token.bytes().all(|byte| byte.is_ascii_graphic());
    if is_token {
        Ok(SecretString::copy_of(token))
    } else {
        Err(WebTokenError::Shape)
    }
}

fn bounded(from: impl Read) -> Result<SecretBytes, WebTokenError> {
    // Room for all of it, so that no shorter copy is left behind by growing.
    let mut bytes = Vec::with_capacity(LONGEST as usize + 2);
    let outcome = from.take(LONGEST + 2).read_to_end(&mut bytes);
    let bytes = SecretBytes::new(bytes);
    match outcome {
        Ok(read) if read as u64 <= LONGEST + 1 => Ok(bytes),
        Ok(_) => Err(WebTokenError::Shape),
        Err(_) => Err(WebTokenError::Unreadable),
    }
}

fn printed_by(words: &[String], patience: Duration) -> Result<SecretBytes, WebTokenError> {
    let until = Instant::now() + patience;
    let (program, arguments) = words.split_first().ok_or(WebTokenError::NotStarted)?;
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|_| WebTokenError::NotStarted)?;
    let stdout = child.stdout.take().ok_or(WebTokenError::Failed)?;
    let (done, printed) = mpsc::channel();
    std::thread::spawn(move || {
        let _ = done.send(bounded(stdout));
    });
    let outcome = ended_well(&mut child, until);
    if outcome.is_err() {
        let _ = child.kill();
        let _ = child.wait();
    }
    // What it started may hold its output open for longer than it lives.
    let left = until.saturating_duration_since(Instant::now());
    match printed.recv_timeout(left.max(Duration::from_millis(100))) {
        // A program that was not read to its end may have failed for that.
        Ok(Err(error)) => Err(error),
        Ok(Ok(bytes)) => outcome.map(|()| bytes),
        Err(_) => Err(WebTokenError::Slow),
    }
}

fn ended_well(child: &mut Child, until: Instant) -> Result<(), WebTokenError> {
    loop {
        match child.try_wait() {
            Ok(Some(status)) if status.success() => return Ok(()),
            Ok(Some(_)) | Err(_) => return Err(WebTokenError::Failed),
            Ok(None) if Instant::now() > until => return Err(WebTokenError::Slow),
            Ok(None) => std::thread::sleep(Duration::from_millis(10)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn command(words: &[&str]) -> TokenSource {
        TokenSource::Command {
            words: words.iter().map(|word| (*word).to_owned()).collect(),
        }
    }

    #[tokio::test]
    async fn tokens_come_from_files_and_programs() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        let source = TokenSource::File {
            path: path.to_str().unwrap().to_owned(),
        };
        assert_eq!(read(&source).await.err(), Some(WebTokenError::Unreadable));
        let longest = "x".repeat(20_000);
        for (content, token) in [
            ("eyJhbGciOi.J9\n", Some("eyJhbGciOi.J9")),
            ("four", Some("four")),
            ("few", None),
            ("", None),
            ("two words", None),
            (&format!("{longest}\n"), Some(longest.as_str())),
            (&format!("{longest}x"), None),
            (&"x".repeat(20_002), None),
        ] {
            std::fs::write(&path, content).unwrap();
            let outcome = read(&source).await;
            assert_eq!(
                outcome
                    .ok()
                    .map(|token| token.expose().to_owned())
                    .as_deref(),
                token
            );
        }
        let printed = read(&command(&["/bin/echo", "token-of-a-program"])).await;
        assert_eq!(printed.unwrap().expose(), "token-of-a-program");
        for (words, error) in [
            (vec!["/nowhere/token"], WebTokenError::NotStarted),
            (vec!["/bin/false"], WebTokenError::Failed),
            (vec!["/bin/sh", "-c", "exit 3"], WebTokenError::Failed),
            (
                vec!["/bin/sh", "-c", "yes x | head -c 100000"],
                WebTokenError::Shape,
            ),
        ] {
            assert_eq!(read(&command(&words)).await.err(), Some(error), "{words:?}");
        }
    }

    #[tokio::test]
    async fn nothing_holds_up_who_waits_for_a_token() {
        let patience = Duration::from_millis(300);
        let begun = Instant::now();
        for script in [
            "sleep 20",
            // What goes on in the background keeps the output open.
            "sleep 20 & echo token",
            "yes token",
        ] {
            let outcome = read_within(&command(&["/bin/sh", "-c", script]), patience).await;
            let error = outcome.err();
            assert!(
                matches!(error, Some(WebTokenError::Slow | WebTokenError::Shape)),
                "{script}: {error:?}"
            );
        }
        assert!(begun.elapsed() < Duration::from_secs(8));
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn a_program_that_takes_too_long_is_ended() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pid");
        let script = format!("echo $$ > {}; exec sleep 20", path.display());
        let source = command(&["/bin/sh", "-c", &script]);
        let outcome = read_within(&source, Duration::from_secs(2)).await;
        assert_eq!(outcome.err(), Some(WebTokenError::Slow));
        let pid = std::fs::read_to_string(path).unwrap();
        let runs = Command::new("kill")
            .args(["-0", pid.trim()])
            .stderr(Stdio::null())
            .status();
        assert!(!runs.unwrap().success());
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn a_pipe_is_no_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pipe");
        let made = Command::new("mkfifo").arg(&path).status().unwrap();
        assert!(made.success());
        let source = TokenSource::File {
            path: path.to_str().unwrap().to_owned(),
        };
        let outcome = read_within(&source, Duration::from_millis(300)).await;
        assert_eq!(outcome.err(), Some(WebTokenError::Unreadable));
    }
}
