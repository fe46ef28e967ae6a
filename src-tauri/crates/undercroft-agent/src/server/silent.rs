//! Which connections say nothing, and for how long.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::{sync::Notify, time::Instant};

/// A connection may be silent for so long before it has to make room.
const AT_LEAST: Duration = Duration::from_secs(1);

/// The connections that are not being answered.
///
/// When there are too many connections, the one that has been silent longest makes room for the new one, so that
/// nobody keeps others out by connecting and saying nothing.
#[derive(Debug, Default)]
pub(super) struct Silent(Mutex<BTreeMap<u64, Waiting>>);

#[derive(Debug)]
struct Waiting {
    since: Instant,
    make_room: Arc<Notify>,
}

/// One silent connection; it is no longer silent once this is dropped.
#[derive(Debug)]
pub(super) struct Silence<'a> {
    silent: &'a Silent,
    id: u64,
    make_room: Arc<Notify>,
}

impl Silent {
    /// Notes that a connection begins to be silent.
    pub(super) fn begin(&self, id: u64) -> Silence<'_> {
        let make_room = Arc::new(Notify::new());
        let waiting = Waiting {
            since: Instant::now(),
            make_room: Arc::clone(&make_room),
        };
        self.with(|all| all.insert(id, waiting));
        Silence {
            silent: self,
            id,
            make_room,
        }
    }

    /// Has the connection that has been silent longest make room, and tells whether there is one.
    pub(super) fn make_room(&self) -> bool {
        let longest = self.with(|all| {
            let (id, since) = all
                .iter()
                .map(|(id, waiting)| (*id, waiting.since))
                .min_by_key(|(_, since)| *since)?;
            (since.elapsed() >= AT_LEAST).then(|| all.remove(&id))?
        });
        longest.is_some_and(|waiting| {
            waiting.make_room.notify_one();
            true
        })
    }

    fn with<T>(&self, act: impl FnOnce(&mut BTreeMap<u64, Waiting>) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Silence<'_> {
    /// Returns when the connection has to make room.
    pub(super) async fn has_to_end(&self) {
        self.make_room.notified().await;
    }
}

impl Drop for Silence<'_> {
    fn drop(&mut self) {
        self.silent.with(|all| all.remove(&self.id));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_longest_silent_makes_room_and_nobody_twice() {
        let silent = Silent::default();
        let first = silent.begin(7);
        tokio::time::advance(AT_LEAST).await;
        let second = silent.begin(3);
        assert!(silent.make_room());
        first.has_to_end().await;
        assert!(!silent.make_room(), "the other has hardly begun");
        tokio::time::advance(AT_LEAST).await;
        drop(second);
        assert!(!silent.make_room(), "it is being answered");
    }
}
