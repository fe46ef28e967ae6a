//! What the password window asks: first run, unlocking, changing the password and the re-asked password.

use std::path::PathBuf;

use tauri::{Manager, State};
use tauri_specta::Event;
use undercroft_session::{RecoveryKit, Session, SessionError, VaultState};

use crate::convert::{guarded, place};
use crate::error::UiError;
use crate::opening;
use crate::platform::dialogs;
use crate::recovery_kit::ShownKit;
use crate::sealing::{Seals, check_reader, seal_for};
use crate::taking_over;
use crate::view::{
    BackupView, ConfirmAction, ConfirmedView, PasswordMode, PasswordWindowView, Permitted,
    RecoveryKitView, Sealed, StrengthView,
};
use crate::windows::{self, Windows};
use crate::{App, Window};

/// What the password window is for. Asked for when it opens, and again after `open_vault`.
#[tauri::command]
#[specta::specta]
pub(crate) async fn password_window(
    session: State<'_, Session>,
    windows: State<'_, Windows>,
) -> Result<PasswordWindowView, UiError> {
    let status = session.status().await;
    let problem = match windows.mode() {
        PasswordMode::Unlock => session.problem().await.map(Into::into),
        PasswordMode::FirstRun | PasswordMode::ChangePassword | PasswordMode::Confirm { .. } => {
            None
        }
    };
    Ok(PasswordWindowView {
        mode: windows.mode(),
        vault: place(&status.path),
        wait_secs: status.wait_secs,
        theme: status.theme.into(),
        quick_unlock: status.quick_unlock,
        needs_current: !status.needs_new_password,
        problem,
    })
}

/// How good a new password is.
#[tauri::command]
#[specta::specta]
pub(crate) async fn assess_password(
    window: Window,
    session: State<'_, Session>,
    seals: State<'_, Seals>,
    password: Sealed,
) -> Result<StrengthView, UiError> {
    let password = seals.open(window.label(), &password)?;
    Ok(session.assess_password(password).await?.into())
}

/// Lets the user choose an existing vault in the system's dialog; nothing when cancelled.
#[tauri::command]
#[specta::specta]
pub(crate) async fn choose_vault_file(window: Window) -> Result<Option<String>, UiError> {
    Ok(dialogs::open_vault(&window)
        .await
        .map(|path| path.display().to_string()))
}

/// Lets the user choose where a new vault goes in the system's dialog; nothing when cancelled.
#[tauri::command]
#[specta::specta]
pub(crate) async fn choose_new_vault_file(window: Window) -> Result<Option<String>, UiError> {
    Ok(dialogs::save_vault(&window)
        .await
        .map(|path| path.display().to_string()))
}

/// Turns to an existing vault at another path; the window goes on in unlock mode.
#[tauri::command]
#[specta::specta]
pub(crate) async fn open_vault(
    session: State<'_, Session>,
    windows: State<'_, Windows>,
    path: String,
) -> Result<PasswordWindowView, UiError> {
    session.open_vault(PathBuf::from(path)).await?;
    windows.set_mode(PasswordMode::Unlock);
    password_window(session, windows).await
}

/// Makes a vault. The kit is sealed to `reader`, the page's one-time public key; the window stays for it until
/// `finish_password`.
#[tauri::command]
#[specta::specta]
pub(crate) async fn create_vault(
    window: Window,
    session: State<'_, Session>,
    seals: State<'_, Seals>,
    kit: State<'_, ShownKit>,
    path: String,
    password: Sealed,
    reader: String,
) -> Result<RecoveryKitView, UiError> {
    check_reader(&reader)?;
    let password = seals.open(window.label(), &password)?;
    let made = session.create(PathBuf::from(path), password).await?;
    show_kit(&session, &kit, made, &reader)
}

/// Writes the kit on show to a file chosen in the system's dialog; its path, or nothing when cancelled.
#[tauri::command]
#[specta::specta]
pub(crate) async fn save_recovery_kit(
    window: Window,
    kit: State<'_, ShownKit>,
) -> Result<Option<String>, UiError> {
    let Some(path) = dialogs::save_recovery_kit(&window).await else {
        return Ok(None);
    };
    kit.write(&path)?;
    Ok(Some(path.display().to_string()))
}

