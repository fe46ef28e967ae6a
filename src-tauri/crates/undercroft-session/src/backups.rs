//! Backups, restoring them, and checking the vault file.

use std::path::{Path, PathBuf};

use tokio::task::spawn_blocking;
use undercroft_secret::SecretString;
use undercroft_vault::{
    Backup, Credential, MAX_FILE_LEN, Opened, RecoveryKey, SaveStamp, SlotKind, UnlockOptions,
    Vault, VaultError, backups_of, restore_backup,
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

    /// Puts the newest backup that is whole and that `password` opens in the place of a damaged or missing vault, and
    /// unlocks it. What is missing then is told by [`Notice::Restored`].
    ///
    /// Damaged backups are passed over. A whole one with another password is not: a newer version is not given up
    /// for a mistyped password.
    ///
    /// # Errors
    /// [`SessionError::WrongPassword`]; [`SessionError::NoSuchItem`] when there is no backup, and what is wrong with
    /// the oldest one when none is whole; what the disk answers.
    pub async fn restore_newest_and_unlock(
        &self,
        password: SecretString,
    ) -> Result<(), SessionError> {
        self.ask(move |core| core.restore_newest_and_unlock(Credential::Password(&password)))
            .await
    }

    /// The same by the recovery key, for when the password is lost as well; a new one is to be set afterwards.
    ///
    /// # Errors
    /// [`SessionError::MistypedRecoveryKey`], [`SessionError::WrongRecoveryKey`]; otherwise as
    /// [`Session::restore_newest_and_unlock`].
    pub async fn restore_newest_with_recovery_key(
        &self,
        typed: SecretString,
    ) -> Result<(), SessionError> {
        self.ask(move |core| {
            // Exposed to be read as a key.
            let key = RecoveryKey::parse(typed.expose())
                .map_err(|_| SessionError::MistypedRecoveryKey)?;
            core.restore_newest_and_unlock(Credential::RecoveryKey(&key))
        })
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

/// Opens a backup before it is put in place: somebody without the password must not bring an old version back.
fn opened(
    shared: &Shared,
    backup: &Path,
    credential: Credential<'_>,
) -> Result<Opened, SessionError> {
    let bytes = shared
        .disk
        .read(backup, MAX_FILE_LEN as u64)
        .map_err(|error| SessionError::Disk {
            path: backup.to_owned(),
            detail: error.to_string(),
        })?;
    undercroft_vault::open(&bytes, credential)
        .map_err(|error| shared.refused(credential, backup, &VaultError::Format(error)))
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
        let backup = find(&shared, &shared.vault_path(), id)?;
        let opened = opened(&shared, &backup, credential)?;
        self.put_back(&backup, &opened, 0)
    }

    fn restore_newest_and_unlock(
        &mut self,
        credential: Credential<'_>,
    ) -> Result<(), SessionError> {
        if self.open.is_some() {
            // What is open is whole.
            return self.unlock(credential);
        }
        let shared = self.shared.clone();
        shared.demand_no_wait(credential)?;
        let vault = shared.vault_path();
        let backups = backups_of(&*shared.disk, &vault)
            .map_err(|error| SessionError::of_vault(&shared, &vault, &error))?;
        let mut passed_over = 0;
        let mut last = SessionError::NoSuchItem;
        for backup in backups {
            match opened(&shared, &backup.path, credential) {
                Ok(opened) => {
                    self.put_back(&backup.path, &opened, passed_over)?;
                    let by_key = matches!(credential, Credential::RecoveryKey(_));
                    shared.set_needs_new_password(by_key);
                    return Ok(());
                }
                Err(error @ (SessionError::Damaged { .. } | SessionError::NotAVault { .. })) => {
                    passed_over += 1;
                    last = error;
                }
                Err(error) => return Err(error),
            }
        }
        Err(last)
    }

    /// Puts a backup that was opened in the vault's place.
    fn put_back(
        &mut self,
        backup: &Path,
        opened: &Opened,
        passed_over: usize,
    ) -> Result<(), SessionError> {
        let shared = self.shared.clone();
        let vault = shared.vault_path();
        shared.slowdown().right();
        shared.forget_quick_unlock(opened.body.vault);
        put_in_place(&shared, &vault, backup)?;
        let options = UnlockOptions::new(shared.installation(), shared.now());
        let (vault, _) =
            Vault::unlock_with_key(shared.disk.clone(), &vault, &opened.vault_key, options)
                .map_err(|error| SessionError::of_vault(&shared, &vault, &error))?;
        let mut open = Unlocked::new(shared, vault);
        let last_seen = open.state.last_seen;
        open.take_as_restored();
        open.say_what_is_missing(last_seen, passed_over);
        self.open = Some(Box::new(open));
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
            let mut open = Unlocked::new(shared.clone(), vault);
            if put.is_ok() {
                open.take_as_restored();
            }
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
    fn take_as_restored(&mut self) {
        self.notices.settle(is_rollback);
        self.give_up_unsaved();
        self.remember_stamp();
    }

    /// Says of what time the vault is now, and how many saves that this machine has seen are not in it.
    fn say_what_is_missing(&mut self, last_seen: Option<SaveStamp>, passed_over: usize) {
        let Some(found) = self.vault.stamp() else {
            return;
        };
        let later = last_seen.filter(|seen| seen.counter > found.counter);
        self.notices.raise(Notice::Restored {
            saved_at: found.at,
            missing_saves: later.map_or(0, |seen| seen.counter - found.counter),
            last_save_at: later.map(|seen| seen.at),
            passed_over,
        });
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
