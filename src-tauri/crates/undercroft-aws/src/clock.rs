//! The local clock, and how far it is from AWS's.

use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_smithy_async::time::TimeSource;
use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;

/// The earliest time that is believed, 2000-01-01T00:00:00Z, in seconds since the Unix epoch.
const EARLIEST_SECS: i64 = 946_684_800;

/// The latest time that is believed, 2100-01-01T00:00:00Z, in seconds since the Unix epoch.
const LATEST_SECS: i64 = 4_102_444_800;

/// Tells the local time of day, which may be wrong.
pub trait WallClock: Send + Sync + fmt::Debug {
    /// The present moment as this machine believes it to be.
    fn now(&self) -> SystemTime;
}

/// The machine's own clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl WallClock for SystemClock {
    fn now(&self) -> SystemTime {
        SystemTime::now()
    }
}

/// A wall clock seen through a clock offset: what requests are signed with.
#[derive(Debug)]
pub(crate) struct SigningClock<C> {
    pub(crate) wall: C,
    pub(crate) offset_secs: i64,
}

impl<C: std::ops::Deref<Target = dyn WallClock> + Send + Sync + fmt::Debug> TimeSource
    for SigningClock<C>
{
    fn now(&self) -> SystemTime {
        let secs = unix_secs(self.wall.now())
            .saturating_add(self.offset_secs)
            .clamp(EARLIEST_SECS, LATEST_SECS);
        UNIX_EPOCH + Duration::from_secs(secs.unsigned_abs())
    }
}

/// Seconds since the Unix epoch, negative before it, rounded down.
pub(crate) fn unix_secs(time: SystemTime) -> i64 {
    match time.duration_since(UNIX_EPOCH) {
        Ok(since) => i64::try_from(since.as_secs()).unwrap_or(i64::MAX),
        Err(before) => {
            let before = before.duration();
            let secs = i64::try_from(before.as_secs()).unwrap_or(i64::MAX);
            let partial = i64::from(before.subsec_nanos() > 0);
            secs.saturating_add(partial).saturating_neg()
        }
    }
}

/// Reads an HTTP `Date` header (RFC 9110, section 5.6.7) as seconds since the Unix epoch.
///
/// Gives nothing for a text that is no such date, and for a year that no clock of AWS can show.
pub(crate) fn parse_http_date(text: &str) -> Option<i64> {
    // The longest of the three forms has 33 characters; a hostile one may have thousands.
    if text.len() > 64 {
        return None;
    }
    let secs = DateTime::from_str(text, Format::HttpDate).ok()?.secs();
    (EARLIEST_SECS..LATEST_SECS).contains(&secs).then_some(secs)
}

/// How far the sender of `date_secs` is ahead of the local clock, in whole seconds.
///
/// The sender is taken to have read its clock half-way between `asked` and `answered` (RFC 5905, section 8). The
/// header leaves out the fraction of its second, so the fraction of the local time is left out too.
pub(crate) fn offset_secs(date_secs: i64, asked: SystemTime, answered: SystemTime) -> i64 {
    let round_trip = answered.duration_since(asked).unwrap_or_default();
    let midpoint = asked.checked_add(round_trip / 2).unwrap_or(asked);
    date_secs.saturating_sub(unix_secs(midpoint))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[derive(Debug)]
    struct Stopped(SystemTime);

    impl WallClock for Stopped {
        fn now(&self) -> SystemTime {
            self.0
        }
    }

    fn at(millis: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_millis(millis)
    }

    #[test]
    fn reads_dates_and_refuses_what_is_none() {
        assert_eq!(
            parse_http_date("Tue, 15 Nov 1994 08:12:31 GMT"),
            None,
            "too early"
        );
        assert_eq!(
            parse_http_date("Fri, 31 Dec 9999 23:59:59 GMT"),
            None,
            "too late"
        );
        assert_eq!(
            parse_http_date("Mon, 23 Nov 2026 10:00:00 GMT"),
            Some(1_795_428_000)
        );
        for text in [
            "",
            "now",
            "2026-11-23T10:00:00Z",
            "Mon, 99 Nov 2026 10:00:00 GMT",
        ] {
            assert_eq!(parse_http_date(text), None, "{text}");
        }
        assert_eq!(parse_http_date(&"Mon, ".repeat(10_000)), None);
    }

    #[test]
    fn a_right_clock_has_no_offset_at_any_point_of_a_second() {
        for millis in (0..1000).step_by(50) {
            let now = at(1_795_428_000_000 + millis);
            assert_eq!(offset_secs(1_795_428_000, now, now), 0, "{millis} ms");
        }
    }

    #[test]
    fn the_offset_is_measured_from_the_middle_of_the_round_trip() {
        let asked = at(1_795_428_000_000);
        let answered = at(1_795_428_004_000);
        assert_eq!(offset_secs(1_795_428_002, asked, answered), 0);
        assert_eq!(offset_secs(1_795_428_602, asked, answered), 600);
        assert_eq!(offset_secs(1_795_427_402, asked, answered), -600);
    }

    #[test]
    fn a_clock_that_jumps_back_during_a_call_does_no_harm() {
        assert_eq!(
            offset_secs(1_795_428_000, at(1_795_428_000_000), at(1_795_427_000_000)),
            0
        );
    }

    #[test]
    fn signing_time_follows_the_offset_and_stays_believable() {
        let signing = |offset_secs| {
            let wall: Arc<dyn WallClock> = Arc::new(Stopped(at(1_795_428_000_000)));
            unix_secs(SigningClock { wall, offset_secs }.now())
        };
        assert_eq!(signing(0), 1_795_428_000);
        assert_eq!(signing(-3600), 1_795_424_400);
        assert_eq!(signing(90), 1_795_428_090);
        assert_eq!(signing(i64::MAX), LATEST_SECS);
        assert_eq!(signing(i64::MIN), EARLIEST_SECS);
    }
}
