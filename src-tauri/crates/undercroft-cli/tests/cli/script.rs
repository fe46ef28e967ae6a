//! An agent whose answers follow from what is asked.
//!
//! | profile or device | answer |
//! |---|---|
//! | `prod` | a session of an hour |
//! | `key` | a long-term key |
//! | `private` | a session of an account with endpoints of its own for STS and IAM |
//! | `at-PORT` | a session of an account whose STS is at that port of this machine |
//! | `odd` | a session with every character that a shell could take amiss |
//! | `after-unlock` | `locked` until somebody asked to unlock |
//! | `renewing` | a session of two seconds, and then one of an hour |
//! | `ending` | a session of two seconds, and then `locked` |
//! | `refuse-CODE` | a refusal with that code |
//!
//! Of a file `credentials` the keys of `[work]` can be taken out, in the folder `kept` not those of `[other]`, and in
//! `denied` none. No file is changed.

use std::{
    collections::BTreeMap,
    sync::Mutex,
    time::{SystemTime, UNIX_EPOCH},
};

use undercroft_agent::{
    AccountRef, Answerer, Caller, Code, ConsoleLink, Credentials, HandedCode, ImportedFile,
    ImportedItem, ImportedKind, ImportedStatus, KeptSection, PROTOCOL, ProfileKind, ProfileRow,
    Refusal, Reply, Request, SessionEnd, SessionRow, State, Status, TakenOut,
};
use undercroft_model::{AccountId, EndpointUrl, Region, Timestamp};
use undercroft_secret::SecretString;

pub(crate) const KEY_ID: &str = "ASIAIOSFODNN7EXAMPLE";
pub(crate) const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
pub(crate) const TOKEN: &str = "IQoJb3JpZ2luX2VjEXAMPLE//+==";
pub(crate) const ODD: &str = "a'b\"c$(id)`id`\\n\\\\!*?~#;&|<>{}[]%^ \u{2019}\u{201b}é\n\ttwo";
pub(crate) const CONSOLE_URL: &str =
    "https://signin.aws.amazon.com/federation?Action=login&SigninToken=SECRETSIGNIN";
pub(crate) const VAULT: &str = "/somewhere/vault.undercroft";

#[derive(Debug)]
pub(crate) struct Script {
    pub(crate) state: Mutex<State>,
    pub(crate) profiles: Mutex<Vec<ProfileRow>>,
    pub(crate) asked: Mutex<Vec<Request>>,
    counts: Mutex<BTreeMap<String, u32>>,
}

impl Script {
    pub(crate) fn new() -> Self {
        Self {
            state: Mutex::new(State::Unlocked),
            profiles: Mutex::new(vec![
                profile("prod", ProfileKind::Role, true),
                profile("key", ProfileKind::LongTerm, false),
            ]),
            asked: Mutex::default(),
            counts: Mutex::default(),
        }
    }

    fn count(&self, name: &str) -> u32 {
        let mut counts = self.counts.lock().unwrap();
        let count = counts.entry(name.to_owned()).or_default();
        *count += 1;
        *count
    }

    fn credentials(&self, profile: &str) -> Result<Credentials, Refusal> {
        let session = |lives: i64, secret: &str| Credentials {
            access_key_id: KEY_ID.into(),
            secret_access_key: SecretString::copy_of(secret),
            session_token: Some(SecretString::copy_of(TOKEN)),
            expiration: Some(now().plus_secs(lives)),
            region: Region::parse("eu-central-1").ok(),
            output: Some("text".into()),
            sts_endpoint: None,
            iam_endpoint: None,
        };
        let endpoint = |address: &str| EndpointUrl::parse(address).ok();
        if let Some(port) = profile.strip_prefix("at-") {
            return Ok(Credentials {
                sts_endpoint: endpoint(&format!("http://127.0.0.1:{port}")),
                ..session(3_600, SECRET)
            });
        }
        let count = self.count(profile);
        match profile {
            "prod" => Ok(session(3_600, SECRET)),
            "private" => Ok(Credentials {
                sts_endpoint: endpoint("http://localhost:4566"),
                iam_endpoint: endpoint("https://iam.example/it's"),
                ..session(3_600, SECRET)
            }),
            "odd" => Ok(session(3_600, ODD)),
            "key" => Ok(Credentials {
                session_token: None,
                expiration: None,
                region: None,
                output: None,
                ..session(0, SECRET)
            }),
            "after-unlock" if *self.state.lock().unwrap() == State::Unlocked => {
                Ok(session(3_600, SECRET))
            }
            "after-unlock" => Err(Refusal::locked()),
            "renewing" | "ending" if count == 1 => Ok(session(2, "FIRST")),
            "renewing" => Ok(session(3_600, "SECOND")),
            "ending" => Err(Refusal::locked()),
            _ => Err(refusal(profile)),
        }
    }
}

