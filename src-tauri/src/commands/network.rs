//! The user's settings of the way to AWS.

use tauri::State;
use undercroft_session::{FieldProblem, Session, SessionError};

use crate::Window;
use crate::error::UiError;
use crate::platform::dialogs;
use crate::view::NetworkView;

/// The most of a chosen file that is looked at, in bytes; the session takes less.
const MAX_BYTES: u64 = 1024 * 1024;

/// The way that calls to AWS take.
#[tauri::command]
#[specta::specta]
pub(crate) async fn network(session: State<'_, Session>) -> Result<NetworkView, UiError> {
    Ok(session.network().await?.into())
}

/// Sends calls to AWS through a proxy, or directly when the address is empty.
#[tauri::command]
#[specta::specta]
pub(crate) async fn set_proxy(session: State<'_, Session>, address: String) -> Result<(), UiError> {
    Ok(session.set_proxy(address).await?)
}

/// Lets the user choose a PEM bundle of certificate authorities to trust; tells whether one was chosen.
#[tauri::command]
#[specta::specta]
pub(crate) async fn choose_ca_bundle(
    window: Window,
    session: State<'_, Session>,
) -> Result<bool, UiError> {
    // Nobody is asked for a file that a locked vault could not take.
    session.network().await?;
    let Some(path) = dialogs::open_ca_bundle(&window).await else {
        return Ok(false);
    };
    let pem = read(&path).await.map_err(|error| {
        let message = format!("the file can't be read: {error}");
        let field = "ca_bundle";
        SessionError::Invalid {
            problems: vec![FieldProblem { field, message }],
        }
    })?;
    session.set_ca_bundle(Some(pem)).await?;
    Ok(true)
}

/// Trusts only the usual certificate authorities again.
#[tauri::command]
#[specta::specta]
pub(crate) async fn remove_ca_bundle(session: State<'_, Session>) -> Result<(), UiError> {
    Ok(session.set_ca_bundle(None).await?)
}

async fn read(path: &std::path::Path) -> std::io::Result<Vec<u8>> {
    use std::io::Read;
    let path = path.to_owned();
    tokio::task::spawn_blocking(move || {
        let mut bytes = Vec::new();
        std::fs::File::open(path)?
            .take(MAX_BYTES)
            .read_to_end(&mut bytes)?;
        Ok(bytes)
    })
    .await?
}
