//! The session's errors as the windows see them.

use undercroft_aws::AwsErrorKind;
use undercroft_session::{NotApproved, SessionError, Unusable, WebTokenError};

use crate::error::{
    AwsProblem, FieldProblem, NotApprovedReason, UiError, UnusableReason, WebTokenProblem,
};

impl From<SessionError> for UiError {
    fn from(error: SessionError) -> Self {
        let text = |path: std::path::PathBuf| path.display().to_string();
        match error {
            SessionError::Locked => Self::Locked,
            SessionError::WrongPassword { wait_secs } => Self::WrongPassword { wait_secs },
            SessionError::PasswordNeeded => Self::PasswordNeeded,
            SessionError::NoKeychain => Self::NoKeychain,
            SessionError::MistypedRecoveryKey => Self::MistypedRecoveryKey,
            SessionError::WrongRecoveryKey { wait_secs } => Self::WrongRecoveryKey { wait_secs },
            SessionError::WeakPassword => Self::WeakPassword,
            SessionError::NotAVault { path } => Self::NotAVault { path: text(path) },
            SessionError::Damaged { path, backups } => Self::Damaged {
                path: text(path),
                backups,
            },
            SessionError::TooNew { needs } => Self::TooNew { needs },
            SessionError::HostileParameters => Self::HostileParameters,
            SessionError::VaultMissing { path, backups } => Self::VaultMissing {
                path: text(path),
                backups,
            },
            SessionError::FolderMissing { path } => Self::FolderMissing { path: text(path) },
            SessionError::ReadOnly { path } => Self::ReadOnly { path: text(path) },
            SessionError::OpenForReading => Self::OpenForReading,
            SessionError::NoPermission { path } => Self::NoPermission { path: text(path) },
            SessionError::DiskFull { path } => Self::DiskFull { path: text(path) },
            // Whether it is an agent is found out where that is offered.
            SessionError::InUse { pid } => Self::InUse { pid, agent: false },
            SessionError::AlreadyExists { path } => Self::AlreadyExists { path: text(path) },
            SessionError::KeyReplaced => Self::KeyReplaced,
            SessionError::Disk { path, detail } => Self::Disk {
                path: text(path),
                detail,
            },
            SessionError::Invalid { problems } => Self::Invalid {
                problems: problems
                    .into_iter()
                    .map(|problem| FieldProblem {
                        field: problem.field.to_owned(),
                        message: problem.message,
                    })
                    .collect(),
            },
            SessionError::NoSuchItem => Self::NoSuchItem,
            SessionError::DuplicateAccount { item, name, binned } => Self::DuplicateAccount {
                item: item.to_string(),
                name,
                binned,
            },
            SessionError::DuplicateIdentity { item, binned } => Self::DuplicateIdentity {
                item: item.to_string(),
                binned,
            },
            SessionError::TooMany { limit } => Self::TooMany { limit },
            SessionError::DeviceWithoutSerial => Self::DeviceWithoutSerial,
            SessionError::DeviceMakesLongerCodes => Self::DeviceMakesLongerCodes,
            SessionError::Import { file, code } => Self::Import {
                file,
                reason: code.to_owned(),
            },
            SessionError::TooLargeForJson => Self::TooLargeForJson,
            SessionError::NotPermitted => Self::NotPermitted,
            SessionError::Aws { error, host } => Self::Aws {
                kind: error.kind.into(),
                aws_code: error.aws_code,
                aws_message: error.aws_message,
                clock_offset_secs: error.clock_offset_secs.map(offset),
                host,
            },
            SessionError::IamDenied {
                aws_message,
                policy,
                needs_mfa_session,
                host,
            } => Self::IamDenied {
                aws_message,
                policy,
                needs_mfa_session,
                host,
            },
            SessionError::AtLink { at, error } => Self::AtLink {
                at,
                error: Box::new((*error).into()),
            },
            SessionError::WebToken(error) => Self::WebToken {
                problem: error.into(),
            },
            SessionError::NoSuchProfile => Self::NoSuchProfile,
            SessionError::NoSuchDevice { several } => Self::NoSuchDevice { several },
            SessionError::ProfileUnusable { reason } => Self::ProfileUnusable {
                reason: reason.into(),
            },
            SessionError::NotApproved(reason) => Self::NotApproved {
                reason: reason.into(),
            },
            SessionError::NoClipboard => Self::NoClipboard,
            SessionError::StateFile { path, detail } => Self::StateFile {
                path: text(path),
                detail,
            },
            SessionError::Scan(error) => error.into(),
            SessionError::Internal => Self::Internal,
        }
    }
}

impl From<WebTokenError> for WebTokenProblem {
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "the enum may grow; what is new can't be read until it has words"
    )]
    fn from(error: WebTokenError) -> Self {
        match error {
            WebTokenError::NotStarted => Self::NotStarted,
            WebTokenError::Failed => Self::Failed,
            WebTokenError::Slow => Self::Slow,
            WebTokenError::Shape => Self::Shape,
            _ => Self::Unreadable,
        }
    }
}

