//! Profiles, between the session's types and the window's.

use undercroft_model::{
    AccountId, Approval, Mfa, Profile, Recipe, RoleSource, SessionTag, SsoRecipe, TokenSource,
};
use undercroft_session::{self as session, SessionKind, WayLimit};

use super::answers::{date, kind_and_name};
use super::drafts::{access_key_id, id, optional_id};
use crate::error::UiError;
use crate::view::*;

impl From<session::ProfileRow> for ProfileRowView {
    fn from(row: session::ProfileRow) -> Self {
        let (identity, kind) = row.identity.unzip();
        Self {
            id: row.id.to_string(),
            name: row.name.to_string(),
            kind: row.kind,
            account: row.account.map(Into::into),
            account_id: row.account_id.map(|id| id.to_string()),
            identity: identity.map(|id| id.to_string()),
            identity_name: kind.map(|kind| kind_and_name(&kind).1),
            role: row.role.map(|role| role.to_string()),
            mfa: row.mfa,
            favourite: row.favourite,
            live: row.live.map(|(session, expires_at)| ProfileSessionView {
                session: session.to_string(),
                expires_at: date(expires_at),
            }),
        }
    }
}

impl From<session::ProfileDetails> for ProfileView {
    fn from(details: session::ProfileDetails) -> Self {
        let draft = ProfileDraft::of(&details.profile, details.row.id.to_string());
        let (way, problem) = match details.way {
            Ok(way) => (Some(way.into()), None),
            Err(error) => (None, Some(error.into())),
        };
        Self {
            row: details.row.into(),
            draft,
            way,
            problem,
        }
    }
}

