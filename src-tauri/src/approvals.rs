//! Brings a program's question to the user.

use std::sync::atomic::{AtomicU64, Ordering};

use tauri::Manager;
use tauri_specta::Event as _;
use undercroft_session::Session;

use crate::view::ApprovalsChanged;
use crate::windows::{self, Windows};
use crate::{App, Rt};

/// The last question for which the window was raised.
#[derive(Default)]
pub(crate) struct Asked(AtomicU64);

impl Asked {
    /// Whether `id` is newer than every question before. One that was looked at already takes no focus again.
    fn is_new(&self, id: u64) -> bool {
        self.0.fetch_max(id, Ordering::Relaxed) < id
    }

    /// Starts over: a vault that is unlocked again counts its questions anew.
    pub(crate) fn forget(&self) {
        self.0.store(0, Ordering::Relaxed);
    }
}

/// Tells the main window that questions came or went, and raises it for a new one, also where only the tray is left.
pub(crate) fn changed(app: &App) {
    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        let requests = app.state::<Session>().approval_requests().await;
        let newest = requests
            .ok()
            .and_then(|all| all.iter().map(|one| one.id).max());
        if let Some(id) = newest
            && app.state::<Asked>().is_new(id)
        {
            raise(&app).await;
        }
        // A window that does not listen yet asks when it opens.
        let _ = ApprovalsChanged.emit_to(&app, windows::MAIN);
    });
}

async fn raise(app: &tauri::AppHandle<Rt>) {
    let windows = app.state::<Windows>();
    let _one_at_a_time = windows.opening.lock().await;
    if let Err(error) = windows::show_main(app) {
        // Nobody can answer, which counts as a no.
        tracing::error!(%error, "no window can ask");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_is_raised_once_for_each_question() {
        let asked = Asked::default();
        let raised = [1, 1, 2, 1, 3].map(|id| asked.is_new(id));
        assert_eq!(raised, [true, false, true, false, true]);
        asked.forget();
        assert!(asked.is_new(1), "after locking");
    }
}
