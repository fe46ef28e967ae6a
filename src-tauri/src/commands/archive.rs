//! Everything in the vault, out into one file and in again.

use tauri::State;
use undercroft_session::{ArchiveFormat, Session};

use super::transfer::{read, write};
use crate::Window;
use crate::error::UiError;
use crate::platform::dialogs;
use crate::sealing::Seals;
use crate::view::{
    ArchiveFormatView, ArchivePreviewView, ArchiveReportView, ArchiveWrittenView, Sealed,
    TakeInView,
};

/// The most of a chosen file that is looked at, in bytes: one more than the session takes, so that it can say so.
const MAX_BYTES: u64 = 128 * 1024 * 1024 + 1;

/// Writes everything where the user says in the system's dialog; once after the master password was typed for it.
///
/// `password` is the file's own, where the format has one.
#[tauri::command]
#[specta::specta]
pub(crate) async fn export_all(
    window: Window,
    session: State<'_, Session>,
    seals: State<'_, Seals>,
    format: ArchiveFormatView,
    password: Option<Sealed>,
) -> Result<Option<ArchiveWrittenView>, UiError> {
    let format = format.into();
    let password = password
        .map(|password| seals.open(window.label(), &password))
        .transpose()?;
    let export = session.export_all(format, password).await?;
    let name = match format {
        ArchiveFormat::Encrypted => "everything.undercroft",
        ArchiveFormat::Json => "everything.json",
    };
    let Some(path) = dialogs::save_export(&window, "Export everything", name).await else {
        return Ok(None);
    };
    let path = write(&path, std::slice::from_ref(&export.file))?.concat();
    Ok(Some(ArchiveWrittenView {
        path,
        counts: export.counts.into(),
        unreadable: export.unreadable,
        newer: export.newer,
    }))
}

/// Lets the user choose an archive in the system's dialog, and reads it; nothing when cancelled.
#[tauri::command]
#[specta::specta]
pub(crate) async fn choose_archive(
    window: Window,
    session: State<'_, Session>,
) -> Result<Option<ArchivePreviewView>, UiError> {
    // Nobody is asked for a file that a locked vault could not take.
    session.cancel_import().await?;
    let Some(path) = dialogs::open_archive(&window).await else {
        return Ok(None);
    };
    let file = read(path, MAX_BYTES).await?;
    Ok(Some(session.preview_archive(file).await?.into()))
}

/// Reads the chosen archive again, which was encrypted, with its password.
#[tauri::command]
#[specta::specta]
pub(crate) async fn open_archive(
    window: Window,
    session: State<'_, Session>,
    seals: State<'_, Seals>,
    password: Sealed,
) -> Result<ArchivePreviewView, UiError> {
    let password = seals.open(window.label(), &password)?;
    Ok(session.open_archive(password).await?.into())
}

/// Takes in what was read, all of it or nothing.
#[tauri::command]
#[specta::specta]
pub(crate) async fn apply_archive(
    session: State<'_, Session>,
    id: u32,
    how: TakeInView,
) -> Result<ArchiveReportView, UiError> {
    Ok(session.apply_archive(id, how.into()).await?.into())
}
