//! The bin, and earlier versions.

use undercroft_model::{ItemId, Timestamp};

/// An item in the bin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BinRow {
    /// The item.
    pub id: ItemId,
    /// What it is.
    pub kind: BinnedKind,
    /// Its name.
    pub name: String,
    /// The account's name, for an identity.
    pub account: Option<String>,
    /// When it was put there.
    pub binned_at: Timestamp,
    /// When it goes for good.
    pub goes_at: Timestamp,
    /// Whether its account is in the bin too, so that it comes back only with it.
    pub with_account: bool,
}

/// What lies in the bin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BinnedKind {
    /// An account.
    Account,
    /// An identity.
    Identity,
    /// A profile.
    Profile,
}

/// An earlier version of an item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryRow {
    /// Its position, to restore it by.
    pub index: usize,
    /// When it was replaced.
    pub replaced_at: Timestamp,
    /// Whether it lost a merge (rather than having been edited).
    pub lost_merge: bool,
    /// Names of the fields in which it differs from the present version.
    pub differs_in: Vec<&'static str>,
    /// Its name then.
    pub name: String,
}
