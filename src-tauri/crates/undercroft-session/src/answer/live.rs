//! Temporary credentials that are at hand, without the credentials.

use std::fmt;

use undercroft_aws::SessionKeyId;
use undercroft_model::{
    AccessKeyId, DeviceId, IdError, IdentityKind, ItemId, ProfileName, Region, RoleArn, Timestamp,
};

use super::AccountRow;
use crate::SessionKind;

/// Names a cached session on this machine.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(transparent)]
pub struct SessionId(ItemId);

impl SessionId {
    /// Draws a new id.
    pub(crate) fn new_random() -> Self {
        Self(ItemId::new_random())
    }

    /// Reads 32 hexadecimal characters.
    ///
    /// # Errors
    /// When the text is not such an id.
    pub fn parse(text: &str) -> Result<Self, IdError> {
        ItemId::parse(text).map(Self)
    }
}

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SessionId({})", self.0)
    }
}

/// A live session, without its credentials.
#[derive(Clone, Debug, PartialEq)]
pub struct LiveSession {
    /// The session.
    pub id: SessionId,
    /// The row of the account in which it acts.
    pub account: AccountRow,
    /// What made it.
    pub kind: SessionKind,
    /// The profile that it was made for, where it was one.
    pub profile: Option<(ItemId, ProfileName)>,
    /// The role that it acts as.
    pub role: Option<RoleArn>,
    /// The identity whose key stands at the beginning; nobody's for a web identity.
    pub identity: Option<ItemId>,
    /// Root user or IAM user, with the name that it signs in with.
    pub identity_kind: Option<IdentityKind>,
    /// The long-term key that it was made from.
    pub key: Option<AccessKeyId>,
    /// The temporary access key id.
    pub access_key_id: SessionKeyId,
    /// The MFA device whose code was given, where one was.
    pub device: Option<DeviceId>,
    /// When it was made.
    pub started_at: Timestamp,
    /// When it ends, by AWS's clock.
    pub expires_at: Timestamp,
    /// Seconds until then.
    pub expires_in_secs: u32,
    /// The duration that was asked for.
    pub duration_secs: u32,
    /// The region that was asked.
    pub region: Region,
}

/// What came of a wish for a session.
#[derive(Clone, Debug, PartialEq)]
pub enum SessionAnswer {
    /// Here it is.
    Ready {
        /// The session.
        session: Box<LiveSession>,
        /// Whether it was at hand already.
        cached: bool,
    },
    /// No unused code is there yet; ask again then.
    Wait {
        /// Seconds until the next code begins.
        secs: u32,
    },
}
