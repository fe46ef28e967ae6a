//! Passwords, recovery keys, and the vault key.

use super::*;
use crate::{Credential, FormatError, SlotKind, VaultError, format};

fn opens(bytes: &[u8], text: &str) -> bool {
    format::open(bytes, Credential::Password(&password(text))).is_ok()
}

fn file(setting: &Setting) -> Vec<u8> {
    setting.disk.bytes(&setting.path).unwrap()
}

#[test]
fn a_new_password_opens_the_vault_and_the_old_one_only_older_backups() {
    let setting = Setting::new();
    let mut vault = setting.unlock(1);
    vault
        .change_password(&password("new"), KdfParams::FLOOR, NOW)
        .unwrap();
    assert!(vault.verify_password(&password("new")) && !vault.verify_password(&password(PASSWORD)));
    assert!(opens(&file(&setting), "new") && !opens(&file(&setting), PASSWORD));
    assert!(format::open(&file(&setting), Credential::RecoveryKey(&setting.recovery)).is_ok());
    let backup = setting
        .disk
        .bytes(&vault.backups().unwrap()[0].path)
        .unwrap();
    assert!(opens(&backup, PASSWORD));
}

#[test]
fn a_password_that_could_not_be_saved_did_not_change() {
    let setting = Setting::new();
    let mut vault = setting.unlock(1);
    setting
        .disk
        .fail_each("sync", rustix::io::Errno::IO.raw_os_error());
    assert!(
        vault
            .change_password(&password("new"), KdfParams::FLOOR, NOW)
            .is_err()
    );
    assert!(vault.verify_password(&password(PASSWORD)) && !vault.verify_password(&password("new")));
    setting.disk.heal();
    vault
        .put(Some(setting.account), account_named("second"), NOW)
        .unwrap();
    vault.save(NOW).unwrap();
    assert!(opens(&file(&setting), PASSWORD) && !opens(&file(&setting), "new"));
}

#[test]
fn a_new_recovery_key_replaces_the_old_one() {
    let setting = Setting::new();
    let mut vault = setting.unlock(1);
    let new = vault.new_recovery_key(NOW).unwrap();
    assert!(format::open(&file(&setting), Credential::RecoveryKey(&new)).is_ok());
    let old = format::open(&file(&setting), Credential::RecoveryKey(&setting.recovery));
    assert_eq!(old.unwrap_err(), FormatError::WrongCredential);
    assert!(vault.verify_recovery_key(&new) && !vault.verify_recovery_key(&setting.recovery));
    assert!(opens(&file(&setting), PASSWORD));
}

#[test]
fn a_new_vault_key_seals_every_secret_again_and_purges_the_backups() {
    let setting = Setting::new();
    let mut vault = setting.unlock(1);
    vault
        .put(Some(setting.account), account_named("second"), NOW)
        .unwrap();
    vault.save(NOW).unwrap();
    let kdf = KdfParams {
        iterations: 3,
        ..KdfParams::FLOOR
    };
    vault
        .change_password(&password(PASSWORD), kdf, NOW)
        .unwrap();
    let wrong = vault.replace_vault_key(&password("wrong"), true, NOW);
    assert!(matches!(wrong, Err(VaultError::WrongPassword)));
    let recovery = vault
        .replace_vault_key(&password(PASSWORD), true, NOW)
        .unwrap();
    assert!(vault.backups().unwrap().is_empty());
    assert_eq!(seed_of(&vault, setting.identity).expose(), b"seed of ada");
    let report = vault.check_items();
    assert_eq!((report.items, report.secrets, report.bad.len()), (3, 1, 0));
    // The password costs as much as before.
    assert_eq!(
        vault.slots().collect::<Vec<_>>(),
        [
            (SlotKind::Password, Some(kdf)),
            (SlotKind::RecoveryKey, Some(KdfParams::FLOOR)),
        ]
    );

    assert_eq!(
        format::open_with_key(&file(&setting), &setting.key).unwrap_err(),
        FormatError::OtherVaultKey
    );
    assert!(opens(&file(&setting), PASSWORD));
    assert!(format::open(&file(&setting), Credential::RecoveryKey(&recovery)).is_ok());
    assert!(format::open(&file(&setting), Credential::RecoveryKey(&setting.recovery)).is_err());
}

#[test]
fn a_backup_that_cannot_be_purged_does_not_cost_the_new_recovery_key() {
    let setting = Setting::new();
    let mut vault = setting.unlock(1);
    setting
        .disk
        .fail_each("remove", rustix::io::Errno::PERM.raw_os_error());
    let recovery = vault
        .replace_vault_key(&password(PASSWORD), true, NOW)
        .unwrap();
    assert_eq!(vault.backups().unwrap().len(), 1, "still listed");
    assert!(vault.purge_backups().is_err());
    setting.disk.heal();
    assert_eq!(vault.purge_backups().unwrap(), 1);
    assert!(format::open(&file(&setting), Credential::RecoveryKey(&recovery)).is_ok());
}

