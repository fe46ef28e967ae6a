//! Quick unlock: a key that the desktop keeps in memory opens the vault without its password.
//!
//! The quick key is in the desktop's keychain, the vault key that it opens in `<vault id>.quick` beside the state file;
//! `undercroft-vault` describes both. They are made anew each time when the vault is unlocked with its password or
//! recovery key while the setting is on, and go together: when it is switched off, here or elsewhere, when the password
//! or the vault key is changed, when a backup is put in the vault's place, and when they do not open it.
//!
//! Quick unlock stands for no password: whatever asks for that again goes on asking.

use std::{
    io,
    path::{Path, PathBuf},
    time::Duration,
};

use undercroft_model::{QuickUnlock, VaultId};
use undercroft_secret::SecretString;
use undercroft_vault::{QuickKey, SealedVaultKey, UnlockOptions, Vault, VaultError};

use crate::{
    KeychainError, Session, SessionError, actor::Core, places, shared::Shared, unlocked::Unlocked,
};

/// How long a quick key lasts at most after the password was typed, however long the user stays logged in.
const LASTS: Duration = Duration::from_secs(14 * 24 * 60 * 60);

impl Session {
    /// Unlocks the vault with the key that the desktop keeps. Not delayed by wrong passwords, and no proof of a right
    /// one.
    ///
    /// # Errors
    /// [`SessionError::PasswordNeeded`] when quick unlock is off or does not open the vault any more; what is wrong with
    /// the file.
    pub async fn unlock_quickly(&self) -> Result<(), SessionError> {
        self.ask(Core::unlock_quickly).await
    }

    /// Switches quick unlock on, which lowers security and so takes the master password.
    ///
    /// # Errors
    /// [`SessionError::WrongPassword`]; [`SessionError::NoKeychain`] when the desktop keeps no key; why the other half
    /// can't be written. It stays off then.
    pub async fn switch_on_quick_unlock(&self, password: SecretString) -> Result<(), SessionError> {
        self.act(move |open| {
            open.demand_password(&password)?;
            open.switch_on_quick_unlock()
        })
        .await
    }

    /// Switches quick unlock off and forgets the key.
    ///
    /// # Errors
    /// When the vault is open for reading only; the key is forgotten all the same.
    pub async fn switch_off_quick_unlock(&self) -> Result<(), SessionError> {
        self.act(Unlocked::switch_off_quick_unlock).await
    }
}

impl Core {
    fn unlock_quickly(&mut self) -> Result<(), SessionError> {
        // What asks an open vault's window for the password wants that.
        if self.open.is_some() {
            return Err(SessionError::PasswordNeeded);
        }
        let shared = self.shared.clone();
        let id = shared.known_vault().ok_or(SessionError::PasswordNeeded)?;
        let path = shared.vault_path();
        let vault = shared.open_quickly(id, &path).map_err(|refusal| {
            if let Refusal::File(error) = refusal {
                return SessionError::of_vault(&shared, &path, &error);
            }
            shared.forget_quick_unlock(id);
            SessionError::PasswordNeeded
        })?;
        shared.set_needs_new_password(false);
        self.open = Some(Box::new(Unlocked::new(shared, vault)));
        Ok(())
    }
}

/// Why quick unlock does not open the vault.
enum Refusal {
    /// A half is missing, does not fit, or the setting is off.
    Halves,
    /// The file is the reason, and would be with the password.
    File(VaultError),
}

impl From<KeychainError> for Refusal {
    fn from(_: KeychainError) -> Self {
        Self::Halves
    }
}

impl Shared {
    /// The id of the present vault, when it is the one that was unlocked last on this machine: the file does not tell.
    fn known_vault(&self) -> Option<VaultId> {
        let remembered = self.remembered();
        remembered
            .id
            .filter(|_| remembered.vault == Some(self.vault_path()))
    }

    /// Whether both halves are there. The key is not read for that.
    pub(crate) fn offers_quick_unlock(&self) -> bool {
        self.known_vault().is_some_and(|id| {
            self.disk.metadata(&self.quick_path(id)).is_ok() && self.platform.holds_quick_key(id)
        })
    }

