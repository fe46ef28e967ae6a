//! Answers other programs with what an unlocked vault knows.
//!
//! The app and `undercroft agent` both host the agent's socket: a [`Host`] takes the requests of `undercroft-agent`'s
//! server and asks the [`Session`]. What differs between the two, how a person is asked to unlock, is the [`Door`].
//!
//! Every request that yields something is noted in the log of activity, and a program's first use of a profile is asked
//! about where the settings say so. While the vault is locked everything but the state and unlocking is refused at once.

mod asker;
mod refusals;
mod rows;

pub use refusals::of as refusal;

use std::{
    io,
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use async_trait::async_trait;
use tokio::time::{Instant, sleep};
use undercroft_agent::{
    Answerer, Caller, Code, CodeWish, ConsoleLink, ConsoleWish, Credentials, CredentialsWish,
    HandedCode, ImportWish, PROTOCOL, Purpose, Refusal, Reply, Request, Server, SessionRow, State,
    Status, TakeOutWish, Unlock, WaitSecs,
};
use undercroft_model::{AccountId, ItemId, SessionPolicy, Timestamp};
use undercroft_session::{
    Asker, CodeAnswer, ConsoleAnswer, CredentialsAnswer, ImportPaths, LockReason, Outcome,
    ProfileWish, Session, SessionError, TakenOut, VaultState,
};

/// How often the state is looked at while somebody is to unlock the vault.
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// How a person is asked to unlock the vault.
pub trait Door: Send + Sync {
    /// Asks; whether there is anybody to ask.
    fn knock(&self) -> bool;

    /// Whether the password may come over the socket, because there is no window to type it in.
    fn takes_password(&self) -> bool {
        false
    }

    /// Whether the vault may be handed over to the app, because nobody sits in front of this program.
    fn hands_over(&self) -> bool {
        false
    }
}

/// Answers programs out of a session.
#[derive(Clone)]
pub struct Host {
    session: Session,
    door: Arc<dyn Door>,
}

impl Host {
    /// Answers out of `session`.
    #[must_use]
    pub fn new(session: Session, door: Arc<dyn Door>) -> Self {
        Self { session, door }
    }

    /// Answers at a socket, until the vault is handed over.
    ///
    /// # Errors
    /// When programs can't be answered at all.
    pub async fn serve(self, server: Server) -> io::Result<()> {
        server.serve(Arc::new(self)).await
    }

    async fn status(&self) -> Status {
        let status = self.session.status().await;
        let is_open = status.state == VaultState::Unlocked;
        let sessions = if is_open {
            self.session.sessions().await.unwrap_or_default()
        } else {
            Vec::new()
        };
        Status {
            state: if is_open {
                State::Unlocked
            } else {
                State::Locked
            },
            vault: Some(status.path.to_string_lossy().into_owned()),
            protocol: PROTOCOL,
            sessions: sessions
                .into_iter()
                .filter_map(|live| {
                    Some(SessionRow {
                        profile: live.profile?.1.to_string(),
                        expiration: live.expires_at,
                    })
                })
                .collect(),
            hands_over: self.door.hands_over(),
        }
    }

    /// Saves, locks and lets the vault go; the server ends once that is answered.
    async fn hand_over(&self) -> Result<Reply, Refusal> {
        if !self.door.hands_over() {
            let message = "the app keeps its vault; only an agent without a window hands it over";
            return Err(Refusal::new(Code::Unsupported, message));
        }
        self.session.lock(LockReason::Quit).await;
        // A save that takes longer than locking waits for still holds the vault.
        let is_free = self.session.check_free().await;
        is_free
            .map(|()| Reply::Done)
            .map_err(|error| refusals::of(&error))
    }

    async fn unlock(&self, wish: Unlock) -> Result<Reply, Refusal> {
        let until = Instant::now() + wish.wait_secs.as_duration();
        if self.session.is_unlocked() {
            return Ok(Reply::Done);
        }
        if let Some(password) = wish.password {
            if !self.door.takes_password() {
                let message = "the password is typed in Undercroft's own window and nowhere else";
                return Err(Refusal::new(Code::Unsupported, message));
            }
            let unlocked = self.session.unlock(password.0).await;
            return unlocked
                .map(|()| Reply::Done)
                .map_err(|error| refusals::of(&error));
        }
        if !self.door.knock() {
            return Err(Refusal::new(
                Code::PasswordNeeded,
                "the vault is locked, and there is no window to unlock it in",
            ));
        }
        while Instant::now() < until {
            sleep(LOOK_AGAIN).await;
            if self.session.is_unlocked() {
                return Ok(Reply::Done);
            }
        }
        Err(Refusal::locked())
    }

    async fn credentials(&self, caller: &Caller, wish: CredentialsWish) -> Result<Reply, Refusal> {
        let asker = asker::of(caller, purpose(wish.purpose)).await;
        let profile = self.named_profile(&asker, &wish.profile).await?;
        let policy = wish.policy.as_deref().map(SessionPolicy::parse).transpose();
        let policy = policy.map_err(|error| Refusal::new(Code::Usage, error.to_string()))?;
        let asked = ProfileWish {
            fresh: wish.fresh,
            duration_secs: wish.duration_secs.map(|duration| duration.as_secs()),
            policy,
            ..ProfileWish::of(profile)
        };
        let outcome = self
            .approved(&asker, profile, wish.wait_secs, || async {
                Ok(match self.session.credentials(asked.clone()).await? {
                    CredentialsAnswer::Ready(credentials) => Turn::Come(credentials),
                    CredentialsAnswer::Wait { secs } => Turn::InSecs(secs),
                })
            })
            .await;
        self.note(&asker, &wish.profile, &outcome, |given| {
            let outcome = if given.cached {
                Outcome::Cached
            } else {
                Outcome::Fetched
            };
            (outcome, Some(&given.account))
        })
        .await;
        let given = outcome?;
        Ok(Reply::Credentials(Credentials {
            access_key_id: given.access_key_id,
            secret_access_key: given.secret,
            session_token: given.token,
            expiration: given.expires_at,
            region: given.region,
            output: given.output.map(|output| output.as_str().to_owned()),
            sts_endpoint: given.sts_endpoint,
            iam_endpoint: given.iam_endpoint,
        }))
    }

    async fn code(&self, caller: &Caller, wish: CodeWish) -> Result<Reply, Refusal> {
        let asker = asker::of(caller, "code").await;
        let outcome = async {
            let identity = self.session.identity_of_device(wish.device.clone()).await;
            let identity = identity.map_err(|error| refusals::of(&error))?;
            self.approved(&asker, identity, wish.wait_secs, || async {
                Ok(
                    match self.session.program_code(wish.device.clone()).await? {
                        CodeAnswer::Ready {
                            code,
                            valid_until,
                            account,
                            device,
                        } => Turn::Come((
                            HandedCode {
                                code,
                                valid_until,
                                device,
                            },
                            account,
                        )),
                        CodeAnswer::Wait { secs } => Turn::InSecs(secs),
                    },
                )
            })
            .await
        }
        .await;
        self.note(&asker, &wish.device, &outcome, |(_, account)| {
            (Outcome::Given, Some(account))
        })
        .await;
        outcome.map(|(code, _)| Reply::Code(code))
    }

    async fn console(&self, caller: &Caller, wish: ConsoleWish) -> Result<Reply, Refusal> {
        let asker = asker::of(caller, purpose(Purpose::Console)).await;
        let profile = self.named_profile(&asker, &wish.profile).await?;
        let asked = undercroft_session::ConsoleWish {
            profile,
            service: wish.service.or(wish.destination).unwrap_or_default(),
            region: wish
                .region
                .map(|region| region.to_string())
                .unwrap_or_default(),
            duration_secs: wish.duration_secs.map(|duration| duration.as_secs()),
        };
        let outcome = self
            .approved(&asker, profile, wish.wait_secs, || async {
                Ok(match self.session.console_url(asked.clone()).await? {
                    ConsoleAnswer::Ready {
                        url,
                        account,
                        expires_at,
                    } => {
                        let expires_at = Some(expires_at);
                        Turn::Come((ConsoleLink { url, expires_at }, account))
                    }
                    ConsoleAnswer::Wait { secs } => Turn::InSecs(secs),
                })
            })
            .await;
        self.note(&asker, &wish.profile, &outcome, |(_, account)| {
            (Outcome::Fetched, Some(account))
        })
        .await;
        outcome.map(|(link, _)| Reply::Console(link))
    }

    async fn import(&self, caller: &Caller, wish: ImportWish) -> Result<Reply, Refusal> {
        let asker = asker::of(caller, "import").await;
        let names: Vec<_> = wish
            .paths
            .iter()
            .filter_map(|path| path.file_name())
            .map(|name| name.to_string_lossy().into_owned())
            .collect();
        let outcome = self
            .session
            .import_paths(ImportPaths {
                paths: wish.paths,
                dry_run: wish.dry_run,
                endpoint: wish.endpoint,
                sign_in_endpoint: wish.signin_endpoint,
            })
            .await
            .map_err(|error| refusals::of(&error));
        self.note(&asker, &names.join(", "), &outcome, |_| {
            (Outcome::Given, None)
        })
        .await;
        Ok(Reply::Import(
            outcome?.into_iter().map(rows::imported).collect(),
        ))
    }

    async fn take_out(&self, caller: &Caller, wish: TakeOutWish) -> Result<Reply, Refusal> {
        let asker = asker::of(caller, "take-out").await;
        let outcome = self.taken_out(&asker, &wish).await;
        let outcome = outcome.map_err(|error| refusals::of(&error));
        let name = wish.path.file_name().unwrap_or_default();
        self.note(&asker, &name.to_string_lossy(), &outcome, |_| {
            (Outcome::Given, None)
        })
        .await;
        Ok(Reply::TakenOut(rows::taken_out(outcome?)))
    }

    /// Takes keys out of a file: those that a person was asked about, and no others that came up meanwhile.
    async fn taken_out(&self, asker: &Asker, wish: &TakeOutWish) -> Result<TakenOut, SessionError> {
        let found = self.session.plain_secrets(vec![wish.path.clone()]).await?;
        let found = found.into_iter().flat_map(|file| file.sections);
        let had: Vec<String> = found.filter(|name| wish.sections.contains(name)).collect();
        if !had.is_empty() {
            let asker = asker.clone();
            let asked = self
                .session
                .approve_taking_out(asker, &wish.path, had.clone());
            asked.await?;
        }
        let others = wish.sections.iter().filter(|name| !had.contains(name));
        let others = others.cloned().collect::<Vec<_>>();
        let path = wish.path.clone();
        let taken = self
            .session
            .take_out_secrets(path, had.into_iter().collect());
        let mut outcome = taken.await?;
        for section in others {
            let why = "the vault does not have its key as it stands in the file".to_owned();
            outcome.kept.push((section, why));
        }
        Ok(outcome)
    }

    /// Has a person asked where the settings say so, then asks the session until the answer is there, as long as the
    /// program is willing to wait for the next code.
    async fn approved<T, F>(
        &self,
        asker: &Asker,
        subject: ItemId,
        wait: WaitSecs,
        ask: impl Fn() -> F,
    ) -> Result<T, Refusal>
    where
        F: Future<Output = Result<Turn<T>, SessionError>>,
    {
        let approved = self.session.approve(asker.clone(), subject).await;
        approved.map_err(|error| refusals::of(&error))?;
        let until = Instant::now() + wait.as_duration();
        loop {
            match ask().await.map_err(|error| refusals::of(&error))? {
                Turn::Come(answer) => return Ok(answer),
                Turn::InSecs(secs) => wait_for_code(secs, until).await?,
            }
        }
    }

    /// The profile of a name; asking for one that is not there is noted, too.
    async fn named_profile(&self, asker: &Asker, name: &str) -> Result<ItemId, Refusal> {
        let found = self.session.profile_named(name.to_owned()).await;
        let found = found.map_err(|error| refusals::of(&error));
        if found.is_err() {
            self.note(asker, name, &found, |_| (Outcome::Given, None))
                .await;
        }
        found
    }

    async fn note<T>(
        &self,
        asker: &Asker,
        of: &str,
        outcome: &Result<T, Refusal>,
        good: impl FnOnce(&T) -> (Outcome, Option<&AccountId>),
    ) {
        let (outcome, account) = match outcome {
            Ok(given) => good(given),
            Err(refusal) if refusal.code == Code::Denied => (Outcome::Denied, None),
            Err(refusal) => {
                let code = refusals::name(refusal);
                (Outcome::Failed { code }, None)
            }
        };
        let account = account.map(ToString::to_string);
        // A vault that was locked meanwhile keeps no log; what it refused needs none.
        let _ = self
            .session
            .note_activity(asker, of.to_owned(), account, outcome)
            .await;
    }
}

#[async_trait]
impl Answerer for Host {
    async fn answer(&self, caller: Caller, request: Request) -> Result<Reply, Refusal> {
        let is_for_anybody = matches!(
            request,
            Request::Status | Request::Unlock(_) | Request::Lock | Request::HandOver
        );
        if !is_for_anybody && !self.session.is_unlocked() {
            return Err(Refusal::locked());
        }
        match request {
            Request::Status => Ok(Reply::Status(self.status().await)),
            Request::Unlock(wish) => self.unlock(wish).await,
            Request::Lock => {
                self.session.lock(LockReason::User).await;
                Ok(Reply::Done)
            }
            Request::HandOver => self.hand_over().await,
            Request::Ls => {
                let profiles = self.session.profiles().await;
                let profiles = profiles.map_err(|error| refusals::of(&error))?;
                Ok(Reply::Profiles(
                    profiles.into_iter().filter_map(rows::profile).collect(),
                ))
            }
            Request::Credentials(wish) => self.credentials(&caller, wish).await,
            Request::Code(wish) => self.code(&caller, wish).await,
            Request::Console(wish) => self.console(&caller, wish).await,
            Request::Import(wish) => self.import(&caller, wish).await,
            Request::TakeOut(wish) => self.take_out(&caller, wish).await,
            Request::Activity(wish) => {
                let log = self.session.activity().await;
                let log = log.map_err(|error| refusals::of(&error))?;
                let since = wish.since;
                let entries = log.entries.into_iter().rev();
                let wanted = entries.filter(|entry| since.is_none_or(|since| entry.at >= since));
                Ok(Reply::Activity(wanted.map(rows::activity).collect()))
            }
        }
    }
}

/// What asking the session comes to at first.
enum Turn<T> {
    /// The answer.
    Come(T),
    /// Seconds until there is a code to make it with.
    InSecs(u32),
}

fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    let secs = since.map_or(0, |since| since.as_secs());
    Timestamp::from_unix_secs(i64::try_from(secs).unwrap_or(i64::MAX))
}

fn purpose(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::CredentialProcess => "credential-process",
        Purpose::Export => "export",
        Purpose::Exec => "exec",
        Purpose::ExecServer => "exec-server",
        Purpose::Console => "console",
    }
}

/// Waits for the next code, or refuses where the program is not willing to wait so long.
async fn wait_for_code(secs: u32, until: Instant) -> Result<(), Refusal> {
    let pause = Duration::from_secs(secs.into());
    if Instant::now() + pause > until {
        return Err(Refusal::wait(now().plus_secs(secs.into()), secs));
    }
    sleep(pause).await;
    Ok(())
}
