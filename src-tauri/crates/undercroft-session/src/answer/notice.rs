//! What the user should know.

use undercroft_model::{ItemId, Timestamp};

use crate::SessionError;

/// Something that the user should know, shown until dismissed or mended.
#[derive(Clone, Debug, PartialEq)]
pub enum Notice {
    /// The vault on disk is older than the one last seen on this machine.
    RolledBack {
        /// The save counter last seen.
        seen: u64,
        /// The save counter found.
        found: u64,
    },
    /// The vault on disk is as far as the one last seen on this machine, but has another history.
    Forked,
    /// A backup was put in the place of a damaged or missing vault.
    Restored {
        /// When what it holds was saved.
        saved_at: Timestamp,
        /// How many saves that this machine has seen came after that; none where it has seen no later one.
        missing_saves: u64,
        /// When the last of these was made.
        last_save_at: Option<Timestamp>,
        /// How many newer backups were damaged, too.
        passed_over: usize,
    },
    /// The vault is open for reading only; the changes that it refuses are made nowhere.
    ReadOnly {
        /// Whether its folder or file system is the reason, and not the user's choice.
        place: bool,
    },
    /// Changes from elsewhere were merged.
    Merged {
        /// Items whose other version went to their history.
        conflicts: usize,
        /// Items that were taken over.
        taken: usize,
    },
    /// The vault's password protection was raised to today's parameters.
    Strengthened,
    /// The last save failed; the changes are only in memory.
    Unsaved {
        /// Why.
        error: SessionError,
    },
    /// The local clock differs from AWS's by more than 30 s.
    ClockOff {
        /// AWS's time minus the local time.
        offset_secs: i64,
        /// Whose clock: the endpoint's host.
        host: String,
    },
    /// The state file of this machine was unreadable and was begun anew.
    StateReset,
    /// Deleted items were removed for good after 30 days in the bin.
    BinEmptied {
        /// How many.
        items: usize,
    },
    /// The making of an MFA device at AWS was left unfinished.
    HalfMadeDevice {
        /// The identity.
        identity: ItemId,
        /// The device's name at AWS.
        name: String,
    },
}

impl Notice {
    /// Why the last change is only in memory, when that is what the notice says.
    pub(crate) fn unsaved(&self) -> Option<&SessionError> {
        match self {
            Self::Unsaved { error } => Some(error),
            Self::RolledBack { .. }
            | Self::Forked
            | Self::Restored { .. }
            | Self::ReadOnly { .. }
            | Self::Merged { .. }
            | Self::Strengthened
            | Self::ClockOff { .. }
            | Self::StateReset
            | Self::BinEmptied { .. }
            | Self::HalfMadeDevice { .. } => None,
        }
    }
}
