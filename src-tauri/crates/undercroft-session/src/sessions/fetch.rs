//! Asking STS: one call for all who want the same, each code once.

use std::collections::{BTreeMap, HashMap};

use tokio::sync::oneshot;
use undercroft_aws::{
    Answer, AwsError, AwsErrorKind, LongTermKey, MfaProof, SessionCredentials, Signer, Sts, Target,
    session_token_limits,
};
use undercroft_model::{
    AccessKeyId, Account, DeviceId, Digits, DurationSecs, Identity, ItemId, MfaDevice, Region,
    Timestamp,
};

use super::{
    link::{Beginning, Call, Inputs, Link},
    web_token,
};
use crate::{
    Event, Session, SessionAnswer, SessionError, SessionId, SessionWish, Unusable,
    clocks::clock_name, codes::NextCode, state::CachedSession, unlocked::Unlocked,
};

/// After a refused code the next one is tried once, when it is asked for within this time.
const SECOND_TRY_SECS: i64 = 120;

/// Calls for sessions that run, and who waits for each.
#[derive(Debug, Default)]
pub(crate) struct Flights {
    flying: HashMap<Inputs, Flight>,
    last_number: u64,
    /// Devices of which a code was refused, and when.
    refused: BTreeMap<DeviceId, Timestamp>,
}

#[derive(Debug)]
struct Flight {
    number: u64,
    link: Link,
    region: Region,
    /// The clock of the endpoint that is asked: the account may have another endpoint by the time of the answer.
    endpoint: String,
    waiting: Vec<Waiting>,
}

/// A caller, with what it wants the answer for.
#[derive(Debug)]
struct Waiting {
    profile: Option<ItemId>,
    recipe: Inputs,
    answer: oneshot::Sender<Result<SessionAnswer, SessionError>>,
}

