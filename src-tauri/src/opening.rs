//! Windows coming and going as the user asks, and leaving for good.

use tauri::Manager;
use undercroft_session::{LockReason, Session, VaultState};

use crate::App;
use crate::options::Options;
use crate::programs::Programs;
use crate::quick::window::{self as quick_window, Quick};
use crate::tray::Tray;
use crate::view::PasswordMode;
use crate::windows::{self, Windows};

/// Brings a window to the user: the open one, or the one that the vault's state asks for.
pub(crate) async fn show(app: &App) {
    // A second start can come before the first one is set up; then the first shows its window by itself.
    let Some(session) = app.try_state::<Session>() else {
        return;
    };
    let windows = app.state::<Windows>();
    let _one_at_a_time = windows.opening.lock().await;
    if windows::raise_any(app) {
        return;
    }
    let status = session.status().await;
    windows::apply_theme(app, status.theme.into());
    let shown = match status.state {
        VaultState::NoVault if !status.is_known => {
            windows::show_password(app, PasswordMode::FirstRun, true)
        }
        // The unlock window says that a known vault is gone, and what to do.
        VaultState::NoVault | VaultState::Locked => {
            windows::show_password(app, PasswordMode::Unlock, true)
        }
        VaultState::Unlocked => windows::show_main(app),
    };
    if let Err(error) = shown {
        tracing::error!(%error, "no window can be shown");
        session.lock(LockReason::Quit).await;
        app.exit(1);
    }
}

/// Goes on after unlocking: to the search that was asked for, else to the main window.
pub(crate) fn go_on(app: &App) -> tauri::Result<()> {
    if app.state::<Quick>().takes_over() {
        quick_window::show(app);
        Ok(())
    } else {
        windows::show_main(app)
    }
}

/// Whether the program goes on without a window: it was started in the background, or the settings say so and a panel
/// shows the tray icon.
fn stays(app: &App) -> bool {
    app.state::<Options>().background || keeps_unlocked(app)
}

/// Follows the user who closes the main window, or the password window with nothing open behind it.
pub(crate) async fn close(app: &App, label: &str) {
    app.state::<Quick>().goes_on_to_search(false);
    if label == windows::MAIN && keeps_unlocked(app) {
        windows::remember_place(app).await;
        windows::destroy(app, windows::MAIN);
        quick_window::destroy(app);
    } else if stays(app) {
        windows::remember_place(app).await;
        app.state::<Session>().lock(LockReason::Quit).await;
        windows::destroy(app, windows::PASSWORD);
    } else {
        quit(app).await;
    }
}

fn keeps_unlocked(app: &App) -> bool {
    app.state::<Session>().keeps_window_on_close() && app.state::<Tray>().is_shown()
}

/// Locks first, so that the clipboard is cleared while this program still owns it, and ends.
pub(crate) async fn quit(app: &App) {
    windows::remember_place(app).await;
    app.state::<Programs>().end().await;
    app.state::<Session>().lock(LockReason::Quit).await;
    app.exit(0);
}
