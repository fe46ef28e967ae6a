//! Codes: each given out once, by AWS's clock, and never before that is on the disk.

use std::{io::ErrorKind, sync::Arc};

use crate::stage::{self, Answers, BreakableDisk, OTHER_SEED, SEED, Stage, account, secret};
use undercroft_aws::AwsErrorKind;
use undercroft_model::{DeviceId, ItemId, OtpParams, Timestamp};
use undercroft_otp::{Seed, TimeStep, code};
use undercroft_session::{AccountDraft, CopyTarget, SessionAnswer, SessionError};

/// 2026-11-23T10:00:00Z, where the stage's clock begins.
const START: i64 = 1_795_428_000;

/// The code of the test's seed at a second.
fn code_at(secs: i64) -> String {
    let seed = Seed::from_base32(&secret(SEED)).unwrap().seed;
    let params = OtpParams::default();
    let step = TimeStep::at(Timestamp::from_unix_secs(secs), params.period);
    code(&seed, params, step).as_str().to_owned()
}

fn copy(identity: ItemId, device: DeviceId) -> CopyTarget {
    CopyTarget::Code { identity, device }
}

#[tokio::test]
async fn codes_are_shown_with_the_next_one_and_the_time_left() {
    let stage = Stage::unlocked().await;
    let filed = stage.filed().await;
    stage.clock.advance(12.25);
    let codes = stage.session.codes(filed.identity).await.unwrap();
    assert_eq!(codes.len(), 1);
    assert_eq!(codes[0].device, filed.device);
    assert_eq!(codes[0].code.as_str(), code_at(START));
    assert_eq!(codes[0].next.as_str(), code_at(START + 30));
    assert_eq!(codes[0].ends_in_ms, 17_750);
    assert!(!codes[0].used && !codes[0].next_used);
}

#[tokio::test]
async fn a_copied_code_counts_as_used_and_copying_it_again_says_so() {
    let stage = Stage::unlocked().await;
    let filed = stage.filed().await;
    let copied = stage
        .session
        .copy(copy(filed.identity, filed.device))
        .await
        .unwrap();
    assert_eq!(stage.platform.pasted(), Some(code_at(START)));
    assert_eq!(copied.clears_in_secs, Some(30));
    assert_eq!((copied.used_before, copied.valid_in_secs), (false, None));
    let codes = stage.session.codes(filed.identity).await.unwrap();
    assert!(codes[0].used && !codes[0].next_used);
    let again = stage
        .session
        .copy(copy(filed.identity, filed.device))
        .await
        .unwrap();
    assert!(again.used_before);

    // A call gets another one, later.
    let answer = stage.session.get_session(filed.wish()).await.unwrap();
    assert_eq!(answer, SessionAnswer::Wait { secs: 30 });
    stage.clock.advance(30.0);
    stage.session.get_session(filed.wish()).await.unwrap();
    assert_eq!(stage.sts.calls()[0].code, Some(code_at(START + 30)));
}

#[tokio::test]
async fn shortly_before_a_code_ends_the_next_one_is_copied() {
    let stage = Stage::unlocked().await;
    let filed = stage.filed().await;
    stage.clock.advance(27.5);
    let copied = stage
        .session
        .copy(copy(filed.identity, filed.device))
        .await
        .unwrap();
    assert_eq!(stage.platform.pasted(), Some(code_at(START + 30)));
    assert_eq!(copied.valid_in_secs, Some(3));
    assert!(!copied.used_before);
}

#[tokio::test]
async fn a_code_with_three_seconds_left_is_still_copied() {
    let stage = Stage::unlocked().await;
    let filed = stage.filed().await;
    stage.clock.advance(27.0);
    let copied = stage
        .session
        .copy(copy(filed.identity, filed.device))
        .await
        .unwrap();
    assert_eq!(stage.platform.pasted(), Some(code_at(START)));
    assert_eq!(copied.valid_in_secs, None);
    stage.clock.advance(0.001);
    let copied = stage
        .session
        .copy(copy(filed.identity, filed.device))
        .await
        .unwrap();
    assert_eq!(stage.platform.pasted(), Some(code_at(START + 30)));
    assert_eq!(copied.valid_in_secs, Some(3));
}

#[tokio::test]
async fn the_two_codes_of_an_enrolment_can_be_copied_one_after_the_other() {
    let stage = Stage::unlocked().await;
    let filed = stage.filed().await;
    stage
        .session
        .copy(copy(filed.identity, filed.device))
        .await
        .unwrap();
    let next = CopyTarget::NextCode {
        identity: filed.identity,
        device: filed.device,
    };
    let copied = stage.session.copy(next).await.unwrap();
    assert_eq!(stage.platform.pasted(), Some(code_at(START + 30)));
    assert!(!copied.used_before);
    let codes = stage.session.codes(filed.identity).await.unwrap();
    assert!(codes[0].used && codes[0].next_used);
    let answer = stage.session.get_session(filed.wish()).await.unwrap();
    assert_eq!(
        answer,
        SessionAnswer::Wait { secs: 30 },
        "the third opens when the second begins"
    );
}

#[tokio::test]
async fn used_codes_stay_used_after_a_new_start() {
    let stage = Stage::unlocked().await;
    let filed = stage.filed().await;
    stage
        .session
        .copy(copy(filed.identity, filed.device))
        .await
        .unwrap();
    let stage = stage.restart().await;
    stage.unlock().await;
    assert!(stage.session.codes(filed.identity).await.unwrap()[0].used);
}

