//! Signing in to the web console with a profile's credentials.

use undercroft_aws::{ConsoleOrigin, ConsoleService, Destination, SessionCredentials, SignInSite};
use undercroft_model::{AccountId, DurationSecs, ItemId, Region, Timestamp};
use undercroft_secret::SecretString;

use crate::{
    Copied, ProfileWish, Session, SessionAnswer, SessionError, SessionId, SessionKind, Unusable,
    clocks::clock_name, unlocked::Unlocked,
};

/// Seconds for which AWS takes a sign-in token.
const TOKEN_SECS: i64 = 15 * 60;

/// A wish to open the console as a profile.
#[derive(Clone, Debug)]
pub struct ConsoleWish {
    /// The profile.
    pub profile: ItemId,
    /// The service whose page to open, such as `s3`; empty for the start page.
    pub service: String,
    /// The region to show; empty for the profile's.
    pub region: String,
    /// How long the console stays open, in seconds; nothing for as long as the session.
    pub duration_secs: Option<u32>,
}

/// What came of it. Not for the window.
#[derive(Clone, Debug)]
pub enum ConsoleAnswer {
    /// The address that signs a browser in, as secret as the session.
    Ready {
        /// The address.
        url: SecretString,
        /// The account that it opens.
        account: AccountId,
        /// When AWS stops taking it, by the local clock.
        expires_at: Timestamp,
    },
    /// No unused code is there yet; ask again then.
    Wait {
        /// Seconds until the next code begins.
        secs: u32,
    },
}

/// What a sign-in is asked for with.
struct Prepared {
    account: AccountId,
    site: SignInSite,
    credentials: Box<SessionCredentials>,
    origin: ConsoleOrigin,
    destination: Destination,
    host: String,
}

impl Session {
    /// Makes the address that opens the console signed in, with the session at hand or a new one.
    ///
    /// # Errors
    /// [`SessionError::ProfileUnusable`] for a profile whose credentials the console does not take; as
    /// [`Session::credentials`].
    pub async fn console_url(&self, wish: ConsoleWish) -> Result<ConsoleAnswer, SessionError> {
        let profile = wish.profile;
        self.look(move |open| open.demand_console(profile)).await?;
        let session = match self.profile_session(ProfileWish::of(wish.profile)).await {
            Ok(SessionAnswer::Ready { session, .. }) => session.id,
            Ok(SessionAnswer::Wait { secs }) => return Ok(ConsoleAnswer::Wait { secs }),
            Err(error) => return Err(error),
        };
        let console = self.shared.console.clone();
        let (account, host, calling) = self
            .look(move |open| {
                let Prepared {
                    account,
                    site,
                    credentials,
                    origin,
                    destination,
                    host,
                } = open.prepare_console(&wish, session)?;
                let calling = open.calls.spawn(async move {
                    console
                        .login_url(&site, &credentials, origin, &destination)
                        .await
                });
                Ok((account, host, calling))
            })
            .await?;
        // Cut off by locking.
        let answer = calling.await.map_err(|_| SessionError::Locked)?;
        match answer {
            Ok(answer) => Ok(ConsoleAnswer::Ready {
                url: answer.value,
                account,
                expires_at: self.shared.now().plus_secs(TOKEN_SECS),
            }),
            Err(error) => Err(SessionError::Aws { error, host }),
        }
    }
}

/// What came of copying the address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConsoleCopy {
    /// It is on the clipboard.
    Copied(Copied),
    /// No unused code is there yet; ask again then.
    Wait {
        /// Seconds until the next code begins.
        secs: u32,
    },
}

impl Session {
    /// Copies the address that opens the console signed in, as a secret: for a browser that this machine's does not lead to.
    ///
    /// # Errors
    /// As [`Session::console_url`]; [`SessionError::NoClipboard`].
    pub async fn copy_console_url(&self, wish: ConsoleWish) -> Result<ConsoleCopy, SessionError> {
        match self.console_url(wish).await? {
            ConsoleAnswer::Ready { url, .. } => {
                let copied = self.act(move |open| open.copy_secret_text(url)).await?;
                Ok(ConsoleCopy::Copied(copied))
            }
            ConsoleAnswer::Wait { secs } => Ok(ConsoleCopy::Wait { secs }),
        }
    }
}

impl Unlocked {
    /// Refuses a profile whose credentials the console does not take, before a code is used for them.
    fn demand_console(&self, id: ItemId) -> Result<(), SessionError> {
        let found = self.way_of(&self.profile_of(id)?, Some(id))?;
        match found.links.last().map(|link| link.call.kind()) {
            None | Some(SessionKind::Session) => Err(Unusable::NoConsole.into()),
            Some(_) => Ok(()),
        }
    }

    fn prepare_console(
        &self,
        wish: &ConsoleWish,
        session: SessionId,
    ) -> Result<Prepared, SessionError> {
        let session = self
            .live_sessions()
            .find(|live| live.id == session)
            .ok_or(SessionError::NoSuchItem)?;
        let account = self.account_of(session.account)?;
        let duration = wish.duration_secs.map(DurationSecs::new).transpose();
        let duration = duration.map_err(|error| SessionError::field("duration", error))?;
        let origin = match session.kind {
            SessionKind::Session => return Err(Unusable::NoConsole.into()),
            SessionKind::Role | SessionKind::WebIdentity => ConsoleOrigin::Role { duration },
            SessionKind::ChainedRole => ConsoleOrigin::ChainedRole,
            SessionKind::Federated => ConsoleOrigin::FederatedUser,
        };
        let profile = self.profile_of(wish.profile)?;
        let region = match wish.region.trim() {
            "" => profile.region.or_else(|| account.region.clone()),
            text => {
                Some(Region::parse(text).map_err(|error| SessionError::field("region", error))?)
            }
        };
        let service = match wish.service.trim() {
            "" => None,
            text => Some(
                ConsoleService::parse(text)
                    .map_err(|error| SessionError::field("service", error))?,
            ),
        };
        Ok(Prepared {
            account: account.id.clone(),
            site: SignInSite {
                partition: account.partition,
                endpoint: account.endpoints.sign_in.clone(),
            },
            credentials: Box::new(session.credentials.clone()),
            origin,
            destination: Destination { region, service },
            host: clock_name(&account),
        })
    }
}
