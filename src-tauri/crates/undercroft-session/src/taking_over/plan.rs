//! What the vault would hold after an import, worked out on copies.

use std::collections::{BTreeMap, BTreeSet};

use undercroft_model::{
    AccessKeyId, Account, AccountAlias, AccountId, Content, EmailAddress, Endpoints, Extra,
    Identity, IdentityKind, ItemId, Partition, Profile, ProfileName, Serial, rules::check_identity,
};

use super::{
    FoundFile, FoundItem, FoundKind, FoundStatus, ImportPaths,
    reading::Gathered,
    whose_key::{Owner, Who},
};
use crate::{SessionError, catalogue::is_the_same, identities::of_rule, unlocked::Unlocked};

/// The vault with what was placed so far.
pub(super) struct Plan<'a> {
    pub(super) open: &'a Unlocked,
    endpoints: Endpoints,
    report: Vec<FoundFile>,
    /// Accounts and identities that a file's report has already.
    shown: BTreeSet<(usize, ItemId)>,
    changes: Changes,
    /// The holders of keys, serials and names that are placed.
    keys: BTreeMap<AccessKeyId, ItemId>,
    serials: BTreeMap<Serial, ItemId>,
    profile_names: BTreeMap<ProfileName, ItemId>,
    /// The identity whose key goes with an MFA device, by the serial in `~/.aws`.
    pub(super) serials_of_keys: BTreeMap<Serial, ItemId>,
}

/// What is put into the vault in the end: new accounts and profiles, new and changed identities.
#[derive(Default)]
pub(super) struct Changes {
    pub(super) accounts: BTreeMap<ItemId, Account>,
    pub(super) identities: BTreeMap<ItemId, Identity>,
    pub(super) profiles: BTreeMap<ItemId, Profile>,
}

/// An identity in hand: a copy to which things are added before it is placed as a whole.
pub(super) struct Holder {
    pub(super) id: ItemId,
    pub(super) identity: Identity,
    pub(super) is_new: bool,
    /// The account, where it is to be filed along.
    new_account: Option<Account>,
}

/// Custom endpoints of the accounts that an import files.
fn endpoints_of(wish: &ImportPaths) -> Endpoints {
    let sign_in = wish.sign_in_endpoint.as_ref().or(wish.endpoint.as_ref());
    Endpoints {
        sts: wish.endpoint.clone(),
        iam: wish.endpoint.clone(),
        sign_in: sign_in.cloned(),
        extra: Extra::new(),
    }
}

impl<'a> Plan<'a> {
    pub(super) fn new(open: &'a Unlocked, gathered: &Gathered, wish: &ImportPaths) -> Self {
        let files = gathered.files.iter();
        Self {
            open,
            endpoints: endpoints_of(wish),
            report: files
                .map(|(source, problems)| FoundFile {
                    source: source.clone(),
                    found: Vec::new(),
                    problems: problems.clone(),
                    plain_secrets: Vec::new(),
                })
                .collect(),
            shown: BTreeSet::new(),
            changes: Changes::default(),
            keys: BTreeMap::new(),
            serials: BTreeMap::new(),
            profile_names: BTreeMap::new(),
            serials_of_keys: BTreeMap::new(),
        }
    }

    /// What was found, and what is to be filed of it.
    pub(super) fn end(self) -> (Vec<FoundFile>, Changes) {
        (self.report, self.changes)
    }

    pub(super) fn report(&mut self, file: usize, problem: String) {
        if let Some(file) = self.report.get_mut(file) {
            file.problems.push(problem);
        }
    }

    /// Notes the sections with a key in plain text that the vault has, or would have.
    pub(super) fn note_plain_secrets(&mut self, gathered: &Gathered) {
        for (file, key) in &gathered.plain {
            let had = key.is_had(self.open, |id| {
                let holder = self.holder_of_key(id)?;
                Some((holder, self.identity(holder)?))
            });
            if had.is_ok()
                && let Some(file) = self.report.get_mut(*file)
            {
                file.plain_secrets.push(key.section.clone());
            }
        }
    }

    pub(super) fn note(&mut self, file: usize, kind: FoundKind, name: String, status: FoundStatus) {
        if let Some(file) = self.report.get_mut(file) {
            file.found.push(FoundItem { kind, name, status });
        }
    }

    /// Notes an account and an identity, each once for a file; `status` is the identity's.
    pub(super) fn note_holder(&mut self, file: usize, holder: &Holder, status: FoundStatus) {
        let account = holder.identity.account;
        let is_new = holder.new_account.is_some();
        self.note_account(file, account, is_new);
        let name = match &holder.identity.kind {
            IdentityKind::Root { .. } => "root".to_owned(),
            IdentityKind::IamUser { name } => name.to_string(),
        };
        if self.shown.insert((file, holder.id)) || status != FoundStatus::Duplicate {
            self.note(file, FoundKind::Identity, name, status);
        }
    }

