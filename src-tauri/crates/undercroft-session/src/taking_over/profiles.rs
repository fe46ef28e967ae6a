//! Placing profiles: sections with keys, roles, web identities, Identity Center.

use std::collections::BTreeMap;

use undercroft_aws::files::{Keys, Kind, Role, RoleSource as FoundSource, Sso};
use undercroft_model::{
    AccessKeyId, Content, DurationSecs, Extra, Identity, ItemId, KeyState, Mfa, OutputFormat,
    Profile, ProfileName, Recipe, RoleSource, Serial, SerialKind, SessionRecipe, SsoRecipe,
    rules::{MAX_CHAIN, check_profile},
};

use super::{
    FoundKind, FoundStatus,
    plan::Plan,
    reading::{Gathered, Section},
};

/// The longest session that AWS gives for a role assumed with a session, and to the root user.
const HOUR: u32 = 3600;

/// What a role is assumed with.
#[derive(Clone)]
pub(super) enum Base {
    /// A long-term key, in the call itself.
    Key {
        identity: ItemId,
        key: Option<AccessKeyId>,
        mfa: bool,
    },
    /// What another profile yields.
    Profile(ItemId),
}

/// How far a section has come.
#[derive(Clone)]
pub(super) enum State {
    Untouched,
    /// Waiting for its source; who comes back here goes round in a loop.
    Waiting,
    /// Placed, or not, with what roles can build on.
    Done(Option<Base>),
}

/// The sections of one group by their names, with their states.
pub(super) struct Group<'a> {
    sections: &'a [Section],
    by_name: BTreeMap<&'a str, usize>,
    states: Vec<State>,
}

impl<'a> Group<'a> {
    fn of(sections: &'a [Section]) -> Self {
        let named = sections.iter().enumerate();
        Self {
            sections,
            by_name: named
                .map(|(at, section)| (section.profile.name.as_str(), at))
                .collect(),
            states: vec![State::Untouched; sections.len()],
        }
    }

    /// How far the section of a name has come.
    pub(super) fn state_of(&self, name: &str) -> Option<&State> {
        let at = self.by_name.get(name)?;
        self.states.get(*at)
    }

    /// The other section that a role builds on.
    fn source_of(&self, at: usize) -> Option<usize> {
        let Kind::Role(role) = &self.sections.get(at)?.profile.kind else {
            return None;
        };
        let Some(FoundSource::Profile(name)) = &role.source else {
            return None;
        };
        let source = self.by_name.get(name.as_str()).copied();
        source.filter(|source| *source != at)
    }
}

