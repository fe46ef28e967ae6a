//! Real agents on a real vault, each a process of its own.

use std::{
    io::Write,
    os::{fd::OwnedFd, unix::net::UnixListener},
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use undercroft_agent::{Client, Reply, Request, State, Status};
use undercroft_aws::{AwsConsole, AwsIam, AwsSts, HttpClient, HttpSettings};
use undercroft_model::KeyState;
use undercroft_secret::SecretString;
use undercroft_session::{
    AccountDraft, Cleared, ClipboardError, DeviceDraft, Event, IdentityDraft, KeyDraft, LockReason,
    Parts, Places, Platform, ProfileDraft, Session, SystemClock, WhoKind,
};
use undercroft_vault::{KdfParams, OsDisk};

use crate::stage::{Ran, Stage, ran};

const PASSWORD: &str = "mortar-quince-saddle-71";
/// The profile that yields a long-term key, for which nobody is asked, AWS included.
pub(crate) const PROFILE: &str = "key";
/// The MFA device of the same user.
pub(crate) const DEVICE: &str = "phone";
/// Longer than anything takes that does not hang, on any machine.
pub(crate) const PROMPTLY: Duration = Duration::from_secs(20);

/// A vault in a folder of its own, and what may run on it.
pub(crate) struct Home {
    pub(crate) stage: Stage,
}

/// `undercroft agent`; killed where a test leaves it running.
pub(crate) struct Agent(Option<Child>);

impl Home {
    pub(crate) fn new() -> Self {
        let home = Self {
            stage: Stage::without_agent(),
        };
        home.with_session(|session, vault| async move {
            let password = SecretString::copy_of(PASSWORD);
            session.create(vault, password).await.unwrap();
            file(&session).await;
        });
        home
    }

    pub(crate) fn vault(&self) -> PathBuf {
        self.stage.path(".local/share/undercroft/vault.undercroft")
    }

    /// Works with a session of this process, as the app would.
    pub(crate) fn with_session<R, F: Future<Output = R>>(
        &self,
        work: impl FnOnce(Session, PathBuf) -> F,
    ) -> R {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            let session = session(Places {
                vault: self.vault(),
                state_dir: self.stage.path("state-of-the-test"),
            });
            let result = work(session.clone(), self.vault()).await;
            session.lock(LockReason::Quit).await;
            result
        })
    }

    /// Starts an agent that is given the password.
    pub(crate) fn start(&self) -> Agent {
        let mut child = self
            .stage
            .command(&["agent", "--password-stdin"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        stdin.write_all(format!("{PASSWORD}\n").as_bytes()).unwrap();
        Agent(Some(child))
    }

    /// Starts an agent, locked, that is given a socket as systemd does (sd_listen_fds(3)).
    pub(crate) fn start_activated(&self, socket: &UnixListener) -> Agent {
        let program = self.stage.command(&["agent", "--locked"]);
        let mut shell = Command::new("/bin/sh");
        shell
            .arg("-c")
            .arg("exec 3<&0 </dev/null; export LISTEN_FDS=1 LISTEN_PID=$$; exec \"$0\" \"$@\"")
            .arg(program.get_program())
            .args(program.get_args())
            .env_clear()
            .envs(
                program
                    .get_envs()
                    .filter_map(|(name, value)| Some((name, value?))),
            )
            .current_dir(self.stage.folder.path())
            .stdin(Stdio::from(OwnedFd::from(socket.try_clone().unwrap())))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        Agent(Some(shell.spawn().unwrap()))
    }

    pub(crate) fn client(&self) -> Client {
        Client::connect(&self.stage.socket()).unwrap()
    }

    /// What the agent says of itself, if there is one.
    pub(crate) fn status(&self) -> Option<Status> {
        match Client::connect(&self.stage.socket())
            .ok()?
            .ask(&Request::Status)
        {
            Ok(Reply::Status(status)) => Some(status),
            Ok(_) | Err(_) => None,
        }
    }

    /// Waits until an agent serves the open vault.
    pub(crate) fn wait_until_unlocked(&self) {
        let started = Instant::now();
        while self
            .status()
            .is_none_or(|status| status.state != State::Unlocked)
        {
            assert!(started.elapsed() < PROMPTLY, "no agent serves the vault");
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// Runs `undercroft`, which has to end promptly.
    pub(crate) fn run(&self, words: &[&str]) -> Ran {
        let started = Instant::now();
        let ran = self.stage.run(words);
        assert!(started.elapsed() < PROMPTLY, "{words:?}: {ran:?}");
        ran
    }
}

impl Agent {
    pub(crate) fn kill(mut self) {
        let mut child = self.0.take().unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
    }

    /// How many files, connections among them, it has open. Always 0 where the system does not tell: it refuses to be
    /// looked at by anybody but root.
    pub(crate) fn open_files(&self) -> usize {
        let pid = self.0.as_ref().unwrap().id();
        std::fs::read_dir(format!("/proc/{pid}/fd")).map_or(0, Iterator::count)
    }

    /// Waits until it has ended by itself.
    pub(crate) fn ended(mut self) -> Ran {
        let mut child = self.0.take().unwrap();
        let started = Instant::now();
        while child.try_wait().unwrap().is_none() {
            if started.elapsed() > PROMPTLY {
                child.kill().unwrap();
                panic!(
                    "it does not end: {:?}",
                    ran(child.wait_with_output().unwrap())
                );
            }
            thread::sleep(Duration::from_millis(5));
        }
        ran(child.wait_with_output().unwrap())
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        if let Some(mut child) = self.0.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// Files a user with a key, a device, and a profile that yields the key.
async fn file(session: &Session) {
    let account = session
        .save_account(AccountDraft {
            account_id: "123456789012".to_owned(),
            partition: "aws".to_owned(),
            ..AccountDraft::default()
        })
        .await
        .unwrap();
    let identity = session
        .save_identity(IdentityDraft {
            id: None,
            account,
            kind: WhoKind::IamUser,
            name: "ada".to_owned(),
            notes: String::new(),
        })
        .await
        .unwrap();
    session
        .save_access_key(KeyDraft {
            identity,
            existing: None,
            id: "AKIAIOSFODNN7EXAMPLE".to_owned(),
            secret: Some(SecretString::copy_of(crate::script::SECRET)),
            state: KeyState::Unknown,
            created_on: String::new(),
        })
        .await
        .unwrap();
    session
        .save_device(DeviceDraft {
            identity,
            id: None,
            name: DEVICE.to_owned(),
            serial: format!("arn:aws:iam::123456789012:mfa/{DEVICE}"),
            algorithm: "SHA1".to_owned(),
            digits: 6,
            period_secs: 30,
            secret: Some(SecretString::copy_of("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")),
        })
        .await
        .unwrap();
    session
        .save_profile(ProfileDraft {
            name: PROFILE.to_owned(),
            kind: "long-term".to_owned(),
            identity: Some(identity),
            ..ProfileDraft::default()
        })
        .await
        .unwrap();
}

fn session(places: Places) -> Session {
    let http = HttpClient::new(&HttpSettings::default()).unwrap();
    let clock = || Arc::new(undercroft_aws::SystemClock);
    Session::start(Parts {
        places,
        platform: Arc::new(Nothing),
        clock: Arc::new(SystemClock::new()),
        sts: Arc::new(AwsSts::new(http.clone(), clock())),
        iam: Arc::new(AwsIam::new(http.clone(), clock())),
        console: Arc::new(AwsConsole::new(http.clone(), clock())),
        http,
        disk: Arc::new(OsDisk),
        kdf: Some(KdfParams {
            iterations: 1,
            ..KdfParams::FLOOR
        }),
    })
}

struct Nothing;

impl Platform for Nothing {
    fn copy(&self, _: SecretString, _: bool) -> Result<(), ClipboardError> {
        Err(ClipboardError)
    }

    fn clear_if_ours(&self) -> Cleared {
        Cleared::NotOurs
    }

    fn notify(&self, _: Event) {}
}

/// Unlocks a session of this process.
pub(crate) async fn unlock(session: &Session) {
    let password = SecretString::copy_of(PASSWORD);
    session.unlock(password).await.unwrap();
}

/// The request that unlocks a locked agent.
pub(crate) fn unlock_request() -> Request {
    Request::Unlock(undercroft_agent::Unlock {
        wait_secs: undercroft_agent::WaitSecs::default(),
        password: Some(undercroft_agent::Password(SecretString::copy_of(PASSWORD))),
    })
}
