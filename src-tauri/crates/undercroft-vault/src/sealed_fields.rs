//! Every place in an item's content where a sealed value stands.

use undercroft_model::{
    Account, Content, CustomSecret, Extra, Field, Identity, Item, ItemState, Profile, Recipe,
    SealedValue,
};

/// Calls `change` for every content of an item, the present one and those before it.
pub(crate) fn each_content<E>(
    item: &mut Item,
    change: &mut dyn FnMut(&mut Content) -> Result<(), E>,
) -> Result<(), E> {
    match &mut item.state {
        ItemState::Live(content) | ItemState::Binned { content, .. } => change(content)?,
        ItemState::Deleted { .. } => {}
    }
    item.history
        .iter_mut()
        .try_for_each(|past| change(&mut past.content))
}

/// Calls `visit` for each sealed value of a content, with the field that it is bound to.
///
/// Answers whether all of the content is known to this version. Where it is not, a newer version may have put
/// sealed values that were not visited.
pub(crate) fn visit_sealed<E>(
    content: &mut Content,
    visit: &mut dyn FnMut(Field, &mut SealedValue) -> Result<(), E>,
) -> Result<bool, E> {
    match content {
        Content::Account(account) => visit_account(account, visit),
        Content::Identity(identity) => visit_identity(identity, visit),
        Content::Profile(profile) => Ok(is_known_profile(profile)),
        Content::Settings(_) => Ok(true),
        Content::Unknown { .. } => Ok(false),
    }
}

/// Whether two items are the same but for the sealing of their secrets.
pub(crate) fn is_same_item(one: &Item, other: &Item) -> bool {
    let plain = |item: &Item| {
        let mut item = item.clone();
        let Ok(()) = each_content::<std::convert::Infallible>(&mut item, &mut |content| {
            *content = without_sealed_bytes(content);
            Ok(())
        });
        item
    };
    plain(one) == plain(other)
}

/// The content with every ciphertext left out; a value's id still says which secret it is.
#[must_use]
pub fn without_sealed_bytes(content: &Content) -> Content {
    let mut content = content.clone();
    let Ok(_) = visit_sealed::<std::convert::Infallible>(&mut content, &mut |_, value| {
        value.sealed.clear();
        Ok(())
    });
    content
}

fn visit_account<E>(
    account: &mut Account,
    visit: &mut dyn FnMut(Field, &mut SealedValue) -> Result<(), E>,
) -> Result<bool, E> {
    let known = visit_custom(&mut account.secrets, visit)?;
    Ok(known && is_known(&account.extra) && is_known(&account.endpoints.extra))
}

/// A profile of this version holds no sealed value.
fn is_known_profile(profile: &Profile) -> bool {
    let recipe = match &profile.recipe {
        Recipe::LongTerm(recipe) => &recipe.extra,
        Recipe::Session(recipe) => &recipe.extra,
        Recipe::Role(recipe) => &recipe.extra,
        Recipe::Federated(recipe) => &recipe.extra,
        Recipe::WebIdentity(recipe) => &recipe.extra,
        Recipe::Sso(recipe) => &recipe.extra,
        Recipe::Unknown { .. } => return false,
    };
    is_known(&profile.extra) && is_known(recipe)
}

fn visit_identity<E>(
    identity: &mut Identity,
    visit: &mut dyn FnMut(Field, &mut SealedValue) -> Result<(), E>,
) -> Result<bool, E> {
    let mut known = is_known(&identity.extra);
    if let Some(sign_on) = &mut identity.sign_on {
        visit(Field::Password, &mut sign_on.password)?;
        known &= is_known(&sign_on.extra);
        for past in &mut sign_on.past {
            visit(Field::Password, &mut past.value)?;
            known &= is_known(&past.extra);
        }
    }
    for device in &mut identity.devices {
        visit(Field::MfaSeed(device.id), &mut device.seed)?;
        known &= is_known(&device.extra);
    }
    for key in &mut identity.keys {
        visit(Field::AccessKeySecret(key.id.clone()), &mut key.secret)?;
        known &= is_known(&key.extra);
    }
    known &= visit_custom(&mut identity.secrets, visit)?;
    if let Some(enrolment) = &identity.enrolment {
        known &= is_known(&enrolment.extra);
    }
    Ok(known)
}

fn visit_custom<E>(
    secrets: &mut [CustomSecret],
    visit: &mut dyn FnMut(Field, &mut SealedValue) -> Result<(), E>,
) -> Result<bool, E> {
    let mut known = true;
    for secret in secrets {
        visit(Field::Custom(secret.id), &mut secret.value)?;
        known &= is_known(&secret.extra);
    }
    Ok(known)
}

fn is_known(extra: &Extra) -> bool {
    extra.is_empty()
}

#[cfg(test)]
mod tests {
    use undercroft_model::{Enrolment, IdentityKind, ItemId, Timestamp};

    use super::*;

    #[test]
    fn what_a_later_version_adds_to_an_enrolment_may_hold_a_secret() {
        let mut enrolment = Enrolment {
            name: "ada".to_owned(),
            started_at: Timestamp::from_unix_secs(0),
            device: None,
            enabled: false,
            extra: Extra::default(),
        };
        let user = IdentityKind::IamUser {
            name: "ada".parse().unwrap(),
        };
        let is_known = |enrolment: &Enrolment| {
            let identity = Identity {
                enrolment: Some(enrolment.clone()),
                ..Identity::new(ItemId::from_bytes([1; 16]), user.clone())
            };
            let Ok(known) = visit_sealed::<std::convert::Infallible>(
                &mut Content::Identity(identity),
                &mut |_, _| Ok(()),
            );
            known
        };
        assert!(is_known(&enrolment));
        enrolment
            .extra
            .insert("later".to_owned(), ciborium::Value::Null);
        assert!(!is_known(&enrolment));
    }
}
