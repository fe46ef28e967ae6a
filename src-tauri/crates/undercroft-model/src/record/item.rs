//! Items: what the vault keeps, with their revisions and history.

use serde::{Deserialize, Serialize};

use super::{content::Content, macros::record};
use crate::{
    id::{InstallationId, ItemId},
    timestamp::Timestamp,
};

/// Which of two versions of a thing is the newer: the higher counter, then the higher installation; never the clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Revision {
    /// One more than the revision that was changed.
    pub counter: u64,
    /// Who made the change.
    pub installation: InstallationId,
}

impl Revision {
    /// The first revision, made by an installation.
    #[must_use]
    pub const fn first(installation: InstallationId) -> Self {
        Self {
            counter: 1,
            installation,
        }
    }

    /// The revision after this one, made by an installation.
    #[must_use]
    pub const fn next(self, installation: InstallationId) -> Self {
        Self {
            counter: self.counter.saturating_add(1),
            installation,
        }
    }
}

record! {
    /// One thing in the vault, through all its changes.
    #[derive(Clone, Debug, PartialEq)]
    pub struct Item {
        /// Names the item for its whole life.
        required id: ItemId,
        /// The revision of the present state.
        required revision: Revision,
        /// When the item was made.
        required created_at: Timestamp,
        /// When the present state was made.
        required modified_at: Timestamp,
        /// What the item is now.
        required state: ItemState,
        /// Contents that were replaced, newest last.
        optional history: Vec<PastContent>,
    }
}

/// What an item is now.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum ItemState {
    /// In use.
    Live(Content),
    /// In the bin, from which it can be restored.
    Binned {
        /// When it was put there.
        at: Timestamp,
        /// What it was.
        content: Content,
    },
    /// Gone; stays as a tombstone so that merging does not bring it back.
    Deleted {
        /// When it was deleted.
        at: Timestamp,
    },
}

record! {
    /// A content that was replaced.
    #[derive(Clone, Debug, PartialEq)]
    pub struct PastContent {
        /// The revision that had it.
        required revision: Revision,
        /// When it was replaced.
        required replaced_at: Timestamp,
        /// Why it was replaced.
        required reason: PastReason,
        /// The content itself.
        required content: Content,
    }
}

/// Why a content became history.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PastReason {
    /// Somebody changed the item.
    Edited,
    /// Two changes met and the other one was newer.
    LostMerge,
}

impl Item {
    /// What the item holds, live or in the bin; `None` once it was deleted.
    #[must_use]
    pub fn content(&self) -> Option<&Content> {
        match &self.state {
            ItemState::Live(content) | ItemState::Binned { content, .. } => Some(content),
            ItemState::Deleted { .. } => None,
        }
    }

    /// What the item holds, when it is neither in the bin nor deleted.
    #[must_use]
    pub fn live(&self) -> Option<&Content> {
        match &self.state {
            ItemState::Live(content) => Some(content),
            ItemState::Binned { .. } | ItemState::Deleted { .. } => None,
        }
    }
}
