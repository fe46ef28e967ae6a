//! A profile of `~/.aws`, with what both files say of it.

use undercroft_model::{AccessKeyId, AccountId, Arn, DurationSecs, Region, Serial};
use undercroft_secret::SecretString;

use crate::files::problem::Problem;
use crate::files::process::ProcessCommand;

/// A profile as AWS's programs see it.
#[derive(Debug)]
pub struct AwsProfile {
    /// The name; any text that stands in a header.
    pub name: String,
    /// How it yields credentials.
    pub kind: Kind,
    /// A long-term key that stands in the profile although something else decides its kind: the base of a role that names
    /// its own profile as source, or a leftover.
    pub own_key: Option<Keys>,
    /// The region.
    pub region: Option<Region>,
    /// The output format of the AWS CLI.
    pub output: Option<String>,
    /// The account, from `aws_account_id`.
    pub account: Option<AccountId>,
    /// What is wrong with it, and what of it is not taken over.
    pub problems: Vec<Problem>,
}

/// How a profile yields credentials.
#[derive(Debug)]
pub enum Kind {
    /// A long-term key.
    Keys(Keys),
    /// A role to assume.
    Role(Role),
    /// IAM Identity Center.
    Sso(Sso),
    /// A command.
    Process(ProcessCommand),
    /// A sign-in of `aws login`, by the ARN of who signed in.
    Login(Option<Arn>),
    /// A temporary session, whose values are not kept.
    Session,
    /// Nothing that yields credentials; settings alone.
    Empty,
}

impl Kind {
    /// Returns a stable code for programs.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Keys(_) => "keys",
            Self::Role(_) => "role",
            Self::Sso(_) => "sso",
            Self::Process(_) => "process",
            Self::Login(_) => "login",
            Self::Session => "session",
            Self::Empty => "empty",
        }
    }
}

/// A long-term key.
#[derive(Clone, Debug)]
pub struct Keys {
    /// Its id.
    pub id: AccessKeyId,
    /// Its secret.
    pub secret: SecretString,
    /// The MFA device to use with it.
    pub mfa_serial: Option<Serial>,
}

/// A role to assume.
#[derive(Debug)]
pub struct Role {
    /// The role.
    pub arn: Arn,
    /// What assumes it; `None` where the files don't say.
    pub source: Option<RoleSource>,
    /// The MFA device for the call.
    pub mfa_serial: Option<Serial>,
    /// The external id.
    pub external_id: Option<String>,
    /// How long its session lasts.
    pub duration: Option<DurationSecs>,
    /// The session's name.
    pub session_name: Option<String>,
    /// The source identity, from aws-vault's `source_identity`.
    pub source_identity: Option<String>,
    /// The session's tags, from aws-vault's `session_tags`.
    pub tags: Vec<(String, String)>,
    /// The keys of tags that pass on to chained roles, from aws-vault's `transitive_session_tags`.
    pub transitive_tags: Vec<String>,
}

/// What a role is assumed with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RoleSource {
    /// A profile by its name; its own name means its own key.
    Profile(String),
    /// Credentials of the machine.
    Machine(CredentialSource),
    /// A token of an OpenID Connect provider.
    WebIdentity {
        /// The path of the file that holds the token.
        token_file: String,
    },
}

/// Where a machine has credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CredentialSource {
    /// Environment variables.
    Environment,
    /// The metadata service of EC2.
    Ec2InstanceMetadata,
    /// The container endpoint of ECS.
    EcsContainer,
}

impl CredentialSource {
    /// Returns its name in the config file.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Environment => "Environment",
            Self::Ec2InstanceMetadata => "Ec2InstanceMetadata",
            Self::EcsContainer => "EcsContainer",
        }
    }
}

/// A profile of IAM Identity Center.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sso {
    /// The name of the `[sso-session]` section.
    pub session: Option<String>,
    /// The address of the access portal.
    pub start_url: Option<String>,
    /// The region of the Identity Center.
    pub region: Option<Region>,
    /// The account to sign in to.
    pub account: Option<AccountId>,
    /// The permission set's role.
    pub role_name: Option<String>,
}
