//! What can go wrong with a call, in terms that a person can act on.

use std::fmt;

mod classify;

pub(crate) use classify::{Attempted, from_sdk, undelivered};

/// Why a call to AWS failed.
///
/// The kind is what to act on. AWS's own code and message are kept beside it, so that the user can search for
/// them; they are foreign text: bounded and without control characters, but not to be trusted as markup.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{kind}{}", Aside(.aws_code))]
pub struct AwsError {
    /// What went wrong.
    pub kind: AwsErrorKind,
    /// AWS's code, such as `InvalidClientTokenId`, when AWS answered.
    pub aws_code: Option<String>,
    /// AWS's message, when AWS answered.
    pub aws_message: Option<String>,
    /// How far AWS's clock is ahead of this machine's, when an answer had a date.
    pub clock_offset_secs: Option<i64>,
}

/// What went wrong with a call to AWS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum AwsErrorKind {
    /// The token code is not the device's present one, or was used before. AWS does not tell which.
    #[error("AWS did not accept the MFA code: it is wrong or was used before")]
    WrongOrReusedCode,
    /// The serial number is malformed, or names no MFA device of this identity. A device that is far out of step
    /// may be answered like this, too.
    #[error("AWS knows no such MFA device for this identity")]
    WrongSerial,
    /// The local clock is too far from AWS's. The offset in the error corrects it; a code is used up.
    #[error("this computer's clock is too far from AWS's")]
    ClockSkew,
    /// The access key is inactive, deleted or of another partition; or the region is not enabled for the account.
    #[error("AWS does not know this access key, or it is inactive")]
    InactiveOrUnknownKey,
    /// The secret access key does not belong to the access key id.
    #[error("the secret access key does not belong to this access key")]
    SignatureMismatch,
    /// The session that signed the call has expired.
    #[error("the session has expired")]
    SessionExpired,
    /// The call was made with a session where AWS wants a long-term access key.
    #[error("AWS wants a long-term access key for this call, not a session")]
    NeedsLongTermKey,
    /// A policy denies the call to whoever has not shown an MFA code.
    #[error("a policy denies this without MFA")]
    SessionWithoutMfa,
    /// A policy denies the call, or none allows it.
    #[error("AWS denies this identity the call")]
    AccessDenied,
    /// The identity may not assume the role: the role's trust policy does not let it, wants an external id, MFA or tags
    /// that it was not given, or the identity's own policies don't allow it. AWS does not tell which.
    #[error("AWS does not let this identity assume the role")]
    RoleDenied,
    /// STS is not activated in this region for the account, or the account has not opted in to the region.
    #[error("the region is not enabled for this account")]
    RegionNotEnabled,
    /// The duration is outside of what AWS allows this identity.
    #[error("AWS does not allow a session of this length")]
    WrongDuration,
    /// A role assumed from a session is asked for more than an hour.
    #[error("AWS gives a role that is assumed from a session an hour at most")]
    ChainedTooLong,
    /// A session policy is malformed, or policies and tags together are too large.
    #[error("AWS does not take the session policy")]
    BadPolicy,
    /// The token of the identity provider is malformed, expired, for another audience or not trusted by the role, or AWS
    /// could not ask the provider.
    #[error("AWS does not take the identity provider's token")]
    BadWebIdentity,
    /// AWS's sign-in does not take the credentials: they have expired, are not those of a role or a federated user, or a
    /// length was asked for that they can't have. It does not tell which.
    #[error("the console does not take these credentials")]
    ConsoleRefused,
    /// Too many calls in a short time.
    #[error("AWS asks to slow down")]
    Throttled,
    /// AWS could not do it just now.
    #[error("AWS is out of order just now")]
    Unavailable,
    /// No connection to the endpoint came about, or it broke.
    #[error("the endpoint can't be reached")]
    Unreachable,
    /// The endpoint's certificate is not trusted, is for another name, or seems to have expired, which a local clock
    /// that is off by months does to every certificate.
    #[error("the endpoint's certificate is not to be trusted")]
    UntrustedCertificate,
    /// The answer did not come in time.
    #[error("the answer did not come in time")]
    Timeout,
    /// The answer is too long, a redirect, malformed or incomplete. Nothing of it was used.
    #[error("the answer is not one of AWS's")]
    BadAnswer,
    /// An environment variable would make the AWS library load a foreign list of endpoints.
    #[error(
        "the environment variable SMITHY_CLIENT_SDK_CUSTOM_PARTITION is set: unset it and start again"
    )]
    HostileEnvironment,
    /// Something of that name exists already in the account.
    #[error("AWS has something of that name already")]
    EntityExists,
    /// AWS knows no such user or device.
    #[error("AWS knows no such user or device")]
    NoSuchEntity,
    /// The account or the user has as many of these as AWS allows.
    #[error("AWS allows no more of these")]
    LimitExceeded,
    /// What was to be deleted is in use: a device has to be switched off first.
    #[error("it is in use, so AWS does not delete it")]
    DeleteConflict,
    /// It was changed a moment ago, and AWS has not done with that yet.
    #[error("it was changed a moment ago; AWS asks to wait")]
    TemporarilyUnmodifiable,
    /// AWS refused the call for another reason, which its code and message tell.
    #[error("AWS refused the call")]
    Refused,
}

impl AwsErrorKind {
    /// Whether the same call may succeed a moment later without anything being changed.
    #[must_use]
    pub fn is_passing(self) -> bool {
        match self {
            Self::Throttled
            | Self::Unavailable
            | Self::Unreachable
            | Self::Timeout
            | Self::TemporarilyUnmodifiable => true,
            Self::WrongOrReusedCode
            | Self::WrongSerial
            | Self::ClockSkew
            | Self::InactiveOrUnknownKey
            | Self::SignatureMismatch
            | Self::SessionExpired
            | Self::NeedsLongTermKey
            | Self::SessionWithoutMfa
            | Self::AccessDenied
            | Self::RoleDenied
            | Self::RegionNotEnabled
            | Self::WrongDuration
            | Self::ChainedTooLong
            | Self::BadPolicy
            | Self::BadWebIdentity
            | Self::ConsoleRefused
            | Self::UntrustedCertificate
            | Self::BadAnswer
            | Self::HostileEnvironment
            | Self::EntityExists
            | Self::NoSuchEntity
            | Self::LimitExceeded
            | Self::DeleteConflict
            | Self::Refused => false,
        }
    }
}

impl AwsError {
    /// An error that no answer of AWS stands behind.
    pub(crate) fn bare(kind: AwsErrorKind, clock_offset_secs: Option<i64>) -> Self {
        Self {
            kind,
            aws_code: None,
            aws_message: None,
            clock_offset_secs,
        }
    }
}

/// AWS's code in brackets, when there is one.
struct Aside<'a>(&'a Option<String>);

impl fmt::Display for Aside<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(code) => write!(f, " ({code})"),
            None => Ok(()),
        }
    }
}
