//! Taking the vault over from a running `undercroft agent`, since there is one writer.
//!
//! Where an agent at our socket holds the vault that is to be unlocked, the password window offers it. The agent saves,
//! locks and ends; unlocking goes on here, and the socket becomes the app's.

use std::time::Duration;

use tauri::Manager;
use tokio::time::{Instant, sleep, timeout};
use undercroft_session::{Session, SessionError};

use crate::App;
use crate::error::UiError;
use crate::programs::Programs;

/// How long an agent that is busy otherwise may take to say what it holds.
const LOOK: Duration = Duration::from_secs(3);

/// How long an agent may take to hand over: longer than its locking waits for a save.
const HAND_OVER: Duration = Duration::from_secs(25);

/// How long after its answer the vault's lock file may still be held.
const LET_GO: Duration = Duration::from_secs(2);

/// How often the lock file is looked at meanwhile.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// Says why unlocking failed, and whether an agent could be asked to hand the vault over.
pub(crate) async fn refused(session: &Session, error: SessionError) -> UiError {
    let error = UiError::from(error);
    if let UiError::InUse { pid, .. } = error {
        let vault = session.status().await.path;
        let agent = timeout(LOOK, agent::holds(vault)).await.unwrap_or(false);
        return UiError::InUse { pid, agent };
    }
    error
}

/// Has the agent hand the vault over, and returns once it can be unlocked here.
///
/// # Errors
/// [`UiError::AgentKeepsVault`] where somebody still holds it after a time.
pub(crate) async fn take_over(app: &App) -> Result<(), UiError> {
    let session = app.state::<Session>();
    let vault = session.status().await.path;
    // What it says matters less than whether the lock file is free: it may have ended by itself.
    if let Err(error) = timeout(HAND_OVER, agent::hand_over(vault)).await {
        tracing::warn!(%error, "the agent does not answer");
    }
    app.state::<Programs>().expect_socket();
    let until = Instant::now() + LET_GO;
    loop {
        match session.check_free().await {
            Err(SessionError::InUse { .. }) if Instant::now() < until => sleep(LOOK_AGAIN).await,
            Err(SessionError::InUse { pid }) => return Err(UiError::AgentKeepsVault { pid }),
            Ok(()) | Err(_) => return Ok(()),
        }
    }
}

#[cfg(unix)]
mod agent {
    use std::fs;
    use std::path::{Path, PathBuf};

    use tauri::async_runtime::spawn_blocking;
    use undercroft_agent::{Client, ClientError, Reply, Request, State, Status};

    use crate::programs;

    /// Whether an agent that hands over has this vault unlocked.
    pub(super) async fn holds(vault: PathBuf) -> bool {
        let found = spawn_blocking(move || find(&vault)).await;
        matches!(found, Ok(Ok(Some(_))))
    }

    /// Asks it to hand over, where there is one.
    pub(super) async fn hand_over(vault: PathBuf) {
        let asked = spawn_blocking(move || {
            let Some(mut client) = find(&vault)? else {
                return Ok(());
            };
            client.ask(&Request::HandOver).map(drop)
        });
        if let Ok(Err(error)) = asked.await {
            tracing::warn!(%error, "the agent does not hand over");
        }
    }

    /// Connects to an agent that hands over and has this vault unlocked. What it says of itself is from the process at
    /// the other end, and so is what is asked of it afterwards.
    fn find(vault: &Path) -> Result<Option<Client>, ClientError> {
        let Some(socket) = programs::socket() else {
            return Ok(None);
        };
        let mut client = Client::connect(&socket)?;
        let Reply::Status(status) = client.ask(&Request::Status)? else {
            return Ok(None);
        };
        Ok(has(&status, vault).then_some(client))
    }

    fn has(status: &Status, vault: &Path) -> bool {
        let served = status.vault.as_deref().map(Path::new);
        status.hands_over
            && status.state == State::Unlocked
            && served.is_some_and(|served| is_same(served, vault))
    }

    fn is_same(one: &Path, other: &Path) -> bool {
        let whole = |path: &Path| fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        whole(one) == whole(other)
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn only_an_agent_that_has_this_vault_open_is_offered() {
            let folder = tempfile::tempdir().unwrap();
            let vault = folder.path().join("vault.undercroft");
            let other = folder.path().join("other.undercroft");
            let link = folder.path().join("link.undercroft");
            for path in [&vault, &other] {
                fs::write(path, "").unwrap();
            }
            std::os::unix::fs::symlink(&vault, &link).unwrap();
            let status = |path: &Path| Status {
                state: State::Unlocked,
                hands_over: true,
                ..Status::not_running(Some(path.to_str().unwrap().to_owned()))
            };
            assert!(has(&status(&vault), &vault));
            assert!(has(&status(&vault), &link), "the same file");
            assert!(!has(&status(&other), &vault));
            let locked = Status {
                state: State::Locked,
                ..status(&vault)
            };
            assert!(!has(&locked, &vault), "somebody else holds it");
            let app = Status {
                hands_over: false,
                ..status(&vault)
            };
            assert!(!has(&app, &vault));
            assert!(!has(&Status::not_running(None), &vault));
        }
    }
}

#[cfg(not(unix))]
mod agent {
    use std::path::PathBuf;

    /// No agent is served here yet.
    pub(super) async fn holds(_vault: PathBuf) -> bool {
        false
    }

    pub(super) async fn hand_over(_vault: PathBuf) {}
}
