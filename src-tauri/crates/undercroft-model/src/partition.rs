//! AWS partitions and the hosts that serve them.

use crate::{region::Region, text::text_impls};

/// A separate set of AWS regions with its own accounts, hosts and ARNs.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Partition {
    /// `aws`: the commercial regions.
    #[default]
    Aws,
    /// `aws-cn`: the regions in China.
    AwsCn,
    /// `aws-us-gov`: GovCloud (US).
    AwsUsGov,
    /// `aws-eusc`: the European Sovereign Cloud.
    AwsEusc,
}

/// A text names no partition that Undercroft knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a known AWS partition; there are aws, aws-cn, aws-us-gov and aws-eusc")]
pub struct UnknownPartition;

impl Partition {
    /// All partitions, in the order in which to offer them.
    pub const ALL: [Self; 4] = [Self::Aws, Self::AwsCn, Self::AwsUsGov, Self::AwsEusc];

    /// Reads the name as it stands in ARNs.
    ///
    /// # Errors
    /// When it is none of [`Partition::ALL`].
    pub fn parse(text: &str) -> Result<Self, UnknownPartition> {
        let text = text.trim();
        Self::ALL
            .into_iter()
            .find(|partition| partition.as_str() == text)
            .ok_or(UnknownPartition)
    }

    /// The name as it stands in ARNs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Aws => "aws",
            Self::AwsCn => "aws-cn",
            Self::AwsUsGov => "aws-us-gov",
            Self::AwsEusc => "aws-eusc",
        }
    }

    /// What the partition's ARNs begin with, such as `arn:aws-cn:`.
    #[must_use]
    pub const fn arn_prefix(self) -> &'static str {
        match self {
            Self::Aws => "arn:aws:",
            Self::AwsCn => "arn:aws-cn:",
            Self::AwsUsGov => "arn:aws-us-gov:",
            Self::AwsEusc => "arn:aws-eusc:",
        }
    }

    /// The domain of the partition's API hosts.
    #[must_use]
    pub const fn dns_suffix(self) -> &'static str {
        match self {
            Self::Aws | Self::AwsUsGov => "amazonaws.com",
            Self::AwsCn => "amazonaws.com.cn",
            Self::AwsEusc => "amazonaws.eu",
        }
    }

    /// The host of a region's STS.
    #[must_use]
    pub fn sts_endpoint_host(self, region: &Region) -> String {
        format!("sts.{region}.{}", self.dns_suffix())
    }

    /// The host of IAM, of which each partition has one (IAM's endpoint rules in the SDKs).
    #[must_use]
    pub const fn iam_endpoint_host(self) -> &'static str {
        match self {
            Self::Aws => "iam.amazonaws.com",
            Self::AwsCn => "iam.cn-north-1.amazonaws.com.cn",
            Self::AwsUsGov => "iam.us-gov.amazonaws.com",
            Self::AwsEusc => "iam.eusc-de-east-1.amazonaws.eu",
        }
    }

    /// The region to use where an account names none, which is also the one that IAM's calls are signed for.
    #[must_use]
    pub fn default_region(self) -> Region {
        Region::known(match self {
            Self::Aws => "us-east-1",
            Self::AwsCn => "cn-north-1",
            Self::AwsUsGov => "us-gov-west-1",
            Self::AwsEusc => "eusc-de-east-1",
        })
    }

    /// The host of the web console, before a region's prefix.
    #[must_use]
    pub const fn console_host(self) -> &'static str {
        match self {
            Self::Aws => "console.aws.amazon.com",
            Self::AwsCn => "console.amazonaws.cn",
            Self::AwsUsGov => "console.amazonaws-us-gov.com",
            Self::AwsEusc => "console.amazonaws-eusc.eu",
        }
    }

    /// The host of console sign-in and federation; an account's own page has its alias or id in front.
    #[must_use]
    pub const fn signin_host(self) -> &'static str {
        match self {
            Self::Aws => "signin.aws.amazon.com",
            Self::AwsCn => "signin.amazonaws.cn",
            Self::AwsUsGov => "signin.amazonaws-us-gov.com",
            Self::AwsEusc => "signin.amazonaws-eusc.eu",
        }
    }
}

text_impls!(Partition, UnknownPartition, "an AWS partition");
