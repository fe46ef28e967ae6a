//! Into a vault that has something already: nothing of either side is lost.

use undercroft_model::{Content, Extra, Field, ItemState, PastReason};
use undercroft_secret::SecretBytes;

use super::*;
use crate::Arrival;
use crate::store::merge::merge_items;

fn arrivals(vault: &mut Vault, archive: &Archive, how: TakeIn) -> BTreeMap<ItemId, Arrival> {
    let planned = vault.plan_taking_in(archive, how, NOW).unwrap();
    let before = flattened(vault);
    assert_eq!(flattened(vault), before, "planning changes nothing");
    let incoming = vault.take_in_archive(archive, how, NOW).unwrap();
    let pairs = |incoming: &[crate::Incoming]| -> Vec<_> {
        incoming
            .iter()
            .map(|one| (one.item.id, one.arrival))
            .collect()
    };
    assert_eq!(pairs(&planned), pairs(&incoming));
    pairs(&incoming).into_iter().collect()
}

fn named(vault: &mut Vault, id: ItemId, name: &str) {
    let mut content = item_of(vault, id).live().unwrap().clone();
    if let Content::Account(account) = &mut content {
        account.name = name.to_owned();
    }
    vault.put(Some(id), content, NOW.plus_secs(500)).unwrap();
}

fn name(vault: &Vault, id: ItemId) -> String {
    let item = item_of(vault, id);
    item.live().unwrap().as_account().unwrap().name.clone()
}

fn past_names(vault: &Vault, id: ItemId) -> Vec<String> {
    let item = item_of(vault, id);
    let past = item
        .history
        .iter()
        .filter_map(|past| past.content.as_account());
    past.map(|account| account.name.clone()).collect()
}

/// Whether a copy of the vault that still has `before` gives way to what the vault has now.
fn has_seen(vault: &Vault, before: &Item) -> bool {
    let merged = merge_items(before, &item_of(vault, before.id));
    merged.second_won && !merged.conflict
}

#[test]
fn taking_in_what_is_there_changes_nothing() {
    let mut vault = full();
    let before = flattened(&vault);
    for archive in [through_file(&vault), through_json(&vault)] {
        let arrivals = arrivals(&mut vault, &archive, ALL);
        assert!(
            arrivals.values().all(|arrival| *arrival == Arrival::Same),
            "{arrivals:?}"
        );
    }
    assert_eq!(flattened(&vault), before);
}

#[test]
fn of_the_same_item_the_newer_stays_and_the_other_goes_to_the_history() {
    let mut vault = full();
    let older = through_json(&vault);
    named(&mut vault, full::ACCOUNT, "Newer here");
    let before = flattened(&vault);
    let found = arrivals(&mut vault, &older, ALL);
    assert_eq!(
        found[&full::ACCOUNT],
        Arrival::Same,
        "the older one is in the history already"
    );
    assert_eq!(flattened(&vault), before);

    let newer = through_file(&vault);
    let mut other = full();
    let found = arrivals(&mut other, &newer, ALL);
    assert_eq!(found[&full::ACCOUNT], Arrival::Newer);
    assert_eq!(name(&other, full::ACCOUNT), "Newer here");
    assert!(
        past_names(&other, full::ACCOUNT).contains(&"Renamed: hex:00 and text: too".to_owned())
    );
}

#[test]
fn two_changes_of_one_item_are_both_kept() {
    let mut one = full();
    let mut archive_of = fresh(2);
    archive_of
        .take_in_archive(&through_file(&one), ALL, NOW)
        .unwrap();
    named(&mut archive_of, full::ACCOUNT, "Changed there");
    named(&mut one, full::ACCOUNT, "Changed here");
    let found = arrivals(&mut one, &through_json(&archive_of), ALL);
    let (winner, loser) = match found[&full::ACCOUNT] {
        Arrival::Newer => ("Changed there", "Changed here"),
        Arrival::Older => ("Changed here", "Changed there"),
        other @ (Arrival::New | Arrival::Same | Arrival::Back | Arrival::Twin | Arrival::Left) => {
            panic!("{other:?}")
        }
    };
    assert_eq!(name(&one, full::ACCOUNT), winner);
    assert!(past_names(&one, full::ACCOUNT).contains(&loser.to_owned()));
}

