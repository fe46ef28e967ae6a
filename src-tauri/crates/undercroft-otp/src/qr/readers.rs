//! The decoders, made safe to call.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

use rqrr::PreparedImage;
use rxing::common::cpp_essentials::ConcentricPattern;
use rxing::common::{BitMatrix, DetectorRXingResult};
use rxing::qrcode::cpp_port::decoder::Decode;
use rxing::qrcode::cpp_port::detector::{
    FindFinderPatterns, FinderPatternSet, GenerateFinderPatternSets, SampleQR,
};
use undercroft_secret::SecretString;

use super::{Found, Picture, Region};

/// The most finder patterns that are combined; noise has thousands.
const MOST_PATTERNS: usize = 300;
/// The most combinations that are tried in one matrix.
const MOST_SETS: usize = 600;

/// What one attempt yields.
#[derive(Default)]
pub(super) struct Attempt {
    pub(super) found: Vec<Found>,
    /// Where three corners of a code stand that could not be read.
    pub(super) unread: Vec<Region>,
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
        let mut patterns = FindFinderPatterns(matrix, true, 0);
        if patterns.len() > MOST_PATTERNS {
            patterns.sort_by_key(|pattern| std::cmp::Reverse(pattern.size));
            patterns.truncate(MOST_PATTERNS);
        }
        let mut attempt = Attempt::default();
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

fn read_set(matrix: &BitMatrix, set: &FinderPatternSet) -> Option<Found> {
    let sampled = SampleQR(matrix, set).ok()?;
    let decoded = Decode(sampled.getBits())
        .ok()
        .filter(|decoded| decoded.isValid())?;
    let corners = sampled.getPoints().iter().map(|point| (point.x, point.y));
    Some(Found {
        text: SecretString::new(decoded.text()),
        bounds: Region::around(corners, matrix.width(), matrix.height()),
    })
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
            unread: Vec::new(),
        }
    })
}

/// Takes a decoder's panic for nothing found.
fn guarded(read: impl FnOnce() -> Attempt) -> Attempt {
    catch_unwind(AssertUnwindSafe(read)).unwrap_or_default()
}
