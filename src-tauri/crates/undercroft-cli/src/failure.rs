//! Why a command fails, which exit code says so, and what to do about it.

use std::{io, path::PathBuf, process::ExitCode};

use undercroft_agent::{ClientError, Code, Refusal, RequestError};

/// Why a command fails.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// The agent says no.
    #[error("{}", refused(.0))]
    Refused(Refusal),
    /// The agent can't be asked, or its answer can't be read.
    #[error(transparent)]
    Agent(ClientError),
    /// There is no usual place for a socket.
    #[error("there is no usual place for the agent's socket")]
    NoPlace,
    /// The agent serves another vault than the one that was named.
    #[error("the vault that is served is {served}, not the one that was named")]
    OtherVault {
        /// The vault that is served.
        served: String,
    },
    /// The answer is of another kind than the question.
    #[error("the answer is not to what was asked")]
    OddAnswer,
    /// The arguments don't go together.
    #[error("{0}")]
    Usage(String),
    /// A file, a program or a connection does not do.
    #[error("{what}: {source}")]
    Io {
        /// What was tried, with the name of what it was tried on.
        what: String,
        /// The system's word.
        source: io::Error,
    },
    /// A file is not as it has to be.
    #[error("{}: {reason}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why, and what to do.
        reason: String,
    },
    /// Anything else.
    #[error("{0}")]
    Failed(String),
    /// Another program holds what this one needs.
    #[error("{0}")]
    InUse(String),
    /// Whoever read the answer has closed the pipe, and does not want the rest.
    #[error("nobody reads the answer")]
    ReaderGone,
}

impl Failure {
    /// Says what could not be done when a file or a connection fails.
    pub(crate) fn io(what: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        let what = what.into();
        move |source| Self::Io { what, source }
    }

    /// The exit code, as the contract has it.
    pub(crate) fn exit_code(&self) -> ExitCode {
        ExitCode::from(self.exit_number())
    }

    fn exit_number(&self) -> u8 {
        match self {
            Self::Refused(refusal) => of_refusal(refusal.code),
            Self::Agent(ClientError::NotRunning) | Self::OtherVault { .. } => 3,
            Self::Agent(ClientError::Request(RequestError::TooLong)) | Self::Usage(_) => 2,
            Self::InUse(_) => 7,
            Self::ReaderGone => 0,
            Self::Agent(_)
            | Self::NoPlace
            | Self::OddAnswer
            | Self::Io { .. }
            | Self::File { .. }
            | Self::Failed(_) => 1,
        }
    }

    /// What to do about it.
    pub(crate) fn hint(&self) -> Option<&'static str> {
        match self {
            // A message that names a command says what to do already.
            Self::Refused(refusal) if refusal.message.contains("`undercroft ") => None,
            Self::Refused(refusal) => of_code(refusal.code),
            Self::Agent(ClientError::NotRunning) => Some(
                "start Undercroft and unlock the vault; on a machine without a display, run `undercroft agent`",
            ),
            Self::Agent(ClientError::Foreign) => {
                Some("name a socket of your own with --socket or UNDERCROFT_SOCKET")
            }
            Self::Agent(ClientError::NoAnswer | ClientError::CutOff) => {
                Some("try again; if that does not help, lock and unlock the vault")
            }
            Self::Agent(ClientError::Answer(_) | ClientError::TooLong) | Self::OddAnswer => {
                Some("the app and `undercroft` may be of different versions: update both")
            }
            Self::NoPlace => Some("name the socket with --socket or UNDERCROFT_SOCKET"),
            Self::OtherVault { .. } => {
                Some("leave out --vault and UNDERCROFT_VAULT, or open the other vault in the app")
            }
            Self::InUse(_) => Some("lock the vault and quit there first, or ask that program"),
            Self::Agent(ClientError::Request(_) | ClientError::Io(_) | _)
            | Self::Usage(_)
            | Self::Io { .. }
            | Self::File { .. }
            | Self::Failed(_)
            | Self::ReaderGone => None,
        }
    }
}

impl From<ClientError> for Failure {
    fn from(error: ClientError) -> Self {
        if let ClientError::Refused(refusal) = error {
            Self::Refused(refusal)
        } else {
            Self::Agent(error)
        }
    }
}

fn refused(refusal: &Refusal) -> String {
    let message = &refusal.message;
    match (refusal.code, &refusal.aws_code, refusal.until) {
        (Code::Aws, Some(code), _) => format!("AWS refused ({code}): {message}"),
        (Code::Aws, None, _) => format!("AWS refused: {message}"),
        (Code::Wait, _, Some(until)) => match refusal.secs {
            Some(secs) => format!("no unused code until {until}, {secs} s from now"),
            None => format!("no unused code until {until}"),
        },
        (code, _, _) if message.is_empty() => format!("refused: {}", meaning(code)),
        (_, _, _) => message.clone(),
    }
}