#[test]
fn a_vault_key_that_could_not_be_saved_did_not_change() {
    let setting = Setting::new();
    let mut vault = setting.unlock(1);
    setting
        .disk
        .fail_each("rename", rustix::io::Errno::ROFS.raw_os_error());
    assert!(
        vault
            .replace_vault_key(&password(PASSWORD), true, NOW)
            .is_err()
    );
    setting.disk.heal();
    assert!(vault.vault_key().ct_eq(&setting.key));
    assert_eq!(seed_of(&vault, setting.identity).expose(), b"seed of ada");
    assert!(!vault.is_dirty());
}

#[test]
fn a_password_changed_elsewhere_at_the_same_time_does_not_undo_ours() {
    let setting = Setting::new();
    for (here, there) in [(1, 2), (2, 1)] {
        let setting = Setting {
            disk: FaultyDisk::with_folder(Path::new("/home/vaults")),
            ..Setting::new()
        };
        setting
            .disk
            .put(&setting.path, &file(&self::Setting::new()));
        let mut ours = setting.unlock_shared(here);
        let mut theirs = setting.unlock_shared(there);
        theirs
            .change_password(&password("theirs"), KdfParams::FLOOR, NOW)
            .unwrap();
        ours.change_password(&password("ours"), KdfParams::FLOOR, NOW)
            .unwrap();
        assert!(
            opens(&file(&setting), "ours"),
            "the last one who was told it worked"
        );
        // The other side learns of it with its next save and never brings its own back.
        theirs
            .put(Some(setting.account), account_named("x"), NOW)
            .unwrap();
        let report = theirs.save(NOW).unwrap();
        assert!(report.merged.unwrap().slots_changed);
        assert!(opens(&file(&setting), "ours") && !opens(&file(&setting), "theirs"));
    }
    drop(setting);
}

#[test]
fn a_stale_session_never_brings_an_old_password_back() {
    let setting = Setting::new();
    let mut stale = setting.unlock_shared(1);
    let mut other = setting.unlock_shared(2);
    other
        .change_password(&password("new"), KdfParams::FLOOR, NOW)
        .unwrap();
    drop(other);
    stale
        .put(Some(setting.account), account_named("second"), NOW)
        .unwrap();
    stale.save(NOW).unwrap();
    assert!(opens(&file(&setting), "new") && !opens(&file(&setting), PASSWORD));
}

#[test]
fn a_new_vault_key_from_elsewhere_stops_the_save_until_the_password_is_given() {
    let setting = Setting::new();
    let mut stale = setting.unlock_shared(1);
    let mut other = setting.unlock_shared(2);
    other
        .put(None, account_named("from elsewhere"), NOW)
        .unwrap();
    other
        .replace_vault_key(&password(PASSWORD), false, NOW)
        .unwrap();

    stale
        .put(Some(setting.account), account_named("second"), NOW)
        .unwrap();
    let identity = put_identity(&mut stale, setting.account);
    assert!(matches!(stale.save(NOW), Err(VaultError::ChangedKey)));
    assert!(stale.is_dirty());

    let secret = password("wrong");
    assert!(
        stale
            .merge_changed_key(Credential::Password(&secret))
            .is_err()
    );
    let secret = password(PASSWORD);
    let report = stale
        .merge_changed_key(Credential::Password(&secret))
        .unwrap();
    assert_eq!((report.taken.len(), report.conflicts.len()), (1, 0));
    stale.save(NOW).unwrap();
    assert!(stale.vault_key().ct_eq(other.vault_key()));
    for vault in [&stale, &other] {
        assert_eq!(seed_of(vault, setting.identity).expose(), b"seed of ada");
    }
    assert_eq!(seed_of(&stale, identity).expose(), b"seed of ada");
    other.save(NOW).unwrap();
    assert_eq!(name_of(&other, setting.account), "second");
    assert_eq!(seed_of(&other, identity).expose(), b"seed of ada");
    assert_eq!(other.check_items().bad.len(), 0);
}

#[test]
fn a_new_vault_key_from_elsewhere_costs_no_change_of_another_copy_of_that_installation() {
    let setting = Setting::new();
    let (mut stale, mut other) = (setting.unlock_shared(1), setting.unlock_shared(1));
    for (vault, name) in [(&mut stale, "stale"), (&mut other, "other")] {
        vault
            .put(Some(setting.account), account_named(name), NOW)
            .unwrap();
    }
    other
        .replace_vault_key(&password(PASSWORD), false, NOW)
        .unwrap();
    let secret = password(PASSWORD);
    stale
        .merge_changed_key(Credential::Password(&secret))
        .unwrap();
    let mut kept = past_names(&stale, setting.account);
    kept.push(name_of(&stale, setting.account));
    for name in ["first", "stale", "other"] {
        assert!(kept.contains(&name.to_owned()), "{name}: {kept:?}");
    }
}

