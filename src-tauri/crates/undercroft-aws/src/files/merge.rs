//! Profiles out of both files of `~/.aws`.

mod loops;
mod reading;

use std::collections::{BTreeMap, BTreeSet};

use undercroft_model::{Arn, DurationSecs, Serial};

use crate::files::config::{FoundSection, Parsed};
use crate::files::keys;
use crate::files::problem::Reason;
use crate::files::process::ProcessCommand;
use crate::files::profile::{AwsProfile, CredentialSource, Keys, Kind, Role, RoleSource, Sso};
use reading::{Field, Reading};

/// Makes profiles of what both files hold, those of the config file first, each in the file's order.
///
/// A setting in the credentials file wins over the same one in the config file. What decides a profile's kind has the
/// order of botocore's providers: a role, Identity Center, a key in the credentials file, `aws login`, a command, a key
/// in the config file. What aws-vault's `include_profile` names fills in what the profile itself doesn't say.
///
/// A value that doesn't parse is a problem of its profile, and the rest of the profile is kept.
#[must_use]
pub fn merge(config: &Parsed, credentials: &Parsed) -> Vec<AwsProfile> {
    let files = Files {
        config: by_name(&config.profiles),
        credentials: by_name(&credentials.profiles),
        sso_sessions: by_name(&config.sso_sessions),
    };
    let mut seen = BTreeSet::new();
    let names = config.profiles.iter().chain(&credentials.profiles);
    let names = names.map(|section| section.name.as_str());
    let mut profiles: Vec<_> = names
        .filter(|name| seen.insert(*name))
        .map(|name| profile(&files, name))
        .collect();
    loops::report(&mut profiles);
    profiles
}

/// Both files' sections by their names.
struct Files<'a> {
    config: BTreeMap<&'a str, &'a FoundSection>,
    credentials: BTreeMap<&'a str, &'a FoundSection>,
    sso_sessions: BTreeMap<&'a str, &'a FoundSection>,
}

impl Files<'_> {
    fn has(&self, name: &str) -> bool {
        self.config.contains_key(name) || self.credentials.contains_key(name)
    }
}

fn by_name(sections: &[FoundSection]) -> BTreeMap<&str, &FoundSection> {
    let sections = sections.iter();
    sections
        .map(|section| (section.name.as_str(), section))
        .collect()
}

fn profile(files: &Files<'_>, name: &str) -> AwsProfile {
    let mut reading = Reading::of(files, name);
    let key = key(&mut reading);
    let role = role(
        &mut reading,
        files,
        matches!(key, Some(FoundKey::Lasting { .. })),
    );
    let sso = sso(&mut reading, files);
    let login = reading.take("login_session");
    let process = reading.take("credential_process");
    let region = reading.region("region");
    let account = reading.account("aws_account_id");
    let output = output(&mut reading);
    for key in ["mfa_process", "web_identity_token_process"] {
        if let Some(field) = reading.take(key) {
            reading.report(field, Reason::Command { key });
        }
    }
    for key in ["endpoint_url", "services"] {
        if let Some(field) = reading.take(key) {
            reading.report(field, Reason::Endpoint { key });
        }
    }

    let key_first = key.as_ref().is_some_and(|key| key.outranks_commands())
        || (login.is_none() && process.is_none());
    let (kind, own_key) = match (role, sso, key) {
        (Some(role), _, key) => (Kind::Role(role), key),
        (None, Some(sso), key) => (Kind::Sso(sso), key),
        (None, None, Some(key)) if key_first => (key.into_kind(&mut reading), None),
        (None, None, key) => (command(&mut reading, login, process), key),
    };
    AwsProfile {
        own_key: own_key.and_then(|key| key.kept_beside(&kind, &mut reading)),
        name: name.to_owned(),
        kind,
        region,
        output,
        account,
        problems: reading.problems,
    }
}

/// A key as it stands in a file.
enum FoundKey<'a> {
    Lasting { keys: Keys, field: Field<'a> },
    Temporary(Field<'a>),
}

impl FoundKey<'_> {
    /// Whether AWS's programs use it before a command: the credentials file's key comes first, the config file's last.
    fn outranks_commands(&self) -> bool {
        match self {
            Self::Lasting { field, .. } | Self::Temporary(field) => field.is_of_credentials(),
        }
    }

    fn into_kind(self, reading: &mut Reading<'_>) -> Kind {
        match self {
            Self::Lasting { keys, .. } => Kind::Keys(keys),
            Self::Temporary(field) => {
                reading.report(field, Reason::TemporarySession);
                Kind::Session
            }
        }
    }

    /// Keeps a lasting key beside a kind that doesn't use it.
    fn kept_beside(self, kind: &Kind, reading: &mut Reading<'_>) -> Option<Keys> {
        match self {
            Self::Temporary(field) => {
                reading.report(field, Reason::TemporarySession);
                None
            }
            Self::Lasting { keys, field } => {
                let is_base = matches!(
                    kind,
                    Kind::Role(Role { source: Some(RoleSource::Profile(name)), .. }) if name == reading.name
                );
                if !is_base {
                    reading.report(field, Reason::KeyOutranked);
                }
                Some(keys)
            }
        }
    }
}

