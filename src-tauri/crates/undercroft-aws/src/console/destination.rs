//! Where in the console a sign-in ends.

use std::fmt;

use undercroft_model::{Partition, Region};

/// The longest name of a service, in characters.
const MAX_SERVICE_CHARS: usize = 64;

/// Short or API names of services whose pages in the console are called otherwise.
const ALIASES: [(&str, &str); 37] = [
    ("acm", "acm/home"),
    ("apig", "apigateway/main/apis"),
    ("apigateway", "apigateway/main/apis"),
    ("batch", "batch/home"),
    ("billing", "costmanagement/home"),
    ("ce", "cost-management/home"),
    ("cf", "cloudfront/v4/home"),
    ("cfn", "cloudformation/home"),
    ("cloudfront", "cloudfront/v4/home"),
    ("cloudtrail", "cloudtrailv2/home"),
    ("codebuild", "codesuite/codebuild/home"),
    ("codecommit", "codesuite/codecommit/home"),
    ("codedeploy", "codesuite/codedeploy/home"),
    ("codepipeline", "codesuite/codepipeline/home"),
    ("cw", "cloudwatch/home"),
    ("ddb", "dynamodbv2/home"),
    ("dynamodb", "dynamodbv2/home"),
    ("eb", "elasticbeanstalk/home"),
    ("ecr", "ecr/home"),
    ("ecs", "ecs/v2/home"),
    ("eventbridge", "events/home"),
    ("iam", "iam/home"),
    ("l", "lambda/home"),
    ("logs", "cloudwatch/home"),
    ("msk", "msk/home"),
    ("opensearch", "aos/home"),
    ("org", "organizations/v2/home"),
    ("organizations", "organizations/v2/home"),
    ("r53", "route53/v2/home"),
    ("route53", "route53/v2/home"),
    ("sfn", "states/home"),
    ("sns", "sns/v3/home"),
    ("sqs", "sqs/v3/home"),
    ("ssm", "systems-manager/home"),
    ("stepfunctions", "states/home"),
    ("sts", "iam/home"),
    ("vpc", "vpcconsole/home"),
];

/// A page of the console: a region's or any, a service's or the start page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Destination {
    /// The region that is shown; AWS's choice where there is none.
    pub region: Option<Region>,
    /// The service that is shown; the start page where there is none.
    pub service: Option<ConsoleService>,
}

/// The name of a service as people type it: `s3`, `cloudwatch`, `cfn`.
#[derive(Clone, PartialEq, Eq)]
pub struct ConsoleService(String);

/// Why a text is not the name of a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a service's name has up to 64 of a-z, 0-9 and dashes, like s3 or systems-manager")]
pub struct ConsoleServiceError;

impl ConsoleService {
    /// Reads a service's name. Any of the right shape is taken, so that a service that opens tomorrow works today.
    ///
    /// # Errors
    /// Refuses what could be more than one part of an address.
    pub fn parse(text: &str) -> Result<Self, ConsoleServiceError> {
        let text = text.trim().to_ascii_lowercase();
        let fits = (1..=MAX_SERVICE_CHARS).contains(&text.len())
            && text
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if fits {
            Ok(Self(text))
        } else {
            Err(ConsoleServiceError)
        }
    }

    /// The name as it was typed, in lower case.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The path of its page in the console.
    fn path(&self) -> String {
        let alias = ALIASES.iter().find(|(name, _)| *name == self.0);
        alias.map_or_else(
            || format!("{}/home", self.0),
            |(_, path)| (*path).to_owned(),
        )
    }
}

impl fmt::Debug for ConsoleService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ConsoleService({})", self.0)
    }
}

impl Destination {
    /// The page's address.
    #[must_use]
    pub fn url(&self, partition: Partition) -> String {
        let host = partition.console_host();
        let path = match &self.service {
            None => "console/home".to_owned(),
            Some(service) => service.path(),
        };
        match &self.region {
            Some(region) => format!("https://{region}.{host}/{path}?region={region}"),
            None => format!("https://{host}/{path}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn url(partition: Partition, region: Option<&str>, service: Option<&str>) -> String {
        let destination = Destination {
            region: region.map(|name| Region::parse(name).expect("a region")),
            service: service.map(|name| ConsoleService::parse(name).expect("a service")),
        };
        destination.url(partition)
    }

    #[test]
    fn pages_are_found_in_every_partition() {
        for (partition, region, service, expected) in [
            (
                Partition::Aws,
                None,
                None,
                "https://console.aws.amazon.com/console/home",
            ),
            (
                Partition::Aws,
                Some("eu-central-1"),
                None,
                "https://eu-central-1.console.aws.amazon.com/console/home?region=eu-central-1",
            ),
            (
                Partition::Aws,
                Some("eu-central-1"),
                Some(" S3 "),
                "https://eu-central-1.console.aws.amazon.com/s3/home?region=eu-central-1",
            ),
            (
                Partition::AwsCn,
                Some("cn-north-1"),
                Some("ec2"),
                "https://cn-north-1.console.amazonaws.cn/ec2/home?region=cn-north-1",
            ),
            (
                Partition::AwsUsGov,
                Some("us-gov-west-1"),
                Some("cfn"),
                "https://us-gov-west-1.console.amazonaws-us-gov.com/cloudformation/home?region=us-gov-west-1",
            ),
            (
                Partition::AwsEusc,
                None,
                Some("lambda"),
                "https://console.amazonaws-eusc.eu/lambda/home",
            ),
        ] {
            assert_eq!(url(partition, region, service), expected);
        }
    }

    #[test]
    fn aliases_are_sorted_and_plain() {
        assert!(ALIASES.is_sorted_by(|one, next| one.0 < next.0));
        for (name, path) in ALIASES {
            assert_eq!(
                ConsoleService::parse(name)
                    .as_ref()
                    .map(ConsoleService::as_str),
                Ok(name)
            );
            assert!(
                path.bytes().all(|b| b.is_ascii_lowercase()
                    || b.is_ascii_digit()
                    || matches!(b, b'/' | b'-'))
            );
        }
    }

    #[test]
    fn what_is_no_service_is_refused() {
        for text in [
            "",
            "a/b",
            "..",
            "s3?x",
            "s3#",
            "s 3",
            "s3@evil.example",
            "ｓ3",
            "%2e",
        ] {
            assert_eq!(
                ConsoleService::parse(text),
                Err(ConsoleServiceError),
                "{text}"
            );
        }
        assert!(ConsoleService::parse(&"a".repeat(65)).is_err());
    }

    proptest! {
        #[test]
        fn whatever_is_typed_stays_on_the_console(text in "\\PC{0,70}|[a-z0-9./?#@:%-]{0,12}") {
            if let Ok(service) = ConsoleService::parse(&text) {
                let page = Destination { region: None, service: Some(service) };
                let url = url::Url::parse(&page.url(Partition::Aws)).expect("an address");
                prop_assert_eq!(url.host_str(), Some("console.aws.amazon.com"));
                prop_assert!(url.query().is_none() && url.fragment().is_none());
            }
        }
    }
}
