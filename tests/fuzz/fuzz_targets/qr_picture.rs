//! Feeds files and pixels to the reader of QR codes: none may crash it, and none may take long.
//!
//! An even first byte makes the rest a file; an odd one makes it a grey picture, whose width comes next.

#![no_main]

use libfuzzer_sys::fuzz_target;
use undercroft_otp::qr::{Picture, read_codes};

/// Larger pictures are only decoded: reading a code takes long under the instrumentation.
const MOST_PIXELS: u64 = 100_000;

fuzz_target!(|data: &[u8]| {
    let Some((form, rest)) = data.split_first() else {
        return;
    };
    let picture = if form % 2 == 0 {
        Picture::read(rest).ok()
    } else {
        grey(rest)
    };
    let Some(picture) = picture else { return };
    let (width, height) = (picture.width(), picture.height());
    assert!(width > 0 && height > 0);
    if u64::from(width) * u64::from(height) <= MOST_PIXELS {
        for found in read_codes(&picture) {
            assert!(!found.text.is_empty());
            assert!(found.bounds.x <= width && found.bounds.y <= height);
        }
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
