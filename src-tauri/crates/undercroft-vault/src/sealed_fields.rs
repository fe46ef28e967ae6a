//! Every place in an item's content where a sealed value stands.

use undercroft_model::{
    Account, Content, CustomSecret, Extra, Field, Identity, Profile, Recipe, SealedValue,
};

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

/// The content with every ciphertext left out; a value's id still says which secret it is.
pub(crate) fn without_sealed_bytes(content: &Content) -> Content {
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