impl Flights {
    /// Drops what runs for a key that changed or went; its callers are told that it is gone.
    pub(crate) fn forget_key(&mut self, key: &AccessKeyId) {
        self.flying.retain(|_, flight| {
            let stays = flight.link.key.as_ref() != Some(key);
            if !stays {
                for waiting in flight.waiting.drain(..) {
                    let error = changed_for(waiting.profile);
                    let _ = waiting.answer.send(Err(error));
                }
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

/// What a caller is told whose profile or key changed while AWS was asked.
fn changed_for(profile: Option<ItemId>) -> SessionError {
    match profile {
        Some(_) => Unusable::Changed.into(),
        None => SessionError::NoSuchItem,
    }
}

/// What came of a wish at first.
pub(crate) enum Begun {
    Answered(SessionAnswer),
    Calling(oneshot::Receiver<Result<SessionAnswer, SessionError>>),
}

impl Begun {
    /// Waits for what comes of it.
    pub(crate) async fn answer(self) -> Result<SessionAnswer, SessionError> {
        match self {
            Self::Answered(answer) => Ok(answer),
            // Nobody answers any more once the vault is locked.
            Self::Calling(answer) => answer.await.map_err(|_| SessionError::Locked)?,
        }
    }
}

/// Who signs a call, with what it takes.
enum Signature {
    Key(Box<LongTermKey>, Option<MfaProof>),
    Session(Box<SessionCredentials>),
    Nobody,
}

impl Unlocked {
    pub(super) fn begin_session(
        &mut self,
        wish: &SessionWish,
        session: Session,
    ) -> Result<Begun, SessionError> {
        let link = self.link_of_wish(wish)?;
        self.begin_link(link, wish.fresh, session)
    }

    fn link_of_wish(&self, wish: &SessionWish) -> Result<Link, SessionError> {
        let (identity, account) = self.identity_and_account(wish.identity)?;
        let key = identity.key(&wish.key).ok_or(SessionError::NoSuchItem)?;
        let duration = demand_duration(wish.duration_secs, &identity)?;
        let device = match wish.device {
            None => None,
            Some(device) => Some(identity.device(device).ok_or(SessionError::NoSuchItem)?),
        };
        let serial = device.map(demand_usable).transpose()?;
        let call = Call::Session;
        let inputs = Inputs::of(
            &Beginning {
                target: &self.target_of(&account),
                identity: Some(wish.identity),
                key: Some((&wish.key, key.secret.id)),
                device: wish.device.zip(serial.as_ref()),
                duration,
            },
            &call,
        );
        Ok(Link {
            inputs,
            recipe: inputs,
            call,
            at: identity.account,
            account: identity.account,
            identity: Some(wish.identity),
            key: Some(wish.key.clone()),
            device: wish.device,
            duration,
            profile: None,
        })
    }

    /// Answers with the session at hand, joins the call that runs for the same, or calls.
    pub(crate) fn begin_link(
        &mut self,
        link: Link,
        fresh: bool,
        session: Session,
    ) -> Result<Begun, SessionError> {
        if !fresh && let Some(cached) = self.cached_for(&link.inputs) {
            let session = Box::new(self.live_session(cached)?);
            return Ok(Begun::Answered(SessionAnswer::Ready {
                session,
                cached: true,
            }));
        }
        let (answer, answered) = oneshot::channel();
        let waiting = Waiting {
            profile: link.profile,
            recipe: link.recipe,
            answer,
        };
        if let Some(flight) = self.flights.flying.get_mut(&link.inputs) {
            flight.waiting.push(waiting);
            return Ok(Begun::Calling(answered));
        }
        // What was worked out a turn ago may be another recipe now.
        let is_same = |profile| self.yields(profile, &link.recipe);
        if !link.profile.is_none_or(is_same) {
            return Err(Unusable::Changed.into());
        }
        let account = self.account_of(link.at)?;
        let target = self.target_of(&account);
        let signature = match self.signature(&link)? {
            Ok(signature) => signature,
            Err(secs) => return Ok(Begun::Answered(SessionAnswer::Wait { secs })),
        };
        self.flights.last_number += 1;
        let number = self.flights.last_number;
        self.flights.flying.insert(
            link.inputs,
            Flight {
                number,
                link: link.clone(),
                region: target.region.clone(),
                endpoint: clock_name(&account),
                waiting: vec![waiting],
            },
        );
        let sts = self.shared.sts.clone();
        self.calls.spawn(async move {
            let outcome = ask_sts(&*sts, &target, &link, signature).await;
            // Nobody waits for it once the vault is locked.
            let _ = session
                .look(move |open| {
                    open.end_session_call(link.inputs, number, outcome);
                    Ok(())
                })
                .await;
        });
        Ok(Begun::Calling(answered))
    }

    /// What signs a call, or the seconds until there is a code for it.
    fn signature(&mut self, link: &Link) -> Result<Result<Signature, u32>, SessionError> {
        let by = match &link.call {
            Call::Role { by, .. } => by.as_ref(),
            Call::Session | Call::Federated { .. } => None,
            Call::WebIdentity { .. } => return Ok(Ok(Signature::Nobody)),
        };
        if let Some(by) = by {
            // It was made or found a moment ago, however short it lives; only a change in between takes it away.
            let source = self.live_of(by).ok_or(Unusable::Changed)?;
            let credentials = Box::new(source.credentials.clone());
            return Ok(Ok(Signature::Session(credentials)));
        }
        let (Some(id), Some(key)) = (link.identity, &link.key) else {
            return Err(SessionError::Internal);
        };
        let (identity, account) = self.identity_and_account(id)?;
        // Before the code: without a key none is used up.
        let key = self.long_term_key(id, &identity, key)?;
        let proof = match link.device {
            None => None,
            Some(device) => match self.proof(id, &identity, &account, device)? {
                Ok(proof) => Some(proof),
                Err(secs) => return Ok(Err(secs)),
            },
        };
        Ok(Ok(Signature::Key(Box::new(key), proof)))
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
        inputs: Inputs,
        number: u64,
        outcome: Result<Answer<SessionCredentials>, LinkError>,
    ) {
        let flying = self.flights.flying.get(&inputs);
        if flying.is_none_or(|flight| flight.number != number) {
            return;
        }
        let Some(mut flight) = self.flights.flying.remove(&inputs) else {
            return;
        };
        let waiting = std::mem::take(&mut flight.waiting);
        let (wanting, others): (Vec<_>, Vec<_>) = waiting
            .into_iter()
            .partition(|waiting| self.still_yields(&flight, waiting));
        for waiting in others {
            let error = changed_for(waiting.profile);
            let _ = waiting.answer.send(Err(error));
        }
        let answer = match outcome {
            Ok(answer) => self.take_in_session(&flight, &wanting, answer),
            Err(LinkError::Aws(error)) => self.take_in_refusal(&flight, error),
            Err(LinkError::Token(error)) => Err(SessionError::WebToken(error)),
        };
        for waiting in wanting {
            let _ = waiting.answer.send(answer.clone());
        }
    }

    /// Whether what is asked for is still what a caller wants: its profile, key and endpoint may have changed.
    fn still_yields(&self, flight: &Flight, waiting: &Waiting) -> bool {
        let account = self.account_of(flight.link.at);
        let is_same_endpoint = account.is_ok_and(|at| clock_name(&at) == flight.endpoint);
        let identity = flight.link.identity.map(|id| self.identity_of(id));
        let is_there = identity.is_none_or(|identity| identity.is_ok());
        let is_same_recipe = |id| self.yields(id, &waiting.recipe);
        is_same_endpoint && is_there && waiting.profile.is_none_or(is_same_recipe)
    }

    fn take_in_session(
        &mut self,
        flight: &Flight,
        wanting: &[Waiting],
        answer: Answer<SessionCredentials>,
    ) -> Result<SessionAnswer, SessionError> {
        let link = &flight.link;
        self.learn_offset(&flight.endpoint, answer.clock_offset_secs);
        // Nothing is kept that nobody wants any more.
        let Some(first) = wanting.first() else {
            return Err(SessionError::NoSuchItem);
        };
        if let Some(device) = link.device {
            self.flights.refused.remove(&device);
        }
        let cached = CachedSession {
            id: SessionId::new_random(),
            inputs: link.inputs,
            recipe: first.recipe,
            kind: link.call.kind(),
            profile: first.profile,
            account: link.account,
            role: link.call.role().cloned(),
            identity: link.identity,
            key: link.key.clone(),
            device: link.device,
            duration_secs: link.duration.as_secs(),
            region: flight.region.clone(),
            endpoint: flight.endpoint.clone(),
            started_at: self.time_by(&flight.endpoint),
            credentials: answer.value,
        };
        self.state.keep_session(cached.clone());
        if let Some(key) = &link.key {
            self.state.keys_used.insert(key.clone(), self.now());
        }
        self.keep_state();
        self.notify(Event::Changed {
            item: link.identity,
        });
        Ok(SessionAnswer::Ready {
            session: Box::new(self.live_session(&cached)?),
            cached: false,
        })
    }

    fn take_in_refusal(
        &mut self,
        flight: &Flight,
        error: AwsError,
    ) -> Result<SessionAnswer, SessionError> {
        let link = &flight.link;
        self.learn_offset(&flight.endpoint, error.clock_offset_secs);
        self.keep_state();
        if let Some((id, device)) = link.identity.zip(link.device)
            && is_about_the_code(error.kind)
            && let Ok((identity, account)) = self.identity_and_account(id)
            && let Some(device) = identity.device(device)
            && self.flights.is_first_refusal(device.id, self.now())
        {
            // Perhaps somebody typed this code elsewhere, or the clock was off: the next one is tried.
            let secs = self.secs_until_code(&account, device).max(1);
            return Ok(SessionAnswer::Wait { secs });
        }
        let host = flight.endpoint.clone();
        Err(SessionError::Aws { error, host })
    }
}

/// Why a call has no answer.
enum LinkError {
    Aws(AwsError),
    Token(web_token::WebTokenError),
}

async fn ask_sts(
    sts: &dyn Sts,
    target: &Target,
    link: &Link,
    signature: Signature,
) -> Result<Answer<SessionCredentials>, LinkError> {
    let answer = match (&link.call, signature) {
        (Call::Session, Signature::Key(key, mfa)) => {
            sts.get_session_token(target, &key, link.duration, mfa)
                .await
        }
        (Call::Role { wish, .. }, Signature::Key(key, mfa)) => {
            sts.assume_role(target, Signer::Key(&key), wish, mfa).await
        }
        (Call::Role { wish, .. }, Signature::Session(session)) => {
            sts.assume_role(target, Signer::Session(&session), wish, None)
                .await
        }
        (Call::Federated { wish }, Signature::Key(key, _)) => {
            sts.get_federation_token(target, &key, wish).await
        }
        (Call::WebIdentity { token, wish }, Signature::Nobody) => {
            let token = web_token::read(token).await.map_err(LinkError::Token)?;
            sts.assume_role_with_web_identity(target, &token, wish)
                .await
        }
        // `signature` pairs them as above.
        (
            Call::Session | Call::Role { .. } | Call::Federated { .. } | Call::WebIdentity { .. },
            Signature::Key(..) | Signature::Session(_) | Signature::Nobody,
        ) => return Err(LinkError::Token(web_token::WebTokenError::Unreadable)),
    };
    answer.map_err(LinkError::Aws)
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
pub(crate) fn demand_usable(device: &MfaDevice) -> Result<undercroft_model::Serial, SessionError> {
    if device.params.digits != Digits::SIX {
        return Err(SessionError::DeviceMakesLongerCodes);
    }
    device
        .serial
        .clone()
        .ok_or(SessionError::DeviceWithoutSerial)
}
