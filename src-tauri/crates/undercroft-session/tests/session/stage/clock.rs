//! A clock that stands still until a test moves it.

use std::{
    sync::atomic::{AtomicI64, AtomicUsize, Ordering},
    time::Duration,
};

use tokio::sync::watch;
use undercroft_session::Clock;

/// 2026-11-23T10:00:00Z, the beginning of a time step.
pub const START_SECS: i64 = 1_795_428_000;

#[derive(Debug)]
pub struct FakeClock {
    /// Time since the start, which sleepers wait for.
    steady: watch::Sender<Duration>,
    /// How far the time of day was set from what would follow.
    step_millis: AtomicI64,
    sleeps: AtomicUsize,
}

impl FakeClock {
    pub fn new() -> Self {
        Self {
            steady: watch::Sender::new(Duration::from_secs(5000)),
            step_millis: AtomicI64::new(0),
            sleeps: AtomicUsize::new(0),
        }
    }

    /// How often somebody began to sleep.
    pub fn sleeps(&self) -> usize {
        self.sleeps.load(Ordering::SeqCst)
    }

    /// Lets time pass.
    pub fn advance(&self, secs: f64) {
        self.steady
            .send_modify(|now| *now += Duration::from_secs_f64(secs));
    }

    /// Sets the time of day, as a user or NTP does; no time passes.
    pub fn set_wall(&self, by_secs: i64) {
        self.step_millis.fetch_add(by_secs * 1000, Ordering::SeqCst);
    }
}

#[async_trait::async_trait]
impl Clock for FakeClock {
    fn now_millis(&self) -> i64 {
        let passed = *self.steady.borrow() - Duration::from_secs(5000);
        let passed = i64::try_from(passed.as_millis()).unwrap();
        START_SECS * 1000 + passed + self.step_millis.load(Ordering::SeqCst)
    }

    fn monotonic(&self) -> Duration {
        *self.steady.borrow()
    }

    fn boot(&self) -> Option<u64> {
        Some(1)
    }

    async fn sleep(&self, duration: Duration) {
        self.sleeps.fetch_add(1, Ordering::SeqCst);
        let until = self.monotonic() + duration;
        let mut steady = self.steady.subscribe();
        let _ = steady.wait_for(|now| *now >= until).await;
    }
}
