//! Reading and changing items.

use undercroft_model::{
    Content, Extra, Field, Item, ItemId, ItemState, PastContent, PastReason, Revision, SealedValue,
    Settings, Timestamp,
};
use undercroft_secret::SecretBytes;

use crate::body::StoredItem;
use crate::error::VaultError;
use crate::sealed;
use crate::store::merge::{is_same_content, tidy_history};
use crate::store::seen::Seen;

use super::Vault;

/// How long an item stays in the bin, in seconds: 30 days.
pub const BIN_SECS: i64 = 30 * 24 * 60 * 60;

impl Vault {
    /// Decodes every item, tombstones included, in the order of their ids.
    ///
    /// An item that this version can't read comes as [`VaultError::BadItem`]; it stays in the vault.
    pub fn items(&self) -> impl Iterator<Item = Result<Item, VaultError>> {
        self.body.items.iter().map(decode)
    }

    /// Decodes one item.
    ///
    /// # Errors
    /// [`VaultError::NoSuchItem`] or [`VaultError::BadItem`].
    pub fn item(&self, id: ItemId) -> Result<Item, VaultError> {
        decode(self.body.items.get(id).ok_or(VaultError::NoSuchItem(id))?)
    }

    /// Decodes one item, if it is there and can be read.
    #[must_use]
    pub fn get(&self, id: ItemId) -> Option<Item> {
        self.item(id).ok()
    }

    /// Puts a content into the vault: into the item of that id, or into a new one.
    ///
    /// The previous content goes to the item's history. Putting what is there already changes nothing. A new
    /// id may be given for an item that does not exist yet, since sealing its secrets needs it.
    ///
    /// # Errors
    /// [`VaultError::WrongState`] when the item is in the bin or deleted, [`VaultError::BadItem`] when its
    /// present content can't be read.
    pub fn put(
        &mut self,
        id: Option<ItemId>,
        content: Content,
        now: Timestamp,
    ) -> Result<ItemId, VaultError> {
        let id = id.unwrap_or_else(ItemId::new_random);
        let Some(stored) = self.body.items.get(id) else {
            let item = Item {
                id,
                revision: Revision::first(self.installation),
                created_at: now,
                modified_at: now,
                state: ItemState::Live(content),
                history: Vec::new(),
                extra: Extra::new(),
            };
            self.replace(&item)?;
            return Ok(id);
        };
        let mut item = decode(stored)?;
        let ItemState::Live(previous) = &mut item.state else {
            return Err(VaultError::WrongState(id));
        };
        if *previous == content {
            return Ok(id);
        }
        let previous = std::mem::replace(previous, content);
        push_history(&mut item, previous, now);
        self.advance(item, now)?;
        Ok(id)
    }

    /// Changes an item in a way that nobody would want back, such as a favourite or the date of a check: the previous
    /// content does not go to the history, which has room for few.
    ///
    /// # Errors
    /// [`VaultError::WrongState`] when the item is not live.
    pub fn amend(
        &mut self,
        id: ItemId,
        content: Content,
        now: Timestamp,
    ) -> Result<(), VaultError> {
        let mut item = self.item(id)?;
        match &mut item.state {
            ItemState::Live(previous) if *previous == content => return Ok(()),
            ItemState::Live(previous) => *previous = content,
            ItemState::Binned { .. } | ItemState::Deleted { .. } => {
                return Err(VaultError::WrongState(id));
            }
        }
        self.advance(item, now)
    }

    /// Puts an item into the bin.
    ///
    /// # Errors
    /// [`VaultError::WrongState`] when it is not live.
    pub fn bin(&mut self, id: ItemId, now: Timestamp) -> Result<(), VaultError> {
        let mut item = self.item(id)?;
        item.state = match item.state {
            ItemState::Live(content) => ItemState::Binned { at: now, content },
            ItemState::Binned { .. } | ItemState::Deleted { .. } => {
                return Err(VaultError::WrongState(id));
            }
        };
        self.advance(item, now)
    }

    /// Takes an item out of the bin.
    ///
    /// # Errors
    /// [`VaultError::WrongState`] when it is not in the bin.
    pub fn restore(&mut self, id: ItemId, now: Timestamp) -> Result<(), VaultError> {
        let mut item = self.item(id)?;
        item.state = match item.state {
            ItemState::Binned { content, .. } => ItemState::Live(content),
            ItemState::Live(_) | ItemState::Deleted { .. } => {
                return Err(VaultError::WrongState(id));
            }
        };
        self.advance(item, now)
    }

