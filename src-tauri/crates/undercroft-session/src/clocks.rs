//! AWS's time: the offset of each endpoint's clock, for signing and for codes.

use undercroft_aws::Target;
use undercroft_model::{Account, EndpointUrl, Partition, Region, Timestamp};

use crate::{
    Clock, ClockOffset, Event, Notice, notices::CLOCK_OFF_SECS, state::ClockEntry,
    unlocked::Unlocked,
};

/// Where the system does not name its runs, a bigger jump of the local clock than this, since a measurement by an earlier
/// process, is rather a new start of the machine, after which the measurement says nothing.
const LARGEST_STEP_MILLIS: u64 = 60 * 60 * 1000;

/// Names an endpoint's clock: the host of AWS's own, the origin of a custom one.
///
/// A custom endpoint never shares a clock with AWS's, not even one that names AWS's host: over plain HTTP anybody could
/// answer for it.
pub(crate) fn clock_name(account: &Account) -> String {
    clock_at(
        account.partition,
        &account.region_or_default(),
        account.endpoints.sts.as_ref(),
    )
}

/// The same for an account that is not filed yet.
pub(crate) fn clock_at(
    partition: Partition,
    region: &Region,
    endpoint: Option<&EndpointUrl>,
) -> String {
    match endpoint {
        Some(endpoint) => {
            let scheme = if endpoint.is_plain_http() {
                "http"
            } else {
                "https"
            };
            format!("{scheme}://{}", endpoint.authority())
        }
        None => partition.sts_endpoint_host(region),
    }
}

/// The local time of day minus the monotonic clock; changes only when the clock is set or the machine starts.
fn base_millis(clock: &dyn Clock) -> i64 {
    let monotonic = i64::try_from(clock.monotonic().as_millis()).unwrap_or(i64::MAX);
    clock.now_millis().saturating_sub(monotonic)
}

impl ClockEntry {
    fn measured(offset_secs: i64, clock: &dyn Clock) -> Self {
        Self {
            offset_secs,
            base_millis: base_millis(clock),
            boot: clock.boot(),
        }
    }

    /// Whether the measurement, by an earlier process, still says something.
    pub(crate) fn is_of_this_start(&self, clock: &dyn Clock) -> bool {
        if let (Some(then), Some(now)) = (self.boot, clock.boot()) {
            return then == now;
        }
        let step = base_millis(clock).checked_sub(self.base_millis);
        step.is_some_and(|step| step.unsigned_abs() <= LARGEST_STEP_MILLIS)
    }

    /// The offset now, with what the local clock was set by since; nothing when it says nothing any more.
    fn offset_now(&self, clock: &dyn Clock) -> Option<i64> {
        let step = base_millis(clock).checked_sub(self.base_millis)?;
        // While a process runs, the machine does not start anew: the clock was set by just that.
        if !clock.counts_sleep() && step.unsigned_abs() > LARGEST_STEP_MILLIS {
            return None;
        }
        // Rounded to the nearest second; monotonic clocks and the time of day drift apart by little.
        let step_secs = (step + 500 * step.signum()) / 1000;
        Some(self.offset_secs.saturating_sub(step_secs))
    }
}

impl Unlocked {
    /// Where an account's STS calls go.
    pub(crate) fn target_of(&self, account: &Account) -> Target {
        Target {
            partition: account.partition,
            region: account.region_or_default(),
            endpoint: account.endpoints.sts.clone(),
            clock_offset_secs: self.clock_offset(account),
        }
    }

    /// How far the clock of an account's endpoint is ahead; 0 when unknown.
    pub(crate) fn clock_offset(&self, account: &Account) -> i64 {
        self.offset_of(&clock_name(account))
    }

    /// How far the clock of that name is ahead; 0 when unknown.
    pub(crate) fn offset_of(&self, endpoint: &str) -> i64 {
        self.state
            .clocks
            .get(endpoint)
            .and_then(|entry| entry.offset_now(&*self.shared.clock))
            .unwrap_or(0)
    }

    /// The time by the clock of that name.
    pub(crate) fn time_by(&self, endpoint: &str) -> Timestamp {
        self.shared.now().plus_secs(self.offset_of(endpoint))
    }

    /// The time at an account's endpoint.
    pub(crate) fn time_at(&self, account: &Account) -> Timestamp {
        self.shared.now().plus_secs(self.clock_offset(account))
    }

