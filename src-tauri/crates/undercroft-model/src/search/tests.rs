use proptest::prelude::*;

use super::*;
use crate::*;

fn account(number: u8, alias: &str, name: &str) -> Item {
    let id = AccountId::parse(&format!("{:012}", 111_111_110_000 + u64::from(number))).unwrap();
    let mut account = Account::new(id, Partition::Aws);
    account.alias = AccountAlias::parse(alias).ok();
    account.name = name.to_owned();
    item(number, Content::Account(account))
}

fn user(number: u8, account: &Item, name: &str) -> Item {
    let mut user = Identity::new(
        account.id,
        IdentityKind::IamUser {
            name: UserName::parse(name).unwrap(),
        },
    );
    user.devices.push(MfaDevice {
        id: DeviceId::from_bytes([number; 16]),
        name: "phone".to_owned(),
        serial: Some(
            Serial::parse(&format!("arn:aws:iam::111111110001:mfa/{name}-token")).unwrap(),
        ),
        seed: SealedValue {
            id: ValueId::from_bytes([0; 16]),
            sealed: b"sealedseed".to_vec(),
        },
        params: OtpParams::default(),
        added_at: Timestamp::default(),
        extra: Extra::new(),
    });
    item(number, Content::Identity(user))
}

fn root(number: u8, account: &Item, email: &str) -> Item {
    let kind = IdentityKind::Root {
        email: EmailAddress::parse(email).unwrap(),
    };
    item(number, Content::Identity(Identity::new(account.id, kind)))
}

fn item(number: u8, content: Content) -> Item {
    Item {
        id: ItemId::from_bytes([number; 16]),
        revision: Revision::first(InstallationId::from_bytes([0; 16])),
        created_at: Timestamp::default(),
        modified_at: Timestamp::default(),
        state: ItemState::Live(content),
        history: Vec::new(),
        extra: Extra::new(),
    }
}

fn edit(item: &mut Item, change: impl FnOnce(&mut Account)) {
    if let ItemState::Live(Content::Account(account)) = &mut item.state {
        change(account);
    }
}

/// The numbers of the items that a query finds, best first.
fn found(items: &[Item], query: &str) -> Vec<u8> {
    numbers(&Index::build(items).query(query, 50))
}

fn numbers(hits: &[Hit]) -> Vec<u8> {
    hits.iter().map(|hit| hit.item.as_bytes()[0]).collect()
}

#[test]
fn better_places_come_first() {
    let items = [
        account(1, "my-acme", ""),
        account(2, "acmex", ""),
        account(3, "acme", ""),
        account(4, "xacme", ""),
        account(5, "aceme", ""),
    ];
    // A whole alias, the start of one, the start of a word, within a word; then one letter too many.
    assert_eq!(found(&items, "acme"), [3, 2, 1, 4, 5]);
}

#[test]
fn names_outrank_tags_and_notes() {
    let mut tagged = account(1, "one", "");
    edit(&mut tagged, |account| {
        account.tags.push(Tag::parse("billing").unwrap())
    });
    let mut noted = account(2, "two", "");
    edit(&mut noted, |account| {
        account.notes = "Ask\nbilling about it".to_owned()
    });
    let named = account(3, "three", "Billing");
    let items = [noted, tagged, named];
    assert_eq!(found(&items, "billing"), [3, 1, 2]);
}

#[test]
fn an_identity_is_found_by_its_account_and_after_it() {
    let acme = account(1, "acme-prod", "Production");
    let other = account(2, "globex-dev", "");
    let items = [user(3, &acme, "jane"), user(4, &other, "jane"), acme, other];
    assert_eq!(found(&items, "acme"), [1, 3]);
    assert_eq!(found(&items, "acme jane"), [3]);
    assert_eq!(found(&items, "jane production"), [3]);
    assert_eq!(found(&items, "1111-1111-0002"), [2, 4]);
    assert_eq!(found(&items, "jane"), [3, 4]);
    assert_eq!(found(&items, "jane nobody"), [0_u8; 0]);
}