fn key<'a>(reading: &mut Reading<'a>) -> Option<FoundKey<'a>> {
    let id = reading.take("aws_access_key_id");
    let secret = reading.take("aws_secret_access_key");
    let token = [
        reading.take("aws_session_token"),
        reading.take("aws_security_token"),
    ];
    let is_temporary = |field: &Field<'_>| field.text().starts_with("ASIA");
    if let Some(field) = token
        .into_iter()
        .flatten()
        .next()
        .or(id.filter(is_temporary))
    {
        return Some(FoundKey::Temporary(field));
    }
    let (id, secret) = match (id, secret) {
        (Some(id), Some(secret)) => (id, secret),
        (None, None) => return None,
        (Some(field), None) => {
            reading.report(field, half("aws_access_key_id", "aws_secret_access_key"));
            return None;
        }
        (None, Some(field)) => {
            reading.report(field, half("aws_secret_access_key", "aws_access_key_id"));
            return None;
        }
    };
    match undercroft_model::AccessKeyId::parse(id.text()) {
        Ok(parsed) => Some(FoundKey::Lasting {
            keys: Keys {
                id: parsed,
                secret: secret.value.clone(),
                mfa_serial: reading.peek("mfa_serial").and_then(|field| {
                    // A serial that doesn't parse is told of once, by the role or below.
                    Serial::parse(field.text()).ok()
                }),
            },
            field: id,
        }),
        Err(error) => {
            reading.report(id, Reason::KeyId(error));
            None
        }
    }
}

const fn half(there: &'static str, missing: &'static str) -> Reason {
    Reason::HalfAKey { there, missing }
}

/// Reads the role, and with it every setting that only a role has.
fn role(reading: &mut Reading<'_>, files: &Files<'_>, has_key: bool) -> Option<Role> {
    let mfa_serial = reading.parsed("mfa_serial", |text| {
        Serial::parse(text).map_err(Reason::MfaSerial)
    });
    let arn_field = reading.take("role_arn")?;
    let arn = match Arn::parse(arn_field.text()) {
        Ok(arn) if arn.service() == "iam" && arn.resource().starts_with("role/") => arn,
        Ok(_) => {
            reading.report(arn_field, Reason::NotARole);
            return None;
        }
        Err(error) => {
            reading.report(arn_field, Reason::RoleArn(error));
            return None;
        }
    };
    let source = source(reading, files, arn_field, has_key);
    let duration = reading.parsed("duration_seconds", |text| {
        let duration = DurationSecs::parse(text).map_err(Reason::Duration)?;
        // STS's API reference, AssumeRole, DurationSeconds.
        let fits = (900..=43_200).contains(&duration.as_secs());
        fits.then_some(duration).ok_or(Reason::DurationOfRole)
    });
    Some(Role {
        arn,
        source,
        mfa_serial,
        external_id: reading.matching("external_id", 2..=1224, "_+=,.@:/-", Reason::ExternalId),
        duration,
        session_name: reading.matching(
            "role_session_name",
            2..=64,
            NAME_SIGNS,
            Reason::SessionName,
        ),
        source_identity: reading.matching(
            "source_identity",
            2..=64,
            NAME_SIGNS,
            Reason::SourceIdentity,
        ),
        tags: tags(reading),
        transitive_tags: reading
            .take("transitive_session_tags")
            .map(|field| listed(field.text()).map(str::to_owned).collect())
            .unwrap_or_default(),
    })
}

/// What STS allows in names besides letters and digits.
const NAME_SIGNS: &str = "_+=,.@-";

fn source(
    reading: &mut Reading<'_>,
    files: &Files<'_>,
    arn: Field<'_>,
    has_key: bool,
) -> Option<RoleSource> {
    let profile = reading.take("source_profile");
    let machine = reading.take("credential_source");
    if let Some(field) = reading.take("web_identity_token_file") {
        let token_file = field.text().to_owned();
        return Some(RoleSource::WebIdentity { token_file });
    }
    if let (Some(_), Some(field)) = (profile, machine) {
        reading.report(field, Reason::TwoSources);
    }
    if let Some(field) = profile {
        let name = field.text();
        if !files.has(name) {
            reading.report(field, Reason::UnknownSource);
        } else if name == reading.name && !has_key {
            reading.report(arn, Reason::NoSource);
            return None;
        }
        return Some(RoleSource::Profile(name.to_owned()));
    }
    if let Some(field) = machine {
        let known = [
            CredentialSource::Environment,
            CredentialSource::Ec2InstanceMetadata,
            CredentialSource::EcsContainer,
        ];
        let source = known
            .into_iter()
            .find(|source| source.name().eq_ignore_ascii_case(field.text()));
        let reason = match source {
            Some(_) => Reason::SourceIsMachine,
            None => Reason::CredentialSource,
        };
        reading.report(field, reason);
        return source.map(RoleSource::Machine);
    }
    if has_key {
        return Some(RoleSource::Profile(reading.name.to_owned()));
    }
    reading.report(arn, Reason::NoSource);
    None
}

