//! The attempts at a picture, from the cheap to the dear.

use std::borrow::Cow;
use std::time::{Duration, Instant};

use rxing::common::BitMatrix;
use undercroft_secret::SecretString;

use super::binary::{best_threshold, by_blocks, by_surroundings, by_threshold};
use super::candidates::{candidates, trimmed};
use super::frame::Frame;
use super::pixels::{blurred, closed, doubled, halved, sharpened};
use super::readers::{Attempt, read_matrix, read_skewed};
use super::{Picture, Region};

/// How long a picture is looked at.
const LIMIT: Duration = Duration::from_millis(1000);
/// How long it is looked at for another code, once one is found.
const LIMIT_FOR_MORE: Duration = Duration::from_millis(250);
/// The most pixels that are looked at; a picture with more is halved. A screen of 3840 × 2160 has fewer.
const MOST_PIXELS: u64 = 9_000_000;
/// The pixels of a picture above which the dear attempts are made at half its size.
const LARGE: u64 = 4_200_000;
/// The most pixels of a picture that is doubled.
const MOST_TO_DOUBLE: u64 = 1_000_000;

/// The light pixels that are put around a code without a quiet zone.
const QUIET_PIXELS: u32 = 24;

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
    let mut search = Search::new(LIMIT, LIMIT_FOR_MORE);
    let (fitting, frame) = fit(picture);
    search.climb(&fitting);
    let mut found = search.found;
    for found in &mut found {
        found.bounds = frame
            .place(found.bounds)
            .within(picture.width(), picture.height());
    }
    found.sort_by_key(|found| (found.bounds.y, found.bounds.x));
    found
}

/// Halves a picture until it has no more pixels than are looked at.
fn fit(picture: &Picture) -> (Cow<'_, Picture>, Frame) {
    let mut fitting = Cow::Borrowed(picture);
    let mut frame = Frame::WHOLE;
    while pixels_of(&fitting) > MOST_PIXELS {
        fitting = Cow::Owned(halved(&fitting));
        frame = frame.halved();
    }
    (fitting, frame)
}

fn pixels_of(picture: &Picture) -> u64 {
    u64::from(picture.width()) * u64::from(picture.height())
}

/// What is known of a picture so far.
struct Search {
    found: Vec<Found>,
    /// Where a code was read, one that says the same as another too.
    read: Vec<Region>,
    /// Where a code was seen that could not be read.
    unread: Vec<Region>,
    looked_at: Vec<Region>,
    deadline: Instant,
    /// The time for another code, once one is found.
    limit_for_more: Duration,
}

impl Search {
    fn new(limit: Duration, limit_for_more: Duration) -> Self {
        Self {
            found: Vec::new(),
            read: Vec::new(),
            unread: Vec::new(),
            looked_at: Vec::new(),
            deadline: Instant::now() + limit,
            limit_for_more,
        }
    }

