//! Changes that reach the disk, and those that don't at first; files that others touched.

use std::{fs, io::ErrorKind, sync::Arc};

use crate::stage::{self, BreakableDisk, Stage, account, password};
use undercroft_session::{AccountDraft, Event, LockReason, Notice, SessionError};
use undercroft_vault::KdfParams;

#[tokio::test]
async fn a_change_that_can_not_be_saved_stays_and_is_saved_later() {
    let disk = Arc::new(BreakableDisk::default());
    let stage = Stage::on(disk.clone());
    stage.create().await;
    disk.break_for("vault/", ErrorKind::StorageFull);
    stage.account("123456789012").await;
    assert_eq!(stage.session.accounts().await.unwrap().len(), 1);
    let full = SessionError::DiskFull {
        path: stage.vault(),
    };
    assert_eq!(
        stage.notices().await,
        [Notice::Unsaved {
            error: full.clone()
        }]
    );
    stage.session.dismiss_notice(0).await.unwrap();
    assert_eq!(stage.notices().await.len(), 1, "it can't be dismissed");
    assert_eq!(stage.session.retry_save().await, Err(full));

    disk.mend();
    stage.session.retry_save().await.unwrap();
    assert!(stage.notices().await.is_empty());
    let stage = stage.restart().await;
    stage.unlock().await;
    assert_eq!(stage.session.accounts().await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_later_change_saves_the_earlier_one_too() {
    let disk = Arc::new(BreakableDisk::default());
    let stage = Stage::on(disk.clone());
    stage.create().await;
    disk.break_for("vault/", ErrorKind::PermissionDenied);
    stage.account("123456789012").await;
    disk.mend();
    stage.account("210987654321").await;
    assert!(stage.notices().await.is_empty());
    let stage = stage.restart().await;
    stage.unlock().await;
    assert_eq!(stage.session.accounts().await.unwrap().len(), 2);
}

#[tokio::test]
async fn locking_gives_an_unsaved_change_a_last_chance() {
    let disk = Arc::new(BreakableDisk::default());
    let stage = Stage::on(disk.clone());
    stage.create().await;
    disk.break_for("vault/", ErrorKind::StorageFull);
    stage.account("123456789012").await;
    disk.mend();
    stage.session.lock(LockReason::User).await;
    stage.unlock().await;
    assert_eq!(stage.session.accounts().await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_change_that_can_not_be_saved_before_locking_is_kept_for_the_next_unlocking() {
    let disk = Arc::new(BreakableDisk::default());
    let stage = Stage::on(disk.clone());
    stage.create().await;
    stage.account("210987654321").await;
    disk.break_for("vault/", ErrorKind::StorageFull);
    stage.account("123456789012").await;
    let stage = stage.restart().await;
    stage.unlock().await;
    assert_eq!(stage.session.accounts().await.unwrap().len(), 2);
    let unsaved = |notice: &Notice| matches!(notice, Notice::Unsaved { .. });
    assert!(
        stage.notices().await.iter().any(unsaved),
        "the disk is still full"
    );
    let stage = stage.restart().await;
    disk.mend();
    stage.unlock().await;
    assert_eq!(stage.session.accounts().await.unwrap().len(), 2);
    assert!(!stage.notices().await.iter().any(unsaved));
    let kept = stage::files_below(&stage.state_dir());
    assert!(
        !kept
            .iter()
            .any(|path| path.extension().is_some_and(|end| end == "unsaved"))
    );
    let stage = stage.restart().await;
    stage.unlock().await;
    assert_eq!(stage.session.accounts().await.unwrap().len(), 2);
}

#[tokio::test]
async fn what_was_kept_does_not_come_back_once_an_older_version_was_put_back_on_purpose() {
    let disk = Arc::new(BreakableDisk::default());
    let stage = Stage::on(disk.clone());
    stage.create().await;
    stage.account("210987654321").await;
    stage.account("345678901234").await;
    disk.break_for("vault/", ErrorKind::StorageFull);
    stage.account("123456789012").await;
    stage.session.lock(LockReason::User).await;
    let kept = || {
        let files = stage::files_below(&stage.state_dir()).into_iter();
        files.filter(|path| path.extension().is_some_and(|end| end == "unsaved"))
    };
    // The first is called by the vault's id alone, and is found by this name later.
    let names: Vec<_> = kept()
        .filter_map(|path| path.file_stem().map(ToOwned::to_owned))
        .collect();
    assert_eq!(names.len(), 1);
    assert!(!names[0].to_string_lossy().contains('.'), "{names:?}");
    stage.unlock().await;
    assert_eq!(stage.session.accounts().await.unwrap().len(), 3);
    disk.mend();
    let backup = stage.session.backups().await.unwrap().remove(0);
    let restored = stage.session.restore_backup(backup.id, password()).await;
    restored.unwrap();
    assert_eq!(kept().count(), 0);
    assert_eq!(stage.session.accounts().await.unwrap().len(), 1);
    stage.session.lock(LockReason::User).await;
    stage.unlock().await;
    assert_eq!(stage.session.accounts().await.unwrap().len(), 1);
    assert!(stage.notices().await.is_empty());
}

#[tokio::test]
async fn a_failed_password_change_leaves_the_old_password() {
    let disk = Arc::new(BreakableDisk::default());
    let stage = Stage::on(disk.clone());
    stage.create().await;
    disk.break_for("vault/", ErrorKind::StorageFull);
    let new = stage::secret("granite-otter-lantern-38");
    let failed = stage.session.change_password(Some(password()), new).await;
    assert_eq!(
        failed,
        Err(SessionError::DiskFull {
            path: stage.vault()
        })
    );
    disk.mend();
    let stage = stage.restart().await;
    stage.unlock().await;
}

#[tokio::test]
async fn a_damaged_state_file_is_set_aside_and_said() {
    let stage = Stage::unlocked().await;
    let filed = stage.filed().await;
    let wish = undercroft_session::SessionWish {
        device: None,
        ..filed.wish()
    };
    stage.session.get_session(wish).await.unwrap();
    stage.session.lock(LockReason::User).await;
    let path = stage.state_file();
    let mut bytes = fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&path, &bytes).unwrap();
    stage.unlock().await;
    assert_eq!(stage.notices().await, [Notice::StateReset]);
    assert!(stage.session.sessions().await.unwrap().is_empty());
    assert_eq!(
        fs::read(path.with_extension("state-damaged")).unwrap(),
        bytes
    );
    stage.session.dismiss_notice(0).await.unwrap();
    let stage = stage.restart().await;
    stage.unlock().await;
    assert!(stage.notices().await.is_empty());
}

#[tokio::test]
async fn a_state_file_of_another_vault_is_not_taken() {
    let stage = Stage::unlocked().await;
    let other = Stage::unlocked().await;
    stage.filed().await;
    stage.session.lock(LockReason::User).await;
    other.session.lock(LockReason::User).await;
    fs::copy(other.state_file(), stage.state_file()).unwrap();
    stage.unlock().await;
    assert_eq!(stage.notices().await, [Notice::StateReset]);
}

#[tokio::test]
async fn a_truncated_state_file_of_any_length_is_survived() {
    let stage = Stage::unlocked().await;
    stage.session.lock(LockReason::User).await;
    let path = stage.state_file();
    let whole = fs::read(&path).unwrap();
    for len in [0, 1, 7, 8, 9, 19, 20, 21, 36, whole.len() - 1] {
        fs::write(&path, &whole[..len]).unwrap();
        stage.unlock().await;
        assert_eq!(stage.notices().await, [Notice::StateReset], "{len} bytes");
        stage.session.lock(LockReason::User).await;
    }
}

#[tokio::test]
async fn an_older_file_in_the_vaults_place_is_noticed_until_dismissed() {
    let stage = Stage::unlocked().await;
    stage.account("123456789012").await;
    let old = fs::read(stage.vault()).unwrap();
    stage.account("210987654321").await;
    stage.session.lock(LockReason::User).await;
    fs::write(stage.vault(), &old).unwrap();
    for _ in 0..2 {
        stage.unlock().await;
        assert_eq!(
            stage.notices().await,
            [Notice::RolledBack { seen: 3, found: 2 }]
        );
        stage.session.lock(LockReason::User).await;
    }
    stage.unlock().await;
    stage.session.dismiss_notice(0).await.unwrap();
    stage.session.lock(LockReason::User).await;
    stage.unlock().await;
    assert!(stage.notices().await.is_empty());
}

/// Changes the vault file on another machine: one with a state folder of its own.
async fn change_elsewhere(stage: &Stage, digits: &str) {
    let other = Stage::new();
    other.session.open_vault(stage.vault()).await.unwrap();
    other.unlock().await;
    other.session.save_account(account(digits)).await.unwrap();
    other.session.lock(LockReason::User).await;
}

/// The vault's file as another machine saves a copy of it, with one account more.
async fn saved_elsewhere(stage: &Stage, digits: &str) -> Vec<u8> {
    let elsewhere = Stage::new();
    let copy = elsewhere.folder.path().join("vault/copy.undercroft");
    fs::copy(stage.vault(), &copy).unwrap();
    elsewhere.session.open_vault(copy.clone()).await.unwrap();
    elsewhere.unlock().await;
    elsewhere.account(digits).await;
    elsewhere.session.lock(LockReason::User).await;
    fs::read(copy).unwrap()
}

#[tokio::test]
async fn a_file_that_went_another_way_is_noticed() {
    let stage = Stage::unlocked().await;
    stage.account("123456789012").await;
    let common = fs::read(stage.vault()).unwrap();
    stage.account("210987654321").await;
    stage.session.lock(LockReason::User).await;
    fs::write(stage.vault(), &common).unwrap();
    change_elsewhere(&stage, "345678901234").await;
    stage.unlock().await;
    assert_eq!(stage.notices().await, [Notice::Forked]);
}

/// A vault with three accounts, in whose place the file with only the first was put.
async fn rolled_back() -> Stage {
    let stage = Stage::unlocked().await;
    stage.account("123456789012").await;
    let old = fs::read(stage.vault()).unwrap();
    stage.account("210987654321").await;
    stage.account("345678901234").await;
    stage.session.lock(LockReason::User).await;
    fs::write(stage.vault(), &old).unwrap();
    stage.unlock().await;
    stage
}

#[tokio::test]
async fn an_older_file_is_made_stronger_only_once_the_user_has_decided_for_it() {
    let stage = rolled_back().await;
    let file = fs::read(stage.vault()).unwrap();
    let stage = stage.restart_with(KdfParams::MIN_NEW).await;
    stage.unlock().await;
    assert_eq!(
        stage.notices().await,
        [Notice::RolledBack { seen: 4, found: 2 }]
    );
    assert_eq!(fs::read(stage.vault()).unwrap(), file);
    stage.session.dismiss_notice(0).await.unwrap();
    let stage = stage.restart_with(KdfParams::MIN_NEW).await;
    stage.unlock().await;
    assert_eq!(stage.notices().await, [Notice::Strengthened]);
}

#[tokio::test]
async fn merging_with_the_backups_brings_back_all_but_the_last_save() {
    let stage = rolled_back().await;
    // Made before the decision: it must not be taken for the change that got the same counter in the lost version.
    stage.account("456789012345").await;
    let merged = stage.session.merge_backups().await.unwrap();
    assert_eq!((merged.taken, merged.conflicts), (1, 0));
    assert!(!merged.complete, "the third account is in no backup");
    assert_eq!(merged.unreadable, 0);
    let accounts = stage.session.accounts().await.unwrap();
    assert_eq!(accounts.len(), 3);
    assert!(stage.notices().await.is_empty());
    assert_eq!(
        stage.session.merge_backups().await,
        Err(SessionError::NoSuchItem)
    );
    let stage = stage.restart().await;
    stage.unlock().await;
    assert!(stage.notices().await.is_empty());
    assert_eq!(stage.session.accounts().await.unwrap().len(), 3);
}

#[tokio::test]
async fn what_is_changed_in_an_older_file_does_not_pass_for_a_later_change_of_what_was_lost() {
    let stage = Stage::unlocked().await;
    let id = stage.account("123456789012").await;
    let old = fs::read(stage.vault()).unwrap();
    let rename = async |name: &str| {
        let draft = AccountDraft {
            id: Some(id),
            name: name.to_owned(),
            ..account("123456789012")
        };
        stage.session.save_account(draft).await.unwrap();
    };
    rename("lost").await;
    // A save later, the renaming is in a backup.
    stage.account("210987654321").await;
    stage.session.lock(LockReason::User).await;
    fs::write(stage.vault(), &old).unwrap();
    stage.unlock().await;
    rename("once").await;
    rename("twice").await;
    let merged = stage.session.merge_backups().await.unwrap();
    assert_eq!(merged.conflicts, 1);
}

#[tokio::test]
async fn only_an_older_or_forked_file_is_merged_with_the_backups_or_set_read_only() {
    let disk = Arc::new(BreakableDisk::default());
    let stage = Stage::on(disk.clone());
    stage.create().await;
    disk.break_for("vault/", ErrorKind::StorageFull);
    stage.account("123456789012").await;
    let notices = stage.notices().await;
    assert!(
        matches!(notices[..], [Notice::Unsaved { .. }]),
        "{notices:?}"
    );
    let gone = SessionError::NoSuchItem;
    assert_eq!(stage.session.merge_backups().await, Err(gone.clone()));
    assert_eq!(stage.session.read_only().await, Err(gone));
    assert_eq!(stage.notices().await, notices);
    disk.mend();
    stage.account("210987654321").await;
    assert!(stage.notices().await.is_empty());
}

#[tokio::test]
async fn a_fork_merges_with_the_backups_of_the_other_way() {
    let stage = Stage::unlocked().await;
    stage.account("123456789012").await;
    let common = fs::read(stage.vault()).unwrap();
    stage.account("210987654321").await;
    stage.account("456789012345").await;
    stage.session.lock(LockReason::User).await;
    fs::write(stage.vault(), &common).unwrap();
    change_elsewhere(&stage, "345678901234").await;
    stage.unlock().await;
    let merged = stage.session.merge_backups().await.unwrap();
    assert_eq!((merged.taken, merged.complete), (1, false));
    assert_eq!(stage.session.accounts().await.unwrap().len(), 3);
}

#[tokio::test]
async fn an_older_file_can_be_looked_at_without_changing_it() {
    let stage = rolled_back().await;
    let file = fs::read(stage.vault()).unwrap();
    stage.session.read_only().await.unwrap();
    assert_eq!(stage.notices().await, [Notice::ReadOnly { place: false }]);
    assert_eq!(stage.session.accounts().await.unwrap().len(), 1);
    let refused = stage.session.save_account(account("567890123456")).await;
    assert_eq!(refused, Err(SessionError::OpenForReading));
    let item = stage.session.accounts().await.unwrap()[0].id;
    assert_eq!(
        stage.session.bin_item(item).await,
        Err(SessionError::OpenForReading)
    );
    stage.session.lock(LockReason::User).await;
    assert_eq!(fs::read(stage.vault()).unwrap(), file);
    stage.unlock().await;
    assert_eq!(
        stage.notices().await,
        [Notice::RolledBack { seen: 4, found: 2 }]
    );
}

#[tokio::test]
async fn a_place_that_can_not_be_written_is_told_when_the_vault_opens() {
    let disk = Arc::new(BreakableDisk::default());
    let stage = Stage::on(disk.clone());
    stage.create().await;
    stage.account("123456789012").await;
    stage.session.lock(LockReason::User).await;
    disk.make_read_only();
    stage.unlock().await;
    assert_eq!(stage.notices().await, [Notice::ReadOnly { place: true }]);
    let refused = stage.session.save_account(account("210987654321")).await;
    assert!(matches!(refused, Err(SessionError::ReadOnly { .. })));
    assert_eq!(stage.session.accounts().await.unwrap().len(), 1);
}

#[tokio::test]
async fn what_was_saved_elsewhere_meanwhile_is_merged_and_said() {
    let stage = Stage::unlocked().await;
    stage.account("123456789012").await;
    // A synced folder brings a version from another machine while this one is unlocked.
    let theirs = saved_elsewhere(&stage, "345678901234").await;
    fs::write(stage.vault(), theirs).unwrap();

    stage.platform.events();
    stage.account("210987654321").await;
    assert_eq!(stage.session.accounts().await.unwrap().len(), 3);
    assert_eq!(
        stage.notices().await,
        [Notice::Merged {
            conflicts: 0,
            taken: 1
        }]
    );
    assert!(
        stage
            .platform
            .events()
            .iter()
            .any(|event| matches!(event, Event::Changed { .. }))
    );
    let stage = stage.restart().await;
    stage.unlock().await;
    assert_eq!(stage.session.accounts().await.unwrap().len(), 3);
}

#[tokio::test]
async fn what_came_from_elsewhere_counts_as_seen_even_where_nothing_had_to_be_written() {
    let stage = Stage::unlocked().await;
    stage.account("123456789012").await;
    let old = fs::read(stage.vault()).unwrap();
    let theirs = saved_elsewhere(&stage, "345678901234").await;
    fs::write(stage.vault(), &theirs).unwrap();

    stage.session.retry_save().await.unwrap();
    assert_eq!(stage.session.accounts().await.unwrap().len(), 2);
    assert_eq!(fs::read(stage.vault()).unwrap(), theirs);
    stage.session.lock(LockReason::User).await;
    fs::write(stage.vault(), &old).unwrap();
    stage.unlock().await;
    assert_eq!(
        stage.notices().await,
        [Notice::RolledBack { seen: 3, found: 2 }]
    );
}

#[tokio::test]
async fn a_copy_that_a_sync_service_put_beside_the_vault_is_taken_in_and_saved() {
    let stage = Stage::unlocked().await;
    stage.account("123456789012").await;
    let copy = stage
        .vault()
        .with_file_name("it (conflicted copy).undercroft");
    fs::copy(stage.vault(), &copy).unwrap();
    stage.account("210987654321").await;
    stage.session.lock(LockReason::User).await;
    let elsewhere = Stage::new();
    elsewhere.session.open_vault(copy.clone()).await.unwrap();
    elsewhere.unlock().await;
    elsewhere.account("345678901234").await;
    elsewhere.session.lock(LockReason::User).await;

    stage.unlock().await;
    assert_eq!(stage.session.accounts().await.unwrap().len(), 3);
    assert_eq!(
        stage.notices().await,
        [Notice::Merged {
            conflicts: 0,
            taken: 1
        }]
    );
    fs::remove_file(&copy).unwrap();
    let stage = stage.restart().await;
    stage.unlock().await;
    assert_eq!(stage.session.accounts().await.unwrap().len(), 3);
}

#[tokio::test]
async fn a_vault_key_replaced_elsewhere_wants_the_password_and_then_merges() {
    let stage = Stage::unlocked().await;
    stage.account("123456789012").await;
    let elsewhere = Stage::new();
    let copy = elsewhere.folder.path().join("vault/copy.undercroft");
    fs::copy(stage.vault(), &copy).unwrap();
    elsewhere.session.open_vault(copy.clone()).await.unwrap();
    elsewhere.unlock().await;
    elsewhere.session.new_vault_key(password()).await.unwrap();
    elsewhere.session.lock(LockReason::User).await;
    fs::copy(&copy, stage.vault()).unwrap();

    stage.account("210987654321").await;
    let error = SessionError::KeyReplaced;
    assert_eq!(stage.notices().await, [Notice::Unsaved { error }]);
    let wrong = stage.session.unlock(stage::secret("wrong")).await;
    assert_eq!(wrong, Err(SessionError::WrongPassword { wait_secs: 0 }));
    stage.unlock().await;
    let unsaved = |notice: &Notice| matches!(notice, Notice::Unsaved { .. });
    assert!(!stage.notices().await.iter().any(unsaved));
    let stage = stage.restart().await;
    stage.unlock().await;
    assert_eq!(stage.session.accounts().await.unwrap().len(), 2);
    assert!(
        stage.notices().await.is_empty(),
        "the state file is under the new key"
    );
}
