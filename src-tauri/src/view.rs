//! What crosses to the windows, and what comes back from them.
//!
//! No secret can be a field of anything here: secrets cross only as [`Sealed`], which is ciphertext under a one-time
//! key of the window. The two codes of [`CodeView`] are the exception that the window exists to show; they are worth
//! nothing after their time step.
//!
//! Dates are ISO 8601 texts in UTC, durations whole numbers with the unit in the name, ids the lower-case hex texts of
//! the model.

mod activity;
mod archive;
pub(crate) mod enrol;
mod files;
mod profile;
mod quick;
mod scan;
mod transfer;

use serde::{Deserialize, Serialize};
use specta::Type;

pub(crate) use activity::*;
pub(crate) use archive::*;
pub(crate) use files::*;
pub(crate) use profile::*;
pub(crate) use quick::*;
pub(crate) use scan::{
    DragStage, Dragging, EnrolmentCodeView, EnrolmentTurn, FoundView, ScanView, ScanWaysView,
};
pub(crate) use transfer::*;

/// A secret on its way between a window and the backend, encrypted under a one-time key agreement.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub(crate) struct Sealed {
    /// The sender's one-time P-256 public key, uncompressed SEC 1, Base64.
    pub(crate) key: String,
    /// The AES-GCM nonce, 12 bytes, Base64.
    pub(crate) iv: String,
    /// Ciphertext and tag, Base64.
    pub(crate) data: String,
}

/// Where the vault is.
#[derive(Clone, Debug, Serialize, Type)]
pub(crate) struct VaultPlace {
    /// The file's path.
    pub(crate) path: String,
    /// The file's name without its extension.
    pub(crate) name: String,
    /// Whether the file is there.
    pub(crate) exists: bool,
}

/// What the password window is for.
#[derive(Clone, Debug, Serialize, Deserialize, Type, PartialEq, Eq)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub(crate) enum PasswordMode {
    /// No vault is there yet: make one or open one.
    FirstRun,
    /// Unlock the vault.
    Unlock,
    /// Change the master password.
    ChangePassword,
    /// Ask for the master password again before an action.
    Confirm {
        /// What will be done.
        action: ConfirmAction,
    },
}

/// An action that asks for the master password again.
#[derive(Clone, Debug, Serialize, Deserialize, Type, PartialEq, Eq)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub(crate) enum ConfirmAction {
    /// Replace the recovery key by a new one.
    NewRecoveryKey,
    /// Encrypt under a new vault key, with a new recovery key, and delete the backups made under the old one.
    NewVaultKey,
    /// Let a key that the machine keeps until logging out unlock the vault.
    SwitchOnQuickUnlock,
    /// Put a backup in the vault's place.
    RestoreBackup {
        /// The backup's id.
        backup: String,
    },
    /// Show the QR code of a device.
    ShowQr {
        /// The device.
        device: DeviceRefView,
    },
    /// Write devices into files.
    ExportDevices {
        /// The devices.
        devices: Vec<DeviceRefView>,
        /// The kind of file.
        format: ExportFormatView,
    },
    /// Write everything into a file.
    ExportAll {
        /// The kind of file.
        format: ArchiveFormatView,
    },
}

/// What the password window shows when it opens.
#[derive(Clone, Debug, Serialize, Type)]
pub(crate) struct PasswordWindowView {
    /// What it is for.
    pub(crate) mode: PasswordMode,
    /// The vault that it is about.
    pub(crate) vault: VaultPlace,
    /// Seconds to wait before another password is tried, after several wrong ones.
    pub(crate) wait_secs: u32,
    /// The colour scheme chosen in the settings of the last unlocked vault.
    pub(crate) theme: ThemeView,
    /// Whether a key that the machine keeps can unlock it, without the password.
    pub(crate) quick_unlock: bool,
    /// Whether changing the password asks for the present one; not after unlocking with the recovery key.
    pub(crate) needs_current: bool,
    /// What is wrong with the file, seen without a password.
    pub(crate) problem: Option<crate::error::UiError>,
}

