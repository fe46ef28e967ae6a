//! Starting with the desktop, without a window. Off until the user says so.

use std::env;

use auto_launch::{AutoLaunch, AutoLaunchBuilder};

/// Whether it starts at login; nothing where that can't be told.
pub(crate) fn present() -> Option<bool> {
    launch()?.is_enabled().ok()
}

/// Switches it on or off.
///
/// # Errors
///
/// What the system answers.
pub(crate) fn set(on: bool) -> Result<(), String> {
    let launch = launch().ok_or_else(|| "not known where this program is".to_owned())?;
    let done = if on {
        launch.enable()
    } else {
        launch.disable()
    };
    done.map_err(|error| error.to_string())
}

fn launch() -> Option<AutoLaunch> {
    // An AppImage runs from a place that is gone afterwards; the variable names the file itself.
    let program = env::var_os("APPIMAGE")
        .map_or_else(|| env::current_exe().ok(), |path| Some(path.into()))?;
    AutoLaunchBuilder::new()
        .set_app_name("dev.undercroft.Undercroft")
        .set_app_path(program.to_str()?)
        .set_args(&["--background"])
        .build()
        .ok()
}
