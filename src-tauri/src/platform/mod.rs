//! What the session asks of the desktop.

pub(crate) mod capture;
mod clipboard;
pub(crate) mod dialogs;
mod hardening;
#[cfg(target_os = "linux")]
mod idle;
#[cfg(target_os = "linux")]
mod keychain;
pub(crate) mod notification;
pub(crate) mod own_files;
#[cfg(target_os = "linux")]
pub(crate) mod screen_lock;

use std::sync::OnceLock;
#[cfg(target_os = "linux")]
use std::time::Duration;

use tauri::Manager;
use tauri_specta::Event as _;
#[cfg(target_os = "linux")]
use undercroft_model::VaultId;
use undercroft_secret::SecretString;
#[cfg(target_os = "linux")]
use undercroft_session::KeychainError;
use undercroft_session::{Cleared, ClipboardError, Event, LockReason, Platform};
#[cfg(target_os = "linux")]
use undercroft_vault::QuickKey;

#[cfg(not(test))]
pub(crate) use hardening::{harden, remote_control};

use crate::quick::{self, SignIns};
use crate::recovery_kit::ShownKit;
use crate::tray::Tray;
use crate::view::{Changed, ClipboardCleared, PasswordMode};
use crate::{App, approvals, windows};

/// Whether the desktop is a Wayland one, also where our windows come up through its X server.
#[cfg(target_os = "linux")]
pub(crate) fn is_wayland() -> bool {
    std::env::var_os("XDG_SESSION_TYPE").is_some_and(|kind| kind == "wayland")
        || std::env::var_os("WAYLAND_DISPLAY").is_some_and(|name| !name.is_empty())
}

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

    #[cfg(target_os = "linux")]
    fn untouched_for(&self) -> Option<Duration> {
        idle::untouched_for()
    }

    #[cfg(target_os = "linux")]
    fn has_keychain(&self) -> bool {
        keychain::is_there()
    }

    #[cfg(target_os = "linux")]
    fn keep_quick_key(
        &self,
        vault: VaultId,
        key: &QuickKey,
        lasts: Duration,
    ) -> Result<(), KeychainError> {
        keychain::keep(vault, key, lasts)
    }

    #[cfg(target_os = "linux")]
    fn holds_quick_key(&self, vault: VaultId) -> bool {
        keychain::holds(vault)
    }

    #[cfg(target_os = "linux")]
    fn quick_key(&self, vault: VaultId) -> Result<QuickKey, KeychainError> {
        keychain::read(vault)
    }

    #[cfg(target_os = "linux")]
    fn forget_quick_key(&self, vault: VaultId) -> Result<(), KeychainError> {
        keychain::forget(vault)
    }

    fn can_ask(&self) -> bool {
        self.app.get().is_some()
    }

    fn notify(&self, event: Event) {
        let Some(app) = self.app.get() else { return };
        if let Some(tray) = app.try_state::<Tray>() {
            tray.refresh();
        }
        match event {
            Event::Unlocked | Event::Used => {}
            Event::Locked(reason) => locked(app, reason),
            // A window that does not listen yet asks for everything when it opens.
            Event::Changed { item } => {
                let _ = Changed {
                    item: item.map(|item| item.to_string()),
                }
                .emit(app);
            }
            Event::ApprovalAsked => approvals::changed(app),
            Event::ClipboardCleared { ours } => {
                let _ = ClipboardCleared { ours }.emit(app);
            }
        }
    }
}

/// Takes away what shows something of the vault, and asks for the password where a window was open.
fn locked(app: &App, reason: LockReason) {
    // Questions are numbered anew after unlocking.
    app.state::<approvals::Asked>().forget();
    let app = app.clone();
    let task = move || {
        let had_window = [windows::MAIN, windows::PASSWORD]
            .into_iter()
            .any(|label| app.get_webview_window(label).is_some());
        app.state::<ShownKit>().clear();
        windows::destroy(&app, windows::MAIN);
        quick::window::destroy(&app);
        app.state::<SignIns>().end();
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
