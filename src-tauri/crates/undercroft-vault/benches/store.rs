//! What a vault on disk costs at ten thousand identities with MFA: unlocking beyond Argon2id, and saving one
//! change, fsync and verification included.
//!
//! `cargo bench -p undercroft-vault --bench store` prints medians. The vault lies in the folder for temporary
//! files; `TMPDIR` chooses another disk.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark prints, and has nobody to hand an error to"
)]

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use undercroft_model::{
    Account, AccountId, Content, DeviceId, Extra, Field, Identity, IdentityKind, InstallationId,
    ItemId, MfaDevice, OtpParams, Partition, Serial, SignOn, Timestamp, UserName,
};
use undercroft_secret::{SecretBytes, SecretString, WipingAllocator};
use undercroft_vault::{
    CreateOptions, Credential, KdfParams, OsDisk, UnlockOptions, Vault, VaultKey,
};

/// As in the program, so that freeing costs what it costs there.
#[global_allocator]
static ALLOCATOR: WipingAllocator = WipingAllocator;

const ACCOUNTS: u32 = 500;
const IDENTITIES_PER_ACCOUNT: u32 = 20;
const ROUNDS: usize = 31;
const NOW: Timestamp = Timestamp::from_unix_secs(1_800_000_000);

fn main() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bench.undercroft");
    let installation = InstallationId::new_random();
    let password = SecretString::copy_of("correct horse battery staple");
    let (key, changed) = make(&path, &password, installation);
    let size = std::fs::metadata(&path).unwrap().len();
    println!(
        "{} identities with MFA, a file of {size} bytes in {}",
        ACCOUNTS * IDENTITIES_PER_ACCOUNT,
        folder.path().parent().unwrap_or(Path::new("/")).display()
    );

    let options = || UnlockOptions {
        raise_to: None,
        ..UnlockOptions::new(installation, NOW)
    };
    report("unlock, beyond Argon2id", || {
        Vault::unlock_with_key(Arc::new(OsDisk), &path, &key, options()).unwrap()
    });
    report("unlock with a password, Argon2id at its floor", || {
        let credential = Credential::Password(&password);
        Vault::unlock(Arc::new(OsDisk), &path, credential, options()).unwrap()
    });
    let (mut vault, _) = Vault::unlock_with_key(Arc::new(OsDisk), &path, &key, options()).unwrap();
    report("decode every item, as the first search does", || {
        vault.items().count()
    });
    report("fsync of one new small file and its folder", || {
        one_fsync(folder.path())
    });

    let mut round = 0;
    report("save one change, fsync and verification included", || {
        round += 1;
        let mut item = vault.get(changed).unwrap();
        if let undercroft_model::ItemState::Live(Content::Identity(identity)) = &mut item.state {
            identity.notes = format!("changed {round} times");
            vault
                .put(Some(changed), Content::Identity(identity.clone()), NOW)
                .unwrap();
        }
        assert!(vault.save(NOW).unwrap().written);
    });
}

/// Prints the median of [`ROUNDS`] runs. Dropping the result is not measured.
fn report<T>(what: &str, mut work: impl FnMut() -> T) {
    let mut times: Vec<Duration> = (0..ROUNDS)
        .map(|_| {
            let start = Instant::now();
            let result = work();
            let elapsed = start.elapsed();
            drop(result);
            elapsed
        })
        .collect();
    times.sort();
    let median = times[ROUNDS / 2].as_secs_f64() * 1_000.0;
    println!("{median:>10.3} ms  {what}");
}

/// What the disk itself takes, to read the figure of a save against.
fn one_fsync(folder: &Path) {
    let path = folder.join("fsync");
    let mut file = std::fs::File::create(&path).unwrap();
    std::io::Write::write_all(&mut file, &[1; 4_096]).unwrap();
    file.sync_all().unwrap();
    std::fs::File::open(folder).unwrap().sync_all().unwrap();
    std::fs::remove_file(&path).unwrap();
}

/// Makes the vault, and answers its key and one identity of it.
fn make(path: &Path, password: &SecretString, installation: InstallationId) -> (VaultKey, ItemId) {
    let options = CreateOptions {
        kdf: KdfParams::FLOOR,
        installation,
        now: NOW,
    };
    let (mut vault, _) = Vault::create(Arc::new(OsDisk), path, password, options).unwrap();
    let mut last = None;
    for number in 0..ACCOUNTS {
        let account_id = AccountId::parse(&format!("{number:012}")).unwrap();
        let mut account = Account::new(account_id.clone(), Partition::Aws);
        account.name = format!("Workload {number}");
        account.notes = "Owned by the platform team; ask in the channel first.".to_owned();
        let account = vault.put(None, Content::Account(account), NOW).unwrap();
        for user in 0..IDENTITIES_PER_ACCOUNT {
            let id = ItemId::new_random();
            let identity = identity(&vault, id, account, &account_id, user);
            last = Some(
                vault
                    .put(Some(id), Content::Identity(identity), NOW)
                    .unwrap(),
            );
        }
    }
    vault.save(NOW).unwrap();
    (vault.vault_key().clone(), last.unwrap())
}

fn identity(
    vault: &Vault,
    id: ItemId,
    account: ItemId,
    account_id: &AccountId,
    user: u32,
) -> Identity {
    let name = UserName::parse(&format!("user-{user}")).unwrap();
    let mut identity = Identity::new(account, IdentityKind::IamUser { name });
    let sealed =
        |field: &Field, secret: &[u8]| vault.seal(id, field, &SecretBytes::copy_of(secret));
    identity.sign_on = Some(SignOn {
        password: sealed(&Field::Password, b"a password of twenty"),
        changed_at: NOW,
        past: Vec::new(),
        extra: Extra::new(),
    });
    let device = DeviceId::new_random();
    let serial = format!("arn:aws:iam::{account_id}:mfa/user-{user}");
    identity.devices.push(MfaDevice {
        id: device,
        name: "phone".to_owned(),
        serial: Some(Serial::parse(&serial).unwrap()),
        seed: sealed(&Field::MfaSeed(device), &[7; 40]),
        params: OtpParams::default(),
        added_at: NOW,
        extra: Extra::new(),
    });
    identity
}
