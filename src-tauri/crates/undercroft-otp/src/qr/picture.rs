//! Pictures in memory.

use std::fmt;
use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};

use image::{ColorType, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits};
use zeroize::{Zeroize, Zeroizing};

use super::Region;

/// The most bytes that a file may have.
const MAX_FILE_BYTES: usize = 32 << 20;
/// The most pixels: two screens of 5120 × 2880 and some.
const MAX_PIXELS: u64 = 64_000_000;
/// The most bytes that the pixels of a file may take while they are decoded.
const MAX_DECODED_BYTES: u64 = 4 * MAX_PIXELS;

/// A grey picture in memory.
///
/// It may show a seed, so it is wiped when dropped and its `Debug` shows its size only. Transparent pixels stand on
/// white, or on black where what is drawn on them is light.
#[derive(Clone)]
pub struct Picture {
    width: u32,
    height: u32,
    /// One byte for each pixel, row by row; 0 is black.
    luma: Vec<u8>,
}

impl Picture {
    /// Reads a PNG, JPEG, WebP, GIF or BMP file; what it is, its content tells. Of an animation the first frame is read.
    ///
    /// # Errors
    ///
    /// When the bytes are none of these, are damaged, or are more than is read; sizes are checked before any pixel
    /// is decoded.
    pub fn read(bytes: &[u8]) -> Result<Self, PictureError> {
        if bytes.is_empty() {
            return Err(PictureError::Empty);
        }
        if bytes.len() > MAX_FILE_BYTES {
            return Err(PictureError::FileTooLarge {
                limit: MAX_FILE_BYTES,
            });
        }
        if looks_like_svg(bytes) {
            return Err(PictureError::Svg);
        }
        let format = match image::guess_format(bytes) {
            Ok(
                format @ (ImageFormat::Png
                | ImageFormat::Jpeg
                | ImageFormat::WebP
                | ImageFormat::Gif
                | ImageFormat::Bmp),
            ) => format,
            Ok(_) | Err(_) => return Err(PictureError::UnknownFormat),
        };
        // The decoders are fuzzed, but not ours.
        catch_unwind(AssertUnwindSafe(|| decode(bytes, format)))
            .unwrap_or(Err(PictureError::Damaged))
    }

    /// Takes over the pixels of a screen or a clipboard, four bytes each: red, green, blue, opacity.
    ///
    /// `pixels` is wiped.
    ///
    /// # Errors
    ///
    /// When there is no pixel, too many, or not four bytes for each.
    pub fn from_rgba(width: u32, height: u32, pixels: Vec<u8>) -> Result<Self, PictureError> {
        let pixels = Zeroizing::new(pixels);
        check_size(width, height)?;
        if pixels.len() as u64 != u64::from(width) * u64::from(height) * 4 {
            return Err(PictureError::Damaged);
        }
        Ok(Self {
            width,
            height,
            luma: luma_of_rgba(&pixels),
        })
    }

    /// Returns the width in pixels.
    #[must_use]
    pub const fn width(&self) -> u32 {
        self.width
    }

    /// Returns the height in pixels.
    #[must_use]
    pub const fn height(&self) -> u32 {
        self.height
    }

    /// Cuts out the part of `region` that lies within the picture.
    #[must_use]
    pub fn crop(&self, region: Region) -> Self {
        let Region {
            x,
            y,
            width,
            height,
        } = region.within(self.width, self.height);
        let mut luma = Vec::with_capacity(width as usize * height as usize);
        for row in y..y + height {
            let start = row as usize * self.width as usize + x as usize;
            luma.extend_from_slice(&self.luma[start..start + width as usize]);
        }
        Self {
            width,
            height,
            luma,
        }
    }

    /// Wraps grey pixels; there must be one for each.
    pub(super) fn from_luma(width: u32, height: u32, luma: Vec<u8>) -> Self {
        debug_assert_eq!(luma.len(), width as usize * height as usize);
        Self {
            width,
            height,
            luma,
        }
    }

