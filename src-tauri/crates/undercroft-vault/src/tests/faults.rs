//! A disk that fails at each operation, and power that goes away after each: the vault is always whole.
//!
//! Rows 6 and 7 of the reliability table, on the disk in memory; `tests/kills.rs` and `tests/full_disk.rs` do
//! the same with a real one.

#![allow(clippy::print_stdout, reason = "the figures are printed")]

use rustix::io::Errno;

use super::*;
use crate::{VaultError, backups_of, restore_backup};

pub(super) const ERRNOS: [Errno; 5] = [
    Errno::NOSPC,
    Errno::DQUOT,
    Errno::IO,
    Errno::ROFS,
    Errno::ACCESS,
];
const SEEDS: u64 = 24;

/// Something that is done to a vault and ends on the disk.
type Action = fn(&mut Vault, &Setting) -> Result<(), VaultError>;

fn save(vault: &mut Vault, _: &Setting) -> Result<(), VaultError> {
    vault.save(later(60)).map(drop)
}

/// Where there are no hard links the old file is copied.
fn save_without_links(vault: &mut Vault, setting: &Setting) -> Result<(), VaultError> {
    let none = Errno::PERM.raw_os_error();
    setting.disk.fail_each("hard_link", none);
    vault.save(later(60)).map(drop)
}

fn new_recovery_key(vault: &mut Vault, _: &Setting) -> Result<(), VaultError> {
    vault.new_recovery_key(later(60)).map(drop)
}

fn move_away(vault: &mut Vault, _: &Setting) -> Result<(), VaultError> {
    vault
        .move_to(Path::new("/home/new/it.undercroft"), later(60))
        .map(drop)
}

const ACTIONS: [(&str, Action); 4] = [
    ("save", save),
    ("save by copy", save_without_links),
    ("slot", new_recovery_key),
    ("move", move_away),
];

/// Unlocks, and changes one account without saving.
fn changed(setting: &Setting) -> Vault {
    setting.disk.add_folder(Path::new("/home/new"));
    let mut vault = setting.unlock(1);
    vault
        .put(Some(setting.account), account_named("new"), later(60))
        .unwrap();
    vault
}

/// Counts the disk operations of an action that succeeds.
fn operations(action: Action) -> usize {
    let setting = Setting::new();
    let mut vault = changed(&setting);
    let before = setting.disk.operations();
    action(&mut vault, &setting).unwrap();
    setting.disk.operations() - before
}

/// The account's name in the vault file, wherever that is now.
fn found(setting: &Setting, disk: &FaultyDisk) -> String {
    for path in [setting.path.as_path(), Path::new("/home/new/it.undercroft")] {
        if let Some(bytes) = disk.bytes(path) {
            let (_, body) =
                crate::format::open_with_key(&bytes, &setting.key).expect("a whole vault");
            let item = body.items.get(setting.account).unwrap().decode().unwrap();
            return name_in(item.live().unwrap());
        }
    }
    panic!("the vault is gone");
}

fn assert_old_or_new(setting: &Setting, disk: &FaultyDisk, at: &str) -> bool {
    let name = found(setting, disk);
    assert!(name == "first" || name == "new", "{at}: {name}");
    name == "new"
}

/// Whether an error says what the system answered.
pub(super) fn tells(error: &VaultError, errno: Errno) -> bool {
    matches!(
        (errno, error),
        (Errno::NOSPC | Errno::DQUOT, VaultError::DiskFull { .. })
            | (Errno::IO, VaultError::Io { .. })
            | (Errno::ROFS, VaultError::ReadOnly)
            | (Errno::ACCESS, VaultError::Permission { .. })
    )
}

/// Each operation of an action with each error; a failing write takes nothing, a byte, a half, or all but a byte.
fn each_fault(action: Action) -> Vec<(usize, Errno, usize)> {
    let setting = Setting::new();
    let mut vault = changed(&setting);
    let before = setting.disk.operations();
    action(&mut vault, &setting).unwrap();
    let len = setting.disk.bytes(vault.path()).unwrap().len();
    let log = setting.disk.log();
    let mut faults = Vec::new();
    for (n, operation) in log[before..].iter().enumerate() {
        let taken: &[usize] = match *operation {
            "write" => &[0, 1, len / 2, len - 1],
            _ => &[0],
        };
        let with = |errno| taken.iter().map(move |taken| (n, errno, *taken));
        faults.extend(ERRNOS.into_iter().flat_map(with));
    }
    faults
}

