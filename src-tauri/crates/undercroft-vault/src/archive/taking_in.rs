//! Taking an archive into a vault: what is new is added, what both have is merged, nothing gets lost.
//!
//! | in the vault | what happens |
//! |---|---|
//! | no such item | it is added as it is, history and all |
//! | the same item | both are merged as two copies of one vault are: the newer stays, the other goes to its history |
//! | deleted for good | it comes back |
//! | a twin: the same account, user or profile under another id | one of the two stays, the other goes to its history |
//!
//! What names a twin in the archive names the vault's item afterwards. Settings are taken over only when that was
//! wished, since some of them lower security.

use std::collections::{BTreeMap, BTreeSet};

use undercroft_model::{
    Content, IdentityKind, Item, ItemId, ItemState, Profile, Recipe, RoleSource, Timestamp,
};

use super::{Archive, House, rehouse};
use crate::body::StoredItem;
use crate::error::VaultError;
use crate::sealed_fields::is_same_item;
use crate::store::merge::{is_same_content, joined_history, merge_items};
use crate::store::seen::Seen;
use crate::vault::Vault;

/// How an archive is taken in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TakeIn {
    /// Whether the archive's settings take the place of the vault's.
    pub settings: bool,
    /// Which of two twins stays.
    pub twins: TwinRule,
}

/// Which of two items stays that are the same in the world and have different ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TwinRule {
    /// That of the vault.
    Vault,
    /// That of the archive.
    Archive,
}

/// What becomes of an item of an archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// The vault does not have it.
    New,
    /// The vault has all of it already.
    Same,
    /// It is newer than the vault's, which goes to the history.
    Newer,
    /// The vault's is newer; what the archive has goes to the history.
    Older,
    /// It was deleted in the vault and comes back.
    Back,
    /// The vault has its twin; the other of the two goes to the history.
    Twin,
    /// Settings that differ and are not taken over.
    Left,
}

/// An item of an archive, and what becomes of it.
#[derive(Clone, Debug)]
pub struct Incoming {
    /// The item as the archive has it, under its id in the vault.
    pub item: Item,
    /// What becomes of it.
    pub arrival: Arrival,
}

/// What is to be done.
struct Plan {
    incoming: Vec<Incoming>,
    /// Items as they will be.
    changed: BTreeMap<ItemId, Item>,
}

impl Vault {
    /// Tells what taking an archive in would change, and changes nothing.
    ///
    /// # Errors
    /// [`VaultError::Format`] when a secret of the archive does not open.
    pub fn plan_taking_in(
        &self,
        archive: &Archive,
        how: TakeIn,
        now: Timestamp,
    ) -> Result<Vec<Incoming>, VaultError> {
        Ok(self.plan(archive, how, now)?.incoming)
    }

    /// Takes an archive in, all of it or nothing; the next [`Vault::save`] writes.
    ///
    /// # Errors
    /// [`VaultError::ReadOnly`]; [`VaultError::Format`] when the vault would become too large, or a secret of the
    /// archive does not open.
    pub fn take_in_archive(
        &mut self,
        archive: &Archive,
        how: TakeIn,
        now: Timestamp,
    ) -> Result<Vec<Incoming>, VaultError> {
        let plan = self.plan(archive, how, now)?;
        let changed = plan.changed.values().map(StoredItem::encode);
        self.put_stored(changed.collect::<Result<_, _>>()?)?;
        Ok(plan.incoming)
    }