impl From<Unusable> for UnusableReason {
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "the enum may grow; what is new is of a newer version until it has words"
    )]
    fn from(reason: Unusable) -> Self {
        match reason {
            Unusable::IdentityCenter => Self::IdentityCenter,
            Unusable::Gone { what } => Self::Gone {
                what: what.to_owned(),
            },
            Unusable::NoKey { identity } => Self::NoKey { identity },
            Unusable::FederatedSource => Self::FederatedSource,
            Unusable::NoConsole => Self::NoConsole,
            _ => Self::Newer,
        }
    }
}

impl From<NotApproved> for NotApprovedReason {
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "the enum may grow; what is new is a no until it has words"
    )]
    fn from(reason: NotApproved) -> Self {
        match reason {
            NotApproved::ByRule => Self::ByRule,
            NotApproved::NoAnswer => Self::NoAnswer,
            NotApproved::NoWindow => Self::NoWindow,
            NotApproved::TooMany => Self::TooMany,
            _ => Self::Denied,
        }
    }
}

impl From<AwsErrorKind> for AwsProblem {
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "the enum may grow; what is new is a refusal until it has words"
    )]
    fn from(kind: AwsErrorKind) -> Self {
        match kind {
            AwsErrorKind::WrongOrReusedCode => Self::WrongOrReusedCode,
            AwsErrorKind::WrongSerial => Self::WrongSerial,
            AwsErrorKind::ClockSkew => Self::ClockSkew,
            AwsErrorKind::InactiveOrUnknownKey => Self::InactiveOrUnknownKey,
            AwsErrorKind::SignatureMismatch => Self::SignatureMismatch,
            AwsErrorKind::SessionExpired => Self::SessionExpired,
            AwsErrorKind::NeedsLongTermKey => Self::NeedsLongTermKey,
            AwsErrorKind::SessionWithoutMfa => Self::SessionWithoutMfa,
            AwsErrorKind::AccessDenied => Self::AccessDenied,
            AwsErrorKind::RoleDenied => Self::RoleDenied,
            AwsErrorKind::RegionNotEnabled => Self::RegionNotEnabled,
            AwsErrorKind::WrongDuration => Self::WrongDuration,
            AwsErrorKind::ChainedTooLong => Self::ChainedTooLong,
            AwsErrorKind::BadPolicy => Self::BadPolicy,
            AwsErrorKind::BadWebIdentity => Self::BadWebIdentity,
            AwsErrorKind::ConsoleRefused => Self::ConsoleRefused,
            AwsErrorKind::Throttled => Self::Throttled,
            AwsErrorKind::Unavailable => Self::Unavailable,
            AwsErrorKind::Unreachable => Self::Unreachable,
            AwsErrorKind::UntrustedCertificate => Self::UntrustedCertificate,
            AwsErrorKind::Timeout => Self::Timeout,
            AwsErrorKind::BadAnswer => Self::BadAnswer,
            AwsErrorKind::HostileEnvironment => Self::HostileEnvironment,
            AwsErrorKind::EntityExists => Self::EntityExists,
            AwsErrorKind::NoSuchEntity => Self::NoSuchEntity,
            AwsErrorKind::LimitExceeded => Self::LimitExceeded,
            AwsErrorKind::DeleteConflict => Self::DeleteConflict,
            AwsErrorKind::TemporarilyUnmodifiable => Self::TemporarilyUnmodifiable,
            _ => Self::Refused,
        }
    }
}

/// Clock offsets beyond 68 years say no more than that one.
pub(super) fn offset(secs: i64) -> i32 {
    i32::try_from(secs).unwrap_or(if secs < 0 { i32::MIN } else { i32::MAX })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_call_of_several_keeps_what_aws_says() {
        let denied = undercroft_aws::AwsError {
            kind: AwsErrorKind::AccessDenied,
            aws_code: Some("AccessDenied".to_owned()),
            aws_message: None,
            clock_offset_secs: None,
        };
        let error = SessionError::AtLink {
            at: "AssumeRole for arn:aws:iam::123456789012:role/x".to_owned(),
            error: Box::new(SessionError::Aws {
                error: denied,
                host: "sts.example".to_owned(),
            }),
        };
        let told = serde_json::to_value(UiError::from(error)).unwrap();
        assert_eq!(told["code"], "at-link");
        assert_eq!(
            told["at"],
            "AssumeRole for arn:aws:iam::123456789012:role/x"
        );
        assert_eq!(told["error"]["code"], "aws");
        assert_eq!(told["error"]["aws_code"], "AccessDenied");
    }

    #[test]
    fn offsets_saturate() {
        assert_eq!(offset(-42), -42);
        assert_eq!(offset(i64::MAX), i32::MAX);
        assert_eq!(offset(i64::MIN), i32::MIN);
    }
}
