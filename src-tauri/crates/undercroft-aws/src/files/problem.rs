//! What is wrong with a file of `~/.aws`, or not taken from it.

use std::fmt;

use undercroft_model::{
    AccessKeyIdError, AccountIdError, ArnError, DurationError, RegionError, SerialError,
};

use crate::files::config::Which;

/// Something in a file of `~/.aws` that a person should know.
///
/// It shows as `FILE, [SECTION], line N: what is wrong and what to do`, and never shows a value.
#[derive(Clone, Debug, PartialEq)]
pub struct Problem {
    /// The file.
    pub file: Which,
    /// The section, as far as it has a name.
    pub section: Option<String>,
    /// The line, counted from 1.
    pub line: Option<usize>,
    /// What it is.
    pub reason: Reason,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.file.name())?;
        if let Some(section) = &self.section {
            let visible = section.chars().filter(|c| !c.is_control());
            write!(f, ", [{}]", visible.collect::<String>())?;
        }
        if let Some(line) = self.line {
            write!(f, ", line {line}")?;
        }
        write!(f, ": {}", self.reason)
    }
}

/// What is wrong, or is not taken over, and what to do.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Reason {
    /// A line before the first header.
    #[error(
        "this stands before the first section and is read by no program; put a header like [default] above it"
    )]
    BeforeFirstSection,
    /// A header without a name or without its closing bracket.
    #[error(
        "this header has no name or no closing bracket, so the settings below it belong to nothing; write it like [profile shop]"
    )]
    BrokenHeader,
    /// `[DEFAULT]`.
    #[error(
        "the AWS CLI applies [DEFAULT] in capitals to every section, other programs ignore it; write [default]"
    )]
    CapitalDefault,
    /// Not exactly one name behind `profile`, `sso-session` or `services`.
    #[error(
        "behind the section's first word one name is expected; put a name with spaces in quotes, like [profile \"the shop\"]"
    )]
    SectionName,
    /// A bare `[NAME]` in the config file.
    #[error(
        "this section is no profile to AWS's programs; in this file a profile's header is written like [profile shop]"
    )]
    NoProfilePrefix,
    /// `[profile NAME]` in the credentials file.
    #[error(
        "in the credentials file AWS's programs look for [shop], not for [profile shop]; leave out the first word and import again"
    )]
    ProfilePrefix,
    /// An `sso-session` or `services` section in the credentials file.
    #[error("sections of this kind are read in the config file only; move it there")]
    BelongsInConfig,
    /// A second section of one name.
    #[error(
        "this section is there a second time; the later settings win here, but the AWS CLI refuses the file, so join the two"
    )]
    SectionTwice,
    /// A second setting of one key.
    #[error("{} is there a second time; the later one wins here, but the AWS CLI refuses such a section, so remove one", key.unwrap_or("this setting"))]
    SettingTwice {
        /// The key, if it is a known one.
        key: Option<&'static str>,
    },
    /// A line that is no setting.
    #[error(
        "this line is neither a header, a setting nor a comment; the AWS CLI refuses the file because of it, so remove it or write it like KEY = VALUE"
    )]
    NoSetting,
    /// A line that is indented and looks like a setting of its own.
    #[error(
        "{key} is indented, so it is read as part of the setting above; remove the spaces before it"
    )]
    IndentedSetting {
        /// The key.
        key: &'static str,
    },
    /// A comment behind a value.
    #[error(
        "the comment behind {key} is left out here and by the SDKs, but the AWS CLI takes it for a part of the value; put it on a line of its own"
    )]
    CommentBehindValue {
        /// The key.
        key: &'static str,
    },
    /// A block or a continued value where a value of one line belongs.
    #[error(
        "{key} goes on over the indented lines below it where a value of one line belongs; it is left out, so remove the spaces before settings of their own"
    )]
    SeveralLines {
        /// The key.
        key: &'static str,
    },
    /// An access key's id that isn't one.
    #[error("aws_access_key_id is left out, and its secret with it: {0}")]
    KeyId(#[source] AccessKeyIdError),
    /// An id without a secret, or the other way round.
    #[error(
        "{there} is there without {missing}; only both together are a key, so add the other or make a new key"
    )]
    HalfAKey {
        /// The key that is there.
        there: &'static str,
        /// The key that is missing.
        missing: &'static str,
    },
    /// A temporary session.
    #[error(
        "the keys here are a temporary session, which expires within hours and is not imported; add the role or the user that it was made from instead"
    )]
    TemporarySession,
    /// Keys that other settings of the profile outrank.
    #[error(
        "the profile has a key of its own, but AWS's programs use its other settings; the key is imported all the same, so look whether it is still needed"
    )]
    KeyOutranked,
    /// A role that isn't an ARN.
    #[error("role_arn is left out: {0}")]
    RoleArn(#[source] ArnError),
    /// An ARN of something else.
    #[error(
        "role_arn is left out: this ARN is not a role's; one looks like arn:aws:iam::123456789012:role/admin"
    )]
    NotARole,
    /// A role without anything to assume it with.
    #[error(
        "the role has no source_profile, credential_source or key of its own, so nothing can assume it; choose a source after the import"
    )]
    NoSource,
    /// A role with two sources.
    #[error(
        "a role has either source_profile or credential_source, and AWS's programs refuse both; source_profile is taken, so remove the other"
    )]
    TwoSources,
    /// A source that is in neither file.
    #[error(
        "source_profile names a profile that is in neither file; correct the name, or choose a source after the import"
    )]
    UnknownSource,
    /// A role that is its own source by way of others.
    #[error(
        "following source_profile leads back to this profile, so the role can't be assumed; let one of them name a profile with a key"
    )]
    SourceLoop,
    /// An unknown `credential_source`.
    #[error(
        "credential_source is none of Environment, Ec2InstanceMetadata and EcsContainer and is left out; correct it, or choose a source after the import"
    )]
    CredentialSource,
    /// A source that only the machine itself has.
    #[error(
        "credential_source takes credentials from the machine, which Undercroft never asks; choose a source after the import"
    )]
    SourceIsMachine,
    /// `include_profile` or `parent_profile` that leads nowhere.
    #[error(
        "{key} names a profile that is not in the files or that leads back here; nothing is taken from it, so correct the name"
    )]
    Include {
        /// The key.
        key: &'static str,
    },
    /// A serial that STS doesn't take.
    #[error("mfa_serial is left out: {0}")]
    MfaSerial(#[source] SerialError),
    /// An external id that STS doesn't take.
    #[error(
        "external_id is left out: it has 2 to 1224 letters, digits and + = , . @ : / - without spaces; correct it"
    )]
    ExternalId,
    /// A session name that STS doesn't take.
    #[error(
        "role_session_name is left out: it has 2 to 64 letters, digits and _ + = , . @ -; correct it"
    )]
    SessionName,
    /// A source identity that STS doesn't take.
    #[error(
        "source_identity is left out: it has 2 to 64 letters, digits and _ + = , . @ -; correct it"
    )]
    SourceIdentity,
    /// A duration that isn't one.
    #[error("duration_seconds is left out: {0}")]
    Duration(#[source] DurationError),
    /// A duration that AssumeRole doesn't take.
    #[error(
        "duration_seconds is left out: a role's session lasts 900 to 43200 seconds; correct it"
    )]
    DurationOfRole,
    /// Tags that can't be read.
    #[error(
        "{key} is left out, at least in part: tags are written like Team=Shop,Stage=Test; correct it"
    )]
    Tags {
        /// The key.
        key: &'static str,
    },
    /// A region that isn't one.
    #[error("{key} is left out: {error}")]
    Region {
        /// The key.
        key: &'static str,
        /// Why.
        #[source]
        error: RegionError,
    },
    /// An output format that the AWS CLI doesn't have.
    #[error(
        "output is left out: it is one of json, yaml, yaml-stream, text, table and off; correct it"
    )]
    Output,
    /// An account id that isn't one.
    #[error("{key} is left out: {error}")]
    AccountId {
        /// The key.
        key: &'static str,
        /// Why.
        #[source]
        error: AccountIdError,
    },
    /// A start address that isn't one.
    #[error(
        "sso_start_url is left out: it begins with https://, like https://acme.awsapps.com/start; correct it"
    )]
    StartUrl,
    /// A name of an SSO session that is nowhere.
    #[error(
        "sso_session names a section that the config file doesn't have; add [sso-session NAME] with sso_start_url and sso_region"
    )]
    UnknownSsoSession,
    /// An Identity Center profile.
    #[error(
        "this profile signs in with IAM Identity Center, which Undercroft can't do yet; it is imported to be seen, so go on with aws sso login"
    )]
    Sso,
    /// A command that would yield credentials.
    #[error(
        "{key} names a command, which Undercroft never runs; import the credentials that it stands for from where it keeps them"
    )]
    Command {
        /// The key.
        key: &'static str,
    },
    /// A `credential_process` of Undercroft's own.
    #[error("credential_process asks Undercroft already, so there is nothing to import")]
    AlreadyHere,
    /// A profile of `aws login`.
    #[error(
        "this profile was made by aws login: it has no key, and its sign-in, renewed in the browser, stays with the AWS CLI; add an access key or a role to use it here"
    )]
    Login,
    /// An endpoint of one's own.
    #[error(
        "{key} is ignored, since it would send requests elsewhere; if that is meant, set a custom endpoint on the account"
    )]
    Endpoint {
        /// The key.
        key: &'static str,
    },
}

