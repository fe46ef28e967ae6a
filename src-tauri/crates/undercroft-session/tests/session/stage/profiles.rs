//! Profiles as somebody types them, and what comes of them.

use undercroft_model::{ItemId, SessionTag, TokenSource};
use undercroft_session::{
    Credentials, CredentialsAnswer, IdentityDraft, ProfileDraft, ProfileWish, SessionError, Way,
    WhoKind,
};

use super::{Filed, KEY, Stage};

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

pub const POLICY: &str = r#"{"Version":"2012-10-17","Statement":[]}"#;
pub const OTHER_KEY: &str = "AKIAI44QH8DHBEXAMPLE";

pub async fn filed() -> (Stage, Filed) {
    let stage = Stage::unlocked().await;
    let filed = stage.filed().await;
    (stage, filed)
}

/// A profile of a user without a device, so that no code is used up.
pub async fn without_code(stage: &Stage) -> (ItemId, ItemId) {
    let account = stage.account("123456789012").await;
    let identity = stage.user(account, "robot").await;
    stage.key(identity, KEY).await;
    (account, identity)
}

pub fn tag(key: &str, value: &str) -> SessionTag {
    SessionTag {
        key: key.to_owned(),
        value: value.to_owned(),
        transitive: false,
    }
}

pub fn federated(name: &str, identity: ItemId) -> ProfileDraft {
    ProfileDraft {
        kind: "federated".to_owned(),
        session_name: "guest".to_owned(),
        ..session_profile(name, identity)
    }
}

pub fn web(name: &str, token: TokenSource) -> ProfileDraft {
    ProfileDraft {
        name: name.to_owned(),
        kind: "web-identity".to_owned(),
        role: DEPLOY.to_owned(),
        token: Some(token),
        ..ProfileDraft::default()
    }
}

pub fn problem<T: std::fmt::Debug>(refused: Result<T, SessionError>) -> (&'static str, String) {
    match refused {
        Err(SessionError::Invalid { problems }) => (problems[0].field, problems[0].message.clone()),
        other => panic!("not refused: {other:?}"),
    }
}

pub fn wait<T: std::fmt::Debug>(answer: Result<CredentialsAnswer, T>) -> u32 {
    match answer {
        Ok(CredentialsAnswer::Wait { secs }) => secs,
        other => panic!("no wait: {other:?}"),
    }
}

pub async fn root(stage: &Stage) -> ItemId {
    let account = stage.account("111122223333").await;
    let draft = IdentityDraft {
        id: None,
        account,
        kind: WhoKind::Root,
        name: "boss@example.com".to_owned(),
        notes: String::new(),
    };
    let root = stage.session.save_identity(draft).await.unwrap();
    stage.key(root, OTHER_KEY).await;
    root
}
