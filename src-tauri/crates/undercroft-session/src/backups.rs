//! Backups, restoring them, and checking the vault file.

use std::path::{Path, PathBuf};

use tokio::task::spawn_blocking;
use undercroft_secret::SecretString;
use undercroft_vault::{
    Backup, Credential, SlotKind, UnlockOptions, Vault, VaultError, backups_of, restore_backup,
};

use crate::{
    BackupRow, CheckReport, Event, Notice, Session, SessionError, VaultDetails, actor::Core,
    rollback::is_rollback, shared::Shared, unlocked::Unlocked,
};

impl Session {
    /// The vault's backups, newest first; the vault may be locked, damaged or gone.
    ///
    /// # Errors
    /// What the disk answers.
    pub async fn locked_backups(&self) -> Result<Vec<BackupRow>, SessionError> {
        let shared = self.shared.clone();
        spawn_blocking(move || rows(&shared, &shared.vault_path()))
            .await
            .map_err(|_| SessionError::Internal)?
    }

    /// The vault's backups, newest first.
    ///
    /// # Errors
    /// What the disk answers; when the vault is locked.
    pub async fn backups(&self) -> Result<Vec<BackupRow>, SessionError> {
        self.look(|open| rows(&open.shared, open.vault.path()))
            .await
    }

    /// Puts a backup in the place of a damaged or missing vault, when `password` opens it, and unlocks it.
    ///
    /// The file that was there is kept among the backups.
    ///
    /// # Errors
    /// [`SessionError::WrongPassword`]; what is wrong with the backup; what the disk answers.
    pub async fn restore_and_unlock(
        &self,
        backup: String,
        password: SecretString,
    ) -> Result<(), SessionError> {
        self.ask(move |core| core.restore_and_unlock(&backup, &password))
            .await
    }

    /// Puts a backup in the unlocked vault's place. The present version is kept among the backups.
    ///
    /// Where the backup still has an older password the vault is locked afterwards.
    ///
    /// # Errors
    /// [`SessionError::WrongPassword`] when it is not the present password; what the disk answers.
    pub async fn restore_backup(
        &self,
        backup: String,
        password: SecretString,
    ) -> Result<(), SessionError> {
        self.ask(move |core| core.restore_backup(&backup, &password))
            .await
    }

    /// What the settings page says about the vault file.
    ///
    /// # Errors
    /// What the disk answers; when the vault is locked.
    pub async fn vault_details(&self) -> Result<VaultDetails, SessionError> {
        self.look(|open| open.vault_details()).await
    }

    /// Checks the file on the disk, decodes every item and opens every secret.
    ///
    /// # Errors
    /// When the vault is locked; what is wrong with it is in the report.
    pub async fn check_vault(&self) -> Result<CheckReport, SessionError> {
        self.act(|open| Ok(open.check())).await
    }
}

fn rows(shared: &Shared, path: &Path) -> Result<Vec<BackupRow>, SessionError> {
    let backups = backups_of(&*shared.disk, path)
        .map_err(|error| SessionError::of_vault(shared, path, &error))?;
    let row = |backup: &Backup| BackupRow {
        id: name(backup),
        saved_at: backup.saved_at,
        size_bytes: backup.size_bytes,
        sound: undercroft_vault::check(&*shared.disk, &backup.path).is_ok(),
    };
    Ok(backups.iter().map(row).collect())
}

fn name(backup: &Backup) -> String {
    let name = backup.path.file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}

/// Finds a backup by its name. Only names that the list has are taken, so none leads elsewhere.
fn find(shared: &Shared, vault: &Path, id: &str) -> Result<PathBuf, SessionError> {
    backups_of(&*shared.disk, vault)
        .map_err(|error| SessionError::of_vault(shared, vault, &error))?
        .into_iter()
        .find(|backup| name(backup) == id)
        .map(|backup| backup.path)
        .ok_or(SessionError::NoSuchItem)
}

