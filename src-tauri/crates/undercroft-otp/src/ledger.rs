//! Which time steps were given out: AWS refuses a code that it has seen.
//!
//! # The rules
//!
//! - A step is given out once. Every step at or before the last one given out counts as used.
//! - [`Ledger::take`] gives the present step, or the following one when the present one is used; it never
//!   reserves further ahead. So at most two callers are served within one step: one now, one after a wait of
//!   less than a period. A third is told when to ask again. Without this bound a program that asks in a loop
//!   would reserve hours.
//! - A clock that moves backwards gives out nothing that was used: the caller is told how long it takes until the
//!   clock has caught up. A ledger that was fed a far too late clock would wait as long, which is what
//!   [`Ledger::forget`] is for, on the person's word.
//! - Steps are remembered with their period, so that a device whose period is changed does not lose its past.
//!
//! The ledger is kept in the machine-local state file. Whoever holds it writes a used step to the disk before the
//! code leaves.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use undercroft_model::{DeviceId, OtpParams, PeriodSecs, Timestamp};

use crate::TimeStep;
use crate::step::{secs_in, secs_until};

/// The last used time step of each device.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Ledger {
    last: BTreeMap<DeviceId, LastUsed>,
}

/// A step together with the period that it counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct LastUsed {
    step: TimeStep,
    period: PeriodSecs,
}

/// A step that was given to one caller and will not be given to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Taken {
    /// The step whose code the caller may use.
    pub step: TimeStep,
    /// Seconds until the step begins and its code is valid; `None` when it has begun.
    pub wait_secs: Option<u32>,
}

/// A step whose code a person copied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Copied {
    /// The present step.
    pub step: TimeStep,
    /// Whether it had been given out before: AWS may refuse it, so warn.
    pub used_before: bool,
}

/// Why no step can be given out now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LedgerError {
    /// The present step and the following one are both given out.
    #[error("the next code is promised to another program; ask again in {retry_in_secs} s")]
    NextIsTaken {
        /// Seconds until a step can be given out again.
        retry_in_secs: u32,
    },
    /// Steps were given out that lie further ahead than any would be: the clock moved backwards.
    #[error("the clock was set back; a code that was not used before comes in {retry_in_secs} s")]
    ClockMovedBack {
        /// Seconds until a step can be given out again.
        retry_in_secs: u32,
    },
}

impl LedgerError {
    /// Returns a stable code for programs; the text is for people.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NextIsTaken { .. } => "ledger-next-is-taken",
            Self::ClockMovedBack { .. } => "ledger-clock-moved-back",
        }
    }

    /// Returns the seconds until a step can be given out again.
    #[must_use]
    pub const fn retry_in_secs(&self) -> u32 {
        match self {
            Self::NextIsTaken { retry_in_secs } | Self::ClockMovedBack { retry_in_secs } => {
                *retry_in_secs
            }
        }
    }
}

impl Ledger {
    /// Gives out the earliest step that was not used: the present one, or else the following one.
    ///
    /// `now` is AWS's time: the local clock with its known offset.
    ///
    /// # Errors
    ///
    /// When both are used; nothing is reserved then.
    pub fn take(
        &mut self,
        device: DeviceId,
        now: Timestamp,
        params: OtpParams,
    ) -> Result<Taken, LedgerError> {
        let period = params.period;
        let present = TimeStep::at(now, period);
        let unused = self.first_unused(device, period);
        let step = present.max(unused);
        if step > present.next() {
            // The step before `step` is when `step` becomes the following one.
            let opens = TimeStep::from_counter(step.counter() - 1).starts_at(period);
            let retry_in_secs = secs_until(now, opens);
            return Err(if step > present.next().next() {
                LedgerError::ClockMovedBack { retry_in_secs }
            } else {
                LedgerError::NextIsTaken { retry_in_secs }
            });
        }
        self.mark_used(device, step, period);
        let wait_secs = (step > present).then(|| secs_until(now, step.starts_at(period)));
        Ok(Taken { step, wait_secs })
    }

    /// Gives out the present step to a person, who may have it even when it was used.
    pub fn copy(&mut self, device: DeviceId, now: Timestamp, params: OtpParams) -> Copied {
        let step = TimeStep::at(now, params.period);
        let used_before = self.is_used(device, step, params.period);
        self.mark_used(device, step, params.period);
        Copied { step, used_before }
    }

    /// Records that a step was used; an earlier one than the last changes nothing.
    pub fn mark_used(&mut self, device: DeviceId, step: TimeStep, period: PeriodSecs) {
        let used = LastUsed { step, period };
        self.last
            .entry(device)
            .and_modify(|last| {
                if used.ends_at() >= last.ends_at() {
                    *last = used;
                }
            })
            .or_insert(used);
    }

