//! The unlocked vault and what belongs to it.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use undercroft_model::{
    Account, Content, Field, Identity, Item, ItemId, SealedValue, Timestamp, VaultId,
};
use undercroft_secret::{SecretBytes, SecretString};
use undercroft_vault::{Access, MergeReport, Step, Vault, VaultError};

use crate::{
    Activity, Event, Notice, SessionError,
    approvals::Approvals,
    catalogue::Catalogue,
    enrolment::Enrolling,
    notices::Notices,
    places::{create_private_folder, replace_on},
    rollback::is_rollback,
    scan::PendingScan,
    search::Finder,
    sessions::{Calls, Flights},
    shared::Shared,
    state::{State, StateFile},
    transfer::Transfers,
    two_codes::TwoCodes,
};

/// What exists only while the vault is unlocked; dropping it locks.
///
/// Whoever has a `&mut Unlocked` has the proof that the vault is unlocked: requests get it from the actor and from
/// nowhere else.
pub(crate) struct Unlocked {
    pub(crate) shared: Arc<Shared>,
    pub(crate) vault: Vault,
    pub(crate) catalogue: Catalogue,
    pub(crate) finder: Finder,
    pub(crate) state: State,
    pub(crate) state_file: StateFile,
    pub(crate) notices: Notices,
    pub(crate) flights: Flights,
    pub(crate) calls: Calls,
    pub(crate) scan: PendingScan,
    pub(crate) two_codes: Option<TwoCodes>,
    pub(crate) transfers: Transfers,
    pub(crate) enrolling: Enrolling,
    pub(crate) approvals: Approvals,
    /// What happened in the last seconds and is not in the log yet.
    pub(crate) noted: Vec<Activity>,
}

/// How many kept changes may wait for being taken in; beyond that the first is replaced.
const MOST_UNSAVED: usize = 20;

impl Unlocked {
    pub(crate) fn now(&self) -> Timestamp {
        self.shared.now()
    }

    pub(crate) fn notify(&self, event: Event) {
        self.shared.notify(event);
    }

    /// Reads everything into the lists again.
    pub(crate) fn rebuild_lists(&mut self) {
        self.catalogue = Catalogue::default();
        self.finder = Finder::default();
        for item in self.vault.items().filter_map(Result::ok) {
            self.catalogue.update(&item);
        }
    }

    /// A live account.
    pub(crate) fn account_of(&self, id: ItemId) -> Result<Account, SessionError> {
        match self.live(id)? {
            Content::Account(account) => Ok(account),
            Content::Identity(_)
            | Content::Profile(_)
            | Content::Settings(_)
            | Content::Unknown { .. } => Err(SessionError::NoSuchItem),
        }
    }

    /// A live identity.
    pub(crate) fn identity_of(&self, id: ItemId) -> Result<Identity, SessionError> {
        match self.live(id)? {
            Content::Identity(identity) => Ok(identity),
            Content::Account(_)
            | Content::Profile(_)
            | Content::Settings(_)
            | Content::Unknown { .. } => Err(SessionError::NoSuchItem),
        }
    }

    /// A live identity with its account.
    pub(crate) fn identity_and_account(
        &self,
        id: ItemId,
    ) -> Result<(Identity, Account), SessionError> {
        let identity = self.identity_of(id)?;
        let account = self.account_of(identity.account)?;
        Ok((identity, account))
    }

    fn live(&self, id: ItemId) -> Result<Content, SessionError> {
        self.item(id)?
            .live()
            .cloned()
            .ok_or(SessionError::NoSuchItem)
    }

    pub(crate) fn item(&self, id: ItemId) -> Result<Item, SessionError> {
        self.vault.item(id).map_err(|error| self.failure(&error))
    }

    pub(crate) fn failure(&self, error: &VaultError) -> SessionError {
        SessionError::of_vault(&self.shared, self.vault.path(), error)
    }

    /// Opens a secret text.
    pub(crate) fn unseal_text(
        &self,
        item: ItemId,
        field: &Field,
        value: &SealedValue,
    ) -> Result<SecretString, SessionError> {
        SecretString::from_utf8(self.unseal(item, field, value)?)
            .map_err(|_| SessionError::Internal)
    }

