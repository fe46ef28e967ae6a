//! Getting a vault back: from each kind of backup, after each kind of damage, and with the recovery key.

use std::fs;
use std::path::{Path, PathBuf};

use crate::stage::{self, Stage, password, secret};
use undercroft_model::Timestamp;
use undercroft_session::{Clock, LockReason, Notice, SessionError, VaultState};

const DAY_SECS: i64 = 86_400;

/// Does something bad to a file.
type Damage = fn(&Path);

/// What can happen to a file.
const DAMAGES: [(&str, Damage); 8] = [
    ("cut in half", |path| cut(path, 1, 2)),
    ("cut by its last byte", |path| {
        let bytes = fs::read(path).unwrap();
        fs::write(path, &bytes[..bytes.len() - 1]).unwrap();
    }),
    ("a byte flipped in the header", |path| flip(path, 40)),
    ("a byte flipped in the body", |path| {
        let length = fs::read(path).unwrap().len();
        flip(path, length / 2);
    }),
    ("bytes after its end", |path| {
        let mut bytes = fs::read(path).unwrap();
        bytes.extend(b"more");
        fs::write(path, bytes).unwrap();
    }),
    ("filled with zeros", |path| {
        let length = fs::read(path).unwrap().len();
        fs::write(path, vec![0; length]).unwrap();
    }),
    ("empty", |path| fs::write(path, []).unwrap()),
    ("missing", |path| fs::remove_file(path).unwrap()),
];

fn cut(path: &Path, part: usize, of: usize) {
    let bytes = fs::read(path).unwrap();
    fs::write(path, &bytes[..bytes.len() * part / of]).unwrap();
}

fn flip(path: &Path, place: usize) {
    let mut bytes = fs::read(path).unwrap();
    bytes[place] ^= 0x01;
    fs::write(path, bytes).unwrap();
}

/// A locked vault with three accounts, one for each save.
async fn saved_three_times() -> Stage {
    let stage = Stage::unlocked().await;
    for digits in ["100000000001", "100000000002", "100000000003"] {
        stage.clock.set_wall(60);
        stage.account(digits).await;
    }
    stage.session.lock(LockReason::User).await;
    stage
}

/// The backups' files, newest first.
fn backups(stage: &Stage) -> Vec<PathBuf> {
    let mut files = stage::files_below(&stage.vault().with_file_name("backups"));
    files.sort();
    files.reverse();
    files
}

async fn accounts(stage: &Stage) -> usize {
    stage.session.accounts().await.unwrap().len()
}

#[tokio::test]
async fn after_each_kind_of_damage_the_newest_sound_backup_opens_and_says_what_is_missing() {
    for (kind, damage) in DAMAGES {
        let stage = saved_three_times().await;
        damage(&stage.vault());
        let opened = stage.session.unlock(password()).await.unwrap_err();
        assert!(
            matches!(
                opened,
                SessionError::Damaged { .. }
                    | SessionError::NotAVault { .. }
                    | SessionError::VaultMissing { .. }
            ),
            "{kind}: {opened:?}"
        );
        let rows = stage.session.locked_backups().await.unwrap();
        assert!(rows[0].sound, "{kind}");
        let wrong = stage
            .session
            .restore_newest_and_unlock(secret("wrong"))
            .await;
        assert_eq!(
            wrong,
            Err(SessionError::WrongPassword { wait_secs: 0 }),
            "{kind}"
        );
        let restored = stage.session.restore_newest_and_unlock(password()).await;
        restored.unwrap_or_else(|error| panic!("{kind}: {error:?}"));
        assert_eq!(accounts(&stage).await, 2, "{kind}: all but the last save");
        let notices = stage.notices().await;
        let [
            Notice::Restored {
                saved_at,
                missing_saves: 1,
                last_save_at: Some(last_save_at),
                passed_over: 0,
            },
        ] = notices[..]
        else {
            panic!("{kind}: {notices:?}");
        };
        assert_eq!(saved_at, rows[0].saved_at);
        assert_eq!(last_save_at.secs_since(saved_at), 60, "{kind}");
        // It is the vault again, also after a new start.
        let stage = stage.restart().await;
        stage.unlock().await;
        assert_eq!(accounts(&stage).await, 2);
        assert!(stage.notices().await.is_empty());
        println!("{kind}: opened by one call; 1 save missing and said");
    }
    println!(
        "kinds of damage to the vault: {}; not opened: 0",
        DAMAGES.len()
    );
}

