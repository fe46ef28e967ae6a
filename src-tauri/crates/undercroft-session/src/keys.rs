//! Access keys: filing, checking with AWS, removing.

use time::{Date, macros::format_description};
use undercroft_aws::{Answer, AwsError, AwsErrorKind, CallerIdentity, LongTermKey, Signer};
use undercroft_model::{
    AccessKey, AccessKeyId, Account, Content, Extra, Field, Identity, IdentityKind, ItemId,
    KeyState, Timestamp,
};

use crate::{
    Caller, KeyDetails, KeyDraft, Session, SessionError, accounts::Problems, clocks::clock_name,
    unlocked::Unlocked,
};

impl Session {
    /// Files or changes an access key.
    ///
    /// # Errors
    /// [`SessionError::Invalid`] with what can't be taken, [`SessionError::TooMany`].
    pub async fn save_access_key(&self, draft: KeyDraft) -> Result<(), SessionError> {
        self.act(move |open| open.save_access_key(draft)).await
    }

    /// Takes an access key away, with the sessions made from it; the item's history keeps it.
    ///
    /// # Errors
    /// When it is gone.
    pub async fn remove_access_key(
        &self,
        identity: ItemId,
        key: AccessKeyId,
    ) -> Result<(), SessionError> {
        self.act(move |open| open.remove_access_key(identity, &key))
            .await
    }

    /// Asks AWS whose key this is (GetCallerIdentity), and keeps whether it is active.
    ///
    /// # Errors
    /// [`SessionError::Aws`] with what AWS says; when the key is gone.
    pub async fn check_access_key(
        &self,
        identity: ItemId,
        key: AccessKeyId,
    ) -> Result<Caller, SessionError> {
        let asked = key.clone();
        let calling = self
            .act(move |open| open.ask_caller(identity, &asked))
            .await?;
        // Cut off by locking.
        let answer = calling.await.map_err(|_| SessionError::Locked)?;
        self.act(move |open| open.note_caller(identity, &key, answer))
            .await
    }
}

impl KeyDetails {
    pub(crate) fn of(key: &AccessKey, used_here: Option<&Timestamp>) -> Self {
        Self {
            id: key.id.clone(),
            state: key.state,
            added_at: key.added_at,
            created_at: key.created_at,
            rotated_at: key.rotated_at,
            last_used_at: key.last_used_at.max(used_here.copied()),
            checked_at: key.checked_at,
        }
    }
}

impl Unlocked {
    fn save_access_key(&mut self, draft: KeyDraft) -> Result<(), SessionError> {
        let mut identity = self.identity_of(draft.identity)?;
        let mut problems = Problems::default();
        let id = problems.check("id", AccessKeyId::parse(&draft.id));
        let created_at = problems.optional("created_on", &draft.created_on, parse_day);
        problems.end()?;
        let id = id.ok_or(SessionError::Internal)?;

        let mut secret = draft.secret.filter(|secret| !secret.is_empty());
        if let Some(existing) = draft.existing.as_ref().filter(|existing| **existing != id) {
            // A secret is sealed for its key's id, so it is sealed again under a corrected one.
            let key = identity.key(existing).ok_or(SessionError::NoSuchItem)?;
            let field = Field::AccessKeySecret(existing.clone());
            let present = self.unseal_text(draft.identity, &field, &key.secret)?;
            secret.get_or_insert(present);
        }
        if let Some(secret) = &secret {
            check_secret(secret.expose())?;
        }
        let is_new_secret = secret.is_some();
        let field = Field::AccessKeySecret(id.clone());
        let sealed = secret.map(|secret| {
            let secret = undercroft_secret::SecretString::copy_of(secret.expose().trim());
            self.seal_text(draft.identity, &field, secret)
        });
        let now = self.now();
        match (&draft.existing, sealed) {
            (Some(existing), sealed) => {
                let mut keys = identity.keys.iter_mut();
                let key = keys
                    .find(|key| key.id == *existing)
                    .ok_or(SessionError::NoSuchItem)?;
                key.id = id;
                key.state = draft.state;
                key.created_at = created_at;
                if let Some(secret) = sealed {
                    key.secret = secret;
                    key.rotated_at = Some(now);
                    key.checked_at = None;
                }
            }
            (None, None) => {
                return Err(SessionError::field("secret", "type the secret access key"));
            }
            (None, Some(secret)) => identity.keys.push(AccessKey {
                id,
                secret,
                state: draft.state,
                added_at: now,
                created_at,
                rotated_at: None,
                last_used_at: None,
                checked_at: None,
                extra: Extra::new(),
            }),
        }
        self.put_identity(Some(draft.identity), identity)?;
        if let Some(existing) = draft.existing.filter(|_| is_new_secret) {
            self.drop_sessions_of_key(&existing);
        }
        Ok(())
    }

