//! Roles, federated users and web identities, judged by an STS that verifies signatures, codes and trust.

use serde_json::json;
use undercroft_aws::{AwsErrorKind, RoleWish, SessionCredentials, Signer, Sts};
use undercroft_model::{ExternalId, PolicyArn, SessionPolicy, SessionTag, SourceIdentity};
use undercroft_secret::SecretString;

use crate::calls::{WEB_TOKEN, federation_wish, role_wish};
use crate::service::Service;
use crate::strict::{SERIAL, anns_proof, code, strict_with};
use crate::{anns_key, key, patient_sts, secs, target};

const ROLE: &str = "arn:aws:iam::123456789012:role/";
const POLICY: &str = "{\"Version\":\"2012-10-17\",\"Statement\":[]}";

pub(crate) fn strict_roles() -> Service {
    let ann = "arn:aws:iam::123456789012:user/ann";
    strict_with(&json!({
        "roles": [
            {"arn": format!("{ROLE}deploy"), "trusts": [ann], "max_secs": 43_200},
            {"arn": format!("{ROLE}hop"), "trusts": [format!("{ROLE}deploy"), "123456789012"], "max_secs": 43_200},
            {"arn": format!("{ROLE}guarded"), "trusts": [ann], "needs_mfa": true},
            {"arn": format!("{ROLE}partner"), "trusts": [ann], "external_id": "hand/shake"},
            {"arn": format!("{ROLE}plain"), "trusts": [ann], "takes_tags": false},
            {"arn": format!("{ROLE}job"), "providers": ["https://idp.example"]},
        ],
        "web_identities": [
            {"token": WEB_TOKEN, "provider": "https://idp.example"},
            {"token": "expired.web.token", "provider": "https://idp.example", "state": "expired"},
            {"token": "rejected.web.token", "provider": "https://idp.example", "state": "rejected"},
            {"token": "unreachable.web.token", "provider": "https://idp.example", "state": "unreachable"},
            {"token": "stranger.web.token", "provider": "https://other.example"},
        ],
    }))
}

fn tag(key: &str, value: &str, transitive: bool) -> SessionTag {
    SessionTag {
        key: key.to_owned(),
        value: value.to_owned(),
        transitive,
    }
}

async fn arn_of(service: &Service, session: &SessionCredentials) -> String {
    let caller = patient_sts()
        .get_caller_identity(&target(&service.endpoint()), Signer::Session(session))
        .await
        .expect("the session is accepted");
    caller.value.arn.as_str().to_owned()
}

#[tokio::test]
async fn a_role_is_assumed_with_all_that_was_wished_for() {
    let service = strict_roles();
    let (sts, target) = (patient_sts(), target(&service.endpoint()));
    let read_only = "arn:aws:iam::aws:policy/ReadOnlyAccess";
    let wish = RoleWish {
        external_id: ExternalId::parse("any:id/of=theirs").ok(),
        source_identity: SourceIdentity::parse("ann").ok(),
        tags: vec![tag("team", "blue & green", true), tag("cost", "", false)],
        policy: SessionPolicy::parse(POLICY).ok(),
        policy_arns: vec![PolicyArn::parse(read_only).expect("a policy")],
        ..role_wish(&format!("{ROLE}deploy"), 43_200)
    };
    let ann = anns_key();
    let session = sts
        .assume_role(&target, Signer::Key(&ann), &wish, anns_proof(&code(0, 0)))
        .await
        .expect("a session");
    assert_eq!(
        arn_of(&service, &session.value).await,
        "arn:aws:sts::123456789012:assumed-role/deploy/ann@work"
    );
    let log = service.log();
    assert_eq!(log.len(), 2);
    for (field, value) in [
        ("action", json!("AssumeRole")),
        ("key_id", json!("AKIAIOSFODNN7EXAMPLE")),
        ("role", json!(format!("{ROLE}deploy"))),
        ("name", json!("ann@work")),
        ("duration_secs", json!("43200")),
        ("external_id", json!("any:id/of=theirs")),
        ("source_identity", json!("ann")),
        ("tags", json!({"team": "blue & green", "cost": ""})),
        ("transitive", json!(["team"])),
        ("policy", json!(POLICY)),
        ("policy_arns", json!([read_only])),
        ("serial", json!(SERIAL)),
        ("with_code", json!(true)),
    ] {
        assert_eq!(log[0][field], value, "{field}");
    }
}

