//! What is printed, and where.

use std::{
    borrow::Cow,
    io::{self, BufRead, IsTerminal, Read, Write},
};

use crate::{arguments::Common, failure::Failure};

/// The longest answer to a question, in bytes.
const LONGEST_ANSWER: u64 = 64;

/// Standard output and standard error, each with what suits it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Terminal {
    colours_out: bool,
    colours_err: bool,
    quiet: bool,
    verbose: bool,
}

/// A manner of writing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    Plain,
    Bold,
    Dim,
    Good,
    Bad,
    Wary,
}

impl Terminal {
    pub(crate) fn new(common: &Common) -> Self {
        let allowed = may_colour();
        Self {
            colours_out: allowed && io::stdout().is_terminal(),
            colours_err: allowed && io::stderr().is_terminal(),
            quiet: common.quiet,
            verbose: common.verbose,
        }
    }

    /// Writes the answer.
    pub(crate) fn answer(&self, bytes: impl AsRef<[u8]>) -> Result<(), Failure> {
        let mut out = io::stdout().lock();
        let written = out.write_all(bytes.as_ref()).and_then(|()| out.flush());
        written.map_err(|error| {
            if error.kind() == io::ErrorKind::BrokenPipe {
                Failure::ReaderGone
            } else {
                Failure::io("the answer can't be written")(error)
            }
        })
    }

    /// Styles a piece of the answer.
    pub(crate) fn styled(&self, text: &str, style: Style) -> String {
        painted(text, style, self.colours_out)
    }

    /// Says something to the person, unless they asked for quiet.
    pub(crate) fn note(&self, text: &str) {
        if !self.quiet {
            self.say(&harmless(text));
        }
    }

    /// Says something to the person who asked for more.
    pub(crate) fn detail(&self, text: &str) {
        if self.verbose {
            self.say(&painted(&harmless(text), Style::Dim, self.colours_err));
        }
    }

    /// Says what is wrong with one of several things.
    pub(crate) fn complain(&self, text: &str) {
        let name = painted("undercroft:", Style::Bad, self.colours_err);
        self.say(&format!("{name} {}", harmless(text)));
    }

    /// Says why the command fails and what to do.
    pub(crate) fn fail(&self, failure: &Failure) {
        if matches!(failure, Failure::ReaderGone) {
            return;
        }
        self.complain(&failure.to_string());
        if let (Some(hint), false) = (failure.hint(), self.quiet) {
            self.say(&painted(&format!("  {hint}"), Style::Dim, self.colours_err));
        }
    }

    /// Whether a person sits there who can answer a question.
    pub(crate) fn can_ask(&self) -> bool {
        io::stdin().is_terminal() && io::stderr().is_terminal()
    }

    /// Asks a question; anything but a yes is a no.
    pub(crate) fn is_confirmed(&self, question: &str) -> Result<bool, Failure> {
        let mut err = io::stderr().lock();
        let said = write!(err, "{} [y/N] ", harmless(question)).and_then(|()| err.flush());
        said.map_err(Failure::io("the terminal can't be written to"))?;
        let mut answer = String::new();
        let read = io::stdin()
            .lock()
            .take(LONGEST_ANSWER)
            .read_line(&mut answer);
        if read.map_err(Failure::io("the answer can't be read"))? == 0 {
            let _ = writeln!(err);
        }
        Ok(matches!(
            answer.trim().to_ascii_lowercase().as_str(),
            "y" | "yes"
        ))
    }

    fn say(&self, line: &str) {
        // There is nowhere left to tell that nobody listens.
        let _ = writeln!(io::stderr().lock(), "{line}");
    }
}

/// A text whose control characters can't steer a terminal; lines stay lines.
pub(crate) fn harmless(text: &str) -> Cow<'_, str> {
    let steers = |c: char| {
        (c.is_control() && c != '\n')
            || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    if text.chars().any(steers) {
        Cow::Owned(text.replace(steers, "\u{fffd}"))
    } else {
        Cow::Borrowed(text)
    }
}

fn may_colour() -> bool {
    let is_set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    !is_set("NO_COLOR") && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
}

fn painted(text: &str, style: Style, colours: bool) -> String {
    let code = match style {
        Style::Bold => "1",
        Style::Dim => "2",
        Style::Good => "32",
        Style::Bad => "1;31",
        Style::Wary => "33",
        Style::Plain => return text.to_owned(),
    };
    if colours && !text.is_empty() {
        format!("\u{1b}[{code}m{text}\u{1b}[0m")
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_steers_the_terminal() {
        assert_eq!(
            harmless("a\u{1b}[2Jb\r\u{202e}c"),
            "a\u{fffd}[2Jb\u{fffd}\u{fffd}c"
        );
        assert_eq!(harmless("två\nrader"), "två\nrader");
    }

    #[test]
    fn colours_only_where_they_are_wanted() {
        assert_eq!(painted("x", Style::Good, true), "\u{1b}[32mx\u{1b}[0m");
        assert_eq!(painted("x", Style::Good, false), "x");
        assert_eq!(painted("x", Style::Plain, true), "x");
    }
}
