//! A camera before which the user holds the code.
//!
//! There is no picture of it on the page: that would be the seed's picture in a web process. The frames go from the
//! device to the decoder, and the first code ends it.

#[cfg(target_os = "linux")]
mod v4l;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use undercroft_otp::qr::Picture;
use undercroft_session::{PictureSource, ScanError};

/// How long a code may take to come before the camera.
const PATIENCE: Duration = Duration::from_secs(60);

/// A camera, or what a test has recorded of one.
pub(crate) trait Camera: Send + 'static {
    /// Waits a moment for the next frame; nothing when none has come.
    ///
    /// # Errors
    ///
    /// [`ScanError::NoCamera`] when none comes any more.
    fn frame(&mut self) -> Result<Option<Picture>, ScanError>;
}

/// The frames of the system's first camera, until a code is found, nobody wants it any more, or a minute has passed.
pub(crate) struct CameraFrames {
    /// Opened with the first frame.
    camera: Option<Box<dyn Camera>>,
    wanted: Arc<AtomicBool>,
    until: Instant,
}

impl CameraFrames {
    /// Frames as long as `wanted` stays true.
    pub(crate) fn new(wanted: Arc<AtomicBool>) -> Self {
        Self {
            camera: None,
            wanted,
            until: Instant::now() + PATIENCE,
        }
    }
}

impl PictureSource for CameraFrames {
    fn take(&mut self) -> Result<Vec<Picture>, ScanError> {
        if !self.wanted.load(Ordering::Acquire) {
            return Err(ScanError::Cancelled);
        }
        if Instant::now() > self.until {
            return Err(ScanError::Timeout);
        }
        let camera = match &mut self.camera {
            Some(camera) => camera,
            closed @ None => closed.insert(open()?),
        };
        Ok(camera.frame()?.into_iter().collect())
    }

    fn is_live(&self) -> bool {
        true
    }
}

/// What is missing for using a camera; nothing where there is one.
pub(super) fn missing() -> Option<String> {
    #[cfg(target_os = "linux")]
    return v4l::missing();
    #[cfg(not(target_os = "linux"))]
    return Some("Cameras are read on Linux only".to_owned());
}

fn open() -> Result<Box<dyn Camera>, ScanError> {
    #[cfg(target_os = "linux")]
    return Ok(Box::new(v4l::V4lCamera::first()?));
    #[cfg(not(target_os = "linux"))]
    return Err(ScanError::NoCamera {
        detail: "cameras are read on Linux only".to_owned(),
    });
}

#[cfg(test)]
mod tests {
    use undercroft_otp::qr::{draw, read_codes};
    use undercroft_secret::SecretString;

    use super::*;

    const URI: &str = "otpauth://totp/AWS:jane?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";

    /// Shows nothing for some frames, and then one code.
    struct Recorded {
        empty: usize,
    }

    impl Camera for Recorded {
        fn frame(&mut self) -> Result<Option<Picture>, ScanError> {
            let Some(left) = self.empty.checked_sub(1) else {
                let text = SecretString::copy_of(URI);
                return Ok(Some(draw(&text).unwrap().to_picture(4)));
            };
            self.empty = left;
            if left % 2 == 0 {
                return Ok(None);
            }
            super::super::file::of_rgba(64, 48, vec![200; 64 * 48 * 4]).map(Some)
        }
    }

    fn frames(wanted: bool) -> CameraFrames {
        CameraFrames {
            camera: Some(Box::new(Recorded { empty: 3 })),
            ..CameraFrames::new(Arc::new(AtomicBool::new(wanted)))
        }
    }

    #[test]
    fn frames_come_until_one_holds_a_code() {
        let mut source = frames(true);
        assert!(source.is_live());
        let mut empty = 0;
        let found = loop {
            let frame = source.take().unwrap();
            let codes: Vec<_> = frame.iter().flat_map(read_codes).collect();
            if let Some(code) = codes.into_iter().next() {
                break code;
            }
            empty += 1;
        };
        assert_eq!(empty, 3);
        assert_eq!(found.text.expose(), URI);
    }

    #[test]
    fn a_camera_that_nobody_wants_is_closed() {
        assert_eq!(frames(false).take().unwrap_err(), ScanError::Cancelled);
        let mut late = frames(true);
        late.until = Instant::now() - Duration::from_secs(1);
        assert_eq!(late.take().unwrap_err(), ScanError::Timeout);
    }
}
