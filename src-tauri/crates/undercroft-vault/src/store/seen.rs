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

#[cfg(test)]
mod tests {
    use undercroft_model::{Content, ItemId, ItemState, Settings, Timestamp};

    use super::*;

    fn revision(installation: u8, counter: u64) -> Revision {
        Revision {
            counter,
            installation: InstallationId::from_bytes([installation; 16]),
        }
    }

    fn item(installation: u8, counter: u64) -> Item {
        let at = Timestamp::from_unix_secs(0);
        Item {
            id: ItemId::from_bytes([1; 16]),
            revision: revision(installation, counter),
            created_at: at,
            modified_at: at,
            state: ItemState::Live(Content::Settings(Settings::default())),
            history: Vec::new(),
            extra: Extra::new(),
        }
    }

    fn seen(all: &[(u8, u64)]) -> Seen {
        let mut seen = Seen(BTreeMap::new());
        for (installation, counter) in all {
            seen.add(revision(*installation, *counter));
        }
        seen
    }

    #[test]
    fn covers_what_it_has_seen_of_every_installation() {
        let all = seen(&[(1, 5), (2, 3)]);
        for (other, covered) in [
            (seen(&[]), true),
            (seen(&[(1, 5)]), true),
            (seen(&[(1, 5), (2, 3)]), true),
            (seen(&[(1, 4), (2, 4)]), false),
            (seen(&[(1, 6)]), false),
            (seen(&[(3, 1)]), false),
        ] {
            assert_eq!(all.covers(&other), covered, "{other:?}");
        }
        let mut joined = seen(&[(1, 4), (3, 9)]);
        joined.join(&all);
        assert_eq!(joined, seen(&[(1, 5), (2, 3), (3, 9)]));
    }

    #[test]
    fn the_next_change_is_newer_than_all_of_them() {
        let me = InstallationId::from_bytes([1; 16]);
        assert_eq!(seen(&[(1, 5), (2, 8)]).next(me), revision(1, 9));
        assert_eq!(seen(&[]).next(me), revision(1, 1));
        assert_eq!(seen(&[(2, u64::MAX)]).next(me), revision(1, u64::MAX));
    }

    #[test]
    fn it_is_written_only_where_the_revision_does_not_say_it_all() {
        for (all, expected) in [
            (seen(&[(1, 4)]), seen(&[(1, 5)])),
            (seen(&[(1, 7)]), seen(&[(1, 7)])),
            (seen(&[(2, 3)]), seen(&[(1, 5), (2, 3)])),
        ] {
            let mut item = item(1, 5);
            item.extra
                .insert("other".to_owned(), Value::Text("kept".to_owned()));
            item.extra.insert(FIELD.to_owned(), Value::Null);
            all.write(&mut item);
            assert_eq!(Seen::of(&item), expected);
            let is_needed = expected != seen(&[(1, 5)]);
            assert_eq!(item.extra.field(FIELD).is_some(), is_needed, "{expected:?}");
            assert!(item.extra.field("other").is_some());
        }
    }

    #[test]
    fn what_is_no_pair_of_installation_and_counter_counts_as_missing() {
        let pair = |installation: &[u8], counter: Value| {
            Value::Array(vec![Value::Bytes(installation.to_vec()), counter])
        };
        let mut item = item(1, 5);
        let pairs = vec![
            pair(&[2; 16], 3.into()),
            pair(&[3; 15], 3.into()),
            pair(&[4; 16], (-1).into()),
            pair(&[5; 16], Value::Null),
            Value::Array(vec![Value::Bytes(vec![6; 16])]),
            Value::Null,
            pair(&[1; 16], 4.into()),
        ];
        item.extra.insert(FIELD.to_owned(), Value::Array(pairs));
        assert_eq!(Seen::of(&item), seen(&[(1, 5), (2, 3)]));
    }
}
