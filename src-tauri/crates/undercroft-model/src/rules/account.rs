//! Rules of accounts.

use std::collections::BTreeSet;

use super::{MAX_SECRETS, MAX_TAGS, TextError, check_label, check_notes};
use crate::{
    account_id::AccountId,
    id::ItemId,
    partition::Partition,
    record::{Account, Content, CustomSecret},
    text::codes,
};

/// What is wrong with an account.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AccountRuleError {
    /// The account is in the vault already.
    #[error("this account is in the vault already; open it there, or correct the id")]
    Duplicate {
        /// The item that holds it.
        existing: ItemId,
    },
    /// The region belongs to another partition than the account.
    #[error("this region is in the partition {of_region}, but the account is in {partition}; choose a region like {}", partition.default_region())]
    RegionOfOtherPartition {
        /// The region's partition.
        of_region: Partition,
        /// The account's partition.
        partition: Partition,
    },
    /// More tags than an account can have.
    #[error("an account has at most {MAX_TAGS} tags; remove some")]
    TooManyTags,
    /// A tag stands twice.
    #[error("two of the tags are the same; keep one of them")]
    DuplicateTag,
    /// More custom secrets than an account can have.
    #[error("an account has at most {MAX_SECRETS} further secrets")]
    TooManySecrets,
    /// The name can't be kept.
    #[error("the account's name: {0}")]
    Name(#[source] TextError),
    /// The notes can't be kept.
    #[error("the account's notes: {0}")]
    Notes(#[source] TextError),
    /// The label of a custom secret can't be kept.
    #[error("the label of a secret: {0}")]
    Label(#[source] TextError),
}

codes!(AccountRuleError {
    Duplicate { .. } => "account-duplicate",
    RegionOfOtherPartition { .. } => "account-region-of-other-partition",
    TooManyTags => "account-too-many-tags",
    DuplicateTag => "account-duplicate-tag",
    TooManySecrets => "account-too-many-secrets",
    Name(_) => "account-name",
    Notes(_) => "account-notes",
    Label(_) => "account-secret-label",
});

/// Checks an account that is about to be put into the vault as `own`, or as a new item when that is `None`.
///
/// # Errors
/// The first rule that it breaks.
pub fn check_account<'a>(
    account: &Account,
    own: Option<ItemId>,
    others: impl IntoIterator<Item = (ItemId, &'a Content)>,
) -> Result<(), AccountRuleError> {
    let others = others.into_iter().filter(|(id, _)| Some(*id) != own);
    if let Some(existing) = find_account(account.partition, &account.id, others) {
        return Err(AccountRuleError::Duplicate { existing });
    }
    if let Some(region) = &account.region {
        let (of_region, partition) = (region.partition(), account.partition);
        if of_region != partition {
            return Err(AccountRuleError::RegionOfOtherPartition {
                of_region,
                partition,
            });
        }
    }
    if account.tags.len() > MAX_TAGS {
        return Err(AccountRuleError::TooManyTags);
    }
    let distinct: BTreeSet<String> = account
        .tags
        .iter()
        .map(|tag| tag.as_str().to_lowercase())
        .collect();
    if distinct.len() != account.tags.len() {
        return Err(AccountRuleError::DuplicateTag);
    }
    if !account.name.is_empty() {
        check_label(&account.name).map_err(AccountRuleError::Name)?;
    }
    check_notes(&account.notes).map_err(AccountRuleError::Notes)?;
    if account.secrets.len() > MAX_SECRETS {
        return Err(AccountRuleError::TooManySecrets);
    }
    check_secret_labels(&account.secrets).map_err(AccountRuleError::Label)
}

/// Finds the item that holds an account of the world.
pub fn find_account<'a>(
    partition: Partition,
    id: &AccountId,
    items: impl IntoIterator<Item = (ItemId, &'a Content)>,
) -> Option<ItemId> {
    let is_it = |account: &Account| account.id == *id && account.partition == partition;
    items
        .into_iter()
        .find(|(_, content)| content.as_account().is_some_and(is_it))
        .map(|(item, _)| item)
}

pub(super) fn check_secret_labels(secrets: &[CustomSecret]) -> Result<(), TextError> {
    secrets
        .iter()
        .try_for_each(|secret| check_label(&secret.label))
}
