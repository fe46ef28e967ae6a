//! The bin, and earlier versions.

use tauri::State;
use undercroft_session::Session;

use crate::convert::id;
use crate::error::UiError;
use crate::view::{BinRow, HistoryRow};

/// Puts an account, with its identities, an identity or a profile into the bin.
#[tauri::command]
#[specta::specta]
pub(crate) async fn bin_item(session: State<'_, Session>, item: String) -> Result<(), UiError> {
    Ok(session.bin_item(id(&item)?).await?)
}

/// Takes an item out of the bin.
#[tauri::command]
#[specta::specta]
pub(crate) async fn restore_item(session: State<'_, Session>, item: String) -> Result<(), UiError> {
    Ok(session.restore_item(id(&item)?).await?)
}

/// Deletes an item in the bin for good.
#[tauri::command]
#[specta::specta]
pub(crate) async fn delete_item(session: State<'_, Session>, item: String) -> Result<(), UiError> {
    Ok(session.delete_item(id(&item)?).await?)
}

/// Deletes everything in the bin for good.
#[tauri::command]
#[specta::specta]
pub(crate) async fn empty_bin(session: State<'_, Session>) -> Result<(), UiError> {
    Ok(session.empty_bin().await?)
}

/// What is in the bin, newest first.
#[tauri::command]
#[specta::specta]
pub(crate) async fn bin(session: State<'_, Session>) -> Result<Vec<BinRow>, UiError> {
    Ok(session.bin().await?.into_iter().map(Into::into).collect())
}

/// Earlier versions of an item, newest first.
#[tauri::command]
#[specta::specta]
pub(crate) async fn history(
    session: State<'_, Session>,
    item: String,
) -> Result<Vec<HistoryRow>, UiError> {
    Ok(session
        .history(id(&item)?)
        .await?
        .into_iter()
        .map(Into::into)
        .collect())
}

/// Brings an earlier version back; the present one goes to the history.
#[tauri::command]
#[specta::specta]
pub(crate) async fn restore_history(
    session: State<'_, Session>,
    item: String,
    index: u32,
) -> Result<(), UiError> {
    let index = usize::try_from(index).map_err(|_| UiError::NoSuchItem)?;
    Ok(session.restore_history(id(&item)?, index).await?)
}
