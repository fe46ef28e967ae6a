//! The scan that waits for the user's decision.

use std::time::Duration;

use crate::{ScanError, ScanId, ScannedDevice, SessionError, devices::Typed};

/// How long found seeds wait for being saved.
const KEPT: Duration = Duration::from_secs(5 * 60);

/// The last scan, as long as it may still be saved from.
///
/// It is part of the unlocked vault, so locking drops it. A new scan takes the place of the one before.
#[derive(Default)]
pub(crate) struct PendingScan(Option<Pending>);

struct Pending {
    id: ScanId,
    /// On the monotonic clock.
    until: Duration,
    /// By number; nothing where what was found is no device.
    devices: Vec<Option<Typed>>,
}

impl PendingScan {
    /// Keeps what was found in the place of the scan before.
    pub(crate) fn put(&mut self, devices: Vec<Option<Typed>>, now: Duration) -> ScanId {
        let id = ScanId::new_random();
        self.0 = Some(Pending {
            id,
            until: now + KEPT,
            devices,
        });
        id
    }

    /// A found device.
    pub(crate) fn device(
        &mut self,
        device: ScannedDevice,
        now: Duration,
    ) -> Result<&Typed, SessionError> {
        self.drop_ended(now);
        let pending = self.0.as_ref().filter(|pending| pending.id == device.scan);
        let number = usize::try_from(device.number).unwrap_or(usize::MAX);
        pending
            .and_then(|pending| pending.devices.get(number)?.as_ref())
            .ok_or(SessionError::Scan(ScanError::Gone))
    }

    /// Drops a scan; one that is gone already is no error.
    pub(crate) fn end(&mut self, id: ScanId) {
        self.0.take_if(|pending| pending.id == id);
    }

    /// Drops what has waited too long.
    pub(crate) fn drop_ended(&mut self, now: Duration) {
        self.0.take_if(|pending| pending.until <= now);
    }
}
