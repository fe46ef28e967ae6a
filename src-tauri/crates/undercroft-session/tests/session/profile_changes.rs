//! The sessions of profiles when something changes: narrowed, renewed, edited and locked in between.

use crate::stage::{
    self, Answers, DEPLOY, KEY, OTHER_KEY, POLICY, Stage, Wish, chained, federated, filed, problem,
    role, session_profile, tag, without_code,
};
use proptest::{
    prelude::*,
    sample::select,
    test_runner::{Config, TestRunner},
};
use undercroft_model::{AccessKeyId, Mfa, SessionPolicy};
use undercroft_session::{
    AccountDraft, CredentialsAnswer, Event, LockReason, ProfileDraft, ProfileWish, SessionAnswer,
    SessionError, SessionKind,
};

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
    stage.clock.advance(30.0);
    let reads = stage
        .profile(ProfileDraft {
            policy_arns: vec!["arn:aws:iam::aws:policy/ReadOnlyAccess".to_owned()],
            ..role("reads", filed.identity)
        })
        .await;
    let reading = ProfileWish {
        read_only: true,
        ..ProfileWish::of(reads)
    };
    stage.session.credentials(reading).await.unwrap();
    // What reads may read more than what only audits.
    let audits = stage
        .profile(ProfileDraft {
            policy_arns: vec!["arn:aws:iam::aws:policy/SecurityAudit".to_owned()],
            ..role("audits", filed.identity)
        })
        .await;
    let reading = ProfileWish {
        read_only: true,
        ..ProfileWish::of(audits)
    };
    assert_eq!(
        problem(stage.session.credentials(reading).await).0,
        "policy"
    );
    // A policy may well allow writing.
    let writing = ProfileWish {
        policy: Some(policy),
        ..ProfileWish::of(reads)
    };
    assert_eq!(
        problem(stage.session.credentials(writing).await).0,
        "policy"
    );
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
