//! Identities: showing, filing, and their console passwords.

use undercroft_aws::{SESSION_SECS_DEFAULT, SESSION_SECS_DEFAULT_ROOT, session_token_limits};
use undercroft_model::{
    Account, Content, EmailAddress, Field, Identity, IdentityKind, ItemId, SignOn, UserName,
    rules::{IdentityRuleError, MAX_DEVICES, MAX_KEYS, MAX_SECRETS, check_identity},
};
use undercroft_secret::SecretString;

use crate::{
    CustomSecretRow, DeviceDetails, IdentityDetails, IdentityDraft, IdentityRow, KeyDetails,
    PastPasswordRow, Session, SessionError, SessionLimits, SignOnDetails, WhoKind,
    accounts::Problems, catalogue::is_the_same, unlocked::Unlocked,
};

/// A sign-on password longer than AWS's own limit of 128 characters is something else that was pasted.
pub(crate) const LONGEST_PASSWORD: usize = 128;

impl Session {
    /// One identity.
    ///
    /// # Errors
    /// When it is gone.
    pub async fn identity(&self, id: ItemId) -> Result<IdentityDetails, SessionError> {
        self.look(move |open| open.identity_details(id)).await
    }

    /// Files or changes an identity; its item.
    ///
    /// # Errors
    /// [`SessionError::Invalid`] with what can't be taken, [`SessionError::DuplicateIdentity`].
    pub async fn save_identity(&self, draft: IdentityDraft) -> Result<ItemId, SessionError> {
        self.act(move |open| open.save_identity(&draft)).await
    }

    /// Sets an identity's console password; the one before goes to the past ones.
    ///
    /// # Errors
    /// When the identity is gone, or no password is that short or long.
    pub async fn set_password(
        &self,
        identity: ItemId,
        password: SecretString,
    ) -> Result<(), SessionError> {
        self.act(move |open| open.set_password(identity, password))
            .await
    }

    /// Takes an identity's console password away, past ones included; the item's history keeps them.
    ///
    /// # Errors
    /// When the identity or its password is gone.
    pub async fn remove_password(&self, identity: ItemId) -> Result<(), SessionError> {
        self.act(move |open| open.remove_password(identity)).await
    }

    /// Sets a random password that AWS's strictest policy takes.
    ///
    /// # Errors
    /// When the identity is gone.
    pub async fn generate_password(&self, identity: ItemId) -> Result<(), SessionError> {
        self.act(move |open| {
            let password = crate::secrets::random_password()?;
            open.set_password(identity, password)
        })
        .await
    }

    /// The address of an identity's console sign-in page.
    ///
    /// # Errors
    /// When the identity is gone.
    pub async fn sign_in_url(&self, identity: ItemId) -> Result<String, SessionError> {
        self.act(move |open| {
            let (identity, account) = open.identity_and_account(identity)?;
            Ok(sign_in_url(&account, &identity.kind))
        })
        .await
    }
}

/// The address of the console's sign-in page: the account's own for IAM users, the partition's for the root user.
pub(crate) fn sign_in_url(account: &Account, kind: &IdentityKind) -> String {
    if let Some(endpoint) = &account.endpoints.sign_in {
        return endpoint.as_str().to_owned();
    }
    let partition = account.partition;
    match kind {
        IdentityKind::Root { .. } => format!("https://{}/", partition.console_host()),
        IdentityKind::IamUser { .. } => {
            let name = account
                .alias
                .as_ref()
                .map_or(account.id.as_str(), |alias| alias.as_str());
            // An account's page is at its name in front of the sign-in host.
            format!("https://{name}.{}/console", partition.signin_host())
        }
    }
}

/// How long the sessions of an identity may last.
pub(crate) fn session_limits(kind: &IdentityKind) -> SessionLimits {
    let limits = session_token_limits(kind.is_root());
    SessionLimits {
        min_secs: *limits.start(),
        max_secs: *limits.end(),
        default_secs: if kind.is_root() {
            SESSION_SECS_DEFAULT_ROOT
        } else {
            SESSION_SECS_DEFAULT
        },
    }
}

impl Unlocked {
    pub(crate) fn identity_rows_of(&self, account: ItemId) -> Vec<IdentityRow> {
        let mut rows = self.catalogue.sorted_identities_of(account);
        let live = self.live_identities();
        for row in &mut rows {
            row.live = live.contains(&row.id);
        }
        rows
    }

    fn identity_details(&self, id: ItemId) -> Result<IdentityDetails, SessionError> {
        let item = self.item(id)?;
        let (identity, account) = self.identity_and_account(id)?;
        Ok(IdentityDetails {
            id,
            account: self.account_row(identity.account)?,
            favourite: identity.favourite,
            sign_on: identity.sign_on.as_ref().map(|sign_on| SignOnDetails {
                changed_at: sign_on.changed_at,
                past: sign_on
                    .past
                    .iter()
                    .rev()
                    .map(|past| PastPasswordRow {
                        id: past.value.id,
                        replaced_at: past.replaced_at,
                    })
                    .collect(),
            }),
            devices: identity
                .devices
                .iter()
                .map(|device| DeviceDetails::of(device, &identity))
                .collect(),
            half_made: self.half_made_of(id),
            keys: identity
                .keys
                .iter()
                .map(|key| KeyDetails::of(key, self.state.keys_used.get(&key.id)))
                .collect(),
            secrets: identity.secrets.iter().map(CustomSecretRow::of).collect(),
            sessions: self
                .live_sessions()
                .filter(|session| session.identity == Some(id))
                .filter_map(|session| self.live_session(session).ok())
                .collect(),
            sign_in_url: sign_in_url(&account, &identity.kind),
            session_limits: session_limits(&identity.kind),
            kind: identity.kind,
            notes: identity.notes,
            created_at: item.created_at,
            modified_at: item.modified_at,
            history: item.history.len(),
        })
    }

