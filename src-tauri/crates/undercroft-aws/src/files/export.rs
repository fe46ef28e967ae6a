//! What `aws-vault export`, and the AWS CLI as JSON, print of a key.
//!
//! `aws-vault export --format=ini` prints a section of the credentials file, which [`config`](crate::files::config) reads.

use serde::Deserialize;
use undercroft_model::{AccessKeyId, AccessKeyIdError, UserName};
use undercroft_secret::SecretString;

/// What a program printed.
#[derive(Debug)]
pub enum Exported {
    /// A long-term key: `aws-vault export --no-session`, or `aws iam create-access-key`.
    Key {
        /// Whose key it is, where the export says so.
        user: Option<UserName>,
        /// Its id.
        id: AccessKeyId,
        /// Its secret.
        secret: SecretString,
    },
    /// A temporary session, whose values are not kept.
    Temporary,
}

/// Why a text is no export of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ExportError {
    /// Something else.
    #[error(
        "this is no export of a key; aws-vault prints one with aws-vault export --no-session --format=json PROFILE"
    )]
    Unrecognised,
    /// Only an id, or only a secret.
    #[error("the export has only the key's id or only its secret; export it again")]
    HalfAKey,
    /// The id isn't one.
    #[error("the export's access key can't be used: {0}")]
    KeyId(#[source] AccessKeyIdError),
}

impl ExportError {
    /// Returns a stable code for programs.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Unrecognised => "unrecognised",
            Self::HalfAKey => "half-a-key",
            Self::KeyId(_) => "key-id",
        }
    }
}

/// Reads the JSON of `credential_process`, of `aws sts` and of `aws iam create-access-key`, or lines of variables.
///
/// # Errors
/// When the text is none of these or holds no whole key.
pub fn parse(text: &str) -> Result<Exported, ExportError> {
    let text = text.trim();
    let parts = if text.starts_with('{') {
        json(text)
    } else {
        variables(text)
    };
    parts.ok_or(ExportError::Unrecognised)?.exported()
}

/// Tells whether a text is such an export, whole or not.
pub(super) fn is_one(text: &str) -> bool {
    !matches!(parse(text), Err(ExportError::Unrecognised))
}

/// The parts of a key as they are named in JSON.
#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Parts {
    user_name: Option<String>,
    access_key_id: Option<String>,
    secret_access_key: Option<Text>,
    session_token: Option<Text>,
}

/// A secret out of JSON.
struct Text(SecretString);

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| Self(SecretString::new(text)))
    }
}

/// What wraps the parts: nothing, `Credentials` or `AccessKey`.
#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Document {
    credentials: Option<Parts>,
    access_key: Option<Parts>,
    #[serde(flatten)]
    plain: Parts,
}

fn json(text: &str) -> Option<Parts> {
    let document: Document = serde_json::from_str(text).ok()?;
    let wrapped = document.credentials.or(document.access_key);
    Some(wrapped.unwrap_or(document.plain)).filter(Parts::is_any)
}

fn variables(text: &str) -> Option<Parts> {
    let mut parts = Parts::default();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let line = line.strip_prefix("export ").unwrap_or(line).trim_start();
        let (name, value) = line.split_once('=')?;
        if !name.starts_with("AWS_") {
            return None;
        }
        let value = value.trim().trim_end_matches(';').trim_matches(['"', '\'']);
        let secret = || Some(Text(SecretString::copy_of(value)));
        match name {
            "AWS_ACCESS_KEY_ID" => parts.access_key_id = Some(value.to_owned()),
            "AWS_SECRET_ACCESS_KEY" => parts.secret_access_key = secret(),
            "AWS_SESSION_TOKEN" | "AWS_SECURITY_TOKEN" => parts.session_token = secret(),
            _ => {}
        }
    }
    Some(parts).filter(Parts::is_any)
}

impl Parts {
    fn is_any(&self) -> bool {
        self.access_key_id.is_some() || self.secret_access_key.is_some()
    }

    fn exported(self) -> Result<Exported, ExportError> {
        let is_filled = |token: Text| !token.0.is_empty();
        let id = self.access_key_id.unwrap_or_default();
        if self.session_token.is_some_and(is_filled) || id.starts_with("ASIA") {
            return Ok(Exported::Temporary);
        }
        let secret = self.secret_access_key.map(|secret| secret.0);
        match secret.filter(|secret| !secret.is_empty()) {
            Some(secret) if !id.is_empty() => Ok(Exported::Key {
                user: self.user_name.and_then(|name| UserName::parse(&name).ok()),
                id: AccessKeyId::parse(&id).map_err(ExportError::KeyId)?,
                secret,
            }),
            Some(_) | None => Err(ExportError::HalfAKey),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_term_key_is_read_from_every_form() {
        for text in [
            r#"{"Version":1,"AccessKeyId":"AKIAIOSFODNN7EXAMPLE","SecretAccessKey":"hunter2"}"#,
            r#"{"AccessKey":{"UserName":"jane","AccessKeyId":"AKIAIOSFODNN7EXAMPLE","SecretAccessKey":"hunter2","Status":"Active"}}"#,
            "AWS_REGION=eu-west-1\nAWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE\nAWS_SECRET_ACCESS_KEY=hunter2\n",
            "export AWS_ACCESS_KEY_ID=\"AKIAIOSFODNN7EXAMPLE\"\r\nexport AWS_SECRET_ACCESS_KEY='hunter2'\r\n",
        ] {
            let exported = parse(text).expect("an export");
            assert!(!format!("{exported:?}").contains("hunter2"));
            let Exported::Key { id, secret, .. } = exported else {
                panic!("not temporary: {text}");
            };
            assert_eq!(id.as_str(), "AKIAIOSFODNN7EXAMPLE");
            assert_eq!(secret.expose(), "hunter2");
        }
    }

    #[test]
    fn a_session_is_told_and_not_kept() {
        for text in [
            r#"{"Version":1,"AccessKeyId":"AKIAIOSFODNN7EXAMPLE","SecretAccessKey":"x","SessionToken":"y"}"#,
            r#"{"Credentials":{"AccessKeyId":"ASIAIOSFODNN7EXAMPLE","SecretAccessKey":"x"}}"#,
            "AWS_ACCESS_KEY_ID=ASIAIOSFODNN7EXAMPLE\nAWS_SECRET_ACCESS_KEY=x\nAWS_SESSION_TOKEN=y",
        ] {
            assert!(matches!(parse(text), Ok(Exported::Temporary)), "{text}");
        }
    }

    #[test]
    fn other_texts_are_refused() {
        for text in ["", "{}", "{\"a\":1}", "[default]\nregion = x", "PATH=/bin"] {
            assert_eq!(
                parse(text).expect_err("no export"),
                ExportError::Unrecognised,
                "{text}"
            );
        }
        let half = parse("AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE").expect_err("half a key");
        assert_eq!(half, ExportError::HalfAKey);
    }
}
