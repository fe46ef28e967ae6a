//! The global shortcut: from any program to quick search.

use std::sync::{Mutex, PoisonError};

use tauri::Manager;
#[cfg(not(test))]
use tauri_plugin_global_shortcut::{GlobalShortcutExt, ShortcutState};
use undercroft_session::Session;

use crate::App;
use crate::error::UiError;
use crate::preferences::{FILE, Preferences};
use crate::view::ShortcutStateView;

/// The keys that are set, and what came of asking the desktop for them.
#[derive(Default)]
pub(crate) struct Shortcut(Mutex<(Option<String>, ShortcutStateView)>);

impl Shortcut {
    /// The keys and their state.
    pub(crate) fn present(&self) -> (Option<String>, ShortcutStateView) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn set(&self, keys: Option<String>, state: ShortcutStateView) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = (keys, state);
    }
}

/// The part of Tauri that hears the keys.
#[cfg(not(test))]
pub(crate) fn plugin() -> tauri::plugin::TauriPlugin<tauri::Wry> {
    tauri_plugin_global_shortcut::Builder::new()
        .with_handler(|app, _, event| {
            if event.state == ShortcutState::Pressed {
                let app = app.clone();
                tauri::async_runtime::spawn(async move { crate::quick::shortcut(&app).await });
            }
        })
        .build()
}

/// Takes the keys of the preferences.
#[cfg(not(test))]
pub(crate) fn start(app: &App) {
    let keys = Preferences::read(app.state::<Session>().state_dir()).shortcut;
    let state = take(app, keys.as_deref()).unwrap_or(ShortcutStateView::Taken);
    app.state::<Shortcut>().set(keys, state);
}

/// Sets other keys, or none.
///
/// # Errors
///
/// [`UiError::BadShortcut`] for keys that are none; [`UiError::ShortcutTaken`] when another program has them: the
/// keys before stay. [`UiError::Disk`] when they can't be kept.
pub(crate) fn change(app: &App, keys: Option<String>) -> Result<(), UiError> {
    let shortcut = app.state::<Shortcut>();
    let (before, _) = shortcut.present();
    let state = take(app, keys.as_deref()).inspect_err(|_| {
        // What was there before is taken back.
        let _ = take(app, before.as_deref());
    })?;
    shortcut.set(keys.clone(), state);
    let session = app.state::<Session>();
    let kept = Preferences { shortcut: keys }.write(session.state_dir());
    kept.map_err(|error| UiError::Disk {
        path: session.state_dir().join(FILE).display().to_string(),
        detail: error.to_string(),
    })
}

/// Whether no program can take keys for itself here: Wayland leaves that to the desktop's own settings.
fn is_left_to_the_desktop() -> bool {
    std::env::var_os("WAYLAND_DISPLAY").is_some()
}

#[cfg(not(test))]
fn take(app: &App, keys: Option<&str>) -> Result<ShortcutStateView, UiError> {
    use tauri_plugin_global_shortcut::Shortcut as Keys;
    if is_left_to_the_desktop() {
        return Ok(ShortcutStateView::Unavailable);
    }
    let parsed = keys.map(parse).transpose()?;
    let system = app.global_shortcut();
    // Nothing that was taken is no failure of letting go.
    let _ = system.unregister_all();
    let Some(keys) = parsed else {
        return Ok(ShortcutStateView::Off);
    };
    system
        .register::<Keys>(keys)
        .map_err(|_| UiError::ShortcutTaken)?;
    Ok(ShortcutStateView::Active)
}

/// In tests there is no desktop to ask.
#[cfg(test)]
fn take(_app: &App, keys: Option<&str>) -> Result<ShortcutStateView, UiError> {
    if is_left_to_the_desktop() {
        return Ok(ShortcutStateView::Unavailable);
    }
    Ok(match keys.map(parse).transpose()? {
        Some(_) => ShortcutStateView::Active,
        None => ShortcutStateView::Off,
    })
}

/// Reads keys such as `Ctrl+Alt+U`. A shortcut without Ctrl, Alt or Super would take a key from typing.
fn parse(keys: &str) -> Result<tauri_plugin_global_shortcut::Shortcut, UiError> {
    use tauri_plugin_global_shortcut::{Modifiers, Shortcut};
    let shortcut: Shortcut = keys.parse().map_err(|_| UiError::BadShortcut)?;
    let strong = Modifiers::CONTROL | Modifiers::ALT | Modifiers::SUPER;
    if shortcut.mods.intersects(strong) {
        Ok(shortcut)
    } else {
        Err(UiError::BadShortcut)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shortcut_needs_a_key_and_something_that_typing_does_not() {
        for keys in ["Ctrl+Alt+U", "Super+K", "Alt+Shift+Space", "Ctrl+F12"] {
            assert!(parse(keys).is_ok(), "{keys}");
        }
        for keys in ["", "U", "Shift+U", "Ctrl", "Ctrl+Alt", "Ctrl+Nonsense"] {
            assert_eq!(parse(keys).err(), Some(UiError::BadShortcut), "{keys}");
        }
    }
}
