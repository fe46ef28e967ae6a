//! The client's end of a connection: a Unix socket, or a named pipe on Windows.

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
pub(crate) use unix::Link;
#[cfg(all(unix, feature = "server"))]
pub(crate) use unix::unconnected;
#[cfg(windows)]
pub(crate) use windows::Link;
#[cfg(all(windows, feature = "server"))]
pub(crate) use windows::client_end;
