//! Merging two versions of a vault, item by item.
//!
//! What was changed on one side only is taken as it is. Where both sides changed an item, an edit beats a
//! deletion, then the higher revision wins, and what the other side held goes to the item's history. The outcome
//! does not depend on which side is which, and merging again changes nothing.

use std::collections::BTreeSet;

use undercroft_model::{
    Content, Extra, Item, ItemId, ItemState, PastContent, PastReason, Revision, Timestamp,
};

use crate::body::{Body, Items, MAX_SAVES, SaveStamp, StoredItem};
use crate::format::FormatError;
use crate::kdf::KdfParams;
use crate::sealed_fields::without_sealed_bytes;
use crate::slots::{Slot, SlotKind};

use super::seen::Seen;

/// How many replaced contents an item keeps.
pub(crate) const HISTORY_LEN: usize = 20;

/// What merging did to the vault in memory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MergeReport {
    /// Items that came from outside or were changed by it.
    pub taken: Vec<ItemId>,
    /// Items of which a change of ours lost to a newer one; it is in the item's history.
    pub lost: Vec<ItemId>,
    /// Items that both sides had changed.
    pub conflicts: Vec<ItemId>,
    /// Whether a password, recovery key or other slot was replaced by a newer one from outside.
    pub slots_changed: bool,
}

/// Merges the body from outside into ours.
pub(crate) fn merge_bodies(ours: &Body, theirs: &Body) -> Result<(Body, MergeReport), FormatError> {
    let mut report = MergeReport::default();
    let ids: BTreeSet<ItemId> = ours
        .items
        .iter()
        .chain(theirs.items.iter())
        .map(StoredItem::id)
        .collect();
    let mut items = Vec::with_capacity(ids.len());
    for id in ids {
        items.extend(match (ours.items.get(id), theirs.items.get(id)) {
            (Some(our), Some(their)) if our == their => Some(our.clone()),
            (Some(our), Some(their)) => Some(merge_stored(our, their, &mut report)?),
            (Some(our), None) => Some(our.clone()),
            (None, Some(their)) => {
                report.taken.push(id);
                Some(their.clone())
            }
            (None, None) => None,
        });
    }
    let (mut extra, other) = if newest(ours) >= newest(theirs) {
        (ours.extra.clone(), &theirs.extra)
    } else {
        (theirs.extra.clone(), &ours.extra)
    };
    extra.merge(other);
    let body = Body {
        vault: ours.vault,
        saves: merge_saves(&ours.saves, &theirs.saves),
        items: Items::from_iter(items),
        extra,
    };
    Ok((body, report))
}

/// Merges slots: of each kind those of the side that changed that kind last.
///
/// `theirs_is_older` says that the other side is an earlier version of ours; slots of an unknown kind, which
/// this version never changes, are then ours, and theirs otherwise.
pub(crate) fn merge_slots(ours: &[Slot], theirs: &[Slot], theirs_is_older: bool) -> Vec<Slot> {
    let of = |slots: &[Slot], kind: SlotKind| -> Vec<Slot> {
        slots
            .iter()
            .filter(|slot| slot.kind() == kind)
            .cloned()
            .collect()
    };
    // Raising the cost keeps the revision, since the password is the same.
    let newest = |slots: &[Slot]| -> Option<(Revision, u64)> {
        slots
            .iter()
            .map(|slot| (slot.revision, slot.kdf().map_or(0, work)))
            .max()
    };
    let mut merged = Vec::with_capacity(ours.len());
    for kind in [SlotKind::Password, SlotKind::RecoveryKey] {
        let (ours, theirs) = (of(ours, kind), of(theirs, kind));
        merged.extend(if newest(&theirs) > newest(&ours) {
            theirs
        } else {
            ours
        });
    }
    merged.extend(of(
        if theirs_is_older { ours } else { theirs },
        SlotKind::Unknown,
    ));
    merged
}

fn work(kdf: KdfParams) -> u64 {
    u64::from(kdf.memory_kib) * u64::from(kdf.iterations)
}