/// Unlocks; on success the main window opens and this one is destroyed.
#[tauri::command]
#[specta::specta]
pub(crate) async fn unlock(
    app: App,
    window: Window,
    session: State<'_, Session>,
    seals: State<'_, Seals>,
    password: Sealed,
) -> Result<(), UiError> {
    let password = seals.open(window.label(), &password)?;
    let unlocked = session.unlock(password).await;
    or_offer(&session, unlocked).await?;
    go_on(&app).await
}

/// Unlocks without a password, where quick unlock is offered; the main window opens as with one.
#[tauri::command]
#[specta::specta]
pub(crate) async fn unlock_quickly(app: App, session: State<'_, Session>) -> Result<(), UiError> {
    let unlocked = session.unlock_quickly().await;
    or_offer(&session, unlocked).await?;
    go_on(&app).await
}

/// Unlocks with the recovery key, typed in any spacing; the window goes on to ask for a new password.
#[tauri::command]
#[specta::specta]
pub(crate) async fn unlock_with_recovery_key(
    window: Window,
    session: State<'_, Session>,
    seals: State<'_, Seals>,
    windows: State<'_, Windows>,
    recovery_key: Sealed,
) -> Result<PasswordWindowView, UiError> {
    let recovery_key = seals.open(window.label(), &recovery_key)?;
    let unlocked = session.unlock_with_recovery_key(recovery_key).await;
    or_offer(&session, unlocked).await?;
    windows.set_mode(PasswordMode::ChangePassword);
    password_window(session, windows).await
}

/// Has the agent that holds the vault hand it over, and returns once it can be unlocked here.
#[tauri::command]
#[specta::specta]
pub(crate) async fn take_over(app: App) -> Result<(), UiError> {
    taking_over::take_over(&app).await
}

/// Changes the master password. `current` is left out after unlocking with the recovery key.
#[tauri::command]
#[specta::specta]
pub(crate) async fn change_password(
    app: App,
    window: Window,
    session: State<'_, Session>,
    seals: State<'_, Seals>,
    current: Option<Sealed>,
    replacement: Sealed,
) -> Result<(), UiError> {
    let current = current
        .map(|current| seals.open(window.label(), &current))
        .transpose()?;
    let new = seals.open(window.label(), &replacement)?;
    session.change_password(current, new).await?;
    go_on(&app).await
}

/// Takes the re-asked password and does what it was asked for.
#[tauri::command]
#[specta::specta]
pub(crate) async fn confirm_password(
    app: App,
    window: Window,
    session: State<'_, Session>,
    seals: State<'_, Seals>,
    kit: State<'_, ShownKit>,
    password: Sealed,
    reader: String,
) -> Result<ConfirmedView, UiError> {
    let PasswordMode::Confirm { action } = app.state::<Windows>().mode() else {
        return Err(UiError::BadMessage);
    };
    check_reader(&reader)?;
    let password = seals.open(window.label(), &password)?;
    let made = match action {
        ConfirmAction::NewRecoveryKey => session.new_recovery_key(password).await?,
        ConfirmAction::NewVaultKey => session.new_vault_key(password).await?,
        ConfirmAction::RestoreBackup { backup } => {
            session.restore_backup(backup, password).await?;
            // A backup with another password stays locked, and the unlock window opens by itself.
            if session.status().await.state == VaultState::Unlocked {
                go_on(&app).await?;
            }
            return Ok(ConfirmedView { kit: None });
        }
        ConfirmAction::SwitchOnQuickUnlock => {
            session.switch_on_quick_unlock(password).await?;
            go_on(&app).await?;
            return Ok(ConfirmedView { kit: None });
        }
        action @ (ConfirmAction::ShowQr { .. }
        | ConfirmAction::ExportDevices { .. }
        | ConfirmAction::ExportAll { .. }) => {
            session.permit(guarded(&action)?, password).await?;
            let _ = Permitted { action }.emit(&app);
            go_on(&app).await?;
            return Ok(ConfirmedView { kit: None });
        }
    };
    Ok(ConfirmedView {
        kit: Some(show_kit(&session, &kit, made, &reader)?),
    })
}

