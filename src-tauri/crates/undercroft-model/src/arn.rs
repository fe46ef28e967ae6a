//! Amazon Resource Names.

use crate::{
    account_id::AccountId,
    partition::Partition,
    text::{codes, text_impls},
};

/// An Amazon Resource Name: `arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Arn {
    text: Box<str>,
    partition: Partition,
    account: Option<AccountId>,
}

/// Why a text is not an ARN.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ArnError {
    /// Not `arn:` and five more parts.
    #[error(
        "an ARN has six parts with colons between, like arn:aws:iam::123456789012:user/jane.doe"
    )]
    Shape,
    /// A partition that Undercroft does not know.
    #[error(
        "the ARN's partition, its second part, is not one of aws, aws-cn, aws-us-gov and aws-eusc"
    )]
    Partition,
    /// A service or region with characters that none has.
    #[error(
        "the ARN's service or region has characters other than a-z, 0-9 and dashes; an ARN looks like arn:aws:iam::123456789012:user/jane.doe"
    )]
    Part,
    /// The account is neither 12 digits, empty nor `aws`.
    #[error("the ARN's account, its fifth part, is not a 12-digit id")]
    Account,
    /// Nothing after the fifth colon, or a space or control character in it.
    #[error("the ARN's last part must name something, without spaces, like user/jane.doe")]
    Resource,
    /// More than 2048 characters.
    #[error("an ARN has at most 2048 characters; this has {found}")]
    TooLong {
        /// How many characters were found.
        found: usize,
    },
}

codes!(ArnError {
    Shape => "arn-shape",
    Partition => "arn-partition",
    Part => "arn-part",
    Account => "arn-account",
    Resource => "arn-resource",
    TooLong { .. } => "arn-too-long",
});

/// The parts of an ARN, checked, within its text.
pub(crate) struct ArnParts<'a> {
    pub(crate) partition: Partition,
    pub(crate) service: &'a str,
    pub(crate) region: &'a str,
    pub(crate) account: Option<AccountId>,
    pub(crate) resource: &'a str,
}

impl<'a> ArnParts<'a> {
    pub(crate) fn parse(text: &'a str) -> Result<Self, ArnError> {
        let mut parts = text.splitn(6, ':');
        let mut part = || parts.next().ok_or(ArnError::Shape);
        if part()? != "arn" {
            return Err(ArnError::Shape);
        }
        let (partition, service, region, account, resource) =
            (part()?, part()?, part()?, part()?, part()?);
        let found = text.chars().count();
        if found > 2048 {
            return Err(ArnError::TooLong { found });
        }
        let partition = Partition::parse(partition).map_err(|_| ArnError::Partition)?;
        let is_plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        if service.is_empty() || !service.bytes().all(is_plain) || !region.bytes().all(is_plain) {
            return Err(ArnError::Part);
        }
        let account = match account {
            // Resources that AWS owns, such as its managed policies.
            "" | "aws" => None,
            id if id.len() == 12 => Some(AccountId::parse(id).map_err(|_| ArnError::Account)?),
            _ => return Err(ArnError::Account),
        };
        if resource.is_empty()
            || resource
                .chars()
                .any(|c| c.is_whitespace() || c.is_control())
        {
            return Err(ArnError::Resource);
        }
        Ok(Self {
            partition,
            service,
            region,
            account,
            resource,
        })
    }
}

impl Arn {
    /// Reads an ARN.
    ///
    /// # Errors
    /// When a part is missing or can't be what it should be.
    pub fn parse(text: &str) -> Result<Self, ArnError> {
        let text = text.trim();
        let parts = ArnParts::parse(text)?;
        Ok(Self {
            text: text.into(),
            partition: parts.partition,
            account: parts.account,
        })
    }

    /// The whole ARN.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The partition.
    #[must_use]
    pub fn partition(&self) -> Partition {
        self.partition
    }

    /// The service, such as `iam`.
    #[must_use]
    pub fn service(&self) -> &str {
        self.part(2)
    }

    /// The region; `None` for resources of no region.
    #[must_use]
    pub fn region(&self) -> Option<&str> {
        Some(self.part(3)).filter(|region| !region.is_empty())
    }

    /// The account that owns the resource; `None` where the ARN names none.
    #[must_use]
    pub fn account(&self) -> Option<&AccountId> {
        self.account.as_ref()
    }

    /// What stands after the fifth colon, such as `user/jane.doe`.
    #[must_use]
    pub fn resource(&self) -> &str {
        self.part(5)
    }

    fn part(&self, index: usize) -> &str {
        self.text.splitn(6, ':').nth(index).unwrap_or_default()
    }
}

text_impls!(Arn, ArnError, "an ARN");