#[tokio::test]
async fn a_damaged_backup_is_passed_over_for_the_next_sound_one() {
    let kinds = DAMAGES.iter().filter(|(kind, _)| *kind != "missing");
    for (kind, damage) in kinds.clone() {
        let stage = saved_three_times().await;
        cut(&stage.vault(), 1, 2);
        let files = backups(&stage);
        assert_eq!(files.len(), 3);
        damage(&files[0]);
        stage
            .session
            .restore_newest_and_unlock(password())
            .await
            .unwrap();
        assert_eq!(accounts(&stage).await, 1, "{kind}");
        let notices = stage.notices().await;
        assert!(
            matches!(
                notices[..],
                [Notice::Restored {
                    missing_saves: 2,
                    passed_over: 1,
                    ..
                }]
            ),
            "{kind}: {notices:?}"
        );
    }
    // Three saves behind, which is told, as is that this machine's own notes are damaged too.
    let stage = saved_three_times().await;
    let files = backups(&stage);
    for file in [&stage.vault(), &files[0], &files[1]] {
        cut(file, 1, 2);
    }
    stage
        .session
        .restore_newest_and_unlock(password())
        .await
        .unwrap();
    let notices = stage.notices().await;
    assert!(
        matches!(
            notices[..],
            [Notice::Restored {
                missing_saves: 3,
                passed_over: 2,
                ..
            }]
        ),
        "{notices:?}"
    );
    println!(
        "kinds of damage to the newest backup: {}; next not opened: 0",
        kinds.count()
    );

    // None is whole: the reason is told and nothing is changed.
    let stage = saved_three_times().await;
    cut(&stage.vault(), 1, 2);
    for file in backups(&stage) {
        flip(&file, 2_000);
    }
    let before = fs::read(stage.vault()).unwrap();
    let refused = stage.session.restore_newest_and_unlock(password()).await;
    assert!(
        matches!(refused, Err(SessionError::Damaged { .. })),
        "{refused:?}"
    );
    assert_eq!(fs::read(stage.vault()).unwrap(), before);
    // There is none at all.
    for file in backups(&stage) {
        fs::remove_file(file).unwrap();
    }
    let refused = stage.session.restore_newest_and_unlock(password()).await;
    assert_eq!(refused, Err(SessionError::NoSuchItem));
}

#[tokio::test]
async fn damage_to_the_state_file_is_said_beside_what_was_restored() {
    let stage = saved_three_times().await;
    cut(&stage.vault(), 1, 2);
    cut(&stage.state_file(), 1, 2);
    stage
        .session
        .restore_newest_and_unlock(password())
        .await
        .unwrap();
    let notices = stage.notices().await;
    assert!(notices.contains(&Notice::StateReset), "{notices:?}");
    assert!(
        notices.iter().any(|notice| matches!(
            notice,
            Notice::Restored {
                missing_saves: 0,
                last_save_at: None,
                ..
            }
        )),
        "of later saves nothing is known: {notices:?}"
    );
}

#[tokio::test]
async fn restoring_leaves_key_derivation_as_the_backup_has_it() {
    let stage = Stage::unlocked().await;
    stage.account("100000000001").await;
    let before = stage.session.vault_details().await.unwrap();
    let backup = stage.session.backups().await.unwrap().remove(0);
    stage
        .session
        .restore_backup(backup.id, password())
        .await
        .unwrap();
    let after = stage.session.vault_details().await.unwrap();
    assert_eq!(after.kdf_memory_kib, before.kdf_memory_kib);
    assert_eq!(after.saves + 1, before.saves);
}

#[tokio::test]
async fn a_mistyped_password_gives_no_newer_version_up() {
    let stage = Stage::unlocked().await;
    stage.account("100000000001").await;
    let new = secret("furrow-candle-lintel-48");
    let change = stage.session.change_password(Some(password()), new.clone());
    change.await.unwrap();
    stage.account("100000000002").await;
    stage.session.lock(LockReason::User).await;
    fs::remove_file(stage.vault()).unwrap();
    // Older backups have the old password; the newest has the new one.
    let old = stage.session.restore_newest_and_unlock(password()).await;
    assert_eq!(old, Err(SessionError::WrongPassword { wait_secs: 0 }));
    assert!(!stage.vault().exists());
    stage.session.restore_newest_and_unlock(new).await.unwrap();
    assert_eq!(accounts(&stage).await, 1);
}