impl Plan<'_> {
    /// Notes whose key goes with the serials that stand in roles.
    pub(super) fn learn_serials_of_roles(&mut self, sections: &[Section]) {
        let group = Group::of(sections);
        for (at, section) in sections.iter().enumerate() {
            let Kind::Role(Role {
                mfa_serial: Some(serial),
                ..
            }) = &section.profile.kind
            else {
                continue;
            };
            let way = std::iter::successors(Some(at), |at| group.source_of(*at));
            let last = way
                .take(MAX_CHAIN + 1)
                .last()
                .and_then(|at| sections.get(at));
            let keys = last.and_then(Section::keys);
            if let Some(holder) = keys.and_then(|keys| self.holder_of_key(&keys.id)) {
                let known = &mut self.serials_of_keys;
                known.entry(serial.clone()).or_insert(holder);
            }
        }
    }

    /// Places the profiles of all groups: sections with keys first, so that roles find them in any order.
    pub(super) fn place_profiles(&mut self, gathered: &Gathered) {
        let mut groups: Vec<_> = gathered
            .groups
            .iter()
            .map(|group| Group::of(group))
            .collect();
        for group in &mut groups {
            for (section, state) in group.sections.iter().zip(&mut group.states) {
                if let Kind::Keys(keys) = &section.profile.kind {
                    *state = State::Done(self.place_session_profile(section, keys));
                }
            }
        }
        for group in &mut groups {
            for at in 0..group.sections.len() {
                self.place_with_sources(group, at);
            }
        }
    }

    /// Places a section after those that it builds on.
    fn place_with_sources(&mut self, group: &mut Group<'_>, at: usize) {
        let mut way = Vec::new();
        let mut next = Some(at);
        while let Some(at) = next
            && let Some(state @ State::Untouched) = group.states.get_mut(at)
        {
            *state = State::Waiting;
            way.push(at);
            next = group.source_of(at);
        }
        for at in way.into_iter().rev() {
            let Some(section) = group.sections.get(at) else {
                continue;
            };
            let base = self.place_section(group, section);
            if let Some(state) = group.states.get_mut(at) {
                *state = State::Done(base);
            }
        }
    }

    fn place_section(&mut self, group: &Group<'_>, section: &Section) -> Option<Base> {
        match &section.profile.kind {
            Kind::Role(role) => {
                let recipe = self.role_recipe(group, section, role);
                let recipe = recipe
                    .map_err(|problem| self.tell(section, &problem))
                    .ok()?;
                let profile = self.profile_of_section(section, recipe, role.duration)?;
                let id = self.put_profile(section, profile)?;
                Some(Base::Profile(id))
            }
            Kind::Sso(sso) => {
                let recipe = sso_recipe(sso);
                let recipe = recipe
                    .map_err(|problem| self.tell(section, &problem))
                    .ok()?;
                let profile = self.profile_of_section(section, recipe, None)?;
                let id = self.put_profile(section, profile)?;
                Some(Base::Profile(id))
            }
            Kind::Empty => {
                if section.profile.problems.is_empty() {
                    self.tell(
                        section,
                        "it holds neither a key nor a role, so there is nothing to import",
                    );
                }
                self.base_by_name(&section.profile.name).ok().flatten()
            }
            // What these lack was said when they were read; the vault may have a profile in their stead.
            Kind::Process(_) | Kind::Login(_) | Kind::Session => {
                self.base_by_name(&section.profile.name).ok().flatten()
            }
            // These come first.
            Kind::Keys(_) => None,
        }
    }

    /// Places the profile of a section with keys. Roles can build on the key even where the profile's name is taken.
    fn place_session_profile(&mut self, section: &Section, keys: &Keys) -> Option<Base> {
        let (id, identity) = self.holder_with(keys)?;
        let pinned = pinned(&identity, &keys.id);
        let mfa = keys.mfa_serial.is_some();
        let recipe = Recipe::Session(SessionRecipe {
            identity: id,
            key: pinned.clone(),
            mfa: if mfa { Mfa::IfThere } else { Mfa::None },
            extra: Extra::new(),
        });
        let mut duration = section.session_duration;
        if identity.kind.is_root() && duration.is_some_and(|duration| duration.as_secs() > HOUR) {
            duration = None;
            self.tell(
                section,
                "duration_seconds is left out, since a session of the root user lasts an hour at most",
            );
        }
        if let Some(profile) = self.profile_of_section(section, recipe, duration) {
            let placed = self.put_profile(section, profile);
            if let (Some(_), Some(serial)) = (placed, &keys.mfa_serial) {
                self.demand_device(section, &identity, serial);
            }
        }
        Some(Base::Key {
            identity: id,
            key: pinned,
            mfa,
        })
    }

    /// The identity that has this very key, with this very secret.
    pub(super) fn holder_with(&self, keys: &Keys) -> Option<(ItemId, Identity)> {
        let id = self.holder_of_key(&keys.id)?;
        let identity = self.identity(id)?;
        let filed = identity.key(&keys.id)?;
        let field = undercroft_model::Field::AccessKeySecret(keys.id.clone());
        let secret = self.open.unseal_text(id, &field, &filed.secret).ok()?;
        // Exposed to be compared without what a file may have around it.
        let same = undercroft_secret::SecretString::copy_of(keys.secret.expose().trim());
        secret.ct_eq(&same).then_some((id, identity))
    }

    /// Puts a recipe under its section's name.
    fn profile_of_section(
        &mut self,
        section: &Section,
        recipe: Recipe,
        duration: Option<DurationSecs>,
    ) -> Option<Profile> {
        let name = ProfileName::parse(&section.profile.name);
        let name = name
            .map_err(|error| self.tell(section, &format!("the profile is not imported: {error}")))
            .ok()?;
        let is_chained = recipe.source_profile().is_some();
        let mut duration = duration;
        if is_chained && duration.is_some_and(|duration| duration.as_secs() > HOUR) {
            duration = None;
            self.tell(
                section,
                "duration_seconds is left out, since a role that is assumed with another's session lasts an hour at most",
            );
        }
        let mut profile = Profile::new(name, recipe);
        profile.region = section.profile.region.clone();
        let output = section.profile.output.as_deref();
        profile.output = output.and_then(OutputFormat::parse);
        profile.duration = duration;
        Some(profile)
    }

    /// Places a profile, unless its name is taken; the item of that name when it is the same.
    fn put_profile(&mut self, section: &Section, profile: Profile) -> Option<ItemId> {
        let file = section.file;
        let name = profile.name.to_string();
        let filed = self.profiles_named(&profile.name);
        let wanted = self.with_keys(&profile.recipe);
        let same = filed.iter().find(|id| {
            let filed = self.profile(**id);
            filed.is_some_and(|filed| self.with_keys(&filed.recipe) == wanted)
        });
        if let Some(id) = same {
            self.note(file, FoundKind::Profile, name, FoundStatus::Duplicate);
            return Some(*id);
        }
        if !filed.is_empty() {
            self.note(file, FoundKind::Profile, name, FoundStatus::Conflict);
            self.tell(
                section,
                "the vault has another profile of this name, and keeps it; to have this one, rename or remove that one in \
                 the window and import again",
            );
            return None;
        }
        if let Err(error) = self.check(&profile) {
            self.tell(section, &format!("the profile is not imported: {error}"));
            return None;
        }
        let role = profile.recipe.role().cloned();
        let id = self.place_profile(profile);
        if let Some(role) = role {
            let filed = self.account_numbered(role.partition(), role.account());
            if filed.is_none() {
                self.place_account(role.partition(), role.account());
            }
            if let Some(account) = self.account_numbered(role.partition(), role.account()) {
                self.note_account(file, account, filed.is_none());
            }
        }
        self.note(file, FoundKind::Profile, name, FoundStatus::New);
        Some(id)
    }

    fn check(&self, profile: &Profile) -> Result<(), undercroft_model::rules::ProfileRuleError> {
        let mut others = Vec::new();
        let mut next = profile.recipe.source_profile();
        while let Some(id) = next.take()
            && others.len() <= MAX_CHAIN
            && let Some(source) = self.profile(id)
        {
            next = source.recipe.source_profile();
            others.push((id, Content::Profile(source)));
        }
        let identity = profile.recipe.identity();
        let identity = identity.and_then(|id| Some((id, self.identity(id)?)));
        others.extend(identity.map(|(id, identity)| (id, Content::Identity(identity))));
        let others = others.iter().map(|(id, content)| (*id, content));
        check_profile(profile, None, others)
    }

    /// A recipe that names the key it takes, to be compared with another.
    fn with_keys(&self, recipe: &Recipe) -> Recipe {
        let taken = |identity: ItemId, key: Option<AccessKeyId>| {
            key.or_else(|| {
                let identity = self.identity(identity)?;
                let mut keys = identity.keys.iter();
                let key = keys.find(|key| key.state != KeyState::Inactive)?;
                Some(key.id.clone())
            })
        };
        let mut recipe = recipe.clone();
        match &mut recipe {
            Recipe::Session(recipe) => recipe.key = taken(recipe.identity, recipe.key.take()),
            Recipe::LongTerm(recipe) => recipe.key = taken(recipe.identity, recipe.key.take()),
            Recipe::Role(recipe) => {
                if let RoleSource::Identity { identity, key } = &mut recipe.source {
                    *key = taken(*identity, key.take());
                }
            }
            Recipe::Federated(_)
            | Recipe::WebIdentity(_)
            | Recipe::Sso(_)
            | Recipe::Unknown { .. } => {}
        }
        recipe
    }

    /// Says when the device of a serial is not there.
    pub(super) fn demand_device(
        &mut self,
        section: &Section,
        identity: &Identity,
        serial: &Serial,
    ) {
        let mut devices = identity.devices.iter();
        if devices.any(|device| device.serial.as_ref() == Some(serial)) {
            return;
        }
        let problem = match serial.kind() {
            SerialKind::Virtual { .. } => format!(
                "its MFA device {serial} is not in the vault; add the device's seed, and until then the profile goes without \
                 a code of it"
            ),
            SerialKind::Hardware => format!(
                "its MFA device {serial} is a hardware token, whose codes can't be made here; add a virtual device to the user"
            ),
        };
        self.tell(section, &problem);
    }

    pub(super) fn tell(&mut self, section: &Section, problem: &str) {
        self.report(section.file, format!("{}: {problem}", section.place()));
    }
}

/// The key that a recipe names: none where its identity has only this one, so that a newer one can take its place.
pub(super) fn pinned(identity: &Identity, key: &AccessKeyId) -> Option<AccessKeyId> {
    (identity.keys.len() > 1).then(|| key.clone())
}

fn sso_recipe(sso: &Sso) -> Result<Recipe, String> {
    let missing = "not imported, since a profile of Identity Center needs sso_start_url, sso_region, sso_account_id and \
                   sso_role_name";
    let whole = || {
        Some(SsoRecipe {
            start_url: sso.start_url.clone()?,
            sso_region: sso.region.clone()?,
            account: sso.account.clone()?,
            role_name: sso.role_name.clone()?,
            sso_session: sso.session.clone(),
            extra: Extra::new(),
        })
    };
    let recipe = whole().ok_or(missing)?;
    Ok(Recipe::Sso(Box::new(recipe)))
}
