//! Temporary credentials: one call for all, each code once, nothing left when the key goes.

use crate::stage::{
    self, Answers, Filed, KEY_SECRET, OTHER_KEY, Stage, account, key, role, root, secret,
};
use undercroft_aws::AwsErrorKind;
use undercroft_model::{AccessKeyId, ItemId, Timestamp};
use undercroft_session::{
    AccountDraft, CopyTarget, KeyDraft, LiveSession, LockReason, Notice, SessionAnswer,
    SessionError, SessionFormat, SessionWish,
};

const START: i64 = 1_795_428_000;

async fn filed() -> (Stage, Filed) {
    let stage = Stage::unlocked().await;
    let filed = stage.filed().await;
    (stage, filed)
}

fn ready(answer: Result<SessionAnswer, SessionError>) -> (LiveSession, bool) {
    match answer {
        Ok(SessionAnswer::Ready { session, cached }) => (*session, cached),
        other => panic!("no session: {other:?}"),
    }
}

fn without_mfa(filed: &Filed) -> SessionWish {
    SessionWish {
        device: None,
        ..filed.wish()
    }
}

#[tokio::test]
async fn a_session_with_mfa_gives_serial_and_code_and_is_listed() {
    let (stage, filed) = filed().await;
    let (session, cached) = ready(stage.session.get_session(filed.wish()).await);
    assert!(!cached);
    assert_eq!(session.expires_in_secs, 3600);
    assert_eq!(session.started_at, Timestamp::from_unix_secs(START));
    assert_eq!(session.device, Some(filed.device));
    let call = &stage.sts.calls()[0];
    assert_eq!(
        call.serial.as_deref(),
        Some("arn:aws:iam::123456789012:mfa/phone")
    );
    assert_eq!(call.duration_secs, 3600);
    assert_eq!(call.url, "https://sts.us-east-1.amazonaws.com");
    assert_eq!(stage.session.sessions().await.unwrap(), [session]);
    assert!(stage.session.accounts().await.unwrap()[0].live);
    let details = stage.session.account(filed.account).await.unwrap();
    assert!(details.identities[0].live);
    let identity = stage.session.identity(filed.identity).await.unwrap();
    assert_eq!(identity.sessions.len(), 1);
    assert_eq!(
        identity.keys[0].last_used_at,
        Some(Timestamp::from_unix_secs(START))
    );
}

#[tokio::test]
async fn twenty_callers_cause_one_call() {
    let (stage, filed) = filed().await;
    stage.sts.close();
    let callers: Vec<_> = (0..20)
        .map(|_| {
            let (session, wish) = (stage.session.clone(), filed.wish());
            tokio::spawn(async move { session.get_session(wish).await })
        })
        .collect();
    stage.sts.made(1).await;
    // The others have asked too once a later request is answered.
    stage.session.overview().await.unwrap();
    stage.sts.open();
    let mut answers = Vec::new();
    for caller in callers {
        answers.push(ready(caller.await.unwrap()).0.id);
    }
    answers.dedup();
    assert_eq!(answers.len(), 1);
    assert_eq!(stage.sts.calls().len(), 1);
}

