//! Credentials of profiles, for programs.

use undercroft_model::{
    DurationSecs, ItemId, Partition, PolicyArn, Profile, Recipe, SessionPolicy,
};

use super::way::Found;
use crate::{
    Credentials, CredentialsAnswer, Session, SessionAnswer, SessionError,
    sessions::{Inputs, Link},
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
        // Programs ask on their own: that is no use of the vault by a person.
        let id = wish.profile;
        let asked = wish.clone();
        let (profile, found) = self.look(move |open| open.wished_way(&asked)).await?;
        let Some(last) = found.links.last().map(|link| link.inputs) else {
            return self.look(move |open| open.long_term(id)).await;
        };
        match self.go(&found, wish.fresh).await? {
            SessionAnswer::Wait { secs } => Ok(CredentialsAnswer::Wait { secs }),
            SessionAnswer::Ready { cached, .. } => {
                self.look(move |open| open.credentials_at_hand(&profile, &last, cached))
                    .await
            }
        }
    }

    /// Makes the session of a profile, or finds it, as a person who waits for it in the window.
    ///
    /// # Errors
    /// As [`Session::credentials`]; [`SessionError::Invalid`] for a long-term key, which has no session.
    pub async fn profile_session(&self, wish: ProfileWish) -> Result<SessionAnswer, SessionError> {
        let asked = wish.clone();
        let (_, found) = self.act(move |open| open.wished_way(&asked)).await?;
        if found.links.is_empty() {
            let message = "this profile is a long-term key, which has no session";
            return Err(SessionError::field("profile", message));
        }
        self.go(&found, wish.fresh).await
    }

    /// Asks STS again for what a profile yields.
    pub(crate) async fn renew_profile(
        &self,
        profile: ItemId,
    ) -> Result<SessionAnswer, SessionError> {
        let wish = ProfileWish {
            fresh: true,
            ..ProfileWish::of(profile)
        };
        self.profile_session(wish).await
    }

    /// Goes a way from the last session on it that is at hand.
    async fn go(&self, found: &Found, fresh: bool) -> Result<SessionAnswer, SessionError> {
        let links = found.links.clone();
        let first = self
            .look(move |open| Ok(open.first_missing(&links, fresh)))
            .await?;
        let several = found.links.len() > 1;
        let mut answer = None;
        for (link, step) in found.links.iter().zip(&found.way.steps).skip(first) {
            let is_last = Some(&link.inputs) == found.links.last().map(|link| &link.inputs);
            let (session, begun) = (self.clone(), link.clone());
            let begun = self
                .look(move |open| open.begin_link(begun, fresh && is_last, session))
                .await;
            let outcome = match begun {
                Ok(begun) => begun.answer().await,
                Err(error) => Err(error),
            };
            match outcome {
                Ok(ready @ SessionAnswer::Ready { .. }) => answer = Some(ready),
                Ok(SessionAnswer::Wait { secs }) => return Ok(SessionAnswer::Wait { secs }),
                Err(SessionError::Locked) => return Err(SessionError::Locked),
                Err(error) if several => {
                    return Err(SessionError::AtLink {
                        at: format!("{} for {}", step.call.as_str(), step.of),
                        error: Box::new(error),
                    });
                }
                Err(error) => return Err(error),
            }
        }
        answer.ok_or(SessionError::Internal)
    }
}

impl Unlocked {
    /// The way of a profile, narrowed as wished.
    fn wished_way(&self, wish: &ProfileWish) -> Result<(Profile, Found), SessionError> {
        let mut profile = self.profile_of(wish.profile)?;
        if let Some(secs) = wish.duration_secs {
            let duration = DurationSecs::new(secs);
            let duration = duration.map_err(|error| SessionError::field("duration", error))?;
            profile.duration = Some(duration);
        }
        if wish.read_only || wish.policy.is_some() {
            let account = self.way_of(&profile, Some(wish.profile))?.account;
            let account = account.map(|id| self.account_of(id)).transpose()?;
            let partition = account.map_or(Partition::Aws, |account| account.partition);
            narrow(&mut profile, partition, wish)?;
        }
        let found = self.way_of(&profile, Some(wish.profile))?;
        Ok((profile, found))
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

    fn long_term(&self, id: ItemId) -> Result<CredentialsAnswer, SessionError> {
        let profile = self.profile_of(id)?;
        let found = self.way_of(&profile, Some(id))?;
        let (identity_id, key) = found.beginning.ok_or(SessionError::Internal)?;
        let (identity, account) = self.identity_and_account(identity_id)?;
        let key = self.long_term_key(identity_id, &identity, &key)?;
        Ok(CredentialsAnswer::Ready(Box::new(Credentials {
            access_key_id: key.id.as_str().to_owned(),
            secret: key.secret.clone(),
            token: None,
            expiration: None,
            expires_at: None,
            kind: None,
            region: profile.region.or(account.region),
            profile: profile.name,
            output: profile.output,
            sts_endpoint: account.endpoints.sts,
            iam_endpoint: account.endpoints.iam,
            cached: true,
        })))
    }

    fn credentials_at_hand(
        &self,
        profile: &Profile,
        inputs: &Inputs,
        cached: bool,
    ) -> Result<CredentialsAnswer, SessionError> {
        let session = self
            .live_sessions()
            .find(|session| session.inputs == *inputs)
            .ok_or(SessionError::NoSuchItem)?;
        let account = self.account_of(session.account)?;
        let credentials = &session.credentials;
        let expiration = credentials.expiration();
        let remaining = expiration.secs_since(self.time_by(&session.endpoint));
        Ok(CredentialsAnswer::Ready(Box::new(Credentials {
            profile: profile.name.clone(),
            access_key_id: credentials.key_id().as_str().to_owned(),
            secret: credentials.secret().clone(),
            token: Some(credentials.token().clone()),
            expiration: Some(expiration),
            expires_at: Some(self.now().plus_secs(remaining)),
            kind: Some(session.kind),
            region: profile.region.clone().or(account.region),
            output: profile.output,
            sts_endpoint: account.endpoints.sts,
            iam_endpoint: account.endpoints.iam,
            cached,
        })))
    }
}

/// Restricts what a profile yields; only a role's and a federated user's session can be.
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
            let message = "only a role's or a federated user's credentials can be restricted";
            return Err(SessionError::field("policy", message));
        }
    };
    // Session policies allow what any of them allows, so the profile's own would widen the restriction.
    policy.clone_from(&wish.policy);
    policy_arns.clear();
    if wish.read_only {
        policy_arns.push(PolicyArn::read_only(partition));
    }
    Ok(())
}