    /// Notes an account, once for a file.
    pub(super) fn note_account(&mut self, file: usize, id: ItemId, is_new: bool) {
        if !self.shown.insert((file, id)) {
            return;
        }
        let status = if is_new {
            FoundStatus::New
        } else {
            FoundStatus::Duplicate
        };
        if let Some(account) = self.account(id) {
            self.note(file, FoundKind::Account, account.title().to_owned(), status);
        }
    }

    pub(super) fn account(&self, id: ItemId) -> Option<Account> {
        let placed = self.changes.accounts.get(&id).cloned();
        placed.or_else(|| self.open.account_of(id).ok())
    }

    /// The account of an identity in hand.
    pub(super) fn account_of(&self, holder: &Holder) -> Option<Account> {
        let new = holder.new_account.clone();
        new.or_else(|| self.account(holder.identity.account))
    }

    pub(super) fn identity(&self, id: ItemId) -> Option<Identity> {
        let placed = self.changes.identities.get(&id).cloned();
        placed.or_else(|| self.open.identity_of(id).ok())
    }

    pub(super) fn profile(&self, id: ItemId) -> Option<Profile> {
        let placed = self.changes.profiles.get(&id).cloned();
        placed.or_else(|| self.open.profile_of(id).ok())
    }

    /// The profiles of a name: the vault has several after changes from elsewhere came in.
    pub(super) fn profiles_named(&self, name: &ProfileName) -> Vec<ItemId> {
        let placed = self.profile_names.get(name).copied();
        let filed = self.open.catalogue.profiles_named(name);
        placed.into_iter().chain(filed).collect()
    }

    pub(super) fn holder_of_key(&self, key: &AccessKeyId) -> Option<ItemId> {
        let placed = self.keys.get(key).copied();
        placed.or_else(|| self.open.catalogue.holder_of_key(key))
    }

    pub(super) fn holder_of_serial(&self, serial: &Serial) -> Option<ItemId> {
        let placed = self.serials.get(serial).copied();
        placed.or_else(|| self.open.catalogue.holder_of_serial(serial))
    }

    /// The identities of an account, in no particular order.
    pub(super) fn identities_of(&self, account: ItemId) -> Vec<ItemId> {
        let placed = self.changes.identities.iter();
        let placed = placed.filter(|(_, identity)| identity.account == account);
        let filed = self.open.catalogue.identities_of(account);
        let all: BTreeSet<ItemId> = placed
            .map(|(id, _)| *id)
            .chain(filed.map(|card| card.row.id))
            .collect();
        all.into_iter().collect()
    }

    pub(super) fn account_numbered(
        &self,
        partition: Partition,
        digits: &AccountId,
    ) -> Option<ItemId> {
        let mut placed = self.changes.accounts.iter();
        placed
            .find(|(_, account)| account.partition == partition && account.id == *digits)
            .map(|(id, _)| *id)
            .or_else(|| self.open.catalogue.account_numbered(partition, digits))
    }

    /// The accounts that go by an alias or a name. 12 digits are neither.
    pub(super) fn accounts_called(&self, called: &str) -> Vec<ItemId> {
        let is_called = |alias: Option<&AccountAlias>, name: &str| {
            alias.is_some_and(|alias| alias.as_str().eq_ignore_ascii_case(called))
                || name.trim().to_lowercase() == called.to_lowercase()
        };
        let placed = self.changes.accounts.iter();
        let placed = placed
            .filter(|(_, account)| is_called(account.alias.as_ref(), &account.name))
            .map(|(id, _)| *id);
        let filed = self.open.catalogue.account_rows();
        let filed = filed
            .filter(|row| is_called(row.alias.as_ref(), &row.name))
            .map(|row| row.id);
        placed.chain(filed).collect()
    }

    pub(super) fn identity_named(&self, account: ItemId, kind: &IdentityKind) -> Option<ItemId> {
        let mut placed = self.changes.identities.iter();
        placed
            .find(|(_, other)| other.account == account && is_the_same(&other.kind, kind))
            .map(|(id, _)| *id)
            .or_else(|| self.open.catalogue.identity_named(account, kind))
    }

    /// An identity that is there, in hand.
    pub(super) fn take(&self, id: ItemId) -> Option<Holder> {
        Some(Holder {
            id,
            identity: self.identity(id)?,
            is_new: false,
            new_account: None,
        })
    }