impl Core {
    fn restore_and_unlock(
        &mut self,
        id: &str,
        password: &SecretString,
    ) -> Result<(), SessionError> {
        if self.open.is_some() {
            return self.restore_backup(id, password);
        }
        let shared = self.shared.clone();
        let credential = Credential::Password(password);
        shared.demand_no_wait(credential)?;
        let vault = shared.vault_path();
        let backup = find(&shared, &vault, id)?;
        // Opened before it is put in place: somebody without the password must not bring an old version back.
        let refused = |error: &VaultError| shared.refused(credential, &backup, error);
        let bytes = shared
            .disk
            .read(&backup, 65 * 1024 * 1024)
            .map_err(|error| SessionError::Disk {
                path: backup.clone(),
                detail: error.to_string(),
            })?;
        let opened = undercroft_vault::open(&bytes, credential)
            .map_err(|error| refused(&VaultError::Format(error)))?;
        shared.slowdown().right();
        shared.forget_quick_unlock(opened.body.vault);
        put_in_place(&shared, &vault, &backup)?;
        let options = UnlockOptions {
            raise_to: None,
            ..UnlockOptions::new(shared.installation(), shared.now())
        };
        let (vault, _) =
            Vault::unlock_with_key(shared.disk.clone(), &vault, &opened.vault_key, options)
                .map_err(|error| SessionError::of_vault(&shared, &vault, &error))?;
        self.open = Some(Box::new(Unlocked::restored(shared, vault)));
        Ok(())
    }

    fn restore_backup(&mut self, id: &str, password: &SecretString) -> Result<(), SessionError> {
        let open = self.unlocked()?;
        open.demand_password(password)?;
        let vault = open.vault.path().to_owned();
        let backup = find(&open.shared, &vault, id)?;
        open.forget_quick_unlock();
        let shared = self.shared.clone();
        self.close();
        let put = put_in_place(&shared, &vault, &backup);
        let options = UnlockOptions {
            raise_to: None,
            ..UnlockOptions::new(shared.installation(), shared.now())
        };
        let credential = Credential::Password(password);
        // Whichever file is there now; one with an older password stays locked.
        let unlocked = Vault::unlock(shared.disk.clone(), &vault, credential, options);
        if let Ok((vault, _)) = unlocked {
            let open = if put.is_ok() {
                Unlocked::restored(shared.clone(), vault)
            } else {
                Unlocked::new(shared.clone(), vault)
            };
            self.open = Some(Box::new(open));
            shared.notify(Event::Changed { item: None });
        }
        put
    }
}

fn put_in_place(shared: &Shared, vault: &Path, backup: &Path) -> Result<(), SessionError> {
    restore_backup(&*shared.disk, vault, backup, shared.now())
        .map_err(|error| SessionError::of_vault(shared, vault, &error))?;
    // What is changed from now on must not be taken for what was given up.
    shared.renew_installation();
    Ok(())
}

impl Unlocked {
    /// Takes over a vault that was put back on purpose, which is no rollback to warn of.
    fn restored(shared: std::sync::Arc<Shared>, vault: Vault) -> Self {
        let mut open = Self::new(shared, vault);
        open.notices
            .settle(|notice| is_rollback(notice) || *notice == Notice::StateReset);
        open.give_up_unsaved();
        open.remember_stamp();
        open
    }

    fn vault_details(&self) -> Result<VaultDetails, SessionError> {
        let path = self.vault.path();
        let report = undercroft_vault::check(&*self.shared.disk, path)
            .map_err(|error| self.failure(&error))?;
        let stamp = self.vault.stamp();
        let kdf = self
            .vault
            .slots()
            .find(|(kind, _)| *kind == SlotKind::Password)
            .and_then(|(_, kdf)| kdf);
        Ok(VaultDetails {
            path: path.to_owned(),
            size_bytes: report.size_bytes,
            saves: stamp.map_or(0, |stamp| stamp.counter),
            saved_at: stamp.map_or(self.now(), |stamp| stamp.at),
            format: report.version.to_string(),
            kdf_memory_kib: kdf.map_or(0, |kdf| kdf.memory_kib),
            kdf_iterations: kdf.map_or(0, |kdf| kdf.iterations),
            kdf_lanes: kdf.map_or(0, |kdf| kdf.lanes),
            has_recovery_key: self
                .vault
                .slots()
                .any(|(kind, _)| kind == SlotKind::RecoveryKey),
            clocks: self.clock_offsets(),
        })
    }

    fn check(&self) -> CheckReport {
        let path = self.vault.path();
        let file = undercroft_vault::check(&*self.shared.disk, path);
        let inside = self.vault.check_items();
        let problem = match file {
            Err(error) => Some(self.failure(&error)),
            Ok(_) if inside.bad.is_empty() => None,
            Ok(_) => Some(SessionError::Damaged {
                path: path.to_owned(),
                backups: self.vault.backups().map_or(0, |backups| {
                    u32::try_from(backups.len()).unwrap_or(u32::MAX)
                }),
            }),
        };
        CheckReport {
            problem,
            items: inside.items,
            secrets: inside.secrets,
        }
    }
}
