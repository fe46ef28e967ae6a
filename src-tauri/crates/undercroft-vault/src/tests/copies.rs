//! Copies that sync services make of conflicts: which are taken in, and which are left alone.

use super::*;

const SYNCTHING: &str = "/home/vaults/it.sync-conflict-20261123-100000-ABCDEFG.undercroft";
const DROPBOX: &str = "/home/vaults/it (Ada's conflicted copy 2026-11-23).undercroft";

/// The bytes of the vault after another installation changed it.
fn changed_elsewhere(setting: &Setting, name: &str) -> Vec<u8> {
    let disk = FaultyDisk::with_folder(Path::new("/home/vaults"));
    disk.put(&setting.path, &setting.disk.bytes(&setting.path).unwrap());
    let mut vault = setting.unlock_on(&disk, 2);
    vault
        .put(Some(setting.account), account_named(name), later(5))
        .unwrap();
    vault.save(later(5)).unwrap();
    disk.bytes(&setting.path).unwrap()
}

#[test]
fn a_copy_of_a_conflict_is_taken_in_once_and_stays() {
    for name in [SYNCTHING, DROPBOX] {
        let setting = Setting::new();
        let copy = changed_elsewhere(&setting, "elsewhere");
        setting.disk.put(Path::new(name), &copy);
        let mut vault = setting.unlock(1);
        let found = vault.merge_copies().unwrap();
        assert_eq!((found.used, found.merged.taken.len()), (1, 1), "{name}");
        vault.save(later(6)).unwrap();
        assert_eq!(name_of(&vault, setting.account), "elsewhere");
        assert_eq!(vault.merge_copies().unwrap().used, 0, "known by now");
        assert!(!vault.is_dirty());
        assert_eq!(setting.disk.bytes(Path::new(name)).unwrap(), copy);
    }
}

#[test]
fn a_copy_that_was_taken_in_long_ago_makes_no_save() {
    let setting = Setting::new();
    let copy = changed_elsewhere(&setting, "elsewhere");
    setting.disk.put(Path::new(SYNCTHING), &copy);
    let mut vault = setting.unlock(1);
    vault.merge_copies().unwrap();
    for number in 0..crate::body::MAX_SAVES {
        let content = account_named(&format!("later {number}"));
        vault.put(Some(setting.account), content, NOW).unwrap();
        vault.save(NOW).unwrap();
    }
    assert_eq!(vault.merge_copies().unwrap().used, 0);
    assert!(!vault.is_dirty());
}

#[test]
fn a_save_that_brings_nothing_new_is_remembered_while_the_list_of_saves_has_room() {
    let setting = Setting::new();
    let change = changed_elsewhere(&setting, "elsewhere");
    setting.disk.put(Path::new(SYNCTHING), &change);
    // A third machine takes the same change in.
    let disk = FaultyDisk::with_folder(Path::new("/home/vaults"));
    disk.put(&setting.path, &setting.disk.bytes(&setting.path).unwrap());
    disk.put(Path::new(SYNCTHING), &change);
    let mut third = setting.unlock_on(&disk, 3);
    third.merge_copies().unwrap();
    third.save(later(6)).unwrap();

    let mut vault = setting.unlock(1);
    vault.merge_copies().unwrap();
    vault.save(later(7)).unwrap();
    setting
        .disk
        .put(Path::new(DROPBOX), &disk.bytes(&setting.path).unwrap());
    let found = vault.merge_copies().unwrap();
    assert_eq!((found.used, found.merged.taken.len()), (1, 0));
    assert!(vault.is_dirty());
    vault.save(later(8)).unwrap();
    assert_eq!(vault.merge_copies().unwrap().used, 0, "known by now");
    assert!(!vault.is_dirty());
}

#[test]
fn what_is_no_copy_of_a_conflict_is_left_alone() {
    let setting = Setting::new();
    let copy = changed_elsewhere(&setting, "elsewhere");
    for name in [
        "it copy.undercroft",
        "it (1).undercroft",
        "other.sync-conflict-20261123-100000-ABCDEFG.undercroft",
        "it.sync-conflict-20261123-100000-ABCDEFG.bak",
        ".it.sync-conflict-20261123.undercroft",
    ] {
        setting
            .disk
            .put(&Path::new("/home/vaults").join(name), &copy);
    }
    // Copies that are no vault, or an older state of this one.
    setting.disk.put(Path::new(SYNCTHING), b"garbage");
    setting.disk.put(
        Path::new(DROPBOX),
        &setting.disk.bytes(&setting.path).unwrap(),
    );
    let mut vault = setting.unlock(1);
    let found = vault.merge_copies().unwrap();
    assert_eq!((found.used, found.unreadable), (0, 1));
    assert!(!vault.is_dirty());
    assert_eq!(name_of(&vault, setting.account), "first");
}

