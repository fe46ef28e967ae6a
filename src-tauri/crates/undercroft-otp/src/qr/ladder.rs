//! The attempts at a picture, from the cheap to the dear.

use undercroft_secret::SecretString;

use super::readers::{with_rqrr, with_rxing};
use super::{Picture, Region};

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
/// It blocks for up to a second, so it belongs on a thread where that is allowed. A decoder that panics has found
/// nothing.
#[must_use]
pub fn read_codes(picture: &Picture) -> Vec<Found> {
    let mut all = Vec::new();
    for reader in [with_rxing, with_rqrr] {
        for found in reader(picture) {
            fold(&mut all, found);
        }
        if !all.is_empty() {
            break;
        }
    }
    all.sort_by_key(|found| (found.bounds.y, found.bounds.x));
    all
}

fn fold(all: &mut Vec<Found>, found: Found) {
    if !all.iter().any(|earlier| earlier.text.ct_eq(&found.text)) {
        all.push(found);
    }
}
