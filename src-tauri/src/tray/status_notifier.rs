//! The icon on Linux: a StatusNotifierItem with its menu on the session bus.
//!
//! Where no panel watches for such items yet, the item waits for one, and it comes back when the panel was started
//! anew. Everything is asynchronous: a panel that does not answer holds nothing up.

use std::sync::Arc;

use ksni::menu::{MenuItem, StandardItem, SubMenu};
use ksni::{Handle, OfflineReason, ToolTip, TrayMethods};
use tauri::Manager;
use undercroft_session::QuickList;

use super::menu::{Action, Entry, entries};
use super::{Tray, tooltip};
use crate::{App, quick};

/// The icon.
pub(super) struct Icon(Handle<Item>);

impl Icon {
    /// Puts it on the session bus.
    ///
    /// # Errors
    /// When there is no session bus.
    pub(super) async fn show(app: &App) -> Result<Self, ksni::Error> {
        app.state::<Tray>().set_shown(true);
        let item = Item {
            app: app.clone(),
            entries: Arc::from(entries(None)),
            tooltip: tooltip(None),
            locked: true,
            is_odd: false,
        };
        let shown = item.assume_sni_available(true).spawn().await;
        shown
            .map(Self)
            .inspect_err(|_| app.state::<Tray>().set_shown(false))
    }

    /// Draws the menu and the icon for what the session has now.
    pub(super) async fn draw(&self, list: Option<QuickList>) {
        let entries = Arc::from(entries(list.as_ref()));
        let tooltip = tooltip(list.as_ref());
        let locked = list.is_none();
        self.0
            .update(move |item| {
                let is_other = !actions(&entries).eq(actions(&item.entries));
                item.is_odd ^= is_other;
                item.entries = entries;
                item.tooltip = tooltip;
                item.locked = locked;
            })
            .await;
    }
}

struct Item {
    app: App,
    entries: Arc<[Entry]>,
    tooltip: String,
    locked: bool,
    /// Changes whenever a line means something else than before.
    is_odd: bool,
}

impl ksni::Tray for Item {
    fn id(&self) -> String {
        "dev.undercroft.Undercroft".to_owned()
    }

    fn title(&self) -> String {
        "Undercroft".to_owned()
    }

    fn icon_pixmap(&self) -> Vec<ksni::Icon> {
        pixmaps(self.locked)
    }

    fn tool_tip(&self) -> ToolTip {
        ToolTip {
            title: "Undercroft".to_owned(),
            description: self.tooltip.clone(),
            ..ToolTip::default()
        }
    }

    fn activate(&mut self, _x: i32, _y: i32) {
        quick::act(&self.app, Action::Search);
    }

    fn menu(&self) -> Vec<MenuItem<Self>> {
        let lines = self.entries.iter().map(drawn);
        // Lines have the numbers of their places, until the shape of the menu changes. A panel may still show the menu
        // before: its numbers must not mean another identity's line, so the shape changes, unseen.
        let unseen = StandardItem {
            visible: false,
            ..StandardItem::default()
        };
        lines.chain(self.is_odd.then(|| unseen.into())).collect()
    }

    fn watcher_online(&self) {
        self.app.state::<Tray>().set_shown(true);
        self.app.state::<Tray>().refresh();
    }

    fn watcher_offline(&self, _reason: OfflineReason) -> bool {
        self.app.state::<Tray>().set_shown(false);
        self.app.state::<Tray>().refresh();
        true
    }
}

/// What a click on each line means, from the first to the last.
fn actions(entries: &[Entry]) -> Box<dyn Iterator<Item = Option<Action>> + '_> {
    Box::new(entries.iter().flat_map(|entry| match entry {
        Entry::Item { action, .. } => Box::new(std::iter::once(Some(*action))),
        Entry::Menu { entries, .. } => actions(entries),
        Entry::Note(_) | Entry::Separator => {
            Box::new(std::iter::once(None)) as Box<dyn Iterator<Item = _>>
        }
    }))
}

fn drawn(entry: &Entry) -> MenuItem<Item> {
    match entry {
        Entry::Separator => MenuItem::Separator,
        Entry::Note(label) => StandardItem {
            label: literal(label),
            enabled: false,
            ..StandardItem::default()
        }
        .into(),
        Entry::Item { label, action } => {
            let action = *action;
            StandardItem {
                label: literal(label),
                activate: Box::new(move |item: &mut Item| quick::act(&item.app, action)),
                ..StandardItem::default()
            }
            .into()
        }
        Entry::Menu { label, entries } => SubMenu {
            label: literal(label),
            submenu: entries.iter().map(drawn).collect(),
            ..SubMenu::default()
        }
        .into(),
    }
}

/// An underscore marks an access key in labels, unless it is doubled (com.canonical.dbusmenu).
fn literal(label: &str) -> String {
    label.replace('_', "__")
}

/// The icon in the sizes that panels have, as they want it: ARGB, the highest byte first.
fn pixmaps(locked: bool) -> Vec<ksni::Icon> {
    let pictures: [&[u8]; 4] = if locked {
        [
            include_bytes!("../../../icons/tray/locked-16.png"),
            include_bytes!("../../../icons/tray/locked-22.png"),
            include_bytes!("../../../icons/tray/locked-32.png"),
            include_bytes!("../../../icons/tray/locked-44.png"),
        ]
    } else {
        [
            include_bytes!("../../../icons/tray/unlocked-16.png"),
            include_bytes!("../../../icons/tray/unlocked-22.png"),
            include_bytes!("../../../icons/tray/unlocked-32.png"),
            include_bytes!("../../../icons/tray/unlocked-44.png"),
        ]
    };
    pictures
        .into_iter()
        .filter_map(|picture| image::load_from_memory(picture).ok())
        .map(|picture| {
            let mut picture = picture.into_rgba8();
            for pixel in picture.pixels_mut() {
                pixel.0.rotate_right(1);
            }
            ksni::Icon {
                width: picture.width().cast_signed(),
                height: picture.height().cast_signed(),
                data: picture.into_raw(),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_say_what_names_say() {
        assert_eq!(literal("a_b & c"), "a__b & c");
    }

    #[test]
    fn both_icons_come_in_every_size_and_differ() {
        let (locked, unlocked) = (pixmaps(true), pixmaps(false));
        let widths: Vec<_> = locked.iter().map(|icon| icon.width).collect();
        assert_eq!(widths, [16, 22, 32, 44]);
        for (one, other) in locked.iter().zip(&unlocked) {
            assert_eq!(one.data.len(), other.data.len());
            assert_ne!(one.data, other.data);
        }
    }
}
