//! Credentials of profiles, for programs.

use std::sync::Arc;

use undercroft_model::{
    DurationSecs, ItemId, Partition, PolicyArn, Profile, Recipe, SessionPolicy,
};

use super::way::{Found, Unusable};
use crate::{
    Credentials, CredentialsAnswer, Session, SessionAnswer, SessionError, WayStep,
    sessions::{Begun, Link},
    state::CachedSession,
    unlocked::Unlocked,
};

/// A wish for a profile's credentials.
#[derive(Clone, Debug)]
pub struct ProfileWish {
    /// The profile.
    pub profile: ItemId,
    /// Whether to ask STS though credentials are at hand.
    pub fresh: bool,
    /// How long they are to last, in seconds; nothing takes the profile's own duration.
    pub duration_secs: Option<u32>,
    /// Whether they may only read: AWS's `ReadOnlyAccess` as a session policy.
    pub read_only: bool,
    /// A session policy in the place of the profile's own.
    pub policy: Option<SessionPolicy>,
}

impl ProfileWish {
    /// The credentials of a profile as it is.
    #[must_use]
    pub fn of(profile: ItemId) -> Self {
        Self {
            profile,
            fresh: false,
            duration_secs: None,
            read_only: false,
            policy: None,
        }
    }
}

impl Session {
    /// Gets the credentials of a profile: those at hand, or by the calls of its way.
    ///
    /// # Errors
    /// [`SessionError::AtLink`] with what failed on the way; [`SessionError::ProfileUnusable`];
    /// [`SessionError::Invalid`] for a duration or a restriction that the profile can't have.
    pub async fn credentials(&self, wish: ProfileWish) -> Result<CredentialsAnswer, SessionError> {
        match self.credentials_once(wish.clone()).await {
            // What it was edited into is another recipe, which is gone by once.
            Err(SessionError::ProfileUnusable {
                reason: Unusable::Changed,
            }) => self.credentials_once(wish).await,
            answer => answer,
        }
    }

    async fn credentials_once(&self, wish: ProfileWish) -> Result<CredentialsAnswer, SessionError> {
        // Programs ask on their own: that is no use of the vault by a person.
        let asked = wish.clone();
        let found = match self.look(move |open| open.at_hand(&asked)).await? {
            AtHand::Credentials(credentials) => {
                return Ok(CredentialsAnswer::Ready(credentials));
            }
            AtHand::Way(found) => found,
        };
        match self.go(found, wish.fresh).await? {
            SessionAnswer::Wait { secs } => Ok(CredentialsAnswer::Wait { secs }),
            SessionAnswer::Ready { cached, .. } => self
                .look(move |open| open.credentials_made(&wish, cached))
                .await
                .map(CredentialsAnswer::Ready),
        }
    }

    /// Makes the session of a profile, or finds it, as a person who waits for it in the window.
    ///
    /// # Errors
    /// As [`Session::credentials`]; [`SessionError::Invalid`] for a long-term key, which has no session.
    pub async fn profile_session(&self, wish: ProfileWish) -> Result<SessionAnswer, SessionError> {
        let asked = wish.clone();
        let found = self.act(move |open| open.wished_way(&asked)).await?;
        if found.links.is_empty() {
            let message = "this profile is a long-term key, which has no session";
            return Err(SessionError::field("profile", message));
        }
        self.go(found, wish.fresh).await
    }

    /// Goes a way from the last session on it that is at hand.
    async fn go(&self, found: Found, fresh: bool) -> Result<SessionAnswer, SessionError> {
        let Found { links, way, .. } = found;
        let links: Arc<[Link]> = links.into();
        let mut next = 0;
        loop {
            let (session, all) = (self.clone(), links.clone());
            // What to call and the call itself in one turn, so that nothing goes away in between.
            let (at, begun) = self
                .look(move |open| Ok(open.begin_next(&all, next, fresh, session)))
                .await?;
            let outcome = match begun {
                Ok(begun) => begun.answer().await,
                Err(error) => Err(error),
            };
            match outcome {
                Ok(SessionAnswer::Ready { .. }) if at + 1 < links.len() => next = at + 1,
                Ok(answer) => return Ok(answer),
                Err(error) => {
                    let step = way.steps.get(at).filter(|_| links.len() > 1);
                    return Err(match step {
                        Some(step) => at_link(step, error),
                        None => error,
                    });
                }
            }
        }
    }
}