#[test]
fn each_failing_operation_leaves_a_whole_vault_and_the_change_in_memory() {
    for (name, action) in ACTIONS {
        let faults = each_fault(action);
        let mut refused = 0;
        for (n, errno, taken) in &faults {
            let (n, errno) = (*n, *errno);
            {
                let setting = Setting::new();
                let mut vault = changed(&setting);
                let before = setting.disk.operations();
                let old = setting.disk.bytes(&setting.path);
                setting.disk.fail_at(n, errno.raw_os_error());
                setting.disk.failing_writes_take(*taken);
                let result = action(&mut vault, &setting);
                let failed = setting.disk.log()[before + n];
                let at = format!("{name}, operation {n} ({failed}, {taken} bytes), {errno:?}");
                setting.disk.heal();

                let is_new = assert_old_or_new(&setting, &setting.disk, &at);
                match &result {
                    // In force, though perhaps not durable: see `Vault::new_recovery_key`.
                    Ok(()) if name == "slot" && vault.is_dirty() => {
                        assert!(is_new && failed == "sync_folder", "{at}");
                    }
                    Ok(()) => assert!(is_new && !vault.is_dirty(), "{at}"),
                    Err(error) => {
                        refused += 1;
                        assert!(tells(error, errno), "{at}: {error:?}");
                        if !is_new {
                            assert_eq!(setting.disk.bytes(&setting.path), old, "{at}");
                        }
                        // A change that reached the disk while moving needs no second save.
                        assert!(vault.is_dirty() || is_new, "{at}");
                        assert!(!is_new || failed == "sync_folder" || name == "move", "{at}");
                    }
                }
                assert_eq!(name_of(&vault, setting.account), "new", "{at}");

                // The next attempt succeeds, and leaves nothing behind.
                vault.save(later(61)).unwrap();
                assert!(!vault.is_dirty(), "{at}");
                assert_eq!(found(&setting, &setting.disk), "new", "{at}");
                let path = vault.path().to_owned();
                drop(vault);
                let options = UnlockOptions::new(installation(1), NOW);
                let disk = Arc::new(setting.disk.clone());
                Vault::unlock_with_key(disk, &path, &setting.key, options).unwrap();
                let files = setting.disk.paths_in(path.parent().unwrap());
                assert!(
                    !files
                        .iter()
                        .any(|file| file.extension().is_some_and(|e| e == "tmp")),
                    "{at}: {files:?}"
                );
            }
        }
        println!(
            "{name}: {} faults (5 errors at each operation), {refused} told, the others of no consequence; 0 lost anything",
            faults.len()
        );
    }
}

#[test]
fn each_failing_operation_of_a_restore_leaves_the_present_vault_or_the_backup() {
    let prepared = || {
        let setting = Setting::new();
        let mut vault = changed(&setting);
        vault.save(later(60)).unwrap();
        let backup = vault.backups().unwrap()[0].path.clone();
        (setting, backup)
    };
    let (setting, backup) = prepared();
    let before = setting.disk.operations();
    restore_backup(&setting.disk, &setting.path, &backup, later(61)).unwrap();
    let count = setting.disk.operations() - before;
    let (mut cases, mut refused) = (0, 0);
    for n in 0..count {
        for errno in ERRNOS {
            let (setting, backup) = prepared();
            let present = setting.disk.bytes(&setting.path);
            setting.disk.fail_at(n, errno.raw_os_error());
            let result = restore_backup(&setting.disk, &setting.path, &backup, later(61));
            let failed = *setting.disk.log().last().unwrap();
            setting.disk.heal();
            let at = format!("operation {n}, {errno:?}, {result:?}");
            match &result {
                Ok(()) => assert_eq!(found(&setting, &setting.disk), "first", "{at}"),
                Err(error) => {
                    refused += 1;
                    assert!(tells(error, errno), "{at}");
                    // Only the durability of the new name can be in doubt.
                    let is_there = setting.disk.bytes(&setting.path) == present;
                    assert!(is_there || failed == "sync_folder", "{at}");
                }
            }
            // What was there is kept whatever happened, and the next attempt succeeds.
            restore_backup(&setting.disk, &setting.path, &backup, later(62)).unwrap();
            assert_eq!(found(&setting, &setting.disk), "first", "{at}");
            let backups = backups_of(&setting.disk, &setting.path).unwrap();
            let kept = |backup: &crate::Backup| setting.disk.bytes(&backup.path) == present;
            assert!(backups.iter().any(kept), "{at}");
            cases += 1;
        }
    }
    println!("restore: {cases} faults, {refused} told; 0 lost anything");
}

#[test]
fn each_failing_operation_of_an_unlocking_leaves_the_file_as_it_is() {
    let unlock = |setting: &Setting| {
        let options = UnlockOptions::new(installation(1), NOW);
        let disk = Arc::new(setting.disk.clone());
        Vault::unlock_with_key(disk, &setting.path, &setting.key, options).map(|(vault, _)| vault)
    };
    let setting = Setting::new();
    unlock(&setting).unwrap();
    let count = setting.disk.operations();
    let (mut cases, mut refused) = (0, 0);
    for n in 0..count {
        for errno in ERRNOS {
            let setting = Setting::new();
            let old = setting.disk.bytes(&setting.path);
            setting.disk.fail_at(n, errno.raw_os_error());
            match unlock(&setting) {
                Ok(vault) => assert_eq!(name_of(&vault, setting.account), "first"),
                Err(error) => {
                    refused += 1;
                    assert!(tells(&error, errno), "operation {n}, {errno:?}: {error:?}");
                }
            }
            assert_eq!(setting.disk.bytes(&setting.path), old);
            setting.disk.heal();
            drop(unlock(&setting).unwrap());
            cases += 1;
        }
    }
    println!("unlocking: {cases} faults, {refused} told; 0 lost anything");
}

