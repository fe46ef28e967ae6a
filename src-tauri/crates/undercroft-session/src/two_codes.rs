//! The two consecutive codes that AWS asks for when a device is assigned.
//!
//! Source: IAM's `EnableMFADevice`, which takes `AuthenticationCode1` and `AuthenticationCode2`. The first is copied
//! at once, whatever is left of its time: it is the second that has to be fresh when both are sent.

use undercroft_model::{DeviceId, ItemId, Timestamp};
use undercroft_otp::{TimeStep, code};

use crate::{
    EnrolmentAnswer, EnrolmentCode, EnrolmentTurn, Event, Session, SessionError, unlocked::Unlocked,
};

/// The device that is being assigned and the step of its first code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TwoCodes {
    device: DeviceId,
    first: TimeStep,
}

impl Session {
    /// Copies the first or the second of the two codes and counts it as used.
    ///
    /// # Errors
    /// [`SessionError::NoClipboard`]; [`SessionError::StateFile`] when it can't be counted; when it is gone.
    pub async fn copy_enrolment_code(
        &self,
        identity: ItemId,
        device: DeviceId,
        turn: EnrolmentTurn,
    ) -> Result<EnrolmentAnswer, SessionError> {
        self.act(move |open| open.copy_enrolment_code(identity, device, turn))
            .await
    }
}

impl Unlocked {
    fn copy_enrolment_code(
        &mut self,
        id: ItemId,
        device: DeviceId,
        turn: EnrolmentTurn,
    ) -> Result<EnrolmentAnswer, SessionError> {
        let (identity, account) = self.identity_and_account(id)?;
        let device = identity.device(device).ok_or(SessionError::NoSuchItem)?;
        let period = device.params.period;
        let millis = self.millis_at(&account);
        let present = TimeStep::at(Timestamp::from_unix_secs(millis.div_euclid(1000)), period);
        let ends_in_ms = |step: TimeStep| {
            let end = step.ends_at(period).unix_secs().saturating_mul(1000);
            u32::try_from(end.saturating_sub(millis)).unwrap_or(0)
        };
        let step = match turn {
            EnrolmentTurn::First => present,
            EnrolmentTurn::Second => {
                let begun = self.two_codes.filter(|one| one.device == device.id);
                let Some(TwoCodes { first, .. }) = begun else {
                    return Ok(EnrolmentAnswer::TooLate);
                };
                if present == first {
                    let in_ms = ends_in_ms(first);
                    return Ok(EnrolmentAnswer::NotYet { in_ms });
                }
                if present != first.next() {
                    self.two_codes = None;
                    return Ok(EnrolmentAnswer::TooLate);
                }
                present
            }
        };
        let seed = self.seed_of(id, device)?;
        let used_before = self.state.ledger.is_used(device.id, step, period);
        self.use_up(|ledger| ledger.mark_used(device.id, step, period))?;
        let code = code(&seed, device.params, step);
        let clears_in_secs = self.copy_code_text(code.clone())?;
        if turn == EnrolmentTurn::First {
            self.two_codes = Some(TwoCodes {
                device: device.id,
                first: step,
            });
        }
        self.notify(Event::Changed { item: Some(id) });
        Ok(EnrolmentAnswer::Copied(EnrolmentCode {
            code,
            clears_in_secs,
            used_before,
            ends_in_ms: ends_in_ms(step),
            period,
        }))
    }
}
