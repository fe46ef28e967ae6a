//! MFA devices made at AWS: every step, each of them cut off, and what AWS may have against it.

mod refused;
mod signing;

use crate::stage::{self, Answers, Fails, Filed, Stage};
use undercroft_aws::AwsErrorKind;
use undercroft_model::Serial;
use undercroft_session::{
    CopyTarget, EnrolmentStep, HalfMade, HalfMadeDevice, LockReason, Notice, Resynced, SessionError,
};

const SERIAL: &str = "arn:aws:iam::123456789012:mfa/laptop";

async fn begin(stage: &Stage, filed: &Filed) -> Result<EnrolmentStep, SessionError> {
    stage
        .session
        .begin_enrolment(filed.identity, filed.key.clone(), " laptop ".to_owned())
        .await
}

async fn go_on(stage: &Stage, filed: &Filed) -> Result<EnrolmentStep, SessionError> {
    stage
        .session
        .continue_enrolment(filed.identity, filed.key.clone())
        .await
}

async fn left(stage: &Stage) -> Option<HalfMade> {
    let left: Vec<HalfMadeDevice> = stage.session.half_made().await.unwrap();
    left.first().map(|left| left.stage)
}

/// Goes on, waiting as long as is asked for, until the device is finished.
async fn finish(stage: &Stage, filed: &Filed) {
    for _ in 0..8 {
        match go_on(stage, filed).await.unwrap() {
            EnrolmentStep::Wait { secs, .. } => stage.clock.advance(f64::from(secs)),
            EnrolmentStep::Done { device } => {
                let details = stage.session.identity(filed.identity).await.unwrap();
                let made = details.devices.iter().find(|made| made.id == device);
                assert!(made.unwrap().usable_with_sts);
                assert_eq!(details.half_made, None);
                assert_eq!(stage.iam.has(SERIAL), Some(true));
                assert_eq!(left(stage).await, None);
                return;
            }
            EnrolmentStep::Created | EnrolmentStep::Enabled => {}
        }
    }
    panic!("not finished after eight steps");
}

async fn restarted(stage: Stage, expected: HalfMade) -> Stage {
    let stage = stage.restart().await;
    stage.unlock().await;
    assert_eq!(left(&stage).await, Some(expected));
    assert!(is_warned(&stage).await);
    stage
}

/// Whether the user is told of the unfinished device.
async fn is_warned(stage: &Stage) -> bool {
    let told = stage.notices().await;
    told.iter()
        .any(|notice| matches!(notice, Notice::HalfMadeDevice { name, .. } if name == "laptop"))
}

#[tokio::test]
async fn a_device_is_made_enabled_and_proven() {
    let stage = Stage::unlocked().await;
    let filed = stage.filed().await;
    assert_eq!(begin(&stage, &filed).await, Ok(EnrolmentStep::Created));
    let details = stage.session.identity(filed.identity).await.unwrap();
    assert_eq!(details.devices[1].half_made, Some(HalfMade::Created));
    assert!(!details.devices[1].usable_with_sts);
    assert_eq!(go_on(&stage, &filed).await, Ok(EnrolmentStep::Enabled));
    let waits = go_on(&stage, &filed).await.unwrap();
    let EnrolmentStep::Wait {
        secs,
        enabled: true,
    } = waits
    else {
        panic!("the present code was used: {waits:?}");
    };
    assert!((1..=30).contains(&secs));
    stage.clock.advance(f64::from(secs));
    finish(&stage, &filed).await;
    let codes = stage.iam.calls()[1].clone();
    let proof = stage.sts.calls()[0].code.clone().unwrap();
    assert!(codes.starts_with("enable ") && !codes.contains(&proof));
    assert_eq!(stage.notices().await, []);
}

