//! The vault's folder goes away while the vault is unlocked, and comes back.

use super::*;
use crate::VaultError;
use crate::store::Disk;

fn change(setting: &Setting, vault: &mut Vault, name: &str) {
    vault
        .put(Some(setting.account), account_named(name), NOW)
        .unwrap();
}

#[test]
fn an_unmounted_file_system_is_not_mistaken_for_a_removed_file() {
    let setting = Setting::new();
    let folder = Path::new("/home/vaults");
    let mut vault = setting.unlock(1);
    change(&setting, &mut vault, "second");
    setting.disk.unmount(folder);
    for _ in 0..2 {
        match vault.save(NOW) {
            Err(VaultError::FolderMissing { folder: missing }) => assert_eq!(missing, folder),
            other => panic!("{other:?}"),
        }
    }
    assert!(vault.is_dirty());
    assert!(
        setting.disk.list(folder).unwrap().is_empty(),
        "nothing is written into the empty folder"
    );
    setting.disk.mount_again(folder);
    vault.save(NOW).unwrap();
    assert_eq!(vault.backups().unwrap().len(), 1);
    drop(vault);
    assert_eq!(name_of(&setting.unlock(1), setting.account), "second");
}

#[test]
fn a_folder_that_comes_back_with_an_older_file_gets_what_is_in_memory() {
    let setting = Setting::new();
    let folder = Path::new("/home/vaults");
    let mut vault = setting.unlock(1);
    let oldest = setting.disk.bytes(&setting.path).unwrap();
    for name in ["second", "third"] {
        change(&setting, &mut vault, name);
        vault.save(NOW).unwrap();
    }
    setting.disk.unmount(folder);
    change(&setting, &mut vault, "fourth");
    assert!(vault.save(NOW).is_err());
    setting.disk.mount_again(folder);
    setting.disk.put(&setting.path, &oldest);
    let report = vault.save(NOW).unwrap();
    assert!(report.written);
    assert_eq!(setting.disk.bytes(&report.backup.unwrap()).unwrap(), oldest);
    drop(vault);
    let vault = setting.unlock(1);
    assert_eq!(name_of(&vault, setting.account), "fourth");
    let past = past_names(&vault, setting.account);
    assert!(
        past.contains(&"second".to_owned()) && past.contains(&"third".to_owned()),
        "{past:?}"
    );
}

#[test]
fn a_vault_that_moved_to_another_file_system_is_at_home_there() {
    let setting = Setting::new();
    let away = Path::new("/home/stick");
    setting.disk.add_folder(away);
    let mut vault = setting.unlock(1);
    vault.move_to(&away.join("it.undercroft"), NOW).unwrap();
    change(&setting, &mut vault, "second");
    setting.disk.unmount(away);
    assert!(matches!(
        vault.save(NOW),
        Err(VaultError::FolderMissing { .. })
    ));
    setting.disk.mount_again(away);
    vault.save(NOW).unwrap();
}

#[test]
fn a_file_system_that_cannot_be_told_any_more_is_not_taken_for_another() {
    // After the file, which is gone: whether its folder is there, then the folder's file system.
    for n in [1, 2] {
        let setting = Setting::new();
        let mut vault = setting.unlock(1);
        change(&setting, &mut vault, "second");
        setting.disk.take_away(&setting.path);
        setting
            .disk
            .fail_at(n, rustix::io::Errno::IO.raw_os_error());
        assert!(vault.save(NOW).unwrap().recreated, "{n}");
    }
}

#[test]
fn a_file_system_that_could_not_be_told_at_first_is_not_taken_for_another() {
    let mut unlocked = 0;
    for n in 0..20 {
        let setting = Setting::new();
        setting
            .disk
            .fail_at(n, rustix::io::Errno::IO.raw_os_error());
        let options = UnlockOptions::new(installation(1), NOW);
        let disk = Arc::new(setting.disk.clone());
        let opened = Vault::unlock_with_key(disk, &setting.path, &setting.key, options);
        setting.disk.heal();
        let Ok((mut vault, _)) = opened else {
            continue;
        };
        if vault.access() != crate::Access::Write {
            continue;
        }
        setting.disk.take_away(&setting.path);
        change(&setting, &mut vault, "second");
        assert!(vault.save(NOW).unwrap().recreated, "{n}");
        unlocked += 1;
    }
    assert!(unlocked > 0);
}
