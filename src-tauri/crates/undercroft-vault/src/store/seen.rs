//! Which changes an item's state has seen.
//!
//! A revision alone can't tell "deleted after that edit" from "deleted at the same time as that edit", and only
//! the first may make the edit disappear. So an item that several installations changed also carries, in its
//! field `seen`, the highest counter of each of them that went into it (a version vector). An item that only
//! one installation changed needs none: its revision says it all.

use std::collections::BTreeMap;

use ciborium::Value;
use undercroft_model::{Extra, InstallationId, Item, Revision};

/// The item's field, an array of `[installation, counter]`.
const FIELD: &str = "seen";

/// The highest counter of each installation that went into an item's state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Seen(BTreeMap<InstallationId, u64>);

impl Seen {
    /// Reads what went into an item; a field that can't be read counts as missing.
    pub(crate) fn of(item: &Item) -> Self {
        let mut seen = Self(BTreeMap::new());
        if let Some(Value::Array(pairs)) = item.extra.field(FIELD) {
            for revision in pairs.iter().filter_map(parse) {
                seen.add(revision);
            }
        }
        seen.add(item.revision);
        seen
    }

    /// Whether everything that went into `other` went into this one too.
    pub(crate) fn covers(&self, other: &Self) -> bool {
        other
            .0
            .iter()
            .all(|(installation, counter)| self.0.get(installation) >= Some(counter))
    }

    /// Adds what went into `other`.
    pub(crate) fn join(&mut self, other: &Self) {
        for (installation, counter) in &other.0 {
            self.add(Revision {
                counter: *counter,
                installation: *installation,
            });
        }
    }

    /// The revision of a change made now, newer than all that was seen.
    pub(crate) fn next(&self, installation: InstallationId) -> Revision {
        let newest = self.0.values().max().copied().unwrap_or(0);
        Revision {
            counter: newest.saturating_add(1),
            installation,
        }
    }

    /// Writes this into the item, whose revision must be the one that is meant.
    pub(crate) fn write(mut self, item: &mut Item) {
        self.add(item.revision);
        let others: Extra = item
            .extra
            .iter()
            .filter(|(name, _)| *name != FIELD)
            .map(|(name, value)| (name.to_owned(), value.clone()))
            .collect();
        item.extra = others;
        if self.0.len() > 1
            || self.0.get(&item.revision.installation) != Some(&item.revision.counter)
        {
            let pairs = self.0.iter().map(|(installation, counter)| {
                Value::Array(vec![
                    Value::Bytes(installation.as_bytes().to_vec()),
                    Value::Integer((*counter).into()),
                ])
            });
            item.extra
                .insert(FIELD.to_owned(), Value::Array(pairs.collect()));
        }
    }

    fn add(&mut self, revision: Revision) {
        let counter = self.0.entry(revision.installation).or_insert(0);
        *counter = revision.counter.max(*counter);
    }
}

fn parse(pair: &Value) -> Option<Revision> {
    let [installation, counter] = pair.as_array()?.as_slice() else {
        return None;
    };
    Some(Revision {
        installation: InstallationId::from_bytes(
            installation.as_bytes()?.as_slice().try_into().ok()?,
        ),
        counter: u64::try_from(counter.as_integer()?).ok()?,
    })
}
