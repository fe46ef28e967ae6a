//! What the window is told when something fails: a stable code with fields; the words are the window's.

use serde::Serialize;
use specta::Type;

/// A failure, as the window gets it.
#[derive(Clone, Debug, Serialize, Type, thiserror::Error, PartialEq)]
#[serde(tag = "code", rename_all = "kebab-case")]
pub(crate) enum UiError {
    /// The vault is locked.
    #[error("the vault is locked")]
    Locked,
    /// The password is wrong.
    #[error("wrong password")]
    WrongPassword {
        /// Seconds to wait before the next try.
        wait_secs: u32,
    },
    /// Quick unlock is off or does not open the vault any more: the password has to be typed.
    #[error("the password has to be typed")]
    PasswordNeeded,
    /// The machine keeps no key for quick unlock.
    #[error("the machine keeps no key")]
    NoKeychain,
    /// The recovery key has a typing error: its checksum does not fit.
    #[error("the recovery key has a typing error")]
    MistypedRecoveryKey,
    /// The recovery key belongs to another vault, or was replaced.
    #[error("this recovery key does not open the vault")]
    WrongRecoveryKey {
        /// Seconds to wait before the next try.
        wait_secs: u32,
    },
    /// The password is too easy to guess.
    #[error("the password is too weak")]
    WeakPassword,
    /// The file is no vault.
    #[error("not a vault")]
    NotAVault {
        /// The file.
        path: String,
    },
    /// The file is damaged.
    #[error("the vault is damaged")]
    Damaged {
        /// The file.
        path: String,
        /// How many backups there are.
        backups: u32,
    },
    /// The file was made by a newer version.
    #[error("made by a newer version")]
    TooNew {
        /// The version that it needs.
        needs: String,
    },
    /// The file asks for a key derivation outside safe bounds.
    #[error("key derivation parameters outside the accepted bounds")]
    HostileParameters,
    /// The vault file is not there.
    #[error("the vault file is missing")]
    VaultMissing {
        /// Where it should be.
        path: String,
        /// How many backups there are.
        backups: u32,
    },
    /// The vault's folder is not there.
    #[error("the folder is missing")]
    FolderMissing {
        /// The folder.
        path: String,
    },
    /// The folder or file system can't be written.
    #[error("read-only")]
    ReadOnly {
        /// The file or folder.
        path: String,
    },
    /// The user opened the vault for reading only.
    #[error("open for reading only")]
    OpenForReading,
    /// The system refuses access.
    #[error("no permission")]
    NoPermission {
        /// The file or folder.
        path: String,
    },
    /// No room is left.
    #[error("the disk or the quota is full")]
    DiskFull {
        /// The file or folder.
        path: String,
    },
    /// Another program holds the vault.
    #[error("in use by another program")]
    InUse {
        /// Its process id, where known.
        pid: Option<u32>,
        /// Whether it is an `undercroft agent` that hands the vault over when asked.
        agent: bool,
    },
    /// The agent was asked to hand the vault over, and somebody holds it still.
    #[error("the agent did not let the vault go")]
    AgentKeepsVault {
        /// The holder's process id, where known.
        pid: Option<u32>,
    },
    /// Something is there already.
    #[error("already exists")]
    AlreadyExists {
        /// The file.
        path: String,
    },
    /// The vault was given a new vault key elsewhere: its password is needed.
    #[error("the vault's key was replaced elsewhere")]
    KeyReplaced,
    /// The disk failed otherwise.
    #[error("the disk failed")]
    Disk {
        /// The file or folder.
        path: String,
        /// The system's own words.
        detail: String,
    },
    /// Fields that can't be taken as they are.
    #[error("some fields need attention")]
    Invalid {
        /// One for each.
        problems: Vec<FieldProblem>,
    },
    /// The item is gone.
    #[error("no such item")]
    NoSuchItem,
    /// The account is in the vault already.
    #[error("the account is in the vault already")]
    DuplicateAccount {
        /// The item's id.
        item: String,
        /// Its name.
        name: String,
        /// Whether it is in the bin.
        binned: bool,
    },
    /// An identity of that name is in the account already, or it has a root user already.
    #[error("the identity is in the account already")]
    DuplicateIdentity {
        /// The item's id.
        item: String,
        /// Whether it is in the bin.
        binned: bool,
    },
    /// An identity has at most 8 MFA devices and 2 access keys.
    #[error("no more of these fit")]
    TooMany {
        /// The limit.
        limit: u32,
    },
    /// STS wants the serial of the MFA device, and none is filed.
    #[error("the MFA device has no serial")]
    DeviceWithoutSerial,
    /// STS takes codes of exactly 6 digits.
    #[error("the MFA device makes longer codes than STS takes")]
    DeviceMakesLongerCodes,
    /// A file of another program can't be taken over.
    #[error("the file can't be read")]
    Import {
        /// The file's name.
        file: String,
        /// Why, as a stable code.
        reason: String,
    },
    /// The vault holds more than an archive in JSON can.
    #[error("the vault is too large to be exported as JSON")]
    TooLargeForJson,
    /// The master password was not typed for this, or too long ago.
    #[error("the master password must be typed for this")]
    NotPermitted,
    /// AWS refused, or could not be reached.
    #[error("AWS refused")]
    Aws {
        /// What is the matter.
        kind: AwsProblem,
        /// AWS's own code.
        aws_code: Option<String>,
        /// AWS's own words.
        aws_message: Option<String>,
        /// AWS's time minus the local time, where it answered.
        clock_offset_secs: Option<i32>,
        /// The endpoint's host.
        host: String,
    },
    /// One of several calls on the way to a profile's credentials failed.
    #[error("a call on the way failed")]
    AtLink {
        /// The call, in words.
        at: String,
        /// What is the matter.
        error: Box<UiError>,
    },
    /// There is no token of the web identity.
    #[error("there is no token")]
    WebToken {
        /// What is the matter.
        problem: WebTokenProblem,
    },
    /// No profile has the name.
    #[error("no such profile")]
    NoSuchProfile,
    /// No MFA device, or more than one, has the name.
    #[error("no such device")]
    NoSuchDevice {
        /// Whether more than one fits.
        several: bool,
    },
    /// The profile can be kept but yields nothing here.
    #[error("the profile can't be used")]
    ProfileUnusable {
        /// Why.
        reason: UnusableReason,
    },
    /// A program may not have what it asked for.
    #[error("not approved")]
    NotApproved {
        /// Why.
        reason: NotApprovedReason,
    },
    /// IAM denies the user what it was asked for.
    #[error("IAM denies it")]
    IamDenied {
        /// IAM's own words.
        aws_message: Option<String>,
        /// The least policy that allows it, as JSON.
        policy: String,
        /// Whether a session with MFA may be all that is missing.
        needs_mfa_session: bool,
        /// The endpoint's host.
        host: String,
    },
    /// The clipboard can't be reached.
    #[error("the clipboard can't be reached")]
    NoClipboard,
    /// No browser could be started.
    #[error("no browser could be started")]
    NoBrowser,
    /// A browser was started and did not come for the page.
    #[error("the browser did not come for the page")]
    BrowserLate,
    /// Keys that are no global shortcut: Ctrl, Alt or Super and another key.
    #[error("these keys make no shortcut")]
    BadShortcut,
    /// Another program has the keys already.
    #[error("another program uses this shortcut")]
    ShortcutTaken,
    /// Starting at login can't be switched.
    #[error("starting at login can't be switched")]
    StartAtLogin {
        /// The system's own words.
        detail: String,
    },
    /// The state file of this machine can't be written, so a code can't be given out safely.
    #[error("the state file can't be written")]
    StateFile {
        /// The file.
        path: String,
        /// The system's own words.
        detail: String,
    },
    /// There is nothing to look for codes in, or what was found is gone.
    #[error("nothing to scan")]
    Scan {
        /// What is the matter.
        problem: ScanProblem,
        /// The system's own words, or what is missing.
        detail: Option<String>,
    },
    /// The window's message could not be read.
    #[error("the message could not be read")]
    BadMessage,
    /// A program error; nothing was changed.
    #[error("internal error")]
    Internal,
}

