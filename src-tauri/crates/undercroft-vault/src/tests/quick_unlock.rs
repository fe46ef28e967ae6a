//! Unlocking with a key of the machine, and what ends it.

use super::*;
use crate::{QuickKey, QuickKeyError, SealedVaultKey, VaultError};

fn quickly(
    setting: &Setting,
    id: undercroft_model::VaultId,
    sealed: &SealedVaultKey,
    quick: &QuickKey,
) -> Result<Vault, VaultError> {
    let options = UnlockOptions::new(installation(1), NOW);
    let disk = Arc::new(setting.disk.clone());
    Vault::unlock_quickly(disk, &setting.path, id, sealed, quick, options).map(|(vault, _)| vault)
}

fn is_wrong_key(outcome: &Result<Vault, VaultError>) -> bool {
    matches!(outcome, Err(VaultError::QuickKey(QuickKeyError::WrongKey)))
}

#[test]
fn a_quick_key_opens_the_vault_through_saves_and_a_new_recovery_key() {
    let setting = Setting::new();
    let quick = QuickKey::random();
    let mut vault = setting.unlock(1);
    let (id, sealed) = (vault.id(), vault.seal_vault_key(&quick));
    vault
        .put(Some(setting.account), account_named("second"), NOW)
        .unwrap();
    vault.save(NOW).unwrap();
    vault.new_recovery_key(NOW).unwrap();
    drop(vault);
    let vault = quickly(&setting, id, &sealed, &quick).unwrap();
    assert_eq!(name_of(&vault, setting.account), "second");
    assert_eq!(seed_of(&vault, setting.identity).expose(), b"seed of ada");
}

#[test]
fn another_key_or_another_vault_is_refused() {
    let setting = Setting::new();
    let quick = QuickKey::random();
    let vault = setting.unlock(1);
    let (id, sealed) = (vault.id(), vault.seal_vault_key(&quick));
    drop(vault);
    let other = undercroft_model::VaultId::new_random();
    assert!(is_wrong_key(&quickly(
        &setting,
        id,
        &sealed,
        &QuickKey::random()
    )));
    assert!(is_wrong_key(&quickly(&setting, other, &sealed, &quick)));
    assert!(quickly(&setting, id, &sealed, &quick).is_ok());
    // Another vault behind the very same slots.
    let bytes = setting.disk.bytes(&setting.path).unwrap();
    let (header, mut body) = crate::format::open_with_key(&bytes, &setting.key).unwrap();
    body.vault = other;
    let bytes = crate::format::write(&header, &setting.key, &body).unwrap();
    setting.disk.put(&setting.path, &bytes);
    let refused = quickly(&setting, id, &sealed, &quick);
    assert!(matches!(refused, Err(VaultError::OtherVault)));
}

#[test]
fn a_changed_password_or_vault_key_ends_it_wherever_that_was_done() {
    type Change = fn(&mut Vault);
    let changes: [Change; 3] = [
        |vault| {
            let new = password("another password");
            vault.change_password(&new, KdfParams::LEAST, NOW).unwrap();
        },
        // The same password once more makes another slot.
        |vault| {
            let same = password(PASSWORD);
            vault.change_password(&same, KdfParams::LEAST, NOW).unwrap();
        },
        |vault| {
            vault
                .replace_vault_key(&password(PASSWORD), true, NOW)
                .unwrap();
        },
    ];
    for change in changes {
        let setting = Setting::new();
        let quick = QuickKey::random();
        let vault = setting.unlock(1);
        let (id, sealed) = (vault.id(), vault.seal_vault_key(&quick));
        drop(vault);
        let mut elsewhere = setting.unlock(2);
        change(&mut elsewhere);
        drop(elsewhere);
        assert!(is_wrong_key(&quickly(&setting, id, &sealed, &quick)));
    }
}

#[test]
fn a_changed_file_is_as_damaged_as_with_the_password() {
    let setting = Setting::new();
    let quick = QuickKey::random();
    let vault = setting.unlock(1);
    let (id, sealed) = (vault.id(), vault.seal_vault_key(&quick));
    drop(vault);
    let mut bytes = setting.disk.bytes(&setting.path).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    setting.disk.put(&setting.path, &bytes);
    let refused = quickly(&setting, id, &sealed, &quick).map(drop);
    assert!(
        matches!(
            refused,
            Err(VaultError::Format(crate::FormatError::Tampered))
        ),
        "{refused:?}"
    );
}
