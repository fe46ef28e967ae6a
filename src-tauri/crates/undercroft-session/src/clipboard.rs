//! Copying, in Rust: the window learns only when the clipboard is cleared.

use undercroft_aws::format::{self, ProfileName, Surroundings, session_text};
use undercroft_model::{DeviceId, ItemId};
use undercroft_otp::Code;
use undercroft_secret::SecretString;

use crate::{
    Copied, CopyTarget, Event, SecretRef, Session, SessionError, SessionFormat, SessionId,
    codes::Which, identities::sign_in_url, state::CachedSession, unlocked::Unlocked,
};

/// Something that is no secret and may stay in the clipboard.
const PLAIN: Copied = Copied {
    clears_in_secs: None,
    used_before: false,
    valid_in_secs: None,
};

impl Session {
    /// Copies something. Secrets are cleared from the clipboard after the time of the settings, or on locking.
    ///
    /// # Errors
    /// [`SessionError::NoClipboard`]; [`SessionError::StateFile`] when a code can't be marked used; when it is gone.
    pub async fn copy(&self, target: CopyTarget) -> Result<Copied, SessionError> {
        self.act(move |open| {
            let copied = open.copy(&target)?;
            if let Some(identity) = open.copied_from(&target) {
                open.used(identity);
            }
            Ok(copied)
        })
        .await
    }
}

impl Unlocked {
    fn copy(&mut self, target: &CopyTarget) -> Result<Copied, SessionError> {
        let gone = SessionError::NoSuchItem;
        match target {
            CopyTarget::AccountId { account } => {
                let account = self.account_of(*account)?;
                self.copy_plain(account.id.as_str())
            }
            CopyTarget::Alias { account } => {
                let alias = self.account_of(*account)?.alias.ok_or(gone)?;
                self.copy_plain(alias.as_str())
            }
            CopyTarget::IdentityName { identity } => {
                let identity = self.identity_of(*identity)?;
                self.copy_plain(identity.kind.sign_in_name())
            }
            CopyTarget::SignInUrl { identity } => {
                let (identity, account) = self.identity_and_account(*identity)?;
                self.copy_plain(&sign_in_url(&account, &identity.kind))
            }
            CopyTarget::Serial { identity, device } => {
                let identity = self.identity_of(*identity)?;
                let serial = identity
                    .device(*device)
                    .and_then(|device| device.serial.as_ref());
                self.copy_plain(serial.ok_or(gone)?.as_str())
            }
            CopyTarget::AccessKeyId { identity, key } => {
                let identity = self.identity_of(*identity)?;
                self.copy_plain(identity.key(key).ok_or(gone)?.id.as_str())
            }
            CopyTarget::Code { identity, device } => {
                self.copy_code(*identity, *device, Which::Present)
            }
            CopyTarget::NextCode { identity, device } => {
                self.copy_code(*identity, *device, Which::Next)
            }
            CopyTarget::MfaPolicy { identity } => self.copy_plain(&self.mfa_policy(*identity)?),
            CopyTarget::Session { session, format } => {
                let text = self.session_as(*session, *format)?;
                self.copy_secret(text, PLAIN)
            }
            CopyTarget::Secret(secret) => {
                let text = self.secret(secret)?;
                self.copy_secret(text, PLAIN)
            }
        }
    }

    /// The identity or the profile of which something was copied.
    fn copied_from(&self, target: &CopyTarget) -> Option<ItemId> {
        match target {
            CopyTarget::AccountId { .. } | CopyTarget::Alias { .. } => None,
            CopyTarget::IdentityName { identity }
            | CopyTarget::SignInUrl { identity }
            | CopyTarget::MfaPolicy { identity }
            | CopyTarget::Serial { identity, .. }
            | CopyTarget::AccessKeyId { identity, .. }
            | CopyTarget::Code { identity, .. }
            | CopyTarget::NextCode { identity, .. } => Some(*identity),
            CopyTarget::Session { session, .. } => self
                .live_sessions()
                .find(|live| live.id == *session)
                .and_then(|live| live.profile.or(live.identity)),
            CopyTarget::Secret(
                SecretRef::Password { identity }
                | SecretRef::PastPassword { identity, .. }
                | SecretRef::SecretKey { identity, .. },
            ) => Some(*identity),
            CopyTarget::Secret(SecretRef::Custom { item, .. }) => {
                self.catalogue.identity(*item).map(|card| card.row.id)
            }
        }
    }