    pub(super) fn house(&self) -> House<'_> {
        House {
            key: self.vault_key(),
            vault: self.id(),
        }
    }

    fn plan(&self, archive: &Archive, how: TakeIn, now: Timestamp) -> Result<Plan, VaultError> {
        let names = self.twins(archive);
        let mut plan = Plan {
            incoming: Vec::new(),
            changed: BTreeMap::new(),
        };
        for mut theirs in archive.items() {
            let id = match names.get(&theirs.id) {
                Some(ours) => *ours,
                None => theirs.id,
            };
            let is_twin = id != theirs.id && theirs.id != archive.house().settings_id();
            rehouse(&mut theirs, archive.house(), self.house(), id)?;
            rename_all(&mut theirs, &names);
            let arrival = self.arrive(&mut plan.changed, &theirs, is_twin, how, now)?;
            plan.incoming.push(Incoming {
                item: theirs,
                arrival,
            });
        }
        Ok(plan)
    }

    /// Brings an item to what the vault will have, where others of the archive may have come already.
    fn arrive(
        &self,
        changed: &mut BTreeMap<ItemId, Item>,
        theirs: &Item,
        is_twin: bool,
        how: TakeIn,
        now: Timestamp,
    ) -> Result<Arrival, VaultError> {
        let id = theirs.id;
        let is_place_of_settings = id == self.settings_id();
        if is_place_of_settings != matches!(theirs.content(), Some(Content::Settings(_))) {
            // No vault of ours has that.
            return Ok(Arrival::Left);
        }
        let stored = self.stored().items.get(id);
        let ours = match (changed.get(&id), stored) {
            (Some(changed), _) => Some(changed.clone()),
            (None, Some(stored)) => Some(stored.decode().map_err(|_| VaultError::BadItem(id))?),
            (None, None) => None,
        };
        let (arrival, item) = match ours {
            None if is_place_of_settings && !how.settings => (Arrival::Left, None),
            None => (Arrival::New, Some(theirs.clone())),
            Some(ours) if is_place_of_settings => self.meet_settings(ours, theirs, how, now),
            Some(ours) if is_twin => self.meet_twin(&ours, theirs, how.twins, now),
            Some(ours) => self.meet(&ours, theirs, now),
        };
        changed.extend(item.map(|item| (id, item)));
        Ok(arrival)
    }

    fn meet(&self, ours: &Item, theirs: &Item, now: Timestamp) -> (Arrival, Option<Item>) {
        if matches!(ours.state, ItemState::Deleted { .. }) {
            let mut item = theirs.clone();
            let mut seen = Seen::of(ours);
            seen.join(&Seen::of(theirs));
            self.advance_to(&mut item, seen, now);
            return (Arrival::Back, Some(item));
        }
        let merged = merge_items(ours, theirs);
        if is_same_item(&merged.item, ours) {
            return (Arrival::Same, None);
        }
        let same = match (ours.content(), theirs.content()) {
            (Some(ours), Some(theirs)) => is_same_content(ours, theirs),
            (_, _) => false,
        };
        let arrival = match (same, merged.second_won) {
            (true, _) => Arrival::Same,
            (false, true) => Arrival::Newer,
            (false, false) => Arrival::Older,
        };
        (arrival, Some(merged.item))
    }

    fn meet_twin(
        &self,
        ours: &Item,
        theirs: &Item,
        rule: TwinRule,
        now: Timestamp,
    ) -> (Arrival, Option<Item>) {
        let mut item = ours.clone();
        match rule {
            TwinRule::Vault => item.history = joined_history(ours, theirs, false),
            TwinRule::Archive => {
                item.state = theirs.state.clone();
                item.history = joined_history(theirs, ours, true);
            }
        }
        if is_same_item(&item, ours) {
            return (Arrival::Same, None);
        }
        let seen = Seen::of(ours);
        self.advance_to(&mut item, seen, now);
        (Arrival::Twin, Some(item))
    }

    fn meet_settings(
        &self,
        ours: Item,
        theirs: &Item,
        how: TakeIn,
        now: Timestamp,
    ) -> (Arrival, Option<Item>) {
        match (ours.content(), theirs.content()) {
            (Some(ours), Some(theirs)) if is_same_content(ours, theirs) => {
                return (Arrival::Same, None);
            }
            (_, _) if !how.settings => return (Arrival::Left, None),
            (_, _) => {}
        }
        let mut item = ours;
        item.history = joined_history(theirs, &item, true);
        item.state = theirs.state.clone();
        let seen = Seen::of(&item);
        self.advance_to(&mut item, seen, now);
        (Arrival::Newer, Some(item))
    }

    /// Gives an item the next revision after all that was seen.
    fn advance_to(&self, item: &mut Item, seen: Seen, now: Timestamp) {
        item.revision = seen.next(self.installation());
        item.modified_at = now;
        seen.write(item);
    }

    /// Which items of the vault those of an archive are, where the ids differ; the settings among them.
    fn twins(&self, archive: &Archive) -> BTreeMap<ItemId, ItemId> {
        let mut names = BTreeMap::new();
        names.insert(archive.house().settings_id(), self.settings_id());
        let ours: Vec<Item> = self.items().filter_map(Result::ok).collect();
        // What was deleted here may have been made anew since.
        let known: BTreeSet<ItemId> = ours
            .iter()
            .filter(|item| item.content().is_some())
            .map(|item| item.id)
            .collect();
        let theirs: Vec<Item> = archive
            .items()
            .filter(|item| !known.contains(&item.id))
            .collect();
        // Accounts first: whose an identity is depends on them.
        let mut accounts = BTreeMap::new();
        let mut profiles = BTreeMap::new();
        let mut identities = BTreeMap::new();
        for item in &ours {
            match item.live() {
                Some(Content::Account(account)) => {
                    accounts.insert((account.partition, account.id.clone()), item.id);
                }
                Some(Content::Profile(profile)) => {
                    profiles.insert(profile.name.as_str(), item.id);
                }
                Some(Content::Identity(identity)) => {
                    identities.insert((identity.account, who(&identity.kind)), item.id);
                }
                Some(Content::Settings(_) | Content::Unknown { .. }) | None => {}
            }
        }
        for item in &theirs {
            if let Some(Content::Account(account)) = item.live() {
                let twin = accounts.get(&(account.partition, account.id.clone()));
                names.extend(twin.map(|twin| (item.id, *twin)));
            }
        }
        for item in &theirs {
            let twin = match item.live() {
                Some(Content::Identity(identity)) => {
                    let account = names.get(&identity.account);
                    let account = account.copied().unwrap_or(identity.account);
                    identities.get(&(account, who(&identity.kind)))
                }
                Some(Content::Profile(profile)) => profiles.get(profile.name.as_str()),
                Some(Content::Account(_) | Content::Settings(_) | Content::Unknown { .. })
                | None => None,
            };
            names.extend(twin.map(|twin| (item.id, *twin)));
        }
        names
    }
}