#[test]
fn an_identity_that_comes_before_its_account_is_found_by_it() {
    let acme = account(1, "acme-prod", "");
    let mut index = Index::default();
    index.update(&user(2, &acme, "jane"));
    assert_eq!(numbers(&index.query("acme", 9)), [0_u8; 0]);
    index.update(&acme);
    assert_eq!(numbers(&index.query("acme", 9)), [1, 2]);
    index.remove(acme.id);
    assert_eq!(numbers(&index.query("acme", 9)), [0_u8; 0]);
    assert_eq!(numbers(&index.query("jane", 9)), [2]);
}

#[test]
fn root_users_are_found_as_such() {
    let acme = account(1, "acme-prod", "");
    let items = [
        root(2, &acme, "boss@example.com"),
        user(3, &acme, "jane"),
        acme,
    ];
    assert_eq!(found(&items, "root"), [2]);
    assert_eq!(found(&items, "acme root"), [2]);
}

#[test]
fn one_typing_error_is_forgiven() {
    let items = [account(1, "production-eu", "")];
    for typed in [
        "prodcution",
        "porduction",
        "poduction",
        "prodduction",
        "prodiction",
        "oroduction",
        "produktion",
    ] {
        assert_eq!(found(&items, typed), [1], "{typed}");
    }
    for typed in ["pordcution", "prdctn-us", "brudoction"] {
        assert_eq!(found(&items, typed), [0_u8; 0], "{typed}");
    }
}

#[test]
fn letters_may_be_left_out() {
    let items = [account(1, "acme-production", "")];
    assert_eq!(found(&items, "acpr"), [1]);
    assert!(!Index::build(&items).query("prod", 1)[0].is_guess);
    let hit = &Index::build(&items).query("acpr", 1)[0];
    let ranges: Vec<_> = hit
        .matched
        .iter()
        .map(|matched| matched.range.clone())
        .collect();
    assert_eq!(ranges, [0..2, 5..7]);
    assert!(hit.is_guess);
    assert_eq!(found(&items, "cmpr"), [0_u8; 0]);
}

#[test]
fn ids_are_never_guessed() {
    let acme = account(1, "acme", "");
    let mut jane = user(2, &acme, "jane");
    if let ItemState::Live(Content::Identity(identity)) = &mut jane.state {
        identity.keys.push(AccessKey {
            id: AccessKeyId::parse("AKIAIOSFODNN7EXAMPLE").unwrap(),
            secret: SealedValue {
                id: ValueId::from_bytes([0; 16]),
                sealed: b"sealedkey".to_vec(),
            },
            state: KeyState::Active,
            added_at: Timestamp::default(),
            created_at: None,
            rotated_at: None,
            last_used_at: None,
            checked_at: None,
            extra: Extra::new(),
        });
    }
    let items = [acme, jane];
    assert_eq!(found(&items, "111111110001"), [1, 2]);
    assert_eq!(found(&items, "111111110002"), [0_u8; 0]);
    assert_eq!(found(&items, "akiaiosfodnn7example"), [2]);
    assert_eq!(found(&items, "akiaiosfodnn7exemple"), [0_u8; 0]);
}

#[test]
fn accents_case_and_width_don_t_matter() {
    let items = [
        account(1, "", "Zürich Straße"),
        account(2, "", "Ａｃｍｅ ŁÓDŹ"),
        account(3, "", "Αθήνας"),
    ];
    assert_eq!(found(&items, "zurich"), [1]);
    assert_eq!(found(&items, "ZU\u{308}RICH"), [1]);
    assert_eq!(found(&items, "strasse"), [1]);
    assert_eq!(found(&items, "acme lodz"), [2]);
    assert_eq!(found(&items, "αθηνασ"), [3]);
}

#[test]
fn highlights_are_of_the_text_as_written() {
    let name = "Zu\u{308}rich & Straße";
    let items = [account(1, "", name)];
    let highlighted = |query: &str| -> Vec<&str> {
        let hit = Index::build(&items).query(query, 1).remove(0);
        assert!(
            hit.matched
                .iter()
                .all(|matched| matched.field == SearchField::AccountName)
        );
        hit.matched
            .into_iter()
            .map(|matched| &name[matched.range])
            .collect()
    };
    assert_eq!(highlighted("zu"), ["Zu\u{308}"]);
    assert_eq!(highlighted("rich"), ["rich"]);
    assert_eq!(highlighted("stras"), ["Straß"]);
    assert_eq!(highlighted("strasse zurich"), ["Zu\u{308}rich", "Straße"]);
}

