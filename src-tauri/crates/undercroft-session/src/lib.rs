//! The one owner of an unlocked vault: locks itself, hands out codes and caches sessions.
//!
//! [`Session`] is a handle to an actor, one task that owns the unlocked vault. Whoever holds a handle sends it
//! requests and awaits the answers; locking drops everything that the actor owns. How it runs:
//!
//! - A request is a closure that the actor runs on a thread where blocking is allowed, one after the other. One that
//!   needs the vault is given `&mut Unlocked`, which exists only while the vault is unlocked.
//! - Locking does not wait in that queue. It takes away what the running request works on, tells the [`Platform`] and
//!   clears the clipboard; the request's caller gets [`SessionError::Locked`].
//! - Calls to AWS run beside the actor and are cut off by locking.
//! - Every change is saved at once. When that fails the change stays in memory and a [`Notice`] says so.
//!
//! Nothing here talks to the desktop: the clipboard, the clock, STS and the disk are passed in as [`Parts`].
//!
//! | module | holds |
//! |---|---|
//! | `actor`, `handle` | the task, its queue and its timers; the requests |
//! | `lifecycle`, `password` | creating, unlocking, locking; passwords and recovery keys |
//! | `quick_unlock` | unlocking without the password, where the setting allows it |
//! | `accounts`, `identities`, `devices`, `keys`, `secrets` | what the vault holds |
//! | `scan` | what was found in pictures and waits for being saved |
//! | `enrolment` | MFA devices made and looked after at AWS |
//! | `codes`, `two_codes`, `sessions` | what is handed out; once each |
//! | `profiles` | recipes that yield credentials, and the way to each |
//! | `approvals`, `activity` | asking before a program gets something; who got what |
//! | `quick` | the short way to all of it, for the tray menu and quick search |
//! | `transfer` | devices out of other programs' files, and out of the vault; everything into one file and back |
//! | `taking_over` | what `~/.aws`, the console's CSVs and other authenticators hold, by paths |
//! | `state`, `places`, `preferences` | the machine-local state file; where the files are; what is set for this machine |

mod accounts;
mod activity;
mod actor;
mod answer;
mod approvals;
mod backups;
mod bin;
mod catalogue;
mod clipboard;
mod clock;
mod clocks;
mod codes;
mod console;
mod devices;
mod draft;
mod enrolment;
mod error;
mod failure;
mod handle;
mod history;
mod identities;
mod kept_open;
mod keys;
mod lifecycle;
mod network;
mod notices;
mod overview;
mod password;
mod places;
mod platform;
mod preferences;
mod profiles;
mod program_codes;
mod quick;
mod quick_unlock;
mod rollback;
mod scan;
mod search;
mod secrets;
mod sessions;
mod settings;
mod shared;
mod slowdown;
pub mod state;
mod strength;
mod taking_over;
mod transfer;
mod two_codes;
mod unlocked;

pub use activity::{Activity, ActivityLog, Outcome};
pub use answer::{
    AccountDetails, AccountRow, BackupRow, BinRow, BinnedKind, Caller, CheckReport, ClockOffset,
    Copied, Credentials, CredentialsAnswer, CustomSecretRow, DeviceCodes, DeviceDetails,
    EnrolmentAnswer, EnrolmentCode, EnrolmentTurn, Found, HistoryRow, Hit, HitProfile,
    IdentityDetails, IdentityRow, KeyDetails, LiveSession, Notice, OtherCode, Overview,
    PastPasswordRow, ProfileDetails, ProfileRow, QuickAccount, QuickAnswer, QuickIdentity,
    QuickList, RecoveryKit, ScanAnswer, ScanId, ScannedDevice, SeedPreview, SessionAnswer,
    SessionId, SessionLimits, SignInStep, SignOnDetails, Status, Strength, VaultDetails,
    VaultState, Way, WayKey, WayLimit, WayStep,
};
pub use approvals::{ApprovalRequest, Asker, AskingProgram, Decision, NotApproved};
pub use clock::{Clock, SystemClock};
pub use console::{ConsoleAnswer, ConsoleCopy, ConsoleWish};
pub use draft::{
    AccountDraft, CopyTarget, CustomSecretDraft, DeviceDraft, IdentityDraft, KeyDraft, QuickCopy,
    SecretRef, SessionFormat, SessionWish, WhoKind,
};
pub use enrolment::{
    Comparison, DeviceAtAws, EnrolmentStep, HalfMade, HalfMadeDevice, OnlyHere, Resynced,
};
pub use error::{FieldProblem, SessionError};
pub use handle::{Parts, Session};
pub use kept_open::KeptOpen;
pub use network::Network;
pub use places::{Places, rewrite_last};
pub use platform::{
    Cleared, ClipboardError, DesktopEvent, Event, KeychainError, LockReason, Platform,
};
pub use preferences::{Preferences, rewrite_preferences};
pub use profiles::{ProfileDraft, ProfileWish, Unusable};
pub use program_codes::CodeAnswer;
pub use rollback::Reunion;
pub use scan::{PictureSource, ScanError};
pub use sessions::{SessionKind, WebTokenError};
pub use settings::SettingsDraft;
pub use taking_over::{
    FoundFile, FoundItem, FoundKind, FoundStatus, ImportPaths, PlainSecrets, TakenOut,
};
pub use transfer::{
    ArchiveCounts, ArchiveExport, ArchiveFormat, ArchivePreview, ArchiveReport, ArchiveRow,
    DeviceRef, ExportFormat, ExportedFile, Guarded, ImportChoice, ImportFile, ImportPreview,
    ImportReport, ImportRow, ImportStatus, ImportTarget, ShownQr,
};
