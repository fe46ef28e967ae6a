//! Sessions at hand.

use std::collections::HashSet;

use undercroft_model::{AccessKeyId, Endpoints, ItemId, Timestamp};

use super::link::Inputs;
use crate::{
    Event, LiveSession, ProfileWish, SessionError, SessionId, SessionWish, state::CachedSession,
    unlocked::Unlocked,
};

/// What a session was made from.
pub(super) enum Origin {
    Profile(ProfileWish),
    Wish(SessionWish),
}

/// Seconds that must remain of a session for it to be served: max(60 s, min(15 min, a quarter of its lifetime)).
pub(crate) fn least_remaining_secs(lifetime_secs: i64) -> i64 {
    (lifetime_secs / 4).clamp(60, 15 * 60)
}

impl Unlocked {
    /// The time at the endpoint that a session came from.
    fn time_of(&self, session: &CachedSession) -> Timestamp {
        self.time_by(&session.endpoint)
    }

    fn remaining_secs(&self, session: &CachedSession) -> i64 {
        session
            .credentials
            .expiration()
            .secs_since(self.time_of(session))
    }

    /// Where programs find the services that take a session: its account's own endpoints, or those of the account whose
    /// key made it.
    ///
    /// An account that is filed along with a role has none, and what a stand-in for AWS gave out is nothing for AWS.
    pub(crate) fn endpoints_for(&self, session: &CachedSession) -> Result<Endpoints, SessionError> {
        let own = self.account_of(session.account)?.endpoints;
        if own.sts.is_some() || own.iam.is_some() {
            return Ok(own);
        }
        match session.identity {
            Some(identity) => Ok(self.identity_and_account(identity)?.1.endpoints),
            None => Ok(own),
        }
    }

    /// Sessions that have not ended.
    pub(crate) fn live_sessions(&self) -> impl Iterator<Item = &CachedSession> {
        self.state
            .sessions
            .iter()
            .filter(|session| self.remaining_secs(session) > 0)
    }

    /// Accounts of which a session is live.
    pub(crate) fn live_accounts(&self) -> HashSet<ItemId> {
        self.live_sessions()
            .map(|session| session.account)
            .collect()
    }

    /// Identities of which a session is live.
    pub(crate) fn live_identities(&self) -> HashSet<ItemId> {
        self.live_sessions()
            .filter_map(|session| session.identity)
            .collect()
    }

    /// What is shown of a session.
    pub(crate) fn live_session(
        &self,
        session: &CachedSession,
    ) -> Result<LiveSession, SessionError> {
        let card = session
            .identity
            .map(|identity| {
                let card = self.catalogue.identity(identity);
                card.ok_or(SessionError::NoSuchItem)
            })
            .transpose()?;
        let remaining = self.remaining_secs(session).max(0);
        Ok(LiveSession {
            id: session.id,
            account: self.account_row(session.account)?,
            kind: session.kind,
            profile: session
                .profile
                .and_then(|id| Some((id, self.catalogue.profile(id)?.name.clone()))),
            role: session.role.clone(),
            identity: session.identity,
            identity_kind: card.map(|card| card.row.kind.clone()),
            key: session.key.clone(),
            access_key_id: session.credentials.key_id().clone(),
            device: session.device,
            started_at: session.started_at,
            expires_at: session.credentials.expiration(),
            expires_in_secs: u32::try_from(remaining).unwrap_or(u32::MAX),
            duration_secs: session.duration_secs,
            region: session.region.clone(),
        })
    }

    pub(crate) fn live_session_rows(&self) -> Vec<LiveSession> {
        let mut rows: Vec<LiveSession> = self
            .live_sessions()
            .filter_map(|session| self.live_session(session).ok())
            .collect();
        rows.sort_by_key(|row| row.expires_at);
        rows
    }

    /// The session at hand that a call with these inputs would yield, when enough of it remains.
    pub(crate) fn cached_for(&self, inputs: &Inputs) -> Option<&CachedSession> {
        self.state.sessions.iter().find(|session| {
            let lifetime = session
                .credentials
                .expiration()
                .secs_since(session.started_at);
            session.inputs == *inputs
                && self.remaining_secs(session) > least_remaining_secs(lifetime)
        })
    }

