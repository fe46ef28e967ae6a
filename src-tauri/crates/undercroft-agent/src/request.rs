//! What a program can ask.

use std::{borrow::Cow, path::PathBuf, time::Duration};

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use undercroft_model::{DurationSecs, EndpointUrl, Region, Timestamp};
use undercroft_secret::SecretString;

use crate::{Code, PROTOCOL, REQUEST_BYTES, Refusal, exposed, iso};

/// A request. There is none that yields a root password, a seed or a private key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "verb", rename_all = "kebab-case")]
pub enum Request {
    /// Asks for the state of the vault and its live sessions. Answered while locked, too.
    Status,
    /// Raises the unlock window and waits until the vault is unlocked.
    Unlock(Unlock),
    /// Locks the vault.
    Lock,
    /// Asks for the profiles.
    Ls,
    /// Asks for a profile's credentials.
    Credentials(CredentialsWish),
    /// Asks for an unused MFA code.
    Code(CodeWish),
    /// Asks for an address that opens the AWS console signed in.
    Console(ConsoleWish),
    /// Asks to read files and add what they hold.
    Import(ImportWish),
    /// Asks to take keys that the vault has out of a file of `~/.aws`.
    TakeOut(TakeOutWish),
    /// Asks who got what when.
    Activity(ActivityWish),
    /// Asks an agent without a window to save, lock, let the vault go and end, for the app to take its place.
    HandOver,
}

/// What kind of request it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the variants of `Request`")]
pub enum Verb {
    Status,
    Unlock,
    Lock,
    Ls,
    Credentials,
    Code,
    Console,
    Import,
    TakeOut,
    Activity,
    HandOver,
}

/// How long somebody is willing to wait for a person or for the next code.
///
/// More than [`WaitSecs::LONGEST`] is taken as that.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(from = "u32", into = "u32")]
pub struct WaitSecs(u32);

/// A wish to have the vault unlocked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unlock {
    /// How long to wait for the person; more than 45 seconds is taken as 45.
    #[serde(default)]
    pub wait_secs: WaitSecs,
    /// The master password, for an agent that has no window to ask for it. The app refuses it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password: Option<Password>,
}

/// The master password on its way to an agent without a window.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Password(#[serde(with = "exposed")] pub SecretString);

impl PartialEq for Password {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0)
    }
}

impl Eq for Password {}

/// A wish for credentials.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CredentialsWish {
    /// The profile's name.
    pub profile: String,
    /// Whether a cached session won't do.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub fresh: bool,
    /// How long to wait for a person's yes or for the next code.
    #[serde(default)]
    pub wait_secs: WaitSecs,
    /// How long the credentials shall last, where not as long as the profile says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration_secs: Option<DurationSecs>,
    /// An inline session policy that narrows them, as JSON text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<String>,
    /// What they are for.
    pub purpose: Purpose,
}

/// What credentials are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Purpose {
    /// An AWS SDK that runs `credential_process`.
    CredentialProcess,
    /// Lines for a shell.
    Export,
    /// A child's environment.
    Exec,
    /// A child's container-credentials endpoint.
    ExecServer,
    /// Signing in to the console.
    Console,
}

/// A wish for an MFA code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodeWish {
    /// An identity (`alias/user`, `ACCOUNT/root`) or a device's name.
    pub device: String,
    /// How long to wait for an unused code or a person's yes.
    #[serde(default)]
    pub wait_secs: WaitSecs,
}

/// A wish for the console.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsoleWish {
    /// The profile's name.
    pub profile: String,
    /// The AWS service whose console to open, such as `ec2`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// The region to show, where not the profile's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<Region>,
    /// A path within the console, in place of a service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub destination: Option<String>,
    /// How long the sign-in shall last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration_secs: Option<DurationSecs>,
    /// How long to wait for a person's yes or for the next code.
    #[serde(default)]
    pub wait_secs: WaitSecs,
}

/// A wish to import files.
///
/// The agent reads the files itself, as the same user, so that no secret crosses the socket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportWish {
    /// Absolute paths, at least one.
    pub paths: Vec<PathBuf>,
    /// Whether only to tell what would be added.
    pub dry_run: bool,
    /// The custom endpoint of accounts that this import creates.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<EndpointUrl>,
    /// The same for console sign-in, where it is another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signin_endpoint: Option<EndpointUrl>,
    /// How long to wait for a person's yes.
    #[serde(default)]
    pub wait_secs: WaitSecs,
}

/// A wish to have keys in plain text taken out of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TakeOutWish {
    /// The file, by an absolute path.
    pub path: PathBuf,
    /// Its sections, as an import told them: at least one, at most [`TakeOutWish::MOST`].
    pub sections: Vec<String>,
    /// How long to wait for a person's yes.
    #[serde(default)]
    pub wait_secs: WaitSecs,
}

/// A wish to see who got what when.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActivityWish {
    /// Leaves out what came before.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "iso::option")]
    pub since: Option<Timestamp>,
}

/// A request could not be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RequestError {
    /// The line would be longer than [`REQUEST_BYTES`].
    #[error("the request is longer than {REQUEST_BYTES} bytes")]
    TooLong,
    /// A path is not UTF-8, which JSON can't carry.
    #[error("a path is not UTF-8 text; rename the file or copy it")]
    NotText,
}

/// The part of a request line that tells what fields the rest has.
#[derive(Deserialize)]
struct Head<'a> {
    #[serde(borrow)]
    verb: Cow<'a, str>,
}

/// The part of a request line that tells whether the rest can be understood.
#[derive(Deserialize)]
struct Numbered {
    protocol: u64,
}

#[derive(Serialize)]
struct Written<'a> {
    protocol: u32,
    #[serde(flatten)]
    request: &'a Request,
}

