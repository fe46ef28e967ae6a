//! Making, opening, unlocking and moving a vault.

use std::path::{Path, PathBuf};

use tokio::task::spawn_blocking;
use undercroft_model::Timestamp;
use undercroft_secret::SecretString;
use undercroft_vault::{
    BIN_SECS, CreateOptions, Credential, FormatError, KdfParams, RecoveryKey, UnlockOptions, Vault,
    VaultError,
};

use crate::{
    Event, Notice, RecoveryKit, Session, SessionError, Status, VaultState,
    actor::Core,
    places,
    rollback::is_rollback,
    shared::Shared,
    state::{Opened, StateFile},
    strength,
    unlocked::Unlocked,
};

impl Session {
    /// Tells what can be told without a password. Answers also while a request is running.
    pub async fn status(&self) -> Status {
        let shared = self.shared.clone();
        let path = shared.vault_path();
        let looked_at = path.clone();
        let looks = shared.clone();
        let (exists, quick) = spawn_blocking(move || {
            let exists = looks.disk.metadata(&looked_at).is_ok();
            (exists, looks.offers_quick_unlock())
        })
        .await
        .unwrap_or_default();
        let state = match (shared.is_open(), exists) {
            (true, true | false) => VaultState::Unlocked,
            (false, true) => VaultState::Locked,
            (false, false) => VaultState::NoVault,
        };
        Status {
            is_known: shared.remembered().vault.as_ref() == Some(&path),
            path,
            state,
            quick_unlock: state == VaultState::Locked && quick,
            wait_secs: shared.wait_secs(),
            theme: shared.remembered().theme,
            needs_new_password: shared.needs_new_password(),
        }
    }

    /// Tells what is wrong with the vault file, as far as shows without a password; nothing when it is whole.
    pub async fn problem(&self) -> Option<SessionError> {
        let shared = self.shared.clone();
        let checked = spawn_blocking(move || {
            let path = shared.vault_path();
            undercroft_vault::check(&*shared.disk, &path)
                .err()
                .map(|error| SessionError::of_vault(&shared, &path, &error))
        });
        checked.await.unwrap_or(Some(SessionError::Internal))
    }

    /// Tells whether another program has the vault unlocked.
    ///
    /// # Errors
    /// [`SessionError::InUse`] when one has. What else may be wrong with the file is left to unlocking.
    pub async fn check_free(&self) -> Result<(), SessionError> {
        let shared = self.shared.clone();
        if shared.is_open() {
            return Ok(());
        }
        let checked = spawn_blocking(move || {
            let path = shared.vault_path();
            match undercroft_vault::check_free(&*shared.disk, &path) {
                Err(error @ VaultError::InUse { .. }) => {
                    Err(SessionError::of_vault(&shared, &path, &error))
                }
                Ok(()) | Err(_) => Ok(()),
            }
        });
        checked.await.unwrap_or(Err(SessionError::Internal))
    }

    /// Turns to another vault file, locking the present one.
    ///
    /// # Errors
    /// When the file is no vault or can't be read; the session then stays with the present one.
    pub async fn open_vault(&self, path: PathBuf) -> Result<(), SessionError> {
        self.ask(move |core| core.turn_to(&path)).await
    }

    /// Makes a new vault and unlocks it. The recovery key is shown this once and kept nowhere.
    ///
    /// # Errors
    /// [`SessionError::WeakPassword`]; [`SessionError::AlreadyExists`] when there is anything at `path`; what the
    /// disk answers.
    pub async fn create(
        &self,
        path: PathBuf,
        password: SecretString,
    ) -> Result<RecoveryKit, SessionError> {
        self.ask(move |core| core.create(&path, &password)).await
    }

    /// Unlocks the vault; also takes in a vault key that was replaced elsewhere while this one is unlocked.
    ///
    /// # Errors
    /// [`SessionError::WrongPassword`], with the seconds to wait before the next try; what is wrong with the file.
    pub async fn unlock(&self, password: SecretString) -> Result<(), SessionError> {
        self.ask(move |core| core.unlock(Credential::Password(&password)))
            .await
    }

    /// Unlocks the vault with the recovery key as it was typed; a new password can then be set without the old one.
    ///
    /// # Errors
    /// [`SessionError::MistypedRecoveryKey`], [`SessionError::WrongRecoveryKey`]; what is wrong with the file.
    pub async fn unlock_with_recovery_key(&self, typed: SecretString) -> Result<(), SessionError> {
        self.ask(move |core| {
            // Exposed to be read as a key.
            let key = RecoveryKey::parse(typed.expose())
                .map_err(|_| SessionError::MistypedRecoveryKey)?;
            core.unlock(Credential::RecoveryKey(&key))
        })
        .await
    }

