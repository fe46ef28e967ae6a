//! Drawing QR codes.

use std::fmt::{self, Write};
use std::io::Cursor;

use image::{ExtendedColorType, ImageEncoder, codecs::png::PngEncoder};
use qrcode::{Color, EcLevel, QrCode};
use undercroft_secret::{SecretBytes, SecretString};

use super::Picture;

/// The light modules that must surround a code (ISO/IEC 18004 section 9.1).
const QUIET_ZONE: usize = 4;
/// The most pixels of a module's side.
const MAX_SCALE: u8 = 32;

/// A QR code as dark and light modules.
///
/// Wiped when dropped; its `Debug` shows its size only.
pub struct QrDrawing {
    size: usize,
    /// One byte for each module, row by row; 1 is dark.
    modules: SecretBytes,
}

/// Draws the QR code of a text.
///
/// # Errors
///
/// [`DrawError::TooLong`] when no code holds it.
pub fn draw(text: &SecretString) -> Result<QrDrawing, DrawError> {
    // Exposed into the code, which is as secret.
    let bytes = text.expose().as_bytes();
    let code = [EcLevel::M, EcLevel::L]
        .into_iter()
        .find_map(|level| QrCode::with_error_correction_level(bytes, level).ok())
        .ok_or(DrawError::TooLong)?;
    let size = code.width();
    // Wiped as the drawing is; the crate's own buffers go back to the allocator.
    let modules = code
        .into_colors()
        .iter()
        .map(|color| u8::from(*color == Color::Dark))
        .collect::<Vec<_>>();
    Ok(QrDrawing {
        size,
        modules: SecretBytes::new(modules),
    })
}

impl QrDrawing {
    /// Returns the number of modules of a side, without the quiet zone.
    #[must_use]
    pub const fn size(&self) -> usize {
        self.size
    }

    /// Tells whether a module is dark; those outside are light.
    #[must_use]
    pub fn is_dark(&self, x: usize, y: usize) -> bool {
        x < self.size && y < self.size && self.modules.expose()[y * self.size + x] == 1
    }

    /// Returns the number of modules of a side with the quiet zone: the drawing's view box is `0 0 side side`.
    #[must_use]
    pub const fn side(&self) -> usize {
        self.size + 2 * QUIET_ZONE
    }

    /// Returns the dark modules as the `d` of an SVG path, one unit for each module, the quiet zone included.
    #[must_use]
    pub fn svg_path(&self) -> SecretString {
        // Each run of dark modules is `M123 123h123v1h-123z`; it never grows beyond that.
        let mut path = String::with_capacity(self.runs().count() * 20);
        for (x, y, length) in self.runs() {
            let (x, y) = (x + QUIET_ZONE, y + QUIET_ZONE);
            // Writing to a string cannot fail.
            let _ = write!(path, "M{x} {y}h{length}v1h-{length}z");
        }
        SecretString::new(path)
    }

    /// Paints the code with its quiet zone, each module `scale` pixels wide (1 to 32).
    #[must_use]
    pub fn to_picture(&self, scale: u8) -> Picture {
        let scale = usize::from(scale.clamp(1, MAX_SCALE));
        let side = self.side() * scale;
        let mut luma = vec![255; side * side];
        for (x, y, length) in self.runs() {
            let left = (x + QUIET_ZONE) * scale;
            for row in (y + QUIET_ZONE) * scale..(y + QUIET_ZONE + 1) * scale {
                luma[row * side + left..row * side + left + length * scale].fill(0);
            }
        }
        Picture::from_luma(side as u32, side as u32, luma)
    }

    /// Paints the code as a PNG file.
    #[must_use]
    pub fn to_png(&self, scale: u8) -> SecretBytes {
        let picture = self.to_picture(scale);
        // Room for the pixels as they are, so that the buffer never moves.
        let mut file = Cursor::new(Vec::with_capacity(picture.luma().len() + 4096));
        let written = PngEncoder::new(&mut file).write_image(
            picture.luma(),
            picture.width(),
            picture.height(),
            ExtendedColorType::L8,
        );
        debug_assert!(written.is_ok(), "memory can be written to");
        SecretBytes::new(file.into_inner())
    }

    /// Lists the runs of dark modules: where each begins, and its length.
    fn runs(&self) -> impl Iterator<Item = (usize, usize, usize)> {
        (0..self.size).flat_map(move |y| {
            let mut x = 0;
            std::iter::from_fn(move || {
                while x < self.size && !self.is_dark(x, y) {
                    x += 1;
                }
                let start = x;
                while self.is_dark(x, y) {
                    x += 1;
                }
                (x > start).then_some((start, y, x - start))
            })
        })
    }
}

impl fmt::Debug for QrDrawing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "QrDrawing({0} × {0}, redacted)", self.size)
    }
}

/// Why a text cannot be drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DrawError {
    /// More bytes than the largest code holds.
    #[error("the text is longer than a QR code holds")]
    TooLong,
}

impl DrawError {
    /// Returns a stable code for programs; the text is for people.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TooLong => "qr-too-long",
        }
    }
}
