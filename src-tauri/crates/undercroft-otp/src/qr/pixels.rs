//! Grey pictures made from others: halved, doubled, blurred.

use super::Picture;

/// Halves a picture; each pixel is the mean of four.
pub(super) fn halved(picture: &Picture) -> Picture {
    let width = picture.width() as usize;
    let (half_width, half_height) = (width / 2, picture.height() as usize / 2);
    let luma = picture.luma();
    let mut halved = Vec::with_capacity(half_width * half_height);
    for y in 0..half_height {
        let upper = &luma[2 * y * width..][..2 * half_width];
        let lower = &luma[(2 * y + 1) * width..][..2 * half_width];
        let pairs = upper.chunks_exact(2).zip(lower.chunks_exact(2));
        halved.extend(pairs.map(|(upper, lower)| {
            let sum = u16::from(upper[0]) + u16::from(upper[1]);
            ((sum + u16::from(lower[0]) + u16::from(lower[1]) + 2) / 4) as u8
        }));
    }
    Picture::from_luma(half_width as u32, half_height as u32, halved)
}

/// Doubles a picture, with straight lines between the pixels.
pub(super) fn doubled(picture: &Picture) -> Picture {
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    let luma = picture.luma();
    let mut doubled = Vec::with_capacity(4 * width * height);
    for y in 0..2 * height {
        // A new pixel lies three quarters near the old one, and a quarter near that one's neighbour.
        let near = &luma[y / 2 * width..][..width];
        let far = &luma[neighbour(y, height) * width..][..width];
        for x in 0..2 * width {
            let other = neighbour(x, width);
            let at = |row: &[u8]| 3 * u32::from(row[x / 2]) + u32::from(row[other]);
            doubled.push(((3 * at(near) + at(far) + 8) / 16) as u8);
        }
    }
    Picture::from_luma(2 * width as u32, 2 * height as u32, doubled)
}

/// Finds the old row or column that is second next to a new one.
fn neighbour(new: usize, length: usize) -> usize {
    if new % 2 == 1 {
        (new / 2 + 1).min(length - 1)
    } else {
        (new / 2).saturating_sub(1)
    }
}

/// Blurs a picture with a box of `2 * radius + 1` pixels: what was noise or dots runs together.
pub(super) fn blurred(picture: &Picture, radius: usize) -> Picture {
    let mut blurred = Vec::with_capacity(picture.luma().len());
    for_each_mean(picture, radius, |_, mean| blurred.push(mean));
    Picture::from_luma(picture.width(), picture.height(), blurred)
}

/// How often [`sharpened`] doubles what sets each pixel apart from its surroundings.
const SHARPENINGS: usize = 6;

/// Undoes a blur: what sets each pixel apart from the box around it is doubled, again and again.
///
/// It works best where the box is a little wider than a module. A code that is blurred over three quarters of a module
/// has one module in six wrong before, and one in a hundred after.
pub(super) fn sharpened(picture: &Picture, radius: usize) -> Picture {
    let mut sharp = picture.clone();
    for _ in 0..SHARPENINGS {
        let mut sharper = Vec::with_capacity(sharp.luma().len());
        for_each_mean(&sharp, radius, |pixel, mean| {
            sharper.push((2 * i16::from(pixel) - i16::from(mean)).clamp(0, 255) as u8);
        });
        sharp = Picture::from_luma(picture.width(), picture.height(), sharper);
    }
    sharp
}

/// Gives each pixel the lightest, or the darkest, of its column within `reach`: the gaps between a terminal's lines close.
pub(super) fn closed(picture: &Picture, reach: usize, lighter: bool) -> Picture {
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    let row = |y: usize| &picture.luma()[y * width..][..width];
    let mut closed = picture.luma().to_vec();
    for y in 0..height {
        let mine = &mut closed[y * width..][..width];
        for other in y.saturating_sub(reach)..(y + reach + 1).min(height) {
            for (pixel, other) in mine.iter_mut().zip(row(other)) {
                *pixel = if lighter {
                    (*pixel).max(*other)
                } else {
                    (*pixel).min(*other)
                };
            }
        }
    }
    Picture::from_luma(picture.width(), picture.height(), closed)
}

