//! Files that are dropped on the main window.
//!
//! Their paths come to this process and stay here: the page learns that something is dragged or was dropped, shows the
//! hint, and asks for what was dropped to be looked at. Tauri takes drops over from the page unless told otherwise, so
//! a page never gets a dropped file itself.

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use tauri::{DragDropEvent, Manager};
use tauri_specta::Event as _;

use crate::view::{DragStage, Dragging};
use crate::{App, windows};

/// The files that were dropped last and not looked at yet.
#[derive(Default)]
pub(crate) struct Dropped(Mutex<Vec<PathBuf>>);

impl Dropped {
    /// Takes them.
    pub(crate) fn take(&self) -> Vec<PathBuf> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn put(&self, paths: Vec<PathBuf>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = paths;
    }
}

/// Keeps what was dropped and tells the page what happens.
pub(crate) fn heard(app: &App, event: &DragDropEvent) {
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "Tauri's list of events grows"
    )]
    let stage = match event {
        DragDropEvent::Enter { .. } => DragStage::Over,
        DragDropEvent::Drop { paths, .. } => {
            // What a browser drags may be an address on the web, which is not fetched.
            let files = paths.iter().filter(|path| path.is_absolute());
            app.state::<Dropped>().put(files.cloned().collect());
            DragStage::Dropped
        }
        DragDropEvent::Leave => DragStage::Left,
        _ => return,
    };
    let _ = Dragging { stage }.emit_to(app, windows::MAIN);
}
