//! What lists show, kept ready so that a list need not decode the vault.

use std::collections::{BTreeMap, BTreeSet};

use undercroft_model::{
    AccessKeyId, Account, AccountId, Content, DeviceId, Identity, IdentityKind, Item, ItemId,
    ItemState, KeyState, MfaDevice, Partition, Profile, ProfileName, Serial, Tag,
};

use crate::{AccountRow, IdentityRow, profiles::account_named_by};

/// Rows of what is live, and which items lie in the bin.
///
/// A row's `live` and `identities` are filled in when it is shown.
#[derive(Debug, Default)]
pub(crate) struct Catalogue {
    accounts: BTreeMap<ItemId, AccountRow>,
    identities: BTreeMap<ItemId, IdentityCard>,
    profiles: BTreeMap<ItemId, Profile>,
    /// Two installations may give the same name before they hear of each other.
    by_profile_name: BTreeSet<(ProfileName, ItemId)>,
    by_account: BTreeMap<ItemId, BTreeSet<ItemId>>,
    /// Two installations may file the same account before they hear of each other.
    by_number: BTreeSet<(Partition, AccountId, ItemId)>,
    by_serial: BTreeMap<Serial, ItemId>,
    by_key: BTreeMap<AccessKeyId, ItemId>,
    binned: BTreeSet<ItemId>,
}

/// An identity's row and what it is found by.
#[derive(Debug)]
pub(crate) struct IdentityCard {
    pub(crate) account: ItemId,
    pub(crate) row: IdentityRow,
    /// The first MFA device that is enabled at AWS, as far as is known.
    pub(crate) first_device: Option<DeviceId>,
    /// The first access key that is not known to be switched off.
    pub(crate) first_key: Option<AccessKeyId>,
}

impl Catalogue {
    /// Takes in what an item is now.
    pub(crate) fn update(&mut self, item: &Item) {
        self.remove(item.id);
        match &item.state {
            ItemState::Live(Content::Account(account)) => {
                let number = (account.partition, account.id.clone(), item.id);
                self.by_number.insert(number);
                self.accounts.insert(item.id, account_row(item.id, account));
            }
            ItemState::Live(Content::Identity(identity)) => {
                self.by_account
                    .entry(identity.account)
                    .or_default()
                    .insert(item.id);
                for serial in serials(identity) {
                    self.by_serial.insert(serial.clone(), item.id);
                }
                for key in &identity.keys {
                    self.by_key.insert(key.id.clone(), item.id);
                }
                self.identities.insert(
                    item.id,
                    IdentityCard {
                        account: identity.account,
                        row: identity_row(item.id, identity),
                        first_device: first_usable(identity),
                        first_key: identity
                            .keys
                            .iter()
                            .find(|key| key.state != KeyState::Inactive)
                            .map(|key| key.id.clone()),
                    },
                );
            }
            ItemState::Live(Content::Profile(profile)) => {
                self.by_profile_name.insert((profile.name.clone(), item.id));
                self.profiles.insert(item.id, profile.clone());
            }
            ItemState::Binned {
                content: Content::Account(_) | Content::Identity(_) | Content::Profile(_),
                ..
            } => {
                self.binned.insert(item.id);
            }
            ItemState::Live(Content::Settings(_) | Content::Unknown { .. })
            | ItemState::Binned { .. }
            | ItemState::Deleted { .. } => {}
        }
    }

    fn remove(&mut self, id: ItemId) {
        if let Some(row) = self.accounts.remove(&id) {
            self.by_number.remove(&(row.partition, row.account_id, id));
        }
        self.binned.remove(&id);
        if let Some(profile) = self.profiles.remove(&id) {
            self.by_profile_name.remove(&(profile.name, id));
        }
        if let Some(card) = self.identities.remove(&id) {
            if let Some(siblings) = self.by_account.get_mut(&card.account) {
                siblings.remove(&id);
            }
            self.by_serial.retain(|_, holder| *holder != id);
            self.by_key.retain(|_, holder| *holder != id);
        }
    }