/// What a wish for credentials comes to at first.
enum AtHand {
    Credentials(Box<Credentials>),
    Way(Found),
}

impl Unlocked {
    /// Answers a wish with what is at hand, in one turn, or tells the way.
    fn at_hand(&self, wish: &ProfileWish) -> Result<AtHand, SessionError> {
        let found = self.wished_way(wish)?;
        let Some(last) = found.links.last() else {
            let credentials = self.long_term(wish.profile, &found)?;
            return Ok(AtHand::Credentials(Box::new(credentials)));
        };
        match self.cached_for(&last.inputs).filter(|_| !wish.fresh) {
            Some(session) => {
                let credentials = self.credentials_of(session, wish.profile, true)?;
                Ok(AtHand::Credentials(Box::new(credentials)))
            }
            None => Ok(AtHand::Way(found)),
        }
    }

    /// The way of a profile, narrowed as wished.
    pub(crate) fn wished_way(&self, wish: &ProfileWish) -> Result<Found, SessionError> {
        let mut profile = self.profile_of(wish.profile)?;
        let whole = self.way_of(&profile, Some(wish.profile))?;
        let is_narrowed = wish.read_only || wish.policy.is_some();
        let Some(last) = whole.links.last() else {
            return match (wish.duration_secs, is_narrowed) {
                (None, false) => Ok(whole),
                (Some(_), _) => Err(SessionError::field(
                    "duration",
                    "a long-term key lasts until it is deleted; choose a session or a role for a duration",
                )),
                (None, true) => Err(cannot_be_narrowed()),
            };
        };
        if !is_narrowed && wish.duration_secs.is_none() {
            return Ok(whole);
        }
        let recipe = last.inputs;
        if let Some(secs) = wish.duration_secs {
            let duration = DurationSecs::new(secs);
            let duration = duration.map_err(|error| SessionError::field("duration", error))?;
            profile.duration = Some(duration);
        }
        if is_narrowed {
            let partition = self.account_of(last.at)?.partition;
            narrow(&mut profile, partition, wish)?;
        }
        let mut found = self.way_of(&profile, Some(wish.profile))?;
        if let Some(last) = found.links.last_mut() {
            last.recipe = recipe;
        }
        Ok(found)
    }

    /// Begins the first call of a way that has to be made, from `least` on; its position comes along.
    fn begin_next(
        &mut self,
        links: &[Link],
        least: usize,
        fresh: bool,
        session: Session,
    ) -> (usize, Result<Begun, SessionError>) {
        let at = self.first_missing(links, fresh).max(least);
        let begun = match links.get(at) {
            Some(link) => self.begin_link(link.clone(), fresh, session),
            None => Err(SessionError::Internal),
        };
        (at, begun)
    }

    /// The position of the first call on a way that has to be made; of the last, when all is at hand.
    fn first_missing(&self, links: &[Link], fresh: bool) -> usize {
        let last = links.len().saturating_sub(1);
        let is_there = |link: &Link| self.cached_for(&link.inputs).is_some();
        if !fresh && links.last().is_some_and(is_there) {
            return last;
        }
        let before = links.get(..last).unwrap_or_default();
        before
            .iter()
            .rposition(is_there)
            .map_or(0, |found| found + 1)
    }

    fn long_term(&self, id: ItemId, found: &Found) -> Result<Credentials, SessionError> {
        let profile = self.profile_of(id)?;
        let beginning = found.beginning.as_ref();
        let (identity_id, key) = beginning.ok_or(SessionError::Internal)?;
        let (identity, account) = self.identity_and_account(*identity_id)?;
        let key = self.long_term_key(*identity_id, &identity, key)?;
        Ok(Credentials {
            access_key_id: key.id.as_str().to_owned(),
            secret: key.secret.clone(),
            token: None,
            expiration: None,
            expires_at: None,
            kind: None,
            region: profile.region.or(account.region),
            profile: profile.name,
            account: account.id,
            output: profile.output,
            sts_endpoint: account.endpoints.sts,
            iam_endpoint: account.endpoints.iam,
            cached: true,
        })
    }

