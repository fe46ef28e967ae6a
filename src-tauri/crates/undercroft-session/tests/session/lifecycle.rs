//! Making, unlocking, moving and restoring a vault; passwords and recovery keys.

use std::fs;

use crate::stage::{self, PASSWORD, Stage, password, secret};
use undercroft_model::Timestamp;
use undercroft_session::{AccountDraft, LockReason, Notice, SessionError, VaultState};

const NEW_PASSWORD: &str = "granite-otter-lantern-38";

#[tokio::test]
async fn a_vault_is_made_once_and_opens_with_its_password() {
    let stage = Stage::new();
    assert_eq!(stage.session.status().await.state, VaultState::NoVault);
    assert!(!stage.session.is_unlocked());
    stage.create().await;
    assert_eq!(stage.session.status().await.state, VaultState::Unlocked);
    assert!(stage.session.is_unlocked());
    let again = stage.session.create(stage.vault(), password()).await;
    assert_eq!(
        again.unwrap_err(),
        SessionError::AlreadyExists {
            path: stage.vault()
        }
    );
    stage.account("123456789012").await;
    let stage = stage.restart().await;
    assert_eq!(stage.session.status().await.state, VaultState::Locked);
    stage.unlock().await;
    assert_eq!(stage.session.accounts().await.unwrap().len(), 1);
}

#[tokio::test]
async fn weak_passwords_are_refused() {
    let stage = Stage::new();
    let refused = stage
        .session
        .create(stage.vault(), secret("undercroft1"))
        .await;
    assert_eq!(refused.unwrap_err(), SessionError::WeakPassword);
    assert!(!stage.vault().exists());
    let strength = stage
        .session
        .assess_password(secret("undercroft1"))
        .await
        .unwrap();
    assert!(!strength.acceptable);
}

#[tokio::test]
async fn the_vaults_own_words_make_no_password() {
    let stage = Stage::unlocked().await;
    let words = "plinthmoor otterhaven vellumgate";
    let acceptable = async || {
        let strength = stage.session.assess_password(secret(words)).await;
        strength.unwrap().acceptable
    };
    assert!(acceptable().await);
    let account = AccountDraft {
        name: words.to_owned(),
        ..stage::account("123456789012")
    };
    stage.session.save_account(account).await.unwrap();
    assert!(!acceptable().await);
    let change = stage
        .session
        .change_password(Some(password()), secret(words));
    assert_eq!(change.await, Err(SessionError::WeakPassword));
}

#[tokio::test]
async fn a_recovery_key_is_checked_also_while_the_vault_is_open() {
    let other = Stage::new().create().await;
    let stage = Stage::new();
    let own = stage.create().await;
    let session = &stage.session;
    assert_eq!(
        session.unlock_with_recovery_key(other).await,
        Err(SessionError::WrongRecoveryKey { wait_secs: 0 })
    );
    session.unlock_with_recovery_key(own).await.unwrap();
    let refused = session.change_password(None, secret(NEW_PASSWORD)).await;
    assert!(matches!(refused, Err(SessionError::WrongPassword { .. })));
}

#[tokio::test]
async fn a_folder_that_is_not_there_is_not_made_up() {
    let stage = Stage::new();
    let path = stage.folder.path().join("gone/it.undercroft");
    let refused = stage
        .session
        .create(path.clone(), password())
        .await
        .unwrap_err();
    let SessionError::FolderMissing { path: folder } = refused else {
        panic!("{refused:?}");
    };
    assert_eq!(folder, path.parent().unwrap());
}