    /// Tells whether a step counts as used: it is the last used one or an earlier one.
    #[must_use]
    pub fn is_used(&self, device: DeviceId, step: TimeStep, period: PeriodSecs) -> bool {
        step < self.first_unused(device, period)
    }

    /// Forgets what was used of a device: when it is deleted, or when the person says that the clock was wrong.
    ///
    /// AWS does not forget: a code that it has seen stays refused.
    pub fn forget(&mut self, device: DeviceId) {
        self.last.remove(&device);
    }

    /// Forgets all devices but those that `is_known` knows.
    pub fn retain(&mut self, is_known: impl Fn(DeviceId) -> bool) {
        self.last.retain(|device, _| is_known(*device));
    }

    /// Takes over what another ledger of the same machine knows; the later step of each device counts.
    pub fn merge(&mut self, other: &Self) {
        for (device, used) in &other.last {
            self.mark_used(*device, used.step, used.period);
        }
    }

    /// Returns the earliest step, in the given period, that begins when the last used one has ended.
    fn first_unused(&self, device: DeviceId, period: PeriodSecs) -> TimeStep {
        self.last.get(&device).map_or(TimeStep::default(), |last| {
            if last.period == period {
                last.step.next()
            } else {
                TimeStep::from_counter(last.ends_at().div_ceil(secs_in(period)))
            }
        })
    }
}

