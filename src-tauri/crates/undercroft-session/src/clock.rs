//! Time, as the session sees it.

use std::{
    fmt,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use undercroft_model::Timestamp;

/// Tells the time and waits; tests put a clock in its place that stands still until told otherwise.
#[async_trait::async_trait]
pub trait Clock: Send + Sync + fmt::Debug {
    /// The time of day as this machine believes it to be, in milliseconds since the Unix epoch.
    fn now_millis(&self) -> i64;

    /// Time since some fixed moment, never going back; goes on while the machine sleeps, where the system can tell.
    fn monotonic(&self) -> Duration;

    /// Whether [`Clock::monotonic`] goes on while the machine sleeps: only then is a difference to the time of day a clock
    /// that was set, however large it is.
    fn counts_sleep(&self) -> bool {
        true
    }

    /// Names the run of the machine that [`Clock::monotonic`] belongs to, where the system tells: with the same name, what
    /// an earlier process measured can be compared.
    fn boot(&self) -> Option<u64> {
        None
    }

    /// Waits for about so long.
    async fn sleep(&self, duration: Duration);

    /// The time of day in whole seconds.
    fn now(&self) -> Timestamp {
        Timestamp::from_unix_secs(self.now_millis().div_euclid(1000))
    }
}

/// The machine's own clock.
#[derive(Clone, Copy, Debug)]
pub struct SystemClock {
    /// What `monotonic` counts from where the system has no clock that goes on in sleep.
    begun: Instant,
}

impl SystemClock {
    /// The machine's own clock.
    #[must_use]
    pub fn new() -> Self {
        Self {
            begun: Instant::now(),
        }
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

#[async_trait::async_trait]
impl Clock for SystemClock {
    fn now_millis(&self) -> i64 {
        millis_since_epoch(SystemTime::now())
    }

    #[cfg(any(target_os = "linux", target_os = "android"))]
    fn monotonic(&self) -> Duration {
        // `Instant` stands still while a Linux machine sleeps, and a vault must not stay open through the night.
        let time = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
        match (u64::try_from(time.tv_sec), u32::try_from(time.tv_nsec)) {
            (Ok(secs), Ok(nanos)) => Duration::new(secs, nanos),
            (Ok(_) | Err(_), Ok(_) | Err(_)) => self.begun.elapsed(),
        }
    }

    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    fn monotonic(&self) -> Duration {
        self.begun.elapsed()
    }

    fn counts_sleep(&self) -> bool {
        cfg!(any(target_os = "linux", target_os = "android"))
    }

    #[cfg(any(target_os = "linux", target_os = "android"))]
    fn boot(&self) -> Option<u64> {
        let id = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
        let digits: String = id
            .chars()
            .filter(char::is_ascii_hexdigit)
            .take(16)
            .collect();
        u64::from_str_radix(&digits, 16).ok()
    }

    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}

fn millis_since_epoch(time: SystemTime) -> i64 {
    match time.duration_since(UNIX_EPOCH) {
        Ok(since) => i64::try_from(since.as_millis()).unwrap_or(i64::MAX),
        Err(before) => {
            i64::try_from(before.duration().as_millis()).map_or(i64::MIN, |millis| -millis)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A clock that says no more than it has to.
    #[derive(Debug)]
    struct Bare(i64);

    #[async_trait::async_trait]
    impl Clock for Bare {
        fn now_millis(&self) -> i64 {
            self.0
        }

        fn monotonic(&self) -> Duration {
            Duration::ZERO
        }

        async fn sleep(&self, _: Duration) {}
    }

    #[test]
    fn a_clock_counts_sleep_and_names_no_run_of_the_machine_unless_it_says_so() {
        assert!(Bare(0).counts_sleep());
        assert_eq!(Bare(0).boot(), None);
    }

    #[test]
    fn whole_seconds_are_rounded_down_also_before_the_epoch() {
        for (millis, secs) in [(1999, 1), (0, 0), (-1, -1), (-1001, -2)] {
            assert_eq!(Bare(millis).now().unix_secs(), secs, "{millis}");
        }
        let span = Duration::from_millis(1500);
        assert_eq!(millis_since_epoch(UNIX_EPOCH + span), 1500);
        assert_eq!(millis_since_epoch(UNIX_EPOCH - span), -1500);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn the_system_clock_names_the_run_of_the_machine_as_the_kernel_does() {
        let id = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap();
        let boot = SystemClock::new().boot().unwrap();
        assert_eq!(format!("{boot:016x}"), id.replace('-', "")[..16]);
        assert!(SystemClock::new().counts_sleep());
    }

    #[tokio::test(start_paused = true)]
    async fn the_system_clock_sleeps_as_long_as_it_is_told() {
        let begun = tokio::time::Instant::now();
        SystemClock::new().sleep(Duration::from_secs(90)).await;
        assert!(begun.elapsed() >= Duration::from_secs(90));
    }

    #[test]
    fn the_system_clock_goes_on() {
        let clock = SystemClock::new();
        let (wall, steady) = (clock.now_millis(), clock.monotonic());
        std::thread::sleep(Duration::from_millis(5));
        assert!(clock.monotonic() >= steady + Duration::from_millis(5));
        assert!(clock.now_millis() > wall);
        assert_eq!(clock.now().unix_secs(), clock.now_millis() / 1000);
    }
}