impl Request {
    /// Reads a line, without its line end.
    ///
    /// # Errors
    /// The refusal to answer with: of another protocol, an unknown verb, or a line that can't be understood.
    pub fn parse(line: &[u8]) -> Result<Self, Refusal> {
        let numbered: Numbered =
            serde_json::from_slice(line).map_err(|error| Refusal::unreadable(&error))?;
        if numbered.protocol != u64::from(PROTOCOL) {
            return Err(Refusal::protocol());
        }
        let head: Head<'_> =
            serde_json::from_slice(line).map_err(|error| Refusal::unreadable(&error))?;
        let request = match head.verb.as_ref() {
            "status" => Self::Status,
            "unlock" => Self::Unlock(fields(line)?),
            "lock" => Self::Lock,
            "ls" => Self::Ls,
            "credentials" => Self::Credentials(fields(line)?),
            "code" => Self::Code(fields(line)?),
            "console" => Self::Console(fields(line)?),
            "import" => Self::Import(fields(line)?),
            "take-out" => Self::TakeOut(fields(line)?),
            "activity" => Self::Activity(fields(line)?),
            "hand-over" => Self::HandOver,
            _ => {
                return Err(Refusal::new(
                    Code::Unsupported,
                    "this version does not know that request",
                ));
            }
        };
        request.checked()
    }

    /// Writes the line, with its line end.
    ///
    /// # Errors
    /// When the other side would refuse it for its length, or a path is no text.
    pub fn to_line(&self) -> Result<Vec<u8>, RequestError> {
        let written = Written {
            protocol: PROTOCOL,
            request: self,
        };
        let mut line = serde_json::to_vec(&written).map_err(|_| RequestError::NotText)?;
        if line.len() > REQUEST_BYTES {
            return Err(RequestError::TooLong);
        }
        line.push(b'\n');
        Ok(line)
    }

    /// What kind of request it is.
    #[must_use]
    pub fn verb(&self) -> Verb {
        match self {
            Self::Status => Verb::Status,
            Self::Unlock(_) => Verb::Unlock,
            Self::Lock => Verb::Lock,
            Self::Ls => Verb::Ls,
            Self::Credentials(_) => Verb::Credentials,
            Self::Code(_) => Verb::Code,
            Self::Console(_) => Verb::Console,
            Self::Import(_) => Verb::Import,
            Self::TakeOut(_) => Verb::TakeOut,
            Self::Activity(_) => Verb::Activity,
            Self::HandOver => Verb::HandOver,
        }
    }

    /// How long the asking program is willing to wait.
    #[must_use]
    pub fn wait(&self) -> WaitSecs {
        match self {
            Self::Unlock(wish) => wish.wait_secs.at_most(WaitSecs::LONGEST_UNLOCK),
            Self::Credentials(wish) => wish.wait_secs,
            Self::Code(wish) => wish.wait_secs,
            Self::Console(wish) => wish.wait_secs,
            Self::Import(wish) => wish.wait_secs,
            Self::TakeOut(wish) => wish.wait_secs,
            Self::Status | Self::Lock | Self::Ls | Self::Activity(_) | Self::HandOver => {
                WaitSecs::default()
            }
        }
    }

    fn checked(mut self) -> Result<Self, Refusal> {
        match &mut self {
            Self::Unlock(wish) => {
                wish.wait_secs = wish.wait_secs.at_most(WaitSecs::LONGEST_UNLOCK);
            }
            Self::Import(wish) if wish.paths.is_empty() => {
                return Err(Refusal::usage("name at least one file to import"));
            }
            Self::Import(wish) if wish.paths.iter().any(|path| !path.is_absolute()) => {
                return Err(Refusal::usage("the paths of files to import are absolute"));
            }
            Self::TakeOut(wish) if !wish.path.is_absolute() => {
                return Err(Refusal::usage("the path of the file is absolute"));
            }
            Self::TakeOut(wish) if !(1..=TakeOutWish::MOST).contains(&wish.sections.len()) => {
                return Err(Refusal::usage("name 1 to 100 sections of the file"));
            }
            Self::Status
            | Self::Lock
            | Self::Ls
            | Self::Credentials(_)
            | Self::Code(_)
            | Self::Console(_)
            | Self::Import(_)
            | Self::TakeOut(_)
            | Self::Activity(_)
            | Self::HandOver => {}
        }
        Ok(self)
    }
}

impl TakeOutWish {
    /// The most sections of one request.
    pub const MOST: usize = 100;
}

impl WaitSecs {
    /// Longer than a code's period and a person's time to answer together.
    pub const LONGEST: Self = Self(120);
    /// As long as a person has to type the master password.
    pub const LONGEST_UNLOCK: Self = Self(45);

    /// Makes a wait of so many seconds, or the longest.
    #[must_use]
    pub const fn new(secs: u32) -> Self {
        if secs > Self::LONGEST.0 {
            Self::LONGEST
        } else {
            Self(secs)
        }
    }

    /// The number of seconds.
    #[must_use]
    pub const fn as_secs(self) -> u32 {
        self.0
    }

    /// The same as a duration.
    #[must_use]
    pub const fn as_duration(self) -> Duration {
        Duration::from_secs(self.0 as u64)
    }

    fn at_most(self, other: Self) -> Self {
        self.min(other)
    }
}

impl From<u32> for WaitSecs {
    fn from(secs: u32) -> Self {
        Self::new(secs)
    }
}

impl From<WaitSecs> for u32 {
    fn from(wait: WaitSecs) -> Self {
        wait.0
    }
}

fn fields<T: DeserializeOwned>(line: &[u8]) -> Result<T, Refusal> {
    serde_json::from_slice(line).map_err(|error| Refusal::unreadable(&error))
}
