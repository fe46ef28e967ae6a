//! The program that opens an address.

use std::{
    io,
    process::{Child, Command, Stdio},
    thread,
};

const PLACEHOLDER: &str = "{url}";

/// The words of a command; the placeholder stands for the address, or the address comes last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Browser {
    words: Vec<String>,
}

/// Why no browser shows the page.
#[derive(Debug, thiserror::Error)]
pub enum BrowserError {
    /// The command can't be split into words.
    #[error("the browser's command is empty, or a quote in it does not close")]
    Words,
    /// The command can't be run.
    #[error("{program} can't be run to open the browser")]
    Start {
        /// Its first word.
        program: String,
        /// The system's word.
        source: io::Error,
    },
    /// The command ended with a failure.
    #[error("the browser's command failed")]
    Failed,
    /// No browser came for the page.
    #[error("the browser did not ask for the page within a minute")]
    Late,
    /// The address is none that a browser may be sent to.
    #[error("the address is no web address")]
    Address,
    /// There is no place on 127.0.0.1 to listen at.
    #[error("there is no place on 127.0.0.1 to listen at")]
    Listen(#[source] io::Error),
    /// The system yields no random numbers.
    #[error("the system yields no random numbers")]
    Random,
}

/// How far a browser's command is.
pub(crate) enum Opening {
    /// It runs, or has done its work.
    Fine,
    Failed,
}

/// A browser's command that was started.
pub(crate) struct Started(Option<Child>);

impl Browser {
    /// The system's own choice.
    #[must_use]
    pub fn usual() -> Self {
        let opener = if cfg!(target_os = "macos") {
            "open"
        } else if cfg!(windows) {
            "explorer"
        } else {
            "xdg-open"
        };
        Self {
            words: vec![opener.to_owned()],
        }
    }

    /// Splits a command into words, with quotes but without a shell.
    ///
    /// # Errors
    /// [`BrowserError::Words`].
    pub fn parse(text: &str) -> Result<Self, BrowserError> {
        let words = words(text).filter(|words| !words.is_empty());
        words.map(|words| Self { words }).ok_or(BrowserError::Words)
    }

    fn with(&self, address: &str) -> Vec<String> {
        let mut words: Vec<_> = self
            .words
            .iter()
            .map(|word| word.replace(PLACEHOLDER, address))
            .collect();
        if words == self.words {
            words.push(address.to_owned());
        }
        words
    }

    /// Starts the command, on Unix in a group of its own so that Ctrl-C in a terminal does not close it.
    pub(crate) fn start(&self, address: &str) -> Result<Started, BrowserError> {
        let words = self.with(address);
        let (program, rest) = words.split_first().ok_or(BrowserError::Words)?;
        let mut command = Command::new(program);
        command
            .args(rest)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let child = command.spawn().map_err(|source| BrowserError::Start {
            program: program.clone(),
            source,
        })?;
        Ok(Started(Some(child)))
    }
}

impl Started {
    pub(crate) fn state(&mut self) -> Opening {
        match self.0.as_mut().map(Child::try_wait) {
            Some(Ok(Some(status))) if !status.success() => Opening::Failed,
            None | Some(Ok(_)) => Opening::Fine,
            Some(Err(_)) => Opening::Failed,
        }
    }
}

impl Drop for Started {
    /// Waits on a thread for what may run for days: the system keeps what ended until somebody asks.
    fn drop(&mut self) {
        if let Some(mut child) = self.0.take() {
            thread::spawn(move || child.wait());
        }
    }
}

/// Splits by spaces; quotes hold words together, a backslash takes the next character as it is, except between single
/// quotes.
fn words(text: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    let mut characters = text.chars();
    while let Some(c) = characters.next() {
        match (quote, c) {
            (Some(open), close) if open == close => quote = None,
            (Some('"') | None, '\\') => word.get_or_insert_default().push(characters.next()?),
            (Some(_), inside) => word.get_or_insert_default().push(inside),
            (None, '"' | '\'') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None, space) if space.is_whitespace() => words.extend(word.take()),
            (None, other) => word.get_or_insert_default().push(other),
        }
    }
    words.extend(word);
    quote.is_none().then_some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(text: &str) -> Option<Vec<String>> {
        Some(Browser::parse(text).ok()?.with("http://x"))
    }

    #[test]
    fn the_address_takes_its_place_in_the_command() {
        let words = |words: &[&str]| Some(words.iter().map(|word| (*word).to_owned()).collect());
        assert_eq!(with("firefox"), words(&["firefox", "http://x"]));
        assert_eq!(
            with("firefox -P 'my work' \"ext+container:name=Prod&url={url}\""),
            words(&[
                "firefox",
                "-P",
                "my work",
                "ext+container:name=Prod&url=http://x"
            ])
        );
        assert_eq!(
            with("open -a Safari $HOME; rm"),
            words(&["open", "-a", "Safari", "$HOME;", "rm", "http://x"])
        );
        assert_eq!(with("a 'b"), None);
        assert_eq!(with(" "), None);
    }
}
