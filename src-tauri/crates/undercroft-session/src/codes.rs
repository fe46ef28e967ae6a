//! Codes: shown, and given out once each.

use undercroft_model::{Account, DeviceId, Identity, ItemId, MfaDevice, PeriodSecs, Timestamp};
use undercroft_otp::{Code, Ledger, LedgerError, Live, TimeStep, code};

use crate::{Copied, DeviceCodes, Session, SessionError, clocks::clock_name, unlocked::Unlocked};

/// A code that ends sooner than this can't be typed in time: the next one is copied instead.
const TOO_SHORT_MS: i64 = 3000;

impl Session {
    /// The present and the next code of each MFA device of an identity, by AWS's clock.
    ///
    /// # Errors
    /// When the identity is gone.
    pub async fn codes(&self, identity: ItemId) -> Result<Vec<DeviceCodes>, SessionError> {
        self.look(move |open| open.codes(identity)).await
    }
}

/// Which code a person asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Which {
    /// The present one, or the next one when it is about to end.
    Present,
    /// The one after the present one.
    Next,
}

/// A code for a call, or how long it takes until there is one.
pub(crate) enum NextCode {
    Now(Code),
    InSecs(u32),
}

impl Unlocked {
    fn codes(&self, id: ItemId) -> Result<Vec<DeviceCodes>, SessionError> {
        let (identity, account) = self.identity_and_account(id)?;
        let millis = self.millis_at(&account);
        let devices = identity.devices.iter();
        devices
            .map(|device| self.codes_of(id, device, millis))
            .collect()
    }

    fn codes_of(
        &self,
        id: ItemId,
        device: &MfaDevice,
        millis: i64,
    ) -> Result<DeviceCodes, SessionError> {
        let seed = self.seed_of(id, device)?;
        let period = device.params.period;
        let now = Timestamp::from_unix_secs(millis.div_euclid(1000));
        let Live { code, next, window } = Live::at(&seed, device.params, now);
        let is_used = |step| self.state.ledger.is_used(device.id, step, period);
        Ok(DeviceCodes {
            device: device.id,
            code,
            next,
            ends_in_ms: u32::try_from(millis_left(window.step, period, millis)).unwrap_or(0),
            period,
            used: is_used(window.step),
            next_used: is_used(window.step.next()),
        })
    }

    /// Gives a code to a person, who may have it even when it was used, and says so.
    pub(crate) fn code_by_hand(
        &mut self,
        id: ItemId,
        device: DeviceId,
        which: Which,
    ) -> Result<(Code, Copied), SessionError> {
        let (identity, account) = self.identity_and_account(id)?;
        let device = identity.device(device).ok_or(SessionError::NoSuchItem)?;
        let seed = self.seed_of(id, device)?;
        let millis = self.millis_at(&account);
        let period = device.params.period;
        let present = TimeStep::at(Timestamp::from_unix_secs(millis.div_euclid(1000)), period);
        let left_ms = millis_left(present, period, millis);
        let takes_next = match which {
            Which::Present => left_ms < TOO_SHORT_MS.min(i64::from(period.as_secs()) * 500),
            Which::Next => true,
        };
        let step = if takes_next { present.next() } else { present };
        let used_before = self.state.ledger.is_used(device.id, step, period);
        self.use_up(|ledger| ledger.mark_used(device.id, step, period))?;
        let copied = Copied {
            clears_in_secs: None,
            used_before,
            valid_in_secs: takes_next
                .then(|| u32::try_from(left_ms.max(0).div_euclid(1000) + 1).unwrap_or(u32::MAX)),
        };
        Ok((code(&seed, device.params, step), copied))
    }

    /// Gives the next unused code to a call; what is given is durably used before it leaves.
    pub(crate) fn code_for_call(
        &mut self,
        id: ItemId,
        identity: &Identity,
        account: &Account,
        device: DeviceId,
    ) -> Result<NextCode, SessionError> {
        let device = identity.device(device).ok_or(SessionError::NoSuchItem)?;
        self.forget_impossible_steps(account, device);
        let secs = self.secs_until_code(account, device);
        if secs > 0 {
            return Ok(NextCode::InSecs(secs));
        }
        let seed = self.seed_of(id, device)?;
        let step = TimeStep::at(self.time_at(account), device.params.period);
        self.use_up(|ledger| ledger.mark_used(device.id, step, device.params.period))?;
        Ok(NextCode::Now(code(&seed, device.params, step)))
    }

    /// Seconds until a device has a code that was not given out; 0 when the present one is free.
    pub(crate) fn secs_until_code(&self, account: &Account, device: &MfaDevice) -> u32 {
        // Only looked at: a step that is not there yet is not promised to anybody.
        let mut ledger = self.state.ledger.clone();
        match ledger.take(device.id, self.time_at(account), device.params) {
            Ok(taken) => taken.wait_secs.unwrap_or(0),
            Err(error) => error.retry_in_secs(),
        }
    }

    /// After a wrong clock was set right, steps far in the future count as used, though AWS can't have taken them:
    /// forgets these, and counts the present one as used to be safe.
    pub(crate) fn forget_impossible_steps(&mut self, account: &Account, device: &MfaDevice) {
        if !self.state.clocks.contains_key(&clock_name(account)) {
            return;
        }
        let now = self.time_at(account);
        let taken = self
            .state
            .ledger
            .clone()
            .take(device.id, now, device.params);
        if let Err(LedgerError::ClockMovedBack { .. }) = taken {
            let period = device.params.period;
            self.state.ledger.forget(device.id);
            self.state
                .ledger
                .mark_used(device.id, TimeStep::at(now, period), period);
        }
    }

    /// Counts the present step of every device as used: whether it was is not known any more.
    pub(crate) fn use_up_present_steps(&mut self) {
        let identities: Vec<ItemId> = self
            .catalogue
            .identity_cards()
            .map(|card| card.row.id)
            .collect();
        for id in identities {
            let Ok((identity, account)) = self.identity_and_account(id) else {
                continue;
            };
            let now = self.time_at(&account);
            for device in &identity.devices {
                let period = device.params.period;
                let step = TimeStep::at(now, period);
                self.state.ledger.mark_used(device.id, step, period);
            }
        }
        self.keep_state();
    }

    /// Changes the ledger durably, or not at all.
    pub(crate) fn use_up(&mut self, change: impl FnOnce(&mut Ledger)) -> Result<(), SessionError> {
        let before = self.state.ledger.clone();
        change(&mut self.state.ledger);
        self.state_file
            .write(&self.state)
            .inspect_err(|_| self.state.ledger = before)
    }
}

fn millis_left(step: TimeStep, period: PeriodSecs, millis: i64) -> i64 {
    let ends_at = step.ends_at(period).unix_secs().saturating_mul(1000);
    ends_at.saturating_sub(millis)
}
