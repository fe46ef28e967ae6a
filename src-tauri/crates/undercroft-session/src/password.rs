//! Master passwords, recovery keys and the vault key.

use undercroft_secret::SecretString;
use undercroft_vault::{Credential, RecoveryKey, VaultError};

use crate::{Event, Notice, RecoveryKit, Session, SessionError, strength, unlocked::Unlocked};

impl Session {
    /// Checks that this is the master password.
    ///
    /// # Errors
    /// [`SessionError::WrongPassword`], with the seconds to wait before the next try.
    pub async fn verify_password(&self, password: SecretString) -> Result<(), SessionError> {
        self.act(move |open| open.demand_password(&password)).await
    }

    /// Changes the master password. The current one may be left out after unlocking with the recovery key, once.
    ///
    /// Backups made before still open with the old password; [`Session::new_vault_key`] ends that.
    ///
    /// # Errors
    /// [`SessionError::WrongPassword`], [`SessionError::WeakPassword`], or why it can't be saved: the old password
    /// stays then.
    pub async fn change_password(
        &self,
        current: Option<SecretString>,
        new: SecretString,
    ) -> Result<(), SessionError> {
        self.act(move |open| open.change_password(current.as_ref(), &new))
            .await
    }

    /// Replaces the recovery key; the old one opens only backups from then on.
    ///
    /// # Errors
    /// [`SessionError::WrongPassword`], or why it can't be saved: the old one stays then.
    pub async fn new_recovery_key(
        &self,
        password: SecretString,
    ) -> Result<RecoveryKit, SessionError> {
        self.act(move |open| open.new_recovery_key(&password)).await
    }

    /// Encrypts everything under a new vault key, with a new recovery key, and deletes the backups of the old one.
    ///
    /// # Errors
    /// [`SessionError::WrongPassword`], or why it can't be saved: the old key stays then.
    pub async fn new_vault_key(&self, password: SecretString) -> Result<RecoveryKit, SessionError> {
        self.act(move |open| open.new_vault_key(&password)).await
    }
}

impl Unlocked {
    /// Refuses a password that is not the vault's; several wrong ones cost a wait.
    pub(crate) fn demand_password(&self, password: &SecretString) -> Result<(), SessionError> {
        self.shared.demand_no_wait(Credential::Password(password))?;
        if self.vault.verify_password(password) {
            self.shared.slowdown().right();
            return Ok(());
        }
        let wait_secs = self.shared.wrong_password();
        Err(SessionError::WrongPassword { wait_secs })
    }

    fn change_password(
        &mut self,
        current: Option<&SecretString>,
        new: &SecretString,
    ) -> Result<(), SessionError> {
        match current {
            Some(current) => self.demand_password(current)?,
            None if self.shared.needs_new_password() => {}
            None => {
                let wait_secs = self.shared.wait_secs();
                return Err(SessionError::WrongPassword { wait_secs });
            }
        }
        strength::demand(new, &self.catalogue.words())?;
        let now = self.now();
        let kdf = self
            .shared
            .new_kdf()
            .map_err(|error| self.failure(&error))?;
        let changed = self.vault.change_password(new, kdf, now);
        self.key_work_done(changed)?;
        self.forget_quick_unlock();
        self.shared.set_needs_new_password(false);
        Ok(())
    }

    fn new_recovery_key(&mut self, password: &SecretString) -> Result<RecoveryKit, SessionError> {
        self.demand_password(password)?;
        let key = self.vault.new_recovery_key(self.now());
        let key = self.key_work_done(key)?;
        Ok(self.kit(&key))
    }

    fn new_vault_key(&mut self, password: &SecretString) -> Result<RecoveryKit, SessionError> {
        self.demand_password(password)?;
        // Whatever comes of it: some failures leave the new key in place.
        self.forget_quick_unlock();
        let key = self.vault.replace_vault_key(password, true, self.now());
        // The state file's key comes from the vault key.
        self.state_file.set_key(self.vault.derive_key("state"));
        let key = self.key_work_done(key)?;
        self.keep_state();
        Ok(self.kit(&key))
    }

    /// Takes note of a save that the vault made along with a change of its keys.
    fn key_work_done<T>(&mut self, outcome: Result<T, VaultError>) -> Result<T, SessionError> {
        let value = outcome.map_err(|error| self.failure(&error))?;
        if self.vault.is_dirty() {
            // The new keys are in force, but a power cut may bring back the old ones: tried again, and told.
            self.save();
        } else {
            self.notices
                .settle(|notice| matches!(notice, Notice::Unsaved { .. }));
        }
        // Such a save may have merged what came from elsewhere.
        self.rebuild_lists();
        self.remember_stamp();
        self.notify(Event::Changed { item: None });
        Ok(value)
    }

    fn kit(&self, key: &RecoveryKey) -> RecoveryKit {
        RecoveryKit {
            key: key.to_printable(),
            path: self.vault.path().to_owned(),
            made_at: self.now(),
        }
    }
}