    /// Forgets both halves. One that can't be removed opens nothing without the other.
    pub(crate) fn forget_quick_unlock(&self, id: VaultId) {
        if self.platform.forget_quick_key(id).is_err() {
            tracing::warn!("a quick key could not be forgotten");
        }
        match self.disk.remove(&self.quick_path(id)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                tracing::warn!(%error, "the file of quick unlock could not be removed");
            }
            Ok(()) | Err(_) => {}
        }
    }

    fn open_quickly(&self, id: VaultId, path: &Path) -> Result<Vault, Refusal> {
        let limit = SealedVaultKey::LEN as u64;
        let sealed = self
            .disk
            .read(&self.quick_path(id), limit)
            .ok()
            .and_then(|bytes| SealedVaultKey::parse(&bytes).ok())
            .ok_or(Refusal::Halves)?;
        let options = UnlockOptions::new(self.installation(), self.now());
        let quick = self.platform.quick_key(id)?;
        let opened = Vault::unlock_quickly(self.disk.clone(), path, id, &sealed, &quick, options);
        match opened {
            // Switched off on another machine.
            Ok((vault, _)) if vault.settings().quick_unlock == QuickUnlock::Off => {
                Err(Refusal::Halves)
            }
            Ok((vault, _)) => Ok(vault),
            Err(VaultError::QuickKey(_) | VaultError::ChangedKey | VaultError::OtherVault) => {
                Err(Refusal::Halves)
            }
            Err(error) => Err(Refusal::File(error)),
        }
    }

    fn quick_path(&self, id: VaultId) -> PathBuf {
        self.state_dir.join(format!("{id}.quick"))
    }
}

impl Unlocked {
    /// Makes both halves anew where the setting is on, after a password or recovery key opened the vault.
    pub(crate) fn renew_quick_unlock(&self) {
        match self.vault.settings().quick_unlock {
            QuickUnlock::Off => {}
            QuickUnlock::UntilLogout => {
                if let Err(error) = self.make_quick_unlock() {
                    tracing::warn!(%error, "quick unlock could not be prepared");
                }
            }
        }
    }

    /// Forgets both halves of this vault.
    pub(crate) fn forget_quick_unlock(&self) {
        self.shared.forget_quick_unlock(self.vault.id());
    }

    /// Does what the settings say now, which may have come from elsewhere.
    pub(crate) fn follow_settings(&self) {
        let (id, settings) = (self.vault.id(), self.vault.settings());
        self.shared.follow(id, &settings);
        let path = self.shared.quick_path(id);
        if settings.quick_unlock == QuickUnlock::Off && self.shared.disk.metadata(&path).is_ok() {
            self.forget_quick_unlock();
        }
    }

    fn switch_on_quick_unlock(&mut self) -> Result<(), SessionError> {
        self.demand_writable()?;
        self.make_quick_unlock()?;
        self.put_settings(|settings| settings.quick_unlock = QuickUnlock::UntilLogout)
            .inspect_err(|_| self.forget_quick_unlock())
    }

    fn switch_off_quick_unlock(&mut self) -> Result<(), SessionError> {
        self.forget_quick_unlock();
        self.put_settings(|settings| settings.quick_unlock = QuickUnlock::Off)
    }

    fn make_quick_unlock(&self) -> Result<(), SessionError> {
        let id = self.vault.id();
        let quick = QuickKey::random();
        let sealed = self.vault.seal_vault_key(&quick);
        let path = self.shared.quick_path(id);
        let kept = self
            .shared
            .platform
            .keep_quick_key(id, &quick, LASTS)
            .map_err(|KeychainError| SessionError::NoKeychain);
        let made = kept.and_then(|()| {
            places::replace_on(&*self.shared.disk, &path, sealed.as_bytes()).map_err(|error| {
                SessionError::StateFile {
                    path,
                    detail: error.to_string(),
                }
            })
        });
        made.inspect_err(|_| self.forget_quick_unlock())
    }
}
