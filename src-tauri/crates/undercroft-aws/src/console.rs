//! Signing in to the web console with a session's credentials, by AWS's federation endpoint.
//!
//! Source: IAM User Guide, "Enable custom identity broker access to the AWS console".

mod client;
mod destination;
mod token;

use std::ops::RangeInclusive;

use async_trait::async_trait;
use undercroft_model::{DurationSecs, EndpointUrl, Partition, Region};
use undercroft_secret::SecretString;

use crate::{Answer, AwsError, SessionCredentials};

pub use client::AwsConsole;
pub use destination::{ConsoleService, ConsoleServiceError, Destination};
pub use token::{login_address, signin_token};

/// AWS's federation endpoint, or a script that stands in for it.
#[async_trait]
pub trait ConsoleSignIn: Send + Sync {
    /// Makes the address that signs a browser in to the console as `session`.
    ///
    /// Whoever opens it is signed in, for 15 minutes from now on, so it is as secret as the session itself.
    ///
    /// # Errors
    /// [`ConsoleRefused`](crate::AwsErrorKind::ConsoleRefused) when AWS does not take the credentials. Without asking
    /// AWS: [`WrongDuration`](crate::AwsErrorKind::WrongDuration) outside of [`console_limits`], and
    /// [`RegionNotEnabled`](crate::AwsErrorKind::RegionNotEnabled) for a region of another partition.
    async fn login_url(
        &self,
        site: &SignInSite,
        session: &SessionCredentials,
        origin: ConsoleOrigin,
        destination: &Destination,
    ) -> Result<Answer<SecretString>, AwsError>;
}

/// Where a session comes from that signs in to the console.
///
/// Those of GetSessionToken have no place here: the console does not take them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConsoleOrigin {
    /// A role that was assumed by a long-term key or a web identity.
    Role {
        /// How long the console stays open, within [`console_limits`] and the role's maximum; as long as the session
        /// where there is none.
        duration: Option<DurationSecs>,
    },
    /// A role that was assumed from a session. The console stays open as long as that lasts.
    ChainedRole,
    /// A federated user. The console stays open as long as that lasts.
    FederatedUser,
}

/// The durations that `SessionDuration` may have, in seconds.
#[must_use]
pub fn console_limits() -> RangeInclusive<u32> {
    900..=43_200
}

/// Where people sign in, in one partition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignInSite {
    /// The account's partition, which decides the hosts.
    pub partition: Partition,
    /// An address to sign in at instead of the partition's own.
    pub endpoint: Option<EndpointUrl>,
}

impl SignInSite {
    /// The address of the federation endpoint, that of `region` where one is named.
    ///
    /// The European Sovereign Cloud has regional ones only (endpoint rules of AWS Sign-In in the SDKs).
    #[must_use]
    pub fn federation_url(&self, region: Option<&Region>) -> String {
        let host = self.partition.signin_host();
        match (&self.endpoint, self.partition, region) {
            (Some(endpoint), _, _) => format!("{}/federation", endpoint.as_str()),
            (None, _, Some(region)) => format!("https://{region}.{host}/federation"),
            (None, Partition::AwsEusc, None) => {
                format!(
                    "https://{}.{host}/federation",
                    self.partition.default_region()
                )
            }
            (None, Partition::Aws | Partition::AwsCn | Partition::AwsUsGov, None) => {
                format!("https://{host}/federation")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn federation_is_asked_for_in_the_partition_and_region() {
        for (partition, region, url) in [
            (
                Partition::Aws,
                None,
                "https://signin.aws.amazon.com/federation",
            ),
            (
                Partition::Aws,
                Some("eu-central-1"),
                "https://eu-central-1.signin.aws.amazon.com/federation",
            ),
            (
                Partition::AwsCn,
                Some("cn-north-1"),
                "https://cn-north-1.signin.amazonaws.cn/federation",
            ),
            (
                Partition::AwsUsGov,
                None,
                "https://signin.amazonaws-us-gov.com/federation",
            ),
            (
                Partition::AwsEusc,
                None,
                "https://eusc-de-east-1.signin.amazonaws-eusc.eu/federation",
            ),
        ] {
            let region = region.map(|name| Region::parse(name).expect("a region"));
            let mut site = SignInSite {
                partition,
                endpoint: None,
            };
            assert_eq!(site.federation_url(region.as_ref()), url);
            site.endpoint = EndpointUrl::parse("http://localhost:4566/").ok();
            assert_eq!(
                site.federation_url(region.as_ref()),
                "http://localhost:4566/federation"
            );
        }
    }
}
