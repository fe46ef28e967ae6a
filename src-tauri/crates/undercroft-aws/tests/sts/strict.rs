//! Calls that an STS judges which verifies signatures, codes and clocks.

use std::time::{SystemTime, UNIX_EPOCH};

use hmac::{Hmac, KeyInit, Mac};
use serde_json::json;
use undercroft_aws::{AwsErrorKind, MfaProof, Signer, Sts, Target};
use undercroft_model::Region;

use crate::service::Service;
use crate::{anns_key, key, patient_sts, proof, secs, target};

pub(crate) const SERIAL: &str = "arn:aws:iam::123456789012:mfa/phone";
const SEED: &[u8] = b"12345678901234567890";
const SEED_BASE32: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

fn strict() -> Service {
    strict_with(&json!({}))
}

/// The strict STS with its people, and with more of its configuration.
pub(crate) fn strict_with(more: &serde_json::Value) -> Service {
    let mut config = json!({
        "regions": ["us-east-1"],
        "disabled_regions": ["af-south-1"],
        "identities": [
            {
                "account": "123456789012",
                "user": "ann",
                "keys": [
                    {"id": "AKIAIOSFODNN7EXAMPLE", "secret": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"},
                    {"id": "AKIAI44QH8DHBEXAMPLE", "secret": "je7MtGbClwBF/2Zp9Utk", "active": false},
                ],
                "devices": [{"serial": SERIAL, "seed": SEED_BASE32}],
            },
            {
                "account": "123456789012",
                "user": "bob",
                "keys": [{"id": "AKIABOBBOBBOBEXAMPLE", "secret": "bobs/secret"}],
                "denied_without_mfa": true,
            },
        ],
    });
    for (name, value) in more.as_object().expect("an object") {
        config[name] = value.clone();
    }
    Service::strict(&config)
}

/// The code of the time step that is `ahead` of the present one (RFC 6238).
pub(crate) fn code(offset_secs: i64, ahead: i64) -> String {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .expect("after 1970")
        .as_secs();
    let now = i64::try_from(now).expect("before the end of time") + offset_secs;
    let step = (now / 30 + ahead).to_be_bytes();
    let mut mac = Hmac::<sha1::Sha1>::new_from_slice(SEED).expect("any length");
    mac.update(&step);
    let digest = mac.finalize().into_bytes();
    let at = usize::from(digest[19] & 0x0f);
    let number = u32::from_be_bytes(digest[at..at + 4].try_into().expect("four bytes"));
    format!("{:06}", (number & 0x7fff_ffff) % 1_000_000)
}

pub(crate) fn anns_proof(code: &str) -> Option<MfaProof> {
    Some(proof(SERIAL, code))
}

#[tokio::test]
async fn a_session_with_mfa_is_made_and_accepted() {
    let service = strict();
    let (sts, target) = (patient_sts(), target(&service.endpoint()));
    let session = sts
        .get_session_token(&target, &anns_key(), secs(3600), anns_proof(&code(0, 0)))
        .await
        .expect("a session");
    let caller = sts
        .get_caller_identity(&target, Signer::Session(&session.value))
        .await
        .expect("the session is accepted");
    assert_eq!(
        caller.value.arn.as_str(),
        "arn:aws:iam::123456789012:user/ann"
    );
    let log = service.log();
    assert_eq!(log[0]["duration_secs"], "3600");
    assert_eq!(log[0]["serial"], SERIAL);
    assert_eq!(log.len(), 2);
}

#[tokio::test]
async fn a_code_is_refused_the_second_time_and_each_is_sent_once() {
    let service = strict();
    let (sts, target) = (patient_sts(), target(&service.endpoint()));
    let code = code(0, 0);
    sts.get_session_token(&target, &anns_key(), secs(900), anns_proof(&code))
        .await
        .expect("a session");
    let error = sts
        .get_session_token(&target, &anns_key(), secs(900), anns_proof(&code))
        .await
        .expect_err("used");
    assert_eq!(error.kind, AwsErrorKind::WrongOrReusedCode);
    assert_eq!(error.aws_code.as_deref(), Some("AccessDenied"));
    let message = error.aws_message.expect("a message");
    assert!(message.contains("one time pass code"), "{message}");
    assert_eq!(service.log().len(), 2);
}

#[tokio::test]
async fn refusals_are_explained() {
    let service = strict();
    let sts = patient_sts();
    let here = target(&service.endpoint());
    let disabled = Target {
        region: Region::parse("af-south-1").expect("a region"),
        ..here.clone()
    };
    let tablet = proof("arn:aws:iam::123456789012:mfa/tablet", "123456");
    let bob = key("AKIABOBBOBBOBEXAMPLE", "bobs/secret");
    let inactive = key("AKIAI44QH8DHBEXAMPLE", "je7MtGbClwBF/2Zp9Utk");
    let unknown = key("AKIAUNKNOWNUNKNOWN00", "any");
    let wrong = key("AKIAIOSFODNN7EXAMPLE", "wrong");
    let ann = anns_key();
    for (target, key, duration, mfa, kind) in [
        (&here, &ann, 900, Some(tablet), AwsErrorKind::WrongSerial),
        (&here, &ann, 899, None, AwsErrorKind::WrongDuration),
        (&here, &ann, 129_601, None, AwsErrorKind::WrongDuration),
        (&here, &bob, 900, None, AwsErrorKind::SessionWithoutMfa),
        (
            &here,
            &inactive,
            900,
            None,
            AwsErrorKind::InactiveOrUnknownKey,
        ),
        (
            &here,
            &unknown,
            900,
            None,
            AwsErrorKind::InactiveOrUnknownKey,
        ),
        (&here, &wrong, 900, None, AwsErrorKind::SignatureMismatch),
        (&disabled, &ann, 900, None, AwsErrorKind::RegionNotEnabled),
    ] {
        let error = sts
            .get_session_token(target, key, secs(duration), mfa)
            .await
            .expect_err("refused");
        assert_eq!(error.kind, kind, "{error:?}");
        assert!(error.aws_code.is_some(), "{error:?}");
        assert!(error.clock_offset_secs.is_some(), "{error:?}");
    }
    assert_eq!(service.log().len(), 8, "none of them was repeated");
}

#[tokio::test]
async fn a_wrong_clock_is_corrected_when_no_code_is_at_stake() {
    for offset in [3 * 3600, -3 * 3600] {
        let service = strict();
        service.set("/-/clock", &json!({"offset_secs": offset}));
        let target = target(&service.endpoint());
        let answer = patient_sts()
            .get_caller_identity(&target, Signer::Key(&anns_key()))
            .await
            .expect("signed again with the right time");
        let measured = answer.clock_offset_secs.expect("a date");
        assert!((measured - offset).abs() <= 2, "{measured}");
        assert_eq!(service.log().len(), 2);
    }
}

#[tokio::test]
async fn a_wrong_clock_is_reported_when_a_code_is_at_stake() {
    let service = strict();
    let offset = 3 * 3600;
    service.set("/-/clock", &json!({"offset_secs": offset}));
    let (sts, mut target) = (patient_sts(), target(&service.endpoint()));
    let error = sts
        .get_session_token(
            &target,
            &anns_key(),
            secs(900),
            anns_proof(&code(offset, 0)),
        )
        .await
        .expect_err("the signature is too old");
    assert_eq!(error.kind, AwsErrorKind::ClockSkew);
    assert_eq!(service.log().len(), 1, "the code was sent once");

    // What the caller does next: apply the offset, take the next code.
    target.clock_offset_secs = error.clock_offset_secs.expect("an offset");
    sts.get_session_token(
        &target,
        &anns_key(),
        secs(900),
        anns_proof(&code(offset, 1)),
    )
    .await
    .expect("a session");
}

#[tokio::test]
async fn a_known_offset_is_used_from_the_first_call_on() {
    let service = strict();
    service.set("/-/clock", &json!({"offset_secs": -7200}));
    let mut target = target(&service.endpoint());
    target.clock_offset_secs = -7200;
    patient_sts()
        .get_session_token(&target, &anns_key(), secs(900), None)
        .await
        .expect("a session");
    assert_eq!(service.log().len(), 1);
}

#[tokio::test]
async fn throttling_is_waited_out_once_and_never_with_a_code() {
    let service = strict();
    let (sts, target) = (patient_sts(), target(&service.endpoint()));
    let throttled = json!({"status": 400, "code": "Throttling", "message": "Rate exceeded"});

    service.set("/-/script", &json!([throttled]));
    sts.get_session_token(&target, &anns_key(), secs(900), None)
        .await
        .expect("the second try succeeds");
    assert_eq!(service.log().len(), 2);

    service.set("/-/script", &json!([throttled, throttled, throttled]));
    let error = sts
        .get_caller_identity(&target, Signer::Key(&anns_key()))
        .await
        .expect_err("throttled twice");
    assert_eq!(error.kind, AwsErrorKind::Throttled);
    assert_eq!(service.log().len(), 4);

    let error = sts
        .get_session_token(&target, &anns_key(), secs(900), anns_proof(&code(0, 0)))
        .await
        .expect_err("throttled once");
    assert_eq!(error.kind, AwsErrorKind::Throttled);
    assert_eq!(service.log().len(), 5);
}

#[tokio::test]
async fn a_code_that_the_service_repeats_is_not_in_the_error() {
    let service = strict();
    let message = "Value '424242' at 'tokenCode' failed\r\n to satisfy <b>constraint</b>";
    service.set(
        "/-/script",
        &json!([{"status": 400, "code": "ValidationError", "message": message}]),
    );
    let error = patient_sts()
        .get_session_token(
            &target(&service.endpoint()),
            &anns_key(),
            secs(900),
            anns_proof("424242"),
        )
        .await
        .expect_err("refused");
    assert_eq!(error.kind, AwsErrorKind::WrongOrReusedCode);
    assert!(
        !format!("{error:?} {error}").contains("424242"),
        "{error:?}"
    );
    let message = error.aws_message.expect("a message");
    assert!(!message.contains(char::is_control), "{message:?}");
    assert!(
        message.contains("<b>constraint</b>"),
        "left to the window to escape"
    );
}
