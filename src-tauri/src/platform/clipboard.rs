//! The clipboard, with one long-lived owner.
//!
//! On X11 the program that copied serves the text as long as it owns the selection, and when it lets go a clipboard
//! manager may take the text over. So the owner lives as long as the app, and a secret is cleared before it ends.

use std::sync::{Mutex, PoisonError};

#[cfg(target_os = "linux")]
use arboard::SetExtLinux;
use undercroft_secret::SecretString;

/// The clipboard can't be reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the clipboard can't be reached")]
pub(crate) struct Unreachable;

/// The desktop's clipboard, and the secret of ours that may still be on it.
#[derive(Default)]
pub(crate) struct Clipboard(Mutex<State>);

#[derive(Default)]
struct State {
    owner: Option<arboard::Clipboard>,
    ours: Option<SecretString>,
}

impl Clipboard {
    /// Puts `text` on the clipboard. A secret is marked to be left out of clipboard histories.
    ///
    /// # Errors
    ///
    /// [`Unreachable`] where there is no clipboard, or it does not answer.
    pub(crate) fn set(&self, text: &SecretString, is_secret: bool) -> Result<(), Unreachable> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let state = &mut *state;
        let mut owner = match state.owner.take() {
            Some(owner) => owner,
            None => arboard::Clipboard::new().map_err(|_| Unreachable)?,
        };
        let mut set = owner.set();
        #[cfg(target_os = "linux")]
        if is_secret {
            set = set.exclude_from_history();
        }
        // A broken owner is dropped here, and made anew at the next copy.
        set.text(text.expose()).map_err(|_| Unreachable)?;
        state.owner = Some(owner);
        state.ours = is_secret.then(|| text.clone());
        Ok(())
    }

    /// Clears the clipboard if it still holds our secret; tells whether it did.
    pub(crate) fn clear_if_ours(&self) -> bool {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let state = &mut *state;
        let (Some(owner), Some(ours)) = (state.owner.as_mut(), state.ours.as_ref()) else {
            return false;
        };
        let is_ours = match owner.get_text().map(SecretString::from) {
            Ok(present) => present.expose() == ours.expose(),
            Err(arboard::Error::ContentNotAvailable) => false,
            // Not known: it is asked again at the next occasion, at the latest on quitting.
            Err(_) => return false,
        };
        let cleared = is_ours && owner.clear().is_ok();
        if cleared || !is_ours {
            state.ours = None;
        }
        cleared
    }
}
