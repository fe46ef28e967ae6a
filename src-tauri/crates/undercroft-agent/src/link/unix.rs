//! A Unix socket.

use std::{
    io::{self, Read, Write},
    os::unix::net::UnixStream,
    path::Path,
    time::{Duration, Instant},
};

use rustix::{
    io::Errno,
    net::{AddressFamily, SocketAddrUnix, SocketFlags, SocketType},
};

use crate::{
    ClientError,
    client::{FIRST_PAUSE, LONGEST_PAUSE},
    peer,
};

/// A connection to a server.
#[derive(Debug)]
pub(crate) struct Link(UnixStream);

impl Link {
    /// Connects, waiting until `deadline` for a server that has no room.
    pub(crate) fn connect(path: &Path, deadline: Instant) -> Result<Self, ClientError> {
        connect(path, deadline).map(Self)
    }

    /// Tells whether the server at the other end runs as us.
    pub(crate) fn serves_as_us(&self, path: &Path) -> bool {
        peer::serves_as_us(&self.0, path)
    }

    /// Writes all of it, or fails within the time.
    pub(crate) fn write_all(&mut self, bytes: &[u8], limit: Duration) -> io::Result<()> {
        self.0.set_write_timeout(Some(limit))?;
        self.0.write_all(bytes)
    }

    /// Reads what is there next, waiting for at most the time, which is not zero; 0 at the end.
    pub(crate) fn read(&mut self, piece: &mut [u8], limit: Duration) -> io::Result<usize> {
        self.0.set_read_timeout(Some(limit))?;
        self.0.read(piece)
    }
}

/// Connects without blocking for longer than until `deadline`, which a server that stands still would make it do.
fn connect(path: &Path, deadline: Instant) -> Result<UnixStream, ClientError> {
    let address = SocketAddrUnix::new(path).map_err(|errno| ClientError::Io(errno.into()))?;
    let mut pause = FIRST_PAUSE;
    loop {
        let stream = unconnected().map_err(ClientError::Io)?;
        match rustix::net::connect(&stream, &address) {
            Ok(()) => {
                stream.set_nonblocking(false).map_err(ClientError::Io)?;
                return Ok(stream);
            }
            Err(Errno::NOENT | Errno::CONNREFUSED | Errno::NOTDIR) => {
                return Err(ClientError::NotRunning);
            }
            Err(Errno::AGAIN | Errno::INTR) if Instant::now() < deadline => {
                std::thread::sleep(pause);
                pause = (2 * pause).min(LONGEST_PAUSE);
            }
            Err(Errno::AGAIN) => return Err(ClientError::NoAnswer),
            Err(Errno::ACCESS | Errno::PERM) => return Err(ClientError::Foreign),
            Err(errno) => return Err(ClientError::Io(errno.into())),
        }
    }
}

/// Makes a socket that does not block and that no child inherits.
pub(crate) fn unconnected() -> io::Result<UnixStream> {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    let flags = SocketFlags::empty();
    let socket = rustix::net::socket_with(AddressFamily::UNIX, SocketType::STREAM, flags, None)?;
    let stream = UnixStream::from(socket);
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    {
        rustix::io::fcntl_setfd(&stream, rustix::io::FdFlags::CLOEXEC)?;
        stream.set_nonblocking(true)?;
    }
    Ok(stream)
}