fn merge_stored(
    our: &StoredItem,
    their: &StoredItem,
    report: &mut MergeReport,
) -> Result<StoredItem, FormatError> {
    let id = our.id();
    let (Ok(our_item), Ok(their_item)) = (our.decode(), their.decode()) else {
        // Something that this version can't read can't be taken apart either; the file that it came from is
        // kept among the backups.
        report.conflicts.push(id);
        let order = |stored: &StoredItem| (stored.revision(), stored.encoded().to_vec());
        return Ok(if order(their) > order(our) {
            report.taken.push(id);
            their.clone()
        } else {
            our.clone()
        });
    };
    let merged = merge_items(&our_item, &their_item);
    if merged.conflict {
        report.conflicts.push(id);
        if merged.second_won {
            report.lost.push(id);
        }
    }
    // As bytes: see `is_same_content`.
    let bytes = encoded(&merged.item);
    if bytes == encoded(&our_item) {
        return Ok(our.clone());
    }
    report.taken.push(id);
    if bytes == encoded(&their_item) {
        return Ok(their.clone());
    }
    StoredItem::encode(&merged.item)
}

fn merge_saves(ours: &[SaveStamp], theirs: &[SaveStamp]) -> Vec<SaveStamp> {
    let mut saves: Vec<SaveStamp> = ours.iter().chain(theirs).copied().collect();
    saves.sort_by_key(|save| (save.counter, save.id));
    saves.dedup_by_key(|save| save.id);
    let excess = saves.len().saturating_sub(MAX_SAVES);
    saves.drain(..excess);
    saves
}

fn newest(body: &Body) -> Option<(u64, [u8; 16])> {
    body.saves.last().map(|save| (save.counter, save.id))
}

/// Two versions of an item, made one.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct MergedItem {
    pub(crate) item: Item,
    /// Whether neither side had seen the other's change.
    pub(crate) conflict: bool,
    /// Whether the second version's state prevailed.
    pub(crate) second_won: bool,
}

/// Merges two versions of one item.
pub(crate) fn merge_items(first: &Item, second: &Item) -> MergedItem {
    let (first_seen, second_seen) = (Seen::of(first), Seen::of(second));
    let covers = (
        first_seen.covers(&second_seen),
        second_seen.covers(&first_seen),
    );
    let second_won = match covers {
        (true, false) => false,
        (false, true) => true,
        (true, true) | (false, false) => prevails(second, first),
    };
    let (winner, loser) = if second_won {
        (second, first)
    } else {
        (first, second)
    };
    // Two states that saw the same and differ come from two copies of one installation.
    let conflict = covers.0 == covers.1 && !is_same_state(first, second);

    let mut item = winner.clone();
    item.created_at = first.created_at.min(second.created_at);
    let mut seen = first_seen;
    seen.join(&second_seen);
    seen.write(&mut item);
    item.history = if matches!(winner.state, ItemState::Deleted { .. }) {
        Vec::new()
    } else {
        joined_history(winner, loser, covers.0 != covers.1)
    };
    MergedItem {
        item,
        conflict,
        second_won,
    }
}

/// Sorts a history and drops what is too much.
pub(crate) fn tidy_history(history: &mut Vec<PastContent>) {
    history.sort_by_cached_key(order);
    let excess = history.len().saturating_sub(HISTORY_LEN);
    history.drain(..excess);
}

/// Entries stand in the order in which they were replaced, so that a change that just lost a merge is not the
/// first to be dropped because its revision is low.
fn order(past: &PastContent) -> (Timestamp, Revision, bool, Vec<u8>) {
    let lost = past.reason == PastReason::LostMerge;
    (past.replaced_at, past.revision, lost, encoded(past))
}

/// Whether two contents are the same but for the sealing of their secrets.
pub(crate) fn is_same_content(one: &Content, other: &Content) -> bool {
    // As bytes: an unknown field may hold a number that does not equal itself.
    encoded(&without_sealed_bytes(one)) == encoded(&without_sealed_bytes(other))
}

fn is_same_state(one: &Item, other: &Item) -> bool {
    std::mem::discriminant(&one.state) == std::mem::discriminant(&other.state)
        && one
            .content()
            .zip(other.content())
            .is_none_or(|(one, other)| is_same_content(one, other))
}

/// Whether the state of `one` beats that of `other` when neither has seen the other.
fn prevails(one: &Item, other: &Item) -> bool {
    let rank = |item: &Item| match item.state {
        ItemState::Live(_) => 2,
        ItemState::Binned { .. } => 1,
        ItemState::Deleted { .. } => 0,
    };
    (rank(one), one.revision) > (rank(other), other.revision)
        || (rank(one), one.revision) == (rank(other), other.revision)
            && encoded(&without_past(one)) > encoded(&without_past(other))
}

/// What merging leaves as it is, so that the same side prevails when it merges again.
fn without_past(item: &Item) -> Item {
    Item {
        created_at: Timestamp::from_unix_secs(0),
        history: Vec::new(),
        ..item.clone()
    }
}