/// How good a password is.
#[derive(Clone, Debug, Serialize, Type)]
pub(crate) struct StrengthView {
    /// From 0, guessed at once, to 4, out of reach.
    pub(crate) score: u8,
    /// The power of ten of the guesses needed.
    pub guesses_log10: f64,
    /// What is weak about it.
    pub(crate) warning: Option<String>,
    /// What would make it better.
    pub(crate) suggestions: Vec<String>,
    /// Whether it may be used.
    pub(crate) acceptable: bool,
}

/// What a recovery kit shows, once.
#[derive(Clone, Debug, Serialize, Type)]
pub(crate) struct RecoveryKitView {
    /// The recovery key in printable groups, sealed to the page.
    pub(crate) key: Sealed,
    /// The vault that it opens.
    pub(crate) vault: VaultPlace,
    /// When it was made.
    pub(crate) made_at: String,
}

/// What came of a confirmed action.
#[derive(Clone, Debug, Serialize, Type)]
pub(crate) struct ConfirmedView {
    /// The new recovery kit, where the action made one. The window stays open for it until `finish_password`.
    pub(crate) kit: Option<RecoveryKitView>,
}

/// The theme of the windows.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, Type, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum ThemeView {
    /// As the desktop has it.
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
    /// High contrast, dark on light or light on dark as the desktop has it.
    HighContrast,
}

/// The frame of the main window.
#[derive(Clone, Debug, Serialize, Type)]
pub(crate) struct OverviewView {
    /// The vault.
    pub(crate) vault: VaultPlace,
    /// How many accounts there are.
    pub(crate) accounts: u32,
    /// How many identities there are.
    pub(crate) identities: u32,
    /// Every tag in use, sorted.
    pub(crate) tags: Vec<String>,
    /// How many items rest in the bin.
    pub(crate) binned: u32,
    /// How many live sessions there are.
    pub(crate) sessions: u32,
    /// What the user should know.
    pub(crate) notices: Vec<NoticeView>,
    /// The settings.
    pub(crate) settings: SettingsView,
    /// Whether a key that the machine keeps unlocks the vault. Not among the settings that a window saves: switching
    /// it on takes the master password.
    pub(crate) quick_unlock: QuickUnlockView,
    /// Whether the machine can keep such a key.
    pub(crate) has_keychain: bool,
}

/// Whether a key that the machine keeps unlocks the vault.
#[derive(Clone, Copy, Debug, Serialize, Type, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum QuickUnlockView {
    /// Only the password and the recovery key do.
    Off,
    /// In memory, until the user logs out.
    UntilLogout,
}

/// Something that the user should know, shown until dismissed or mended.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub(crate) enum NoticeView {
    /// The vault on disk is older than the one last seen on this machine.
    RolledBack {
        /// The save counter last seen.
        seen: u32,
        /// The save counter found.
        found: u32,
    },
    /// The vault on disk has the counter last seen on this machine, but another history.
    Forked,
    /// A backup was put in the place of a damaged or missing vault.
    Restored {
        /// When what it holds was saved.
        saved_at: String,
        /// How many saves that this machine has seen came after that.
        missing_saves: u32,
        /// When the last of these was made.
        last_save_at: Option<String>,
        /// How many newer backups were damaged, too.
        passed_over: u32,
    },
    /// The vault is open for reading only.
    ReadOnly {
        /// Whether its place is the reason, and not the user's choice.
        place: bool,
    },
    /// Changes from elsewhere were merged.
    Merged {
        /// Items whose other version went to their history.
        conflicts: u32,
        /// Items that were taken over.
        taken: u32,
    },
    /// The vault's password protection was raised to today's parameters.
    Strengthened,
    /// The last save failed; the changes are only in memory.
    Unsaved {
        /// Why.
        error: crate::error::UiError,
    },
    /// The local clock differs from AWS's by more than 30 s.
    ClockOff {
        /// AWS's time minus the local time.
        offset_secs: i32,
        /// Whose clock: the endpoint's host.
        host: String,
    },
    /// The state file of this machine was unreadable and was begun anew.
    StateReset,
    /// Deleted items were removed for good after 30 days in the bin.
    BinEmptied {
        /// How many.
        items: u32,
    },
    /// The making of an MFA device at AWS was left unfinished.
    HalfMadeDevice {
        /// The identity's item id.
        identity: String,
        /// The device's name at AWS.
        name: String,
    },
}

