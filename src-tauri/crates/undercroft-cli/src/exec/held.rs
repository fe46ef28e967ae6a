//! The credentials that an endpoint serves, and when new ones are due.

use std::{
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use serde::Serialize;
use undercroft_agent::{Credentials, Purpose, WaitSecs};
use undercroft_loopback::Answer;
use undercroft_model::Timestamp;
use undercroft_secret::SecretString;
use zeroize::Zeroizing;

use crate::{arguments::Common, connection::Connection, failure::Failure, moment};

/// Within this many seconds of the end, SDKs begin to ask for new ones.
const SDK_ASKS_SECS: i64 = 15 * 60;
/// Never ask the agent more often than that.
const PAUSE: Duration = Duration::from_secs(20);
/// How long to sleep at most: the clock of threads stands still while the machine sleeps, and the credentials' does not.
const NAP: Duration = Duration::from_secs(30);
/// Two time steps of a code.
const WAIT: WaitSecs = WaitSecs::new(60);

/// Temporary credentials that are kept fresh.
#[derive(Debug)]
pub(crate) struct Held {
    state: Mutex<State>,
    wake: Condvar,
}

#[derive(Debug)]
struct State {
    fresh: Fresh,
    /// Why they could not be renewed the last time.
    problem: Option<String>,
    /// Whether somebody asked for credentials that end soon.
    is_wanted: bool,
}

/// Credentials that end.
#[derive(Debug)]
pub(crate) struct Fresh {
    key_id: String,
    secret: SecretString,
    token: SecretString,
    expiration: Timestamp,
    /// When it is time for new ones.
    due: Timestamp,
}

/// What the container-credentials endpoint answers (AWS SDKs and Tools reference, "Container credential provider").
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Served<'a> {
    access_key_id: &'a str,
    secret_access_key: &'a str,
    token: &'a str,
    expiration: String,
}

impl Fresh {
    /// Takes credentials; none that never end.
    pub(crate) fn of(credentials: Credentials, now: Timestamp) -> Option<Self> {
        let expiration = credentials.expiration?;
        Some(Self {
            key_id: credentials.access_key_id,
            secret: credentials.secret_access_key,
            token: credentials.session_token?,
            expiration,
            due: due(now, expiration),
        })
    }
}

/// The moment from which a session is renewed by the agent too: a quarter of its life before its end, a minute at least
/// and 15 minutes at most.
fn due(now: Timestamp, expiration: Timestamp) -> Timestamp {
    let quarter = expiration.secs_since(now) / 4;
    expiration.plus_secs(-quarter.clamp(60, SDK_ASKS_SECS))
}

impl Held {
    pub(crate) fn new(fresh: Fresh) -> Self {
        Self {
            state: Mutex::new(State {
                fresh,
                problem: None,
                is_wanted: false,
            }),
            wake: Condvar::new(),
        }
    }

    /// Answers at once with what is there, while it is valid.
    pub(crate) fn answer(&self, now: Timestamp) -> Answer {
        let mut state = self.lock();
        let left = state.fresh.expiration.secs_since(now);
        if left < SDK_ASKS_SECS {
            state.is_wanted = true;
            self.wake.notify_all();
        }
        if left > 0 {
            return state.fresh.answer();
        }
        let reason = state.problem.as_deref().unwrap_or("they are being renewed");
        let message = format!("the credentials have ended: {reason}");
        Answer::error(503, "ExpiredCredentials", &message)
    }

    /// Renews in time, for as long as the process lives.
    pub(crate) fn keep_fresh(&self, common: &Common, profile: &str) {
        loop {
            self.sleep_until_due();
            let renewed = Connection::open(common).and_then(|mut connection| {
                connection.credentials(profile, Purpose::ExecServer, WAIT)
            });
            self.take(renewed, moment::now());
            std::thread::sleep(PAUSE);
        }
    }

