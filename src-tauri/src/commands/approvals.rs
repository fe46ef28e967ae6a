//! Programs that wait for somebody's yes, and what the settings answer them.

use tauri::State;
use undercroft_session::Session;

use crate::convert;
use crate::error::UiError;
use crate::view::{ApprovalRequestView, ApprovalSettingsView, ApprovalView, DecisionView};

/// Programs that wait for an answer, the one that asked first in front.
#[tauri::command]
#[specta::specta]
pub(crate) async fn approval_requests(
    session: State<'_, Session>,
) -> Result<Vec<ApprovalRequestView>, UiError> {
    let requests = session.approval_requests().await?;
    Ok(requests.into_iter().map(Into::into).collect())
}

/// Answers a program.
#[tauri::command]
#[specta::specta]
pub(crate) async fn answer_approval(
    session: State<'_, Session>,
    request: String,
    decision: DecisionView,
) -> Result<(), UiError> {
    let request = request.parse().map_err(|_| UiError::NoSuchItem)?;
    Ok(session.answer_approval(request, decision.into()).await?)
}

/// When programs are asked about, and the rules.
#[tauri::command]
#[specta::specta]
pub(crate) async fn approval_settings(
    session: State<'_, Session>,
) -> Result<ApprovalSettingsView, UiError> {
    let settings = session.overview().await?.settings;
    let profiles = session.profiles().await?;
    Ok(convert::approval_settings(settings, &profiles))
}

/// Sets when programs are asked about, where the profile does not say.
#[tauri::command]
#[specta::specta]
pub(crate) async fn set_approval(
    session: State<'_, Session>,
    approval: ApprovalView,
) -> Result<(), UiError> {
    Ok(session.set_approval(approval.into()).await?)
}

/// Takes a rule away by its position.
#[tauri::command]
#[specta::specta]
pub(crate) async fn remove_approval_rule(
    session: State<'_, Session>,
    index: u32,
) -> Result<(), UiError> {
    let index = usize::try_from(index).map_err(|_| UiError::NoSuchItem)?;
    Ok(session.remove_approval_rule(index).await?)
}
