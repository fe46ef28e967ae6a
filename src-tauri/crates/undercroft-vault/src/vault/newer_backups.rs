//! Bringing back what an older file, put in the vault's place, does not have.

use undercroft_model::InstallationId;

use crate::error::VaultError;
use crate::format;
use crate::store::merge::MergeReport;
use crate::store::place::Place;

use super::saving::Draft;
use super::{Vault, read_file};

/// What the backups had that the vault had not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewerBackups {
    /// What was merged.
    pub merged: MergeReport,
    /// How many backups had something new.
    pub used: usize,
    /// How many backups could not be read, or have another vault key.
    pub unreadable: usize,
}

impl Vault {
    /// Merges the backups that hold saves which the vault does not know; the next [`Vault::save`] writes.
    ///
    /// # Errors
    /// What the disk answers when the backups are listed. A backup that can't be read is counted and passed over.
    pub fn merge_newer_backups(&mut self) -> Result<NewerBackups, VaultError> {
        let mut found = NewerBackups::default();
        for backup in self.backups()? {
            let place = Place::of_existing(&*self.disk, &backup.path)?;
            let opened = read_file(&*self.disk, &place)
                .ok()
                .and_then(|bytes| format::open_with_key(&bytes, &self.key).ok());
            let Some((header, body)) = opened.filter(|(_, body)| body.vault == self.body.vault)
            else {
                found.unreadable += 1;
                continue;
            };
            let newest = body.saves.last().map(|save| save.id);
            if self.body.saves.iter().any(|save| Some(save.id) == newest) {
                continue;
            }
            let report = self.take_in(Draft {
                key: self.key.clone(),
                header,
                body,
            })?;
            found.used += 1;
            found.merged.taken.extend(report.taken);
            found.merged.conflicts.extend(report.conflicts);
            found.merged.lost.extend(report.lost);
            found.merged.slots_changed |= report.slots_changed;
        }
        let merged = &mut found.merged;
        for items in [&mut merged.taken, &mut merged.conflicts, &mut merged.lost] {
            items.sort_unstable();
            items.dedup();
        }
        Ok(found)
    }

    /// Goes on as another installation, so that changes from now on are never taken for those of a version that was
    /// lost from the vault's place.
    pub fn go_on_as(&mut self, installation: InstallationId) {
        self.installation = installation;
    }
}