fn of_refusal(code: Code) -> u8 {
    match code {
        Code::Usage => 2,
        Code::Locked | Code::PasswordNeeded => 3,
        Code::NoSuchProfile | Code::NoSuchDevice => 4,
        Code::Aws => 5,
        Code::VaultDamaged => 6,
        Code::VaultInUse => 7,
        Code::Wait => 8,
        Code::Denied
        | Code::Busy
        | Code::Timeout
        | Code::Protocol
        | Code::Unsupported
        | Code::Failed
        // A code that this version does not know is a failure like any other.
        | _ => 1,
    }
}

fn of_code(code: Code) -> Option<&'static str> {
    Some(match code {
        Code::Locked => "unlock it in the window, or run `undercroft unlock`",
        Code::PasswordNeeded => "run `undercroft unlock` in a terminal",
        Code::NoSuchProfile => "`undercroft ls` shows the profiles",
        Code::NoSuchDevice => {
            "name an identity as alias/user or ACCOUNT/root, or a device by its name; with several devices, say which"
        }
        Code::Denied => {
            "a person or a rule said no; in Undercroft's settings you see and change who may ask for what"
        }
        Code::Wait => "each code is used once; with --wait the command waits for the next",
        Code::Busy | Code::Timeout => "try again in a moment",
        Code::Protocol => "the app and `undercroft` are of different versions: update both",
        Code::VaultInUse => "lock the vault there first, or ask that program",
        Code::VaultDamaged => {
            "open the vault in the app: it tells what is wrong and offers backups"
        }
        Code::Aws | Code::Usage | Code::Unsupported | Code::Failed | _ => return None,
    })
}

/// A refusal in a few words, for one that comes without.
fn meaning(code: Code) -> &'static str {
    match code {
        Code::Locked | Code::PasswordNeeded => "the vault is locked",
        Code::NoSuchProfile => "there is no such profile",
        Code::NoSuchDevice => "there is no such device",
        Code::Denied => "not allowed",
        Code::Wait => "there is no unused code yet",
        Code::Aws => "AWS said no",
        Code::Usage => "the request was not understood",
        Code::Busy => "too many requests at once",
        Code::Timeout => "it took too long",
        Code::Protocol => "different versions",
        Code::VaultInUse => "another program holds the vault",
        Code::VaultDamaged => "the vault can't be read",
        Code::Unsupported => "not possible here",
        Code::Failed | _ => "no reason was given",
    }
}

#[cfg(test)]
mod tests {
    use undercroft_model::Timestamp;

    use super::*;

    #[test]
    fn every_refusal_has_the_exit_code_of_the_contract() {
        for (code, wanted) in [
            (Code::Locked, 3),
            (Code::PasswordNeeded, 3),
            (Code::NoSuchProfile, 4),
            (Code::NoSuchDevice, 4),
            (Code::Denied, 1),
            (Code::Wait, 8),
            (Code::Aws, 5),
            (Code::Usage, 2),
            (Code::Busy, 1),
            (Code::Timeout, 1),
            (Code::Protocol, 1),
            (Code::VaultInUse, 7),
            (Code::VaultDamaged, 6),
            (Code::Unsupported, 1),
            (Code::Failed, 1),
        ] {
            let failure = Failure::from(ClientError::Refused(Refusal::new(code, "no")));
            assert_eq!(failure.exit_number(), wanted, "{code:?}");
        }
        assert_eq!(Failure::from(ClientError::NotRunning).exit_number(), 3);
        assert_eq!(Failure::Usage(String::new()).exit_number(), 2);
    }

    #[test]
    fn a_refusal_says_what_the_agent_knows() {
        let aws = Refusal {
            aws_code: Some("AccessDenied".into()),
            ..Refusal::new(Code::Aws, "not authorized")
        };
        let text = Failure::Refused(aws).to_string();
        assert_eq!(text, "AWS refused (AccessDenied): not authorized");
        let wait = Refusal::wait(Timestamp::from_unix_secs(0), 17);
        assert_eq!(
            Failure::Refused(wait).to_string(),
            "no unused code until 1970-01-01T00:00:00Z, 17 s from now"
        );
        let bare = Refusal::new(Code::Locked, "");
        assert!(Failure::Refused(bare).to_string().contains("locked"));
    }
}