#[test]
fn what_was_deleted_comes_back() {
    let mut vault = full();
    let archive = through_file(&vault);
    let secret = SecretBytes::copy_of("neu-ß-🔑".as_bytes());
    vault.delete(full::IDENTITY, NOW.plus_secs(600)).unwrap();
    let deleted = item_of(&vault, full::IDENTITY);
    let found = arrivals(&mut vault, &archive, ALL);
    assert_eq!(found[&full::IDENTITY], Arrival::Back);
    let item = item_of(&vault, full::IDENTITY);
    assert_eq!(item.modified_at, NOW);
    assert!(has_seen(&vault, &deleted), "it would be deleted again");
    let identity = item.live().unwrap().as_identity().unwrap();
    let password = &identity.sign_on.as_ref().unwrap().password;
    let opened = vault.unseal(item.id, &Field::Password, password).unwrap();
    assert!(opened.ct_eq(&secret));
}

/// The same account, identity and profile as in the full vault, made anew elsewhere.
fn twins() -> (Vault, [ItemId; 3]) {
    let mut vault = fresh(3);
    let source = full();
    let live = |id| item_of(&source, id).live().unwrap().clone();
    let mut ids = Vec::new();
    for (id, content) in [full::ACCOUNT, full::IDENTITY, full::PROFILE].map(|id| (id, live(id))) {
        let content = match content {
            Content::Account(account) => Content::Account(undercroft_model::Account {
                name: "Mine".to_owned(),
                secrets: Vec::new(),
                ..account
            }),
            Content::Identity(identity) => {
                Content::Identity(undercroft_model::Identity::new(ids[0], identity.kind))
            }
            Content::Profile(mut profile) => {
                if let undercroft_model::Recipe::LongTerm(recipe) = &mut profile.recipe {
                    recipe.identity = ids[1];
                }
                Content::Profile(profile)
            }
            other @ (Content::Settings(_) | Content::Unknown { .. }) => {
                panic!("{id}: {}", other.kind())
            }
        };
        ids.push(vault.put(None, content, NOW).unwrap());
    }
    let ids = [ids[0], ids[1], ids[2]];
    (vault, ids)
}

#[test]
fn a_twin_keeps_what_the_vault_has_or_takes_what_the_archive_has() {
    let archive = through_json(&full());
    for rule in [TwinRule::Vault, TwinRule::Archive] {
        let (mut vault, [account, identity, profile]) = twins();
        let before = [account, identity, profile].map(|id| item_of(&vault, id));
        let how = TakeIn {
            settings: false,
            twins: rule,
        };
        let found = arrivals(&mut vault, &archive, how);
        for id in [account, identity, profile] {
            assert_eq!(found[&id], Arrival::Twin);
        }
        for before in before {
            assert!(has_seen(&vault, &before), "{rule:?}");
        }
        let is_archives = rule == TwinRule::Archive;
        assert_eq!(name(&vault, account) != "Mine", is_archives);
        let item = item_of(&vault, identity);
        let live = item.live().unwrap().as_identity().unwrap();
        assert_eq!(live.account, account, "renamed along");
        assert_eq!(live.devices.len(), if is_archives { 2 } else { 0 });
        let past = item
            .history
            .iter()
            .filter_map(|past| past.content.as_identity());
        assert_eq!(
            past.clone().any(|past| past.devices.is_empty()),
            is_archives
        );
        assert!(is_archives || past.clone().any(|past| past.devices.len() == 2));
        assert!(past.clone().all(|past| past.account == account));
        let is_lost = item
            .history
            .iter()
            .any(|past| past.reason == PastReason::LostMerge);
        assert_eq!(is_lost, !is_archives);
        // Profiles of the archive sign with the vault's identity now.
        for item in vault.items().map(Result::unwrap) {
            if let Some(Content::Profile(profile)) = item.live() {
                assert_ne!(profile.recipe.identity(), Some(full::IDENTITY));
            }
        }
        assert!(vault.check_items().bad.is_empty());
        let before = flattened(&vault);
        let again = arrivals(&mut vault, &archive, how);
        assert_eq!(
            again[&identity],
            Arrival::Same,
            "a second time changes nothing"
        );
        assert_eq!(flattened(&vault), before);
    }
}

#[test]
fn what_was_deleted_and_made_anew_does_not_come_back_beside_it() {
    let mut vault = full();
    let archive = through_file(&vault);
    let mut content = item_of(&vault, full::ACCOUNT).live().unwrap().clone();
    if let Content::Account(account) = &mut content {
        // They are sealed for the item that they were in.
        account.secrets.clear();
    }
    vault.delete(full::ACCOUNT, NOW.plus_secs(600)).unwrap();
    let anew = vault.put(None, content, NOW.plus_secs(700)).unwrap();
    named(&mut vault, anew, "Made anew");
    let found = arrivals(&mut vault, &archive, ALL);
    assert_eq!(found[&anew], Arrival::Twin);
    assert!(vault.item(full::ACCOUNT).unwrap().content().is_none());
    assert_eq!(name(&vault, anew), "Made anew");
    let item = item_of(&vault, full::IDENTITY);
    assert_eq!(item.live().unwrap().as_identity().unwrap().account, anew);
    assert!(vault.check_items().bad.is_empty());
}

