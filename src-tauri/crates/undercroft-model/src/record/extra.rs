//! Fields that this version does not know.

use std::{collections::BTreeMap, fmt};

use ciborium::Value;
use serde::{Deserialize, Deserializer, Serialize, Serializer, ser::SerializeMap};

/// The fields of a record that this version does not know, kept for rewriting.
///
/// Empty ones take one word and no heap.
#[derive(Clone, Default, PartialEq)]
#[expect(
    clippy::box_collection,
    reason = "one word instead of three in each of many records that have none"
)]
pub struct Extra(Option<Box<BTreeMap<String, Value>>>);

impl Extra {
    /// An empty set of fields.
    #[must_use]
    pub const fn new() -> Self {
        Self(None)
    }

    /// Tells whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.as_ref().map_or(0, |fields| fields.len())
    }

    /// The value of a field.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&Value> {
        self.0.as_ref().and_then(|fields| fields.get(name))
    }

    /// Sets a field and returns the value that it had.
    pub fn insert(&mut self, name: String, value: Value) -> Option<Value> {
        self.0.get_or_insert_default().insert(name, value)
    }

    /// All fields, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0
            .iter()
            .flat_map(|fields| fields.iter())
            .map(|(name, value)| (name.as_str(), value))
    }
}

impl fmt::Debug for Extra {
    /// Shows the names only; what a newer version keeps there is not for logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set()
            .entries(self.iter().map(|(name, _)| name))
            .finish()
    }
}

impl FromIterator<(String, Value)> for Extra {
    fn from_iter<I: IntoIterator<Item = (String, Value)>>(fields: I) -> Self {
        let mut extra = Self::new();
        for (name, value) in fields {
            extra.insert(name, value);
        }
        extra
    }
}

impl Serialize for Extra {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.len()))?;
        for (name, value) in self.iter() {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Extra {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let fields = BTreeMap::deserialize(deserializer)?;
        Ok(if fields.is_empty() {
            Self::new()
        } else {
            Self(Some(Box::new(fields)))
        })
    }
}
