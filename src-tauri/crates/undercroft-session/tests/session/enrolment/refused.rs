//! What AWS, the disk or another window have against a step, and what is left then.

use std::{io::ErrorKind, sync::Arc, time::Duration};

use super::*;
use crate::stage::BreakableDisk;

fn kind_of<T: std::fmt::Debug>(answer: Result<T, SessionError>) -> AwsErrorKind {
    match answer {
        Err(SessionError::Aws { error, .. }) => error.kind,
        other => panic!("AWS refuses it: {other:?}"),
    }
}

#[tokio::test]
async fn what_aws_does_not_have_any_more_is_removed_all_the_same() {
    let stage = Stage::unlocked().await;
    let filed = stage.filed().await;
    let phone = "arn:aws:iam::123456789012:mfa/phone";
    let serial = Serial::parse(phone).unwrap();
    let remove = || {
        let (session, key) = (&stage.session, filed.key.clone());
        session.remove_device_at_aws(filed.identity, key, serial.clone())
    };
    stage.iam.put(phone, false);
    remove().await.unwrap();
    assert_eq!(stage.iam.has(phone), None, "it was the user's no more");
    remove().await.unwrap();

    stage.iam.put(phone, true);
    stage.iam.will(Fails::Refuses(AwsErrorKind::AccessDenied));
    let calls = stage.iam.calls().len();
    let denied = remove().await;
    assert!(matches!(denied, Err(SessionError::IamDenied { .. })));
    assert_eq!(stage.iam.calls()[calls..], ["deactivate"]);
    stage.iam.will(Fails::Refuses(AwsErrorKind::Throttled));
    assert_eq!(kind_of(remove().await), AwsErrorKind::Throttled);
    assert_eq!(stage.iam.has(phone), Some(true));

    // The same of a device in the making, which somebody deleted at AWS.
    begin(&stage, &filed).await.unwrap();
    let admin = Serial::parse(SERIAL).unwrap();
    let (identity, key) = (filed.identity, filed.key.clone());
    let removed = stage.session.remove_left_over_device(identity, key, admin);
    removed.await.unwrap();
    let removed = stage.session.remove_unfinished(identity, filed.key.clone());
    removed.await.unwrap();
    assert_eq!(left(&stage).await, None);
}

#[tokio::test]
async fn a_denied_removal_of_a_device_in_the_making_is_not_tried_otherwise() {
    let stage = Stage::unlocked().await;
    let filed = stage.filed().await;
    begin(&stage, &filed).await.unwrap();
    stage.iam.will(Fails::Refuses(AwsErrorKind::AccessDenied));
    let removed = stage
        .session
        .remove_unfinished(filed.identity, filed.key.clone())
        .await;
    assert!(matches!(removed, Err(SessionError::IamDenied { .. })));
    assert_eq!(stage.iam.calls(), ["create laptop", "delete"]);
    assert_eq!(left(&stage).await, Some(HalfMade::Created));
}

#[tokio::test]
async fn a_name_that_somebody_took_meanwhile_is_given_up_and_a_denied_one_is_not() {
    let stage = Stage::unlocked().await;
    let filed = stage.filed().await;
    stage.iam.will(Fails::LosesAnswer);
    begin(&stage, &filed).await.unwrap_err();
    stage.iam.will(Fails::Refuses(AwsErrorKind::AccessDenied));
    let denied = go_on(&stage, &filed).await;
    assert!(matches!(denied, Err(SessionError::IamDenied { .. })));
    assert_eq!(left(&stage).await, Some(HalfMade::Intent));

    stage.iam.put(SERIAL, true);
    let refused = go_on(&stage, &filed).await;
    assert_eq!(kind_of(refused), AwsErrorKind::DeleteConflict);
    assert_eq!(left(&stage).await, None);
    assert_eq!(stage.iam.has(SERIAL), Some(true));
}

#[tokio::test]
async fn a_device_that_is_anothers_by_now_is_not_taken_as_enabled() {
    let stage = Stage::unlocked().await;
    let filed = stage.filed().await;
    begin(&stage, &filed).await.unwrap();
    stage.iam.put("arn:aws:iam::123456789012:mfa/another", true);
    stage.iam.will(Fails::Refuses(AwsErrorKind::EntityExists));
    let refused = go_on(&stage, &filed).await;
    assert_eq!(kind_of(refused), AwsErrorKind::EntityExists);
    assert_eq!(stage.iam.calls().last().unwrap(), "list");
    assert_eq!(left(&stage).await, Some(HalfMade::Created));
}

#[tokio::test]
async fn a_ninth_device_is_not_begun() {
    let stage = Stage::unlocked().await;
    let filed = stage.filed().await;
    for n in 2..=8_u8 {
        let seed = data_encoding::BASE32.encode(&[n; 20]);
        let name = format!("device-{n}");
        stage.device(filed.identity, &name, &seed).await;
    }
    let refused = begin(&stage, &filed).await;
    assert_eq!(refused, Err(SessionError::TooMany { limit: 8 }));
    assert_eq!(stage.iam.calls(), [""; 0]);
    assert_eq!(left(&stage).await, None);
}

