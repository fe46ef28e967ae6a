//! The two codes by which AWS takes in a device.

use undercroft_model::PeriodSecs;
use undercroft_otp::Code;

/// Which of the two codes is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EnrolmentTurn {
    /// The first, of the present step.
    First,
    /// The second, of the step after the first one's.
    Second,
}

/// What came of asking for one of the two codes.
#[derive(Clone, Debug)]
pub enum EnrolmentAnswer {
    /// It is on the clipboard.
    Copied(EnrolmentCode),
    /// The second one's time has not come.
    NotYet {
        /// Milliseconds until it comes.
        in_ms: u32,
    },
    /// The second one's time is over, or no first one was given out: begin anew.
    TooLate,
}

/// One of the two codes, to be shown as well.
#[derive(Clone, Debug)]
pub struct EnrolmentCode {
    /// The code.
    pub code: Code,
    /// Seconds until it is cleared from the clipboard.
    pub clears_in_secs: u32,
    /// Whether it had been given out before.
    pub used_before: bool,
    /// Milliseconds until its step ends, when the second one's begins.
    pub ends_in_ms: u32,
    /// The time step.
    pub period: PeriodSecs,
}
