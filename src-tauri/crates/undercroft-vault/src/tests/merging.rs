//! Several installations with one vault: whatever they do, in whatever order, nothing disappears silently.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use undercroft_model::Item;

use super::*;
use crate::format::cbor::{Reader, Writer};
use crate::slots::KeySlot;
use crate::store::merge::{HISTORY_LEN, merge_items};
use crate::{BackupReason, MergeReport, SaveStamp, Slot, SlotKind};

#[test]
fn changes_to_different_items_are_both_kept() {
    let setting = Setting::new();
    let (mut one, mut two) = (setting.unlock_shared(1), setting.unlock_shared(2));
    let added = one.put(None, account_named("added by one"), NOW).unwrap();
    two.put(Some(setting.account), account_named("changed by two"), NOW)
        .unwrap();
    one.save(NOW).unwrap();
    let report = two.save(NOW).unwrap();
    let merged = report.merged.unwrap();
    assert_eq!(
        merged,
        MergeReport {
            taken: vec![added],
            ..MergeReport::default()
        }
    );
    assert_eq!(two.backups().unwrap()[0].reason, BackupReason::Outside);
    one.save(NOW).unwrap();
    for vault in [&one, &two] {
        assert_eq!(name_of(vault, added), "added by one");
        assert_eq!(name_of(vault, setting.account), "changed by two");
    }
}

#[test]
fn of_two_changes_the_newer_wins_and_the_other_is_in_the_history() {
    let setting = Setting::new();
    let (mut one, mut two) = (setting.unlock_shared(1), setting.unlock_shared(2));
    one.put(Some(setting.account), account_named("by one"), later(9))
        .unwrap();
    two.put(Some(setting.account), account_named("by two"), later(-9))
        .unwrap();
    one.save(NOW).unwrap();
    let merged = two.save(NOW).unwrap().merged.unwrap();
    assert_eq!(merged.conflicts, [setting.account]);
    assert_eq!(merged.lost, []);
    one.save(NOW).unwrap();
    for vault in [&one, &two] {
        // The same counter, so the higher installation id decides, and never the clock.
        assert_eq!(name_of(vault, setting.account), "by two");
        assert_eq!(past_names(vault, setting.account), ["first", "by one"]);
        let item = vault.get(setting.account).unwrap();
        assert_eq!(
            item.history[1].reason,
            undercroft_model::PastReason::LostMerge
        );
    }
}

#[test]
fn a_lost_change_stays_although_the_winner_has_a_long_history() {
    let setting = Setting::new();
    let (mut one, mut two) = (setting.unlock_shared(1), setting.unlock_shared(2));
    one.put(
        Some(setting.account),
        account_named("the one change"),
        later(1),
    )
    .unwrap();
    for n in 0..50 {
        two.put(
            Some(setting.account),
            account_named(&n.to_string()),
            later(n),
        )
        .unwrap();
    }
    two.save(NOW).unwrap();
    let merged = one.save(NOW).unwrap().merged.unwrap();
    assert_eq!(merged.lost, [setting.account]);
    assert_eq!(name_of(&one, setting.account), "49");
    let past = past_names(&one, setting.account);
    assert_eq!(past.len(), HISTORY_LEN);
    assert!(past.contains(&"the one change".to_owned()), "{past:?}");
}

#[test]
fn an_edit_beats_a_deletion_that_did_not_know_it() {
    for (editor, deleter) in [(1, 2), (2, 1)] {
        for edit_first in [true, false] {
            let setting = Setting::new();
            let mut edits = setting.unlock_shared(editor);
            let mut deletes = setting.unlock_shared(deleter);
            edits
                .put(Some(setting.account), account_named("edited"), NOW)
                .unwrap();
            // More steps give the deletion the higher counter.
            deletes
                .put(Some(setting.account), account_named("a last change"), NOW)
                .unwrap();
            deletes.bin(setting.account, NOW).unwrap();
            deletes.delete(setting.account, NOW).unwrap();
            let mut order = [&mut edits, &mut deletes];
            if !edit_first {
                order.reverse();
            }
            for vault in order {
                vault.save(NOW).unwrap();
            }
            edits.save(NOW).unwrap();
            deletes.save(NOW).unwrap();
            for vault in [&edits, &deletes] {
                assert_eq!(name_of(vault, setting.account), "edited");
            }
        }
    }
}