    /// Moves the vault and its backups to another place, where nothing may be.
    ///
    /// # Errors
    /// What the disk answers; the vault is where it was then.
    pub async fn move_vault_to(&self, path: PathBuf) -> Result<PathBuf, SessionError> {
        self.act(move |open| open.move_to(&path)).await
    }

    /// Tries again to save what is only in memory.
    ///
    /// # Errors
    /// Why it can't be saved.
    pub async fn retry_save(&self) -> Result<(), SessionError> {
        self.act(Unlocked::retry_save).await
    }
}

impl Core {
    fn turn_to(&mut self, path: &Path) -> Result<(), SessionError> {
        let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        undercroft_vault::check(&*self.shared.disk, &path)
            .map_err(|error| SessionError::of_vault(&self.shared, &path, &error))?;
        self.close();
        self.shared.set_vault_path(path);
        Ok(())
    }

    fn create(
        &mut self,
        path: &Path,
        password: &SecretString,
    ) -> Result<RecoveryKit, SessionError> {
        strength::demand(password, &[])?;
        let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        let shared = self.shared.clone();
        let failed = |error: &VaultError| SessionError::of_vault(&shared, &path, error);
        // The usual folder is ours to make; any other is a typing error where it does not exist.
        if let Some(folder) = path
            .parent()
            .filter(|folder| folder.ends_with("undercroft"))
        {
            let _ = places::create_private_folder(folder);
        }
        let kdf = shared.new_kdf().map_err(|error| failed(&error))?;
        let options = CreateOptions {
            kdf,
            installation: shared.installation(),
            now: shared.now(),
        };
        let (vault, key) = Vault::create(shared.disk.clone(), &path, password, options)
            .map_err(|error| failed(&error))?;
        self.close();
        shared.set_vault_path(vault.path().to_owned());
        let kit = RecoveryKit {
            key: key.to_printable(),
            path: vault.path().to_owned(),
            made_at: options.now,
        };
        self.open = Some(Box::new(Unlocked::new(shared.clone(), vault)));
        Ok(kit)
    }

    pub(crate) fn unlock(&mut self, credential: Credential<'_>) -> Result<(), SessionError> {
        let shared = self.shared.clone();
        shared.demand_no_wait(credential)?;
        if let Some(open) = &mut self.open {
            return open.unlock_again(credential);
        }
        let path = shared.vault_path();
        let options = UnlockOptions {
            raise_to: None,
            ..UnlockOptions::new(shared.installation(), shared.now())
        };
        let (vault, _) = Vault::unlock(shared.disk.clone(), &path, credential, options)
            .map_err(|error| shared.refused(credential, &path, &error))?;
        shared.slowdown().right();
        let mut open = Unlocked::new(shared.clone(), vault);
        let needs_new_password = match credential {
            Credential::Password(password) => {
                open.strengthen(password);
                false
            }
            Credential::RecoveryKey(_) => true,
        };
        shared.set_needs_new_password(needs_new_password);
        open.renew_quick_unlock();
        self.open = Some(Box::new(open));
        Ok(())
    }

    /// Locks from within a request.
    pub(crate) fn close(&mut self) {
        if let Some(open) = self.open.take() {
            open.close();
        }
    }
}

impl Shared {
    /// What Argon2id costs for a new password: as set, else measured on this machine.
    pub(crate) fn new_kdf(&self) -> Result<KdfParams, VaultError> {
        match self.kdf {
            Some(kdf) => Ok(kdf),
            None => Ok(KdfParams::calibrate()?),
        }
    }

    /// Refuses to try a credential while the wait after several wrong ones lasts.
    pub(crate) fn demand_no_wait(&self, credential: Credential<'_>) -> Result<(), SessionError> {
        match self.wait_secs() {
            0 => Ok(()),
            wait_secs => Err(wrong(credential, wait_secs)),
        }
    }

    /// Says why a vault did not open, counting a wrong credential.
    pub(crate) fn refused(
        &self,
        credential: Credential<'_>,
        path: &Path,
        error: &VaultError,
    ) -> SessionError {
        let is_wrong = matches!(
            error,
            VaultError::WrongPassword
                | VaultError::Format(FormatError::WrongCredential | FormatError::NoSuchSlot)
        );
        if is_wrong {
            wrong(credential, self.wrong_password())
        } else {
            SessionError::of_vault(self, path, error)
        }
    }
}

fn wrong(credential: Credential<'_>, wait_secs: u32) -> SessionError {
    match credential {
        Credential::Password(_) => SessionError::WrongPassword { wait_secs },
        Credential::RecoveryKey(_) => SessionError::WrongRecoveryKey { wait_secs },
    }
}

