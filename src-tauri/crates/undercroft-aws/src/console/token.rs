//! The sign-in token: what the federation endpoint's answer means, and the address that is made of it.

use serde::Deserialize;
use undercroft_secret::SecretString;
use url::form_urlencoded::Serializer;

use crate::AwsErrorKind;

/// Who sends people to the console; AWS names it where their session ends.
const ISSUER: &str = "undercroft";

/// The longest sign-in token that is taken, in characters. AWS's own are under 2,000.
const MAX_TOKEN_CHARS: usize = 16 * 1024;

/// What the endpoint answers to `getSigninToken`.
#[derive(Deserialize)]
struct SigninToken {
    #[serde(rename = "SigninToken")]
    token: String,
}

/// Takes the token out of what the endpoint answers to `getSigninToken`.
///
/// # Errors
/// [`ConsoleRefused`](AwsErrorKind::ConsoleRefused) when AWS does not take the credentials, and
/// [`BadAnswer`](AwsErrorKind::BadAnswer) for whatever is no token.
pub fn signin_token(status: u16, body: &[u8]) -> Result<SecretString, AwsErrorKind> {
    match status {
        200 => {}
        400 | 401 | 403 => return Err(AwsErrorKind::ConsoleRefused),
        429 => return Err(AwsErrorKind::Throttled),
        500..=599 => return Err(AwsErrorKind::Unavailable),
        _ => return Err(AwsErrorKind::BadAnswer),
    }
    let answer: SigninToken = serde_json::from_slice(body).map_err(|_| AwsErrorKind::BadAnswer)?;
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

/// The address that signs a browser in by `token` and ends at `destination`.
#[must_use]
pub fn login_address(
    federation_url: &str,
    destination: &str,
    token: &SecretString,
) -> SecretString {
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

    #[test]
    fn only_a_token_is_taken_for_one() {
        let good = signin_token(200, b"{\"SigninToken\":\"aB-_.~=+/9\",\"More\":1}");
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
                signin_token(status, body.as_bytes()).err(),
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
            let _ = signin_token(status, &body);
            let body = serde_json::json!({ "SigninToken": token }).to_string().into_bytes();
            if let Ok(token) = signin_token(status, &body) {
                let url = login_address("https://signin.aws.amazon.com/federation", "https://console.aws.amazon.com/", &token);
                let url = url::Url::parse(url.expose()).expect("an address");
                prop_assert_eq!(url.host_str(), Some("signin.aws.amazon.com"));
                let pairs: Vec<_> = url.query_pairs().collect();
                prop_assert_eq!(pairs.len(), 4);
                prop_assert_eq!(pairs[3].1.as_ref(), token.expose());
            }
        }
    }
}
