//! What the name between a header's brackets stands for.

use crate::files::config::Which;
use crate::files::problem::Reason;
use crate::files::process::command_words;

/// What a section is.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum SectionKind {
    /// A profile of this name.
    Profile(String),
    /// Settings of Identity Center that several profiles share.
    SsoSession(String),
    /// Something else that AWS's programs know and that holds no credentials.
    Other,
    /// Nothing that AWS's programs look at.
    Ignored(Reason),
}

/// Sections of the AWS CLI and of its toolkits that are no profiles.
const OTHERS: [&str; 4] = ["plugins", "preview", "toolkit", "cli"];

/// Tells what a header stands for.
pub(crate) fn section_kind(which: Which, header: Option<&str>) -> SectionKind {
    let Some(header) = header else {
        return SectionKind::Ignored(Reason::BrokenHeader);
    };
    if header == "DEFAULT" {
        return SectionKind::Ignored(Reason::CapitalDefault);
    }
    match which {
        Which::Config => in_config(header),
        Which::Credentials => in_credentials(header),
    }
}

fn in_config(header: &str) -> SectionKind {
    if header == "default" {
        return SectionKind::Profile(header.to_owned());
    }
    let named = |prefix: &str| {
        let rest = header.strip_prefix(prefix)?;
        (rest.is_empty() || rest.starts_with(char::is_whitespace)).then(|| single_name(rest))
    };
    if let Some(name) = named("profile") {
        return name.map_or(
            SectionKind::Ignored(Reason::SectionName),
            SectionKind::Profile,
        );
    }
    if let Some(name) = named("sso-session") {
        return name.map_or(
            SectionKind::Ignored(Reason::SectionName),
            SectionKind::SsoSession,
        );
    }
    if named("services").is_some() || OTHERS.contains(&header) {
        return SectionKind::Other;
    }
    SectionKind::Ignored(Reason::NoProfilePrefix)
}

fn in_credentials(header: &str) -> SectionKind {
    let first = header.split_whitespace().next().unwrap_or_default();
    match first {
        "profile" if first != header => SectionKind::Ignored(Reason::ProfilePrefix),
        "sso-session" | "services" if first != header => {
            SectionKind::Ignored(Reason::BelongsInConfig)
        }
        _ => SectionKind::Profile(header.to_owned()),
    }
}

/// Reads the one name that a prefix is followed by; it may be quoted.
fn single_name(text: &str) -> Option<String> {
    let mut words = command_words(text)?.into_iter();
    match (words.next(), words.next()) {
        (Some(name), None) if !name.expose().is_empty() => Some(name.expose().to_owned()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn profile(name: &str) -> SectionKind {
        SectionKind::Profile(name.to_owned())
    }

    #[test]
    fn names_in_the_config_file() {
        let kind = |header| section_kind(Which::Config, Some(header));
        assert_eq!(kind("default"), profile("default"));
        assert_eq!(kind("profile default"), profile("default"));
        assert_eq!(kind("profile \t shop"), profile("shop"));
        assert_eq!(kind("profile \"the shop\""), profile("the shop"));
        assert_eq!(kind("profile 'the shop'"), profile("the shop"));
        assert_eq!(
            kind("sso-session acme"),
            SectionKind::SsoSession("acme".to_owned())
        );
        assert_eq!(kind("services local"), SectionKind::Other);
        assert_eq!(kind("plugins"), SectionKind::Other);
        for odd in ["profile", "profile a b", "profile \"a", "profile \"\""] {
            assert_eq!(
                kind(odd),
                SectionKind::Ignored(Reason::SectionName),
                "{odd}"
            );
        }
        for bare in ["shop", "profiles", "profileshop"] {
            assert_eq!(
                kind(bare),
                SectionKind::Ignored(Reason::NoProfilePrefix),
                "{bare}"
            );
        }
    }

    #[test]
    fn names_in_the_credentials_file() {
        let kind = |header| section_kind(Which::Credentials, Some(header));
        assert_eq!(kind("default"), profile("default"));
        assert_eq!(kind("the shop"), profile("the shop"));
        assert_eq!(kind("profile"), profile("profile"));
        assert_eq!(
            kind("profile shop"),
            SectionKind::Ignored(Reason::ProfilePrefix)
        );
        assert_eq!(
            kind("sso-session acme"),
            SectionKind::Ignored(Reason::BelongsInConfig)
        );
        assert_eq!(
            kind("DEFAULT"),
            SectionKind::Ignored(Reason::CapitalDefault)
        );
    }
}
