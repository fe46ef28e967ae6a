//! What came from a window, as the session takes it.

use undercroft_model::{AccessKeyId, KeyState};
use undercroft_secret::SecretString;
use undercroft_session::{self as session, WhoKind};

use super::Receive;
use crate::error::UiError;
use crate::view::*;

type Open<'a> = &'a dyn Fn(&Sealed) -> Result<SecretString, UiError>;

/// Reads an id that the backend gave out before.
pub(crate) fn id<T: std::str::FromStr>(text: &str) -> Result<T, UiError> {
    text.parse().map_err(|_| UiError::NoSuchItem)
}

pub(super) fn optional_id<T: std::str::FromStr>(
    text: Option<String>,
) -> Result<Option<T>, UiError> {
    text.as_deref().map(id).transpose()
}

impl Receive<session::AccountDraft> for AccountDraft {
    fn receive(self, _open: Open<'_>) -> Result<session::AccountDraft, UiError> {
        Ok(session::AccountDraft {
            id: optional_id(self.id)?,
            account_id: self.account_id,
            alias: self.alias,
            partition: self.partition,
            name: self.name,
            colour: self.colour,
            production: self.production,
            tags: self.tags,
            notes: self.notes,
            region: self.region,
            sts_endpoint: self.endpoints.sts.unwrap_or_default(),
            iam_endpoint: self.endpoints.iam.unwrap_or_default(),
            sign_in_endpoint: self.endpoints.sign_in.unwrap_or_default(),
        })
    }
}

impl Receive<session::IdentityDraft> for IdentityDraft {
    fn receive(self, _open: Open<'_>) -> Result<session::IdentityDraft, UiError> {
        Ok(session::IdentityDraft {
            id: optional_id(self.id)?,
            account: id(&self.account)?,
            kind: match self.kind {
                IdentityKindView::Root => WhoKind::Root,
                IdentityKindView::IamUser => WhoKind::IamUser,
            },
            name: self.name,
            notes: self.notes,
        })
    }
}

impl Receive<session::DeviceDraft> for DeviceDraft {
    fn receive(self, open: Open<'_>) -> Result<session::DeviceDraft, UiError> {
        Ok(session::DeviceDraft {
            identity: id(&self.identity)?,
            id: optional_id(self.id)?,
            name: self.name,
            serial: self.serial,
            algorithm: self.algorithm,
            digits: self.digits,
            period_secs: self.period_secs,
            secret: self.secret.as_ref().map(open).transpose()?,
        })
    }
}

impl Receive<session::KeyDraft> for KeyDraft {
    fn receive(self, open: Open<'_>) -> Result<session::KeyDraft, UiError> {
        Ok(session::KeyDraft {
            identity: id(&self.identity)?,
            existing: self.existing.as_deref().map(access_key_id).transpose()?,
            id: self.id,
            secret: self.secret.as_ref().map(open).transpose()?,
            state: match self.state {
                KeyStateView::Active => KeyState::Active,
                KeyStateView::Inactive => KeyState::Inactive,
                KeyStateView::Unknown => KeyState::Unknown,
            },
            created_on: self.created_on,
        })
    }
}

impl Receive<session::CustomSecretDraft> for CustomSecretDraft {
    fn receive(self, open: Open<'_>) -> Result<session::CustomSecretDraft, UiError> {
        Ok(session::CustomSecretDraft {
            item: id(&self.item)?,
            id: optional_id(self.id)?,
            label: self.label,
            value: self.value.as_ref().map(open).transpose()?,
        })
    }
}

impl TryFrom<SessionWish> for session::SessionWish {
    type Error = UiError;

    fn try_from(wish: SessionWish) -> Result<Self, UiError> {
        Ok(Self {
            identity: id(&wish.identity)?,
            key: access_key_id(&wish.key)?,
            device: optional_id(wish.device)?,
            duration_secs: wish.duration_secs,
            fresh: wish.fresh,
        })
    }
}

impl TryFrom<CopyTarget> for session::CopyTarget {
    type Error = UiError;

    fn try_from(target: CopyTarget) -> Result<Self, UiError> {
        Ok(match target {
            CopyTarget::AccountId { account } => Self::AccountId {
                account: id(&account)?,
            },
            CopyTarget::Alias { account } => Self::Alias {
                account: id(&account)?,
            },
            CopyTarget::IdentityName { identity } => Self::IdentityName {
                identity: id(&identity)?,
            },
            CopyTarget::SignInUrl { identity } => Self::SignInUrl {
                identity: id(&identity)?,
            },
            CopyTarget::Serial { identity, device } => Self::Serial {
                identity: id(&identity)?,
                device: id(&device)?,
            },
            CopyTarget::Code { identity, device } => Self::Code {
                identity: id(&identity)?,
                device: id(&device)?,
            },
            CopyTarget::NextCode { identity, device } => Self::NextCode {
                identity: id(&identity)?,
                device: id(&device)?,
            },
            CopyTarget::AccessKeyId { identity, key } => Self::AccessKeyId {
                identity: id(&identity)?,
                key: access_key_id(&key)?,
            },
            CopyTarget::MfaPolicy { identity } => Self::MfaPolicy {
                identity: id(&identity)?,
            },
            CopyTarget::Session { session, format } => Self::Session {
                session: session_id(&session)?,
                format: match format {
                    SessionFormat::Sh => session::SessionFormat::Sh,
                    SessionFormat::Fish => session::SessionFormat::Fish,
                    SessionFormat::Powershell => session::SessionFormat::PowerShell,
                    SessionFormat::CredentialsFile => session::SessionFormat::CredentialsFile,
                    SessionFormat::Json => session::SessionFormat::Json,
                },
            },
            CopyTarget::Secret { secret } => Self::Secret(secret.try_into()?),
        })
    }
}

impl TryFrom<SecretRef> for session::SecretRef {
    type Error = UiError;

    fn try_from(secret: SecretRef) -> Result<Self, UiError> {
        Ok(match secret {
            SecretRef::Password { identity } => Self::Password {
                identity: id(&identity)?,
            },
            SecretRef::PastPassword { identity, value } => Self::PastPassword {
                identity: id(&identity)?,
                value: id(&value)?,
            },
            SecretRef::SecretKey { identity, key } => Self::SecretKey {
                identity: id(&identity)?,
                key: access_key_id(&key)?,
            },
            SecretRef::Custom { item, field } => Self::Custom {
                item: id(&item)?,
                field: id(&field)?,
            },
        })
    }
}

/// Reads the id of a cached session that the backend gave out before.
pub(crate) fn session_id(text: &str) -> Result<session::SessionId, UiError> {
    session::SessionId::parse(text).map_err(|_| UiError::NoSuchItem)
}

/// Reads the id of an access key that is filed.
pub(crate) fn access_key_id(text: &str) -> Result<AccessKeyId, UiError> {
    AccessKeyId::parse(text).map_err(|_| UiError::NoSuchItem)
}
