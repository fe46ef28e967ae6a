//! The windows: when each is made, what it may load, and when it is destroyed with its web process.
//!
//! The password window holds the only fields into which the master password is typed, and is destroyed as soon as
//! it has served. Locking destroys the main window too, so a locked app runs no web process that ever saw a vault.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tauri::{
    AppHandle, Manager, Runtime, Theme, Url, WebviewUrl, WebviewWindow, WebviewWindowBuilder,
};

use crate::sealing::Seals;
use crate::view::{PasswordMode, ShownItemView, ThemeView};

/// The label of the main window.
pub(crate) const MAIN: &str = "main";
/// The label of the password window.
pub(crate) const PASSWORD: &str = "password";

/// How long ending waits for the place of the window to be written down.
const PATIENCE: Duration = Duration::from_secs(2);

/// What the windows need to know that no vault holds.
pub(crate) struct Windows {
    mode: Mutex<PasswordMode>,
    theme: Mutex<ThemeView>,
    next: Mutex<Option<Next>>,
    shown_item: Mutex<Option<ShownItemView>>,
    /// Held while it is decided which window to open, so that two starts at once open one.
    pub(crate) opening: tokio::sync::Mutex<()>,
}

/// What the password window opens for as soon as the present one is gone.
struct Next {
    mode: PasswordMode,
    focused: bool,
}

impl Default for Windows {
    fn default() -> Self {
        Self {
            mode: Mutex::new(PasswordMode::Unlock),
            theme: Mutex::new(ThemeView::System),
            next: Mutex::new(None),
            shown_item: Mutex::new(None),
            opening: tokio::sync::Mutex::new(()),
        }
    }
}

impl Windows {
    /// What the password window is for.
    pub(crate) fn mode(&self) -> PasswordMode {
        held(&self.mode).clone()
    }

    /// Turns the password window to another purpose.
    pub(crate) fn set_mode(&self, mode: PasswordMode) {
        *held(&self.mode) = mode;
    }

    /// Says what the main window is to turn to when it opens; returns what was said before.
    pub(crate) fn set_shown_item(&self, item: Option<ShownItemView>) -> Option<ShownItemView> {
        std::mem::replace(&mut *held(&self.shown_item), item)
    }

    /// The theme of the vault that was unlocked last.
    pub(crate) fn theme(&self) -> ThemeView {
        *held(&self.theme)
    }

    /// Remembers the theme for the time when the vault is locked.
    pub(crate) fn set_theme(&self, theme: ThemeView) {
        *held(&self.theme) = theme;
    }
}

/// Opens the password window for `mode`, or turns the open one to it.
///
/// `focused` is false where nobody asked for it just now, as when the vault locked by itself.
pub(crate) fn show_password<R: Runtime>(
    app: &AppHandle<R>,
    mode: PasswordMode,
    focused: bool,
) -> tauri::Result<()> {
    if let Some(open) = app.get_webview_window(PASSWORD) {
        if app.state::<Windows>().mode() == mode {
            return open.set_focus();
        }
        // A window's label is free only when its `Destroyed` event has come; `after_password` goes on from there.
        *held(&app.state::<Windows>().next) = Some(Next { mode, focused });
        return open.destroy();
    }
    let height = match mode {
        PasswordMode::FirstRun | PasswordMode::ChangePassword => 640.0,
        PasswordMode::Unlock | PasswordMode::Confirm { .. } => 540.0,
    };
    app.state::<Windows>().set_mode(mode);
    WebviewWindowBuilder::new(app, PASSWORD, WebviewUrl::App("password.html".into()))
        .title("Undercroft")
        .inner_size(480.0, height)
        .min_inner_size(400.0, 420.0)
        .center()
        .focused(focused)
        .devtools(cfg!(debug_assertions))
        .theme(native_theme(app.state::<Windows>().theme()))
        .on_navigation(stays_inside)
        .build()
        .and_then(|window| draw_without_gpu(&window))
}

/// Tidies up after the password window is gone, and opens the one that was to follow it.
pub(crate) fn after_password<R: Runtime>(app: &AppHandle<R>) -> tauri::Result<()> {
    app.state::<Seals>().forget(PASSWORD);
    let next = held(&app.state::<Windows>().next).take();
    match next {
        Some(Next { mode, focused }) => show_password(app, mode, focused),
        None => Ok(()),
    }
}

/// Remembers where the main window was from one start to the next, and how large.
#[cfg(not(test))]
pub(crate) fn remembered_place() -> tauri::plugin::TauriPlugin<tauri::Wry> {
    tauri_plugin_window_state::Builder::default()
        .with_filename("window.json")
        .with_state_flags(remembered())
        .with_filter(|label| label == MAIN)
        .build()
}

/// Writes down where the main window is, while it is still there.
pub(crate) async fn remember_place<R: Runtime>(app: &AppHandle<R>) {
    use tauri_plugin_window_state::AppHandleExt;
    if app.get_webview_window(MAIN).is_none() {
        return;
    }
    let (done, kept) = tokio::sync::oneshot::channel();
    let on_main = app.clone();
    // The plugin asks the window while it holds a lock that the main thread takes as well: elsewhere each would wait for
    // the other.
    let asked = app.run_on_main_thread(move || {
        if on_main.save_window_state(remembered()).is_err() {
            tracing::warn!("the place of the window can't be kept");
        }
        let _ = done.send(());
    });
    if asked.is_ok() {
        let _ = tokio::time::timeout(PATIENCE, kept).await;
    }
}

