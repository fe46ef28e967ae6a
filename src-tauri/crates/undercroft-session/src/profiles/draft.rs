//! A profile as typed.

use undercroft_model::{
    AccessKeyId, Approval, DurationSecs, ExternalId, FederatedName, FederatedRecipe, ItemId,
    KeyRecipe, Mfa, OutputFormat, PolicyArn, Profile, ProfileName, Recipe, Region, RoleArn,
    RoleRecipe, RoleSessionName, RoleSource, SessionPolicy, SessionRecipe, SessionTag,
    SourceIdentity, SsoRecipe, TokenSource, WebIdentityRecipe,
};

use crate::{SessionError, accounts::Problems};

/// A profile as typed. Fields that its kind does not have are passed over.
#[derive(Clone, Debug, Default)]
pub struct ProfileDraft {
    /// The item; nothing for a new one.
    pub id: Option<ItemId>,
    /// The name.
    pub name: String,
    /// `long-term`, `session`, `role`, `federated` or `web-identity`; `sso` for what an import found.
    pub kind: String,
    /// Whose key signs; nothing where another profile's credentials do.
    pub identity: Option<ItemId>,
    /// Which of its keys; nothing takes the first that is not inactive.
    pub key: Option<AccessKeyId>,
    /// Whether a code goes along.
    pub mfa: Mfa,
    /// The profile whose credentials sign, for a role without an identity.
    pub source: Option<ItemId>,
    /// The role's ARN.
    pub role: String,
    /// The external id, empty for none.
    pub external_id: String,
    /// The role session's or the federated user's name.
    pub session_name: String,
    /// The source identity, empty for none.
    pub source_identity: String,
    /// Session tags.
    pub tags: Vec<SessionTag>,
    /// The inline session policy, empty for none.
    pub policy: String,
    /// Managed session policies.
    pub policy_arns: Vec<String>,
    /// Where a web identity's token comes from.
    pub token: Option<TokenSource>,
    /// What an import found of IAM Identity Center.
    pub sso: Option<SsoRecipe>,
    /// The region, empty for the account's.
    pub region: String,
    /// The output format's name, empty for the AWS CLI's own choice.
    pub output: String,
    /// The duration, such as `12h`; empty for the usual one.
    pub duration: String,
    /// Notes.
    pub notes: String,
    /// Whether a program's first use is asked about; nothing does as the settings say.
    pub approval: Option<Approval>,
}

impl ProfileDraft {
    /// Reads what was typed.
    pub(crate) fn parse(&self) -> Result<Profile, SessionError> {
        let mut problems = Problems::default();
        let name = problems.check("name", ProfileName::parse(&self.name));
        let region = problems.optional("region", &self.region, Region::parse);
        let output = problems.optional("output", &self.output, output_format);
        let duration = problems.optional("duration", &self.duration, DurationSecs::parse);
        let recipe = self.recipe(&mut problems);
        problems.end()?;
        // What is missing was noted as a problem.
        let (Some(name), Some(recipe)) = (name, recipe) else {
            return Err(SessionError::Internal);
        };
        let mut profile = Profile::new(name, recipe);
        profile.region = region;
        profile.output = output;
        profile.duration = duration;
        self.notes.trim().clone_into(&mut profile.notes);
        profile.approval = self.approval;
        Ok(profile)
    }

