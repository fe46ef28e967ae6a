//! The side that asks.

use std::{
    io,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use crate::{
    ANSWER_BYTES, ANSWER_GRACE, ANSWER_TOTAL_BYTES, AnswerError, AnswerLine, Code, Refusal, Reply,
    Request, RequestError, link::Link, wiped::Wiped,
};

/// How long a server that is there may take to accept, or to have room for one more.
const PATIENCE: Duration = Duration::from_secs(5);
/// Beyond the server's own deadline, so that its word arrives first.
const SLACK: Duration = Duration::from_secs(5);
/// The first pause before trying again; each further one is longer.
pub(crate) const FIRST_PAUSE: Duration = Duration::from_millis(2);
pub(crate) const LONGEST_PAUSE: Duration = Duration::from_millis(100);

/// A connection to the agent.
///
/// It blocks, and needs no runtime, so that a program that asks once starts at once.
#[derive(Debug)]
pub struct Client {
    path: PathBuf,
    link: Link,
    /// What was read beyond the last line.
    buffer: Wiped,
}

/// Why there is no reply.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ClientError {
    /// There is no socket, or nobody listens at it.
    #[error("Undercroft is not running, or its vault is locked and serves no programs")]
    NotRunning,
    /// Somebody else's program listens at the socket.
    #[error("another user's program listens at the socket; nothing was sent to it")]
    Foreign,
    /// The agent did not answer in time.
    #[error("Undercroft does not answer")]
    NoAnswer,
    /// The agent refuses.
    #[error(transparent)]
    Refused(Refusal),
    /// The request can't be sent.
    #[error(transparent)]
    Request(#[from] RequestError),
    /// The answer can't be understood.
    #[error(transparent)]
    Answer(#[from] AnswerError),
    /// The answer is longer than any may be.
    #[error("the answer is too long")]
    TooLong,
    /// The connection ended before the answer was whole.
    #[error("the connection ended before the answer was whole")]
    CutOff,
    /// The connection failed.
    #[error("the connection to Undercroft failed")]
    Io(#[source] io::Error),
}

impl Client {
    /// Connects to the agent and sees to it that it runs as the same user.
    ///
    /// # Errors
    /// [`ClientError::NotRunning`] where nobody listens; others when somebody does and it can't be used.
    pub fn connect(path: &Path) -> Result<Self, ClientError> {
        let link = Link::connect(path, Instant::now() + PATIENCE)?;
        if !link.serves_as_us(path) {
            return Err(ClientError::Foreign);
        }
        Ok(Self {
            path: path.to_owned(),
            link,
            buffer: Wiped::default(),
        })
    }

    /// Sends a request and waits for its reply.
    ///
    /// While the agent is busy, it connects and asks again for a few seconds, or for as long as the request is willing
    /// to wait.
    ///
    /// # Errors
    /// [`ClientError::Refused`] with the agent's refusal, or what kept it from answering. After any error but that one,
    /// the connection is of no more use.
    pub fn ask(&mut self, request: &Request) -> Result<Reply, ClientError> {
        let line = request.to_line()?;
        let started = Instant::now();
        let wait = request.wait().as_duration();
        let mut pause = FIRST_PAUSE;
        loop {
            let error = match self.ask_once(request, &line, started + wait + ANSWER_GRACE + SLACK) {
                Err(ClientError::Refused(refusal)) if refusal.code == Code::Busy => {
                    ClientError::Refused(refusal)
                }
                answer => return answer,
            };
            if started.elapsed() + pause > wait.max(PATIENCE) {
                return Err(error);
            }
            std::thread::sleep(pause);
            pause = (2 * pause).min(LONGEST_PAUSE);
            *self = Self::connect(&self.path)?;
        }
    }

    fn ask_once(
        &mut self,
        request: &Request,
        line: &[u8],
        deadline: Instant,
    ) -> Result<Reply, ClientError> {
        match self.link.write_all(line, PATIENCE) {
            Ok(()) => {}
            // Whoever refuses a connection or a line says so before closing.
            Err(error) if is_closed(&error) => {}
            Err(error) => return Err(failed(error)),
        }
        let mut earlier = Vec::new();
        let mut total = 0;
        loop {
            let end = self.next_line_end(deadline)?;
            total += end;
            let line = self.buffer.as_slice().get(..end).unwrap_or_default();
            let answer = AnswerLine::parse(request.verb(), line);
            self.buffer.advance(end + 1);
            match answer? {
                AnswerLine::More(_) if total > ANSWER_TOTAL_BYTES => {
                    return Err(ClientError::TooLong);
                }
                AnswerLine::More(rows) => earlier.push(rows),
                AnswerLine::Ok(reply) => return Ok(reply.after(earlier)),
                AnswerLine::Refused(refusal) => return Err(ClientError::Refused(refusal)),
            }
        }
    }

    /// Reads until a line is whole and tells where it ends.
    fn next_line_end(&mut self, deadline: Instant) -> Result<usize, ClientError> {
        let mut piece = zeroize::Zeroizing::new([0; 8 * 1024]);
        let mut seen = 0;
        loop {
            let unseen = self.buffer.as_slice().get(seen..).unwrap_or_default();
            if let Some(end) = unseen.iter().position(|byte| *byte == b'\n') {
                return Ok(seen + end);
            }
            seen = self.buffer.len();
            if seen > ANSWER_BYTES {
                return Err(ClientError::TooLong);
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(ClientError::NoAnswer);
            }
            match self.link.read(&mut *piece, left) {
                Ok(0) => return Err(ClientError::CutOff),
                Ok(len) => self.buffer.extend(piece.get(..len).unwrap_or_default()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(failed(error)),
            }
        }
    }
}

fn is_closed(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionReset
    )
}

fn failed(error: io::Error) -> ClientError {
    use io::ErrorKind::{TimedOut, WouldBlock};

    if matches!(error.kind(), WouldBlock | TimedOut) {
        ClientError::NoAnswer
    } else if is_closed(&error) {
        ClientError::CutOff
    } else {
        ClientError::Io(error)
    }
}
