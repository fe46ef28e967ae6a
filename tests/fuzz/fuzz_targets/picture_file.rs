//! Feeds files to the decoders of pictures: none may crash them, and what they yield is a picture.

#![no_main]

use libfuzzer_sys::fuzz_target;
use undercroft_otp::qr::{Picture, Region};

fuzz_target!(|data: &[u8]| {
    let Ok(picture) = Picture::read(data) else {
        return;
    };
    let (width, height) = (picture.width(), picture.height());
    assert!(width > 0 && height > 0);
    let part = picture.crop(Region {
        x: width / 2,
        y: height / 2,
        width,
        height,
    });
    assert_eq!(
        (part.width(), part.height()),
        (width - width / 2, height - height / 2)
    );
});
