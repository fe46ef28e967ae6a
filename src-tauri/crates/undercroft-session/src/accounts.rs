//! Accounts: listing, showing, filing.

use std::fmt::Display;

use undercroft_model::{
    Account, AccountAlias, AccountId, Colour, Content, EndpointUrl, Endpoints, ItemId, Partition,
    Region, Tag,
    rules::{AccountRuleError, check_account},
};

use crate::{
    AccountDetails, AccountDraft, AccountRow, CustomSecretRow, FieldProblem, Session, SessionError,
    unlocked::Unlocked,
};

impl Session {
    /// All accounts, favourites first, then by name.
    ///
    /// # Errors
    /// When the vault is locked.
    pub async fn accounts(&self) -> Result<Vec<AccountRow>, SessionError> {
        self.look(|open| Ok(open.account_rows())).await
    }

    /// One account.
    ///
    /// # Errors
    /// When it is gone.
    pub async fn account(&self, id: ItemId) -> Result<AccountDetails, SessionError> {
        self.look(move |open| open.account_details(id)).await
    }

    /// Files or changes an account; its item.
    ///
    /// # Errors
    /// [`SessionError::Invalid`] with what can't be taken, [`SessionError::DuplicateAccount`].
    pub async fn save_account(&self, draft: AccountDraft) -> Result<ItemId, SessionError> {
        self.act(move |open| open.save_account(&draft)).await
    }

    /// Puts an account or identity among the favourites, or takes it out.
    ///
    /// # Errors
    /// When it is gone.
    pub async fn set_favourite(&self, item: ItemId, favourite: bool) -> Result<(), SessionError> {
        self.act(move |open| open.set_favourite(item, favourite))
            .await
    }
}

/// Collects what can't be taken while reading a draft.
#[derive(Debug, Default)]
pub(crate) struct Problems(Vec<FieldProblem>);

impl Problems {
    /// The value, or nothing and a note of what is wrong with the field.
    pub(crate) fn check<T, E: Display>(
        &mut self,
        field: &'static str,
        parsed: Result<T, E>,
    ) -> Option<T> {
        parsed
            .map_err(|error| {
                let message = error.to_string();
                self.0.push(FieldProblem { field, message });
            })
            .ok()
    }

    /// Like `check`, for a field that may be empty.
    pub(crate) fn optional<T, E: Display>(
        &mut self,
        field: &'static str,
        text: &str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        if text.trim().is_empty() {
            return None;
        }
        self.check(field, parse(text))
    }

    /// Refuses when something was wrong.
    pub(crate) fn end(self) -> Result<(), SessionError> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(SessionError::Invalid { problems: self.0 })
        }
    }
}

impl AccountDraft {
    /// Reads the draft into an account, keeping of `present` what a draft does not have.
    fn read(&self, present: Option<Account>) -> Result<Account, SessionError> {
        let mut problems = Problems::default();
        let id = problems.check("account_id", AccountId::parse(&self.account_id));
        let partition = problems.check("partition", Partition::parse(&self.partition));
        let alias = problems.optional("alias", &self.alias, AccountAlias::parse);
        let colour = problems.optional("colour", &self.colour, Colour::parse);
        let region = problems.optional("region", &self.region, Region::parse);
        let mut endpoint = |field, text: &str| problems.optional(field, text, EndpointUrl::parse);
        let endpoints = Endpoints {
            sts: endpoint("sts_endpoint", &self.sts_endpoint),
            iam: endpoint("iam_endpoint", &self.iam_endpoint),
            sign_in: endpoint("sign_in_endpoint", &self.sign_in_endpoint),
            extra: present
                .as_ref()
                .map(|account| account.endpoints.extra.clone())
                .unwrap_or_default(),
        };
        let tags = self
            .tags
            .iter()
            .filter(|tag| !tag.trim().is_empty())
            .filter_map(|tag| problems.check("tags", Tag::parse(tag)))
            .collect();
        problems.end()?;
        let (Some(id), Some(partition)) = (id, partition) else {
            return Err(SessionError::Internal);
        };
        let mut account = present.unwrap_or_else(|| Account::new(id.clone(), partition));
        account.id = id;
        account.partition = partition;
        account.alias = alias;
        account.name = self.name.trim().to_owned();
        account.colour = colour.unwrap_or_default();
        account.production = self.production;
        account.tags = tags;
        account.notes = self.notes.clone();
        account.region = region;
        account.endpoints = endpoints;
        Ok(account)
    }
}

