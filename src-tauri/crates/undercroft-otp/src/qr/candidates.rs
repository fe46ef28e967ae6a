//! Where a code could be: squares full of contrast.

use super::{Picture, Region};

/// The side of a block that is judged as one.
const BLOCK: usize = 16;
/// The most regions that are returned.
const MOST: usize = 8;

/// Finds the squarish regions of at least `least` blocks a side, each block with a contrast of at least `contrast`; the
/// largest first.
pub(super) fn candidates(picture: &Picture, contrast: u8, least: usize) -> Vec<Region> {
    let columns = picture.width() as usize / BLOCK;
    let rows = picture.height() as usize / BLOCK;
    let mut busy = opened(&busy_blocks(picture, columns, rows, contrast), columns);
    let mut found = Vec::new();
    for start in 0..busy.len() {
        if busy[start] {
            let (blocks, [left, top, right, bottom]) = take_connected(&mut busy, columns, start);
            let (wide, high) = (right - left + 1, bottom - top + 1);
            let squarish = 4 * wide.min(high) >= 3 * wide.max(high);
            let full = 10 * blocks >= 7 * wide * high;
            if squarish && full && wide.min(high) >= least {
                // One block more on each side, in which the code may end.
                let (x, y) = (
                    left.saturating_sub(1) * BLOCK,
                    top.saturating_sub(1) * BLOCK,
                );
                let region = Region {
                    x: x as u32,
                    y: y as u32,
                    width: ((right + 2) * BLOCK - x) as u32,
                    height: ((bottom + 2) * BLOCK - y) as u32,
                };
                found.push(region.within(picture.width(), picture.height()));
            }
        }
    }
    found.sort_by_key(|region| std::cmp::Reverse(region.width));
    found.truncate(MOST);
    found
}

/// Tells of each block whether there are steps of `contrast` in both directions: lines alone make no code.
fn busy_blocks(picture: &Picture, columns: usize, rows: usize, contrast: u8) -> Vec<bool> {
    let width = picture.width() as usize;
    let luma = picture.luma();
    let step = contrast / 2;
    let mut busy = Vec::with_capacity(columns * rows);
    let mut blocks = vec![Block::default(); columns];
    for row in 0..rows {
        blocks.fill(Block::default());
        // The last row of the picture has none below it.
        for y in row * BLOCK..((row + 1) * BLOCK).min(picture.height() as usize - 1) {
            let line = &luma[y * width..][..columns * BLOCK];
            let below = &luma[(y + 1) * width..][..columns * BLOCK];
            let chunks = line.chunks_exact(BLOCK).zip(below.chunks_exact(BLOCK));
            for ((line, below), block) in chunks.zip(&mut blocks) {
                let (mut darkest, mut lightest) = (u8::MAX, u8::MIN);
                for pixel in line {
                    darkest = darkest.min(*pixel);
                    lightest = lightest.max(*pixel);
                }
                block.darkest = block.darkest.min(darkest);
                block.lightest = block.lightest.max(lightest);
                // A step may be spread over three pixels.
                let far = |pair: (&u8, &u8)| u16::from(pair.0.abs_diff(*pair.1) > step);
                block.across += u16::from(lightest - darkest >= contrast);
                block.down += line.iter().zip(below).map(far).sum::<u16>();
            }
        }
        busy.extend(blocks.iter().map(|block| block.is_busy(contrast)));
    }
    busy
}

/// Keeps the busy blocks that stand in a square of three by three, of which one may be still: lines of text fall off.
fn opened(busy: &[bool], columns: usize) -> Vec<bool> {
    let mut opened = vec![false; busy.len()];
    let rows = busy.len().checked_div(columns).unwrap_or(0);
    for y in 0..rows.saturating_sub(2) {
        for x in 0..columns.saturating_sub(2) {
            let square = || (0..9).map(|at| (y + at / 3) * columns + x + at % 3);
            if square().filter(|at| busy[*at]).count() >= 8 {
                for at in square() {
                    opened[at] = true;
                }
            }
        }
    }
    opened
}

/// What was seen of a block.
#[derive(Clone, Copy)]
struct Block {
    darkest: u8,
    lightest: u8,
    /// Its rows with a contrast.
    across: u16,
    /// Its pixels that differ from the one below.
    down: u16,
}

impl Default for Block {
    fn default() -> Self {
        Self {
            darkest: u8::MAX,
            lightest: u8::MIN,
            across: 0,
            down: 0,
        }
    }
}

impl Block {
    const fn is_busy(&self, contrast: u8) -> bool {
        // Four rows of the sixteen: a line of text has that many, a ruled line has not.
        self.lightest.saturating_sub(self.darkest) >= contrast && self.across >= 4 && self.down >= 3
    }
}