    /// Lends the grey pixels, row by row.
    pub(super) fn luma(&self) -> &[u8] {
        &self.luma
    }
}

impl Drop for Picture {
    fn drop(&mut self) {
        self.luma.zeroize();
    }
}

impl fmt::Debug for Picture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Picture({} × {}, redacted)", self.width, self.height)
    }
}

/// Why there is no picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PictureError {
    /// A file of no bytes, or a picture of no pixels.
    #[error("the picture is empty")]
    Empty,
    /// None of the formats that are read.
    #[error("not a picture that can be read: PNG, JPEG, WebP, GIF and BMP can")]
    UnknownFormat,
    /// Drawing instructions rather than pixels.
    #[error(
        "an SVG drawing, which has no pixels and could load other files: open it in a browser and scan the screen, \
         or save it as PNG"
    )]
    Svg,
    /// Cut off, or otherwise broken.
    #[error("the picture is damaged or cut off")]
    Damaged,
    /// A file of more bytes than are read.
    #[error("the file has more than {} MiB", limit >> 20)]
    FileTooLarge {
        /// The most bytes that are read.
        limit: usize,
    },
    /// More pixels than are read.
    #[error("the picture has more than {} million pixels", limit / 1_000_000)]
    TooManyPixels {
        /// The most pixels that are read.
        limit: u64,
    },
}

impl PictureError {
    /// Returns a stable code for programs; the text is for people.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Empty => "picture-empty",
            Self::UnknownFormat => "picture-unknown-format",
            Self::Svg => "picture-svg",
            Self::Damaged => "picture-damaged",
            Self::FileTooLarge { .. } => "picture-file-too-large",
            Self::TooManyPixels { .. } => "picture-too-many-pixels",
        }
    }
}

fn decode(bytes: &[u8], format: ImageFormat) -> Result<Picture, PictureError> {
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    let mut limits = Limits::default();
    limits.max_alloc = Some(2 * MAX_DECODED_BYTES);
    reader.limits(limits);
    let decoder = reader.into_decoder().map_err(|error| error_of(&error))?;
    let (width, height) = decoder.dimensions();
    check_size(width, height)?;
    if decoder.total_bytes() > MAX_DECODED_BYTES {
        return Err(PictureError::TooManyPixels { limit: MAX_PIXELS });
    }
    let color = decoder.color_type();
    let mut pixels = Zeroizing::new(vec![0; decoder.total_bytes() as usize]);
    decoder
        .read_image(&mut pixels)
        .map_err(|error| error_of(&error))?;
    let luma = luma_of(&pixels, color).ok_or(PictureError::UnknownFormat)?;
    Ok(Picture {
        width,
        height,
        luma,
    })
}

fn check_size(width: u32, height: u32) -> Result<(), PictureError> {
    match u64::from(width) * u64::from(height) {
        0 => Err(PictureError::Empty),
        1..=MAX_PIXELS => Ok(()),
        _ => Err(PictureError::TooManyPixels { limit: MAX_PIXELS }),
    }
}

/// Drops the decoder's own words: they may repeat what stands in the file.
fn error_of(error: &ImageError) -> PictureError {
    match error {
        ImageError::Unsupported(_) => PictureError::UnknownFormat,
        ImageError::Limits(_) => PictureError::TooManyPixels { limit: MAX_PIXELS },
        ImageError::Decoding(_)
        | ImageError::Encoding(_)
        | ImageError::Parameter(_)
        | ImageError::IoError(_) => PictureError::Damaged,
    }
}

fn looks_like_svg(bytes: &[u8]) -> bool {
    let start = String::from_utf8_lossy(&bytes[..bytes.len().min(4096)]).to_ascii_lowercase();
    let start = start.trim_start_matches(['\u{feff}', ' ', '\t', '\r', '\n']);
    start.starts_with('<') && start.contains("<svg")
}