/// What merging with the backups brought back.
#[derive(Clone, Debug, Serialize, Type)]
pub(crate) struct ReunionView {
    /// Items that were taken over.
    pub(crate) taken: u32,
    /// Items of which the other version went to the history.
    pub(crate) conflicts: u32,
    /// Whether everything up to the save last seen on this machine is back.
    pub(crate) complete: bool,
    /// Backups that could not be read, or have another vault key.
    pub(crate) unreadable: u32,
}

/// The way that calls to AWS take.
#[derive(Clone, Debug, Serialize, Type)]
pub(crate) struct NetworkView {
    /// The proxy's address; empty when calls go directly.
    pub(crate) proxy: String,
    /// How many certificate authorities are trusted besides Mozilla's.
    pub(crate) ca_certificates: u32,
}

/// An account in a list.
#[derive(Clone, Debug, Serialize, Type)]
pub(crate) struct AccountRow {
    /// The item's id.
    pub(crate) id: String,
    /// The 12 digits.
    pub(crate) account_id: String,
    /// The account alias.
    pub(crate) alias: Option<String>,
    /// The name, never empty.
    pub(crate) name: String,
    /// The partition: `aws`, `aws-cn`, `aws-us-gov` or `aws-eusc`.
    pub(crate) partition: String,
    /// The colour's name.
    pub(crate) colour: String,
    /// Whether it is marked production.
    pub(crate) production: bool,
    /// Whether it is a favourite.
    pub(crate) favourite: bool,
    /// Its tags.
    pub(crate) tags: Vec<String>,
    /// How many identities it has.
    pub(crate) identities: u32,
    /// Whether a session of it is live.
    pub(crate) live: bool,
}

/// An identity in a list.
#[derive(Clone, Debug, Serialize, Type)]
pub(crate) struct IdentityRow {
    /// The item's id.
    pub(crate) id: String,
    /// Root user or IAM user.
    pub(crate) kind: IdentityKindView,
    /// The email or the user name.
    pub(crate) name: String,
    /// Whether it is a favourite.
    pub(crate) favourite: bool,
    /// Whether a password is kept.
    pub(crate) has_password: bool,
    /// How many MFA devices it has.
    pub(crate) devices: u32,
    /// How many access keys it has.
    pub(crate) keys: u32,
    /// How many custom secrets it has.
    pub(crate) secrets: u32,
    /// Whether a session of it is live.
    pub(crate) live: bool,
}

/// Which kind of identity.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, Type, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum IdentityKindView {
    /// The root user.
    Root,
    /// An IAM user.
    IamUser,
}

/// Custom endpoints of an account.
#[derive(Clone, Debug, Default, Serialize, Deserialize, Type)]
pub(crate) struct EndpointsView {
    /// STS.
    pub(crate) sts: Option<String>,
    /// IAM.
    pub(crate) iam: Option<String>,
    /// Console sign-in.
    pub(crate) sign_in: Option<String>,
}

/// A custom secret, without its value.
#[derive(Clone, Debug, Serialize, Type)]
pub(crate) struct CustomSecretView {
    /// The field's id.
    pub(crate) id: String,
    /// What it is called.
    pub(crate) label: String,
}

/// Everything about an account but its secrets.
#[derive(Clone, Debug, Serialize, Type)]
pub(crate) struct AccountView {
    /// What its row shows.
    pub(crate) row: AccountRow,
    /// The name as it was given; empty where the row shows the alias or the id.
    pub(crate) own_name: String,
    /// Free notes.
    pub(crate) notes: String,
    /// The region of its STS calls, where set.
    pub(crate) region: Option<String>,
    /// The region used when none is set.
    pub(crate) default_region: String,
    /// Custom endpoints.
    pub(crate) endpoints: EndpointsView,
    /// Custom secrets.
    pub(crate) secrets: Vec<CustomSecretView>,
    /// Its identities, the root user first, then by name.
    pub(crate) identities: Vec<IdentityRow>,
    /// When it was filed.
    pub(crate) created_at: String,
    /// When it was last changed.
    pub(crate) modified_at: String,
    /// How many earlier versions its history holds.
    pub(crate) history: u32,
}

