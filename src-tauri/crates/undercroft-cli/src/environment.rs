//! The variables from which AWS's programs take credentials.

use std::{borrow::Cow, env};

use undercroft_agent::Credentials;
use undercroft_model::{EndpointUrl, Region};

/// What could win over the credentials that are given, or be mixed with them.
const CONFLICTING: [&str; 21] = [
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_SECURITY_TOKEN",
    "AWS_CREDENTIAL_EXPIRATION",
    "AWS_SESSION_EXPIRATION",
    "AWS_ACCESS_KEY",
    "AWS_SECRET_KEY",
    "AWS_CREDENTIAL_FILE",
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_VAULT",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_ROLE_ARN",
    "AWS_ROLE_SESSION_NAME",
    "AWS_ACCOUNT_ID",
    "AWS_CREDENTIAL_SCOPE",
];

/// What begins the name of a token that one service takes in place of credentials.
const BEARER: &str = "AWS_BEARER_TOKEN_";

/// What makes AWS's programs pass over the variables that name endpoints.
const IGNORES_ENDPOINTS: &str = "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS";

/// Lists the variables of this process's environment that must not reach the program that gets credentials.
///
/// What somebody says about endpoints is theirs, unless the account has endpoints of its own.
pub(crate) fn inherited(credentials: &Credentials) -> Vec<String> {
    let has_endpoints = !of_endpoints(credentials).is_empty();
    let names = env::vars_os().filter_map(|(name, _)| name.into_string().ok());
    let mut names: Vec<_> = names
        .filter(|name| is_conflicting(name) || has_endpoints && name == IGNORES_ENDPOINTS)
        .collect();
    names.sort();
    names
}

fn is_conflicting(name: &str) -> bool {
    // Anything else is no name for a shell.
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    CONFLICTING.contains(&name) || (name.starts_with(BEARER) && name.chars().all(is_name))
}

/// The variables that carry credentials.
///
/// Exposes the secrets because the program that they are for takes them from its environment.
pub(crate) fn of_credentials(credentials: &Credentials) -> Vec<(&'static str, Cow<'_, str>)> {
    let token = credentials.session_token.as_ref();
    let expiration = credentials.expiration.map(|moment| moment.to_string());
    let mut variables = vec![
        (
            "AWS_ACCESS_KEY_ID",
            Cow::from(credentials.access_key_id.as_str()),
        ),
        (
            "AWS_SECRET_ACCESS_KEY",
            Cow::from(credentials.secret_access_key.expose()),
        ),
    ];
    variables.extend(token.map(|token| ("AWS_SESSION_TOKEN", Cow::from(token.expose()))));
    variables.extend(expiration.map(|moment| ("AWS_CREDENTIAL_EXPIRATION", Cow::from(moment))));
    variables
}

/// The variables that name a region. Some programs know one of them, some the other.
pub(crate) fn of_region(region: Option<&Region>) -> Vec<(&'static str, Cow<'_, str>)> {
    let name = region.map(Region::as_str);
    let variable = |variable| name.map(|name| (variable, Cow::from(name)));
    ["AWS_REGION", "AWS_DEFAULT_REGION"]
        .into_iter()
        .filter_map(variable)
        .collect()
}

/// The variables that name the account's own endpoints, one for each service that it has one for.
///
/// They win over `AWS_ENDPOINT_URL` (AWS SDKs and Tools reference, "Service-specific endpoints").
pub(crate) fn of_endpoints(credentials: &Credentials) -> Vec<(&'static str, Cow<'_, str>)> {
    [
        ("AWS_ENDPOINT_URL_STS", &credentials.sts_endpoint),
        ("AWS_ENDPOINT_URL_IAM", &credentials.iam_endpoint),
    ]
    .into_iter()
    .filter_map(|(name, endpoint)| {
        let address = endpoint.as_ref().map(EndpointUrl::as_str)?;
        Some((name, Cow::from(address)))
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_conflicts_is_told_by_name() {
        for name in ["AWS_PROFILE", "AWS_BEARER_TOKEN_BEDROCK"] {
            assert!(is_conflicting(name), "{name}");
        }
        for name in ["AWS_REGION", "AWS_PAGER", "HOME", "AWS_BEARER_TOKEN_X; rm"] {
            assert!(!is_conflicting(name), "{name}");
        }
    }
}
