//! Other programs: the agent's socket, at which the command line and the AWS SDKs ask while the app runs.
//!
//! A locked vault is told of at once, and unlocking brings the window. Where `undercroft agent` answers already, the app
//! takes the socket over as soon as that ends.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tauri::Manager;
use tauri::async_runtime::JoinHandle;
use undercroft_agent::{BindError, Limits, Server};
use undercroft_host::{Door, Host};
use undercroft_session::Session;

use crate::{App, opening};

/// Where the socket is, when not in its usual place.
const SOCKET: &str = "UNDERCROFT_SOCKET";

/// How long to wait before a place that another has is tried again.
const RETRY: Duration = Duration::from_secs(2);

/// The task that answers.
#[derive(Default)]
pub(crate) struct Programs(Mutex<Option<JoinHandle<()>>>);

impl Programs {
    fn keep(&self, task: JoinHandle<()>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(task);
    }

    /// Ends answering, and takes the socket away.
    pub(crate) async fn end(&self) {
        let task = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
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

/// Begins to answer programs.
pub(crate) fn start(app: &App) {
    let Some(path) = std::env::var_os(SOCKET)
        .map(PathBuf::from)
        .or_else(undercroft_agent::socket_path)
    else {
        return;
    };
    let host = Host::new(
        app.state::<Session>().inner().clone(),
        Arc::new(Window(app.clone())),
    );
    app.state::<Programs>()
        .keep(tauri::async_runtime::spawn(answer(host, path)));
}

async fn answer(host: Host, path: PathBuf) {
    let mut was_told = false;
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
        tokio::time::sleep(RETRY).await;
    }
}