#[test]
fn a_deletion_that_saw_the_edit_stays_deleted_against_every_older_copy() {
    let setting = Setting::new();
    let mut stale = setting.unlock_shared(3);
    let (mut one, mut two) = (setting.unlock_shared(1), setting.unlock_shared(2));
    one.put(Some(setting.account), account_named("edited"), NOW)
        .unwrap();
    one.save(NOW).unwrap();
    two.save(NOW).unwrap();
    two.delete(setting.account, NOW).unwrap();
    two.save(NOW).unwrap();
    for vault in [&mut one, &mut stale] {
        vault
            .put(None, account_named("something else"), NOW)
            .unwrap();
        vault.save(NOW).unwrap();
        assert_eq!(name_of(vault, setting.account), "(deleted)");
    }
}

#[test]
fn two_copies_of_one_installation_lose_nothing() {
    let setting = Setting::new();
    let (mut one, mut two) = (setting.unlock_shared(1), setting.unlock_shared(1));
    one.put(Some(setting.account), account_named("by one"), NOW)
        .unwrap();
    two.put(Some(setting.account), account_named("by two"), NOW)
        .unwrap();
    one.save(NOW).unwrap();
    let merged = two.save(NOW).unwrap().merged.unwrap();
    assert_eq!(merged.conflicts, [setting.account]);
    one.save(NOW).unwrap();
    assert_eq!(one.get(setting.account), two.get(setting.account));
    let kept = contents(&one.get(setting.account).unwrap());
    assert!(kept.is_superset(&BTreeSet::from(["by one".to_owned(), "by two".to_owned()])));
}

#[test]
fn settings_of_two_installations_are_one_item() {
    let setting = Setting::new();
    let (mut one, mut two) = (setting.unlock_shared(1), setting.unlock_shared(2));
    let settings = |secs| undercroft_model::Settings {
        clipboard_clears_in_secs: secs,
        ..undercroft_model::Settings::default()
    };
    one.put_settings(settings(60), NOW).unwrap();
    two.put_settings(settings(90), NOW).unwrap();
    one.save(NOW).unwrap();
    two.save(NOW).unwrap();
    one.save(NOW).unwrap();
    assert_eq!(one.settings(), two.settings());
    assert_eq!(one.settings().clipboard_clears_in_secs, 90);
}

#[test]
fn a_file_swapped_from_outside_during_an_edit_is_merged() {
    // A synced folder brings what another machine saved, while this one holds the lock.
    let setting = Setting::new();
    let elsewhere = FaultyDisk::with_folder(Path::new("/home/vaults"));
    elsewhere.put(&setting.path, &setting.disk.bytes(&setting.path).unwrap());
    let mut ours = setting.unlock(1);
    ours.put(Some(setting.account), account_named("ours"), NOW)
        .unwrap();
    let mut theirs = setting.unlock_on(&elsewhere, 2);
    let added = theirs.put(None, account_named("theirs"), NOW).unwrap();
    theirs.bin(setting.identity, NOW).unwrap();
    theirs.save(NOW).unwrap();
    let swapped = elsewhere.bytes(&setting.path).unwrap();
    setting.disk.put(&setting.path, &swapped);
    let report = ours.save(NOW).unwrap();
    assert_eq!(report.merged.unwrap().taken.len(), 2);
    assert_eq!(
        setting.disk.bytes(&report.backup.unwrap()).unwrap(),
        swapped
    );
    assert_eq!(name_of(&ours, setting.account), "ours");
    assert_eq!(name_of(&ours, added), "theirs");
    assert_eq!(name_of(&ours, setting.identity), "(binned)");
}