pub(crate) fn joined_history(winner: &Item, loser: &Item, saw_loser: bool) -> Vec<PastContent> {
    let mut history = winner.history.clone();
    history.extend(loser.history.iter().cloned());
    drop_twins(&mut history);
    tidy_history(&mut history);
    if let Some(content) = loser.content() {
        // Only what is still there after tidying keeps it.
        let is_kept = winner
            .content()
            .is_some_and(|kept| is_same_content(kept, content))
            || history
                .iter()
                .any(|past| is_same_content(&past.content, content));
        if !is_kept {
            let changed = winner.modified_at.max(loser.modified_at);
            let (replaced_at, reason) = if saw_loser {
                (changed, PastReason::Edited)
            } else {
                // A clock that was ahead and was set right must not make it the first to be dropped.
                let next = history.last().map(|last| last.replaced_at.plus_secs(1));
                (
                    next.map_or(changed, |next| changed.max(next)),
                    PastReason::LostMerge,
                )
            };
            history.push(PastContent {
                revision: loser.revision,
                replaced_at,
                reason,
                content: content.clone(),
                extra: Extra::new(),
            });
            tidy_history(&mut history);
        }
    }
    history
}

/// Of entries for the same content of the same revision the last in order stays: another could be too old to be kept,
/// and then the last would come back with the next merge.
fn drop_twins(history: &mut Vec<PastContent>) {
    history.sort_by_cached_key(order);
    let mut once: Vec<PastContent> = Vec::with_capacity(history.len());
    for past in history.drain(..).rev() {
        let is_there = once.iter().any(|other| {
            other.revision == past.revision && is_same_content(&other.content, &past.content)
        });
        if !is_there {
            once.push(past);
        }
    }
    *history = once;
}

/// Only for a stable order among equals.
fn encoded(value: &impl serde::Serialize) -> Vec<u8> {
    let mut bytes = Vec::new();
    // Writing to memory does not fail; if it did, equals would merely keep their order.
    let _ = ciborium::into_writer(value, &mut bytes);
    bytes
}

#[cfg(test)]
mod tests {
    use undercroft_model::{InstallationId, Settings, VaultId};
    use undercroft_secret::SecretString;

    use super::*;
    use crate::format::UnknownFields;
    use crate::format::cbor::{Reader, Writer};
    use crate::slots::KeySlot;
    use crate::vault_key::VaultKey;

    fn at(secs: i64) -> Timestamp {
        Timestamp::from_unix_secs(secs)
    }

    fn revision(installation: u8, counter: u64) -> Revision {
        Revision {
            counter,
            installation: InstallationId::from_bytes([installation; 16]),
        }
    }

    fn content(number: u32) -> Content {
        Content::Settings(Settings {
            clipboard_clears_in_secs: number,
            ..Settings::default()
        })
    }

    fn item(revision: Revision, state: ItemState) -> Item {
        Item {
            id: ItemId::from_bytes([1; 16]),
            revision,
            created_at: at(0),
            modified_at: at(0),
            state,
            history: Vec::new(),
            extra: Extra::new(),
        }
    }

    fn live(number: u32) -> ItemState {
        ItemState::Live(content(number))
    }

    fn binned(number: u32) -> ItemState {
        ItemState::Binned {
            at: at(0),
            content: content(number),
        }
    }

    fn edited(number: u32, secs: i64) -> PastContent {
        PastContent {
            revision: revision(1, u64::from(number)),
            replaced_at: at(secs),
            reason: PastReason::Edited,
            content: content(number),
            extra: Extra::new(),
        }
    }

    fn save(counter: u64, id: u8) -> SaveStamp {
        SaveStamp {
            id: [id; 16],
            counter,
            installation: InstallationId::from_bytes([1; 16]),
            at: at(0),
        }
    }

    fn body(saves: Vec<SaveStamp>) -> Body {
        Body {
            saves,
            ..Body::new(VaultId::from_bytes([1; 16]))
        }
    }

    fn unknown(fields: &[(&str, u8)]) -> UnknownFields {
        let mut unknown = UnknownFields::default();
        for (name, value) in fields {
            unknown.read(name, &mut Reader::new(&[*value])).unwrap();
        }
        unknown
    }

