//! The settings that live in the vault.

use undercroft_model::{Settings, Theme};

use crate::{Event, FieldProblem, Session, SessionError, unlocked::Unlocked};

/// The settings that the window offers; those that it does not stay as they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SettingsDraft {
    /// See [`Settings::clipboard_clears_in_secs`].
    pub clipboard_clears_in_secs: u32,
    /// See [`Settings::locks_after_idle_secs`].
    pub locks_after_idle_secs: u32,
    /// See [`Settings::locks_with_screen`].
    pub locks_with_screen: bool,
    /// See [`Settings::locks_on_sleep`].
    pub locks_on_sleep: bool,
    /// See [`Settings::keeps_window_on_close`].
    pub keeps_window_on_close: bool,
    /// See [`Settings::theme`].
    pub theme: Theme,
}

impl Session {
    /// Changes the settings that the window offers.
    ///
    /// # Errors
    /// [`SessionError::Invalid`] for a time outside its limits.
    pub async fn save_settings(&self, draft: SettingsDraft) -> Result<(), SessionError> {
        self.act(move |open| open.save_settings(draft)).await
    }

    /// Whether closing the window leaves the vault unlocked, where a tray icon shows that it is.
    #[must_use]
    pub fn keeps_window_on_close(&self) -> bool {
        self.shared.keeps_window_on_close()
    }
}

impl Unlocked {
    fn save_settings(&mut self, draft: SettingsDraft) -> Result<(), SessionError> {
        let SettingsDraft {
            clipboard_clears_in_secs,
            locks_after_idle_secs,
            locks_with_screen,
            locks_on_sleep,
            keeps_window_on_close,
            theme,
        } = draft;
        let mut problems = Vec::new();
        for (field, secs, limits) in [
            (
                "clipboard_clears_in_secs",
                clipboard_clears_in_secs,
                Settings::CLIPBOARD_SECS,
            ),
            (
                "locks_after_idle_secs",
                locks_after_idle_secs,
                Settings::IDLE_SECS,
            ),
        ] {
            if !limits.contains(&secs) {
                let message = format!("choose {} to {} seconds", limits.start(), limits.end());
                problems.push(FieldProblem { field, message });
            }
        }
        if !problems.is_empty() {
            return Err(SessionError::Invalid { problems });
        }
        let settings = Settings {
            clipboard_clears_in_secs,
            locks_after_idle_secs,
            locks_with_screen,
            locks_on_sleep,
            keeps_window_on_close,
            theme,
            ..self.vault.settings()
        };
        self.save_changed_settings(settings)
    }

    /// Puts settings into the vault and follows them.
    pub(crate) fn save_changed_settings(&mut self, settings: Settings) -> Result<(), SessionError> {
        self.demand_writable()?;
        let now = self.now();
        self.vault
            .put_settings(settings, now)
            .map_err(|error| self.failure(&error))?;
        self.follow_settings();
        self.save();
        self.notify(Event::Changed { item: None });
        Ok(())
    }
}
