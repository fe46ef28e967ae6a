//! The decoders, made safe to call.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

use rqrr::PreparedImage;
use rxing::common::cpp_essentials::{ConcentricPattern, DecoderResult};
use rxing::common::{BitMatrix, DetectorRXingResult};
use rxing::qrcode::cpp_port::decoder::Decode;
use rxing::qrcode::cpp_port::detector::{
    FindFinderPatterns, FinderPatternSet, GenerateFinderPatternSets, SampleQR,
};
use undercroft_secret::SecretString;

use super::{Found, Picture, Region};

/// More finder patterns than codes on a screen have.
const MANY_PATTERNS: usize = 100;
/// The most finder patterns that are combined; noise has thousands.
const MOST_PATTERNS: usize = 300;
/// The most places that may look like a corner at first sight.
const MOST_HINTS: usize = 6000;
/// The most combinations that are tried in one matrix.
const MOST_SETS: usize = 600;

/// What one attempt yields.
#[derive(Default)]
pub(super) struct Attempt {
    pub(super) found: Vec<Found>,
    /// Where three corners of a code stand that could not be read.
    pub(super) unread: Vec<Region>,
    /// Whether corners are everywhere; rqrr, which tries each with each, would be busy for minutes.
    pub(super) is_noise: bool,
}

/// Reads every code of dark pixels on light ones, until `deadline`.
///
/// This is what rxing's own reader does, but it says which corners it could not read, and noise can't keep it busy.
pub(super) fn read_matrix(matrix: &BitMatrix, deadline: Instant) -> Attempt {
    guarded(|| {
        let (width, height) = (matrix.width(), matrix.height());
        // Its first row is the third.
        if height < 21 || width < 21 {
            return Attempt::default();
        }
        if hints_of_corners(matrix) > MOST_HINTS {
            return Attempt {
                is_noise: true,
                ..Attempt::default()
            };
        }
        let mut patterns = FindFinderPatterns(matrix, true, 0);
        if patterns.len() > MOST_PATTERNS {
            patterns.sort_by_key(|pattern| std::cmp::Reverse(pattern.size));
            patterns.truncate(MOST_PATTERNS);
        }
        let mut attempt = Attempt {
            is_noise: patterns.len() > MANY_PATTERNS,
            ..Attempt::default()
        };
        let mut used: Vec<ConcentricPattern> = Vec::new();
        for set in GenerateFinderPatternSets(&mut patterns)
            .into_iter()
            .take(MOST_SETS)
        {
            if [set.bl, set.tl, set.tr]
                .iter()
                .any(|corner| used.contains(corner))
            {
                continue;
            }
            match read_set(matrix, &set) {
                Some(found) => {
                    used.extend([set.bl, set.tl, set.tr]);
                    attempt.found.push(found);
                }
                None if is_likely(&set) => attempt.unread.push(place_of(&set, width, height)),
                None => {}
            }
            if Instant::now() >= deadline {
                break;
            }
        }
        attempt
    })
}

/// Counts the places in every third row where dark and light change as they do across a corner: 1:1:3:1:1, roughly.
fn hints_of_corners(matrix: &BitMatrix) -> usize {
    let mut hints = 0;
    for y in (2..matrix.height()).step_by(3) {
        // The last five runs, the latest last; the first is light.
        let mut runs = [0_u32; 5];
        let mut is_dark = false;
        for x in 0..matrix.width() {
            if matrix.get(x, y) != is_dark {
                let [outer, gap, middle, other_gap, other_outer] = runs;
                let corner = is_dark
                    && middle >= 3
                    && middle >= 2 * outer.max(other_outer)
                    && middle >= gap.max(other_gap)
                    && outer > 0;
                hints += usize::from(corner);
                runs.rotate_left(1);
                runs[4] = 0;
                is_dark = !is_dark;
            }
            runs[4] += 1;
        }
    }
    hints
}

