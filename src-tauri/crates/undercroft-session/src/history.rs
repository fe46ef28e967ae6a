//! Earlier versions of an item.

use undercroft_model::{Account, Content, Identity, ItemId, PastReason, Profile};
use undercroft_vault::without_sealed_bytes;

use crate::{HistoryRow, Session, SessionError, unlocked::Unlocked};

impl Session {
    /// Earlier versions of an item, newest first.
    ///
    /// # Errors
    /// When the item is gone.
    pub async fn history(&self, item: ItemId) -> Result<Vec<HistoryRow>, SessionError> {
        self.look(move |open| open.history_rows(item)).await
    }

    /// Brings an earlier version back; the present one goes to the history.
    ///
    /// # Errors
    /// When it is gone, or something else in the vault is in its way.
    pub async fn restore_history(&self, item: ItemId, index: usize) -> Result<(), SessionError> {
        self.act(move |open| open.restore_history(item, index))
            .await
    }
}

impl Unlocked {
    fn history_rows(&self, id: ItemId) -> Result<Vec<HistoryRow>, SessionError> {
        let item = self.item(id)?;
        // A secret's id says whether it changed; sealing it again changes only its bytes.
        let present = item.content().ok_or(SessionError::NoSuchItem)?;
        let present = without_sealed_bytes(present);
        Ok(item
            .history
            .iter()
            .enumerate()
            .rev()
            .map(|(index, past)| HistoryRow {
                index,
                replaced_at: past.replaced_at,
                lost_merge: past.reason == PastReason::LostMerge,
                differs_in: differences(&present, &without_sealed_bytes(&past.content)),
                name: name_of(&past.content),
            })
            .collect())
    }

    fn restore_history(&mut self, id: ItemId, index: usize) -> Result<(), SessionError> {
        let item = self.item(id)?;
        item.live().ok_or(SessionError::NoSuchItem)?;
        let past = item.history.get(index).ok_or(SessionError::NoSuchItem)?;
        match &past.content {
            Content::Account(account) => self.demand_account(account, Some(id))?,
            Content::Identity(identity) => self.demand_identity(identity, Some(id))?,
            Content::Profile(profile) => self.demand_profile(profile, Some(id))?,
            Content::Settings(_) | Content::Unknown { .. } => {
                return Err(SessionError::NoSuchItem);
            }
        }
        self.put(id, past.content.clone())?;
        Ok(())
    }
}

fn name_of(content: &Content) -> String {
    match content {
        Content::Account(account) => account.title().to_owned(),
        Content::Identity(identity) => identity.kind.sign_in_name().to_owned(),
        Content::Profile(profile) => profile.name.as_str().to_owned(),
        Content::Settings(_) | Content::Unknown { .. } => String::new(),
    }
}

/// Names of the fields in which two versions differ.
fn differences(present: &Content, past: &Content) -> Vec<&'static str> {
    match (present, past) {
        (Content::Account(present), Content::Account(past)) => account_differences(present, past),
        (Content::Identity(present), Content::Identity(past)) => {
            identity_differences(present, past)
        }
        (Content::Profile(present), Content::Profile(past)) => profile_differences(present, past),
        _ => Vec::new(),
    }
}

fn account_differences(present: &Account, past: &Account) -> Vec<&'static str> {
    differing([
        ("account_id", present.id != past.id),
        ("alias", present.alias != past.alias),
        ("partition", present.partition != past.partition),
        ("name", present.name != past.name),
        ("colour", present.colour != past.colour),
        ("production", present.production != past.production),
        ("favourite", present.favourite != past.favourite),
        ("tags", present.tags != past.tags),
        ("notes", present.notes != past.notes),
        ("region", present.region != past.region),
        ("endpoints", present.endpoints != past.endpoints),
        ("secrets", present.secrets != past.secrets),
    ])
}

fn profile_differences(present: &Profile, past: &Profile) -> Vec<&'static str> {
    differing([
        ("name", present.name != past.name),
        ("recipe", present.recipe != past.recipe),
        ("region", present.region != past.region),
        ("output", present.output != past.output),
        ("duration", present.duration != past.duration),
        ("favourite", present.favourite != past.favourite),
        ("notes", present.notes != past.notes),
        ("approval", present.approval != past.approval),
    ])
}

fn identity_differences(present: &Identity, past: &Identity) -> Vec<&'static str> {
    differing([
        ("account", present.account != past.account),
        ("name", present.kind != past.kind),
        ("favourite", present.favourite != past.favourite),
        ("notes", present.notes != past.notes),
        ("password", present.sign_on != past.sign_on),
        ("devices", present.devices != past.devices),
        ("keys", present.keys != past.keys),
        ("secrets", present.secrets != past.secrets),
    ])
}

fn differing<const N: usize>(fields: [(&'static str, bool); N]) -> Vec<&'static str> {
    fields
        .into_iter()
        .filter(|(_, differs)| *differs)
        .map(|(name, _)| name)
        .collect()
}
