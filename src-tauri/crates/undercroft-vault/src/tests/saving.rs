//! Creating, unlocking, changing and saving.

use super::*;
use crate::{
    Access, AccessWanted, BackupReason, Credential, FormatError, Rollback, SlotKind, VaultError,
};

fn unlock(
    setting: &Setting,
    credential: Credential<'_>,
    options: UnlockOptions,
) -> Result<(Vault, crate::UnlockReport), VaultError> {
    Vault::unlock(
        Arc::new(setting.disk.clone()),
        &setting.path,
        credential,
        options,
    )
}

fn plain() -> UnlockOptions {
    UnlockOptions {
        raise_to: None,
        ..UnlockOptions::new(installation(1), NOW)
    }
}

#[test]
fn a_vault_opens_with_its_password_and_with_its_recovery_key() {
    let setting = Setting::new();
    let secret = password(PASSWORD);
    let (vault, report) = unlock(&setting, Credential::Password(&secret), plain()).unwrap();
    assert_eq!(report.opened_with, SlotKind::Password);
    assert_eq!(report.access, Access::Write);
    assert!(report.lock_is_real && !report.raised_kdf && report.rollback.is_none());
    assert_eq!(name_of(&vault, setting.account), "first");
    assert_eq!(seed_of(&vault, setting.identity).expose(), b"seed of ada");
    drop(vault);
    let (vault, report) = unlock(
        &setting,
        Credential::RecoveryKey(&setting.recovery),
        plain(),
    )
    .unwrap();
    assert_eq!(report.opened_with, SlotKind::RecoveryKey);
    assert_eq!(name_of(&vault, setting.binned), "(binned)");
}

#[test]
fn a_wrong_password_opens_nothing_and_leaves_no_lock() {
    let setting = Setting::new();
    let wrong = password("correct horse battery stable");
    let error = unlock(&setting, Credential::Password(&wrong), plain()).unwrap_err();
    assert!(matches!(
        error,
        VaultError::Format(FormatError::WrongCredential)
    ));
    setting.unlock(1);
}

#[test]
fn a_second_unlock_is_refused_until_the_first_ends() {
    let setting = Setting::new();
    let first = setting.unlock(1);
    let options = UnlockOptions::new(installation(2), NOW);
    let again = || {
        Vault::unlock_with_key(
            Arc::new(setting.disk.clone()),
            &setting.path,
            &setting.key,
            options,
        )
    };
    match again() {
        Err(VaultError::InUse {
            holder: Some(holder),
        }) => assert_eq!(holder.process, std::process::id()),
        other => panic!("{other:?}"),
    }
    // Reading needs no lock.
    let reading = UnlockOptions {
        access: AccessWanted::Read,
        ..options
    };
    let (mut reader, report) = Vault::unlock_with_key(
        Arc::new(setting.disk.clone()),
        &setting.path,
        &setting.key,
        reading,
    )
    .unwrap();
    assert_eq!(report.access, Access::Read);
    reader
        .put(Some(setting.account), account_named("no"), NOW)
        .unwrap();
    assert!(matches!(reader.save(NOW), Err(VaultError::ReadOnly)));
    drop(first);
    again().unwrap();
}

#[test]
fn creating_never_overwrites() {
    let setting = Setting::new();
    let before = setting.disk.bytes(&setting.path);
    let options = CreateOptions {
        kdf: KdfParams::FLOOR,
        installation: installation(1),
        now: NOW,
    };
    let result = Vault::create(
        Arc::new(setting.disk.clone()),
        &setting.path,
        &password("x"),
        options,
    );
    assert!(matches!(result, Err(VaultError::AlreadyExists { .. })));
    assert_eq!(setting.disk.bytes(&setting.path), before);
}

#[test]
fn what_was_saved_is_found_again_and_the_old_file_is_a_backup() {
    let setting = Setting::new();
    let before = setting.disk.bytes(&setting.path).unwrap();
    let mut vault = setting.unlock(1);
    assert!(!vault.is_dirty());
    vault
        .put(Some(setting.account), account_named("second"), later(60))
        .unwrap();
    assert!(vault.is_dirty());
    let report = vault.save(later(60)).unwrap();
    assert!(report.written && !vault.is_dirty());
    assert_eq!(report.counter, 3);
    let backups = vault.backups().unwrap();
    assert_eq!(backups.len(), 1);
    assert_eq!(backups[0].reason, BackupReason::Save);
    assert_eq!((backups[0].saved_at, backups[0].counter), (NOW, 2));
    assert_eq!(setting.disk.bytes(&backups[0].path).unwrap(), before);
    drop(vault);
    let vault = setting.unlock(1);
    assert_eq!(name_of(&vault, setting.account), "second");
    assert_eq!(past_names(&vault, setting.account), ["first"]);
}