fn read_set(matrix: &BitMatrix, set: &FinderPatternSet) -> Option<Found> {
    let sampled = SampleQR(matrix, set).ok()?;
    let decoded = Decode(sampled.getBits())
        .ok()
        .filter(|decoded| decoded.isValid())?;
    let corners = sampled.getPoints().iter().map(|point| (point.x, point.y));
    Some(Found {
        text: text_of(&decoded),
        bounds: Region::around(corners, matrix.width(), matrix.height()),
    })
}

/// Takes bytes of no named encoding for UTF-8 where they can be: what rxing guesses of a short name is often wrong.
fn text_of(decoded: &DecoderResult<bool>) -> SecretString {
    let content = decoded.content();
    match std::str::from_utf8(content.bytes()) {
        Ok(text) if !content.has_eci => SecretString::copy_of(text),
        Ok(_) | Err(_) => SecretString::new(decoded.text()),
    }
}

/// Tells whether three patterns stand as those of a code do: same size, right angle, equal sides.
fn is_likely(set: &FinderPatternSet) -> bool {
    let sizes = [set.bl.size, set.tl.size, set.tr.size];
    let (small, large) = sizes.iter().fold((i32::MAX, 0), |(small, large), size| {
        (small.min(*size), large.max(*size))
    });
    let (down, across) = (set.bl.p - set.tl.p, set.tr.p - set.tl.p);
    let length = |x: f32, y: f32| x.hypot(y);
    let (a, b) = (length(down.x, down.y), length(across.x, across.y));
    let cosine = (down.x * across.x + down.y * across.y) / (a * b);
    4 * large <= 5 * small && a.min(b) >= 0.8 * a.max(b) && cosine.abs() < 0.2
}

fn place_of(set: &FinderPatternSet, width: u32, height: u32) -> Region {
    let opposite = (
        set.bl.p.x + set.tr.p.x - set.tl.p.x,
        set.bl.p.y + set.tr.p.y - set.tl.p.y,
    );
    let corners = [set.bl, set.tl, set.tr].map(|corner| (corner.p.x, corner.p.y));
    Region::around(corners.into_iter().chain([opposite]), width, height)
}

/// Reads with rqrr, which finds its way in perspective and where corners are damaged.
pub(super) fn read_skewed(picture: &Picture, inverted: bool) -> Attempt {
    guarded(|| {
        let (width, height) = (picture.width() as usize, picture.height() as usize);
        let luma = picture.luma();
        let flip = if inverted { 255 } else { 0 };
        let mut prepared =
            PreparedImage::prepare_from_greyscale(width, height, |x, y| luma[y * width + x] ^ flip);
        let found = prepared.detect_grids().into_iter().filter_map(|grid| {
            let (_, text) = grid.decode().ok()?;
            let corners = grid.bounds.map(|point| (point.x as f32, point.y as f32));
            Some(Found {
                text: SecretString::new(text),
                bounds: Region::around(corners, picture.width(), picture.height()),
            })
        });
        Attempt {
            found: found.collect(),
            ..Attempt::default()
        }
    })
}