/// What is the matter with a call to AWS; one for each of `AwsErrorKind`.
#[derive(Clone, Copy, Debug, Serialize, Type, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum AwsProblem {
    /// The MFA code is wrong, or was used before.
    WrongOrReusedCode,
    /// The serial names no device of the caller.
    WrongSerial,
    /// The clocks are too far apart.
    ClockSkew,
    /// The access key id is unknown, inactive or deleted, or the region is not enabled.
    InactiveOrUnknownKey,
    /// The secret does not belong to the key.
    SignatureMismatch,
    /// The session that signed the call has expired.
    SessionExpired,
    /// AWS wants a long-term key for this call.
    NeedsLongTermKey,
    /// A policy denies the call without MFA.
    SessionWithoutMfa,
    /// A policy denies the call.
    AccessDenied,
    /// The role does not let the identity in.
    RoleDenied,
    /// The region is not enabled in the account.
    RegionNotEnabled,
    /// The duration is outside of what AWS allows.
    WrongDuration,
    /// A role assumed from a session is asked for more than an hour.
    ChainedTooLong,
    /// The session policy is malformed or too large.
    BadPolicy,
    /// The identity provider's token is not taken.
    BadWebIdentity,
    /// The console takes no sign-in with these credentials.
    ConsoleRefused,
    /// Too many calls.
    Throttled,
    /// AWS is out of order just now.
    Unavailable,
    /// The endpoint can't be reached.
    Unreachable,
    /// The endpoint's certificate is not trusted.
    UntrustedCertificate,
    /// No answer in time.
    Timeout,
    /// The answer makes no sense.
    BadAnswer,
    /// A variable of the environment would redirect calls.
    HostileEnvironment,
    /// Something of that name exists already.
    EntityExists,
    /// There is no such user or device.
    NoSuchEntity,
    /// There are as many of these as AWS allows.
    LimitExceeded,
    /// It is in use and can't be deleted.
    DeleteConflict,
    /// It was changed a moment ago.
    TemporarilyUnmodifiable,
    /// Refused for another reason.
    Refused,
}

