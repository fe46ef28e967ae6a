//! Every disk operation of a change and of a code fails, is the last one, or loses its power.

use std::{collections::BTreeSet, io::ErrorKind, sync::Arc};

use crate::stage::{self, BreakableDisk, SEED, Stage, account, password, secret};
use rustix::io::Errno;
use undercroft_model::{InstallationId, ItemId, Timestamp};
use undercroft_otp::{Seed, TimeStep, code};
use undercroft_session::{AccountDraft, CodeAnswer, LockReason, Notice, SessionError};
use undercroft_vault::{Credential, UnlockOptions, Vault, store::faulty_disk::FaultyDisk};

const ERRNOS: [Errno; 5] = [
    Errno::NOSPC,
    Errno::DQUOT,
    Errno::IO,
    Errno::ROFS,
    Errno::ACCESS,
];

fn noted(id: ItemId, notes: &str) -> AccountDraft {
    AccountDraft {
        id: Some(id),
        notes: notes.to_owned(),
        ..account("123456789012")
    }
}

/// Whether what the user is told names what the system answered.
fn tells(error: &SessionError, errno: Errno) -> bool {
    matches!(
        (errno, error),
        (Errno::NOSPC | Errno::DQUOT, SessionError::DiskFull { .. })
            | (Errno::IO, SessionError::Disk { .. })
            | (Errno::ROFS, SessionError::ReadOnly { .. })
            | (Errno::ACCESS, SessionError::NoPermission { .. })
    )
}

/// The account's notes in the file, as a program finds it that starts now.
fn notes_on(disk: &FaultyDisk, stage: &Stage, id: ItemId) -> String {
    let options = UnlockOptions {
        raise_to: None,
        ..UnlockOptions::new(InstallationId::new_random(), Timestamp::from_unix_secs(0))
    };
    let disk = Arc::new(disk.after_kill());
    let password = password();
    let credential = Credential::Password(&password);
    let (vault, _) = Vault::unlock(disk, &stage.vault(), credential, options).unwrap();
    let item = vault.item(id).unwrap();
    item.live().unwrap().as_account().unwrap().notes.clone()
}

#[tokio::test]
async fn each_failing_operation_of_a_change_is_told_and_the_change_is_kept() {
    let (stage, disk) = Stage::on_faulty();
    stage.create().await;
    let id = stage.account("123456789012").await;
    let change = async |number: usize| {
        let draft = noted(id, &number.to_string());
        stage.session.save_account(draft).await.unwrap();
    };
    // So many that old backups are removed, as usual.
    for number in 0..14 {
        change(number).await;
    }
    let before = disk.operations();
    change(14).await;
    let count = disk.operations() - before;
    let (mut cases, mut told, mut number) = (0, 0, 14);
    for n in 0..count {
        for errno in ERRNOS {
            let old = disk.bytes(&stage.vault());
            let before = disk.operations();
            number += 1;
            disk.fail_at(n, errno.raw_os_error());
            change(number).await;
            let failed = disk.log().get(before + n).copied().unwrap_or_default();
            disk.heal();
            let at = format!("operation {n} ({failed}), {errno:?}");
            match stage.notices().await.as_slice() {
                [] => {}
                [Notice::Unsaved { error }] => {
                    assert!(tells(error, errno), "{at}: {error:?}");
                    let same = disk.bytes(&stage.vault()) == old;
                    assert!(same || failed == "sync_folder", "{at}");
                    told += 1;
                }
                other => panic!("{at}: {other:?}"),
            }
            let shown = stage.session.account(id).await.unwrap().notes;
            assert_eq!(shown, number.to_string(), "{at}: in memory");
            stage.session.retry_save().await.unwrap();
            assert!(stage.notices().await.is_empty(), "{at}");
            assert_eq!(notes_on(&disk, &stage, id), number.to_string(), "{at}");
            cases += 1;
        }
    }
    assert!(told > cases / 3, "{told} of {cases}");
    println!(
        "a change: {cases} faults, {told} told by their code, the others of no consequence; 0 lost"
    );
}

async fn ask(stage: &Stage) -> Result<Option<(String, Timestamp)>, SessionError> {
    match stage.session.program_code("phone".to_owned()).await? {
        CodeAnswer::Ready {
            code, valid_until, ..
        } => Ok(Some((code.expose().to_owned(), valid_until))),
        CodeAnswer::Wait { .. } => Ok(None),
    }
}

#[tokio::test]
async fn a_code_whose_step_can_not_be_kept_is_not_given_and_none_is_given_twice() {
    let (stage, disk) = Stage::on_faulty();
    stage.create().await;
    stage.filed().await;
    ask(&stage).await.unwrap().unwrap();
    stage.clock.advance(30.0);
    let before = disk.operations();
    ask(&stage).await.unwrap().unwrap();
    let log = disk.log()[before..].to_vec();
    let mut given = BTreeSet::new();
    let (mut cases, mut refused) = (0, 0);
    for (n, operation) in log.iter().enumerate() {
        for errno in ERRNOS {
            for taken in [0, 1, 4_000] {
                stage.clock.advance(30.0);
                stage.session.touch();
                disk.fail_at(n, errno.raw_os_error());
                disk.failing_writes_take(taken);
                let at = format!("{operation} {errno:?} {taken}");
                // Twice within one step: at most one of them is given a code.
                for _ in 0..2 {
                    match ask(&stage).await {
                        Ok(Some((_, step))) => assert!(given.insert(step), "{at}: given twice"),
                        Ok(None) => {}
                        Err(SessionError::StateFile { .. }) => refused += 1,
                        Err(other) => panic!("{at}: {other:?}"),
                    }
                    disk.heal();
                }
                cases += 1;
            }
        }
    }
    assert!(refused > 20, "{refused}");
    println!(
        "a code: {cases} faults, {refused} codes refused, {} given; 0 given twice",
        given.len()
    );
    let accounts = stage.session.accounts().await.unwrap();
    assert_eq!(accounts.len(), 1, "no credential is lost");
}

