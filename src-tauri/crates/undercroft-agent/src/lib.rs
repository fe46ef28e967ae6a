//! The local protocol between an unlocked vault and other programs.
//!
//! The app serves it while its vault is unlocked, `undercroft agent` serves it on machines without a display, and the
//! command line asks. What follows is normative; any program may speak it.
//!
//! # Where
//! A Unix stream socket with mode 0600, in a folder with mode 0700: `undercroft/agent.sock` in `$XDG_RUNTIME_DIR`, or
//! where [`socket_path`] says. Both ends ask the kernel who the other is, and turn away any user but their own.
//! A server never removes or replaces a socket at which somebody listens.
//!
//! On Windows it is a named pipe, `\\.\pipe\undercroft-` and the user's security identifier. Its descriptor lets in its
//! owner and nobody else, and nothing that comes over the network; both ends ask the system whose process the other is.
//!
//! # Lines
//! The client sends one JSON object (RFC 8259, UTF-8) per line, ended by `\n`; the server answers each, in order, before it
//! reads the next:
//!
//! ```text
//! → {"protocol":1,"verb":"code","device":"prod/ada","wait_secs":30}
//! ← {"protocol":1,"ok":{"code":"492039","valid_until":"2026-11-23T10:00:30Z","device":"prod/ada/phone"}}
//! → {"protocol":1,"verb":"credentials","profile":"prod-admin","purpose":"export"}
//! ← {"protocol":1,"error":{"code":"denied","message":"…"}}
//! ```
//!
//! An answer has exactly one of `ok`, `error` and `more`. `more` carries some rows of a list that does not fit into one
//! line; further lines follow, and the last is `ok` with the rest, or `error`. The rows of all lines, in order, are the
//! list. An entry of `files` with `"continued":true` belongs to the entry before it.
//!
//! Fields that a side does not know are ignored. Optional fields are marked `?` and may be left out or `null`. Times are ISO
//! 8601 in UTC, durations whole seconds. Fields and verbs may be added to protocol 1, never renamed or removed.
//!
//! # Bounds
//! | what | bound | beyond it |
//! |---|---|---|
//! | a request line | [`REQUEST_BYTES`], 64 KiB | `usage`, connection closed, the rest unread |
//! | an answer line | [`ANSWER_BYTES`], 128 KiB | `more` |
//! | all lines of an answer | [`ANSWER_TOTAL_BYTES`], 32 MiB | `failed` |
//! | from a request line's first byte to its end | 5 s | `usage`, connection closed |
//! | from connecting to the first request | 5 s | connection closed |
//! | silence between requests | 60 s | connection closed |
//! | reading an answer line | 5 s | connection closed |
//! | answering | the request's `wait_secs` and 65 s | `timeout` |
//! | requests being answered at once | 128 | `busy` |
//! | connections at once | 256 | one that has been silent for a second is closed; else `busy`, connection closed |
//!
//! A client that is told `busy` may try again after a few milliseconds.
//!
//! # Requests
//! Every request has `protocol` and `verb`. `wait_secs?` says how long the program is willing to wait for a person or for
//! the next code, by default 0; more than 120 counts as 120.
//!
//! | verb | fields | `ok` |
//! |---|---|---|
//! | `status` | | `state` (`unlocked`, `locked`), `vault` (path or null), `protocol`, `sessions` [`profile`, `expiration`], `hands_over?` (true where `hand-over` is obeyed); rows in `sessions` |
//! | `unlock` | `wait_secs?`, at most 45; `password?`, only for an agent without a window | nothing; the vault is unlocked |
//! | `lock` | | nothing; the vault is locked |
//! | `ls` | | `profiles` [`name`, `kind` (`session`, `role`, `federated`, `long-term`), `account` {`id`, `alias`?}, `identity`?, `role`?, `mfa`, `session`? {`expiration`}, `region?`, `output?`] |
//! | `credentials` | `profile`, `purpose` (`credential-process`, `export`, `exec`, `exec-server`, `console`), `fresh?`, `wait_secs?`, `duration_secs?`, `policy?` (an inline session policy) | `access_key_id`, `secret_access_key`, `session_token?`, `expiration?`, `region?`, `output?`, `sts_endpoint?`, `iam_endpoint?` (addresses) |
//! | `code` | `device`, `wait_secs?` | `code`, `valid_until`, `device` |
//! | `console` | `profile`, `service?`, `region?`, `destination?`, `duration_secs?`, `wait_secs?` | `url`, `expires_at?` |
//! | `import` | `paths` (absolute), `dry_run`, `endpoint?`, `signin_endpoint?`, `wait_secs?` | `files` [`source`, `found` [`kind`, `name`, `status`], `problems` (texts), `plain_secrets?` (section names)] |
//! | `take-out` | `path` (absolute), `sections` (1 to 100 names), `wait_secs?` | `taken` (names), `kept` [`section`, `why`] |
//! | `activity` | `since?` | `activity` [`at`, `what`, `of?`, `program?`, `script?`, `outcome`, `count`] |
//! | `hand-over` | | nothing; the vault is saved and locked, its lock file is free, and the agent ends |
//!
//! Only an agent without a window obeys `hand-over`; the app answers `unsupported`. Where saving takes longer than the
//! 20 s that locking waits for it, the answer is `vault-in-use`, and the agent goes on, locked. After `ok` it answers
//! nothing more: the socket is taken away, whoever is being answered or waits to be gets `locked`, and a connection on
//! which nothing was asked gets that line, too, before it is closed. A client that is gone before the answer leaves the
//! agent locked and serving.
//!
//! The endpoints of `credentials` are those that the account has instead of AWS's own, such as LocalStack's or a VPC's. A
//! program that hands the credentials on has to hand these on too, or they would be shown to AWS.
//!
//! The agent reads the files of `import` itself, so that no secret crosses the socket on its way in. `plain_secrets` names
//! the sections of a file of `~/.aws` whose key in plain text the vault has, or would have after a dry run. `take-out`
//! takes such keys out of the file: only those that the saved vault has with the same id and secret, and where there is
//! a window, only after somebody said yes in it. No verb yields a root password, a seed or a private key.
//!
//! # Refusals
//! `error` has `code`, `message` (for people, may change), and where they apply `until?` (time), `secs?`, `aws_code?`,
//! `protocols?`. A code that a program does not know counts as `failed`.
//!
//! | code | means |
//! |---|---|
//! | `locked` | the vault is locked; given at once |
//! | `no-such-profile`, `no-such-device` | nothing, or no single thing, has that name |
//! | `password-needed` | there is no window to unlock the vault in: ask with the password |
//! | `denied` | a person or a rule said no, or nobody answered |
//! | `wait` | no unused code within `wait_secs`; `until` and `secs` say when |
//! | `aws` | AWS refused; `aws_code` says how |
//! | `usage` | the request can't be understood, or breaks a bound |
//! | `busy` | too many at once |
//! | `timeout` | the answer took too long |
//! | `protocol` | another protocol number; `protocols` has those that are spoken |
//! | `vault-in-use` | another program holds the vault |
//! | `vault-damaged` | the vault can't be read, or the password is wrong |
//! | `unsupported` | the verb is unknown, or not possible here |
//! | `failed` | anything else |
//!
//! # In code
//! [`Client`] asks; it blocks and needs no runtime. [`Server`] answers with what an [`Answerer`] knows; it is behind the
//! feature `server`. [`Caller`] tells who asks. Secrets are [`undercroft_secret`] types on both sides, and lines that may
//! hold one are kept in memory that is wiped.

