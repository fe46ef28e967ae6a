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

/// Decides pixel by pixel, and puts a margin of light pixels around.
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
    for (count, grey) in histogram.iter().zip(0..=u8::MAX) {
        below += f64::from(*count);
        weighted_below += f64::from(*count) * f64::from(grey);
        let above = all - below;
        // Where there is nothing on one side it is no number, and what comes of it is never more.
        let difference = weighted_below / below - (weighted - weighted_below) / above;
        let variance = below * above * difference * difference;
        if variance > best_variance {
            (best, best_variance) = (grey, variance);
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use undercroft_secret::SecretString;

    use super::*;
    use crate::qr::draw;

    fn picture(width: u32, height: u32) -> Picture {
        let luma = (0..width * height).map(|at| (at * 37 % 251) as u8);
        Picture::from_luma(width, height, luma.collect())
    }

    fn pixels(matrix: &BitMatrix) -> Vec<bool> {
        let rows = 0..matrix.height();
        rows.flat_map(|y| (0..matrix.width()).map(move |x| (x, y)))
            .map(|(x, y)| matrix.get(x, y))
            .collect()
    }

    #[test]
    fn of_a_sharp_picture_the_dark_pixels_are_taken() {
        let code = draw(&SecretString::copy_of("sharp")).unwrap().to_picture(4);
        let wanted: Vec<bool> = code.luma().iter().map(|pixel| *pixel == 0).collect();
        assert_eq!(pixels(&by_blocks(&code).unwrap()), wanted);
    }

    #[test]
    fn a_pixel_is_compared_with_its_surroundings() {
        let picture = picture(23, 19);
        for (radius, margin) in [(2, 0), (3, 4), (8, 30)] {
            let (mut dark, mut light) = (Vec::new(), Vec::new());
            for_each_mean(&picture, radius, |pixel, mean| {
                dark.push(i32::from(pixel) < i32::from(mean) - i32::from(margin));
                light.push(i32::from(pixel) > i32::from(mean) + i32::from(margin));
            });
            let [darker, lighter] = by_surroundings(&picture, radius, margin).unwrap();
            assert_eq!((darker.width(), darker.height()), (23, 19));
            assert_eq!((pixels(&darker), pixels(&lighter)), (dark, light));
        }
    }

    #[test]
    fn a_margin_of_light_pixels_is_put_around() {
        let picture = picture(5, 4);
        let matrix = by_threshold(&picture, |pixel| pixel < 100, 3).unwrap();
        assert_eq!((matrix.width(), matrix.height()), (11, 10));
        for (at, dark) in pixels(&matrix).into_iter().enumerate() {
            let (x, y) = (at % 11, at / 11);
            let inside = (3..8).contains(&x) && (3..7).contains(&y);
            assert_eq!(dark, inside && picture.luma()[(y - 3) * 5 + x - 3] < 100);
        }
    }

    #[test]
    fn the_threshold_parts_dark_from_light() {
        let of =
            |luma: &[u8]| best_threshold(&Picture::from_luma(luma.len() as u32, 1, luma.to_vec()));
        assert_eq!(of(&[7; 9]), 128, "nothing to part");
        assert_eq!(of(&[10, 10, 200]), 10);
        assert_eq!(of(&[10, 30, 200, 210, 220]), 30);
        assert_eq!(of(&[0, 0, 0, 90, 255]), 90);
        assert_eq!(of(&[0, 180, 255, 255, 255]), 0);
        assert_eq!(of(&[254, 255]), 254);

        // The least spread within the two parts, which is the same as the most between them.
        for seed in 1..40_u32 {
            let luma: Vec<u8> = (0..12)
                .map(|at| ((at * at * seed * 7 + at * 13) % 256) as u8)
                .collect();
            let spread = |part: &[f64]| {
                let mean = part.iter().sum::<f64>() / part.len() as f64;
                part.iter().map(|grey| (grey - mean).powi(2)).sum::<f64>()
            };
            let within = |threshold: u8| {
                let (dark, light): (Vec<f64>, Vec<f64>) = luma
                    .iter()
                    .map(|grey| f64::from(*grey))
                    .partition(|grey| *grey <= f64::from(threshold));
                spread(&dark) + spread(&light)
            };
            let parts = luma
                .iter()
                .filter(|grey| *grey < luma.iter().max().unwrap());
            let least = parts.map(|grey| within(*grey)).fold(f64::MAX, f64::min);
            assert!(within(of(&luma)) < least + 1e-6, "{luma:?}");
        }
    }
}
