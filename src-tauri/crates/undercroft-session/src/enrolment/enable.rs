//! The step that gives a device to its user: two codes of time steps that follow each other.

use undercroft_aws::{Answer, AwsError, AwsErrorKind, CodePair, EnrolledDevice};
use undercroft_model::{AccessKeyId, Account, DeviceId, ItemId, MfaDevice, Serial};
use undercroft_otp::{TimeStep, code};

use super::{EnrolmentStep, Subject};
use crate::{Session, SessionError, unlocked::Unlocked};

/// How many steps ahead a pair is looked for; further ahead, the clock was set back.
const STEPS_AHEAD: u64 = 3;

/// Two codes, or how long it takes until there are two.
pub(super) enum Pair {
    Now(CodePair),
    InSecs(u32),
}

impl Session {
    pub(super) async fn enable(
        &self,
        identity: ItemId,
        key: AccessKeyId,
    ) -> Result<EnrolmentStep, SessionError> {
        let asked = key.clone();
        let begun = self
            .act(move |open| {
                open.demand_saved()?;
                let (subject, signing, _) = open.named(identity, &asked)?;
                let (device, _) = unfinished(&subject)?;
                let codes = match open.pair(identity, &subject, device)? {
                    Pair::InSecs(secs) => return Ok(Err(secs)),
                    Pair::Now(codes) => codes,
                };
                let (iam, target) = (open.shared.iam.clone(), open.iam_target(&subject.account));
                let (had_mfa, user) = (signing.has_mfa(), subject.user.clone());
                let call = open.calls.spawn(async move {
                    iam.enable_mfa_device(&target, signing.signer(), &user, codes)
                        .await
                });
                Ok(Ok((call, subject, had_mfa)))
            })
            .await?;
        let (call, subject, had_mfa) = match begun {
            Ok(begun) => begun,
            Err(secs) => {
                return Ok(EnrolmentStep::Wait {
                    secs,
                    enabled: false,
                });
            }
        };
        let answer = call.await.map_err(|_| SessionError::Locked)?;
        let is_taken = |error: &AwsError| error.kind == AwsErrorKind::EntityExists;
        if answer.as_ref().err().is_some_and(is_taken) {
            // Perhaps the answer to an earlier try was lost.
            return self.look_for_enabled(identity, key, answer).await;
        }
        self.act(move |open| {
            open.hear(&subject, had_mfa, answer)?;
            open.mark_enabled(identity)
        })
        .await
    }

    async fn look_for_enabled(
        &self,
        identity: ItemId,
        key: AccessKeyId,
        refusal: Result<Answer<()>, AwsError>,
    ) -> Result<EnrolmentStep, SessionError> {
        let listed = self.ask_devices(identity, &key).await?;
        self.act(move |open| {
            let subject = open.subject(identity)?;
            let (_, serial) = unfinished(&subject)?;
            if is_listed(&listed, &serial) {
                return open.mark_enabled(identity);
            }
            open.hear(&subject, true, refusal)?;
            Ok(EnrolmentStep::Created)
        })
        .await
    }
}

/// The device that is being made, and its serial.
pub(super) fn unfinished(subject: &Subject) -> Result<(DeviceId, Serial), SessionError> {
    let enrolment = subject.identity.enrolment.as_ref();
    let device = enrolment
        .and_then(|enrolment| enrolment.device)
        .and_then(|id| subject.identity.device(id))
        .ok_or(SessionError::NoSuchItem)?;
    let serial = device.serial.clone().ok_or(SessionError::NoSuchItem)?;
    Ok((device.id, serial))
}

fn is_listed(listed: &[EnrolledDevice], serial: &Serial) -> bool {
    listed
        .iter()
        .any(|device| device.makes_codes.as_ref() == Some(serial))
}

impl Unlocked {
    fn mark_enabled(&mut self, id: ItemId) -> Result<EnrolmentStep, SessionError> {
        let identity = self.identity_of(id)?;
        let mut enrolment = identity.enrolment.ok_or(SessionError::NoSuchItem)?;
        enrolment.enabled = true;
        self.set_enrolment(id, Some(enrolment))?;
        Ok(EnrolmentStep::Enabled)
    }

    /// Two codes of steps that follow each other, neither of them used, the second one present or past; both are
    /// durably used before they leave.
    pub(super) fn pair(
        &mut self,
        id: ItemId,
        subject: &Subject,
        device: DeviceId,
    ) -> Result<Pair, SessionError> {
        let device = subject
            .identity
            .device(device)
            .ok_or(SessionError::NoSuchItem)?;
        let serial = device.serial.clone().ok_or_else(|| {
            SessionError::field("device", "AWS wants the device's serial; add it first")
        })?;
        let period = device.params.period;
        let Some((first, second)) = self.unused_pair(&subject.account, device) else {
            return Ok(Pair::InSecs(period.as_secs()));
        };
        let now = self.time_at_iam(&subject.account);
        let wait = second.starts_at(period).secs_since(now);
        if wait > 0 {
            return Ok(Pair::InSecs(u32::try_from(wait).unwrap_or(u32::MAX)));
        }
        let seed = self.seed_of(id, device)?;
        self.use_up(|ledger| ledger.mark_used(device.id, second, period))?;
        let of = |step| code(&seed, device.params, step).into_secret();
        CodePair::new(serial, of(first), of(second))
            .map(Pair::Now)
            .map_err(|error| SessionError::field("device", error))
    }

    /// The earliest unused pair from the last step on.
    fn unused_pair(&self, account: &Account, device: &MfaDevice) -> Option<(TimeStep, TimeStep)> {
        let period = device.params.period;
        let present = TimeStep::at(self.time_at_iam(account), period).counter();
        let is_free = |step: &TimeStep| !self.state.ledger.is_used(device.id, *step, period);
        let first = (present.saturating_sub(1)..=present.saturating_add(STEPS_AHEAD))
            .map(TimeStep::from_counter)
            .find(is_free)?;
        Some((first, first.next()))
    }
}