#[test]
fn highlights_name_the_field_among_its_kind() {
    let mut tagged = account(1, "acme", "");
    edit(&mut tagged, |account| {
        account.tags = vec![Tag::parse("one").unwrap(), Tag::parse("two").unwrap()]
    });
    let hit = Index::build([&tagged]).query("two", 1).remove(0);
    assert_eq!(hit.kind, HitKind::Account);
    assert_eq!(
        hit.matched,
        [Matched {
            field: SearchField::Tag,
            index: 1,
            range: 0..3
        }]
    );
    let jane = user(2, &tagged, "jane");
    let hit = Index::build([&tagged, &jane])
        .query("acme tok", 1)
        .remove(0);
    assert_eq!((hit.item, hit.kind), (jane.id, HitKind::Identity));
    assert_eq!(
        hit.matched,
        [
            Matched {
                field: SearchField::AccountAlias,
                index: 0,
                range: 0..4
            },
            Matched {
                field: SearchField::DeviceSerial,
                index: 0,
                range: 5..8
            },
        ]
    );
}

#[test]
fn a_pasted_arn_finds_its_identity() {
    let acme = account(1, "acme", "");
    let items = [user(2, &acme, "jane"), user(3, &acme, "joan"), acme];
    assert_eq!(
        found(&items, "arn:aws:iam::111111110001:mfa/jane-token"),
        [2]
    );
    assert_eq!(
        found(&items, "arn:aws:iam::111111110001:user/team/joan"),
        [3]
    );
    assert_eq!(
        found(&items, "arn:aws:iam::111111110009:user/joan"),
        [0_u8; 0]
    );
}

#[test]
fn favourites_and_recent_items_come_first_among_equals_only() {
    let mut favourite = account(2, "acme-b", "");
    edit(&mut favourite, |account| account.favourite = true);
    let items = [
        account(1, "acme-a", ""),
        favourite,
        account(3, "acme-c", ""),
        account(4, "the-acme", ""),
    ];
    let index = Index::build(&items);
    assert_eq!(numbers(&index.query("acme", 9)), [2, 1, 3, 4]);
    let recent = [items[3].id, items[2].id];
    let boosts = Boosts { recent: &recent };
    assert_eq!(numbers(&index.query_with("acme", boosts, 9)), [3, 2, 1, 4]);
    assert_eq!(numbers(&index.query_with(" ", boosts, 9)), [4, 3, 2]);
    assert_eq!(numbers(&index.query_with("acme", boosts, 2)), [3, 2]);
    assert_eq!(index.query_with("acme", boosts, 0), []);
}

#[test]
fn a_pinned_identity_comes_before_its_account_and_what_was_used_of_late() {
    let mut acme = account(1, "acme", "");
    edit(&mut acme, |account| account.favourite = true);
    let mut pinned = user(2, &acme, "zoe");
    if let ItemState::Live(Content::Identity(identity)) = &mut pinned.state {
        identity.favourite = true;
    }
    let items = [
        user(3, &acme, "amy"),
        user(4, &acme, "acme-bot"),
        account(5, "acme-other", ""),
        pinned,
        acme,
    ];
    let index = Index::build(&items);
    let recent = [items[0].id, items[2].id];
    let boosts = Boosts { recent: &recent };
    let order = numbers(&index.query_with("acme", boosts, 9));
    assert_eq!(order[..2], [2, 1]);
    // What was typed better comes first all the same.
    assert_eq!(numbers(&index.query_with("acme-b", boosts, 9))[0], 4);
}

#[test]
fn secrets_are_not_found() {
    let acme = account(1, "acme", "");
    let items = [user(2, &acme, "jane"), acme];
    for typed in ["sealedseed", "sealed", "sealedkey"] {
        assert_eq!(found(&items, typed), [0_u8; 0]);
    }
}

