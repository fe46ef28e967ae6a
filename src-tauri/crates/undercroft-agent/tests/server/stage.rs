//! A server with scripted answers.

#[cfg(windows)]
use std::fs::File as Connection;
#[cfg(unix)]
use std::os::unix::net::UnixStream as Connection;
use std::{
    io::{BufRead, BufReader, Write},
    path::PathBuf,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use tokio::runtime::Runtime;
use undercroft_agent::{
    AccountRef, ActivityRow, Answerer, Caller, Client, Code, CodeWish, Credentials,
    CredentialsWish, HandedCode, Limits, ProfileKind, ProfileRow, Purpose, Refusal, Reply, Request,
    Server, State, Status, WaitSecs,
};
use undercroft_model::{AccountId, Timestamp};
use undercroft_secret::SecretString;

pub(crate) const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
pub(crate) const TOKEN: &str = "IQoJb3JpZ2luX2VjEXAMPLE//+==";
/// How long a slow answer takes.
pub(crate) const SLOW: Duration = Duration::from_millis(1_500);

/// What the answerer has seen.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Seen {
    /// Slow answers that were begun.
    pub(crate) begun: u32,
    /// Those that were dropped or finished.
    pub(crate) dropped: u32,
}

pub(crate) struct Stage {
    pub(crate) path: PathBuf,
    seen: Arc<Mutex<Seen>>,
    _runtime: Runtime,
    _folder: Option<tempfile::TempDir>,
}

struct Scripted {
    seen: Arc<Mutex<Seen>>,
}

struct Ends(Arc<Mutex<Seen>>);

impl Drop for Ends {
    fn drop(&mut self) {
        self.0.lock().unwrap().dropped += 1;
    }
}

#[async_trait::async_trait]
impl Answerer for Scripted {
    async fn answer(&self, caller: Caller, request: Request) -> Result<Reply, Refusal> {
        match request {
            Request::Status => Ok(Reply::Status(Status {
                state: State::Unlocked,
                vault: Some("/vault".into()),
                protocol: 1,
                sessions: vec![],
                hands_over: true,
            })),
            Request::Unlock(_) | Request::Lock | Request::HandOver => Ok(Reply::Done),
            Request::Ls => Ok(Reply::Profiles((0..10_000).map(profile).collect())),
            Request::Credentials(wish) if wish.profile == "prod" => {
                Ok(Reply::Credentials(Credentials {
                    access_key_id: "ASIAIOSFODNN7EXAMPLE".into(),
                    secret_access_key: SecretString::copy_of(SECRET),
                    session_token: Some(SecretString::copy_of(TOKEN)),
                    expiration: Some(Timestamp::from_unix_secs(1_763_891_230)),
                    region: None,
                    output: None,
                    sts_endpoint: None,
                    iam_endpoint: None,
                }))
            }
            Request::Credentials(_) => Err(Refusal::new(Code::NoSuchProfile, "no such profile")),
            Request::Code(wish) => {
                let _ends = Ends(Arc::clone(&self.seen));
                self.seen.lock().unwrap().begun += 1;
                match wish.device.as_str() {
                    "slow" => tokio::time::sleep(SLOW).await,
                    "stuck" => std::future::pending().await,
                    "panic" => panic!("as scripted"),
                    _ => {}
                }
                Ok(Reply::Code(HandedCode {
                    code: SecretString::copy_of("492039"),
                    valid_until: Timestamp::from_unix_secs(1_763_891_230),
                    device: wish.device,
                }))
            }
            Request::Activity(_) => {
                let origin = tokio::task::spawn_blocking(move || (caller.origin(), caller));
                let (origin, caller) = origin.await.unwrap();
                let program = origin
                    .ok()
                    .and_then(|mut origin| origin.programs.remove(0).executable);
                Ok(Reply::Activity(vec![ActivityRow {
                    at: Timestamp::default(),
                    what: "credentials".into(),
                    of: None,
                    program: program.map(|path| path.to_string_lossy().into_owned()),
                    script: None,
                    outcome: "given".into(),
                    count: caller.pid().unwrap(),
                }]))
            }
            Request::Console(_) | Request::Import(_) | Request::TakeOut(_) => {
                Err(Refusal::new(Code::Unsupported, "not scripted"))
            }
        }
    }
}

