//! What Undercroft asks of AWS's Identity and Access Management: the MFA devices of a user.

use async_trait::async_trait;
use undercroft_model::{EndpointUrl, Partition, Region, Serial, Timestamp, UserName};
use undercroft_secret::SecretString;

use crate::{Answer, AwsError, Signer};

/// Identity and Access Management, or a script that stands in for it.
///
/// Calls that make, enable or remove something are sent once: when the answer is lost, the caller looks at what AWS has.
#[async_trait]
pub trait Iam: Send + Sync {
    /// Makes a virtual MFA device that belongs to nobody yet.
    ///
    /// # Errors
    /// [`EntityExists`](crate::AwsErrorKind::EntityExists) when the account has one of that name, and others.
    async fn create_virtual_mfa_device(
        &self,
        target: &IamTarget,
        signer: Signer<'_>,
        name: &str,
    ) -> Result<Answer<NewDevice>, AwsError>;

    /// Gives a device to a user, who proves to have its seed by two codes of steps that follow each other.
    ///
    /// # Errors
    /// [`WrongOrReusedCode`](crate::AwsErrorKind::WrongOrReusedCode),
    /// [`LimitExceeded`](crate::AwsErrorKind::LimitExceeded) and others. Both codes count as used after any of them.
    async fn enable_mfa_device(
        &self,
        target: &IamTarget,
        signer: Signer<'_>,
        user: &UserName,
        codes: CodePair,
    ) -> Result<Answer<()>, AwsError>;

    /// Tells AWS how far a device's clock is off, by two codes of steps that follow each other.
    ///
    /// # Errors
    /// As [`Iam::enable_mfa_device`].
    async fn resync_mfa_device(
        &self,
        target: &IamTarget,
        signer: Signer<'_>,
        user: &UserName,
        codes: CodePair,
    ) -> Result<Answer<()>, AwsError>;

    /// The MFA devices that a user has at AWS, passkeys and security keys among them.
    ///
    /// # Errors
    /// See [`AwsErrorKind`](crate::AwsErrorKind).
    async fn list_mfa_devices(
        &self,
        target: &IamTarget,
        signer: Signer<'_>,
        user: &UserName,
    ) -> Result<Answer<Vec<EnrolledDevice>>, AwsError>;

    /// The account's virtual devices that belong to nobody, up to a thousand.
    ///
    /// # Errors
    /// See [`AwsErrorKind`](crate::AwsErrorKind).
    async fn list_unassigned_devices(
        &self,
        target: &IamTarget,
        signer: Signer<'_>,
    ) -> Result<Answer<Vec<Serial>>, AwsError>;

    /// Takes a device away from a user; it stays in the account and belongs to nobody.
    ///
    /// # Errors
    /// See [`AwsErrorKind`](crate::AwsErrorKind).
    async fn deactivate_mfa_device(
        &self,
        target: &IamTarget,
        signer: Signer<'_>,
        user: &UserName,
        serial: &Serial,
    ) -> Result<Answer<()>, AwsError>;

    /// Deletes a virtual device that belongs to nobody.
    ///
    /// # Errors
    /// [`DeleteConflict`](crate::AwsErrorKind::DeleteConflict) when it belongs to somebody, and others.
    async fn delete_virtual_mfa_device(
        &self,
        target: &IamTarget,
        signer: Signer<'_>,
        serial: &Serial,
    ) -> Result<Answer<()>, AwsError>;
}

/// Where IAM's calls go, and what is known of the clock there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IamTarget {
    /// The account's partition, which decides the host and the region that calls are signed for.
    pub partition: Partition,
    /// An endpoint to use instead of the partition's own.
    pub endpoint: Option<EndpointUrl>,
    /// How far this endpoint's clock is ahead of the local one, in seconds; 0 when unknown.
    pub clock_offset_secs: i64,
}

impl IamTarget {
    /// The address that is called.
    #[must_use]
    pub fn url(&self) -> String {
        match &self.endpoint {
            Some(endpoint) => endpoint.as_str().to_owned(),
            None => format!("https://{}", self.partition.iam_endpoint_host()),
        }
    }