/// Why there is no token of a web identity.
#[derive(Clone, Copy, Debug, Serialize, Type, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum WebTokenProblem {
    /// The file is not there or can't be read.
    Unreadable,
    /// The program can't be started.
    NotStarted,
    /// The program failed.
    Failed,
    /// The program did not end in time.
    Slow,
    /// What was read is no token.
    Shape,
}

/// Why a profile yields nothing here.
#[derive(Clone, Debug, Serialize, Type, PartialEq, Eq)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub(crate) enum UnusableReason {
    /// It signs in through IAM Identity Center.
    IdentityCenter,
    /// A newer version made it.
    Newer,
    /// An item on the way is gone or in the bin.
    Gone {
        /// What is gone.
        what: String,
    },
    /// The identity has no key that could sign.
    NoKey {
        /// The identity's name.
        identity: String,
    },
    /// A federated user's credentials assume no role.
    FederatedSource,
    /// The console does not take its credentials.
    NoConsole,
}

/// Why a program got nothing.
#[derive(Clone, Copy, Debug, Serialize, Type, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum NotApprovedReason {
    /// Somebody said no.
    Denied,
    /// A rule says no.
    ByRule,
    /// Nobody answered in time.
    NoAnswer,
    /// There is no window to ask in.
    NoWindow,
    /// Too many programs wait.
    TooMany,
}

/// What is the matter with a scan; one for each of `ScanError`.
#[derive(Clone, Copy, Debug, Serialize, Type, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum ScanProblem {
    /// The screen can't be read.
    NoScreen,
    /// The desktop refused.
    Refused,
    /// Nothing came in time.
    Timeout,
    /// The user gave up; nothing need be said.
    Cancelled,
    /// Nothing to read is on the clipboard.
    EmptyClipboard,
    /// Nothing was dropped that is a file.
    NothingDropped,
    /// The file can't be read.
    Unreadable,
    /// A drawing, not a picture.
    Svg,
    /// No picture of a known kind.
    NotAPicture,
    /// The picture is damaged.
    Damaged,
    /// The picture is too large.
    TooLarge,
    /// No camera can be used.
    NoCamera,
    /// What was found has been dropped.
    Gone,
}

/// A field that can't be taken as it is.
#[derive(Clone, Debug, Serialize, Type, PartialEq, Eq)]
pub(crate) struct FieldProblem {
    /// The field's name in the draft.
    pub(crate) field: String,
    /// What is wrong and what a right one looks like.
    pub(crate) message: String,
}
