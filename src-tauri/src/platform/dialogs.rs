//! The system's file dialogs. They run in this process, and only paths come from them.

use std::path::PathBuf;

use tauri_plugin_dialog::{DialogExt, FileDialogBuilder, FilePath};
use tokio::sync::oneshot;

use crate::{Rt, Window};

/// The ending of a vault's name.
const ENDING: &str = "undercroft";

/// The endings of pictures that are read.
const PICTURES: &[&str] = &["png", "jpg", "jpeg", "webp", "gif", "bmp"];

/// Lets the user choose an existing vault.
pub(crate) async fn open_vault(window: &Window) -> Option<PathBuf> {
    let (answer, chosen) = oneshot::channel();
    dialog(window)
        .set_title("Open a vault")
        .pick_file(|path| drop(answer.send(path)));
    path(chosen).await
}

/// Lets the user choose where a vault goes.
pub(crate) async fn save_vault(window: &Window) -> Option<PathBuf> {
    let (answer, chosen) = oneshot::channel();
    dialog(window)
        .set_title("Choose a place for the vault")
        .set_file_name("vault.undercroft")
        .save_file(|path| drop(answer.send(path)));
    path(chosen).await
}

/// Lets the user choose where the recovery kit goes.
pub(crate) async fn save_recovery_kit(window: &Window) -> Option<PathBuf> {
    let (answer, chosen) = oneshot::channel();
    window
        .dialog()
        .file()
        .set_parent(window)
        .set_title("Save the recovery kit")
        .set_file_name("undercroft-recovery-kit.txt")
        .save_file(|path| drop(answer.send(path)));
    path(chosen).await
}

/// Lets the user choose a bundle of certificates.
pub(crate) async fn open_ca_bundle(window: &Window) -> Option<PathBuf> {
    open(
        window,
        "Choose a certificate bundle",
        "Certificates",
        &["pem", "crt", "cer"],
    )
    .await
}

/// Lets the user choose a picture.
pub(crate) async fn open_picture(window: &Window) -> Option<PathBuf> {
    open(
        window,
        "Choose a picture of the QR code",
        "Pictures",
        PICTURES,
    )
    .await
}

/// Lets the user choose a file of some kind, or any other.
async fn open(window: &Window, title: &str, kind: &str, endings: &[&str]) -> Option<PathBuf> {
    let (answer, chosen) = oneshot::channel();
    window
        .dialog()
        .file()
        .set_parent(window)
        .set_title(title)
        .add_filter(kind, endings)
        .add_filter("All files", &["*"])
        .pick_file(|path| drop(answer.send(path)));
    path(chosen).await
}

/// Lets the user choose an archive, or any vault.
pub(crate) async fn open_archive(window: &Window) -> Option<PathBuf> {
    open(window, "Choose an archive", "Archives", &[ENDING, "json"]).await
}

/// Lets the user choose exports of other programs.
pub(crate) async fn open_exports(window: &Window) -> Option<Vec<PathBuf>> {
    open_several(window, "Choose exports or pictures").await
}

/// Lets the user choose files of AWS's programs, and of others that keep its keys.
pub(crate) async fn open_aws_files(window: &Window) -> Option<Vec<PathBuf>> {
    open_several(window, "Choose AWS files").await
}

async fn open_several(window: &Window, title: &str) -> Option<Vec<PathBuf>> {
    let (answer, chosen) = oneshot::channel();
    window
        .dialog()
        .file()
        .set_parent(window)
        .set_title(title)
        .pick_files(|paths| drop(answer.send(paths)));
    let paths = chosen.await.ok().flatten()?;
    paths
        .into_iter()
        .map(|path| path.into_path().ok())
        .collect()
}

/// Lets the user choose where an export goes.
pub(crate) async fn save_export(window: &Window, title: &str, name: &str) -> Option<PathBuf> {
    let (answer, chosen) = oneshot::channel();
    window
        .dialog()
        .file()
        .set_parent(window)
        .set_title(title)
        .set_file_name(name)
        .save_file(|path| drop(answer.send(path)));
    path(chosen).await
}

fn dialog(window: &Window) -> FileDialogBuilder<Rt> {
    window
        .dialog()
        .file()
        .set_parent(window)
        .add_filter("Undercroft vaults", &[ENDING])
}

async fn path(chosen: oneshot::Receiver<Option<FilePath>>) -> Option<PathBuf> {
    chosen.await.ok().flatten()?.into_path().ok()
}