    /// Makes one attempt after the other while there is reason to.
    fn climb(&mut self, picture: &Picture) {
        // Sharp codes in either colour.
        let mut is_noise = false;
        if let Some(mut matrix) = by_blocks(picture) {
            is_noise = self.read(&matrix, Frame::WHOLE);
            matrix.flip_self();
            self.read(&matrix, Frame::WHOLE);
        }
        // Pale ones, and those of a terminal.
        let half = halved(picture);
        self.read_by_surroundings(&half, 12, 4, Frame::HALF);
        if is_noise {
            return self.climb_through_noise(picture, &half);
        }
        // A closer look at what could be a code; also at what is left beside one that was found.
        for contrast in [32, 10] {
            let whole = candidates(picture, contrast, 3).into_iter();
            let large = candidates(&half, contrast, 8).into_iter();
            for region in whole.chain(large.map(|region| Frame::HALF.place(region))) {
                let is_read = self.read.iter().any(|read| read.is_same_place(region));
                if !is_read && !self.looked_at.contains(&region) {
                    self.looked_at.push(region);
                    self.read_region(&picture.crop(region), Frame::at(region));
                }
                if Instant::now() >= self.deadline {
                    return;
                }
            }
            if self.is_done() {
                return;
            }
        }
        // On a large screen everything is drawn large.
        let pixels = pixels_of(picture);
        let (base, frame) = if pixels > LARGE {
            (&half, Frame::HALF)
        } else {
            (picture, Frame::WHOLE)
        };
        if self.read_by_surroundings(base, 16, 4, frame) {
            return self.climb_through_noise(picture, &half);
        }
        let steps: [&dyn Fn(&mut Self); 4] = [
            &|search| search.read_skewed(base, frame),
            &|search| {
                search.read_by_surroundings(&blurred(base, 1), 24, 6, frame);
            },
            &|search| {
                search.read_by_surroundings(&halved(&half), 12, 4, Frame::QUARTER);
            },
            &|search| {
                if pixels <= MOST_TO_DOUBLE {
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

    /// Blurs until corners are no longer everywhere, and reads then.
    fn climb_through_noise(&mut self, picture: &Picture, half: &Picture) {
        let bases: [(&dyn Fn() -> Picture, Frame); 3] = [
            (&|| blurred(picture, 1), Frame::WHOLE),
            (&|| half.clone(), Frame::HALF),
            (&|| blurred(picture, 2), Frame::WHOLE),
        ];
        for (make, frame) in bases {
            if self.is_done() {
                return;
            }
            let base = make();
            let is_noise = by_blocks(&base).is_none_or(|matrix| self.read(&matrix, frame));
            let is_noise = self.read_by_surroundings(&base, 24, 12, frame) || is_noise;
            if !is_noise && !self.is_done() {
                self.read_skewed(&base, frame);
            }
        }
    }

    /// Looks closer at a part that is likely to be a code.
    fn read_region(&mut self, part: &Picture, frame: Frame) {
        let before = self.read.len();
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
            let Some(edge) = edge else { continue };
            let matrix = if inverted {
                by_threshold(&part.crop(edge), is_light, QUIET_PIXELS)
            } else {
                by_threshold(&part.crop(edge), is_dark, QUIET_PIXELS)
            };
            if let Some(matrix) = matrix {
                self.read(&matrix, frame.moved(edge, QUIET_PIXELS));
            }
            if self.read.len() > before {
                return;
            }
        }
        let double = doubled(part);
        let attempts: [(&dyn Fn() -> Picture, usize, u8, Frame); 9] = [
            (&|| part.clone(), 8, 2, frame),
            (&|| double.clone(), 24, 2, frame.doubled()),
            (&|| double.clone(), 12, 2, frame.doubled()),
            (&|| doubled(&sharpened(part, 2)), 32, 4, frame.doubled()),
            (&|| doubled(&sharpened(part, 4)), 32, 4, frame.doubled()),
            (&|| doubled(&sharpened(part, 6)), 48, 4, frame.doubled()),
            (&|| blurred(&double, 2), 40, 4, frame.doubled()),
            (&|| closed(part, 2, true), 40, 4, frame),
            (&|| closed(part, 2, false), 40, 4, frame),
        ];
        for (make, radius, margin, frame) in attempts {
            self.read_by_surroundings(&make(), radius, margin, frame);
            if self.read.len() > before || Instant::now() >= self.deadline {
                return;
            }
        }
    }

    /// Returns whether there is too much noise to read in.
    fn read_by_surroundings(
        &mut self,
        picture: &Picture,
        radius: usize,
        margin: u8,
        frame: Frame,
    ) -> bool {
        let mut is_noise = false;
        for matrix in by_surroundings(picture, radius, margin)
            .into_iter()
            .flatten()
        {
            is_noise |= self.read(&matrix, frame);
        }
        is_noise
    }

    /// Returns whether there is too much noise to read in.
    fn read(&mut self, matrix: &BitMatrix, frame: Frame) -> bool {
        self.take(read_matrix(matrix, self.deadline), frame)
    }

    fn read_skewed(&mut self, picture: &Picture, frame: Frame) {
        for inverted in [false, true] {
            self.take(read_skewed(picture, inverted), frame);
        }
    }

    fn take(&mut self, attempt: Attempt, frame: Frame) -> bool {
        for mut found in attempt.found {
            found.bounds = frame.place(found.bounds);
            let is_here = |region: &Region| region.is_same_place(found.bounds);
            self.unread.retain(|unread| !is_here(unread));
            if !self.read.iter().any(is_here) {
                self.read.push(found.bounds);
            }
            let is_known = self.found.iter().any(|known| known.text.ct_eq(&found.text));
            if !is_known && !found.text.is_empty() {
                self.deadline = self.deadline.min(Instant::now() + self.limit_for_more);
                self.found.push(found);
            }
        }
        for region in attempt.unread {
            let region = frame.place(region);
            let mut known = self.read.iter().chain(&self.unread);
            if !known.any(|known| known.is_same_place(region)) {
                self.unread.push(region);
            }
        }
        attempt.is_noise
    }

    /// Tells whether nothing is left to look for, or no time.
    fn is_done(&self) -> bool {
        (!self.found.is_empty() && self.unread.is_empty()) || Instant::now() >= self.deadline
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use serde_json::Value;

    use super::*;
    use crate::qr::draw;

    /// On any machine.
    const LONG: Duration = Duration::from_secs(600);

    fn region(x: u32, y: u32) -> Region {
        Region {
            x,
            y,
            width: 40,
            height: 40,
        }
    }

    fn found(text: &str, bounds: Region) -> Attempt {
        Attempt {
            found: vec![Found {
                text: SecretString::copy_of(text),
                bounds,
            }],
            ..Attempt::default()
        }
    }

    fn unread(region: Region) -> Attempt {
        Attempt {
            unread: vec![region],
            ..Attempt::default()
        }
    }

    #[test]
    fn each_text_is_taken_once_and_each_place() {
        let mut search = Search::new(LONG, LONG / 2);
        let all = search.deadline;
        assert!(!search.is_done());
        search.take(found("", region(500, 0)), Frame::WHOLE);
        assert!(search.found.is_empty() && search.read == [region(500, 0)]);
        assert_eq!(search.deadline, all, "an empty code is none");
        search.take(found("one", region(10, 20)), Frame::HALF);
        let first = Frame::HALF.place(region(10, 20));
        assert_eq!(search.read, [region(500, 0), first]);
        assert_eq!(search.found[0].bounds, first);
        assert!(search.is_done(), "nothing else was seen");
        assert!(search.deadline <= Instant::now() + LONG / 2);
        let deadline = search.deadline;
        search.take(found("one", region(300, 0)), Frame::WHOLE);
        search.take(found("two", region(300, 1)), Frame::WHOLE);
        assert_eq!(search.read, [region(500, 0), first, region(300, 0)]);
        let texts: Vec<_> = search
            .found
            .iter()
            .map(|found| found.text.expose())
            .collect();
        assert_eq!(texts, ["one", "two"]);
        assert_eq!(search.deadline, deadline, "the time for more begins once");
    }

    #[test]
    fn what_was_seen_and_not_read_is_looked_for_until_it_is_read() {
        let mut search = Search::new(LONG, LONG / 2);
        search.take(found("one", region(0, 0)), Frame::WHOLE);
        search.take(unread(region(1, 1)), Frame::WHOLE);
        assert!(search.unread.is_empty(), "it was read before");
        search.take(unread(region(50, 50)), Frame::HALF);
        search.take(unread(region(101, 101)), Frame::WHOLE);
        let seen = Frame::HALF.place(region(50, 50));
        assert_eq!(search.unread, [seen], "the same was seen twice");
        assert!(!search.is_done());
        search.take(found("two", region(300, 0)), Frame::WHOLE);
        assert_eq!(search.unread, [seen]);
        search.take(found("two", region(52, 52)), Frame::HALF);
        assert!(search.unread.is_empty() && search.is_done());
    }

    #[test]
    fn an_attempt_tells_of_noise_and_the_search_ends_in_time() {
        let mut search = Search::new(LONG, LONG / 2);
        let noise = Attempt {
            is_noise: true,
            ..Attempt::default()
        };
        assert!(search.take(noise, Frame::WHOLE));
        assert!(!search.take(Attempt::default(), Frame::WHOLE));
        assert!(!search.is_done());
        search.deadline = Instant::now();
        assert!(search.is_done());
        let past = search.deadline;
        search.take(found("one", region(0, 0)), Frame::WHOLE);
        assert_eq!(
            search.deadline, past,
            "a code gives no more time than there is"
        );
    }

    /// A page with one code at a place, each module so many pixels wide.
    fn page(width: u32, height: u32, (x, y): (u32, u32), scale: u8) -> (Picture, Region) {
        let drawing = draw(&SecretString::copy_of("a code of some modules")).unwrap();
        let code = drawing.to_picture(scale);
        let side = code.width() as usize;
        let mut luma = vec![230; (width * height) as usize];
        for (row, pixels) in code.luma().chunks_exact(side).enumerate() {
            let start = (y as usize + row) * width as usize + x as usize;
            luma[start..start + side].copy_from_slice(pixels);
        }
        let quiet = 4 * u32::from(scale);
        let modules = drawing.size() as u32 * u32::from(scale);
        let place = Region {
            x: x + quiet,
            y: y + quiet,
            width: modules,
            height: modules,
        };
        (Picture::from_luma(width, height, luma), place)
    }

    #[test]
    fn a_picture_is_halved_until_it_fits() {
        let one = Region {
            width: 1,
            height: 1,
            ..Region::default()
        };
        for (size, fitting, scale) in [
            ((3000, 3000), (3000, 3000), 1),
            ((3000, 3001), (1500, 1500), 2),
            ((6000, 6000), (3000, 3000), 2),
            ((6002, 6000), (1500, 1500), 4),
        ] {
            let luma = vec![0; size.0 as usize * size.1 as usize];
            let picture = Picture::from_luma(size.0, size.1, luma);
            let (smaller, frame) = fit(&picture);
            assert_eq!((smaller.width(), smaller.height()), fitting);
            assert_eq!(frame.place(one).width, scale, "{size:?}");
        }
    }

    #[test]
    fn a_code_on_a_huge_picture_is_found_where_it_is() {
        // As it is, halved once, and halved twice.
        for (width, height, scale) in [(3600, 2500, 8), (4000, 2500, 8), (8000, 4600, 16)] {
            let (picture, place) = page(width, height, (width - 1000, height - 900), scale);
            let found = read_codes(&picture);
            assert_eq!(found.len(), 1, "{width} × {height}");
            assert_eq!(found[0].text.expose(), "a code of some modules");
            let bounds = found[0].bounds;
            for (is, wanted) in [
                (bounds.x, place.x),
                (bounds.y, place.y),
                (bounds.width, place.width),
                (bounds.height, place.height),
            ] {
                assert!(
                    is.abs_diff(wanted) <= u32::from(scale),
                    "{bounds:?} {place:?}"
                );
            }
        }
    }

    /// The pictures that tests/bench/qr_corpus.py paints, two of each kind, with time enough on any machine.
    #[test]
    fn with_time_enough_every_kept_picture_is_read() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../tests/vectors/qr");
        let manifest = std::fs::read(folder.join("manifest.json")).unwrap();
        let manifest: Value = serde_json::from_slice(&manifest).unwrap();
        let mut missed = Vec::new();
        for case in manifest.as_array().unwrap() {
            let file = case["file"].as_str().unwrap();
            let picture = Picture::read(&std::fs::read(folder.join(file)).unwrap()).unwrap();
            let mut search = Search::new(LONG, LONG);
            search.climb(&fit(&picture).0);
            let mut found: Vec<_> = search
                .found
                .iter()
                .map(|found| found.text.expose())
                .collect();
            let mut codes: Vec<_> = case["codes"]
                .as_array()
                .unwrap()
                .iter()
                .map(|code| code.as_str().unwrap())
                .collect();
            found.sort_unstable();
            codes.sort_unstable();
            if found != codes {
                missed.push(format!("{file}: {} of {}", found.len(), codes.len()));
            }
        }
        assert!(missed.is_empty(), "{missed:?}");
    }

    #[test]
    fn what_could_be_a_code_is_looked_at_once_while_there_is_time() {
        let checkered = |x: u32, y: u32| {
            if (x / 4 + y / 4).is_multiple_of(2) {
                10
            } else {
                250
            }
        };
        let luma = (0..640 * 320).map(|at| {
            let (x, y) = (at % 640, at / 640);
            let inside = |left: u32, side: u32| {
                (left..left + side).contains(&x) && (64..64 + side).contains(&y)
            };
            if inside(64, 128) || inside(384, 160) {
                checkered(x, y)
            } else {
                128
            }
        });
        let picture = Picture::from_luma(640, 320, luma.collect());
        let looked_at = |limit: Duration| {
            let mut search = Search::new(limit, LONG);
            search.climb(&picture);
            search
                .looked_at
                .iter()
                .map(|region| region.x)
                .collect::<Vec<_>>()
        };
        assert_eq!(
            looked_at(LONG),
            [368, 48],
            "the larger first, none for its paler contrast again"
        );
        assert_eq!(looked_at(Duration::ZERO), [368]);
        // A code that was read is not looked at again.
        let (picture, _) = page(400, 400, (40, 40), 4);
        assert_eq!(candidates(&picture, 32, 3).len(), 1);
        let mut search = Search::new(LONG, LONG);
        search.climb(&picture);
        assert_eq!((search.found.len(), search.looked_at.len()), (1, 0));
    }

    /// Grain like that of a camera in poor light.
    #[test]
    fn a_code_under_grain_is_read_in_a_blurred_picture() {
        let (clean, _) = page(3600, 2480, (300, 200), 8);
        let mut state = 1_u32;
        let grainy = clean.luma().iter().map(|pixel| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (u32::from(*pixel) * 5 / 8 + (state >> 16) % 85) as u8
        });
        let picture = Picture::from_luma(3600, 2480, grainy.collect());
        let mut search = Search::new(LONG, LONG);
        assert!(search.read(&by_blocks(&picture).unwrap(), Frame::WHOLE));
        assert!(search.read_by_surroundings(&halved(&picture), 12, 4, Frame::HALF));
        assert!(search.found.is_empty());
        search.climb(&picture);
        assert_eq!(search.found.len(), 1);
    }

    #[test]
    fn both_ways_of_reading_say_what_they_saw() {
        let (picture, place) = page(400, 400, (40, 40), 8);
        let mut search = Search::new(LONG, LONG);
        assert!(!search.read_by_surroundings(&picture, 16, 4, Frame::WHOLE));
        assert_eq!(search.found.len(), 1);
        let mut search = Search::new(LONG, LONG);
        search.read_skewed(&picture, Frame::WHOLE);
        assert!(search.found[0].bounds.is_same_place(place));
    }

    fn found_in(part: &Picture, limit: Duration) -> usize {
        let mut search = Search::new(limit, LONG);
        search.read_region(part, Frame::WHOLE);
        search.found.len()
    }

    #[test]
    fn a_part_is_looked_at_in_more_ways_while_there_is_time() {
        let code = |scale| {
            let code = draw(&SecretString::copy_of("a code of some modules")).unwrap();
            code.to_picture(scale)
        };
        // A terminal's lines have two modules each, and gaps between them.
        let terminal = code(8);
        let width = terminal.width();
        let lines = terminal.luma().iter().enumerate();
        let lines = lines.map(|(at, pixel)| {
            if at as u32 / width % 16 < 3 {
                255
            } else {
                *pixel
            }
        });
        let lines = Picture::from_luma(width, width, lines.collect());
        let reverse = lines.luma().iter().map(|pixel| 255 - pixel).collect();
        let reverse = Picture::from_luma(width, width, reverse);
        let blurry = blurred(&blurred(&code(6), 4), 4);
        for (name, part) in [
            ("lines", lines),
            ("lines in reverse", reverse),
            ("blurred", blurry),
        ] {
            assert_eq!(found_in(&part, LONG), 1, "{name}");
            assert_eq!(found_in(&part, Duration::ZERO), 0, "{name}");
        }
        // The first way is taken in any case: dark and light by one threshold, so that modules may be wide.
        let wide = code(12);
        let reverse = wide.luma().iter().map(|pixel| 255 - pixel).collect();
        let reverse = Picture::from_luma(wide.width(), wide.height(), reverse);
        for part in [wide, reverse] {
            let [darker, _] = by_surroundings(&part, 8, 2).unwrap();
            let deadline = Instant::now() + LONG;
            assert!(read_matrix(&darker, deadline).found.is_empty());
            assert_eq!(found_in(&part, Duration::ZERO), 1);
        }
    }
}
