//! The settings that live in the vault.

use undercroft_model::{Settings, Theme};

use crate::{Event, FieldProblem, Session, SessionError, unlocked::Unlocked};

impl Session {
    /// Changes the settings that the window offers; the others stay as they are.
    ///
    /// # Errors
    /// [`SessionError::Invalid`] for a time outside its limits.
    pub async fn save_settings(
        &self,
        clipboard_clears_in_secs: u32,
        locks_after_idle_secs: u32,
        theme: Theme,
    ) -> Result<(), SessionError> {
        self.act(move |open| {
            open.save_settings(clipboard_clears_in_secs, locks_after_idle_secs, theme)
        })
        .await
    }
}

impl Unlocked {
    fn save_settings(
        &mut self,
        clipboard_clears_in_secs: u32,
        locks_after_idle_secs: u32,
        theme: Theme,
    ) -> Result<(), SessionError> {
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
            .put_settings(settings.clone(), now)
            .map_err(|error| self.failure(&error))?;
        self.shared.follow(&settings);
        self.save();
        self.notify(Event::Changed { item: None });
        Ok(())
    }
}
