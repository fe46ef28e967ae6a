//! Identities with their passwords, MFA devices and access keys; copying and revealing.

use tauri::State;
use undercroft_session::Session;

use super::both::opener;
use crate::convert::{Receive, access_key_id, copied, id};
use crate::error::UiError;
use crate::sealing::{Seals, seal_for};
use crate::view::{
    CodeView, CopiedView, CopyTarget, DeviceDraft, IdentityDraft, IdentityView, KeyDraft, Sealed,
    SecretRef, SeedPreview,
};
use crate::{App, Window};

/// Everything about an identity but its secrets.
#[tauri::command]
#[specta::specta]
pub(crate) async fn identity(
    session: State<'_, Session>,
    id: String,
) -> Result<IdentityView, UiError> {
    Ok(session.identity(crate::convert::id(&id)?).await?.into())
}

/// Files or changes an identity; its item id.
#[tauri::command]
#[specta::specta]
pub(crate) async fn save_identity(
    window: Window,
    session: State<'_, Session>,
    seals: State<'_, Seals>,
    draft: IdentityDraft,
) -> Result<String, UiError> {
    let draft = draft.receive(&opener(&seals, &window))?;
    Ok(session.save_identity(draft).await?.to_string())
}

/// Sets the console password; the one before goes to its history.
#[tauri::command]
#[specta::specta]
pub(crate) async fn set_password(
    window: Window,
    session: State<'_, Session>,
    seals: State<'_, Seals>,
    identity: String,
    password: Sealed,
) -> Result<(), UiError> {
    let password = seals.open(window.label(), &password)?;
    Ok(session.set_password(id(&identity)?, password).await?)
}

/// Removes the console password; the item's history keeps it.
#[tauri::command]
#[specta::specta]
pub(crate) async fn remove_password(
    session: State<'_, Session>,
    identity: String,
) -> Result<(), UiError> {
    Ok(session.remove_password(id(&identity)?).await?)
}

/// Sets a random console password that AWS's strictest policy takes; the one before goes to its history.
#[tauri::command]
#[specta::specta]
pub(crate) async fn generate_password(
    session: State<'_, Session>,
    identity: String,
) -> Result<(), UiError> {
    Ok(session.generate_password(id(&identity)?).await?)
}

/// What a typed seed or otpauth URI holds, before it is saved. `identity` is where the user started from.
#[tauri::command]
#[specta::specta]
pub(crate) async fn preview_seed(
    window: Window,
    session: State<'_, Session>,
    seals: State<'_, Seals>,
    identity: Option<String>,
    secret: Sealed,
) -> Result<SeedPreview, UiError> {
    let secret = seals.open(window.label(), &secret)?;
    let identity = identity.as_deref().map(id).transpose()?;
    Ok(session.preview_seed(identity, secret).await?.into())
}

/// Files or changes an MFA device; its id.
#[tauri::command]
#[specta::specta]
pub(crate) async fn save_device(
    window: Window,
    session: State<'_, Session>,
    seals: State<'_, Seals>,
    draft: DeviceDraft,
) -> Result<String, UiError> {
    let draft = draft.receive(&opener(&seals, &window))?;
    Ok(session.save_device(draft).await?.to_string())
}

/// Removes an MFA device; the item's history keeps it.
#[tauri::command]
#[specta::specta]
pub(crate) async fn remove_device(
    session: State<'_, Session>,
    identity: String,
    device: String,
) -> Result<(), UiError> {
    Ok(session.remove_device(id(&identity)?, id(&device)?).await?)
}

/// Present and next codes of all devices of an identity; asked for once a time step.
#[tauri::command]
#[specta::specta]
pub(crate) async fn codes(
    session: State<'_, Session>,
    identity: String,
) -> Result<Vec<CodeView>, UiError> {
    Ok(session
        .codes(id(&identity)?)
        .await?
        .into_iter()
        .map(Into::into)
        .collect())
}

/// Files or changes an access key.
#[tauri::command]
#[specta::specta]
pub(crate) async fn save_access_key(
    window: Window,
    session: State<'_, Session>,
    seals: State<'_, Seals>,
    draft: KeyDraft,
) -> Result<(), UiError> {
    let draft = draft.receive(&opener(&seals, &window))?;
    Ok(session.save_access_key(draft).await?)
}

/// Removes an access key and the sessions made from it; the item's history keeps it.
#[tauri::command]
#[specta::specta]
pub(crate) async fn remove_access_key(
    session: State<'_, Session>,
    identity: String,
    key: String,
) -> Result<(), UiError> {
    Ok(session
        .remove_access_key(id(&identity)?, access_key_id(&key)?)
        .await?)
}

/// Copies something; the window learns only when it clears.
#[tauri::command]
#[specta::specta]
pub(crate) async fn copy(
    session: State<'_, Session>,
    target: CopyTarget,
) -> Result<CopiedView, UiError> {
    Ok(copied(session.copy(target.try_into()?).await?))
}

/// One secret, sealed to `reader`, the page's one-time public key.
#[tauri::command]
#[specta::specta]
pub(crate) async fn reveal(
    session: State<'_, Session>,
    secret: SecretRef,
    reader: String,
) -> Result<Sealed, UiError> {
    let value = session.reveal(secret.try_into()?).await?;
    seal_for(&reader, &value)
}

/// Opens the identity's console sign-in page in the browser.
///
/// The address is built in Rust from the account; it carries no token.
#[tauri::command]
#[specta::specta]
pub(crate) async fn open_sign_in(app: App, identity: String) -> Result<(), UiError> {
    crate::quick::open_sign_in(&app, id(&identity)?).await
}