    /// Identities that hold a serial or an access key of the given one.
    pub(crate) fn holders(&self, identity: &Identity) -> impl Iterator<Item = ItemId> {
        let serials = serials(identity).filter_map(|serial| self.by_serial.get(serial));
        let keys = identity
            .keys
            .iter()
            .filter_map(|key| self.by_key.get(&key.id));
        serials.chain(keys).copied()
    }

    /// The identity that has an access key.
    pub(crate) fn holder_of_key(&self, key: &AccessKeyId) -> Option<ItemId> {
        self.by_key.get(key).copied()
    }

    /// The identity that has an MFA device of a serial.
    pub(crate) fn holder_of_serial(&self, serial: &Serial) -> Option<ItemId> {
        self.by_serial.get(serial).copied()
    }

    pub(crate) fn profile(&self, id: ItemId) -> Option<&Profile> {
        self.profiles.get(&id)
    }

    /// The profiles of a name: one, until merging brings in another's.
    pub(crate) fn profiles_named(&self, name: &ProfileName) -> impl Iterator<Item = ItemId> {
        self.by_profile_name
            .range((name.clone(), ItemId::from_bytes([0; 16]))..)
            .take_while(move |(other, _)| other == name)
            .map(|(_, id)| *id)
    }

    /// All profiles, by name.
    pub(crate) fn profiles(&self) -> impl Iterator<Item = (ItemId, &Profile)> {
        self.by_profile_name
            .iter()
            .filter_map(|(_, id)| Some((*id, self.profiles.get(id)?)))
    }

    /// The account in which a profile's credentials act, where it is in the vault.
    pub(crate) fn account_of_profile(&self, profile: &Profile) -> Option<ItemId> {
        match account_named_by(profile) {
            Some((partition, digits)) => self.account_numbered(partition, &digits),
            None => {
                let identity = self.identity_at_beginning(profile)?;
                Some(self.identity(identity)?.account)
            }
        }
    }

    /// The identity whose key stands at the beginning of a profile's way.
    pub(crate) fn identity_at_beginning(&self, profile: &Profile) -> Option<ItemId> {
        let mut recipe = &profile.recipe;
        for _ in 0..=undercroft_model::rules::MAX_CHAIN {
            match recipe.source_profile() {
                Some(source) => recipe = &self.profile(source)?.recipe,
                None => return recipe.identity(),
            }
        }
        None
    }

    pub(crate) fn account(&self, id: ItemId) -> Option<AccountRow> {
        let row = self.accounts.get(&id)?;
        Some(AccountRow {
            identities: self.identities_of(id).count(),
            ..row.clone()
        })
    }

    /// All accounts, favourites first, then by name.
    pub(crate) fn accounts(&self) -> Vec<AccountRow> {
        let mut rows: Vec<AccountRow> = self
            .accounts
            .keys()
            .filter_map(|id| self.account(*id))
            .collect();
        rows.sort_by_cached_key(|row| {
            (
                !row.favourite,
                row.name.to_lowercase(),
                row.account_id.clone(),
            )
        });
        rows
    }

    pub(crate) fn account_rows(&self) -> impl Iterator<Item = &AccountRow> {
        self.accounts.values()
    }

    pub(crate) fn identity(&self, id: ItemId) -> Option<&IdentityCard> {
        self.identities.get(&id)
    }

    pub(crate) fn identity_cards(&self) -> impl Iterator<Item = &IdentityCard> {
        self.identities.values()
    }

    /// An account's identities, in no particular order.
    pub(crate) fn identities_of(&self, account: ItemId) -> impl Iterator<Item = &IdentityCard> {
        self.by_account
            .get(&account)
            .into_iter()
            .flatten()
            .filter_map(|id| self.identities.get(id))
    }

    /// An account's identities, the root user first, then by name.
    pub(crate) fn sorted_identities_of(&self, account: ItemId) -> Vec<IdentityRow> {
        let mut rows: Vec<IdentityRow> = self
            .identities_of(account)
            .map(|card| card.row.clone())
            .collect();
        rows.sort_by_cached_key(|row| {
            (!row.kind.is_root(), row.kind.sign_in_name().to_lowercase())
        });
        rows
    }

