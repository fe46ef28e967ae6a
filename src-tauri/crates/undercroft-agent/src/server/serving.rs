//! All clients.

use std::{sync::Arc, time::Duration};

use tokio::{
    task::JoinSet,
    time::{sleep, timeout},
};

use super::{
    Answerer,
    connection::{Shared, answer_all, busy},
    ends::{Listener, accept, caller, say},
};
use crate::Limits;

/// How long to wait when the system has no more file handles or memory.
const RECOVERY: Duration = Duration::from_millis(50);

/// How long clients have to hear that the server ends.
const FAREWELL: Duration = Duration::from_secs(1);

/// The clients that are connected; dropping it cuts them off.
pub(super) struct Connections(JoinSet<()>);

impl Connections {
    /// Waits until each has heard that the vault was handed over, or does not listen.
    pub(super) async fn leave(mut self) {
        let all = async { while self.0.join_next().await.is_some() {} };
        let _ = timeout(FAREWELL, all).await;
    }
}

/// Accepts clients and answers each in a task of its own, until a hand-over was obeyed.
pub(super) async fn serve(
    listener: &Listener,
    answerer: Arc<dyn Answerer>,
    limits: Limits,
) -> Connections {
    let shared = Arc::new(Shared::new(answerer, limits));
    let mut connections = JoinSet::new();
    for id in 0.. {
        while let Some(ended) = connections.try_join_next() {
            if let Err(error) = ended
                && error.is_panic()
            {
                tracing::error!("answering a program panicked");
            }
        }
        let accepted = tokio::select! {
            accepted = accept(listener) => accepted,
            () = shared.handed_over() => break,
        };
        let stream = match accepted {
            Ok(stream) => stream,
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
            say(stream, &busy());
            continue;
        }
        let shared = Arc::clone(&shared);
        connections.spawn(async move { answer_all(&shared, stream, caller, id).await });
    }
    Connections(connections)
}
