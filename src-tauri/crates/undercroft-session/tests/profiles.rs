//! Profiles: what is asked of STS, how long it lasts, and to whom it is served.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "tests and their helpers"
)]

mod stage;

use proptest::{
    prelude::*,
    sample::select,
    test_runner::{Config, TestRunner},
};
use stage::{
    Answers, DEPLOY, Filed, KEY, KEY_SECRET, SEED, Stage, Wish, chained, key, role, secret,
    session_profile,
};
use undercroft_aws::AwsErrorKind;
use undercroft_model::{
    AccessKeyId, Approval, Content, Extra, ItemId, Mfa, Profile, ProfileName, Recipe,
    SessionPolicy, SessionTag, SsoRecipe, TokenSource,
};
use undercroft_session::{
    AccountDraft, CredentialsAnswer, Event, KeyDraft, LockReason, ProfileDraft, ProfileWish,
    SessionAnswer, SessionError, SessionKind, Unusable, WayLimit,
};
use undercroft_vault::{Credential, OsDisk, UnlockOptions, Vault};

const POLICY: &str = r#"{"Version":"2012-10-17","Statement":[]}"#;
const OTHER_KEY: &str = "AKIAI44QH8DHBEXAMPLE";

async fn filed() -> (Stage, Filed) {
    let stage = Stage::unlocked().await;
    let filed = stage.filed().await;
    (stage, filed)
}

/// A profile of a user without a device, so that no code is used up.
async fn without_code(stage: &Stage) -> (ItemId, ItemId) {
    let account = stage.account("123456789012").await;
    let identity = stage.user(account, "robot").await;
    stage.key(identity, KEY).await;
    (account, identity)
}

fn tag(key: &str, value: &str) -> SessionTag {
    SessionTag {
        key: key.to_owned(),
        value: value.to_owned(),
        transitive: false,
    }
}

fn federated(name: &str, identity: ItemId) -> ProfileDraft {
    ProfileDraft {
        kind: "federated".to_owned(),
        session_name: "guest".to_owned(),
        ..session_profile(name, identity)
    }
}

fn web(name: &str, token: TokenSource) -> ProfileDraft {
    ProfileDraft {
        name: name.to_owned(),
        kind: "web-identity".to_owned(),
        role: DEPLOY.to_owned(),
        token: Some(token),
        ..ProfileDraft::default()
    }
}

fn problem<T: std::fmt::Debug>(refused: Result<T, SessionError>) -> (&'static str, String) {
    match refused {
        Err(SessionError::Invalid { problems }) => (problems[0].field, problems[0].message.clone()),
        other => panic!("not refused: {other:?}"),
    }
}

fn wait<T: std::fmt::Debug>(answer: Result<CredentialsAnswer, T>) -> u32 {
    match answer {
        Ok(CredentialsAnswer::Wait { secs }) => secs,
        other => panic!("no wait: {other:?}"),
    }
}

async fn root(stage: &Stage) -> ItemId {
    let account = stage.account("111122223333").await;
    let draft = undercroft_session::IdentityDraft {
        id: None,
        account,
        kind: undercroft_session::WhoKind::Root,
        name: "boss@example.com".to_owned(),
        notes: String::new(),
    };
    let root = stage.session.save_identity(draft).await.unwrap();
    stage.key(root, OTHER_KEY).await;
    root
}

#[tokio::test]
async fn a_session_profile_gives_key_code_and_duration() {
    let (stage, filed) = filed().await;
    let profile = stage
        .profile(ProfileDraft {
            region: "eu-west-1".to_owned(),
            output: "yaml".to_owned(),
            ..session_profile("work", filed.identity)
        })
        .await;
    let way = stage.way(profile).await;
    assert_eq!(way.key.as_ref().unwrap().id.as_str(), KEY);
    assert_eq!(way.steps.len(), 1);
    assert_eq!(way.steps[0].device.as_deref(), Some("phone"));
    assert_eq!(way.steps[0].duration_secs, 43_200);
    assert_eq!(way.steps[0].longest_secs, 129_600);
    assert_eq!(way.steps[0].limit, WayLimit::Call);

    let credentials = stage.ready(profile).await;
    assert!(!credentials.cached);
    assert_eq!(credentials.profile.as_str(), "work");
    assert_eq!(credentials.kind, Some(SessionKind::Session));
    assert_eq!(credentials.region.unwrap().as_str(), "eu-west-1");
    assert_eq!(credentials.output.unwrap().as_str(), "yaml");
    let call = &stage.sts.calls()[0];
    assert_eq!(call.duration_secs, 43_200);
    assert_eq!(
        call.serial.as_deref(),
        Some("arn:aws:iam::123456789012:mfa/phone")
    );
    assert!(call.code.is_some());
    let row = &stage.session.profiles().await.unwrap()[0];
    assert!(row.live.is_some() && row.mfa);
    assert!(stage.ready(profile).await.cached);
}

#[tokio::test]
async fn a_role_is_assumed_with_all_that_was_typed() {
    let (stage, filed) = filed().await;
    let profile = stage
        .profile(ProfileDraft {
            external_id: "partner-7".to_owned(),
            session_name: "build.42".to_owned(),
            source_identity: "jane".to_owned(),
            tags: vec![
                tag("team", "blue"),
                SessionTag {
                    transitive: true,
                    ..tag("cost", "42")
                },
            ],
            policy: POLICY.to_owned(),
            policy_arns: vec!["arn:aws:iam::aws:policy/ReadOnlyAccess".to_owned()],
            duration: "2h".to_owned(),
            ..role("deploy", filed.identity)
        })
        .await;
    let step = &stage.way(profile).await.steps[0];
    assert_eq!(step.limit, WayLimit::Role);
    assert_eq!(step.longest_secs, 43_200);
    stage.ready(profile).await;
    let call = &stage.sts.calls()[0];
    assert!(call.code.is_some() && call.serial.is_some());
    let Some(Wish::Role { by, wish }) = &call.wish else {
        panic!("{call:?}");
    };
    assert_eq!(by.as_deref(), Some(KEY));
    assert_eq!(wish.role.as_str(), DEPLOY);
    assert_eq!(wish.duration.as_secs(), 7200);
    assert_eq!(wish.external_id.as_ref().unwrap().as_str(), "partner-7");
    assert_eq!(wish.session_name.as_str(), "build.42");
    assert_eq!(wish.source_identity.as_ref().unwrap().as_str(), "jane");
    assert_eq!(wish.tags.len(), 2);
    assert!(wish.tags[1].transitive && !wish.tags[0].transitive);
    assert_eq!(wish.policy.as_ref().unwrap().as_str(), POLICY);
    assert_eq!(wish.policy_arns.len(), 1);
}

