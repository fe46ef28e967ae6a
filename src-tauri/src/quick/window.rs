//! The window of quick search: small, above the others, and kept for a while after its use, as it is used in bursts.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tauri::{AppHandle, Manager, Runtime};
use tauri_specta::Event as _;
use undercroft_session::Session;

use crate::App;
use crate::view::QuickShown;
use crate::windows;

/// The label of the window.
pub(crate) const QUICK: &str = "quick";

/// How long the hidden window is kept, so that it shows at once the next time.
const KEPT_WARM: Duration = Duration::from_secs(600);

/// After this time a focus that was lost does not come back by itself.
const FOR_GOOD: Duration = Duration::from_millis(150);

/// A click that takes the focus away from the window, and with it the window, is not to open it again.
const SAME_CLICK: Duration = Duration::from_millis(400);

/// What is remembered about quick search.
#[derive(Default)]
pub(crate) struct Quick {
    goes_on: AtomicBool,
    showings: AtomicU64,
    lost_focus_at: Mutex<Option<Instant>>,
}

impl Quick {
    /// Says whether unlocking is to go on to the search instead of the main window.
    pub(crate) fn goes_on_to_search(&self, goes_on: bool) {
        self.goes_on.store(goes_on, Ordering::Release);
    }

    /// Counts how often the window was shown or hidden.
    fn showing(&self) -> u64 {
        self.showings.load(Ordering::Acquire)
    }

    fn lost_focus_at(&self) -> MutexGuard<'_, Option<Instant>> {
        self.lost_focus_at
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether unlocking is to go on to the search; asked once.
    pub(crate) fn takes_over(&self) -> bool {
        self.goes_on.swap(false, Ordering::AcqRel)
    }
}

/// Whether the window is there to be seen.
pub(crate) fn is_shown(app: &App) -> bool {
    app.get_webview_window(QUICK)
        .is_some_and(|window| window.is_visible().unwrap_or(false))
}

/// Shows the window, or hides it when it is shown.
pub(crate) fn toggle(app: &App) {
    if is_shown(app) {
        hide(app);
        return;
    }
    let lost_focus_at = app.state::<Quick>().lost_focus_at().take();
    if lost_focus_at.is_none_or(|at| at.elapsed() > SAME_CLICK) {
        show(app);
    }
}

/// Hides the window when something else has the focus for good: a shortcut of any program, also our own, takes it for a
/// moment.
pub(crate) fn lost_focus(app: &App) {
    let app = app.clone();
    let showing = app.state::<Quick>().showing();
    tauri::async_runtime::spawn(async move {
        let at = Instant::now();
        tokio::time::sleep(FOR_GOOD).await;
        let Some(window) = app.get_webview_window(QUICK) else {
            return;
        };
        // It may have been hidden and shown anew in the meantime.
        let is_same = app.state::<Quick>().showing() == showing;
        if is_same && is_shown(&app) && !window.is_focused().unwrap_or(false) {
            *app.state::<Quick>().lost_focus_at() = Some(at);
            hide(&app);
        }
    });
}

/// Shows the window.
pub(crate) fn show(app: &App) {
    app.state::<Session>().touch();
    app.state::<Quick>().showings.fetch_add(1, Ordering::AcqRel);
    let shown = match app.get_webview_window(QUICK) {
        Some(warm) => {
            // Before the first key can come: beginning anew empties the field. A page that does not listen yet asks for
            // everything when it does.
            let _ = QuickShown.emit_to(app, QUICK);
            warm.center()
                .and_then(|()| warm.show())
                .and_then(|()| warm.set_focus())
        }
        None => windows::build_quick(app, QUICK),
    };
    if let Err(error) = shown {
        tracing::warn!(%error, "quick search can't be shown");
    }
}

/// Hides the window, and lets it go when it is not used again.
pub(crate) fn hide(app: &App) {
    let Some(window) = app.get_webview_window(QUICK) else {
        return;
    };
    // A window that is gone already is hidden.
    let _ = window.hide();
    let hidden = app.state::<Quick>().showings.fetch_add(1, Ordering::AcqRel) + 1;
    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        tokio::time::sleep(KEPT_WARM).await;
        if app.state::<Quick>().showing() == hidden {
            windows::destroy(&app, QUICK);
        }
    });
}

/// Takes the window away with its web process.
pub(crate) fn destroy<R: Runtime>(app: &AppHandle<R>) {
    windows::destroy(app, QUICK);
}