#[test]
fn taking_in_alone_writes_nothing_so_that_two_machines_never_answer_each_other_for_ever() {
    let setting = Setting::new();
    let (mut one, mut two) = (setting.unlock_shared(1), setting.unlock_shared(2));
    one.put(Some(setting.account), account_named("by one"), NOW)
        .unwrap();
    one.save(NOW).unwrap();
    let before = setting.disk.bytes(&setting.path);
    let report = two.save(NOW).unwrap();
    assert!(!report.written && report.merged.is_some());
    assert_eq!(setting.disk.bytes(&setting.path), before);
    assert_eq!(name_of(&two, setting.account), "by one");
    assert!(!two.is_dirty());
}

#[test]
fn an_item_that_cannot_be_read_survives_merging() {
    let setting = Setting::new();
    let mut one = setting.unlock_shared(1);
    let mut two = setting.unlock_shared(2);
    let unknown = Content::Unknown {
        kind: "of-a-newer-version".to_owned(),
        value: ciborium::Value::Text("kept".to_owned()),
    };
    let id = one.put(None, unknown.clone(), NOW).unwrap();
    one.save(NOW).unwrap();
    two.put(Some(setting.account), account_named("second"), NOW)
        .unwrap();
    two.save(NOW).unwrap();
    assert_eq!(two.get(id).unwrap().live(), Some(&unknown));
}

#[test]
fn a_slot_that_a_newer_version_added_comes_along_and_an_earlier_file_does_not_take_it_away() {
    let setting = Setting::new();
    let mut vault = setting.unlock(1);
    let before = setting.disk.bytes(&setting.path).unwrap();
    let (mut header, mut body) = crate::format::open_with_key(&before, &setting.key).unwrap();
    let mut slot = Writer::default();
    slot.map(1);
    slot.text("kind");
    slot.text("passkey");
    let slot = KeySlot::read(&mut Reader::new(&slot.finish())).unwrap();
    let revision = undercroft_model::Revision::first(installation(2));
    header.slots.push(Slot::from_parts(revision, slot));
    body.saves.push(SaveStamp {
        id: [9; 16],
        counter: 3,
        installation: installation(2),
        at: NOW,
    });
    let after = crate::format::write(&header, &setting.key, &body).unwrap();
    for (file, name) in [(after, "second"), (before, "third")] {
        setting.disk.put(&setting.path, &file);
        vault
            .put(Some(setting.account), account_named(name), NOW)
            .unwrap();
        vault.save(NOW).unwrap();
        let mut slots = vault.slots();
        assert!(
            slots.any(|(kind, _)| kind == SlotKind::Unknown),
            "before {name}"
        );
    }
}

/// What one of three installations does.
#[derive(Clone, Copy, Debug)]
enum Step {
    Edit,
    Bin,
    Restore,
    Delete,
    /// Takes in the state of another installation.
    Take(usize),
}

fn steps() -> impl Strategy<Value = Vec<(usize, Step)>> {
    let any = prop_oneof![
        6 => Just(Step::Edit),
        2 => Just(Step::Bin),
        1 => Just(Step::Restore),
        1 => Just(Step::Delete),
        4 => (0..3_usize).prop_map(Step::Take),
    ];
    // Without deletions, so that there is more than a history holds.
    let long = prop_oneof![
        12 => Just(Step::Edit),
        1 => Just(Step::Bin),
        2 => Just(Step::Restore),
        3 => (0..3_usize).prop_map(Step::Take),
    ];
    prop_oneof![
        3 => proptest::collection::vec((0..3_usize, any), 0..40),
        1 => proptest::collection::vec((0..3_usize, long), 40..80),
    ]
}

/// What the installations have of one item, and what became of each content that was ever put.
struct Company {
    vaults: Vec<Vault>,
    id: ItemId,
    put: BTreeSet<String>,
    given_up: BTreeSet<String>,
    /// What each installation knew at some time, to tell a deletion on purpose from a loss.
    known: BTreeMap<usize, BTreeSet<String>>,
}

