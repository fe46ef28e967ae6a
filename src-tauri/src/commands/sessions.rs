//! Calls to STS and the sessions that they give.

use tauri::State;
use undercroft_session::Session;

use crate::convert::{access_key_id, caller, id, session_id};
use crate::error::UiError;
use crate::view::{CallerView, SessionAnswer, SessionView, SessionWish};

/// Asks AWS whose key it is (GetCallerIdentity).
#[tauri::command]
#[specta::specta]
pub(crate) async fn check_access_key(
    session: State<'_, Session>,
    identity: String,
    key: String,
) -> Result<CallerView, UiError> {
    Ok(caller(
        session
            .check_access_key(id(&identity)?, access_key_id(&key)?)
            .await?,
    ))
}

/// A session for an access key, from the cache or from STS (GetSessionToken).
#[tauri::command]
#[specta::specta]
pub(crate) async fn get_session(
    session: State<'_, Session>,
    wish: SessionWish,
) -> Result<SessionAnswer, UiError> {
    Ok(session.get_session(wish.try_into()?).await?.into())
}

/// The live sessions, those that end first in front.
#[tauri::command]
#[specta::specta]
pub(crate) async fn sessions(session: State<'_, Session>) -> Result<Vec<SessionView>, UiError> {
    Ok(session
        .sessions()
        .await?
        .into_iter()
        .map(Into::into)
        .collect())
}

/// Asks STS again for what a session was made from.
#[tauri::command]
#[specta::specta]
pub(crate) async fn renew_session(
    session: State<'_, Session>,
    live: String,
) -> Result<SessionAnswer, UiError> {
    Ok(session.renew_session(session_id(&live)?).await?.into())
}

/// Takes a session out of the cache; AWS keeps it valid until it expires.
#[tauri::command]
#[specta::specta]
pub(crate) async fn forget_session(
    session: State<'_, Session>,
    live: String,
) -> Result<(), UiError> {
    Ok(session.forget_session(session_id(&live)?).await?)
}
