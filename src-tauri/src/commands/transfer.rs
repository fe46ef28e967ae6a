//! MFA devices out of other programs' files, and out of the vault.

use std::path::{Path, PathBuf};

use tauri::State;
use undercroft_secret::SecretBytes;
use undercroft_session::{ExportFormat, ExportedFile, ImportFile, Session};

use crate::Window;
use crate::convert::devices;
use crate::error::UiError;
use crate::platform::dialogs;
use crate::recovery_kit::write_private;
use crate::sealing::{Seals, seal_for};
use crate::view::{
    DeviceRefView, ExportFormatView, ExportedView, ImportChoiceView, ImportPreviewView,
    ImportReportView, Sealed, ShownQrView,
};

/// The most of a chosen file that is looked at, in bytes: one more than the session takes, so that it can say so.
const MAX_BYTES: u64 = 16 * 1024 * 1024 + 1;

/// Lets the user choose exports or pictures in the system's dialog, and reads them; nothing when cancelled.
#[tauri::command]
#[specta::specta]
pub(crate) async fn choose_import_files(
    window: Window,
    session: State<'_, Session>,
) -> Result<Option<ImportPreviewView>, UiError> {
    // Nobody is asked for files that a locked vault could not take.
    session.cancel_import().await?;
    let Some(paths) = dialogs::open_exports(&window).await else {
        return Ok(None);
    };
    let mut files = Vec::new();
    for path in paths {
        files.push(read(path, MAX_BYTES).await?);
    }
    Ok(Some(session.preview_import(files, None).await?.into()))
}

/// Reads the chosen files again, which were encrypted, with their password.
#[tauri::command]
#[specta::specta]
pub(crate) async fn open_import(
    window: Window,
    session: State<'_, Session>,
    seals: State<'_, Seals>,
    password: Sealed,
) -> Result<ImportPreviewView, UiError> {
    let password = seals.open(window.label(), &password)?;
    Ok(session.open_import(password).await?.into())
}

/// Takes the chosen devices over, all of them or none.
#[tauri::command]
#[specta::specta]
pub(crate) async fn apply_import(
    session: State<'_, Session>,
    id: u32,
    choices: Vec<ImportChoiceView>,
) -> Result<ImportReportView, UiError> {
    let choices = choices.into_iter().map(TryInto::try_into);
    let choices = choices.collect::<Result<_, _>>()?;
    Ok(session.apply_import(id, choices).await?.into())
}

/// Gives up what was read from files.
#[tauri::command]
#[specta::specta]
pub(crate) async fn cancel_import(session: State<'_, Session>) -> Result<(), UiError> {
    Ok(session.cancel_import().await?)
}

/// The QR code of a device, sealed to `reader`; once after the master password was typed for it.
#[tauri::command]
#[specta::specta]
pub(crate) async fn show_qr(
    session: State<'_, Session>,
    device: DeviceRefView,
    reader: String,
) -> Result<ShownQrView, UiError> {
    let shown = session.show_qr((&device).try_into()?).await?;
    Ok(ShownQrView {
        path: seal_for(&reader, &shown.path)?,
        side: u32::try_from(shown.side).unwrap_or(u32::MAX),
    })
}

/// Writes devices where the user says in the system's dialog; once after the master password was typed for it.
///
/// `password` is the file's own, where the format has one.
#[tauri::command]
#[specta::specta]
pub(crate) async fn export_devices(
    window: Window,
    session: State<'_, Session>,
    seals: State<'_, Seals>,
    devices: Vec<DeviceRefView>,
    format: ExportFormatView,
    password: Option<Sealed>,
) -> Result<Option<ExportedView>, UiError> {
    let format = format.into();
    let wanted = self::devices(&devices)?;
    let password = password
        .map(|password| seals.open(window.label(), &password))
        .transpose()?;
    let (files, left_out) = session.export_devices(wanted, format, password).await?;
    let name = match format {
        ExportFormat::Vault => "mfa-devices.undercroft",
        ExportFormat::OtpauthLines => "mfa-devices.txt",
        ExportFormat::MigrationPictures => "mfa-devices.png",
    };
    let Some(path) = dialogs::save_export(&window, "Export MFA devices", name).await else {
        return Ok(None);
    };
    Ok(Some(ExportedView {
        paths: write(&path, &files)?,
        left_out: u32::try_from(left_out).unwrap_or(u32::MAX),
    }))
}

/// Reads a chosen file, up to so many bytes.
pub(super) async fn read(path: PathBuf, most: u64) -> Result<ImportFile, UiError> {
    use std::io::Read;
    let name = path
        .file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default();
    let shown = name.clone();
    let bytes = tokio::task::spawn_blocking(move || {
        let file = std::fs::File::open(path)?;
        // With its final capacity, so that no smaller copy is left behind.
        let size = file.metadata()?.len().min(most);
        let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or_default() + 1);
        file.take(most).read_to_end(&mut bytes)?;
        std::io::Result::Ok(SecretBytes::new(bytes))
    });
    match bytes.await {
        Ok(Ok(bytes)) => Ok(ImportFile { name, bytes }),
        Ok(Err(_)) | Err(_) => Err(UiError::Import {
            file: shown,
            reason: "import-no-file".to_owned(),
        }),
    }
}

/// Writes the files; the second and later ones get a number before the ending.
pub(super) fn write(path: &Path, files: &[ExportedFile]) -> Result<Vec<String>, UiError> {
    let mut written = Vec::with_capacity(files.len());
    for (number, file) in (1..).zip(files) {
        let path = numbered(path, number);
        // Exposed into the file that the user asked for.
        if let Err(error) = write_private(&path, file.bytes.expose()) {
            // Half an export would be taken for a whole one.
            for path in &written {
                let _ = std::fs::remove_file(path);
            }
            return Err(error);
        }
        written.push(path);
    }
    Ok(written
        .iter()
        .map(|path| path.display().to_string())
        .collect())
}

fn numbered(path: &Path, number: u32) -> PathBuf {
    if number == 1 {
        return path.to_owned();
    }
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let ending = path.extension().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!("{stem}-{number}.{ending}"))
}
