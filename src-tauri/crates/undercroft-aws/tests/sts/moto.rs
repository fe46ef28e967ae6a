//! Calls that moto, a simulated AWS, answers.

use undercroft_aws::{RoleWish, Signer, Sts};
use undercroft_model::{
    AccountId, ExternalId, Partition, PolicyArn, SessionPolicy, SessionTag, SourceIdentity,
    Timestamp,
};

use crate::calls::{Making, role_wish};
use crate::service::Service;
use crate::{anns_key, patient_sts, proof, secs, target};

#[tokio::test]
async fn moto_knows_the_caller_and_makes_sessions() {
    let moto = Service::moto();
    let (sts, target, key) = (patient_sts(), target(&moto.endpoint()), anns_key());

    let caller = sts
        .get_caller_identity(&target, Signer::Key(&key))
        .await
        .expect("an identity");
    assert_eq!(
        caller.value.account,
        AccountId::parse("123456789012").expect("an id")
    );
    assert_eq!(caller.value.arn.account(), Some(&caller.value.account));
    assert!(!caller.value.user_id.is_empty());
    let offset = caller.clock_offset_secs.expect("moto sends a date");
    assert!(offset.abs() <= 2, "{offset}");

    let plain = sts
        .get_session_token(&target, &key, secs(900), None)
        .await
        .expect("a session");
    let serial = "arn:aws:iam::123456789012:mfa/phone";
    let with_mfa = sts
        .get_session_token(&target, &key, secs(43_200), Some(proof(serial, "123456")))
        .await
        .expect("a session");
    for (session, lifetime) in [(plain.value, 900), (with_mfa.value, 43_200)] {
        assert!(!session.secret().is_empty() && !session.token().is_empty());
        let now = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .expect("after 1970")
            .as_secs();
        let now = Timestamp::from_unix_secs(i64::try_from(now).expect("before the end of time"));
        let remaining = session.expiration().secs_since(now);
        assert!(
            (lifetime - 10..=lifetime + 10).contains(&remaining),
            "{remaining}"
        );

        sts.get_caller_identity(&target, Signer::Session(&session))
            .await
            .expect("the session is accepted");
    }
}

#[tokio::test]
async fn moto_makes_sessions_of_every_kind() {
    let moto = Service::moto();
    let (sts, target) = (patient_sts(), target(&moto.endpoint()));
    for making in Making::ALL {
        let session = making
            .ask(&sts, &target, None)
            .await
            .expect("a session")
            .value;
        let caller = sts
            .get_caller_identity(&target, Signer::Session(&session))
            .await
            .expect("the session is accepted");
        assert_eq!(caller.value.account.as_str(), "123456789012", "{making:?}");
    }
    let wish = RoleWish {
        tags: vec![SessionTag {
            key: "team".to_owned(),
            value: "blue".to_owned(),
            transitive: true,
        }],
        external_id: ExternalId::parse("hand/shake").ok(),
        source_identity: SourceIdentity::parse("ann").ok(),
        policy: SessionPolicy::parse("{\"Version\":\"2012-10-17\",\"Statement\":[]}").ok(),
        policy_arns: vec![PolicyArn::read_only(Partition::Aws)],
        ..role_wish("arn:aws:iam::123456789012:role/deploy", 3600)
    };
    let session = sts
        .assume_role(&target, Signer::Key(&anns_key()), &wish, None)
        .await
        .expect("a session");
    let caller = sts
        .get_caller_identity(&target, Signer::Session(&session.value))
        .await
        .expect("the session is accepted");
    assert!(
        caller
            .value
            .arn
            .as_str()
            .ends_with("assumed-role/deploy/ann@work"),
        "{}",
        caller.value.arn
    );
}
