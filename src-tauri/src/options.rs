//! The command line of the app. It has little: the window is the interface.

use std::io::Write;
use std::process::ExitCode;

const HELP: &str = "\
Undercroft: a vault for every credential that an AWS user holds.

Usage: undercroft-app [--background] [--quick]

  --background   start without a window, and stay when the window is closed; starting again shows one
  --quick        open quick search, also of the program that runs already, or hide it when it is open:
                 for a shortcut in the desktop's own settings
  --version      print the version
  --help         print this

UNDERCROFT_VAULT names the vault file to open instead of the usual one.
";

/// What the app was started with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Options {
    /// Whether to start without a window, and to stay when it is closed.
    pub(crate) background: bool,
    /// Whether to open quick search.
    pub(crate) quick: bool,
}

/// What is printed instead of starting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// The help text.
    Help,
    /// The version.
    Version,
    /// An argument that means nothing.
    Unknown(String),
    /// A variable of the environment would hand the windows to another program.
    RemoteControl(&'static str),
}

impl Options {
    /// Reads the arguments after the program's name.
    pub(crate) fn parse(arguments: impl Iterator<Item = String>) -> Result<Self, Answer> {
        let mut options = Self::default();
        for argument in arguments {
            match argument.as_str() {
                "--background" => options.background = true,
                "--quick" => options.quick = true,
                "--help" | "-h" => return Err(Answer::Help),
                "--version" | "-V" => return Err(Answer::Version),
                _ => return Err(Answer::Unknown(argument)),
            }
        }
        Ok(options)
    }
}

impl Answer {
    /// Prints it, to the error stream where it is one, and says what to exit with.
    #[cfg_attr(test, allow(dead_code))]
    pub(crate) fn print(&self) -> ExitCode {
        // Nobody is left to tell when the terminal is gone.
        match self {
            Self::Help => {
                let _ = std::io::stdout().write_all(HELP.as_bytes());
                ExitCode::SUCCESS
            }
            Self::Version => {
                let _ = writeln!(
                    std::io::stdout(),
                    "undercroft-app {}",
                    env!("CARGO_PKG_VERSION")
                );
                ExitCode::SUCCESS
            }
            Self::RemoteControl(name) => {
                let _ = writeln!(
                    std::io::stderr(),
                    "undercroft-app: {name} is set, which would let another program drive the window: unset it and start again"
                );
                ExitCode::FAILURE
            }
            Self::Unknown(argument) => {
                let _ = writeln!(
                    std::io::stderr(),
                    "undercroft-app: unknown argument {argument:?}; see --help"
                );
                ExitCode::from(2)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(arguments: &[&str]) -> Result<Options, Answer> {
        Options::parse(arguments.iter().map(|&argument| argument.to_owned()))
    }

    #[test]
    fn arguments_are_read() {
        assert_eq!(parse(&[]), Ok(Options::default()));
        let background = Options {
            background: true,
            ..Options::default()
        };
        assert_eq!(parse(&["--background"]), Ok(background));
        let quick = Options {
            quick: true,
            ..Options::default()
        };
        assert_eq!(parse(&["--quick"]), Ok(quick));
        assert_eq!(parse(&["--background", "--help"]), Err(Answer::Help));
        assert_eq!(parse(&["-V"]), Err(Answer::Version));
        assert_eq!(
            parse(&["--nonsense"]),
            Err(Answer::Unknown("--nonsense".to_owned()))
        );
    }
}
