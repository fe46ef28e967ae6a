//! Asking STS: one call for all who want the same, each code once.

use std::collections::{BTreeMap, HashMap};

use tokio::sync::oneshot;
use undercroft_aws::{
    Answer, AwsError, AwsErrorKind, MfaProof, SessionCredentials, session_token_limits,
};
use undercroft_model::{
    AccessKeyId, Account, DeviceId, Digits, DurationSecs, Identity, ItemId, MfaDevice, Region,
    Timestamp,
};

use crate::{
    Event, Session, SessionAnswer, SessionError, SessionId, SessionWish, clocks::clock_name,
    codes::NextCode, state::CachedSession, unlocked::Unlocked,
};

/// After a refused code the next one is tried once, when it is asked for within this time.
const SECOND_TRY_SECS: i64 = 120;

/// Calls for sessions that run, and who waits for each.
#[derive(Debug, Default)]
pub(crate) struct Flights {
    flying: HashMap<Route, Flight>,
    last_number: u64,
    /// Devices of which a code was refused, and when.
    refused: BTreeMap<DeviceId, Timestamp>,
}

/// What makes two wishes the same.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Route {
    identity: ItemId,
    key: AccessKeyId,
    device: Option<DeviceId>,
    duration_secs: u32,
}

#[derive(Debug)]
struct Flight {
    number: u64,
    region: Region,
    waiting: Vec<oneshot::Sender<Result<SessionAnswer, SessionError>>>,
}

impl Flights {
    /// Drops what runs for a key that changed or went; its callers are told that it is gone.
    pub(crate) fn forget_key(&mut self, key: &AccessKeyId) {
        self.flying.retain(|route, flight| {
            let stays = route.key != *key;
            if !stays {
                flight.answer(&Err(SessionError::NoSuchItem));
            }
            stays
        });
    }

    /// Whether a refusal of this device's code is the first one, so that the next code is worth a try.
    fn is_first_refusal(&mut self, device: DeviceId, now: Timestamp) -> bool {
        match self.refused.remove(&device) {
            Some(at) if now.secs_since(at).abs() <= SECOND_TRY_SECS => false,
            Some(_) | None => {
                self.refused.insert(device, now);
                true
            }
        }
    }
}

impl Flight {
    fn answer(&mut self, answer: &Result<SessionAnswer, SessionError>) {
        for waiting in self.waiting.drain(..) {
            let _ = waiting.send(answer.clone());
        }
    }
}

/// What came of a wish at first.
pub(super) enum Begun {
    Answered(SessionAnswer),
    Calling(oneshot::Receiver<Result<SessionAnswer, SessionError>>),
}

impl Unlocked {
    pub(super) fn begin_session(
        &mut self,
        wish: &SessionWish,
        session: Session,
    ) -> Result<Begun, SessionError> {
        let (identity, account) = self.identity_and_account(wish.identity)?;
        identity.key(&wish.key).ok_or(SessionError::NoSuchItem)?;
        let duration = demand_duration(wish.duration_secs, &identity)?;
        if !wish.fresh
            && let Some(cached) = self.cached_for(wish)
        {
            let session = Box::new(self.live_session(cached)?);
            return Ok(Begun::Answered(SessionAnswer::Ready {
                session,
                cached: true,
            }));
        }
        let route = Route {
            identity: wish.identity,
            key: wish.key.clone(),
            device: wish.device,
            duration_secs: wish.duration_secs,
        };
        let (answer, answered) = oneshot::channel();
        if let Some(flight) = self.flights.flying.get_mut(&route) {
            flight.waiting.push(answer);
            return Ok(Begun::Calling(answered));
        }
        let proof = match wish.device {
            None => None,
            Some(device) => match self.proof(wish.identity, &identity, &account, device)? {
                Ok(proof) => Some(proof),
                Err(secs) => return Ok(Begun::Answered(SessionAnswer::Wait { secs })),
            },
        };
        let key = self.long_term_key(wish.identity, &identity, &wish.key)?;
        let target = self.target_of(&account);
        self.flights.last_number += 1;
        let number = self.flights.last_number;
        self.flights.flying.insert(
            route.clone(),
            Flight {
                number,
                region: target.region.clone(),
                waiting: vec![answer],
            },
        );
        let sts = self.shared.sts.clone();
        self.calls.spawn(async move {
            let outcome = sts.get_session_token(&target, &key, duration, proof).await;
            drop(key);
            // Nobody waits for it once the vault is locked.
            let _ = session
                .look(move |open| {
                    open.end_session_call(&route, number, outcome);
                    Ok(())
                })
                .await;
        });
        Ok(Begun::Calling(answered))
    }

