//! All clients.

use std::{io::Write, sync::Arc, time::Duration};

use tokio::{
    net::{UnixListener, UnixStream},
    sync::Semaphore,
    task::JoinSet,
    time::sleep,
};

use super::{
    Answerer,
    connection::{Shared, answer_all, busy},
    silent::Silent,
};
use crate::{AnswerLines, Caller, Limits, Refusal, peer};

/// How long to wait when the system has no more file handles or memory.
const RECOVERY: Duration = Duration::from_millis(50);

/// Accepts clients and answers each in a task of its own, for ever.
pub(super) async fn serve(listener: &UnixListener, answerer: Arc<dyn Answerer>, limits: Limits) {
    let shared = Arc::new(Shared {
        answerer,
        limits,
        requests: Semaphore::new(limits.requests),
        silent: Silent::default(),
    });
    let mut connections = JoinSet::new();
    for id in 0.. {
        while let Some(ended) = connections.try_join_next() {
            if let Err(error) = ended
                && error.is_panic()
            {
                tracing::error!("answering a program panicked");
            }
        }
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            Err(error) => {
                tracing::warn!(%error, "a program could not connect");
                sleep(RECOVERY).await;
                continue;
            }
        };
        let Some(caller) = caller(&stream) else {
            tracing::warn!("another user's program was turned away");
            continue;
        };
        if connections.len() >= limits.connections && !shared.silent.make_room() {
            turn_away(stream, busy());
            continue;
        }
        let shared = Arc::clone(&shared);
        connections.spawn(async move { answer_all(&shared, stream, caller, id).await });
    }
}

/// The process at the other end, where it runs as us.
fn caller(stream: &UnixStream) -> Option<Caller> {
    let peer = stream.peer_cred().ok()?;
    let pid = peer.pid().and_then(|pid| u32::try_from(pid).ok());
    (peer.uid() == peer::own_uid()).then(|| Caller::connected_now(pid, peer.uid()))
}

/// Says why, as far as that goes without waiting.
fn turn_away(stream: UnixStream, refusal: Refusal) {
    let lines = AnswerLines::of(&Err(refusal));
    if let Ok(mut stream) = stream.into_std() {
        for line in lines.expose() {
            let _ = stream.write(line);
        }
    }
}
