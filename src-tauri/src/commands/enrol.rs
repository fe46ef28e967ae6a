//! MFA devices made, finished, compared and removed at AWS.

use tauri::State;
use undercroft_model::Serial;
use undercroft_session::{Resynced, Session};

use crate::convert::{access_key_id, id};
use crate::error::UiError;
use crate::view::enrol::{ComparisonView, EnrolmentStepView};

/// Makes a virtual MFA device at AWS and files its seed; it is not enabled yet.
#[tauri::command]
#[specta::specta]
pub(crate) async fn begin_enrolment(
    session: State<'_, Session>,
    identity: String,
    key: String,
    name: String,
) -> Result<EnrolmentStepView, UiError> {
    let key = access_key_id(&key)?;
    let step = session.begin_enrolment(id(&identity)?, key, name).await?;
    Ok(step.into())
}

/// Takes the making of a device one step further.
#[tauri::command]
#[specta::specta]
pub(crate) async fn continue_enrolment(
    session: State<'_, Session>,
    identity: String,
    key: String,
) -> Result<EnrolmentStepView, UiError> {
    let key = access_key_id(&key)?;
    let step = session.continue_enrolment(id(&identity)?, key).await?;
    Ok(step.into())
}

/// Takes an enabled device as finished without trying it with STS; its id.
#[tauri::command]
#[specta::specta]
pub(crate) async fn finish_without_proof(
    session: State<'_, Session>,
    identity: String,
) -> Result<String, UiError> {
    let device = session.finish_without_proof(id(&identity)?).await?;
    Ok(device.to_string())
}

/// Removes an unfinished device at AWS and then here.
#[tauri::command]
#[specta::specta]
pub(crate) async fn remove_unfinished(
    session: State<'_, Session>,
    identity: String,
    key: String,
) -> Result<(), UiError> {
    let key = access_key_id(&key)?;
    Ok(session.remove_unfinished(id(&identity)?, key).await?)
}

/// Removes an unfinished device here only.
#[tauri::command]
#[specta::specta]
pub(crate) async fn forget_unfinished(
    session: State<'_, Session>,
    identity: String,
) -> Result<(), UiError> {
    Ok(session.forget_unfinished(id(&identity)?).await?)
}

/// Compares the devices that AWS has of an identity with those that are filed here.
#[tauri::command]
#[specta::specta]
pub(crate) async fn devices_at_aws(
    session: State<'_, Session>,
    identity: String,
    key: String,
) -> Result<ComparisonView, UiError> {
    let key = access_key_id(&key)?;
    let compared = session.devices_at_aws(id(&identity)?, key).await?;
    Ok(compared.into())
}

/// Tells AWS by two codes how far a device's clock is off; the seconds until there are two, or nothing when it is done.
#[tauri::command]
#[specta::specta]
pub(crate) async fn resync_device(
    session: State<'_, Session>,
    identity: String,
    key: String,
    device: String,
) -> Result<Option<u32>, UiError> {
    let key = access_key_id(&key)?;
    let outcome = session.resync_device(id(&identity)?, key, id(&device)?);
    Ok(match outcome.await? {
        Resynced::Done => None,
        Resynced::Wait { secs } => Some(secs),
    })
}

/// Takes a device from the user at AWS and deletes it there; what is filed here stays.
#[tauri::command]
#[specta::specta]
pub(crate) async fn remove_device_at_aws(
    session: State<'_, Session>,
    identity: String,
    key: String,
    serial: String,
) -> Result<(), UiError> {
    let key = access_key_id(&key)?;
    let serial = Serial::parse(&serial).map_err(|_| UiError::NoSuchItem)?;
    let removed = session.remove_device_at_aws(id(&identity)?, key, serial);
    Ok(removed.await?)
}

/// Deletes a virtual device at AWS that belongs to nobody.
#[tauri::command]
#[specta::specta]
pub(crate) async fn remove_left_over_device(
    session: State<'_, Session>,
    identity: String,
    key: String,
    serial: String,
) -> Result<(), UiError> {
    let key = access_key_id(&key)?;
    let serial = Serial::parse(&serial).map_err(|_| UiError::NoSuchItem)?;
    let removed = session.remove_left_over_device(id(&identity)?, key, serial);
    Ok(removed.await?)
}