    /// The credentials that a call just yielded, as long as the profile is what it was then.
    fn credentials_made(
        &self,
        wish: &ProfileWish,
        cached: bool,
    ) -> Result<Box<Credentials>, SessionError> {
        let found = self.wished_way(wish)?;
        let last = found.links.last();
        let session = last.and_then(|last| self.live_of(&last.inputs));
        let session = session.ok_or(Unusable::Changed)?;
        self.credentials_of(session, wish.profile, cached)
            .map(Box::new)
    }

    fn credentials_of(
        &self,
        session: &CachedSession,
        profile: ItemId,
        cached: bool,
    ) -> Result<Credentials, SessionError> {
        let profile = self.profile_of(profile)?;
        let account = self.account_of(session.account)?;
        let endpoints = self.endpoints_for(session)?;
        let credentials = &session.credentials;
        let expiration = credentials.expiration();
        let remaining = expiration.secs_since(self.time_by(&session.endpoint));
        Ok(Credentials {
            profile: profile.name,
            account: account.id,
            access_key_id: credentials.key_id().as_str().to_owned(),
            secret: credentials.secret().clone(),
            token: Some(credentials.token().clone()),
            expiration: Some(expiration),
            expires_at: Some(self.now().plus_secs(remaining)),
            kind: Some(session.kind),
            region: profile.region.or(account.region),
            output: profile.output,
            sts_endpoint: endpoints.sts,
            iam_endpoint: endpoints.iam,
            cached,
        })
    }
}

/// Says which call failed. Locking and changes meanwhile are about no call.
fn at_link(step: &WayStep, error: SessionError) -> SessionError {
    let is_about_all = matches!(
        error,
        SessionError::Locked
            | SessionError::ProfileUnusable {
                reason: Unusable::Changed
            }
    );
    if is_about_all {
        return error;
    }
    SessionError::AtLink {
        at: format!("{} for {}", step.call.as_str(), step.of),
        error: Box::new(error),
    }
}

/// Restricts what a profile yields; only a role's and a federated user's session can be.
///
/// Session policies allow what any of them allows. So a restriction takes the place of the profile's own, and only
/// where that can't allow more than the profile's own did; nor do two restrictions go together.
fn narrow(
    profile: &mut Profile,
    partition: Partition,
    wish: &ProfileWish,
) -> Result<(), SessionError> {
    let (policy, policy_arns) = match &mut profile.recipe {
        Recipe::Role(recipe) => (&mut recipe.policy, &mut recipe.policy_arns),
        Recipe::WebIdentity(recipe) => (&mut recipe.policy, &mut recipe.policy_arns),
        Recipe::Federated(recipe) => (&mut recipe.policy, &mut recipe.policy_arns),
        Recipe::LongTerm(_) | Recipe::Session(_) | Recipe::Sso(_) | Recipe::Unknown { .. } => {
            return Err(cannot_be_narrowed());
        }
    };
    if wish.read_only && wish.policy.is_some() {
        let message = "AWS allows what either of two session policies allows; ask for reading only or give a policy";
        return Err(SessionError::field("policy", message));
    }
    let reading = PolicyArn::read_only(partition);
    let everything = PolicyArn::administrator(partition);
    let allows_it = |own: &PolicyArn| *own == everything || (wish.read_only && *own == reading);
    let has_own = policy.is_some() || !policy_arns.is_empty();
    if has_own && !policy_arns.iter().any(allows_it) {
        let message = "this profile has a session policy of its own, which another could widen; \
                       make a profile with the narrower policy";
        return Err(SessionError::field("policy", message));
    }
    policy.clone_from(&wish.policy);
    policy_arns.clear();
    if wish.read_only {
        policy_arns.push(reading);
    }
    Ok(())
}

fn cannot_be_narrowed() -> SessionError {
    let message = "only a role's or a federated user's credentials can be restricted";
    SessionError::field("policy", message)
}
