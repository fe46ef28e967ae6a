//! From what the SDK reports to what a person can act on.

use std::error::Error;

use aws_sdk_sts::config::http::HttpResponse;
use aws_sdk_sts::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_runtime_api::client::result::ConnectorError;

use super::{AwsError, AwsErrorKind};
use crate::http::Seen;

/// The longest code and message of AWS's that are kept, in characters.
const MAX_CODE_CHARS: usize = 128;
const MAX_MESSAGE_CHARS: usize = 1024;

/// The clock offset from which a bad signature is put down to the clock, in seconds.
///
/// STS accepts signatures up to 15 minutes old; the SDKs suspect the clock from 4 minutes on.
const SUSPECT_OFFSET_SECS: u64 = 4 * 60;

/// AWS's refusal of a call, and what is known of the call.
struct Rejection<'a> {
    status: u16,
    code: Option<&'a str>,
    message: &'a str,
    /// Whether the call carried a token code.
    carried_code: bool,
    /// Whether the call went unsigned, with an identity provider's token.
    by_web_identity: bool,
    /// How far the time that the call was signed with is from AWS's, when AWS told its own.
    remaining_offset_secs: Option<i64>,
}

impl Rejection<'_> {
    /// What the refusal comes down to.
    ///
    /// Codes and messages are those that STS sends; where the code alone says too little, the message decides.
    fn kind(&self) -> AwsErrorKind {
        let Some(code) = self.code else {
            return match self.status {
                429 => AwsErrorKind::Throttled,
                500..=599 => AwsErrorKind::Unavailable,
                _ => AwsErrorKind::BadAnswer,
            };
        };
        match code {
            "AccessDenied" | "AccessDeniedException" => self.access_denied(),
            "MultiFactorAuthentication" | "InvalidAuthenticationCode" => {
                AwsErrorKind::WrongOrReusedCode
            }
            "RequestExpired" | "RequestTimeTooSkewed" => AwsErrorKind::ClockSkew,
            "SignatureDoesNotMatch" | "InvalidSignatureException" | "AuthFailure" => {
                self.bad_signature()
            }
            "InvalidClientTokenId"
            | "UnrecognizedClientException"
            | "InvalidAccessKeyId"
            | "InvalidSecurity" => AwsErrorKind::InactiveOrUnknownKey,
            "ExpiredToken" | "ExpiredTokenException" if self.by_web_identity => {
                AwsErrorKind::BadWebIdentity
            }
            "ExpiredToken" | "ExpiredTokenException" => AwsErrorKind::SessionExpired,
            "InvalidIdentityToken"
            | "InvalidIdentityTokenException"
            | "IDPRejectedClaim"
            | "IDPRejectedClaimException"
            | "IDPCommunicationError"
            | "IDPCommunicationErrorException" => AwsErrorKind::BadWebIdentity,
            "MalformedPolicyDocument"
            | "MalformedPolicyDocumentException"
            | "PackedPolicyTooLarge"
            | "PackedPolicyTooLargeException" => AwsErrorKind::BadPolicy,
            "EntityAlreadyExists" | "EntityAlreadyExistsException" => AwsErrorKind::EntityExists,
            "NoSuchEntity" | "NoSuchEntityException" => AwsErrorKind::NoSuchEntity,
            "LimitExceeded" | "LimitExceededException" => AwsErrorKind::LimitExceeded,
            "DeleteConflict" | "DeleteConflictException" => AwsErrorKind::DeleteConflict,
            "EntityTemporarilyUnmodifiable"
            | "EntityTemporarilyUnmodifiableException"
            | "ConcurrentModification"
            | "ConcurrentModificationException" => AwsErrorKind::TemporarilyUnmodifiable,
            "RegionDisabledException" | "OptInRequired" => AwsErrorKind::RegionNotEnabled,
            "ValidationError" | "ValidationException" | "InvalidParameterValue" => {
                self.validation()
            }
            "Throttling"
            | "ThrottlingException"
            | "ThrottledException"
            | "RequestThrottled"
            | "RequestThrottledException"
            | "RequestLimitExceeded"
            | "TooManyRequestsException"
            | "SlowDown" => AwsErrorKind::Throttled,
            "ServiceUnavailable"
            | "ServiceUnavailableException"
            | "InternalFailure"
            | "InternalError"
            | "InternalServerError"
            | "RequestTimeout"
            | "RequestTimeoutException" => AwsErrorKind::Unavailable,
            _ => AwsErrorKind::Refused,
        }
    }

    fn access_denied(&self) -> AwsErrorKind {
        if self.says("one time pass code") {
            AwsErrorKind::WrongOrReusedCode
        } else if self.says("unable to validate MFA code") || self.says("MFA serial number") {
            AwsErrorKind::WrongSerial
        } else if self.says("session credentials") {
            AwsErrorKind::NeedsLongTermKey
        } else if self.says("explicit deny") && !self.carried_code && !self.is_denied_from_above() {
            // GetSessionToken and GetCallerIdentity need no permission, so a denial is meant; by far the
            // most common one is that of everything without MFA. The same policy denies AssumeRole.
            AwsErrorKind::SessionWithoutMfa
        } else if ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"]
            .iter()
            .any(|action| self.says(action))
        {
            // AWS does not tell a missing external id or MFA from a trust policy that names somebody else.
            AwsErrorKind::RoleDenied
        } else {
            AwsErrorKind::AccessDenied
        }
    }

    /// Whether the denial is of a kind of policy that hardly ever asks for MFA.
    fn is_denied_from_above(&self) -> bool {
        [
            "service control policy",
            "resource control policy",
            "session policy",
            "permissions boundary",
            "endpoint policy",
        ]
        .iter()
        .any(|kind| self.says(kind))
    }

    fn bad_signature(&self) -> AwsErrorKind {
        let clock_is_off = self
            .remaining_offset_secs
            .is_some_and(|offset| offset.unsigned_abs() >= SUSPECT_OFFSET_SECS);
        if self.says("Signature expired") || self.says("Signature not yet current") || clock_is_off
        {
            AwsErrorKind::ClockSkew
        } else {
            AwsErrorKind::SignatureMismatch
        }
    }

    fn validation(&self) -> AwsErrorKind {
        if self.says("tokenCode") {
            AwsErrorKind::WrongOrReusedCode
        } else if self.says("serialNumber") {
            AwsErrorKind::WrongSerial
        } else if self.says("role chaining") {
            AwsErrorKind::ChainedTooLong
        } else if self.says("durationSeconds") {
            AwsErrorKind::WrongDuration
        } else if self.says("at 'policy") {
            AwsErrorKind::BadPolicy
        } else if self.says("webIdentityToken") {
            AwsErrorKind::BadWebIdentity
        } else {
            AwsErrorKind::Refused
        }
    }

    /// Whether the message contains `words`, in any case.
    fn says(&self, words: &str) -> bool {
        let (message, words) = (self.message.as_bytes(), words.as_bytes());
        message
            .windows(words.len())
            .any(|window| window.eq_ignore_ascii_case(words))
    }
}