    fn save_identity(&mut self, draft: &IdentityDraft) -> Result<ItemId, SessionError> {
        let mut problems = Problems::default();
        let kind = match draft.kind {
            WhoKind::Root => problems
                .check("name", EmailAddress::parse(&draft.name))
                .map(|email| IdentityKind::Root { email }),
            WhoKind::IamUser => problems
                .check("name", UserName::parse(&draft.name))
                .map(|name| IdentityKind::IamUser { name }),
        };
        problems.end()?;
        let kind = kind.ok_or(SessionError::Internal)?;
        let mut identity = match draft.id {
            Some(id) => self.identity_of(id)?,
            None => Identity::new(draft.account, kind.clone()),
        };
        identity.account = draft.account;
        identity.kind = kind;
        identity.notes = draft.notes.clone();
        self.put_identity(draft.id, identity)
    }

    /// Checks an identity and puts it into the vault.
    pub(crate) fn put_identity(
        &mut self,
        own: Option<ItemId>,
        identity: Identity,
    ) -> Result<ItemId, SessionError> {
        self.demand_identity(&identity, own)?;
        let id = own.unwrap_or_else(ItemId::new_random);
        self.put(id, Content::Identity(identity))?;
        Ok(id)
    }

    /// Checks an identity against the model's rules and what else the vault holds.
    pub(crate) fn demand_identity(
        &self,
        identity: &Identity,
        own: Option<ItemId>,
    ) -> Result<(), SessionError> {
        let account = Content::Account(self.account_of(identity.account)?);
        let same_name = self
            .catalogue
            .identity_named(identity.account, &identity.kind)
            .filter(|id| Some(*id) != own);
        if let Some(item) = same_name {
            return Err(SessionError::DuplicateIdentity {
                item,
                binned: false,
            });
        }
        if let Some(item) = self.binned_twin_of(identity, own) {
            return Err(SessionError::DuplicateIdentity { item, binned: true });
        }
        let beside: Vec<(ItemId, Content)> = self
            .catalogue
            .holders(identity)
            .filter(|id| Some(*id) != own)
            .filter_map(|id| Some((id, self.vault.get(id)?.live()?.clone())))
            .collect();
        let others = beside.iter().map(|(id, content)| (*id, content));
        check_identity(identity, own, others.chain([(identity.account, &account)]))
            .map_err(|error| of_rule(&error))
    }

    /// The item in the bin that holds the same identity.
    pub(crate) fn binned_twin_of(
        &self,
        identity: &Identity,
        own: Option<ItemId>,
    ) -> Option<ItemId> {
        self.catalogue
            .binned()
            .filter(|id| Some(*id) != own)
            .find(|id| {
                let item = self.vault.get(*id);
                let other = item
                    .as_ref()
                    .and_then(|item| item.content())
                    .and_then(Content::as_identity);
                other.is_some_and(|other| {
                    other.account == identity.account && is_the_same(&other.kind, &identity.kind)
                })
            })
    }

    fn set_password(&mut self, id: ItemId, password: SecretString) -> Result<(), SessionError> {
        if password.is_empty() {
            return Err(SessionError::field("password", "type the password"));
        }
        if password.expose().chars().count() > LONGEST_PASSWORD {
            let message = "a console password has at most 128 characters";
            return Err(SessionError::field("password", message));
        }
        let mut identity = self.identity_of(id)?;
        let now = self.now();
        let value = self.seal_text(id, &Field::Password, password);
        match &mut identity.sign_on {
            Some(sign_on) => sign_on.replace_password(value, now),
            None => identity.sign_on = Some(SignOn::new(value, now)),
        }
        self.put(id, Content::Identity(identity))
    }

    fn remove_password(&mut self, id: ItemId) -> Result<(), SessionError> {
        let mut identity = self.identity_of(id)?;
        identity.sign_on.take().ok_or(SessionError::NoSuchItem)?;
        self.put(id, Content::Identity(identity))
    }
}

pub(crate) fn of_rule(error: &IdentityRuleError) -> SessionError {
    let limit = |limit: usize| SessionError::TooMany {
        limit: u32::try_from(limit).unwrap_or(u32::MAX),
    };
    match error {
        IdentityRuleError::NoAccount => SessionError::NoSuchItem,
        IdentityRuleError::SecondRoot { existing }
        | IdentityRuleError::DuplicateUser { existing } => SessionError::DuplicateIdentity {
            item: *existing,
            binned: false,
        },
        IdentityRuleError::TooManyDevices => limit(MAX_DEVICES),
        IdentityRuleError::TooManyKeys => limit(MAX_KEYS),
        IdentityRuleError::TooManySecrets => limit(MAX_SECRETS),
        IdentityRuleError::SerialOfOtherAccount
        | IdentityRuleError::SerialOfOtherPartition
        | IdentityRuleError::DuplicateSerial { .. } => SessionError::field("serial", error),
        IdentityRuleError::DuplicateKey { .. } => SessionError::field("id", error),
        IdentityRuleError::DeviceName(_) => SessionError::field("name", error),
        IdentityRuleError::Notes(_) => SessionError::field("notes", error),
        IdentityRuleError::Label(_) => SessionError::field("label", error),
    }
}