/// The refusal that a name asks for.
fn refusal(name: &str) -> Refusal {
    let code = name.strip_prefix("refuse-").unwrap_or("no-such-profile");
    let code: Code = serde_json::from_value(code.into()).unwrap();
    let refusal = Refusal::new(code, "as \u{1b}[31mscripted");
    match code {
        Code::Wait => Refusal::wait(now().plus_secs(17), 17),
        Code::Aws => Refusal {
            aws_code: Some("AccessDenied".into()),
            ..refusal
        },
        _ => refusal,
    }
}

#[async_trait::async_trait]
impl Answerer for Script {
    async fn answer(&self, _: Caller, request: Request) -> Result<Reply, Refusal> {
        self.asked.lock().unwrap().push(request.clone());
        Ok(match request {
            Request::Status => {
                let state = *self.state.lock().unwrap();
                let row = SessionRow {
                    profile: "prod".into(),
                    expiration: now().plus_secs(3_150),
                };
                Reply::Status(Status {
                    state,
                    vault: Some(VAULT.into()),
                    protocol: PROTOCOL,
                    sessions: Some(row)
                        .filter(|_| state == State::Unlocked)
                        .into_iter()
                        .collect(),
                    hands_over: false,
                })
            }
            Request::Unlock(_) => {
                *self.state.lock().unwrap() = State::Unlocked;
                Reply::Done
            }
            Request::Lock => {
                *self.state.lock().unwrap() = State::Locked;
                Reply::Done
            }
            Request::Ls => Reply::Profiles(self.profiles.lock().unwrap().clone()),
            Request::Credentials(wish) => Reply::Credentials(self.credentials(&wish.profile)?),
            Request::Code(wish) if wish.device.starts_with("refuse-") => {
                return Err(refusal(&wish.device));
            }
            Request::Code(wish) => Reply::Code(HandedCode {
                code: SecretString::copy_of("012345"),
                valid_until: now().plus_secs(20),
                device: wish.device,
            }),
            Request::Console(wish) if wish.profile == "prod" => Reply::Console(ConsoleLink {
                url: SecretString::copy_of(CONSOLE_URL),
                expires_at: Some(now().plus_secs(900)),
            }),
            Request::Console(wish) if wish.profile == "odd" => Reply::Console(ConsoleLink {
                url: SecretString::copy_of("javascript:alert(1)"),
                expires_at: None,
            }),
            Request::Console(wish) => return Err(refusal(&wish.profile)),
            Request::Import(wish) => Reply::Import(
                wish.paths
                    .iter()
                    .map(|path| imported(&path.to_string_lossy()))
                    .collect(),
            ),
            Request::TakeOut(wish) if wish.path.ends_with("denied/credentials") => {
                return Err(Refusal::new(Code::Denied, "somebody said no"));
            }
            Request::TakeOut(wish) => {
                let (taken, kept): (Vec<_>, Vec<_>) =
                    wish.sections.into_iter().partition(|name| name == "work");
                let kept = kept.into_iter().map(|section| KeptSection {
                    section,
                    why: "it is another".into(),
                });
                Reply::TakenOut(TakenOut {
                    taken,
                    kept: kept.collect(),
                })
            }
            Request::Activity(_) => Reply::Activity(Vec::new()),
            Request::HandOver => return Err(refusal("refuse-unsupported")),
        })
    }
}

fn imported(source: &str) -> ImportedFile {
    if source.ends_with("nonsense") {
        let problem = "this is no file that can be imported".to_owned();
        return ImportedFile::new(source.into(), vec![], vec![problem]);
    }
    let item = |kind, name: &str, status| ImportedItem {
        kind,
        name: name.into(),
        status,
    };
    let mut file = ImportedFile::new(
        source.into(),
        vec![
            item(
                ImportedKind::AccessKey,
                "AKIAIOSFODNN7EXAMPLE",
                ImportedStatus::New,
            ),
            item(ImportedKind::Profile, "prod", ImportedStatus::Conflict),
            item(ImportedKind::Mfa, "ada", ImportedStatus::Duplicate),
        ],
        vec![],
    );
    if source.ends_with("credentials") {
        file.plain_secrets.push("work".into());
    }
    if source.ends_with("kept/credentials") {
        file.plain_secrets.push("other".into());
    }
    file
}

pub(crate) fn profile(name: &str, kind: ProfileKind, live: bool) -> ProfileRow {
    ProfileRow {
        name: name.into(),
        kind,
        account: AccountRef {
            id: AccountId::parse("123456789012").unwrap(),
            alias: live.then(|| "belfry".into()),
        },
        identity: Some("ada".into()),
        role: live.then(|| "arn:aws:iam::123456789012:role/admin".into()),
        mfa: live,
        session: live.then(|| SessionEnd {
            expiration: now().plus_secs(3_150),
        }),
        region: live.then(|| Region::parse("eu-central-1").unwrap()),
        output: live.then(|| "json".into()),
    }
}

pub(crate) fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    Timestamp::from_unix_secs(since.as_secs().try_into().unwrap())
}