    /// The identity of an owner, in hand: the one that is there, or a new one, with its account where that is new too.
    ///
    /// # Errors
    /// Why it can't be filed.
    pub(super) fn take_owner(&self, owner: &Owner) -> Result<Holder, String> {
        let kind = match &owner.who {
            Who::User(name) => IdentityKind::IamUser { name: name.clone() },
            // A root user has an address, which no file tells: no address looks like this one.
            Who::Root => IdentityKind::Root {
                email: EmailAddress::parse(&format!("root@{}", owner.account))
                    .map_err(|error| error.to_string())?,
            },
        };
        let filed = self.account_numbered(owner.partition, &owner.account);
        let named = filed.and_then(|account| self.identity_named(account, &kind));
        if let Some(holder) = named.and_then(|id| self.take(id)) {
            return Ok(holder);
        }
        let new_account = match filed {
            Some(_) => None,
            None => Some(self.new_account(owner)?),
        };
        let account = filed.unwrap_or_else(ItemId::new_random);
        Ok(Holder {
            id: ItemId::new_random(),
            identity: Identity::new(account, kind),
            is_new: true,
            new_account,
        })
    }

    fn new_account(&self, owner: &Owner) -> Result<Account, String> {
        let mut account = Account::new(owner.account.clone(), owner.partition);
        account.alias = owner.alias.clone();
        account.endpoints = self.endpoints.clone();
        self.open
            .demand_account(&account, None)
            .map_err(|error| said(&error))?;
        Ok(account)
    }

    /// Files an account that a role is in; nothing where the bin has it.
    pub(super) fn place_account(&mut self, partition: Partition, digits: &AccountId) {
        let mut account = Account::new(digits.clone(), partition);
        account.endpoints = self.endpoints.clone();
        if self.open.demand_account(&account, None).is_ok() {
            let accounts = &mut self.changes.accounts;
            accounts.insert(ItemId::new_random(), account);
        }
    }

    /// Places an identity that was in hand, with its account.
    ///
    /// # Errors
    /// Why it can't be filed; nothing was placed.
    pub(super) fn place(&mut self, holder: &Holder) -> Result<(), SessionError> {
        let Holder { id, identity, .. } = holder;
        let account = self.account_of(holder).ok_or(SessionError::NoSuchItem)?;
        if holder.is_new
            && let Some(item) = self.open.binned_twin_of(identity, Some(*id))
        {
            return Err(SessionError::DuplicateIdentity { item, binned: true });
        }
        let serials = identity
            .devices
            .iter()
            .filter_map(|device| device.serial.as_ref());
        let placed = serials
            .filter_map(|serial| self.serials.get(serial))
            .chain(
                identity
                    .keys
                    .iter()
                    .filter_map(|key| self.keys.get(&key.id)),
            )
            .copied();
        let beside: BTreeSet<ItemId> = placed
            .chain(self.open.catalogue.holders(identity))
            .filter(|other| other != id)
            .collect();
        let beside: Vec<(ItemId, Content)> = beside
            .into_iter()
            .filter_map(|other| Some((other, Content::Identity(self.identity(other)?))))
            .chain([(identity.account, Content::Account(account))])
            .collect();
        let others = beside.iter().map(|(id, content)| (*id, content));
        check_identity(identity, Some(*id), others).map_err(|error| of_rule(&error))?;

        if let Some(account) = &holder.new_account {
            let accounts = &mut self.changes.accounts;
            accounts.insert(identity.account, account.clone());
        }
        for key in &identity.keys {
            self.keys.insert(key.id.clone(), *id);
        }
        for serial in identity
            .devices
            .iter()
            .filter_map(|device| device.serial.clone())
        {
            self.serials.insert(serial, *id);
        }
        self.changes.identities.insert(*id, identity.clone());
        Ok(())
    }

    /// Places a profile that was checked.
    pub(super) fn place_profile(&mut self, profile: Profile) -> ItemId {
        let id = ItemId::new_random();
        self.profile_names.insert(profile.name.clone(), id);
        self.changes.profiles.insert(id, profile);
        id
    }
}

impl Holder {
    /// Says that a new root user's address is made up.
    pub(super) fn problem_of_root(&self) -> Option<String> {
        let email = match &self.identity.kind {
            IdentityKind::Root { email } if self.is_new => email,
            IdentityKind::Root { .. } | IdentityKind::IamUser { .. } => return None,
        };
        Some(format!(
            "no file tells the root user's email address, so it is filed as {email}; correct it in the window"
        ))
    }
}

/// What an error says, with the fields that it is about.
pub(super) fn said(error: &SessionError) -> String {
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "every other error says it all by itself"
    )]
    match error {
        SessionError::Invalid { problems } => {
            let messages = problems.iter().map(|problem| problem.message.as_str());
            messages.collect::<Vec<_>>().join("; ")
        }
        SessionError::DuplicateAccount { binned: true, .. } => {
            "its account is in the bin; restore it from there and import again".to_owned()
        }
        SessionError::DuplicateIdentity { binned: true, .. } => {
            "its user is in the bin; restore it from there and import again".to_owned()
        }
        other => other.to_string(),
    }
}
