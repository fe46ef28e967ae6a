//! The log of who got what.

use tauri::State;
use undercroft_session::Session;

use crate::Window;
use crate::error::UiError;
use crate::platform::dialogs;
use crate::recovery_kit::write_private;
use crate::view::ActivityLogView;

/// The log, newest first.
#[tauri::command]
#[specta::specta]
pub(crate) async fn activity(session: State<'_, Session>) -> Result<ActivityLogView, UiError> {
    Ok(session.activity().await?.into())
}

/// Writes the log as JSON lines where the user says in the system's dialog; the path, or nothing when cancelled.
#[tauri::command]
#[specta::specta]
pub(crate) async fn export_activity(
    window: Window,
    session: State<'_, Session>,
) -> Result<Option<String>, UiError> {
    let lines = session.activity_lines().await?;
    let name = "undercroft-activity.jsonl";
    let Some(path) = dialogs::save_export(&window, "Export activity", name).await else {
        return Ok(None);
    };
    write_private(&path, lines.as_bytes())?;
    Ok(Some(path.display().to_string()))
}
