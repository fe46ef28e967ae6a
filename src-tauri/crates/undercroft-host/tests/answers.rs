//! What programs are answered, with a real session behind the host and AWS by script.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests and their helpers"
)]

#[allow(dead_code, unused_imports, reason = "the session's tests use the rest")]
#[path = "../../undercroft-session/tests/session/stage/mod.rs"]
mod stage;

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use stage::{KEY, KEY_SECRET, PASSWORD, Stage, role, session_profile};
use undercroft_agent::{
    Answerer, Caller, Code, CodeWish, ConsoleWish, Credentials, CredentialsWish, ImportWish,
    Password, Purpose, Refusal, Reply, Request, State, TakeOutWish, TakenOut, Unlock, WaitSecs,
};
use undercroft_aws::AwsErrorKind;
use undercroft_host::{Door, Host};
use undercroft_model::{Approval, EndpointUrl};
use undercroft_secret::SecretString;
use undercroft_session::{AccountDraft, Decision, LockReason, Outcome, ProfileDraft};

/// A door that counts how often somebody knocks.
#[derive(Default)]
struct Counted {
    knocks: AtomicUsize,
    has_window: bool,
}

impl Door for Counted {
    fn knock(&self) -> bool {
        self.knocks.fetch_add(1, Ordering::SeqCst);
        self.has_window
    }

    fn takes_password(&self) -> bool {
        !self.has_window
    }

    fn hands_over(&self) -> bool {
        !self.has_window
    }
}

fn host(stage: &Stage, has_window: bool) -> (Host, Arc<Counted>) {
    let door = Arc::new(Counted {
        has_window,
        ..Counted::default()
    });
    (Host::new(stage.session.clone(), door.clone()), door)
}

async fn ask(host: &Host, request: Request) -> Result<Reply, Refusal> {
    let caller = Caller::connected_now(Some(std::process::id()), 0);
    host.answer(caller, request).await
}

fn wish(profile: &str) -> Request {
    Request::Credentials(CredentialsWish {
        profile: profile.to_owned(),
        fresh: false,
        wait_secs: WaitSecs::default(),
        duration_secs: None,
        policy: None,
        purpose: Purpose::CredentialProcess,
    })
}

fn console(profile: &str) -> Request {
    Request::Console(ConsoleWish {
        profile: profile.to_owned(),
        service: None,
        region: None,
        destination: None,
        duration_secs: None,
        wait_secs: WaitSecs::default(),
    })
}

fn code(device: &str) -> Request {
    Request::Code(CodeWish {
        device: device.to_owned(),
        wait_secs: WaitSecs::default(),
    })
}

fn unlock(password: Option<&str>) -> Request {
    Request::Unlock(Unlock {
        wait_secs: WaitSecs::default(),
        password: password.map(|text| Password(SecretString::copy_of(text))),
    })
}

fn credentials(answer: Result<Reply, Refusal>) -> Credentials {
    match answer {
        Ok(Reply::Credentials(credentials)) => credentials,
        other => panic!("no credentials: {other:?}"),
    }
}

fn refused(answer: Result<Reply, Refusal>) -> Code {
    answer.expect_err("a refusal").code
}

async fn state(host: &Host) -> State {
    match ask(host, Request::Status).await {
        Ok(Reply::Status(status)) => status.state,
        other => panic!("no status: {other:?}"),
    }
}

#[tokio::test]
async fn a_locked_vault_tells_its_state_and_nothing_else() {
    let stage = Stage::unlocked().await;
    let filed = stage.filed().await;
    stage.profile(session_profile("work", filed.identity)).await;
    let (host, _) = host(&stage, true);
    assert_eq!(state(&host).await, State::Unlocked);
    ask(&host, Request::Lock).await.unwrap();
    assert_eq!(state(&host).await, State::Locked);
    for request in [
        Request::Ls,
        wish("work"),
        wish("nothing"),
        code("phone"),
        console("work"),
    ] {
        assert_eq!(refused(ask(&host, request).await), Code::Locked);
    }
}

