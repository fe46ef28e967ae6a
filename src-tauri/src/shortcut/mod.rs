//! The global shortcut: from any program to quick search.

mod keys;
#[cfg(target_os = "linux")]
pub(crate) mod portal;
#[cfg(target_os = "linux")]
mod x11;

use std::sync::{Mutex, MutexGuard, PoisonError};

use tauri::Manager;
use undercroft_session::{Preferences, Session};

use keys::Keys;

use crate::App;
use crate::error::UiError;
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
    /// The grab of the X server's keys, once one was needed.
    #[cfg(target_os = "linux")]
    grab: Option<x11::Grab>,
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
#[cfg(not(any(target_os = "linux", test)))]
pub(crate) fn plugin() -> tauri::plugin::TauriPlugin<tauri::Wry> {
    use tauri_plugin_global_shortcut::{Builder, ShortcutState};
    Builder::new()
        .with_handler(|app, _, event| {
            if event.state == ShortcutState::Pressed {
                pressed(app);
            }
        })
        .build()
}

#[cfg(not(test))]
fn pressed(app: &App) {
    let app = app.clone();
    tauri::async_runtime::spawn(async move { crate::quick::shortcut(&app).await });
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
    Preferences::change(session.state_dir(), |kept| kept.shortcut = keys)?;
    Ok(())
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
            pressed(&listener);
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
    let parsed = keys.map(parse).transpose()?;
    #[cfg(target_os = "linux")]
    if crate::platform::is_wayland() {
        take_from_portal(app, keys);
        return Ok(());
    }
    take_from_system(app, parsed)?;
    app.state::<Shortcut>().set_state(match parsed {
        Some(_) => ShortcutStateView::Active,
        None => ShortcutStateView::Off,
    });
    Ok(())
}

#[cfg(all(target_os = "linux", not(test)))]
fn take_from_system(app: &App, keys: Option<Keys>) -> Result<(), UiError> {
    let shortcut = app.state::<Shortcut>();
    let mut present = shortcut.held();
    if present.grab.is_none() {
        let listener = app.clone();
        present.grab = x11::Grab::new(move || pressed(&listener)).ok();
    }
    let taken = present.grab.as_ref().map(|grab| grab.take(keys));
    match taken {
        Some(Ok(())) => Ok(()),
        Some(Err(_)) | None => Err(UiError::ShortcutTaken),
    }
}

#[cfg(not(any(target_os = "linux", test)))]
fn take_from_system(app: &App, keys: Option<Keys>) -> Result<(), UiError> {
    use tauri_plugin_global_shortcut::GlobalShortcutExt;
    let system = app.global_shortcut();
    // Nothing that was taken is no failure of letting go.
    let _ = system.unregister_all();
    match keys {
        None => Ok(()),
        Some(keys) => system
            .register(keys.to_string().as_str())
            .map_err(|_| UiError::ShortcutTaken),
    }
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

fn parse(keys: &str) -> Result<Keys, UiError> {
    keys.parse().map_err(|keys::NoKeys| UiError::BadShortcut)
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
}
