//! Rules of profiles.

use std::collections::{BTreeMap, BTreeSet};

use super::{TextError, check_notes};
use crate::{
    id::ItemId,
    record::{Content, FederatedRecipe, Profile, Recipe, RoleRecipe, SessionTag, TokenSource},
    sts_names::PolicyArn,
    text::codes,
};

/// How many session tags STS takes.
pub const MAX_SESSION_TAGS: usize = 50;
/// How many managed session policies STS takes.
pub const MAX_POLICY_ARNS: usize = 10;
/// How many roles may follow one another: nobody needs more, and each is a call.
pub const MAX_CHAIN: usize = 10;

/// What is wrong with a profile.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProfileRuleError {
    /// Another profile has the name.
    #[error("another profile has this name already; choose a different one")]
    DuplicateName {
        /// The item that holds it.
        existing: ItemId,
    },
    /// The identity whose key signs is not in the vault.
    #[error(
        "the profile's identity is not in the vault; restore it from the bin or choose another"
    )]
    NoIdentity,
    /// The profile that it builds on is not in the vault.
    #[error("the profile that this one builds on is not in the vault; choose another source")]
    NoSource,
    /// The profile builds on itself, perhaps by way of others.
    #[error("this would build on itself: {}; choose another source", by_way.join(" → "))]
    Loop {
        /// The names of the profiles on the way.
        by_way: Vec<String>,
    },
    /// More profiles follow one another than anybody needs.
    #[error("more than {MAX_CHAIN} roles one after another; assume the last one more directly")]
    TooLongChain,
    /// A role is assumed by the root user, which AWS refuses.
    #[error(
        "the root user can't assume roles; choose an IAM user or another profile as the source"
    )]
    RootAssumesRole,
    /// More session tags than STS takes.
    #[error("AWS takes at most {MAX_SESSION_TAGS} session tags")]
    TooManyTags,
    /// A session tag's key is empty, too long, AWS's own or there twice.
    #[error("a session tag's key has 1 to 128 characters, does not begin with aws: and stands once; look at tag {}", index + 1)]
    TagKey {
        /// Which tag, from zero.
        index: usize,
    },
    /// A session tag's value is too long.
    #[error("a session tag's value has at most 256 characters; look at tag {}", index + 1)]
    TagValue {
        /// Which tag, from zero.
        index: usize,
    },
    /// More managed session policies than STS takes.
    #[error("AWS takes at most {MAX_POLICY_ARNS} managed session policies")]
    TooManyPolicies,
    /// The token's file or program is not named by an absolute path.
    #[error("name the token's file, or the program that prints it, by its whole path")]
    TokenPath,
    /// The notes can't be kept.
    #[error("the profile's notes: {0}")]
    Notes(#[source] TextError),
}

codes!(ProfileRuleError {
    DuplicateName { .. } => "profile-duplicate-name",
    NoIdentity => "profile-no-identity",
    NoSource => "profile-no-source",
    Loop { .. } => "profile-loop",
    TooLongChain => "profile-chain",
    RootAssumesRole => "profile-root-assumes-role",
    TooManyTags => "profile-too-many-tags",
    TagKey { .. } => "profile-tag-key",
    TagValue { .. } => "profile-tag-value",
    TooManyPolicies => "profile-too-many-policies",
    TokenPath => "profile-token-path",
    Notes(_) => "profile-notes",
});

/// Checks a profile that is about to be put into the vault as `own`, or as a new item when that is `None`.
///
/// # Errors
/// The first rule that it breaks.
pub fn check_profile<'a>(
    profile: &Profile,
    own: Option<ItemId>,
    others: impl IntoIterator<Item = (ItemId, &'a Content)>,
) -> Result<(), ProfileRuleError> {
    check_alone(profile)?;
    let mut profiles = BTreeMap::new();
    let mut identities = BTreeMap::new();
    for (id, content) in others {
        match content {
            Content::Profile(other) if Some(id) != own => {
                if other.name == profile.name {
                    return Err(ProfileRuleError::DuplicateName { existing: id });
                }
                profiles.insert(id, other);
            }
            Content::Identity(identity) => {
                identities.insert(id, identity);
            }
            Content::Profile(_)
            | Content::Account(_)
            | Content::Settings(_)
            | Content::Unknown { .. } => {}
        }
    }
    if let Some(identity) = profile.recipe.identity() {
        let identity = identities
            .get(&identity)
            .ok_or(ProfileRuleError::NoIdentity)?;
        if profile.recipe.role().is_some() && identity.kind.is_root() {
            return Err(ProfileRuleError::RootAssumesRole);
        }
    }
    check_way(profile, own, &profiles)
}

