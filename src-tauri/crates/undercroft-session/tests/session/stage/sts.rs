//! STS by script.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{
        Mutex,
        atomic::{AtomicI64, AtomicUsize, Ordering},
    },
};

use tokio::sync::Semaphore;
use undercroft_aws::{
    Answer, AwsError, AwsErrorKind, CallerIdentity, FederationWish, LongTermKey, MfaProof,
    RoleWish, SessionCredentials, SessionKeyId, Signer, Sts, Target,
};
use undercroft_model::{AccountId, Arn, DurationSecs, Timestamp};
use undercroft_secret::SecretString;

use super::clock::START_SECS;

/// What the next call is answered with.
#[derive(Clone, Debug)]
pub enum Answers {
    /// A session that ends so many seconds after the test's start, from a clock that is ahead by so much.
    Session { ends_in_secs: i64, offset_secs: i64 },
    /// A refusal, from a clock that is ahead by so much.
    Refusal(AwsErrorKind, Option<i64>),
}

/// A call that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    pub code: Option<String>,
    pub serial: Option<String>,
    pub duration_secs: u32,
    pub url: String,
    pub clock_offset_secs: i64,
    /// What was wished for, of calls that take more than a duration.
    pub wish: Option<Wish>,
}

/// What a call wished for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wish {
    /// A role, and the id of the access key that signed; a web identity signs nothing.
    Role { by: Option<String>, wish: RoleWish },
    /// A federated user.
    Federation(FederationWish),
}

impl Call {
    fn of(target: &Target, duration_secs: u32) -> Self {
        Self {
            code: None,
            serial: None,
            duration_secs,
            url: target.url(),
            clock_offset_secs: target.clock_offset_secs,
            wish: None,
        }
    }
}

/// Answers calls as scripted; an hour's session when nothing is scripted.
pub struct ScriptedSts {
    script: Mutex<VecDeque<Answers>>,
    calls: Mutex<Vec<Call>>,
    made: AtomicUsize,
    gate: Semaphore,
    caller: Mutex<Said>,
    /// How far the clock is ahead that says who calls.
    callers_clock: AtomicI64,
    /// What is said of single keys, by their ids.
    callers: Mutex<BTreeMap<String, Said>>,
    /// Whose keys were asked about.
    asked_keys: Mutex<Vec<String>>,
    at_once: AtomicUsize,
    most_at_once: AtomicUsize,
}

/// An account and an ARN, or a refusal.
type Said = Result<(String, String), AwsErrorKind>;

impl Default for ScriptedSts {
    fn default() -> Self {
        Self {
            script: Mutex::default(),
            calls: Mutex::default(),
            made: AtomicUsize::new(0),
            gate: Semaphore::new(Semaphore::MAX_PERMITS),
            callers: Mutex::default(),
            callers_clock: AtomicI64::new(0),
            asked_keys: Mutex::default(),
            at_once: AtomicUsize::new(0),
            most_at_once: AtomicUsize::new(0),
            caller: Mutex::new(Ok((
                "123456789012".to_owned(),
                "arn:aws:iam::123456789012:user/staff/jane.doe".to_owned(),
            ))),
        }
    }
}

impl ScriptedSts {
    pub fn will(&self, answer: Answers) {
        self.script.lock().unwrap().push_back(answer);
    }

    /// What was scripted and not asked for.
    pub fn forget_script(&self) {
        self.script.lock().unwrap().clear();
    }

    pub fn caller_is(&self, caller: Result<(&str, &str), AwsErrorKind>) {
        *self.caller.lock().unwrap() =
            caller.map(|(account, arn)| (account.to_owned(), arn.to_owned()));
    }

    /// Says who calls by a clock that is ahead by so much.
    pub fn clock_is_ahead(&self, secs: i64) {
        self.callers_clock.store(secs, Ordering::SeqCst);
    }

    /// Says of one key whose it is.
    pub fn key_is_of(&self, key: &str, caller: Result<(&str, &str), AwsErrorKind>) {
        let caller = caller.map(|(account, arn)| (account.to_owned(), arn.to_owned()));
        self.callers.lock().unwrap().insert(key.to_owned(), caller);
    }

    /// The keys that were asked about, in the order of their ids.
    pub fn asked_keys(&self) -> Vec<String> {
        let mut keys = self.asked_keys.lock().unwrap().clone();
        keys.sort();
        keys
    }

    /// How many keys were asked about at the same time, at most.
    pub fn most_at_once(&self) -> usize {
        self.most_at_once.load(Ordering::SeqCst)
    }

    /// Calls from now on wait for `open`.
    pub fn close(&self) {
        self.gate.forget_permits(Semaphore::MAX_PERMITS);
    }

    pub fn open(&self) {
        self.gate.add_permits(10_000);
    }

    pub fn calls(&self) -> Vec<Call> {
        self.calls.lock().unwrap().clone()
    }

