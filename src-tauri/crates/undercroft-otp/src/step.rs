//! Time steps: the counter of RFC 6238.

use serde::{Deserialize, Serialize};
use undercroft_model::{PeriodSecs, Timestamp};

/// The number of whole periods since the Unix epoch (`T` in RFC 6238 section 4.2).
///
/// A step says nothing about its period: steps of different periods must not be compared.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct TimeStep(u64);

impl TimeStep {
    /// Wraps a counter as RFC 4226 counts it.
    #[must_use]
    pub const fn from_counter(counter: u64) -> Self {
        Self(counter)
    }

    /// Returns the step that `time` falls in; times before 1970 count as step 0.
    #[must_use]
    pub fn at(time: Timestamp, period: PeriodSecs) -> Self {
        let secs = u64::try_from(time.unix_secs()).unwrap_or(0);
        Self(secs / secs_in(period))
    }

    /// Returns the counter that is signed.
    #[must_use]
    pub const fn counter(self) -> u64 {
        self.0
    }

    /// Returns the following step.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }

    /// Returns the first second of the step.
    #[must_use]
    pub fn starts_at(self, period: PeriodSecs) -> Timestamp {
        let secs = self.0.saturating_mul(secs_in(period));
        Timestamp::from_unix_secs(i64::try_from(secs).unwrap_or(i64::MAX))
    }

    /// Returns the first second after the step.
    #[must_use]
    pub fn ends_at(self, period: PeriodSecs) -> Timestamp {
        self.next().starts_at(period)
    }
}

/// Where `now` stands in its time step: what a display needs to draw the ring.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// The step that `now` falls in.
    pub step: TimeStep,
    /// The length of the step.
    pub period: PeriodSecs,
    /// Seconds until the next step, from the period down to 1.
    pub left_secs: u32,
}

impl Window {
    /// Computes the window of `now`.
    #[must_use]
    pub fn at(now: Timestamp, period: PeriodSecs) -> Self {
        let step = TimeStep::at(now, period);
        Self {
            step,
            period,
            left_secs: secs_until(now, step.ends_at(period)),
        }
    }
}

/// Returns the seconds from `now` until `then`, 0 when it has passed.
pub(crate) fn secs_until(now: Timestamp, then: Timestamp) -> u32 {
    let secs = then.unix_secs().saturating_sub(now.unix_secs());
    u32::try_from(secs.max(0)).unwrap_or(u32::MAX)
}

/// Returns the period as a divisor; `PeriodSecs` is never 0.
pub(crate) fn secs_in(period: PeriodSecs) -> u64 {
    u64::from(period.as_secs()).max(1)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn period(secs: u32) -> PeriodSecs {
        PeriodSecs::new(secs).unwrap()
    }

    fn at(secs: i64) -> Timestamp {
        Timestamp::from_unix_secs(secs)
    }

    #[test]
    fn a_step_starts_and_ends_on_multiples_of_the_period() {
        let step = TimeStep::at(at(59), period(30));
        assert_eq!(step.counter(), 1);
        assert_eq!(step.starts_at(period(30)), at(30));
        assert_eq!(step.ends_at(period(30)), at(60));
    }

    #[test]
    fn times_before_1970_are_in_step_zero() {
        assert_eq!(TimeStep::at(at(-1), period(30)).counter(), 0);
        assert_eq!(TimeStep::at(at(i64::MIN), period(1)).counter(), 0);
    }

    #[test]
    fn a_step_begins_with_its_first_second() {
        for (secs, length, counter) in [
            (0, 30, 0),
            (29, 30, 0),
            (30, 30, 1),
            (59, 60, 0),
            (60, 60, 1),
            (7, 1, 7),
            (299, 300, 0),
            (300, 300, 1),
        ] {
            let step = TimeStep::at(at(secs), period(length));
            assert_eq!(step.counter(), counter, "second {secs} of {length}");
        }
    }

    #[test]
    fn the_last_step_has_none_after_it() {
        let last = TimeStep::from_counter(u64::MAX);
        assert_eq!(last.next(), last);
        assert_eq!(TimeStep::from_counter(u64::MAX - 1).next(), last);
        assert_eq!(last.starts_at(period(1)), at(i64::MAX));
        assert_eq!(last.ends_at(period(300)), at(i64::MAX));
    }

    #[test]
    fn what_has_passed_is_awaited_no_longer() {
        let most = i64::from(u32::MAX);
        for (now, then, secs) in [
            (5, 6, 1),
            (5, 5, 0),
            (6, 5, 0),
            (-1, 1, 2),
            (0, most, u32::MAX),
            (0, most - 1, u32::MAX - 1),
            (0, most + 1, u32::MAX),
            (i64::MIN, i64::MAX, u32::MAX),
            (i64::MAX, i64::MIN, 0),
        ] {
            assert_eq!(secs_until(at(now), at(then)), secs, "from {now} to {then}");
        }
    }

    #[test]
    fn the_window_counts_down_to_one() {
        assert_eq!(Window::at(at(30), period(30)).left_secs, 30);
        assert_eq!(Window::at(at(59), period(30)).left_secs, 1);
        assert_eq!(Window::at(at(60), period(30)).left_secs, 30);
        let window = Window::at(at(299), period(300));
        assert_eq!(window.step, TimeStep::from_counter(0));
        assert_eq!((window.period, window.left_secs), (period(300), 1));
    }

    proptest! {
        #[test]
        fn every_time_falls_inside_its_step(secs in any::<i64>(), length in 1u32..=300) {
            let period = period(length);
            let step = TimeStep::at(at(secs), period);
            if (0..i64::MAX - 300).contains(&secs) {
                prop_assert!(step.starts_at(period) <= at(secs));
                prop_assert!(at(secs) < step.ends_at(period));
                prop_assert!((1..=length).contains(&Window::at(at(secs), period).left_secs));
            }
        }

        #[test]
        fn no_counter_overflows(counter in any::<u64>(), length in 1u32..=300, now in any::<i64>()) {
            let step = TimeStep::from_counter(counter);
            prop_assert!(step.starts_at(period(length)) <= step.ends_at(period(length)));
            let _ = secs_until(at(now), step.ends_at(period(length)));
        }
    }
}
