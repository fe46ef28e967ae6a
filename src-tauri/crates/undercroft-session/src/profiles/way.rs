//! The way to a profile's credentials: which key, which code, which calls, and how long they can last.

use std::ops::RangeInclusive;

use undercroft_aws::{
    FederationWish, ROLE_SECS_DEFAULT, RoleWish, SESSION_SECS_DEFAULT, SESSION_SECS_DEFAULT_ROOT,
    federation_limits, role_limits, session_token_limits,
};
use undercroft_model::{
    AccessKeyId, Account, DeviceId, DurationSecs, FederatedRecipe, Identity, ItemId, KeyRecipe,
    KeyState, Mfa, MfaDevice, Profile, Recipe, RoleRecipe, RoleSessionName, RoleSource,
    SessionRecipe, WebIdentityRecipe, rules::ProfileRuleError,
};

use super::session_name_of;
use crate::{
    SessionError, SessionKind, Way, WayKey, WayLimit, WayStep,
    catalogue::enabled_devices,
    sessions::{Beginning, Call, Inputs, Link, demand_usable},
    unlocked::Unlocked,
};

/// What a session is called whose way begins with no identity.
const NAMELESS: &str = "undercroft";

/// Why a profile can be kept but yields nothing here.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unusable {
    /// Signing in to IAM Identity Center is not there yet.
    #[error(
        "this profile signs in through IAM Identity Center, which Undercroft can't do yet; use `aws sso login` for it"
    )]
    IdentityCenter,
    /// A newer version made it.
    #[error("this profile is of a kind that a newer version of Undercroft made; update to use it")]
    Newer,
    /// An item on the way is gone or in the bin.
    #[error("{what} is gone or in the bin; restore it or edit the profile")]
    Gone {
        /// What is gone.
        what: &'static str,
    },
    /// The identity has no key that could sign.
    #[error("{identity} has no active access key; add one to use this profile")]
    NoKey {
        /// The identity's name.
        identity: String,
    },
    /// Something on the way changed while AWS was asked.
    #[error("the profile, its key or its account was changed meanwhile; ask again")]
    Changed,
    /// The console does not take the credentials of GetSessionToken.
    #[error(
        "AWS's console does not take the credentials of GetSessionToken; \
         make a federated user or a role profile for it, or sign in with the password"
    )]
    NoConsole,
    /// STS lets the credentials of the source assume no role.
    #[error("a federated user's credentials can't assume roles; choose another source")]
    FederatedSource,
}

/// A way with the calls that go it.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    pub(crate) way: Way,
    pub(crate) links: Vec<Link>,
    /// Whose key stands at the beginning.
    pub(crate) beginning: Option<(ItemId, AccessKeyId)>,
    /// The account in which the credentials act, where it is filed.
    pub(crate) account: Option<ItemId>,
}

impl Found {
    /// Whether the way ends in these inputs.
    pub(crate) fn yields(&self, inputs: &Inputs) -> bool {
        self.links.last().is_some_and(|last| last.inputs == *inputs)
    }
}

impl From<Unusable> for SessionError {
    fn from(reason: Unusable) -> Self {
        Self::ProfileUnusable { reason }
    }
}

impl Unlocked {
    /// Works out the way to a profile's credentials.
    ///
    /// # Errors
    /// [`SessionError::Invalid`] where it can't be gone, [`SessionError::ProfileUnusable`] where something is missing.
    pub(crate) fn way_of(
        &self,
        profile: &Profile,
        own: Option<ItemId>,
    ) -> Result<Found, SessionError> {
        self.way_within(profile, own, undercroft_model::rules::MAX_CHAIN)
    }

    fn way_within(
        &self,
        profile: &Profile,
        own: Option<ItemId>,
        room: usize,
    ) -> Result<Found, SessionError> {
        match &profile.recipe {
            Recipe::LongTerm(KeyRecipe { identity, key, .. }) => {
                let holder = self.holder(*identity, key.as_ref())?;
                Ok(holder.beginning())
            }
            Recipe::Session(recipe) => self.session_way(profile, own, recipe),
            Recipe::Federated(recipe) => self.federated_way(profile, own, recipe),
            Recipe::Role(recipe) => self.role_way(profile, own, recipe, room),
            Recipe::WebIdentity(recipe) => self.web_identity_way(profile, own, recipe),
            Recipe::Sso(_) => Err(Unusable::IdentityCenter.into()),
            Recipe::Unknown { .. } => Err(Unusable::Newer.into()),
        }
    }

