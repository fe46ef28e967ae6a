//! Bringing back what an older file, put in the vault's place, does not have: from the backups, and from the copies that
//! sync services put beside a file that two machines have changed.

use std::ffi::OsStr;
use std::path::PathBuf;

use undercroft_model::InstallationId;

use crate::body::MAX_SAVES;
use crate::error::{Step, VaultError};
use crate::format;
use crate::store::merge::MergeReport;
use crate::store::place::Place;

use super::saving::Draft;
use super::{Vault, read_file};

/// What marks the name of a copy that a sync service made of a conflict: `it (Ada's conflicted copy 2026-11-23).undercroft`,
/// `it.sync-conflict-20261123-100000-ABCDEFG.undercroft`.
const CONFLICT: &str = "conflict";
/// More copies than this are not looked at in one go.
const MOST_COPIES: usize = 50;

/// What other files had that the vault had not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewerBackups {
    /// What was merged.
    pub merged: MergeReport,
    /// How many files had something new.
    pub used: usize,
    /// How many files could not be read, or have another vault key.
    pub unreadable: usize,
}

impl Vault {
    /// Merges the backups that hold saves which the vault does not know, and the copies of conflicts; the next
    /// [`Vault::save`] writes.
    ///
    /// # Errors
    /// What the disk answers when they are listed. A file that can't be read is counted and passed over.
    pub fn merge_newer_backups(&mut self) -> Result<NewerBackups, VaultError> {
        let backups = self.backups()?.into_iter().map(|backup| backup.path);
        let files = backups.chain(self.copies()?).collect();
        self.merge_newer(files)
    }

    /// Merges the copies beside the vault that a sync service made because two machines had changed it, where they hold
    /// saves which the vault does not know; the next [`Vault::save`] writes. The copies stay where they are.
    ///
    /// # Errors
    /// As [`Vault::merge_newer_backups`].
    pub fn merge_copies(&mut self) -> Result<NewerBackups, VaultError> {
        let copies = self.copies()?;
        self.merge_newer(copies)
    }

    /// Copies of conflicts, known by their names.
    fn copies(&self) -> Result<Vec<PathBuf>, VaultError> {
        let file = self.place.file();
        let text = |part: Option<&OsStr>| part.map(|part| part.to_string_lossy().into_owned());
        let (stem, extension) = (text(file.file_stem()), text(file.extension()));
        let is_copy = |path: &PathBuf| {
            let name = text(path.file_stem()).unwrap_or_default();
            let rest = stem.as_deref().and_then(|stem| name.strip_prefix(stem));
            text(path.extension()) == extension
                && rest.is_some_and(|rest| rest.to_lowercase().contains(CONFLICT))
        };
        let listed = self.disk.list(self.place.folder());
        let mut copies: Vec<PathBuf> = listed
            .map_err(|error| Step::FindFolder.failed(error))?
            .into_iter()
            .filter(is_copy)
            .collect();
        copies.sort();
        copies.truncate(MOST_COPIES);
        Ok(copies)
    }

    fn merge_newer(&mut self, files: Vec<PathBuf>) -> Result<NewerBackups, VaultError> {
        let mut found = NewerBackups::default();
        for path in files {
            let opened = Place::of_existing(&*self.disk, &path)
                .and_then(|place| read_file(&*self.disk, &place))
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
            let before = (self.header.clone(), self.body.clone(), self.dirty);
            let report = self.take_in(Draft {
                key: self.key.clone(),
                header,
                body,
            })?;
            let is_known = self.body.items == before.1.items && self.header.slots == before.0.slots;
            if is_known && before.1.saves.len() >= MAX_SAVES {
                // Merged so long ago that the list of saves does not tell any more.
                (self.header, self.body, self.dirty) = before;
                continue;
            }
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