#[test]
fn settings_are_left_unless_they_are_wished() {
    let archive = through_file(&full());
    for wished in [false, true] {
        let mut vault = fresh(2);
        let how = TakeIn {
            settings: wished,
            ..ALL
        };
        let found = arrivals(&mut vault, &archive, how);
        let expected = if wished { Arrival::New } else { Arrival::Left };
        assert_eq!(found[&vault.settings_id()], expected);
        let mut others = found.iter().filter(|(id, _)| **id != vault.settings_id());
        assert!(others.all(|(_, arrival)| *arrival == Arrival::New));
        assert_eq!(vault.settings() == full::settings(), wished);
    }
    let mut vault = fresh(2);
    let mine = undercroft_model::Settings {
        locks_after_idle_secs: 60,
        ..Default::default()
    };
    vault.put_settings(mine.clone(), NOW).unwrap();
    let before = item_of(&vault, vault.settings_id());
    let found = arrivals(&mut vault, &archive, ALL);
    assert_eq!(found[&vault.settings_id()], Arrival::Newer);
    assert!(has_seen(&vault, &before));
    assert_eq!(vault.settings(), full::settings());
    let item = item_of(&vault, vault.settings_id());
    assert_eq!(
        item.history.last().unwrap().content,
        Content::Settings(mine)
    );
}

#[test]
fn settings_that_are_there_stay_as_they_are_unless_others_are_wished() {
    let archive = through_file(&full());
    let mut vault = fresh(2);
    let mine = undercroft_model::Settings {
        locks_after_idle_secs: 60,
        ..Default::default()
    };
    vault.put_settings(mine.clone(), NOW).unwrap();
    let before = item_of(&vault, vault.settings_id());
    let how = TakeIn {
        settings: false,
        ..ALL
    };
    let found = arrivals(&mut vault, &archive, how);
    assert_eq!(found[&vault.settings_id()], Arrival::Left);
    assert_eq!(item_of(&vault, vault.settings_id()), before);
    assert_eq!(vault.settings(), mine);
}

#[test]
fn nothing_but_settings_gets_into_the_place_of_the_settings() {
    let mut vault = fresh(2);
    let bytes = full().archive(NOW).to_json().unwrap();
    let mut json: serde_json::Value = serde_json::from_slice(bytes.expose()).unwrap();
    let items = json["items"].as_array_mut().unwrap();
    let place = items
        .iter()
        .position(|item| item["id"] == format!("hex:{}", full::ACCOUNT))
        .unwrap();
    items[place]["id"] = format!("hex:{}", vault.settings_id()).into();
    let archive = Archive::from_json(json.to_string().as_bytes()).unwrap();
    let how = TakeIn {
        settings: false,
        ..ALL
    };
    let found = arrivals(&mut vault, &archive, how);
    assert_eq!(found[&vault.settings_id()], Arrival::Left);
    assert!(vault.get(vault.settings_id()).is_none());
}

#[test]
fn all_or_nothing() {
    let archive = through_file(&full());
    let mut vault = fresh(2);
    vault.make_read_only();
    assert!(vault.take_in_archive(&archive, ALL, NOW).is_err());
    assert_eq!(vault.items().count(), 0);

    // A vault that could not be saved any more would be worse.
    let mut vault = fresh(2);
    let huge = undercroft_model::Account {
        notes: "n".repeat(31 * 1024 * 1024),
        ..undercroft_model::Account::new(
            undercroft_model::AccountId::parse("100000000009").unwrap(),
            undercroft_model::Partition::Aws,
        )
    };
    for _ in 0..2 {
        vault
            .put(None, Content::Account(huge.clone()), NOW)
            .unwrap();
    }
    assert!(vault.take_in_archive(&archive, ALL, NOW).is_err());
    assert_eq!(vault.items().count(), 2);
}

#[test]
fn what_is_in_the_bin_stays_there() {
    let mut vault = fresh(2);
    arrivals(&mut vault, &through_file(&full()), ALL);
    let item = item_of(&vault, ItemId::from_bytes([0x12; 16]));
    assert!(matches!(item.state, ItemState::Binned { .. }));
    assert_eq!(item.extra, Extra::new());
}
