//! What a user can do about an older or a strange file in the vault's place: keep it (by dismissing the notice), merge
//! it with the backups, or look at it without changing anything.

use undercroft_vault::Rollback;

use crate::{Event, Notice, Session, SessionError, unlocked::Unlocked};

/// What merging with the backups brought back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reunion {
    /// Items that were taken over.
    pub taken: usize,
    /// Items of which the other version went to the history.
    pub conflicts: usize,
    /// Whether everything up to the save last seen on this machine is back.
    pub complete: bool,
    /// Backups that could not be read, or have another vault key.
    pub unreadable: usize,
}

impl Session {
    /// Merges the backups with an older or forked file in the vault's place, and saves.
    ///
    /// The save that was last seen is usually in no backup, since a backup is made of what a save replaces:
    /// [`Reunion::complete`] says so.
    ///
    /// # Errors
    /// What the disk answers; when there is no such notice.
    pub async fn merge_backups(&self) -> Result<Reunion, SessionError> {
        self.act(Unlocked::merge_backups).await
    }

    /// Opens an older or forked file for reading only, until the vault is locked.
    ///
    /// # Errors
    /// When there is no such notice.
    pub async fn read_only(&self) -> Result<(), SessionError> {
        self.act(Unlocked::make_read_only).await
    }
}

impl Unlocked {
    /// Warns of a file that does not follow from the one last seen here.
    pub(crate) fn warn_of(&mut self, rollback: Rollback) {
        // What is changed from now on must not be taken for what was changed in the version that is gone.
        self.shared.renew_installation();
        self.vault.go_on_as(self.shared.installation());
        self.notices.raise(match rollback {
            Rollback::Older { seen, found } => Notice::RolledBack {
                seen: seen.counter,
                found: found.counter,
            },
            Rollback::Fork { .. } => Notice::Forked,
        });
    }

    fn merge_backups(&mut self) -> Result<Reunion, SessionError> {
        self.demand_rollback()?;
        self.demand_writable()?;
        let seen = self.state.last_seen;
        let found = self
            .vault
            .merge_newer_backups()
            .map_err(|error| self.failure(&error))?;
        self.rebuild_lists();
        self.drop_orphaned_sessions();
        self.follow_settings();
        self.save();
        let complete = seen.is_none_or(|seen| self.vault.rollback_since(seen).is_none());
        self.notices.settle(is_rollback);
        self.go_on();
        self.notify(Event::Changed { item: None });
        Ok(Reunion {
            taken: found.merged.taken.len(),
            conflicts: found.merged.conflicts.len(),
            complete,
            unreadable: found.unreadable,
        })
    }

    fn make_read_only(&mut self) -> Result<(), SessionError> {
        self.demand_rollback()?;
        self.vault.make_read_only();
        // The save last seen stays: the next unlocking warns again.
        self.notices.settle(is_rollback);
        self.notices.raise(Notice::ReadOnly { place: false });
        self.notify(Event::Changed { item: None });
        Ok(())
    }

    fn demand_rollback(&self) -> Result<(), SessionError> {
        let mut notices = self.notices.all().iter();
        notices
            .any(is_rollback)
            .then_some(())
            .ok_or(SessionError::NoSuchItem)
    }
}

/// Whether a notice is about a file that does not follow from the one last seen.
pub(crate) fn is_rollback(notice: &Notice) -> bool {
    matches!(notice, Notice::RolledBack { .. } | Notice::Forked)
}