    fn copy_code(
        &mut self,
        identity: ItemId,
        device: DeviceId,
        which: Which,
    ) -> Result<Copied, SessionError> {
        let (code, copied) = self.code_by_hand(identity, device, which)?;
        let copied = self.copy_secret(code.into_secret(), copied);
        self.notify(Event::Changed {
            item: Some(identity),
        });
        copied
    }

    fn copy_plain(&self, text: &str) -> Result<Copied, SessionError> {
        self.shared
            .platform
            .copy(SecretString::copy_of(text), false)
            .map_err(|_| SessionError::NoClipboard)?;
        self.shared.keep_clipboard();
        Ok(PLAIN)
    }

    /// Copies a code; seconds until it is cleared.
    pub(crate) fn copy_code_text(&self, code: Code) -> Result<u32, SessionError> {
        let copied = self.copy_secret(code.into_secret(), PLAIN)?;
        Ok(copied.clears_in_secs.unwrap_or(0))
    }

    /// Copies a secret that is in no item.
    pub(crate) fn copy_secret_text(&self, text: SecretString) -> Result<Copied, SessionError> {
        self.copy_secret(text, PLAIN)
    }

    fn copy_secret(&self, text: SecretString, copied: Copied) -> Result<Copied, SessionError> {
        self.shared
            .platform
            .copy(text, true)
            .map_err(|_| SessionError::NoClipboard)?;
        let secs = self.vault.settings().clipboard_clears_in_secs;
        self.shared.clear_clipboard_in(secs);
        Ok(Copied {
            clears_in_secs: Some(secs),
            ..copied
        })
    }

    /// A live session as text for a terminal.
    fn session_as(
        &self,
        id: SessionId,
        format: SessionFormat,
    ) -> Result<SecretString, SessionError> {
        let session = self
            .live_sessions()
            .find(|session| session.id == id)
            .ok_or(SessionError::NoSuchItem)?;
        let account = self.account_of(session.account)?;
        let format = match format {
            SessionFormat::Sh => format::SessionFormat::Sh,
            SessionFormat::Fish => format::SessionFormat::Fish,
            SessionFormat::PowerShell => format::SessionFormat::PowerShell,
            SessionFormat::Json => format::SessionFormat::Json,
            SessionFormat::CredentialsFile => format::SessionFormat::CredentialsFile {
                profile: self.section_name(session, account.title())?,
            },
        };
        let endpoints = self.endpoints_for(session)?;
        let surroundings = Surroundings {
            region: Some(&session.region),
            sts: endpoints.sts.as_ref(),
            iam: endpoints.iam.as_ref(),
        };
        Ok(session_text(&session.credentials, &format, surroundings))
    }
}

impl Unlocked {
    /// What a session's section in a credentials file is called: as its profile, else after account and identity.
    fn section_name(
        &self,
        session: &CachedSession,
        account: &str,
    ) -> Result<ProfileName, SessionError> {
        let profile = session.profile.and_then(|id| self.catalogue.profile(id));
        if let Some(Ok(name)) = profile.map(|profile| ProfileName::parse(profile.name.as_str())) {
            return Ok(name);
        }
        let identity = session.identity.and_then(|id| self.catalogue.identity(id));
        let identity = identity.map_or("role", |card| card.row.kind.sign_in_name());
        profile_name(account, identity)
    }
}

/// Makes a profile's name of an account's and an identity's, as in `larkspur-shop-jane.doe`.
fn profile_name(account: &str, identity: &str) -> Result<ProfileName, SessionError> {
    let identity = identity.split('@').next().unwrap_or_default();
    let mut name = String::new();
    for character in format!("{account}-{identity}").chars().take(64) {
        let fits = character.is_ascii_alphanumeric() || matches!(character, '.' | '_');
        if fits {
            name.push(character.to_ascii_lowercase());
        } else if !name.ends_with('-') {
            name.push('-');
        }
    }
    let name = name.trim_matches('-');
    ProfileName::parse(if name.is_empty() { "undercroft" } else { name })
        .map_err(|_| SessionError::Internal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn profiles_are_named_after_account_and_identity() {
        let name = |account, identity| profile_name(account, identity).unwrap();
        assert_eq!(
            name("Shop (staging)", "jane.doe").as_str(),
            "shop-staging-jane.doe"
        );
        assert_eq!(
            name("Payer", "aws+payer@example.com").as_str(),
            "payer-aws-payer"
        );
        assert_eq!(name("日本", "ü").as_str(), "undercroft");
        assert!(name(&"long ".repeat(40), "user").as_str().len() <= 64);
    }
}
