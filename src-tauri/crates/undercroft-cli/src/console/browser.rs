//! The program that opens an address.

use std::{
    env,
    os::unix::process::CommandExt,
    process::{Child, Command, Stdio},
};

use crate::failure::Failure;

const PLACEHOLDER: &str = "{url}";

/// The words of a command; the placeholder stands for the address, or the address comes last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Browser {
    words: Vec<String>,
}

/// How far a browser's command is.
pub(crate) enum Opening {
    /// It runs, or has done its work.
    Fine,
    Failed,
}

/// A browser's command that was started.
pub(crate) struct Started(Child);

impl Browser {
    /// The browser of the option, of `UNDERCROFT_BROWSER`, or the system's.
    pub(crate) fn chosen(option: Option<&str>) -> Result<Self, Failure> {
        let variable = env::var("UNDERCROFT_BROWSER").ok();
        let text = option
            .map(str::to_owned)
            .or(variable.filter(|text| !text.trim().is_empty()));
        text.map_or_else(|| Ok(Self::usual()), |text| Self::parse(&text))
    }

    fn usual() -> Self {
        let opener = if cfg!(target_os = "macos") {
            "open"
        } else {
            "xdg-open"
        };
        Self {
            words: vec![opener.to_owned()],
        }
    }

    /// Splits a command into words, with quotes but without a shell.
    fn parse(text: &str) -> Result<Self, Failure> {
        let words = words(text).filter(|words| !words.is_empty());
        words.map(|words| Self { words }).ok_or_else(|| {
            Failure::Usage("the browser's command is empty, or a quote in it does not close".into())
        })
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

    /// Starts the command, in a group of its own so that Ctrl-C here does not close it.
    pub(crate) fn open(&self, address: &str) -> Result<Started, Failure> {
        let words = self.with(address);
        let (program, rest) = words
            .split_first()
            .ok_or_else(|| Failure::Usage("there is no browser's command".into()))?;
        Command::new(program)
            .args(rest)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .map(Started)
            .map_err(Failure::io(format!(
                "{program} can't be run to open the browser; name another with --browser, or use --print"
            )))
    }
}

impl Started {
    pub(crate) fn state(&mut self) -> Opening {
        match self.0.try_wait() {
            Ok(Some(status)) if !status.success() => Opening::Failed,
            Ok(_) => Opening::Fine,
            Err(_) => Opening::Failed,
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