/// Everything about an identity but its secrets.
#[derive(Clone, Debug, Serialize, Type)]
pub(crate) struct IdentityView {
    /// The item's id.
    pub(crate) id: String,
    /// Its account.
    pub(crate) account: AccountRow,
    /// Root user or IAM user.
    pub(crate) kind: IdentityKindView,
    /// The email or the user name.
    pub(crate) name: String,
    /// Whether it is a favourite.
    pub(crate) favourite: bool,
    /// Free notes.
    pub(crate) notes: String,
    /// The sign-on, without the password.
    pub(crate) sign_on: Option<SignOnView>,
    /// The MFA devices.
    pub(crate) devices: Vec<DeviceView>,
    /// The access keys.
    pub(crate) keys: Vec<KeyView>,
    /// Custom secrets.
    pub(crate) secrets: Vec<CustomSecretView>,
    /// The device that is being made at AWS.
    pub(crate) half_made: Option<enrol::HalfMadeView>,
    /// Live sessions made from its keys.
    pub(crate) sessions: Vec<SessionView>,
    /// The address of the console's sign-in page for it.
    pub(crate) sign_in_url: String,
    /// The longest and the shortest session that STS grants it, and the usual one.
    pub(crate) session_limits: SessionLimitsView,
    /// When it was filed.
    pub(crate) created_at: String,
    /// When it was last changed.
    pub(crate) modified_at: String,
    /// How many earlier versions its history holds.
    pub(crate) history: u32,
}

/// How long a session may last.
#[derive(Clone, Copy, Debug, Serialize, Type)]
pub(crate) struct SessionLimitsView {
    /// The shortest.
    pub(crate) min_secs: u32,
    /// The longest.
    pub(crate) max_secs: u32,
    /// The one proposed.
    pub(crate) default_secs: u32,
}

/// A console password, without the password.
#[derive(Clone, Debug, Serialize, Type)]
pub(crate) struct SignOnView {
    /// When it was set.
    pub(crate) changed_at: String,
    /// Earlier ones, newest first.
    pub(crate) past: Vec<PastPasswordView>,
}

/// An earlier password, without the password.
#[derive(Clone, Debug, Serialize, Type)]
pub(crate) struct PastPasswordView {
    /// Its value id.
    pub(crate) id: String,
    /// When it was replaced.
    pub(crate) replaced_at: String,
}

/// An MFA device, without its seed.
#[derive(Clone, Debug, Serialize, Type)]
pub(crate) struct DeviceView {
    /// The device's id.
    pub(crate) id: String,
    /// Its name.
    pub(crate) name: String,
    /// Its serial: the ARN that STS wants.
    pub(crate) serial: Option<String>,
    /// `SHA1`, `SHA256` or `SHA512`.
    pub(crate) algorithm: String,
    /// Digits of a code.
    pub(crate) digits: u32,
    /// The time step.
    pub(crate) period_secs: u32,
    /// When it was filed.
    pub(crate) added_at: String,
    /// Whether STS takes its codes: 6 digits and a serial.
    pub(crate) usable_with_sts: bool,
}

/// The codes of a device, now.
#[derive(Clone, Debug, Serialize, Type)]
pub(crate) struct CodeView {
    /// The device's id.
    pub(crate) device: String,
    /// The present code, ungrouped.
    pub(crate) code: String,
    /// The one after it.
    pub(crate) next: String,
    /// Milliseconds until the present code ends.
    pub(crate) ends_in_ms: u32,
    /// The time step.
    pub(crate) period_secs: u32,
    /// Whether the present code was given out already.
    pub(crate) used: bool,
    /// Whether the next one was, too.
    pub(crate) next_used: bool,
}

/// The state of an access key.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, Type, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum KeyStateView {
    /// Active, as far as known.
    Active,
    /// Made inactive at AWS.
    Inactive,
    /// Never checked.
    Unknown,
}

/// An access key, without its secret.
#[derive(Clone, Debug, Serialize, Type)]
pub(crate) struct KeyView {
    /// The access key id.
    pub(crate) id: String,
    /// Its state.
    pub(crate) state: KeyStateView,
    /// When it was filed.
    pub(crate) added_at: String,
    /// When it was made at AWS.
    pub(crate) created_at: Option<String>,
    /// When it was last rotated.
    pub(crate) rotated_at: Option<String>,
    /// When it was last used by Undercroft.
    pub(crate) last_used_at: Option<String>,
    /// When it was last checked with AWS.
    pub(crate) checked_at: Option<String>,
}

