//! The keys that Undercroft knows in a file of `~/.aws`.

/// Keys with a meaning here; a key outside this list might be a secret in the wrong place and is never shown.
const KNOWN: &[&str] = &[
    "aws_access_key_id",
    "aws_account_id",
    "aws_secret_access_key",
    "aws_security_token",
    "aws_session_token",
    "ca_bundle",
    "credential_process",
    "credential_source",
    "duration_seconds",
    "endpoint_url",
    "external_id",
    "include_profile",
    "login_session",
    "mfa_process",
    "mfa_serial",
    "output",
    "parent_profile",
    "region",
    "role_arn",
    "role_session_name",
    "services",
    "session_tags",
    "source_identity",
    "source_profile",
    "sso_account_id",
    "sso_region",
    "sso_registration_scopes",
    "sso_role_name",
    "sso_session",
    "sso_start_url",
    "transitive_session_tags",
    "web_identity_token_file",
    "web_identity_token_process",
];

/// The keys of a long-term key or a temporary session.
pub(crate) const OF_A_KEY: [&str; 4] = [
    "aws_access_key_id",
    "aws_secret_access_key",
    "aws_session_token",
    "aws_security_token",
];

/// Gives the known key that `text` is, in whatever case.
pub(crate) fn known(text: &str) -> Option<&'static str> {
    KNOWN
        .iter()
        .find(|key| key.eq_ignore_ascii_case(text))
        .copied()
}

/// Words in keys whose values are secrets.
const SECRET_WORDS: [&str; 6] = [
    "secret",
    "password",
    "passwd",
    "session_token",
    "security_token",
    "private_key",
];

/// Tells whether the value of a key is a secret.
pub(crate) fn is_secret(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    SECRET_WORDS.iter().any(|word| key.contains(word))
}
