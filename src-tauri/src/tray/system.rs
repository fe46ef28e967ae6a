//! The icon on Windows and macOS, by Tauri's tray.

use tauri::image::Image;
use tauri::menu::{Menu, MenuBuilder, MenuItem, PredefinedMenuItem, Submenu, SubmenuBuilder};
use tauri::tray::{MouseButton, MouseButtonState, TrayIcon, TrayIconBuilder, TrayIconEvent};
use tauri::{Manager, Wry};
use undercroft_session::QuickList;

use super::menu::{Action, Entry, entries};
use super::{Tray, tooltip};
use crate::{App, quick};

/// The icon.
pub(super) struct Icon {
    app: App,
    icon: TrayIcon<Wry>,
    actions: std::sync::Arc<std::sync::Mutex<Vec<Action>>>,
}

impl Icon {
    /// Shows it.
    ///
    /// # Errors
    /// When the system refuses.
    pub(super) async fn show(app: &App) -> tauri::Result<Self> {
        let actions: std::sync::Arc<std::sync::Mutex<Vec<Action>>> = std::sync::Arc::default();
        let clicked = actions.clone();
        let icon = TrayIconBuilder::new()
            .icon(picture(true)?)
            .show_menu_on_left_click(false)
            .on_menu_event(move |app, event| {
                let place = event.id().0.parse::<usize>();
                let actions = clicked.lock().unwrap_or_else(|held| held.into_inner());
                if let Some(action) = place.ok().and_then(|place| actions.get(place)) {
                    quick::act(app, *action);
                }
            })
            .on_tray_icon_event(|icon, event| {
                if let TrayIconEvent::Click {
                    button: MouseButton::Left,
                    button_state: MouseButtonState::Up,
                    ..
                } = event
                {
                    quick::act(icon.app_handle(), Action::Search);
                }
            })
            .build(app)?;
        app.state::<Tray>().set_shown(true);
        Ok(Self {
            app: app.clone(),
            icon,
            actions,
        })
    }

    /// Draws the menu and the icon for what the session has now.
    pub(super) async fn draw(&self, list: Option<QuickList>) {
        let mut actions = Vec::new();
        let drawn = (|| {
            let menu = MenuBuilder::new(&self.app).build()?;
            for entry in entries(list.as_ref()) {
                append(&self.app, &Place::Menu(&menu), &entry, &mut actions)?;
            }
            *self.actions.lock().unwrap_or_else(|held| held.into_inner()) = actions;
            self.icon.set_menu(Some(menu))?;
            self.icon.set_icon(Some(picture(list.is_none())?))?;
            self.icon.set_tooltip(Some(tooltip(list.as_ref())))
        })();
        if let Err(error) = drawn {
            tracing::debug!(%error, "the tray can't be drawn");
        }
    }
}

enum Place<'a> {
    Menu(&'a Menu<Wry>),
    Submenu(&'a Submenu<Wry>),
}

impl Place<'_> {
    fn append(&self, item: &dyn tauri::menu::IsMenuItem<Wry>) -> tauri::Result<()> {
        match self {
            Self::Menu(menu) => menu.append(item),
            Self::Submenu(menu) => menu.append(item),
        }
    }
}

fn append(
    app: &App,
    place: &Place<'_>,
    entry: &Entry,
    actions: &mut Vec<Action>,
) -> tauri::Result<()> {
    match entry {
        Entry::Separator => place.append(&PredefinedMenuItem::separator(app)?),
        Entry::Note(label) => {
            place.append(&MenuItem::new(app, literal(label), false, None::<&str>)?)
        }
        Entry::Item { label, action } => {
            let id = actions.len().to_string();
            actions.push(*action);
            place.append(&MenuItem::with_id(
                app,
                id,
                literal(label),
                true,
                None::<&str>,
            )?)
        }
        Entry::Menu { label, entries } => {
            let menu = SubmenuBuilder::new(app, literal(label)).build()?;
            for entry in entries {
                append(app, &Place::Submenu(&menu), entry, actions)?;
            }
            place.append(&menu)
        }
    }
}

/// An ampersand marks an access key in labels, unless it is doubled.
fn literal(label: &str) -> String {
    label.replace('&', "&&")
}

fn picture(locked: bool) -> tauri::Result<Image<'static>> {
    if locked {
        Image::from_bytes(include_bytes!("../../../icons/tray/locked-44.png"))
    } else {
        Image::from_bytes(include_bytes!("../../../icons/tray/unlocked-44.png"))
    }
}
