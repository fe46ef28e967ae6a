//! Unlocking without the password, with a key that a keychain of this machine holds.

use std::path::Path;
use std::sync::Arc;

use undercroft_model::VaultId;

use crate::error::VaultError;
use crate::format;
use crate::quick_key::{Context, QuickKey, SealedVaultKey};
use crate::slots::{Slot, SlotKind};
use crate::store::disk::Disk;

use super::{UnlockOptions, UnlockReport, Vault, open_with};

impl Vault {
    /// Unlocks a vault without its password, with the key that a keychain of this machine holds.
    ///
    /// # Errors
    /// [`VaultError::QuickKey`] when the key does not fit, as after a change of the password; [`VaultError::ChangedKey`]
    /// and [`VaultError::OtherVault`] when the file is not the one that was sealed for; otherwise as
    /// [`Vault::unlock`].
    pub fn unlock_quickly(
        disk: Arc<dyn Disk>,
        path: &Path,
        vault: VaultId,
        sealed: &SealedVaultKey,
        quick: &QuickKey,
        options: UnlockOptions,
    ) -> Result<(Self, UnlockReport), VaultError> {
        Self::open_at(disk, path, options, |bytes| {
            let context = Context::new(vault, format::parse(bytes)?.slots());
            let opened = open_with(bytes, sealed.open(quick, &context)?)?;
            if opened.body.vault != vault {
                return Err(VaultError::OtherVault);
            }
            Ok((opened, SlotKind::Unknown))
        })
    }

    /// Seals the vault key to a key that a keychain of this machine holds: see [`Vault::unlock_quickly`].
    ///
    /// It opens until the password or the vault key is changed.
    #[must_use]
    pub fn seal_vault_key(&self, quick: &QuickKey) -> SealedVaultKey {
        let slots = self.header.slots.iter().map(Slot::key);
        SealedVaultKey::seal(&self.key, quick, &Context::new(self.id(), slots))
    }
}
