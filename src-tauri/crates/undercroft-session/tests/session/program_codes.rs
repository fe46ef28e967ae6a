//! Codes for programs.

use crate::stage::{self, Answers, Filed, OTHER_SEED, SEED, Stage, session_profile};
use undercroft_model::Timestamp;
use undercroft_session::{
    AccountDraft, CodeAnswer, CredentialsAnswer, IdentityDraft, SessionError, WhoKind,
};

async fn filed() -> (Stage, Filed) {
    let stage = Stage::unlocked().await;
    let filed = stage.filed().await;
    let named = AccountDraft {
        id: Some(filed.account),
        alias: "workshop".to_owned(),
        name: "The workshop".to_owned(),
        ..stage::account("123456789012")
    };
    stage.session.save_account(named).await.unwrap();
    (stage, filed)
}

async fn code(stage: &Stage, device: &str) -> Result<CodeAnswer, SessionError> {
    stage.session.program_code(device.to_owned()).await
}

fn ready(answer: Result<CodeAnswer, SessionError>) -> (String, Timestamp, String) {
    match answer {
        Ok(CodeAnswer::Ready {
            code,
            valid_until,
            device,
            ..
        }) => (code.expose().to_owned(), valid_until, device),
        other => panic!("no code: {other:?}"),
    }
}

fn wait(answer: Result<CodeAnswer, SessionError>) -> u32 {
    match answer {
        Ok(CodeAnswer::Wait { secs }) => secs,
        other => panic!("no wait: {other:?}"),
    }
}

fn unknown(several: bool) -> Result<String, SessionError> {
    Err(SessionError::NoSuchDevice { several })
}

/// Which device a text means.
async fn meant(stage: &Stage, device: &str) -> Result<String, SessionError> {
    stage.clock.advance(30.0);
    code(stage, device).await.map(|answer| ready(Ok(answer)).2)
}

#[tokio::test]
async fn a_device_is_found_by_its_user_its_name_and_its_serial() {
    let (stage, _) = filed().await;
    for path in [
        "workshop/jane.doe",
        "123456789012/jane.doe",
        "The workshop/jane.doe",
        "phone",
        "arn:aws:iam::123456789012:mfa/phone",
    ] {
        assert_eq!(
            meant(&stage, path).await.as_deref(),
            Ok("The workshop/jane.doe (phone)"),
            "{path}"
        );
    }
    for path in [
        "",
        "/",
        "nobody",
        "workshop/",
        "/jane.doe",
        "workshop/root",
        "Phone",
    ] {
        assert_eq!(meant(&stage, path).await, unknown(false), "{path:?}");
    }
}

#[tokio::test]
async fn the_root_user_is_called_root() {
    let (stage, filed) = filed().await;
    let root = IdentityDraft {
        id: None,
        account: filed.account,
        kind: WhoKind::Root,
        name: "boss@example.com".to_owned(),
        notes: String::new(),
    };
    let root = stage.session.save_identity(root).await.unwrap();
    assert_eq!(
        meant(&stage, "workshop/root").await,
        unknown(false),
        "no device"
    );
    let mut device = stage::device(root, "safe", OTHER_SEED);
    // A code needs no serial.
    device.serial = String::new();
    stage.session.save_device(device).await.unwrap();
    for path in ["workshop/root", "123456789012/boss@example.com", "safe"] {
        assert_eq!(
            meant(&stage, path).await.as_deref(),
            Ok("The workshop/boss@example.com (safe)"),
            "{path}"
        );
    }
    assert_eq!(
        meant(&stage, "workshop/jane.doe").await.as_deref(),
        Ok("The workshop/jane.doe (phone)")
    );
}

#[tokio::test]
async fn an_account_without_a_name_is_not_called_nothing() {
    let stage = Stage::unlocked().await;
    let unnamed = AccountDraft {
        name: String::new(),
        ..stage::account("123456789012")
    };
    let account = stage.session.save_account(unnamed).await.unwrap();
    let user = stage.user(account, "jane.doe").await;
    stage.device(user, "phone", SEED).await;
    assert_eq!(meant(&stage, "/jane.doe").await, unknown(false));
    assert!(meant(&stage, "123456789012/jane.doe").await.is_ok());
}