    /// The same in milliseconds.
    pub(crate) fn millis_at(&self, account: &Account) -> i64 {
        let offset = self.clock_offset(account).saturating_mul(1000);
        self.shared.clock.now_millis().saturating_add(offset)
    }

    /// Keeps what an answer's date told, and tells the user when it is far off.
    pub(crate) fn learn_offset(&mut self, host: &str, offset_secs: Option<i64>) {
        let Some(offset_secs) = offset_secs else {
            return;
        };
        let entry = ClockEntry::measured(offset_secs, &*self.shared.clock);
        self.state.clocks.insert(host.to_owned(), entry);
        let changed = if offset_secs.abs() > CLOCK_OFF_SECS {
            self.notices.raise(Notice::ClockOff {
                offset_secs,
                host: host.to_owned(),
            });
            true
        } else {
            self.notices.settle(
                |notice| matches!(notice, Notice::ClockOff { host: other, .. } if other == host),
            )
        };
        if changed {
            self.notify(Event::Changed { item: None });
        }
    }

    pub(crate) fn clock_offsets(&self) -> Vec<ClockOffset> {
        self.state
            .clocks
            .iter()
            .filter_map(|(host, entry)| {
                Some(ClockOffset {
                    host: host.clone(),
                    offset_secs: entry.offset_now(&*self.shared.clock)?,
                })
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const HOUR_MILLIS: i64 = 3_600_000;

    /// A clock that was set by so much.
    #[derive(Debug)]
    struct SetBy {
        millis: i64,
        counts_sleep: bool,
        boot: Option<u64>,
    }

    #[async_trait::async_trait]
    impl Clock for SetBy {
        fn now_millis(&self) -> i64 {
            1_795_428_000_000 + self.millis
        }

        fn monotonic(&self) -> Duration {
            Duration::from_secs(5000)
        }

        fn counts_sleep(&self) -> bool {
            self.counts_sleep
        }

        fn boot(&self) -> Option<u64> {
            self.boot
        }

        async fn sleep(&self, _: Duration) {}
    }

    fn set_by(millis: i64) -> SetBy {
        SetBy {
            millis,
            counts_sleep: true,
            boot: None,
        }
    }

    #[test]
    fn an_offset_follows_what_the_clock_was_set_by_to_the_nearest_second() {
        let entry = ClockEntry::measured(-90, &set_by(0));
        for (millis, offset) in [
            (0, -90),
            (499, -90),
            (500, -91),
            (1499, -91),
            (1500, -92),
            (-499, -90),
            (-500, -89),
            (-1499, -89),
            (-1500, -88),
            (-90_000, 0),
            (10 * HOUR_MILLIS, -36_090),
        ] {
            assert_eq!(entry.offset_now(&set_by(millis)), Some(offset), "{millis}");
        }
    }

    #[test]
    fn a_clock_that_does_not_count_sleep_was_set_by_an_hour_at_most() {
        let entry = ClockEntry::measured(5, &set_by(0));
        for (millis, offset) in [
            (HOUR_MILLIS, Some(-3595)),
            (HOUR_MILLIS + 1, None),
            (-HOUR_MILLIS, Some(3605)),
            (-HOUR_MILLIS - 1, None),
        ] {
            let clock = SetBy {
                counts_sleep: false,
                ..set_by(millis)
            };
            assert_eq!(entry.offset_now(&clock), offset, "{millis}");
        }
    }

    #[test]
    fn a_measurement_is_of_the_run_of_the_machine_that_the_system_names() {
        let in_run = |boot, millis| SetBy {
            boot,
            ..set_by(millis)
        };
        let entry = ClockEntry::measured(5, &in_run(Some(7), 0));
        assert!(entry.is_of_this_start(&in_run(Some(7), 100 * HOUR_MILLIS)));
        assert!(!entry.is_of_this_start(&in_run(Some(8), 0)));
        // Where either does not name it, the step tells.
        let unnamed = ClockEntry::measured(5, &in_run(None, 0));
        for (entry, boot) in [(entry, None), (unnamed, Some(7)), (unnamed, None)] {
            for (millis, is_of_this_start) in [
                (HOUR_MILLIS, true),
                (HOUR_MILLIS + 1, false),
                (-HOUR_MILLIS, true),
                (-HOUR_MILLIS - 1, false),
            ] {
                let clock = in_run(boot, millis);
                assert_eq!(
                    entry.is_of_this_start(&clock),
                    is_of_this_start,
                    "{clock:?}"
                );
            }
        }
    }
}