/// Follows the sources of a profile to their beginning.
fn check_way(
    profile: &Profile,
    own: Option<ItemId>,
    others: &BTreeMap<ItemId, &Profile>,
) -> Result<(), ProfileRuleError> {
    let mut by_way = vec![profile.name.as_str().to_owned()];
    let mut seen = BTreeSet::new();
    let mut next = profile.recipe.source_profile();
    while let Some(id) = next {
        if Some(id) == own || !seen.insert(id) {
            by_way.push(profile.name.as_str().to_owned());
            return Err(ProfileRuleError::Loop { by_way });
        }
        if seen.len() > MAX_CHAIN {
            return Err(ProfileRuleError::TooLongChain);
        }
        let source = others.get(&id).ok_or(ProfileRuleError::NoSource)?;
        by_way.push(source.name.as_str().to_owned());
        next = source.recipe.source_profile();
    }
    Ok(())
}

fn check_alone(profile: &Profile) -> Result<(), ProfileRuleError> {
    check_notes(&profile.notes).map_err(ProfileRuleError::Notes)?;
    match &profile.recipe {
        Recipe::Role(recipe) => {
            let RoleRecipe {
                tags, policy_arns, ..
            } = recipe.as_ref();
            check_tags(tags)?;
            check_policies(policy_arns)
        }
        Recipe::Federated(recipe) => {
            let FederatedRecipe {
                tags, policy_arns, ..
            } = recipe.as_ref();
            check_tags(tags)?;
            check_policies(policy_arns)
        }
        Recipe::WebIdentity(recipe) => {
            check_policies(&recipe.policy_arns)?;
            let path = match &recipe.token {
                TokenSource::File { path } => Some(path),
                TokenSource::Command { words } => words.first(),
            };
            match path {
                Some(path) if std::path::Path::new(path).is_absolute() => Ok(()),
                Some(_) | None => Err(ProfileRuleError::TokenPath),
            }
        }
        Recipe::LongTerm(_) | Recipe::Session(_) | Recipe::Sso(_) | Recipe::Unknown { .. } => {
            Ok(())
        }
    }
}

fn check_policies(policies: &[PolicyArn]) -> Result<(), ProfileRuleError> {
    if policies.len() > MAX_POLICY_ARNS {
        return Err(ProfileRuleError::TooManyPolicies);
    }
    Ok(())
}