#[tokio::test]
async fn five_wrong_passwords_slow_down_and_the_wait_is_kept() {
    let stage = Stage::unlocked().await;
    stage.session.lock(LockReason::User).await;
    let wrong = || stage.session.unlock(secret("not the password"));
    for wait_secs in [0, 0, 0, 0, 1] {
        assert_eq!(
            wrong().await,
            Err(SessionError::WrongPassword { wait_secs })
        );
    }
    assert_eq!(stage.session.status().await.wait_secs, 1);
    // Not even the right one is tried before the wait is over.
    let early = stage.session.unlock(password()).await;
    assert_eq!(early, Err(SessionError::WrongPassword { wait_secs: 1 }));
    stage.clock.advance(1.0);
    assert_eq!(
        wrong().await,
        Err(SessionError::WrongPassword { wait_secs: 2 })
    );
    stage.clock.advance(2.0);
    stage.unlock().await;
    assert_eq!(stage.session.status().await.wait_secs, 0);
    let wrong = stage
        .session
        .verify_password(secret("not the password"))
        .await;
    assert_eq!(
        wrong,
        Err(SessionError::WrongPassword { wait_secs: 0 }),
        "counted anew"
    );
}

#[tokio::test]
async fn the_recovery_key_opens_the_vault_for_a_new_password() {
    let stage = Stage::new();
    let key = stage.create().await;
    stage.session.lock(LockReason::User).await;
    let typed = key.expose().to_lowercase().replace('-', " ");
    let mistyped = typed.replacen(['a', 'b', 'c', '2', '3', '4'], "z", 1);
    let refused = stage
        .session
        .unlock_with_recovery_key(secret(&mistyped))
        .await;
    assert_eq!(refused, Err(SessionError::MistypedRecoveryKey));
    let other = undercroft_vault::RecoveryKey::random().to_printable();
    let refused = stage.session.unlock_with_recovery_key(other).await;
    assert_eq!(
        refused,
        Err(SessionError::WrongRecoveryKey { wait_secs: 0 })
    );

    stage
        .session
        .unlock_with_recovery_key(secret(&typed))
        .await
        .unwrap();
    assert!(stage.session.status().await.needs_new_password);
    stage
        .session
        .change_password(None, secret(NEW_PASSWORD))
        .await
        .unwrap();
    assert!(!stage.session.status().await.needs_new_password);
    let again = stage.session.change_password(None, password()).await;
    assert_eq!(
        again,
        Err(SessionError::WrongPassword { wait_secs: 0 }),
        "only once"
    );
    stage.session.lock(LockReason::User).await;
    assert!(stage.session.unlock(password()).await.is_err());
    stage.session.unlock(secret(NEW_PASSWORD)).await.unwrap();
    assert!(!stage.session.status().await.needs_new_password);
}

#[tokio::test]
async fn changing_the_password_wants_the_present_one_and_a_good_new_one() {
    let stage = Stage::unlocked().await;
    let change = |current: &str, new: &str| {
        stage
            .session
            .change_password(Some(secret(current)), secret(new))
    };
    let refused = change("wrong", NEW_PASSWORD).await;
    assert_eq!(refused, Err(SessionError::WrongPassword { wait_secs: 0 }));
    assert_eq!(
        change(PASSWORD, "aaaaaaaa").await,
        Err(SessionError::WeakPassword)
    );
    change(PASSWORD, NEW_PASSWORD).await.unwrap();
    let stage = stage.restart().await;
    assert!(stage.session.unlock(password()).await.is_err());
    stage.session.unlock(secret(NEW_PASSWORD)).await.unwrap();
}

