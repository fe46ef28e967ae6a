//! The vault's folder is slow, does not answer, or goes away and comes back.

use std::{
    fs,
    sync::Arc,
    time::{Duration, Instant},
};

use crate::stage::{BreakableDisk, Stage, account};
use undercroft_session::{LockReason, Notice, SessionError};

#[tokio::test(flavor = "multi_thread")]
async fn on_a_slow_folder_a_look_waits_for_one_save_at_most_and_nothing_is_lost() {
    let disk = Arc::new(BreakableDisk::default());
    let stage = Stage::on(disk.clone());
    stage.create().await;
    stage.account("100000000000").await;
    let before = disk.operations();
    stage.account("100000000001").await;
    let operations = u32::try_from(disk.operations() - before).unwrap();
    let delay = Duration::from_millis(20);
    disk.delay(20);
    let one_save = delay * (operations + 10);
    let mut longest = Duration::ZERO;
    for number in 2..10 {
        let session = stage.session.clone();
        let draft = account(&format!("10000000000{number}"));
        let saving = tokio::spawn(async move { session.save_account(draft).await });
        tokio::time::sleep(delay).await;
        let started = Instant::now();
        stage.session.accounts().await.unwrap();
        longest = longest.max(started.elapsed());
        saving.await.unwrap().unwrap();
    }
    assert!(longest < one_save * 3, "{longest:?}");
    // What needs no vault is answered meanwhile, and locking does not wait for the queue.
    let session = stage.session.clone();
    let saving = tokio::spawn(async move { session.save_account(account("200000000000")).await });
    tokio::time::sleep(delay).await;
    let started = Instant::now();
    stage.session.status().await;
    assert!(started.elapsed() < Duration::from_millis(500));
    stage.session.lock(LockReason::User).await;
    assert_eq!(stage.session.accounts().await, Err(SessionError::Locked));
    let _ = saving.await.unwrap();
    disk.delay(0);
    stage.unlock().await;
    assert_eq!(stage.session.accounts().await.unwrap().len(), 11);
    println!(
        "each of a save's {operations} operations takes {delay:?}: a look waits {longest:?} at most; 11 changes, 0 lost"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_does_not_answer_keeps_nobody_from_locking() {
    let disk = Arc::new(BreakableDisk::default());
    let stage = Stage::on(disk.clone());
    stage.create().await;
    disk.hang(true);
    let session = stage.session.clone();
    let saving = tokio::spawn(async move { session.save_account(account("123456789012")).await });
    while disk.operations() == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    tokio::time::sleep(Duration::from_millis(50)).await;
    let session = stage.session.clone();
    let locking = tokio::spawn(async move { session.lock(LockReason::User).await });
    tokio::time::sleep(Duration::from_millis(50)).await;
    // Locked at once for everybody else, while the save hangs.
    let looked = tokio::time::timeout(Duration::from_secs(5), async {
        while !stage
            .platform
            .events()
            .iter()
            .any(|event| matches!(event, undercroft_session::Event::Locked(LockReason::User)))
        {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    });
    looked.await.expect("it locks");
    stage.clock.advance(3.0);
    locking.await.unwrap();
    disk.hang(false);
    let _ = saving.await.unwrap();
    stage.unlock().await;
    assert_eq!(stage.session.accounts().await.unwrap().len(), 1, "0 lost");
}

/// The folder is renamed away, as when its drive is pulled, and comes back.
#[tokio::test]
async fn a_folder_that_vanishes_is_told_and_gets_the_changes_when_it_is_back() {
    let stage = Stage::unlocked().await;
    let folder = stage.vault().parent().unwrap().to_owned();
    let away = stage.folder.path().join("away");
    let mut number = 0_u64;
    let mut changes = 0;
    for comes_back_older in [false, true, false, true] {
        number += 1;
        stage.account(&format!("{number:012}")).await;
        let older = fs::read(stage.vault()).unwrap();
        number += 1;
        stage.account(&format!("{number:012}")).await;
        changes += 3;

        fs::rename(&folder, &away).unwrap();
        number += 1;
        stage.account(&format!("{number:012}")).await;
        let missing = SessionError::FolderMissing {
            path: folder.clone(),
        };
        let unsaved = Notice::Unsaved {
            error: missing.clone(),
        };
        assert!(stage.notices().await.contains(&unsaved));
        assert_eq!(stage.session.retry_save().await, Err(missing));
        assert!(!folder.exists(), "nothing is written elsewhere");
        let rows = stage.session.accounts().await.unwrap().len() as u64;
        assert_eq!(rows, number);

        fs::rename(&away, &folder).unwrap();
        if comes_back_older {
            fs::write(stage.vault(), &older).unwrap();
        }
        stage.session.retry_save().await.unwrap();
        assert!(!stage.notices().await.contains(&unsaved));
        stage.session.lock(LockReason::User).await;
        stage.unlock().await;
        let rows = stage.session.accounts().await.unwrap().len() as u64;
        assert_eq!(rows, number, "0 lost");
    }
    println!(
        "{changes} changes around 4 times that the folder went and came back, 2 times with an older file; 0 lost"
    );
}

/// Locked while the folder is away: the change waits beside the state file.
#[tokio::test]
async fn a_change_made_while_the_folder_is_away_survives_locking() {
    let stage = Stage::unlocked().await;
    let folder = stage.vault().parent().unwrap().to_owned();
    let away = stage.folder.path().join("away");
    stage.account("123456789012").await;
    fs::rename(&folder, &away).unwrap();
    stage.account("210987654321").await;
    stage.session.lock(LockReason::Idle).await;
    fs::rename(&away, &folder).unwrap();
    stage.unlock().await;
    assert_eq!(stage.session.accounts().await.unwrap().len(), 2, "0 lost");
}

#[cfg(target_os = "linux")]
mod mounted {
    use std::process::{Command, Stdio};

    use super::*;

    fn run(words: &[&str]) -> bool {
        let mut command = Command::new(words[0]);
        let quiet = command.args(&words[1..]).stderr(Stdio::null());
        quiet.status().is_ok_and(|status| status.success())
    }

    /// A file system that is really unmounted leaves an empty folder, in which no vault is begun anew.
    #[tokio::test]
    async fn an_empty_mount_point_gets_no_vault() {
        let stage = Stage::new();
        let folder = stage.vault().parent().unwrap().to_owned();
        let image = stage.folder.path().join("image");
        fs::File::create(&image).unwrap().set_len(8 << 20).unwrap();
        let (at, file) = (folder.to_str().unwrap(), image.to_str().unwrap());
        let mount = || run(&["mount", "-o", "loop", file, at]);
        if !(run(&["mkfs.ext4", "-q", "-m", "0", file]) && mount()) {
            println!("SKIPPED: a loop device needs root and mkfs.ext4");
            return;
        }
        stage.create().await;
        stage.account("123456789012").await;
        assert!(run(&["umount", "--lazy", at]));
        stage.account("210987654321").await;
        let notices = stage.notices().await;
        let missing = SessionError::FolderMissing {
            path: folder.clone(),
        };
        assert!(
            notices.contains(&Notice::Unsaved { error: missing }),
            "{notices:?}"
        );
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 0);
        stage.session.lock(LockReason::User).await;
        assert!(mount());
        stage.unlock().await;
        assert_eq!(stage.session.accounts().await.unwrap().len(), 2, "0 lost");
        stage.session.lock(LockReason::Quit).await;
        assert!(run(&["umount", "--lazy", at]));
    }
}