    #[test]
    fn of_changes_that_did_not_know_each_other_the_one_that_keeps_more_prevails() {
        let deleted = || ItemState::Deleted { at: at(0) };
        for (winner, loser) in [
            (
                item(revision(1, 2), live(1)),
                item(revision(2, 9), binned(2)),
            ),
            (
                item(revision(1, 2), live(1)),
                item(revision(2, 9), deleted()),
            ),
            (
                item(revision(1, 2), binned(1)),
                item(revision(2, 9), deleted()),
            ),
            (item(revision(1, 3), live(1)), item(revision(2, 2), live(2))),
            (item(revision(2, 3), live(1)), item(revision(1, 3), live(2))),
            (
                item(revision(1, 3), binned(1)),
                item(revision(2, 2), binned(2)),
            ),
        ] {
            let (first, second) = (merge_items(&winner, &loser), merge_items(&loser, &winner));
            assert_eq!(first.item, second.item);
            assert_eq!(first.item.state, winner.state);
            assert!(first.conflict && second.conflict);
            assert!(!first.second_won && second.second_won);
            let kept: Vec<_> = first
                .item
                .history
                .iter()
                .map(|past| &past.content)
                .collect();
            assert_eq!(kept, loser.content().into_iter().collect::<Vec<_>>());
        }
    }

    #[test]
    fn two_states_of_one_revision_are_merged_alike_from_both_sides() {
        let (one, two) = (item(revision(1, 2), live(1)), item(revision(1, 2), live(2)));
        let merged = merge_items(&one, &two);
        assert_eq!(merged.item, merge_items(&two, &one).item);
        assert!(merged.conflict);
        assert_eq!(merged.item.history.len(), 1);
        let same = merge_items(&one, &one);
        assert!(!same.conflict && !same.second_won);
        assert_eq!(same.item, one);
    }

    #[test]
    fn the_same_change_on_both_sides_is_no_conflict() {
        let deleted = || ItemState::Deleted { at: at(0) };
        for (one, two, conflict) in [
            (live(1), live(1), false),
            (live(1), live(2), true),
            (live(1), binned(1), true),
            (binned(1), binned(1), false),
            (deleted(), deleted(), false),
            (deleted(), binned(1), true),
        ] {
            let (one, two) = (item(revision(1, 2), one), item(revision(2, 2), two));
            for (first, second) in [(&one, &two), (&two, &one)] {
                let merged = merge_items(first, second);
                assert_eq!(merged.conflict, conflict, "{first:?} {second:?}");
                let lost = usize::from(one.content() != two.content() && one.content().is_some());
                assert_eq!(merged.item.history.len(), lost, "{first:?} {second:?}");
            }
        }
    }

    #[test]
    fn what_is_in_the_history_already_is_not_put_there_again() {
        let past = edited(1, 1);
        let winner = Item {
            history: vec![past.clone()],
            ..item(revision(1, 9), live(2))
        };
        // The other side went back to what it had been.
        let loser = item(revision(2, 5), live(1));
        for (first, second) in [(&winner, &loser), (&loser, &winner)] {
            assert_eq!(
                merge_items(first, second).item.history,
                std::slice::from_ref(&past)
            );
        }
    }

    /// Merges both ways; what comes of it must be what comes of merging again.
    fn merged_for_good(one: &Item, two: &Item) -> Item {
        let merged = merge_items(one, two).item;
        assert_eq!(merge_items(two, one).item, merged);
        for old in [one, two, &merged] {
            assert_eq!(merge_items(&merged, old).item, merged);
            assert_eq!(merge_items(old, &merged).item, merged);
        }
        merged
    }

    #[test]
    fn what_was_dropped_as_too_old_does_not_come_back_with_the_next_merge() {
        let full = |first| [vec![first], (2..=20).map(|n| edited(n, n.into())).collect()].concat();
        // Both replaced it, one early and one late.
        let one = Item {
            history: full(edited(1, 1)),
            modified_at: at(30),
            ..item(revision(2, 30), live(30))
        };
        let two = Item {
            history: full(edited(1, 5)),
            modified_at: at(31),
            ..item(revision(2, 31), live(31))
        };
        let history = merged_for_good(&one, &two).history;
        assert_eq!(history.len(), HISTORY_LEN);
        assert!(history.contains(&edited(1, 5)) && !history.contains(&edited(2, 2)));
        assert_eq!(history.last().unwrap().content, content(30));
    }

