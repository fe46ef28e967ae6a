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
        // One block more on each side.
        let wanted = Region {
            x: 80,
            y: 48,
            width: 160,
            height: 160,
        };
        assert_eq!(found, [wanted]);
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

    /// A grey page with a checkerboard in the blocks that `#` stands for.
    fn blocks(rows: &[impl AsRef<str>]) -> Picture {
        let width = rows[0].as_ref().len() * BLOCK;
        let luma = (0..rows.len() * BLOCK * width).map(|at| {
            let (x, y) = (at % width, at / width);
            let is_full = rows[y / BLOCK].as_ref().as_bytes()[x / BLOCK] == b'#';
            match (is_full, (x / 4 + y / 4) % 2) {
                (false, _) => 128,
                (true, 0) => 10,
                (true, _) => 250,
            }
        });
        Picture::from_luma(width as u32, (rows.len() * BLOCK) as u32, luma.collect())
    }

    /// The candidates as left, top, width and height in blocks.
    fn found(rows: &[impl AsRef<str>], least: usize) -> Vec<[u32; 4]> {
        let side = BLOCK as u32;
        candidates(&blocks(rows), 32, least)
            .into_iter()
            .map(
                |Region {
                     x,
                     y,
                     width,
                     height,
                 }| [x, y, width, height].map(|length| length / side),
            )
            .collect()
    }

    /// A page of `width` × `height` full blocks within two still ones.
    fn rectangle(width: usize, height: usize) -> Vec<String> {
        let still = ".".repeat(width + 4);
        let full = format!("..{}..", "#".repeat(width));
        let mut rows = vec![still; height + 4];
        rows[2..height + 2].fill(full);
        rows
    }

    #[test]
    fn a_candidate_is_three_quarters_as_wide_as_high_and_large_enough() {
        for (width, height, is_one) in [
            (3, 3, true),
            (3, 4, true),
            (4, 3, true),
            (3, 5, false),
            (5, 3, false),
            (6, 8, true),
            (5, 7, false),
            (7, 5, false),
        ] {
            let wanted = [1, 1, width as u32 + 2, height as u32 + 2];
            let wanted: &[_] = if is_one { &[wanted] } else { &[] };
            assert_eq!(
                found(&rectangle(width, height), 3),
                wanted,
                "{width} × {height}"
            );
        }
        assert_eq!(found(&rectangle(4, 5), 4).len(), 1);
        assert!(found(&rectangle(4, 5), 5).is_empty());
        assert!(found(&rectangle(5, 4), 5).is_empty());
    }

    #[test]
    fn a_candidate_fills_seven_tenths_of_its_box() {
        let seventy = [
            "######....",
            "######....",
            "######....",
            "######....",
            "######....",
            "##########",
            "##########",
            "....######",
            "....######",
            "....######",
        ];
        // The corners of the two gaps are filled, which makes the 68 blocks 70.
        assert_eq!(found(&seventy, 3), [[0, 0, 10, 10]]);
        let mut fewer = seventy;
        fewer[5] = "######....";
        fewer[7] = "...#######";
        // Three corners are filled here, which makes the 65 blocks 68.
        assert!(found(&fewer, 3).is_empty());
        let page: [_; 10] =
            std::array::from_fn(|row| if row < 5 { "#####....." } else { "##########" });
        assert_eq!(found(&page, 3), [[0, 0, 10, 10]], "75 of 100");
    }

    #[test]
    fn the_largest_candidates_come_first_and_eight_are_enough() {
        let mut rows = vec![".".repeat(28); 14];
        let mut put = |left: usize, top: usize, side: usize| {
            for row in &mut rows[top..top + side] {
                row.replace_range(left..left + side, &"#".repeat(side));
            }
        };
        for at in 0..5 {
            put(1 + at * 5, 1, 3);
        }
        for at in 0..3 {
            put(1 + at * 5, 8, 3);
        }
        put(18, 7, 5);
        let found = found(&rows, 3);
        assert_eq!(found.len(), 8);
        assert_eq!(found[0], [17, 6, 7, 7]);
        assert_eq!(found[1], [0, 0, 5, 5]);
        assert_eq!(found[7], [5, 7, 5, 5]);
    }

    #[test]
    fn a_candidate_ends_at_the_edges_of_the_picture() {
        assert_eq!(found(&["####"; 4], 3), [[0, 0, 4, 4]]);
        // Groups on both edges touch in memory only.
        let rows = ["###....###", "###....###", "###....###", ".........."];
        assert_eq!(found(&rows, 3), [[0, 0, 4, 4], [6, 0, 4, 4]]);
        let rows = ["###....###"; 3];
        assert_eq!(found(&rows, 3), [[0, 0, 4, 3], [6, 0, 4, 3]]);
    }

    /// A picture of three by three blocks, one line higher, with some pixels changed in one of them.
    fn pixels(column: usize, row: usize, changed: &[(usize, usize, u8)]) -> Picture {
        let mut luma = vec![100; 48 * 49];
        for (x, y, grey) in changed {
            luma[(row * BLOCK + y) * 48 + column * BLOCK + x] = *grey;
        }
        Picture::from_luma(48, 49, luma)
    }

    #[test]
    fn a_block_is_busy_with_four_rows_of_contrast_and_three_steps_down() {
        let is_busy = |changed: &[(usize, usize, u8)]| {
            let mut all = Vec::new();
            for at in 0..9 {
                let busy = busy_blocks(&pixels(at % 3, at / 3, changed), 3, 3, 20);
                assert!((0..9).all(|other| other == at || !busy[other]), "{busy:?}");
                all.push(busy[at]);
            }
            assert!(all.iter().all(|busy| *busy == all[0]), "{all:?}");
            all[0]
        };
        let dots = |rows: &[usize], grey| rows.iter().map(|y| (5, *y, grey)).collect::<Vec<_>>();
        assert!(is_busy(&dots(&[1, 4, 7, 10], 120)));
        assert!(is_busy(&dots(&[1, 4, 7, 10], 80)));
        assert!(!is_busy(&dots(&[1, 4, 7], 120)), "three rows");
        assert!(!is_busy(&dots(&[1, 4, 7, 10], 119)), "too pale");

        // A line down the block and beyond has no steps, one with a gap has two.
        let mut line: Vec<_> = (0..17).map(|y| (5, y, 120)).collect();
        assert!(!is_busy(&line));
        line[7].2 = 100;
        assert!(!is_busy(&line));
        line.pop();
        assert!(is_busy(&line), "three, with its end");
        // A step of half the contrast is none.
        line[7].2 = 110;
        line[10].2 = 110;
        assert!(!is_busy(&line));
        line[7].2 = 109;
        assert!(is_busy(&line));

        let block = Block {
            darkest: 10,
            lightest: 30,
            across: 4,
            down: 3,
        };
        assert!(block.is_busy(20));
        assert!(!block.is_busy(21));
        assert!(!Block { across: 3, ..block }.is_busy(20));
        assert!(!Block { down: 2, ..block }.is_busy(20));
        assert!(!Block::default().is_busy(1));
    }

    #[test]
    fn the_last_row_of_a_picture_has_none_below_it() {
        let mut luma = vec![100; 16 * 16];
        for y in [1, 4, 7, 10] {
            luma[y * 16 + 3] = 120;
        }
        assert_eq!(
            busy_blocks(&Picture::from_luma(16, 16, luma), 1, 1, 20),
            [true]
        );
    }

    #[test]
    fn lines_fall_off_and_single_still_blocks_are_filled() {
        let after = |rows: &[&str]| {
            let busy: Vec<bool> = rows.concat().bytes().map(|byte| byte == b'#').collect();
            let opened = opened(&busy, rows[0].len());
            let text: String = opened
                .iter()
                .map(|busy| if *busy { '#' } else { '.' })
                .collect();
            let rows = text.as_bytes().chunks(rows[0].len());
            rows.map(|row| String::from_utf8_lossy(row).into_owned())
                .collect::<Vec<_>>()
        };
        let rows = [
            "##########", //
            "......####",
            ".####.####",
            ".#.##.###.",
            ".####.....",
            ".....##..#",
            "###..##..#",
            "#.#......#",
            "##.......#",
        ];
        let wanted = [
            "......####", //
            "......####",
            ".####.####",
            ".####.####",
            ".####.....",
            "..........",
            "..........",
            "..........",
            "..........",
        ];
        assert_eq!(after(&rows), wanted);
        assert_eq!(after(&["###", "###", "###"]), ["###"; 3]);
        assert_eq!(after(&["##", "##", "##"]), [".."; 3]);
        assert!(opened(&[], 0).is_empty());
    }

    #[test]
    fn a_connected_group_is_taken_out() {
        let rows = [
            "#...#", //
            "#.###", "..#..", "#.###", "#...#",
        ];
        let mut busy: Vec<bool> = rows.concat().bytes().map(|byte| byte == b'#').collect();
        assert_eq!(take_connected(&mut busy, 5, 4), (9, [2, 0, 4, 4]));
        assert_eq!(busy.iter().filter(|busy| **busy).count(), 4);
        assert_eq!(take_connected(&mut busy, 5, 20), (2, [0, 3, 0, 4]));
        assert_eq!(take_connected(&mut busy, 5, 0), (2, [0, 0, 0, 1]));
        assert!(!busy.contains(&true));
    }

    #[test]
    fn an_edge_has_a_sixth_of_the_code_and_what_is_beside_it_goes() {
        let mut luma = vec![0; 24 * 24];
        let mut put = |columns: std::ops::Range<usize>, rows: std::ops::Range<usize>| {
            for y in rows {
                luma[y * 24 + columns.start..y * 24 + columns.end].fill(255);
            }
        };
        put(10..16, 10..16);
        // The line above is as full as an edge until the columns beside the code are cut off; the one beside it, until
        // the rows above are.
        put(0..5, 2..3);
        put(20..21, 0..5);
        let edge = trimmed(&Picture::from_luma(24, 24, luma), |pixel| pixel == 255);
        let wanted = Region {
            x: 10,
            y: 10,
            width: 6,
            height: 6,
        };
        assert_eq!(edge, Some(wanted));

        for (dots, side) in [(1, 11), (2, 12)] {
            let (mut beside, mut below) = (vec![255; 12 * 12], vec![255; 12 * 12]);
            for at in dots..12 {
                beside[at * 12 + 11] = 0;
                below[11 * 12 + at] = 0;
            }
            let size = |luma| {
                let edge =
                    trimmed(&Picture::from_luma(12, 12, luma), |pixel| pixel == 255).unwrap();
                (edge.width, edge.height)
            };
            assert_eq!((size(beside), size(below)), ((side, 12), (12, side)));
        }
    }
}