fn remembered() -> tauri_plugin_window_state::StateFlags {
    use tauri_plugin_window_state::StateFlags;
    StateFlags::POSITION | StateFlags::SIZE | StateFlags::MAXIMIZED
}

/// Opens the main window, or raises the open one.
pub(crate) fn show_main<R: Runtime>(app: &AppHandle<R>) -> tauri::Result<()> {
    if let Some(open) = app.get_webview_window(MAIN) {
        return raise(&open);
    }
    WebviewWindowBuilder::new(app, MAIN, WebviewUrl::App("index.html".into()))
        .title("Undercroft")
        .inner_size(1180.0, 760.0)
        .min_inner_size(720.0, 480.0)
        .center()
        .devtools(cfg!(debug_assertions))
        .theme(native_theme(app.state::<Windows>().theme()))
        .on_navigation(stays_inside)
        .build()
        .and_then(|window| draw_without_gpu(&window))
}

/// Opens the window of quick search.
pub(crate) fn build_quick<R: Runtime>(app: &AppHandle<R>, label: &str) -> tauri::Result<()> {
    WebviewWindowBuilder::new(app, label, WebviewUrl::App("quick.html".into()))
        .title("Undercroft quick search")
        .inner_size(640.0, 440.0)
        .resizable(false)
        .decorations(false)
        .always_on_top(true)
        .skip_taskbar(true)
        .center()
        .devtools(cfg!(debug_assertions))
        .theme(native_theme(app.state::<Windows>().theme()))
        .on_navigation(stays_inside)
        .build()
        .and_then(|window| draw_without_gpu(&window))
}

/// Brings the open window to the user, or tells that none is open.
pub(crate) fn raise_any<R: Runtime>(app: &AppHandle<R>) -> bool {
    [PASSWORD, MAIN]
        .into_iter()
        .filter_map(|label| app.get_webview_window(label))
        .any(|window| raise(&window).is_ok())
}

/// Destroys a window with its web process.
pub(crate) fn destroy<R: Runtime>(app: &AppHandle<R>, label: &str) {
    app.state::<Seals>().forget(label);
    if let Some(window) = app.get_webview_window(label) {
        // A window that is gone already is what was wanted.
        let _ = window.destroy();
    }
}

/// Applies the theme to the frames of the open windows.
pub(crate) fn apply_theme<R: Runtime>(app: &AppHandle<R>, theme: ThemeView) {
    app.state::<Windows>().set_theme(theme);
    for window in app.webview_windows().values() {
        // A desktop that can't do it keeps its own frame.
        let _ = window.set_theme(native_theme(theme));
    }
}

/// Whether the user leaves by closing this window: the main one, and the password window when nothing is unlocked
/// behind it.
pub(crate) fn closing_leaves<R: Runtime>(app: &AppHandle<R>, label: &str) -> bool {
    label == MAIN || (label == PASSWORD && app.get_webview_window(MAIN).is_none())
}

fn raise<R: Runtime>(window: &WebviewWindow<R>) -> tauri::Result<()> {
    window.unminimize()?;
    window.show()?;
    window.set_focus()
}

/// Has WebKit draw on the CPU: a page that changes one digit a second costs a quarter of what handing frames to the
/// compositor costs, and no graphics memory.
#[cfg(target_os = "linux")]
fn draw_without_gpu<R: Runtime>(window: &WebviewWindow<R>) -> tauri::Result<()> {
    use webkit2gtk::{HardwareAccelerationPolicy, SettingsExt, WebViewExt};
    window.with_webview(|webview| {
        if let Some(settings) = webview.inner().settings() {
            settings.set_hardware_acceleration_policy(HardwareAccelerationPolicy::Never);
        }
    })
}

#[cfg(not(target_os = "linux"))]
fn draw_without_gpu<R: Runtime>(_window: &WebviewWindow<R>) -> tauri::Result<()> {
    Ok(())
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn native_theme(theme: ThemeView) -> Option<Theme> {
    match theme {
        ThemeView::System | ThemeView::HighContrast => None,
        ThemeView::Light => Some(Theme::Light),
        ThemeView::Dark => Some(Theme::Dark),
    }
}

/// Lets a page load nothing but the app's own files.
fn stays_inside(address: &Url) -> bool {
    address.scheme() == "tauri"
        || (address.scheme().starts_with("http") && address.host_str() == Some("tauri.localhost"))
        || address.as_str() == "about:blank"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_stay_inside() {
        for (address, inside) in [
            ("tauri://localhost/index.html", true),
            ("http://tauri.localhost/password.html", true),
            ("https://signin.aws.amazon.com/", false),
            ("http://localhost/", false),
            ("http://tauri.localhost.example/", false),
            ("file:///etc/passwd", false),
            ("data:text/html,x", false),
            ("javascript:alert(1)", false),
        ] {
            assert_eq!(stays_inside(&address.parse().unwrap()), inside, "{address}");
        }
    }
}
