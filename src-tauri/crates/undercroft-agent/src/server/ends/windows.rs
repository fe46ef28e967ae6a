//! Named pipes.

use std::{future::pending, io, os::windows::io::OwnedHandle, path::Path, time::Duration};

use interprocess::os::windows::{
    named_pipe::{
        PipeListenerOptions, PipeMode,
        pipe_mode::Bytes,
        tokio::{DuplexPipeStream, PipeListener},
    },
    security_descriptor::SecurityDescriptor,
};
use tokio::{io::AsyncWriteExt, time::timeout};
use widestring::U16CString;

use crate::{
    AnswerLines, Caller, Refusal,
    link::client_end,
    peer,
    server::{BindError, lines::Lines},
};

pub(in crate::server) type Listener = PipeListener<Bytes, Bytes>;
pub(in crate::server) type Stream = DuplexPipeStream<Bytes>;

/// How long a client that is turned away has to hear why.
const FAREWELL: Duration = Duration::from_secs(1);

/// A pipe that was made, before there is a runtime to serve at it.
#[derive(Debug)]
pub(in crate::server) struct Bound {
    handle: OwnedHandle,
    options: PipeListenerOptions<'static>,
}

/// Makes a pipe of this name, which nobody else has, that opens for our own user on this machine only.
pub(in crate::server) fn bind(path: &Path) -> Result<Bound, BindError> {
    if !path.to_string_lossy().starts_with(r"\\.\pipe\") {
        return Err(BindError::NotASocket);
    }
    match client_end(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        // Somebody's, whether it opens for us or not.
        Ok(_) | Err(_) => return Err(BindError::InUse),
    }
    let user = peer::own_user().ok_or(BindError::Unsupported)?;
    // Everything to the owner, nothing to anybody else, and nothing over the network, not even to the owner.
    let rules = format!("O:{user}D:P(D;;GA;;;NU)(A;;GA;;;{user})");
    let rules = U16CString::from_str(rules).map_err(|_| BindError::Unsupported)?;
    let options = PipeListenerOptions::new()
        .path(path.to_owned())
        .mode(PipeMode::Bytes)
        .input_buffer_size_hint(8 * 1024)
        .output_buffer_size_hint(8 * 1024)
        .security_descriptor(Some(SecurityDescriptor::deserialize(&rules)?))
        .to_owned()?;
    // The first of its name, or none.
    let made = options
        .create_duplex::<Bytes>()
        .map_err(|error| match error.kind() {
            io::ErrorKind::PermissionDenied => BindError::InUse,
            _ => BindError::Io(error),
        })?;
    Ok(Bound {
        handle: made.into(),
        options,
    })
}

impl Bound {
    /// Begins to listen; to be called within a runtime.
    pub(in crate::server) fn listen(self) -> io::Result<Listener> {
        Listener::from_handle_and_options(self.handle, self.options)
    }
}

/// Waits for the next client.
pub(in crate::server) async fn accept(listener: &Listener) -> io::Result<Stream> {
    listener.accept().await
}

/// Returns when the client has closed its end. What it says meanwhile is kept for later, as far as there is room.
pub(in crate::server) async fn gone(stream: &mut Stream, lines: &mut Lines) {
    while lines.has_room() {
        match lines.read_more(stream).await {
            Ok(0) | Err(_) => return,
            Ok(_) => {}
        }
    }
    pending().await
}

/// The process at the other end, where it runs as us.
pub(in crate::server) fn caller(stream: &Stream) -> Option<Caller> {
    let pid = stream.client_process_id().ok()?;
    peer::is_ours(pid).then(|| Caller::connected_now(Some(pid), 0))
}

/// Says why, without keeping anybody waiting.
pub(in crate::server) fn say(mut stream: Stream, refusal: &Refusal) {
    let lines = AnswerLines::of(&Err(refusal.clone()));
    tokio::spawn(async move {
        let said = async {
            for line in lines.expose() {
                stream.write_all(line).await?;
            }
            stream.flush().await
        };
        let _ = timeout(FAREWELL, said).await;
    });
}
