//! Programs that ask, between the session's types and the window's.

use undercroft_model::{ApprovalRule, Settings, Verdict};
use undercroft_session::{self as session, Decision, Outcome};

use super::answers::{count, date};
use crate::view::*;

impl From<session::ApprovalRequest> for ApprovalRequestView {
    fn from(request: session::ApprovalRequest) -> Self {
        Self {
            id: request.id.to_string(),
            program: request.asker.program().cloned().map(Into::into),
            chain: request.asker.chain.into_iter().map(Into::into).collect(),
            script: request.asker.script,
            folder: request.asker.folder,
            purpose: request.asker.purpose,
            profile: request.subject.map(|id| id.to_string()),
            profile_name: request.name,
            sections: request.sections,
            account: request.account.map(Into::into),
            role: request.role,
            secs_left: request.secs_left,
        }
    }
}

impl From<session::AskingProgram> for AskingProgramView {
    fn from(program: session::AskingProgram) -> Self {
        Self {
            pid: program.pid,
            name: program.name,
            path: program.path,
        }
    }
}

impl From<DecisionView> for Decision {
    fn from(decision: DecisionView) -> Self {
        match decision {
            DecisionView::Deny => Self::Deny,
            DecisionView::Once => Self::Once,
            DecisionView::TenMinutes => Self::TenMinutes,
            DecisionView::UntilLock => Self::UntilLock,
            DecisionView::Always => Self::Always,
            DecisionView::Never => Self::Never,
        }
    }
}

/// What the settings say about programs that ask, with the names of the profiles.
pub(crate) fn approval_settings(
    settings: Settings,
    profiles: &[session::ProfileRow],
) -> ApprovalSettingsView {
    let rule = |rule: ApprovalRule| ApprovalRuleView {
        profile_name: profiles
            .iter()
            .find(|row| Some(row.id) == rule.profile)
            .map(|row| row.name.to_string()),
        program: rule.program,
        script: rule.script,
        profile: rule.profile.map(|id| id.to_string()),
        allows: rule.verdict == Verdict::Allow,
        added_at: date(rule.added_at),
    };
    ApprovalSettingsView {
        approval: settings.approval.into(),
        rules: settings.approval_rules.into_iter().map(rule).collect(),
    }
}

impl From<session::ActivityLog> for ActivityLogView {
    fn from(log: session::ActivityLog) -> Self {
        Self {
            entries: log.entries.into_iter().map(Into::into).collect(),
            dropped: count(log.dropped),
            is_whole: log.is_whole,
        }
    }
}

impl From<session::Activity> for ActivityView {
    fn from(entry: session::Activity) -> Self {
        let (outcome, failure) = match entry.outcome {
            Outcome::Cached => (OutcomeView::Cached, None),
            Outcome::Fetched => (OutcomeView::Fetched, None),
            Outcome::Given => (OutcomeView::Given, None),
            Outcome::Denied => (OutcomeView::Denied, None),
            Outcome::Failed { code } => (OutcomeView::Failed, Some(code)),
        };
        Self {
            at: date(entry.at),
            last_at: date(entry.last_at),
            count: entry.count,
            program: entry.program,
            path: entry.path,
            script: entry.script,
            verb: entry.verb,
            of: entry.of,
            account: entry.account,
            outcome,
            failure,
        }
    }
}
