//! Reading request lines.

use std::io;

use tokio::{
    io::{AsyncRead, AsyncReadExt},
    time::{Instant, timeout_at},
};

use crate::{Limits, REQUEST_BYTES};

/// So much is read at once.
const PIECE: usize = 4 * 1024;

/// What was read of a connection and not yet understood.
#[derive(Debug, Default)]
pub(super) struct Lines(Vec<u8>);

/// Why there is no next line.
#[derive(Debug)]
pub(super) enum NoLine {
    /// The client has no more to say, or stopped within a line.
    Ended,
    /// Nothing was said for too long.
    Idle,
    /// A line was begun and not ended in time.
    Slow,
    /// A line has no end within the bytes that one may have.
    TooLong,
}

impl Lines {
    /// Waits for a line and gives it without its line end.
    pub(super) async fn next(
        &mut self,
        stream: &mut (impl AsyncRead + Unpin),
        idle_until: Instant,
        limits: &Limits,
    ) -> Result<Vec<u8>, NoLine> {
        let mut seen = 0;
        let mut slow_at = (!self.0.is_empty()).then(|| Instant::now() + limits.line_time);
        loop {
            let unseen = self.0.get(seen..).unwrap_or_default();
            if let Some(end) = unseen.iter().position(|byte| *byte == b'\n') {
                let end = seen + end;
                if end > REQUEST_BYTES {
                    return Err(NoLine::TooLong);
                }
                let rest = self.0.split_off(end + 1);
                let mut line = std::mem::replace(&mut self.0, rest);
                line.pop();
                return Ok(line);
            }
            seen = self.0.len();
            if seen > REQUEST_BYTES {
                return Err(NoLine::TooLong);
            }
            let read = timeout_at(slow_at.unwrap_or(idle_until), self.read_more(stream));
            match read.await {
                Ok(Ok(0)) => return Err(NoLine::Ended),
                Ok(Ok(_)) => {
                    slow_at.get_or_insert_with(|| Instant::now() + limits.line_time);
                }
                Ok(Err(error)) if error.kind() == io::ErrorKind::Interrupted => {}
                Ok(Err(_)) => return Err(NoLine::Ended),
                Err(_) if slow_at.is_some() => return Err(NoLine::Slow),
                Err(_) => return Err(NoLine::Idle),
            }
        }
    }
    /// Reads what comes next, and tells how much; 0 at the end.
    pub(super) async fn read_more(
        &mut self,
        stream: &mut (impl AsyncRead + Unpin),
    ) -> io::Result<usize> {
        self.0.reserve(PIECE);
        stream.read_buf(&mut self.0).await
    }

    /// Tells whether a request more could be read.
    #[cfg(windows)]
    pub(super) fn has_room(&self) -> bool {
        self.0.len() <= REQUEST_BYTES
    }
}