impl Company {
    fn new() -> Self {
        let setting = Setting::new();
        let vaults = (0..3_u8)
            .map(|n| {
                let disk = FaultyDisk::with_folder(Path::new("/home/vaults"));
                disk.put(&setting.path, &setting.disk.bytes(&setting.path).unwrap());
                setting.unlock_on(&disk, n + 1)
            })
            .collect();
        let start = BTreeSet::from(["first".to_owned()]);
        Self {
            vaults,
            id: setting.account,
            put: start.clone(),
            given_up: BTreeSet::new(),
            known: (0..3).map(|n| (n, start.clone())).collect(),
        }
    }

    fn item(&self, who: usize) -> Item {
        self.vaults[who].get(self.id).unwrap()
    }

    fn act(&mut self, who: usize, step: Step, number: usize) {
        // The clock goes back and forth.
        let now = later(number as i64 * 5 % 7);
        let vault = &mut self.vaults[who];
        match step {
            Step::Edit => {
                let name = format!("{number}");
                if vault.put(Some(self.id), account_named(&name), now).is_ok() {
                    self.put.insert(name.clone());
                    self.known.entry(who).or_default().insert(name);
                }
            }
            Step::Bin => drop(vault.bin(self.id, now)),
            Step::Restore => drop(vault.restore(self.id, now)),
            Step::Delete => {
                if vault.delete(self.id, now).is_ok() {
                    self.given_up.extend(self.known[&who].iter().cloned());
                }
            }
            Step::Take(other) => self.take(who, other),
        }
    }

    fn take(&mut self, who: usize, other: usize) {
        if who == other {
            return;
        }
        let before = [self.item(who), self.item(other)];
        let theirs = self.vaults[other].draft();
        self.vaults[who].take_in(theirs).unwrap();
        let merged = self.item(who);
        // However full the history is, a change that lost is not the one that is dropped.
        let conflict = merge_items(&before[0], &before[1]).conflict;
        if conflict && merged.content().is_some() {
            let kept = contents(&merged);
            for state in before.iter().filter_map(Item::content) {
                let name = name_in(state);
                assert!(kept.contains(&name), "{name} is in no history: {merged:?}");
            }
        }
        let known = self.known[&other].clone();
        self.known.entry(who).or_default().extend(known);
    }
}

fn contents(item: &Item) -> BTreeSet<String> {
    let past = item.history.iter().map(|past| &past.content);
    item.content()
        .into_iter()
        .chain(past)
        .map(name_in)
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn merging_is_commutative_and_idempotent(steps in steps()) {
        let mut company = Company::new();
        for (number, (who, step)) in steps.into_iter().enumerate() {
            company.act(who, step, number);
        }
        for (one, two) in [(0, 1), (1, 2), (0, 2)] {
            let (one, two) = (company.item(one), company.item(two));
            let merged = merge_items(&one, &two).item;
            prop_assert_eq!(&merged, &merge_items(&two, &one).item);
            prop_assert_eq!(&merged, &merge_items(&merged, &one).item);
            prop_assert_eq!(&merged, &merge_items(&two, &merged).item);
            prop_assert_eq!(&merged, &merge_items(&merged, &merged).item);
        }
    }

    #[test]
    fn all_installations_come_to_the_same_state_and_nothing_is_lost(steps in steps()) {
        let mut company = Company::new();
        for (number, (who, step)) in steps.into_iter().enumerate() {
            company.act(who, step, number);
        }
        for _ in 0..2 {
            for (who, other) in [(0, 1), (1, 2), (2, 0), (1, 0), (2, 1), (0, 2)] {
                company.take(who, other);
            }
        }
        let item = company.item(0);
        prop_assert_eq!(&item, &company.item(1));
        prop_assert_eq!(&item, &company.item(2));

        let kept = contents(&item);
        let is_full = item.history.len() >= HISTORY_LEN;
        for name in &company.put {
            let accounted = kept.contains(name) || company.given_up.contains(name) || is_full;
            prop_assert!(accounted, "{} is neither kept nor given up: {:?}", name, item);
        }
        if company.given_up.is_empty() {
            prop_assert!(item.content().is_some());
        }
    }
}
