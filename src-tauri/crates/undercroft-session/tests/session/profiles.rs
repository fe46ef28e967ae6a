//! Profiles: what is typed, what is asked of STS, and how long it lasts.

use crate::stage::{
    self, DEPLOY, KEY, KEY_SECRET, POLICY, SEED, Stage, Wish, chained, federated, filed, problem,
    role, root, session_profile, tag, web, without_code,
};
use undercroft_model::{
    Approval, Content, Extra, ItemId, Mfa, Profile, ProfileName, Recipe, SessionTag, SsoRecipe,
    TokenSource,
};
use undercroft_session::{
    LockReason, ProfileDraft, ProfileWish, SessionError, SessionKind, Unusable, WayLimit,
};
use undercroft_vault::{Credential, OsDisk, UnlockOptions, Vault};

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
async fn what_is_wrong_further_down_a_chain_is_told_with_the_name_of_its_profile() {
    let (stage, filed) = filed().await;
    let key = ProfileDraft {
        kind: "long-term".to_owned(),
        ..session_profile("base", filed.identity)
    };
    let base = stage.profile(key).await;
    let long = ProfileDraft {
        duration: "2h".to_owned(),
        ..chained("long", base, DEPLOY)
    };
    let long = stage.profile(long).await;
    let next = stage.profile(chained("next", long, DEPLOY)).await;
    // With a session at the beginning the second is chained as well, which ends it after an hour.
    let session = ProfileDraft {
        id: Some(base),
        ..session_profile("base", filed.identity)
    };
    stage.profile(session).await;
    let (field, why) = problem(stage.credentials(long).await);
    assert_eq!(field, "duration");
    let told = ("source", format!("the profile long can't be used: {why}"));
    assert_eq!(problem(stage.credentials(next).await), told);
    let end = chained("end", next, DEPLOY);
    assert_eq!(problem(stage.session.way(end).await), told);
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
async fn the_longest_chain_can_be_edited() {
    let (stage, filed) = filed().await;
    let mut last = stage.profile(role("first", filed.identity)).await;
    let mut draft = ProfileDraft::default();
    for number in 0..10 {
        draft = chained(&format!("p{number}"), last, DEPLOY);
        last = stage.profile(draft.clone()).await;
    }
    draft.id = Some(last);
    draft.notes = "as long as it gets".to_owned();
    assert_eq!(stage.profile(draft).await, last);
}

#[tokio::test]
async fn what_a_kind_of_profile_needs_is_asked_for() {
    let (stage, filed) = filed().await;
    let source = stage.profile(session_profile("work", filed.identity)).await;
    let kind = |kind: &str| ProfileDraft {
        kind: kind.to_owned(),
        role: DEPLOY.to_owned(),
        session_name: "guest".to_owned(),
        ..chained("x", source, DEPLOY)
    };
    let both = ProfileDraft {
        identity: Some(filed.identity),
        ..kind("role")
    };
    let neither = ProfileDraft {
        source: None,
        ..kind("role")
    };
    for (draft, field) in [
        (kind("long-term"), "identity"),
        (kind("session"), "identity"),
        (kind("federated"), "identity"),
        (both, "source"),
        (neither, "source"),
        (kind("web-identity"), "token"),
        (kind("sso"), "kind"),
        (kind(""), "kind"),
    ] {
        let refused = stage.session.save_profile(draft.clone()).await;
        assert_eq!(problem(refused).0, field, "{draft:?}");
    }
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