#[tokio::test]
async fn each_step_survives_a_new_start() {
    let stage = Stage::unlocked().await;
    let filed = stage.filed().await;
    begin(&stage, &filed).await.unwrap();
    let stage = restarted(stage, HalfMade::Created).await;
    assert_eq!(go_on(&stage, &filed).await, Ok(EnrolmentStep::Enabled));
    let stage = restarted(stage, HalfMade::Enabled).await;
    finish(&stage, &filed).await;
    assert!(!is_warned(&stage).await, "it is finished");
    let calls = stage.iam.calls();
    assert_eq!(calls.len(), 2, "nothing was done twice: {calls:?}");
}

#[tokio::test]
async fn a_seed_that_was_lost_costs_a_device_at_aws_not_here() {
    let stage = Stage::unlocked().await;
    let filed = stage.filed().await;
    stage.iam.will(Fails::LosesAnswer);
    let error = begin(&stage, &filed).await.unwrap_err();
    assert!(
        matches!(error, SessionError::Aws { error, .. } if error.kind == AwsErrorKind::Timeout)
    );
    assert_eq!(stage.iam.has(SERIAL), Some(false));
    let stage = restarted(stage, HalfMade::Intent).await;
    assert_eq!(go_on(&stage, &filed).await, Ok(EnrolmentStep::Created));
    assert_eq!(stage.iam.calls()[1..], ["delete", "create laptop"]);
    finish(&stage, &filed).await;
}

