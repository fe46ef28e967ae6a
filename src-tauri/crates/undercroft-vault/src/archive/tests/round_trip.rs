//! Out of a vault, through a file, into an empty one.

use proptest::prelude::*;
use undercroft_model::{
    Account, AccountId, Content, CustomSecret, Extra, Field, FieldId, Partition,
};
use undercroft_secret::SecretBytes;

use super::*;
use crate::format::FormatError;
use crate::{ArchiveError, Arrival, StoredItem};

type Through = fn(&Vault) -> Archive;

const FORMATS: [(&str, Through); 2] = [("encrypted", through_file), ("JSON", through_json)];

#[test]
fn an_empty_vault_gets_everything_field_by_field() {
    let source = full();
    let mut expected = flattened(&source);
    // What was deleted for good is no loss.
    let gone = ItemId::from_bytes([0x13; 16]).to_string();
    expected.retain(|path, _| !path.starts_with(&gone));
    let kept: Vec<Item> = source
        .items()
        .map(Result::unwrap)
        .filter(|item| item.content().is_some())
        .collect();
    let secrets = source.check_items().secrets;
    for (format, through) in FORMATS {
        let archive = through(&source);
        assert_eq!(archive.unreadable(), 0);
        let mut target = fresh(2);
        let incoming = target.take_in_archive(&archive, ALL, NOW).unwrap();
        assert_eq!(incoming.len(), kept.len());
        assert!(
            incoming
                .iter()
                .all(|incoming| incoming.arrival == Arrival::New)
        );
        target.save(NOW).unwrap();
        let found = flattened(&target);
        for (path, value) in &expected {
            assert_eq!(found.get(path), Some(value), "{format}: {path}");
        }
        assert_eq!(found.len(), expected.len(), "{format}");
        let report = target.check_items();
        assert!(report.bad.is_empty());
        assert_eq!(report.secrets, secrets);
        println!(
            "{format}: {} items with {} values compared, {} secrets among them; lost: 0",
            kept.len(),
            expected.len(),
            secrets,
        );
    }
}

#[test]
fn an_encrypted_archive_is_a_vault_of_its_own() {
    let source = full();
    let bytes = source
        .archive(NOW)
        .lock(&password("of the file"), KdfParams::LEAST)
        .unwrap();
    assert_eq!(
        Archive::open(bytes.expose(), &password("correct horse battery staple")).unwrap_err(),
        FormatError::WrongCredential
    );
    let opened = crate::open(
        bytes.expose(),
        crate::Credential::Password(&password("of the file")),
    )
    .unwrap();
    assert!(!opened.vault_key.ct_eq(source.vault_key()));
    assert_ne!(opened.body.vault, source.id());
    assert_eq!(opened.header.slots.len(), 1);
    // Its settings are where a vault looks for them.
    let disk = FaultyDisk::with_folder(Path::new("/home/vaults"));
    let path = Path::new("/home/vaults/archive.undercroft");
    disk.put(path, bytes.expose());
    let options = crate::UnlockOptions::new(InstallationId::from_bytes([3; 16]), NOW);
    let (vault, _) =
        Vault::unlock_with_key(Arc::new(disk), path, &opened.vault_key, options).unwrap();
    assert_eq!(vault.settings(), full::settings());
    assert!(vault.check_items().bad.is_empty());
}

#[test]
fn the_json_says_what_it_holds() {
    let source = full();
    let bytes = source.archive(NOW).to_json().unwrap();
    let json: serde_json::Value = serde_json::from_slice(bytes.expose()).unwrap();
    assert_eq!(json["format"], "undercroft-archive");
    assert_eq!(json["version"], 1);
    assert_eq!(json["made_at"], NOW.to_string());
    let items = json["items"].as_array().unwrap();
    let find = |id: ItemId| {
        items
            .iter()
            .find(|item| item["id"] == format!("hex:{id}"))
            .unwrap()
    };
    let identity = &find(full::IDENTITY)["state"]["live"]["value"];
    assert_eq!(identity["account"], format!("hex:{}", full::ACCOUNT));
    assert_eq!(identity["sign_on"]["password"]["secret"], "neu-ß-🔑");
    assert_eq!(identity["keys"][0]["id"], "AKIAIOSFODNN7EXAMPLE");
    assert_eq!(
        identity["keys"][0]["secret"]["secret"],
        "wJalrXUtnFEMI/K7MDENG"
    );
    assert_eq!(identity["devices"][0]["seed"]["secret"], "AD7QD7UAA4E4QDIK");
    let account = &find(full::ACCOUNT)["state"]["live"]["value"];
    assert_eq!(account["name"], "Renamed: hex:00 and text: too");
}

