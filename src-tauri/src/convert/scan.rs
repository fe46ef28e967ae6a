//! What a scan found, as views.

use undercroft_session as session;
use undercroft_session::ScanError;

use crate::error::{ScanProblem, UiError};
use crate::view::{EnrolmentCodeView, EnrolmentTurn, FoundView, ScanView};

impl From<session::ScanAnswer> for ScanView {
    fn from(answer: session::ScanAnswer) -> Self {
        Self {
            id: answer.id.to_string(),
            found: answer.found.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<session::Found> for FoundView {
    fn from(found: session::Found) -> Self {
        match found {
            session::Found::Device { preview, exported } => Self::Device {
                preview: Box::new((*preview).into()),
                exported,
            },
            session::Found::Other(other) => other.into(),
        }
    }
}

impl From<session::OtherCode> for FoundView {
    fn from(other: session::OtherCode) -> Self {
        match other {
            session::OtherCode::WebAddress { host } => Self::WebAddress { host },
            session::OtherCode::Hotp { label } => Self::Hotp { label },
            session::OtherCode::Unusable { label, why } => Self::Unusable { label, why },
            session::OtherCode::MissingParts { missing } => Self::MissingParts { missing },
            session::OtherCode::Passkey => Self::Passkey,
            session::OtherCode::SignInPage => Self::SignInPage,
            session::OtherCode::Wifi => Self::Wifi,
            session::OtherCode::Text => Self::Text,
        }
    }
}

impl From<ScanError> for UiError {
    fn from(error: ScanError) -> Self {
        let (problem, detail) = match error {
            ScanError::NoScreen { detail } => (ScanProblem::NoScreen, Some(detail)),
            ScanError::Refused => (ScanProblem::Refused, None),
            ScanError::Timeout => (ScanProblem::Timeout, None),
            ScanError::Cancelled => (ScanProblem::Cancelled, None),
            ScanError::EmptyClipboard => (ScanProblem::EmptyClipboard, None),
            ScanError::NothingDropped => (ScanProblem::NothingDropped, None),
            ScanError::Unreadable { detail } => (ScanProblem::Unreadable, Some(detail)),
            ScanError::Svg => (ScanProblem::Svg, None),
            ScanError::NotAPicture => (ScanProblem::NotAPicture, None),
            ScanError::Damaged => (ScanProblem::Damaged, None),
            ScanError::TooLarge => (ScanProblem::TooLarge, None),
            ScanError::NoCamera { detail } => (ScanProblem::NoCamera, Some(detail)),
            ScanError::Gone => (ScanProblem::Gone, None),
        };
        Self::Scan { problem, detail }
    }
}

impl From<EnrolmentTurn> for session::EnrolmentTurn {
    fn from(turn: EnrolmentTurn) -> Self {
        match turn {
            EnrolmentTurn::First => Self::First,
            EnrolmentTurn::Second => Self::Second,
        }
    }
}

impl From<session::EnrolmentAnswer> for EnrolmentCodeView {
    fn from(answer: session::EnrolmentAnswer) -> Self {
        match answer {
            session::EnrolmentAnswer::Copied(given) => Self::Copied {
                // Exposed to be shown, as the codes of devices are.
                code: given.code.as_str().to_owned(),
                clears_in_secs: given.clears_in_secs,
                used_before: given.used_before,
                ends_in_ms: given.ends_in_ms,
                period_secs: given.period.as_secs(),
            },
            session::EnrolmentAnswer::NotYet { in_ms } => Self::NotYet { in_ms },
            session::EnrolmentAnswer::TooLate => Self::TooLate,
        }
    }
}