    /// Items in the bin.
    pub(crate) fn binned(&self) -> impl ExactSizeIterator<Item = ItemId> {
        self.binned.iter().copied()
    }

    pub(crate) fn counts(&self) -> (usize, usize) {
        (self.accounts.len(), self.identities.len())
    }

    /// Every tag in use, sorted.
    pub(crate) fn tags(&self) -> Vec<Tag> {
        let tags: BTreeSet<&Tag> = self.accounts.values().flat_map(|row| &row.tags).collect();
        tags.into_iter().cloned().collect()
    }

    /// The user's own words, which a password must not be made of.
    pub(crate) fn words(&self) -> Vec<String> {
        let accounts = self.accounts.values().flat_map(|row| {
            let alias = row.alias.as_ref().map(ToString::to_string);
            [
                Some(row.name.clone()),
                alias,
                Some(row.account_id.to_string()),
            ]
        });
        let identities = self
            .identities
            .values()
            .map(|card| Some(card.row.kind.sign_in_name().to_owned()));
        accounts.chain(identities).flatten().take(1000).collect()
    }

    /// The account of these digits.
    pub(crate) fn account_numbered(
        &self,
        partition: Partition,
        digits: &AccountId,
    ) -> Option<ItemId> {
        let first = (partition, digits.clone(), ItemId::from_bytes([0; 16]));
        let (other, number, id) = self.by_number.range(first..).next()?;
        (*other == partition && number == digits).then_some(*id)
    }

    /// The identity of an account that signs in so, if it is there.
    pub(crate) fn identity_named(&self, account: ItemId, kind: &IdentityKind) -> Option<ItemId> {
        self.identities_of(account)
            .find(|card| is_the_same(&card.row.kind, kind))
            .map(|card| card.row.id)
    }
}

/// Whether an account can have only one of the two: one root user, and one user of a name, case left aside (IAM).
pub(crate) fn is_the_same(one: &IdentityKind, other: &IdentityKind) -> bool {
    match (one, other) {
        (IdentityKind::Root { .. }, IdentityKind::Root { .. }) => true,
        (IdentityKind::IamUser { name: one }, IdentityKind::IamUser { name: other }) => {
            one.as_str().eq_ignore_ascii_case(other.as_str())
        }
        (IdentityKind::Root { .. }, IdentityKind::IamUser { .. })
        | (IdentityKind::IamUser { .. }, IdentityKind::Root { .. }) => false,
    }
}

fn serials(identity: &Identity) -> impl Iterator<Item = &Serial> {
    identity
        .devices
        .iter()
        .filter_map(|device| device.serial.as_ref())
}

fn account_row(id: ItemId, account: &Account) -> AccountRow {
    AccountRow {
        id,
        account_id: account.id.clone(),
        alias: account.alias.clone(),
        name: account.title().to_owned(),
        partition: account.partition,
        colour: account.colour,
        production: account.production,
        favourite: account.favourite,
        tags: account.tags.clone(),
        identities: 0,
        live: false,
    }
}

/// The first device whose codes AWS may take: one that is being made has none of use before it is enabled.
fn first_usable(identity: &Identity) -> Option<DeviceId> {
    enabled_devices(identity).next().map(|device| device.id)
}

/// An identity's MFA devices without one that is still being made.
pub(crate) fn enabled_devices(identity: &Identity) -> impl Iterator<Item = &MfaDevice> {
    let unfinished = identity.enrolment.as_ref();
    let made = unfinished.filter(|enrolment| !enrolment.enabled);
    let made = made.and_then(|enrolment| enrolment.device);
    let devices = identity.devices.iter();
    devices.filter(move |device| Some(device.id) != made)
}

fn identity_row(id: ItemId, identity: &Identity) -> IdentityRow {
    IdentityRow {
        id,
        kind: identity.kind.clone(),
        favourite: identity.favourite,
        has_password: identity.sign_on.is_some(),
        devices: identity.devices.len(),
        keys: identity.keys.len(),
        secrets: identity.secrets.len(),
        live: false,
    }
}