    /// What a session was made from, for a fresh one.
    pub(super) fn origin_of(&self, id: SessionId) -> Result<Origin, SessionError> {
        let mut sessions = self.state.sessions.iter();
        let session = sessions
            .find(|session| session.id == id)
            .ok_or(SessionError::NoSuchItem)?;
        if let Some(profile) = session.profile {
            let wish = self.wish_that_made(session, profile)?;
            return Ok(Origin::Profile(ProfileWish {
                fresh: true,
                ..wish
            }));
        }
        Ok(Origin::Wish(SessionWish {
            identity: session.identity.ok_or(SessionError::NoSuchItem)?,
            key: session.key.clone().ok_or(SessionError::NoSuchItem)?,
            device: session.device,
            duration_secs: session.duration_secs,
            fresh: true,
        }))
    }

    /// The wish for a profile that a session answers: a narrowed one is not renewed as something wider.
    fn wish_that_made(
        &self,
        session: &CachedSession,
        profile: ItemId,
    ) -> Result<ProfileWish, SessionError> {
        let whole = ProfileWish::of(profile);
        let shorter = ProfileWish {
            duration_secs: Some(session.duration_secs),
            ..whole.clone()
        };
        let reading = ProfileWish {
            read_only: true,
            ..shorter.clone()
        };
        let made_it = |wish: &ProfileWish| {
            let way = self.wished_way(wish);
            way.is_ok_and(|found| found.yields(&session.inputs))
        };
        let mut wishes = [whole, shorter, reading].into_iter();
        wishes.find(made_it).ok_or_else(|| {
            let message = "this session has a policy that its profile does not have; ask for it where it was made";
            SessionError::field("session", message)
        })
    }

    /// The session that a call with these inputs yielded, however little of it remains.
    pub(crate) fn live_of(&self, inputs: &Inputs) -> Option<&CachedSession> {
        self.live_sessions()
            .find(|session| session.inputs == *inputs)
    }

    /// Whether a profile is there, and a wish for it that narrows nothing ends in these inputs.
    pub(crate) fn yields(&self, profile: ItemId, recipe: &Inputs) -> bool {
        let present = self.catalogue.profile(profile);
        let way = present.and_then(|present| self.way_of(present, Some(profile)).ok());
        way.is_some_and(|found| found.yields(recipe))
    }

    pub(super) fn forget_session(&mut self, id: SessionId) -> Result<(), SessionError> {
        if self.drop_sessions(|session| session.id == id) {
            Ok(())
        } else {
            Err(SessionError::NoSuchItem)
        }
    }

    /// Drops the sessions made from a key that changed or went.
    pub(crate) fn drop_sessions_of_key(&mut self, key: &AccessKeyId) {
        self.flights.forget_key(key);
        self.drop_sessions(|session| session.key.as_ref() == Some(key));
    }

    /// Drops an account's sessions: they came from another endpoint than it has now. Those that its keys made for other
    /// accounts are orphaned by the change: no profile yields them any more.
    pub(crate) fn drop_sessions_of_account(&mut self, account: ItemId) {
        self.drop_sessions(|session| session.account == account);
    }

    /// Drops sessions that have ended, and those that would not be made so any more: their key or their account is
    /// gone, or something on the way of their profile changed.
    pub(crate) fn drop_orphaned_sessions(&mut self) {
        let gone: HashSet<SessionId> = self
            .state
            .sessions
            .iter()
            .filter(|session| {
                let holder = session
                    .key
                    .as_ref()
                    .map(|key| self.catalogue.holder_of_key(key));
                let profile = session.profile;
                self.remaining_secs(session) <= 0
                    || holder.is_some_and(|holder| holder != session.identity)
                    || profile.is_some_and(|profile| !self.yields(profile, &session.recipe))
                    || self.catalogue.account(session.account).is_none()
            })
            .map(|session| session.id)
            .collect();
        if !gone.is_empty() {
            self.drop_sessions(|session| gone.contains(&session.id));
        }
    }

    fn drop_sessions(&mut self, goes: impl Fn(&CachedSession) -> bool) -> bool {
        let before = self.state.sessions.len();
        self.state.sessions.retain(|session| !goes(session));
        let dropped = self.state.sessions.len() < before;
        if dropped {
            self.keep_state();
            self.notify(Event::Changed { item: None });
        }
        dropped
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quarter_must_remain_but_from_one_to_fifteen_minutes() {
        for (lifetime, least) in [
            (0, 60),
            (240, 60),
            (900, 225),
            (3600, 900),
            (43_200, 900),
            (129_600, 900),
        ] {
            assert_eq!(least_remaining_secs(lifetime), least, "{lifetime}");
        }
    }
}