#[test]
fn what_is_no_archive_is_told_apart() {
    let text = |text: &str| Archive::from_json(text.as_bytes()).unwrap_err();
    assert_eq!(text(""), ArchiveError::NotAnArchive);
    assert_eq!(text("[]"), ArchiveError::NotAnArchive);
    assert_eq!(
        text(r#"{"format":"other","version":1,"items":[]}"#),
        ArchiveError::NotAnArchive
    );
    assert_eq!(
        text(r#"{"format":"undercroft-archive","version":2,"items":7}"#),
        ArchiveError::TooNew { found: 2 }
    );
    assert_eq!(
        text(r#"{"format":"undercroft-archive","version":1,"items":[{"id":"hex:00"}]}"#),
        ArchiveError::Item { index: 0 }
    );
    let bytes = full().archive(NOW).to_json().unwrap();
    let json = String::from_utf8(bytes.expose().to_vec()).unwrap();
    for length in (0..json.trim_end().len()).step_by(997) {
        let cut = json.get(..length).unwrap_or_default();
        assert!(Archive::from_json(cut.as_bytes()).is_err(), "{length}");
    }
    let mut twice: serde_json::Value = serde_json::from_str(&json).unwrap();
    let items = twice["items"].as_array_mut().unwrap();
    items.push(items[0].clone());
    let index = items.len() - 1;
    assert_eq!(text(&twice.to_string()), ArchiveError::Item { index });
    for (bytes, is_json) in [("{", true), (" \r\n\t{", true), ("", false), ("[{", false)] {
        assert_eq!(Archive::is_json(bytes.as_bytes()), is_json, "{bytes:?}");
    }
    let with_mark = format!("\u{feff}{json}");
    assert!(Archive::is_json(with_mark.as_bytes()));
    Archive::from_json(with_mark.as_bytes()).unwrap();
}

#[test]
fn an_item_that_cannot_be_read_is_counted() {
    let mut source = full();
    let ok = source.archive(NOW).items().count();
    let id = ItemId::from_bytes([0x61; 16]);
    let revision = item_of(&source, full::IDENTITY).revision;
    let broken = StoredItem::from_parts(id, revision, vec![0xff]);
    source.put_stored(vec![broken.clone()]).unwrap();
    let mut archive = source.archive(NOW);
    assert_eq!((archive.unreadable(), archive.items().count()), (1, ok));
    let mut item = item_of(&source, full::IDENTITY);
    each_content(&mut item, &mut |content| {
        visit_sealed(content, &mut |_, value| {
            value.sealed.truncate(3);
            Ok::<(), ()>(())
        })
        .map(drop)
    })
    .unwrap();
    archive.add(item, source.house());
    assert_eq!((archive.unreadable(), archive.items().count()), (2, ok));
    archive.body.items.insert(broken);
    let password = password("of the file");
    let bytes = archive.lock(&password, KdfParams::LEAST).unwrap();
    let opened = Archive::open(bytes.expose(), &password).unwrap();
    assert_eq!((opened.unreadable(), opened.items().count()), (1, ok));
}

#[test]
fn a_secret_of_an_archive_opens_in_its_place_only() {
    for (format, through) in FORMATS {
        let archive = through(&full());
        let item = archive
            .items()
            .find(|item| item.id == full::IDENTITY)
            .unwrap();
        let identity = item.live().unwrap().as_identity().unwrap();
        let password = &identity.sign_on.as_ref().unwrap().password;
        let opened = archive.unseal(item.id, &Field::Password, password).unwrap();
        assert_eq!(opened.expose(), "neu-ß-🔑".as_bytes(), "{format}");
        let elsewhere = archive.unseal(full::ROOT, &Field::Password, password);
        assert_eq!(elsewhere.unwrap_err(), FormatError::WrongValue, "{format}");
    }
}

/// Any value that CBOR has, a few levels deep.
fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(|number| Value::Integer(number.into())),
        any::<u64>().prop_map(|number| Value::Integer(number.into())),
        any::<u32>().prop_map(|number| Value::Float(f64::from(number))),
        ".{0,20}".prop_map(Value::Text),
        "(hex|text):.{0,8}".prop_map(Value::Text),
        any::<Vec<u8>>().prop_map(Value::Bytes),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        let name = prop_oneof![
            ".{0,8}",
            Just("id".to_owned()),
            Just("sealed".to_owned()),
            Just("secret".to_owned()),
            Just("cbor".to_owned())
        ];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
            prop::collection::btree_map(name, inner.clone(), 0..4).prop_map(|map| {
                Value::Map(
                    map.into_iter()
                        .map(|(name, value)| (Value::Text(name), value))
                        .collect(),
                )
            }),
            inner.prop_map(|value| Value::Tag(77, Box::new(value))),
        ]
    })
}

