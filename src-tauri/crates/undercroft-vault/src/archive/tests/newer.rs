//! Content of a newer version, in which a secret may stand that this version does not find.

use undercroft_model::{Account, Content, Extra, Identity, Profile, Recipe};

use super::*;

/// Whether all of a content is known to this version.
fn is_known(content: &Content) -> bool {
    let mut content = content.clone();
    visit_sealed(&mut content, &mut |_, _| Ok::<(), ()>(())).unwrap()
}

/// Every place in a content where a newer version may put something.
type Places<T> = Vec<fn(&mut T) -> &mut Extra>;

fn account_places() -> Places<Account> {
    vec![
        |account| &mut account.extra,
        |account| &mut account.endpoints.extra,
        |account| &mut account.secrets[0].extra,
        |account| &mut account.secrets[1].extra,
    ]
}

fn identity_places() -> Places<Identity> {
    vec![
        |identity| &mut identity.extra,
        |identity| &mut identity.sign_on.as_mut().unwrap().extra,
        |identity| &mut identity.sign_on.as_mut().unwrap().past[0].extra,
        |identity| &mut identity.devices[0].extra,
        |identity| &mut identity.devices[1].extra,
        |identity| &mut identity.keys[0].extra,
        |identity| &mut identity.keys[1].extra,
        |identity| &mut identity.secrets[0].extra,
    ]
}

fn recipe_extra(profile: &mut Profile) -> &mut Extra {
    match &mut profile.recipe {
        Recipe::LongTerm(recipe) => &mut recipe.extra,
        Recipe::Session(recipe) => &mut recipe.extra,
        Recipe::Role(recipe) => &mut recipe.extra,
        Recipe::Federated(recipe) => &mut recipe.extra,
        Recipe::WebIdentity(recipe) => &mut recipe.extra,
        Recipe::Sso(recipe) => &mut recipe.extra,
        Recipe::Unknown { .. } => unreachable!(),
    }
}

/// The content, once for each place, with something of a newer version there.
fn with_something_newer(content: &Content) -> Vec<Content> {
    fn each<T: Clone>(one: &T, places: Places<T>) -> impl Iterator<Item = T> {
        places.into_iter().map(move |place| {
            let mut changed = one.clone();
            place(&mut changed).insert("newer".to_owned(), Value::Null);
            changed
        })
    }
    match content {
        Content::Account(account) => each(account, account_places())
            .map(Content::Account)
            .collect(),
        Content::Identity(identity) => each(identity, identity_places())
            .map(Content::Identity)
            .collect(),
        Content::Profile(profile) => {
            let places: Places<Profile> = vec![|profile| &mut profile.extra, recipe_extra];
            each(profile, places).map(Content::Profile).collect()
        }
        Content::Settings(_) | Content::Unknown { .. } => Vec::new(),
    }
}

#[test]
fn something_newer_is_noticed_wherever_it_stands() {
    let vault = fresh(1);
    let mut contents = full::contents(&vault);
    // Of each thing two, so that the known one beside does not hide the other.
    for (_, content) in &mut contents {
        if let Content::Identity(identity) = content {
            let key = identity.keys[0].clone();
            identity.keys.push(key);
        }
    }
    let mut looked_at = 0;
    for (_, content) in contents {
        let is_newer = match &content {
            Content::Profile(profile) => matches!(profile.recipe, Recipe::Unknown { .. }),
            Content::Unknown { .. } => true,
            Content::Account(_) | Content::Identity(_) | Content::Settings(_) => false,
        };
        assert_eq!(is_known(&content), !is_newer, "{content:?}");
        if is_newer {
            continue;
        }
        for newer in with_something_newer(&content) {
            assert!(!is_known(&newer), "{newer:?}");
            looked_at += 1;
        }
    }
    assert!(looked_at > 30, "{looked_at}");
}

#[test]
fn an_archive_counts_the_items_that_hold_something_newer() {
    let mut vault = fresh(1);
    let account = Account::new(
        undercroft_model::AccountId::parse("482915736028").unwrap(),
        undercroft_model::Partition::Aws,
    );
    let mut newer = account.clone();
    newer.extra.insert("newer".to_owned(), Value::Null);
    for account in [account, newer.clone(), newer] {
        vault.put(None, Content::Account(account), NOW).unwrap();
    }
    assert_eq!(vault.archive(NOW).newer(), 2);
    assert_eq!(through_file(&vault).newer(), 2);
    assert_eq!(through_json(&vault).newer(), 2);
}
