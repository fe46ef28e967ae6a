//! How long nobody has touched the machine: what X11 says. On Wayland no program is told without asking for it.

use std::time::Duration;

use x11rb::connection::Connection;
use x11rb::protocol::screensaver::ConnectionExt;

/// Asks the X server; nothing where there is none, or the desktop is a Wayland one, whose X server sees only a part.
pub(super) fn untouched_for() -> Option<Duration> {
    if super::is_wayland() {
        return None;
    }
    let (connection, screen) = x11rb::connect(None).ok()?;
    let root = connection.setup().roots.get(screen)?.root;
    let answer = connection.screensaver_query_info(root).ok()?.reply().ok()?;
    Some(Duration::from_millis(answer.ms_since_user_input.into()))
}
