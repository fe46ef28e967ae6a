//! Profiles, the way to their credentials, and their sessions.

use tauri::State;
use undercroft_session::Session;

use crate::convert::id;
use crate::error::UiError;
use crate::view::{ProfileDraft, ProfileRowView, ProfileView, ProfileWish, SessionAnswer, WayView};

/// All profiles, by name.
#[tauri::command]
#[specta::specta]
pub(crate) async fn profiles(session: State<'_, Session>) -> Result<Vec<ProfileRowView>, UiError> {
    let rows = session.profiles().await?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// A profile, with the way to its credentials.
#[tauri::command]
#[specta::specta]
pub(crate) async fn profile(
    session: State<'_, Session>,
    profile: String,
) -> Result<ProfileView, UiError> {
    Ok(session.profile(id(&profile)?).await?.into())
}

/// Files or changes a profile; its item id.
#[tauri::command]
#[specta::specta]
pub(crate) async fn save_profile(
    session: State<'_, Session>,
    draft: ProfileDraft,
) -> Result<String, UiError> {
    Ok(session.save_profile(draft.try_into()?).await?.to_string())
}

/// The way to the credentials of a profile that is being typed.
#[tauri::command]
#[specta::specta]
pub(crate) async fn profile_way(
    session: State<'_, Session>,
    draft: ProfileDraft,
) -> Result<WayView, UiError> {
    Ok(session.way(draft.try_into()?).await?.into())
}

/// A profile's session, from the cache or by the calls of its way.
#[tauri::command]
#[specta::specta]
pub(crate) async fn get_profile_session(
    session: State<'_, Session>,
    wish: ProfileWish,
) -> Result<SessionAnswer, UiError> {
    Ok(session.profile_session(wish.try_into()?).await?.into())
}
