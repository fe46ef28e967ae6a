//! The real federation endpoint.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use undercroft_secret::SecretString;
use url::form_urlencoded::Serializer;

use super::{
    ConsoleOrigin, ConsoleSignIn, Destination, SignInSite, console_limits, login_address,
    signin_token,
};
use crate::call::Caller;
use crate::{Answer, AwsError, AwsErrorKind, HttpClient, SessionCredentials, WallClock};

/// AWS's federation endpoint over the network.
///
/// The credentials go in the body of a request, never in its address. It keeps nothing between calls.
#[derive(Clone, Debug)]
pub struct AwsConsole(Caller);

impl AwsConsole {
    /// Calls over `http`, by the local time of `clock`.
    #[must_use]
    pub fn new(http: HttpClient, clock: Arc<dyn WallClock>) -> Self {
        Self(Caller::new(http, clock))
    }

    /// Gives up on a call after `limit` instead of 15 seconds.
    #[must_use]
    pub fn with_time_limit(self, limit: Duration) -> Self {
        Self(self.0.with_time_limit(limit))
    }
}

#[async_trait]
impl ConsoleSignIn for AwsConsole {
    async fn login_url(
        &self,
        site: &SignInSite,
        session: &SessionCredentials,
        origin: ConsoleOrigin,
        destination: &Destination,
    ) -> Result<Answer<SecretString>, AwsError> {
        let region = destination.region.as_ref();
        if region.is_some_and(|region| region.partition() != site.partition) {
            return Err(AwsError::bare(AwsErrorKind::RegionNotEnabled, None));
        }
        let duration_secs = match origin {
            ConsoleOrigin::Role { duration } => duration.map(|duration| duration.as_secs()),
            ConsoleOrigin::ChainedRole | ConsoleOrigin::FederatedUser => None,
        };
        if duration_secs.is_some_and(|secs| !console_limits().contains(&secs)) {
            return Err(AwsError::bare(AwsErrorKind::WrongDuration, None));
        }
        let url = site.federation_url(region);
        let form = token_form(session, duration_secs);
        let (reply, clock_offset_secs) = self.0.post_form(&url, &form).await?;
        let token = signin_token(reply.status, &reply.body)
            .map_err(|kind| AwsError::bare(kind, clock_offset_secs))?;
        let value = login_address(&url, &destination.url(site.partition), &token);
        Ok(Answer {
            value,
            clock_offset_secs,
        })
    }
}

/// The form that asks for a sign-in token.
fn token_form(session: &SessionCredentials, duration_secs: Option<u32>) -> SecretString {
    let credentials = serde_json::json!({
        "sessionId": session.key_id().as_str(),
        "sessionKey": session.secret().expose(),
        "sessionToken": session.token().expose(),
    });
    let credentials = SecretString::new(credentials.to_string());
    let mut form = Serializer::new(String::with_capacity(2 * credentials.len()));
    form.append_pair("Action", "getSigninToken");
    if let Some(secs) = duration_secs {
        form.append_pair("SessionDuration", &secs.to_string());
    }
    form.append_pair("Session", credentials.expose());
    SecretString::new(form.finish())
}
