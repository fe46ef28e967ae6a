//! The log of who got what when.

use std::fs;

use crate::stage::{self, KEY_SECRET, SEED, Stage, session_profile};
use undercroft_model::Timestamp;
use undercroft_session::{Asker, AskingProgram, LockReason, Outcome, SessionError};

const START: i64 = stage::START_SECS;

fn asker(name: &str) -> Asker {
    Asker {
        chain: vec![AskingProgram {
            pid: 7,
            path: Some(format!("/usr/bin/{name}")),
            name: name.to_owned(),
        }],
        script: None,
        folder: None,
        purpose: "credential-process".to_owned(),
    }
}

async fn note(stage: &Stage, name: &str, outcome: Outcome) {
    let account = Some("123456789012".to_owned());
    stage
        .session
        .note_activity(&asker(name), "work".to_owned(), account, outcome)
        .await
        .unwrap();
}

/// The state file as it lies there; it changes with every write.
fn written(stage: &Stage) -> Option<Vec<u8>> {
    let mut files = fs::read_dir(stage.state_dir()).unwrap();
    let path = files.find_map(|entry| {
        let path = entry.unwrap().path();
        (path.extension().is_some_and(|end| end == "state")).then_some(path)
    })?;
    fs::read(path).ok()
}

#[tokio::test]
async fn what_happens_within_five_seconds_is_written_at_once_and_alike_is_one_entry() {
    let stage = Stage::unlocked().await;
    let before = written(&stage);
    for _ in 0..100 {
        note(&stage, "aws", Outcome::Cached).await;
    }
    stage.clock.advance(2.0);
    note(&stage, "aws", Outcome::Cached).await;
    note(&stage, "aws", Outcome::Fetched).await;
    note(&stage, "terraform", Outcome::Denied).await;
    stage.session.overview().await.unwrap();
    assert_eq!(written(&stage), before, "nothing is written yet");
    stage.clock.advance(3.0);
    for _ in 0..500 {
        if written(&stage) != before {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    let batch = written(&stage);
    assert_ne!(batch, before);
    let log = stage.session.activity().await.unwrap();
    assert_eq!(written(&stage), batch, "looking writes nothing more");
    assert!(log.is_whole);
    let entries: Vec<_> = log
        .entries
        .iter()
        .map(|entry| (entry.program.as_str(), entry.count, entry.outcome.clone()))
        .collect();
    assert_eq!(
        entries,
        [
            ("terraform", 1, Outcome::Denied),
            ("aws", 1, Outcome::Fetched),
            ("aws", 101, Outcome::Cached),
        ]
    );
    let cached = &log.entries[2];
    assert_eq!(cached.at, Timestamp::from_unix_secs(START));
    assert_eq!(cached.last_at, Timestamp::from_unix_secs(START + 2));
    // The next batch is one of its own.
    note(&stage, "aws", Outcome::Cached).await;
    assert_eq!(stage.session.activity().await.unwrap().entries.len(), 4);
}

#[tokio::test]
async fn accounts_are_not_mixed_up() {
    let stage = Stage::unlocked().await;
    for account in ["123456789012", "210987654321"] {
        let account = Some(account.to_owned());
        stage
            .session
            .note_activity(&asker("aws"), "work".to_owned(), account, Outcome::Cached)
            .await
            .unwrap();
    }
    assert_eq!(stage.session.activity().await.unwrap().entries.len(), 2);
}

#[tokio::test]
async fn locking_writes_what_is_not_written_and_the_chain_goes_on() {
    let stage = Stage::unlocked().await;
    note(&stage, "aws", Outcome::Fetched).await;
    stage.session.lock(LockReason::User).await;
    let refused = stage
        .session
        .note_activity(&asker("aws"), "work".to_owned(), None, Outcome::Cached)
        .await;
    assert_eq!(refused, Err(SessionError::Locked));
    stage.unlock().await;
    note(&stage, "terraform", Outcome::Given).await;
    let stage = stage.restart().await;
    stage.unlock().await;
    note(&stage, "pulumi", Outcome::Given).await;
    let log = stage.session.activity().await.unwrap();
    let programs: Vec<_> = log.entries.iter().map(|entry| &*entry.program).collect();
    assert_eq!(programs, ["pulumi", "terraform", "aws"]);
    assert!(log.is_whole);
}

#[tokio::test]
async fn the_log_is_limited_in_entries_and_each_entry_in_length() {
    let stage = Stage::unlocked().await;
    // Each is another program, so none is counted up; the file stays readable all the same.
    let long = "é".repeat(5000);
    for number in 0..2100 {
        let asker = Asker {
            script: Some(format!("{number}{long}")),
            purpose: long.clone(),
            chain: vec![AskingProgram {
                pid: 7,
                path: Some(long.clone()),
                name: long.clone(),
            }],
            folder: None,
        };
        stage
            .session
            .note_activity(&asker, long.clone(), None, Outcome::Cached)
            .await
            .unwrap();
    }
    let stage = stage.restart().await;
    stage.unlock().await;
    let log = stage.session.activity().await.unwrap();
    assert_eq!((log.entries.len(), log.dropped), (2000, 100));
    assert!(log.is_whole);
    assert!(log.entries[0].script.as_ref().unwrap().starts_with("2099"));
    assert!(log.entries[0].script.as_ref().unwrap().len() <= 259);
    assert!(stage.notices().await.is_empty(), "the state file was read");
}

#[tokio::test]
async fn lines_are_json_the_oldest_first() {
    let stage = Stage::unlocked().await;
    note(&stage, "aws", Outcome::Fetched).await;
    stage.clock.advance(1.0);
    let code = "aws-access-denied".to_owned();
    note(&stage, "line\nbreak\"", Outcome::Failed { code }).await;
    let lines = stage.session.activity_lines().await.unwrap();
    assert!(lines.ends_with('\n'));
    let lines: Vec<serde_json::Value> = lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 2);
    assert_eq!(
        lines[0],
        serde_json::json!({
            "at": "2026-11-23T10:00:00Z",
            "last_at": "2026-11-23T10:00:00Z",
            "count": 1,
            "program": "aws",
            "path": "/usr/bin/aws",
            "script": null,
            "verb": "credential-process",
            "of": "work",
            "account": "123456789012",
            "outcome": "fetched",
            "code": null,
        })
    );
    assert_eq!(lines[1]["program"], "line\nbreak\"");
    assert_eq!(lines[1]["outcome"], "failed");
    assert_eq!(lines[1]["code"], "aws-access-denied");
}

#[tokio::test]
async fn no_secret_is_in_the_log() {
    let stage = Stage::unlocked().await;
    let filed = stage.filed().await;
    let profile = stage.profile(session_profile("work", filed.identity)).await;
    let credentials = stage.ready(profile).await;
    note(&stage, "aws", Outcome::Fetched).await;
    let log = stage.session.activity().await.unwrap();
    let printed = format!("{log:?}") + &stage.session.activity_lines().await.unwrap();
    assert!(printed.contains("work"), "the control");
    let token = credentials.token.unwrap();
    for canary in [
        KEY_SECRET,
        SEED,
        credentials.secret.expose(),
        token.expose(),
    ] {
        assert!(!printed.contains(canary));
    }
    stage.session.lock(LockReason::User).await;
    let file = written(&stage).unwrap();
    let has = |part: &[u8]| file.windows(part.len()).any(|window| window == part);
    assert!(!has(b"/usr/bin/aws"), "the log is encrypted");
    assert!(!has(b"SESSION-TOKEN-CANARY"));
}

#[tokio::test]
async fn a_batch_lasts_five_seconds_from_its_own_first_entry() {
    let stage = Stage::unlocked().await;
    let before = written(&stage);
    // A look lets the wait begin before time passes.
    let note_and_look = async |name: &str| {
        note(&stage, name, Outcome::Cached).await;
        stage.session.overview().await.unwrap();
    };
    let changed = async |from: &Option<Vec<u8>>| {
        for _ in 0..500 {
            if written(&stage) != *from {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        panic!("the batch was not written");
    };
    note_and_look("aws").await;
    stage.clock.advance(2.0);
    note_and_look("terraform").await;
    stage.clock.advance(3.0);
    changed(&before).await;
    let first = written(&stage);
    stage.clock.advance(1.0);
    note_and_look("pulumi").await;
    // Five seconds after an entry of the first batch.
    stage.clock.advance(1.5);
    for _ in 0..20 {
        stage.session.overview().await.unwrap();
        tokio::time::sleep(std::time::Duration::from_millis(2)).await;
    }
    assert_eq!(written(&stage), first);
    stage.clock.advance(3.5);
    changed(&first).await;
}
