//! What a request is answered with.

use serde::{Deserialize, Serialize};
use undercroft_model::{AccountId, EndpointUrl, Region, Timestamp};
use undercroft_secret::SecretString;

use crate::{PROTOCOL, exposed, iso};

/// The answer to a request that was not refused.
///
/// It has no `Serialize`: an answer is written in one place, into memory that is wiped.
#[derive(Clone, Debug)]
pub enum Reply {
    /// To [`crate::Request::Status`].
    Status(Status),
    /// To [`crate::Request::Unlock`], [`crate::Request::Lock`] and [`crate::Request::HandOver`]: it is done.
    Done,
    /// To [`crate::Request::Ls`].
    Profiles(Vec<ProfileRow>),
    /// To [`crate::Request::Credentials`].
    Credentials(Credentials),
    /// To [`crate::Request::Code`].
    Code(HandedCode),
    /// To [`crate::Request::Console`].
    Console(ConsoleLink),
    /// To [`crate::Request::Import`].
    Import(Vec<ImportedFile>),
    /// To [`crate::Request::TakeOut`].
    TakenOut(TakenOut),
    /// To [`crate::Request::Activity`].
    Activity(Vec<ActivityRow>),
}

/// The state of the vault and its live sessions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// Whether the vault is unlocked.
    pub state: State,
    /// The vault file's path, where it is text or can be shown as such.
    pub vault: Option<String>,
    /// The protocol number that is spoken.
    pub protocol: u32,
    /// The sessions that are cached; none while locked.
    #[serde(default)]
    pub sessions: Vec<SessionRow>,
    /// Whether it obeys [`crate::Request::HandOver`].
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub hands_over: bool,
}

/// Whether the vault is unlocked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum State {
    /// Open.
    #[serde(rename = "unlocked")]
    Unlocked,
    /// Closed, with somebody there to open it.
    #[serde(rename = "locked")]
    Locked,
    /// Nobody answers. Never on the wire: the asking program says so itself.
    #[serde(rename = "not running")]
    NotRunning,
}

/// A cached session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionRow {
    /// The name of the profile that it belongs to.
    pub profile: String,
    /// When it ends.
    #[serde(with = "iso")]
    pub expiration: Timestamp,
}

/// A profile, without a secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProfileRow {
    /// What it is asked for by.
    pub name: String,
    /// Which way its credentials are made.
    pub kind: ProfileKind,
    /// The account that its credentials are for.
    pub account: AccountRef,
    /// Who signs the first call, where that is known.
    pub identity: Option<String>,
    /// The role that is assumed last.
    pub role: Option<String>,
    /// Whether making new credentials takes an MFA code.
    pub mfa: bool,
    /// The cached session.
    pub session: Option<SessionEnd>,
    /// The profile's own region.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<Region>,
    /// The profile's output format.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<String>,
}

/// Which way a profile's credentials are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProfileKind {
    /// GetSessionToken.
    Session,
    /// AssumeRole.
    Role,
    /// GetFederationToken.
    Federated,
    /// The key itself.
    LongTerm,
}

/// An account as it is shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountRef {
    /// Its 12 digits.
    pub id: AccountId,
    /// Its alias.
    pub alias: Option<String>,
}

/// When a session ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionEnd {
    /// The moment.
    #[serde(with = "iso")]
    pub expiration: Timestamp,
}

/// What signs calls to AWS.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Credentials {
    /// The key's id, which is no secret.
    pub access_key_id: String,
    /// The key.
    #[serde(with = "exposed")]
    pub secret_access_key: SecretString,
    /// What a session's key is valid with; a long-term key has none.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "exposed::option"
    )]
    pub session_token: Option<SecretString>,
    /// When they end; a long-term key does not.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "iso::option")]
    pub expiration: Option<Timestamp>,
    /// The profile's region.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<Region>,
    /// The profile's output format.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<String>,
    /// Where the account's STS is called instead of AWS's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sts_endpoint: Option<EndpointUrl>,
    /// Where the account's IAM is called instead of AWS's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub iam_endpoint: Option<EndpointUrl>,
}

/// An MFA code that is handed out once.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct HandedCode {
    /// The digits.
    #[serde(with = "exposed")]
    pub code: SecretString,
    /// The end of its time step.
    #[serde(with = "iso")]
    pub valid_until: Timestamp,
    /// The device that it is of, in full.
    pub device: String,
}

/// An address that opens the console signed in.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ConsoleLink {
    /// The address, secret because it carries a sign-in token.
    #[serde(with = "exposed")]
    pub url: SecretString,
    /// When the address stops working.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "iso::option")]
    pub expires_at: Option<Timestamp>,
}

/// What an import found in one file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportedFile {
    /// The file.
    pub source: String,
    /// What can be added, and was, unless it was a dry run.
    pub found: Vec<ImportedItem>,
    /// What can't, each with the reason.
    pub problems: Vec<String>,
    /// Sections of a file of `~/.aws` whose key in plain text the vault has, or would have.
    #[serde(default)]
    pub plain_secrets: Vec<String>,
    /// Whether this goes on with the file before it in the list. Only between two lines of an answer.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) continued: bool,
}

