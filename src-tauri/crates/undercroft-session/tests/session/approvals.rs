//! Asking a person before a program gets something for the first time.

use std::sync::atomic::Ordering;

use crate::stage::{self, DEPLOY, Filed, Stage, session_profile};
use tokio::task::JoinHandle;
use undercroft_model::{Approval, ItemId};
use undercroft_session::{
    AccountDraft, Asker, AskingProgram, Decision, Event, LockReason, NotApproved, ProfileDraft,
    SessionError,
};

async fn asked(approval: Approval) -> (Stage, Filed, ItemId) {
    let stage = Stage::unlocked().await;
    stage.platform.has_window.store(true, Ordering::SeqCst);
    let filed = stage.filed().await;
    let profile = stage.profile(session_profile("work", filed.identity)).await;
    stage.session.set_approval(approval).await.unwrap();
    (stage, filed, profile)
}

fn program(pid: u32, path: &str) -> AskingProgram {
    AskingProgram {
        pid,
        path: Some(path.to_owned()),
        name: path.rsplit('/').next().unwrap().to_owned(),
    }
}

/// The AWS CLI, which runs our own command as its credential process.
fn cli() -> Asker {
    Asker {
        chain: vec![
            program(12, "/usr/bin/undercroft"),
            program(11, "/usr/bin/aws"),
            program(10, "/usr/bin/bash"),
        ],
        script: None,
        folder: Some("/home/jane".to_owned()),
        purpose: "credential-process".to_owned(),
    }
}

fn ask(stage: &Stage, asker: Asker, profile: ItemId) -> JoinHandle<Result<(), SessionError>> {
    let session = stage.session.clone();
    tokio::spawn(async move { session.approve(asker, profile).await })
}

