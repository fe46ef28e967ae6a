//! The recipes of roles, and what they are assumed with.

use undercroft_aws::files::{Role, RoleSource as FoundSource};
use undercroft_model::{
    ExternalId, Extra, Mfa, ProfileName, Recipe, RoleArn, RoleRecipe, RoleSessionName, RoleSource,
    SessionTag, SourceIdentity, TokenSource, WebIdentityRecipe,
};

use super::{
    plan::Plan,
    profiles::{Base, Group, State, pinned},
    reading::{Section, shown},
};

impl Plan<'_> {
    /// The recipe of a role, or of a web identity.
    ///
    /// # Errors
    /// Why it is not imported.
    pub(super) fn role_recipe(
        &mut self,
        group: &Group<'_>,
        section: &Section,
        role: &Role,
    ) -> Result<Recipe, String> {
        let arn =
            RoleArn::parse(role.arn.as_str()).map_err(|error| format!("not imported: {error}"))?;
        let session_name = role.session_name.as_deref();
        let session_name = self.optional(
            section,
            "role_session_name",
            session_name,
            RoleSessionName::parse,
        );
        if let Some(FoundSource::WebIdentity { token_file }) = &role.source {
            return Ok(Recipe::WebIdentity(Box::new(WebIdentityRecipe {
                role: arn,
                token: TokenSource::File {
                    path: token_file.clone(),
                },
                session_name,
                policy: None,
                policy_arns: Vec::new(),
                extra: Extra::new(),
            })));
        }
        let (source, mfa) = match self.base_of(group, section, role)? {
            Base::Key { identity, key, mfa } => {
                if let (Some(serial), Some(holder)) = (&role.mfa_serial, self.identity(identity)) {
                    self.demand_device(section, &holder, serial);
                }
                let mfa = mfa || role.mfa_serial.is_some();
                let mfa = if mfa { Mfa::IfThere } else { Mfa::None };
                (RoleSource::Identity { identity, key }, mfa)
            }
            Base::Profile(profile) => {
                if role.mfa_serial.is_some() {
                    self.tell(
                        section,
                        "mfa_serial is left out, since a code goes only with a long-term key's call, and this role is \
                         assumed with another role's session",
                    );
                }
                (RoleSource::Profile { profile }, Mfa::IfThere)
            }
        };
        let external_id = role.external_id.as_deref();
        let source_identity = role.source_identity.as_deref();
        let is_transitive = |key: &str| {
            let mut keys = role.transitive_tags.iter();
            keys.any(|other| other.eq_ignore_ascii_case(key))
        };
        Ok(Recipe::Role(Box::new(RoleRecipe {
            source,
            role: arn,
            mfa,
            external_id: self.optional(section, "external_id", external_id, ExternalId::parse),
            session_name,
            source_identity: self.optional(
                section,
                "source_identity",
                source_identity,
                SourceIdentity::parse,
            ),
            tags: role
                .tags
                .iter()
                .map(|(key, value)| SessionTag {
                    key: key.clone(),
                    value: value.clone(),
                    transitive: is_transitive(key),
                })
                .collect(),
            policy: None,
            policy_arns: Vec::new(),
            extra: Extra::new(),
        })))
    }

    /// What a role is assumed with.
    ///
    /// # Errors
    /// Why it is not imported.
    fn base_of(&self, group: &Group<'_>, section: &Section, role: &Role) -> Result<Base, String> {
        let name = match &role.source {
            Some(FoundSource::Profile(name)) => name,
            Some(FoundSource::Machine(_) | FoundSource::WebIdentity { .. }) | None => {
                return Err(
                    "not imported, since a role needs a profile or a key that assumes it; add it in the window".to_owned(),
                );
            }
        };
        if *name == section.profile.name {
            let keys = section.profile.own_key.as_ref();
            let found = keys.and_then(|keys| Some((self.holder_with(keys)?, keys)));
            let ((identity, holder), keys) =
                found.ok_or("not imported, since its own key is not in the vault")?;
            return Ok(Base::Key {
                identity,
                key: pinned(&holder, &keys.id),
                mfa: keys.mfa_serial.is_some(),
            });
        }
        match group.state_of(name) {
            Some(State::Done(Some(base))) => Ok(base.clone()),
            Some(State::Waiting) => {
                Err("not imported, since its sources lead back to it".to_owned())
            }
            Some(State::Done(None) | State::Untouched) => Err(format!(
                "not imported, since its source_profile [{}] is not in the vault",
                shown(name)
            )),
            None => self.base_by_name(name)?.ok_or_else(|| {
                format!(
                    "not imported, since its source_profile [{}] is neither in the files nor in the vault; correct the \
                     name, or import both together",
                    shown(name)
                )
            }),
        }
    }

    /// What a profile that is there gives a role to build on.
    pub(super) fn base_by_name(&self, name: &str) -> Result<Option<Base>, String> {
        let id = ProfileName::parse(name)
            .ok()
            .and_then(|name| self.profile_named(&name));
        let Some((id, profile)) = id.and_then(|id| Some((id, self.profile(id)?))) else {
            return Ok(None);
        };
        Ok(Some(match profile.recipe {
            Recipe::Session(recipe) => Base::Key {
                identity: recipe.identity,
                key: recipe.key,
                mfa: recipe.mfa != Mfa::None,
            },
            Recipe::LongTerm(recipe) => Base::Key {
                identity: recipe.identity,
                key: recipe.key,
                mfa: false,
            },
            Recipe::Role(_) | Recipe::WebIdentity(_) | Recipe::Sso(_) | Recipe::Unknown { .. } => {
                Base::Profile(id)
            }
            Recipe::Federated(_) => {
                return Err(
                    "not imported, since its source_profile is a federated user's, which can't assume roles".to_owned(),
                );
            }
        }))
    }

    /// Reads a text that AWS's own reader took; one that it may have taken more loosely is left out.
    fn optional<T, E: std::fmt::Display>(
        &mut self,
        section: &Section,
        key: &str,
        text: Option<&str>,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        let parsed = parse(text?);
        parsed
            .map_err(|error| self.tell(section, &format!("{key} is left out: {error}")))
            .ok()
    }
}