/// Takes a decoder's panic for nothing found.
fn guarded(read: impl FnOnce() -> Attempt) -> Attempt {
    catch_unwind(AssertUnwindSafe(read)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use qrcode::bits::Bits;
    use qrcode::{Color, EcLevel, QrCode, Version};
    use rxing::Point;

    use super::*;
    use crate::qr::binary::by_threshold;

    fn soon() -> Instant {
        Instant::now() + Duration::from_secs(60)
    }

    /// A matrix of rows, `#` being dark.
    fn matrix(rows: &[impl AsRef<str>]) -> BitMatrix {
        let mut matrix = BitMatrix::new(rows[0].as_ref().len() as u32, rows.len() as u32).unwrap();
        for (y, row) in rows.iter().enumerate() {
            for (x, _) in row.as_ref().match_indices('#') {
                matrix.set(x as u32, y as u32);
            }
        }
        matrix
    }

    /// Puts corners of three pixels a module at some places.
    fn corners(width: u32, height: u32, places: impl IntoIterator<Item = (u32, u32)>) -> BitMatrix {
        let mut matrix = BitMatrix::new(width, height).unwrap();
        for (left, top) in places {
            for (x, y) in (0..21).flat_map(|y| (0..21).map(move |x| (x, y))) {
                let ring = (x / 3_u32).abs_diff(3).max((y / 3_u32).abs_diff(3));
                if ring != 2 {
                    matrix.set(left + x, top + y);
                }
            }
        }
        matrix
    }

    /// Paints codes beside one another, three pixels a module.
    fn painted(codes: &[&QrCode]) -> Picture {
        let side = codes.iter().map(|code| code.width() + 8).max().unwrap() * 3;
        let width = side * codes.len();
        let mut luma = vec![255; width * side];
        for (place, code) in codes.iter().enumerate() {
            for y in 0..code.width() * 3 {
                for x in 0..code.width() * 3 {
                    if code[(x / 3, y / 3)] == Color::Dark {
                        luma[(y + 12) * width + place * side + x + 12] = 0;
                    }
                }
            }
        }
        Picture::from_luma(width as u32, side as u32, luma)
    }

    fn matrix_of(picture: &Picture) -> BitMatrix {
        by_threshold(picture, |pixel| pixel < 128, 0).unwrap()
    }

    fn texts(attempt: &Attempt) -> Vec<&str> {
        attempt
            .found
            .iter()
            .map(|found| found.text.expose())
            .collect()
    }

    #[test]
    fn every_code_of_a_matrix_is_read_while_there_is_time() {
        let (one, other) = (QrCode::new("one").unwrap(), QrCode::new("other").unwrap());
        let both = matrix_of(&painted(&[&one, &other]));
        let attempt = read_matrix(&both, soon());
        let mut found = texts(&attempt);
        found.sort_unstable();
        assert_eq!(found, ["one", "other"]);
        assert!(attempt.unread.is_empty() && !attempt.is_noise);
        let right = attempt
            .found
            .iter()
            .find(|found| found.text.expose() == "other");
        let place = Region {
            x: 87 + 12,
            y: 12,
            width: 63,
            height: 63,
        };
        let bounds = right.unwrap().bounds;
        assert!(
            bounds.is_same_place(place) && bounds.x.abs_diff(99) < 3,
            "{bounds:?}"
        );
        assert_eq!(read_matrix(&both, Instant::now()).found.len(), 1);
    }

    #[test]
    fn where_a_code_cannot_be_read_is_told() {
        let code = QrCode::new("some text that is about to be lost").unwrap();
        let picture = painted(&[&code]);
        let mut blotted = picture.luma().to_vec();
        let side = code.width() * 3;
        for y in 12 + 27..12 + side - 27 {
            blotted[y * picture.width() as usize + 12..][..side].fill(0);
        }
        let blotted = Picture::from_luma(picture.width(), picture.height(), blotted);
        let attempt = read_matrix(&matrix_of(&blotted), soon());
        assert!(attempt.found.is_empty());
        // From corner to corner, seen from their middles.
        let wanted = Region {
            x: 12 + 10,
            y: 12 + 10,
            width: side as u32 - 21 + 1,
            height: side as u32 - 21 + 1,
        };
        assert_eq!(attempt.unread.len(), 1);
        let unread = attempt.unread[0];
        assert!(unread.is_same_place(wanted), "{unread:?}");
        assert!(unread.x.abs_diff(wanted.x) < 2 && unread.width.abs_diff(wanted.width) < 3);
    }

    #[test]
    fn three_corners_that_stand_as_in_no_code_are_none_that_is_unread() {
        let unread = |below: u32| {
            let corners = corners(300, 500, [(20, 20), (200, 20), (20, 20 + below)]);
            let mut patterns = FindFinderPatterns(&corners, true, 0);
            assert_eq!(GenerateFinderPatternSets(&mut patterns).len(), 1);
            read_matrix(&corners, soon()).unread
        };
        assert_eq!(unread(180).len(), 1);
        assert!(unread(300).is_empty());
    }

    #[test]
    fn a_code_fits_into_no_less_than_twenty_one_pixels() {
        let code = QrCode::new("small").unwrap();
        let small = |margin: usize| {
            let side = code.width() + 2 * margin;
            let mut matrix = BitMatrix::new(side as u32, side as u32).unwrap();
            for (at, color) in code.to_colors().iter().enumerate() {
                if *color == Color::Dark {
                    let (x, y) = (at % code.width(), at / code.width());
                    matrix.set((x + margin) as u32, (y + margin) as u32);
                }
            }
            matrix
        };
        assert_eq!(texts(&read_matrix(&small(4), soon())), ["small"]);
        assert_eq!(texts(&read_matrix(&small(0), soon())), ["small"]);
        // Noise, if it were looked at.
        let wide = |rows: usize| matrix(&vec!["#.###.#.".repeat(1100); rows]);
        let high =
            |columns: usize| matrix(&vec![format!("{:.<columns$}", "#.###.#.#.###.#."); 9100]);
        for (small, large) in [(wide(20), wide(21)), (high(20), high(21))] {
            assert!(!read_matrix(&small, soon()).is_noise);
            assert!(read_matrix(&large, soon()).is_noise);
        }
    }

    #[test]
    fn a_hint_of_a_corner_is_dark_with_a_wide_middle() {
        for (row, hints) in [
            ("#.###.#.", 1),
            ("#.###.#.#.###.#.", 2),
            ("#.###.#", 0),
            ("#.##.#.", 0),
            ("##.####.##.", 1),
            ("##.###.#.", 0),
            ("#.###.##.", 0),
            ("#.####.##.", 1),
            ("###.######.###.", 1),
            ("###.#####.###.", 0),
            ("#...###...#.", 1),
            ("#....###.#.", 0),
            ("#.###....#.", 0),
            (".###.#.", 0),
            (".#...#.#.", 0),
            (".#.###.#.", 1),
        ] {
            let still = ".".repeat(row.len());
            let rows = [&still, &still, row];
            assert_eq!(hints_of_corners(&matrix(&rows)), hints, "{row}");
        }
        // Every third row is looked at.
        assert_eq!(hints_of_corners(&matrix(&["#.###.#."; 9])), 3);
        assert_eq!(hints_of_corners(&matrix(&["#.###.#."; 2])), 0);
    }

    #[test]
    fn more_hints_or_corners_than_codes_have_are_noise() {
        // Lines that look like corners from above only.
        let lines = |rows: usize| matrix(&vec!["#.###.#.".repeat(100); rows]);
        assert_eq!(hints_of_corners(&lines(180)), 6000);
        assert!(!read_matrix(&lines(180), soon()).is_noise);
        assert!(read_matrix(&lines(183), soon()).is_noise);

        let carpet = |count: u32| {
            corners(
                330,
                330,
                (0..count).map(|at| (at % 10 * 33 + 6, at / 10 * 30 + 6)),
            )
        };
        assert_eq!(FindFinderPatterns(&carpet(100), true, 0).len(), 100);
        assert!(!read_matrix(&carpet(100), Instant::now()).is_noise);
        assert!(read_matrix(&carpet(101), Instant::now()).is_noise);
    }

    /// Three corners around the upper left one, each with its size.
    fn set(bl: (f32, f32, i32), tr: (f32, f32, i32)) -> FinderPatternSet {
        let (x, y) = (50.0, 70.0);
        let pattern = |x, y, size| ConcentricPattern {
            p: Point { x, y },
            size,
        };
        FinderPatternSet {
            bl: pattern(x + bl.0, y + bl.1, bl.2),
            tl: pattern(x, y, 20),
            tr: pattern(x + tr.0, y + tr.1, tr.2),
        }
    }

    #[test]
    fn corners_of_a_code_are_as_large_and_as_far_at_a_right_angle() {
        let (down, across) = ((0.0, 100.0, 20), (100.0, 0.0, 20));
        for (bl, tr, likely) in [
            (down, across, true),
            ((0.0, 100.0, 25), across, true),
            ((0.0, 100.0, 26), across, false),
            (down, (100.0, 0.0, 26), false),
            (down, (100.0, 0.0, 15), false),
            (down, (100.0, 0.0, 16), true),
            ((0.0, 80.0, 20), across, true),
            ((0.0, 79.0, 20), across, false),
            (down, (79.0, 0.0, 20), false),
            (down, (80.0, 0.0, 20), true),
            ((19.0, 100.0, 20), across, true),
            ((21.0, 100.0, 20), across, false),
            ((-21.0, 100.0, 20), across, false),
            (down, (100.0, 19.0, 20), true),
            (down, (100.0, 21.0, 20), false),
            (down, (100.0, -21.0, 20), false),
            ((-60.0, 80.0, 20), (80.0, 60.0, 20), true),
            ((60.0, 80.0, 20), (80.0, 60.0, 20), false),
        ] {
            assert_eq!(is_likely(&set(bl, tr)), likely, "{bl:?} {tr:?}");
        }
    }

    #[test]
    fn the_place_of_a_code_has_a_fourth_corner() {
        let square = Region {
            x: 50,
            y: 70,
            width: 100,
            height: 100,
        };
        let upright = set((0.0, 100.0, 20), (100.0, 0.0, 20));
        assert_eq!(place_of(&upright, 500, 500), square);
        let turned = set((-30.0, 40.0, 20), (40.0, 30.0, 20));
        let wanted = Region {
            x: 20,
            y: 70,
            width: 70,
            height: 70,
        };
        assert_eq!(place_of(&turned, 500, 500), wanted);
        assert_eq!(place_of(&turned, 60, 500).width, 40);
        assert_eq!(place_of(&turned, 500, 100).height, 30);
    }

    #[test]
    fn bytes_are_utf_8_unless_the_code_names_another_encoding() {
        let code = |encoding: Option<u32>, bytes: &[u8]| {
            let mut bits = Bits::new(Version::Normal(2));
            if let Some(encoding) = encoding {
                bits.push_eci_designator(encoding).unwrap();
            }
            bits.push_byte_data(bytes).unwrap();
            bits.push_terminator(EcLevel::M).unwrap();
            QrCode::with_bits(bits, EcLevel::M).unwrap()
        };
        for (encoding, bytes, text) in [
            (None, "zoë".as_bytes(), "zoë"),
            (Some(26), "zoë".as_bytes(), "zoë"),
            (Some(3), b"zo\xeb", "zoë"),
            (Some(3), "ë".as_bytes(), "Ã«"),
        ] {
            let attempt = read_matrix(&matrix_of(&painted(&[&code(encoding, bytes)])), soon());
            assert_eq!(texts(&attempt), [text], "{encoding:?}");
        }
    }

    #[test]
    fn rqrr_reads_dark_on_light_or_the_reverse() {
        let code = QrCode::new("either way").unwrap();
        let picture = painted(&[&code]);
        let flipped = picture.luma().iter().map(|pixel| 255 - pixel).collect();
        let reverse = Picture::from_luma(picture.width(), picture.height(), flipped);
        for (picture, inverted) in [(&picture, false), (&reverse, true)] {
            let attempt = read_skewed(picture, inverted);
            assert_eq!(texts(&attempt), ["either way"]);
            let bounds = attempt.found[0].bounds;
            let wanted = Region {
                x: 12,
                y: 12,
                width: 63,
                height: 63,
            };
            assert!(
                bounds.is_same_place(wanted) && bounds.width.abs_diff(63) < 4,
                "{bounds:?}"
            );
            assert!(read_skewed(picture, !inverted).found.is_empty());
        }
    }

    #[test]
    fn a_decoder_that_panics_has_found_nothing() {
        let attempt = guarded(|| panic!("as a decoder does"));
        assert!(attempt.found.is_empty() && attempt.unread.is_empty() && !attempt.is_noise);
    }
}