#[test]
fn the_steps_of_a_save_come_in_their_order() {
    let setting = Setting::new();
    let mut vault = setting.unlock(1);
    vault
        .put(Some(setting.account), account_named("second"), NOW)
        .unwrap();
    vault.save(NOW).unwrap();
    vault
        .put(Some(setting.account), account_named("third"), NOW)
        .unwrap();
    let before = setting.names().len();
    vault.save(NOW).unwrap();
    let steps = setting.names()[before..].to_vec();
    assert_eq!(
        steps[..11],
        [
            "metadata",
            "read", // compare with what is on disk
            "create",
            "write",
            "sync",
            "read", // the temporary file, and back
            "metadata",
            "hard_link",
            "sync_folder", // the old file among the backups
            "rename",
            "sync_folder",
        ]
    );
    let rest = &steps[11..];
    assert!(
        rest.iter().all(|step| ["list", "metadata"].contains(step)),
        "{rest:?}"
    );
}

#[test]
fn saving_without_changes_writes_nothing() {
    let setting = Setting::new();
    let before = setting.disk.bytes(&setting.path);
    let mut vault = setting.unlock(1);
    assert!(!vault.save(NOW).unwrap().written);
    vault
        .put(Some(setting.account), account_named("first"), NOW)
        .unwrap();
    assert!(!vault.is_dirty(), "the same content is no change");
    assert!(!vault.save(NOW).unwrap().written);
    assert_eq!(setting.disk.bytes(&setting.path), before);
}

#[test]
fn many_saves_leave_a_bounded_number_of_backups() {
    let setting = Setting::new();
    let mut vault = setting.unlock(1);
    for n in 0..40 {
        let now = later(n * 3 * 24 * 3_600);
        vault
            .put(Some(setting.account), account_named(&n.to_string()), now)
            .unwrap();
        vault.save(now).unwrap();
    }
    let backups = vault.backups().unwrap();
    // Three days apart: the last ten cover the days; four months and the first one stay besides.
    assert!((10..=16).contains(&backups.len()), "{}", backups.len());
    assert!(backups.is_sorted_by_key(|backup| std::cmp::Reverse(backup.saved_at)));
}

#[test]
fn history_is_capped_and_keeps_the_newest() {
    let setting = Setting::new();
    let mut vault = setting.unlock(1);
    for n in 0..30 {
        // The clock is set back on the way.
        let now = if n < 15 {
            later(n)
        } else {
            later(-100_000 + n)
        };
        vault
            .put(Some(setting.account), account_named(&n.to_string()), now)
            .unwrap();
    }
    let names = past_names(&vault, setting.account);
    let expected: Vec<String> = (9..29).map(|n| n.to_string()).collect();
    assert_eq!(names, expected);
}

#[test]
fn the_bin_gives_back_for_thirty_days_and_then_leaves_a_tombstone() {
    let setting = Setting::new();
    let mut vault = setting.unlock(1);
    vault.bin(setting.account, NOW).unwrap();
    assert!(matches!(
        vault.bin(setting.account, NOW),
        Err(VaultError::WrongState(_))
    ));
    let put = vault.put(Some(setting.account), account_named("no"), NOW);
    assert!(matches!(put, Err(VaultError::WrongState(_))));
    vault.restore(setting.account, NOW).unwrap();
    assert_eq!(name_of(&vault, setting.account), "first");

    let almost = later(30 * 86_400 - 1);
    assert_eq!(vault.expire_bin(almost).unwrap(), []);
    assert_eq!(
        vault.expire_bin(later(30 * 86_400)).unwrap(),
        [setting.binned]
    );
    assert_eq!(name_of(&vault, setting.binned), "(deleted)");
    let tombstone = vault.get(setting.binned).unwrap();
    assert!(tombstone.history.is_empty());
    assert!(matches!(
        vault.restore(setting.binned, NOW),
        Err(VaultError::WrongState(_))
    ));
    assert!(matches!(
        vault.delete(setting.binned, NOW),
        Err(VaultError::WrongState(_))
    ));
}