#[tokio::test]
async fn a_code_that_was_given_is_not_given_again_after_a_kill_or_a_power_cut() {
    let (stage, base) = Stage::on_faulty();
    stage.create().await;
    stage.filed().await;
    ask(&stage).await.unwrap().unwrap();
    stage.session.lock(LockReason::User).await;
    stage.clock.advance(30.0);
    let clean = stage.beside(&base.after_kill());
    clean.unlock().await;
    let disk = base.after_kill();
    let counted = stage.beside(&disk);
    counted.unlock().await;
    let before = disk.operations();
    ask(&counted).await.unwrap().unwrap();
    let count = disk.operations() - before;
    let (mut cases, mut given, mut again) = (0, 0, 0);
    for n in 0..=count {
        let disk = base.after_kill();
        let running = stage.beside(&disk);
        running.unlock().await;
        disk.die_after(n);
        let code = ask(&running).await.ok().flatten();
        given += u32::from(code.is_some());
        let killed = disk.after_kill();
        let cut = (1..=8_u64).map(|seed| disk.lose_power(seed * 0x9e37_79b9));
        for found in std::iter::once(killed).chain(cut) {
            let next = stage.beside(&found);
            next.unlock().await;
            let repeated = ask(&next).await.unwrap();
            assert!(
                code.is_none() || repeated.is_none(),
                "operation {n}: {code:?} was given twice"
            );
            again += u32::from(repeated.is_some());
            assert_eq!(next.session.accounts().await.unwrap().len(), 1);
            cases += 1;
        }
    }
    assert!(given > 0 && again > 0);
    println!("a code: {cases} kills and power cuts; 0 given twice, 0 credentials lost");
}

fn code_at(secs: i64) -> String {
    let seed = Seed::from_base32(&secret(SEED)).unwrap().seed;
    let params = undercroft_model::OtpParams::default();
    let step = TimeStep::at(Timestamp::from_unix_secs(secs), params.period);
    code(&seed, params, step).as_str().to_owned()
}

#[tokio::test]
async fn a_state_file_that_can_not_be_read_gives_no_code_twice() {
    for damage in ["flipped", "gone to another place", "empty", "a folder"] {
        let stage = Stage::unlocked().await;
        stage.filed().await;
        let first = ask(&stage).await.unwrap().unwrap();
        assert_eq!(first.0, code_at(stage::START_SECS));
        stage.session.lock(LockReason::User).await;
        let path = stage.state_file();
        let mut bytes = std::fs::read(&path).unwrap();
        match damage {
            "flipped" => bytes[40] ^= 1,
            "empty" => bytes.clear(),
            _ => bytes.truncate(30),
        }
        if damage == "a folder" {
            std::fs::remove_file(&path).unwrap();
            std::fs::create_dir(&path).unwrap();
        } else {
            std::fs::write(&path, &bytes).unwrap();
        }
        stage.unlock().await;
        assert_eq!(stage.notices().await, [Notice::StateReset], "{damage}");
        assert_eq!(ask(&stage).await, Ok(None), "{damage}: given twice");
        // Also after another start, which finds a file that is whole.
        let stage = stage.restart().await;
        stage.unlock().await;
        assert_eq!(ask(&stage).await, Ok(None), "{damage}: given twice");
        stage.clock.advance(30.0);
        let next = ask(&stage).await.unwrap().unwrap();
        assert_eq!(next.0, code_at(stage::START_SECS + 30), "{damage}");
    }
}

#[tokio::test]
async fn a_state_file_that_can_not_be_written_costs_no_credential() {
    let disk = Arc::new(BreakableDisk::default());
    let stage = Stage::on(disk.clone());
    stage.create().await;
    stage.filed().await;
    disk.break_for("state/", ErrorKind::StorageFull);
    stage.account("210987654321").await;
    assert!(
        stage.notices().await.is_empty(),
        "the vault itself is saved"
    );
    assert!(matches!(
        ask(&stage).await,
        Err(SessionError::StateFile { .. })
    ));
    let stage = stage.restart().await;
    stage.unlock().await;
    assert_eq!(stage.session.accounts().await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_change_that_no_disk_takes_survives_locking_and_a_later_quitting() {
    let disk = Arc::new(BreakableDisk::default());
    let stage = Stage::on(disk.clone());
    stage.create().await;
    stage.account("210987654321").await;
    // Neither the vault's folder nor that of the state: a full home folder.
    disk.break_for("/", ErrorKind::StorageFull);
    stage.account("123456789012").await;
    for _ in 0..2 {
        stage.session.lock(LockReason::Idle).await;
        stage.unlock().await;
        assert_eq!(stage.session.accounts().await.unwrap().len(), 2);
        let notices = stage.notices().await;
        let is_told = |notice: &Notice| {
            matches!(
                notice,
                Notice::Unsaved {
                    error: SessionError::DiskFull { .. }
                }
            )
        };
        assert!(notices.iter().any(is_told), "{notices:?}");
    }
    // Room again while it is locked, and then the program ends.
    stage.session.lock(LockReason::Idle).await;
    disk.mend();
    let stage = stage.restart().await;
    stage.unlock().await;
    assert_eq!(stage.session.accounts().await.unwrap().len(), 2);
    assert!(
        stage
            .notices()
            .await
            .iter()
            .all(|notice| matches!(notice, Notice::Merged { .. }))
    );
    let stage = stage.restart().await;
    stage.unlock().await;
    assert_eq!(stage.session.accounts().await.unwrap().len(), 2);
}