#[tokio::test]
async fn what_was_not_wished_for_is_not_sent() {
    let service = strict_roles();
    let ann = anns_key();
    patient_sts()
        .assume_role(
            &target(&service.endpoint()),
            Signer::Key(&ann),
            &role_wish(&format!("{ROLE}deploy"), 900),
            None,
        )
        .await
        .expect("the stand-in refuses empty lists");
    let log = service.log();
    for field in ["external_id", "source_identity", "policy", "serial"] {
        assert!(log[0][field].is_null(), "{field}");
    }
    assert_eq!(log[0]["tags"], json!({}));
}

#[tokio::test]
async fn chains_carry_tags_and_source_identity_for_an_hour() {
    let service = strict_roles();
    let (sts, target, ann) = (patient_sts(), target(&service.endpoint()), anns_key());
    let first = RoleWish {
        source_identity: SourceIdentity::parse("ann").ok(),
        tags: vec![tag("team", "blue", true)],
        ..role_wish(&format!("{ROLE}deploy"), 43_200)
    };
    let deploy = sts
        .assume_role(&target, Signer::Key(&ann), &first, None)
        .await
        .expect("a session")
        .value;
    let plain = sts
        .get_session_token(&target, &ann, secs(3600), None)
        .await
        .expect("a session")
        .value;
    for session in [&deploy, &plain] {
        let hop = role_wish(&format!("{ROLE}hop"), 3600);
        let chained = sts
            .assume_role(&target, Signer::Session(session), &hop, None)
            .await
            .expect("chained");
        assert_eq!(
            arn_of(&service, &chained.value).await,
            "arn:aws:sts::123456789012:assumed-role/hop/ann@work"
        );
        let error = sts
            .assume_role(
                &target,
                Signer::Session(session),
                &role_wish(&format!("{ROLE}hop"), 3601),
                None,
            )
            .await
            .expect_err("too long");
        assert_eq!(error.kind, AwsErrorKind::ChainedTooLong);
    }
    // The stand-in refuses another source identity, and the same tag again: both came along.
    for hop in [
        RoleWish {
            source_identity: SourceIdentity::parse("bob").ok(),
            ..role_wish(&format!("{ROLE}hop"), 900)
        },
        RoleWish {
            tags: vec![tag("team", "red", false)],
            ..role_wish(&format!("{ROLE}hop"), 900)
        },
    ] {
        sts.assume_role(&target, Signer::Session(&plain), &hop, None)
            .await
            .expect("nothing came along");
        let error = sts
            .assume_role(&target, Signer::Session(&deploy), &hop, None)
            .await
            .expect_err("refused");
        assert!(matches!(
            error.kind,
            AwsErrorKind::RoleDenied | AwsErrorKind::Refused
        ));
    }
}

