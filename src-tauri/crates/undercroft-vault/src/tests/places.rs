//! Where vaults are: links, missing folders, read-only places, backups and moving.

use rustix::io::Errno;

use super::*;
use crate::store::Disk;
use crate::{
    Access, BackupReason, FormatError, VaultError, backups_of, check, check_free, format,
    restore_backup,
};

fn open(disk: &FaultyDisk, path: &Path, key: &VaultKey) -> Result<Vault, VaultError> {
    let options = UnlockOptions::new(installation(1), NOW);
    Vault::unlock_with_key(Arc::new(disk.clone()), path, key, options).map(|(vault, _)| vault)
}

#[test]
fn a_linked_vault_is_saved_where_it_is() {
    let setting = Setting::new();
    let link = Path::new("/home/link");
    setting.disk.link(link, &setting.path);
    let mut vault = open(&setting.disk, link, &setting.key).unwrap();
    assert_eq!(vault.path(), setting.path);
    assert!(matches!(
        open(&setting.disk, &setting.path, &setting.key),
        Err(VaultError::InUse { .. })
    ));
    vault
        .put(Some(setting.account), account_named("second"), NOW)
        .unwrap();
    vault.save(NOW).unwrap();
    drop(vault);
    assert_eq!(name_of(&setting.unlock(1), setting.account), "second");
    let kind = setting.disk.metadata(link).unwrap().kind;
    assert_eq!(kind, crate::store::FileKind::Link, "the link stays a link");
}

#[test]
fn each_kind_of_missing_or_foreign_file_has_its_own_error() {
    let setting = Setting::new();
    let look = |path: &str| check(&setting.disk, Path::new(path)).unwrap_err();
    assert!(matches!(
        look("/home/vaults/none"),
        VaultError::NotFound { .. }
    ));
    assert!(matches!(
        look("/nowhere/none"),
        VaultError::FolderMissing { .. }
    ));
    assert!(matches!(look("/home/vaults"), VaultError::NotAFile { .. }));
    setting.disk.put(
        Path::new("/home/vaults/text"),
        b"just a text, but longer than the magic is",
    );
    assert!(matches!(
        look("/home/vaults/text"),
        VaultError::Format(FormatError::NotAVault)
    ));
    setting.disk.put(
        Path::new("/home/vaults/large"),
        &vec![0; 64 * 1024 * 1024 + 1],
    );
    assert!(matches!(
        look("/home/vaults/large"),
        VaultError::Format(FormatError::TooLarge)
    ));
    let report = check(&setting.disk, &setting.path).unwrap();
    assert_eq!(report.slots.len(), 2);
    setting.disk.fail_each("read", Errno::ACCESS.raw_os_error());
    assert!(matches!(
        look("/home/vaults/it.undercroft"),
        VaultError::Permission { .. }
    ));
}

#[test]
fn whether_a_vault_is_free_shows_without_its_password() {
    let setting = Setting::new();
    let vault = setting.unlock(1);
    let in_use = check_free(&setting.disk, &setting.path).unwrap_err();
    assert!(matches!(in_use, VaultError::InUse { .. }));
    drop(vault);
    check_free(&setting.disk, &setting.path).unwrap();
    // Looking leaves no lock behind.
    drop(setting.unlock(1));
    let none = check_free(&setting.disk, Path::new("/home/vaults/none")).unwrap_err();
    assert!(matches!(none, VaultError::NotFound { .. }));
}

#[test]
fn a_place_that_cannot_be_written_to_is_unlocked_for_reading() {
    for errno in [Errno::ROFS, Errno::ACCESS] {
        let setting = Setting::new();
        setting.disk.fail_each("lock", errno.raw_os_error());
        let options = UnlockOptions::new(installation(1), NOW);
        let (mut vault, report) = Vault::unlock_with_key(
            Arc::new(setting.disk.clone()),
            &setting.path,
            &setting.key,
            options,
        )
        .unwrap();
        assert_eq!(report.access, Access::ReadOnlyPlace);
        assert_eq!(name_of(&vault, setting.account), "first");
        vault
            .put(Some(setting.account), account_named("second"), NOW)
            .unwrap();
        assert!(matches!(vault.save(NOW), Err(VaultError::ReadOnly)));
    }
}