    fn session_way(
        &self,
        profile: &Profile,
        own: Option<ItemId>,
        recipe: &SessionRecipe,
    ) -> Result<Found, SessionError> {
        let holder = self.holder(recipe.identity, recipe.key.as_ref())?;
        let is_root = holder.identity.kind.is_root();
        let usual = if is_root {
            SESSION_SECS_DEFAULT_ROOT
        } else {
            SESSION_SECS_DEFAULT
        };
        let limits = session_token_limits(is_root);
        let step = Step {
            profile,
            own,
            of: holder.identity.kind.sign_in_name().to_owned(),
            device: holder.device(recipe.mfa)?,
            duration: lasting(profile, &limits, usual, limit_of_user(is_root))?,
            longest_secs: *limits.end(),
            limit: limit_of_user(is_root),
            account: holder.identity.account,
        };
        let mut found = holder.beginning();
        self.lengthen(
            &mut found,
            step,
            Call::Session,
            &holder.account,
            holder.identity.account,
        )?;
        Ok(found)
    }

    fn federated_way(
        &self,
        profile: &Profile,
        own: Option<ItemId>,
        recipe: &FederatedRecipe,
    ) -> Result<Found, SessionError> {
        let holder = self.holder(recipe.identity, recipe.key.as_ref())?;
        let is_root = holder.identity.kind.is_root();
        let usual = if is_root {
            SESSION_SECS_DEFAULT_ROOT
        } else {
            SESSION_SECS_DEFAULT
        };
        let limits = federation_limits(is_root);
        let duration = lasting(profile, &limits, usual, limit_of_user(is_root))?;
        let step = Step {
            profile,
            own,
            of: recipe.name.to_string(),
            // `GetFederationToken` takes no code.
            device: None,
            duration,
            longest_secs: *limits.end(),
            limit: limit_of_user(is_root),
            account: holder.identity.account,
        };
        let wish = Box::new(FederationWish {
            name: recipe.name.clone(),
            duration,
            policy: recipe.policy.clone(),
            policy_arns: recipe.policy_arns.clone(),
            tags: recipe.tags.clone(),
        });
        let mut found = holder.beginning();
        let call = Call::Federated { wish };
        self.lengthen(
            &mut found,
            step,
            call,
            &holder.account,
            holder.identity.account,
        )?;
        Ok(found)
    }

    fn role_way(
        &self,
        profile: &Profile,
        own: Option<ItemId>,
        recipe: &RoleRecipe,
        room: usize,
    ) -> Result<Found, SessionError> {
        let mut found = match &recipe.source {
            RoleSource::Identity { identity, key } => {
                self.holder(*identity, key.as_ref())?.beginning()
            }
            RoleSource::Profile { profile: id } => {
                let what = "the profile that this one builds on";
                let source = self.catalogue.profile(*id).ok_or(Unusable::Gone { what })?;
                // Refused when typed; merging can still bring in a loop.
                let room = room
                    .checked_sub(1)
                    .ok_or_else(|| SessionError::field("source", ProfileRuleError::TooLongChain))?;
                self.way_within(source, Some(*id), room)
                    .map_err(|error| in_source(source, error))?
            }
        };
        let (by, at) = match found.links.last() {
            Some(link) if link.call.kind() == SessionKind::Federated => {
                return Err(Unusable::FederatedSource.into());
            }
            Some(link) => (Some(link.inputs), link.at),
            None => {
                let (identity, _) = found.beginning.as_ref().ok_or(SessionError::Internal)?;
                (None, self.identity_of(*identity)?.account)
            }
        };
        let beginning = found.beginning.as_ref();
        if let Some((identity, _)) = beginning
            && self.identity_of(*identity)?.kind.is_root()
        {
            let field = match &recipe.source {
                RoleSource::Identity { .. } => "identity",
                RoleSource::Profile { .. } => "source",
            };
            return Err(SessionError::field(
                field,
                ProfileRuleError::RootAssumesRole,
            ));
        }
        let caller = self.account_of(at)?;
        let (device, name) = self.first_signer(&found, recipe, by.is_some())?;
        let limits = role_limits(by.is_some());
        let limit = if by.is_some() {
            WayLimit::Chained
        } else {
            WayLimit::Role
        };
        let duration = lasting(profile, &limits, ROLE_SECS_DEFAULT, limit)?;
        let account = self
            .catalogue
            .account_numbered(recipe.role.partition(), recipe.role.account());
        let wish = Box::new(RoleWish {
            role: recipe.role.clone(),
            session_name: recipe.session_name.clone().unwrap_or(name),
            duration,
            external_id: recipe.external_id.clone(),
            source_identity: recipe.source_identity.clone(),
            tags: recipe.tags.clone(),
            policy: recipe.policy.clone(),
            policy_arns: recipe.policy_arns.clone(),
        });
        let step = Step {
            profile,
            own,
            of: recipe.role.to_string(),
            device,
            duration,
            longest_secs: *limits.end(),
            limit,
            account: account.unwrap_or(at),
        };
        self.lengthen(&mut found, step, Call::Role { by, wish }, &caller, at)?;
        found.account = account;
        Ok(found)
    }