fn check_tags(tags: &[SessionTag]) -> Result<(), ProfileRuleError> {
    if tags.len() > MAX_SESSION_TAGS {
        return Err(ProfileRuleError::TooManyTags);
    }
    let mut keys = BTreeSet::new();
    for (index, tag) in tags.iter().enumerate() {
        let key = tag.key.to_lowercase();
        let length = tag.key.chars().count();
        if !(1..=128).contains(&length) || key.starts_with("aws:") || !keys.insert(key) {
            return Err(ProfileRuleError::TagKey { index });
        }
        if tag.value.chars().count() > 256 {
            return Err(ProfileRuleError::TagValue { index });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        EmailAddress, ExternalId, Identity, IdentityKind, KeyRecipe, Mfa, ProfileName, RoleArn,
        RoleSource, UserName,
    };

    fn role(name: &str, source: RoleSource) -> Profile {
        let recipe = RoleRecipe {
            source,
            role: RoleArn::parse("arn:aws:iam::123456789012:role/deploy").expect("a role"),
            mfa: Mfa::IfThere,
            external_id: Some(ExternalId::parse("abc").expect("an id")),
            session_name: None,
            source_identity: None,
            tags: Vec::new(),
            policy: None,
            policy_arns: Vec::new(),
            extra: crate::record::Extra::new(),
        };
        Profile::new(
            ProfileName::parse(name).expect("a name"),
            Recipe::Role(Box::new(recipe)),
        )
    }

    fn on(profile: ItemId) -> RoleSource {
        RoleSource::Profile { profile }
    }

    fn of(identity: ItemId) -> RoleSource {
        RoleSource::Identity {
            identity,
            key: None,
        }
    }

    fn user(name: &str) -> Content {
        let kind = IdentityKind::IamUser {
            name: UserName::parse(name).expect("a name"),
        };
        Content::Identity(Identity::new(ItemId::new_random(), kind))
    }

    #[test]
    fn a_profile_does_not_build_on_itself() {
        let ids: Vec<ItemId> = (0..3).map(|_| ItemId::new_random()).collect();
        let second = Content::Profile(role("second", on(ids[2])));
        let third = Content::Profile(role("third", on(ids[0])));
        let others = [(ids[1], &second), (ids[2], &third)];
        let error = check_profile(&role("first", on(ids[1])), Some(ids[0]), others);
        assert_eq!(
            error,
            Err(ProfileRuleError::Loop {
                by_way: ["first", "second", "third", "first"]
                    .map(str::to_owned)
                    .into()
            })
        );
        let alone = check_profile(&role("first", on(ids[0])), Some(ids[0]), []);
        assert!(matches!(alone, Err(ProfileRuleError::Loop { .. })));
        let missing = check_profile(&role("first", on(ids[1])), Some(ids[0]), []);
        assert_eq!(missing, Err(ProfileRuleError::NoSource));
    }

    #[test]
    fn a_chain_has_an_end() {
        let ids: Vec<ItemId> = (0..20).map(|_| ItemId::new_random()).collect();
        let jane = user("jane");
        let chain: Vec<Content> = (0..19)
            .map(|index| {
                let source = if index == 18 {
                    of(ids[19])
                } else {
                    on(ids[index + 1])
                };
                Content::Profile(role(&format!("p{index}"), source))
            })
            .collect();
        let others = |from: usize| {
            let profiles = ids.iter().copied().zip(&chain).skip(from);
            profiles.chain([(ids[19], &jane)]).collect::<Vec<_>>()
        };
        let long = role("x", on(ids[0]));
        assert_eq!(
            check_profile(&long, None, others(0)),
            Err(ProfileRuleError::TooLongChain)
        );
        assert_eq!(
            check_profile(&role("x", on(ids[9])), None, others(9)),
            Ok(())
        );
    }

    #[test]
    fn names_are_unique_and_sources_there() {
        let (id, jane) = (ItemId::new_random(), user("jane"));
        let profile = role("work", of(id));
        assert_eq!(check_profile(&profile, None, [(id, &jane)]), Ok(()));
        assert_eq!(
            check_profile(&profile, None, []),
            Err(ProfileRuleError::NoIdentity)
        );
        let other = ItemId::new_random();
        let same = Content::Profile(profile.clone());
        assert_eq!(
            check_profile(&profile, None, [(id, &jane), (other, &same)]),
            Err(ProfileRuleError::DuplicateName { existing: other })
        );
        assert_eq!(
            check_profile(&profile, Some(other), [(id, &jane), (other, &same)]),
            Ok(())
        );
        let root = Content::Identity(Identity::new(
            ItemId::new_random(),
            IdentityKind::Root {
                email: EmailAddress::parse("a@b.example").expect("an address"),
            },
        ));
        assert_eq!(
            check_profile(&profile, None, [(id, &root)]),
            Err(ProfileRuleError::RootAssumesRole)
        );
        let key = KeyRecipe {
            identity: id,
            key: None,
            extra: crate::record::Extra::new(),
        };
        let long_term = Profile::new(profile.name.clone(), Recipe::LongTerm(key));
        assert_eq!(check_profile(&long_term, None, [(id, &root)]), Ok(()));
    }

    #[test]
    fn session_tags_are_what_sts_takes() {
        let tag = |key: &str, value: &str| SessionTag {
            key: key.to_owned(),
            value: value.to_owned(),
            transitive: false,
        };
        assert_eq!(check_tags(&[tag("team", "blue"), tag("cost", "")]), Ok(()));
        for (tags, index) in [
            (vec![tag("", "x")], 0),
            (vec![tag("a", "x"), tag("A", "y")], 1),
            (vec![tag("aws:x", "x")], 0),
            (vec![tag(&"k".repeat(129), "x")], 0),
        ] {
            assert_eq!(check_tags(&tags), Err(ProfileRuleError::TagKey { index }));
        }
        let long = [tag("a", &"v".repeat(257))];
        assert_eq!(
            check_tags(&long),
            Err(ProfileRuleError::TagValue { index: 0 })
        );
        assert_eq!(
            check_tags(&vec![tag("a", "x"); 51]),
            Err(ProfileRuleError::TooManyTags)
        );
    }
}
