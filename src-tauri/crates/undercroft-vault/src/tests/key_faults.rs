//! Changes of the keys on a disk that fails: whoever changed one knows which one opens the vault.

#![allow(clippy::print_stdout, reason = "the figures are printed")]

use rustix::io::Errno;

use super::faults::{ERRNOS, tells};
use super::*;
use crate::{Credential, VaultError, format};

const NEW: &str = "another battery stapled right";

fn opens(setting: &Setting, credential: Credential<'_>) -> bool {
    let bytes = setting.disk.bytes(&setting.path).unwrap();
    format::open(&bytes, credential).is_ok()
}

fn opens_with(setting: &Setting, text: &str) -> bool {
    opens(setting, Credential::Password(&password(text)))
}

/// Counts the disk operations of something that is done to a freshly unlocked vault.
fn operations(act: impl Fn(&mut Vault)) -> usize {
    let setting = Setting::new();
    let mut vault = setting.unlock(1);
    let before = setting.disk.operations();
    act(&mut vault);
    setting.disk.operations() - before
}

/// A vault whose `n`-th operation from now fails.
fn failing(n: usize, errno: Errno) -> (Setting, Vault) {
    let setting = Setting::new();
    let vault = setting.unlock(1);
    setting.disk.fail_at(n, errno.raw_os_error());
    (setting, vault)
}

/// A change was refused with its reason and did not happen, or happened; then a save makes it durable.
fn settle<T>(
    setting: &Setting,
    vault: &mut Vault,
    result: Result<T, VaultError>,
    errno: Errno,
) -> Option<T> {
    setting.disk.heal();
    let outcome = match result {
        Ok(value) => Some(value),
        Err(error) => {
            assert!(tells(&error, errno), "{errno:?}: {error:?}");
            assert!(!vault.is_dirty(), "what did not happen is not saved later");
            None
        }
    };
    if vault.is_dirty() {
        vault.save(later(1)).unwrap();
    }
    assert_eq!(name_of(vault, setting.account), "first");
    assert_eq!(seed_of(vault, setting.identity).expose(), b"seed of ada");
    outcome
}

#[test]
fn a_password_whose_change_fails_is_the_old_one_and_else_the_new_one() {
    let change =
        |vault: &mut Vault| vault.change_password(&password(NEW), KdfParams::LEAST, later(1));
    let count = operations(|vault| change(vault).unwrap());
    let (mut cases, mut refused) = (0, 0);
    for n in 0..count {
        for errno in ERRNOS {
            let (setting, mut vault) = failing(n, errno);
            let result = change(&mut vault);
            let told = settle(&setting, &mut vault, result, errno).is_some();
            refused += u32::from(!told);
            let right = if told { NEW } else { PASSWORD };
            assert!(opens_with(&setting, right), "operation {n}, {errno:?}");
            cases += 1;
        }
    }
    println!(
        "password change: {cases} faults, {refused} refused; 0 left another password than was said"
    );
}

#[test]
fn a_recovery_key_that_opens_the_vault_is_known_to_who_asked_for_it() {
    let count = operations(|vault| drop(vault.new_recovery_key(later(1)).unwrap()));
    let (mut cases, mut refused) = (0, 0);
    for n in 0..count {
        for errno in ERRNOS {
            let (setting, mut vault) = failing(n, errno);
            let result = vault.new_recovery_key(later(1));
            let new = settle(&setting, &mut vault, result, errno);
            refused += u32::from(new.is_none());
            let key = new.as_ref().unwrap_or(&setting.recovery);
            assert!(
                opens(&setting, Credential::RecoveryKey(key)),
                "operation {n}, {errno:?}"
            );
            cases += 1;
        }
    }
    println!("recovery key: {cases} faults, {refused} refused; 0 lost the key");
}

#[test]
fn a_vault_key_that_is_replaced_comes_with_its_recovery_key() {
    let replace = |vault: &mut Vault| vault.replace_vault_key(&password(PASSWORD), true, later(1));
    let count = operations(|vault| drop(replace(vault).unwrap()));
    let (mut cases, mut refused) = (0, 0);
    for n in 0..count {
        for errno in [Errno::NOSPC, Errno::IO] {
            let (setting, mut vault) = failing(n, errno);
            let result = replace(&mut vault);
            if vault.is_dirty() {
                let backups = vault.backups().unwrap();
                assert!(
                    !backups.is_empty(),
                    "the new file may not last: {n}, {errno:?}"
                );
            }
            let new = settle(&setting, &mut vault, result, errno);
            refused += u32::from(new.is_none());
            let key = new.as_ref().unwrap_or(&setting.recovery);
            assert!(
                opens(&setting, Credential::RecoveryKey(key)),
                "operation {n}, {errno:?}"
            );
            assert!(opens_with(&setting, PASSWORD), "operation {n}, {errno:?}");
            cases += 1;
        }
    }
    println!("vault key: {cases} faults, {refused} refused; 0 lost a key");
}