impl Unlocked {
    pub(crate) fn account_rows(&self) -> Vec<AccountRow> {
        let mut rows = self.catalogue.accounts();
        let live = self.live_accounts();
        for row in &mut rows {
            row.live = live.contains(&row.id);
        }
        rows
    }

    /// An account's row as lists show it.
    pub(crate) fn account_row(&self, id: ItemId) -> Result<AccountRow, SessionError> {
        let mut row = self.catalogue.account(id).ok_or(SessionError::NoSuchItem)?;
        row.live = self.live_accounts().contains(&id);
        Ok(row)
    }

    fn account_details(&self, id: ItemId) -> Result<AccountDetails, SessionError> {
        let item = self.item(id)?;
        let account = self.account_of(id)?;
        Ok(AccountDetails {
            row: self.account_row(id)?,
            own_name: account.name.clone(),
            notes: account.notes.clone(),
            default_region: account.partition.default_region(),
            region: account.region,
            endpoints: account.endpoints,
            secrets: account.secrets.iter().map(CustomSecretRow::of).collect(),
            identities: self.identity_rows_of(id),
            created_at: item.created_at,
            modified_at: item.modified_at,
            history: item.history.len(),
        })
    }

    pub(crate) fn save_account(&mut self, draft: &AccountDraft) -> Result<ItemId, SessionError> {
        let present = draft.id.map(|id| self.account_of(id)).transpose()?;
        let old_clock = present.as_ref().map(crate::clocks::clock_name);
        let account = draft.read(present)?;
        self.demand_account(&account, draft.id)?;
        let id = draft.id.unwrap_or_else(ItemId::new_random);
        let clock = crate::clocks::clock_name(&account);
        self.put(id, Content::Account(account))?;
        if old_clock.is_some_and(|old| old != clock) {
            self.drop_sessions_of_account(id);
        }
        Ok(id)
    }

    /// Checks an account against the model's rules and the vault's other accounts.
    pub(crate) fn demand_account(
        &self,
        account: &Account,
        own: Option<ItemId>,
    ) -> Result<(), SessionError> {
        if let Some((item, name, binned)) = self.twin_of(account, own) {
            return Err(SessionError::DuplicateAccount { item, name, binned });
        }
        check_account(account, own, []).map_err(|error| {
            let field = match error {
                AccountRuleError::Duplicate { .. } => "account_id",
                AccountRuleError::RegionOfOtherPartition { .. } => "region",
                AccountRuleError::TooManyTags | AccountRuleError::DuplicateTag => "tags",
                AccountRuleError::TooManySecrets | AccountRuleError::Label(_) => "label",
                AccountRuleError::Name(_) => "name",
                AccountRuleError::Notes(_) => "notes",
            };
            SessionError::field(field, error)
        })
    }

    /// The item, live or in the bin, that holds the same AWS account.
    fn twin_of(&self, account: &Account, own: Option<ItemId>) -> Option<(ItemId, String, bool)> {
        let live = self.catalogue.account_rows().find(|row| {
            row.account_id == account.id
                && row.partition == account.partition
                && Some(row.id) != own
        });
        if let Some(row) = live {
            return Some((row.id, row.name.clone(), false));
        }
        self.catalogue
            .binned()
            .filter(|id| Some(*id) != own)
            .find_map(|id| {
                let item = self.vault.get(id)?;
                let other = item.content()?.as_account()?;
                let is_twin = other.id == account.id && other.partition == account.partition;
                is_twin.then(|| (id, other.title().to_owned(), true))
            })
    }

    fn set_favourite(&mut self, id: ItemId, favourite: bool) -> Result<(), SessionError> {
        let item = self.item(id)?;
        let content = match item.live().ok_or(SessionError::NoSuchItem)? {
            Content::Account(account) => Content::Account(Account {
                favourite,
                ..account.clone()
            }),
            Content::Identity(identity) => Content::Identity(undercroft_model::Identity {
                favourite,
                ..identity.clone()
            }),
            Content::Profile(profile) => Content::Profile(undercroft_model::Profile {
                favourite,
                ..profile.clone()
            }),
            Content::Settings(_) | Content::Unknown { .. } => {
                return Err(SessionError::NoSuchItem);
            }
        };
        self.amend(id, content)
    }
}