#[test]
fn a_failing_save_leaves_the_old_file_byte_for_byte() {
    for operation in ["create", "write", "sync", "read", "rename"] {
        for errno in ERRNOS {
            let setting = Setting::new();
            let mut vault = changed(&setting);
            let before = setting.disk.bytes(&setting.path);
            setting.disk.fail_each(operation, errno.raw_os_error());
            assert!(vault.save(later(60)).is_err(), "{operation} {errno:?}");
            assert_eq!(
                setting.disk.bytes(&setting.path),
                before,
                "{operation} {errno:?}"
            );
            let files = setting.disk.paths_in(Path::new("/home/vaults"));
            assert!(
                !files
                    .iter()
                    .any(|file| file.extension().is_some_and(|e| e == "tmp")),
                "{files:?}"
            );
        }
    }
}

#[test]
fn what_does_not_read_back_never_takes_the_vault_s_place() {
    let setting = Setting::new();
    let mut vault = changed(&setting);
    let before = setting.disk.bytes(&setting.path);
    setting.disk.corrupt_writes();
    assert!(matches!(vault.save(later(60)), Err(VaultError::Verify)));
    assert_eq!(setting.disk.bytes(&setting.path), before);
    assert!(vault.is_dirty());
}

#[test]
fn whenever_the_process_is_killed_the_old_or_the_new_vault_is_there() {
    for (name, action) in ACTIONS {
        for n in 0..operations(action) {
            let setting = Setting::new();
            let mut vault = changed(&setting);
            setting.disk.die_after(n);
            let told = action(&mut vault, &setting).is_ok() && !vault.is_dirty();
            let is_new =
                assert_old_or_new(&setting, &setting.disk.after_kill(), &format!("{name} {n}"));
            assert!(
                is_new || !told,
                "{name} {n}: told that it was saved, and it was not"
            );
        }
    }
}

#[test]
fn whenever_the_power_goes_the_old_or_the_new_vault_is_there() {
    for (name, action) in ACTIONS {
        let mut cases = 0;
        for n in 0..operations(action) {
            let setting = Setting::new();
            let mut vault = changed(&setting);
            setting.disk.die_after(n);
            let told = action(&mut vault, &setting).is_ok() && !vault.is_dirty();
            for seed in 1..=SEEDS {
                let disk = setting.disk.lose_power(seed * 0x9e37_79b9);
                let at = format!("{name}, operation {n}, seed {seed}");
                let is_new = assert_old_or_new(&setting, &disk, &at);
                assert!(
                    is_new || !told,
                    "{at}: told that it was saved, and it was not"
                );
                for backup in backups_of(&disk, &setting.path).unwrap() {
                    let bytes = disk.bytes(&backup.path).unwrap();
                    crate::format::open_with_key(&bytes, &setting.key).expect("a whole backup");
                }
                cases += 1;
            }
        }
        println!("{name}: {cases} power cuts; 0 lost anything");
    }
}

#[test]
fn a_crashed_creation_leaves_no_half_vault() {
    let path = Path::new("/home/vaults/new.undercroft");
    let create = |disk: &FaultyDisk| {
        let options = CreateOptions {
            kdf: KdfParams::LEAST,
            installation: installation(1),
            now: NOW,
        };
        Vault::create(Arc::new(disk.clone()), path, &password(PASSWORD), options)
    };
    let clean = FaultyDisk::with_folder(Path::new("/home/vaults"));
    create(&clean).unwrap();
    for n in 0..clean.operations() {
        for (errno, seed) in ERRNOS.into_iter().zip(1..) {
            let disk = FaultyDisk::with_folder(Path::new("/home/vaults"));
            disk.fail_at(n, errno.raw_os_error());
            let result = create(&disk);
            if let Some(bytes) = disk.lose_power(seed).bytes(path) {
                assert!(crate::format::parse(&bytes).is_ok(), "operation {n}");
            }
            let told = result.is_ok();
            drop(result);
            assert_eq!(told, disk.bytes(path).is_some(), "operation {n}");
            if !told {
                disk.heal();
                create(&disk).expect("nothing is in the way of the next attempt");
            }
        }
    }
}

#[test]
fn a_crashed_restore_leaves_one_of_the_two() {
    let prepared = || {
        let setting = Setting::new();
        let mut vault = changed(&setting);
        vault.save(later(60)).unwrap();
        let backup = vault.backups().unwrap()[0].path.clone();
        (setting, backup)
    };
    let (setting, backup) = prepared();
    let before = setting.disk.operations();
    restore_backup(&setting.disk, &setting.path, &backup, later(61)).unwrap();
    let count = setting.disk.operations() - before;
    for n in 0..count {
        let (setting, backup) = prepared();
        setting.disk.die_after(n);
        let told = restore_backup(&setting.disk, &setting.path, &backup, later(61)).is_ok();
        for seed in 1..=SEEDS {
            let is_new = assert_old_or_new(&setting, &setting.disk.lose_power(seed), "restore");
            assert!(!told || !is_new);
        }
    }
}
