//! What holds across fields and items, beyond what a single value's type can say.
//!
//! Check an account or an identity before it is put into the vault. Other items are passed as pairs of their id and
//! content, those in the bin left out: an account in the bin does not stand in the way of a new one.

mod account;
mod identity;
mod profile;
mod texts;

pub use account::{AccountRuleError, check_account, find_account};
pub use identity::{IdentityRuleError, check_identity, check_serial};
pub use profile::{MAX_CHAIN, MAX_POLICY_ARNS, MAX_SESSION_TAGS, ProfileRuleError, check_profile};
pub use texts::{TextError, check_label, check_notes};

use crate::{
    record::{Item, ItemState, PastContent, PastPassword, SealedValue, SignOn},
    timestamp::Timestamp,
};

/// How many MFA devices an identity has at most; AWS's own limit.
pub const MAX_DEVICES: usize = 8;
/// How many access keys an identity has at most; AWS's own limit.
pub const MAX_KEYS: usize = 2;
/// How many earlier passwords a sign-on keeps.
pub const MAX_PAST_PASSWORDS: usize = 20;
/// How many earlier contents an item keeps.
pub const MAX_HISTORY: usize = 20;
/// How many tags an account has at most.
pub const MAX_TAGS: usize = 50;
/// How many custom secrets an account or identity has at most.
pub const MAX_SECRETS: usize = 50;
/// How long a binned item can be restored, in seconds: 30 days.
pub const BIN_SECS: i64 = 30 * 86_400;

impl Item {
    /// When the item leaves the bin for good; `None` when it is not in the bin.
    #[must_use]
    pub fn leaves_bin_at(&self) -> Option<Timestamp> {
        match &self.state {
            ItemState::Binned { at, .. } => Some(at.plus_secs(BIN_SECS)),
            ItemState::Live(_) | ItemState::Deleted { .. } => None,
        }
    }

    /// Adds a replaced content to the history, which forgets its oldest entries beyond [`MAX_HISTORY`].
    pub fn remember(&mut self, past: PastContent) {
        self.history.push(past);
        drop_oldest(&mut self.history, MAX_HISTORY);
    }
}

impl SignOn {
    /// A sign-on with its first password.
    #[must_use]
    pub fn new(password: SealedValue, now: Timestamp) -> Self {
        Self {
            password,
            changed_at: now,
            past: Vec::new(),
            extra: crate::record::Extra::new(),
        }
    }

    /// Replaces the password; the present one goes to the past ones, which forget the oldest beyond
    /// [`MAX_PAST_PASSWORDS`].
    pub fn replace_password(&mut self, password: SealedValue, now: Timestamp) {
        let value = std::mem::replace(&mut self.password, password);
        self.changed_at = now;
        self.past.push(PastPassword {
            value,
            replaced_at: now,
            extra: crate::record::Extra::new(),
        });
        drop_oldest(&mut self.past, MAX_PAST_PASSWORDS);
    }
}

fn drop_oldest<T>(entries: &mut Vec<T>, limit: usize) {
    let surplus = entries.len().saturating_sub(limit);
    entries.drain(..surplus);
}

#[cfg(test)]
mod tests;