fn tags(reading: &mut Reading<'_>) -> Vec<(String, String)> {
    let key = "session_tags";
    let Some(field) = reading.take(key) else {
        return Vec::new();
    };
    let mut tags = Vec::new();
    let mut all = true;
    for tag in listed(field.text()) {
        match tag.split_once('=') {
            Some((name, value)) if !name.trim().is_empty() => {
                tags.push((name.trim().to_owned(), value.trim().to_owned()));
            }
            Some(_) | None => all = false,
        }
    }
    if !all {
        reading.report(field, Reason::Tags { key });
    }
    tags
}

fn listed(text: &str) -> impl Iterator<Item = &str> {
    text.split(',')
        .map(str::trim)
        .filter(|item| !item.is_empty())
}

fn sso(reading: &mut Reading<'_>, files: &Files<'_>) -> Option<Sso> {
    let session = reading.take("sso_session");
    let own_url = reading.take("sso_start_url");
    let account = reading.peek("sso_account_id");
    let role = reading.take("sso_role_name");
    let first = session.or(own_url).or(account).or(role)?;
    let mut sso = Sso {
        session: session.map(|field| field.text().to_owned()),
        role_name: role.map(|field| field.text().to_owned()),
        account: reading.account("sso_account_id"),
        start_url: own_url.and_then(|field| reading.start_url(field)),
        region: reading.region("sso_region"),
    };
    if let Some(field) = session {
        match files.sso_sessions.get(field.text()) {
            Some(section) => {
                let mut shared = Reading::of_section(section);
                let url = shared.take("sso_start_url");
                sso.start_url = url.and_then(|url| shared.start_url(url)).or(sso.start_url);
                sso.region = shared.region("sso_region").or(sso.region);
                reading.problems.append(&mut shared.problems);
            }
            None => reading.report(field, Reason::UnknownSsoSession),
        }
    }
    reading.report(first, Reason::Sso);
    Some(sso)
}

fn command(
    reading: &mut Reading<'_>,
    login: Option<Field<'_>>,
    process: Option<Field<'_>>,
) -> Kind {
    if let Some(field) = login {
        reading.report(field, Reason::Login);
        return Kind::Login(Arn::parse(field.text()).ok());
    }
    let Some(field) = process else {
        return Kind::Empty;
    };
    // A setting that was indented by mistake, maybe a secret, is no word of the command.
    let is_word = |line: &&str| {
        let key = line.split(['=', ':']).next().unwrap_or_default();
        keys::known(key.trim()).is_none()
    };
    let lines: Vec<&str> = field.text().lines().filter(is_word).collect();
    let command = ProcessCommand::of(&lines.join(" "));
    let reason = match command {
        ProcessCommand::Undercroft { .. } => Reason::AlreadyHere,
        ProcessCommand::AwsVault { .. }
        | ProcessCommand::Granted { .. }
        | ProcessCommand::Known { .. }
        | ProcessCommand::Other => Reason::Command {
            key: "credential_process",
        },
    };
    reading.report(field, reason);
    Kind::Process(command)
}

/// The formats of `aws help`, option `--output`.
const OUTPUTS: [&str; 6] = ["json", "yaml", "yaml-stream", "text", "table", "off"];

fn output(reading: &mut Reading<'_>) -> Option<String> {
    reading.parsed("output", |text| {
        let known = OUTPUTS.into_iter().find(|known| *known == text);
        known.map(str::to_owned).ok_or(Reason::Output)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::{Which, config};

    fn merged(config: &str, credentials: &str) -> Vec<AwsProfile> {
        merge(
            &config::parse(config, Which::Config),
            &config::parse(credentials, Which::Credentials),
        )
    }

    #[test]
    fn half_a_key_of_each_file_is_no_key() {
        let config = "[profile a]\naws_secret_access_key = hunter2\n";
        let credentials = "[a]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\n";
        let profiles = merged(config, credentials);
        assert!(matches!(profiles[0].kind, Kind::Empty));
        let reasons = profiles[0]
            .problems
            .iter()
            .map(|problem| problem.reason.code());
        assert_eq!(reasons.collect::<Vec<_>>(), ["half-a-key"]);
    }

    #[test]
    fn a_secret_that_was_indented_is_in_no_command_and_no_name() {
        let config = "[profile a]\ncredential_process = aws-vault exec\n  aws_secret_access_key=hunter2\n\
                      [profile b]\nsso_session = s\n  aws_secret_access_key=hunter2\n";
        let profiles = merged(config, "");
        assert!(!format!("{profiles:?}").contains("hunter2"));
        assert!(matches!(
            profiles[0].kind,
            Kind::Process(ProcessCommand::AwsVault { profile: None })
        ));
    }

    #[test]
    fn problems_say_where_they_are() {
        let profiles = merged("[profile a]\nregion = nowhere\n", "");
        assert_eq!(
            profiles[0].problems[0].to_string(),
            "config, [a], line 2: region is left out: a region's name looks like eu-central-1: lower-case words and a \
             number, with dashes between"
        );
    }
}