/// Makes decoded pixels grey; `None` for colours that no format here yields.
fn luma_of(pixels: &[u8], color: ColorType) -> Option<Vec<u8>> {
    // Of 16 bits in native order, the upper 8 are enough to tell dark from light.
    let high = usize::from(cfg!(target_endian = "little"));
    let grey = |size: usize, at: usize| pixels.chunks_exact(size).map(|p| p[at]).collect();
    let rgb = |size: usize, [r, g, b]: [usize; 3]| {
        let pixels = pixels.chunks_exact(size);
        pixels.map(|p| luma_of_rgb(p[r], p[g], p[b])).collect()
    };
    let with_opacity = |size: usize, [r, g, b, a]: [usize; 4]| {
        let pixels = pixels.chunks_exact(size);
        on_ground(pixels.map(|p| (luma_of_rgb(p[r], p[g], p[b]), p[a])))
    };
    match color {
        ColorType::L8 => Some(pixels.to_vec()),
        ColorType::La8 => Some(with_opacity(2, [0, 0, 0, 1])),
        ColorType::Rgb8 => Some(rgb(3, [0, 1, 2])),
        ColorType::Rgba8 => Some(luma_of_rgba(pixels)),
        ColorType::L16 => Some(grey(2, high)),
        ColorType::La16 => Some(with_opacity(4, [high, high, high, 2 + high])),
        ColorType::Rgb16 => Some(rgb(6, [high, 2 + high, 4 + high])),
        ColorType::Rgba16 => Some(with_opacity(8, [high, 2 + high, 4 + high, 6 + high])),
        // No format here has colours of 32 bits.
        ColorType::Rgb32F | ColorType::Rgba32F | _ => None,
    }
}

fn luma_of_rgba(pixels: &[u8]) -> Vec<u8> {
    let pixels = pixels.chunks_exact(4);
    on_ground(pixels.map(|p| (luma_of_rgb(p[0], p[1], p[2]), p[3])))
}

/// Weighs the colours as ITU-R BT.601 does.
fn luma_of_rgb(red: u8, green: u8, blue: u8) -> u8 {
    ((u32::from(red) * 77 + u32::from(green) * 150 + u32::from(blue) * 29) >> 8) as u8
}