    fn sleep_until_due(&self) {
        let mut state = self.lock();
        loop {
            let left = state.fresh.due.secs_since(moment::now());
            if left <= 0 || std::mem::take(&mut state.is_wanted) {
                return;
            }
            let nap = Duration::from_secs(left.unsigned_abs()).min(NAP);
            let deadline = Instant::now() + nap;
            while !state.is_wanted && Instant::now() < deadline {
                let left = deadline.saturating_duration_since(Instant::now());
                let woken = self.wake.wait_timeout(state, left);
                state = woken.unwrap_or_else(PoisonError::into_inner).0;
            }
        }
    }

    fn take(&self, renewed: Result<Credentials, Failure>, now: Timestamp) {
        let mut state = self.lock();
        match renewed.map(|credentials| Fresh::of(credentials, now)) {
            Ok(Some(fresh)) => {
                state.problem = None;
                // The agent may find that what it gave last will do a little longer.
                if fresh.expiration != state.fresh.expiration {
                    state.fresh = fresh;
                }
            }
            Ok(None) => state.problem = Some("the profile yields a long-term key now".into()),
            Err(failure) => state.problem = Some(failure.to_string()),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Fresh {
    /// Exposes the secrets because the SDK that asks with the right token takes them from the answer.
    fn answer(&self) -> Answer {
        let served = Served {
            access_key_id: &self.key_id,
            secret_access_key: self.secret.expose(),
            token: self.token.expose(),
            expiration: self.expiration.to_string(),
        };
        let mut body = Zeroizing::new(Vec::with_capacity(8 * 1024));
        match serde_json::to_writer(&mut *body, &served) {
            Ok(()) => Answer::json(body),
            Err(_) => Answer::error(500, "InternalError", "the answer can't be written"),
        }
    }
}

#[cfg(test)]
mod tests {
    use undercroft_agent::{Code, Refusal};

    use super::*;

    fn credentials(key: &str, expiration: i64) -> Credentials {
        Credentials {
            access_key_id: key.into(),
            secret_access_key: SecretString::copy_of("s"),
            session_token: Some(SecretString::copy_of("t")),
            expiration: Some(Timestamp::from_unix_secs(expiration)),
            region: None,
            output: None,
            sts_endpoint: None,
            iam_endpoint: None,
        }
    }

    fn at(secs: i64) -> Timestamp {
        Timestamp::from_unix_secs(secs)
    }

    fn text(answer: &Answer) -> String {
        String::from_utf8(answer.to_bytes().to_vec()).unwrap()
    }

    #[test]
    fn new_ones_are_due_by_the_rule_of_the_cache() {
        for (life, before) in [(100, 60), (900, 225), (3_600, 900), (43_200, 900)] {
            assert_eq!(due(at(0), at(life)), at(life - before), "{life}");
        }
    }

    #[test]
    fn what_is_there_is_served_until_it_ends() {
        let held = Held::new(Fresh::of(credentials("FIRST", 3_600), at(0)).unwrap());
        assert!(text(&held.answer(at(3_599))).contains("\"AccessKeyId\":\"FIRST\""));
        let ended = text(&held.answer(at(3_600)));
        assert!(ended.starts_with("HTTP/1.1 503 "), "{ended}");

        let locked = Refusal::new(Code::Locked, "the vault is locked");
        held.take(Err(Failure::Refused(locked)), at(3_601));
        let ended = text(&held.answer(at(3_602)));
        assert!(ended.contains("the vault is locked"), "{ended}");

        held.take(Ok(credentials("SECOND", 7_200)), at(3_603));
        let renewed = text(&held.answer(at(3_604)));
        assert!(renewed.contains("SECOND"), "{renewed}");
        assert!(held.lock().problem.is_none());
    }

    #[test]
    fn an_early_request_for_renewal_wakes_the_renewing() {
        let held = Held::new(Fresh::of(credentials("FIRST", 3_600), at(0)).unwrap());
        let _ = held.answer(at(1_000));
        assert!(!held.lock().is_wanted);
        let _ = held.answer(at(2_800));
        assert!(held.lock().is_wanted);
    }

    #[test]
    fn a_key_that_never_ends_is_not_served() {
        let key = Credentials {
            session_token: None,
            expiration: None,
            ..credentials("AKIA", 0)
        };
        assert!(Fresh::of(key, at(0)).is_none());
    }
}