impl Unlocked {
    /// Takes over a vault that was just unlocked: reads the state file, looks for a rollback, empties the bin.
    pub(crate) fn new(shared: std::sync::Arc<Shared>, vault: Vault) -> Self {
        let Opened {
            file,
            state,
            was_reset,
        } = StateFile::open(
            shared.disk.clone(),
            &shared.state_dir,
            vault.id(),
            vault.derive_key("state"),
        );
        let mut open = Self {
            shared,
            vault,
            catalogue: Default::default(),
            finder: Default::default(),
            state,
            state_file: file,
            notices: Default::default(),
            flights: Default::default(),
            calls: Default::default(),
            scan: Default::default(),
            two_codes: None,
            transfers: Default::default(),
            enrolling: Default::default(),
            approvals: Default::default(),
            noted: Vec::new(),
        };
        let clock = open.shared.clock.clone();
        let clocks = &mut open.state.clocks;
        clocks.retain(|_, measured| measured.is_of_this_start(&*clock));
        open.rebuild_lists();
        if was_reset {
            open.notices.raise(Notice::StateReset);
            open.use_up_present_steps();
        }
        match open
            .state
            .last_seen
            .and_then(|seen| open.vault.rollback_since(seen))
        {
            Some(rollback) => open.warn_of(rollback),
            None => open.go_on(),
        }
        open.drop_orphaned_sessions();
        open.warn_of_half_made();
        open.shared.set_vault_path(open.vault.path().to_owned());
        open.follow_settings();
        open
    }

    /// Takes in what was kept, and goes on from the version that is open.
    pub(crate) fn go_on(&mut self) {
        if self.demand_writable().is_ok() {
            self.take_in_unsaved();
            self.take_in_copies();
            self.expire_bin();
        } else {
            self.notices.raise(Notice::ReadOnly { place: true });
        }
        self.remember_stamp();
    }

    /// Deletes what has been in the bin for 30 days.
    fn expire_bin(&mut self) {
        let now = self.now();
        let is_over = |at: Timestamp| now.secs_since(at) >= BIN_SECS;
        let expired: Vec<_> = self
            .catalogue
            .binned()
            .filter(|id| self.binned_at(*id).is_some_and(is_over))
            .collect();
        if expired.is_empty() {
            return;
        }
        for id in &expired {
            if let Err(error) = self.vault.delete(*id, now) {
                tracing::warn!(%error, "an item could not be removed from the bin");
            }
        }
        self.notices.raise(Notice::BinEmptied {
            items: expired.len(),
        });
        self.changed(&expired);
    }

    /// Raises a password slot that is weaker than any new vault's.
    fn strengthen(&mut self, password: &SecretString) {
        let is_suspect = self.notices.all().iter().any(is_rollback);
        let today = self.shared.kdf.unwrap_or(KdfParams::MIN_NEW);
        if !is_suspect && self.vault.raise_kdf(password, today, self.now()) {
            self.notices.raise(Notice::Strengthened);
            self.remember_stamp();
        }
    }

    /// Takes in a vault key that was replaced elsewhere, or just checks the credential.
    fn unlock_again(&mut self, credential: Credential<'_>) -> Result<(), SessionError> {
        let is_replaced = self.notices.all().iter().any(|notice| {
            let Notice::Unsaved { error } = notice else {
                return false;
            };
            *error == SessionError::KeyReplaced
        });
        if is_replaced {
            let path = self.vault.path().to_owned();
            let merged = self
                .vault
                .merge_changed_key(credential)
                .map_err(|error| self.shared.refused(credential, &path, &error))?;
            self.state_file.set_key(self.vault.derive_key("state"));
            self.forget_quick_unlock();
            self.merged(&merged);
            self.save();
            self.keep_state();
            self.notify(Event::Changed { item: None });
            return Ok(());
        }
        match credential {
            Credential::Password(password) => self.demand_password(password),
            Credential::RecoveryKey(key) if self.vault.verify_recovery_key(key) => {
                self.shared.slowdown().right();
                Ok(())
            }
            Credential::RecoveryKey(_) => Err(wrong(credential, self.shared.wrong_password())),
        }
    }

    fn move_to(&mut self, path: &Path) -> Result<PathBuf, SessionError> {
        let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        let now = self.now();
        let moved = self
            .vault
            .move_to(&path, now)
            .map_err(|error| SessionError::of_vault(&self.shared, &path, &error))?;
        if !moved.left_behind.is_empty() {
            tracing::warn!(
                files = moved.left_behind.len(),
                "files stayed at the old place"
            );
        }
        let place = self.vault.path().to_owned();
        self.shared.set_vault_path(place.clone());
        self.follow_settings();
        self.remember_stamp();
        self.notify(Event::Changed { item: None });
        Ok(place)
    }

    fn retry_save(&mut self) -> Result<(), SessionError> {
        self.save();
        self.notify(Event::Changed { item: None });
        let unsaved = self.notices.all().iter().find_map(Notice::unsaved);
        unsaved.cloned().map_or(Ok(()), Err)
    }
}
