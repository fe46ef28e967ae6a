//! Profiles: named recipes that yield credentials.

mod draft;
mod serve;
mod way;

use undercroft_model::{
    AccountId, Content, IdentityKind, ItemId, Partition, Profile, ProfileName, Recipe,
    rules::{ProfileRuleError, check_profile},
};

pub use draft::ProfileDraft;
pub use serve::ProfileWish;
pub use way::Unusable;

use crate::{
    AccountDraft, ProfileDetails, ProfileRow, Session, SessionError, Way, unlocked::Unlocked,
};

impl Session {
    /// All profiles, by name.
    ///
    /// # Errors
    /// When the vault is locked.
    pub async fn profiles(&self) -> Result<Vec<ProfileRow>, SessionError> {
        self.look(|open| Ok(open.profile_rows())).await
    }

    /// One profile, with the way to its credentials.
    ///
    /// # Errors
    /// When it is gone.
    pub async fn profile(&self, id: ItemId) -> Result<ProfileDetails, SessionError> {
        self.look(move |open| open.profile_details(id)).await
    }

    /// The profile of a name.
    ///
    /// # Errors
    /// [`SessionError::NoSuchProfile`]; [`SessionError::Invalid`] where merging left two of the name.
    pub async fn profile_named(&self, name: String) -> Result<ItemId, SessionError> {
        self.look(move |open| {
            let name = ProfileName::parse(&name).map_err(|_| SessionError::NoSuchProfile)?;
            let mut found = open.catalogue.profiles_named(&name);
            match (found.next(), found.next()) {
                (Some(one), None) => Ok(one),
                (Some(_), Some(_)) => Err(SessionError::field(
                    "name",
                    "two profiles have this name since changes from elsewhere came in; rename one",
                )),
                (None, _) => Err(SessionError::NoSuchProfile),
            }
        })
        .await
    }

    /// Files or changes a profile; its item. A role's account that the vault does not know is filed along.
    ///
    /// # Errors
    /// [`SessionError::Invalid`] with what can't be taken.
    pub async fn save_profile(&self, draft: ProfileDraft) -> Result<ItemId, SessionError> {
        self.act(move |open| open.save_profile(&draft)).await
    }

    /// The way to the credentials of a profile that is not saved yet.
    ///
    /// # Errors
    /// [`SessionError::Invalid`] with what can't be taken; [`SessionError::ProfileUnusable`].
    pub async fn way(&self, draft: ProfileDraft) -> Result<Way, SessionError> {
        self.look(move |open| {
            let profile = draft.parse()?;
            open.demand_profile(&profile, draft.id)?;
            Ok(open.way_of(&profile, draft.id)?.way)
        })
        .await
    }
}

impl Unlocked {
    fn profile_rows(&self) -> Vec<ProfileRow> {
        let profiles = self.catalogue.profiles();
        profiles
            .map(|(id, profile)| self.profile_row(id, profile))
            .collect()
    }

    fn profile_row(&self, id: ItemId, profile: &Profile) -> ProfileRow {
        let identity = self.catalogue.identity_at_beginning(profile);
        let card = identity.and_then(|id| self.catalogue.identity(id));
        let (account, account_id) = match (account_named_by(profile), card) {
            (Some((partition, digits)), _) => {
                let account = self.catalogue.account_numbered(partition, &digits);
                (account, Some(digits))
            }
            (None, Some(card)) => (Some(card.account), None),
            (None, None) => (None, None),
        };
        let account = account.and_then(|id| self.account_row(id).ok());
        let way = self.way_of(profile, Some(id)).ok();
        let live = way
            .as_ref()
            .and_then(|found| found.links.last())
            .and_then(|link| self.live_of(&link.inputs))
            .map(|session| (session.id, session.credentials.expiration()));
        ProfileRow {
            id,
            name: profile.name.clone(),
            kind: profile.recipe.kind().to_owned(),
            account_id: account_id.or_else(|| account.as_ref().map(|row| row.account_id.clone())),
            account,
            identity: identity.zip(card.map(|card| card.row.kind.clone())),
            role: profile.recipe.role().cloned(),
            mfa: way.is_some_and(|found| found.links.iter().any(|link| link.device.is_some())),
            region: profile.region.clone(),
            output: profile.output,
            favourite: profile.favourite,
            live,
        }
    }

    fn profile_details(&self, id: ItemId) -> Result<ProfileDetails, SessionError> {
        let profile = self.profile_of(id)?;
        Ok(ProfileDetails {
            row: self.profile_row(id, &profile),
            way: self.way_of(&profile, Some(id)).map(|found| found.way),
            profile,
        })
    }

