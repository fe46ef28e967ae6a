//! The screen on Windows and macOS.

use undercroft_otp::qr::Picture;
use undercroft_session::ScanError;
use xcap::Monitor;

/// A picture of each monitor.
pub(super) fn monitors() -> Result<Vec<Picture>, ScanError> {
    let monitors = Monitor::all().map_err(failed)?;
    let take = |monitor: &Monitor| {
        let image = monitor.capture_image().map_err(failed)?;
        super::file::of_rgba(image.width(), image.height(), image.into_raw())
    };
    monitors.iter().map(take).collect()
}

fn failed(error: xcap::XCapError) -> ScanError {
    ScanError::NoScreen {
        detail: error.to_string(),
    }
}
