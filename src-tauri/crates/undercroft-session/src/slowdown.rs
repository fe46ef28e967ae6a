//! The wait after several wrong passwords.

use std::time::Duration;

/// How many wrong tries cost no wait.
const FREE_TRIES: u32 = 4;

/// The longest wait.
const LONGEST: Duration = Duration::from_secs(60);

/// Counts wrong passwords and recovery keys; from the fifth on, each costs a wait of 1, 2, 4 … 60 s.
///
/// Kept in memory only: who can start the program anew can copy the file, too, and try passwords without it. It
/// slows down somebody at the keyboard.
#[derive(Debug, Default)]
pub(crate) struct Slowdown {
    wrong: u32,
    until: Duration,
}

impl Slowdown {
    /// Whole seconds until another password is tried, rounded up.
    pub(crate) fn wait_secs(&self, monotonic: Duration) -> u32 {
        let left = self.until.saturating_sub(monotonic);
        u32::try_from(left.as_millis().div_ceil(1000)).unwrap_or(u32::MAX)
    }

    /// Counts a wrong try; returns the seconds to wait.
    pub(crate) fn wrong(&mut self, monotonic: Duration) -> u32 {
        self.wrong = self.wrong.saturating_add(1);
        if let Some(doublings) = self.wrong.checked_sub(FREE_TRIES + 1) {
            let wait = Duration::from_secs(1_u64 << doublings.min(6)).min(LONGEST);
            self.until = monotonic.saturating_add(wait);
        }
        self.wait_secs(monotonic)
    }

    /// Begins anew after a right one.
    pub(crate) fn right(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_wrong_ones_begin_a_growing_wait() {
        let mut slowdown = Slowdown::default();
        let now = Duration::from_secs(1000);
        let waits: Vec<u32> = (0..13).map(|_| slowdown.wrong(now)).collect();
        assert_eq!(waits, [0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60]);
    }

    #[test]
    fn the_wait_passes_and_a_right_one_ends_it() {
        let mut slowdown = Slowdown::default();
        let now = Duration::from_secs(5);
        for _ in 0..7 {
            slowdown.wrong(now);
        }
        assert_eq!(slowdown.wait_secs(now), 4);
        assert_eq!(slowdown.wait_secs(now + Duration::from_millis(3001)), 1);
        assert_eq!(slowdown.wait_secs(now + Duration::from_secs(4)), 0);
        assert_eq!(slowdown.wrong(now + Duration::from_secs(4)), 8);
        slowdown.right();
        assert_eq!(slowdown.wait_secs(now), 0);
        assert_eq!(slowdown.wrong(now), 0);
    }
}