#[test]
fn settings_are_strict_until_changed() {
    let setting = Setting::new();
    let mut vault = setting.unlock(1);
    assert_eq!(vault.settings(), undercroft_model::Settings::default());
    let mut settings = vault.settings();
    settings.clipboard_clears_in_secs = 90;
    vault.put_settings(settings.clone(), NOW).unwrap();
    vault.save(NOW).unwrap();
    drop(vault);
    assert_eq!(setting.unlock(2).settings(), settings);
}

#[test]
fn a_weak_password_slot_is_raised_when_it_is_opened() {
    let setting = Setting::new();
    let secret = password(PASSWORD);
    let stronger = KdfParams {
        memory_kib: 24 * 1024,
        ..KdfParams::FLOOR
    };
    let options = UnlockOptions {
        raise_to: Some(stronger),
        ..plain()
    };
    let (vault, report) = unlock(&setting, Credential::Password(&secret), options).unwrap();
    assert!(report.raised_kdf);
    assert_eq!(
        vault.slots().collect::<Vec<_>>(),
        [
            (SlotKind::Password, Some(stronger)),
            (SlotKind::RecoveryKey, Some(KdfParams::FLOOR)),
        ]
    );
    drop(vault);
    let (_, report) = unlock(&setting, Credential::Password(&secret), options).unwrap();
    assert!(!report.raised_kdf, "once is enough");
}

#[test]
fn a_slot_that_cannot_be_raised_does_not_prevent_unlocking() {
    let setting = Setting::new();
    let secret = password(PASSWORD);
    let stronger = KdfParams {
        memory_kib: 24 * 1024,
        ..KdfParams::FLOOR
    };
    setting
        .disk
        .fail_each("create", rustix::io::Errno::NOSPC.raw_os_error());
    let options = UnlockOptions {
        raise_to: Some(stronger),
        ..plain()
    };
    let (vault, report) = unlock(&setting, Credential::Password(&secret), options).unwrap();
    assert!(!report.raised_kdf && !vault.is_dirty());
    assert_eq!(name_of(&vault, setting.account), "first");
}

#[test]
fn an_older_file_and_a_fork_are_noticed() {
    let setting = Setting::new();
    let old_file = setting.disk.bytes(&setting.path).unwrap();
    let mut vault = setting.unlock(1);
    vault
        .put(Some(setting.account), account_named("second"), NOW)
        .unwrap();
    vault.save(NOW).unwrap();
    let seen = vault.stamp();
    drop(vault);
    let secret = password(PASSWORD);
    let options = UnlockOptions {
        last_seen: seen,
        ..plain()
    };
    let look = || unlock(&setting, Credential::Password(&secret), options).unwrap();

    assert_eq!(look().1.rollback, None);

    setting.disk.put(&setting.path, &old_file);
    let (mut vault, report) = look();
    assert!(
        matches!(report.rollback, Some(Rollback::Older { seen, found }) if (seen.counter, found.counter) == (3, 2))
    );
    // Whoever learns of the save last seen only with the key hears the same.
    assert_eq!(vault.rollback_since(seen.unwrap()), report.rollback);
    // The newer version is among the backups' neighbours no more, but this one may go its own way.
    vault
        .put(Some(setting.account), account_named("other"), NOW)
        .unwrap();
    vault.save(NOW).unwrap();
    drop(vault);
    assert!(matches!(look().1.rollback, Some(Rollback::Fork { .. })));
}

#[test]
fn an_older_file_is_not_written_over_by_unlocking_it() {
    let setting = Setting::new();
    let old_file = setting.disk.bytes(&setting.path).unwrap();
    let mut vault = setting.unlock(1);
    vault
        .put(Some(setting.account), account_named("second"), NOW)
        .unwrap();
    vault.save(NOW).unwrap();
    let options = UnlockOptions {
        last_seen: vault.stamp(),
        ..UnlockOptions::new(installation(1), NOW)
    };
    drop(vault);
    setting.disk.put(&setting.path, &old_file);
    let secret = password(PASSWORD);
    let (_, report) = unlock(&setting, Credential::Password(&secret), options).unwrap();
    assert!(report.rollback.is_some() && !report.raised_kdf);
    assert_eq!(setting.disk.bytes(&setting.path).unwrap(), old_file);
}

