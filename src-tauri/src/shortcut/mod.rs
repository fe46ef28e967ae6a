//! The global shortcut: from any program to quick search.

#[cfg(target_os = "linux")]
pub(crate) mod portal;

use std::sync::{Mutex, MutexGuard, PoisonError};

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
pub(crate) struct Shortcut(Mutex<Present>);

#[derive(Default)]
struct Present {
    /// The keys that were chosen.
    keys: Option<String>,
    state: ShortcutStateView,
    /// What the desktop calls the keys that it gave, where it decides.
    given: Option<String>,
    /// How often the desktop was asked: what an earlier helper says counts no more.
    #[cfg(target_os = "linux")]
    asked: u32,
    /// The helper listens as long as this is open.
    #[cfg(target_os = "linux")]
    helper: Option<std::process::ChildStdin>,
}

impl Shortcut {
    /// The keys, as the desktop calls them, and their state.
    pub(crate) fn present(&self) -> (Option<String>, ShortcutStateView) {
        let present = self.held();
        let keys = present.given.as_ref().or(present.keys.as_ref());
        (keys.cloned(), present.state)
    }

    fn chosen(&self) -> Option<String> {
        self.held().keys.clone()
    }

    fn choose(&self, keys: Option<String>) {
        self.held().keys = keys;
    }

    fn set_state(&self, state: ShortcutStateView) {
        self.held().state = state;
    }

    /// Hears what the helper that was started for question `asked` tells; returns whether the keys were pressed.
    #[cfg(target_os = "linux")]
    fn hear(&self, asked: u32, told: &portal::Told) -> bool {
        let mut present = self.held();
        if present.asked != asked {
            return false;
        }
        match told {
            portal::Told::Pressed => return true,
            portal::Told::Bound(given) => {
                present.state = ShortcutStateView::Active;
                present.given = Some(given.clone()).filter(|given| !given.is_empty());
            }
            portal::Told::Over => {
                present.state = ShortcutStateView::Unavailable;
                present.given = None;
            }
        }
        false
    }

    fn held(&self) -> MutexGuard<'_, Present> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
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
    if take(app, keys.as_deref()).is_err() {
        app.state::<Shortcut>().set_state(ShortcutStateView::Taken);
    }
    app.state::<Shortcut>().choose(keys);
}

/// Sets other keys, or none.
///
/// # Errors
///
/// [`UiError::BadShortcut`] for keys that are none; [`UiError::ShortcutTaken`] when another program has them: the
/// keys before stay. [`UiError::Disk`] when they can't be kept.
pub(crate) fn change(app: &App, keys: Option<String>) -> Result<(), UiError> {
    let shortcut = app.state::<Shortcut>();
    let before = shortcut.chosen();
    take(app, keys.as_deref()).inspect_err(|_| {
        // What was there before is taken back.
        let _ = take(app, before.as_deref());
    })?;
    shortcut.choose(keys.clone());
    let session = app.state::<Session>();
    let kept = Preferences { shortcut: keys }.write(session.state_dir());
    kept.map_err(|error| UiError::Disk {
        path: session.state_dir().join(FILE).display().to_string(),
        detail: error.to_string(),
    })
}

/// Asks the desktop's portal for the keys. Whether it gives them shows later.
#[cfg(all(target_os = "linux", not(test)))]
fn take_from_portal(app: &App, keys: Option<&str>) {
    let asked = {
        let shortcut = app.state::<Shortcut>();
        let mut present = shortcut.held();
        present.helper = None;
        present.given = None;
        present.asked += 1;
        present.state = match keys {
            Some(_) => ShortcutStateView::Unavailable,
            None => ShortcutStateView::Off,
        };
        present.asked
    };
    let Some(keys) = keys else { return };
    let listener = app.clone();
    let helper = portal::listen(keys, move |told| {
        let shortcut = listener.state::<Shortcut>();
        if shortcut.hear(asked, &told) {
            let app = listener.clone();
            tauri::async_runtime::spawn(async move { crate::quick::shortcut(&app).await });
        }
    });
    match helper {
        Ok(helper) => app.state::<Shortcut>().held().helper = Some(helper),
        Err(error) => tracing::warn!(%error, "the desktop can't be asked for a shortcut"),
    }
}

/// Takes the keys, or lets go of those that were taken.
#[cfg(not(test))]
fn take(app: &App, keys: Option<&str>) -> Result<(), UiError> {
    use tauri_plugin_global_shortcut::Shortcut as Keys;
    let parsed = keys.map(parse).transpose()?;
    #[cfg(target_os = "linux")]
    if crate::platform::is_wayland() {
        take_from_portal(app, keys);
        return Ok(());
    }
    let system = app.global_shortcut();
    // Nothing that was taken is no failure of letting go.
    let _ = system.unregister_all();
    let state = match parsed {
        None => ShortcutStateView::Off,
        Some(keys) => {
            system
                .register::<Keys>(keys)
                .map_err(|_| UiError::ShortcutTaken)?;
            ShortcutStateView::Active
        }
    };
    app.state::<Shortcut>().set_state(state);
    Ok(())
}

/// In tests there is no desktop to ask.
#[cfg(test)]
fn take(app: &App, keys: Option<&str>) -> Result<(), UiError> {
    let state = match keys.map(parse).transpose()? {
        Some(_) => ShortcutStateView::Active,
        None => ShortcutStateView::Off,
    };
    app.state::<Shortcut>().set_state(state);
    Ok(())
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
    #[cfg(target_os = "linux")]
    fn the_desktop_decides_and_an_earlier_helper_says_nothing_any_more() {
        use portal::Told;
        let shortcut = Shortcut::default();
        shortcut.choose(Some("Ctrl+Alt+U".to_owned()));
        shortcut.held().asked = 2;
        assert!(!shortcut.hear(1, &Told::Pressed));
        assert!(!shortcut.hear(2, &Told::Bound("Super+U".to_owned())));
        let given = Some("Super+U".to_owned());
        assert_eq!(shortcut.present(), (given, ShortcutStateView::Active));
        assert!(shortcut.hear(2, &Told::Pressed));
        shortcut.hear(2, &Told::Over);
        let chosen = Some("Ctrl+Alt+U".to_owned());
        assert_eq!(shortcut.present(), (chosen, ShortcutStateView::Unavailable));
    }

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
