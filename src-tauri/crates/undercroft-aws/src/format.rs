//! A session as text, for a shell, a credentials file or a program.
//!
//! Every value is quoted by the rules of its target, whatever it contains, so pasting a text runs nothing.

use undercroft_model::{EndpointUrl, Region};
use undercroft_secret::SecretString;

use crate::SessionCredentials;

/// What a session can be copied as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SessionFormat {
    /// `export` lines for POSIX shells: sh, bash, zsh.
    Sh,
    /// `set` lines for fish.
    Fish,
    /// `$Env:` lines for PowerShell.
    PowerShell,
    /// A section for `~/.aws/credentials`.
    CredentialsFile {
        /// The section's name.
        profile: ProfileName,
    },
    /// What a `credential_process` prints (AWS SDKs and Tools reference, version 1).
    Json,
}

/// What a terminal needs to know besides the credentials.
///
/// An endpoint is given only when the account has a custom one, so that the AWS CLI finds the same service.
#[derive(Clone, Copy, Debug, Default)]
pub struct Surroundings<'a> {
    /// The region to work in.
    pub region: Option<&'a Region>,
    /// The account's custom STS endpoint.
    pub sts: Option<&'a EndpointUrl>,
    /// The account's custom IAM endpoint.
    pub iam: Option<&'a EndpointUrl>,
}

/// Writes `session` in the given format.
///
/// The text ends with a line break. Expiration and endpoints are left out of a credentials file, which has no place
/// for them; the JSON form has the credentials only.
#[must_use]
pub fn session_text(
    session: &SessionCredentials,
    format: &SessionFormat,
    surroundings: Surroundings<'_>,
) -> SecretString {
    match format {
        SessionFormat::Sh => lines(session, surroundings, Shell::Sh),
        SessionFormat::Fish => lines(session, surroundings, Shell::Fish),
        SessionFormat::PowerShell => lines(session, surroundings, Shell::PowerShell),
        SessionFormat::CredentialsFile { profile } => section(session, profile, surroundings),
        SessionFormat::Json => json(session),
    }
}

/// A shell that has variables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Shell {
    /// POSIX shells: sh, bash, zsh.
    Sh,
    /// fish.
    Fish,
    /// PowerShell.
    PowerShell,
}

/// Writes lines that set environment variables.
///
/// The names are taken as they are and have to be names; the values may be any text without NUL.
#[must_use]
pub fn set_variables(shell: Shell, variables: &[(&str, &str)]) -> SecretString {
    let syntax = shell.syntax();
    let mut parts = Vec::new();
    for (name, value) in variables {
        parts.extend([syntax.before_name, name, syntax.before_value]);
        quote(value, syntax.escape, &mut parts);
        parts.push(syntax.after_value);
    }
    SecretString::concat(&parts)
}

/// Writes lines that take environment variables away, whether they are there or not.
#[must_use]
pub fn unset_variables(shell: Shell, names: &[&str]) -> String {
    let line = |name: &&str| match shell {
        Shell::Sh => format!("unset {name}\n"),
        Shell::Fish => format!("set -e {name}\n"),
        Shell::PowerShell => {
            format!("Remove-Item Env:{name} -ErrorAction SilentlyContinue\n")
        }
    };
    names.iter().map(line).collect()
}

/// How a shell sets a variable.
struct Syntax {
    before_name: &'static str,
    before_value: &'static str,
    after_value: &'static str,
    /// What a character inside single quotes turns into, when it can't stand for itself.
    escape: fn(char) -> Option<&'static str>,
}

/// POSIX shell: nothing but the quote itself is special between single quotes.
const SH: Syntax = Syntax {
    before_name: "export ",
    before_value: "='",
    after_value: "'\n",
    escape: |c| (c == '\'').then_some(r"'\''"),
};

/// fish: the quote and the backslash are special between single quotes.
const FISH: Syntax = Syntax {
    before_name: "set -gx ",
    before_value: " '",
    after_value: "'\n",
    escape: |c| match c {
        '\'' => Some(r"\'"),
        '\\' => Some(r"\\"),
        _ => None,
    },
};

/// PowerShell: quotes are doubled, and typographic quotes count as quotes.
const POWERSHELL: Syntax = Syntax {
    before_name: "$Env:",
    before_value: " = '",
    after_value: "'\n",
    escape: |c| match c {
        '\'' => Some("''"),
        '\u{2018}' => Some("\u{2018}\u{2018}"),
        '\u{2019}' => Some("\u{2019}\u{2019}"),
        '\u{201A}' => Some("\u{201A}\u{201A}"),
        '\u{201B}' => Some("\u{201B}\u{201B}"),
        _ => None,
    },
};

