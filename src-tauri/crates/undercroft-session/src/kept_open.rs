//! What keeps the vault from locking for want of use.

use std::sync::{
    Arc, Weak,
    atomic::{AtomicUsize, Ordering},
};

use crate::{Session, shared::Shared};

/// Keeps the vault from locking for want of use as long as it is held: something is on show that would be lost.
///
/// Locking for any other reason goes on. When the last one is dropped, the idle time begins anew.
#[derive(Debug)]
#[must_use = "the vault locks by itself again when this is dropped"]
pub struct KeptOpen {
    holders: Holders,
    shared: Weak<Shared>,
}

/// How many hold the vault open.
#[derive(Clone, Debug, Default)]
pub(crate) struct Holders(Arc<AtomicUsize>);

impl Holders {
    /// Whether anybody does.
    pub(crate) fn any(&self) -> bool {
        self.0.load(Ordering::Acquire) > 0
    }
}

impl Session {
    /// Keeps the vault from locking for want of use until the answer is dropped.
    pub fn keep_open(&self) -> KeptOpen {
        let holders = self.shared.holders.clone();
        holders.0.fetch_add(1, Ordering::AcqRel);
        KeptOpen {
            holders,
            shared: Arc::downgrade(&self.shared),
        }
    }
}

impl Drop for KeptOpen {
    fn drop(&mut self) {
        if let Some(shared) = self.shared.upgrade() {
            shared.touch();
        }
        self.holders.0.fetch_sub(1, Ordering::AcqRel);
    }
}
