//! Turns the session's answers into views, and drafts from a window into the session's.

mod activity;
mod answers;
mod archive;
mod drafts;
mod enrol;
mod errors;
mod files;
mod profile;
mod quick;
mod scan;
mod transfer;

pub(crate) use activity::approval_settings;
pub(crate) use answers::{caller, copied, details, place};
pub(crate) use drafts::{access_key_id, id, session_id};
pub(crate) use files::found_file;
pub(crate) use transfer::{devices, guarded};

use crate::error::UiError;

/// Turns what came from a window into the session's type, opening sealed fields with `open`.
pub(crate) trait Receive<T> {
    /// Does it.
    ///
    /// # Errors
    ///
    /// [`UiError::NoSuchItem`] for an id that is none, [`UiError::BadMessage`] for a sealed field that does not open.
    fn receive(
        self,
        open: &dyn Fn(&crate::view::Sealed) -> Result<undercroft_secret::SecretString, UiError>,
    ) -> Result<T, UiError>;
}
