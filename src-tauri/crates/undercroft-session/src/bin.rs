//! The bin: where deleted accounts and identities rest for 30 days.

use undercroft_model::{Content, Item, ItemId, ItemState, Timestamp};
use undercroft_vault::BIN_SECS;

use crate::{BinRow, BinnedKind, Session, SessionError, unlocked::Unlocked};

impl Session {
    /// What lies in the bin, newest first.
    ///
    /// # Errors
    /// When the vault is locked.
    pub async fn bin(&self) -> Result<Vec<BinRow>, SessionError> {
        self.look(|open| Ok(open.bin_rows())).await
    }

    /// Puts an account with its identities, or an identity, into the bin.
    ///
    /// # Errors
    /// When it is gone.
    pub async fn bin_item(&self, item: ItemId) -> Result<(), SessionError> {
        self.act(move |open| open.bin_item(item)).await
    }

    /// Takes an account, with the identities that went along with it, or an identity with its account, out of the bin.
    ///
    /// # Errors
    /// When it is gone, or what takes its place is in the vault by now.
    pub async fn restore_item(&self, item: ItemId) -> Result<(), SessionError> {
        self.act(move |open| open.restore_item(item)).await
    }

    /// Removes what lies in the bin for good: an account with its identities, or an identity.
    ///
    /// # Errors
    /// When it is not in the bin.
    pub async fn delete_item(&self, item: ItemId) -> Result<(), SessionError> {
        self.act(move |open| open.delete_item(item)).await
    }

    /// Removes everything in the bin for good.
    ///
    /// # Errors
    /// When the vault is locked.
    pub async fn empty_bin(&self) -> Result<(), SessionError> {
        self.act(|open| {
            let binned: Vec<_> = open.catalogue.binned().collect();
            open.delete_for_good(&binned)
        })
        .await
    }
}

impl Unlocked {
    /// When an item was put into the bin, if it is there.
    pub(crate) fn binned_at(&self, id: ItemId) -> Option<Timestamp> {
        binned(&self.vault.get(id)?).map(|(at, _)| at)
    }

    fn bin_rows(&self) -> Vec<BinRow> {
        let mut rows: Vec<BinRow> = self
            .catalogue
            .binned()
            .filter_map(|id| self.bin_row(id))
            .collect();
        rows.sort_by(|one, other| {
            (other.binned_at, one.kind as u8, &one.name).cmp(&(
                one.binned_at,
                other.kind as u8,
                &other.name,
            ))
        });
        rows
    }

    fn bin_row(&self, id: ItemId) -> Option<BinRow> {
        let item = self.vault.get(id)?;
        let (binned_at, content) = binned(&item)?;
        let (kind, name, account) = match content {
            Content::Account(account) => (BinnedKind::Account, account.title().to_owned(), None),
            Content::Identity(identity) => {
                let name = identity.kind.sign_in_name().to_owned();
                (BinnedKind::Identity, name, Some(identity.account))
            }
            Content::Profile(profile) => {
                (BinnedKind::Profile, profile.name.as_str().to_owned(), None)
            }
            Content::Settings(_) | Content::Unknown { .. } => return None,
        };
        let account_item = account.and_then(|account| self.vault.get(account));
        let account_content = account_item.as_ref().and_then(Item::content);
        Some(BinRow {
            id,
            kind,
            name,
            account: account_content
                .and_then(Content::as_account)
                .map(|account| account.title().to_owned()),
            binned_at,
            goes_at: binned_at.plus_secs(BIN_SECS),
            with_account: account_item.is_some_and(|item| item.live().is_none()),
        })
    }

    fn bin_item(&mut self, id: ItemId) -> Result<(), SessionError> {
        self.demand_writable()?;
        let item = self.item(id)?;
        let mut items = vec![id];
        match item.live().ok_or(SessionError::NoSuchItem)? {
            Content::Account(_) => {
                items.extend(self.catalogue.identities_of(id).map(|card| card.row.id));
            }
            Content::Identity(_) | Content::Profile(_) => {}
            Content::Settings(_) | Content::Unknown { .. } => {
                return Err(SessionError::NoSuchItem);
            }
        }
        let now = self.now();
        for id in &items {
            self.vault
                .bin(*id, now)
                .map_err(|error| self.failure(&error))?;
        }
        self.changed(&items);
        Ok(())
    }

    fn restore_item(&mut self, id: ItemId) -> Result<(), SessionError> {
        self.demand_writable()?;
        let item = self.item(id)?;
        let (at, content) = binned(&item).ok_or(SessionError::NoSuchItem)?;
        let mut items = vec![id];
        match content {
            Content::Account(account) => {
                self.demand_account(account, Some(id))?;
                items.extend(self.binned_with(id, at));
            }
            Content::Identity(identity) => {
                let account_item = self.item(identity.account)?;
                if let Some((_, Content::Account(account))) = binned(&account_item) {
                    self.demand_account(account, Some(identity.account))?;
                    items.insert(0, identity.account);
                } else {
                    self.demand_identity(identity, Some(id))?;
                }
            }
            Content::Profile(profile) => self.demand_profile(profile, Some(id))?,
            Content::Settings(_) | Content::Unknown { .. } => {
                return Err(SessionError::NoSuchItem);
            }
        }
        let now = self.now();
        for id in &items {
            self.vault
                .restore(*id, now)
                .map_err(|error| self.failure(&error))?;
        }
        self.changed(&items);
        Ok(())
    }

    /// The identities that went into the bin along with their account.
    fn binned_with(&self, account: ItemId, at: Timestamp) -> Vec<ItemId> {
        self.binned_identities_of(account)
            .filter(|(_, binned_at)| *binned_at == at)
            .map(|(id, _)| id)
            .collect()
    }

    fn binned_identities_of(&self, account: ItemId) -> impl Iterator<Item = (ItemId, Timestamp)> {
        self.catalogue.binned().filter_map(move |id| {
            let item = self.vault.get(id)?;
            let (at, content) = binned(&item)?;
            let identity = content.as_identity()?;
            (identity.account == account).then_some((id, at))
        })
    }

    fn delete_item(&mut self, id: ItemId) -> Result<(), SessionError> {
        let item = self.item(id)?;
        let (_, content) = binned(&item).ok_or(SessionError::NoSuchItem)?;
        let mut items = vec![id];
        if content.as_account().is_some() {
            items.extend(self.binned_identities_of(id).map(|(id, _)| id));
        }
        self.delete_for_good(&items)
    }

    fn delete_for_good(&mut self, items: &[ItemId]) -> Result<(), SessionError> {
        self.demand_writable()?;
        let now = self.now();
        for id in items {
            self.vault
                .delete(*id, now)
                .map_err(|error| self.failure(&error))?;
        }
        self.changed(items);
        Ok(())
    }
}

/// What a binned item holds and since when it lies there.
fn binned(item: &Item) -> Option<(Timestamp, &Content)> {
    match &item.state {
        ItemState::Binned { at, content } => Some((*at, content)),
        ItemState::Live(_) | ItemState::Deleted { .. } => None,
    }
}
