//! Feeds pixels to the reader of QR codes: none may crash it, and none may take long.
//!
//! The first byte is the width, each of the others the grey of a module. Files are the target `picture_file`'s.

#![no_main]

use libfuzzer_sys::fuzz_target;
use undercroft_otp::qr::{Picture, read_codes};

/// The most pixels: reading takes long under the instrumentation, and a code of 57 modules has fewer.
const MOST_PIXELS: u64 = 40_000;

fuzz_target!(|data: &[u8]| {
    let Some(picture) = grey(data) else { return };
    let (width, height) = (picture.width(), picture.height());
    if u64::from(width) * u64::from(height) > MOST_PIXELS {
        return;
    }
    for found in read_codes(&picture) {
        assert!(!found.text.is_empty());
        assert!(found.bounds.x <= width && found.bounds.y <= height);
    }
});

/// Paints each byte as a module of three pixels.
fn grey(data: &[u8]) -> Option<Picture> {
    let (width, modules) = data.split_first()?;
    let width = usize::from(*width).max(1);
    let mut pixels = Vec::new();
    for row in modules.chunks_exact(width) {
        for _ in 0..3 {
            for grey in row {
                pixels.extend([*grey, *grey, *grey, 255].repeat(3));
            }
        }
    }
    let height = modules.len() / width * 3;
    Picture::from_rgba(3 * width as u32, height as u32, pixels).ok()
}