    /// The region that calls are signed for, wherever they go.
    #[must_use]
    pub fn signing_region(&self) -> Region {
        self.partition.default_region()
    }
}

/// A device that AWS has just made.
#[derive(Clone, Debug)]
pub struct NewDevice {
    /// Its serial.
    pub serial: Serial,
    /// Its seed in Base32, which AWS tells this once.
    pub seed: SecretString,
}

/// A device as AWS has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnrolledDevice {
    /// Its serial, or a passkey's ARN.
    pub serial: String,
    /// The serial, where the device makes codes: passkeys and security keys have none.
    pub makes_codes: Option<Serial>,
    /// Since when the user has it.
    pub enabled_at: Timestamp,
}

/// A device's serial and two codes of steps that follow each other, good for one call.
///
/// It can't be cloned and calls take it by value, so codes are not sent twice by accident.
pub struct CodePair {
    serial: Serial,
    first: SecretString,
    second: SecretString,
}

/// Why texts are no pair of codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("IAM takes two codes of exactly 6 digits")]
pub struct CodePairError;

impl CodePair {
    /// Joins a device's serial and two codes.
    ///
    /// # Errors
    /// IAM takes exactly six digits each (API reference, `AuthenticationCode1`).
    pub fn new(
        serial: Serial,
        first: SecretString,
        second: SecretString,
    ) -> Result<Self, CodePairError> {
        let is_code = |code: &SecretString| {
            code.len() == 6 && code.expose().bytes().all(|byte| byte.is_ascii_digit())
        };
        if is_code(&first) && is_code(&second) {
            Ok(Self {
                serial,
                first,
                second,
            })
        } else {
            Err(CodePairError)
        }
    }

    /// The device's serial.
    #[must_use]
    pub fn serial(&self) -> &Serial {
        &self.serial
    }

    /// Lends the codes, the earlier one in front, for the one call that they are good for.
    #[must_use]
    pub fn expose_codes(&self) -> [&str; 2] {
        [self.first.expose(), self.second.expose()]
    }
}

impl std::fmt::Debug for CodePair {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "CodePair({}, redacted)", self.serial)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_partition_has_one_iam_and_a_custom_endpoint_goes_first() {
        for (partition, url, region) in [
            (Partition::Aws, "https://iam.amazonaws.com", "us-east-1"),
            (
                Partition::AwsCn,
                "https://iam.cn-north-1.amazonaws.com.cn",
                "cn-north-1",
            ),
            (
                Partition::AwsUsGov,
                "https://iam.us-gov.amazonaws.com",
                "us-gov-west-1",
            ),
            (
                Partition::AwsEusc,
                "https://iam.eusc-de-east-1.amazonaws.eu",
                "eusc-de-east-1",
            ),
        ] {
            let mut target = IamTarget {
                partition,
                endpoint: None,
                clock_offset_secs: 0,
            };
            assert_eq!(target.url(), url);
            assert_eq!(target.signing_region().as_str(), region);
            target.endpoint = EndpointUrl::parse("http://localhost:4566/").ok();
            assert_eq!(target.url(), "http://localhost:4566");
        }
    }

    #[test]
    fn pairs_have_six_digits_each_and_show_none() {
        let serial = Serial::parse("arn:aws:iam::123456789012:mfa/phone").expect("a serial");
        let pair = |first: &str, second: &str| {
            CodePair::new(
                serial.clone(),
                SecretString::copy_of(first),
                SecretString::copy_of(second),
            )
        };
        let good = pair("012345", "908172").expect("a pair");
        let shown = format!("{good:?}");
        assert!(!shown.contains("012345") && !shown.contains("908172"));
        for (first, second) in [("", "123456"), ("123456", "12345a"), ("1234567", "123456")] {
            assert!(pair(first, second).is_err(), "{first} {second}");
        }
    }
}
