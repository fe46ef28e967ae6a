//! Unix sockets.

use std::{
    future::pending,
    io::{self, Write},
    os::unix::net,
    time::Duration,
};

use tokio::{io::Interest, time::sleep};

use crate::{AnswerLines, Caller, Refusal, peer, server::lines::Lines};

pub(in crate::server) use tokio::net::{UnixListener as Listener, UnixStream as Stream};

/// How often it is looked whether a client that said more than it was asked for is still there.
const LOOK_AGAIN: Duration = Duration::from_millis(250);

/// Waits for the next client.
pub(in crate::server) async fn accept(listener: &Listener) -> io::Result<Stream> {
    listener.accept().await.map(|(stream, _)| stream)
}

/// Returns when the client has closed its end. One that only has no more to say is still waiting for its answer.
pub(in crate::server) async fn gone(stream: &Stream, _lines: &mut Lines) {
    loop {
        let Ok(_) = stream.ready(Interest::READABLE).await else {
            return pending().await;
        };
        match stream.ready(Interest::READABLE | Interest::WRITABLE).await {
            Ok(ready) if ready.is_read_closed() && ready.is_write_closed() => return,
            Ok(_) => sleep(LOOK_AGAIN).await,
            Err(_) => return pending().await,
        }
    }
}

/// Refuses all that have connected and were not accepted yet.
pub(in crate::server) fn refuse_waiting(listener: &net::UnixListener, refusal: &Refusal) {
    loop {
        match listener.accept() {
            Ok((stream, _)) => say_to(stream, refusal),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(_) => return,
        }
    }
}

/// The process at the other end, where it runs as us.
pub(in crate::server) fn caller(stream: &Stream) -> Option<Caller> {
    let peer = stream.peer_cred().ok()?;
    let pid = peer.pid().and_then(|pid| u32::try_from(pid).ok());
    (peer.uid() == peer::own_uid()).then(|| Caller::connected_now(pid, peer.uid()))
}

/// Says why, as far as that goes without waiting.
pub(in crate::server) fn say(stream: Stream, refusal: &Refusal) {
    if let Ok(stream) = stream.into_std() {
        say_to(stream, refusal);
    }
}

fn say_to(mut stream: net::UnixStream, refusal: &Refusal) {
    let lines = AnswerLines::of(&Err(refusal.clone()));
    if stream.set_nonblocking(true).is_ok() {
        for line in lines.expose() {
            let _ = stream.write(line);
        }
    }
}