/// What an account has only one of: its root user, and a user of each name, whose case does not count (IAM).
fn who(kind: &IdentityKind) -> Option<String> {
    match kind {
        IdentityKind::Root { .. } => None,
        IdentityKind::IamUser { name } => Some(name.as_str().to_ascii_lowercase()),
    }
}

fn rename_all(item: &mut Item, names: &BTreeMap<ItemId, ItemId>) {
    match &mut item.state {
        ItemState::Live(content) | ItemState::Binned { content, .. } => rename(content, names),
        ItemState::Deleted { .. } => {}
    }
    for past in &mut item.history {
        rename(&mut past.content, names);
    }
}

/// Replaces the ids by which a content names other items.
fn rename(content: &mut Content, names: &BTreeMap<ItemId, ItemId>) {
    let rename = |id: &mut ItemId| {
        if let Some(name) = names.get(id) {
            *id = *name;
        }
    };
    match content {
        Content::Identity(identity) => rename(&mut identity.account),
        Content::Profile(profile) => references(profile).into_iter().for_each(rename),
        Content::Settings(settings) => {
            let rules = settings.approval_rules.iter_mut();
            let profiles = rules.filter_map(|rule| rule.profile.as_mut());
            profiles.chain(&mut settings.pinned_order).for_each(rename);
        }
        Content::Account(_) | Content::Unknown { .. } => {}
    }
}

fn references(profile: &mut Profile) -> Option<&mut ItemId> {
    match &mut profile.recipe {
        Recipe::LongTerm(recipe) => Some(&mut recipe.identity),
        Recipe::Session(recipe) => Some(&mut recipe.identity),
        Recipe::Federated(recipe) => Some(&mut recipe.identity),
        Recipe::Role(recipe) => Some(match &mut recipe.source {
            RoleSource::Identity { identity, .. } => identity,
            RoleSource::Profile { profile } => profile,
        }),
        Recipe::WebIdentity(_) | Recipe::Sso(_) | Recipe::Unknown { .. } => None,
    }
}