impl Reason {
    /// Returns a stable code for programs.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::BeforeFirstSection => "before-first-section",
            Self::BrokenHeader => "broken-header",
            Self::CapitalDefault => "capital-default",
            Self::SectionName => "section-name",
            Self::NoProfilePrefix => "no-profile-prefix",
            Self::ProfilePrefix => "profile-prefix",
            Self::BelongsInConfig => "belongs-in-config",
            Self::SectionTwice => "section-twice",
            Self::SettingTwice { .. } => "setting-twice",
            Self::NoSetting => "no-setting",
            Self::IndentedSetting { .. } => "indented-setting",
            Self::CommentBehindValue { .. } => "comment-behind-value",
            Self::SeveralLines { .. } => "several-lines",
            Self::KeyId(_) => "key-id",
            Self::HalfAKey { .. } => "half-a-key",
            Self::TemporarySession => "temporary-session",
            Self::KeyOutranked => "key-outranked",
            Self::RoleArn(_) => "role-arn",
            Self::NotARole => "not-a-role",
            Self::NoSource => "no-source",
            Self::TwoSources => "two-sources",
            Self::UnknownSource => "unknown-source",
            Self::SourceLoop => "source-loop",
            Self::CredentialSource => "credential-source",
            Self::SourceIsMachine => "source-is-machine",
            Self::Include { .. } => "include",
            Self::MfaSerial(_) => "mfa-serial",
            Self::ExternalId => "external-id",
            Self::SessionName => "session-name",
            Self::SourceIdentity => "source-identity",
            Self::Duration(_) => "duration",
            Self::DurationOfRole => "duration-of-role",
            Self::Tags { .. } => "tags",
            Self::Region { .. } => "region",
            Self::Output => "output",
            Self::AccountId { .. } => "account-id",
            Self::StartUrl => "start-url",
            Self::UnknownSsoSession => "unknown-sso-session",
            Self::Sso => "sso",
            Self::Command { .. } => "command",
            Self::AlreadyHere => "already-here",
            Self::Login => "login",
            Self::Endpoint { .. } => "endpoint",
        }
    }
}