    /// The device whose code goes with a role's call, and what the role's session is called.
    fn first_signer(
        &self,
        found: &Found,
        recipe: &RoleRecipe,
        chained: bool,
    ) -> Result<(Option<DeviceId>, RoleSessionName), SessionError> {
        let Some((identity, key)) = &found.beginning else {
            return Ok((None, nameless()?));
        };
        let holder = self.holder(*identity, Some(key))?;
        let name = RoleSessionName::parse(session_name_of(&holder.identity.kind));
        let name = name.or_else(|_| nameless())?;
        match (chained, recipe.mfa) {
            (true, Mfa::Device { .. }) => Err(SessionError::field(
                "mfa",
                "a code goes only with a long-term key's call, and this role is assumed with a session; \
                 give the code to the profile that it builds on",
            )),
            (true, Mfa::IfThere | Mfa::None) => Ok((None, name)),
            (false, mfa) => Ok((holder.device(mfa)?, name)),
        }
    }

    fn web_identity_way(
        &self,
        profile: &Profile,
        own: Option<ItemId>,
        recipe: &WebIdentityRecipe,
    ) -> Result<Found, SessionError> {
        let limits = role_limits(false);
        let duration = lasting(profile, &limits, ROLE_SECS_DEFAULT, WayLimit::Role)?;
        let what = "the account of the role";
        let at = self
            .catalogue
            .account_numbered(recipe.role.partition(), recipe.role.account())
            .ok_or(Unusable::Gone { what })?;
        let caller = self.account_of(at)?;
        let wish = Box::new(RoleWish {
            role: recipe.role.clone(),
            session_name: match &recipe.session_name {
                Some(name) => name.clone(),
                None => nameless()?,
            },
            duration,
            external_id: None,
            source_identity: None,
            tags: Vec::new(),
            policy: recipe.policy.clone(),
            policy_arns: recipe.policy_arns.clone(),
        });
        let step = Step {
            profile,
            own,
            of: recipe.role.to_string(),
            device: None,
            duration,
            longest_secs: *limits.end(),
            limit: WayLimit::Role,
            account: at,
        };
        let token = recipe.token.clone();
        let mut found = Found::nowhere();
        self.lengthen(
            &mut found,
            step,
            Call::WebIdentity { token, wish },
            &caller,
            at,
        )?;
        Ok(found)
    }

    /// Adds a call to a way.
    fn lengthen(
        &self,
        found: &mut Found,
        step: Step<'_>,
        call: Call,
        caller: &Account,
        at: ItemId,
    ) -> Result<(), SessionError> {
        let (identity, key) = found.beginning.clone().unzip();
        let filed = identity.map(|id| self.identity_of(id)).transpose()?;
        let device = match (&filed, step.device) {
            (Some(filed), Some(device)) => {
                let device = filed.device(device).ok_or(SessionError::NoSuchItem)?;
                Some((device.name.clone(), device.id, demand_usable(device)?))
            }
            (_, _) => None,
        };
        let secret = filed.as_ref().zip(key.as_ref()).and_then(|(filed, key)| {
            let filed = filed.key(key)?;
            Some((key, filed.secret.id))
        });
        let inputs = Inputs::of(
            &Beginning {
                target: &self.target_of(caller),
                identity,
                key: secret,
                device: device.as_ref().map(|(_, id, serial)| (*id, serial)),
                duration: step.duration,
            },
            &call,
        );
        found.way.steps.push(WayStep {
            call: call.kind(),
            of: step.of,
            profile: step.profile.name.to_string(),
            device: device.map(|(name, ..)| name),
            duration_secs: step.duration.as_secs(),
            longest_secs: step.longest_secs,
            limit: step.limit,
            cached: self.cached_for(&inputs).is_some(),
        });
        found.account = Some(step.account);
        found.links.push(Link {
            inputs,
            recipe: inputs,
            call,
            at,
            account: step.account,
            identity,
            key,
            device: step.device,
            duration: step.duration,
            profile: step.own,
        });
        Ok(())
    }