/// What AWS says about the caller of a key.
#[derive(Clone, Debug, Serialize, Type)]
pub(crate) struct CallerView {
    /// The account's 12 digits.
    pub(crate) account: String,
    /// The caller's ARN.
    pub(crate) arn: String,
    /// The caller's unique id.
    pub(crate) user_id: String,
    /// Whether account and user are those that the key is filed under.
    pub(crate) matches: bool,
}

/// A live session, without its credentials.
#[derive(Clone, Debug, Serialize, Type)]
pub(crate) struct SessionView {
    /// The session's id.
    pub(crate) id: String,
    /// The row of the account in which it acts.
    pub(crate) account: AccountRow,
    /// What made it.
    pub(crate) kind: SessionKindView,
    /// The item id of the profile that it was made for, where it was one.
    pub(crate) profile: Option<String>,
    /// Its name.
    pub(crate) profile_name: Option<String>,
    /// The ARN of the role that it acts as.
    pub(crate) role: Option<String>,
    /// The item id of the identity whose key stands at the beginning; nobody's for a web identity.
    pub(crate) identity: Option<String>,
    /// The email or the user name.
    pub(crate) identity_name: Option<String>,
    /// Root user or IAM user.
    pub(crate) identity_kind: Option<IdentityKindView>,
    /// The long-term key that it was made from.
    pub(crate) key: Option<String>,
    /// The temporary access key id.
    pub(crate) access_key_id: String,
    /// The MFA device whose code was given, where one was.
    pub(crate) device: Option<String>,
    /// When it was made.
    pub(crate) started_at: String,
    /// When it ends.
    pub(crate) expires_at: String,
    /// Seconds until then, never below 0.
    pub(crate) expires_in_secs: u32,
    /// The duration that was asked for.
    pub(crate) duration_secs: u32,
    /// The region.
    pub(crate) region: String,
}

/// What to copy.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub(crate) enum CopyTarget {
    /// An account's 12 digits.
    AccountId {
        /// The account's item id.
        account: String,
    },
    /// An account's alias.
    Alias {
        /// The account's item id.
        account: String,
    },
    /// A root user's email or an IAM user's name.
    IdentityName {
        /// The identity's item id.
        identity: String,
    },
    /// The console's sign-in page.
    SignInUrl {
        /// The identity's item id.
        identity: String,
    },
    /// The serial of an MFA device.
    Serial {
        /// The identity's item id.
        identity: String,
        /// The device's id.
        device: String,
    },
    /// The present code of an MFA device, or the next one when that is about to end.
    Code {
        /// The identity's item id.
        identity: String,
        /// The device's id.
        device: String,
    },
    /// The next code, for AWS's second field when a device is enrolled or resynchronised.
    NextCode {
        /// The identity's item id.
        identity: String,
        /// The device's id.
        device: String,
    },
    /// An access key id.
    AccessKeyId {
        /// The identity's item id.
        identity: String,
        /// The access key id.
        key: String,
    },
    /// The least policy that lets an IAM user look after MFA devices of their own.
    MfaPolicy {
        /// The identity's item id.
        identity: String,
    },
    /// A live session as text.
    Session {
        /// The session's id.
        session: String,
        /// As what.
        format: SessionFormat,
    },
    /// A secret.
    Secret {
        /// Which one.
        secret: SecretRef,
    },
}

/// As what a session is copied.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, Type, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum SessionFormat {
    /// `export` lines for sh, bash and zsh.
    Sh,
    /// `set -gx` lines for fish.
    Fish,
    /// `$Env:` lines for PowerShell.
    Powershell,
    /// A section for `~/.aws/credentials`.
    CredentialsFile,
    /// The JSON of `credential_process`.
    Json,
}

