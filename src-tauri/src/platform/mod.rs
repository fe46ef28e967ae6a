//! What the session asks of the desktop.

pub(crate) mod capture;
mod clipboard;
pub(crate) mod dialogs;
mod hardening;

use std::sync::OnceLock;

use tauri::Manager;
use tauri_specta::Event as _;
use undercroft_secret::SecretString;
use undercroft_session::{Cleared, ClipboardError, Event, LockReason, Platform};

#[cfg(not(test))]
pub(crate) use hardening::{harden, remote_control};

use crate::App;
use crate::recovery_kit::ShownKit;
use crate::view::{Changed, ClipboardCleared, PasswordMode};
use crate::windows;

/// The desktop that the app runs on.
#[derive(Default)]
pub(crate) struct Desktop {
    app: OnceLock<App>,
    clipboard: clipboard::Clipboard,
}

impl Desktop {
    /// Says which app its windows belong to. Events before that are nobody's.
    pub(crate) fn attach(&self, app: App) {
        // Called once, from the set-up.
        let _ = self.app.set(app);
    }
}

impl Platform for Desktop {
    fn copy(&self, text: SecretString, secret: bool) -> Result<(), ClipboardError> {
        self.clipboard
            .set(&text, secret)
            .map_err(|clipboard::Unreachable| ClipboardError)
    }

    fn clear_if_ours(&self) -> Cleared {
        if self.clipboard.clear_if_ours() {
            Cleared::Ours
        } else {
            Cleared::NotOurs
        }
    }

    fn notify(&self, event: Event) {
        let Some(app) = self.app.get() else { return };
        match event {
            Event::Unlocked => {}
            Event::Locked(reason) => locked(app, reason),
            // A window that does not listen yet asks for everything when it opens.
            Event::Changed { item } => {
                let _ = Changed {
                    item: item.map(|item| item.to_string()),
                }
                .emit(app);
            }
            Event::ClipboardCleared { ours } => {
                let _ = ClipboardCleared { ours }.emit(app);
            }
        }
    }
}

/// Takes away what shows something of the vault, and asks for the password where a window was open.
fn locked(app: &App, reason: LockReason) {
    let app = app.clone();
    let task = move || {
        let had_window = !app.webview_windows().is_empty();
        app.state::<ShownKit>().clear();
        windows::destroy(&app, windows::MAIN);
        let asks = match reason {
            LockReason::Quit => false,
            LockReason::User | LockReason::Idle | LockReason::Desktop | LockReason::OtherVault => {
                had_window
            }
        };
        if asks
            && windows::show_password(&app, PasswordMode::Unlock, reason == LockReason::User)
                .is_err()
        {
            // Locked and without a window nobody could do anything with it.
            app.exit(1);
        }
    };
    std::thread::spawn(task);
}