#[test]
fn binned_items_are_not_found() {
    let mut acme = account(1, "acme", "");
    let mut index = Index::build([&acme]);
    assert_eq!(index.len(), 1);
    if let ItemState::Live(content) = acme.state.clone() {
        acme.state = ItemState::Binned {
            at: Timestamp::default(),
            content,
        };
    }
    index.update(&acme);
    assert!(index.is_empty());
    assert_eq!(index.query("acme", 9), []);
}

fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-c ß\u{308}Å.\\-]{0,12}",
        "\\PC{0,20}",
        any::<String>(),
        "[a-d]{1,5}( [a-d]{1,4}){0,3}",
        Just("\u{1}\u{2}\u{b}x".to_owned()),
    ]
}

/// Items of a few ids, so that later ones replace earlier ones.
fn any_item() -> impl Strategy<Value = Item> {
    let account = (0..6_u8, any_text(), any_text(), any::<bool>()).prop_map(
        |(number, name, notes, favourite)| {
            let mut made = account(number, "abc-a", &name);
            edit(&mut made, |account| {
                account.notes = notes;
                account.favourite = favourite;
            });
            made
        },
    );
    let user =
        (6..12_u8, 0..6_u8, "[a-d.]{1,6}", any_text()).prop_map(|(number, owner, name, notes)| {
            let mut made = user(number, &account_of(owner), &name);
            if let ItemState::Live(Content::Identity(identity)) = &mut made.state {
                identity.notes = notes;
            }
            made
        });
    prop_oneof![account, user]
}

fn account_of(number: u8) -> Item {
    account(number, "", "")
}

proptest! {
    #[test]
    fn search_never_panics_and_highlights_whole_characters(
        items in prop::collection::vec(any_item(), 0..8),
        query in any_text(),
        limit in 0..6_usize,
    ) {
        let index = Index::build(&items);
        let hits = index.query(&query, limit);
        prop_assert!(hits.len() <= limit);
        for hit in hits {
            let text_of = |matched: &Matched| {
                let owner = items.iter().rev().find(|item| item.id == hit.item).and_then(Item::content);
                match (matched.field, owner) {
                    (SearchField::Notes, Some(Content::Account(account))) => Some(account.notes.clone()),
                    (SearchField::Notes, Some(Content::Identity(identity))) => Some(identity.notes.clone()),
                    (SearchField::AccountName, Some(Content::Account(account))) => Some(account.name.clone()),
                    _ => None,
                }
            };
            for matched in &hit.matched {
                if let Some(text) = text_of(matched) {
                    prop_assert!(text.get(matched.range.clone()).is_some_and(|part| !part.is_empty()));
                }
            }
        }
    }

    #[test]
    fn updating_equals_rebuilding(
        first in prop::collection::vec(any_item(), 0..8),
        then in prop::collection::vec((any_item(), any::<bool>()), 0..8),
        query in any_text(),
    ) {
        let mut index = Index::build(&first);
        let mut present: std::collections::BTreeMap<ItemId, Item> =
            first.into_iter().map(|item| (item.id, item)).collect();
        for (item, stays) in then {
            if stays {
                index.update(&item);
                present.insert(item.id, item);
            } else {
                index.remove(item.id);
                present.remove(&item.id);
            }
        }
        let rebuilt = Index::build(present.values());
        prop_assert_eq!(index.len(), rebuilt.len());
        for query in [query.as_str(), "a", "abc", "phone a"] {
            prop_assert_eq!(index.query(query, 50), rebuilt.query(query, 50));
        }
    }

    #[test]
    fn a_part_of_a_name_is_found(name in "[a-z]{1,8}( [a-z]{1,8}){0,2}", start in 0..8_usize, len in 1..8_usize) {
        let part: String = name.chars().skip(start).take(len).collect();
        let items = [account(1, "", &name)];
        for word in part.split_whitespace() {
            prop_assert_eq!(found(&items, word), [1]);
        }
    }

    #[test]
    fn one_wrong_letter_in_a_long_word_is_forgiven(word in "[a-z]{5,12}", at in 0..12_usize, letter in "[a-z]") {
        let mut typed: Vec<char> = word.chars().collect();
        let at = at % typed.len();
        typed[at] = letter.chars().next().unwrap();
        let typed: String = typed.into_iter().collect();
        let items = [account(1, "", &word)];
        prop_assert_eq!(found(&items, &typed), [1]);
    }
}
