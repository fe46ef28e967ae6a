//! The task that owns the unlocked vault.

use std::{future::pending, pin::pin, sync::Arc, time::Duration};

use tokio::{
    sync::{mpsc, oneshot},
    task::{JoinHandle, spawn_blocking},
};
use undercroft_secret::release_freed;

use crate::{
    Cleared, Event, LockReason, SessionError,
    shared::Shared,
    unlocked::{Unlocked, keep_unsaved_at_last},
};

/// How long a timer may run before the clock is looked at again: a machine that slept wakes with old timers.
const LONGEST_SLEEP: Duration = Duration::from_secs(15);

/// How long locking waits for a request that is still running, and for a clipboard that does not answer.
const PATIENCE: Duration = Duration::from_secs(2);

/// The same when the program ends afterwards: a last save is worth waiting for, even on a slow disk.
const LAST_PATIENCE: Duration = Duration::from_secs(20);

/// A request: runs where blocking is allowed and returns how to send its answer, which happens once the actor has
/// taken note of the outcome.
pub(crate) type Work = Box<dyn FnOnce(&mut Core) -> Box<dyn FnOnce() + Send> + Send>;

/// What does not wait in the queue.
pub(crate) enum Control {
    /// Lock now.
    Lock {
        reason: LockReason,
        done: oneshot::Sender<()>,
    },
}

/// What requests work on: the vault, while it is unlocked.
pub(crate) struct Core {
    pub(crate) shared: Arc<Shared>,
    pub(crate) open: Option<Box<Unlocked>>,
}

impl Core {
    fn locked(shared: Arc<Shared>) -> Self {
        Self { shared, open: None }
    }

    /// The unlocked vault: whoever has it proves that there is one.
    pub(crate) fn unlocked(&mut self) -> Result<&mut Unlocked, SessionError> {
        self.open.as_deref_mut().ok_or(SessionError::Locked)
    }
}

/// A request in progress and what comes back from it.
type Job = JoinHandle<(Core, Box<dyn FnOnce() + Send>)>;

pub(crate) struct Actor {
    shared: Arc<Shared>,
    requests: mpsc::UnboundedReceiver<Work>,
    commands: mpsc::UnboundedReceiver<Control>,
    /// Away while a request runs.
    core: Option<Core>,
    job: Option<Job>,
    /// What a request that locking overtook still holds.
    leaving: Option<JoinHandle<()>>,
}

impl Actor {
    pub(crate) fn new(
        shared: Arc<Shared>,
        requests: mpsc::UnboundedReceiver<Work>,
        commands: mpsc::UnboundedReceiver<Control>,
    ) -> Self {
        Self {
            core: Some(Core::locked(shared.clone())),
            shared,
            requests,
            commands,
            job: None,
            leaving: None,
        }
    }

    pub(crate) async fn run(mut self) {
        loop {
            let is_idle = self.core.is_some();
            let sleep = self.until_next_timer();
            tokio::select! {
                biased;
                command = self.commands.recv() => match command {
                    Some(Control::Lock { reason, done }) => {
                        self.lock(reason).await;
                        let _ = done.send(());
                    }
                    None => return self.end().await,
                },
                outcome = running(&mut self.job) => self.take_back(outcome),
                request = self.requests.recv(), if is_idle => match request {
                    Some(request) => self.begin(request).await,
                    None => return self.end().await,
                },
                () = self.shared.clock.sleep(sleep) => self.on_time().await,
            }
        }
    }

    fn until_next_timer(&self) -> Duration {
        [self.shared.idle_left(), self.shared.clipboard_left()]
            .into_iter()
            .flatten()
            .fold(LONGEST_SLEEP, Duration::min)
    }

    async fn begin(&mut self, request: Work) {
        // What locking overtook may still hold the vault's lock file.
        if let Some(leaving) = self.leaving.take_if(|leaving| leaving.is_finished()) {
            let _ = leaving.await;
        }
        let leaving = self.leaving.take();
        if let Some(mut core) = self.core.take() {
            self.job = Some(tokio::spawn(async move {
                if let Some(leaving) = leaving {
                    let _ = leaving.await;
                }
                run_blocking(move || {
                    let answer = request(&mut core);
                    (core, answer)
                })
                .await
            }));
        }
    }