impl Shell {
    fn syntax(self) -> &'static Syntax {
        match self {
            Self::Sh => &SH,
            Self::Fish => &FISH,
            Self::PowerShell => &POWERSHELL,
        }
    }
}

fn lines(
    session: &SessionCredentials,
    surroundings: Surroundings<'_>,
    shell: Shell,
) -> SecretString {
    let expiration = session.expiration().to_string();
    let region = surroundings.region.map(Region::as_str);
    let variables = [
        ("AWS_ACCESS_KEY_ID", Some(session.key_id().as_str())),
        ("AWS_SECRET_ACCESS_KEY", Some(session.secret().expose())),
        ("AWS_SESSION_TOKEN", Some(session.token().expose())),
        ("AWS_CREDENTIAL_EXPIRATION", Some(expiration.as_str())),
        ("AWS_REGION", region),
        ("AWS_DEFAULT_REGION", region),
        (
            "AWS_ENDPOINT_URL_STS",
            surroundings.sts.map(EndpointUrl::as_str),
        ),
        (
            "AWS_ENDPOINT_URL_IAM",
            surroundings.iam.map(EndpointUrl::as_str),
        ),
    ];
    let is_there = |(name, value): (_, Option<_>)| value.map(|value| (name, value));
    let variables: Vec<_> = variables.into_iter().filter_map(is_there).collect();
    set_variables(shell, &variables)
}

/// Cuts `value` into the pieces that stand for themselves and those that are escaped, without copying it.
fn quote<'a>(value: &'a str, escape: fn(char) -> Option<&'static str>, parts: &mut Vec<&'a str>) {
    let mut start = 0;
    for (at, c) in value.char_indices() {
        if let Some(escaped) = escape(c) {
            parts.extend([&value[start..at], escaped]);
            start = at + c.len_utf8();
        }
    }
    parts.push(&value[start..]);
}

/// A section of an AWS credentials file. Values stand bare in it: they have no spaces, quotes mean nothing, and a
/// comment would need a space before its `#`.
fn section(
    session: &SessionCredentials,
    profile: &ProfileName,
    surroundings: Surroundings<'_>,
) -> SecretString {
    let mut parts = vec!["[", profile.as_str(), "]\naws_access_key_id = "];
    parts.extend([
        session.key_id().as_str(),
        "\naws_secret_access_key = ",
        session.secret().expose(),
        "\naws_session_token = ",
        session.token().expose(),
        "\n",
    ]);
    if let Some(region) = surroundings.region {
        parts.extend(["region = ", region.as_str(), "\n"]);
    }
    SecretString::concat(&parts)
}

fn json(session: &SessionCredentials) -> SecretString {
    let expiration = session.expiration().to_string();
    let mut parts = vec!["{\"Version\":1"];
    for (name, value) in [
        (",\"AccessKeyId\":\"", session.key_id().as_str()),
        (",\"SecretAccessKey\":\"", session.secret().expose()),
        (",\"SessionToken\":\"", session.token().expose()),
        (",\"Expiration\":\"", expiration.as_str()),
    ] {
        parts.push(name);
        quote(value, json_escape, &mut parts);
        parts.push("\"");
    }
    parts.push("}\n");
    SecretString::concat(&parts)
}

/// JSON strings (RFC 8259, section 7). Credentials have no control characters.
fn json_escape(c: char) -> Option<&'static str> {
    match c {
        '"' => Some("\\\""),
        '\\' => Some("\\\\"),
        _ => None,
    }
}

/// The name of a section of `~/.aws/credentials`: 1 to 64 of `[A-Za-z0-9._+=,@:/-]`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ProfileName(String);

/// Why a text is not a profile's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProfileNameError {
    /// There is nothing.
    #[error("type a name for the profile")]
    Empty,
    /// There is too much.
    #[error("a profile's name has at most 64 characters")]
    TooLong,
    /// A character that some AWS tool would read otherwise.
    #[error("a profile's name has letters, digits and . _ + = , @ : / - only")]
    Character {
        /// Zero-based, in characters.
        position: usize,
    },
}