impl Stage {
    pub(crate) fn start(limits: Limits) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = a_path(&folder);
        let server = Server::bind(&path, limits).unwrap();
        let mut stage = Self::serve(server, path);
        stage._folder = Some(folder);
        stage
    }

    pub(crate) fn serve(server: Server, path: PathBuf) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        let seen = Arc::new(Mutex::new(Seen::default()));
        let answerer = Arc::new(Scripted {
            seen: Arc::clone(&seen),
        });
        runtime.spawn(server.serve(answerer));
        Self {
            path,
            seen,
            _runtime: runtime,
            _folder: None,
        }
    }

    pub(crate) fn client(&self) -> Client {
        Client::connect(&self.path).unwrap()
    }

    pub(crate) fn seen(&self) -> Seen {
        *self.seen.lock().unwrap()
    }

    /// Waits until the answerer has seen enough.
    pub(crate) fn wait_until(&self, enough: impl Fn(Seen) -> bool) {
        let started = Instant::now();
        while !enough(self.seen()) {
            assert!(
                started.elapsed() < Duration::from_secs(10),
                "{:?}",
                self.seen()
            );
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// A connection that has sent these bytes and gives up waiting after a while, where that is possible.
    pub(crate) fn send(&self, bytes: &[u8]) -> BufReader<Connection> {
        #[cfg(unix)]
        let mut stream = Connection::connect(&self.path).unwrap();
        #[cfg(unix)]
        stream
            .set_read_timeout(Some(Duration::from_secs(20)))
            .unwrap();
        #[cfg(windows)]
        let mut stream = Connection::options()
            .read(true)
            .write(true)
            .open(&self.path)
            .unwrap();
        stream.write_all(bytes).unwrap();
        BufReader::new(stream)
    }

    /// The answer line to one line.
    pub(crate) fn raw(&self, line: &str) -> String {
        next(&mut self.send(format!("{line}\n").as_bytes()))
    }
}

/// Where nothing listens yet.
pub(crate) fn a_path(folder: &tempfile::TempDir) -> PathBuf {
    #[cfg(unix)]
    return folder.path().join("undercroft/agent.sock");
    #[cfg(windows)]
    {
        let name = folder.path().file_name().unwrap().to_string_lossy();
        format!(r"\\.\pipe\undercroft-test-{name}").into()
    }
}

/// The next line; empty at the end of the connection.
pub(crate) fn next(stream: &mut BufReader<Connection>) -> String {
    let mut line = String::new();
    match stream.read_line(&mut line) {
        Ok(_) => line,
        Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => String::new(),
        Err(error) => panic!("{error}"),
    }
}

pub(crate) fn credentials(profile: &str) -> Request {
    Request::Credentials(CredentialsWish {
        profile: profile.into(),
        fresh: false,
        wait_secs: WaitSecs::default(),
        duration_secs: None,
        policy: None,
        purpose: Purpose::CredentialProcess,
    })
}

pub(crate) fn code(device: &str, wait_secs: u32) -> Request {
    Request::Code(CodeWish {
        device: device.into(),
        wait_secs: WaitSecs::new(wait_secs),
    })
}

fn profile(number: u32) -> ProfileRow {
    ProfileRow {
        name: format!("profile-{number}"),
        kind: ProfileKind::Session,
        account: AccountRef {
            id: AccountId::parse("123456789012").unwrap(),
            alias: Some("belfry".into()),
        },
        identity: Some("ada".into()),
        role: None,
        mfa: true,
        session: None,
        region: None,
        output: None,
    }
}
