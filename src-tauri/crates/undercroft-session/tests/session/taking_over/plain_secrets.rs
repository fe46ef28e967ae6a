//! Plain keys in `~/.aws`: which may leave their file.

use super::*;
use std::{io::ErrorKind, sync::Arc};

#[tokio::test]
async fn no_key_leaves_a_file_before_the_vault_is_saved() {
    let disk = Arc::new(stage::BreakableDisk::default());
    let stage = Stage::on(disk.clone());
    stage.create().await;
    let text = keys("work", KEY, KEY_SECRET);
    let credentials = write(&stage, "credentials", &text);
    disk.break_for("vault/", ErrorKind::StorageFull);
    let found = stage
        .session
        .import_paths(wish(std::slice::from_ref(&credentials)))
        .await
        .unwrap();
    assert_eq!(found[0].plain_secrets, ["work"]);
    let take = || {
        let sections = ["work".to_owned()].into();
        stage
            .session
            .take_out_secrets(credentials.clone(), sections)
    };
    let refused = take().await.unwrap_err();
    assert!(
        matches!(&refused, SessionError::Disk { path, .. } if *path == stage.vault()),
        "{refused:?}"
    );
    assert_eq!(std::fs::read_to_string(&credentials).unwrap(), text);
    // Once there is room, it is saved first, and then the key goes.
    disk.mend();
    assert_eq!(take().await.unwrap().taken, ["work"]);
    let left = std::fs::read_to_string(&credentials).unwrap();
    assert!(!left.contains(KEY_SECRET));
    let stage = stage.restart().await;
    stage.unlock().await;
    assert_eq!(user(&stage, ID, "jane.doe").await.keys.len(), 1);
}

#[tokio::test]
async fn a_section_that_is_odd_otherwise_gives_its_key_up_all_the_same() {
    let stage = Stage::unlocked().await;
    let text = keys("work", KEY, KEY_SECRET) + "no setting at all\n";
    let credentials = write(&stage, "credentials", text);
    let found = import(&stage, std::slice::from_ref(&credentials)).await;
    assert!(!found[0].problems.is_empty());
    assert_eq!(found[0].plain_secrets, ["work"]);
    let sections = ["work".to_owned()].into();
    let taken = stage
        .session
        .take_out_secrets(credentials.clone(), sections)
        .await;
    assert_eq!(taken.unwrap().taken, ["work"]);
    let left = std::fs::read_to_string(&credentials).unwrap();
    assert_eq!(left, "[work]\nno setting at all\n");
}
