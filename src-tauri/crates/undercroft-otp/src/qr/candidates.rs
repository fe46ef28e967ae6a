//! Where a code could be: squares full of contrast.

use super::{Picture, Region};

/// The side of a block that is judged as one.
const BLOCK: usize = 16;
/// The fewest blocks of a side.
const LEAST_BLOCKS: usize = 3;
/// The most regions that are returned.
const MOST: usize = 8;

/// Finds the squarish regions whose blocks all have a contrast of at least `contrast`, the largest first.
pub(super) fn candidates(picture: &Picture, contrast: u8) -> Vec<Region> {
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    let (columns, rows) = (width / BLOCK, height / BLOCK);
    let mut busy = busy_blocks(picture, columns, rows, contrast);
    let mut found = Vec::new();
    for start in 0..busy.len() {
        if busy[start] {
            let (blocks, [left, top, right, bottom]) = take_connected(&mut busy, columns, start);
            let (wide, high) = (right - left + 1, bottom - top + 1);
            let squarish = 4 * wide.min(high) >= 3 * wide.max(high);
            let full = 10 * blocks >= 7 * wide * high;
            if squarish && full && wide.min(high) >= LEAST_BLOCKS {
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

fn busy_blocks(picture: &Picture, columns: usize, rows: usize, contrast: u8) -> Vec<bool> {
    let width = picture.width() as usize;
    let mut busy = Vec::with_capacity(columns * rows);
    for row in 0..rows {
        let mut extremes = vec![(u8::MAX, u8::MIN); columns];
        for y in row * BLOCK..(row + 1) * BLOCK {
            let line = &picture.luma()[y * width..][..columns * BLOCK];
            for (block, (darkest, lightest)) in line.chunks_exact(BLOCK).zip(&mut extremes) {
                for pixel in block {
                    *darkest = (*darkest).min(*pixel);
                    *lightest = (*lightest).max(*pixel);
                }
            }
        }
        busy.extend(
            extremes
                .iter()
                .map(|(darkest, lightest)| lightest - darkest >= contrast),
        );
    }
    busy
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

/// Cuts off the edges that have none of the pixels which `counts`; `None` when no pixel does.
pub(super) fn trimmed(picture: &Picture, counts: impl Fn(u8) -> bool) -> Option<Region> {
    let width = picture.width() as usize;
    let (mut left, mut right, mut top, mut bottom) = (usize::MAX, 0, None, 0);
    for (y, row) in picture.luma().chunks_exact(width.max(1)).enumerate() {
        if let Some(first) = row.iter().position(|pixel| counts(*pixel)) {
            let last = row
                .iter()
                .rposition(|pixel| counts(*pixel))
                .unwrap_or(first);
            left = left.min(first);
            right = right.max(last);
            top = top.or(Some(y));
            bottom = y;
        }
    }
    top.map(|top| Region {
        x: left as u32,
        y: top as u32,
        width: (right - left + 1) as u32,
        height: (bottom - top + 1) as u32,
    })
}
