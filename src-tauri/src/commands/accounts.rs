//! Accounts, search, favourites and custom secrets.

use tauri::State;
use undercroft_session::Session;

use super::both::opener;
use crate::Window;
use crate::convert::{Receive, id, place};
use crate::error::UiError;
use crate::sealing::Seals;
use crate::view::{
    AccountDraft, AccountRow, AccountView, CustomSecretDraft, OverviewView, SearchHit,
};

/// The frame of the main window.
#[tauri::command]
#[specta::specta]
pub(crate) async fn overview(session: State<'_, Session>) -> Result<OverviewView, UiError> {
    let overview = session.overview().await?;
    let status = session.status().await;
    Ok(OverviewView::new(place(&status.path), overview))
}

/// All accounts, favourites first, then by name.
#[tauri::command]
#[specta::specta]
pub(crate) async fn accounts(session: State<'_, Session>) -> Result<Vec<AccountRow>, UiError> {
    Ok(session
        .accounts()
        .await?
        .into_iter()
        .map(Into::into)
        .collect())
}

/// Everything about an account but its secrets.
#[tauri::command]
#[specta::specta]
pub(crate) async fn account(
    session: State<'_, Session>,
    id: String,
) -> Result<AccountView, UiError> {
    Ok(session.account(crate::convert::id(&id)?).await?.into())
}

/// Accounts and identities that match, best first.
#[tauri::command]
#[specta::specta]
pub(crate) async fn search(
    session: State<'_, Session>,
    query: String,
    limit: u32,
) -> Result<Vec<SearchHit>, UiError> {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    Ok(session
        .search(query, limit)
        .await?
        .into_iter()
        .map(Into::into)
        .collect())
}

/// Files or changes an account; its item id.
#[tauri::command]
#[specta::specta]
pub(crate) async fn save_account(
    window: Window,
    session: State<'_, Session>,
    seals: State<'_, Seals>,
    draft: AccountDraft,
) -> Result<String, UiError> {
    let draft = draft.receive(&opener(&seals, &window))?;
    Ok(session.save_account(draft).await?.to_string())
}

/// Makes an account, an identity or a profile a favourite, or no longer.
#[tauri::command]
#[specta::specta]
pub(crate) async fn set_favourite(
    session: State<'_, Session>,
    item: String,
    favourite: bool,
) -> Result<(), UiError> {
    Ok(session.set_favourite(id(&item)?, favourite).await?)
}

/// Files or changes a custom secret of an account or an identity; its field id.
#[tauri::command]
#[specta::specta]
pub(crate) async fn save_custom_secret(
    window: Window,
    session: State<'_, Session>,
    seals: State<'_, Seals>,
    draft: CustomSecretDraft,
) -> Result<String, UiError> {
    let draft = draft.receive(&opener(&seals, &window))?;
    Ok(session.save_custom_secret(draft).await?.to_string())
}

/// Removes a custom secret; the item's history keeps it.
#[tauri::command]
#[specta::specta]
pub(crate) async fn remove_custom_secret(
    session: State<'_, Session>,
    item: String,
    field: String,
) -> Result<(), UiError> {
    Ok(session
        .remove_custom_secret(id(&item)?, id(&field)?)
        .await?)
}