/// Calls `each` with every pixel, row by row, and the mean of the box around it.
pub(super) fn for_each_mean(picture: &Picture, radius: usize, mut each: impl FnMut(u8, u8)) {
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    let luma = picture.luma();
    let row = |y: usize| &luma[y * width..][..width];
    // The sums of the columns within the box, which moves down.
    let mut columns = vec![0_u32; width];
    for y in 0..radius.min(height) {
        for (column, pixel) in columns.iter_mut().zip(row(y)) {
            *column += u32::from(*pixel);
        }
    }
    for y in 0..height {
        if y + radius < height {
            for (column, pixel) in columns.iter_mut().zip(row(y + radius)) {
                *column += u32::from(*pixel);
            }
        }
        if y > radius {
            for (column, pixel) in columns.iter_mut().zip(row(y - radius - 1)) {
                *column -= u32::from(*pixel);
            }
        }
        let rows = (y + radius).min(height - 1) + 1 - y.saturating_sub(radius);
        let mut sum: u32 = columns[..radius.min(width)].iter().sum();
        // The reciprocal of the box's area, as a fixed-point number.
        let full = reciprocal(rows * (2 * radius + 1).min(width));
        for (x, pixel) in row(y).iter().enumerate() {
            if x + radius < width {
                sum += columns[x + radius];
            }
            if x > radius {
                sum -= columns[x - radius - 1];
            }
            let factor = if x >= radius && x + radius < width {
                full
            } else {
                reciprocal(rows * ((x + radius).min(width - 1) + 1 - x.saturating_sub(radius)))
            };
            each(*pixel, ((u64::from(sum) * factor) >> 32) as u8);
        }
    }
}

