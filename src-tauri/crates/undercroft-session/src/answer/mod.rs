//! What the session answers: plain values without secrets.
//!
//! The exceptions are named: [`DeviceCodes`] holds two codes, worth nothing after their time steps, and
//! [`RecoveryKit`] the recovery key that is shown once.

mod account;
mod bin;
mod code;
mod enrolment;
mod identity;
mod live;
mod notice;
mod profile;
mod quick;
mod scan;
mod vault;

pub use account::{AccountDetails, AccountRow, CustomSecretRow, Hit, HitProfile, Overview};
pub use bin::{BinRow, BinnedKind, HistoryRow};
pub use code::{Copied, DeviceCodes, SeedPreview};
pub use enrolment::{EnrolmentAnswer, EnrolmentCode, EnrolmentTurn};
pub use identity::{
    Caller, DeviceDetails, IdentityDetails, IdentityRow, KeyDetails, PastPasswordRow,
    SessionLimits, SignOnDetails,
};
pub use live::{LiveSession, SessionAnswer, SessionId};
pub use notice::Notice;
pub use profile::{
    Credentials, CredentialsAnswer, ProfileDetails, ProfileRow, Way, WayKey, WayLimit, WayStep,
};
pub use quick::{QuickAccount, QuickAnswer, QuickIdentity, QuickList, SignInStep};
pub use scan::{Found, OtherCode, ScanAnswer, ScanId, ScannedDevice};
pub use vault::{
    BackupRow, CheckReport, ClockOffset, RecoveryKit, Status, Strength, VaultDetails, VaultState,
};