#[tokio::test]
async fn nothing_is_asked_of_aws_while_it_could_not_be_kept() {
    let disk = Arc::new(BreakableDisk::default());
    let stage = Stage::on(disk.clone());
    stage.create().await;
    let filed = stage.filed().await;
    let full = SessionError::DiskFull {
        path: stage.vault(),
    };
    disk.break_for("vault/", ErrorKind::StorageFull);
    assert_eq!(begin(&stage, &filed).await, Err(full.clone()));
    assert_eq!(stage.iam.calls(), [""; 0]);
    assert_eq!(left(&stage).await, None);
    disk.mend();
    assert_eq!(begin(&stage, &filed).await, Ok(EnrolmentStep::Created));

    disk.break_for("vault/", ErrorKind::StorageFull);
    stage.account("210987654321").await;
    assert_eq!(go_on(&stage, &filed).await, Err(full));
    assert_eq!(stage.iam.calls(), ["create laptop"]);
    disk.mend();
    assert_eq!(go_on(&stage, &filed).await, Ok(EnrolmentStep::Enabled));
}

#[tokio::test]
async fn while_a_step_runs_another_window_waits_and_gives_nothing_up() {
    let stage = Stage::unlocked().await;
    let filed = stage.filed().await;
    begin(&stage, &filed).await.unwrap();
    let in_another_window = || {
        let session = stage.session.clone();
        let (identity, key) = (filed.identity, filed.key.clone());
        tokio::spawn(async move { session.continue_enrolment(identity, key).await })
    };
    let wait = |enabled| Ok(EnrolmentStep::Wait { secs: 1, enabled });
    stage.iam.will(Fails::Hangs);
    let hangs = in_another_window();
    while stage.iam.calls().len() < 2 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(go_on(&stage, &filed).await, wait(false));
    let forgotten = stage.session.forget_unfinished(filed.identity).await;
    assert!(matches!(forgotten, Err(SessionError::Invalid { .. })));
    stage.session.lock(LockReason::User).await;
    assert_eq!(hangs.await.unwrap(), Err(SessionError::Locked));

    stage.unlock().await;
    stage.clock.advance(60.0);
    assert_eq!(go_on(&stage, &filed).await, Ok(EnrolmentStep::Enabled));
    stage.clock.advance(60.0);
    stage.sts.close();
    let proves = in_another_window();
    stage.sts.made(1).await;
    assert_eq!(go_on(&stage, &filed).await, wait(true));
    stage.sts.open();
    let proven = proves.await.unwrap();
    assert!(matches!(proven, Ok(EnrolmentStep::Done { .. })));
}

#[tokio::test]
async fn for_three_minutes_sts_may_not_know_the_new_device() {
    let stage = Stage::unlocked().await;
    let filed = stage.filed().await;
    begin(&stage, &filed).await.unwrap();
    assert_eq!(go_on(&stage, &filed).await, Ok(EnrolmentStep::Enabled));
    let prove = async |kind| {
        stage.sts.will(Answers::Refusal(kind, Some(0)));
        go_on(&stage, &filed).await
    };
    stage.clock.advance(30.0);
    let refused = prove(AwsErrorKind::WrongOrReusedCode).await;
    assert_eq!(kind_of(refused), AwsErrorKind::WrongOrReusedCode);
    stage.clock.advance(149.0);
    assert_eq!(
        prove(AwsErrorKind::WrongSerial).await,
        Ok(EnrolmentStep::Wait {
            secs: 1,
            enabled: true
        })
    );
    stage.clock.advance(1.0);
    let refused = prove(AwsErrorKind::WrongSerial).await;
    assert_eq!(kind_of(refused), AwsErrorKind::WrongSerial);
    assert_eq!(left(&stage).await, Some(HalfMade::Enabled));
    stage.clock.advance(30.0);
    finish(&stage, &filed).await;
}

#[tokio::test]
async fn the_proof_can_be_left_out_once_the_device_is_enabled() {
    let stage = Stage::unlocked().await;
    let filed = stage.filed().await;
    let leave_out = || stage.session.finish_without_proof(filed.identity);
    assert_eq!(leave_out().await, Err(SessionError::NoSuchItem));
    begin(&stage, &filed).await.unwrap();
    assert_eq!(leave_out().await, Err(SessionError::NoSuchItem));
    go_on(&stage, &filed).await.unwrap();
    let device = leave_out().await.unwrap();
    assert_eq!(left(&stage).await, None);
    let details = stage.session.identity(filed.identity).await.unwrap();
    assert_eq!(details.devices[1].id, device);
    assert!(details.devices[1].usable_with_sts);
    assert_eq!(stage.sts.calls(), []);
}