#[tokio::test]
async fn a_roles_denials_are_explained() {
    let service = strict_roles();
    let (sts, target) = (patient_sts(), target(&service.endpoint()));
    let (ann, bob) = (anns_key(), key("AKIABOBBOBBOBEXAMPLE", "bobs/secret"));
    let role = |name: &str| role_wish(&format!("{ROLE}{name}"), 900);
    let large = |tags: usize| RoleWish {
        tags: (0..tags)
            .map(|n| tag(&format!("key-{n}"), &"v".repeat(250), false))
            .collect(),
        ..role("deploy")
    };
    for (key, wish, kind) in [
        (&ann, role("nowhere"), AwsErrorKind::RoleDenied),
        (&ann, role("partner"), AwsErrorKind::RoleDenied),
        (&ann, role("guarded"), AwsErrorKind::RoleDenied),
        (&bob, role("hop"), AwsErrorKind::SessionWithoutMfa),
        (
            &ann,
            RoleWish {
                tags: vec![tag("a", "b", false)],
                ..role("plain")
            },
            AwsErrorKind::RoleDenied,
        ),
        (
            &ann,
            role_wish(&format!("{ROLE}plain"), 3601),
            AwsErrorKind::WrongDuration,
        ),
        (
            &ann,
            role_wish(&format!("{ROLE}deploy"), 43_201),
            AwsErrorKind::WrongDuration,
        ),
        (
            &ann,
            RoleWish {
                policy: SessionPolicy::parse("{]}").ok(),
                ..role("deploy")
            },
            AwsErrorKind::BadPolicy,
        ),
        (&ann, large(20), AwsErrorKind::BadPolicy),
    ] {
        let error = sts
            .assume_role(&target, Signer::Key(key), &wish, None)
            .await
            .expect_err("refused");
        assert_eq!(error.kind, kind, "{error:?}");
        assert!(error.aws_message.is_some() && error.clock_offset_secs.is_some());
    }
    assert_eq!(service.log().len(), 9, "none of them was repeated");
    let partner = RoleWish {
        external_id: ExternalId::parse("hand/shake").ok(),
        ..role("partner")
    };
    sts.assume_role(&target, Signer::Key(&ann), &partner, None)
        .await
        .expect("the right id");
}

#[tokio::test]
async fn a_code_for_a_role_is_sent_once() {
    let service = strict_roles();
    let (sts, target, ann) = (patient_sts(), target(&service.endpoint()), anns_key());
    let wish = role_wish(&format!("{ROLE}guarded"), 900);
    let code = code(0, 0);
    let throttled = json!({"status": 400, "code": "Throttling", "message": "Rate exceeded"});
    service.set("/-/script", &json!([throttled]));
    let error = sts
        .assume_role(&target, Signer::Key(&ann), &wish, anns_proof(&code))
        .await
        .expect_err("throttled");
    assert_eq!(error.kind, AwsErrorKind::Throttled);
    assert_eq!(service.log().len(), 1);
    sts.assume_role(&target, Signer::Key(&ann), &wish, anns_proof(&code))
        .await
        .expect("the stand-in has not seen it");
    let error = sts
        .assume_role(&target, Signer::Key(&ann), &wish, anns_proof(&code))
        .await
        .expect_err("used");
    assert_eq!(error.kind, AwsErrorKind::WrongOrReusedCode);
    assert_eq!(service.log().len(), 3);
}

#[tokio::test]
async fn a_session_with_mfa_opens_a_guarded_role() {
    let service = strict_roles();
    let (sts, target, ann) = (patient_sts(), target(&service.endpoint()), anns_key());
    let session = sts
        .get_session_token(&target, &ann, secs(3600), anns_proof(&code(0, 0)))
        .await
        .expect("a session");
    let wish = role_wish(&format!("{ROLE}guarded"), 900);
    sts.assume_role(&target, Signer::Session(&session.value), &wish, None)
        .await
        .expect("the session shows MFA");
}

#[tokio::test]
async fn federated_users_are_made_by_keys() {
    let service = strict_roles();
    let (sts, target, ann) = (patient_sts(), target(&service.endpoint()), anns_key());
    let mut wish = federation_wish("guest", 129_600);
    wish.policy = SessionPolicy::parse(POLICY).ok();
    wish.tags = vec![tag("team", "blue", false)];
    let session = sts
        .get_federation_token(&target, &ann, &wish)
        .await
        .expect("a session")
        .value;
    assert_eq!(
        arn_of(&service, &session).await,
        "arn:aws:sts::123456789012:federated-user/guest"
    );
    let log = service.log();
    assert_eq!(log[0]["policy"], POLICY);
    assert_eq!(log[0]["tags"], json!({"team": "blue"}));

    let bob = key("AKIABOBBOBBOBEXAMPLE", "bobs/secret");
    let too_long = federation_wish("guest", 129_601);
    wish.policy = SessionPolicy::parse("{\"Version\":\"2012-10-17\"}").ok();
    for (key, wish, kind) in [
        (&ann, &too_long, AwsErrorKind::WrongDuration),
        (&ann, &wish, AwsErrorKind::BadPolicy),
        (
            &bob,
            &federation_wish("guest", 900),
            AwsErrorKind::SessionWithoutMfa,
        ),
    ] {
        let error = sts
            .get_federation_token(&target, key, wish)
            .await
            .expect_err("refused");
        assert_eq!(error.kind, kind, "{error:?}");
    }
}