/// What became of a file's keys in plain text.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TakenOut {
    /// The sections whose keys are gone from the file.
    pub taken: Vec<String>,
    /// The sections that keep them.
    pub kept: Vec<KeptSection>,
}

/// A section that keeps its key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptSection {
    /// Its name.
    pub section: String,
    /// Why.
    pub why: String,
}

/// One thing in a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportedItem {
    /// What it is.
    pub kind: ImportedKind,
    /// What it is called.
    pub name: String,
    /// How it relates to the vault.
    pub status: ImportedStatus,
}

/// What a thing in a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the words of the vault")]
pub enum ImportedKind {
    Account,
    Identity,
    Mfa,
    AccessKey,
    Profile,
}

/// How a thing in a file relates to the vault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ImportedStatus {
    /// The vault has nothing like it.
    New,
    /// The vault has the same.
    Duplicate,
    /// The vault has something else in its place.
    Conflict,
}

/// Who got what when; the same within a short time is one row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActivityRow {
    /// When, or when first.
    #[serde(with = "iso")]
    pub at: Timestamp,
    /// What was asked for: a verb, or a purpose of credentials.
    pub what: String,
    /// The profile's or device's name, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<String>,
    /// The program that asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub program: Option<String>,
    /// The script that the program runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub script: Option<String>,
    /// How it was answered: `given`, `denied` or a refusal's code.
    pub outcome: String,
    /// How many times.
    pub count: u32,
}

/// The rows of one line of an answer that takes several.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rows {
    /// Of [`Reply::Status`].
    Sessions(Vec<SessionRow>),
    /// Of [`Reply::Profiles`].
    Profiles(Vec<ProfileRow>),
    /// Of [`Reply::Import`].
    Files(Vec<ImportedFile>),
    /// Of [`Reply::Activity`].
    Activity(Vec<ActivityRow>),
}

impl Status {
    /// The status that a program tells by itself when nobody answers.
    #[must_use]
    pub fn not_running(vault: Option<String>) -> Self {
        Self {
            state: State::NotRunning,
            vault,
            protocol: PROTOCOL,
            sessions: Vec::new(),
            hands_over: false,
        }
    }
}

impl ImportedFile {
    /// Says what was found in a file.
    #[must_use]
    pub fn new(source: String, found: Vec<ImportedItem>, problems: Vec<String>) -> Self {
        Self {
            source,
            found,
            problems,
            plain_secrets: Vec::new(),
            continued: false,
        }
    }
}

impl Reply {
    /// Puts the rows of earlier lines before this reply's own.
    ///
    /// Rows of another kind of reply are dropped.
    #[must_use]
    pub fn after(self, earlier: Vec<Rows>) -> Self {
        match self {
            Self::Status(status) => Self::Status(Status {
                sessions: joined(earlier, Rows::sessions, status.sessions),
                ..status
            }),
            Self::Profiles(own) => Self::Profiles(joined(earlier, Rows::profiles, own)),
            Self::Import(own) => Self::Import(whole(joined(earlier, Rows::files, own))),
            Self::Activity(own) => Self::Activity(joined(earlier, Rows::activity, own)),
            Self::Done
            | Self::Credentials(_)
            | Self::Code(_)
            | Self::Console(_)
            | Self::TakenOut(_) => self,
        }
    }
}

/// Gives each kind of rows a way out.
macro_rules! rows_of {
    ($($name:ident: $kind:ident => $row:ty),+ $(,)?) => {
        impl Rows {
            $(fn $name(self) -> Option<Vec<$row>> {
                if let Self::$kind(rows) = self { Some(rows) } else { None }
            })+
        }
    };
}

rows_of! {
    sessions: Sessions => SessionRow,
    profiles: Profiles => ProfileRow,
    files: Files => ImportedFile,
    activity: Activity => ActivityRow,
}

fn joined<T>(earlier: Vec<Rows>, of_kind: fn(Rows) -> Option<Vec<T>>, own: Vec<T>) -> Vec<T> {
    let earlier = earlier.into_iter().filter_map(of_kind).flatten();
    earlier.chain(own).collect()
}

/// Puts together the files that were divided over several lines.
fn whole(pieces: Vec<ImportedFile>) -> Vec<ImportedFile> {
    let mut files: Vec<ImportedFile> = Vec::new();
    for piece in pieces {
        match files.last_mut() {
            Some(file) if piece.continued && file.source == piece.source => {
                file.found.extend(piece.found);
                file.problems.extend(piece.problems);
                file.plain_secrets.extend(piece.plain_secrets);
            }
            Some(_) | None => files.push(ImportedFile {
                continued: false,
                ..piece
            }),
        }
    }
    files
}
