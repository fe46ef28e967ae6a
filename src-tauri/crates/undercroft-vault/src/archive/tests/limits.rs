//! How large an archive in JSON may be: exactly at each limit, and one over.

use undercroft_model::{Account, AccountId, Content, Partition};

use super::super::json::{ArchiveError, MAX_ITEM_LEN, MAX_ITEMS, MAX_JSON_LEN};
use super::*;
use crate::format::FormatError;

fn refusal(bytes: &[u8]) -> ArchiveError {
    Archive::from_json(bytes).unwrap_err()
}

/// An archive of items that are none.
fn with_items(items: &str) -> String {
    format!(r#"{{"format":"undercroft-archive","version":1,"items":[{items}]}}"#)
}

#[test]
fn a_longer_text_is_not_even_looked_at() {
    let mut bytes = vec![0; MAX_JSON_LEN];
    assert_eq!(refusal(&bytes), ArchiveError::NotAnArchive);
    bytes.push(0);
    assert_eq!(refusal(&bytes), ArchiveError::TooLarge);
}

#[test]
fn an_item_has_its_own_limit() {
    let item = |len: usize| with_items(&format!(r#""{}""#, "x".repeat(len - 2)));
    let largest = refusal(item(MAX_ITEM_LEN).as_bytes());
    assert_eq!(largest, ArchiveError::Item { index: 0 });
    let larger = refusal(item(MAX_ITEM_LEN + 1).as_bytes());
    assert_eq!(larger, ArchiveError::TooLarge);
}

#[test]
fn what_is_too_large_to_be_read_again_is_not_written() {
    let mut vault = fresh(1);
    let mut account = Account::new(AccountId::parse("482915736028").unwrap(), Partition::Aws);
    // In JSON each takes six characters.
    account.notes = "\u{1}".repeat(MAX_ITEM_LEN / 6);
    vault.put(None, Content::Account(account), NOW).unwrap();
    let written = vault.archive(NOW).to_json();
    assert_eq!(written.unwrap_err(), FormatError::TooLarge);
}

#[test]
fn the_number_of_items_has_a_limit() {
    let items = |count: usize| with_items(&vec!["0"; count].join(","));
    let most = refusal(items(MAX_ITEMS).as_bytes());
    assert_eq!(most, ArchiveError::Item { index: 0 });
    let more = refusal(items(MAX_ITEMS + 1).as_bytes());
    assert_eq!(more, ArchiveError::TooLarge);
    // What follows after that has to be JSON all the same.
    let broken = with_items(&format!("{},!", vec!["0"; MAX_ITEMS + 1].join(",")));
    assert_eq!(refusal(broken.as_bytes()), ArchiveError::NotAnArchive);
}

#[test]
fn only_this_version_of_this_format_is_read() {
    let head = |format: &str, version: u32| {
        format!(r#"{{"format":"{format}","version":{version},"items":[]}}"#)
    };
    let read = |format, version| Archive::from_json(head(format, version).as_bytes());
    assert_eq!(read("undercroft-archive", 1).unwrap().items().count(), 0);
    for found in [0, 2] {
        let refused = read("undercroft-archive", found).unwrap_err();
        assert_eq!(refused, ArchiveError::TooNew { found });
    }
    let foreign = read("another", 1).unwrap_err();
    assert_eq!(foreign, ArchiveError::NotAnArchive);
}

#[test]
fn an_item_stands_once() {
    let mut vault = fresh(1);
    let account = Account::new(AccountId::parse("482915736028").unwrap(), Partition::Aws);
    vault.put(None, Content::Account(account), NOW).unwrap();
    let json = vault.archive(NOW).to_json().unwrap();
    let mut json: serde_json::Value = serde_json::from_slice(json.expose()).unwrap();
    let items = json["items"].as_array_mut().unwrap();
    items.push(items[0].clone());
    let twice = refusal(json.to_string().as_bytes());
    assert_eq!(twice, ArchiveError::Item { index: 1 });
}

#[test]
fn what_lies_deeper_than_json_goes_comes_back() {
    for depth in [90, 99, 100, 101, 126, 127, 128, 200] {
        let mut vault = fresh(1);
        let mut account = Account::new(AccountId::parse("482915736028").unwrap(), Partition::Aws);
        let nested = (0..depth).fold(Value::Null, |inner, _| Value::Array(vec![inner]));
        account.extra.insert("newer".to_owned(), nested);
        vault.put(None, Content::Account(account), NOW).unwrap();
        let before: Vec<_> = vault.archive(NOW).items().collect();
        let after: Vec<_> = through_json(&vault).items().collect();
        assert_eq!(after, before, "{depth}");
    }
}

#[test]
fn what_only_looks_like_a_sealed_value_comes_back() {
    let bytes = || Value::Bytes(b"text".to_vec());
    let text = || Value::Text("text".to_owned());
    for (names, values, is_field_by_field) in [
        (["id", "sealed"], [bytes(), bytes()], true),
        (["id", "value"], [bytes(), bytes()], true),
        (["name", "sealed"], [bytes(), bytes()], true),
        // In JSON these are what a sealed value is there.
        (["id", "secret"], [bytes(), text()], false),
        (["id", "secret"], [text(), text()], false),
    ] {
        let names_and_values = names.map(|name| Value::Text(name.to_owned())).into_iter();
        let newer = Value::Map(names_and_values.zip(values).collect());
        let mut vault = fresh(1);
        let mut account = Account::new(AccountId::parse("482915736028").unwrap(), Partition::Aws);
        account.extra.insert("newer".to_owned(), newer);
        vault.put(None, Content::Account(account), NOW).unwrap();
        let archive = vault.archive(NOW);
        let json = archive.to_json().unwrap();
        let back = Archive::from_json(json.expose()).unwrap();
        assert!(back.items().eq(archive.items()), "{names:?}");
        let json: serde_json::Value = serde_json::from_slice(json.expose()).unwrap();
        let item = &json["items"][0];
        assert_eq!(item["cbor"].is_null(), is_field_by_field, "{item}");
    }
}

#[test]
fn a_text_that_looks_like_bytes_stands_marked() {
    let mut vault = fresh(1);
    let mut account = Account::new(AccountId::parse("482915736028").unwrap(), Partition::Aws);
    account.name = "hex:00".to_owned();
    account.notes = "text:00".to_owned();
    vault.put(None, Content::Account(account), NOW).unwrap();
    let json = vault.archive(NOW).to_json().unwrap();
    let json = std::str::from_utf8(json.expose()).unwrap();
    assert!(json.contains(r#""text:hex:00""#) && json.contains(r#""text:text:00""#));
    let before: Vec<_> = vault.archive(NOW).items().collect();
    assert_eq!(through_json(&vault).items().collect::<Vec<_>>(), before);
}