    /// Opens a secret.
    pub(crate) fn unseal(
        &self,
        item: ItemId,
        field: &Field,
        value: &SealedValue,
    ) -> Result<SecretBytes, SessionError> {
        self.vault
            .unseal(item, field, value)
            .map_err(|error| self.failure(&error))
    }

    /// Seals a secret text.
    pub(crate) fn seal_text(&self, item: ItemId, field: &Field, text: SecretString) -> SealedValue {
        self.vault.seal(item, field, &text.into_bytes())
    }

    /// Puts a content into the vault and saves.
    pub(crate) fn put(&mut self, id: ItemId, content: Content) -> Result<(), SessionError> {
        self.demand_writable()?;
        let now = self.now();
        self.vault
            .put(Some(id), content, now)
            .map_err(|error| self.failure(&error))?;
        self.changed(&[id]);
        Ok(())
    }

    /// Changes an item without an entry in its history, and saves.
    pub(crate) fn amend(&mut self, id: ItemId, content: Content) -> Result<(), SessionError> {
        self.demand_writable()?;
        let now = self.now();
        self.vault
            .amend(id, content, now)
            .map_err(|error| self.failure(&error))?;
        self.changed(&[id]);
        Ok(())
    }

    /// Refuses a change to a vault that is open for reading only, before anything is changed.
    pub(crate) fn demand_writable(&self) -> Result<(), SessionError> {
        match self.vault.access() {
            Access::Write => Ok(()),
            Access::Read => Err(SessionError::OpenForReading),
            Access::ReadOnlyPlace => Err(SessionError::ReadOnly {
                path: self.vault.path().to_owned(),
            }),
        }
    }

    /// Takes note of changed items, saves, and tells the windows.
    pub(crate) fn changed(&mut self, items: &[ItemId]) {
        for id in items {
            self.list(*id);
        }
        if !self.state.sessions.is_empty() {
            self.drop_orphaned_sessions();
        }
        self.save();
        let item = match items {
            [one] => Some(*one),
            [] | [_, ..] => None,
        };
        self.notify(Event::Changed { item });
    }

    fn list(&mut self, id: ItemId) {
        if let Some(item) = self.vault.get(id) {
            self.catalogue.update(&item);
            self.finder.update(&item, &self.catalogue);
        }
    }

    /// Saves. A failure is no error here: the change stays in memory and a notice says so.
    pub(crate) fn save(&mut self) {
        let now = self.now();
        match self.vault.save(now) {
            Ok(report) => {
                self.notices
                    .settle(|notice| matches!(notice, Notice::Unsaved { .. }));
                if let Some(merged) = &report.merged {
                    self.merged(merged);
                }
                if report.written || report.merged.is_some() {
                    self.remember_stamp();
                }
            }
            Err(error) => {
                tracing::warn!(%error, "a change could not be saved");
                let error = self.failure(&error);
                self.notices.raise(Notice::Unsaved { error });
            }
        }
    }

    /// Takes note of what came from elsewhere.
    pub(crate) fn merged(&mut self, report: &MergeReport) {
        if report.taken.is_empty() && report.conflicts.is_empty() {
            return;
        }
        self.notices.raise(Notice::Merged {
            conflicts: report.conflicts.len(),
            taken: report.taken.len(),
        });
        self.rebuild_lists();
        self.drop_orphaned_sessions();
        self.follow_settings();
    }

    /// Keeps the vault's newest save as the one seen last, to notice when an older file comes in its place; while such a
    /// file waits for the user's decision, the save seen before it stays.
    pub(crate) fn remember_stamp(&mut self) {
        let undecided = self.notices.all().iter().any(is_rollback);
        if !undecided && self.state.last_seen != self.vault.stamp() {
            self.state.last_seen = self.vault.stamp();
            self.keep_state();
        }
    }

    /// Writes the state file. What is in it and no used step can be lost, so a failure is only noted.
    pub(crate) fn keep_state(&self) {
        if let Err(error) = self.state_file.write(&self.state) {
            tracing::warn!(%error, "the state file was not written");
        }
    }