#[tokio::test]
async fn a_password_comes_over_the_socket_only_where_there_is_no_window() {
    let stage = Stage::unlocked().await;
    stage.session.lock(LockReason::User).await;
    let (app, door) = host(&stage, true);
    assert_eq!(
        refused(ask(&app, unlock(Some(PASSWORD))).await),
        Code::Unsupported
    );
    assert_eq!(door.knocks.load(Ordering::SeqCst), 0);
    assert_eq!(refused(ask(&app, unlock(None)).await), Code::Locked);
    assert_eq!(door.knocks.load(Ordering::SeqCst), 1);
    assert_eq!(state(&app).await, State::Locked);

    let (agent, _) = host(&stage, false);
    assert_eq!(
        refused(ask(&agent, unlock(None)).await),
        Code::PasswordNeeded
    );
    let wrong = ask(&agent, unlock(Some("not the password"))).await;
    assert_eq!(refused(wrong), Code::VaultDamaged);
    ask(&agent, unlock(Some(PASSWORD))).await.unwrap();
    assert_eq!(state(&agent).await, State::Unlocked);
}

#[tokio::test]
async fn credentials_are_fetched_once_and_noted() {
    let stage = Stage::unlocked().await;
    let filed = stage.filed().await;
    stage.profile(session_profile("work", filed.identity)).await;
    let (host, _) = host(&stage, true);
    let first = credentials(ask(&host, wish("work")).await);
    let again = credentials(ask(&host, wish("work")).await);
    assert_eq!(first.access_key_id, again.access_key_id);
    assert!(first.session_token.is_some() && first.expiration.is_some());
    assert_eq!(stage.sts.calls().len(), 1);
    assert_eq!(
        refused(ask(&host, wish("nobody")).await),
        Code::NoSuchProfile
    );

    let log = stage.session.activity().await.unwrap();
    let noted: Vec<_> = log
        .entries
        .iter()
        .rev()
        .map(|entry| (entry.of.as_str(), entry.outcome.clone()))
        .collect();
    let failed = Outcome::Failed {
        code: "no-such-profile".to_owned(),
    };
    let accounts: Vec<_> = log.entries.iter().map(|entry| &entry.account).collect();
    let workshop = Some("123456789012".to_owned());
    assert_eq!(accounts, [&None, &workshop, &workshop]);
    assert_eq!(
        noted,
        [
            ("work", Outcome::Fetched),
            ("work", Outcome::Cached),
            ("nobody", failed)
        ]
    );
}

#[tokio::test]
async fn credentials_bring_the_endpoints_that_their_account_has() {
    let stage = Stage::unlocked().await;
    // Without a device, so that no call waits for a code.
    let account = stage.account("123456789012").await;
    let identity = stage.user(account, "jane.doe").await;
    stage.key(identity, stage::KEY).await;
    stage.profile(session_profile("work", identity)).await;
    stage.profile(role("deploy", identity)).await;
    let key = ProfileDraft {
        kind: "long-term".to_owned(),
        ..session_profile("key", identity)
    };
    stage.profile(key).await;
    let (host, _) = host(&stage, true);
    let given = async |profile: &str| {
        let given = credentials(ask(&host, wish(profile)).await);
        let text = |endpoint: Option<EndpointUrl>| endpoint.map(|endpoint| endpoint.to_string());
        (text(given.sts_endpoint), text(given.iam_endpoint))
    };
    assert_eq!(given("work").await, (None, None));

    let draft = AccountDraft {
        id: Some(account),
        sts_endpoint: "http://localhost:4566".to_owned(),
        ..stage::account("123456789012")
    };
    stage.session.save_account(draft).await.unwrap();
    let own = Some("http://localhost:4566".to_owned());
    // The role's account was filed along and has no endpoints, so what counts is where its caller is.
    for profile in ["work", "deploy", "key"] {
        assert_eq!(given(profile).await, (own.clone(), None), "{profile}");
    }
}

#[tokio::test]
async fn what_aws_refuses_names_the_code() {
    let stage = Stage::unlocked().await;
    let filed = stage.filed().await;
    stage.profile(role("deploy", filed.identity)).await;
    let (host, _) = host(&stage, true);
    stage
        .sts
        .will(stage::Answers::Refusal(AwsErrorKind::RoleDenied, None));
    assert_eq!(refused(ask(&host, wish("deploy")).await), Code::Aws);
}

