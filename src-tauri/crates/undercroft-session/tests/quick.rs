//! The short way: pinned and recent identities, and copying at one click.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "tests and their helpers"
)]

mod stage;

use stage::{SEED, Stage, secret};
use undercroft_model::ItemId;
use undercroft_session::{
    CopyTarget, QuickAnswer, QuickCopy, QuickList, SecretRef, SessionError, SignInStep,
};

/// The identities on the menu's first level.
async fn first(stage: &Stage) -> Vec<ItemId> {
    let list = stage.session.quick_list().await.unwrap();
    list.first.iter().map(|quick| quick.row.id).collect()
}

async fn copy_name(stage: &Stage, identity: ItemId) {
    stage
        .session
        .copy(CopyTarget::IdentityName { identity })
        .await
        .unwrap();
}

#[tokio::test]
async fn what_was_used_comes_first_and_is_remembered_through_locking() {
    let stage = Stage::unlocked().await;
    let account = stage.account("123456789012").await;
    let one = stage.user(account, "one").await;
    let two = stage.user(account, "two").await;
    assert_eq!(first(&stage).await, []);
    copy_name(&stage, one).await;
    copy_name(&stage, two).await;
    assert_eq!(first(&stage).await, [two, one]);
    let stage = stage.restart().await;
    stage.unlock().await;
    assert_eq!(first(&stage).await, [two, one]);
    stage.session.bin_item(two).await.unwrap();
    assert_eq!(first(&stage).await, [one]);
}

#[tokio::test]
async fn pinned_ones_stand_in_front_in_the_users_order() {
    let stage = Stage::unlocked().await;
    let account = stage.account("123456789012").await;
    let mut users = Vec::new();
    for name in ["a", "b", "c"] {
        users.push(stage.user(account, name).await);
    }
    let [a, b, c] = users[..] else { unreachable!() };
    for user in [a, b] {
        stage.session.set_favourite(user, true).await.unwrap();
    }
    copy_name(&stage, c).await;
    assert_eq!(
        first(&stage).await,
        [a, b, c],
        "by name where nothing was chosen"
    );
    stage.session.order_pinned(vec![b, a]).await.unwrap();
    assert_eq!(first(&stage).await, [b, a, c]);
    let pinned = stage.session.pinned().await.unwrap();
    let pinned: Vec<_> = pinned.iter().map(|quick| quick.row.id).collect();
    assert_eq!(pinned, [b, a]);
}

#[tokio::test]
async fn every_identity_has_one_place() {
    let stage = Stage::unlocked().await;
    let account = stage.account("123456789012").await;
    let mut users = Vec::new();
    for number in 0..20 {
        let user = stage.user(account, &format!("user{number:02}")).await;
        stage.session.set_favourite(user, true).await.unwrap();
        users.push(user);
    }
    let QuickList {
        first,
        accounts,
        left_out,
        ..
    } = stage.session.quick_list().await.unwrap();
    assert_eq!((first.len(), accounts.len(), left_out), (12, 1, 0));
    let mut all: Vec<_> = first.iter().map(|quick| quick.row.id).collect();
    all.extend(accounts[0].identities.iter().map(|quick| quick.row.id));
    assert_eq!(all, users);
}

#[tokio::test]
async fn a_menu_that_nobody_could_read_is_left_to_search() {
    let stage = Stage::unlocked().await;
    let large = stage.account("123456789012").await;
    let small = stage.account("999999999999").await;
    for number in 0..210 {
        stage.user(large, &format!("user{number:03}")).await;
    }
    let other = stage.user(small, "other").await;
    stage.session.set_favourite(other, true).await.unwrap();
    let list = stage.session.quick_list().await.unwrap();
    // What is pinned has its place whatever comes after it.
    let pinned: Vec<_> = list.first.iter().map(|quick| quick.row.id).collect();
    assert_eq!(pinned, [other]);
    let listed = list.accounts.iter().map(|one| one.identities.len());
    assert_eq!((listed.sum::<usize>(), list.left_out), (200, 10));
}

#[tokio::test]
async fn one_click_copies_what_there_is() {
    let stage = Stage::unlocked().await;
    let filed = stage.filed().await;
    let session = &stage.session;
    session
        .set_password(filed.identity, secret("a sign-on password"))
        .await
        .unwrap();
    for (what, expected) in [
        (QuickCopy::Name, "jane.doe"),
        (QuickCopy::AccountName, "123456789012"),
        (QuickCopy::AccessKeyId, filed.key.as_str()),
        (QuickCopy::Password, "a sign-on password"),
    ] {
        session.quick_copy(filed.identity, what).await.unwrap();
        assert_eq!(
            stage.platform.pasted().as_deref(),
            Some(expected),
            "{what:?}"
        );
    }
    let key = SecretRef::SecretKey {
        identity: filed.identity,
        key: filed.key.clone(),
    };
    let kept = session.reveal(key).await.unwrap();
    session
        .quick_copy(filed.identity, QuickCopy::SecretKey)
        .await
        .unwrap();
    assert_eq!(stage.platform.pasted().as_deref(), Some(kept.expose()));
    let code = session.codes(filed.identity).await.unwrap();
    let copied = session
        .quick_copy(filed.identity, QuickCopy::Code)
        .await
        .unwrap();
    let QuickAnswer::Copied(copied) = copied else {
        panic!("{copied:?}")
    };
    assert!(!copied.used_before);
    assert_eq!(
        stage.platform.pasted().as_deref(),
        Some(code[0].code.as_str())
    );
    let again = session
        .quick_copy(filed.identity, QuickCopy::Code)
        .await
        .unwrap();
    let QuickAnswer::Copied(again) = again else {
        panic!("{again:?}")
    };
    assert!(again.used_before);
}

#[tokio::test]
async fn what_there_is_not_can_not_be_copied() {
    let stage = Stage::unlocked().await;
    let account = stage.account("123456789012").await;
    let user = stage.user(account, "bare").await;
    for what in [
        QuickCopy::Code,
        QuickCopy::Password,
        QuickCopy::AccessKeyId,
        QuickCopy::SecretKey,
        QuickCopy::Session,
    ] {
        assert_eq!(
            stage.session.quick_copy(user, what).await,
            Err(SessionError::NoSuchItem),
            "{what:?}"
        );
    }
}

#[tokio::test]
async fn a_sign_in_has_a_step_for_what_the_vault_holds() {
    let stage = Stage::unlocked().await;
    let account = stage.account("123456789012").await;
    let user = stage.user(account, "jane").await;
    let (_, steps) = stage.session.sign_in_steps(user).await.unwrap();
    let bare = [
        SignInStep::OpenPage,
        SignInStep::AccountName,
        SignInStep::UserName,
    ];
    assert_eq!(steps, bare);
    stage
        .session
        .set_password(user, secret("a sign-on password"))
        .await
        .unwrap();
    stage.device(user, "phone", SEED).await;
    let (_, steps) = stage.session.sign_in_steps(user).await.unwrap();
    assert_eq!(steps[..3], bare);
    assert_eq!(steps[3..], [SignInStep::Password, SignInStep::Code]);
}
