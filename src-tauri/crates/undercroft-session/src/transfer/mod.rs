//! Taking MFA devices, or everything, into the vault and out of it.
//!
//! What is read from files waits here, in Rust, while the user decides; locking, giving up and ten minutes end it.
//! What leaves the vault needs the master password typed again: a [`Permission`](permission::Permission) is for one
//! thing, once, within a minute.

mod apply;
mod archive;
mod export;
mod import;
mod permission;
mod vault_file;

use std::time::Duration;

use undercroft_otp::OtpAuth;

pub use apply::{ImportChoice, ImportReport, ImportTarget};
use archive::PendingArchive;
pub use archive::{
    ArchiveCounts, ArchiveExport, ArchiveFormat, ArchivePreview, ArchiveReport, ArchiveRow,
};
pub use export::{DeviceRef, ExportFormat, ExportedFile, ShownQr};
pub use import::{ImportFile, ImportPreview, ImportRow, ImportStatus};
pub use permission::Guarded;
use permission::Permission;

/// How long devices that were read from files wait for the user's decision.
const WAITS: Duration = Duration::from_secs(600);

/// What waits for the user.
#[derive(Debug, Default)]
pub(crate) struct Transfers {
    pending: Option<Pending>,
    closed: Option<Closed>,
    archive: Option<PendingArchive>,
    closed_archive: Option<Closed>,
    permission: Option<Permission>,
    last_id: u32,
}

/// Devices that were read from files and are not in the vault yet.
#[derive(Debug)]
struct Pending {
    id: u32,
    /// By the rows' index; nothing where the row can't be taken over.
    devices: Vec<Option<Device>>,
    until: Duration,
}

/// A device that was read, and whose it is, where the file says so.
#[derive(Debug)]
struct Device {
    out: OtpAuth,
    owner: Option<vault_file::Owner>,
}

/// Files that need a password before they can be read.
#[derive(Debug)]
struct Closed {
    files: Vec<ImportFile>,
    until: Duration,
}

impl Transfers {
    /// Gives up what was read, and the files that wait for their password.
    fn give_up(&mut self) {
        self.pending = None;
        self.closed = None;
        self.archive = None;
        self.closed_archive = None;
    }

    /// Drops what has waited for too long; `now` is the monotonic time.
    pub(crate) fn expire(&mut self, now: Duration) {
        self.pending.take_if(|pending| pending.until <= now);
        self.closed.take_if(|closed| closed.until <= now);
        self.archive.take_if(|pending| pending.until <= now);
        self.closed_archive.take_if(|closed| closed.until <= now);
        self.permission
            .take_if(|permission| permission.until <= now);
    }
}