fn vault_with(texts: &[String], secrets: &[Vec<u8>], extras: Vec<Value>) -> Vault {
    let mut vault = fresh(1);
    let id = full::ACCOUNT;
    let mut account = Account::new(AccountId::parse("482915736028").unwrap(), Partition::Aws);
    account.name = texts.concat();
    account.notes = texts.join("\n");
    account.secrets = secrets
        .iter()
        .enumerate()
        .map(|(number, secret)| {
            let field = FieldId::from_bytes([u8::try_from(number).unwrap(); 16]);
            CustomSecret {
                id: field,
                label: texts.first().cloned().unwrap_or_default(),
                value: vault.seal(id, &Field::Custom(field), &SecretBytes::copy_of(secret)),
                extra: Extra::new(),
            }
        })
        .collect();
    for (number, value) in extras.into_iter().enumerate() {
        account.extra.insert(format!("newer-{number}"), value);
    }
    vault.put(Some(id), Content::Account(account), NOW).unwrap();
    vault
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_content_comes_back_from_json(
        texts in prop::collection::vec(".{0,40}", 0..4),
        secrets: [Vec<u8>; 3],
        extras in prop::collection::vec(any_value(), 0..4),
    ) {
        let source = vault_with(&texts, &secrets, extras);
        let mut target = fresh(2);
        target.take_in_archive(&through_json(&source), ALL, NOW).unwrap();
        prop_assert_eq!(flattened(&target), flattened(&source));
    }
}

proptest! {
    #[test]
    fn no_bytes_panic(bytes: Vec<u8>) {
        prop_assert!(Archive::from_json(&bytes).is_err());
    }

    #[test]
    fn no_changed_archive_panics(place in 0.0..1.0f64, new in ".{0,3}", drop in 0..6usize) {
        let mut json = sample();
        let mut start = (json.len() as f64 * place) as usize;
        while !json.is_char_boundary(start) {
            start -= 1;
        }
        let mut end = (start + drop).min(json.len());
        while !json.is_char_boundary(end) {
            end += 1;
        }
        json.replace_range(start..end, &new);
        if let Ok(archive) = Archive::from_json(json.as_bytes()) {
            let again = archive.to_json().unwrap();
            prop_assert_eq!(Archive::from_json(again.expose()).unwrap().items().count(), archive.items().count());
        }
    }
}

fn sample() -> String {
    static SAMPLE: std::sync::OnceLock<String> = std::sync::OnceLock::new();
    let make =
        || String::from_utf8(full().archive(NOW).to_json().unwrap().expose().to_vec()).unwrap();
    SAMPLE.get_or_init(make).clone()
}