    fn remove_access_key(&mut self, id: ItemId, key: &AccessKeyId) -> Result<(), SessionError> {
        let mut identity = self.identity_of(id)?;
        identity.key(key).ok_or(SessionError::NoSuchItem)?;
        identity.keys.retain(|other| other.id != *key);
        self.put(id, Content::Identity(identity))?;
        self.drop_sessions_of_key(key);
        Ok(())
    }

    /// A key with its secret in the clear, for a call.
    pub(crate) fn long_term_key(
        &self,
        id: ItemId,
        identity: &Identity,
        key: &AccessKeyId,
    ) -> Result<LongTermKey, SessionError> {
        let key = identity.key(key).ok_or(SessionError::NoSuchItem)?;
        let field = Field::AccessKeySecret(key.id.clone());
        Ok(LongTermKey {
            id: key.id.clone(),
            secret: self.unseal_text(id, &field, &key.secret)?,
        })
    }

    fn ask_caller(
        &mut self,
        id: ItemId,
        key: &AccessKeyId,
    ) -> Result<tokio::task::JoinHandle<Result<Answer<CallerIdentity>, AwsError>>, SessionError>
    {
        let (identity, account) = self.identity_and_account(id)?;
        let key = self.long_term_key(id, &identity, key)?;
        let target = self.target_of(&account);
        let sts = self.shared.sts.clone();
        Ok(self
            .calls
            .spawn(async move { sts.get_caller_identity(&target, Signer::Key(&key)).await }))
    }

    fn note_caller(
        &mut self,
        id: ItemId,
        key: &AccessKeyId,
        answer: Result<Answer<CallerIdentity>, AwsError>,
    ) -> Result<Caller, SessionError> {
        let (mut identity, account) = self.identity_and_account(id)?;
        let host = clock_name(&account);
        let offset = match &answer {
            Ok(answer) => answer.clock_offset_secs,
            Err(error) => error.clock_offset_secs,
        };
        self.learn_offset(&host, offset);
        let state = match &answer {
            Ok(_) => Some(KeyState::Active),
            // AWS says the same of a key that is inactive, deleted, or used in a region that is not enabled.
            Err(error) if error.kind == AwsErrorKind::InactiveOrUnknownKey => {
                Some(KeyState::Unknown)
            }
            Err(_) => None,
        };
        let now = self.now();
        let kind = identity.kind.clone();
        if let Some(filed) = identity.keys.iter_mut().find(|filed| filed.id == *key)
            && let Some(state) = state
            && self.demand_writable().is_ok()
        {
            filed.state = state;
            filed.checked_at = Some(now);
            self.amend(id, Content::Identity(identity))?;
        }
        if answer.is_ok() {
            self.state.keys_used.insert(key.clone(), now);
        }
        self.keep_state();
        match answer {
            Ok(answer) => Ok(Caller {
                matches: is_filed_under(&answer.value, &account, &kind),
                account: answer.value.account,
                arn: answer.value.arn,
                user_id: answer.value.user_id,
            }),
            Err(error) => Err(SessionError::Aws { error, host }),
        }
    }
}

/// Whether a caller is the identity that its key is filed under.
fn is_filed_under(caller: &CallerIdentity, account: &Account, kind: &IdentityKind) -> bool {
    let resource = caller.arn.resource();
    let is_user = match kind {
        IdentityKind::Root { .. } => resource == "root",
        // A user's ARN has its path between: user/division/jane.
        IdentityKind::IamUser { name } => {
            resource.starts_with("user/") && resource.rsplit('/').next() == Some(name.as_str())
        }
    };
    is_user && caller.account == account.id && caller.arn.partition() == account.partition
}

/// A secret access key is one word; what else it is, AWS knows.
pub(crate) fn check_secret(secret: &str) -> Result<(), SessionError> {
    let secret = secret.trim();
    let is_plausible =
        (16..=128).contains(&secret.len()) && secret.bytes().all(|byte| byte.is_ascii_graphic());
    if is_plausible {
        return Ok(());
    }
    let message =
        "a secret access key has 40 characters without spaces, such as letters, digits, + and /";
    Err(SessionError::field("secret", message))
}

/// A text is no day.
#[derive(Debug, thiserror::Error)]
#[error("write the day like 2026-11-23")]
struct DayError;

fn parse_day(text: &str) -> Result<Timestamp, DayError> {
    let day = Date::parse(text.trim(), format_description!("[year]-[month]-[day]"))
        .map_err(|_| DayError)?;
    Ok(Timestamp::from_unix_secs(
        day.midnight().assume_utc().unix_timestamp(),
    ))
}