/// What is known of a call that failed.
pub(crate) struct Attempted<'a> {
    /// The clock offset that it was signed with.
    pub(crate) signed_offset_secs: i64,
    /// Whether it carried a token code.
    pub(crate) carried_code: bool,
    /// Whether it went unsigned, with an identity provider's token.
    pub(crate) by_web_identity: bool,
    /// The texts in it that must not come back in a message: token codes, the session's or the identity provider's token.
    pub(crate) unspoken: Vec<&'a str>,
}

/// Explains an error of the SDK.
pub(crate) fn from_sdk<E>(
    error: &SdkError<E, HttpResponse>,
    seen: &Seen,
    attempted: &Attempted<'_>,
) -> AwsError
where
    E: ProvideErrorMetadata + Error + 'static,
{
    let clock_offset_secs = seen.clock_offset_secs();
    let bare = |kind| AwsError::bare(kind, clock_offset_secs);
    let unspoken = &attempted.unspoken;
    match error {
        SdkError::ServiceError(refusal) => {
            let metadata = refusal.err().meta();
            let rejection = Rejection {
                status: refusal.raw().status().as_u16(),
                code: metadata.code(),
                message: metadata.message().unwrap_or_default(),
                carried_code: attempted.carried_code,
                by_web_identity: attempted.by_web_identity,
                remaining_offset_secs: clock_offset_secs
                    .map(|offset| offset.saturating_sub(attempted.signed_offset_secs)),
            };
            AwsError {
                kind: rejection.kind(),
                aws_code: metadata
                    .code()
                    .map(|code| tidy(code, MAX_CODE_CHARS, unspoken)),
                aws_message: metadata
                    .message()
                    .map(|message| tidy(message, MAX_MESSAGE_CHARS, unspoken)),
                clock_offset_secs,
            }
        }
        SdkError::TimeoutError(_) => bare(AwsErrorKind::Timeout),
        SdkError::DispatchFailure(failure) => match failure.as_connector_error() {
            Some(cause) => bare(undelivered(cause, seen)),
            None => bare(AwsErrorKind::Unreachable),
        },
        SdkError::ResponseError(_) => bare(AwsErrorKind::BadAnswer),
        // The endpoint's address can't be made into a request.
        SdkError::ConstructionFailure(_) | _ => bare(AwsErrorKind::Unreachable),
    }
}