#[test]
fn a_rolled_back_file_can_be_merged_with_the_backup_of_the_newer_one() {
    let setting = Setting::new();
    let old_file = setting.disk.bytes(&setting.path).unwrap();
    let mut vault = setting.unlock(1);
    vault
        .put(Some(setting.account), account_named("second"), NOW)
        .unwrap();
    vault.save(NOW).unwrap();
    vault
        .put(Some(setting.account), account_named("third"), NOW)
        .unwrap();
    vault.save(NOW).unwrap();
    let newest_backup = vault.backups().unwrap()[0].path.clone();
    drop(vault);
    setting.disk.put(&setting.path, &old_file);
    let mut vault = setting.unlock(1);
    let report = vault.merge_file(&newest_backup).unwrap();
    assert_eq!(report.taken, [setting.account]);
    assert!(report.conflicts.is_empty());
    assert_eq!(name_of(&vault, setting.account), "second");
    assert!(vault.is_dirty());
    vault.save(NOW).unwrap();
}

#[test]
fn nothing_is_written_after_giving_up_writing() {
    let setting = Setting::new();
    let mut vault = setting.unlock(1);
    vault
        .put(Some(setting.account), account_named("second"), NOW)
        .unwrap();
    vault.save(NOW).unwrap();
    vault.make_read_only();
    vault
        .put(Some(setting.account), account_named("third"), NOW)
        .unwrap();
    assert!(matches!(vault.save(NOW), Err(VaultError::ReadOnly)));
    assert!(matches!(vault.purge_backups(), Err(VaultError::ReadOnly)));
    let files = setting.disk.paths_in(Path::new("/home/vaults"));
    let moved = vault.move_to(Path::new("/home/vaults/moved.undercroft"), NOW);
    assert!(matches!(moved, Err(VaultError::ReadOnly)));
    assert_eq!(setting.disk.paths_in(Path::new("/home/vaults")), files);
    assert_eq!(vault.backups().unwrap().len(), 1);
    setting.unlock(2);
}

#[test]
fn what_is_in_memory_is_written_into_another_file_and_over_none() {
    let setting = Setting::new();
    let mut vault = setting.unlock(1);
    vault
        .put(Some(setting.account), account_named("second"), NOW)
        .unwrap();
    let copy = Path::new("/home/vaults/copy.undercroft");
    vault.write_copy(copy).unwrap();
    let again = vault.write_copy(copy);
    assert!(matches!(again, Err(VaultError::AlreadyExists { .. })));
    assert!(vault.is_dirty(), "the vault's own file has it not");
    drop(vault);
    let mut vault = setting.unlock(2);
    assert_eq!(name_of(&vault, setting.account), "first");
    vault.merge_file(copy).unwrap();
    assert_eq!(name_of(&vault, setting.account), "second");
}

#[test]
fn an_amendment_takes_no_place_in_the_history() {
    let setting = Setting::new();
    let mut vault = setting.unlock(1);
    vault
        .amend(setting.account, account_named("first"), NOW)
        .unwrap();
    assert!(!vault.is_dirty(), "the same content is no change");
    vault
        .amend(setting.account, account_named("second"), later(60))
        .unwrap();
    assert!(vault.is_dirty());
    assert_eq!(name_of(&vault, setting.account), "second");
    assert!(past_names(&vault, setting.account).is_empty());
    assert_eq!(vault.get(setting.account).unwrap().modified_at, later(60));
    let binned = vault.amend(setting.binned, account_named("no"), NOW);
    assert!(matches!(binned, Err(VaultError::WrongState(_))));
    vault.save(NOW).unwrap();
    drop(vault);
    assert_eq!(name_of(&setting.unlock(1), setting.account), "second");
}

#[test]
fn what_the_history_ends_with_is_not_put_there_twice() {
    let setting = Setting::new();
    let mut vault = setting.unlock(1);
    let put = |vault: &mut Vault, name| {
        let content = account_named(name);
        vault.put(Some(setting.account), content, NOW).unwrap();
    };
    put(&mut vault, "second");
    vault
        .amend(setting.account, account_named("first"), NOW)
        .unwrap();
    put(&mut vault, "third");
    assert_eq!(past_names(&vault, setting.account), ["first"]);
}

