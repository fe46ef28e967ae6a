//! Putting a plan into the vault, with one save.

use undercroft_model::Content;

use super::plan::Changes;
use crate::{SessionError, unlocked::Unlocked};

impl Unlocked {
    pub(super) fn carry_out_import(&mut self, changes: Changes) -> Result<(), SessionError> {
        let Changes {
            accounts,
            identities,
            profiles,
        } = changes;
        let accounts = accounts
            .into_iter()
            .map(|(id, account)| (id, Content::Account(account)));
        let identities = identities
            .into_iter()
            .map(|(id, identity)| (id, Content::Identity(identity)));
        let profiles = profiles
            .into_iter()
            .map(|(id, profile)| (id, Content::Profile(profile)));
        let now = self.now();
        let mut changed = Vec::new();
        for (id, content) in accounts.chain(identities).chain(profiles) {
            self.vault
                .put(Some(id), content, now)
                .map_err(|error| self.failure(&error))?;
            changed.push(id);
        }
        if !changed.is_empty() {
            self.changed(&changed);
        }
        Ok(())
    }
}
