//! The master password: typed at the terminal without an echo, or one line of standard input.

#[cfg(unix)]
use std::os::fd::AsFd;
#[cfg(windows)]
use std::os::windows::io::AsHandle;
use std::{
    fs::File,
    io::{self, BufRead, Read},
};

use undercroft_secret::SecretString;

use crate::failure::Failure;

/// The longest line that is read, in bytes: a password beyond it is something else that was piped in.
const LONGEST: u64 = 4096;

/// Asks at the terminal, whatever standard input and output are.
pub(crate) fn ask(prompt: &str) -> Result<SecretString, Failure> {
    #[cfg(unix)]
    return quiet::ask(prompt);
    #[cfg(windows)]
    {
        let typed = rpassword::prompt_password(prompt).map_err(no_terminal)?;
        not_empty(SecretString::new(typed))
    }
}

fn no_terminal(_: io::Error) -> Failure {
    Failure::Usage("there is no terminal to type the password at; use --password-stdin".to_owned())
}

/// Asks for a new password, twice.
pub(crate) fn ask_new() -> Result<SecretString, Failure> {
    let first = ask("New master password: ")?;
    let again = ask("The same again: ")?;
    if first.ct_eq(&again) {
        Ok(first)
    } else {
        Err(Failure::Failed(
            "the two passwords are not the same".to_owned(),
        ))
    }
}

/// Reads one line of standard input.
///
/// Not through the buffer of [`io::stdin`], which is never freed: the password would stay in it for as long as the process
/// runs. Byte by byte, so that what stands behind the line is left to whoever reads on.
pub(crate) fn from_stdin() -> Result<SecretString, Failure> {
    #[cfg(unix)]
    let input = io::stdin().as_fd().try_clone_to_owned();
    #[cfg(windows)]
    let input = io::stdin().as_handle().try_clone_to_owned();
    let input = input.map_err(Failure::io("standard input can't be read"))?;
    line_of(&mut io::BufReader::with_capacity(1, File::from(input)))
}

fn line_of(from: &mut impl BufRead) -> Result<SecretString, Failure> {
    // Room for all of it, so that no shorter copy is left behind by growing.
    let mut bytes = Vec::with_capacity(LONGEST as usize);
    let read = from.take(LONGEST).read_until(b'\n', &mut bytes);
    while matches!(bytes.last(), Some(b'\n' | b'\r')) {
        bytes.pop();
    }
    let text = SecretString::from_utf8(undercroft_secret::SecretBytes::new(bytes));
    read.map_err(Failure::io("the password can't be read"))?;
    let text = text.map_err(|_| Failure::Failed("the password is not UTF-8 text".to_owned()))?;
    not_empty(text)
}

fn not_empty(text: SecretString) -> Result<SecretString, Failure> {
    if text.is_empty() {
        return Err(Failure::Failed("no password was given".to_owned()));
    }
    Ok(text)
}

#[cfg(unix)]
mod quiet {
    //! A terminal without an echo.

    use std::{
        fs::{File, OpenOptions},
        io::{self, Write},
        os::fd::AsFd,
    };

    use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};
    use undercroft_secret::SecretString;

    use super::{line_of, no_terminal};
    use crate::failure::Failure;

    pub(super) fn ask(prompt: &str) -> Result<SecretString, Failure> {
        let mut terminal = OpenOptions::new()
            .read(true)
            .write(true)
            .open("/dev/tty")
            .map_err(no_terminal)?;
        let said = write!(terminal, "{prompt}").and_then(|()| terminal.flush());
        said.map_err(Failure::io("the terminal can't be written to"))?;
        let quiet = Quiet::on(&terminal).map_err(Failure::io("the terminal can't be silenced"))?;
        let line = line_of(&mut io::BufReader::new(&terminal));
        drop(quiet);
        let _ = writeln!(terminal);
        line
    }

    /// A terminal that does not echo, until this is dropped.
    struct Quiet<'a> {
        terminal: &'a File,
        before: Termios,
    }

    impl<'a> Quiet<'a> {
        fn on(terminal: &'a File) -> io::Result<Self> {
            let before = tcgetattr(terminal.as_fd())?;
            let mut quiet = before.clone();
            quiet.local_modes.remove(LocalModes::ECHO);
            tcsetattr(terminal.as_fd(), OptionalActions::Flush, &quiet)?;
            Ok(Self { terminal, before })
        }
    }

    impl Drop for Quiet<'_> {
        fn drop(&mut self) {
            let _ = tcsetattr(self.terminal.as_fd(), OptionalActions::Flush, &self.before);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_is_read_and_no_more() {
        let read = |bytes: &[u8]| line_of(&mut io::Cursor::new(bytes.to_vec())).ok();
        let text = |bytes| read(bytes).map(|line| line.expose().to_owned());
        assert_eq!(text(b"secret\nmore\n").as_deref(), Some("secret"));
        assert_eq!(text(b"secret\r\n").as_deref(), Some("secret"));
        assert_eq!(text(b" with spaces ").as_deref(), Some(" with spaces "));
        assert!(read(b"").is_none() && read(b"\n").is_none() && read(b"\xff\n").is_none());
    }
}