/// Which secret to reveal or to copy.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub(crate) enum SecretRef {
    /// A console password.
    Password {
        /// The identity's item id.
        identity: String,
    },
    /// An earlier console password.
    PastPassword {
        /// The identity's item id.
        identity: String,
        /// The value's id.
        value: String,
    },
    /// The secret of an access key.
    SecretKey {
        /// The identity's item id.
        identity: String,
        /// The access key id.
        key: String,
    },
    /// A custom secret of an account or an identity.
    Custom {
        /// The item's id.
        item: String,
        /// The field's id.
        field: String,
    },
}

/// What happened on copying.
#[derive(Clone, Debug, Serialize, Type)]
pub(crate) struct CopiedView {
    /// Seconds until the clipboard is cleared; nothing where the value is no secret and stays.
    pub(crate) clears_in_secs: Option<u32>,
    /// Whether the code had been given out before, so that AWS may refuse it.
    pub(crate) used_before: bool,
    /// Whether the next code was taken because the present one was about to end: seconds until it is valid.
    pub(crate) valid_in_secs: Option<u32>,
}

/// A hit of a search.
#[derive(Clone, Debug, Serialize, Type)]
pub(crate) struct SearchHit {
    /// The item's id.
    pub(crate) item: String,
    /// The account that it is or belongs to.
    pub(crate) account: AccountRow,
    /// The identity, where the hit is one.
    pub(crate) identity: Option<IdentityRow>,
    /// The parts of the hit's name to set off: offset and length in UTF-16 units.
    pub(crate) matched: Vec<(u32, u32)>,
    /// Likewise of what stands below the name: an identity's account by its name, an account's alias.
    pub(crate) matched_below: Vec<(u32, u32)>,
    /// The profile, where the hit is one.
    pub(crate) profile: Option<HitProfileView>,
    /// The first MFA device of the identity.
    pub(crate) device: Option<String>,
}

/// A profile that was found.
#[derive(Clone, Debug, Serialize, Type)]
pub(crate) struct HitProfileView {
    /// What programs ask for it by.
    pub(crate) name: String,
    /// Its kind, as in [`ProfileRowView`].
    pub(crate) kind: String,
    /// The name of the role that it ends in.
    pub(crate) role: Option<String>,
    /// Whether it stands on top.
    pub(crate) favourite: bool,
}

/// An account as typed.
#[derive(Clone, Debug, Deserialize, Serialize, Type)]
pub(crate) struct AccountDraft {
    /// The item's id; nothing for a new one.
    pub(crate) id: Option<String>,
    /// The 12 digits.
    pub(crate) account_id: String,
    /// The alias, empty for none.
    pub(crate) alias: String,
    /// The partition.
    pub(crate) partition: String,
    /// The name; empty takes the alias or the id.
    pub(crate) name: String,
    /// The colour's name.
    pub(crate) colour: String,
    /// The production mark.
    pub(crate) production: bool,
    /// Tags.
    pub(crate) tags: Vec<String>,
    /// Notes.
    pub(crate) notes: String,
    /// The region, empty for the partition's default.
    pub(crate) region: String,
    /// Custom endpoints, empty for AWS's own.
    pub(crate) endpoints: EndpointsView,
}

/// An identity as typed.
#[derive(Clone, Debug, Deserialize, Serialize, Type)]
pub(crate) struct IdentityDraft {
    /// The item's id; nothing for a new one.
    pub(crate) id: Option<String>,
    /// The account's item id.
    pub(crate) account: String,
    /// Root user or IAM user.
    pub(crate) kind: IdentityKindView,
    /// The email or the user name.
    pub(crate) name: String,
    /// Notes.
    pub(crate) notes: String,
}

/// An MFA device as typed.
#[derive(Clone, Debug, Deserialize, Serialize, Type)]
pub(crate) struct DeviceDraft {
    /// The identity's item id.
    pub(crate) identity: String,
    /// The device's id; nothing for a new one.
    pub(crate) id: Option<String>,
    /// Its name.
    pub(crate) name: String,
    /// Its serial, empty for none.
    pub(crate) serial: String,
    /// `SHA1`, `SHA256` or `SHA512`.
    pub(crate) algorithm: String,
    /// Digits of a code.
    pub(crate) digits: u32,
    /// The time step.
    pub(crate) period_secs: u32,
    /// The seed in Base32 or the otpauth URI, for a new device. Parameters of a URI win over those typed.
    pub(crate) secret: Option<Sealed>,
}

