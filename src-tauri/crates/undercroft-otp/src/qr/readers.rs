//! The two decoders, made safe to call.

use std::panic::{AssertUnwindSafe, catch_unwind};

use rqrr::PreparedImage;
use rxing::common::HybridBinarizer;
use rxing::multi::MultipleBarcodeReader;
use rxing::qrcode::cpp_port::QrReader;
use rxing::{BarcodeFormat, BinaryBitmap, DecodeHints, Luma8Source};
use undercroft_secret::SecretString;

use super::{Found, Picture, Region};

/// Reads with rxing, which is good at many codes, odd sizes and damage.
pub(super) fn with_rxing(picture: &Picture) -> Vec<Found> {
    guarded(|| {
        let (width, height) = (picture.width(), picture.height());
        let source = Luma8Source::new_with_slice(picture.luma(), width, height).ok()?;
        let mut bitmap = BinaryBitmap::new(HybridBinarizer::new(source));
        let hints = DecodeHints {
            TryHarder: Some(true),
            PossibleFormats: Some([BarcodeFormat::QR_CODE].into()),
            ..DecodeHints::default()
        };
        let results = QrReader
            .decode_multiple_with_hints(&mut bitmap, &hints)
            .ok()?;
        let found = results.iter().map(|result| Found {
            text: SecretString::copy_of(result.getText()),
            bounds: Region::around(
                result.getPoints().iter().map(|point| (point.x, point.y)),
                width,
                height,
            ),
        });
        Some(found.collect())
    })
}

/// Reads with rqrr, which is good at perspective.
pub(super) fn with_rqrr(picture: &Picture) -> Vec<Found> {
    guarded(|| {
        let (width, height) = (picture.width() as usize, picture.height() as usize);
        let luma = picture.luma();
        let mut prepared =
            PreparedImage::prepare_from_greyscale(width, height, |x, y| luma[y * width + x]);
        let found = prepared.detect_grids().into_iter().filter_map(|grid| {
            let (_, text) = grid.decode().ok()?;
            let corners = grid.bounds.map(|point| (point.x as f32, point.y as f32));
            Some(Found {
                text: SecretString::new(text),
                bounds: Region::around(corners, picture.width(), picture.height()),
            })
        });
        Some(found.collect())
    })
}

/// Takes a decoder's panic for nothing found.
fn guarded(read: impl FnOnce() -> Option<Vec<Found>>) -> Vec<Found> {
    let found = catch_unwind(AssertUnwindSafe(read)).ok().flatten();
    found
        .unwrap_or_default()
        .into_iter()
        .filter(|found| !found.text.is_empty())
        .collect()
}