#[tokio::test]
async fn a_code_is_given_once_and_the_next_caller_is_told_when() {
    let stage = Stage::unlocked().await;
    stage.filed().await;
    let (host, _) = host(&stage, true);
    assert!(matches!(
        ask(&host, code("phone")).await,
        Ok(Reply::Code(_))
    ));
    let refusal = ask(&host, code("phone")).await.expect_err("no second one");
    assert_eq!(refusal.code, Code::Wait);
    assert!(refusal.secs.is_some_and(|secs| (1..=30).contains(&secs)));
    assert_eq!(
        refused(ask(&host, code("tablet")).await),
        Code::NoSuchDevice
    );
}

#[tokio::test]
async fn a_profile_that_asks_is_denied_where_nobody_can_be_asked() {
    let stage = Stage::unlocked().await;
    let filed = stage.filed().await;
    stage.profile(session_profile("work", filed.identity)).await;
    stage.session.set_approval(Approval::Always).await.unwrap();
    let (host, _) = host(&stage, false);
    for request in [wish("work"), code("phone")] {
        assert_eq!(refused(ask(&host, request).await), Code::Denied);
    }
    assert!(stage.sts.calls().is_empty());
}

#[tokio::test]
async fn the_console_opens_for_roles_and_not_for_sessions() {
    let stage = Stage::unlocked().await;
    let filed = stage.filed().await;
    stage.profile(session_profile("work", filed.identity)).await;
    stage.profile(role("deploy", filed.identity)).await;
    let (host, _) = host(&stage, true);
    let refusal = ask(&host, console("work")).await.expect_err("no console");
    assert!(
        refusal.message.contains("GetSessionToken"),
        "{}",
        refusal.message
    );
    assert!(stage.sts.calls().is_empty());
    let Ok(Reply::Console(link)) = ask(&host, console("deploy")).await else {
        panic!("no address");
    };
    assert!(link.url.expose().contains("signin.aws.amazon.com"));
}

#[tokio::test]
async fn only_an_agent_without_a_window_hands_its_vault_over() {
    let stage = Stage::unlocked().await;
    let hands_over = async |host: &Host| match ask(host, Request::Status).await {
        Ok(Reply::Status(status)) => status.hands_over,
        other => panic!("no status: {other:?}"),
    };
    let (app, _) = host(&stage, true);
    assert!(!hands_over(&app).await);
    assert_eq!(
        refused(ask(&app, Request::HandOver).await),
        Code::Unsupported
    );
    assert_eq!(state(&app).await, State::Unlocked);

    let (agent, _) = host(&stage, false);
    assert!(hands_over(&agent).await);
    stage.account("123456789012").await;
    let vault = stage.vault();
    let in_use = || undercroft_vault::check_free(&*stage.disk, &vault);
    assert!(in_use().is_err());
    let answer = ask(&agent, Request::HandOver).await;
    assert!(matches!(answer, Ok(Reply::Done)), "{answer:?}");
    in_use().expect("its lock file is free");
    assert_eq!(state(&agent).await, State::Locked);
    assert_eq!(refused(ask(&agent, Request::Ls).await), Code::Locked);

    // Asked again, it has nothing to let go, and obeys.
    assert!(ask(&agent, Request::HandOver).await.is_ok());
    stage.unlock().await;
    assert_eq!(stage.session.accounts().await.unwrap().len(), 1);
}

#[tokio::test]
async fn what_could_not_be_saved_is_kept_when_the_vault_is_handed_over() {
    let disk = Arc::new(stage::BreakableDisk::default());
    let stage = Stage::on(disk.clone());
    stage.create().await;
    let (agent, _) = host(&stage, false);
    disk.break_for("vault/", std::io::ErrorKind::StorageFull);
    stage.account("123456789012").await;
    ask(&agent, Request::HandOver).await.unwrap();
    disk.mend();
    stage.unlock().await;
    assert_eq!(stage.session.accounts().await.unwrap().len(), 1);
}

const PLAIN: &str = "# mine\r\n[work]\r\naws_access_key_id = KEY\r\naws_secret_access_key = SECRET\r\n\
                     region = eu-west-1\r\n";

