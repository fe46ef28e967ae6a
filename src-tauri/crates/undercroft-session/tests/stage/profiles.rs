//! Profiles as somebody types them, and what comes of them.

use undercroft_model::ItemId;
use undercroft_session::{
    Credentials, CredentialsAnswer, ProfileDraft, ProfileWish, SessionError, Way,
};

use super::Stage;

/// A role in an account that is not filed.
pub const DEPLOY: &str = "arn:aws:iam::210987654321:role/deploy";

/// `GetSessionToken` with an identity's key.
pub fn session_profile(name: &str, identity: ItemId) -> ProfileDraft {
    ProfileDraft {
        name: name.to_owned(),
        kind: "session".to_owned(),
        identity: Some(identity),
        ..ProfileDraft::default()
    }
}

/// A role that is assumed with an identity's key.
pub fn role(name: &str, identity: ItemId) -> ProfileDraft {
    ProfileDraft {
        kind: "role".to_owned(),
        role: DEPLOY.to_owned(),
        ..session_profile(name, identity)
    }
}

/// A role that is assumed with what another profile yields.
pub fn chained(name: &str, source: ItemId, role: &str) -> ProfileDraft {
    ProfileDraft {
        name: name.to_owned(),
        kind: "role".to_owned(),
        source: Some(source),
        role: role.to_owned(),
        ..ProfileDraft::default()
    }
}

impl Stage {
    pub async fn profile(&self, draft: ProfileDraft) -> ItemId {
        self.session.save_profile(draft).await.unwrap()
    }

    pub async fn way(&self, profile: ItemId) -> Way {
        self.session.profile(profile).await.unwrap().way.unwrap()
    }

    pub async fn credentials(&self, profile: ItemId) -> Result<CredentialsAnswer, SessionError> {
        self.session.credentials(ProfileWish::of(profile)).await
    }

    /// Credentials that are there without waiting.
    pub async fn ready(&self, profile: ItemId) -> Credentials {
        match self.credentials(profile).await {
            Ok(CredentialsAnswer::Ready(credentials)) => *credentials,
            other => panic!("no credentials: {other:?}"),
        }
    }
}