    #[test]
    fn a_lost_change_back_to_what_is_too_old_to_be_kept_is_kept_itself() {
        let winner = Item {
            history: (1..=20).map(|n| edited(n, n.into())).collect(),
            modified_at: at(40),
            ..item(revision(1, 40), live(40))
        };
        let loser = Item {
            history: vec![edited(21, 21)],
            modified_at: at(30),
            ..item(revision(2, 30), live(1))
        };
        let history = merged_for_good(&winner, &loser).history;
        let lost = PastContent {
            revision: loser.revision,
            reason: PastReason::LostMerge,
            ..edited(1, 40)
        };
        assert_eq!(history.len(), HISTORY_LEN);
        assert_eq!(history.last(), Some(&lost));
    }

    #[test]
    fn a_lost_change_is_kept_where_the_history_is_younger_than_the_clock() {
        // The clock was ahead for a while, or all happened within a second.
        for late in [1_000, 40] {
            let winner = Item {
                history: (1..=20).map(|n| edited(n, late)).collect(),
                modified_at: at(40),
                ..item(revision(1, 40), live(40))
            };
            for counter in [1, 39] {
                let loser = Item {
                    modified_at: at(30),
                    ..item(revision(0, counter), live(30))
                };
                let history = merged_for_good(&winner, &loser).history;
                assert_eq!(history.len(), HISTORY_LEN);
                assert_eq!(history.last().unwrap().content, content(30));
                assert_eq!(history.last().unwrap().replaced_at, at(late + 1));
            }
        }
    }

    #[test]
    fn of_two_copies_of_one_installation_the_same_one_prevails_again() {
        let (mut one, mut two) = (item(revision(1, 2), live(1)), item(revision(1, 2), live(2)));
        (one.created_at, two.created_at) = (at(5), at(1));
        (one.history, two.history) = (vec![edited(9, 1)], vec![edited(9, 1)]);
        for (one_modified, two_modified) in [(6, 10), (10, 6)] {
            (one.modified_at, two.modified_at) = (at(one_modified), at(two_modified));
            assert_eq!(merged_for_good(&one, &two).created_at, at(1));
        }
    }

    #[test]
    fn a_number_that_does_not_equal_itself_makes_no_change() {
        let with_nan = Item {
            state: ItemState::Live(Content::Unknown {
                kind: "of-a-newer-version".to_owned(),
                value: ciborium::Value::Float(f64::NAN),
            }),
            history: vec![PastContent {
                content: Content::Unknown {
                    kind: "of-a-newer-version".to_owned(),
                    value: ciborium::Value::Array(vec![ciborium::Value::Float(f64::NAN)]),
                },
                ..edited(1, 1)
            }],
            ..item(revision(1, 2), live(1))
        };
        let merged = merge_items(&with_nan, &with_nan);
        assert!(!merged.conflict);
        assert_eq!(merged.item.history.len(), 1);
    }

    #[test]
    fn an_item_is_as_old_as_the_older_of_its_versions() {
        let (mut one, mut two) = (item(revision(1, 2), live(1)), item(revision(2, 3), live(2)));
        (one.created_at, two.created_at) = (at(5), at(9));
        assert_eq!(merge_items(&one, &two).item.created_at, at(5));
        assert_eq!(merge_items(&two, &one).item.created_at, at(5));
    }

    #[test]
    fn saves_of_both_stand_once_and_the_newest_are_kept() {
        let ours = [save(1, 1), save(2, 2), save(4, 4)];
        let theirs = [save(1, 1), save(2, 9), save(3, 3)];
        let expected = [save(1, 1), save(2, 2), save(2, 9), save(3, 3), save(4, 4)];
        assert_eq!(merge_saves(&ours, &theirs), expected);
        assert_eq!(merge_saves(&theirs, &ours), expected);
        let many: Vec<_> = (0..MAX_SAVES as u64).map(|n| save(n, n as u8)).collect();
        assert_eq!(merge_saves(&many, &[]), many);
        let newer = save(1_000, 255);
        let merged = merge_saves(&many, &[newer]);
        assert_eq!(merged[..MAX_SAVES - 1], many[1..]);
        assert_eq!(merged[MAX_SAVES - 1..], [newer]);
    }

    #[test]
    fn of_an_unknown_field_the_newer_side_s_value_stays_and_missing_ones_are_added() {
        let with = |saves, fields: &[(&str, u8)]| Body {
            extra: unknown(fields),
            ..body(saves)
        };
        let older = with(vec![save(1, 1)], &[("a", 1), ("b", 1)]);
        let newer = with(vec![save(1, 1), save(2, 2)], &[("b", 2), ("c", 2)]);
        for (ours, theirs) in [(&older, &newer), (&newer, &older)] {
            let (merged, _) = merge_bodies(ours, theirs).unwrap();
            assert_eq!(merged.extra, unknown(&[("a", 1), ("b", 2), ("c", 2)]));
        }
    }

