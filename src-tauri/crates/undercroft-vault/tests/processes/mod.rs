//! Runs this very test binary again as another process.
//!
//! A child is a test that is ignored unless asked for by name; what it should do comes in by the environment.

#![allow(dead_code, reason = "each test binary uses a part")]

pub(crate) mod traced;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use undercroft_model::{Account, AccountId, Content, InstallationId, ItemId, Partition, Timestamp};
use undercroft_secret::SecretString;
use undercroft_vault::{
    CreateOptions, Credential, KdfParams, Locking, OsDisk, UnlockOptions, Vault, VaultError,
};

/// The environment variable that tells a child where the vault is.
pub(crate) const VAULT: &str = "UNDERCROFT_TEST_VAULT";
/// The environment variable that tells a child its number.
pub(crate) const NUMBER: &str = "UNDERCROFT_TEST_NUMBER";

/// The vault that a child was given.
pub(crate) fn given_vault() -> PathBuf {
    std::env::var_os(VAULT).expect("run by another test").into()
}

/// The number that a child was given.
pub(crate) fn given_number() -> u8 {
    std::env::var(NUMBER)
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(1)
}

/// The command that runs the child test `name` on a vault.
pub(crate) fn child(name: &str, vault: &Path, number: u8) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args([
            name,
            "--exact",
            "--ignored",
            "--nocapture",
            "--test-threads=1",
        ])
        .env(VAULT, vault)
        .env(NUMBER, number.to_string())
        .stdin(Stdio::null());
    command
}

pub(crate) fn password() -> SecretString {
    SecretString::copy_of("correct horse battery staple")
}

pub(crate) fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    Timestamp::from_unix_secs(since.as_secs().cast_signed())
}

/// The item that counts.
pub(crate) const COUNTER: ItemId = ItemId::from_bytes([0xc0; 16]);

/// An account whose notes carry a number.
pub(crate) fn numbered(number: u64) -> Content {
    let mut account = Account::new(AccountId::parse("123456789012").unwrap(), Partition::Aws);
    account.notes = number.to_string();
    Content::Account(account)
}

/// The number of the counting item.
pub(crate) fn counted(vault: &Vault) -> u64 {
    let item = vault.item(COUNTER).unwrap();
    item.live()
        .unwrap()
        .as_account()
        .unwrap()
        .notes
        .parse()
        .unwrap()
}

/// Makes a vault whose counting item is at 0.
pub(crate) fn create(path: &Path) {
    // The least that is accepted: each process unlocks.
    let kdf = KdfParams {
        iterations: 1,
        ..KdfParams::FLOOR
    };
    let options = CreateOptions {
        kdf,
        installation: InstallationId::from_bytes([0xff; 16]),
        now: now(),
    };
    let (mut vault, _) = Vault::create(Arc::new(OsDisk), path, &password(), options).unwrap();
    vault.put(Some(COUNTER), numbered(0), now()).unwrap();
    vault.save(now()).unwrap();
}

/// Unlocks as a child of that number.
pub(crate) fn unlock(path: &Path, number: u8, locking: Locking) -> Result<Vault, VaultError> {
    let options = UnlockOptions {
        raise_to: None,
        locking,
        ..UnlockOptions::new(InstallationId::from_bytes([number; 16]), now())
    };
    let secret = password();
    Vault::unlock(
        Arc::new(OsDisk),
        path,
        Credential::Password(&secret),
        options,
    )
    .map(|(vault, _)| vault)
}
