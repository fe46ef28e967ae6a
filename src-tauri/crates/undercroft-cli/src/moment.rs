//! Times as people read them.

use std::time::{SystemTime, UNIX_EPOCH};

use undercroft_model::Timestamp;

/// The time of this machine's clock.
pub(crate) fn now() -> Timestamp {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    Timestamp::from_unix_secs(i64::try_from(since.as_secs()).unwrap_or(i64::MAX))
}

/// How long it is until then, such as `52 min left`.
pub(crate) fn left(until: Timestamp, now: Timestamp) -> String {
    const MINUTE: i64 = 60;
    const HOUR: i64 = 60 * MINUTE;
    const DAY: i64 = 24 * HOUR;

    let secs = until.secs_since(now);
    let two = |large: i64, large_name: &str, small: i64, small_name: &str| match small {
        0 => format!("{large} {large_name} left"),
        small => format!("{large} {large_name} {small} {small_name} left"),
    };
    match secs {
        ..=0 => "ended".to_owned(),
        1..MINUTE => format!("{secs} s left"),
        MINUTE..HOUR => format!("{} min left", secs / MINUTE),
        HOUR..DAY => two(secs / HOUR, "h", secs % HOUR / MINUTE, "min"),
        _ => two(secs / DAY, "d", secs % DAY / HOUR, "h"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_that_is_left() {
        for (secs, wanted) in [
            (-5, "ended"),
            (0, "ended"),
            (1, "1 s left"),
            (59, "59 s left"),
            (60, "1 min left"),
            (3_120, "52 min left"),
            (3_599, "59 min left"),
            (3_600, "1 h left"),
            (11_520, "3 h 12 min left"),
            (86_400, "1 d left"),
            (129_600, "1 d 12 h left"),
        ] {
            let start = Timestamp::from_unix_secs(1_000);
            assert_eq!(left(start.plus_secs(secs), start), wanted, "{secs}");
        }
    }
}
