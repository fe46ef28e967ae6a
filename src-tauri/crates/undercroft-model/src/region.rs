//! AWS region names.

use crate::{
    partition::Partition,
    text::{codes, text_type},
};

text_type! {
    /// The name of an AWS region, such as `eu-central-1`.
    ///
    /// Any name of the right shape is taken, so that a region that opens tomorrow works today.
    Region, RegionError, "an AWS region name"
}

/// Why a text is not a region's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RegionError {
    /// Not of the shape that region names have.
    #[error(
        "a region's name looks like eu-central-1: lower-case words and a number, with dashes between"
    )]
    Shape,
    /// An availability zone, which has one letter more.
    #[error("this is an availability zone; leave out the last letter to name its region")]
    AvailabilityZone,
    /// A region of an isolated partition.
    #[error(
        "the isolated (ISO) regions are not supported; a supported region looks like eu-central-1"
    )]
    Isolated,
}

codes!(RegionError {
    Shape => "region-shape",
    AvailabilityZone => "region-is-availability-zone",
    Isolated => "region-isolated",
});

impl Region {
    /// Reads a region's name.
    ///
    /// # Errors
    /// When the text does not have the shape of one, or names an isolated region.
    pub fn parse(text: &str) -> Result<Self, RegionError> {
        let text = text.trim();
        if !has_region_shape(text) {
            let zone = text.strip_suffix(|c: char| c.is_ascii_lowercase());
            return Err(match zone {
                Some(region) if has_region_shape(region) => RegionError::AvailabilityZone,
                Some(_) | None => RegionError::Shape,
            });
        }
        if text
            .split('-')
            .nth(1)
            .is_some_and(|word| word.starts_with("iso"))
        {
            return Err(RegionError::Isolated);
        }
        Ok(Self(text.into()))
    }

    /// Makes a region of a name that this crate itself wrote down.
    pub(crate) fn known(name: &'static str) -> Self {
        Self(name.into())
    }

    /// The partition that the region belongs to.
    #[must_use]
    pub fn partition(&self) -> Partition {
        let name = self.as_str();
        if name.starts_with("cn-") {
            Partition::AwsCn
        } else if name.starts_with("us-gov-") {
            Partition::AwsUsGov
        } else if name.starts_with("eusc-") {
            Partition::AwsEusc
        } else {
            Partition::Aws
        }
    }
}

/// Tells whether `text` is two or more lower-case words and a number, with dashes between.
fn has_region_shape(text: &str) -> bool {
    if !(7..=32).contains(&text.len()) {
        return false;
    }
    let Some((words, number)) = text.rsplit_once('-') else {
        return false;
    };
    let number_fits = (1..=2).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_digit());
    let words_fit = words.contains('-')
        && words
            .split('-')
            .all(|word| word.len() >= 2 && word.bytes().all(|b| b.is_ascii_lowercase()));
    number_fits && words_fit
}
