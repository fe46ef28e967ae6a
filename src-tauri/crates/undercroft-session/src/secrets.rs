//! Custom secrets, revealing, and random passwords.

use undercroft_model::{
    Account, Content, CustomSecret, Extra, Field, FieldId, Identity, ItemId,
    rules::{MAX_SECRETS, check_label},
};
use undercroft_secret::SecretString;

use crate::{
    CustomSecretDraft, CustomSecretRow, SecretRef, Session, SessionError, unlocked::Unlocked,
};

/// How long a random password is.
const PASSWORD_LEN: usize = 20;

/// Each kind of character that AWS's strictest policy demands, without those that look like another; the symbols are
/// of IAM's list and need no quoting in a shell.
const KINDS: [&[u8]; 4] = [
    b"ABCDEFGHJKLMNPQRSTUVWXYZ",
    b"abcdefghijkmnopqrstuvwxyz",
    b"23456789",
    b"@%^_+-=",
];

impl Session {
    /// Files or changes a custom secret; its field.
    ///
    /// # Errors
    /// [`SessionError::Invalid`] with what can't be taken; when the item is gone.
    pub async fn save_custom_secret(
        &self,
        draft: CustomSecretDraft,
    ) -> Result<FieldId, SessionError> {
        self.act(move |open| open.save_custom_secret(draft)).await
    }

    /// Takes a custom secret away; the item's history keeps it.
    ///
    /// # Errors
    /// When it is gone.
    pub async fn remove_custom_secret(
        &self,
        item: ItemId,
        field: FieldId,
    ) -> Result<(), SessionError> {
        self.act(move |open| open.remove_custom_secret(item, field))
            .await
    }

    /// One secret in the clear, because the user asked to see it.
    ///
    /// # Errors
    /// When it is gone.
    pub async fn reveal(&self, secret: SecretRef) -> Result<SecretString, SessionError> {
        self.act(move |open| open.secret(&secret)).await
    }
}

impl CustomSecretRow {
    pub(crate) fn of(secret: &CustomSecret) -> Self {
        Self {
            id: secret.id,
            label: secret.label.clone(),
        }
    }
}

impl Unlocked {
    /// Opens the secret that is meant.
    pub(crate) fn secret(&self, secret: &SecretRef) -> Result<SecretString, SessionError> {
        let gone = SessionError::NoSuchItem;
        match secret {
            SecretRef::Password { identity: id } => {
                let identity = self.identity_of(*id)?;
                let sign_on = identity.sign_on.ok_or(gone)?;
                self.unseal_text(*id, &Field::Password, &sign_on.password)
            }
            SecretRef::PastPassword {
                identity: id,
                value,
            } => {
                let identity = self.identity_of(*id)?;
                let sign_on = identity.sign_on.ok_or(gone.clone())?;
                let mut past = sign_on.past.iter();
                let past = past.find(|past| past.value.id == *value).ok_or(gone)?;
                self.unseal_text(*id, &Field::Password, &past.value)
            }
            SecretRef::SecretKey { identity: id, key } => {
                let identity = self.identity_of(*id)?;
                let key = identity.key(key).ok_or(gone)?;
                let field = Field::AccessKeySecret(key.id.clone());
                self.unseal_text(*id, &field, &key.secret)
            }
            SecretRef::Custom { item, field } => {
                let content = self.item(*item)?.live().cloned().ok_or(gone.clone())?;
                let mut secrets = secrets_of(&content)?.iter();
                let secret = secrets.find(|secret| secret.id == *field).ok_or(gone)?;
                self.unseal_text(*item, &Field::Custom(*field), &secret.value)
            }
        }
    }

    fn save_custom_secret(&mut self, draft: CustomSecretDraft) -> Result<FieldId, SessionError> {
        let label = draft.label.trim().to_owned();
        check_label(&label).map_err(|error| SessionError::field("label", error))?;
        let item = self.item(draft.item)?;
        let mut content = item.live().cloned().ok_or(SessionError::NoSuchItem)?;
        let value = draft.value.filter(|value| !value.is_empty());
        let id = draft.id.unwrap_or_else(FieldId::new_random);
        let sealed = value.map(|value| self.seal_text(draft.item, &Field::Custom(id), value));
        let secrets = secrets_of_mut(&mut content)?;
        let count = secrets.len();
        if let Some(secret) = secrets.iter_mut().find(|secret| secret.id == id) {
            secret.label = label;
            secret.value = sealed.unwrap_or_else(|| secret.value.clone());
        } else if draft.id.is_some() {
            return Err(SessionError::NoSuchItem);
        } else if count >= MAX_SECRETS {
            let limit = u32::try_from(MAX_SECRETS).unwrap_or(u32::MAX);
            return Err(SessionError::TooMany { limit });
        } else {
            secrets.push(CustomSecret {
                id,
                label,
                value: sealed.ok_or_else(|| SessionError::field("value", "type the secret"))?,
                extra: Extra::new(),
            });
        }
        self.put(draft.item, content)?;
        Ok(id)
    }

