//! The desktop app of Undercroft: a vault for every credential that an AWS user holds.
//!
//! This crate is the shell. It makes the windows, passes what they ask to the [`undercroft_session`] and what the
//! session says back to them, and is the only part that knows Tauri. `docs/ARCHITECTURE.md` tells the whole.

// What only the running app uses is not run by the tests of this crate; `tests/e2e` does that.
#![cfg_attr(test, allow(dead_code))]

mod approvals;
mod commands;
mod convert;
mod dropping;
mod error;
mod opening;
mod options;
mod platform;
#[cfg_attr(test, allow(dead_code))]
mod programs;
mod quick;
mod recovery_kit;
#[cfg(not(test))]
mod run;
mod sealing;
mod shortcut;
mod start_at_login;
mod taking_over;
#[cfg(test)]
mod tests;
mod tray;
mod view;
mod windows;

#[cfg(not(test))]
pub use run::run;

/// The runtime: the real one, or in tests Tauri's mock.
#[cfg(not(test))]
type Rt = tauri::Wry;
#[cfg(test)]
type Rt = tauri::test::MockRuntime;
type App = tauri::AppHandle<Rt>;
type Window = tauri::WebviewWindow<Rt>;

#[global_allocator]
static ALLOCATOR: undercroft_secret::WipingAllocator = undercroft_secret::WipingAllocator;

/// Everything that the real app and the tests have in common.
fn configure(builder: tauri::Builder<Rt>) -> tauri::Builder<Rt> {
    let commands = commands::builder();
    builder
        .plugin(tauri_plugin_dialog::init())
        .invoke_handler(commands.invoke_handler())
        .manage(sealing::Seals::default())
        .manage(windows::Windows::default())
        .manage(recovery_kit::ShownKit::default())
        .manage(dropping::Dropped::default())
        .manage(commands::scan::Camera::default())
        .manage(commands::files::Chosen::default())
        .manage(tray::Tray::default())
        .manage(programs::Programs::default())
        .manage(quick::window::Quick::default())
        .manage(quick::SignIns::default())
        .manage(shortcut::Shortcut::default())
        .manage(approvals::Asked::default())
        .setup(move |app| {
            commands.mount_events(app);
            Ok(())
        })
}