#[tokio::test]
async fn every_kind_of_backup_is_restored() {
    let stage = Stage::unlocked().await;
    // Eight months with a save each, then nine days, then twelve minutes: more than is kept of each.
    let mut number: u64 = 100_000_000_000;
    let steps = [(8, 31 * DAY_SECS), (9, DAY_SECS), (12, 60)];
    let mut saved = Vec::new();
    for (times, secs) in steps {
        for _ in 0..times {
            stage.clock.set_wall(secs);
            number += 1;
            stage.account(&number.to_string()).await;
            saved.push(Timestamp::from_unix_secs(stage.clock.now_millis() / 1000));
        }
    }
    let now = *saved.last().unwrap();
    let rows = stage.session.backups().await.unwrap();
    let (mut recent, mut daily, mut monthly) = (0, 0, 0);
    for (place, row) in rows.iter().enumerate() {
        assert!(row.sound);
        let age = now.secs_since(row.saved_at);
        match (place, age) {
            (..10, _) => recent += 1,
            (_, ..691_200) => daily += 1,
            (_, _) => monthly += 1,
        }
        // Each is restored into a vault that is gone, and holds exactly what was saved until then.
        stage.session.lock(LockReason::User).await;
        let whole = fs::read(stage.vault()).unwrap();
        fs::remove_file(stage.vault()).unwrap();
        let restored = stage
            .session
            .restore_and_unlock(row.id.clone(), password())
            .await;
        restored.unwrap();
        let expected = saved.iter().filter(|at| **at <= row.saved_at).count();
        assert_eq!(accounts(&stage).await, expected, "of {}", row.saved_at);
        let report = stage.session.check_vault().await.unwrap();
        assert_eq!(report.problem, None);
        stage.session.lock(LockReason::User).await;
        fs::write(stage.vault(), whole).unwrap();
        stage.unlock().await;
    }
    assert_eq!(recent, 10);
    assert!(
        daily >= 5 && monthly >= 4,
        "{daily} daily and {monthly} monthly ones"
    );
    println!("backups restored: {recent} recent, {daily} daily, {monthly} monthly; lost: 0");
}

#[tokio::test]
async fn the_recovery_key_opens_after_the_password_is_lost() {
    let stage = Stage::new();
    let key = stage.create().await;
    stage.account("100000000001").await;
    let stage = stage.restart().await;
    stage
        .session
        .unlock_with_recovery_key(key.clone())
        .await
        .unwrap();
    assert_eq!(accounts(&stage).await, 1);
    let new = secret("furrow-candle-lintel-48");
    stage
        .session
        .change_password(None, new.clone())
        .await
        .unwrap();
    let stage = stage.restart().await;
    assert!(stage.session.unlock(password()).await.is_err());
    stage.session.unlock(new).await.unwrap();
    assert_eq!(stage.session.status().await.state, VaultState::Unlocked);
    // The key still does, the next time too.
    let stage = stage.restart().await;
    stage
        .session
        .unlock_with_recovery_key(key.clone())
        .await
        .unwrap();

    // The vault is damaged as well: the key opens the newest sound backup, and again a new password is set.
    stage.account("100000000002").await;
    stage.session.lock(LockReason::User).await;
    cut(&stage.vault(), 1, 2);
    let session = &stage.session;
    let other = Stage::new().create().await;
    let wrong = session.restore_newest_with_recovery_key(other).await;
    assert_eq!(wrong, Err(SessionError::WrongRecoveryKey { wait_secs: 0 }));
    let typo = session
        .restore_newest_with_recovery_key(secret("AAAA"))
        .await;
    assert_eq!(typo, Err(SessionError::MistypedRecoveryKey));
    session.restore_newest_with_recovery_key(key).await.unwrap();
    assert_eq!(accounts(&stage).await, 1);
    session
        .change_password(None, secret("gable-thistle-mortise-5"))
        .await
        .unwrap();
}
