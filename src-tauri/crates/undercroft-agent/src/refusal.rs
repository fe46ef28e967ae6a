//! Why a request is refused.

use serde::{Deserialize, Serialize};
use undercroft_model::Timestamp;

use crate::{PROTOCOL, iso};

/// What stands in an answer in place of what was asked for.
///
/// Programs act on the code; the message is for people and holds no secret and nothing of the request's text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{message}")]
pub struct Refusal {
    /// Which case it is.
    pub code: Code,
    /// What it means and what to do, in a sentence or two.
    #[serde(default)]
    pub message: String,
    /// When asking again may help.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "iso::option")]
    pub until: Option<Timestamp>,
    /// The same as seconds from now, by the vault's idea of the time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secs: Option<u32>,
    /// AWS's own code, where AWS refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aws_code: Option<String>,
    /// The protocol numbers that are spoken, where the request's is none of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub protocols: Vec<u32>,
}

/// The cases that a program can act on.
///
/// One that this version does not know is read as [`Code::Failed`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Code {
    /// The vault is locked.
    Locked,
    /// There is no window to unlock the vault in; asking with the password helps.
    PasswordNeeded,
    /// No profile has that name.
    NoSuchProfile,
    /// No device, or more than one, goes by that name.
    NoSuchDevice,
    /// A person, or a rule that a person made, said no; or nobody answered in time.
    Denied,
    /// There is no unused code yet; `until` and `secs` tell when.
    Wait,
    /// AWS refused, or gave no usable answer.
    Aws,
    /// The request is not one that can be understood.
    Usage,
    /// Too many requests at once; asking again soon helps.
    Busy,
    /// The answer took longer than the request was willing to wait.
    Timeout,
    /// Another protocol number; `protocols` has those that are spoken.
    Protocol,
    /// Another program holds the vault.
    VaultInUse,
    /// The vault file is damaged, or the password is wrong.
    VaultDamaged,
    /// The verb is unknown here, or can't be done by this program.
    Unsupported,
    /// Anything else.
    #[serde(other)]
    Failed,
}

impl Code {
    /// The case's name on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Locked => "locked",
            Self::PasswordNeeded => "password-needed",
            Self::NoSuchProfile => "no-such-profile",
            Self::NoSuchDevice => "no-such-device",
            Self::Denied => "denied",
            Self::Wait => "wait",
            Self::Aws => "aws",
            Self::Usage => "usage",
            Self::Busy => "busy",
            Self::Timeout => "timeout",
            Self::Protocol => "protocol",
            Self::VaultInUse => "vault-in-use",
            Self::VaultDamaged => "vault-damaged",
            Self::Unsupported => "unsupported",
            Self::Failed => "failed",
        }
    }
}

impl Refusal {
    /// Refuses for one reason, with a message for people.
    #[must_use]
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            until: None,
            secs: None,
            aws_code: None,
            protocols: Vec::new(),
        }
    }

    /// Refuses because of the lock.
    #[must_use]
    pub fn locked() -> Self {
        Self::new(Code::Locked, "the vault is locked")
    }

    /// Refuses until there is an unused code, `secs` from now.
    #[must_use]
    pub fn wait(until: Timestamp, secs: u32) -> Self {
        Self {
            until: Some(until),
            secs: Some(secs),
            ..Self::new(
                Code::Wait,
                format!("the next unused code comes in {secs} s"),
            )
        }
    }

    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::new(Code::Usage, message)
    }

    pub(crate) fn protocol() -> Self {
        Self {
            protocols: vec![PROTOCOL],
            ..Self::new(
                Code::Protocol,
                format!(
                    "this program speaks protocol {PROTOCOL}; the two are of different versions"
                ),
            )
        }
    }

    /// Says where a line stops making sense, without a word of its content.
    pub(crate) fn unreadable(error: &serde_json::Error) -> Self {
        use serde_json::error::Category;
        let column = error.column();
        Self::usage(match error.classify() {
            Category::Data => {
                format!("a field is missing, repeated or of the wrong kind; see column {column}")
            }
            Category::Syntax | Category::Eof | Category::Io => {
                format!("the line is no JSON object; see column {column}")
            }
        })
    }
}
