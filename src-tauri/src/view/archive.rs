//! Everything in the vault, out into one file and in again.

use serde::{Deserialize, Serialize};
use specta::Type;

/// What everything is written as.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, Type, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum ArchiveFormatView {
    /// A vault with a password of its own.
    Encrypted,
    /// JSON, with every secret in the clear.
    Json,
}

/// How much of each kind an archive holds.
#[derive(Clone, Copy, Debug, Serialize, Type)]
pub(crate) struct ArchiveCountsView {
    /// Accounts in use.
    pub(crate) accounts: u32,
    /// Identities in use.
    pub(crate) identities: u32,
    /// Profiles in use.
    pub(crate) profiles: u32,
    /// Console passwords, those before them among them.
    pub(crate) passwords: u32,
    /// MFA devices.
    pub(crate) devices: u32,
    /// Access keys.
    pub(crate) keys: u32,
    /// Further secrets.
    pub(crate) secrets: u32,
    /// Items in the bin.
    pub(crate) binned: u32,
    /// Earlier versions of items.
    pub(crate) versions: u32,
}

/// The archive that was written.
#[derive(Clone, Debug, Serialize, Type)]
pub(crate) struct ArchiveWrittenView {
    /// The file.
    pub(crate) path: String,
    /// What is in it.
    pub(crate) counts: ArchiveCountsView,
    /// How many items could not be read, and so are not in it.
    pub(crate) unreadable: u32,
    /// How many items hold something of a newer version.
    pub(crate) newer: u32,
}

/// What taking an archive in would change.
#[derive(Clone, Debug, Serialize, Type)]
pub(crate) struct ArchivePreviewView {
    /// Names it when it is applied.
    pub(crate) id: u32,
    /// When the archive was made, where it says so.
    pub(crate) made_at: Option<String>,
    /// What is in it.
    pub(crate) counts: ArchiveCountsView,
    /// How many items are new.
    pub(crate) new: u32,
    /// How many items are there already.
    pub(crate) same: u32,
    /// Items that the vault has in another version.
    pub(crate) rows: Vec<ArchiveRowView>,
    /// How many more of these there are.
    pub(crate) more_rows: u32,
    /// Whether the archive has settings other than the vault's.
    pub(crate) settings_differ: bool,
    /// Whether the vault still has the settings that it was made with.
    pub(crate) settings_untouched: bool,
    /// How many items of the archive could not be read.
    pub(crate) unreadable: u32,
    /// How many items hold something of a newer version.
    pub(crate) newer: u32,
}

/// An item that vault and archive have in different versions.
#[derive(Clone, Debug, Serialize, Type)]
pub(crate) struct ArchiveRowView {
    /// `account`, `identity` or `profile`; nothing for what a newer version knows.
    pub(crate) kind: Option<String>,
    /// What it is called.
    pub(crate) name: String,
    /// What becomes of it.
    pub(crate) arrival: ArrivalView,
}

/// What becomes of an item that vault and archive have in different versions.
#[derive(Clone, Copy, Debug, Serialize, Type)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum ArrivalView {
    /// The archive's is newer and takes the place of the vault's.
    Newer,
    /// The vault's is newer and stays.
    Older,
    /// It was deleted in the vault and comes back.
    Back,
    /// The vault has it under another id: which one stays is for the user to say.
    Twin,
}

/// How an archive is taken in.
#[derive(Clone, Copy, Debug, Deserialize, Type)]
pub(crate) struct TakeInView {
    /// Whether the archive's settings take the place of the vault's.
    pub(crate) settings: bool,
    /// Whether the archive's version stays where the vault has an item under another id.
    pub(crate) prefers_archive: bool,
}

/// What was taken in.
#[derive(Clone, Copy, Debug, Serialize, Type)]
pub(crate) struct ArchiveReportView {
    /// Items that were added, or came back.
    pub(crate) added: u32,
    /// Items of which another version was there.
    pub(crate) merged: u32,
    /// Items that were there already.
    pub(crate) same: u32,
    /// Whether the settings were taken over.
    pub(crate) settings: bool,
}
