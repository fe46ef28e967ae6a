//! The tray icon: what the vault offers at a click, while no window is open.
//!
//! One task follows the session and draws the menu anew when something changed, and once a minute while sessions
//! are live, as their entries say how long. Drawing never waits for the panel on another thread's time.

mod menu;
#[cfg(target_os = "linux")]
mod status_notifier;
#[cfg(not(target_os = "linux"))]
mod system;

#[cfg(target_os = "linux")]
use status_notifier::Icon;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
#[cfg(not(target_os = "linux"))]
use system::Icon;

use tauri::Manager;
use tokio::sync::Notify;
use undercroft_session::{QuickList, Session};

use crate::App;
pub(crate) use menu::{Action, account_name, in_account, session_name};

/// Changes that come in a row are drawn once.
const SETTLE: Duration = Duration::from_millis(150);

/// How old the time left of a session may be in its label.
const TIME_LEFT_FOR: Duration = Duration::from_secs(60);

/// How long to wait before the session bus is tried again.
const RETRY: Duration = Duration::from_secs(30);

/// Whether the icon shows, and the bell that has it drawn anew.
#[derive(Default)]
pub(crate) struct Tray {
    is_shown: AtomicBool,
    changed: Notify,
}

impl Tray {
    /// Whether a panel shows the icon, so that the program can be reached without a window.
    pub(crate) fn is_shown(&self) -> bool {
        self.is_shown.load(Ordering::Acquire)
    }

    /// Has the menu drawn anew.
    pub(crate) fn refresh(&self) {
        self.changed.notify_one();
    }

    fn set_shown(&self, shown: bool) {
        self.is_shown.store(shown, Ordering::Release);
    }
}

/// Shows the icon as soon as there is a panel for it, and follows the session.
pub(crate) fn start(app: &App) {
    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        let icon = loop {
            match Icon::show(&app).await {
                Ok(icon) => break icon,
                Err(error) => tracing::debug!(%error, "no tray"),
            }
            tokio::time::sleep(RETRY).await;
        };
        loop {
            let list = list(&app).await;
            let has_times = list.as_ref().is_some_and(|list| !list.live.is_empty());
            icon.draw(list).await;
            // A menu of hundreds of accounts is drawn anew as a whole; what the one before took is given back.
            undercroft_secret::release_freed();
            let tray = app.state::<Tray>();
            if has_times {
                // Either way there is something to draw.
                let _ = tokio::time::timeout(TIME_LEFT_FOR, tray.changed.notified()).await;
            } else {
                tray.changed.notified().await;
            }
            tokio::time::sleep(SETTLE).await;
        }
    });
}

/// What there is to list; nothing while the vault is locked or nobody looks.
async fn list(app: &App) -> Option<QuickList> {
    if !app.state::<Tray>().is_shown() {
        return None;
    }
    app.state::<Session>().quick_list().await.ok()
}

fn tooltip(list: Option<&QuickList>) -> String {
    match list.map(|list| list.live.len()) {
        None => "Locked".to_owned(),
        Some(0) => "Unlocked".to_owned(),
        Some(1) => "Unlocked, 1 live session".to_owned(),
        Some(sessions) => format!("Unlocked, {sessions} live sessions"),
    }
}