    fn recipe(&self, problems: &mut Problems) -> Option<Recipe> {
        let extra = undercroft_model::Extra::new;
        match self.kind.as_str() {
            "long-term" => Some(Recipe::LongTerm(KeyRecipe {
                identity: self.demand_identity(problems)?,
                key: self.key.clone(),
                extra: extra(),
            })),
            "session" => Some(Recipe::Session(SessionRecipe {
                identity: self.demand_identity(problems)?,
                key: self.key.clone(),
                mfa: self.mfa,
                extra: extra(),
            })),
            "role" => {
                let source = self.source(problems);
                let role = problems.check("role", RoleArn::parse(&self.role));
                let external_id =
                    problems.optional("external_id", &self.external_id, ExternalId::parse);
                let source_identity = problems.optional(
                    "source_identity",
                    &self.source_identity,
                    SourceIdentity::parse,
                );
                let session_name = self.session_name(problems);
                let (policy, policy_arns) = self.policies(problems);
                Some(Recipe::Role(Box::new(RoleRecipe {
                    source: source?,
                    role: role?,
                    mfa: self.mfa,
                    external_id,
                    session_name,
                    source_identity,
                    tags: self.tags.clone(),
                    policy,
                    policy_arns,
                    extra: extra(),
                })))
            }
            "federated" => {
                let identity = self.demand_identity(problems);
                let name = problems.check("session_name", FederatedName::parse(&self.session_name));
                let (policy, policy_arns) = self.policies(problems);
                Some(Recipe::Federated(Box::new(FederatedRecipe {
                    identity: identity?,
                    key: self.key.clone(),
                    name: name?,
                    policy,
                    policy_arns,
                    tags: self.tags.clone(),
                    extra: extra(),
                })))
            }
            "web-identity" => {
                let role = problems.check("role", RoleArn::parse(&self.role));
                let session_name = self.session_name(problems);
                let (policy, policy_arns) = self.policies(problems);
                if self.token.is_none() {
                    problems.check(
                        "token",
                        Err::<(), _>("choose the token's file, or the program that prints it"),
                    );
                }
                Some(Recipe::WebIdentity(Box::new(WebIdentityRecipe {
                    role: role?,
                    token: self.token.clone()?,
                    session_name,
                    policy,
                    policy_arns,
                    extra: extra(),
                })))
            }
            "sso" if self.sso.is_some() => self.sso.clone().map(Box::new).map(Recipe::Sso),
            _ => {
                problems.check("kind", Err::<(), _>("choose what the profile yields"));
                None
            }
        }
    }

    fn demand_identity(&self, problems: &mut Problems) -> Option<ItemId> {
        if self.identity.is_none() {
            problems.check("identity", Err::<(), _>("choose whose access key signs"));
        }
        self.identity
    }

    fn source(&self, problems: &mut Problems) -> Option<RoleSource> {
        match (self.identity, self.source) {
            (Some(identity), None) => Some(RoleSource::Identity {
                identity,
                key: self.key.clone(),
            }),
            (None, Some(profile)) => Some(RoleSource::Profile { profile }),
            (None, None) | (Some(_), Some(_)) => {
                problems.check(
                    "source",
                    Err::<(), _>(
                        "choose an identity or another profile that the role is assumed with",
                    ),
                );
                None
            }
        }
    }

    fn session_name(&self, problems: &mut Problems) -> Option<RoleSessionName> {
        problems.optional("session_name", &self.session_name, RoleSessionName::parse)
    }

    fn policies(&self, problems: &mut Problems) -> (Option<SessionPolicy>, Vec<PolicyArn>) {
        let policy = problems.optional("policy", &self.policy, policy);
        let arns: Result<Vec<_>, _> = self
            .policy_arns
            .iter()
            .filter(|arn| !arn.trim().is_empty())
            .map(|arn| PolicyArn::parse(arn))
            .collect();
        (
            policy,
            problems.check("policy_arns", arns).unwrap_or_default(),
        )
    }
}

/// A text names no output format.
#[derive(Debug, thiserror::Error)]
#[error("the AWS CLI's output formats are json, yaml, yaml-stream, text, table and off")]
struct UnknownOutput;

/// Why a text is no policy.
#[derive(Debug, thiserror::Error)]
enum PolicyTextError {
    #[error("{0}")]
    Policy(#[source] undercroft_model::SessionPolicyError),
    #[error("this is not JSON: line {line}, column {column}")]
    Json { line: usize, column: usize },
}

fn policy(text: &str) -> Result<SessionPolicy, PolicyTextError> {
    let policy = SessionPolicy::parse(text).map_err(PolicyTextError::Policy)?;
    match serde_json::from_str::<serde::de::IgnoredAny>(policy.as_str()) {
        Ok(_) => Ok(policy),
        Err(error) => Err(PolicyTextError::Json {
            line: error.line(),
            column: error.column(),
        }),
    }
}

fn output_format(text: &str) -> Result<OutputFormat, UnknownOutput> {
    OutputFormat::parse(text).ok_or(UnknownOutput)
}
