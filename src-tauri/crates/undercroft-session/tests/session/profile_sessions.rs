//! The sessions of profiles: to whom one is served, for how long, and how few calls make them.

use crate::stage::{
    self, Answers, DEPLOY, KEY, KEY_SECRET, OTHER_KEY, POLICY, SEED, Stage, Wish, chained, filed,
    key, role, secret, session_profile, tag, wait, without_code,
};
use undercroft_aws::AwsErrorKind;
use undercroft_model::{AccessKeyId, Approval, SessionTag};
use undercroft_session::{
    AccountDraft, CredentialsAnswer, KeyDraft, ProfileDraft, ProfileWish, SessionAnswer,
    SessionError, SessionKind,
};

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
async fn fresh_credentials_cost_the_last_call_and_those_that_are_missing_before() {
    let stage = Stage::unlocked().await;
    let (_, identity) = without_code(&stage).await;
    let base = stage.profile(session_profile("base", identity)).await;
    let end = stage.profile(chained("end", base, DEPLOY)).await;
    let made = || stage.sts.calls().len();
    let fresh = async || {
        let wish = ProfileWish {
            fresh: true,
            ..ProfileWish::of(end)
        };
        match stage.session.credentials(wish).await {
            Ok(CredentialsAnswer::Ready(credentials)) => assert!(!credentials.cached),
            other => panic!("no credentials: {other:?}"),
        }
    };
    stage.ready(end).await;
    assert_eq!(made(), 2);
    fresh().await;
    assert_eq!(made(), 3, "the source is at hand");
    let live = stage.session.sessions().await.unwrap();
    let source = live.iter().find(|row| row.kind == SessionKind::Session);
    let forgotten = stage.session.forget_session(source.unwrap().id).await;
    forgotten.unwrap();
    let shown = stage.session.profile_session(ProfileWish::of(end)).await;
    assert!(
        matches!(shown, Ok(SessionAnswer::Ready { cached: true, .. })),
        "{shown:?}"
    );
    assert_eq!(made(), 3, "nor is the source needed for what is there");
    fresh().await;
    assert_eq!(made(), 5);
}