#[tokio::test]
async fn web_identities_sign_nothing_and_stay_unspoken() {
    let service = strict_roles();
    let (sts, target) = (patient_sts(), target(&service.endpoint()));
    // What web identities can't have is left out; the stand-in would refuse it.
    let wish = RoleWish {
        external_id: ExternalId::parse("hand/shake").ok(),
        source_identity: SourceIdentity::parse("ann").ok(),
        tags: vec![tag("team", "blue", true)],
        policy: SessionPolicy::parse(POLICY).ok(),
        ..role_wish(&format!("{ROLE}job"), 900)
    };
    let ask = async |token: &str| {
        sts.assume_role_with_web_identity(&target, &SecretString::copy_of(token), &wish)
            .await
    };
    let session = ask(WEB_TOKEN).await.expect("a session");
    assert_eq!(
        arn_of(&service, &session.value).await,
        "arn:aws:sts::123456789012:assumed-role/job/ann@work"
    );
    let log = service.log();
    assert!(log[0]["key_id"].is_null(), "unsigned");
    assert_eq!(log[0]["policy"], POLICY);

    for (token, kind) in [
        ("unknown.web.token", AwsErrorKind::BadWebIdentity),
        ("expired.web.token", AwsErrorKind::BadWebIdentity),
        ("rejected.web.token", AwsErrorKind::BadWebIdentity),
        ("unreachable.web.token", AwsErrorKind::BadWebIdentity),
        ("stranger.web.token", AwsErrorKind::RoleDenied),
        ("abc", AwsErrorKind::BadWebIdentity),
        (&"a".repeat(20_001), AwsErrorKind::BadWebIdentity),
    ] {
        let error = ask(token).await.expect_err("refused");
        assert_eq!(error.kind, kind, "{error:?}");
        assert!(!format!("{error:?} {error}").contains(token), "{error:?}");
    }

    let said = format!(
        "Value '{WEB_TOKEN}' at 'webIdentityToken'; also {}",
        &WEB_TOKEN[20..]
    );
    service.set(
        "/-/script",
        &json!([{"status": 400, "code": "InvalidIdentityToken", "message": said}]),
    );
    let error = ask(WEB_TOKEN).await.expect_err("refused");
    let shown = format!("{error:?} {error}");
    for part in WEB_TOKEN.split('.') {
        assert!(!shown.contains(part), "{shown}");
    }
}

#[tokio::test]
async fn a_wrong_clock_is_corrected_for_roles_and_federated_users() {
    let service = strict_roles();
    let (sts, target, ann) = (patient_sts(), target(&service.endpoint()), anns_key());
    service.set("/-/clock", &json!({"offset_secs": 7200}));
    let wish = role_wish(&format!("{ROLE}deploy"), 900);
    let role = sts
        .assume_role(&target, Signer::Key(&ann), &wish, None)
        .await
        .expect("signed again");
    let federation = sts
        .get_federation_token(&target, &ann, &federation_wish("guest", 900))
        .await
        .expect("signed again");
    for offset in [role.clock_offset_secs, federation.clock_offset_secs] {
        assert!((offset.expect("a date") - 7200).abs() <= 2);
    }
    assert_eq!(service.log().len(), 4);
}