    /// A serial with a code that was never given out, or the seconds until there is one.
    fn proof(
        &mut self,
        id: ItemId,
        identity: &Identity,
        account: &Account,
        device: DeviceId,
    ) -> Result<Result<MfaProof, u32>, SessionError> {
        let filed = identity.device(device).ok_or(SessionError::NoSuchItem)?;
        let serial = demand_usable(filed)?;
        match self.code_for_call(id, identity, account, device)? {
            NextCode::InSecs(secs) => Ok(Err(secs)),
            NextCode::Now(code) => {
                let proof = MfaProof::new(serial, code.into_secret());
                proof
                    .map(Ok)
                    .map_err(|error| SessionError::field("device", error))
            }
        }
    }

    fn end_session_call(
        &mut self,
        route: &Route,
        number: u64,
        outcome: Result<Answer<SessionCredentials>, AwsError>,
    ) {
        let is_awaited = |flight: &&mut Flight| flight.number == number;
        if self
            .flights
            .flying
            .get_mut(route)
            .filter(is_awaited)
            .is_none()
        {
            return;
        }
        let Some(mut flight) = self.flights.flying.remove(route) else {
            return;
        };
        let answer = match outcome {
            Ok(answer) => self.take_in_session(route, &flight.region, answer),
            Err(error) => self.take_in_refusal(route, error),
        };
        flight.answer(&answer);
    }

    fn take_in_session(
        &mut self,
        route: &Route,
        region: &Region,
        answer: Answer<SessionCredentials>,
    ) -> Result<SessionAnswer, SessionError> {
        // The identity may have gone meanwhile; nothing is cached for it then.
        let (_, account) = self.identity_and_account(route.identity)?;
        let endpoint = clock_name(&account);
        self.learn_offset(&endpoint, answer.clock_offset_secs);
        if let Some(device) = route.device {
            self.flights.refused.remove(&device);
        }
        let started_at = self.time_at(&account);
        let cached = CachedSession {
            id: SessionId::new_random(),
            identity: route.identity,
            key: route.key.clone(),
            device: route.device,
            duration_secs: route.duration_secs,
            region: region.clone(),
            endpoint,
            started_at,
            credentials: answer.value,
        };
        self.state.keep_session(cached.clone());
        self.state.keys_used.insert(route.key.clone(), self.now());
        self.keep_state();
        self.notify(Event::Changed {
            item: Some(route.identity),
        });
        Ok(SessionAnswer::Ready {
            session: Box::new(self.live_session(&cached)?),
            cached: false,
        })
    }

    fn take_in_refusal(
        &mut self,
        route: &Route,
        error: AwsError,
    ) -> Result<SessionAnswer, SessionError> {
        let (identity, account) = self.identity_and_account(route.identity)?;
        let host = clock_name(&account);
        self.learn_offset(&host, error.clock_offset_secs);
        self.keep_state();
        let device = route.device.and_then(|device| identity.device(device));
        if let Some(device) = device
            && is_about_the_code(error.kind)
            && self.flights.is_first_refusal(device.id, self.now())
        {
            // Perhaps somebody typed this code elsewhere, or the clock was off: the next one is tried.
            let secs = self.secs_until_code(&account, device).max(1);
            return Ok(SessionAnswer::Wait { secs });
        }
        Err(SessionError::Aws { error, host })
    }
}

/// Whether another code may help.
fn is_about_the_code(kind: AwsErrorKind) -> bool {
    matches!(
        kind,
        AwsErrorKind::WrongOrReusedCode | AwsErrorKind::ClockSkew
    )
}

fn demand_duration(secs: u32, identity: &Identity) -> Result<DurationSecs, SessionError> {
    let limits = session_token_limits(identity.kind.is_root());
    if !limits.contains(&secs) {
        let whose = if identity.kind.is_root() {
            "a root user's session"
        } else {
            "a session"
        };
        let message = format!(
            "{whose} lasts {} to {} seconds",
            limits.start(),
            limits.end()
        );
        return Err(SessionError::field("duration_secs", message));
    }
    DurationSecs::new(secs).map_err(|error| SessionError::field("duration_secs", error))
}

/// STS wants a serial and six digits.
fn demand_usable(device: &MfaDevice) -> Result<undercroft_model::Serial, SessionError> {
    if device.params.digits != Digits::SIX {
        return Err(SessionError::DeviceMakesLongerCodes);
    }
    device
        .serial
        .clone()
        .ok_or(SessionError::DeviceWithoutSerial)
}