impl From<session::Way> for WayView {
    fn from(way: session::Way) -> Self {
        Self {
            key: way.key.map(|key| WayKeyView {
                id: key.id.to_string(),
                identity: key.identity.to_string(),
                identity_name: key.identity_name,
                account_name: key.account_name,
            }),
            steps: way.steps.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<session::WayStep> for WayStepView {
    fn from(step: session::WayStep) -> Self {
        Self {
            call: step.call.into(),
            call_name: step.call.as_str().to_owned(),
            of: step.of,
            profile: step.profile,
            device: step.device,
            duration_secs: step.duration_secs,
            longest_secs: step.longest_secs,
            limit: match step.limit {
                WayLimit::Call => WayLimitView::Call,
                WayLimit::Root => WayLimitView::Root,
                WayLimit::Chained => WayLimitView::Chained,
                WayLimit::Role => WayLimitView::Role,
            },
            cached: step.cached,
        }
    }
}

impl From<SessionKind> for SessionKindView {
    fn from(kind: SessionKind) -> Self {
        match kind {
            SessionKind::Session => Self::Session,
            SessionKind::Role => Self::Role,
            SessionKind::ChainedRole => Self::ChainedRole,
            SessionKind::Federated => Self::Federated,
            SessionKind::WebIdentity => Self::WebIdentity,
        }
    }
}

impl From<Approval> for ApprovalView {
    fn from(approval: Approval) -> Self {
        match approval {
            Approval::Never => Self::Never,
            Approval::Production => Self::Production,
            Approval::Always => Self::Always,
        }
    }
}

impl From<ApprovalView> for Approval {
    fn from(approval: ApprovalView) -> Self {
        match approval {
            ApprovalView::Never => Self::Never,
            ApprovalView::Production => Self::Production,
            ApprovalView::Always => Self::Always,
        }
    }
}

impl ProfileDraft {
    /// What would have to be typed for `profile`.
    fn of(profile: &Profile, id: String) -> Self {
        let mut draft = Self {
            id: Some(id),
            name: profile.name.to_string(),
            kind: profile.recipe.kind().to_owned(),
            identity: profile.recipe.identity().map(|id| id.to_string()),
            key: None,
            mfa: MfaView::IfThere,
            source: profile.recipe.source_profile().map(|id| id.to_string()),
            role: text(profile.recipe.role()),
            external_id: String::new(),
            session_name: String::new(),
            source_identity: String::new(),
            tags: Vec::new(),
            policy: String::new(),
            policy_arns: Vec::new(),
            token: None,
            sso: None,
            region: text(profile.region.as_ref()),
            output: profile
                .output
                .map(|output| output.as_str().to_owned())
                .unwrap_or_default(),
            duration: text(profile.duration.as_ref()),
            notes: profile.notes.clone(),
            approval: profile.approval.map(Into::into),
        };
        draft.take_recipe(&profile.recipe);
        draft
    }

    /// Takes what only some kinds have.
    fn take_recipe(&mut self, recipe: &Recipe) {
        match recipe {
            Recipe::LongTerm(recipe) => self.key = recipe.key.as_ref().map(ToString::to_string),
            Recipe::Session(recipe) => {
                self.key = recipe.key.as_ref().map(ToString::to_string);
                self.mfa = recipe.mfa.into();
            }
            Recipe::Role(recipe) => {
                self.key = match &recipe.source {
                    RoleSource::Identity { key, .. } => key.as_ref().map(ToString::to_string),
                    RoleSource::Profile { .. } => None,
                };
                self.mfa = recipe.mfa.into();
                self.external_id = text(recipe.external_id.as_ref());
                self.session_name = text(recipe.session_name.as_ref());
                self.source_identity = text(recipe.source_identity.as_ref());
                self.tags = recipe.tags.iter().cloned().map(Into::into).collect();
                self.policy = policy(recipe.policy.as_ref());
                self.policy_arns = recipe.policy_arns.iter().map(ToString::to_string).collect();
            }
            Recipe::Federated(recipe) => {
                self.key = recipe.key.as_ref().map(ToString::to_string);
                self.session_name = recipe.name.to_string();
                self.tags = recipe.tags.iter().cloned().map(Into::into).collect();
                self.policy = policy(recipe.policy.as_ref());
                self.policy_arns = recipe.policy_arns.iter().map(ToString::to_string).collect();
            }
            Recipe::WebIdentity(recipe) => {
                self.session_name = text(recipe.session_name.as_ref());
                self.policy = policy(recipe.policy.as_ref());
                self.policy_arns = recipe.policy_arns.iter().map(ToString::to_string).collect();
                self.token = Some(recipe.token.clone().into());
            }
            Recipe::Sso(recipe) => {
                self.sso = Some(SsoView {
                    start_url: recipe.start_url.clone(),
                    sso_region: recipe.sso_region.to_string(),
                    account: recipe.account.to_string(),
                    role_name: recipe.role_name.clone(),
                    sso_session: recipe.sso_session.clone(),
                });
            }
            Recipe::Unknown { .. } => {}
        }
    }
}

fn text(value: Option<&impl ToString>) -> String {
    value.map(ToString::to_string).unwrap_or_default()
}

fn policy(policy: Option<&undercroft_model::SessionPolicy>) -> String {
    policy
        .map(|policy| policy.as_str().to_owned())
        .unwrap_or_default()
}

impl From<Mfa> for MfaView {
    fn from(mfa: Mfa) -> Self {
        match mfa {
            Mfa::IfThere => Self::IfThere,
            Mfa::None => Self::None,
            Mfa::Device { device } => Self::Device {
                device: device.to_string(),
            },
        }
    }
}

impl TryFrom<MfaView> for Mfa {
    type Error = UiError;

    fn try_from(mfa: MfaView) -> Result<Self, UiError> {
        Ok(match mfa {
            MfaView::IfThere => Self::IfThere,
            MfaView::None => Self::None,
            MfaView::Device { device } => Self::Device {
                device: id(&device)?,
            },
        })
    }
}

impl From<SessionTag> for SessionTagView {
    fn from(tag: SessionTag) -> Self {
        Self {
            key: tag.key,
            value: tag.value,
            transitive: tag.transitive,
        }
    }
}

impl From<SessionTagView> for SessionTag {
    fn from(tag: SessionTagView) -> Self {
        Self {
            key: tag.key,
            value: tag.value,
            transitive: tag.transitive,
        }
    }
}

impl From<TokenSource> for TokenSourceView {
    fn from(source: TokenSource) -> Self {
        match source {
            TokenSource::File { path } => Self::File { path },
            TokenSource::Command { words } => Self::Command { words },
        }
    }
}

impl From<TokenSourceView> for TokenSource {
    fn from(source: TokenSourceView) -> Self {
        match source {
            TokenSourceView::File { path } => Self::File { path },
            TokenSourceView::Command { words } => Self::Command { words },
        }
    }
}

impl TryFrom<SsoView> for SsoRecipe {
    type Error = UiError;

    fn try_from(sso: SsoView) -> Result<Self, UiError> {
        Ok(Self {
            start_url: sso.start_url,
            sso_region: sso.sso_region.parse().map_err(|_| UiError::BadMessage)?,
            account: AccountId::parse(&sso.account).map_err(|_| UiError::BadMessage)?,
            role_name: sso.role_name,
            sso_session: sso.sso_session,
            extra: undercroft_model::Extra::new(),
        })
    }
}

impl TryFrom<ProfileDraft> for session::ProfileDraft {
    type Error = UiError;

    fn try_from(draft: ProfileDraft) -> Result<Self, UiError> {
        Ok(Self {
            id: optional_id(draft.id)?,
            name: draft.name,
            kind: draft.kind,
            identity: optional_id(draft.identity)?,
            key: draft.key.as_deref().map(access_key_id).transpose()?,
            mfa: draft.mfa.try_into()?,
            source: optional_id(draft.source)?,
            role: draft.role,
            external_id: draft.external_id,
            session_name: draft.session_name,
            source_identity: draft.source_identity,
            tags: draft.tags.into_iter().map(Into::into).collect(),
            policy: draft.policy,
            policy_arns: draft.policy_arns,
            token: draft.token.map(Into::into),
            sso: draft.sso.map(TryInto::try_into).transpose()?,
            region: draft.region,
            output: draft.output,
            duration: draft.duration,
            notes: draft.notes,
            approval: draft.approval.map(Into::into),
        })
    }
}

impl TryFrom<ProfileWish> for session::ProfileWish {
    type Error = UiError;

    fn try_from(wish: ProfileWish) -> Result<Self, UiError> {
        Ok(Self {
            fresh: wish.fresh,
            duration_secs: wish.duration_secs,
            read_only: wish.read_only,
            ..Self::of(id(&wish.profile)?)
        })
    }
}

impl TryFrom<ConsoleWish> for session::ConsoleWish {
    type Error = UiError;

    fn try_from(wish: ConsoleWish) -> Result<Self, UiError> {
        Ok(Self {
            profile: id(&wish.profile)?,
            service: wish.service,
            region: wish.region,
            duration_secs: None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use undercroft_model::{ItemId, ProfileName};

    /// A draft that was typed, as the session reads it and as the window would edit it.
    fn there_and_back(draft: ProfileDraft, recipe: Recipe) -> ProfileDraft {
        let mut profile = Profile::new(ProfileName::parse(&draft.name).unwrap(), recipe);
        profile.notes.clone_from(&draft.notes);
        ProfileDraft::of(&profile, draft.id.unwrap())
    }

    #[test]
    fn what_is_edited_is_what_was_saved() {
        let (id, source) = (ItemId::new_random(), ItemId::new_random());
        let role = "arn:aws:iam::123456789012:role/deploy";
        let recipe = undercroft_model::RoleRecipe {
            source: RoleSource::Profile { profile: source },
            role: undercroft_model::RoleArn::parse(role).unwrap(),
            mfa: Mfa::None,
            external_id: Some(undercroft_model::ExternalId::parse("ticket-7").unwrap()),
            session_name: None,
            source_identity: None,
            tags: vec![SessionTag {
                key: "team".to_owned(),
                value: "billing".to_owned(),
                transitive: true,
            }],
            policy: Some(undercroft_model::SessionPolicy::parse("{}").unwrap()),
            policy_arns: Vec::new(),
            extra: undercroft_model::Extra::new(),
        };
        let blank = Profile::new(
            ProfileName::parse("deploy").unwrap(),
            Recipe::Role(Box::new(recipe.clone())),
        );
        let shown = there_and_back(
            ProfileDraft::of(&blank, id.to_string()),
            Recipe::Role(Box::new(recipe.clone())),
        );
        assert_eq!(shown.role, role);
        assert_eq!(
            (shown.external_id.as_str(), shown.policy.as_str()),
            ("ticket-7", "{}")
        );
        let saved = session::ProfileDraft::try_from(shown).unwrap();
        assert_eq!((saved.id, saved.source), (Some(id), Some(source)));
        assert_eq!((saved.mfa, saved.tags), (Mfa::None, recipe.tags));
    }
}