/// What a typed seed or URI holds, without the seed.
#[derive(Clone, Debug, Serialize, Type)]
pub(crate) struct SeedPreview {
    /// Whether it was an otpauth URI.
    pub(crate) from_uri: bool,
    /// The device's name, where the label has one.
    pub(crate) device_name: Option<String>,
    /// The issuer.
    pub(crate) issuer: Option<String>,
    /// The label as it stands in the URI, decoded.
    pub(crate) label: Option<String>,
    /// The user that an AWS label names.
    pub(crate) user_name: Option<String>,
    /// Whether an AWS label names the root user.
    pub(crate) root: bool,
    /// The account that an AWS label names: its id or alias.
    pub(crate) account_hint: Option<String>,
    /// The account in the vault that this is.
    pub(crate) account: Option<AccountRow>,
    /// The identity in the vault that this is.
    pub(crate) identity: Option<String>,
    /// The serial derived from account and device name, to be confirmed.
    pub(crate) serial: Option<String>,
    /// `SHA1`, `SHA256` or `SHA512`.
    pub(crate) algorithm: String,
    /// Digits of a code.
    pub(crate) digits: u32,
    /// The time step.
    pub(crate) period_secs: u32,
    /// The seed's length.
    pub(crate) bits: u32,
    /// Characters that were read as others, as in `0→O`.
    pub(crate) corrections: Vec<CorrectionView>,
    /// Whether the seed is shorter than RFC 4226 asks for.
    pub(crate) weak: bool,
    /// The device that holds the same seed already.
    pub(crate) duplicate_of: Option<String>,
    /// Whether it is of a kind whose codes STS never takes (Identity Center, Builder ID).
    pub(crate) usable_with_sts: bool,
}

/// A character that was read as another one.
#[derive(Clone, Debug, Serialize, Type)]
pub(crate) struct CorrectionView {
    /// One-based position, spaces and dashes left out.
    pub(crate) position: u32,
    /// What was typed.
    pub(crate) from: String,
    /// What it was read as.
    pub(crate) to: String,
}

/// An access key as typed.
#[derive(Clone, Debug, Deserialize, Serialize, Type)]
pub(crate) struct KeyDraft {
    /// The identity's item id.
    pub(crate) identity: String,
    /// The key that is changed; nothing for a new one.
    pub(crate) existing: Option<String>,
    /// The access key id.
    pub(crate) id: String,
    /// The secret access key; nothing keeps the present one.
    pub(crate) secret: Option<Sealed>,
    /// Its state.
    pub(crate) state: KeyStateView,
    /// The day it was made at AWS, as `2026-11-23`; empty for unknown.
    pub(crate) created_on: String,
}

/// A custom secret as typed.
#[derive(Clone, Debug, Deserialize, Serialize, Type)]
pub(crate) struct CustomSecretDraft {
    /// The account's or the identity's item id.
    pub(crate) item: String,
    /// The field's id; nothing for a new one.
    pub(crate) id: Option<String>,
    /// What it is called.
    pub(crate) label: String,
    /// The value; nothing keeps the present one.
    pub(crate) value: Option<Sealed>,
}

/// A wish for a session.
#[derive(Clone, Debug, Deserialize, Serialize, Type)]
pub(crate) struct SessionWish {
    /// The identity's item id.
    pub(crate) identity: String,
    /// The access key id.
    pub(crate) key: String,
    /// The MFA device whose next unused code is given; nothing for a session without MFA.
    pub(crate) device: Option<String>,
    /// The duration.
    pub(crate) duration_secs: u32,
    /// Whether to ask STS though a live session is at hand.
    pub(crate) fresh: bool,
}

/// What came of a wish for a session.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub(crate) enum SessionAnswer {
    /// Here it is.
    Ready {
        /// The session.
        session: Box<SessionView>,
        /// Whether it was at hand already.
        cached: bool,
    },
    /// No unused code is there yet; ask again then.
    Wait {
        /// Seconds until the next code begins.
        secs: u32,
    },
}

