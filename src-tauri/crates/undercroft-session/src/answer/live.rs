//! Temporary credentials that are at hand, without the credentials.

use std::fmt;

use undercroft_aws::SessionKeyId;
use undercroft_model::{AccessKeyId, DeviceId, IdError, IdentityKind, ItemId, Region, Timestamp};

use super::AccountRow;

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
    /// The account's row.
    pub account: AccountRow,
    /// The identity's item.
    pub identity: ItemId,
    /// Root user or IAM user, with the name that it signs in with.
    pub identity_kind: IdentityKind,
    /// The long-term key that it was made from.
    pub key: AccessKeyId,
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