#[tokio::test]
async fn a_new_recovery_key_takes_the_old_ones_place() {
    let stage = Stage::new();
    let old = stage.create().await;
    assert!(
        stage
            .session
            .new_recovery_key(secret("wrong"))
            .await
            .is_err()
    );
    let new = stage.session.new_recovery_key(password()).await.unwrap();
    stage.session.lock(LockReason::User).await;
    let refused = stage.session.unlock_with_recovery_key(old).await;
    assert!(
        matches!(refused, Err(SessionError::WrongRecoveryKey { .. })),
        "{refused:?}"
    );
    stage
        .session
        .unlock_with_recovery_key(new.key)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_new_vault_key_keeps_everything_but_the_backups() {
    let stage = Stage::unlocked().await;
    let filed = stage.filed().await;
    let wish = undercroft_session::SessionWish {
        device: None,
        ..filed.wish()
    };
    stage.session.get_session(wish.clone()).await.unwrap();
    assert!(!stage.session.backups().await.unwrap().is_empty());
    let history = stage.session.history(filed.identity).await.unwrap();
    let kit = stage.session.new_vault_key(password()).await.unwrap();
    assert!(stage.session.backups().await.unwrap().is_empty());
    assert_eq!(
        stage.session.history(filed.identity).await.unwrap(),
        history,
        "a secret that was sealed again is no other one"
    );
    let stage = stage.restart().await;
    stage
        .session
        .unlock_with_recovery_key(kit.key)
        .await
        .unwrap();
    assert!(stage.notices().await.is_empty(), "the state file followed");
    let report = stage.session.check_vault().await.unwrap();
    assert_eq!((report.problem, report.secrets > 0), (None, true));
    stage.session.get_session(wish).await.unwrap();
    assert_eq!(
        stage.sts.calls().len(),
        1,
        "the cached session is still there"
    );
}

#[tokio::test]
async fn a_vault_is_moved_with_its_backups_and_found_at_the_next_start() {
    let stage = Stage::unlocked().await;
    stage.account("123456789012").await;
    fs::create_dir(stage.folder.path().join("elsewhere")).unwrap();
    let new = stage.folder.path().join("elsewhere/mine.undercroft");
    let taken = stage.session.move_vault_to(stage.vault()).await;
    assert!(
        matches!(taken, Err(SessionError::AlreadyExists { .. })),
        "{taken:?}"
    );
    let place = stage.session.move_vault_to(new.clone()).await.unwrap();
    assert_eq!(place, new);
    assert!(!stage.vault().exists() && new.exists());
    stage.account("210987654321").await;
    stage.session.lock(LockReason::User).await;
    assert_eq!(stage.session.status().await.path, new);
    stage.unlock().await;
    assert_eq!(stage.session.accounts().await.unwrap().len(), 2);
    assert!(!stage.session.backups().await.unwrap().is_empty());
    let remembered = fs::read_to_string(stage.state_dir().join("last.json")).unwrap();
    assert!(remembered.contains("mine.undercroft"));
}

#[tokio::test]
async fn turning_to_another_vault_locks_the_first() {
    let stage = Stage::unlocked().await;
    let other = Stage::unlocked().await;
    other.account("123456789012").await;
    other.session.lock(LockReason::User).await;
    let nothing = stage.folder.path().join("vault/none.undercroft");
    let refused = stage.session.open_vault(nothing).await;
    assert!(
        matches!(refused, Err(SessionError::VaultMissing { .. })),
        "{refused:?}"
    );
    assert_eq!(stage.session.status().await.state, VaultState::Unlocked);
    stage.session.open_vault(other.vault()).await.unwrap();
    assert_eq!(stage.session.status().await.state, VaultState::Locked);
    stage.unlock().await;
    assert_eq!(stage.session.accounts().await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_vault_in_use_says_by_whom() {
    let stage = Stage::unlocked().await;
    let other = Stage::new();
    other.session.open_vault(stage.vault()).await.unwrap();
    let refused = other.session.unlock(password()).await;
    assert_eq!(
        refused,
        Err(SessionError::InUse {
            pid: Some(std::process::id())
        })
    );
    stage.session.lock(LockReason::User).await;
    other.unlock().await;
}

#[tokio::test]
async fn whether_the_vault_is_free_shows_before_the_password_is_typed() {
    let stage = Stage::unlocked().await;
    let other = Stage::new();
    assert_eq!(other.session.check_free().await, Ok(()), "there is none");
    other.session.open_vault(stage.vault()).await.unwrap();
    let in_use = SessionError::InUse {
        pid: Some(std::process::id()),
    };
    assert_eq!(other.session.check_free().await, Err(in_use));
    assert_eq!(stage.session.check_free().await, Ok(()), "by itself");
    stage.session.lock(LockReason::User).await;
    assert_eq!(other.session.check_free().await, Ok(()));
    fs::write(stage.vault(), "a letter").unwrap();
    assert_eq!(
        other.session.check_free().await,
        Ok(()),
        "left to unlocking"
    );
}

#[tokio::test]
async fn a_vault_is_known_where_it_was_unlocked_last() {
    let stage = Stage::new();
    assert!(!stage.session.status().await.is_known);
    stage.create().await;
    assert!(stage.session.status().await.is_known);
    let other = Stage::unlocked().await;
    other.session.lock(LockReason::User).await;
    stage.session.open_vault(other.vault()).await.unwrap();
    assert!(!stage.session.status().await.is_known);
    stage.unlock().await;
    assert!(stage.session.status().await.is_known);
    stage.session.open_vault(stage.vault()).await.unwrap();
    assert!(!stage.session.status().await.is_known, "not the last one");
}

#[tokio::test]
async fn a_secret_that_does_not_open_is_found_by_the_check() {
    let stage = Stage::unlocked().await;
    stage.filed().await;
    let before = stage.session.check_vault().await.unwrap();
    assert_eq!(before.problem, None);
    stage.session.lock(LockReason::User).await;
    // The secrets of one item do not open in another.
    stage.in_vault(|vault| {
        let items: Vec<_> = vault.items().map(Result::unwrap).collect();
        let mut contents = items.iter().filter_map(|item| item.live());
        let identity = contents.find(|content| content.as_identity().is_some());
        let now = Timestamp::from_unix_secs(stage::START_SECS);
        vault.put(None, identity.unwrap().clone(), now).unwrap();
        vault.save(now).unwrap();
    });
    stage.unlock().await;
    let report = stage.session.check_vault().await.unwrap();
    assert!(
        matches!(report.problem, Some(SessionError::Damaged { backups, .. }) if backups > 0),
        "{report:?}"
    );
    let counted = (report.items, report.secrets);
    assert_eq!(counted, (before.items + 1, before.secrets));
}

#[tokio::test]
async fn a_file_of_a_later_version_and_one_with_absurd_costs_are_called_that() {
    let stage = Stage::unlocked().await;
    stage.session.lock(LockReason::User).await;
    let vectors = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../tests/vectors/vault");
    let needs = "2.0".to_owned();
    for (vector, error) in [
        (
            "version/critical-of-major-2",
            SessionError::TooNew { needs },
        ),
        ("kdf/memory-kib-4194304", SessionError::HostileParameters),
    ] {
        fs::copy(format!("{vectors}/{vector}.vault"), stage.vault()).unwrap();
        let refused = stage.session.unlock(password()).await;
        assert_eq!(refused, Err(error), "{vector}");
    }
}

#[tokio::test]
async fn what_is_wrong_with_the_file_shows_before_the_password_is_typed() {
    let stage = Stage::unlocked().await;
    stage.account("123456789012").await;
    stage.account("210987654321").await;
    stage.session.lock(LockReason::User).await;
    assert_eq!(stage.session.problem().await, None);
    let whole = fs::read(stage.vault()).unwrap();
    let mut damaged = whole.clone();
    damaged[40] ^= 1;
    fs::write(stage.vault(), &damaged).unwrap();
    let problem = stage.session.problem().await;
    assert!(
        matches!(problem, Some(SessionError::Damaged { backups: 2, .. })),
        "{problem:?}"
    );
    fs::write(stage.vault(), "a letter").unwrap();
    let problem = stage.session.problem().await;
    assert_eq!(
        problem,
        Some(SessionError::NotAVault {
            path: stage.vault()
        })
    );
    fs::remove_file(stage.vault()).unwrap();
    let problem = stage.session.problem().await;
    assert!(
        matches!(problem, Some(SessionError::VaultMissing { backups: 2, .. })),
        "{problem:?}"
    );
}

#[tokio::test]
async fn a_damaged_vault_is_restored_from_a_backup_by_who_has_the_password() {
    let stage = Stage::unlocked().await;
    stage.account("123456789012").await;
    stage.account("210987654321").await;
    stage.session.lock(LockReason::User).await;
    let whole = fs::read(stage.vault()).unwrap();
    fs::write(stage.vault(), &whole[..whole.len() / 2]).unwrap();
    let backups = stage.session.locked_backups().await.unwrap();
    assert_eq!(backups.len(), 2);
    assert!(backups.iter().all(|backup| backup.sound));
    let newest = backups[0].id.clone();
    let refused = stage
        .session
        .restore_and_unlock(newest.clone(), secret("wrong"))
        .await;
    assert_eq!(refused, Err(SessionError::WrongPassword { wait_secs: 0 }));
    assert_eq!(
        fs::read(stage.vault()).unwrap().len(),
        whole.len() / 2,
        "untouched"
    );
    let elsewhere = stage
        .session
        .restore_and_unlock("../../etc/passwd".to_owned(), password())
        .await;
    assert_eq!(elsewhere, Err(SessionError::NoSuchItem));

    stage
        .session
        .restore_and_unlock(newest, password())
        .await
        .unwrap();
    assert_eq!(stage.session.accounts().await.unwrap().len(), 1);
    let notices = stage.notices().await;
    assert!(
        matches!(
            notices[..],
            [Notice::Restored {
                missing_saves: 1,
                ..
            }]
        ),
        "what is missing, and no warning: {notices:?}"
    );
    let stage = stage.restart().await;
    stage.unlock().await;
    assert!(stage.notices().await.is_empty());
}

#[tokio::test]
async fn an_unlocked_vault_goes_back_to_a_backup_and_keeps_what_it_was() {
    let stage = Stage::unlocked().await;
    stage.account("123456789012").await;
    stage.account("210987654321").await;
    let backup = stage.session.backups().await.unwrap()[0].id.clone();
    assert!(
        stage
            .session
            .restore_backup(backup.clone(), secret("wrong"))
            .await
            .is_err()
    );
    stage
        .session
        .restore_backup(backup, password())
        .await
        .unwrap();
    assert_eq!(stage.session.accounts().await.unwrap().len(), 1);
    assert!(stage.notices().await.is_empty());
    // And forward again, to what was given up.
    let backups = stage.session.backups().await.unwrap();
    assert!(backups.len() >= 3);
    let given_up = backups
        .iter()
        .find(|backup| backup.id.contains("restore"))
        .unwrap();
    stage
        .session
        .restore_backup(given_up.id.clone(), password())
        .await
        .unwrap();
    assert_eq!(stage.session.accounts().await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_backup_with_an_older_password_is_restored_and_stays_locked() {
    let stage = Stage::unlocked().await;
    stage.account("123456789012").await;
    let change = stage
        .session
        .change_password(Some(password()), secret(NEW_PASSWORD));
    change.await.unwrap();
    let backup = stage.session.backups().await.unwrap()[0].id.clone();
    stage
        .session
        .restore_backup(backup, secret(NEW_PASSWORD))
        .await
        .unwrap();
    assert_eq!(stage.session.status().await.state, VaultState::Locked);
    stage.unlock().await;
}

#[tokio::test]
async fn weak_key_derivation_is_raised_when_the_vault_is_unlocked() {
    let stage = Stage::unlocked().await;
    stage.session.lock(LockReason::User).await;
    let session = undercroft_session::Session::start(undercroft_session::Parts {
        places: undercroft_session::Places {
            vault: stage.vault(),
            state_dir: stage.state_dir(),
        },
        platform: stage.platform.clone(),
        clock: stage.clock.clone(),
        sts: stage.sts.clone(),
        iam: stage.iam.clone(),
        console: stage::console(),
        http: stage::http(),
        disk: stage.disk.clone(),
        kdf: None,
    });
    session.unlock(password()).await.unwrap();
    assert_eq!(
        session.overview().await.unwrap().notices,
        [Notice::Strengthened]
    );
    let details = session.vault_details().await.unwrap();
    assert_eq!(
        (details.kdf_memory_kib, details.kdf_iterations),
        (64 * 1024, 3)
    );
    assert!(details.has_recovery_key);
    assert_eq!(details.saves, 2);
    assert_eq!(details.format, "1.0");
}
