//! Sockets that systemd made.

use std::{io, os::unix::net::UnixListener};

/// Takes the socket that systemd hands over, where it started this process for one (sd_listen_fds(3)).
///
/// `None` where it did not. To be called once, first in a program, before there is a second thread: it removes
/// `LISTEN_FDS` and `LISTEN_PID` from the environment. No child inherits the socket.
///
/// # Errors
/// When what is handed over is no listening Unix socket.
pub fn activated() -> io::Result<Option<UnixListener>> {
    // A variable without the process id may have been meant for another.
    if std::env::var_os("LISTEN_PID").is_none_or(|pid| pid.is_empty()) {
        return Ok(None);
    }
    let mut handed_over = listenfd::ListenFd::from_env();
    if handed_over.len() == 0 {
        return Ok(None);
    }
    handed_over.take_unix_listener(0)
}