#[tokio::test]
async fn callers_of_a_failing_call_all_learn_why() {
    let (stage, filed) = filed().await;
    stage.sts.close();
    stage
        .sts
        .will(Answers::Refusal(AwsErrorKind::AccessDenied, None));
    let callers: Vec<_> = (0..5)
        .map(|_| {
            let (session, wish) = (stage.session.clone(), without_mfa(&filed));
            tokio::spawn(async move { session.get_session(wish).await })
        })
        .collect();
    stage.sts.made(1).await;
    stage.session.overview().await.unwrap();
    stage.sts.open();
    for caller in callers {
        match caller.await.unwrap() {
            Err(SessionError::Aws { error, host }) => {
                assert_eq!(error.kind, AwsErrorKind::AccessDenied);
                assert_eq!(host, "sts.us-east-1.amazonaws.com");
            }
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(stage.sts.calls().len(), 1);
}

#[tokio::test]
async fn a_cached_session_is_served_while_enough_of_it_remains() {
    let (stage, filed) = filed().await;
    let (first, _) = ready(stage.session.get_session(without_mfa(&filed)).await);
    // Of an hour a quarter, 15 minutes, must remain.
    stage.clock.advance(2699.0);
    let (again, cached) = ready(stage.session.get_session(without_mfa(&filed)).await);
    assert!(cached);
    assert_eq!(again.id, first.id);
    assert_eq!(again.expires_in_secs, 901);
    stage.clock.advance(1.0);
    stage.sts.will(Answers::Session {
        ends_in_secs: 2700 + 3600,
        offset_secs: 0,
    });
    let (renewed, cached) = ready(stage.session.get_session(without_mfa(&filed)).await);
    assert!(!cached);
    assert_ne!(renewed.id, first.id);
    assert_eq!(
        stage.session.sessions().await.unwrap().len(),
        1,
        "it takes the other's place"
    );
    assert_eq!(stage.sts.calls().len(), 2);
}

#[tokio::test]
async fn a_fresh_one_is_asked_for_though_one_is_at_hand() {
    let (stage, filed) = filed().await;
    let (first, _) = ready(stage.session.get_session(without_mfa(&filed)).await);
    let wish = SessionWish {
        fresh: true,
        ..without_mfa(&filed)
    };
    assert!(!ready(stage.session.get_session(wish).await).1);
    let live = stage.session.sessions().await.unwrap();
    assert_ne!(live[0].id, first.id);
    let (renewed, cached) = ready(stage.session.renew_session(live[0].id).await);
    assert!(!cached);
    assert_eq!(renewed.duration_secs, 3600);
    assert_eq!(stage.sts.calls().len(), 3);
}

#[tokio::test]
async fn sessions_outlive_a_new_start_and_end_by_themselves() {
    let (stage, filed) = filed().await;
    let (made, _) = ready(stage.session.get_session(filed.wish()).await);
    let stage = stage.restart().await;
    stage.unlock().await;
    assert!(ready(stage.session.get_session(filed.wish()).await).1);
    assert_eq!(stage.sts.calls().len(), 1);
    stage.clock.advance(3600.0);
    // An hour without use has locked the vault.
    stage
        .platform
        .event(|event| *event == undercroft_session::Event::Locked(LockReason::Idle))
        .await;
    stage.unlock().await;
    assert!(stage.session.sessions().await.unwrap().is_empty());
    assert_eq!(
        stage.session.forget_session(made.id).await,
        Err(SessionError::NoSuchItem),
        "nothing of it is kept"
    );
}

#[tokio::test]
async fn a_session_is_live_until_the_second_in_which_it_ends() {
    let (stage, filed) = filed().await;
    let wish = SessionWish {
        duration_secs: 900,
        ..without_mfa(&filed)
    };
    ready(stage.session.get_session(wish).await);
    stage.clock.advance(450.0);
    // Somebody is there, so it does not lock.
    stage.session.demand_unlocked().await.unwrap();
    stage.clock.advance(449.0);
    let live = stage.session.sessions().await.unwrap();
    assert_eq!(live[0].expires_in_secs, 1);
    stage.clock.advance(1.0);
    assert!(stage.session.sessions().await.unwrap().is_empty());
    let accounts = stage.session.accounts().await.unwrap();
    assert!(!accounts[0].live);
}

#[tokio::test]
async fn only_a_refusal_that_another_code_may_help_with_is_followed_by_the_next_one() {
    for (kind, is_tried_again) in [
        (AwsErrorKind::WrongOrReusedCode, true),
        (AwsErrorKind::ClockSkew, true),
        (AwsErrorKind::AccessDenied, false),
        (AwsErrorKind::WrongSerial, false),
    ] {
        let (stage, filed) = filed().await;
        stage.sts.will(Answers::Refusal(kind, Some(0)));
        let answer = stage.session.get_session(filed.wish()).await;
        let waits = matches!(answer, Ok(SessionAnswer::Wait { .. }));
        assert_eq!(waits, is_tried_again, "{answer:?}");
    }
}

#[tokio::test]
async fn a_code_refused_long_after_another_is_followed_by_the_next_one_again() {
    for (secs, is_tried_again) in [(120.0, false), (121.0, true)] {
        let (stage, filed) = filed().await;
        for _ in 0..2 {
            stage
                .sts
                .will(Answers::Refusal(AwsErrorKind::WrongOrReusedCode, Some(0)));
        }
        let answer = stage.session.get_session(filed.wish()).await;
        assert!(matches!(answer, Ok(SessionAnswer::Wait { .. })));
        stage.clock.advance(secs);
        let answer = stage.session.get_session(filed.wish()).await;
        let waits = matches!(answer, Ok(SessionAnswer::Wait { .. }));
        assert_eq!(waits, is_tried_again, "{secs}: {answer:?}");
    }
}

#[tokio::test]
async fn a_refused_code_is_tried_again_once_with_the_next_one() {
    let (stage, filed) = filed().await;
    stage.clock.advance(10.0);
    for _ in 0..2 {
        stage
            .sts
            .will(Answers::Refusal(AwsErrorKind::WrongOrReusedCode, Some(0)));
    }
    let answer = stage.session.get_session(filed.wish()).await.unwrap();
    assert_eq!(answer, SessionAnswer::Wait { secs: 20 });
    stage.clock.advance(20.0);
    let refused = stage.session.get_session(filed.wish()).await.unwrap_err();
    let SessionError::Aws { error, .. } = refused else {
        panic!("{refused:?}");
    };
    assert_eq!(error.kind, AwsErrorKind::WrongOrReusedCode);
    let calls = stage.sts.calls();
    assert_eq!(calls.len(), 2);
    assert_ne!(calls[0].code, calls[1].code);
}

#[tokio::test]
async fn the_next_code_may_succeed_where_the_first_was_used_elsewhere() {
    let (stage, filed) = filed().await;
    stage
        .sts
        .will(Answers::Refusal(AwsErrorKind::WrongOrReusedCode, Some(0)));
    let answer = stage.session.get_session(filed.wish()).await.unwrap();
    assert_eq!(answer, SessionAnswer::Wait { secs: 30 });
    let answer = stage.session.get_session(filed.wish()).await.unwrap();
    assert_eq!(
        answer,
        SessionAnswer::Wait { secs: 30 },
        "no call before the next step"
    );
    stage.clock.advance(30.0);
    assert!(!ready(stage.session.get_session(filed.wish()).await).1);
    assert_eq!(stage.sts.calls().len(), 2);
}

#[tokio::test]
async fn durations_and_devices_that_sts_does_not_take_are_refused_before_a_code_is_used() {
    let (stage, filed) = filed().await;
    for duration_secs in [0, 899, 129_601] {
        let wish = SessionWish {
            duration_secs,
            ..filed.wish()
        };
        let refused = stage.session.get_session(wish).await;
        assert!(
            matches!(&refused, Err(SessionError::Invalid { problems }) if problems[0].field == "duration_secs"),
            "{refused:?}"
        );
    }
    let mut longer = stage::device(filed.identity, "eight", stage::OTHER_SEED);
    longer.digits = 8;
    let mut nameless = stage::device(filed.identity, "bare", "KRSXG5CTMVRXEZLUKRSXG5CTMVRXEZLU");
    nameless.serial.clear();
    for (draft, expected) in [
        (longer, SessionError::DeviceMakesLongerCodes),
        (nameless, SessionError::DeviceWithoutSerial),
    ] {
        let device = stage.session.save_device(draft).await.unwrap();
        let wish = SessionWish {
            device: Some(device),
            ..filed.wish()
        };
        assert_eq!(stage.session.get_session(wish).await, Err(expected));
    }
    assert!(stage.sts.calls().is_empty());
    assert!(!stage.session.codes(filed.identity).await.unwrap()[0].used);
}

#[tokio::test]
async fn locking_cuts_off_a_running_call() {
    let (stage, filed) = filed().await;
    stage.sts.close();
    let (session, wish) = (stage.session.clone(), filed.wish());
    let caller = tokio::spawn(async move { session.get_session(wish).await });
    stage.sts.made(1).await;
    stage.session.lock(LockReason::User).await;
    assert_eq!(caller.await.unwrap(), Err(SessionError::Locked));
    stage.sts.open();
    assert_eq!(stage.session.sessions().await, Err(SessionError::Locked));
    stage.unlock().await;
    assert!(
        stage.session.sessions().await.unwrap().is_empty(),
        "nothing of it was cached"
    );
    assert!(
        stage.session.codes(filed.identity).await.unwrap()[0].used,
        "but its code is used"
    );
}

#[tokio::test]
async fn sessions_go_with_their_key() {
    let (stage, filed) = filed().await;
    ready(stage.session.get_session(without_mfa(&filed)).await);
    let same = KeyDraft {
        existing: Some(filed.key.clone()),
        secret: None,
        ..key(filed.identity, stage::KEY)
    };
    stage.session.save_access_key(same.clone()).await.unwrap();
    assert_eq!(
        stage.session.sessions().await.unwrap().len(),
        1,
        "the secret is the same"
    );
    let changed = KeyDraft {
        secret: Some(secret(KEY_SECRET)),
        ..same
    };
    stage.session.save_access_key(changed).await.unwrap();
    assert!(stage.session.sessions().await.unwrap().is_empty());

    ready(stage.session.get_session(without_mfa(&filed)).await);
    stage
        .session
        .remove_access_key(filed.identity, filed.key.clone())
        .await
        .unwrap();
    assert!(stage.session.sessions().await.unwrap().is_empty());
    let stage = stage.restart().await;
    stage.unlock().await;
    assert!(stage.session.sessions().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_call_for_a_key_that_goes_meanwhile_caches_nothing() {
    let (stage, filed) = filed().await;
    stage.sts.close();
    let (session, wish) = (stage.session.clone(), without_mfa(&filed));
    let caller = tokio::spawn(async move { session.get_session(wish).await });
    stage.sts.made(1).await;
    stage
        .session
        .remove_access_key(filed.identity, filed.key.clone())
        .await
        .unwrap();
    assert_eq!(caller.await.unwrap(), Err(SessionError::NoSuchItem));
    stage.sts.open();
    stage.session.overview().await.unwrap();
    assert!(stage.session.sessions().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_call_whose_account_or_identity_changes_meanwhile_caches_nothing() {
    for binned in [false, true] {
        let (stage, filed) = filed().await;
        stage.sts.close();
        let (session, wish) = (stage.session.clone(), without_mfa(&filed));
        let caller = tokio::spawn(async move { session.get_session(wish).await });
        stage.sts.made(1).await;
        if binned {
            stage.session.bin_item(filed.identity).await.unwrap();
        } else {
            let moved = "http://localhost:4566";
            move_to(&stage, filed.account, "123456789012", moved).await;
        }
        stage.sts.open();
        assert_eq!(caller.await.unwrap(), Err(SessionError::NoSuchItem));
        if binned {
            stage.session.restore_item(filed.identity).await.unwrap();
        }
        assert_eq!(stage.session.sessions().await.unwrap(), []);
    }
}

#[tokio::test]
async fn sessions_go_with_their_identity_and_can_be_forgotten() {
    let (stage, filed) = filed().await;
    let (session, _) = ready(stage.session.get_session(without_mfa(&filed)).await);
    stage.session.forget_session(session.id).await.unwrap();
    assert!(stage.session.sessions().await.unwrap().is_empty());
    assert_eq!(
        stage.session.forget_session(session.id).await,
        Err(SessionError::NoSuchItem)
    );
    ready(stage.session.get_session(without_mfa(&filed)).await);
    stage.session.bin_item(filed.account).await.unwrap();
    assert!(stage.session.sessions().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_session_does_not_come_back_with_its_identity() {
    let (stage, filed) = filed().await;
    ready(stage.session.get_session(without_mfa(&filed)).await);
    stage.session.bin_item(filed.identity).await.unwrap();
    assert!(stage.session.sessions().await.unwrap().is_empty());
    stage.session.restore_item(filed.identity).await.unwrap();
    assert!(stage.session.sessions().await.unwrap().is_empty());
    let (_, cached) = ready(stage.session.get_session(without_mfa(&filed)).await);
    assert!(!cached);
}

/// Gives an account an STS endpoint of its own.
async fn move_to(stage: &Stage, id: ItemId, digits: &str, sts_endpoint: &str) {
    let draft = AccountDraft {
        id: Some(id),
        sts_endpoint: sts_endpoint.to_owned(),
        ..account(digits)
    };
    stage.session.save_account(draft).await.unwrap();
}

/// An account with a user that has a key and no device, and a profile of a role that is assumed with it.
async fn robot(stage: &Stage) -> (ItemId, SessionWish, ItemId) {
    let account = stage.account("345678901234").await;
    let identity = stage.user(account, "robot").await;
    let wish = SessionWish {
        identity,
        key: stage.key(identity, OTHER_KEY).await,
        device: None,
        duration_secs: 3600,
        fresh: false,
    };
    let profile = stage.profile(role("deploy", identity)).await;
    (account, wish, profile)
}

/// The account that the role acts in, which was filed along with its profile.
async fn acted_in(stage: &Stage) -> ItemId {
    let accounts = stage.session.accounts().await.unwrap();
    let mut of_role = accounts
        .iter()
        .filter(|row| row.account_id.as_str() == "210987654321");
    of_role.next().unwrap().id
}

#[tokio::test]
async fn sessions_go_with_the_endpoint_of_their_account_and_others_stay() {
    let (stage, filed) = filed().await;
    let (_, wish, profile) = robot(&stage).await;
    ready(stage.session.get_session(without_mfa(&filed)).await);
    let (stays, _) = ready(stage.session.get_session(wish).await);
    stage.ready(profile).await;
    let acted_in = acted_in(&stage).await;
    let accounts = async || -> Vec<ItemId> {
        let live = stage.session.sessions().await.unwrap();
        let mut accounts: Vec<_> = live.iter().map(|session| session.account.id).collect();
        accounts.sort_unstable();
        accounts
    };
    assert_eq!(accounts().await.len(), 3);
    move_to(
        &stage,
        filed.account,
        "123456789012",
        "http://localhost:4566",
    )
    .await;
    let left = accounts().await;
    assert!(left.len() == 2 && !left.contains(&filed.account));
    move_to(&stage, acted_in, "210987654321", "http://localhost:4566").await;
    assert_eq!(accounts().await, [stays.account.id]);
    stage.ready(profile).await;
    assert_eq!(accounts().await.len(), 2);
    let account = stays.account.id;
    move_to(&stage, account, "345678901234", "http://localhost:4566").await;
    assert_eq!(accounts().await, [], "nor what its key made elsewhere");
}

#[tokio::test]
async fn a_roles_session_goes_with_the_account_in_which_it_acts() {
    let stage = Stage::unlocked().await;
    let (account, _, profile) = robot(&stage).await;
    stage.ready(profile).await;
    let acted_in = acted_in(&stage).await;
    stage.session.bin_item(acted_in).await.unwrap();
    assert!(stage.session.sessions().await.unwrap().is_empty());
    stage.ready(profile).await;
    let live = stage.session.sessions().await.unwrap();
    assert_eq!(live[0].account.id, account);
}

#[tokio::test]
async fn programs_are_told_the_endpoints_of_the_account_or_else_of_whose_key_it_is() {
    let stage = Stage::unlocked().await;
    let (account, wish, profile) = robot(&stage).await;
    let told = async || {
        let endpoint = stage.ready(profile).await.sts_endpoint;
        endpoint.map(|endpoint| endpoint.as_str().to_owned())
    };
    assert_eq!(told().await, None);
    move_to(&stage, account, "345678901234", "http://localhost:4566").await;
    assert_eq!(told().await.as_deref(), Some("http://localhost:4566"));
    let acted_in = acted_in(&stage).await;
    move_to(&stage, acted_in, "210987654321", "http://localhost:4567").await;
    assert_eq!(told().await.as_deref(), Some("http://localhost:4567"));
    let only_iam = AccountDraft {
        id: Some(acted_in),
        iam_endpoint: "http://localhost:4568".to_owned(),
        ..crate::stage::account("210987654321")
    };
    stage.session.save_account(only_iam).await.unwrap();
    assert_eq!(told().await, None, "its own are all that count then");

    let (session, _) = ready(stage.session.get_session(wish).await);
    let target = CopyTarget::Session {
        session: session.id,
        format: SessionFormat::Sh,
    };
    stage.session.copy(target).await.unwrap();
    let text = stage.platform.pasted().unwrap();
    assert!(
        text.contains("export AWS_ENDPOINT_URL_STS='http://localhost:4566'"),
        "{text}"
    );
    assert!(!text.contains("AWS_ENDPOINT_URL_IAM"), "{text}");
}

#[tokio::test]
async fn a_clock_is_far_off_from_half_a_minute_on() {
    for (offset_secs, is_told) in [(30, false), (31, true), (-30, false), (-31, true)] {
        let (stage, filed) = filed().await;
        stage.sts.will(Answers::Session {
            ends_in_secs: 3600,
            offset_secs,
        });
        ready(stage.session.get_session(without_mfa(&filed)).await);
        assert_eq!(!stage.notices().await.is_empty(), is_told, "{offset_secs}");
    }
}

#[tokio::test]
async fn a_clock_far_off_is_told_until_it_is_right() {
    let (stage, filed) = filed().await;
    stage.sts.will(Answers::Session {
        ends_in_secs: 3600,
        offset_secs: 31,
    });
    ready(stage.session.get_session(without_mfa(&filed)).await);
    let off = Notice::ClockOff {
        offset_secs: 31,
        host: "sts.us-east-1.amazonaws.com".to_owned(),
    };
    assert_eq!(stage.notices().await, [off]);
    let wish = SessionWish {
        fresh: true,
        ..without_mfa(&filed)
    };
    ready(stage.session.get_session(wish).await);
    assert!(stage.notices().await.is_empty());
    assert_eq!(
        stage.sts.calls()[1].clock_offset_secs,
        31,
        "what was learnt was used to sign"
    );
}

#[tokio::test]
async fn a_session_is_copied_as_text_for_a_terminal() {
    let (stage, filed) = filed().await;
    let (session, _) = ready(stage.session.get_session(without_mfa(&filed)).await);
    for (format, part) in [
        (SessionFormat::Sh, "export AWS_SESSION_TOKEN="),
        (SessionFormat::Fish, "set -gx AWS_SESSION_TOKEN "),
        (SessionFormat::PowerShell, "$Env:AWS_SESSION_TOKEN"),
        (
            SessionFormat::CredentialsFile,
            "[account-123456789012-jane.doe]",
        ),
        (SessionFormat::Json, "\"Version\""),
    ] {
        let target = CopyTarget::Session {
            session: session.id,
            format,
        };
        let copied = stage.session.copy(target).await.unwrap();
        assert_eq!(copied.clears_in_secs, Some(30));
        let text = stage.platform.pasted().unwrap();
        assert!(text.contains(part), "{format:?}");
        assert!(text.contains("SESSION-TOKEN-CANARY"), "{format:?}");
    }
}

#[tokio::test]
async fn checking_a_key_tells_whose_it_is_and_keeps_its_state() {
    let (stage, filed) = filed().await;
    let check = || {
        stage
            .session
            .check_access_key(filed.identity, filed.key.clone())
    };
    let caller = check().await.unwrap();
    assert!(caller.matches);
    let state = || async { stage.session.identity(filed.identity).await.unwrap().keys[0].state };
    assert_eq!(state().await, undercroft_model::KeyState::Active);

    stage.sts.caller_is(Ok((
        "123456789012",
        "arn:aws:iam::123456789012:user/john.roe",
    )));
    assert!(!check().await.unwrap().matches);
    stage.sts.caller_is(Ok((
        "210987654321",
        "arn:aws:iam::210987654321:user/jane.doe",
    )));
    assert!(!check().await.unwrap().matches);
    for arn in [
        "arn:aws:sts::123456789012:federated-user/jane.doe",
        "arn:aws-cn:iam::123456789012:user/jane.doe",
    ] {
        stage.sts.caller_is(Ok(("123456789012", arn)));
        assert!(!check().await.unwrap().matches, "{arn}");
    }
    stage.sts.caller_is(Err(AwsErrorKind::Unreachable));
    assert!(check().await.is_err());
    assert_eq!(
        state().await,
        undercroft_model::KeyState::Active,
        "nothing was learnt"
    );
    stage.sts.caller_is(Err(AwsErrorKind::InactiveOrUnknownKey));
    assert!(check().await.is_err());
    assert_eq!(
        state().await,
        undercroft_model::KeyState::Unknown,
        "AWS says the same of inactive and of unknown keys"
    );
}

#[tokio::test]
async fn the_root_users_key_is_told_from_that_of_a_user_called_root() {
    let stage = Stage::unlocked().await;
    let root = root(&stage).await;
    for (arn, matches) in [
        ("arn:aws:iam::111122223333:root", true),
        ("arn:aws:iam::111122223333:user/root", false),
    ] {
        stage.sts.caller_is(Ok(("111122223333", arn)));
        let key = AccessKeyId::parse(OTHER_KEY).unwrap();
        let caller = stage.session.check_access_key(root, key).await.unwrap();
        assert_eq!(caller.matches, matches, "{arn}");
    }
}
