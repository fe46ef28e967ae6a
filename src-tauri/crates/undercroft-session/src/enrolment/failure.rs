//! What IAM's refusals mean for a user.

use undercroft_aws::{Answer, AwsError, AwsErrorKind};
use undercroft_model::ItemId;

use super::{Subject, signing::iam_clock_name};
use crate::{SessionError, unlocked::Unlocked};

/// The least policy that lets a user make, use and remove devices of their own.
///
/// Source: IAM User Guide, "Allows IAM users to self-manage an MFA device".
fn least_policy(subject: &Subject) -> String {
    let partition = subject.account.partition.as_str();
    let (account, user) = (subject.account.id.as_str(), subject.user.as_str());
    format!(
        r#"{{
  "Version": "2012-10-17",
  "Statement": [
    {{
      "Effect": "Allow",
      "Action": ["iam:CreateVirtualMFADevice", "iam:DeleteVirtualMFADevice"],
      "Resource": "arn:{partition}:iam::{account}:mfa/*"
    }},
    {{
      "Effect": "Allow",
      "Action": [
        "iam:EnableMFADevice",
        "iam:ListMFADevices",
        "iam:ResyncMFADevice",
        "iam:DeactivateMFADevice"
      ],
      "Resource": "arn:{partition}:iam::{account}:user/{user}"
    }}
  ]
}}"#
    )
}

/// Whether AWS said no for certain, so that nothing was made or changed.
pub(super) fn is_certain(error: &AwsError) -> bool {
    error.aws_code.is_some() && !error.kind.is_passing() && error.kind != AwsErrorKind::BadAnswer
}

impl Unlocked {
    /// The least policy that lets an IAM user look after MFA devices of their own.
    pub(crate) fn mfa_policy(&self, id: ItemId) -> Result<String, SessionError> {
        Ok(least_policy(&self.subject(id)?))
    }

    /// Takes note of IAM's clock and explains a refusal.
    pub(super) fn hear<T>(
        &mut self,
        subject: &Subject,
        had_mfa: bool,
        answer: Result<Answer<T>, AwsError>,
    ) -> Result<T, SessionError> {
        let host = iam_clock_name(&subject.account);
        let offset = match &answer {
            Ok(answer) => answer.clock_offset_secs,
            Err(error) => error.clock_offset_secs,
        };
        self.learn_offset(&host, offset);
        self.keep_state();
        let error = match answer {
            Ok(answer) => return Ok(answer.value),
            Err(error) => error,
        };
        let is_denied = matches!(
            error.kind,
            AwsErrorKind::AccessDenied | AwsErrorKind::SessionWithoutMfa
        );
        if !is_denied {
            return Err(SessionError::Aws { error, host });
        }
        let unfinished = subject.identity.enrolment.as_ref();
        let has_device = subject.identity.devices.iter().any(|device| {
            device.serial.is_some()
                && unfinished.is_none_or(|enrolment| enrolment.device != Some(device.id))
        });
        Err(SessionError::IamDenied {
            aws_message: error.aws_message,
            policy: least_policy(subject),
            needs_mfa_session: has_device && !had_mfa,
            host,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_clear_no_of_aws_is_certain() {
        let error = |kind, code: Option<&str>| AwsError {
            kind,
            aws_code: code.map(ToOwned::to_owned),
            aws_message: None,
            clock_offset_secs: None,
        };
        let denied = error(AwsErrorKind::AccessDenied, Some("AccessDenied"));
        assert!(is_certain(&denied));
        // It may have come from anywhere, may be over soon, or can't be understood: something may have been made.
        assert!(!is_certain(&error(AwsErrorKind::AccessDenied, None)));
        assert!(!is_certain(&error(
            AwsErrorKind::Throttled,
            Some("Throttling")
        )));
        assert!(!is_certain(&error(AwsErrorKind::BadAnswer, Some("Odd"))));
    }
}
