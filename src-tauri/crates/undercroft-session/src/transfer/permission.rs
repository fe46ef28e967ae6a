//! The master password, asked again before a secret leaves the vault in a file or a picture.

use std::time::Duration;

use undercroft_secret::SecretString;

use super::{ArchiveFormat, DeviceRef, ExportFormat};
use crate::{Session, SessionError, unlocked::Unlocked};

/// How long a permission may wait for its use.
const LASTS: Duration = Duration::from_secs(60);

/// What needs the master password again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Guarded {
    /// Showing the QR code of a device.
    ShowQr {
        /// The device.
        device: DeviceRef,
    },
    /// Writing devices into files.
    Export {
        /// The devices, in their order.
        devices: Vec<DeviceRef>,
        /// The kind of file.
        format: ExportFormat,
    },
    /// Writing everything into a file.
    ExportAll {
        /// The kind of file.
        format: ArchiveFormat,
    },
}

/// The right to do one thing once.
#[derive(Debug)]
pub(crate) struct Permission {
    guarded: Guarded,
    pub(super) until: Duration,
}

impl Session {
    /// Permits one thing, once and within a minute, after the master password was typed again.
    ///
    /// # Errors
    /// [`SessionError::WrongPassword`], with the seconds to wait before the next try.
    pub async fn permit(
        &self,
        guarded: Guarded,
        password: SecretString,
    ) -> Result<(), SessionError> {
        self.act(move |open| {
            open.demand_password(&password)?;
            let until = open.shared.clock.monotonic() + LASTS;
            open.transfers.permission = Some(Permission { guarded, until });
            Ok(())
        })
        .await
    }
}

impl Unlocked {
    /// Uses the permission up, whether or not it is for this.
    pub(super) fn demand_permission(&mut self, guarded: &Guarded) -> Result<(), SessionError> {
        let now = self.shared.clock.monotonic();
        match self.transfers.permission.take() {
            Some(permission) if permission.until > now && permission.guarded == *guarded => Ok(()),
            Some(_) | None => Err(SessionError::NotPermitted),
        }
    }
}