#[tokio::test]
async fn a_role_session_is_called_as_its_user_and_its_account_is_filed_along() {
    let (stage, filed) = filed().await;
    let profile = stage.profile(role("deploy", filed.identity)).await;
    let accounts = stage.session.accounts().await.unwrap();
    let acted_in = accounts
        .iter()
        .find(|row| row.account_id.as_str() == "210987654321")
        .unwrap();
    let credentials = stage.ready(profile).await;
    assert_eq!(credentials.kind, Some(SessionKind::Role));
    let Some(Wish::Role { wish, .. }) = &stage.sts.calls()[0].wish else {
        panic!();
    };
    assert_eq!(wish.session_name.as_str(), "jane.doe");
    assert_eq!(wish.duration.as_secs(), 3600);
    let live = &stage.session.sessions().await.unwrap()[0];
    assert_eq!(live.account.id, acted_in.id);
    assert_eq!(live.identity, Some(filed.identity));
    let row = &stage.session.profiles().await.unwrap()[0];
    assert_eq!(row.account.as_ref().unwrap().id, acted_in.id);

    // A refused profile files nothing.
    let refused = stage
        .session
        .save_profile(ProfileDraft {
            id: Some(ItemId::new_random()),
            role: "arn:aws:iam::444455556666:role/x".to_owned(),
            ..role("other", filed.identity)
        })
        .await;
    assert_eq!(refused, Err(SessionError::NoSuchItem));
    assert_eq!(stage.session.accounts().await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_federated_user_gives_no_code() {
    let (stage, filed) = filed().await;
    let profile = stage
        .profile(ProfileDraft {
            policy: POLICY.to_owned(),
            tags: vec![tag("team", "blue")],
            duration: "36h".to_owned(),
            ..federated("console", filed.identity)
        })
        .await;
    let credentials = stage.ready(profile).await;
    assert_eq!(credentials.kind, Some(SessionKind::Federated));
    let call = &stage.sts.calls()[0];
    assert_eq!(call.code, None);
    let Some(Wish::Federation(wish)) = &call.wish else {
        panic!("{call:?}");
    };
    assert_eq!(wish.name.as_str(), "guest");
    assert_eq!(wish.duration.as_secs(), 129_600);
    assert_eq!(wish.policy.as_ref().unwrap().as_str(), POLICY);
    assert_eq!(wish.tags.len(), 1);
}

#[tokio::test]
async fn a_long_term_key_is_given_as_it_is() {
    let (stage, filed) = filed().await;
    let profile = stage
        .profile(ProfileDraft {
            kind: "long-term".to_owned(),
            ..session_profile("raw", filed.identity)
        })
        .await;
    let credentials = stage.ready(profile).await;
    assert_eq!(credentials.access_key_id, KEY);
    assert_eq!(credentials.secret.expose(), KEY_SECRET);
    assert!(credentials.token.is_none() && credentials.expiration.is_none());
    assert!(!format!("{credentials:?}").contains(KEY_SECRET));
    assert!(stage.way(profile).await.steps.is_empty());
    for wish in [
        ProfileWish {
            duration_secs: Some(900),
            ..ProfileWish::of(profile)
        },
        ProfileWish {
            read_only: true,
            ..ProfileWish::of(profile)
        },
    ] {
        problem(stage.session.credentials(wish).await);
    }
    problem(
        stage
            .session
            .profile_session(ProfileWish::of(profile))
            .await,
    );
    // A role on top of it is assumed directly, with a code and for hours.
    let direct = stage
        .profile(ProfileDraft {
            duration: "12h".to_owned(),
            ..chained("direct", profile, DEPLOY)
        })
        .await;
    assert_eq!(stage.ready(direct).await.kind, Some(SessionKind::Role));
    assert!(stage.sts.calls()[0].code.is_some());
}

#[tokio::test]
async fn web_identities_come_from_files_and_commands() {
    let stage = Stage::unlocked().await;
    let path = stage.folder.path().join("token");
    let path = path.to_str().unwrap().to_owned();
    let by_file = stage
        .profile(web("file", TokenSource::File { path: path.clone() }))
        .await;
    let refused = stage.credentials(by_file).await.unwrap_err();
    assert!(matches!(refused, SessionError::WebToken(_)), "{refused:?}");
    std::fs::write(&path, "eyJ-TOKEN-CANARY").unwrap();
    let credentials = stage.ready(by_file).await;
    assert_eq!(credentials.kind, Some(SessionKind::WebIdentity));
    let Some(Wish::Role { by: None, wish }) = &stage.sts.calls()[0].wish else {
        panic!();
    };
    assert_eq!(wish.session_name.as_str(), "undercroft");
    let words = vec!["/bin/echo".to_owned(), "a-token".to_owned()];
    let by_command = stage
        .profile(web("command", TokenSource::Command { words }))
        .await;
    assert!(!stage.ready(by_command).await.cached);
    assert_eq!(stage.session.sessions().await.unwrap()[0].identity, None);
    // It is a source for other roles, for an hour.
    let next = stage
        .profile(chained(
            "next",
            by_file,
            "arn:aws:iam::123456789012:role/next",
        ))
        .await;
    assert_eq!(stage.way(next).await.steps[1].limit, WayLimit::Chained);
    assert_eq!(stage.ready(next).await.kind, Some(SessionKind::ChainedRole));
    assert_eq!(stage.sts.calls().len(), 3);

    let impossible = ProfileDraft {
        duration: "13h".to_owned(),
        role: "arn:aws:iam::777788889999:role/unfiled".to_owned(),
        ..web("long", TokenSource::File { path })
    };
    assert_eq!(
        problem(stage.session.save_profile(impossible).await).0,
        "duration"
    );
}

#[tokio::test]
async fn a_chain_lasts_an_hour_and_says_why() {
    let (stage, filed) = filed().await;
    let base = stage.profile(session_profile("base", filed.identity)).await;
    let draft = chained("admin", base, DEPLOY);
    let way = stage.session.way(draft.clone()).await.unwrap();
    let of: Vec<_> = way.steps.iter().map(|step| step.of.as_str()).collect();
    assert_eq!(of, ["jane.doe", DEPLOY]);
    let last = &way.steps[1];
    assert_eq!(last.limit, WayLimit::Chained);
    assert_eq!((last.duration_secs, last.longest_secs), (3600, 3600));
    assert_eq!(last.device, None);
    let long = ProfileDraft {
        duration: "2h".to_owned(),
        ..draft.clone()
    };
    for refused in [
        problem(stage.session.way(long.clone()).await),
        problem(stage.session.save_profile(long).await.map(drop)),
    ] {
        assert_eq!(refused.0, "duration");
        assert!(
            refused.1.contains("chained, so at most 1 hour"),
            "{}",
            refused.1
        );
        assert!(refused.1.contains("12 hours"));
    }
    let coded = ProfileDraft {
        mfa: Mfa::Device {
            device: filed.device,
        },
        ..draft
    };
    assert_eq!(problem(stage.session.way(coded).await).0, "mfa");
}

#[tokio::test]
async fn impossible_durations_are_refused_when_typed() {
    let (stage, filed) = filed().await;
    let root = root(&stage).await;
    for (draft, duration, part) in [
        (session_profile("x", filed.identity), "10m", "15 minutes"),
        (session_profile("x", filed.identity), "37h", "36 hours"),
        (federated("x", filed.identity), "37h", "36 hours"),
        (role("x", filed.identity), "13h", "12 hours"),
        (session_profile("x", root), "2h", "root"),
        (federated("x", root), "2h", "root"),
    ] {
        let draft = ProfileDraft {
            duration: duration.to_owned(),
            ..draft
        };
        let (field, message) = problem(stage.session.save_profile(draft).await);
        assert_eq!(field, "duration");
        assert!(message.contains(part), "{message}");
    }
    let way = stage.session.way(session_profile("x", root)).await.unwrap();
    assert_eq!(way.steps[0].duration_secs, 3600);
    assert_eq!(way.steps[0].limit, WayLimit::Root);
}

#[tokio::test]
async fn the_root_user_assumes_no_role_by_any_way() {
    let stage = Stage::unlocked().await;
    let root = root(&stage).await;
    assert_eq!(
        problem(stage.session.save_profile(role("x", root)).await).0,
        "identity"
    );
    let session = stage.profile(session_profile("root", root)).await;
    let raw = stage
        .profile(ProfileDraft {
            kind: "long-term".to_owned(),
            ..session_profile("raw", root)
        })
        .await;
    for source in [session, raw] {
        let (field, message) = problem(
            stage
                .session
                .save_profile(chained("x", source, DEPLOY))
                .await,
        );
        assert_eq!(field, "source");
        assert!(
            message.contains("root user can't assume roles"),
            "{message}"
        );
    }
}

#[tokio::test]
async fn a_federated_user_is_no_source() {
    let (stage, filed) = filed().await;
    let source = stage.profile(federated("guest", filed.identity)).await;
    let (field, message) = problem(
        stage
            .session
            .save_profile(chained("x", source, DEPLOY))
            .await,
    );
    assert_eq!(field, "source");
    assert!(message.contains("federated"), "{message}");
}

#[tokio::test]
async fn loops_and_long_chains_are_refused_when_typed() {
    let (stage, filed) = filed().await;
    let first = stage.profile(role("first", filed.identity)).await;
    let second = stage.profile(chained("second", first, DEPLOY)).await;
    let looped = ProfileDraft {
        id: Some(first),
        ..chained("first", second, DEPLOY)
    };
    for refused in [
        problem(stage.session.way(looped.clone()).await),
        problem(stage.session.save_profile(looped).await.map(drop)),
    ] {
        assert_eq!(refused.0, "source");
        assert!(
            refused.1.contains("first → second → first"),
            "{}",
            refused.1
        );
    }
    let mut source = second;
    for number in 0..9 {
        source = stage
            .profile(chained(&format!("p{number}"), source, DEPLOY))
            .await;
    }
    let (field, message) = problem(
        stage
            .session
            .save_profile(chained("end", source, DEPLOY))
            .await,
    );
    assert_eq!(field, "source");
    assert!(message.contains("10 roles"), "{message}");
}

#[tokio::test]
async fn names_are_unique_and_found() {
    let (stage, filed) = filed().await;
    let one = stage.profile(session_profile("work", filed.identity)).await;
    let (field, _) = problem(
        stage
            .session
            .save_profile(session_profile("work", filed.identity))
            .await,
    );
    assert_eq!(field, "name");
    stage
        .profile(ProfileDraft {
            id: Some(one),
            ..session_profile("work", filed.identity)
        })
        .await;
    let named = |name: &str| stage.session.profile_named(name.to_owned());
    assert_eq!(named("work").await, Ok(one));
    for unknown in ["Work", "a]b", ""] {
        assert_eq!(named(unknown).await, Err(SessionError::NoSuchProfile));
    }
}

/// Puts profiles into the vault past the session, as another installation would.
async fn put_from_elsewhere(stage: &Stage, profiles: Vec<Profile>) {
    stage.session.lock(LockReason::User).await;
    let password = stage::password();
    let now = undercroft_model::Timestamp::from_unix_secs(1_795_428_000);
    let installation = undercroft_model::InstallationId::new_random();
    let (mut vault, _) = Vault::unlock(
        std::sync::Arc::new(OsDisk),
        &stage.vault(),
        Credential::Password(&password),
        UnlockOptions::new(installation, now),
    )
    .unwrap();
    for profile in profiles {
        vault.put(None, Content::Profile(profile), now).unwrap();
    }
    vault.save(now).unwrap();
    drop(vault);
    stage.unlock().await;
}

#[tokio::test]
async fn two_profiles_of_one_name_from_elsewhere_are_both_shown_and_none_is_guessed() {
    let (stage, filed) = filed().await;
    let ours = stage.profile(session_profile("work", filed.identity)).await;
    let same = stage.session.profile(ours).await.unwrap().profile;
    put_from_elsewhere(&stage, vec![same]).await;
    assert_eq!(stage.session.profiles().await.unwrap().len(), 2);
    problem(stage.session.profile_named("work".to_owned()).await);
    stage.session.bin_item(ours).await.unwrap();
    assert_ne!(
        stage
            .session
            .profile_named("work".to_owned())
            .await
            .unwrap(),
        ours
    );
}

#[tokio::test]
async fn what_can_not_be_used_is_kept_and_says_why() {
    let (stage, filed) = filed().await;
    let unusable = |profile| {
        let session = stage.session.clone();
        async move {
            let refused = session.credentials(ProfileWish::of(profile)).await;
            match refused {
                Err(SessionError::ProfileUnusable { reason }) => {
                    (reason.clone(), reason.to_string())
                }
                other => panic!("{other:?}"),
            }
        }
    };
    let keyless = stage.user(filed.account, "keyless").await;
    let no_key = stage.profile(session_profile("no key", keyless)).await;
    let (reason, text) = unusable(no_key).await;
    assert!(matches!(reason, Unusable::NoKey { .. }) && text.contains("keyless"));

    let sso = stage
        .profile(ProfileDraft {
            name: "sso".to_owned(),
            kind: "sso".to_owned(),
            sso: Some(SsoRecipe {
                start_url: "https://example.awsapps.com/start".to_owned(),
                sso_region: undercroft_model::Region::parse("eu-west-1").unwrap(),
                account: undercroft_model::AccountId::parse("123456789012").unwrap(),
                role_name: "Admin".to_owned(),
                sso_session: None,
                extra: Extra::new(),
            }),
            ..ProfileDraft::default()
        })
        .await;
    let (reason, text) = unusable(sso).await;
    assert_eq!(reason, Unusable::IdentityCenter);
    assert!(text.contains("aws sso login"));
    let details = stage.session.profile(sso).await.unwrap();
    assert!(details.way.is_err());
    assert_eq!(details.row.kind, "sso");

    put_from_elsewhere(
        &stage,
        vec![Profile::new(
            ProfileName::parse("novel").unwrap(),
            Recipe::Unknown {
                kind: "carrier-pigeon".to_owned(),
                value: ciborium::Value::Map(Vec::new()),
            },
        )],
    )
    .await;
    let novel = stage
        .session
        .profile_named("novel".to_owned())
        .await
        .unwrap();
    assert_eq!(unusable(novel).await.0, Unusable::Newer);

    let work = stage.profile(session_profile("work", filed.identity)).await;
    let on_it = stage.profile(chained("on it", work, DEPLOY)).await;
    stage.session.bin_item(work).await.unwrap();
    assert!(matches!(unusable(on_it).await.0, Unusable::Gone { .. }));
    stage.session.restore_item(work).await.unwrap();
    stage.ready(on_it).await;
    stage.session.bin_item(filed.identity).await.unwrap();
    assert!(matches!(unusable(work).await.0, Unusable::Gone { .. }));
    assert!(stage.session.sessions().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_profile_is_edited_binned_and_brought_back() {
    let (stage, filed) = filed().await;
    let draft = ProfileDraft {
        notes: "first".to_owned(),
        approval: Some(Approval::Always),
        ..session_profile("work", filed.identity)
    };
    let profile = stage.profile(draft.clone()).await;
    stage
        .profile(ProfileDraft {
            id: Some(profile),
            duration: "1h".to_owned(),
            notes: "second".to_owned(),
            ..draft
        })
        .await;
    let history = stage.session.history(profile).await.unwrap();
    assert_eq!(history[0].differs_in, ["duration", "notes"]);
    stage
        .session
        .restore_history(profile, history[0].index)
        .await
        .unwrap();
    let back = stage.session.profile(profile).await.unwrap().profile;
    assert_eq!((back.notes.as_str(), back.duration), ("first", None));
    assert_eq!(back.approval, Some(Approval::Always));
    stage.session.bin_item(profile).await.unwrap();
    assert!(stage.session.profiles().await.unwrap().is_empty());
    assert_eq!(
        stage.credentials(profile).await.unwrap_err(),
        SessionError::NoSuchItem
    );
    // Its name is free meanwhile, and taken when it would come back.
    let other = stage.profile(session_profile("work", filed.identity)).await;
    assert_eq!(problem(stage.session.restore_item(profile).await).0, "name");
    stage.session.bin_item(other).await.unwrap();
    stage.session.restore_item(profile).await.unwrap();
}

#[tokio::test]
async fn mfa_takes_the_first_device_that_sts_can_take() {
    let stage = Stage::unlocked().await;
    let (_, identity) = without_code(&stage).await;
    let mut nameless = stage::device(identity, "no serial", stage::OTHER_SEED);
    nameless.serial = String::new();
    stage.session.save_device(nameless).await.unwrap();
    stage.device(identity, "phone", SEED).await;
    let way = stage
        .session
        .way(session_profile("x", identity))
        .await
        .unwrap();
    assert_eq!(way.steps[0].device.as_deref(), Some("phone"));
    let none = ProfileDraft {
        mfa: Mfa::None,
        ..session_profile("x", identity)
    };
    assert_eq!(stage.session.way(none).await.unwrap().steps[0].device, None);
    let mut long = stage::device(identity, "eight", "KRUGKIDROVUWG2ZAMJZG653OEBTG66BA");
    long.digits = 8;
    let device = stage.session.save_device(long).await.unwrap();
    let never = ProfileDraft {
        mfa: Mfa::Device { device },
        ..session_profile("x", identity)
    };
    assert_eq!(problem(stage.session.save_profile(never).await).0, "mfa");
}

#[tokio::test]
async fn a_session_is_served_while_enough_of_it_remains() {
    for (duration, lifetime, least) in [("15m", 900, 225), ("1h", 3600, 900), ("12h", 43_200, 900)]
    {
        let stage = Stage::unlocked().await;
        let (_, identity) = without_code(&stage).await;
        let profile = stage
            .profile(ProfileDraft {
                duration: duration.to_owned(),
                ..role("deploy", identity)
            })
            .await;
        stage.ready(profile).await;
        // Small steps: an hour without anybody at the machine locks.
        let mut left = lifetime - least - 1;
        while left > 0 {
            let step = left.min(300);
            stage.clock.advance(f64::from(step));
            stage.session.touch();
            stage.session.overview().await.unwrap();
            left -= step;
        }
        assert!(stage.ready(profile).await.cached, "{duration}");
        stage.clock.advance(1.0);
        stage.sts.will(Answers::Session {
            ends_in_secs: 100_000,
            offset_secs: 0,
        });
        assert!(!stage.ready(profile).await.cached, "{duration}");
        assert_eq!(stage.sts.calls().len(), 2);
    }
}

#[tokio::test]
async fn every_input_of_a_role_makes_another_session() {
    let stage = Stage::unlocked().await;
    let (_, identity) = without_code(&stage).await;
    let other = stage.key(identity, OTHER_KEY).await;
    let base = ProfileDraft {
        tags: vec![tag("a", "b")],
        policy_arns: vec!["arn:aws:iam::aws:policy/ReadOnlyAccess".to_owned()],
        ..role("base", identity)
    };
    let profile = stage.profile(base.clone()).await;
    stage.ready(profile).await;
    let is_cached = |draft: ProfileDraft| {
        let session = stage.session.clone();
        async move { session.way(draft).await.unwrap().steps[0].cached }
    };
    let named = |name: &str| ProfileDraft {
        name: name.to_owned(),
        ..base.clone()
    };
    // What changes nothing that AWS hears of.
    for draft in [
        named("same"),
        ProfileDraft {
            region: "eu-west-1".to_owned(),
            ..named("region")
        },
        ProfileDraft {
            duration: "1h".to_owned(),
            ..named("usual duration")
        },
        ProfileDraft {
            session_name: "robot".to_owned(),
            ..named("usual name")
        },
        ProfileDraft {
            key: Some(AccessKeyId::parse(KEY).unwrap()),
            ..named("usual key")
        },
        ProfileDraft {
            notes: "n".to_owned(),
            approval: Some(Approval::Never),
            ..named("notes")
        },
    ] {
        let name = draft.name.clone();
        assert!(is_cached(draft).await, "{name}");
    }
    let transitive = SessionTag {
        transitive: true,
        ..tag("a", "b")
    };
    for draft in [
        ProfileDraft {
            role: format!("{DEPLOY}2"),
            ..named("role")
        },
        ProfileDraft {
            external_id: "xy".to_owned(),
            ..named("external id")
        },
        ProfileDraft {
            session_name: "other".to_owned(),
            ..named("session name")
        },
        ProfileDraft {
            source_identity: "jane".to_owned(),
            ..named("source identity")
        },
        ProfileDraft {
            tags: vec![],
            ..named("no tags")
        },
        ProfileDraft {
            tags: vec![tag("ab", "")],
            ..named("tags run together")
        },
        ProfileDraft {
            tags: vec![tag("a", "c")],
            ..named("tag value")
        },
        ProfileDraft {
            tags: vec![transitive],
            ..named("transitive")
        },
        ProfileDraft {
            policy: POLICY.to_owned(),
            ..named("policy")
        },
        ProfileDraft {
            policy_arns: vec![],
            ..named("no policies")
        },
        ProfileDraft {
            duration: "2h".to_owned(),
            ..named("duration")
        },
        ProfileDraft {
            key: Some(other),
            ..named("key")
        },
    ] {
        let name = draft.name.clone();
        assert!(!is_cached(draft).await, "{name}");
    }
    stage.device(identity, "phone", SEED).await;
    assert!(!is_cached(named("device")).await);
    assert!(stage.session.sessions().await.unwrap().is_empty());
}

#[tokio::test]
async fn sessions_go_when_their_inputs_change() {
    enum Change {
        Edit,
        EditSource,
        History,
        Bin,
        BinSource,
        RemoveKey,
        ReplaceSecret,
        Endpoint,
        Serial,
    }
    for change in [
        Change::Edit,
        Change::EditSource,
        Change::History,
        Change::Bin,
        Change::BinSource,
        Change::RemoveKey,
        Change::ReplaceSecret,
        Change::Endpoint,
        Change::Serial,
    ] {
        let (stage, filed) = filed().await;
        let source = session_profile("source", filed.identity);
        let source_id = stage.profile(source.clone()).await;
        let draft = chained("role", source_id, DEPLOY);
        let id = stage.profile(draft.clone()).await;
        let edited = ProfileDraft {
            id: Some(id),
            external_id: "xy".to_owned(),
            ..draft.clone()
        };
        if matches!(change, Change::History) {
            stage.profile(edited.clone()).await;
        }
        stage.ready(id).await;
        assert_eq!(stage.session.sessions().await.unwrap().len(), 2);
        let left = match change {
            Change::Edit => {
                stage.profile(edited).await;
                1
            }
            Change::History => {
                stage.session.restore_history(id, 0).await.unwrap();
                1
            }
            Change::EditSource => {
                let source = ProfileDraft {
                    id: Some(source_id),
                    duration: "1h".to_owned(),
                    ..source
                };
                stage.profile(source).await;
                0
            }
            Change::Bin => {
                stage.session.bin_item(id).await.unwrap();
                1
            }
            Change::BinSource => {
                stage.session.bin_item(source_id).await.unwrap();
                0
            }
            Change::RemoveKey => {
                let removed = stage.session.remove_access_key(filed.identity, filed.key);
                removed.await.unwrap();
                0
            }
            Change::ReplaceSecret => {
                let replaced = KeyDraft {
                    existing: Some(filed.key),
                    secret: Some(secret(KEY_SECRET)),
                    ..key(filed.identity, KEY)
                };
                stage.session.save_access_key(replaced).await.unwrap();
                0
            }
            Change::Endpoint => {
                let account = AccountDraft {
                    id: Some(filed.account),
                    sts_endpoint: "http://localhost:4566".to_owned(),
                    ..stage::account("123456789012")
                };
                stage.session.save_account(account).await.unwrap();
                0
            }
            Change::Serial => {
                let mut device = stage::device(filed.identity, "renamed", SEED);
                device.id = Some(filed.device);
                device.secret = None;
                stage.session.save_device(device).await.unwrap();
                0
            }
        };
        assert_eq!(stage.session.sessions().await.unwrap().len(), left);
        let row = stage.session.profile(id).await;
        assert!(row.map_or(true, |details| details.row.live.is_none()));
        let stage = stage.restart().await;
        stage.unlock().await;
        assert_eq!(stage.session.sessions().await.unwrap().len(), left);
    }
}

#[tokio::test]
async fn an_earlier_secret_of_the_same_key_makes_another_session() {
    let stage = Stage::unlocked().await;
    let (_, identity) = without_code(&stage).await;
    let replaced = KeyDraft {
        existing: Some(AccessKeyId::parse(KEY).unwrap()),
        ..key(identity, KEY)
    };
    stage.session.save_access_key(replaced).await.unwrap();
    let profile = stage.profile(session_profile("work", identity)).await;
    stage.ready(profile).await;
    let history = stage.session.history(identity).await.unwrap();
    stage
        .session
        .restore_history(identity, history[0].index)
        .await
        .unwrap();
    assert!(!stage.ready(profile).await.cached);
}

#[tokio::test]
async fn profiles_with_the_same_recipe_share_a_session() {
    let (stage, filed) = filed().await;
    let one = stage.profile(role("one", filed.identity)).await;
    let other = stage
        .profile(ProfileDraft {
            region: "eu-west-3".to_owned(),
            ..role("other", filed.identity)
        })
        .await;
    let first = stage.ready(one).await;
    let second = stage.ready(other).await;
    assert!(second.cached);
    assert_eq!(second.access_key_id, first.access_key_id);
    assert_eq!(second.profile.as_str(), "other");
    assert_eq!(second.region.unwrap().as_str(), "eu-west-3");
    assert_eq!(first.region, None);
    let rows = stage.session.profiles().await.unwrap();
    assert!(rows.iter().all(|row| row.live.is_some()));
    assert_eq!(stage.session.sessions().await.unwrap().len(), 1);
}

#[tokio::test]
async fn fifty_callers_of_a_chain_cause_one_call_a_link() {
    let (stage, filed) = filed().await;
    let base = stage.profile(session_profile("base", filed.identity)).await;
    let middle = stage.profile(chained("middle", base, DEPLOY)).await;
    let end = stage
        .profile(chained("end", middle, "arn:aws:iam::123456789012:role/end"))
        .await;
    stage.sts.close();
    let callers: Vec<_> = (0..50)
        .map(|_| {
            let session = stage.session.clone();
            tokio::spawn(async move { session.credentials(ProfileWish::of(end)).await })
        })
        .collect();
    stage.sts.made(1).await;
    stage.session.overview().await.unwrap();
    stage.sts.open();
    let mut keys = std::collections::BTreeSet::new();
    for caller in callers {
        match caller.await.unwrap() {
            Ok(CredentialsAnswer::Ready(credentials)) => keys.insert(credentials.access_key_id),
            other => panic!("{other:?}"),
        };
    }
    assert_eq!(keys.len(), 1);
    let calls = stage.sts.calls();
    assert_eq!(calls.len(), 3);
    let by = |call: &stage::Call| match &call.wish {
        Some(Wish::Role { by, .. }) => by.clone(),
        Some(Wish::Federation(_)) | None => None,
    };
    assert_eq!(by(&calls[1]).as_deref(), Some("ASIA0000000000000000"));
    assert_eq!(by(&calls[2]).as_deref(), Some("ASIA0000000000000001"));
    assert!(calls[0].code.is_some() && calls[1].code.is_none());
    // The links in front serve other ways, too.
    assert!(stage.ready(middle).await.cached);
    assert!(stage.ready(base).await.cached);
}

#[tokio::test]
async fn two_profiles_of_one_device_never_give_the_same_code() {
    let (stage, filed) = filed().await;
    stage.clock.advance(12.0);
    let one = stage.profile(role("one", filed.identity)).await;
    let other = stage
        .profile(session_profile("other", filed.identity))
        .await;
    let on_other = stage.profile(chained("on other", other, DEPLOY)).await;
    stage.sts.close();
    let session = stage.session.clone();
    let first = tokio::spawn(async move { session.credentials(ProfileWish::of(one)).await });
    stage.sts.made(1).await;
    assert_eq!(wait(stage.credentials(other).await), 18);
    assert_eq!(
        wait(stage.credentials(on_other).await),
        18,
        "the first link waits"
    );
    stage.sts.open();
    assert!(first.await.unwrap().is_ok());
    stage.clock.advance(18.0);
    stage.ready(on_other).await;
    let calls = stage.sts.calls();
    assert_eq!(calls.len(), 3);
    assert_ne!(calls[0].code, calls[1].code);
}

#[tokio::test]
async fn no_code_is_used_up_where_there_is_nothing_to_sign_with() {
    let (stage, filed) = filed().await;
    let profile = stage.profile(session_profile("work", filed.identity)).await;
    stage
        .session
        .remove_access_key(filed.identity, filed.key)
        .await
        .unwrap();
    assert!(stage.credentials(profile).await.is_err());
    assert!(!stage.session.codes(filed.identity).await.unwrap()[0].used);
}

#[tokio::test]
async fn a_refusal_names_the_link() {
    let (stage, filed) = filed().await;
    let base = stage.profile(session_profile("base", filed.identity)).await;
    let end = stage.profile(chained("end", base, DEPLOY)).await;
    stage.ready(base).await;
    stage
        .sts
        .will(Answers::Refusal(AwsErrorKind::AccessDenied, None));
    let refused = stage.credentials(end).await.unwrap_err();
    let SessionError::AtLink { at, error } = &refused else {
        panic!("{refused:?}");
    };
    assert_eq!(at, &format!("AssumeRole for {DEPLOY}"));
    assert!(matches!(**error, SessionError::Aws { .. }));
    // The link before is at hand and need not be asked for again.
    stage.ready(end).await;
    assert_eq!(stage.sts.calls().len(), 3);
}

#[tokio::test]
async fn a_chain_goes_on_from_a_source_that_ends_soon() {
    let stage = Stage::unlocked().await;
    let (_, identity) = without_code(&stage).await;
    let base = stage.profile(session_profile("base", identity)).await;
    let end = stage.profile(chained("end", base, DEPLOY)).await;
    stage.sts.will(Answers::Session {
        ends_in_secs: 50,
        offset_secs: 0,
    });
    stage.ready(end).await;
    assert_eq!(stage.sts.calls().len(), 2);
}

#[tokio::test]
async fn a_profile_is_narrowed_but_never_widened() {
    let (stage, filed) = filed().await;
    let plain = stage.profile(role("plain", filed.identity)).await;
    let wish = ProfileWish {
        read_only: true,
        duration_secs: Some(900),
        ..ProfileWish::of(plain)
    };
    stage.session.credentials(wish.clone()).await.unwrap();
    let arns = |call: usize| match &stage.sts.calls()[call].wish {
        Some(Wish::Role { wish, .. }) => wish
            .policy_arns
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>(),
        other => panic!("{other:?}"),
    };
    assert_eq!(arns(0), ["arn:aws:iam::aws:policy/ReadOnlyAccess"]);
    assert_eq!(stage.sts.calls()[0].duration_secs, 900);
    stage.clock.advance(30.0);
    assert!(
        !stage.ready(plain).await.cached,
        "the whole is another session"
    );
    let policy = SessionPolicy::parse(POLICY).unwrap();
    let own = ProfileDraft {
        policy: POLICY.to_owned(),
        ..role("own policy", filed.identity)
    };
    let own = stage.profile(own).await;
    for wish in [
        ProfileWish {
            policy: Some(policy.clone()),
            ..wish.clone()
        },
        ProfileWish {
            profile: own,
            ..wish.clone()
        },
        ProfileWish {
            policy: Some(policy.clone()),
            ..ProfileWish::of(own)
        },
    ] {
        assert_eq!(problem(stage.session.credentials(wish).await).0, "policy");
    }
    let admin = stage
        .profile(ProfileDraft {
            policy_arns: vec!["arn:aws:iam::aws:policy/AdministratorAccess".to_owned()],
            ..federated("admin", filed.identity)
        })
        .await;
    let reading = ProfileWish {
        read_only: true,
        ..ProfileWish::of(admin)
    };
    stage.session.credentials(reading).await.unwrap();
    let session = stage
        .profile(session_profile("session", filed.identity))
        .await;
    let reading = ProfileWish {
        read_only: true,
        ..ProfileWish::of(session)
    };
    assert_eq!(
        problem(stage.session.credentials(reading).await).0,
        "policy"
    );
    let long = ProfileWish {
        duration_secs: Some(50_000),
        ..ProfileWish::of(plain)
    };
    assert_eq!(problem(stage.session.credentials(long).await).0, "duration");
}

async fn renewed(stage: &Stage, kind: SessionKind) -> Result<SessionAnswer, SessionError> {
    let live = stage.session.sessions().await.unwrap();
    let session = live.iter().find(|session| session.kind == kind).unwrap();
    stage.session.renew_session(session.id).await
}

#[tokio::test]
async fn role_sessions_are_renewed_as_they_were_made() {
    let stage = Stage::unlocked().await;
    let (_, identity) = without_code(&stage).await;
    let base = stage.profile(session_profile("base", identity)).await;
    let end = stage.profile(chained("end", base, DEPLOY)).await;
    stage.ready(end).await;
    renewed(&stage, SessionKind::ChainedRole).await.unwrap();
    assert_eq!(stage.sts.calls().len(), 3, "the source is at hand");

    let plain = stage
        .profile(ProfileDraft {
            role: format!("{DEPLOY}2"),
            ..role("plain", identity)
        })
        .await;
    let wish = ProfileWish {
        read_only: true,
        duration_secs: Some(900),
        ..ProfileWish::of(plain)
    };
    stage.session.credentials(wish).await.unwrap();
    renewed(&stage, SessionKind::Role).await.unwrap();
    let calls = stage.sts.calls();
    assert_eq!(calls.len(), 5);
    assert_eq!(calls[3].wish, calls[4].wish, "reading stays reading");
    let live = stage.session.sessions().await.unwrap();
    stage
        .session
        .forget_session(
            live.iter()
                .find(|s| s.kind == SessionKind::Role)
                .unwrap()
                .id,
        )
        .await
        .unwrap();
    let policy = Some(SessionPolicy::parse(POLICY).unwrap());
    let wish = ProfileWish {
        policy,
        ..ProfileWish::of(plain)
    };
    stage.session.credentials(wish).await.unwrap();
    assert_eq!(
        problem(renewed(&stage, SessionKind::Role).await).0,
        "session"
    );
    assert_eq!(stage.sts.calls().len(), 6);
}

#[tokio::test]
async fn role_sessions_outlive_a_new_start() {
    let (stage, filed) = filed().await;
    let base = stage.profile(session_profile("base", filed.identity)).await;
    let end = stage.profile(chained("end", base, DEPLOY)).await;
    stage.ready(end).await;
    let stage = stage.restart().await;
    stage.unlock().await;
    assert!(stage.ready(end).await.cached);
    assert!(stage.ready(base).await.cached);
    let live = stage.session.sessions().await.unwrap();
    assert_eq!(live.len(), 2);
    assert!(live.iter().any(|row| {
        row.role
            .as_ref()
            .is_some_and(|role| role.as_str() == DEPLOY)
    }));
}

#[tokio::test]
async fn an_edit_while_aws_is_asked_yields_what_was_edited() {
    let stage = Stage::unlocked().await;
    let (_, identity) = without_code(&stage).await;
    let draft = role("work", identity);
    let profile = stage.profile(draft.clone()).await;
    stage.sts.close();
    let session = stage.session.clone();
    let caller = tokio::spawn(async move { session.credentials(ProfileWish::of(profile)).await });
    stage.sts.made(1).await;
    let edited = format!("{DEPLOY}-edited");
    stage
        .profile(ProfileDraft {
            id: Some(profile),
            role: edited.clone(),
            ..draft
        })
        .await;
    stage.sts.open();
    let answer = caller.await.unwrap();
    let Ok(CredentialsAnswer::Ready(credentials)) = answer else {
        panic!("{answer:?}");
    };
    assert_eq!(credentials.access_key_id, "ASIA0000000000000001");
    let live = stage.session.sessions().await.unwrap();
    assert_eq!(live.len(), 1, "the other is kept by nobody");
    assert_eq!(live[0].role.as_ref().unwrap().as_str(), edited);
}

#[tokio::test]
async fn a_profile_that_goes_while_aws_is_asked_takes_nothing_from_its_twin() {
    let stage = Stage::unlocked().await;
    let (_, identity) = without_code(&stage).await;
    let one = stage.profile(role("one", identity)).await;
    let twin = stage.profile(role("twin", identity)).await;
    stage.sts.close();
    let callers: Vec<_> = [one, twin]
        .into_iter()
        .map(|id| {
            let session = stage.session.clone();
            tokio::spawn(async move { session.credentials(ProfileWish::of(id)).await })
        })
        .collect();
    stage.sts.made(1).await;
    stage.session.overview().await.unwrap();
    stage.session.bin_item(one).await.unwrap();
    stage.sts.open();
    let mut answers = Vec::new();
    for caller in callers {
        answers.push(caller.await.unwrap());
    }
    assert_eq!(answers[0].as_ref().unwrap_err(), &SessionError::NoSuchItem);
    assert!(
        matches!(answers[1], Ok(CredentialsAnswer::Ready(_))),
        "{answers:?}"
    );
    assert_eq!(stage.sts.calls().len(), 1);
    let live = stage.session.sessions().await.unwrap();
    assert_eq!(live[0].profile.as_ref().unwrap().0, twin);
}

#[tokio::test]
async fn an_endpoint_that_changes_while_aws_is_asked_leaves_the_new_clock_alone() {
    let stage = Stage::unlocked().await;
    let (account, identity) = without_code(&stage).await;
    let profile = stage.profile(session_profile("work", identity)).await;
    stage.sts.close();
    stage.sts.will(Answers::Session {
        ends_in_secs: 3600,
        offset_secs: 500,
    });
    let session = stage.session.clone();
    let caller = tokio::spawn(async move { session.credentials(ProfileWish::of(profile)).await });
    stage.sts.made(1).await;
    let moved = AccountDraft {
        id: Some(account),
        sts_endpoint: "http://localhost:4566".to_owned(),
        ..stage::account("123456789012")
    };
    stage.session.save_account(moved).await.unwrap();
    stage.sts.open();
    caller.await.unwrap().unwrap();
    let calls = stage.sts.calls();
    assert_eq!(calls[1].url, "http://localhost:4566");
    assert_eq!(
        calls[1].clock_offset_secs, 0,
        "AWS's clock is not the other's"
    );
    assert_eq!(stage.session.sessions().await.unwrap().len(), 1);
}

#[tokio::test]
async fn locking_in_the_middle_of_a_chain_ends_it() {
    let stage = Stage::unlocked().await;
    let (_, identity) = without_code(&stage).await;
    let base = stage.profile(session_profile("base", identity)).await;
    let end = stage.profile(chained("end", base, DEPLOY)).await;
    stage.ready(base).await;
    stage.sts.close();
    let session = stage.session.clone();
    let caller = tokio::spawn(async move { session.credentials(ProfileWish::of(end)).await });
    stage.sts.made(2).await;
    stage.session.lock(LockReason::User).await;
    assert_eq!(caller.await.unwrap().unwrap_err(), SessionError::Locked);
    stage.sts.open();
    stage.unlock().await;
    assert_eq!(stage.session.sessions().await.unwrap().len(), 1);
}

#[tokio::test]
async fn programs_that_ask_do_not_keep_the_vault_open() {
    let stage = Stage::unlocked().await;
    let (_, identity) = without_code(&stage).await;
    let profile = stage.profile(session_profile("work", identity)).await;
    for _ in 0..3 {
        stage.clock.advance(250.0);
        let _ = stage.credentials(profile).await;
    }
    stage
        .platform
        .event(|event| *event == Event::Locked(LockReason::Idle))
        .await;
}

/// A profile as typed, and what AWS would hear of it.
fn typed() -> impl Strategy<Value = (ProfileDraft, String)> {
    let duration = select(vec![("", 3600), ("1h", 3600), ("30m", 1800)]);
    let name = select(vec![("", "robot"), ("robot", "robot"), ("other", "other")]);
    let key = select(vec![
        (None, KEY),
        (Some(KEY), KEY),
        (Some(OTHER_KEY), OTHER_KEY),
    ]);
    let words = select(vec!["", "ab", "cd"]);
    let tags = select(vec![vec![], vec![tag("a", "b")], vec![tag("ab", "")]]);
    let aside = (select(vec!["", "eu-west-1"]), select(vec!["", "note"]));
    let mfa = select(vec![Mfa::IfThere, Mfa::None]);
    let kind = select(vec!["role", "session"]);
    (kind, duration, name, key, words, tags, aside, mfa).prop_map(
        |(kind, duration, name, key, external_id, tags, (region, notes), mfa)| {
            let heard = match kind {
                "role" => format!("{} {} {} {external_id} {tags:?}", duration.1, name.1, key.1),
                // What a session does not have is passed over.
                _ => {
                    let secs = if duration.0.is_empty() {
                        43_200
                    } else {
                        duration.1
                    };
                    format!("{secs} {}", key.1)
                }
            };
            let draft = ProfileDraft {
                kind: kind.to_owned(),
                role: DEPLOY.to_owned(),
                duration: duration.0.to_owned(),
                session_name: name.0.to_owned(),
                key: key.0.map(|key| AccessKeyId::parse(key).unwrap()),
                external_id: external_id.to_owned(),
                tags,
                region: region.to_owned(),
                notes: notes.to_owned(),
                mfa,
                ..ProfileDraft::default()
            };
            (draft, format!("{kind} {heard}"))
        },
    )
}

#[test]
fn no_session_is_served_for_another_recipe() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    let (stage, identity) = runtime.block_on(async {
        let stage = Stage::unlocked().await;
        let (_, identity) = without_code(&stage).await;
        stage.key(identity, OTHER_KEY).await;
        (stage, identity)
    });
    let mut runner = TestRunner::new(Config::with_cases(60));
    runner
        .run(
            &(typed(), typed()),
            |((one, heard), (other, other_heard))| {
                runtime.block_on(async {
                    let typed = |name: &str, draft: ProfileDraft| ProfileDraft {
                        name: name.to_owned(),
                        identity: Some(identity),
                        ..draft
                    };
                    let one = stage.profile(typed("one", one)).await;
                    let other = stage.profile(typed("other", other)).await;
                    let first = stage.ready(one).await;
                    let second = stage.ready(other).await;
                    let is_same = first.access_key_id == second.access_key_id;
                    for item in [one, other] {
                        stage.session.bin_item(item).await.unwrap();
                    }
                    prop_assert!(!first.cached);
                    prop_assert_eq!(is_same, heard == other_heard);
                    prop_assert_eq!(second.cached, is_same);
                    prop_assert!(stage.session.sessions().await.unwrap().is_empty());
                    Ok(())
                })
            },
        )
        .unwrap();
}
