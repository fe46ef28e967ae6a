//! Cameras of Linux, through Video4Linux.

use std::time::Duration;

use linuxvideo::format::{PixFormat, PixelFormat};
use linuxvideo::stream::ReadStream;
use linuxvideo::{BufType, CapabilityFlags, Device};
use undercroft_otp::qr::Picture;
use undercroft_session::ScanError;

use super::Camera;

/// Enough for a code that fills a third of the picture, and every camera has it.
const WIDTH: u32 = 1280;
const HEIGHT: u32 = 720;
/// Thirty frames a second come from most cameras.
const BETWEEN_FRAMES: Duration = Duration::from_millis(15);

/// The first camera that gives a format that is read here.
pub(super) struct V4lCamera {
    stream: ReadStream,
    kind: PixelFormat,
    width: u32,
    height: u32,
    bytes_per_line: u32,
}

impl V4lCamera {
    pub(super) fn first() -> Result<Self, ScanError> {
        let mut refused = None;
        for device in cameras() {
            match Self::of(device) {
                Ok(camera) => return Ok(camera),
                Err(error) => refused = Some(error),
            }
        }
        Err(refused.unwrap_or_else(|| none("no camera is connected")))
    }

    fn of(device: Device) -> Result<Self, ScanError> {
        let offered: Vec<PixelFormat> = device
            .formats(BufType::VIDEO_CAPTURE)
            .filter_map(|format| Some(format.ok()?.pixel_format()))
            .collect();
        let known = [PixelFormat::YUYV, PixelFormat::MJPG, PixelFormat::JPEG];
        let wanted = known.into_iter().find(|format| offered.contains(format));
        let wanted =
            wanted.ok_or_else(|| none("the camera gives none of the formats YUYV and JPEG"))?;
        let capture = device
            .video_capture(PixFormat::new(WIDTH, HEIGHT, wanted))
            .map_err(none)?;
        let format = capture.format();
        let (kind, width, height) = (format.pixel_format(), format.width(), format.height());
        let bytes_per_line = format.bytes_per_line();
        Ok(Self {
            stream: capture.into_stream().map_err(none)?,
            kind,
            width,
            height,
            bytes_per_line,
        })
    }
}

impl Camera for V4lCamera {
    fn frame(&mut self) -> Result<Option<Picture>, ScanError> {
        // Reading would wait for ever for a camera that has gone to sleep.
        if self.stream.will_block().map_err(none)? {
            std::thread::sleep(BETWEEN_FRAMES);
            return Ok(None);
        }
        let mut bytes = Vec::new();
        self.stream
            .dequeue(|buffer| {
                bytes.extend_from_slice(&buffer);
                Ok(())
            })
            .map_err(none)?;
        if self.kind != PixelFormat::YUYV {
            return super::super::file::of_bytes(&bytes).map(Some);
        }
        let sides = [self.width, self.height, self.bytes_per_line].map(usize_of);
        let rgba =
            rgba_of_yuyv(&bytes, sides).ok_or_else(|| none("the camera's picture is cut off"))?;
        super::super::file::of_rgba(self.width, self.height, rgba).map(Some)
    }
}

/// What is missing; nothing where a camera is connected and may be used.
pub(super) fn missing() -> Option<String> {
    if cameras().next().is_some() {
        return None;
    }
    let has_nodes = std::fs::read_dir("/dev").is_ok_and(|mut entries| {
        entries.any(|entry| {
            entry.is_ok_and(|entry| entry.file_name().to_string_lossy().starts_with("video"))
        })
    });
    let why = if has_nodes {
        "A camera is there, but this user may not read it (group video)"
    } else {
        "No camera is connected"
    };
    Some(why.to_owned())
}

fn cameras() -> impl Iterator<Item = Device> {
    linuxvideo::list()
        .into_iter()
        .flatten()
        .filter_map(Result::ok)
        .filter(|device| {
            device.capabilities().is_ok_and(|can| {
                can.device_capabilities()
                    .contains(CapabilityFlags::VIDEO_CAPTURE | CapabilityFlags::STREAMING)
            })
        })
}

fn none(error: impl std::fmt::Display) -> ScanError {
    ScanError::NoCamera {
        detail: error.to_string(),
    }
}

fn usize_of(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// The brightness of each pixel: a code is black and white. Two pixels take four bytes, `Y0 U Y1 V`.
fn rgba_of_yuyv(bytes: &[u8], [width, height, stride]: [usize; 3]) -> Option<Vec<u8>> {
    let stride = stride.max(width.checked_mul(2)?);
    let mut rgba = Vec::with_capacity(width.checked_mul(height)?.checked_mul(4)?);
    for row in 0..height {
        let start = row.checked_mul(stride)?;
        let line = bytes.get(start..start.checked_add(width * 2)?)?;
        for &[luma, _] in line.as_chunks::<2>().0 {
            rgba.extend_from_slice(&[luma, luma, luma, u8::MAX]);
        }
    }
    Some(rgba)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brightness_is_read_row_by_row() {
        let bytes = [10, 0, 20, 0, 99, 99, 30, 0, 40, 0, 99, 99];
        let rgba = rgba_of_yuyv(&bytes, [2, 2, 6]).unwrap();
        let lumas: Vec<u8> = rgba.iter().step_by(4).copied().collect();
        assert_eq!(lumas, [10, 20, 30, 40]);
        assert!(rgba_of_yuyv(&bytes, [2, 3, 6]).is_none(), "cut off");
        assert!(rgba_of_yuyv(&[], [usize::MAX, 2, 6]).is_none());
    }
}
