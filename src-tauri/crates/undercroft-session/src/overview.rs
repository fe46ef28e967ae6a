//! The frame of the main window.

use crate::{Overview, Session, SessionError, unlocked::Unlocked};

impl Session {
    /// Counts, tags, notices and settings.
    ///
    /// # Errors
    /// When the vault is locked.
    pub async fn overview(&self) -> Result<Overview, SessionError> {
        self.look(|open| Ok(open.overview())).await
    }
}

impl Unlocked {
    fn overview(&self) -> Overview {
        let (accounts, identities) = self.catalogue.counts();
        Overview {
            accounts,
            identities,
            tags: self.catalogue.tags(),
            binned: self.catalogue.binned().len(),
            sessions: self.live_sessions().count(),
            notices: self.notices.all().to_vec(),
            settings: self.vault.settings(),
            has_keychain: self.shared.platform.has_keychain(),
        }
    }
}