    fn remove_custom_secret(&mut self, item: ItemId, field: FieldId) -> Result<(), SessionError> {
        let found = self.item(item)?;
        let mut content = found.live().cloned().ok_or(SessionError::NoSuchItem)?;
        let secrets = secrets_of_mut(&mut content)?;
        let before = secrets.len();
        secrets.retain(|secret| secret.id != field);
        if secrets.len() == before {
            return Err(SessionError::NoSuchItem);
        }
        self.put(item, content)
    }
}

fn secrets_of(content: &Content) -> Result<&[CustomSecret], SessionError> {
    match content {
        Content::Account(Account { secrets, .. }) | Content::Identity(Identity { secrets, .. }) => {
            Ok(secrets)
        }
        Content::Profile(_) | Content::Settings(_) | Content::Unknown { .. } => {
            Err(SessionError::NoSuchItem)
        }
    }
}

fn secrets_of_mut(content: &mut Content) -> Result<&mut Vec<CustomSecret>, SessionError> {
    match content {
        Content::Account(Account { secrets, .. }) | Content::Identity(Identity { secrets, .. }) => {
            Ok(secrets)
        }
        Content::Profile(_) | Content::Settings(_) | Content::Unknown { .. } => {
            Err(SessionError::NoSuchItem)
        }
    }
}

/// Draws a password of 20 characters with at least one of each kind: 113 bits or more.
pub(crate) fn random_password() -> Result<SecretString, SessionError> {
    let all = KINDS.concat();
    loop {
        let mut password = String::with_capacity(PASSWORD_LEN);
        while password.len() < PASSWORD_LEN {
            let mut byte = [0];
            getrandom::fill(&mut byte).map_err(|_| SessionError::Internal)?;
            password.extend(character(&all, byte[0]));
        }
        let password = SecretString::new(password);
        let has = |kind: &[u8]| password.expose().bytes().any(|byte| kind.contains(&byte));
        if KINDS.into_iter().all(has) {
            return Ok(password);
        }
    }
}

/// The character that a random byte stands for; none for those beyond the last whole multiple, which would make the
/// first characters likelier.
fn character(all: &[u8], byte: u8) -> Option<char> {
    let place = usize::from(byte);
    (place < 256 - 256 % all.len()).then(|| char::from(all[place % all.len()]))
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, HashSet};

    use super::*;

    #[test]
    fn every_character_is_as_likely_as_any_other() {
        for all in [KINDS.concat(), b"abc".to_vec(), b"01234567".to_vec()] {
            let mut bytes: BTreeMap<char, usize> = BTreeMap::new();
            for byte in 0..=u8::MAX {
                if let Some(character) = character(&all, byte) {
                    *bytes.entry(character).or_default() += 1;
                }
            }
            assert_eq!(bytes.len(), all.len());
            let each = 256 / all.len();
            assert!(bytes.values().all(|count| *count == each), "{bytes:?}");
        }
    }

    #[test]
    fn random_passwords_satisfy_the_strictest_policy_and_differ() {
        let mut seen = HashSet::new();
        for _ in 0..500 {
            let password = random_password().unwrap();
            let text = password.expose();
            assert_eq!(text.len(), PASSWORD_LEN);
            assert!(text.chars().any(|c| c.is_ascii_uppercase()));
            assert!(text.chars().any(|c| c.is_ascii_lowercase()));
            assert!(text.chars().any(|c| c.is_ascii_digit()));
            // IAM's list of symbols (API reference, UpdateAccountPasswordPolicy).
            assert!(text.chars().any(|c| "!@#$%^&*()_+-=[]{}|'".contains(c)));
            assert!(seen.insert(text.to_owned()));
        }
    }
}