    /// A live profile.
    pub(crate) fn profile_of(&self, id: ItemId) -> Result<Profile, SessionError> {
        let profile = self.catalogue.profile(id);
        profile.cloned().ok_or(SessionError::NoSuchItem)
    }

    fn save_profile(&mut self, draft: &ProfileDraft) -> Result<ItemId, SessionError> {
        let profile = draft.parse()?;
        self.demand_profile(&profile, draft.id)?;
        // A way that can't be gone is refused; one that only lacks a key today is kept.
        match self.way_of(&profile, draft.id) {
            Err(error @ SessionError::Invalid { .. }) => return Err(error),
            Err(SessionError::ProfileUnusable {
                reason: reason @ Unusable::FederatedSource,
            }) => return Err(SessionError::field("source", reason)),
            Err(error @ SessionError::DeviceMakesLongerCodes) => {
                return Err(SessionError::field("mfa", error));
            }
            Ok(_) | Err(_) => {}
        }
        self.demand_writable()?;
        let kept = draft.id.map(|id| self.profile_of(id)).transpose()?;
        let id = draft.id.unwrap_or_else(ItemId::new_random);
        let profile = match kept {
            Some(kept) => kept.changed_to(profile),
            None => profile,
        };
        if let Some(role) = profile.recipe.role() {
            self.file_account_of_role(role.partition(), role.account())?;
        }
        self.put(id, Content::Profile(profile))?;
        Ok(id)
    }

    /// Files the account of a role, so that what acts in it is shown there.
    fn file_account_of_role(
        &mut self,
        partition: Partition,
        digits: &AccountId,
    ) -> Result<(), SessionError> {
        if self.catalogue.account_numbered(partition, digits).is_some() {
            return Ok(());
        }
        let draft = AccountDraft {
            account_id: digits.to_string(),
            partition: partition.as_str().to_owned(),
            ..AccountDraft::default()
        };
        match self.save_account(&draft) {
            // In the bin: it comes back from there or not at all.
            Ok(_) | Err(SessionError::DuplicateAccount { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Holds a profile to the rules.
    pub(crate) fn demand_profile(
        &self,
        profile: &Profile,
        own: Option<ItemId>,
    ) -> Result<(), SessionError> {
        let mut others = Vec::new();
        for id in self.catalogue.profiles_named(&profile.name) {
            others.extend(self.profile_of(id).ok().map(|other| (id, other)));
        }
        let mut next = profile.recipe.source_profile();
        while let Some(id) = next.take()
            && others.len() <= undercroft_model::rules::MAX_CHAIN
            && let Ok(source) = self.profile_of(id)
        {
            next = source.recipe.source_profile();
            others.push((id, source));
        }
        let identity = profile.recipe.identity();
        let identity = identity.and_then(|id| Some((id, self.identity_of(id).ok()?)));
        let others: Vec<(ItemId, Content)> = others
            .into_iter()
            .map(|(id, other)| (id, Content::Profile(other)))
            .chain(identity.map(|(id, identity)| (id, Content::Identity(identity))))
            .collect();
        let others = others.iter().map(|(id, content)| (*id, content));
        check_profile(profile, own, others)
            .map_err(|error| SessionError::field(field_of(&error), error))
    }
}

/// The field of the draft that a rule is about.
fn field_of(error: &ProfileRuleError) -> &'static str {
    match error {
        ProfileRuleError::DuplicateName { .. } => "name",
        ProfileRuleError::NoIdentity | ProfileRuleError::RootAssumesRole => "identity",
        ProfileRuleError::NoSource
        | ProfileRuleError::Loop { .. }
        | ProfileRuleError::TooLongChain => "source",
        ProfileRuleError::TooManyTags
        | ProfileRuleError::TagKey { .. }
        | ProfileRuleError::TagValue { .. } => "tags",
        ProfileRuleError::TooManyPolicies => "policy_arns",
        ProfileRuleError::TokenPath => "token",
        ProfileRuleError::Notes(_) => "notes",
    }
}

/// The account that a recipe itself names.
pub(crate) fn account_named_by(profile: &Profile) -> Option<(Partition, AccountId)> {
    match &profile.recipe {
        Recipe::Role(_) | Recipe::WebIdentity(_) => {
            let role = profile.recipe.role()?;
            Some((role.partition(), role.account().clone()))
        }
        Recipe::Sso(recipe) => Some((recipe.sso_region.partition(), recipe.account.clone())),
        Recipe::LongTerm(_)
        | Recipe::Session(_)
        | Recipe::Federated(_)
        | Recipe::Unknown { .. } => None,
    }
}

/// What an identity is called in the names of its sessions.
pub(crate) fn session_name_of(kind: &IdentityKind) -> &str {
    match kind {
        IdentityKind::IamUser { name } => name.as_str(),
        IdentityKind::Root { .. } => "root",
    }
}
