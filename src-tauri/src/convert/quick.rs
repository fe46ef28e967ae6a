//! Quick search and the sign-in sheet.

use undercroft_model::IdentityKind;
use undercroft_session as session;

use super::answers::{copied, count};
use crate::quick::SignIn;
use crate::view::*;

impl From<QuickCopyView> for session::QuickCopy {
    fn from(what: QuickCopyView) -> Self {
        match what {
            QuickCopyView::Code => Self::Code,
            QuickCopyView::Password => Self::Password,
            QuickCopyView::Name => Self::Name,
            QuickCopyView::AccountName => Self::AccountName,
            QuickCopyView::AccessKeyId => Self::AccessKeyId,
            QuickCopyView::SecretKey => Self::SecretKey,
            QuickCopyView::Session => Self::Session,
        }
    }
}

impl From<session::QuickAnswer> for QuickAnswerView {
    fn from(answer: session::QuickAnswer) -> Self {
        match answer {
            session::QuickAnswer::Copied(done) => Self::Copied {
                copied: copied(done),
            },
            session::QuickAnswer::Wait { secs } => Self::Wait { secs },
        }
    }
}

impl From<session::QuickIdentity> for SearchHit {
    fn from(quick: session::QuickIdentity) -> Self {
        Self {
            item: quick.row.id.to_string(),
            account: quick.account.into(),
            matched: Vec::new(),
            matched_below: Vec::new(),
            device: quick.device.map(|device| device.to_string()),
            identity: Some(quick.row.into()),
            profile: None,
        }
    }
}

impl From<session::SignInStep> for SignInStepView {
    fn from(step: session::SignInStep) -> Self {
        match step {
            session::SignInStep::OpenPage => Self::OpenPage,
            session::SignInStep::AccountName => Self::AccountName,
            session::SignInStep::Email => Self::Email,
            session::SignInStep::UserName => Self::UserName,
            session::SignInStep::Password => Self::Password,
            session::SignInStep::Code => Self::Code,
        }
    }
}

impl From<SignIn> for SignInView {
    fn from(walk: SignIn) -> Self {
        let row = walk.quick.row;
        Self {
            identity: row.id.to_string(),
            name: row.kind.sign_in_name().to_owned(),
            kind: match row.kind {
                IdentityKind::Root { .. } => IdentityKindView::Root,
                IdentityKind::IamUser { .. } => IdentityKindView::IamUser,
            },
            account: walk.quick.account.into(),
            steps: walk.steps.into_iter().map(Into::into).collect(),
            next: count(walk.next),
        }
    }
}