    #[test]
    fn of_items_that_cannot_be_read_the_newer_one_stays_as_it_is() {
        let id = ItemId::from_bytes([1; 16]);
        let stored = |revision, byte| StoredItem::from_parts(id, revision, vec![byte]);
        for (winner, loser) in [
            (stored(revision(1, 3), 0xff), stored(revision(2, 2), 0xff)),
            (stored(revision(1, 2), 0xff), stored(revision(1, 2), 0xfe)),
        ] {
            for (ours, theirs, taken) in [(&winner, &loser, vec![]), (&loser, &winner, vec![id])] {
                let mut report = MergeReport::default();
                let merged = merge_stored(ours, theirs, &mut report).unwrap();
                assert_eq!(merged, winner);
                let conflicts = vec![id];
                let expected = MergeReport {
                    taken,
                    conflicts,
                    ..MergeReport::default()
                };
                assert_eq!(report, expected);
            }
        }
    }

    #[test]
    fn an_item_that_cannot_be_read_and_is_the_same_on_both_sides_is_no_conflict() {
        let unreadable =
            StoredItem::from_parts(ItemId::from_bytes([1; 16]), revision(1, 2), vec![0xff]);
        let mut body = body(vec![save(1, 1)]);
        body.items.insert(unreadable);
        let (merged, report) = merge_bodies(&body, &body).unwrap();
        assert_eq!(merged, body);
        assert_eq!(report, MergeReport::default());
    }

    #[test]
    fn slots_of_an_unknown_kind_are_never_brought_back_from_an_earlier_version() {
        let slot = |number: u8| {
            let mut out = Writer::default();
            out.map(2);
            out.text("kind");
            out.text("passkey");
            out.text("number");
            out.uint(number.into());
            let key = KeySlot::read(&mut Reader::new(&out.finish())).unwrap();
            Slot::from_parts(revision(1, 1), key)
        };
        let (ours, theirs) = ([slot(1)], [slot(2), slot(3)]);
        assert_eq!(merge_slots(&ours, &theirs, true), ours);
        assert_eq!(merge_slots(&ours, &theirs, false), theirs);
    }

    #[test]
    fn of_each_kind_the_slots_that_were_changed_last_stay() {
        let key = VaultKey::random();
        let slot = |counter, iterations| {
            let kdf = KdfParams {
                iterations,
                ..KdfParams::FLOOR
            };
            let password = SecretString::copy_of("password");
            Slot::new_password(&key, &password, kdf, revision(1, counter)).unwrap()
        };
        let (old, new, stronger) = (slot(1, 2), slot(2, 2), slot(1, 3));
        for (better, worse) in [(&new, &old), (&new, &stronger), (&stronger, &old)] {
            for older in [true, false] {
                let (better, worse) = ([better.clone()], [worse.clone()]);
                assert_eq!(merge_slots(&better, &worse, older), better);
                assert_eq!(merge_slots(&worse, &better, older), better);
            }
        }
        // More memory with fewer rounds can be less work.
        let wide = {
            let kdf = KdfParams {
                memory_kib: KdfParams::FLOOR.memory_kib + 1024,
                ..KdfParams::FLOOR
            };
            let password = SecretString::copy_of("password");
            [Slot::new_password(&key, &password, kdf, revision(1, 1)).unwrap()]
        };
        let long = [stronger.clone()];
        assert_eq!(merge_slots(&long, &wide, false), long);
        assert_eq!(merge_slots(&wide, &long, false), long);
        // The same password wrapped twice: ours stays.
        let again = slot(1, 2);
        let merged = merge_slots(std::slice::from_ref(&old), &[again], false);
        assert_eq!(merged, [old]);
    }

    #[test]
    fn a_history_keeps_what_was_replaced_last() {
        let past = |number: u32| PastContent {
            revision: revision(1, 100 - u64::from(number)),
            replaced_at: at(i64::from(number)),
            reason: PastReason::Edited,
            content: content(number),
            extra: Extra::new(),
        };
        let numbers = |count: u32| {
            let mut history: Vec<_> = (0..count).rev().map(past).collect();
            tidy_history(&mut history);
            history
        };
        assert_eq!(numbers(20), (0..20).map(past).collect::<Vec<_>>());
        assert_eq!(numbers(21), (1..21).map(past).collect::<Vec<_>>());
    }
}
