//! The vault as a file.

use std::path::PathBuf;

use undercroft_model::{Theme, Timestamp};
use undercroft_secret::SecretString;

use crate::SessionError;

/// Whether there is a vault, and whether it is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VaultState {
    /// No file is at the vault's place.
    NoVault,
    /// There is one, locked.
    Locked,
    /// It is unlocked.
    Unlocked,
}

/// What can be said without a password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// Where the vault is, or would be made.
    pub path: PathBuf,
    /// Whether it is there and open.
    pub state: VaultState,
    /// Whether it is the vault that was unlocked last on this machine, so that a missing file is one that went away.
    pub is_known: bool,
    /// Whether a key that the desktop keeps can unlock it, without its password.
    pub quick_unlock: bool,
    /// Seconds to wait before another password is tried, after several wrong ones.
    pub wait_secs: u32,
    /// The theme of the last unlocked vault's settings.
    pub theme: Theme,
    /// Whether it was unlocked with the recovery key, and no new password has been set since.
    pub needs_new_password: bool,
}

/// A new recovery key, shown once.
#[derive(Clone, Debug)]
pub struct RecoveryKit {
    /// The key in printable groups.
    pub key: SecretString,
    /// The vault that it opens.
    pub path: PathBuf,
    /// When it was made.
    pub made_at: Timestamp,
}

/// How good a password is.
#[derive(Clone, Debug, PartialEq)]
pub struct Strength {
    /// From 0, guessed at once, to 4, out of reach.
    pub score: u8,
    /// The power of ten of the guesses needed.
    pub guesses_log10: f64,
    /// What is weak about it.
    pub warning: Option<String>,
    /// What would make it better.
    pub suggestions: Vec<String>,
    /// Whether it may be used.
    pub acceptable: bool,
}

/// What the settings page says about the vault file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VaultDetails {
    /// Where it is.
    pub path: PathBuf,
    /// Its size.
    pub size_bytes: u64,
    /// How often it was saved.
    pub saves: u64,
    /// When it was last saved.
    pub saved_at: Timestamp,
    /// The format's version.
    pub format: String,
    /// Argon2id's memory.
    pub kdf_memory_kib: u32,
    /// Argon2id's passes.
    pub kdf_iterations: u32,
    /// Argon2id's lanes.
    pub kdf_lanes: u32,
    /// Whether there is a recovery key.
    pub has_recovery_key: bool,
    /// Known clock offsets.
    pub clocks: Vec<ClockOffset>,
}

/// The clock offset of an endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClockOffset {
    /// The endpoint's host.
    pub host: String,
    /// AWS's time minus the local time.
    pub offset_secs: i64,
}

/// A backup of the vault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BackupRow {
    /// The file's name.
    pub id: String,
    /// When the vault that it holds was saved.
    pub saved_at: Timestamp,
    /// Its size.
    pub size_bytes: u64,
    /// Whether its header is whole; the body shows only on restoring.
    pub sound: bool,
}

/// What a check of the vault file found.
#[derive(Clone, Debug, PartialEq)]
pub struct CheckReport {
    /// What is wrong, or nothing.
    pub problem: Option<SessionError>,
    /// Items that were read.
    pub items: usize,
    /// Secrets that were opened.
    pub secrets: usize,
}
