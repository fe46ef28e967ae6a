//! What the session needs from the desktop that it runs on.

use std::time::Duration;

use undercroft_model::ItemId;
use undercroft_secret::SecretString;

/// The clipboard, and somebody to tell what happens.
///
/// Every method is called off the async threads and may block for a moment.
pub trait Platform: Send + Sync {
    /// Puts `text` on the clipboard. A `secret` one is marked so that clipboard histories leave it out.
    ///
    /// # Errors
    /// When there is no clipboard or it can't be reached.
    fn copy(&self, text: SecretString, secret: bool) -> Result<(), ClipboardError>;

    /// Clears the clipboard if it still holds the last secret that [`Platform::copy`] put there.
    fn clear_if_ours(&self) -> Cleared;

    /// How long nobody has touched the machine; nothing where the desktop does not say.
    fn untouched_for(&self) -> Option<Duration> {
        None
    }

    /// Hears what happened. Must return at once.
    fn notify(&self, event: Event);
}

/// The clipboard can't be reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the clipboard can't be reached")]
pub struct ClipboardError;

/// What became of clearing the clipboard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cleared {
    /// Our value was there and is gone.
    Ours,
    /// Something else was there, or nothing; it was left alone.
    NotOurs,
}

/// What happened in a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// The vault was unlocked.
    Unlocked,
    /// The vault was locked; windows that show something of it must go.
    Locked(LockReason),
    /// Something changed: an item, or with nothing the whole, a live session or a notice.
    Changed {
        /// The item, where it is one.
        item: Option<ItemId>,
    },
    /// Something was used, so that other identities are the recent ones.
    Used,
    /// The time of a copied secret was up.
    ClipboardCleared {
        /// Whether it was still there.
        ours: bool,
    },
}

/// What happened on the desktop that may call for locking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DesktopEvent {
    /// The screen was locked.
    ScreenLocked,
    /// Another user's session came to the front.
    UserSwitched,
    /// The machine goes to sleep.
    Sleep,
}

/// Why the vault was locked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LockReason {
    /// The user said so.
    User,
    /// Nobody used it for the time of the settings.
    Idle,
    /// The screen was locked, the machine goes to sleep, or another user came.
    Desktop,
    /// The program ends.
    Quit,
    /// Another vault, or another version of this one, takes its place.
    OtherVault,
}