/// Explains why no answer came that may be looked at.
pub(crate) fn undelivered(cause: &ConnectorError, seen: &Seen) -> AwsErrorKind {
    if seen.fault().is_some() {
        AwsErrorKind::BadAnswer
    } else if cause.is_timeout() {
        AwsErrorKind::Timeout
    } else if any_in_chain(cause, refuses_certificate) {
        AwsErrorKind::UntrustedCertificate
    } else {
        AwsErrorKind::Unreachable
    }
}

/// Whether `error` is rustls refusing the certificate that it was shown.
fn refuses_certificate(error: &(dyn Error + 'static)) -> bool {
    error
        .downcast_ref::<rustls::Error>()
        .is_some_and(|error| matches!(error, rustls::Error::InvalidCertificate(_)))
}

/// Whether `predicate` holds for `error` or anything below it, the payloads of `io::Error`s included.
fn any_in_chain(
    error: &(dyn Error + 'static),
    predicate: impl Fn(&(dyn Error + 'static)) -> bool,
) -> bool {
    let mut next = Some(error);
    while let Some(error) = next {
        if predicate(error) {
            return true;
        }
        // An `io::Error`'s source is its payload's source, which skips the payload.
        next = match error.downcast_ref::<std::io::Error>() {
            Some(io) => io
                .get_ref()
                .map(|payload| payload as &(dyn Error + 'static)),
            None => error.source(),
        };
    }
    false
}

/// Bounds a foreign text, makes it one line and takes out what must not be said.
fn tidy(text: &str, max_chars: usize, unspoken: &[&str]) -> String {
    let mut text = text.to_owned();
    for secret in unspoken.iter().filter(|secret| !secret.is_empty()) {
        text = text.replace(secret, "…");
    }
    let line: String = text
        .chars()
        .map(|c| if is_unprintable(c) { ' ' } else { c })
        .collect();
    let line = line.trim();
    match line.char_indices().nth(max_chars) {
        None => line.to_owned(),
        Some((end, _)) => format!("{}…", &line[..end]),
    }
}

/// Controls, line breaks and the marks that turn the direction of writing.
fn is_unprintable(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(code: &str, message: &str) -> AwsErrorKind {
        Rejection {
            status: 403,
            code: Some(code),
            message,
            carried_code: true,
            by_web_identity: false,
            remaining_offset_secs: Some(1),
        }
        .kind()
    }

    #[test]
    fn explains_what_sts_really_says() {
        for (code, message, expected) in [
            (
                "AccessDenied",
                "MultiFactorAuthentication failed with invalid MFA one time pass code. ",
                AwsErrorKind::WrongOrReusedCode,
            ),
            (
                "AccessDenied",
                "MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number is valid and associated with this user.",
                AwsErrorKind::WrongSerial,
            ),
            (
                "AccessDenied",
                "MultiFactorAuthentication failed, must provide both MFA serial number and one time pass code.",
                AwsErrorKind::WrongOrReusedCode,
            ),
            (
                "AccessDenied",
                "Cannot call GetSessionToken with session credentials",
                AwsErrorKind::NeedsLongTermKey,
            ),
            (
                "AccessDenied",
                "User: arn:aws:iam::123456789012:user/ann is not authorized to perform: sts:GetSessionToken",
                AwsErrorKind::AccessDenied,
            ),
            (
                "InvalidClientTokenId",
                "The security token included in the request is invalid.",
                AwsErrorKind::InactiveOrUnknownKey,
            ),
            (
                "ExpiredToken",
                "The security token included in the request is expired",
                AwsErrorKind::SessionExpired,
            ),
            (
                "SignatureDoesNotMatch",
                "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.",
                AwsErrorKind::SignatureMismatch,
            ),
            (
                "SignatureDoesNotMatch",
                "Signature expired: 20160609T184512Z is now earlier than 20160610T013008Z (20160610T014508Z - 15 min.)",
                AwsErrorKind::ClockSkew,
            ),
            (
                "SignatureDoesNotMatch",
                "Signature not yet current: 20210112T194419Z is still later than 20210112T072625Z (20210112T071125Z + 15 min.)",
                AwsErrorKind::ClockSkew,
            ),
            (
                "RequestExpired",
                "Request has expired.",
                AwsErrorKind::ClockSkew,
            ),
            (
                "RegionDisabledException",
                "STS is not activated in this region for account:123456789012. Your account administrator can activate STS in this region using the IAM Console.",
                AwsErrorKind::RegionNotEnabled,
            ),
            (
                "ValidationError",
                "1 validation error detected: Value '12345' at 'tokenCode' failed to satisfy constraint: Member must have length greater than or equal to 6",
                AwsErrorKind::WrongOrReusedCode,
            ),
            (
                "ValidationError",
                "1 validation error detected: Value 'ann' at 'serialNumber' failed to satisfy constraint: Member must have length greater than or equal to 9",
                AwsErrorKind::WrongSerial,
            ),
            (
                "ValidationError",
                "1 validation error detected: Value '200000' at 'durationSeconds' failed to satisfy constraint: Member must have value less than or equal to 129600",
                AwsErrorKind::WrongDuration,
            ),
            ("Throttling", "Rate exceeded", AwsErrorKind::Throttled),
            ("ServiceUnavailable", "", AwsErrorKind::Unavailable),
            (
                "AccessDenied",
                "User: arn:aws:iam::123456789012:user/ann is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::210987654321:role/deploy",
                AwsErrorKind::RoleDenied,
            ),
            (
                "AccessDenied",
                "Not authorized to perform sts:AssumeRoleWithWebIdentity",
                AwsErrorKind::RoleDenied,
            ),
            (
                "AccessDenied",
                "User: arn:aws:iam::123456789012:user/ann is not authorized to perform: sts:TagSession on resource: arn:aws:iam::123456789012:role/deploy",
                AwsErrorKind::RoleDenied,
            ),
            (
                "AccessDenied",
                "Roles may not be assumed by root accounts.",
                AwsErrorKind::AccessDenied,
            ),
            (
                "AccessDenied",
                "Cannot call GetFederationToken with session credentials",
                AwsErrorKind::NeedsLongTermKey,
            ),
            (
                "ValidationError",
                "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
                AwsErrorKind::WrongDuration,
            ),
            (
                "ValidationError",
                "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.",
                AwsErrorKind::ChainedTooLong,
            ),
            (
                "ValidationError",
                "1 validation error detected: Value '{}' at 'policy' failed to satisfy constraint: Member must have length less than or equal to 2048",
                AwsErrorKind::BadPolicy,
            ),
            (
                "ValidationError",
                "1 validation error detected: Value 'a' at 'webIdentityToken' failed to satisfy constraint: Member must have length greater than or equal to 4",
                AwsErrorKind::BadWebIdentity,
            ),
            (
                "MalformedPolicyDocument",
                "Syntax errors in policy.",
                AwsErrorKind::BadPolicy,
            ),
            (
                "PackedPolicyTooLarge",
                "Packed size of session tags consumes 120% of allotted space.",
                AwsErrorKind::BadPolicy,
            ),
            (
                "InvalidIdentityToken",
                "Incorrect token audience",
                AwsErrorKind::BadWebIdentity,
            ),
            (
                "IDPRejectedClaim",
                "The identity provider rejected the token.",
                AwsErrorKind::BadWebIdentity,
            ),
            (
                "IDPCommunicationError",
                "Couldn't reach the identity provider.",
                AwsErrorKind::BadWebIdentity,
            ),
            (
                "InvalidAuthenticationCode",
                "Authentication code for device is not valid.",
                AwsErrorKind::WrongOrReusedCode,
            ),
            (
                "EntityAlreadyExists",
                "MFADevice entity at the same path and name already exists.",
                AwsErrorKind::EntityExists,
            ),
            (
                "NoSuchEntity",
                "MFA Device with serial number … does not exist.",
                AwsErrorKind::NoSuchEntity,
            ),
            (
                "LimitExceeded",
                "Cannot exceed quota for MFADevicesPerUser: 8",
                AwsErrorKind::LimitExceeded,
            ),
            (
                "DeleteConflict",
                "MFA VirtualDevice in use. Must deactivate first.",
                AwsErrorKind::DeleteConflict,
            ),
        ] {
            assert_eq!(kind(code, message), expected, "{code}: {message}");
        }
    }

    #[test]
    fn an_explicit_denial_of_a_call_without_a_code_is_put_down_to_mfa() {
        let mut rejection = Rejection {
            status: 403,
            code: Some("AccessDenied"),
            message: "User: arn:aws:iam::123456789012:user/ann is not authorized to perform: sts:GetSessionToken with an explicit deny in an identity-based policy",
            carried_code: false,
            by_web_identity: false,
            remaining_offset_secs: None,
        };
        assert_eq!(rejection.kind(), AwsErrorKind::SessionWithoutMfa);
        rejection.message = "User: arn:aws:iam::123456789012:user/ann is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::123456789012:role/deploy with an explicit deny in an identity-based policy";
        assert_eq!(rejection.kind(), AwsErrorKind::SessionWithoutMfa);
        rejection.carried_code = true;
        assert_eq!(rejection.kind(), AwsErrorKind::RoleDenied);
        rejection.carried_code = false;
        rejection.message = "User: arn:aws:iam::123456789012:user/ann is not authorized to perform: sts:GetFederationToken on resource: arn:aws:sts::123456789012:federated-user/ann with an explicit deny in a service control policy";
        assert_eq!(rejection.kind(), AwsErrorKind::AccessDenied);
    }

    #[test]
    fn what_has_expired_depends_on_what_was_sent() {
        let mut rejection = Rejection {
            status: 400,
            code: Some("ExpiredTokenException"),
            message: "Token expired: current date/time 1784000000 must be before the expiration date/time 1783999999",
            carried_code: false,
            by_web_identity: true,
            remaining_offset_secs: None,
        };
        assert_eq!(rejection.kind(), AwsErrorKind::BadWebIdentity);
        rejection.by_web_identity = false;
        assert_eq!(rejection.kind(), AwsErrorKind::SessionExpired);
    }

    #[test]
    fn a_bad_signature_under_a_wrong_clock_is_the_clocks_fault() {
        for (remaining, expected) in [
            (None, AwsErrorKind::SignatureMismatch),
            (Some(239), AwsErrorKind::SignatureMismatch),
            (Some(-240), AwsErrorKind::ClockSkew),
            (Some(i64::MIN), AwsErrorKind::ClockSkew),
        ] {
            let rejection = Rejection {
                status: 403,
                code: Some("SignatureDoesNotMatch"),
                message: "The request signature we calculated does not match.",
                carried_code: false,
                by_web_identity: false,
                remaining_offset_secs: remaining,
            };
            assert_eq!(rejection.kind(), expected, "{remaining:?}");
        }
    }

    #[test]
    fn an_answer_without_a_code_is_judged_by_its_status() {
        for (status, expected) in [
            (200, AwsErrorKind::BadAnswer),
            (404, AwsErrorKind::BadAnswer),
            (429, AwsErrorKind::Throttled),
            (500, AwsErrorKind::Unavailable),
            (503, AwsErrorKind::Unavailable),
        ] {
            let rejection = Rejection {
                status,
                code: None,
                message: "",
                carried_code: false,
                by_web_identity: false,
                remaining_offset_secs: None,
            };
            assert_eq!(rejection.kind(), expected, "{status}");
        }
    }

    #[test]
    fn foreign_text_is_bounded_and_tidied() {
        assert_eq!(
            tidy(
                "  Value '123456' at\r\n'tokenCode'\u{202e}\u{7} ",
                100,
                &["123456", ""]
            ),
            "Value '…' at  'tokenCode'"
        );
        assert_eq!(tidy("ééé", 3, &[]), "ééé");
        assert_eq!(tidy("éééé", 3, &[]), "ééé…");
    }
}
