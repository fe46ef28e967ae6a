//! Other programs: the agent's socket, at which the command line and the AWS SDKs ask while the app runs.
//!
//! A locked vault is told of at once, and unlocking brings the window. Where `undercroft agent` answers already, the app
//! takes the socket over as soon as that ends, by itself or because the vault was taken over.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tauri::Manager;
use tauri::async_runtime::JoinHandle;
use tokio::sync::Notify;
use tokio::time::{Instant, sleep};
use undercroft_agent::{BindError, Limits, Server};
use undercroft_host::{Door, Host};
use undercroft_session::Session;

use crate::{App, opening};

/// Where the socket is, when not in its usual place.
const SOCKET: &str = "UNDERCROFT_SOCKET";

/// How long to wait before a place that another has is tried again.
const RETRY: Duration = Duration::from_secs(2);

/// The same while the other is about to leave it, and for how long.
const SOON: Duration = Duration::from_millis(50);
const EXPECTED: Duration = Duration::from_secs(5);

/// The task that answers.
#[derive(Default)]
pub(crate) struct Programs {
    task: Mutex<Option<JoinHandle<()>>>,
    leaves: Arc<Notify>,
}

impl Programs {
    fn keep(&self, task: JoinHandle<()>) {
        *self.task.lock().unwrap_or_else(PoisonError::into_inner) = Some(task);
    }

    /// Says that whoever has the socket is leaving it, so that it is tried more often.
    pub(crate) fn expect_socket(&self) {
        self.leaves.notify_one();
    }

    /// Ends answering, and takes the socket away.
    pub(crate) async fn end(&self) {
        let task = self
            .task
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(task) = task {
            task.abort();
            let _ = task.await;
        }
    }
}

/// The window, where a person is asked to unlock.
struct Window(App);

impl Door for Window {
    fn knock(&self) -> bool {
        let app = self.0.clone();
        tauri::async_runtime::spawn(async move { opening::show(&app).await });
        true
    }
}

/// Where the socket is.
pub(crate) fn socket() -> Option<PathBuf> {
    std::env::var_os(SOCKET)
        .map(PathBuf::from)
        .or_else(undercroft_agent::socket_path)
}

/// Begins to answer programs.
pub(crate) fn start(app: &App) {
    let Some(path) = socket() else {
        return;
    };
    let host = Host::new(
        app.state::<Session>().inner().clone(),
        Arc::new(Window(app.clone())),
    );
    let programs = app.state::<Programs>();
    let leaves = Arc::clone(&programs.leaves);
    programs.keep(tauri::async_runtime::spawn(answer(host, path, leaves)));
}

async fn answer(host: Host, path: PathBuf, leaves: Arc<Notify>) {
    let mut was_told = false;
    let mut expected_until = Instant::now();
    loop {
        match Server::bind(&path, Limits::default()) {
            Ok(server) => {
                if let Err(error) = host.serve(server).await {
                    tracing::error!(%error, "programs can't be answered");
                }
                return;
            }
            Err(BindError::Unsupported) => return,
            Err(error) => {
                if !was_told {
                    tracing::warn!(%error, "programs can't be answered yet");
                }
                was_told = true;
            }
        }
        let pause = if Instant::now() < expected_until {
            SOON
        } else {
            RETRY
        };
        tokio::select! {
            () = sleep(pause) => {}
            () = leaves.notified() => expected_until = Instant::now() + EXPECTED,
        }
    }
}