#[test]
fn a_copy_of_another_vault_with_the_same_key_is_passed_over() {
    let setting = Setting::new();
    let (header, mut body) =
        crate::format::open_with_key(&changed_elsewhere(&setting, "elsewhere"), &setting.key)
            .unwrap();
    body.vault = undercroft_model::VaultId::from_bytes([9; 16]);
    let other = crate::format::write(&header, &setting.key, &body).unwrap();
    setting.disk.put(Path::new(SYNCTHING), &other);
    let mut vault = setting.unlock(1);
    let found = vault.merge_copies().unwrap();
    assert_eq!((found.used, found.unreadable), (0, 1));
    assert!(!vault.is_dirty());
    assert_eq!(name_of(&vault, setting.account), "first");
}

#[test]
fn of_two_copies_with_another_password_each_the_last_password_stays_and_is_told() {
    let setting = Setting::new();
    let disk = FaultyDisk::with_folder(Path::new("/home/vaults"));
    disk.put(&setting.path, &setting.disk.bytes(&setting.path).unwrap());
    let mut elsewhere = setting.unlock_on(&disk, 2);
    for (name, new) in [(DROPBOX, "new"), (SYNCTHING, "newer")] {
        elsewhere
            .change_password(&password(new), KdfParams::LEAST, NOW)
            .unwrap();
        let copy = disk.bytes(&setting.path).unwrap();
        setting.disk.put(Path::new(name), &copy);
    }
    let mut vault = setting.unlock(1);
    let found = vault.merge_copies().unwrap();
    assert_eq!(found.used, 2);
    assert!(found.merged.slots_changed);
    assert!(vault.verify_password(&password("newer")));
}

#[test]
fn what_an_older_file_lacks_comes_from_the_backups_and_the_copies() {
    let setting = Setting::new();
    let old_file = setting.disk.bytes(&setting.path).unwrap();
    let copy = changed_elsewhere(&setting, "elsewhere");
    let mut vault = setting.unlock(1);
    let added = vault.put(None, account_named("added"), NOW).unwrap();
    vault.save(later(1)).unwrap();
    vault.put(None, account_named("lost"), NOW).unwrap();
    vault.save(later(2)).unwrap();
    let damaged = vault
        .backups_folder()
        .join("it.undercroft.20261123T100009Z-0000000009-save.bak");
    drop(vault);
    setting.disk.put(&damaged, b"garbage");
    setting.disk.put(Path::new(SYNCTHING), &copy);
    setting.disk.put(&setting.path, &old_file);
    let mut vault = setting.unlock(1);
    let found = vault.merge_newer_backups().unwrap();
    assert_eq!((found.used, found.unreadable), (2, 1));
    assert_eq!(
        std::collections::BTreeSet::from_iter(found.merged.taken),
        [added, setting.account].into()
    );
    assert!(vault.is_dirty());
    assert_eq!(name_of(&vault, added), "added");
    assert_eq!(name_of(&vault, setting.account), "elsewhere");
}

#[test]
fn what_a_copy_alone_has_is_taken_in_also_when_the_list_of_saves_is_full() {
    let setting = Setting::new();
    let mut vault = setting.unlock(1);
    for number in 0..crate::body::MAX_SAVES {
        let content = account_named(&format!("{number}"));
        vault.put(Some(setting.account), content, NOW).unwrap();
        vault.save(NOW).unwrap();
    }
    // A change, and the same items under another password.
    let change = changed_elsewhere(&setting, "elsewhere");
    let disk = FaultyDisk::with_folder(Path::new("/home/vaults"));
    disk.put(&setting.path, &setting.disk.bytes(&setting.path).unwrap());
    setting
        .unlock_on(&disk, 2)
        .change_password(&password("new"), KdfParams::LEAST, NOW)
        .unwrap();
    let new_password = disk.bytes(&setting.path).unwrap();

    setting.disk.put(Path::new(SYNCTHING), &new_password);
    let found = vault.merge_copies().unwrap();
    assert_eq!((found.used, found.merged.taken.len()), (1, 0));
    assert!(found.merged.slots_changed && vault.is_dirty());
    vault.save(NOW).unwrap();
    setting.disk.put(Path::new(SYNCTHING), &change);
    let found = vault.merge_copies().unwrap();
    assert_eq!((found.used, found.merged.taken.len()), (1, 1));
    assert!(!found.merged.slots_changed && vault.is_dirty());
    assert_eq!(name_of(&vault, setting.account), "elsewhere");
}
