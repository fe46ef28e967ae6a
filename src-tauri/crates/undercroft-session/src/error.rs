//! Why the session could not do what was asked.

use std::path::PathBuf;

use undercroft_aws::AwsError;
use undercroft_model::ItemId;

use crate::ScanError;

/// Why the session could not do what was asked.
///
/// One variant for each case in which a window says or does something else. No variant carries a secret or a text
/// that could not be parsed.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum SessionError {
    /// The vault is locked.
    #[error("the vault is locked")]
    Locked,
    /// The password is wrong, or several wrong ones cost a wait that is not over.
    #[error("wrong password")]
    WrongPassword {
        /// Seconds until another one is tried.
        wait_secs: u32,
    },
    /// Quick unlock is off or does not open the vault any more: the password has to be typed.
    #[error("the password has to be typed")]
    PasswordNeeded,
    /// The desktop keeps no key for quick unlock.
    #[error("the desktop keeps no key")]
    NoKeychain,
    /// The recovery key has a typing error: its checksum does not fit.
    #[error("the recovery key has a typing error")]
    MistypedRecoveryKey,
    /// The recovery key is of another vault, or was replaced.
    #[error("this recovery key does not open the vault")]
    WrongRecoveryKey {
        /// Seconds until another one is tried.
        wait_secs: u32,
    },
    /// The new password is too easy to guess.
    #[error("the password is too weak")]
    WeakPassword,
    /// The file is no vault.
    #[error("not a vault")]
    NotAVault {
        /// The file.
        path: PathBuf,
    },
    /// The file is damaged.
    #[error("the vault is damaged")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// How many backups there are.
        backups: u32,
    },
    /// The file was made by a newer version.
    #[error("made by a newer version; {needs} is needed")]
    TooNew {
        /// The format version that it needs.
        needs: String,
    },
    /// The file asks for a key derivation outside safe bounds.
    #[error("key derivation parameters outside the accepted bounds")]
    HostileParameters,
    /// The vault file is not there.
    #[error("the vault file is missing")]
    VaultMissing {
        /// Where it should be.
        path: PathBuf,
        /// How many backups there are.
        backups: u32,
    },
    /// The vault's folder is not there.
    #[error("the folder is missing")]
    FolderMissing {
        /// The folder.
        path: PathBuf,
    },
    /// The folder or file system can't be written.
    #[error("read-only")]
    ReadOnly {
        /// The file or folder.
        path: PathBuf,
    },
    /// The user chose to open the vault for reading only.
    #[error("open for reading only")]
    OpenForReading,
    /// The system refuses access.
    #[error("no permission")]
    NoPermission {
        /// The file or folder.
        path: PathBuf,
    },
    /// No room is left.
    #[error("the disk or the quota is full")]
    DiskFull {
        /// The file or folder.
        path: PathBuf,
    },
    /// Another program holds the vault.
    #[error("in use by another program")]
    InUse {
        /// Its process id, where known.
        pid: Option<u32>,
    },
    /// Something is there already; nothing was overwritten.
    #[error("already exists")]
    AlreadyExists {
        /// The file.
        path: PathBuf,
    },
    /// The vault was given a new vault key elsewhere: its password is needed before anything can be saved.
    #[error("the vault's key was replaced elsewhere")]
    KeyReplaced,
    /// The disk failed otherwise.
    #[error("the disk failed: {detail}")]
    Disk {
        /// The file or folder.
        path: PathBuf,
        /// The system's own words.
        detail: String,
    },
    /// Fields that can't be taken as they are; nothing was changed.
    #[error("some fields need attention")]
    Invalid {
        /// One for each.
        problems: Vec<FieldProblem>,
    },
    /// The item, or the part of it, is gone.
    #[error("no such item")]
    NoSuchItem,
    /// The account is in the vault already.
    #[error("the account is in the vault already")]
    DuplicateAccount {
        /// The item.
        item: ItemId,
        /// What it is called.
        name: String,
        /// Whether it is in the bin.
        binned: bool,
    },
    /// The account has an identity of that name, or a root user, already.
    #[error("the identity is in the account already")]
    DuplicateIdentity {
        /// The item.
        item: ItemId,
        /// Whether it is in the bin.
        binned: bool,
    },
    /// No more of these fit in an identity.
    #[error("no more than {limit} of these fit")]
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
    #[error("{file} can't be read: {code}")]
    Import {
        /// The file's name.
        file: String,
        /// Why, as a stable code of `undercroft-import`.
        code: &'static str,
    },
    /// The vault holds more than an archive in JSON can.
    #[error("the vault is too large to be exported as JSON")]
    TooLargeForJson,
    /// The master password was not typed for this, or too long ago.
    #[error("the master password must be typed for this")]
    NotPermitted,
    /// AWS refused, or could not be reached.
    #[error("{error}")]
    Aws {
        /// What is the matter.
        #[source]
        error: AwsError,
        /// The endpoint's host.
        host: String,
    },
    /// A call on the way to a profile's credentials failed.
    #[error("{at}: {error}")]
    AtLink {
        /// The call, in words.
        at: String,
        /// What is the matter.
        #[source]
        error: Box<SessionError>,
    },
    /// There is no token of the web identity.
    #[error("{0}")]
    WebToken(#[source] crate::WebTokenError),
    /// No profile has the name.
    #[error("no profile has this name")]
    NoSuchProfile,
    /// No MFA device, or more than one, has the name.
    #[error("{}", if *several {
        "more than one device has this name; say ALIAS/USER"
    } else {
        "no MFA device has this name; say ALIAS/USER, ACCOUNT/root or a device's name"
    })]
    NoSuchDevice {
        /// Whether more than one fits.
        several: bool,
    },
    /// The profile can be kept but not used by this version.
    #[error("{reason}")]
    ProfileUnusable {
        /// Why.
        reason: crate::Unusable,
    },
    /// A program may not have what it asked for.
    #[error("{0}")]
    NotApproved(#[source] crate::NotApproved),
    /// IAM denies the user what it was asked for.
    #[error("IAM denies it")]
    IamDenied {
        /// IAM's words.
        aws_message: Option<String>,
        /// The least policy that allows it, as JSON.
        policy: String,
        /// Whether a session with MFA may be all that is missing: the call was signed without one, and there is a device.
        needs_mfa_session: bool,
        /// The endpoint's host.
        host: String,
    },
    /// The clipboard can't be reached.
    #[error("the clipboard can't be reached")]
    NoClipboard,
    /// The state file of this machine can't be written, so a code can't be given out safely.
    #[error("the state file can't be written: {detail}")]
    StateFile {
        /// The file.
        path: PathBuf,
        /// The system's own words.
        detail: String,
    },
    /// There is nothing to look for codes in, or what was found is gone.
    #[error(transparent)]
    Scan(#[from] ScanError),
    /// A program error; nothing was changed.
    #[error("internal error")]
    Internal,
}

/// A field that can't be taken as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldProblem {
    /// The field's name in the draft.
    pub field: &'static str,
    /// What is wrong and what a right one looks like; never what was typed.
    pub message: String,
}

impl SessionError {
    /// One field that can't be taken.
    pub(crate) fn field(field: &'static str, message: impl ToString) -> Self {
        Self::Invalid {
            problems: vec![FieldProblem {
                field,
                message: message.to_string(),
            }],
        }
    }
}
