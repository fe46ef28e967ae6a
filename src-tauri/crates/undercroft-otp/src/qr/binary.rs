//! Deciding which pixels are dark.

use rxing::common::{BitMatrix, HybridBinarizer};
use rxing::{Binarizer, Luma8Source};

use super::Picture;
use super::pixels::for_each_mean;

/// Decides block by block, as ZXing does: fast, and best for sharp codes of good contrast.
pub(super) fn by_blocks(picture: &Picture) -> Option<BitMatrix> {
    let source =
        Luma8Source::new_with_slice(picture.luma(), picture.width(), picture.height()).ok()?;
    let binarizer = HybridBinarizer::new(source);
    binarizer.get_black_matrix().ok().cloned()
}

/// Compares each pixel with the mean of its surroundings, which brings out what is pale, unevenly lit or blurred.
///
/// Returns the pixels that are darker than their surroundings, and those that are lighter: a code in reverse.
pub(super) fn by_surroundings(
    picture: &Picture,
    radius: usize,
    margin: u8,
) -> Option<[BitMatrix; 2]> {
    let (width, height) = (picture.width(), picture.height());
    let mut darker = BitMatrix::new(width, height).ok()?;
    let mut lighter = BitMatrix::new(width, height).ok()?;
    let (mut x, mut y) = (0, 0);
    for_each_mean(picture, radius, |pixel, mean| {
        if pixel < mean.saturating_sub(margin) {
            darker.set(x, y);
        } else if pixel > mean.saturating_add(margin) {
            lighter.set(x, y);
        }
        x += 1;
        if x == width {
            (x, y) = (0, y + 1);
        }
    });
    Some([darker, lighter])
}

/// Decides by one threshold, within `inside` only; everything outside counts as light.
pub(super) fn by_threshold(
    picture: &Picture,
    is_dark: impl Fn(u8) -> bool,
    margin: u32,
) -> Option<BitMatrix> {
    let (width, height) = (picture.width(), picture.height());
    let mut matrix = BitMatrix::new(width + 2 * margin, height + 2 * margin).ok()?;
    let rows = picture.luma().chunks_exact(width as usize);
    for (row, y) in rows.zip(margin..) {
        for (pixel, x) in row.iter().zip(margin..) {
            if is_dark(*pixel) {
                matrix.set(x, y);
            }
        }
    }
    Some(matrix)
}

/// Finds the grey that parts a picture's dark pixels from its light ones best (Otsu 1979).
pub(super) fn best_threshold(picture: &Picture) -> u8 {
    let mut histogram = [0_u32; 256];
    for pixel in picture.luma() {
        histogram[usize::from(*pixel)] += 1;
    }
    let all = picture.luma().len() as f64;
    let weighted: f64 = histogram
        .iter()
        .zip(0..)
        .map(|(n, grey)| f64::from(*n) * f64::from(grey))
        .sum();
    let (mut below, mut weighted_below) = (0.0, 0.0);
    let (mut best, mut best_variance) = (128, 0.0);
    for (count, grey) in histogram.iter().zip(0_u8..) {
        below += f64::from(*count);
        weighted_below += f64::from(*count) * f64::from(grey);
        let above = all - below;
        if below > 0.0 && above > 0.0 {
            let difference = weighted_below / below - (weighted - weighted_below) / above;
            let variance = below * above * difference * difference;
            if variance > best_variance {
                (best, best_variance) = (grey, variance);
            }
        }
    }
    best
}