/// An item in the bin.
#[derive(Clone, Debug, Serialize, Type)]
pub(crate) struct BinRow {
    /// The item's id.
    pub(crate) id: String,
    /// `account`, `identity` or `profile`.
    pub(crate) kind: String,
    /// Its name.
    pub(crate) name: String,
    /// The account's name, for an identity.
    pub(crate) account: Option<String>,
    /// When it was put there.
    pub(crate) binned_at: String,
    /// When it goes for good.
    pub(crate) goes_at: String,
    /// Whether its account is in the bin too, so that it comes back only with it.
    pub(crate) with_account: bool,
}

/// An earlier version of an item.
#[derive(Clone, Debug, Serialize, Type)]
pub(crate) struct HistoryRow {
    /// Position in the item's history, to restore it by.
    pub(crate) index: u32,
    /// When it was replaced.
    pub(crate) replaced_at: String,
    /// Whether it lost a merge (rather than having been edited).
    pub(crate) lost_merge: bool,
    /// Names of the fields in which it differs from the present version.
    pub(crate) differs_in: Vec<String>,
    /// Its name then.
    pub(crate) name: String,
}

/// The settings that live in the vault.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub(crate) struct SettingsView {
    /// After how long the clipboard is cleared, 5 to 600 s.
    pub(crate) clipboard_clears_in_secs: u32,
    /// After how long without use the vault locks, 30 to 86400 s.
    pub(crate) locks_after_idle_secs: u32,
    /// Whether it locks with the screen, and when another user comes to the front.
    pub(crate) locks_with_screen: bool,
    /// Whether it locks when the machine goes to sleep.
    pub(crate) locks_on_sleep: bool,
    /// Whether closing the window leaves the vault unlocked in the tray.
    pub(crate) keeps_window_on_close: bool,
    /// The theme.
    pub(crate) theme: ThemeView,
}

/// What the settings page says about the vault file.
#[derive(Clone, Debug, Serialize, Type)]
pub(crate) struct VaultDetailsView {
    /// Where it is.
    pub(crate) place: VaultPlace,
    /// Its size.
    pub(crate) size_bytes: u32,
    /// How often it was saved.
    pub(crate) saves: u32,
    /// When it was last saved.
    pub(crate) saved_at: String,
    /// The format's version.
    pub(crate) format: String,
    /// Argon2id's memory.
    pub(crate) kdf_memory_mib: u32,
    /// Argon2id's passes.
    pub(crate) kdf_iterations: u32,
    /// Argon2id's lanes.
    pub(crate) kdf_lanes: u32,
    /// Whether there is a recovery key.
    pub(crate) has_recovery_key: bool,
    /// Clock offsets by endpoint host: AWS's time minus the local time.
    pub(crate) clocks: Vec<ClockView>,
}

/// The clock offset of an endpoint.
#[derive(Clone, Debug, Serialize, Type)]
pub(crate) struct ClockView {
    /// The endpoint's host.
    pub(crate) host: String,
    /// AWS's time minus the local time.
    pub(crate) offset_secs: i32,
}

/// A backup of the vault.
#[derive(Clone, Debug, Serialize, Type)]
pub(crate) struct BackupView {
    /// Its id: the file's name.
    pub(crate) id: String,
    /// When the vault that it holds was saved.
    pub(crate) saved_at: String,
    /// Its size.
    pub(crate) size_bytes: u32,
    /// Whether its header is whole; the body shows only on restoring.
    pub(crate) sound: bool,
}

/// What a check of the vault file found.
#[derive(Clone, Debug, Serialize, Type)]
pub(crate) struct CheckView {
    /// What is wrong, or nothing.
    pub(crate) problem: Option<crate::error::UiError>,
    /// Items that were read.
    pub(crate) items: u32,
    /// Secrets that were opened.
    pub(crate) secrets: u32,
}

/// The vault was locked, unlocked, changed, or a session came or went; the window asks again for what it shows.
#[derive(Clone, Debug, Serialize, Deserialize, Type, tauri_specta::Event)]
pub(crate) struct Changed {
    /// The item that changed, where it is one.
    pub(crate) item: Option<String>,
}

/// The clipboard was cleared.
#[derive(Clone, Debug, Serialize, Deserialize, Type, tauri_specta::Event)]
pub(crate) struct ClipboardCleared {
    /// Whether our value was still there; if not, it was left alone.
    pub(crate) ours: bool,
}
