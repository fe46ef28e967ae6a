//! What STS calls roles, and those who assume them.

use crate::{
    account_id::AccountId,
    arn::{ArnError, ArnParts},
    names::is_name_character,
    partition::Partition,
    text::{codes, text_impls, text_type},
};

/// The ARN of an IAM role, such as `arn:aws:iam::123456789012:role/team/deploy`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RoleArn {
    text: Box<str>,
    partition: Partition,
    account: AccountId,
}

text_type! {
    /// The name of a session of a role: 2 to 64 of letters, digits and `_+=,.@-`.
    ///
    /// Source: `RoleSessionName` of STS's `AssumeRole`.
    RoleSessionName, StsNameError, "a role session name"
}

text_type! {
    /// The name of a federated user: 2 to 32 of letters, digits and `_+=,.@-`.
    ///
    /// Source: `Name` of STS's `GetFederationToken`.
    FederatedName, StsNameError, "the name of a federated user"
}

text_type! {
    /// The identity that a role's session names as its source: 2 to 64 of letters, digits and `_+=,.@-`, not
    /// beginning with `aws:`.
    ///
    /// Source: `SourceIdentity` of STS's `AssumeRole`.
    SourceIdentity, StsNameError, "a source identity"
}

text_type! {
    /// The id that a role of somebody else's wants to hear: 2 to 1224 of letters, digits and `_+=,.@:/-`.
    ///
    /// Source: `ExternalId` of STS's `AssumeRole`.
    ExternalId, StsNameError, "an external id"
}

text_type! {
    /// The ARN of a managed policy, such as `arn:aws:iam::aws:policy/ReadOnlyAccess`.
    PolicyArn, PolicyArnError, "the ARN of a policy"
}

/// Why a text is not the ARN of a role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RoleArnError {
    /// Nothing was given.
    #[error("type the role's ARN, like arn:aws:iam::123456789012:role/deploy")]
    Empty,
    /// Not an ARN.
    #[error("{0}")]
    Arn(#[source] ArnError),
    /// An ARN of something else than a role of an account.
    #[error("this ARN is not a role's; one looks like arn:aws:iam::123456789012:role/deploy")]
    NotARole,
}

codes!(RoleArnError {
    Empty => "role-arn-empty",
    Arn(_) => "role-arn-shape",
    NotARole => "role-arn-other",
});

/// Why a text is not the ARN of a policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PolicyArnError {
    /// Not an ARN.
    #[error("{0}")]
    Arn(#[source] ArnError),
    /// An ARN of something else than a policy.
    #[error("this ARN is not a policy's; one looks like arn:aws:iam::aws:policy/ReadOnlyAccess")]
    NotAPolicy,
}

codes!(PolicyArnError {
    Arn(_) => "policy-arn-shape",
    NotAPolicy => "policy-arn-other",
});

/// Why STS would not take a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StsNameError {
    /// Too short or too long.
    #[error("this has {found} characters; AWS takes {least} to {most}")]
    Length {
        /// How many characters were found.
        found: usize,
        /// How many it has at least.
        least: usize,
        /// How many it has at most.
        most: usize,
    },
    /// A character that AWS does not take there.
    #[error("AWS takes only letters a-z, digits and {allowed} here; character {} is another", position + 1)]
    Character {
        /// Zero-based position of the first such character.
        position: usize,
        /// What is allowed besides letters and digits.
        allowed: &'static str,
    },
    /// A beginning that AWS keeps for itself.
    #[error("a name that begins with aws: is AWS's own")]
    Reserved,
}

codes!(StsNameError {
    Length { .. } => "sts-name-length",
    Character { .. } => "sts-name-character",
    Reserved => "sts-name-reserved",
});

impl RoleArn {
    /// Reads the ARN of a role.
    ///
    /// # Errors
    /// When the text is no ARN, or one of something else.
    pub fn parse(text: &str) -> Result<Self, RoleArnError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(RoleArnError::Empty);
        }
        let parts = ArnParts::parse(text).map_err(RoleArnError::Arn)?;
        let name = parts.resource.strip_prefix("role/").unwrap_or_default();
        let is_role = parts.service == "iam"
            && parts.region.is_empty()
            && !name.is_empty()
            && !name.ends_with('/');
        match parts.account {
            Some(account) if is_role => Ok(Self {
                text: text.into(),
                partition: parts.partition,
                account,
            }),
            Some(_) | None => Err(RoleArnError::NotARole),
        }
    }

    /// The whole ARN.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The account that the role belongs to.
    #[must_use]
    pub fn account(&self) -> &AccountId {
        &self.account
    }

    /// The partition of that account.
    #[must_use]
    pub fn partition(&self) -> Partition {
        self.partition
    }

    /// The role's name without its path.
    #[must_use]
    pub fn name(&self) -> &str {
        self.text.rsplit('/').next().unwrap_or_default()
    }
}

