//! What both the main and the password window ask.

use tauri::State;
use undercroft_session::Session;

use crate::error::UiError;
use crate::sealing::Seals;
use crate::{Window, sealing};

/// Opens what a window sealed.
pub(super) fn opener<'a>(
    seals: &'a Seals,
    window: &'a Window,
) -> impl Fn(&crate::view::Sealed) -> Result<undercroft_secret::SecretString, UiError> + 'a {
    move |sealed| seals.open(window.label(), sealed)
}

/// A one-time public key of the backend for this window: Base64 of the uncompressed point. It serves one sealed field.
#[tauri::command]
#[specta::specta]
pub(crate) fn sealing_key(
    window: Window,
    seals: State<'_, sealing::Seals>,
) -> Result<String, UiError> {
    seals.issue(window.label())
}

/// Says that the user is there, which puts off locking by idle time. Sent at most every few seconds.
#[tauri::command]
#[specta::specta]
pub(crate) async fn touch(session: State<'_, Session>) -> Result<(), UiError> {
    session.touch();
    Ok(())
}