#[tokio::test]
async fn what_may_mean_two_devices_means_none() {
    let (stage, filed) = filed().await;
    let other = stage.user(filed.account, "john.roe").await;
    let mut phone = stage::device(other, "phone", OTHER_SEED);
    phone.serial = "arn:aws:iam::123456789012:mfa/johns".to_owned();
    stage.session.save_device(phone).await.unwrap();
    assert_eq!(meant(&stage, "phone").await, unknown(true));
    assert!(meant(&stage, "workshop/john.roe").await.is_ok());
    let twin = AccountDraft {
        name: "The workshop".to_owned(),
        ..stage::account("210987654321")
    };
    let twin = stage.session.save_account(twin).await.unwrap();
    stage.user(twin, "jane.doe").await;
    assert_eq!(meant(&stage, "The workshop/jane.doe").await, unknown(true));
    assert!(meant(&stage, "workshop/jane.doe").await.is_ok());
}

#[tokio::test]
async fn each_code_is_given_once_and_the_next_caller_waits() {
    let (stage, _) = filed().await;
    stage.clock.advance(7.0);
    let (first, valid_until, _) = ready(code(&stage, "phone").await);
    assert_eq!(first.len(), 6);
    assert_eq!(
        valid_until,
        Timestamp::from_unix_secs(stage::START_SECS + 30)
    );
    assert_eq!(wait(code(&stage, "phone").await), 23);
    assert_eq!(wait(code(&stage, "workshop/jane.doe").await), 23);
    let stage = stage.restart().await;
    stage.unlock().await;
    assert_eq!(
        wait(code(&stage, "phone").await),
        23,
        "a new start forgets nothing"
    );
    stage.clock.advance(23.0);
    assert_ne!(ready(code(&stage, "phone").await).0, first);
}

#[tokio::test]
async fn programs_and_calls_share_the_codes() {
    let (stage, filed) = filed().await;
    let profile = stage.profile(session_profile("work", filed.identity)).await;
    let (given, ..) = ready(code(&stage, "phone").await);
    let answer = stage.credentials(profile).await;
    assert!(
        matches!(answer, Ok(CredentialsAnswer::Wait { secs: 30 })),
        "{answer:?}"
    );
    stage.clock.advance(30.0);
    stage.ready(profile).await;
    assert_ne!(stage.sts.calls()[0].code.as_deref(), Some(&*given));
    assert_eq!(wait(code(&stage, "phone").await), 30);
    assert!(stage.session.codes(filed.identity).await.unwrap()[0].used);
}

#[tokio::test]
async fn codes_are_by_the_clock_of_aws_and_their_end_by_the_local_one() {
    let (stage, filed) = filed().await;
    stage.sts.will(Answers::Session {
        ends_in_secs: 7200,
        offset_secs: 40,
    });
    let wish = undercroft_session::SessionWish {
        device: None,
        ..filed.wish()
    };
    stage.session.get_session(wish).await.unwrap();
    // It is 40 s later there: 10 s into the next step.
    let (_, valid_until, _) = ready(code(&stage, "phone").await);
    assert_eq!(
        valid_until,
        Timestamp::from_unix_secs(stage::START_SECS + 20)
    );
}

#[tokio::test]
async fn a_clock_that_was_set_back_blocks_no_codes_for_hours() {
    let (stage, filed) = filed().await;
    stage.clock.set_wall(86_400);
    ready(code(&stage, "phone").await);
    stage.clock.set_wall(-86_400);
    let wish = undercroft_session::SessionWish {
        device: None,
        ..filed.wish()
    };
    stage.session.get_session(wish).await.unwrap();
    assert!(wait(code(&stage, "phone").await) <= 30);
    stage.clock.advance(30.0);
    ready(code(&stage, "phone").await);
}