text_impls!(RoleArn, RoleArnError, "the ARN of a role");

impl PolicyArn {
    /// AWS's own policy that allows reading and nothing else.
    #[must_use]
    pub fn read_only(partition: Partition) -> Self {
        let prefix = partition.arn_prefix();
        Self(format!("{prefix}iam::aws:policy/ReadOnlyAccess").into())
    }

    /// AWS's own policy that allows everything.
    #[must_use]
    pub fn administrator(partition: Partition) -> Self {
        let prefix = partition.arn_prefix();
        Self(format!("{prefix}iam::aws:policy/AdministratorAccess").into())
    }

    /// Reads the ARN of a managed policy.
    ///
    /// # Errors
    /// When the text is no ARN, or one of something else.
    pub fn parse(text: &str) -> Result<Self, PolicyArnError> {
        let text = text.trim();
        let parts = ArnParts::parse(text).map_err(PolicyArnError::Arn)?;
        if parts.service == "iam" && parts.resource.starts_with("policy/") {
            Ok(Self(text.into()))
        } else {
            Err(PolicyArnError::NotAPolicy)
        }
    }
}

impl RoleSessionName {
    /// Reads a name.
    ///
    /// # Errors
    /// When STS would not take it.
    pub fn parse(text: &str) -> Result<Self, StsNameError> {
        checked(text, 64, PLAIN).map(Self)
    }
}

impl FederatedName {
    /// Reads a name.
    ///
    /// # Errors
    /// When STS would not take it.
    pub fn parse(text: &str) -> Result<Self, StsNameError> {
        checked(text, 32, PLAIN).map(Self)
    }
}

impl SourceIdentity {
    /// Reads a name.
    ///
    /// # Errors
    /// When STS would not take it.
    pub fn parse(text: &str) -> Result<Self, StsNameError> {
        if text.trim().to_ascii_lowercase().starts_with("aws:") {
            return Err(StsNameError::Reserved);
        }
        checked(text, 64, PLAIN).map(Self)
    }
}

impl ExternalId {
    /// Reads an id.
    ///
    /// # Errors
    /// When STS would not take it.
    pub fn parse(text: &str) -> Result<Self, StsNameError> {
        checked(text, 1224, "_ + = , . @ : / -").map(Self)
    }
}

const PLAIN: &str = "_ + = , . @ -";

fn checked(text: &str, most: usize, allowed: &'static str) -> Result<Box<str>, StsNameError> {
    let text = text.trim();
    let is_allowed =
        |c: char| is_name_character(c) || (matches!(c, ':' | '/') && allowed.contains(c));
    if let Some(position) = text.chars().position(|c| !is_allowed(c)) {
        return Err(StsNameError::Character { position, allowed });
    }
    let found = text.len();
    if (2..=most).contains(&found) {
        Ok(text.into())
    } else {
        Err(StsNameError::Length {
            found,
            least: 2,
            most,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn role_arns_name_account_and_role() {
        let role =
            RoleArn::parse(" arn:aws-cn:iam::123456789012:role/team/deploy ").expect("a role");
        assert_eq!(role.account().as_str(), "123456789012");
        assert_eq!(role.partition(), Partition::AwsCn);
        assert_eq!(role.name(), "deploy");
        for other in [
            "",
            "deploy",
            "arn:aws:iam::123456789012:user/jane",
            "arn:aws:iam::123456789012:role/",
            "arn:aws:iam::123456789012:role/team/",
            "arn:aws:iam::aws:role/deploy",
            "arn:aws:sts::123456789012:assumed-role/deploy/jane",
        ] {
            assert!(RoleArn::parse(other).is_err(), "{other}");
        }
    }

    #[test]
    fn names_have_the_lengths_and_characters_that_sts_takes() {
        assert!(RoleSessionName::parse("jane.doe@example").is_ok());
        assert!(RoleSessionName::parse("j").is_err());
        assert!(RoleSessionName::parse(&"j".repeat(65)).is_err());
        assert!(FederatedName::parse(&"j".repeat(33)).is_err());
        assert!(matches!(
            RoleSessionName::parse("jane doe"),
            Err(StsNameError::Character { position: 4, .. })
        ));
        assert!(RoleSessionName::parse("a:b").is_err());
        assert!(ExternalId::parse("a:b/c").is_ok());
        assert_eq!(SourceIdentity::parse("AWS:x"), Err(StsNameError::Reserved));
        assert!(PolicyArn::parse("arn:aws:iam::aws:policy/ReadOnlyAccess").is_ok());
        assert!(PolicyArn::parse("arn:aws:iam::123456789012:role/x").is_err());
    }
}
