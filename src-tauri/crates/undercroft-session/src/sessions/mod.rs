//! Temporary credentials: asked for once, however many want them, and kept until they end.

mod cache;
mod calls;
mod fetch;
mod link;
mod web_token;

use cache::Origin;
pub(crate) use calls::Calls;
pub(crate) use fetch::{Begun, Flights, demand_usable};
pub use link::SessionKind;
pub(crate) use link::{Beginning, Call, Inputs, Link};
pub use web_token::WebTokenError;

use crate::{LiveSession, Session, SessionAnswer, SessionError, SessionId, SessionWish};

impl Session {
    /// Gets temporary credentials for a long-term key (GetSessionToken).
    ///
    /// A live one at hand is served while more than max(60 s, min(15 min, a quarter of its lifetime)) of it remains,
    /// unless a fresh one is wished for. Callers who want the same at the same time share one call.
    ///
    /// # Errors
    /// [`SessionError::Invalid`] for a duration or device that STS does not take, [`SessionError::Aws`] with what AWS
    /// says, [`SessionError::StateFile`] when a code can't be marked used.
    pub async fn get_session(&self, wish: SessionWish) -> Result<SessionAnswer, SessionError> {
        let session = self.clone();
        let begun = self
            .act(move |open| open.begin_session(&wish, session))
            .await?;
        begun.answer().await
    }

    /// Live sessions, those that end first in front.
    ///
    /// # Errors
    /// When the vault is locked.
    pub async fn sessions(&self) -> Result<Vec<LiveSession>, SessionError> {
        self.look(|open| Ok(open.live_session_rows())).await
    }

    /// Asks STS again for what a session was made from.
    ///
    /// # Errors
    /// As [`Session::get_session`]; when the session is gone.
    pub async fn renew_session(&self, session: SessionId) -> Result<SessionAnswer, SessionError> {
        let origin = self.act(move |open| open.origin_of(session)).await?;
        match origin {
            Origin::Wish(wish) => self.get_session(wish).await,
            Origin::Profile(wish) => self.profile_session(wish).await,
        }
    }

    /// Takes a session out of the cache; AWS keeps it valid until it ends.
    ///
    /// # Errors
    /// When it is gone.
    pub async fn forget_session(&self, session: SessionId) -> Result<(), SessionError> {
        self.act(move |open| open.forget_session(session)).await
    }
}
