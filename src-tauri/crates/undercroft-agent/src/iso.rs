//! Moments on the wire: ISO 8601 in UTC, where a vault stores the number.

use std::{borrow::Cow, ops::RangeInclusive};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
use undercroft_model::Timestamp;

/// The years 0 to 9999 in UTC. A zone can lead out of them, and what lies there can't be written with four digits.
const WRITABLE: RangeInclusive<i64> = -62_167_219_200..=253_402_300_799;

/// A moment that is written and read as ISO 8601.
struct Iso(Timestamp);

impl Serialize for Iso {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Iso {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<str>::deserialize(deserializer)?;
        let moment = Timestamp::parse(&text).map_err(D::Error::custom)?;
        if WRITABLE.contains(&moment.unix_secs()) {
            Ok(Self(moment))
        } else {
            Err(D::Error::custom("a time in the years 0 to 9999"))
        }
    }
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "the signature that serde's `with` asks for"
)]
pub(crate) fn serialize<S: Serializer>(
    moment: &Timestamp,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    Iso(*moment).serialize(serializer)
}

pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Timestamp, D::Error> {
    Iso::deserialize(deserializer).map(|moment| moment.0)
}

/// The same for a moment that may be left out.
pub(crate) mod option {
    use super::{Deserialize, Deserializer, Iso, Serialize, Serializer, Timestamp};

    #[expect(
        clippy::ref_option,
        reason = "the signature that serde's `with` asks for"
    )]
    pub(crate) fn serialize<S: Serializer>(
        moment: &Option<Timestamp>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        moment.map(Iso).serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Timestamp>, D::Error> {
        Ok(Option::<Iso>::deserialize(deserializer)?.map(|moment| moment.0))
    }
}
