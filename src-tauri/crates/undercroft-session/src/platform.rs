//! What the session needs from the desktop that it runs on.

use std::time::Duration;

use undercroft_model::{ItemId, VaultId};
use undercroft_secret::SecretString;
use undercroft_vault::QuickKey;

/// The clipboard, a keychain, and somebody to tell what happens.
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

    /// Whether there is a keychain that forgets what it keeps when the user logs out. What needs one is not offered
    /// where there is none.
    fn has_keychain(&self) -> bool {
        false
    }

    /// Keeps a vault's quick key in memory, in the place of the one before, for so long at most.
    ///
    /// # Errors
    /// When there is no such keychain or it refuses.
    fn keep_quick_key(
        &self,
        _vault: VaultId,
        _key: &QuickKey,
        _lasts: Duration,
    ) -> Result<(), KeychainError> {
        Err(KeychainError)
    }

    /// Whether a vault's quick key is there, without reading it.
    fn holds_quick_key(&self, _vault: VaultId) -> bool {
        false
    }

    /// Reads a vault's quick key.
    ///
    /// # Errors
    /// When it is not there.
    fn quick_key(&self, _vault: VaultId) -> Result<QuickKey, KeychainError> {
        Err(KeychainError)
    }

    /// Forgets a vault's quick key; one that is not there is forgotten already.
    ///
    /// # Errors
    /// When it is still there.
    fn forget_quick_key(&self, _vault: VaultId) -> Result<(), KeychainError> {
        Ok(())
    }

    /// Whether there is a window in which a person can be asked.
    fn can_ask(&self) -> bool {
        false
    }

    /// Hears what happened. Must return at once.
    fn notify(&self, event: Event);
}

/// The clipboard can't be reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the clipboard can't be reached")]
pub struct ClipboardError;

/// The keychain does not have the key, or does not take it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the keychain does not have or take the key")]
pub struct KeychainError;

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
    /// A program waits for a person's answer, or does not any more.
    ApprovalAsked,
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

#[cfg(test)]
mod tests {
    use super::*;

    /// A desktop with no more than each has.
    struct Plain;

    impl Platform for Plain {
        fn copy(&self, _text: SecretString, _secret: bool) -> Result<(), ClipboardError> {
            Err(ClipboardError)
        }

        fn clear_if_ours(&self) -> Cleared {
            Cleared::NotOurs
        }

        fn notify(&self, _event: Event) {}
    }

    #[test]
    fn what_a_desktop_does_not_speak_of_it_does_not_have() {
        let vault = VaultId::new_random();
        assert_eq!(Plain.untouched_for(), None);
        assert!(!Plain.can_ask());
        assert!(!Plain.has_keychain());
        let kept = Plain.keep_quick_key(vault, &QuickKey::random(), Duration::MAX);
        assert_eq!(kept, Err(KeychainError));
        assert!(!Plain.holds_quick_key(vault));
        assert!(Plain.quick_key(vault).is_err());
        assert_eq!(Plain.forget_quick_key(vault), Ok(()));
    }
}
