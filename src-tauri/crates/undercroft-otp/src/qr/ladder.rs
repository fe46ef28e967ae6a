//! The attempts at a picture, from the cheap to the dear.

use std::time::{Duration, Instant};

use undercroft_secret::SecretString;

use super::binary::{best_threshold, by_blocks, by_surroundings, by_threshold};
use super::candidates::{candidates, trimmed};
use super::pixels::{blurred, doubled, halved};
use super::readers::{Attempt, read_matrix, read_skewed};
use super::{Picture, Region};

/// How long a picture is looked at.
const LIMIT: Duration = Duration::from_millis(1000);
/// How long it is looked at for another code, once one is found.
const LIMIT_FOR_MORE: Duration = Duration::from_millis(250);
/// The most pixels of a picture that is doubled.
const MOST_TO_DOUBLE: u64 = 1_000_000;

/// A code in a picture.
#[derive(Clone, Debug)]
pub struct Found {
    /// What it says.
    pub text: SecretString,
    /// Where it is.
    pub bounds: Region,
}

/// Finds every QR code of a picture, from the top down; a text that stands there twice is returned once.
///
/// The attempts end with the first that finds something, unless three corners of another code were seen. It blocks for
/// up to a second, so it belongs on a thread where that is allowed. A decoder that panics has found nothing.
#[must_use]
pub fn read_codes(picture: &Picture) -> Vec<Found> {
    let mut search = Search::new();
    search.climb(picture);
    let mut found = search.found;
    found.sort_by_key(|found| (found.bounds.y, found.bounds.x));
    found
}

/// What is known of a picture so far.
struct Search {
    found: Vec<Found>,
    /// Where a code was seen that could not be read.
    unread: Vec<Region>,
    deadline: Instant,
}

impl Search {
    fn new() -> Self {
        Self {
            found: Vec::new(),
            unread: Vec::new(),
            deadline: Instant::now() + LIMIT,
        }
    }

    /// Makes one attempt after the other while there is reason to.
    fn climb(&mut self, picture: &Picture) {
        // Sharp codes in either colour.
        if let Some(mut matrix) = by_blocks(picture) {
            self.read(&matrix, Frame::WHOLE);
            matrix.flip_self();
            self.read(&matrix, Frame::WHOLE);
        }
        // Pale ones, and those of a terminal.
        let half = halved(picture);
        self.read_by_surroundings(&half, 12, 4, Frame::HALF);
        if self.is_done() {
            return;
        }
        for contrast in [64, 12] {
            for region in candidates(picture, contrast) {
                self.read_region(&picture.crop(region), Frame::at(region));
                if self.is_done() {
                    return;
                }
            }
        }
        let steps: [&dyn Fn(&mut Self); 6] = [
            &|search| search.read_by_surroundings(picture, 16, 4, Frame::WHOLE),
            &|search| search.take(read_skewed(picture, false), Frame::WHOLE),
            &|search| search.take(read_skewed(picture, true), Frame::WHOLE),
            &|search| search.read_by_surroundings(&blurred(picture, 1), 24, 6, Frame::WHOLE),
            &|search| search.read_by_surroundings(&halved(&half), 12, 4, Frame::QUARTER),
            &|search| {
                if u64::from(picture.width()) * u64::from(picture.height()) <= MOST_TO_DOUBLE {
                    search.read_by_surroundings(&doubled(picture), 16, 3, Frame::DOUBLE);
                }
            },
        ];
        for step in steps {
            if self.is_done() {
                return;
            }
            step(self);
        }
    }