/// A credentials file that was imported, and what of it can be taken out.
async fn imported(stage: &Stage, host: &Host) -> (PathBuf, Vec<String>) {
    let folder = stage.folder.path().join("files");
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join("credentials");
    let text = PLAIN.replace("KEY", KEY).replace("SECRET", KEY_SECRET);
    std::fs::write(&path, text).unwrap();
    let wish = ImportWish {
        paths: vec![path.clone()],
        dry_run: false,
        endpoint: None,
        signin_endpoint: None,
        wait_secs: WaitSecs::default(),
    };
    let Ok(Reply::Import(mut files)) = ask(host, Request::Import(wish)).await else {
        panic!("the import failed");
    };
    (path, files.remove(0).plain_secrets)
}

fn take_out(path: &Path, sections: &[&str]) -> Request {
    Request::TakeOut(TakeOutWish {
        path: path.to_owned(),
        sections: sections.iter().map(ToString::to_string).collect(),
        wait_secs: WaitSecs::default(),
    })
}

fn taken(answer: Result<Reply, Refusal>) -> TakenOut {
    match answer {
        Ok(Reply::TakenOut(outcome)) => outcome,
        other => panic!("nothing was taken out: {other:?}"),
    }
}

#[tokio::test]
async fn keys_leave_a_file_after_a_yes_in_the_window() {
    let stage = Stage::unlocked().await;
    stage.platform.has_window.store(true, Ordering::SeqCst);
    let (host, _) = host(&stage, true);
    let (path, sections) = imported(&stage, &host).await;
    assert_eq!(sections, ["work"]);
    let before = std::fs::read_to_string(&path).unwrap();

    for (decision, leaves) in [(Decision::Deny, false), (Decision::Once, true)] {
        let (asking, at) = (host.clone(), path.clone());
        let asked = tokio::spawn(async move { ask(&asking, take_out(&at, &["work"])).await });
        let request = loop {
            let waiting = stage.session.approval_requests().await.unwrap();
            if let Some(request) = waiting.into_iter().next() {
                break request;
            }
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        };
        assert_eq!(request.name, path.to_str().unwrap());
        assert_eq!(request.asker.purpose, "take-out");
        assert_eq!(std::fs::read_to_string(&path).unwrap(), before);
        let answered = stage.session.answer_approval(request.id, decision);
        answered.await.unwrap();
        let answer = asked.await.unwrap();
        if leaves {
            assert_eq!(taken(answer).taken, ["work"]);
        } else {
            assert_eq!(refused(answer), Code::Denied);
        }
    }
    let left = std::fs::read_to_string(&path).unwrap();
    assert_eq!(left, "# mine\r\n[work]\r\nregion = eu-west-1\r\n");
    let log = stage.session.activity().await.unwrap();
    let noted = log.entries.iter().filter(|entry| entry.verb == "take-out");
    let noted: Vec<_> = noted
        .map(|entry| (entry.of.as_str(), &entry.outcome))
        .collect();
    assert_eq!(
        noted,
        [
            ("credentials", &Outcome::Given),
            ("credentials", &Outcome::Denied)
        ]
    );
}

#[tokio::test]
async fn without_a_window_only_keys_that_the_vault_has_leave_a_file() {
    let stage = Stage::unlocked().await;
    let (host, _) = host(&stage, false);
    let (path, _) = imported(&stage, &host).await;
    let known = std::fs::read_to_string(&path).unwrap();
    let other = known
        .replace("[work]", "[other]")
        .replace(KEY_SECRET, PASSWORD);
    std::fs::write(&path, format!("{known}{other}")).unwrap();
    let outcome = taken(ask(&host, take_out(&path, &["work", "other", "gone"])).await);
    assert_eq!(outcome.taken, ["work"]);
    let kept: Vec<_> = outcome
        .kept
        .iter()
        .map(|kept| kept.section.as_str())
        .collect();
    assert_eq!(kept, ["other", "gone"]);
    let left = std::fs::read_to_string(&path).unwrap();
    assert!(
        !left.contains(KEY_SECRET) && left.ends_with(&other),
        "{left}"
    );
    let missing = path.with_file_name("missing");
    assert_eq!(
        refused(ask(&host, take_out(&missing, &["work"])).await),
        Code::Failed
    );
    stage.session.lock(LockReason::User).await;
    assert_eq!(
        refused(ask(&host, take_out(&path, &["work"])).await),
        Code::Locked
    );
}