#[test]
fn leftovers_of_a_crashed_save_are_cleared_and_nothing_else() {
    let setting = Setting::new();
    let leftover = Path::new("/home/vaults/.it.undercroft.0123456789abcdef.tmp");
    let foreign = Path::new("/home/vaults/.other.undercroft.0123456789abcdef.tmp");
    setting.disk.put(leftover, b"half a vault");
    setting.disk.put(foreign, b"not ours");
    setting.unlock(1);
    assert_eq!(setting.disk.bytes(leftover), None);
    assert_eq!(setting.disk.bytes(foreign).unwrap(), b"not ours");
}

#[test]
fn without_locks_nothing_is_cleared_that_others_may_be_writing() {
    let setting = Setting::new();
    let temporary = Path::new("/home/vaults/.it.undercroft.0123456789abcdef.tmp");
    setting.disk.put(temporary, b"half a vault");
    setting.disk.take_locks_away();
    let options = UnlockOptions::new(installation(1), NOW);
    let disk = Arc::new(setting.disk.clone());
    let (mut vault, report) =
        Vault::unlock_with_key(disk, &setting.path, &setting.key, options).unwrap();
    assert!(!report.lock_is_real);
    assert_eq!(report.access, Access::Write);
    assert_eq!(setting.disk.bytes(temporary).unwrap(), b"half a vault");
    vault
        .put(Some(setting.account), account_named("second"), NOW)
        .unwrap();
    assert!(vault.save(NOW).unwrap().written);
}

#[test]
fn a_removed_file_is_written_anew_and_a_removed_folder_is_said() {
    let setting = Setting::new();
    let mut vault = setting.unlock(1);
    vault
        .put(Some(setting.account), account_named("second"), NOW)
        .unwrap();
    setting.disk.take_away(&setting.path);
    assert!(vault.save(NOW).unwrap().recreated);
    vault
        .put(Some(setting.account), account_named("third"), NOW)
        .unwrap();
    setting.disk.take_away(Path::new("/home/vaults"));
    match vault.save(NOW) {
        Err(VaultError::FolderMissing { folder }) => assert_eq!(folder, Path::new("/home/vaults")),
        other => panic!("{other:?}"),
    }
    assert!(vault.is_dirty());
}

#[test]
fn a_file_that_became_unreadable_is_kept_and_replaced() {
    let setting = Setting::new();
    let whole = setting.disk.bytes(&setting.path).unwrap();
    let mut body_changed = whole.clone();
    body_changed[whole.len() / 2] ^= 1;
    for damaged in [
        b"garbage".to_vec(),
        whole[..whole.len() / 2].to_vec(),
        body_changed,
    ] {
        let setting = Setting::new();
        let mut vault = setting.unlock(1);
        setting.disk.put(&setting.path, &damaged);
        vault
            .put(Some(setting.account), account_named("second"), NOW)
            .unwrap();
        let report = vault.save(NOW).unwrap();
        assert!(report.replaced_damaged);
        assert_eq!(
            setting.disk.bytes(&report.backup.unwrap()).unwrap(),
            damaged
        );
        assert_eq!(vault.backups().unwrap()[0].reason, BackupReason::Damaged);
        drop(vault);
        assert_eq!(name_of(&setting.unlock(1), setting.account), "second");
    }
}

#[test]
fn a_file_of_a_future_version_is_left_alone() {
    let setting = Setting::new();
    let mut vault = setting.unlock(1);
    let bytes = setting.disk.bytes(&setting.path).unwrap();
    let (mut header, body) = format::open_with_key(&bytes, &setting.key).unwrap();
    header.version.major += 1;
    let future = format::write(&header, &setting.key, &body).unwrap();
    setting.disk.put(&setting.path, &future);
    vault
        .put(Some(setting.account), account_named("second"), NOW)
        .unwrap();
    let result = vault.save(NOW);
    assert!(matches!(
        result,
        Err(VaultError::Format(FormatError::TooNew { .. }))
    ));
    assert_eq!(setting.disk.bytes(&setting.path).unwrap(), future);
    assert!(vault.is_dirty());
}

