//! One call to STS, with everything that changes its result.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use undercroft_aws::{FederationWish, RoleWish, Target};
use undercroft_model::{
    AccessKeyId, DeviceId, DurationSecs, ItemId, PolicyArn, RoleArn, Serial, SessionPolicy,
    SessionTag, TokenSource,
};

/// What a call's result depends on: two calls with equal inputs yield the same session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) struct Inputs([u8; 32]);

/// One call to STS on the way to credentials.
#[derive(Clone, Debug)]
pub(crate) struct Link {
    /// What its result depends on.
    pub(crate) inputs: Inputs,
    /// What is called.
    pub(crate) call: Call,
    /// The account whose endpoint is called, and by whose clock the session ends.
    pub(crate) at: ItemId,
    /// The account in which the credentials act.
    pub(crate) account: ItemId,
    /// Whose long-term key stands at the beginning of the way; nobody's for a web identity.
    pub(crate) identity: Option<ItemId>,
    /// That key.
    pub(crate) key: Option<AccessKeyId>,
    /// The device whose code goes with this call.
    pub(crate) device: Option<DeviceId>,
    /// How long the credentials are asked to last.
    pub(crate) duration: DurationSecs,
    /// The profile that this call ends.
    pub(crate) profile: Option<ItemId>,
}

/// What is called.
#[derive(Clone, Debug)]
pub(crate) enum Call {
    /// `GetSessionToken`.
    Session,
    /// `AssumeRole`, signed with the long-term key or with the session that another link yields.
    Role {
        by: Option<Inputs>,
        wish: Box<RoleWish>,
    },
    /// `GetFederationToken`.
    Federated { wish: Box<FederationWish> },
    /// `AssumeRoleWithWebIdentity`.
    WebIdentity {
        token: TokenSource,
        wish: Box<RoleWish>,
    },
}

/// What made a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SessionKind {
    /// `GetSessionToken`.
    Session,
    /// `AssumeRole` with a long-term key.
    Role,
    /// `AssumeRole` with another session.
    ChainedRole,
    /// `GetFederationToken`.
    Federated,
    /// `AssumeRoleWithWebIdentity`.
    WebIdentity,
}

impl SessionKind {
    /// The name of the call in AWS's documentation.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Session => "GetSessionToken",
            Self::Role | Self::ChainedRole => "AssumeRole",
            Self::Federated => "GetFederationToken",
            Self::WebIdentity => "AssumeRoleWithWebIdentity",
        }
    }
}

impl Call {
    pub(crate) fn kind(&self) -> SessionKind {
        match self {
            Self::Session => SessionKind::Session,
            Self::Role { by: None, .. } => SessionKind::Role,
            Self::Role { by: Some(_), .. } => SessionKind::ChainedRole,
            Self::Federated { .. } => SessionKind::Federated,
            Self::WebIdentity { .. } => SessionKind::WebIdentity,
        }
    }

    pub(crate) fn role(&self) -> Option<&RoleArn> {
        match self {
            Self::Role { wish, .. } | Self::WebIdentity { wish, .. } => Some(&wish.role),
            Self::Session | Self::Federated { .. } => None,
        }
    }
}

/// Who calls, and where.
pub(crate) struct Beginning<'a> {
    /// Where the call goes.
    pub(crate) target: &'a Target,
    /// Whose key stands at the beginning of the way.
    pub(crate) identity: Option<ItemId>,
    /// That key.
    pub(crate) key: Option<&'a AccessKeyId>,
    /// The device whose code goes along, with its serial.
    pub(crate) device: Option<(DeviceId, &'a Serial)>,
    /// The duration.
    pub(crate) duration: DurationSecs,
}

impl Inputs {
    /// Takes in everything, each part with its length, so that no two ways read the same.
    pub(crate) fn of(beginning: &Beginning<'_>, call: &Call) -> Self {
        let mut parts = Parts(Sha256::new());
        let Beginning {
            target,
            identity,
            key,
            device,
            duration,
        } = beginning;
        parts.add(target.partition.as_str());
        parts.add(target.region.as_str());
        parts.maybe(target.endpoint.as_ref().map(|endpoint| endpoint.as_str()));
        parts.maybe(identity.map(|identity| identity.to_string()));
        parts.maybe(key.map(|key| key.as_str()));
        parts.maybe(device.map(|(device, serial)| format!("{device} {serial}")));
        parts.add(duration.as_secs().to_string());
        match call {
            Call::Session => parts.add("session"),
            Call::Role { by, wish } => {
                parts.add("role");
                parts.maybe(by.map(|inputs| inputs.0));
                parts.add_role(wish);
            }
            Call::Federated { wish } => {
                parts.add("federated");
                parts.add(wish.name.as_str());
                parts.add_tags(&wish.tags);
                parts.add_policies(wish.policy.as_ref(), &wish.policy_arns);
            }
            Call::WebIdentity { token, wish } => {
                parts.add("web-identity");
                match token {
                    TokenSource::File { path } => parts.add_all(["file", path.as_str()]),
                    TokenSource::Command { words } => {
                        parts.add("command");
                        parts.add_all(words);
                    }
                }
                parts.add_role(wish);
            }
        }
        Self(parts.0.finalize().into())
    }

    /// Inputs of a test's own.
    #[cfg(test)]
    pub(crate) fn numbered(number: u32) -> Self {
        Self(Sha256::digest(number.to_be_bytes()).into())
    }
}

struct Parts(Sha256);

impl Parts {
    fn add(&mut self, part: impl AsRef<[u8]>) {
        let part = part.as_ref();
        self.0.update((part.len() as u64).to_be_bytes());
        self.0.update(part);
    }

    fn maybe(&mut self, part: Option<impl AsRef<[u8]>>) {
        self.0.update([u8::from(part.is_some())]);
        if let Some(part) = part {
            self.add(part);
        }
    }

    fn add_all(&mut self, parts: impl IntoIterator<Item = impl AsRef<[u8]>>) {
        let mut count: u64 = 0;
        for part in parts {
            self.add(part);
            count += 1;
        }
        self.0.update(count.to_be_bytes());
    }

    fn add_role(&mut self, wish: &RoleWish) {
        self.add(wish.role.as_str());
        self.add(wish.session_name.as_str());
        self.maybe(wish.external_id.as_ref().map(|id| id.as_str()));
        self.maybe(wish.source_identity.as_ref().map(|name| name.as_str()));
        self.add_tags(&wish.tags);
        self.add_policies(wish.policy.as_ref(), &wish.policy_arns);
    }

    fn add_tags(&mut self, tags: &[SessionTag]) {
        for tag in tags {
            let stays = if tag.transitive { "transitive" } else { "" };
            self.add_all([tag.key.as_str(), tag.value.as_str(), stays]);
        }
        self.0.update((tags.len() as u64).to_be_bytes());
    }

    fn add_policies(&mut self, policy: Option<&SessionPolicy>, arns: &[PolicyArn]) {
        self.maybe(policy.map(|policy| policy.as_str()));
        self.add_all(arns.iter().map(PolicyArn::as_str));
    }
}
