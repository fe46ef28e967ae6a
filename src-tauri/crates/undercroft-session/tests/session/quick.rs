//! The short way: pinned and recent identities, and copying at one click.

use crate::stage::{DEPLOY, OTHER_KEY, SEED, Stage, account, role, secret, session_profile};
use undercroft_model::ItemId;
use undercroft_session::{
    AccountDraft, ConsoleCopy, ConsoleWish, CopyTarget, ProfileDraft, QuickAnswer, QuickCopy,
    QuickList, SecretRef, SessionAnswer, SessionError, SessionFormat, SessionWish, SignInStep,
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
async fn what_was_used_stands_once_and_profiles_take_no_place_of_it() {
    let stage = Stage::unlocked().await;
    let filed = stage.filed().await;
    let mut expected = Vec::new();
    for number in 0..11 {
        let user = stage.user(filed.account, &format!("a{number:02}")).await;
        stage.session.set_favourite(user, true).await.unwrap();
        expected.push(user);
    }
    let daily = stage
        .profile(session_profile("daily", filed.identity))
        .await;
    copy_name(&stage, filed.identity).await;
    stage.session.quick_copy_profile(daily).await.unwrap();
    copy_name(&stage, expected[3]).await;
    expected.push(filed.identity);
    assert_eq!(first(&stage).await, expected);
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
async fn one_click_copies_the_session_of_the_identity_itself_that_ends_last() {
    let stage = Stage::unlocked().await;
    let filed = stage.filed().await;
    let session = &stage.session;
    let shown = async || {
        let quick = session.quick_identity(filed.identity).await.unwrap();
        (quick.row.live, quick.session)
    };
    assert_eq!(shown().await, (false, None));
    let release = role("release", filed.identity);
    let release = ProfileDraft {
        duration: "4h".to_owned(),
        ..release
    };
    let release = stage.profile(release).await;
    stage.ready(release).await;
    assert_eq!(
        shown().await,
        (false, None),
        "what the role yields is not the identity's own"
    );
    let mut made = Vec::new();
    for duration_secs in [900, 7200, 3600] {
        let wish = SessionWish {
            device: None,
            duration_secs,
            ..filed.wish()
        };
        match session.get_session(wish).await.unwrap() {
            SessionAnswer::Ready { session, .. } => made.push(session.id),
            other => panic!("no session: {other:?}"),
        }
    }
    assert_eq!(shown().await, (true, Some(made[1])));
    let calls = stage.sts.calls().len();
    session
        .quick_copy(filed.identity, QuickCopy::Session)
        .await
        .unwrap();
    assert_eq!(stage.sts.calls().len(), calls);
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

/// The items that a search finds.
async fn found(stage: &Stage, query: &str) -> Vec<ItemId> {
    let hits = stage.session.search(query.to_owned(), 20).await.unwrap();
    hits.iter().map(|hit| hit.item).collect()
}

#[tokio::test]
async fn profiles_are_found_by_name_role_and_the_account_in_which_they_act() {
    let stage = Stage::unlocked().await;
    let filed = stage.filed().await;
    // The index is there before the profiles are.
    assert_eq!(found(&stage, "release").await, []);
    let daily = stage
        .profile(session_profile("daily", filed.identity))
        .await;
    let release = stage.profile(role("release-prod", filed.identity)).await;
    assert_eq!(found(&stage, "release").await, [release]);
    assert_eq!(found(&stage, "deploy").await, [release]);
    assert_eq!(found(&stage, "dayly").await, [daily], "with a typing error");
    let digits = DEPLOY.split(':').nth(4).unwrap();
    assert!(found(&stage, digits).await.contains(&release));
    assert!(!found(&stage, digits).await.contains(&daily));
    assert_eq!(found(&stage, &format!("{digits} deploy")).await, [release]);
    let hits = stage.session.search("release".to_owned(), 1).await.unwrap();
    let profile = hits[0].profile.as_ref().unwrap();
    assert_eq!(
        (profile.kind.as_str(), profile.role.as_deref()),
        ("role", Some("deploy"))
    );
    assert_eq!(hits[0].account.account_id.as_str(), digits);
    assert_eq!(hits[0].matched, [(0, 7)]);
    stage.session.bin_item(release).await.unwrap();
    assert_eq!(found(&stage, "release").await, []);
}

#[tokio::test]
async fn a_profile_is_found_by_an_account_that_is_named_later() {
    let stage = Stage::unlocked().await;
    let filed = stage.filed().await;
    let release = stage.profile(role("release", filed.identity)).await;
    assert_eq!(found(&stage, "shipyard").await, []);
    let accounts = stage.session.accounts().await.unwrap();
    let digits = DEPLOY.split(':').nth(4).unwrap();
    let account = accounts
        .iter()
        .find(|row| row.account_id.as_str() == digits);
    let draft = AccountDraft {
        id: Some(account.unwrap().id),
        account_id: digits.to_owned(),
        partition: "aws".to_owned(),
        name: "Shipyard".to_owned(),
        ..Default::default()
    };
    stage.session.save_account(draft).await.unwrap();
    assert!(found(&stage, "shipyard").await.contains(&release));
}

#[tokio::test]
async fn a_profile_is_found_by_the_account_that_is_filed_anew() {
    let stage = Stage::unlocked().await;
    let filed = stage.filed().await;
    let release = stage.profile(role("release", filed.identity)).await;
    let digits = DEPLOY.split(':').nth(4).unwrap();
    let accounts = stage.session.accounts().await.unwrap();
    let mut present = accounts.iter();
    let present = present.find(|row| row.account_id.as_str() == digits);
    let present = present.unwrap().id;
    stage.session.bin_item(present).await.unwrap();
    stage.session.delete_item(present).await.unwrap();
    assert_eq!(found(&stage, "shipyard").await, []);
    let draft = AccountDraft {
        name: "Shipyard".to_owned(),
        ..account(digits)
    };
    let anew = stage.session.save_account(draft).await.unwrap();
    assert_eq!(found(&stage, "shipyard").await, [anew, release]);
}

#[tokio::test]
async fn equal_users_begin_with_that_of_a_favourite_account() {
    let stage = Stage::unlocked().await;
    for digits in ["111111111111", "222222222222", "333333333333"] {
        let account = stage.account(digits).await;
        stage.user(account, "jane.doe").await;
    }
    let hits = async || stage.session.search("jane".to_owned(), 20).await.unwrap();
    for _ in 0..3 {
        let before = hits().await;
        let last = before.last().unwrap();
        stage
            .session
            .set_favourite(last.account.id, true)
            .await
            .unwrap();
        assert_eq!(hits().await[0].item, last.item);
        stage
            .session
            .set_favourite(last.account.id, false)
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn an_account_of_this_number_elsewhere_is_another_one() {
    let stage = Stage::unlocked().await;
    let filed = stage.filed().await;
    let release = stage.profile(role("release", filed.identity)).await;
    let accounts = stage.session.accounts().await.unwrap();
    let digits = DEPLOY.split(':').nth(4).unwrap();
    let own = accounts
        .iter()
        .find(|row| row.account_id.as_str() == digits);
    stage.session.bin_item(own.unwrap().id).await.unwrap();
    let china = AccountDraft {
        account_id: digits.to_owned(),
        partition: "aws-cn".to_owned(),
        name: "Shipyard".to_owned(),
        ..Default::default()
    };
    stage.session.save_account(china).await.unwrap();
    assert!(!found(&stage, "shipyard").await.contains(&release));
    let row = stage.session.profiles().await.unwrap();
    assert_eq!(row[0].account, None);
}

#[tokio::test]
async fn a_pinned_or_used_profile_is_listed_before_anything_is_typed() {
    let stage = Stage::unlocked().await;
    let filed = stage.filed().await;
    let daily = stage
        .profile(session_profile("daily", filed.identity))
        .await;
    let release = stage.profile(role("release", filed.identity)).await;
    let listed = async || {
        let hits = stage.session.quick_hits().await.unwrap();
        hits.iter().map(|hit| hit.item).collect::<Vec<_>>()
    };
    assert_eq!(listed().await, []);
    stage.session.set_favourite(release, true).await.unwrap();
    assert_eq!(listed().await, [release]);
    let answer = stage.session.quick_copy_profile(daily).await.unwrap();
    assert!(matches!(answer, QuickAnswer::Copied(_)), "{answer:?}");
    let pasted = stage.platform.pasted().unwrap();
    assert!(pasted.starts_with("export AWS_ACCESS_KEY_ID="), "{pasted}");
    assert_eq!(listed().await, [release, daily]);
    // A long-term key has no session, and says so.
    let key = undercroft_session::ProfileDraft {
        kind: "long-term".to_owned(),
        ..session_profile("key", filed.identity)
    };
    let key = stage.profile(key).await;
    let refused = stage.session.quick_copy_profile(key).await;
    assert!(
        matches!(refused, Err(SessionError::Invalid { .. })),
        "{refused:?}"
    );
}

#[tokio::test]
async fn the_consoles_address_is_copied_as_a_secret() {
    let stage = Stage::unlocked().await;
    let filed = stage.filed().await;
    let release = stage.profile(role("release", filed.identity)).await;
    let wish = |profile| ConsoleWish {
        profile,
        service: "s3".to_owned(),
        region: String::new(),
        duration_secs: None,
    };
    let copied = stage.session.copy_console_url(wish(release)).await.unwrap();
    let ConsoleCopy::Copied(copied) = copied else {
        panic!("{copied:?}")
    };
    assert_eq!(copied.clears_in_secs, Some(30));
    let pasted = stage.platform.pasted().unwrap();
    assert!(
        pasted.contains("/federation") && pasted.contains("s3"),
        "{pasted}"
    );
    let daily = stage
        .profile(session_profile("daily", filed.identity))
        .await;
    let refused = stage.session.copy_console_url(wish(daily)).await;
    assert!(
        matches!(refused, Err(SessionError::ProfileUnusable { .. })),
        "{refused:?}"
    );
}

#[tokio::test]
async fn the_console_opens_on_the_page_and_the_region_that_are_wished_for() {
    let stage = Stage::unlocked().await;
    let filed = stage.filed().await;
    let profile = stage.profile(role("release", filed.identity)).await;
    let pasted = async |service: &str, region: &str| {
        let wish = ConsoleWish {
            profile,
            service: service.to_owned(),
            region: region.to_owned(),
            duration_secs: None,
        };
        stage.session.copy_console_url(wish).await?;
        Ok(stage.platform.pasted().unwrap())
    };
    let start_page = pasted(" ", " eu-west-3 ").await.unwrap();
    assert!(
        start_page.ends_with("#Some(\"eu-west-3\")#None"),
        "{start_page}"
    );
    let page = pasted(" s3 ", "").await.unwrap();
    assert!(page.ends_with("#None#Some(\"s3\")"), "{page}");
    for (service, region) in [("s3/x?y", ""), ("", "Frankfurt")] {
        let refused: Result<String, SessionError> = pasted(service, region).await;
        assert!(
            matches!(refused, Err(SessionError::Invalid { .. })),
            "{refused:?}"
        );
    }
}

#[tokio::test]
async fn copying_a_session_counts_as_using_whose_it_is() {
    let stage = Stage::unlocked().await;
    let filed = stage.filed().await;
    let robot = stage.user(filed.account, "robot").await;
    let key = stage.key(robot, OTHER_KEY).await;
    let own = SessionWish {
        device: None,
        ..filed.wish()
    };
    let of_robot = SessionWish {
        identity: robot,
        key,
        ..own.clone()
    };
    for wish in [own, of_robot] {
        stage.session.get_session(wish).await.unwrap();
    }
    let sessions = stage.session.sessions().await.unwrap();
    for identity in [filed.identity, robot, filed.identity] {
        let mut live = sessions.iter();
        let session = live.find(|live| live.identity == Some(identity)).unwrap();
        let target = CopyTarget::Session {
            session: session.id,
            format: SessionFormat::Json,
        };
        stage.session.copy(target).await.unwrap();
        assert_eq!(first(&stage).await[0], identity);
    }
}