impl ProfileName {
    /// Reads a profile's name.
    ///
    /// # Errors
    /// Says what is wrong with the text.
    pub fn parse(text: &str) -> Result<Self, ProfileNameError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(ProfileNameError::Empty);
        }
        let allowed = |c: char| c.is_ascii_alphanumeric() || "._+=,@:/-".contains(c);
        if let Some(position) = text.chars().position(|c| !allowed(c)) {
            return Err(ProfileNameError::Character { position });
        }
        if text.len() > 64 {
            return Err(ProfileNameError::TooLong);
        }
        Ok(Self(text.to_owned()))
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use undercroft_model::Timestamp;

    use super::*;
    use crate::SessionKeyId;

    fn session(secret: &str) -> SessionCredentials {
        SessionCredentials::new(
            SessionKeyId::parse("ASIAIOSFODNN7EXAMPLE").expect("an id"),
            SecretString::copy_of(secret),
            SecretString::copy_of("token=="),
            Timestamp::parse("2026-11-23T10:00:00Z").expect("a time"),
        )
        .expect("credentials")
    }

    fn text(secret: &str, format: SessionFormat) -> String {
        let region = Region::parse("eu-central-1").expect("a region");
        let surroundings = Surroundings {
            region: Some(&region),
            ..Surroundings::default()
        };
        session_text(&session(secret), &format, surroundings)
            .expose()
            .to_owned()
    }

    #[test]
    fn sh() {
        assert_eq!(
            text("a'b\\$c", SessionFormat::Sh),
            "export AWS_ACCESS_KEY_ID='ASIAIOSFODNN7EXAMPLE'\n\
             export AWS_SECRET_ACCESS_KEY='a'\\''b\\$c'\n\
             export AWS_SESSION_TOKEN='token=='\n\
             export AWS_CREDENTIAL_EXPIRATION='2026-11-23T10:00:00Z'\n\
             export AWS_REGION='eu-central-1'\n\
             export AWS_DEFAULT_REGION='eu-central-1'\n"
        );
    }

    #[test]
    fn fish() {
        let text = text("a'b\\$c", SessionFormat::Fish);
        assert!(
            text.contains("set -gx AWS_SECRET_ACCESS_KEY 'a\\'b\\\\$c'\n"),
            "{text}"
        );
    }

    #[test]
    fn powershell() {
        let text = text("a'b\\$c", SessionFormat::PowerShell);
        assert!(
            text.contains("$Env:AWS_SECRET_ACCESS_KEY = 'a''b\\$c'\n"),
            "{text}"
        );
        let mut parts = Vec::new();
        quote("a\u{2019}b", POWERSHELL.escape, &mut parts);
        assert_eq!(parts.concat(), "a\u{2019}\u{2019}b");
    }

    #[test]
    fn variables_are_taken_away() {
        let unset = |shell| unset_variables(shell, &["AWS_PROFILE", "AWS_ROLE_ARN"]);
        assert_eq!(unset(Shell::Sh), "unset AWS_PROFILE\nunset AWS_ROLE_ARN\n");
        assert_eq!(
            unset(Shell::Fish),
            "set -e AWS_PROFILE\nset -e AWS_ROLE_ARN\n"
        );
        assert_eq!(
            unset(Shell::PowerShell).lines().next(),
            Some("Remove-Item Env:AWS_PROFILE -ErrorAction SilentlyContinue")
        );
    }

    #[test]
    fn credentials_file() {
        let profile = ProfileName::parse("shop-prod").expect("a name");
        assert_eq!(
            text("s/e+c", SessionFormat::CredentialsFile { profile }),
            "[shop-prod]\n\
             aws_access_key_id = ASIAIOSFODNN7EXAMPLE\n\
             aws_secret_access_key = s/e+c\n\
             aws_session_token = token==\n\
             region = eu-central-1\n"
        );
    }

    #[test]
    fn json_form() {
        assert_eq!(
            text("a\"b\\c", SessionFormat::Json),
            "{\"Version\":1,\"AccessKeyId\":\"ASIAIOSFODNN7EXAMPLE\",\"SecretAccessKey\":\"a\\\"b\\\\c\",\
             \"SessionToken\":\"token==\",\"Expiration\":\"2026-11-23T10:00:00Z\"}\n"
        );
    }

    #[test]
    fn profile_names() {
        for name in ["default", "shop-prod", "123456789012/ann@example.com"] {
            assert_eq!(ProfileName::parse(name).map(|n| n.0).as_deref(), Ok(name));
        }
        assert_eq!(ProfileName::parse(" \n"), Err(ProfileNameError::Empty));
        assert_eq!(
            ProfileName::parse(&"x".repeat(65)),
            Err(ProfileNameError::TooLong)
        );
        for (name, position) in [("a]b", 1), ("a b", 1), ("a\nb", 1), ("é", 0), ("ab#", 2)] {
            assert_eq!(
                ProfileName::parse(name),
                Err(ProfileNameError::Character { position }),
                "{name}"
            );
        }
    }
}
