//! Who signs for an identity, by which clock, and what is advised where that is denied.

use super::*;
use crate::stage::{OTHER_KEY, SEED};
use undercroft_model::AccessKeyId;
use undercroft_session::{AccountDraft, DeviceDraft, SessionWish};

/// A seed that no other device has.
const THIRD_SEED: &str = "MFRGGZDFMZTWQ2LKNNWG23TPOBYXE43U";

/// A session that ends so many seconds after the start, from a clock that is ahead by so much.
async fn session(stage: &Stage, wish: SessionWish, ends_in_secs: i64, offset_secs: i64) {
    stage.sts.will(Answers::Session {
        ends_in_secs,
        offset_secs,
    });
    stage.session.get_session(wish).await.unwrap();
}

/// Whether a session signs for the identity, where this key is meant.
async fn is_signed_by_session(stage: &Stage, filed: &Filed, key: &AccessKeyId) -> bool {
    let compared = stage.session.devices_at_aws(filed.identity, key.clone());
    compared.await.unwrap();
    let calls = stage.iam.calls();
    calls.last().unwrap().ends_with(" by session")
}

#[tokio::test]
async fn a_session_signs_only_with_mfa_for_its_own_key_and_while_a_minute_is_left() {
    let stage = Stage::unlocked().await;
    let filed = stage.filed().await;
    let without_mfa = SessionWish {
        device: None,
        ..filed.wish()
    };
    session(&stage, without_mfa, 3600, 0).await;
    assert!(!is_signed_by_session(&stage, &filed, &filed.key).await);

    session(&stage, filed.wish(), 361, 0).await;
    let other = stage.key(filed.identity, OTHER_KEY).await;
    assert!(!is_signed_by_session(&stage, &filed, &other).await);
    assert!(is_signed_by_session(&stage, &filed, &filed.key).await);
    stage.clock.advance(300.0);
    assert!(is_signed_by_session(&stage, &filed, &filed.key).await);
    stage.clock.advance(1.0);
    assert!(!is_signed_by_session(&stage, &filed, &filed.key).await);
}

#[tokio::test]
async fn iams_clock_is_that_of_sts_until_it_is_heard_of_where_both_are_aws() {
    for (sts_endpoint, iam_endpoint, at_first, name) in [
        ("", "", 20, "iam.amazonaws.com"),
        ("https://sts.example.com", "", 0, "iam.amazonaws.com"),
        ("", "https://iam.example.com", 0, "https://iam.example.com"),
        ("", "http://localhost:4566", 0, "http://localhost:4566"),
    ] {
        let stage = Stage::unlocked().await;
        let filed = stage.filed().await;
        let draft = AccountDraft {
            id: Some(filed.account),
            sts_endpoint: sts_endpoint.to_owned(),
            iam_endpoint: iam_endpoint.to_owned(),
            ..stage::account("123456789012")
        };
        stage.session.save_account(draft).await.unwrap();
        session(&stage, filed.wish(), 3600, 20).await;
        stage.iam.is_ahead_by(25);
        let compared = stage.session.devices_at_aws(filed.identity, filed.key);
        compared.await.unwrap();
        assert_eq!(stage.iam.offsets(), [at_first, 25], "{name}");
        let clocks = stage.session.vault_details().await.unwrap().clocks;
        let told = clocks.iter().find(|clock| clock.host == name);
        assert_eq!(told.map(|clock| clock.offset_secs), Some(25), "{name}");
    }
}

/// Whether a session with MFA is advised after a refusal.
fn advised(answer: Result<EnrolmentStep, SessionError>) -> bool {
    match answer {
        Err(SessionError::IamDenied {
            needs_mfa_session, ..
        }) => needs_mfa_session,
        other => panic!("it is denied: {other:?}"),
    }
}

#[tokio::test]
async fn a_session_with_mfa_is_advised_only_where_one_can_be_had_and_none_was_used() {
    let stage = Stage::unlocked().await;
    let filed = stage.filed().await;
    let deny = || stage.iam.will(Fails::Refuses(AwsErrorKind::AccessDenied));
    deny();
    assert!(advised(begin(&stage, &filed).await));
    session(&stage, filed.wish(), 3600, 0).await;
    deny();
    assert!(!advised(begin(&stage, &filed).await), "one was used");

    let stage = Stage::unlocked().await;
    let filed = stage.filed().await;
    let deny = || stage.iam.will(Fails::Refuses(AwsErrorKind::AccessDenied));
    let removed = stage.session.remove_device(filed.identity, filed.device);
    removed.await.unwrap();
    deny();
    assert!(!advised(begin(&stage, &filed).await), "there is no device");
    let without_serial = DeviceDraft {
        serial: String::new(),
        ..stage::device(filed.identity, "old", SEED)
    };
    stage.session.save_device(without_serial).await.unwrap();
    deny();
    assert!(!advised(begin(&stage, &filed).await), "STS wants a serial");
    begin(&stage, &filed).await.unwrap();
    deny();
    assert!(
        !advised(go_on(&stage, &filed).await),
        "STS takes no codes of the device in the making"
    );
    stage.device(filed.identity, "phone", THIRD_SEED).await;
    deny();
    stage.clock.advance(60.0);
    assert!(advised(go_on(&stage, &filed).await));
}
