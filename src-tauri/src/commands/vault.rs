//! The settings, the vault file, and locking.

use std::path::PathBuf;

use tauri::State;
use undercroft_model::Theme;
use undercroft_session::{LockReason, Session, SettingsDraft};

use crate::convert::{details, place};
use crate::error::UiError;
use crate::platform::dialogs;
use crate::view::{
    BackupView, CheckView, PasswordMode, ReunionView, SettingsView, ThemeView, VaultDetailsView,
    VaultPlace,
};
use crate::{App, Window, windows};

/// Changes the settings that live in the vault.
#[tauri::command]
#[specta::specta]
pub(crate) async fn save_settings(
    app: App,
    session: State<'_, Session>,
    settings: SettingsView,
) -> Result<(), UiError> {
    let theme = match settings.theme {
        ThemeView::System => Theme::System,
        ThemeView::Light => Theme::Light,
        ThemeView::Dark => Theme::Dark,
        ThemeView::HighContrast => Theme::HighContrast,
    };
    session
        .save_settings(SettingsDraft {
            clipboard_clears_in_secs: settings.clipboard_clears_in_secs,
            locks_after_idle_secs: settings.locks_after_idle_secs,
            locks_with_screen: settings.locks_with_screen,
            locks_on_sleep: settings.locks_on_sleep,
            keeps_window_on_close: settings.keeps_window_on_close,
            theme,
        })
        .await?;
    windows::apply_theme(&app, settings.theme);
    Ok(())
}

/// Switches quick unlock off. Switching it on asks for the master password: see `ask_password`.
#[tauri::command]
#[specta::specta]
pub(crate) async fn switch_off_quick_unlock(session: State<'_, Session>) -> Result<(), UiError> {
    Ok(session.switch_off_quick_unlock().await?)
}

/// What the settings page says about the vault file.
#[tauri::command]
#[specta::specta]
pub(crate) async fn vault_details(
    session: State<'_, Session>,
) -> Result<VaultDetailsView, UiError> {
    Ok(details(session.vault_details().await?))
}

/// The vault's backups, newest first.
#[tauri::command]
#[specta::specta]
pub(crate) async fn backups(session: State<'_, Session>) -> Result<Vec<BackupView>, UiError> {
    Ok(session
        .backups()
        .await?
        .into_iter()
        .map(Into::into)
        .collect())
}

/// Reads the vault file again and opens every secret in it.
#[tauri::command]
#[specta::specta]
pub(crate) async fn check_vault(session: State<'_, Session>) -> Result<CheckView, UiError> {
    Ok(session.check_vault().await?.into())
}

/// Lets the user choose a new place in the system's dialog and moves the vault there; nothing when cancelled.
#[tauri::command]
#[specta::specta]
pub(crate) async fn move_vault(
    window: Window,
    session: State<'_, Session>,
) -> Result<Option<VaultPlace>, UiError> {
    match dialogs::save_vault(&window).await {
        Some(path) => Ok(Some(place(&session.move_vault_to(path).await?))),
        None => Ok(None),
    }
}

/// Moves the vault to a typed path.
#[tauri::command]
#[specta::specta]
pub(crate) async fn move_vault_to(
    session: State<'_, Session>,
    path: String,
) -> Result<VaultPlace, UiError> {
    Ok(place(&session.move_vault_to(PathBuf::from(path)).await?))
}

/// Tries again to save what is only in memory.
#[tauri::command]
#[specta::specta]
pub(crate) async fn retry_save(session: State<'_, Session>) -> Result<(), UiError> {
    Ok(session.retry_save().await?)
}

/// Takes a notice away.
#[tauri::command]
#[specta::specta]
pub(crate) async fn dismiss_notice(session: State<'_, Session>, index: u32) -> Result<(), UiError> {
    let index = usize::try_from(index).map_err(|_| UiError::NoSuchItem)?;
    Ok(session.dismiss_notice(index).await?)
}

/// Merges the backups with an older or forked file in the vault's place.
#[tauri::command]
#[specta::specta]
pub(crate) async fn merge_backups(session: State<'_, Session>) -> Result<ReunionView, UiError> {
    Ok(session.merge_backups().await?.into())
}

/// Opens an older or forked file for reading only, until the vault is locked.
#[tauri::command]
#[specta::specta]
pub(crate) async fn open_read_only(session: State<'_, Session>) -> Result<(), UiError> {
    Ok(session.read_only().await?)
}

/// Opens the password window for changing the password or for an action that asks for it again.
#[tauri::command]
#[specta::specta]
pub(crate) async fn ask_password(
    app: App,
    session: State<'_, Session>,
    mode: PasswordMode,
) -> Result<(), UiError> {
    session.overview().await?;
    match mode {
        PasswordMode::FirstRun => Err(UiError::BadMessage),
        // Asked for while unlocked when the vault was given a new key elsewhere: its password takes that in.
        PasswordMode::Unlock | PasswordMode::ChangePassword | PasswordMode::Confirm { .. } => {
            windows::show_password(&app, mode, true).map_err(|_| UiError::Internal)
        }
    }
}

/// Locks the vault; the main window is destroyed.
#[tauri::command]
#[specta::specta]
pub(crate) async fn lock(session: State<'_, Session>) -> Result<(), UiError> {
    session.lock(LockReason::User).await;
    Ok(())
}