mod answer;
mod caller;
#[cfg(any(unix, windows))]
mod client;
mod exposed;
mod iso;
mod limits;
#[cfg(any(unix, windows))]
mod link;
mod path;
#[cfg(any(unix, windows))]
mod peer;
mod refusal;
mod reply;
mod request;
#[cfg(feature = "server")]
mod server;
mod wiped;

pub use answer::{AnswerError, AnswerLine, AnswerLines};
#[cfg(any(target_os = "linux", target_os = "android"))]
pub use caller::parse_process;
pub use caller::{Caller, Origin, OriginError, Program};
#[cfg(any(unix, windows))]
pub use client::{Client, ClientError};
pub use limits::{ANSWER_BYTES, ANSWER_GRACE, ANSWER_TOTAL_BYTES, Limits, REQUEST_BYTES};
pub use path::socket_path;
pub use refusal::{Code, Refusal};
pub use reply::{
    AccountRef, ActivityRow, ConsoleLink, Credentials, HandedCode, ImportedFile, ImportedItem,
    ImportedKind, ImportedStatus, KeptSection, ProfileKind, ProfileRow, Reply, Rows, SessionEnd,
    SessionRow, State, Status, TakenOut,
};
pub use request::{
    ActivityWish, CodeWish, ConsoleWish, CredentialsWish, ImportWish, Password, Purpose, Request,
    RequestError, TakeOutWish, Unlock, Verb, WaitSecs,
};
#[cfg(all(feature = "server", unix))]
pub use server::activated;
#[cfg(feature = "server")]
pub use server::{Answerer, BindError, Server};

/// The protocol number that this version speaks.
pub const PROTOCOL: u32 = 1;