    /// Looks closer at a part that is likely to be a code.
    fn read_region(&mut self, part: &Picture, frame: Frame) {
        let before = self.found.len();
        let threshold = best_threshold(part);
        let is_dark = |pixel: u8| pixel <= threshold;
        let is_light = |pixel: u8| pixel > threshold;
        // On a ground of its own colour a code has no edge; the outermost pixels of the other colour show where it is.
        for inverted in [false, true] {
            let edge = if inverted {
                trimmed(part, is_dark)
            } else {
                trimmed(part, is_light)
            };
            let Some(edge) = edge else { return };
            let matrix = if inverted {
                by_threshold(&part.crop(edge), is_light, QUIET_PIXELS)
            } else {
                by_threshold(&part.crop(edge), is_dark, QUIET_PIXELS)
            };
            if let Some(matrix) = matrix {
                self.read(&matrix, frame.moved(edge, QUIET_PIXELS));
            }
            if self.found.len() > before {
                return;
            }
        }
        let double = doubled(part);
        let smooth = blurred(&double, 2);
        for (picture, radius, margin, frame) in [
            (part, 8, 2, frame),
            (&double, 24, 2, frame.doubled()),
            (&double, 12, 2, frame.doubled()),
            (&smooth, 40, 4, frame.doubled()),
        ] {
            self.read_by_surroundings(picture, radius, margin, frame);
            if self.found.len() > before || Instant::now() >= self.deadline {
                return;
            }
        }
    }

    fn read_by_surroundings(&mut self, picture: &Picture, radius: usize, margin: u8, frame: Frame) {
        for matrix in by_surroundings(picture, radius, margin)
            .into_iter()
            .flatten()
        {
            self.read(&matrix, frame);
        }
    }

    fn read(&mut self, matrix: &rxing::common::BitMatrix, frame: Frame) {
        self.take(read_matrix(matrix, self.deadline), frame);
    }

    fn take(&mut self, attempt: Attempt, frame: Frame) {
        for mut found in attempt.found {
            found.bounds = frame.place(found.bounds);
            self.unread
                .retain(|unread| !unread.is_same_place(found.bounds));
            let known = self.found.iter().any(|known| known.text.ct_eq(&found.text));
            if !known && !found.text.is_empty() {
                if self.found.is_empty() {
                    self.deadline = self.deadline.min(Instant::now() + LIMIT_FOR_MORE);
                }
                self.found.push(found);
            }
        }
        for region in attempt.unread {
            let region = frame.place(region);
            let known = self
                .found
                .iter()
                .map(|found| found.bounds)
                .chain(self.unread.iter().copied());
            if !known.into_iter().any(|known| known.is_same_place(region)) {
                self.unread.push(region);
            }
        }
    }

    /// Tells whether nothing is left to look for, or no time.
    fn is_done(&self) -> bool {
        (!self.found.is_empty() && self.unread.is_empty()) || Instant::now() >= self.deadline
    }
}

/// The light pixels that are put around a code without a quiet zone.
const QUIET_PIXELS: u32 = 24;

/// How the pixels of an attempt lie in the picture.
#[derive(Clone, Copy)]
struct Frame {
    x: i64,
    y: i64,
    /// Pixels of the picture for four of the attempt.
    quarters: i64,
}

impl Frame {
    const WHOLE: Self = Self::scaled(4);
    const HALF: Self = Self::scaled(8);
    const QUARTER: Self = Self::scaled(16);
    const DOUBLE: Self = Self::scaled(2);

    const fn scaled(quarters: i64) -> Self {
        Self {
            x: 0,
            y: 0,
            quarters,
        }
    }

    fn at(region: Region) -> Self {
        Self {
            x: i64::from(region.x),
            y: i64::from(region.y),
            quarters: 4,
        }
    }

    const fn doubled(self) -> Self {
        Self {
            quarters: self.quarters / 2,
            ..self
        }
    }

    /// The frame of a part with a margin around it.
    fn moved(self, part: Region, margin: u32) -> Self {
        Self {
            x: self.x + i64::from(part.x) - i64::from(margin),
            y: self.y + i64::from(part.y) - i64::from(margin),
            ..self
        }
    }

    fn place(self, region: Region) -> Region {
        let place = |start: i64, at: u32| start + i64::from(at) * self.quarters / 4;
        let length = |length: u32| (i64::from(length) * self.quarters / 4).max(1) as u32;
        Region {
            x: place(self.x, region.x).max(0) as u32,
            y: place(self.y, region.y).max(0) as u32,
            width: length(region.width),
            height: length(region.height),
        }
    }
}
