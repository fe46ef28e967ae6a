//! A small HTTP server on 127.0.0.1 for the programs of one user.
//!
//! It answers `GET` alone, one request per connection. What it defends against: pages in a browser that name this port
//! (the `Host` is checked, so that no other name leads here), other users of the machine (the kernel tells whose socket
//! the other end is), and clients that are slow, talk too much or come in numbers.
//!
//! | what | bound |
//! |---|---|
//! | the request with its headers | 8 KiB, 64 headers, 2 s |
//! | writing the answer | 2 s |
//! | connections at once | 16 |

use std::{
    io::{self, Read, Write},
    net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use zeroize::Zeroizing;

use crate::{Answer, Asked, peer};

const HEAD_BYTES: usize = 8 * 1024;
const PATIENCE: Duration = Duration::from_secs(2);
const CONNECTIONS: usize = 16;
/// What is read and thrown away of a request that was answered early, so that the answer arrives before the end.
const LEFT_OVER_BYTES: usize = 256 * 1024;
const LEFT_OVER_TIME: Duration = Duration::from_millis(200);

/// Whoever knows the answers.
pub trait Respond: Send + Sync + 'static {
    /// Answers a request that was meant for this server.
    fn respond(&self, asked: &Asked) -> Answer;
}

/// A place that the server listens at.
#[derive(Debug)]
pub struct Loopback {
    listener: TcpListener,
    address: SocketAddr,
}

impl Loopback {
    /// Listens at a port that the system picks.
    ///
    /// # Errors
    /// When the system has no port to give.
    pub fn bind() -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        Ok(Self { listener, address })
    }

    /// The address of a path that begins with `/`.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Answers from now on, on threads of its own, for as long as what it returns is there.
    #[must_use]
    pub fn serve(self, responder: Arc<dyn Respond>) -> Serving {
        let serving = Serving {
            address: self.address,
            is_over: Arc::new(AtomicBool::new(false)),
        };
        let is_over = Arc::clone(&serving.is_over);
        thread::spawn(move || {
            let open = Arc::new(AtomicUsize::new(0));
            loop {
                let accepted = self.listener.accept();
                if is_over.load(Ordering::Acquire) {
                    break;
                }
                match accepted {
                    Ok((stream, peer)) => {
                        self.take(stream, peer, &open, &responder);
                    }
                    // Out of file descriptors, or a client that left at once: neither is helped by hurry.
                    Err(_) => thread::sleep(Duration::from_millis(20)),
                }
            }
        });
        serving
    }

    fn take(
        &self,
        stream: TcpStream,
        peer: SocketAddr,
        open: &Arc<AtomicUsize>,
        responder: &Arc<dyn Respond>,
    ) {
        let slot = Slot::of(open);
        let address = self.address;
        let responder = Arc::clone(responder);
        let serve = move || {
            let is_free = slot.number <= CONNECTIONS;
            // Nothing more can be done for a client that does not take its answer.
            let _ = converse(stream, peer, address, is_free, responder.as_ref());
            drop(slot);
        };
        // Beyond the bound there is only a short word, which is said without waiting.
        let _ = thread::Builder::new().stack_size(256 * 1024).spawn(serve);
    }
}

/// A server at work. It takes no more connections once this is dropped; those that are open are served to their end.
#[derive(Debug)]
pub struct Serving {
    address: SocketAddr,
    is_over: Arc<AtomicBool>,
}

impl Drop for Serving {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Release);
        // Wakes the thread that waits for connections. Where this fails, the next connection does it.
        let _ = TcpStream::connect_timeout(&self.address, PATIENCE);
    }
}

/// A connection's place among those at once.
struct Slot {
    open: Arc<AtomicUsize>,
    number: usize,
}

impl Slot {
    fn of(open: &Arc<AtomicUsize>) -> Self {
        Self {
            open: Arc::clone(open),
            number: open.fetch_add(1, Ordering::AcqRel) + 1,
        }
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.open.fetch_sub(1, Ordering::AcqRel);
    }
}

fn converse(
    mut stream: TcpStream,
    peer: SocketAddr,
    address: SocketAddr,
    is_free: bool,
    responder: &dyn Respond,
) -> io::Result<()> {
    stream.set_write_timeout(Some(PATIENCE))?;
    let (answer, is_whole) = if !is_free {
        let answer = Answer::error(503, "Busy", "too many connections at once");
        return stream.write_all(&answer.to_bytes());
    } else if !peer::is_ours(peer, address) {
        let answer = Answer::error(403, "Forbidden", "this is another user's");
        (answer, false)
    } else {
        match read_head(&mut stream) {
            Ok(head) => match Asked::parse(&head, address) {
                Ok(asked) => (responder.respond(&asked), true),
                Err(answer) => (answer, false),
            },
            Err(answer) => (answer, false),
        }
    };
    stream.write_all(&answer.to_bytes())?;
    stream.shutdown(Shutdown::Write)?;
    if !is_whole {
        discard(&mut stream)?;
    }
    Ok(())
}

/// Reads up to the empty line that ends the headers.
fn read_head(stream: &mut TcpStream) -> Result<Zeroizing<Vec<u8>>, Answer> {
    let deadline = Instant::now() + PATIENCE;
    let slow = || Answer::error(408, "Timeout", "the request takes too long");
    // Of the full size at once, so that a token that was read is never left behind by growing.
    let mut head = Zeroizing::new(vec![0; HEAD_BYTES]);
    let mut len = 0;
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() || stream.set_read_timeout(Some(left)).is_err() {
            return Err(slow());
        }
        let Some(room) = head.get_mut(len..).filter(|room| !room.is_empty()) else {
            return Err(Answer::error(431, "TooLarge", "the request is too large"));
        };
        match stream.read(room) {
            Ok(0) => return Err(Answer::error(400, "BadRequest", "the request is cut off")),
            Ok(read) => len += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(_) => return Err(slow()),
        }
        let so_far = head.get(..len).unwrap_or_default();
        if so_far.windows(4).any(|end| end == b"\r\n\r\n") {
            head.truncate(len);
            return Ok(head);
        }
    }
}

/// Reads on for a moment: closing with something unread would take the answer back.
fn discard(stream: &mut TcpStream) -> io::Result<()> {
    let deadline = Instant::now() + LEFT_OVER_TIME;
    let mut piece = Zeroizing::new([0; 4096]);
    let mut total = 0;
    while total < LEFT_OVER_BYTES {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            break;
        }
        stream.set_read_timeout(Some(left))?;
        match stream.read(&mut *piece)? {
            0 => break,
            read => total += read,
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Greeting;

    impl Respond for Greeting {
        fn respond(&self, _asked: &Asked) -> Answer {
            Answer::json(Zeroizing::new(b"{}".to_vec()))
        }
    }

    fn ask(address: SocketAddr) -> io::Result<String> {
        let mut stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(Duration::from_secs(30)))?;
        stream.write_all(format!("GET / HTTP/1.1\r\nHost: {address}\r\n\r\n").as_bytes())?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    }

    #[test]
    fn it_answers_until_it_is_dropped() {
        let loopback = Loopback::bind().unwrap();
        let address = loopback.address;
        let serving = loopback.serve(Arc::new(Greeting));
        assert!(ask(address).unwrap().starts_with("HTTP/1.1 200 OK"));
        drop(serving);
        let deadline = Instant::now() + Duration::from_secs(30);
        while ask(address).is_ok_and(|answer| !answer.is_empty()) {
            assert!(Instant::now() < deadline, "it still answers");
            thread::sleep(Duration::from_millis(5));
        }
    }
}