    /// Waits until so many calls were made.
    pub async fn made(&self, calls: usize) {
        for _ in 0..500 {
            if self.calls.lock().unwrap().len() >= calls {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        panic!("the call was not made in five seconds");
    }

    fn note(&self, call: Call) {
        self.calls.lock().unwrap().push(call);
    }

    /// Makes a session as scripted, once the gate is open.
    async fn answer(&self, duration: DurationSecs) -> Result<Answer<SessionCredentials>, AwsError> {
        let number = self.made.fetch_add(1, Ordering::SeqCst);
        self.gate.acquire().await.unwrap().forget();
        let scripted = self.script.lock().unwrap().pop_front();
        let (ends_in_secs, offset_secs) = match scripted {
            Some(Answers::Refusal(kind, offset)) => return Err(refusal(kind, offset)),
            Some(Answers::Session {
                ends_in_secs,
                offset_secs,
            }) => (ends_in_secs, offset_secs),
            None => (i64::from(duration.as_secs()), 0),
        };
        Ok(Answer {
            value: SessionCredentials::new(
                SessionKeyId::parse(&format!("ASIA{number:016}")).unwrap(),
                SecretString::copy_of("SESSION-SECRET-CANARY"),
                SecretString::copy_of("SESSION-TOKEN-CANARY"),
                Timestamp::from_unix_secs(START_SECS + ends_in_secs),
            )
            .unwrap(),
            clock_offset_secs: Some(offset_secs),
        })
    }
}

pub fn refusal(kind: AwsErrorKind, clock_offset_secs: Option<i64>) -> AwsError {
    AwsError {
        kind,
        aws_code: Some("AccessDenied".to_owned()),
        aws_message: Some("scripted".to_owned()),
        clock_offset_secs,
    }
}

#[async_trait::async_trait]
impl Sts for ScriptedSts {
    async fn get_caller_identity(
        &self,
        target: &Target,
        signer: Signer<'_>,
    ) -> Result<Answer<CallerIdentity>, AwsError> {
        self.note(Call::of(target, 0));
        let now = self.at_once.fetch_add(1, Ordering::SeqCst) + 1;
        self.most_at_once.fetch_max(now, Ordering::SeqCst);
        self.gate.acquire().await.unwrap().forget();
        tokio::task::yield_now().await;
        self.at_once.fetch_sub(1, Ordering::SeqCst);
        let of_key = match signer {
            Signer::Key(key) => {
                let id = key.id.to_string();
                let said = self.callers.lock().unwrap().get(&id).cloned();
                self.asked_keys.lock().unwrap().push(id);
                said
            }
            Signer::Session(_) => None,
        };
        let caller = of_key.unwrap_or_else(|| self.caller.lock().unwrap().clone());
        let offset = Some(self.callers_clock.load(Ordering::SeqCst));
        let (account, arn) = caller.map_err(|kind| refusal(kind, offset))?;
        Ok(Answer {
            value: CallerIdentity {
                account: AccountId::parse(&account).unwrap(),
                arn: Arn::parse(&arn).unwrap(),
                user_id: "AIDACKCEVSQ6C2EXAMPLE".to_owned(),
            },
            clock_offset_secs: offset,
        })
    }

    async fn get_session_token(
        &self,
        target: &Target,
        key: &LongTermKey,
        duration: DurationSecs,
        mfa: Option<MfaProof>,
    ) -> Result<Answer<SessionCredentials>, AwsError> {
        assert_eq!(key.secret.expose(), super::KEY_SECRET);
        self.note(Call {
            code: mfa.as_ref().map(|mfa| mfa.expose_code().to_owned()),
            serial: mfa.as_ref().map(|mfa| mfa.serial().to_string()),
            ..Call::of(target, duration.as_secs())
        });
        self.answer(duration).await
    }

    async fn assume_role(
        &self,
        target: &Target,
        signer: Signer<'_>,
        wish: &RoleWish,
        mfa: Option<MfaProof>,
    ) -> Result<Answer<SessionCredentials>, AwsError> {
        let by = match signer {
            Signer::Key(key) => {
                assert_eq!(key.secret.expose(), super::KEY_SECRET);
                key.id.to_string()
            }
            Signer::Session(session) => session.key_id().to_string(),
        };
        self.note(Call {
            code: mfa.as_ref().map(|mfa| mfa.expose_code().to_owned()),
            serial: mfa.as_ref().map(|mfa| mfa.serial().to_string()),
            wish: Some(Wish::Role {
                by: Some(by),
                wish: wish.clone(),
            }),
            ..Call::of(target, wish.duration.as_secs())
        });
        self.answer(wish.duration).await
    }

    async fn get_federation_token(
        &self,
        target: &Target,
        key: &LongTermKey,
        wish: &FederationWish,
    ) -> Result<Answer<SessionCredentials>, AwsError> {
        assert_eq!(key.secret.expose(), super::KEY_SECRET);
        self.note(Call {
            wish: Some(Wish::Federation(wish.clone())),
            ..Call::of(target, wish.duration.as_secs())
        });
        self.answer(wish.duration).await
    }

    async fn assume_role_with_web_identity(
        &self,
        target: &Target,
        token: &SecretString,
        wish: &RoleWish,
    ) -> Result<Answer<SessionCredentials>, AwsError> {
        assert!(!token.is_empty());
        self.note(Call {
            wish: Some(Wish::Role {
                by: None,
                wish: wish.clone(),
            }),
            ..Call::of(target, wish.duration.as_secs())
        });
        self.answer(wish.duration).await
    }
}
