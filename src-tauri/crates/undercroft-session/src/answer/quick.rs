//! What the tray menu and quick search offer at a click, without secrets.

use undercroft_model::{AccessKeyId, DeviceId};

use super::{AccountRow, Copied, IdentityRow, LiveSession, SessionId};

/// An identity with what a click on it means.
#[derive(Clone, Debug, PartialEq)]
pub struct QuickIdentity {
    /// Its account.
    pub account: AccountRow,
    /// Its row.
    pub row: IdentityRow,
    /// The MFA device whose codes are copied: the first that is enabled.
    pub device: Option<DeviceId>,
    /// The access key that is copied and signs: the first active one.
    pub key: Option<AccessKeyId>,
    /// The live session that ends last.
    pub session: Option<SessionId>,
}

/// An account with its identities.
#[derive(Clone, Debug, PartialEq)]
pub struct QuickAccount {
    /// Its row.
    pub row: AccountRow,
    /// Its identities, the root user first, then by name.
    pub identities: Vec<QuickIdentity>,
}

/// What the tray menu lists.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct QuickList {
    /// Pinned identities in the user's order, then recent ones, the latest first.
    pub first: Vec<QuickIdentity>,
    /// The identities besides, by account.
    pub accounts: Vec<QuickAccount>,
    /// How many identities found no place.
    pub left_out: usize,
    /// The live sessions, those that end first in front.
    pub live: Vec<LiveSession>,
}

/// One thing to do at AWS's sign-in page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignInStep {
    /// Open the page.
    OpenPage,
    /// Paste the account's alias, or its id where it has none: an IAM user names its account.
    AccountName,
    /// Paste the root user's email.
    Email,
    /// Paste the IAM user's name.
    UserName,
    /// Paste the password.
    Password,
    /// Paste a code of the MFA device.
    Code,
}

/// What came of a wish to copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QuickAnswer {
    /// It is on the clipboard.
    Copied(Copied),
    /// A session needs a code that is not there yet; ask again then.
    Wait {
        /// Seconds until the next code begins.
        secs: u32,
    },
}
