//! What one side grants the other.

use std::time::Duration;

/// The longest request line, without its line end.
pub const REQUEST_BYTES: usize = 64 * 1024;
/// The longest answer line, without its line end.
pub const ANSWER_BYTES: usize = 128 * 1024;
/// The most that the lines of one answer may hold together.
pub const ANSWER_TOTAL_BYTES: usize = 32 * 1024 * 1024;
/// How long after the time that a request was willing to wait its answer is given at the latest: a person has 45 seconds
/// to say yes, and the calls to AWS take some more.
pub const ANSWER_GRACE: Duration = Duration::from_secs(65);

/// What the server grants its clients.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How long a request line may take from its first byte to its end.
    pub line_time: Duration,
    /// How long a connection may say nothing between two requests.
    pub idle_time: Duration,
    /// How long a client may take to read an answer line.
    pub write_time: Duration,
    /// How long beyond a request's own wait its answer may take.
    pub answer_grace: Duration,
    /// Connections at once.
    pub connections: usize,
    /// Requests being answered at once.
    pub requests: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            line_time: Duration::from_secs(5),
            idle_time: Duration::from_secs(60),
            write_time: Duration::from_secs(5),
            answer_grace: ANSWER_GRACE,
            // A build that starts a hundred programs at once is no attack: each of them waits for one shared call.
            connections: 256,
            requests: 128,
        }
    }
}
