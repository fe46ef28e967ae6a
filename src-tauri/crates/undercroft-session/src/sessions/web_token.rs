//! The token of a web identity: read from a file that somebody keeps fresh, or from what a program prints.

use std::{
    io::Read,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use tokio::task::spawn_blocking;
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
    /// The program did not end in time.
    #[error("the program that prints the token did not end within 10 seconds")]
    Slow,
    /// What was read is no token.
    #[error("what was read is no token: one line of 4 to 20,000 visible characters")]
    Shape,
}

/// Reads the token.
pub(super) async fn read(source: &TokenSource) -> Result<SecretString, WebTokenError> {
    let source = source.clone();
    let read = spawn_blocking(move || match source {
        TokenSource::File { path } => {
            let file = std::fs::File::open(path).map_err(|_| WebTokenError::Unreadable)?;
            bounded(file)
        }
        TokenSource::Command { words } => printed_by(&words),
    });
    let bytes = read.await.map_err(|_| WebTokenError::Failed)??;
    token_in(bytes)
}

fn token_in(bytes: SecretBytes) -> Result<SecretString, WebTokenError> {
    let text = SecretString::from_utf8(bytes).map_err(|_| WebTokenError::Shape)?;
    let token = text.expose().trim();
    let is_token = token.len() >= 4 && token.bytes().all(|byte| byte.is_ascii_graphic());
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

fn printed_by(words: &[String]) -> Result<SecretBytes, WebTokenError> {
    let (program, arguments) = words.split_first().ok_or(WebTokenError::NotStarted)?;
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|_| WebTokenError::NotStarted)?;
    let stdout = child.stdout.take().ok_or(WebTokenError::Failed)?;
    let reader = std::thread::spawn(move || bounded(stdout));
    let outcome = ended_well(&mut child);
    if outcome.is_err() {
        let _ = child.kill();
        let _ = child.wait();
    }
    let printed = reader.join().map_err(|_| WebTokenError::Failed)?;
    // A program that was not read to its end may have failed for that.
    if printed.is_ok() {
        outcome?;
    }
    printed
}

fn ended_well(child: &mut Child) -> Result<(), WebTokenError> {
    let until = Instant::now() + PATIENCE;
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
        for (content, token) in [
            ("eyJhbGciOi.J9\n", Some("eyJhbGciOi.J9")),
            ("", None),
            ("two words", None),
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
}