#[tokio::test]
async fn devices_do_not_use_up_each_other() {
    let stage = Stage::unlocked().await;
    let filed = stage.filed().await;
    let other = stage.device(filed.identity, "tablet", OTHER_SEED).await;
    stage
        .session
        .copy(copy(filed.identity, filed.device))
        .await
        .unwrap();
    let copied = stage
        .session
        .copy(copy(filed.identity, other))
        .await
        .unwrap();
    assert!(!copied.used_before);
}

#[tokio::test]
async fn a_code_is_refused_when_its_use_can_not_be_written_down() {
    let disk = Arc::new(BreakableDisk::default());
    let stage = Stage::on(disk.clone());
    stage.create().await;
    let filed = stage.filed().await;
    disk.break_for(".state-new", ErrorKind::StorageFull);
    let refused = stage.session.copy(copy(filed.identity, filed.device)).await;
    assert!(
        matches!(refused, Err(SessionError::StateFile { .. })),
        "{refused:?}"
    );
    assert_eq!(stage.platform.pasted(), None);
    let refused = stage.session.get_session(filed.wish()).await;
    assert!(
        matches!(refused, Err(SessionError::StateFile { .. })),
        "{refused:?}"
    );
    assert!(stage.sts.calls().is_empty());

    disk.mend();
    let copied = stage
        .session
        .copy(copy(filed.identity, filed.device))
        .await
        .unwrap();
    assert!(!copied.used_before, "what was not given out is not used");
}

#[tokio::test]
async fn codes_follow_the_clock_of_their_endpoint_and_of_no_other() {
    let stage = Stage::unlocked().await;
    let filed = stage.filed().await;
    let custom = stage
        .session
        .save_account(AccountDraft {
            sts_endpoint: "http://localhost:4566".to_owned(),
            ..account("210987654321")
        })
        .await
        .unwrap();
    let elsewhere = stage.user(custom, "jane.doe").await;
    let mut draft = stage::device(elsewhere, "phone", SEED);
    draft.serial = "arn:aws:iam::210987654321:mfa/phone".to_owned();
    stage.session.save_device(draft).await.unwrap();
    let key = stage.key(elsewhere, "AKIAI44QH8DHBEXAMPLE").await;

    // The custom endpoint says that it is two minutes later there.
    stage.sts.will(Answers::Session {
        ends_in_secs: 3600 + 120,
        offset_secs: 120,
    });
    let mut wish = filed.wish();
    (wish.identity, wish.key, wish.device) = (elsewhere, key, None);
    stage.session.get_session(wish).await.unwrap();

    let codes = stage.session.codes(elsewhere).await.unwrap();
    assert_eq!(codes[0].code.as_str(), code_at(START + 120));
    let codes = stage.session.codes(filed.identity).await.unwrap();
    assert_eq!(
        codes[0].code.as_str(),
        code_at(START),
        "AWS's own clock is untouched"
    );
    let details = stage.session.vault_details().await.unwrap();
    assert_eq!(details.clocks.len(), 1);
    assert_eq!(details.clocks[0].host, "http://localhost:4566");
}

#[tokio::test]
async fn an_offset_follows_when_the_local_clock_is_set_right() {
    let stage = Stage::unlocked().await;
    let filed = stage.filed().await;
    stage.sts.will(Answers::Session {
        ends_in_secs: 3600,
        offset_secs: -90,
    });
    stage.clock.set_wall(90);
    let mut wish = filed.wish();
    wish.device = None;
    stage.session.get_session(wish).await.unwrap();
    let now = || async {
        stage.session.codes(filed.identity).await.unwrap()[0]
            .code
            .as_str()
            .to_owned()
    };
    assert_eq!(now().await, code_at(START));
    // NTP mends the clock: the measured offset must not be applied on top of that.
    stage.clock.set_wall(-90);
    assert_eq!(now().await, code_at(START));
}

#[tokio::test]
async fn steps_used_by_a_wrong_clock_do_not_block_the_device() {
    let stage = Stage::unlocked().await;
    let filed = stage.filed().await;
    // The local clock is ten minutes ahead; AWS refuses and its date tells.
    stage.clock.set_wall(600);
    stage
        .sts
        .will(Answers::Refusal(AwsErrorKind::ClockSkew, Some(-600)));
    let answer = stage.session.get_session(filed.wish()).await.unwrap();
    assert!(matches!(answer, SessionAnswer::Wait { .. }), "{answer:?}");
    stage.clock.advance(30.0);
    let first = stage.session.get_session(filed.wish()).await.unwrap();
    let SessionAnswer::Wait { secs } = first else {
        panic!("the present step counts as used, to be safe: {first:?}");
    };
    assert!(secs <= 30, "{secs}");
    stage.clock.advance(f64::from(secs));
    let answer = stage.session.get_session(filed.wish()).await.unwrap();
    assert!(matches!(answer, SessionAnswer::Ready { .. }), "{answer:?}");
    let calls = stage.sts.calls();
    assert_eq!(calls[1].code, Some(code_at(START + 60)));
    assert_eq!(calls[1].clock_offset_secs, -600);
}