#[test]
fn whoever_goes_on_as_another_installation_changes_and_saves_as_that_one() {
    let setting = Setting::new();
    let mut vault = setting.unlock(1);
    vault.go_on_as(installation(2));
    vault
        .put(Some(setting.account), account_named("second"), NOW)
        .unwrap();
    vault.save(NOW).unwrap();
    let item = vault.get(setting.account).unwrap();
    assert_eq!(item.revision.installation, installation(2));
    assert_eq!(vault.stamp().unwrap().installation, installation(2));
}

#[test]
fn each_label_has_a_key_of_its_own_that_stays_the_same() {
    let setting = Setting::new();
    let vault = setting.unlock(1);
    let (one, other) = (vault.derive_key("one"), vault.derive_key("other"));
    assert!(!one.ct_eq(&other));
    drop(vault);
    assert!(one.ct_eq(&setting.unlock(2).derive_key("one")));
}

#[test]
fn a_file_without_our_last_save_is_written_again_though_it_holds_the_same() {
    let setting = Setting::new();
    let mut vault = setting.unlock(1);
    vault
        .put(Some(setting.account), account_named("second"), NOW)
        .unwrap();
    // What a copy made before the save holds: the change, and no sign of the save.
    let copy = vault.to_bytes().unwrap();
    vault.save(NOW).unwrap();
    let seen = vault.stamp().unwrap();
    setting.disk.put(&setting.path, &copy);
    let report = vault.save(NOW).unwrap();
    assert!(report.written && report.merged.is_some());
    drop(vault);
    assert_eq!(setting.unlock(2).rollback_since(seen), None);
}

#[test]
fn another_vault_of_the_same_key_is_neither_overwritten_nor_mixed_in() {
    let setting = Setting::new();
    let mut vault = setting.unlock(1);
    let bytes = setting.disk.bytes(&setting.path).unwrap();
    let (header, mut body) = crate::format::open_with_key(&bytes, &setting.key).unwrap();
    body.vault = undercroft_model::VaultId::from_bytes([9; 16]);
    let bytes = crate::format::write(&header, &setting.key, &body).unwrap();
    setting.disk.put(&setting.path, &bytes);
    vault
        .put(Some(setting.account), account_named("second"), NOW)
        .unwrap();
    assert!(matches!(vault.save(NOW), Err(VaultError::OtherVault)));
    assert!(matches!(
        vault.merge_bytes(&bytes),
        Err(VaultError::OtherVault)
    ));
    assert!(vault.is_dirty());
    assert_eq!(setting.disk.bytes(&setting.path).unwrap(), bytes);
    assert_eq!(name_of(&vault, setting.account), "second");
}

#[test]
fn what_is_read_back_must_hold_what_was_meant() {
    let setting = Setting::new();
    let vault = setting.unlock(1);
    let bytes = vault.to_bytes().unwrap();
    let mut meant = vault.stored().clone();
    assert!(crate::vault::verify(&bytes, &setting.key, &meant).is_ok());
    let other = VaultKey::random();
    let result = crate::vault::verify(&bytes, &other, &meant);
    assert!(matches!(result, Err(VaultError::Verify)));
    meant.items.remove(setting.account);
    let result = crate::vault::verify(&bytes, &setting.key, &meant);
    assert!(matches!(result, Err(VaultError::Verify)));
}

#[test]
fn as_much_is_taken_in_as_can_be_saved_and_no_byte_more() {
    let setting = Setting::new();
    let mut vault = setting.unlock(1);
    let most = crate::format::MAX_FILE_LEN - 2 * 1024 * 1024;
    let item = |len: usize| {
        let revision = undercroft_model::Revision::first(installation(1));
        crate::body::StoredItem::from_parts(ItemId::from_bytes([9; 16]), revision, vec![0; len])
    };
    let mut body = vault.stored().clone();
    body.items.insert(item(0));
    let rest = most - crate::body::max_encoded_len(&body, vault.slots().count());
    let refused = vault.put_stored(vec![item(rest + 1)]);
    assert!(matches!(
        refused,
        Err(VaultError::Format(FormatError::TooLarge))
    ));
    assert!(!vault.is_dirty());
    vault.put_stored(vec![item(rest)]).unwrap();
    assert!(vault.is_dirty());
}