/// Takes a connected group of blocks out; returns their number and the box around them.
fn take_connected(busy: &mut [bool], columns: usize, start: usize) -> (usize, [usize; 4]) {
    let mut open = vec![start];
    busy[start] = false;
    let mut count = 0;
    let [mut left, mut top, mut right, mut bottom] = [usize::MAX, usize::MAX, 0, 0];
    while let Some(at) = open.pop() {
        let (x, y) = (at % columns, at / columns);
        count += 1;
        (left, right) = (left.min(x), right.max(x));
        (top, bottom) = (top.min(y), bottom.max(y));
        let neighbours = [
            (x > 0).then(|| at - 1),
            (x + 1 < columns).then_some(at + 1),
            at.checked_sub(columns),
            Some(at + columns),
        ];
        for next in neighbours.into_iter().flatten() {
            if busy.get(next).copied().unwrap_or(false) {
                busy[next] = false;
                open.push(next);
            }
        }
    }
    (count, [left, top, right, bottom])
}

/// Cuts off the edges where fewer than a sixth of the pixels are of a code, which `counts` tells; `None` when nothing
/// is left.
///
/// On a ground of its own colour a code has no edge, but its outermost rows and columns have modules of the other.
pub(super) fn trimmed(picture: &Picture, counts: impl Fn(u8) -> bool) -> Option<Region> {
    let width = picture.width() as usize;
    let row = |y: u32| &picture.luma()[y as usize * width..][..width];
    let (mut columns, mut rows) = (0..picture.width(), 0..picture.height());
    // What stands beside the code is cut off first, then what stands above and below; then again within that.
    for _ in 0..3 {
        let mut in_columns = vec![0_u32; width];
        let mut in_rows = vec![0_u32; picture.height() as usize];
        for y in rows.clone() {
            for x in columns.clone() {
                if counts(row(y)[x as usize]) {
                    in_columns[x as usize] += 1;
                    in_rows[y as usize] += 1;
                }
            }
        }
        let (wide, high) = (columns.len() as u32, rows.len() as u32);
        columns = ends(columns, |x| 6 * in_columns[x as usize] >= high)?;
        rows = ends(rows, |y| 6 * in_rows[y as usize] >= wide)?;
    }
    Some(Region {
        x: columns.start,
        y: rows.start,
        width: columns.end - columns.start,
        height: rows.end - rows.start,
    })
}

/// Shortens a range to the first and the last place that stays.
fn ends(
    mut range: std::ops::Range<u32>,
    stays: impl Fn(u32) -> bool,
) -> Option<std::ops::Range<u32>> {
    let first = range.clone().find(|at| stays(*at))?;
    let last = range.rfind(|at| stays(*at))?;
    Some(first..last + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A grey page with ruled lines, and a checkerboard of four pixels a field.
    fn page(left: usize, top: usize, side: usize) -> Picture {
        let (width, height) = (400, 300);
        let luma = (0..width * height).map(|at| {
            let (x, y) = (at % width, at / width);
            let inside = x >= left && x < left + side && y >= top && y < top + side;
            match (inside, (x / 4 + y / 4) % 2, y % 40) {
                (true, 0, _) => 10,
                (true, _, _) => 250,
                (false, _, 0) => 100,
                (false, _, _) => 200,
            }
        });
        Picture::from_luma(width as u32, height as u32, luma.collect())
    }

    #[test]
    fn a_square_of_contrast_is_a_candidate_and_lines_are_none() {
        let found = candidates(&page(96, 64, 128), 32, 3);
        assert_eq!(found.len(), 1);
        let Region {
            x,
            y,
            width,
            height,
        } = found[0];
        assert!(
            x <= 96 && y <= 64 && x + width >= 224 && y + height >= 192,
            "{found:?}"
        );
        assert!(width <= 128 + 64 && height <= 128 + 64, "{found:?}");
        assert!(candidates(&page(0, 0, 0), 32, 3).is_empty());
        assert!(candidates(&page(96, 64, 128), 32, 20).is_empty());
    }

    #[test]
    fn the_edge_is_where_the_modules_end() {
        let part = page(96, 64, 128).crop(Region {
            x: 80,
            y: 50,
            width: 170,
            height: 170,
        });
        let edge = trimmed(&part, |pixel| pixel < 50);
        let wanted = Region {
            x: 16,
            y: 14,
            width: 128,
            height: 128,
        };
        assert_eq!(edge, Some(wanted));
        assert_eq!(trimmed(&part, |_| false), None);
    }

    #[test]
    fn pictures_smaller_than_a_block_have_no_candidates() {
        for (width, height) in [(1, 1), (16, 15), (15, 400), (16, 16), (48, 48)] {
            let picture = Picture::from_luma(width, height, vec![7; (width * height) as usize]);
            assert!(candidates(&picture, 10, 3).is_empty());
        }
    }
}
