//! What only a real file system shows: permissions, links, pipes.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

mod processes;

use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::Path;
use std::time::Duration;

use processes::{COUNTER, counted, create, now, numbered, unlock};
use undercroft_vault::{Locking, OsDisk, Vault, VaultError, backups_of, check, restore_backup};

const HELD: Locking = Locking::WhileUnlocked {
    patience: Duration::ZERO,
};

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn save(vault: &mut Vault, number: u64) {
    vault.put(Some(COUNTER), numbered(number), now()).unwrap();
    vault.save(now()).unwrap();
}

#[test]
fn every_file_is_for_its_owner_only() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("it.undercroft");
    create(&path);
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o644)).unwrap();
    let mut vault = unlock(&path, 1, HELD).unwrap();
    save(&mut vault, 1);
    save(&mut vault, 2);
    assert_eq!(mode(&path), 0o600);
    assert_eq!(mode(&folder.path().join("it.undercroft.lock")), 0o600);
    assert_eq!(mode(&vault.backups_folder()), 0o700);
    let newest = &vault.backups().unwrap()[0];
    assert_eq!(mode(&newest.path), 0o600);
}

#[test]
fn a_backup_by_hard_link_is_the_very_file_that_was_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("it.undercroft");
    create(&path);
    let before = std::fs::metadata(&path).unwrap().ino();
    let mut vault = unlock(&path, 1, HELD).unwrap();
    save(&mut vault, 1);
    let newest = &vault.backups().unwrap()[0];
    assert_eq!(std::fs::metadata(&newest.path).unwrap().ino(), before);
    assert_ne!(std::fs::metadata(&path).unwrap().ino(), before);
}

#[test]
fn a_linked_vault_stays_linked() {
    let folder = tempfile::tempdir().unwrap();
    let real = folder.path().join("real");
    std::fs::create_dir(&real).unwrap();
    let path = real.join("it.undercroft");
    create(&path);
    let link = folder.path().join("link.undercroft");
    symlink(&path, &link).unwrap();
    let mut vault = unlock(&link, 1, HELD).unwrap();
    assert!(matches!(
        unlock(&path, 2, HELD),
        Err(VaultError::InUse { .. })
    ));
    save(&mut vault, 5);
    drop(vault);
    assert!(std::fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(counted(&unlock(&path, 1, HELD).unwrap()), 5);
    assert!(real.join("backups").is_dir());
}

#[test]
fn a_link_in_the_lock_file_s_place_is_not_written_through() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("it.undercroft");
    create(&path);
    let lock = folder.path().join("it.undercroft.lock");
    std::fs::remove_file(&lock).unwrap();
    let precious = folder.path().join("precious");
    std::fs::write(&precious, "precious").unwrap();
    symlink(&precious, &lock).unwrap();
    assert!(unlock(&path, 1, HELD).is_err());
    assert_eq!(std::fs::read_to_string(&precious).unwrap(), "precious");
}

#[test]
fn a_pipe_in_the_vault_s_place_does_not_make_anybody_wait() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("it.undercroft");
    let made = std::process::Command::new("mkfifo")
        .arg(&path)
        .status()
        .unwrap();
    assert!(made.success());
    assert!(matches!(
        check(&OsDisk, &path),
        Err(VaultError::NotAFile { .. })
    ));
    assert!(matches!(
        unlock(&path, 1, HELD),
        Err(VaultError::NotAFile { .. })
    ));
    let pipe_as_backup = restore_backup(&OsDisk, &folder.path().join("new"), &path, now());
    assert!(pipe_as_backup.is_err());
}

#[test]
fn a_dangling_link_is_not_created_over() {
    let folder = tempfile::tempdir().unwrap();
    let link = folder.path().join("link.undercroft");
    symlink(folder.path().join("nothing"), &link).unwrap();
    let options = undercroft_vault::CreateOptions {
        kdf: undercroft_vault::KdfParams::FLOOR,
        installation: undercroft_model::InstallationId::new_random(),
        now: now(),
    };
    let made = Vault::create(
        std::sync::Arc::new(OsDisk),
        &link,
        &processes::password(),
        options,
    );
    assert!(matches!(made, Err(VaultError::AlreadyExists { .. })));
    assert!(!folder.path().join("nothing").exists());
}

#[test]
fn a_restored_backup_opens_and_the_present_file_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("it.undercroft");
    create(&path);
    let mut vault = unlock(&path, 1, HELD).unwrap();
    save(&mut vault, 1);
    save(&mut vault, 2);
    drop(vault);
    let backups = backups_of(&OsDisk, &path).unwrap();
    restore_backup(&OsDisk, &path, &backups[0].path, now()).unwrap();
    assert_eq!(counted(&unlock(&path, 1, HELD).unwrap()), 1);
    assert_eq!(backups_of(&OsDisk, &path).unwrap().len(), backups.len() + 1);
}
