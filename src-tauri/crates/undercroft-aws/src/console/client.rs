//! The real federation endpoint.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use serde::Deserialize;
use undercroft_secret::SecretString;
use url::form_urlencoded::Serializer;

use super::{ConsoleOrigin, ConsoleSignIn, Destination, SignInSite, console_limits};
use crate::call::{Caller, Reply};
use crate::{Answer, AwsError, AwsErrorKind, HttpClient, SessionCredentials, WallClock};

/// Who sends people to the console; AWS names it where their session ends.
const ISSUER: &str = "undercroft";

/// The longest sign-in token that is taken, in characters. AWS's own are under 2,000.
const MAX_TOKEN_CHARS: usize = 16 * 1024;

/// AWS's federation endpoint over the network.
///
/// The credentials go in the body of a request, never in its address. It keeps nothing between calls.
#[derive(Clone, Debug)]
pub struct AwsConsole(Caller);

/// What the endpoint answers to `getSigninToken`.
#[derive(Deserialize)]
struct SigninToken {
    #[serde(rename = "SigninToken")]
    token: String,
}

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
        let token = signin_token(reply).map_err(|kind| AwsError::bare(kind, clock_offset_secs))?;
        let value = login(&url, &destination.url(site.partition), &token);
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

/// Takes the token out of an answer, when it is one.
fn signin_token(reply: Reply) -> Result<SecretString, AwsErrorKind> {
    match reply.status {
        200 => {}
        400 | 401 | 403 => return Err(AwsErrorKind::ConsoleRefused),
        429 => return Err(AwsErrorKind::Throttled),
        500..=599 => return Err(AwsErrorKind::Unavailable),
        _ => return Err(AwsErrorKind::BadAnswer),
    }
    let answer: SigninToken =
        serde_json::from_slice(&reply.body).map_err(|_| AwsErrorKind::BadAnswer)?;
    let token = SecretString::new(answer.token);
    let is_plain = |byte: u8| {
        byte.is_ascii_alphanumeric()
            || matches!(byte, b'-' | b'_' | b'.' | b'~' | b'=' | b'+' | b'/')
    };
    let fits = (1..=MAX_TOKEN_CHARS).contains(&token.len()) && token.expose().bytes().all(is_plain);
    if fits {
        Ok(token)
    } else {
        Err(AwsErrorKind::BadAnswer)
    }
}

/// The address that signs in.
fn login(federation_url: &str, destination: &str, token: &SecretString) -> SecretString {
    let mut query = Serializer::new(String::with_capacity(
        3 * token.len() + 2 * destination.len() + 64,
    ));
    query.append_pair("Action", "login");
    query.append_pair("Issuer", ISSUER);
    query.append_pair("Destination", destination);
    query.append_pair("SigninToken", token.expose());
    let query = SecretString::new(query.finish());
    SecretString::concat(&[federation_url, "?", query.expose()])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn reply(status: u16, body: &str) -> Reply {
        Reply {
            status,
            body: body.into(),
        }
    }

    #[test]
    fn only_a_token_is_taken_for_one() {
        let good = signin_token(reply(200, "{\"SigninToken\":\"aB-_.~=+/9\",\"More\":1}"));
        assert!(good.is_ok_and(|token| token.expose() == "aB-_.~=+/9"));
        let long = format!(
            "{{\"SigninToken\":\"{}\"}}",
            "a".repeat(MAX_TOKEN_CHARS + 1)
        );
        for (status, body, kind) in [
            (200, "", AwsErrorKind::BadAnswer),
            (200, "<html>", AwsErrorKind::BadAnswer),
            (200, "{}", AwsErrorKind::BadAnswer),
            (200, "{\"SigninToken\":\"\"}", AwsErrorKind::BadAnswer),
            (200, "{\"SigninToken\":null}", AwsErrorKind::BadAnswer),
            (200, "{\"SigninToken\":\"a\\nb\"}", AwsErrorKind::BadAnswer),
            (200, "{\"SigninToken\":\"a\"} more", AwsErrorKind::BadAnswer),
            (200, &long, AwsErrorKind::BadAnswer),
            (204, "{\"SigninToken\":\"a\"}", AwsErrorKind::BadAnswer),
            (400, "{\"SigninToken\":\"a\"}", AwsErrorKind::ConsoleRefused),
            (404, "", AwsErrorKind::BadAnswer),
            (429, "", AwsErrorKind::Throttled),
            (503, "", AwsErrorKind::Unavailable),
        ] {
            assert_eq!(
                signin_token(reply(status, body)).err(),
                Some(kind),
                "{status} {body:.80}"
            );
        }
    }

    proptest! {
        #[test]
        fn no_answer_panics_or_leads_elsewhere(
            status in prop_oneof![Just(200_u16), 100..600_u16],
            token in "\\PC{0,40}",
            body in prop::collection::vec(any::<u8>(), 0..200),
        ) {
            let _ = signin_token(Reply { status, body });
            let body = serde_json::json!({ "SigninToken": token }).to_string().into_bytes();
            if let Ok(token) = signin_token(Reply { status, body }) {
                let url = login("https://signin.aws.amazon.com/federation", "https://console.aws.amazon.com/", &token);
                let url = url::Url::parse(url.expose()).expect("an address");
                prop_assert_eq!(url.host_str(), Some("signin.aws.amazon.com"));
                let pairs: Vec<_> = url.query_pairs().collect();
                prop_assert_eq!(pairs.len(), 4);
                prop_assert_eq!(pairs[3].1.as_ref(), token.expose());
            }
        }
    }
}
