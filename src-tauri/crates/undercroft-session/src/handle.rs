//! The handle to the actor.

use std::{path::Path, sync::Arc};

use tokio::sync::{mpsc, oneshot};
use undercroft_aws::{ConsoleSignIn, HttpClient, Iam, Sts};
use undercroft_vault::{Disk, KdfParams};

use crate::{
    Clock, DesktopEvent, LockReason, Places, Platform, SessionError,
    actor::{Actor, Control, Core, Work},
    shared::Shared,
    unlocked::Unlocked,
};

/// What a session is built from.
pub struct Parts {
    /// Where the vault and the state files are.
    pub places: Places,
    /// The desktop.
    pub platform: Arc<dyn Platform>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// AWS's Security Token Service.
    pub sts: Arc<dyn Sts>,
    /// AWS's Identity and Access Management.
    pub iam: Arc<dyn Iam>,
    /// AWS's sign-in to the web console.
    pub console: Arc<dyn ConsoleSignIn>,
    /// The connections that calls to AWS travel on: the vault's settings set them up.
    pub http: HttpClient,
    /// The file system.
    pub disk: Arc<dyn Disk>,
    /// What Argon2id costs for new passwords; nothing measures this machine when one is set.
    pub kdf: Option<KdfParams>,
}

/// A handle to the task that owns the vault; clones share it.
///
/// When the last one is dropped the vault is locked and the task ends.
#[derive(Clone)]
pub struct Session {
    work: mpsc::UnboundedSender<Work>,
    control: mpsc::UnboundedSender<Control>,
    pub(crate) shared: Arc<Shared>,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session")
            .field("is_open", &self.shared.is_open())
            .finish_non_exhaustive()
    }
}

impl Session {
    /// Starts the task. Must be called within a tokio runtime with its timers on.
    #[must_use]
    pub fn start(parts: Parts) -> Self {
        let shared = Arc::new(Shared::new(parts));
        let (work, requests) = mpsc::unbounded_channel();
        let (control, commands) = mpsc::unbounded_channel();
        tokio::spawn(Actor::new(shared.clone(), requests, commands).run());
        Self {
            work,
            control,
            shared,
        }
    }

    /// The folder of what belongs to this machine.
    #[must_use]
    pub fn state_dir(&self) -> &Path {
        &self.shared.state_dir
    }

    /// Whether the vault is unlocked at this moment.
    #[must_use]
    pub fn is_unlocked(&self) -> bool {
        self.shared.is_open()
    }

    /// Hears what happened on the desktop, and locks where the settings say so.
    pub async fn heed(&self, event: DesktopEvent) {
        if self.shared.locks_on(event) {
            self.lock(LockReason::Desktop).await;
        }
    }

    /// Says that the user is there: puts off locking by idle time.
    pub fn touch(&self) {
        self.shared.touch();
    }

    /// Locks the vault, and returns when nothing of it is left in memory.
    ///
    /// Does not wait for running requests; a save in progress ends first, for up to two seconds.
    pub async fn lock(&self, reason: LockReason) {
        let (done, locked) = oneshot::channel();
        if self.control.send(Control::Lock { reason, done }).is_ok() {
            let _ = locked.await;
        }
    }

    /// Runs a request in its turn, whether or not the vault is unlocked.
    pub(crate) async fn ask<R: Send + 'static>(
        &self,
        request: impl FnOnce(&mut Core) -> Result<R, SessionError> + Send + 'static,
    ) -> Result<R, SessionError> {
        let (answer, answered) = oneshot::channel();
        let work: Work = Box::new(move |core| {
            let result = request(core);
            Box::new(move || {
                let _ = answer.send(result);
            })
        });
        self.work.send(work).map_err(|_| SessionError::Locked)?;
        // The sender goes without an answer when locking took away what the request worked on.
        answered.await.map_err(|_| SessionError::Locked)?
    }

    /// Runs a request that looks at the vault without being a use of it: windows ask on their own, too.
    pub(crate) async fn look<R: Send + 'static>(
        &self,
        request: impl FnOnce(&mut Unlocked) -> Result<R, SessionError> + Send + 'static,
    ) -> Result<R, SessionError> {
        self.ask(move |core| request(core.unlocked()?)).await
    }

    /// Runs a request that a user made.
    pub(crate) async fn act<R: Send + 'static>(
        &self,
        request: impl FnOnce(&mut Unlocked) -> Result<R, SessionError> + Send + 'static,
    ) -> Result<R, SessionError> {
        self.shared.touch();
        self.look(request).await
    }
}
