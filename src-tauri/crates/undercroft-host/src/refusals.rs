//! What a session's errors are called on the wire.

use undercroft_agent::{Code, Refusal};
use undercroft_session::SessionError;

/// What a session's error is called on the wire.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the rest has no case of its own for programs"
)]
pub fn of(error: &SessionError) -> Refusal {
    match error {
        SessionError::Locked => Refusal::locked(),
        SessionError::NoSuchProfile => Refusal::new(
            Code::NoSuchProfile,
            "no profile has this name; `undercroft ls` lists them",
        ),
        SessionError::NoSuchDevice { .. } => Refusal::new(Code::NoSuchDevice, error.to_string()),
        SessionError::NotApproved(reason) => Refusal::new(Code::Denied, reason.to_string()),
        SessionError::AtLink { at, error } => {
            let inner = of(error);
            Refusal {
                message: format!("{at}: {}", inner.message),
                ..inner
            }
        }
        SessionError::Aws { error, .. } => Refusal {
            aws_code: error.aws_code.clone(),
            ..Refusal::new(Code::Aws, in_aws_words(error))
        },
        SessionError::WebToken(_) | SessionError::ProfileUnusable { .. } => {
            Refusal::new(Code::Failed, error.to_string())
        }
        SessionError::Invalid { problems } => {
            let messages: Vec<_> = problems
                .iter()
                .map(|problem| format!("{}: {}", problem.field, problem.message))
                .collect();
            Refusal::new(Code::Usage, messages.join("; "))
        }
        SessionError::InUse { .. } => Refusal::new(Code::VaultInUse, error.to_string()),
        SessionError::WrongPassword { .. } | SessionError::Damaged { .. } => {
            Refusal::new(Code::VaultDamaged, error.to_string())
        }
        other => Refusal::new(Code::Failed, other.to_string()),
    }
}

/// What is the matter, with AWS's own words behind it.
fn in_aws_words(error: &undercroft_aws::AwsError) -> String {
    match &error.aws_message {
        Some(message) => format!("{error}: {message}"),
        None => error.to_string(),
    }
}

/// The name of a refusal in the log.
pub(crate) fn name(refusal: &Refusal) -> String {
    if let Some(code) = &refusal.aws_code {
        return code.clone();
    }
    refusal.code.as_str().to_owned()
}