/// Waits until so many questions wait.
async fn waiting(stage: &Stage, count: usize) -> Vec<undercroft_session::ApprovalRequest> {
    for _ in 0..500 {
        let requests = stage.session.approval_requests().await.unwrap();
        if requests.len() == count {
            return requests;
        }
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    panic!("there were never {count} questions");
}

async fn answered(
    stage: &Stage,
    asker: Asker,
    profile: ItemId,
    decision: Decision,
) -> Result<(), SessionError> {
    let asking = ask(stage, asker, profile);
    let id = waiting(stage, 1).await[0].id;
    stage.session.answer_approval(id, decision).await.unwrap();
    asking.await.unwrap()
}

/// Whether the program gets its answer without anybody being asked.
async fn is_free(stage: &Stage, asker: Asker, profile: ItemId) -> bool {
    let asking = ask(stage, asker, profile);
    for _ in 0..20 {
        if asking.is_finished() {
            return asking.await.unwrap().is_ok();
        }
        stage.session.overview().await.unwrap();
        tokio::time::sleep(std::time::Duration::from_millis(2)).await;
    }
    asking.abort();
    let _ = asking.await;
    false
}

fn denied(why: NotApproved) -> Result<(), SessionError> {
    Err(SessionError::NotApproved(why))
}

#[tokio::test]
async fn settings_and_profiles_say_who_is_asked_about() {
    let (stage, filed, profile) = asked(Approval::Never).await;
    assert!(is_free(&stage, cli(), profile).await);
    stage
        .session
        .set_approval(Approval::Production)
        .await
        .unwrap();
    assert!(is_free(&stage, cli(), profile).await);
    let production = AccountDraft {
        id: Some(filed.account),
        production: true,
        ..stage::account("123456789012")
    };
    stage.session.save_account(production).await.unwrap();
    assert!(!is_free(&stage, cli(), profile).await);
    // A role acts in another account, which is not marked.
    let role = stage.profile(stage::role("role", filed.identity)).await;
    assert!(is_free(&stage, cli(), role).await);
    let accounts = stage.session.accounts().await.unwrap();
    let acted_in = accounts
        .iter()
        .find(|row| DEPLOY.contains(row.account_id.as_str()));
    let production = AccountDraft {
        id: Some(acted_in.unwrap().id),
        production: true,
        ..stage::account("210987654321")
    };
    stage.session.save_account(production).await.unwrap();
    assert!(!is_free(&stage, cli(), role).await);

    let own = |approval| ProfileDraft {
        id: Some(profile),
        approval: Some(approval),
        ..session_profile("work", filed.identity)
    };
    stage.profile(own(Approval::Never)).await;
    assert!(is_free(&stage, cli(), profile).await);
    stage.session.set_approval(Approval::Never).await.unwrap();
    stage.profile(own(Approval::Always)).await;
    assert!(!is_free(&stage, cli(), profile).await);
}

#[tokio::test]
async fn a_question_says_who_asks_for_what() {
    let (stage, filed, _) = asked(Approval::Always).await;
    let role = stage.profile(stage::role("deploy", filed.identity)).await;
    stage.platform.events();
    let asking = ask(&stage, cli(), role);
    stage
        .platform
        .event(|event| *event == Event::ApprovalAsked)
        .await;
    let request = &waiting(&stage, 1).await[0];
    assert_eq!(request.asker, cli());
    assert_eq!(request.asker.program().unwrap().name, "aws");
    assert_eq!(request.name, "deploy");
    assert_eq!(request.role.as_deref(), Some(DEPLOY));
    assert_eq!(
        request.account.as_ref().unwrap().account_id.as_str(),
        "210987654321"
    );
    assert_eq!(request.secs_left, 45);
    stage.clock.advance(10.0);
    assert_eq!(waiting(&stage, 1).await[0].secs_left, 35);
    let denying = stage.session.answer_approval(request.id, Decision::Deny);
    denying.await.unwrap();
    assert_eq!(asking.await.unwrap(), denied(NotApproved::Denied));
    assert_eq!(
        stage
            .session
            .answer_approval(request.id, Decision::Once)
            .await,
        Err(SessionError::NoSuchItem)
    );
    // A no is not remembered.
    assert!(!is_free(&stage, cli(), role).await);
}

#[tokio::test]
async fn a_yes_is_remembered_for_as_long_as_it_says() {
    let (stage, _, profile) = asked(Approval::Always).await;
    assert_eq!(
        answered(&stage, cli(), profile, Decision::Once).await,
        Ok(())
    );
    assert!(!is_free(&stage, cli(), profile).await);

    assert_eq!(
        answered(&stage, cli(), profile, Decision::TenMinutes).await,
        Ok(())
    );
    stage.clock.advance(300.0);
    stage.session.touch();
    stage.clock.advance(299.0);
    assert!(is_free(&stage, cli(), profile).await);
    stage.clock.advance(1.0);
    assert!(!is_free(&stage, cli(), profile).await);

    assert_eq!(
        answered(&stage, cli(), profile, Decision::UntilLock).await,
        Ok(())
    );
    assert!(is_free(&stage, cli(), profile).await);
    stage.session.lock(LockReason::User).await;
    stage.unlock().await;
    assert!(!is_free(&stage, cli(), profile).await);
}

#[tokio::test]
async fn what_is_remembered_is_for_one_program_script_and_profile() {
    let (stage, filed, profile) = asked(Approval::Always).await;
    let other = stage
        .profile(ProfileDraft {
            duration: "1h".to_owned(),
            ..session_profile("other", filed.identity)
        })
        .await;
    assert_eq!(
        answered(&stage, cli(), profile, Decision::UntilLock).await,
        Ok(())
    );
    let python = Asker {
        chain: vec![
            program(12, "/usr/bin/undercroft"),
            program(9, "/usr/bin/python3"),
        ],
        script: Some("/home/jane/deploy.py".to_owned()),
        ..cli()
    };
    assert!(!is_free(&stage, python.clone(), profile).await);
    assert!(!is_free(&stage, cli(), other).await);
    assert_eq!(
        answered(&stage, python.clone(), profile, Decision::UntilLock).await,
        Ok(())
    );
    assert!(is_free(&stage, python.clone(), profile).await);
    for script in [None, Some("/home/jane/other.py".to_owned())] {
        let asker = Asker {
            script,
            ..python.clone()
        };
        assert!(!is_free(&stage, asker, profile).await);
    }
    // Where it is run and what for makes no difference.
    let elsewhere = Asker {
        folder: None,
        purpose: "exec".to_owned(),
        ..python
    };
    assert!(is_free(&stage, elsewhere, profile).await);
}

#[tokio::test]
async fn a_name_does_not_pass_for_a_file() {
    let (stage, _, profile) = asked(Approval::Always).await;
    assert_eq!(
        answered(&stage, cli(), profile, Decision::Always).await,
        Ok(())
    );
    let pretender = Asker {
        chain: vec![AskingProgram {
            pid: 66,
            path: None,
            name: "/usr/bin/aws".to_owned(),
        }],
        ..cli()
    };
    assert!(!is_free(&stage, pretender, profile).await);
}

#[tokio::test]
async fn rules_stand_in_the_vault_and_a_no_wins() {
    let (stage, _, profile) = asked(Approval::Always).await;
    assert_eq!(
        answered(&stage, cli(), profile, Decision::Always).await,
        Ok(())
    );
    let stage = stage.restart().await;
    stage.unlock().await;
    // Also where there is no window.
    stage.platform.has_window.store(false, Ordering::SeqCst);
    assert!(is_free(&stage, cli(), profile).await);
    stage.session.remove_approval_rule(0).await.unwrap();
    assert_eq!(
        stage.session.remove_approval_rule(0).await,
        Err(SessionError::NoSuchItem)
    );
    assert_eq!(
        stage.session.approve(cli(), profile).await,
        denied(NotApproved::NoWindow)
    );
    stage.platform.has_window.store(true, Ordering::SeqCst);
    // Two answers to two questions that were asked before either rule.
    let python = Asker {
        chain: vec![program(9, "/usr/bin/python3")],
        ..cli()
    };
    assert_eq!(
        answered(&stage, python.clone(), profile, Decision::Never).await,
        denied(NotApproved::Denied)
    );
    assert_eq!(
        stage.session.approve(python.clone(), profile).await,
        denied(NotApproved::ByRule)
    );
    // Even a profile that never asks is denied by a rule.
    stage.session.set_approval(Approval::Never).await.unwrap();
    assert_eq!(
        stage.session.approve(python, profile).await,
        denied(NotApproved::ByRule)
    );
    assert!(is_free(&stage, cli(), profile).await);
}

#[tokio::test]
async fn the_same_question_is_asked_once() {
    let (stage, _, profile) = asked(Approval::Always).await;
    let asking: Vec<_> = (0..10).map(|_| ask(&stage, cli(), profile)).collect();
    let id = waiting(&stage, 1).await[0].id;
    for _ in 0..5 {
        stage.session.overview().await.unwrap();
    }
    stage
        .session
        .answer_approval(id, Decision::Once)
        .await
        .unwrap();
    for asking in asking {
        assert_eq!(asking.await.unwrap(), Ok(()));
    }
}

#[tokio::test]
async fn an_answer_at_the_end_of_the_time_is_too_late() {
    let (stage, _, profile) = asked(Approval::Always).await;
    let asking = ask(&stage, cli(), profile);
    let id = waiting(&stage, 1).await[0].id;
    // What ends the question by itself runs only after this answer.
    stage.clock.advance(45.0);
    let answered = stage.session.answer_approval(id, Decision::Once).await;
    assert_eq!(answered, Err(SessionError::NoSuchItem));
    assert_eq!(asking.await.unwrap(), denied(NotApproved::NoAnswer));
}

#[tokio::test]
async fn no_answer_is_a_no_for_all_who_wait() {
    let (stage, _, profile) = asked(Approval::Always).await;
    let first = ask(&stage, cli(), profile);
    waiting(&stage, 1).await;
    stage.clock.advance(40.0);
    let later = ask(&stage, cli(), profile);
    stage.session.overview().await.unwrap();
    tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    assert!(!first.is_finished() && !later.is_finished());
    stage.platform.events();
    stage.clock.advance(5.0);
    assert_eq!(first.await.unwrap(), denied(NotApproved::NoAnswer));
    assert_eq!(later.await.unwrap(), denied(NotApproved::NoAnswer));
    stage
        .platform
        .event(|event| *event == Event::ApprovalAsked)
        .await;
    waiting(&stage, 0).await;
}

#[tokio::test]
async fn a_question_goes_with_who_asked() {
    let (stage, _, profile) = asked(Approval::Always).await;
    let asking = ask(&stage, cli(), profile);
    waiting(&stage, 1).await;
    asking.abort();
    waiting(&stage, 0).await;
}

#[tokio::test]
async fn locking_ends_a_question() {
    let (stage, _, profile) = asked(Approval::Always).await;
    let asking = ask(&stage, cli(), profile);
    waiting(&stage, 1).await;
    stage.session.lock(LockReason::User).await;
    assert_eq!(asking.await.unwrap(), Err(SessionError::Locked));
    stage.unlock().await;
    // The time of the old question ends no new one.
    stage.clock.advance(20.0);
    let asking = ask(&stage, cli(), profile);
    waiting(&stage, 1).await;
    stage.clock.advance(30.0);
    assert_eq!(waiting(&stage, 1).await[0].secs_left, 15);
    asking.abort();
}

#[tokio::test]
async fn there_are_not_too_many_questions() {
    let (stage, _, profile) = asked(Approval::Always).await;
    let numbered = |number: u32| Asker {
        chain: vec![program(number, &format!("/opt/tool{number}"))],
        ..cli()
    };
    let mut asking: Vec<_> = (0..32)
        .map(|number| ask(&stage, numbered(number), profile))
        .collect();
    waiting(&stage, 32).await;
    assert_eq!(
        stage.session.approve(numbered(99), profile).await,
        denied(NotApproved::TooMany)
    );
    // One that was asked already still joins in, and room comes back.
    asking.push(ask(&stage, numbered(5), profile));
    waiting(&stage, 32).await;
    asking[0].abort();
    waiting(&stage, 31).await;
    asking.push(ask(&stage, numbered(99), profile));
    waiting(&stage, 32).await;
    stage.session.lock(LockReason::User).await;
}

#[tokio::test]
async fn a_change_of_a_file_is_asked_about_each_time_whatever_the_settings_say() {
    let (stage, _, _) = asked(Approval::Never).await;
    let path = std::path::Path::new("/home/jane/.aws/credentials");
    let ask = || {
        let session = stage.session.clone();
        let sections = vec!["work".to_owned()];
        tokio::spawn(async move { session.approve_taking_out(cli(), path, sections).await })
    };
    for decision in [
        Decision::Always,
        Decision::UntilLock,
        Decision::TenMinutes,
        Decision::Once,
    ] {
        let asking = ask();
        let request = waiting(&stage, 1).await.remove(0);
        assert_eq!(request.name, "/home/jane/.aws/credentials");
        assert_eq!(
            (request.sections, request.subject),
            (vec!["work".to_owned()], None)
        );
        let answered = stage.session.answer_approval(request.id, decision);
        answered.await.unwrap();
        assert_eq!(asking.await.unwrap(), Ok(()));
    }
    let asking = ask();
    let id = waiting(&stage, 1).await[0].id;
    let answered = stage.session.answer_approval(id, Decision::Never);
    answered.await.unwrap();
    assert_eq!(asking.await.unwrap(), denied(NotApproved::Denied));
    let settings = stage.session.overview().await.unwrap().settings;
    assert!(settings.approval_rules.is_empty(), "{settings:?}");

    // Whoever has no window can't be asked, and could change the file by hand.
    stage.platform.has_window.store(false, Ordering::SeqCst);
    assert_eq!(ask().await.unwrap(), Ok(()));
}

#[tokio::test]
async fn the_window_hears_of_a_question_whose_asker_went_away() {
    let (stage, _, profile) = asked(Approval::Always).await;
    let asking = ask(&stage, cli(), profile);
    waiting(&stage, 1).await;
    stage.platform.events();
    stage.session.approval_requests().await.unwrap();
    assert_eq!(stage.platform.events(), [], "nothing went");
    asking.abort();
    // Nobody looks: it is told.
    stage
        .platform
        .event(|event| *event == Event::ApprovalAsked)
        .await;
    assert!(stage.session.approval_requests().await.unwrap().is_empty());
}

#[tokio::test]
async fn each_answer_and_each_end_is_for_its_own_question() {
    let (stage, filed, profile) = asked(Approval::Always).await;
    let other = stage
        .profile(ProfileDraft {
            duration: "1h".to_owned(),
            ..session_profile("other", filed.identity)
        })
        .await;
    let first = ask(&stage, cli(), profile);
    waiting(&stage, 1).await;
    let second = ask(&stage, cli(), other);
    let requests = waiting(&stage, 2).await;
    assert_eq!(
        (requests[0].subject, requests[1].subject),
        (Some(profile), Some(other))
    );
    assert_ne!(requests[0].id, requests[1].id);
    stage
        .session
        .answer_approval(requests[1].id, Decision::Deny)
        .await
        .unwrap();
    assert_eq!(second.await.unwrap(), denied(NotApproved::Denied));
    assert!(!first.is_finished());
    assert_eq!(waiting(&stage, 1).await[0].id, requests[0].id);
    stage
        .session
        .answer_approval(requests[0].id, Decision::Once)
        .await
        .unwrap();
    assert_eq!(first.await.unwrap(), Ok(()));

    // The time of what was answered ends nothing that was asked since.
    stage.clock.advance(30.0);
    let third = ask(&stage, cli(), profile);
    waiting(&stage, 1).await;
    stage.clock.advance(15.0);
    for _ in 0..10 {
        stage.session.overview().await.unwrap();
        tokio::time::sleep(std::time::Duration::from_millis(2)).await;
    }
    assert!(!third.is_finished());
    assert_eq!(waiting(&stage, 1).await[0].secs_left, 30);
    third.abort();
}