    /// Ends. A change that could not be saved gets a last chance, and failing that is kept beside the state file, as
    /// encrypted as in the vault, for the next unlocking.
    pub(crate) fn close(mut self) {
        self.flush_activity();
        if !self.vault.is_dirty() {
            return;
        }
        self.save();
        if self.vault.is_dirty()
            && let Err(error) = self.keep_unsaved()
        {
            tracing::error!(%error, "a change could neither be saved nor kept on the disk");
            match self.vault.to_bytes() {
                Ok(bytes) => self.shared.keep_unsaved(self.vault.id(), bytes),
                Err(error) => tracing::error!(%error, "a change is lost"),
            }
        }
    }

    /// Writes the vault as it is in memory, beside those kept before that could not be taken in yet.
    fn keep_unsaved(&self) -> Result<(), VaultError> {
        let mut paths = self.unsaved_paths();
        let path = paths
            .find(|path| self.shared.disk.metadata(path).is_err())
            .unwrap_or_else(|| self.unsaved_path(0));
        let new = path.with_extension("unsaved-new");
        let disk = &self.shared.disk;
        // Usually there; writing says so if it can't be made.
        let _ = create_private_folder(&self.shared.state_dir);
        let _ = disk.remove(&new);
        self.vault.write_copy(&new)?;
        disk.rename(&new, &path).map_err(|source| VaultError::Io {
            step: Step::Replace,
            source,
        })
    }

    /// Takes in the changes that could not be saved when the vault was locked.
    pub(crate) fn take_in_unsaved(&mut self) {
        if let Some(bytes) = self.shared.unsaved_of(self.vault.id()) {
            match self.vault.merge_bytes(&bytes) {
                Ok(merged) => {
                    self.merged(&merged);
                    self.save();
                }
                Err(error) => {
                    tracing::warn!(%error, "a kept change could not be taken in");
                    self.shared.keep_unsaved(self.vault.id(), bytes);
                }
            }
        }
        let kept: Vec<_> = self
            .unsaved_paths()
            .filter(|path| self.shared.disk.metadata(path).is_ok())
            .collect();
        for path in kept {
            match self.vault.merge_file(&path) {
                Ok(merged) => {
                    self.merged(&merged);
                    self.save();
                    if !self.vault.is_dirty() {
                        let _ = self.shared.disk.remove(&path);
                    }
                }
                Err(error) => tracing::warn!(%error, "a kept change could not be taken in"),
            }
        }
    }

    /// Takes in what a sync service put beside the vault because two machines had changed it.
    pub(crate) fn take_in_copies(&mut self) {
        match self.vault.merge_copies() {
            Ok(found) => {
                if found.used > 0 {
                    self.merged(&found.merged);
                    self.save();
                }
            }
            Err(error) => tracing::warn!(%error, "copies beside the vault were not looked for"),
        }
    }

    /// Gives up what was kept, because an older version was put back on purpose.
    pub(crate) fn give_up_unsaved(&self) {
        let _ = self.shared.unsaved_of(self.vault.id());
        for path in self.unsaved_paths() {
            let _ = self.shared.disk.remove(&path);
        }
    }

    fn unsaved_paths(&self) -> impl Iterator<Item = PathBuf> {
        (0..MOST_UNSAVED).map(|number| self.unsaved_path(number))
    }

    fn unsaved_path(&self, number: usize) -> PathBuf {
        unsaved_path(&self.shared.state_dir, self.vault.id(), number)
    }
}

/// Gives what no disk took at locking a last chance before the program ends.
pub(crate) fn keep_unsaved_at_last(shared: &Shared) {
    let Some((id, bytes)) = shared.unsaved() else {
        return;
    };
    let path = (0..MOST_UNSAVED)
        .map(|number| unsaved_path(&shared.state_dir, id, number))
        .find(|path| shared.disk.metadata(path).is_err());
    let path = path.unwrap_or_else(|| unsaved_path(&shared.state_dir, id, 0));
    if let Err(error) = replace_on(&*shared.disk, &path, &bytes) {
        tracing::error!(%error, "a change is lost");
    }
}

fn unsaved_path(state_dir: &Path, id: VaultId, number: usize) -> PathBuf {
    let name = match number {
        0 => format!("{id}.unsaved"),
        _ => format!("{id}.{number}.unsaved"),
    };
    state_dir.join(name)
}
