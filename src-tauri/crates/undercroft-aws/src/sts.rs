//! What Undercroft asks of AWS's Security Token Service.

use async_trait::async_trait;
use undercroft_model::{
    AccountId, Arn, DurationSecs, EndpointUrl, ExternalId, FederatedName, Partition, PolicyArn,
    Region, RoleArn, RoleSessionName, SessionPolicy, SessionTag, SourceIdentity,
};
use undercroft_secret::SecretString;

use crate::{AwsError, LongTermKey, MfaProof, SessionCredentials, Signer};

/// The Security Token Service, or a script that stands in for it.
#[async_trait]
pub trait Sts: Send + Sync {
    /// Asks whose credentials `signer` is. AWS demands no permission for it.
    ///
    /// # Errors
    /// Says why there is no answer; see [`AwsErrorKind`](crate::AwsErrorKind).
    async fn get_caller_identity(
        &self,
        target: &Target,
        signer: Signer<'_>,
    ) -> Result<Answer<CallerIdentity>, AwsError>;

    /// Gets temporary credentials for `key`, with MFA when `mfa` is given.
    ///
    /// A proof of MFA is sent at most once, whatever happens; after an error that is not about the code itself, the
    /// code counts as used.
    ///
    /// # Errors
    /// Says why there is no session; see [`AwsErrorKind`](crate::AwsErrorKind).
    async fn get_session_token(
        &self,
        target: &Target,
        key: &LongTermKey,
        duration: DurationSecs,
        mfa: Option<MfaProof>,
    ) -> Result<Answer<SessionCredentials>, AwsError>;

    /// Assumes a role, with MFA when `mfa` is given.
    ///
    /// Signed by a session it is chained, which AWS limits to an hour. A proof of MFA is sent at most once, as in
    /// [`Sts::get_session_token`].
    ///
    /// # Errors
    /// [`RoleDenied`](crate::AwsErrorKind::RoleDenied), [`ChainedTooLong`](crate::AwsErrorKind::ChainedTooLong),
    /// [`SessionWithoutMfa`](crate::AwsErrorKind::SessionWithoutMfa) and others.
    async fn assume_role(
        &self,
        target: &Target,
        signer: Signer<'_>,
        wish: &RoleWish,
        mfa: Option<MfaProof>,
    ) -> Result<Answer<SessionCredentials>, AwsError>;

    /// Gets temporary credentials for a federated user who may do what both `key`'s identity and the policies of the
    /// wish allow: nothing at all without a policy.
    ///
    /// # Errors
    /// [`BadPolicy`](crate::AwsErrorKind::BadPolicy) and others.
    async fn get_federation_token(
        &self,
        target: &Target,
        key: &LongTermKey,
        wish: &FederationWish,
    ) -> Result<Answer<SessionCredentials>, AwsError>;

    /// Assumes a role by the token of an identity provider. The call is not signed.
    ///
    /// AWS takes the source identity and the tags of such a session from the token, and knows no external id here; those
    /// of the wish are not sent. Nothing of the token comes back in an error.
    ///
    /// # Errors
    /// [`BadWebIdentity`](crate::AwsErrorKind::BadWebIdentity) and others.
    async fn assume_role_with_web_identity(
        &self,
        target: &Target,
        token: &SecretString,
        wish: &RoleWish,
    ) -> Result<Answer<SessionCredentials>, AwsError>;
}

/// What AssumeRole and AssumeRoleWithWebIdentity are asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleWish {
    /// The role.
    pub role: RoleArn,
    /// What the session is called in logs.
    pub session_name: RoleSessionName,
    /// How long the session is to live; see [`role_limits`](crate::role_limits).
    pub duration: DurationSecs,
    /// What a role of somebody else's wants to hear.
    pub external_id: Option<ExternalId>,
    /// Who stands behind the session, for logs.
    pub source_identity: Option<SourceIdentity>,
    /// Session tags; the transitive ones stay through chained roles.
    pub tags: Vec<SessionTag>,
    /// An inline policy that narrows the session down.
    pub policy: Option<SessionPolicy>,
    /// Managed policies that narrow the session down.
    pub policy_arns: Vec<PolicyArn>,
}

/// What GetFederationToken is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FederationWish {
    /// What the federated user is called.
    pub name: FederatedName,
    /// How long the session is to live; see [`federation_limits`](crate::federation_limits).
    pub duration: DurationSecs,
    /// What the user may do, of what the identity may.
    pub policy: Option<SessionPolicy>,
    /// The same by managed policies.
    pub policy_arns: Vec<PolicyArn>,
    /// Session tags.
    pub tags: Vec<SessionTag>,
}

/// Where a call goes, and what is known of the clock there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The account's partition, which decides the host name.
    pub partition: Partition,
    /// The region that is asked and that the call is signed for.
    pub region: Region,
    /// An endpoint to use instead of the partition's own, such as LocalStack's or a VPC's.
    pub endpoint: Option<EndpointUrl>,
    /// How far this endpoint's clock is ahead of the local one, in seconds; 0 when unknown.
    pub clock_offset_secs: i64,
}

impl Target {
    /// The address that is called: the custom endpoint, or the regional one of the partition over HTTPS.
    #[must_use]
    pub fn url(&self) -> String {
        match &self.endpoint {
            Some(endpoint) => endpoint.as_str().to_owned(),
            None => format!("https://{}", self.partition.sts_endpoint_host(&self.region)),
        }
    }
}

/// What a call brought back, and what its `Date` header said.
#[derive(Clone, Debug)]
pub struct Answer<T> {
    /// The answer itself.
    pub value: T,
    /// How far the endpoint's clock is ahead of the local one, in seconds, when the answer had a date.
    pub clock_offset_secs: Option<i64>,
}

/// Whose credentials signed a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallerIdentity {
    /// The account.
    pub account: AccountId,
    /// The user, root or session.
    pub arn: Arn,
    /// AWS's unique id of the user, such as `AIDACKCEVSQ6C2EXAMPLE`.
    pub user_id: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(partition: Partition, region: &str, endpoint: Option<&str>) -> Target {
        Target {
            partition,
            region: Region::parse(region).expect("a region"),
            endpoint: endpoint.map(|text| EndpointUrl::parse(text).expect("an address")),
            clock_offset_secs: 0,
        }
    }

    #[test]
    fn the_regional_endpoint_of_the_partition_is_the_default() {
        for (partition, region, url) in [
            (
                Partition::Aws,
                "eu-central-1",
                "https://sts.eu-central-1.amazonaws.com",
            ),
            (
                Partition::AwsCn,
                "cn-north-1",
                "https://sts.cn-north-1.amazonaws.com.cn",
            ),
            (
                Partition::AwsUsGov,
                "us-gov-west-1",
                "https://sts.us-gov-west-1.amazonaws.com",
            ),
            (
                Partition::AwsEusc,
                "eusc-de-east-1",
                "https://sts.eusc-de-east-1.amazonaws.eu",
            ),
        ] {
            assert_eq!(target(partition, region, None).url(), url);
        }
    }

    #[test]
    fn a_custom_endpoint_goes_first() {
        let target = target(
            Partition::Aws,
            "eu-central-1",
            Some("http://localhost:4566/"),
        );
        assert_eq!(target.url(), "http://localhost:4566");
    }
}