#[test]
fn a_file_with_the_old_vault_key_does_not_bring_that_key_back() {
    let setting = Setting::new();
    let old_file = file(&setting);
    let mut ours = setting.unlock(1);
    ours.replace_vault_key(&password(PASSWORD), false, NOW)
        .unwrap();
    let new_key = ours.vault_key().clone();
    assert_eq!(ours.backups().unwrap().len(), 1, "none was to be purged");
    assert!(matches!(
        ours.merge_bytes(&old_file),
        Err(VaultError::ChangedKey)
    ));
    // A synced folder puts the old version back.
    setting.disk.put(&setting.path, &old_file);
    ours.put(Some(setting.account), account_named("second"), NOW)
        .unwrap();
    assert!(matches!(ours.save(NOW), Err(VaultError::ChangedKey)));
    let secret = password(PASSWORD);
    ours.merge_changed_key(Credential::Password(&secret))
        .unwrap();
    ours.save(NOW).unwrap();
    assert!(ours.vault_key().ct_eq(&new_key));
    assert!(format::open_with_key(&file(&setting), &new_key).is_ok());
    assert_eq!(ours.check_items().bad.len(), 0);
}

#[test]
fn another_vault_in_our_place_is_never_mixed_in() {
    let setting = Setting::new();
    let elsewhere = FaultyDisk::with_folder(Path::new("/home/vaults"));
    let options = CreateOptions {
        kdf: KdfParams::FLOOR,
        installation: installation(9),
        now: NOW,
    };
    Vault::create(
        Arc::new(elsewhere.clone()),
        &setting.path,
        &password("other"),
        options,
    )
    .unwrap();
    let mut ours = setting.unlock(1);
    ours.put(Some(setting.account), account_named("second"), NOW)
        .unwrap();
    let other_file = elsewhere.bytes(&setting.path).unwrap();
    setting.disk.put(&setting.path, &other_file);
    assert!(matches!(ours.save(NOW), Err(VaultError::ChangedKey)));
    let secret = password("other");
    let result = ours.merge_changed_key(Credential::Password(&secret));
    assert!(matches!(result, Err(VaultError::OtherVault)));
    assert_eq!(file(&setting), other_file);
    assert_eq!(name_of(&ours, setting.account), "second");
}

#[test]
fn a_key_is_not_replaced_while_a_newer_version_s_secrets_are_inside() {
    let setting = Setting::new();
    let mut vault = setting.unlock(1);
    let unknown = Content::Unknown {
        kind: "role".to_owned(),
        value: ciborium::Value::Null,
    };
    let id = vault.put(None, unknown, NOW).unwrap();
    let result = vault.replace_vault_key(&password(PASSWORD), false, NOW);
    assert!(matches!(result, Err(VaultError::NewerContent(found)) if found == id));
    assert!(vault.vault_key().ct_eq(&setting.key));
}

#[test]
fn a_look_at_everything_inside_names_what_does_not_open() {
    let setting = Setting::new();
    let mut vault = setting.unlock(1);
    let good = vault.check_items();
    assert_eq!((good.items, good.secrets, good.bad.len()), (3, 1, 0));
    // The identity's secret under another id, where it was not sealed for.
    let mut moved = vault.get(setting.identity).unwrap();
    moved.id = ItemId::from_bytes([9; 16]);
    let unreadable = ItemId::from_bytes([8; 16]);
    vault
        .put_stored(vec![
            crate::body::StoredItem::encode(&moved).unwrap(),
            crate::body::StoredItem::from_parts(unreadable, moved.revision, vec![0xff]),
        ])
        .unwrap();
    let report = vault.check_items();
    assert_eq!((report.items, report.secrets), (5, 1));
    assert_eq!(report.bad, [unreadable, moved.id].into());
}

#[test]
fn a_new_vault_key_is_in_the_file_although_somebody_else_saved_meanwhile() {
    let setting = Setting::new();
    let (mut ours, mut theirs) = (setting.unlock_shared(1), setting.unlock_shared(2));
    theirs
        .put(Some(setting.account), account_named("theirs"), NOW)
        .unwrap();
    theirs.save(NOW).unwrap();
    let recovery = ours
        .replace_vault_key(&password(PASSWORD), false, NOW)
        .unwrap();
    assert_eq!(name_of(&ours, setting.account), "theirs");
    let old = format::open_with_key(&file(&setting), &setting.key);
    assert_eq!(old.unwrap_err(), FormatError::OtherVaultKey);
    assert!(format::open(&file(&setting), Credential::RecoveryKey(&recovery)).is_ok());
}
