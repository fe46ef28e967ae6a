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
    Event, Session, SessionAnswer, SessionError, SessionId, SessionWish, clocks::clock_name,
    codes::NextCode, state::CachedSession, unlocked::Unlocked,
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
    waiting: Vec<oneshot::Sender<Result<SessionAnswer, SessionError>>>,
}

impl Flights {
    /// Drops what runs for a key that changed or went; its callers are told that it is gone.
    pub(crate) fn forget_key(&mut self, key: &AccessKeyId) {
        self.flying.retain(|_, flight| {
            let stays = flight.link.key.as_ref() != Some(key);
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
        identity.key(&wish.key).ok_or(SessionError::NoSuchItem)?;
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
                key: Some(&wish.key),
                device: wish.device.zip(serial.as_ref()),
                duration,
            },
            &call,
        );
        Ok(Link {
            inputs,
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
        if let Some(flight) = self.flights.flying.get_mut(&link.inputs) {
            flight.waiting.push(answer);
            return Ok(Begun::Calling(answered));
        }
        let signature = match self.signature(&link)? {
            Ok(signature) => signature,
            Err(secs) => return Ok(Begun::Answered(SessionAnswer::Wait { secs })),
        };
        let target = self.target_of(&self.account_of(link.at)?);
        self.flights.last_number += 1;
        let number = self.flights.last_number;
        self.flights.flying.insert(
            link.inputs,
            Flight {
                number,
                link: link.clone(),
                region: target.region.clone(),
                waiting: vec![answer],
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
            // It was made or found a moment ago; only a change in between takes it away.
            let source = self.cached_for(by).ok_or(SessionError::NoSuchItem)?;
            let credentials = Box::new(source.credentials.clone());
            return Ok(Ok(Signature::Session(credentials)));
        }
        let (Some(id), Some(key)) = (link.identity, &link.key) else {
            return Err(SessionError::Internal);
        };
        let (identity, account) = self.identity_and_account(id)?;
        let proof = match link.device {
            None => None,
            Some(device) => match self.proof(id, &identity, &account, device)? {
                Ok(proof) => Some(proof),
                Err(secs) => return Ok(Err(secs)),
            },
        };
        let key = self.long_term_key(id, &identity, key)?;
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
        let is_awaited = |flight: &&mut Flight| flight.number == number;
        if self
            .flights
            .flying
            .get_mut(&inputs)
            .filter(is_awaited)
            .is_none()
        {
            return;
        }
        let Some(mut flight) = self.flights.flying.remove(&inputs) else {
            return;
        };
        let answer = match outcome {
            Ok(answer) => self.take_in_session(&flight.link, &flight.region, answer),
            Err(LinkError::Aws(error)) => self.take_in_refusal(&flight.link, error),
            Err(LinkError::Token(error)) => Err(SessionError::WebToken(error)),
        };
        flight.answer(&answer);
    }

    fn take_in_session(
        &mut self,
        link: &Link,
        region: &Region,
        answer: Answer<SessionCredentials>,
    ) -> Result<SessionAnswer, SessionError> {
        // The identity may have gone meanwhile; nothing is cached for it then.
        if let Some(identity) = link.identity {
            self.identity_of(identity)?;
        }
        let account = self.account_of(link.at)?;
        let endpoint = clock_name(&account);
        self.learn_offset(&endpoint, answer.clock_offset_secs);
        if let Some(device) = link.device {
            self.flights.refused.remove(&device);
        }
        let started_at = self.time_at(&account);
        let cached = CachedSession {
            id: SessionId::new_random(),
            inputs: link.inputs,
            kind: link.call.kind(),
            profile: link.profile,
            account: link.account,
            role: link.call.role().cloned(),
            identity: link.identity,
            key: link.key.clone(),
            device: link.device,
            duration_secs: link.duration.as_secs(),
            region: region.clone(),
            endpoint,
            started_at,
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
        link: &Link,
        error: AwsError,
    ) -> Result<SessionAnswer, SessionError> {
        let account = self.account_of(link.at)?;
        let host = clock_name(&account);
        self.learn_offset(&host, error.clock_offset_secs);
        self.keep_state();
        if let Some((id, device)) = link.identity.zip(link.device)
            && is_about_the_code(error.kind)
            && let Some(device) = self.identity_of(id)?.device(device)
            && self.flights.is_first_refusal(device.id, self.now())
        {
            // Perhaps somebody typed this code elsewhere, or the clock was off: the next one is tried.
            let secs = self.secs_until_code(&account, device).max(1);
            return Ok(SessionAnswer::Wait { secs });
        }
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