    fn take_back(&mut self, outcome: Option<(Core, Box<dyn FnOnce() + Send>)>) {
        self.job = None;
        let was_open = self.shared.is_open();
        // A request that panicked took the vault with it.
        let (core, answer) = outcome.unwrap_or_else(|| {
            (
                Core::locked(self.shared.clone()),
                Box::new(|| ()) as Box<dyn FnOnce() + Send>,
            )
        });
        let is_open = core.open.is_some();
        self.core = Some(core);
        self.shared.set_open(is_open);
        match (was_open, is_open) {
            (true, false) => self.shared.notify(Event::Locked(LockReason::OtherVault)),
            (false, true) => {
                // The file's bytes and what they were read into on the way to the vault.
                drop(spawn_blocking(release_freed));
                self.shared.touch();
                self.shared.notify(Event::Unlocked);
            }
            (true, true) | (false, false) => {}
        }
        answer();
    }

    /// Drops everything that is secret; what a running request holds goes when that ends.
    async fn lock(&mut self, reason: LockReason) {
        let was_open = self.shared.is_open();
        let job = self.job.take();
        let core = self.core.replace(Core::locked(self.shared.clone()));
        self.shared.set_open(false);
        if was_open {
            self.shared.notify(Event::Locked(reason));
        }
        let before = self.leaving.take();
        let shared = self.shared.clone();
        let mut leaving = tokio::spawn(async move {
            if let Some(before) = before {
                let _ = before.await;
            }
            let core = match job {
                Some(job) => job.await.ok().map(|(core, _)| core),
                None => core,
            };
            let _ = run_blocking(move || {
                if let Some(open) = core.and_then(|core| core.open) {
                    open.close();
                    release_freed();
                }
                if reason == LockReason::Quit {
                    keep_unsaved_at_last(&shared);
                }
                clear_clipboard(&shared);
            })
            .await;
        });
        let patience = if reason == LockReason::Quit {
            LAST_PATIENCE
        } else {
            PATIENCE
        };
        if !within(&self.shared, patience, pin!(&mut leaving)).await {
            self.leaving = Some(leaving);
        }
    }

    async fn on_time(&mut self) {
        if let Some(open) = self.core.as_mut().and_then(|core| core.open.as_mut()) {
            open.scan.drop_ended(self.shared.clock.monotonic());
        }
        if self
            .shared
            .clipboard_left()
            .is_some_and(|left| left.is_zero())
        {
            self.shared.keep_clipboard();
            let shared = self.shared.clone();
            drop(spawn_blocking(move || {
                let ours = shared.platform.clear_if_ours() == Cleared::Ours;
                shared.notify(Event::ClipboardCleared { ours });
            }));
        }
        if let Some(open) = self.core.as_mut().and_then(|core| core.open.as_mut()) {
            open.transfers.expire(self.shared.clock.monotonic());
        }
        if self.shared.idle_left().is_some_and(|left| left.is_zero()) && !self.is_touched().await {
            self.lock(LockReason::Idle).await;
        }
    }

    /// Whether somebody is at the machine, though not at our windows. A desktop that does not answer at once counts as
    /// nobody there.
    async fn is_touched(&self) -> bool {
        let platform = self.shared.platform.clone();
        let asked = spawn_blocking(move || platform.untouched_for());
        tokio::select! {
            answer = asked => answer.ok().flatten().is_some_and(|ago| self.shared.touched_before(ago)),
            () = self.shared.clock.sleep(PATIENCE) => false,
        }
    }

    async fn end(&mut self) {
        self.lock(LockReason::Quit).await;
    }
}

/// Clears the clipboard because of locking, where there is something of ours to clear.
fn clear_clipboard(shared: &Shared) {
    let was_due = shared.clipboard_left().is_some();
    shared.keep_clipboard();
    // Asked in any case: a clipboard that did not answer in time may still hold our value.
    let ours = shared.platform.clear_if_ours() == Cleared::Ours;
    if was_due || ours {
        shared.notify(Event::ClipboardCleared { ours });
    }
}

async fn running(job: &mut Option<Job>) -> Option<(Core, Box<dyn FnOnce() + Send>)> {
    match job {
        Some(job) => job.await.ok(),
        None => pending().await,
    }
}

/// Runs something where blocking is allowed, and ends when it ends.
async fn run_blocking<R: Send + 'static>(work: impl FnOnce() -> R + Send + 'static) -> R {
    match spawn_blocking(work).await {
        Ok(result) => result,
        Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
        // Only a runtime that shuts down cancels what was not begun.
        Err(_) => pending().await,
    }
}

/// Whether `task` ended within `patience`.
async fn within(
    shared: &Shared,
    patience: Duration,
    task: impl Future<Output = Result<(), tokio::task::JoinError>>,
) -> bool {
    tokio::select! {
        _ = task => true,
        () = shared.clock.sleep(patience) => false,
    }
}
