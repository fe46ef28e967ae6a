//! How long credentials are asked to last.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::text::codes;

/// A length of time in whole seconds, at least one and at most 366 days.
///
/// Shown and typed as people write it (`12h`, `1h30m`, `900s`); a bare number means seconds. Stored as the number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
pub struct DurationSecs(u32);

/// Why a text or number is not a duration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DurationError {
    /// Not numbers with units.
    #[error("write a duration like 12h, 1h30m or 900s; a number alone means seconds")]
    Shape,
    /// Zero, or beyond 366 days.
    #[error("a duration is at least 1 second and at most 366 days")]
    Range,
}

codes!(DurationError { Shape => "duration-shape", Range => "duration-range" });

const LONGEST_SECS: u32 = 366 * 86_400;

impl DurationSecs {
    /// Makes a duration of seconds.
    ///
    /// # Errors
    /// When it is zero or beyond 366 days.
    pub const fn new(secs: u32) -> Result<Self, DurationError> {
        if secs == 0 || secs > LONGEST_SECS {
            Err(DurationError::Range)
        } else {
            Ok(Self(secs))
        }
    }

    /// The length in seconds.
    #[must_use]
    pub const fn as_secs(self) -> u32 {
        self.0
    }

    /// Reads a duration such as `12h`, `1h30m`, `1 h 30 min` or `900`.
    ///
    /// # Errors
    /// When the text is not one, or is out of range.
    pub fn parse(text: &str) -> Result<Self, DurationError> {
        let text = text.trim();
        if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
            return Self::new(text.parse().map_err(|_| DurationError::Range)?);
        }
        let mut rest = text;
        let mut total: u32 = 0;
        let mut largest_left = u32::MAX;
        while !rest.is_empty() {
            let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
            let (number, after) = rest.split_at_checked(digits).ok_or(DurationError::Shape)?;
            if number.is_empty() {
                return Err(DurationError::Shape);
            }
            let after = after.trim_start();
            let letters = after.bytes().take_while(u8::is_ascii_alphabetic).count();
            let (unit, after) = after
                .split_at_checked(letters)
                .ok_or(DurationError::Shape)?;
            let unit_secs = unit_secs(unit)?;
            if unit_secs >= largest_left {
                return Err(DurationError::Shape);
            }
            largest_left = unit_secs;
            let number: u32 = number.parse().map_err(|_| DurationError::Range)?;
            total = number
                .checked_mul(unit_secs)
                .and_then(|secs| total.checked_add(secs))
                .ok_or(DurationError::Range)?;
            rest = after.trim_start();
        }
        if largest_left == u32::MAX {
            Err(DurationError::Shape)
        } else {
            Self::new(total)
        }
    }
}

fn unit_secs(unit: &str) -> Result<u32, DurationError> {
    match unit.to_ascii_lowercase().as_str() {
        "d" | "day" | "days" => Ok(86_400),
        "h" | "hour" | "hours" => Ok(3_600),
        "m" | "min" | "minute" | "minutes" => Ok(60),
        "s" | "sec" | "second" | "seconds" => Ok(1),
        _ => Err(DurationError::Shape),
    }
}

impl fmt::Display for DurationSecs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (hours, minutes, secs) = (self.0 / 3_600, self.0 / 60 % 60, self.0 % 60);
        [(hours, "h"), (minutes, "m"), (secs, "s")]
            .into_iter()
            .filter(|(number, _)| *number > 0)
            .try_for_each(|(number, unit)| write!(f, "{number}{unit}"))
    }
}

impl std::str::FromStr for DurationSecs {
    type Err = DurationError;

    fn from_str(text: &str) -> Result<Self, DurationError> {
        Self::parse(text)
    }
}

impl TryFrom<u32> for DurationSecs {
    type Error = DurationError;

    fn try_from(secs: u32) -> Result<Self, DurationError> {
        Self::new(secs)
    }
}

impl From<DurationSecs> for u32 {
    fn from(duration: DurationSecs) -> Self {
        duration.0
    }
}
