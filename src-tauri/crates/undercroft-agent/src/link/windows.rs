//! A named pipe.

use std::{
    fmt,
    fs::{File, OpenOptions},
    future::Future,
    io,
    os::windows::{fs::OpenOptionsExt, io::OwnedHandle},
    path::Path,
    time::{Duration, Instant},
};

use interprocess::os::windows::named_pipe::{pipe_mode::Bytes, tokio::DuplexPipeStream};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    runtime::{Builder, Runtime},
    time::timeout,
};

use crate::{
    ClientError,
    client::{FIRST_PAUSE, LONGEST_PAUSE},
    peer,
};

// Of winbase.h and winerror.h.
const FILE_FLAG_OVERLAPPED: u32 = 0x4000_0000;
const SECURITY_IDENTIFICATION: u32 = 0x0001_0000;
const ERROR_PIPE_BUSY: i32 = 231;

/// A connection to a server.
pub(crate) struct Link {
    /// Reading with a time limit is not to be had without one.
    runtime: Runtime,
    pipe: DuplexPipeStream<Bytes>,
}

impl Link {
    /// Connects, waiting until `deadline` for a server that has no room.
    pub(crate) fn connect(path: &Path, deadline: Instant) -> Result<Self, ClientError> {
        let mut pause = FIRST_PAUSE;
        let file = loop {
            match client_end(path) {
                Ok(file) => break file,
                Err(error) if error.raw_os_error() == Some(ERROR_PIPE_BUSY) => {
                    if Instant::now() >= deadline {
                        return Err(ClientError::NoAnswer);
                    }
                    std::thread::sleep(pause);
                    pause = (2 * pause).min(LONGEST_PAUSE);
                }
                Err(error) => {
                    return Err(match error.kind() {
                        io::ErrorKind::NotFound => ClientError::NotRunning,
                        io::ErrorKind::PermissionDenied => ClientError::Foreign,
                        _ => ClientError::Io(error),
                    });
                }
            }
        };
        let runtime = Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(ClientError::Io)?;
        let entered = runtime.enter();
        let pipe = DuplexPipeStream::try_from(OwnedHandle::from(file))
            .map_err(|error| ClientError::Io(error.into()))?;
        drop(entered);
        Ok(Self { runtime, pipe })
    }

    /// Tells whether the server at the other end runs as us.
    pub(crate) fn serves_as_us(&self, _path: &Path) -> bool {
        self.pipe.server_process_id().is_ok_and(peer::is_ours)
    }

    /// Writes all of it, or fails within the time.
    pub(crate) fn write_all(&mut self, bytes: &[u8], limit: Duration) -> io::Result<()> {
        let Self { runtime, pipe } = self;
        in_time(runtime, limit, pipe.write_all(bytes))
    }

    /// Reads what is there next, waiting for at most the time, which is not zero; 0 at the end.
    pub(crate) fn read(&mut self, piece: &mut [u8], limit: Duration) -> io::Result<usize> {
        let Self { runtime, pipe } = self;
        in_time(runtime, limit, pipe.read(piece))
    }
}

/// Opens a pipe. A server that is not ours learns who we are by that and can't act as us.
pub(crate) fn client_end(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .read(true)
        .write(true)
        .custom_flags(FILE_FLAG_OVERLAPPED)
        .security_qos_flags(SECURITY_IDENTIFICATION)
        .open(path)
}

fn in_time<T>(
    runtime: &Runtime,
    limit: Duration,
    what: impl Future<Output = io::Result<T>>,
) -> io::Result<T> {
    runtime.block_on(async {
        timeout(limit, what)
            .await
            .unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
    })
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.pipe.fmt(f)
    }
}