    /// An identity with the key that signs for it.
    fn holder(&self, id: ItemId, key: Option<&AccessKeyId>) -> Result<Holder, SessionError> {
        let what = "the profile's identity";
        let gone = |_| SessionError::from(Unusable::Gone { what });
        let (identity, account) = self.identity_and_account(id).map_err(gone)?;
        let mut keys = identity.keys.iter();
        let found = match key {
            Some(key) => keys.find(|other| other.id == *key),
            None => keys.find(|key| key.state != KeyState::Inactive),
        };
        let key = found.map(|key| key.id.clone()).ok_or_else(|| {
            let identity = identity.kind.sign_in_name().to_owned();
            SessionError::from(Unusable::NoKey { identity })
        })?;
        Ok(Holder {
            id,
            identity,
            account,
            key,
        })
    }
}

/// Whose long-term key stands at the beginning.
struct Holder {
    id: ItemId,
    identity: Identity,
    account: Account,
    key: AccessKeyId,
}

impl Holder {
    /// The device whose code goes along. One that STS can't take is passed over where none is named.
    fn device(&self, mfa: Mfa) -> Result<Option<DeviceId>, SessionError> {
        let usable = |device: &&MfaDevice| demand_usable(device).is_ok();
        match mfa {
            Mfa::None => Ok(None),
            Mfa::IfThere => {
                let mut devices = enabled_devices(&self.identity);
                Ok(devices.find(usable).map(|device| device.id))
            }
            Mfa::Device { device } => {
                let what = "the profile's MFA device";
                let device = self
                    .identity
                    .device(device)
                    .ok_or(Unusable::Gone { what })?;
                demand_usable(device)?;
                Ok(Some(device.id))
            }
        }
    }

    fn beginning(&self) -> Found {
        Found {
            way: Way {
                key: Some(WayKey {
                    id: self.key.clone(),
                    identity: self.id,
                    identity_name: self.identity.kind.sign_in_name().to_owned(),
                    account_name: self.account.title().to_owned(),
                }),
                steps: Vec::new(),
            },
            links: Vec::new(),
            beginning: Some((self.id, self.key.clone())),
            account: Some(self.identity.account),
        }
    }
}

impl Found {
    fn nowhere() -> Self {
        Self {
            way: Way {
                key: None,
                steps: Vec::new(),
            },
            links: Vec::new(),
            beginning: None,
            account: None,
        }
    }
}

/// What a call is, apart from where it goes.
struct Step<'a> {
    profile: &'a Profile,
    own: Option<ItemId>,
    of: String,
    device: Option<DeviceId>,
    duration: DurationSecs,
    longest_secs: u32,
    limit: WayLimit,
    account: ItemId,
}

/// Says in whose field a problem is: that of the profile that another one builds on.
fn in_source(source: &Profile, error: SessionError) -> SessionError {
    let SessionError::Invalid { problems } = &error else {
        return error;
    };
    match problems.first() {
        Some(problem) if problem.field != "source" => SessionError::field(
            "source",
            format!(
                "the profile {} can't be used: {}",
                source.name, problem.message
            ),
        ),
        Some(_) | None => error,
    }
}

fn limit_of_user(is_root: bool) -> WayLimit {
    if is_root {
        WayLimit::Root
    } else {
        WayLimit::Call
    }
}

/// How long a profile's credentials last; refused where AWS would refuse.
fn lasting(
    profile: &Profile,
    limits: &RangeInclusive<u32>,
    usual: u32,
    limit: WayLimit,
) -> Result<DurationSecs, SessionError> {
    let secs = profile.duration.map_or(usual, DurationSecs::as_secs);
    if limits.contains(&secs) {
        return DurationSecs::new(secs).map_err(|error| SessionError::field("duration", error));
    }
    let most = limits.end() / 3600;
    let message = match limit {
        _ if secs < *limits.start() => "AWS gives credentials for at least 15 minutes".to_owned(),
        WayLimit::Chained => {
            "chained, so at most 1 hour; assume the role directly with an identity's \
                              key and MFA for up to 12 hours"
                .to_owned()
        }
        WayLimit::Root => "a root user's credentials last at most 1 hour".to_owned(),
        WayLimit::Role | WayLimit::Call => format!("at most {most} hours for this kind of profile"),
    };
    Err(SessionError::field("duration", message))
}

fn nameless() -> Result<RoleSessionName, SessionError> {
    RoleSessionName::parse(NAMELESS).map_err(|_| SessionError::Internal)
}