/// Returns 2³² ÷ `area`, rounded up, so that flat grey stays the same grey.
fn reciprocal(area: usize) -> u64 {
    (1_u64 << 32).div_ceil(area.max(1) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(width: u32, height: u32) -> Picture {
        let luma = (0..width * height).map(|at| (at * 37 % 251) as u8);
        Picture::from_luma(width, height, luma.collect())
    }

    /// The box around a pixel, cut off at the edges.
    fn mean(picture: &Picture, x: usize, y: usize, radius: usize) -> u8 {
        let (width, height) = (picture.width() as usize, picture.height() as usize);
        let rows = y.saturating_sub(radius)..(y + radius + 1).min(height);
        let columns = x.saturating_sub(radius)..(x + radius + 1).min(width);
        let area = (rows.len() * columns.len()) as u32;
        let sum: u32 = rows
            .flat_map(|y| columns.clone().map(move |x| (x, y)))
            .map(|(x, y)| u32::from(picture.luma()[y * width + x]))
            .sum();
        (sum / area) as u8
    }

    /// The pixels of a picture of the same size, each by its place.
    fn made(like: &Picture, pixel: impl Fn(usize, usize) -> u8) -> Vec<u8> {
        let width = like.width() as usize;
        (0..like.luma().len())
            .map(|at| pixel(at % width, at / width))
            .collect()
    }

    const SIZES: [(u32, u32, usize); 7] = [
        (7, 5, 1),
        (7, 5, 2),
        (3, 9, 4),
        (1, 1, 3),
        (20, 1, 2),
        (1, 20, 2),
        (23, 19, 8),
    ];

    #[test]
    fn the_mean_is_the_mean() {
        for (width, height, radius) in SIZES {
            let picture = picture(width, height);
            let wanted = made(&picture, |x, y| mean(&picture, x, y, radius));
            let (mut pixels, mut means) = (Vec::new(), Vec::new());
            for_each_mean(&picture, radius, |pixel, mean| {
                pixels.push(pixel);
                means.push(mean);
            });
            assert_eq!(pixels, picture.luma());
            assert_eq!(means, wanted);
            assert_eq!(blurred(&picture, radius).luma(), wanted);
        }
    }

    #[test]
    fn sharpening_doubles_what_sets_a_pixel_apart_six_times() {
        for (width, height, radius) in SIZES {
            let mut wanted = picture(width, height);
            for _ in 0..6 {
                let sharper = made(&wanted, |x, y| {
                    let pixel = wanted.luma()[y * width as usize + x];
                    let apart = i32::from(pixel) - i32::from(mean(&wanted, x, y, radius));
                    (i32::from(pixel) + apart).clamp(0, 255) as u8
                });
                wanted = Picture::from_luma(width, height, sharper);
            }
            let sharp = sharpened(&picture(width, height), radius);
            assert_eq!(sharp.luma(), wanted.luma());
        }
    }

    #[test]
    fn closing_takes_the_lightest_or_darkest_of_the_column() {
        for (width, height, reach) in SIZES {
            let picture = picture(width, height);
            let (width, height) = (width as usize, height as usize);
            let near = |x: usize, y: usize| {
                let rows = y.saturating_sub(reach)..(y + reach + 1).min(height);
                rows.map(move |y| y * width + x)
            };
            for lighter in [true, false] {
                let wanted = made(&picture, |x, y| {
                    let pixels = near(x, y).map(|at| picture.luma()[at]);
                    if lighter { pixels.max() } else { pixels.min() }.unwrap()
                });
                assert_eq!(closed(&picture, reach, lighter).luma(), wanted);
            }
        }
    }

    #[test]
    fn halving_takes_the_mean_of_four_and_doubling_draws_straight_lines() {
        for (width, height, _) in SIZES {
            let picture = picture(width, height);
            let (width, height) = (width as usize, height as usize);
            let pixel = |x: usize, y: usize| f64::from(picture.luma()[y * width + x]);

            let half = halved(&picture);
            let wanted = made(&half, |x, y| {
                let four = [(0, 0), (1, 0), (0, 1), (1, 1)];
                let sum: f64 = four
                    .map(|(right, down)| pixel(2 * x + right, 2 * y + down))
                    .iter()
                    .sum();
                (sum / 4.0).round() as u8
            });
            assert_eq!(half.luma(), wanted);

            // The middle of a new pixel between the middles of the old ones.
            let double = doubled(&picture);
            let between = |at: usize, length: usize| {
                let place = ((at as f64 + 0.5) / 2.0 - 0.5).clamp(0.0, (length - 1) as f64);
                let before = place.floor();
                (before as usize, (place.ceil()) as usize, place - before)
            };
            let wanted = made(&double, |x, y| {
                let (left, right, across) = between(x, width);
                let (upper, lower, down) = between(y, height);
                let row = |y| pixel(left, y) * (1.0 - across) + pixel(right, y) * across;
                (row(upper) * (1.0 - down) + row(lower) * down).round() as u8
            });
            assert_eq!(double.luma(), wanted);
        }
    }

    #[test]
    fn flat_grey_stays_flat() {
        for grey in [0, 1, 128, 255] {
            let flat = Picture::from_luma(5, 4, vec![grey; 20]);
            for changed in [halved(&flat), doubled(&flat), blurred(&flat, 1)] {
                assert!(changed.luma().iter().all(|pixel| *pixel == grey), "{grey}");
            }
        }
    }

    #[test]
    fn sizes_are_halved_and_doubled() {
        let picture = picture(7, 5);
        assert_eq!(
            (halved(&picture).width(), halved(&picture).height()),
            (3, 2)
        );
        assert_eq!(
            (doubled(&picture).width(), doubled(&picture).height()),
            (14, 10)
        );
        assert!(halved(&Picture::from_luma(1, 1, vec![0])).luma().is_empty());
    }
}