#[test]
fn a_restored_backup_keeps_the_present_file() {
    let setting = Setting::new();
    let mut vault = setting.unlock(1);
    vault
        .put(Some(setting.account), account_named("second"), NOW)
        .unwrap();
    vault.save(NOW).unwrap();
    let backup = vault.backups().unwrap()[0].path.clone();
    let restore = || restore_backup(&setting.disk, &setting.path, &backup, later(9));
    assert!(matches!(restore(), Err(VaultError::InUse { .. })));
    drop(vault);
    let present = setting.disk.bytes(&setting.path).unwrap();
    let missing = Path::new("/home/vaults/backups/none");
    match restore_backup(&setting.disk, &setting.path, missing, later(9)) {
        Err(VaultError::NotFound { path }) => assert_eq!(path, missing),
        other => panic!("{other:?}"),
    }
    restore().unwrap();
    assert_eq!(name_of(&setting.unlock(1), setting.account), "first");
    let backups = backups_of(&setting.disk, &setting.path).unwrap();
    assert_eq!(backups[0].reason, BackupReason::Restore);
    assert_eq!(setting.disk.bytes(&backups[0].path).unwrap(), present);
}

#[test]
fn a_backup_is_restored_also_when_the_vault_is_gone_or_damaged() {
    let setting = Setting::new();
    let mut vault = setting.unlock(1);
    vault
        .put(Some(setting.account), account_named("second"), NOW)
        .unwrap();
    vault.save(NOW).unwrap();
    drop(vault);
    for damage in [None, Some(b"garbage")] {
        setting.disk.take_away(&setting.path);
        if let Some(bytes) = damage {
            setting.disk.put(&setting.path, bytes);
        }
        let backups = backups_of(&setting.disk, &setting.path).unwrap();
        let whole = backups
            .iter()
            .find(|backup| backup.reason == BackupReason::Save)
            .unwrap();
        restore_backup(&setting.disk, &setting.path, &whole.path, NOW).unwrap();
        assert_eq!(name_of(&setting.unlock(1), setting.account), "first");
    }
    let garbage = backups_of(&setting.disk, &setting.path).unwrap();
    let garbage = garbage
        .iter()
        .find(|backup| backup.reason == BackupReason::Restore)
        .unwrap();
    let result = restore_backup(&setting.disk, &setting.path, &garbage.path, NOW);
    assert!(matches!(result, Err(VaultError::Format(_))));
    assert_eq!(name_of(&setting.unlock(1), setting.account), "first");
}

#[test]
fn a_vault_moves_with_its_backups_and_its_lock() {
    let setting = Setting::new();
    let mut vault = setting.unlock(1);
    for name in ["second", "third", "fourth"] {
        vault
            .put(Some(setting.account), account_named(name), NOW)
            .unwrap();
        vault.save(NOW).unwrap();
    }
    vault
        .put(Some(setting.account), account_named("fifth"), NOW)
        .unwrap();
    setting.disk.create_folder(Path::new("/home/new")).unwrap();
    let new = Path::new("/home/new/moved.undercroft");
    let moved = vault.move_to(new, NOW).unwrap();
    assert_eq!((moved.backups, moved.left_behind.len()), (4, 0));
    assert_eq!(vault.path(), new);
    assert_eq!(vault.backups().unwrap().len(), 4);
    assert!(matches!(
        open(&setting.disk, new, &setting.key),
        Err(VaultError::InUse { .. })
    ));
    assert_eq!(
        setting.disk.list(Path::new("/home/vaults")).unwrap(),
        [Path::new("/home/vaults/backups")]
    );
    vault
        .put(Some(setting.account), account_named("sixth"), NOW)
        .unwrap();
    vault.save(NOW).unwrap();
    drop(vault);
    assert_eq!(
        name_of(
            &open(&setting.disk, new, &setting.key).unwrap(),
            setting.account
        ),
        "sixth"
    );
}

#[test]
fn moving_overwrites_nothing() {
    let setting = Setting::new();
    let taken = Path::new("/home/vaults/taken");
    setting.disk.put(taken, b"mine");
    let mut vault = setting.unlock(1);
    assert!(matches!(
        vault.move_to(taken, NOW),
        Err(VaultError::AlreadyExists { .. })
    ));
    let nowhere = vault.move_to(Path::new("/nowhere/x"), NOW);
    assert!(matches!(nowhere, Err(VaultError::FolderMissing { .. })));
    assert_eq!(setting.disk.bytes(taken).unwrap(), b"mine");
    assert_eq!(vault.path(), setting.path);
}