/// Puts grey pixels with their opacity on white, or on black where they are light themselves.
fn on_ground(pixels: impl Iterator<Item = (u8, u8)> + Clone) -> Vec<u8> {
    let (light, opacity) = pixels.clone().fold((0_u64, 0_u64), |(light, all), (p, a)| {
        (light + u64::from(p) * u64::from(a), all + u64::from(a))
    });
    let ground = if light > opacity * 224 { 0 } else { 255 };
    pixels
        .map(|(grey, opacity)| {
            let (grey, opacity) = (u32::from(grey), u32::from(opacity));
            ((grey * opacity + ground * (255 - opacity)) / 255) as u8
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limits_themselves_are_allowed() {
        assert_eq!(
            Picture::read(&vec![0; MAX_FILE_BYTES]).unwrap_err(),
            PictureError::UnknownFormat
        );
        let too_large = Picture::read(&vec![0; MAX_FILE_BYTES + 1]).unwrap_err();
        assert_eq!(too_large.to_string(), "the file has more than 32 MiB");
        assert_eq!(check_size(8000, 8000), Ok(()));
        assert_eq!(check_size(64_000_000, 1), Ok(()));
        assert_eq!(check_size(1, 0), Err(PictureError::Empty));
        let too_many = check_size(64_000_001, 1).unwrap_err();
        assert_eq!(
            too_many.to_string(),
            "the picture has more than 64 million pixels"
        );
        assert_eq!(check_size(u32::MAX, u32::MAX), Err(too_many));
    }

    #[test]
    fn a_drawing_begins_with_an_angle_and_says_svg_soon() {
        let spaces = |count: usize| " ".repeat(count);
        for (text, is_svg) in [
            ("<svg>".to_owned(), true),
            ("\u{feff} \t\r\n<SVG>".to_owned(), true),
            ("<html>".to_owned(), false),
            ("see <svg>".to_owned(), false),
            (format!("<x{}<svg>", spaces(4090)), true),
            (format!("<x{}<svg>", spaces(4091)), false),
        ] {
            assert_eq!(looks_like_svg(text.as_bytes()), is_svg, "{}", text.trim());
        }
    }

    #[test]
    fn colours_of_every_depth_weigh_the_same() {
        let (red, green, blue) = (200, 100, 50);
        // By ITU-R BT.601: 0.299, 0.587 and 0.114.
        let grey = (0.299 * 200.0 + 0.587 * 100.0 + 0.114 * 50.0_f64) as u8;
        let on_white = ((u32::from(grey) * 51 + 255 * 204) / 255) as u8;
        let of = |color, pixels: &[u8]| luma_of(pixels, color);
        assert_eq!(of(ColorType::L8, &[7, 9]), Some(vec![7, 9]));
        assert_eq!(
            of(ColorType::La8, &[grey, 255, grey, 51]),
            Some(vec![grey, on_white])
        );
        assert_eq!(
            of(ColorType::Rgb8, &[red, green, blue, 7, 7, 7]),
            Some(vec![grey, 7])
        );
        let rgba = [red, green, blue, 255, red, green, blue, 51];
        assert_eq!(of(ColorType::Rgba8, &rgba), Some(vec![grey, on_white]));
        let deep = |values: &[u8]| {
            let values = values.iter().map(|high| u16::from_be_bytes([*high, 0x99]));
            values.flat_map(u16::to_ne_bytes).collect::<Vec<_>>()
        };
        assert_eq!(of(ColorType::L16, &deep(&[7, 9])), Some(vec![7, 9]));
        assert_eq!(
            of(ColorType::La16, &deep(&[grey, 255, grey, 51])),
            Some(vec![grey, on_white])
        );
        assert_eq!(
            of(ColorType::Rgb16, &deep(&[red, green, blue, 7, 7, 7])),
            Some(vec![grey, 7])
        );
        assert_eq!(
            of(ColorType::Rgba16, &deep(&rgba)),
            Some(vec![grey, on_white])
        );
        assert_eq!(of(ColorType::Rgb32F, &[0; 12]), None);
    }

    #[test]
    fn light_ink_stands_on_black_and_other_ink_on_white() {
        let on = |pixels: &[(u8, u8)]| on_ground(pixels.iter().copied());
        assert_eq!(on(&[(0, 255), (0, 0)]), [0, 255]);
        assert_eq!(on(&[(255, 255), (255, 0)]), [255, 0]);
        assert_eq!(on(&[(225, 255), (0, 0)]), [225, 0]);
        assert_eq!(on(&[(224, 255), (0, 0)]), [224, 255]);
        // By what is seen of it, not by what is hidden.
        assert_eq!(on(&[(0, 255), (255, 0), (255, 0)]), [0, 255, 255]);
        // What hides all of the ground stays as it is.
        assert_eq!(on(&[(0, 255), (7, 255)]), [0, 7]);
        assert_eq!(on(&[(255, 255), (254, 255)]), [255, 254]);
        assert_eq!(on(&[(100, 51)]), [((100 * 51 + 255 * 204) / 255) as u8]);
        assert_eq!(on(&[(250, 51)]), [50]);
    }

    #[test]
    fn a_part_has_the_pixels_that_stood_there() {
        let picture = Picture::from_luma(5, 4, (0..20).collect());
        let crop = |x, y, width, height| {
            let part = picture.crop(Region {
                x,
                y,
                width,
                height,
            });
            (part.width(), part.height(), part.luma().to_vec())
        };
        assert_eq!(crop(1, 2, 3, 2), (3, 2, vec![11, 12, 13, 16, 17, 18]));
        assert_eq!(crop(3, 0, 9, 2), (2, 2, vec![3, 4, 8, 9]));
        assert_eq!(crop(0, 3, 2, 9), (2, 1, vec![15, 16]));
        assert_eq!(crop(5, 4, 1, 1), (0, 0, vec![]));
    }
}