/// Ends the password window after a kit was shown, and goes on to the main window.
#[tauri::command]
#[specta::specta]
pub(crate) async fn finish_password(app: App) -> Result<(), UiError> {
    go_on(&app).await
}

/// Closes the password window without doing anything; where nothing is open behind it, ends the app.
#[tauri::command]
#[specta::specta]
pub(crate) async fn cancel_password(app: App) -> Result<(), UiError> {
    if windows::closing_leaves(&app, windows::PASSWORD) {
        opening::close(&app, windows::PASSWORD).await;
    }
    end(&app);
    Ok(())
}

/// The vault's backups, newest first, also while it is locked.
#[tauri::command]
#[specta::specta]
pub(crate) async fn locked_backups(
    session: State<'_, Session>,
) -> Result<Vec<BackupView>, UiError> {
    Ok(session
        .locked_backups()
        .await?
        .into_iter()
        .map(Into::into)
        .collect())
}

/// Puts a backup in the place of a damaged or missing vault and unlocks it; the file before is kept as a backup.
#[tauri::command]
#[specta::specta]
pub(crate) async fn restore_and_unlock(
    app: App,
    window: Window,
    session: State<'_, Session>,
    seals: State<'_, Seals>,
    backup: String,
    password: Sealed,
) -> Result<(), UiError> {
    let password = seals.open(window.label(), &password)?;
    session.restore_and_unlock(backup, password).await?;
    go_on(&app).await
}

/// Puts the newest whole backup in the place of a damaged or missing vault and unlocks it; the file before is kept as a
/// backup, and a notice in the main window tells what is missing.
#[tauri::command]
#[specta::specta]
pub(crate) async fn restore_newest_and_unlock(
    app: App,
    window: Window,
    session: State<'_, Session>,
    seals: State<'_, Seals>,
    password: Sealed,
) -> Result<(), UiError> {
    let password = seals.open(window.label(), &password)?;
    session.restore_newest_and_unlock(password).await?;
    go_on(&app).await
}

/// The same with the recovery key; the window goes on to ask for a new password.
#[tauri::command]
#[specta::specta]
pub(crate) async fn restore_newest_with_recovery_key(
    window: Window,
    session: State<'_, Session>,
    seals: State<'_, Seals>,
    windows: State<'_, Windows>,
    recovery_key: Sealed,
) -> Result<PasswordWindowView, UiError> {
    let recovery_key = seals.open(window.label(), &recovery_key)?;
    session
        .restore_newest_with_recovery_key(recovery_key)
        .await?;
    windows.set_mode(PasswordMode::ChangePassword);
    password_window(session, windows).await
}

/// Opens the main window and ends this one.
///
/// A vault that was locked in the meantime has its own window coming up, and the page is told.
async fn go_on(app: &App) -> Result<(), UiError> {
    match app.state::<Session>().status().await.state {
        VaultState::Unlocked => {}
        VaultState::NoVault | VaultState::Locked => return Err(UiError::Locked),
    }
    opening::go_on(app).map_err(|_| UiError::Internal)?;
    end(app);
    Ok(())
}

/// Passes on why unlocking failed; where an agent holds the vault, the page offers to take it over.
async fn or_offer(session: &Session, unlocked: Result<(), SessionError>) -> Result<(), UiError> {
    match unlocked {
        Ok(()) => Ok(()),
        Err(error) => Err(taking_over::refused(session, error).await),
    }
}

fn end(app: &App) {
    app.state::<ShownKit>().clear();
    windows::destroy(app, windows::PASSWORD);
}

fn show_kit(
    session: &Session,
    shown: &ShownKit,
    kit: RecoveryKit,
    reader: &str,
) -> Result<RecoveryKitView, UiError> {
    let view = RecoveryKitView {
        key: seal_for(reader, &kit.key)?,
        vault: place(&kit.path),
        made_at: kit.made_at.to_string(),
    };
    shown.show(kit, session.keep_open());
    Ok(view)
}