impl LastUsed {
    /// Seconds since the epoch.
    fn ends_at(self) -> u64 {
        self.step
            .next()
            .counter()
            .saturating_mul(secs_in(self.period))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    const DEVICE: DeviceId = DeviceId::from_bytes([7; 16]);
    const OTHER: DeviceId = DeviceId::from_bytes([8; 16]);

    fn at(secs: i64) -> Timestamp {
        Timestamp::from_unix_secs(1_800_000_000 + secs)
    }

    fn period(secs: u32) -> OtpParams {
        OtpParams {
            period: PeriodSecs::new(secs).unwrap(),
            ..OtpParams::default()
        }
    }

    fn take(ledger: &mut Ledger, secs: i64) -> Result<(u64, Option<u32>), LedgerError> {
        let taken = ledger.take(DEVICE, at(secs), OtpParams::default())?;
        Ok((taken.step.counter() - 60_000_000, taken.wait_secs))
    }

    #[test]
    fn a_code_is_given_out_once_and_the_next_caller_waits() {
        let mut ledger = Ledger::default();
        assert_eq!(take(&mut ledger, 10), Ok((0, None)));
        assert_eq!(take(&mut ledger, 10), Ok((1, Some(20))));
        assert_eq!(
            take(&mut ledger, 11),
            Err(LedgerError::NextIsTaken { retry_in_secs: 19 })
        );
        assert_eq!(take(&mut ledger, 30), Ok((2, Some(30))));
        assert_eq!(take(&mut ledger, 90), Ok((3, None)));
    }

    #[test]
    fn a_refusal_reserves_nothing() {
        let mut ledger = Ledger::default();
        take(&mut ledger, 0).unwrap();
        take(&mut ledger, 0).unwrap();
        let before = ledger.clone();
        take(&mut ledger, 0).unwrap_err();
        assert_eq!(ledger, before);
    }

    #[test]
    fn the_promised_retry_is_kept() {
        let mut ledger = Ledger::default();
        take(&mut ledger, 10).unwrap();
        take(&mut ledger, 10).unwrap();
        for back in [0, 25, 100, 100_000] {
            let wait = take(&mut ledger, 10 - back).unwrap_err().retry_in_secs();
            assert!(take(&mut ledger.clone(), 10 - back + i64::from(wait) - 1).is_err());
            assert!(take(&mut ledger.clone(), 10 - back + i64::from(wait)).is_ok());
        }
    }

    #[test]
    fn a_clock_set_back_gives_out_nothing_used() {
        let mut ledger = Ledger::default();
        take(&mut ledger, 3600).unwrap();
        assert_eq!(
            take(&mut ledger, 0),
            Err(LedgerError::ClockMovedBack {
                retry_in_secs: 3600
            })
        );
        ledger.forget(DEVICE);
        assert_eq!(take(&mut ledger, 0), Ok((0, None)));
    }

    #[test]
    fn a_clock_set_back_by_one_step_only_waits() {
        let mut ledger = Ledger::default();
        take(&mut ledger, 30).unwrap();
        assert_eq!(
            take(&mut ledger, 29),
            Err(LedgerError::NextIsTaken { retry_in_secs: 1 })
        );
    }

    #[test]
    fn a_clock_set_back_by_two_steps_is_told_from_a_promised_code() {
        let mut ledger = Ledger::default();
        take(&mut ledger, 30).unwrap();
        assert_eq!(
            take(&mut ledger, 0),
            Err(LedgerError::NextIsTaken { retry_in_secs: 30 })
        );
        take(&mut ledger, 60).unwrap();
        let moved_back = LedgerError::ClockMovedBack { retry_in_secs: 60 };
        assert_eq!(take(&mut ledger, 0), Err(moved_back));
        assert_eq!(take(&mut ledger, 29).unwrap_err().retry_in_secs(), 31);
        assert_eq!(
            take(&mut ledger, 30),
            Err(LedgerError::NextIsTaken { retry_in_secs: 30 })
        );
        assert_eq!(take(&mut ledger, 60), Ok((3, Some(30))));
    }

    #[test]
    fn every_step_up_to_the_last_one_counts_as_used() {
        let mut ledger = Ledger::default();
        let is_used = |ledger: &Ledger, counter, secs| {
            ledger.is_used(DEVICE, TimeStep::from_counter(counter), period(secs).period)
        };
        assert!(!is_used(&ledger, 0, 30));
        ledger.mark_used(DEVICE, TimeStep::from_counter(10), PeriodSecs::THIRTY);
        assert!(is_used(&ledger, 0, 30));
        assert!(is_used(&ledger, 10, 30));
        assert!(!is_used(&ledger, 11, 30));
        // The last one ended at second 330.
        assert!(is_used(&ledger, 5, 60));
        assert!(!is_used(&ledger, 6, 60));
        assert!(is_used(&ledger, 32, 10));
        assert!(!is_used(&ledger, 33, 10));
        assert!(!ledger.is_used(OTHER, TimeStep::from_counter(10), PeriodSecs::THIRTY));
    }

    #[test]
    fn an_earlier_use_changes_nothing() {
        let mut ledger = Ledger::default();
        ledger.mark_used(DEVICE, TimeStep::from_counter(10), PeriodSecs::THIRTY);
        let before = ledger.clone();
        for (counter, secs) in [(9, 30), (4, 60), (31, 10)] {
            ledger.mark_used(DEVICE, TimeStep::from_counter(counter), period(secs).period);
            assert_eq!(ledger, before, "{counter} of {secs} s");
        }
        ledger.mark_used(DEVICE, TimeStep::from_counter(33), period(10).period);
        assert!(ledger.is_used(DEVICE, TimeStep::from_counter(33), period(10).period));
        assert_ne!(ledger, before);
    }

    #[test]
    fn a_step_beyond_every_clock_stays_used() {
        let mut ledger = Ledger::default();
        for counter in [u64::MAX / 2, u64::MAX - 1] {
            let step = TimeStep::from_counter(counter);
            ledger.mark_used(DEVICE, step, PeriodSecs::THIRTY);
            assert!(
                ledger.is_used(DEVICE, step, PeriodSecs::THIRTY),
                "{counter}"
            );
            let error = take(&mut ledger, 0).unwrap_err();
            assert_eq!(error.code(), "ledger-clock-moved-back");
            assert_eq!(error.retry_in_secs(), u32::MAX);
        }
    }

    #[test]
    fn each_error_has_its_code_and_its_wait() {
        for (error, code) in [
            (
                LedgerError::NextIsTaken { retry_in_secs: 7 },
                "ledger-next-is-taken",
            ),
            (
                LedgerError::ClockMovedBack { retry_in_secs: 7 },
                "ledger-clock-moved-back",
            ),
        ] {
            assert_eq!((error.code(), error.retry_in_secs()), (code, 7));
            assert!(error.to_string().contains("7 s"), "{error}");
        }
    }

    #[test]
    fn only_the_one_that_is_forgotten_goes() {
        let mut ledger = Ledger::default();
        let step = TimeStep::from_counter(1);
        for device in [DEVICE, OTHER] {
            ledger.mark_used(device, step, PeriodSecs::THIRTY);
        }
        ledger.forget(DEVICE);
        assert!(!ledger.is_used(DEVICE, step, PeriodSecs::THIRTY));
        assert!(ledger.is_used(OTHER, step, PeriodSecs::THIRTY));
    }

    #[test]
    fn merging_brings_devices_that_were_not_known() {
        let (mut one, mut two) = (Ledger::default(), Ledger::default());
        one.mark_used(DEVICE, TimeStep::from_counter(1), PeriodSecs::THIRTY);
        two.mark_used(OTHER, TimeStep::from_counter(2), period(60).period);
        one.merge(&two);
        assert!(one.is_used(DEVICE, TimeStep::from_counter(1), PeriodSecs::THIRTY));
        assert!(one.is_used(OTHER, TimeStep::from_counter(2), period(60).period));
    }

    #[test]
    fn copies_by_hand_count_with_a_warning() {
        let mut ledger = Ledger::default();
        let copy =
            |ledger: &mut Ledger| ledger.copy(DEVICE, at(0), OtpParams::default()).used_before;
        assert!(!copy(&mut ledger));
        assert!(copy(&mut ledger));
        assert_eq!(take(&mut ledger, 0), Ok((1, Some(30))));
        assert!(
            copy(&mut ledger),
            "and the copy does not bring the step back"
        );
        assert_eq!(take(&mut ledger, 30), Ok((2, Some(30))));
    }

    #[test]
    fn devices_do_not_disturb_each_other() {
        let mut ledger = Ledger::default();
        take(&mut ledger, 0).unwrap();
        assert_eq!(
            ledger
                .take(OTHER, at(0), OtpParams::default())
                .unwrap()
                .wait_secs,
            None
        );
        ledger.retain(|device| device == OTHER);
        assert_eq!(take(&mut ledger, 0), Ok((0, None)));
        assert!(
            ledger
                .take(OTHER, at(0), OtpParams::default())
                .unwrap()
                .wait_secs
                .is_some()
        );
    }

    #[test]
    fn a_changed_period_keeps_the_past() {
        for (before, after) in [(30, 60), (60, 30), (30, 45), (300, 1), (1, 300)] {
            let mut ledger = Ledger::default();
            let used = ledger
                .take(DEVICE, at(7), period(before))
                .unwrap()
                .step
                .ends_at(period(before).period);
            if let Ok(taken) = ledger.take(DEVICE, at(7), period(after)) {
                assert!(
                    taken.step.starts_at(period(after).period) >= used,
                    "{before} to {after}"
                );
            }
            let later = ledger.take(DEVICE, at(1000), period(after)).unwrap();
            assert_eq!(later.wait_secs, None, "{before} to {after}");
        }
    }

    #[test]
    fn merging_keeps_the_later_step() {
        let (mut one, mut two) = (Ledger::default(), Ledger::default());
        take(&mut one, 0).unwrap();
        take(&mut two, 90).unwrap();
        let later = two.clone();
        two.merge(&one);
        one.merge(&later);
        assert_eq!(one, later);
        assert_eq!(two, later);
    }

    #[test]
    fn it_survives_the_state_file() {
        let mut ledger = Ledger::default();
        take(&mut ledger, 0).unwrap();
        ledger.take(OTHER, at(0), period(60)).unwrap();
        let text = serde_json::to_string(&ledger).unwrap();
        assert_eq!(serde_json::from_str::<Ledger>(&text).unwrap(), ledger);
        let mut bytes = Vec::new();
        ciborium::into_writer(&ledger, &mut bytes).unwrap();
        assert_eq!(
            ciborium::from_reader::<Ledger, _>(&bytes[..]).unwrap(),
            ledger
        );
    }

    proptest! {
        #[test]
        fn whatever_the_clock_does_no_step_is_given_out_twice(
            times in proptest::collection::vec(-200i64..400, 1..200),
        ) {
            let mut ledger = Ledger::default();
            let mut seen = BTreeSet::new();
            for secs in times {
                let present = TimeStep::at(at(secs), PeriodSecs::THIRTY);
                if let Ok(taken) = ledger.take(DEVICE, at(secs), OtpParams::default()) {
                    prop_assert!(seen.insert(taken.step));
                    prop_assert!(seen.last() == Some(&taken.step), "steps only go forward");
                    prop_assert!(taken.step == present || taken.step == present.next());
                    prop_assert_eq!(taken.wait_secs.is_some(), taken.step > present);
                    prop_assert!(taken.wait_secs.is_none_or(|wait| (1..=30).contains(&wait)));
                }
            }
        }

        #[test]
        fn no_moment_of_use_is_given_out_twice_when_periods_change(
            calls in proptest::collection::vec((0i64..2000, 1u32..=300), 1..60),
        ) {
            let mut ledger = Ledger::default();
            let mut used_until = Timestamp::from_unix_secs(0);
            for (secs, length) in calls {
                if let Ok(taken) = ledger.take(DEVICE, at(secs), period(length)) {
                    let period = period(length).period;
                    prop_assert!(taken.step.starts_at(period) >= used_until);
                    used_until = taken.step.ends_at(period);
                }
            }
        }

        #[test]
        fn no_counter_panics(counter: u64, length in 1u32..=300, now: i64, other in 1u32..=300) {
            let mut ledger = Ledger::default();
            ledger.mark_used(DEVICE, TimeStep::from_counter(counter), period(length).period);
            let _ = ledger.take(DEVICE, Timestamp::from_unix_secs(now), period(other));
            let _ = ledger.copy(DEVICE, Timestamp::from_unix_secs(now), period(other));
        }
    }
}
