//! The side that answers.

use std::{io, path::Path, sync::Arc};

use crate::{Caller, Limits, Refusal, Reply, Request};

#[cfg(unix)]
mod activation;
#[cfg(unix)]
mod bind;
#[cfg(any(unix, windows))]
mod connection;
#[cfg(any(unix, windows))]
mod ends;
#[cfg(any(unix, windows))]
mod lines;
#[cfg(any(unix, windows))]
mod serving;
#[cfg(any(unix, windows))]
mod silent;

#[cfg(unix)]
pub use activation::activated;

/// Whoever knows the answers.
#[async_trait::async_trait]
pub trait Answerer: Send + Sync {
    /// Answers one request.
    ///
    /// Dropped unfinished when the client goes away, when the request's wait and the grace after it are over, and when
    /// the server ends: what must not be cut in half belongs into a task of its own.
    ///
    /// # Errors
    /// Why the request is refused.
    async fn answer(&self, caller: Caller, request: Request) -> Result<Reply, Refusal>;
}

/// A socket at which programs can ask.
///
/// Programs that connect before [`Server::serve`] runs wait until it does. Dropping the server, or the future of
/// `serve`, ends all connections and removes the socket, unless another lies in its place by then. A socket that
/// somebody else made stays, except after a hand-over.
#[derive(Debug)]
pub struct Server {
    #[cfg(unix)]
    listener: std::os::unix::net::UnixListener,
    #[cfg(unix)]
    place: Option<bind::Place>,
    #[cfg(windows)]
    pipe: ends::Bound,
    #[cfg_attr(
        not(any(unix, windows)),
        expect(dead_code, reason = "nothing is served there")
    )]
    limits: Limits,
}

/// Why there can be no server at a path.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BindError {
    /// Another server has the place and lives.
    #[error("another agent already listens at this socket")]
    InUse,
    /// Something that is not a socket lies there.
    #[error("what lies at the socket's path is not a socket, and is left alone")]
    NotASocket,
    /// Another user's socket lies there.
    #[error("the socket at this path belongs to another user")]
    SocketOfAnother,
    /// The folder is a link, or no folder.
    #[error("the socket's folder is a link or no folder; name a folder of your own")]
    NotAFolder,
    /// The folder belongs to another user.
    #[error("the socket's folder belongs to another user; name a folder of your own")]
    FolderOfAnother,
    /// Others can write the folder.
    #[error("others may write the socket's folder; take away their permission or name another")]
    FolderOpen,
    /// This system has no such sockets that are served yet.
    #[error("programs can't be served on this system yet")]
    Unsupported,
    /// The system refuses.
    #[error("the socket can't be made")]
    Io(#[from] io::Error),
}

#[cfg(unix)]
impl Server {
    /// Takes a place for a socket: mode 0600 in a folder that is made with mode 0700 where there is none.
    ///
    /// # Errors
    /// When a server that lives has the place, when something else lies there, or when the folder is not safe.
    pub fn bind(path: &Path, limits: Limits) -> Result<Self, BindError> {
        let (listener, place) = bind::bind(path)?;
        Ok(Self {
            listener,
            place: Some(place),
            limits,
        })
    }

    /// Serves at a socket that somebody else made and will remove, such as systemd.
    ///
    /// After a hand-over the path is taken from it all the same: while its maker listens there, nobody else can answer,
    /// and whoever connects would have the maker start this program again.
    #[must_use]
    pub fn from_listener(listener: std::os::unix::net::UnixListener, limits: Limits) -> Self {
        Self {
            listener,
            place: None,
            limits,
        }
    }

    /// Answers programs until the future is dropped, or until a [`Request::HandOver`] is obeyed.
    ///
    /// Then the socket is gone, and whoever was still asking has been told that the vault is locked.
    ///
    /// # Errors
    /// When the runtime can't watch the socket. Troubles with one connection end that connection only.
    pub async fn serve(self, answerer: Arc<dyn Answerer>) -> io::Result<()> {
        self.listener.set_nonblocking(true)?;
        let given = match self.place {
            Some(_) => None,
            None => bind::Found::of(&self.listener),
        };
        let listener = tokio::net::UnixListener::from_std(self.listener)?;
        let connections = serving::serve(&listener, answerer, self.limits).await;
        drop(self.place);
        if let Some(socket) = given {
            socket.remove();
        }
        // Nobody can connect any more; whoever did so before is waiting.
        ends::refuse_waiting(&listener.into_std()?, &connection::handed_over());
        connections.leave().await;
        Ok(())
    }

    /// Refuses whoever is waiting to be answered, for a server that won't serve.
    pub fn refuse(self, refusal: &Refusal) {
        if self.listener.set_nonblocking(true).is_ok() {
            ends::refuse_waiting(&self.listener, refusal);
        }
    }
}

#[cfg(windows)]
impl Server {
    /// Makes a named pipe that opens for our own user on this machine only.
    ///
    /// # Errors
    /// When a pipe of that name is there already, or the name is none of a pipe.
    pub fn bind(path: &Path, limits: Limits) -> Result<Self, BindError> {
        let pipe = ends::bind(path)?;
        Ok(Self { pipe, limits })
    }

    /// Answers programs until the future is dropped, or until a [`Request::HandOver`] is obeyed.
    ///
    /// Then the pipe is gone, and whoever was still asking has been told that the vault is locked.
    ///
    /// # Errors
    /// When the runtime can't watch the pipe. Troubles with one connection end that connection only.
    pub async fn serve(self, answerer: Arc<dyn Answerer>) -> io::Result<()> {
        let listener = self.pipe.listen()?;
        let connections = serving::serve(&listener, answerer, self.limits).await;
        drop(listener);
        connections.leave().await;
        Ok(())
    }

    /// Turns away whoever is waiting to be answered, for a server that won't serve: the pipe ends.
    pub fn refuse(self, _refusal: &Refusal) {}
}

#[cfg(not(any(unix, windows)))]
impl Server {
    /// Refuses: there is neither a Unix socket nor a named pipe.
    ///
    /// # Errors
    /// Always [`BindError::Unsupported`].
    pub fn bind(_path: &Path, _limits: Limits) -> Result<Self, BindError> {
        Err(BindError::Unsupported)
    }

    /// Is never reached, since there is no server.
    pub fn refuse(self, _refusal: &Refusal) {}

    /// Is never reached, since there is no server.
    ///
    /// # Errors
    /// Always.
    pub async fn serve(self, _answerer: Arc<dyn Answerer>) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }
}