    /// Deletes an item for good, with its history; a tombstone stays, so that merging does not bring it back.
    ///
    /// # Errors
    /// [`VaultError::WrongState`] when it is deleted already.
    pub fn delete(&mut self, id: ItemId, now: Timestamp) -> Result<(), VaultError> {
        let mut item = self.item(id)?;
        if matches!(item.state, ItemState::Deleted { .. }) {
            return Err(VaultError::WrongState(id));
        }
        item.state = ItemState::Deleted { at: now };
        item.history.clear();
        self.advance(item, now)
    }

    /// Deletes what has been in the bin for 30 days, and answers which items that were.
    ///
    /// # Errors
    /// None in practice: only what could be decoded is deleted.
    pub fn expire_bin(&mut self, now: Timestamp) -> Result<Vec<ItemId>, VaultError> {
        let expired: Vec<ItemId> = self
            .items()
            .filter_map(Result::ok)
            .filter(|item| match item.state {
                ItemState::Binned { at, .. } => now.secs_since(at) >= BIN_SECS,
                ItemState::Live(_) | ItemState::Deleted { .. } => false,
            })
            .map(|item| item.id)
            .collect();
        for id in &expired {
            self.delete(*id, now)?;
        }
        Ok(expired)
    }

    /// The vault's settings; the strict ones when there are none or they can't be read.
    #[must_use]
    pub fn settings(&self) -> Settings {
        self.get(self.settings_id())
            .and_then(|item| item.live().and_then(Content::as_settings).cloned())
            .unwrap_or_default()
    }

    /// Changes the vault's settings.
    ///
    /// # Errors
    /// As [`Vault::put`].
    pub fn put_settings(&mut self, settings: Settings, now: Timestamp) -> Result<(), VaultError> {
        self.put(Some(self.settings_id()), Content::Settings(settings), now)
            .map(|_| ())
    }

    /// The settings' item has the vault's own id, so that two installations change the same one.
    #[must_use]
    pub fn settings_id(&self) -> ItemId {
        ItemId::from_bytes(*self.id().as_bytes())
    }

    /// Seals a secret for a field of an item, under a new value id.
    #[must_use]
    pub fn seal(&self, item: ItemId, field: &Field, secret: &SecretBytes) -> SealedValue {
        sealed::seal(&self.key, self.id(), item, field, secret)
    }

    /// Opens a sealed value of a field of an item.
    ///
    /// # Errors
    /// [`VaultError::Format`] when it was sealed for another place or changed.
    pub fn unseal(
        &self,
        item: ItemId,
        field: &Field,
        value: &SealedValue,
    ) -> Result<SecretBytes, VaultError> {
        Ok(sealed::unseal(&self.key, self.id(), item, field, value)?)
    }

    /// Gives a changed item its next revision and stores it.
    fn advance(&mut self, mut item: Item, now: Timestamp) -> Result<(), VaultError> {
        let seen = Seen::of(&item);
        item.revision = seen.next(self.installation);
        item.modified_at = now;
        seen.write(&mut item);
        self.replace(&item)
    }

    fn replace(&mut self, item: &Item) -> Result<(), VaultError> {
        self.body.items.insert(StoredItem::encode(item)?);
        self.dirty = true;
        Ok(())
    }
}

fn decode(stored: &StoredItem) -> Result<Item, VaultError> {
    stored
        .decode()
        .map_err(|_| VaultError::BadItem(stored.id()))
}

/// A clock that was set back must not make the newest entry the first to be dropped.
fn push_history(item: &mut Item, content: Content, now: Timestamp) {
    if item
        .history
        .last()
        .is_some_and(|past| is_same_content(&past.content, &content))
    {
        return;
    }
    let latest = item
        .history
        .iter()
        .map(|past| past.replaced_at)
        .max()
        .unwrap_or(now);
    item.history.push(PastContent {
        revision: item.revision,
        replaced_at: now.max(latest),
        reason: PastReason::Edited,
        content,
        extra: Extra::new(),
    });
    tidy_history(&mut item.history);
}
