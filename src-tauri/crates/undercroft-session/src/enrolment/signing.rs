//! Whose signature IAM's calls carry, where they go, and that no two of them run for one identity.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, PoisonError},
};

use undercroft_aws::{IamTarget, LongTermKey, SessionCredentials, Signer};
use undercroft_model::{AccessKeyId, Account, ItemId, Timestamp};

use super::Subject;
use crate::{SessionError, SessionKind, clocks::clock_name, unlocked::Unlocked};

/// A session that ends sooner than this signs nothing.
const LEAST_SECS: i64 = 60;

/// What signs a call.
pub(super) enum Signing {
    Key(LongTermKey),
    Session(Box<SessionCredentials>),
}

impl Signing {
    pub(super) fn signer(&self) -> Signer<'_> {
        match self {
            Self::Key(key) => Signer::Key(key),
            Self::Session(session) => Signer::Session(session),
        }
    }

    /// Whether the call shows that MFA was used.
    pub(super) fn has_mfa(&self) -> bool {
        matches!(self, Self::Session(_))
    }
}

/// Identities for which a step runs.
#[derive(Clone, Debug, Default)]
pub(crate) struct Enrolling(Arc<Mutex<BTreeSet<ItemId>>>);

/// Lets nobody else in until it is dropped.
pub(super) struct Turn(Enrolling, ItemId);

impl Enrolling {
    /// The turn for an identity, unless somebody has it.
    pub(super) fn enter(&self, identity: ItemId) -> Option<Turn> {
        let mut busy = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        busy.insert(identity).then(|| Turn(self.clone(), identity))
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut busy = (self.0.0).lock().unwrap_or_else(PoisonError::into_inner);
        busy.remove(&self.1);
    }
}

/// Names the clock of an account's IAM, as [`clock_name`] does for STS.
pub(super) fn iam_clock_name(account: &Account) -> String {
    match &account.endpoints.iam {
        Some(endpoint) => {
            let scheme = if endpoint.is_plain_http() {
                "http"
            } else {
                "https"
            };
            format!("{scheme}://{}", endpoint.authority())
        }
        None => account.partition.iam_endpoint_host().to_owned(),
    }
}

impl Unlocked {
    /// A live session with MFA, else the long-term key: many accounts deny everything without MFA.
    pub(super) fn signing(
        &self,
        id: ItemId,
        subject: &Subject,
        key: &AccessKeyId,
    ) -> Result<Signing, SessionError> {
        let mut sessions = self.live_sessions();
        let now = self.time_at(&subject.account);
        let with_mfa = sessions.find(|session| {
            session.kind == SessionKind::Session
                && session.identity == Some(id)
                && session.key.as_ref() == Some(key)
                && session.device.is_some()
                && session.credentials.expiration().secs_since(now) > LEAST_SECS
        });
        Ok(match with_mfa {
            Some(session) => Signing::Session(Box::new(session.credentials.clone())),
            None => Signing::Key(self.long_term_key(id, &subject.identity, key)?),
        })
    }

    /// The clock of an account's IAM: its own once it was heard of, before that STS's when both are AWS's.
    fn iam_clock(&self, account: &Account) -> String {
        let own = iam_clock_name(account);
        let are_aws = account.endpoints.iam.is_none() && account.endpoints.sts.is_none();
        if are_aws && !self.state.clocks.contains_key(&own) {
            clock_name(account)
        } else {
            own
        }
    }

    /// The time at an account's IAM.
    pub(super) fn time_at_iam(&self, account: &Account) -> Timestamp {
        self.time_by(&self.iam_clock(account))
    }

    pub(super) fn iam_target(&self, account: &Account) -> IamTarget {
        let offset = self.time_at_iam(account).secs_since(self.now());
        IamTarget {
            partition: account.partition,
            endpoint: account.endpoints.iam.clone(),
            clock_offset_secs: offset,
        }
    }
}