#[tokio::test]
async fn locking_during_a_call_leaves_what_can_be_finished() {
    let stage = Stage::unlocked().await;
    let filed = stage.filed().await;
    stage.iam.will(Fails::Hangs);
    let session = stage.session.clone();
    let (identity, key) = (filed.identity, filed.key.clone());
    let begun = tokio::spawn(async move {
        session
            .begin_enrolment(identity, key, "laptop".to_owned())
            .await
    });
    while stage.iam.calls().is_empty() {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    stage.session.lock(LockReason::User).await;
    assert_eq!(begun.await.unwrap(), Err(SessionError::Locked));
    stage.unlock().await;
    assert_eq!(left(&stage).await, Some(HalfMade::Intent));
    assert_eq!(go_on(&stage, &filed).await, Ok(EnrolmentStep::Created));
    finish(&stage, &filed).await;
}

#[tokio::test]
async fn an_answer_to_enabling_that_was_lost_is_looked_up() {
    let stage = Stage::unlocked().await;
    let filed = stage.filed().await;
    begin(&stage, &filed).await.unwrap();
    stage.iam.will(Fails::LosesAnswer);
    go_on(&stage, &filed).await.unwrap_err();
    let stage = restarted(stage, HalfMade::Created).await;
    finish(&stage, &filed).await;
    let calls = stage.iam.calls();
    let enabled: Vec<_> = calls
        .iter()
        .filter(|call| call.starts_with("enable"))
        .collect();
    assert_eq!(enabled.len(), 2);
    assert_ne!(enabled[0], enabled[1], "codes are used once");
    assert_eq!(calls.last().unwrap(), "list");
}

#[tokio::test]
async fn refused_codes_cost_a_wait_for_two_new_ones() {
    let stage = Stage::unlocked().await;
    let filed = stage.filed().await;
    begin(&stage, &filed).await.unwrap();
    stage
        .iam
        .will(Fails::Refuses(AwsErrorKind::WrongOrReusedCode));
    go_on(&stage, &filed).await.unwrap_err();
    let waits = go_on(&stage, &filed).await.unwrap();
    let EnrolmentStep::Wait {
        secs,
        enabled: false,
    } = waits
    else {
        panic!("both codes were used: {waits:?}");
    };
    assert!((31..=60).contains(&secs), "{secs}");
    finish(&stage, &filed).await;
}

#[tokio::test]
async fn a_refusal_to_make_it_leaves_nothing_behind() {
    for (kind, needs_mfa) in [
        (AwsErrorKind::AccessDenied, true),
        (AwsErrorKind::SessionWithoutMfa, true),
    ] {
        let stage = Stage::unlocked().await;
        let filed = stage.filed().await;
        stage.iam.will(Fails::Refuses(kind));
        let error = begin(&stage, &filed).await.unwrap_err();
        let SessionError::IamDenied {
            policy,
            needs_mfa_session,
            ..
        } = error
        else {
            panic!("denied: {error:?}");
        };
        assert!(policy.contains("arn:aws:iam::123456789012:user/jane.doe"));
        assert_eq!(needs_mfa_session, needs_mfa);
        assert_eq!(left(&stage).await, None);
    }
    for kind in [AwsErrorKind::LimitExceeded, AwsErrorKind::EntityExists] {
        let stage = Stage::unlocked().await;
        let filed = stage.filed().await;
        stage.iam.will(Fails::Refuses(kind));
        begin(&stage, &filed).await.unwrap_err();
        assert_eq!(left(&stage).await, None);
    }
}

#[tokio::test]
async fn the_policy_that_is_missing_is_copied_as_it_is_shown() {
    let stage = Stage::unlocked().await;
    let filed = stage.filed().await;
    stage.iam.will(Fails::Refuses(AwsErrorKind::AccessDenied));
    let Err(SessionError::IamDenied { policy, .. }) = begin(&stage, &filed).await else {
        panic!("it is denied");
    };
    let identity = filed.identity;
    let target = CopyTarget::MfaPolicy { identity };
    let copied = stage.session.copy(target).await.unwrap();
    assert_eq!(stage.platform.pasted(), Some(policy));
    assert_eq!(copied.clears_in_secs, None, "it is no secret");
}

#[tokio::test]
async fn a_session_with_mfa_signs_when_there_is_one() {
    let stage = Stage::unlocked().await;
    let filed = stage.filed().await;
    stage.sts.will(Answers::Session {
        ends_in_secs: 3600,
        offset_secs: 0,
    });
    stage.session.get_session(filed.wish()).await.unwrap();
    begin(&stage, &filed).await.unwrap();
    assert_eq!(stage.iam.calls(), ["create laptop by session"]);
}

#[tokio::test]
async fn a_roles_session_does_not_sign_for_the_user_who_assumed_it() {
    let stage = Stage::unlocked().await;
    let filed = stage.filed().await;
    let profile = stage.profile(stage::role("deploy", filed.identity)).await;
    stage.ready(profile).await;
    let live = stage.session.sessions().await.unwrap();
    assert!(live[0].device.is_some(), "it has MFA");
    begin(&stage, &filed).await.unwrap();
    assert_eq!(stage.iam.calls(), ["create laptop"]);
}

#[tokio::test]
async fn an_unfinished_device_is_removed_at_aws_and_here() {
    let stage = Stage::unlocked().await;
    let filed = stage.filed().await;
    for is_enabled in [false, true] {
        begin(&stage, &filed).await.unwrap();
        if is_enabled {
            stage.clock.advance(90.0);
            go_on(&stage, &filed).await.unwrap();
        }
        stage
            .session
            .remove_unfinished(filed.identity, filed.key.clone())
            .await
            .unwrap();
        assert_eq!(stage.iam.has(SERIAL), None);
        assert_eq!(left(&stage).await, None);
        let details = stage.session.identity(filed.identity).await.unwrap();
        assert_eq!(details.devices.len(), 1);
    }
    begin(&stage, &filed).await.unwrap();
    stage
        .session
        .forget_unfinished(filed.identity)
        .await
        .unwrap();
    assert_eq!(left(&stage).await, None);
    assert_eq!(stage.iam.has(SERIAL), Some(false), "AWS was not asked");
}

#[tokio::test]
async fn a_device_that_is_taken_away_here_is_made_no_further() {
    let stage = Stage::unlocked().await;
    let filed = stage.filed().await;
    begin(&stage, &filed).await.unwrap();
    let stage = restarted(stage, HalfMade::Created).await;
    let made = stage.session.half_made().await.unwrap()[0].device.unwrap();
    let remove = |device| stage.session.remove_device(filed.identity, device);
    remove(filed.device).await.unwrap();
    assert_eq!(left(&stage).await, Some(HalfMade::Created), "another one");
    assert!(is_warned(&stage).await);
    remove(made).await.unwrap();
    assert_eq!(left(&stage).await, None);
    assert!(!is_warned(&stage).await);
    assert_eq!(go_on(&stage, &filed).await, Err(SessionError::NoSuchItem));
}

#[tokio::test]
async fn what_cannot_be_begun_asks_nothing_of_aws() {
    let stage = Stage::unlocked().await;
    let filed = stage.filed().await;
    for name in ["", "a b", "a/b", "phone"] {
        let error = stage
            .session
            .begin_enrolment(filed.identity, filed.key.clone(), name.to_owned())
            .await
            .unwrap_err();
        assert!(matches!(error, SessionError::Invalid { .. }), "{name}");
    }
    assert_eq!(
        go_on(&stage, &filed).await,
        Err(SessionError::NoSuchItem),
        "nothing was begun"
    );
    begin(&stage, &filed).await.unwrap();
    assert!(begin(&stage, &filed).await.is_err(), "one at a time");
    assert_eq!(stage.iam.calls().len(), 1);
}

#[tokio::test]
async fn a_device_whose_enabling_was_not_heard_of_is_removed_from_its_user() {
    let stage = Stage::unlocked().await;
    let filed = stage.filed().await;
    begin(&stage, &filed).await.unwrap();
    stage.iam.will(Fails::LosesAnswer);
    go_on(&stage, &filed).await.unwrap_err();
    assert_eq!(left(&stage).await, Some(HalfMade::Created));
    assert_eq!(stage.iam.has(SERIAL), Some(true));
    let (identity, key) = (filed.identity, filed.key.clone());
    let removed = stage.session.remove_unfinished(identity, key).await;
    assert_eq!(removed, Ok(()));
    assert_eq!(stage.iam.has(SERIAL), None);
    assert_eq!(left(&stage).await, None);
}

#[tokio::test]
async fn a_name_that_was_only_meant_takes_no_device_from_anybody() {
    let stage = Stage::unlocked().await;
    let filed = stage.filed().await;
    stage.iam.will(Fails::LosesAnswer);
    begin(&stage, &filed).await.unwrap_err();
    // Somebody took the device meanwhile: its seed is not the one that was lost.
    stage.iam.put(SERIAL, true);
    let (identity, key) = (filed.identity, filed.key.clone());
    let removed = stage.session.remove_unfinished(identity, key).await;
    assert!(
        matches!(removed, Err(SessionError::Aws { error, .. }) if error.kind == AwsErrorKind::DeleteConflict)
    );
    assert_eq!(stage.iam.has(SERIAL), Some(true));
}

#[tokio::test]
async fn what_aws_does_not_take_codes_of_is_not_the_code_that_search_offers() {
    let stage = Stage::unlocked().await;
    let filed = stage.filed().await;
    stage
        .session
        .remove_device(filed.identity, filed.device)
        .await
        .unwrap();
    begin(&stage, &filed).await.unwrap();
    let offered = async || {
        let hits = stage.session.search("jane.doe".to_owned(), 5).await;
        hits.unwrap()[0].device
    };
    assert_eq!(offered().await, None);
    go_on(&stage, &filed).await.unwrap();
    assert!(offered().await.is_some());
}

#[tokio::test]
async fn devices_at_aws_are_compared_set_right_and_removed() {
    let stage = Stage::unlocked().await;
    let filed = stage.filed().await;
    let phone = "arn:aws:iam::123456789012:mfa/phone";
    let passkey = "arn:aws:iam::123456789012:u2f/user/jane.doe/key";
    for serial in [phone, passkey] {
        stage.iam.put(serial, true);
    }
    let (identity, key) = (filed.identity, filed.key.clone());
    let compared = stage.session.devices_at_aws(identity, key.clone()).await;
    let compared = compared.unwrap();
    let listed = compared.at_aws;
    assert_eq!(listed[0].filed_as, Some(filed.device));
    assert_eq!((listed[1].makes_codes, listed[1].filed_as), (false, None));
    assert_eq!(
        (compared.only_here, compared.left_over),
        (vec![], Ok(vec![]))
    );

    let resync = || {
        stage
            .session
            .resync_device(identity, key.clone(), filed.device)
    };
    assert_eq!(resync().await, Ok(Resynced::Done));
    assert!(matches!(resync().await, Ok(Resynced::Wait { .. })));

    let serial = Serial::parse(phone).unwrap();
    let removed = stage.session.remove_device_at_aws(identity, key, serial);
    removed.await.unwrap();
    assert_eq!(stage.iam.has(phone), None);
    let details = stage.session.identity(identity).await.unwrap();
    assert_eq!(details.devices.len(), 1, "what is filed here stays");
}

#[tokio::test]
async fn devices_that_are_only_here_or_nobodys_are_told_apart() {
    let stage = Stage::unlocked().await;
    let filed = stage.filed().await;
    let (identity, key) = (filed.identity, filed.key.clone());
    let left_over = "arn:aws:iam::123456789012:mfa/left-over";
    stage.iam.put(left_over, false);
    begin(&stage, &filed).await.unwrap();
    let compare = || stage.session.devices_at_aws(identity, key.clone());
    let compared = compare().await.unwrap();
    assert_eq!(compared.at_aws, []);
    let only_here: Vec<_> = compared.only_here.iter().map(|one| one.device).collect();
    assert_eq!(
        only_here,
        [filed.device],
        "the one in the making is no riddle"
    );
    let serial = Serial::parse(left_over).unwrap();
    assert_eq!(compared.left_over, Ok(vec![serial.clone()]));

    let remove = || {
        let session = &stage.session;
        session.remove_left_over_device(identity, key.clone(), serial.clone())
    };
    stage.iam.put(left_over, true);
    assert!(remove().await.is_err(), "it has come to be somebody's");
    assert_eq!(stage.iam.has(left_over), Some(true));
    stage.iam.put(left_over, false);
    remove().await.unwrap();
    assert_eq!(stage.iam.has(left_over), None);
}

#[tokio::test]
async fn a_device_that_was_enabled_and_is_gone_from_aws_is_only_here() {
    let stage = Stage::unlocked().await;
    let filed = stage.filed().await;
    begin(&stage, &filed).await.unwrap();
    go_on(&stage, &filed).await.unwrap();
    let only_here = async || {
        let (identity, key) = (filed.identity, filed.key.clone());
        let compared = stage.session.devices_at_aws(identity, key).await.unwrap();
        let only_here = compared.only_here.into_iter();
        only_here.map(|one| one.name).collect::<Vec<_>>()
    };
    assert_eq!(only_here().await, ["phone"]);
    stage.iam.put(SERIAL, false);
    assert_eq!(only_here().await, ["phone", "laptop"]);
}

#[tokio::test]
async fn a_denied_list_of_nobodys_devices_leaves_the_rest() {
    let stage = Stage::unlocked().await;
    let filed = stage.filed().await;
    let phone = "arn:aws:iam::123456789012:mfa/phone";
    stage.iam.put(phone, true);
    stage
        .iam
        .will_after(1, Fails::Refuses(AwsErrorKind::AccessDenied));
    let (identity, key) = (filed.identity, filed.key.clone());
    let compared = stage.session.devices_at_aws(identity, key).await.unwrap();
    assert_eq!(compared.at_aws[0].filed_as, Some(filed.device));
    assert!(matches!(
        compared.left_over,
        Err(SessionError::IamDenied { .. })
    ));
}
