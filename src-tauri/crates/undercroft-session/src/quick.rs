//! The short way: what the tray menu and quick search offer at one click or key, and what was used of late.

use std::collections::{BTreeMap, HashSet};

use undercroft_model::{IdentityKind, ItemId, Settings};

use crate::{
    AccountRow, CopyTarget, Event, Hit, ProfileWish, QuickAccount, QuickAnswer, QuickCopy,
    QuickIdentity, QuickList, SecretRef, Session, SessionAnswer, SessionError, SessionFormat,
    SessionId, SessionKind, SessionWish, SignInStep, catalogue::IdentityCard,
    identities::session_limits, unlocked::Unlocked,
};

/// Pinned and recent identities on the menu's first level.
const MOST_FIRST: usize = 12;

/// Identities in the menus of accounts. Each has some eight lines, which are kept in memory, a panel is sent all of
/// them, and nobody reads a longer menu: the rest is found by search.
const MOST_BY_ACCOUNT: usize = 200;

/// Recent identities that are remembered.
const MOST_RECENT: usize = 24;

impl Session {
    /// What the tray menu lists.
    ///
    /// # Errors
    /// When the vault is locked.
    pub async fn quick_list(&self) -> Result<QuickList, SessionError> {
        self.look(|open| Ok(open.quick_list())).await
    }

    /// What quick search lists while nothing is typed: pinned identities and profiles, then what was used of late.
    ///
    /// # Errors
    /// When the vault is locked.
    pub async fn quick_hits(&self) -> Result<Vec<Hit>, SessionError> {
        self.look(|open| Ok(open.quick_hits())).await
    }

    /// Copies a profile's session as lines for the terminal; one that is not at hand is asked for first.
    ///
    /// # Errors
    /// As [`Session::profile_session`] and [`Session::copy`].
    pub async fn quick_copy_profile(&self, profile: ItemId) -> Result<QuickAnswer, SessionError> {
        let session = match self.profile_session(ProfileWish::of(profile)).await? {
            SessionAnswer::Ready { session, .. } => session.id,
            SessionAnswer::Wait { secs } => return Ok(QuickAnswer::Wait { secs }),
        };
        let format = SessionFormat::usual();
        let copied = self.copy(CopyTarget::Session { session, format }).await?;
        self.act(move |open| {
            open.used(profile);
            Ok(())
        })
        .await?;
        Ok(QuickAnswer::Copied(copied))
    }

    /// What a click on an identity can do.
    ///
    /// # Errors
    /// When the identity is gone.
    pub async fn quick_identity(&self, identity: ItemId) -> Result<QuickIdentity, SessionError> {
        self.look(move |open| open.quick_identity(identity)).await
    }

    /// The identity with the steps of its sign-in to the console, in their order. What the vault does not hold has no
    /// step.
    ///
    /// # Errors
    /// When the identity is gone.
    pub async fn sign_in_steps(
        &self,
        identity: ItemId,
    ) -> Result<(QuickIdentity, Vec<SignInStep>), SessionError> {
        let quick = self.quick_identity(identity).await?;
        let mut steps = vec![SignInStep::OpenPage];
        match quick.row.kind {
            IdentityKind::Root { .. } => steps.push(SignInStep::Email),
            IdentityKind::IamUser { .. } => {
                steps.extend([SignInStep::AccountName, SignInStep::UserName]);
            }
        }
        if quick.row.has_password {
            steps.push(SignInStep::Password);
        }
        if quick.device.is_some() {
            steps.push(SignInStep::Code);
        }
        Ok((quick, steps))
    }

    /// Copies one thing of an identity; a session that is not at hand is asked for first.
    ///
    /// # Errors
    /// [`SessionError::NoSuchItem`] when the identity has no such thing; as [`Session::copy`] and
    /// [`Session::get_session`].
    pub async fn quick_copy(
        &self,
        identity: ItemId,
        what: QuickCopy,
    ) -> Result<QuickAnswer, SessionError> {
        let QuickIdentity {
            account,
            row,
            device,
            key,
            session,
        } = self.quick_identity(identity).await?;
        let gone = SessionError::NoSuchItem;
        let target = match what {
            QuickCopy::Code => CopyTarget::Code {
                identity,
                device: device.ok_or(gone)?,
            },
            QuickCopy::Password => CopyTarget::Secret(SecretRef::Password { identity }),
            QuickCopy::Name => CopyTarget::IdentityName { identity },
            QuickCopy::AccountName => match account.alias {
                Some(_) => CopyTarget::Alias {
                    account: account.id,
                },
                None => CopyTarget::AccountId {
                    account: account.id,
                },
            },
            QuickCopy::AccessKeyId => CopyTarget::AccessKeyId {
                identity,
                key: key.ok_or(gone)?,
            },
            QuickCopy::SecretKey => CopyTarget::Secret(SecretRef::SecretKey {
                identity,
                key: key.ok_or(gone)?,
            }),
            QuickCopy::Session => {
                let session = match session {
                    Some(session) => session,
                    None => {
                        let wish = SessionWish {
                            identity,
                            key: key.ok_or(gone)?,
                            device,
                            duration_secs: session_limits(&row.kind).default_secs,
                            fresh: false,
                        };
                        match self.get_session(wish).await? {
                            SessionAnswer::Ready { session, .. } => session.id,
                            SessionAnswer::Wait { secs } => return Ok(QuickAnswer::Wait { secs }),
                        }
                    }
                };
                CopyTarget::Session {
                    session,
                    format: SessionFormat::usual(),
                }
            }
        };
        Ok(QuickAnswer::Copied(self.copy(target).await?))
    }

    /// Sets the order of the pinned identities in the tray menu.
    ///
    /// # Errors
    /// When the vault is locked or open for reading only.
    pub async fn order_pinned(&self, order: Vec<ItemId>) -> Result<(), SessionError> {
        self.act(move |open| {
            let settings = Settings {
                pinned_order: order,
                ..open.vault.settings()
            };
            open.save_changed_settings(settings)
        })
        .await
    }

    /// The pinned identities in the tray menu's order.
    ///
    /// # Errors
    /// When the vault is locked.
    pub async fn pinned(&self) -> Result<Vec<QuickIdentity>, SessionError> {
        self.look(|open| {
            let ids = open.pinned();
            Ok(open.quick_identities(ids))
        })
        .await
    }
}

impl Unlocked {
    fn quick_hits(&self) -> Vec<Hit> {
        let profiles = self.catalogue.profiles();
        let pinned_profiles = profiles.filter(|(_, profile)| profile.favourite);
        let pinned = self.pinned().into_iter();
        let recent = self.state.recent.iter().copied();
        let live = self.live_identities();
        let mut seen = HashSet::new();
        pinned
            .chain(pinned_profiles.map(|(id, _)| id))
            .chain(recent)
            .filter(|id| seen.insert(*id))
            .filter_map(|id| {
                let mut hit = self
                    .identity_hit(id, &[])
                    .or_else(|| self.profile_hit(id, &[]))?;
                if let Some(identity) = &mut hit.identity {
                    identity.live = live.contains(&id);
                }
                Some(hit)
            })
            .take(MOST_FIRST)
            .collect()
    }

    /// Pinned identities in the user's order, then recent ones, the latest first: those of the menu's first level.
    fn quick_first(&self) -> Vec<QuickIdentity> {
        let pinned = self.pinned();
        let recent = self.state.recent.iter().copied();
        let mut seen = HashSet::new();
        let first: Vec<ItemId> = pinned
            .into_iter()
            .chain(recent)
            .filter(|id| self.catalogue.identity(*id).is_some() && seen.insert(*id))
            .take(MOST_FIRST)
            .collect();
        self.quick_identities(first)
    }

    fn quick_list(&self) -> QuickList {
        let first = self.quick_first();
        let shown: HashSet<ItemId> = first.iter().map(|quick| quick.row.id).collect();
        let sessions = self.sessions_by_identity();
        let mut room = MOST_BY_ACCOUNT;
        let mut left_out = 0;
        let mut accounts = Vec::new();
        for row in self.catalogue.accounts() {
            let mut identities = Vec::new();
            for identity in self.catalogue.sorted_identities_of(row.id) {
                if shown.contains(&identity.id) {
                    continue;
                }
                let Some(card) = self.catalogue.identity(identity.id) else {
                    continue;
                };
                if room == 0 {
                    left_out += 1;
                    continue;
                }
                room -= 1;
                identities.push(quick(card, row.clone(), &sessions));
            }
            if !identities.is_empty() {
                accounts.push(QuickAccount { row, identities });
            }
        }
        QuickList {
            first,
            accounts,
            left_out,
            live: self.live_session_rows(),
        }
    }

    /// Favourite identities in the user's order; those it does not name follow by account and name.
    fn pinned(&self) -> Vec<ItemId> {
        let order = self.vault.settings().pinned_order;
        let mut pinned: Vec<_> = self
            .catalogue
            .identity_cards()
            .filter(|card| card.row.favourite)
            .map(|card| {
                let id = card.row.id;
                let place = order.iter().position(|other| *other == id);
                let account = self.catalogue.account(card.account);
                let account = account.map(|row| row.name.to_lowercase());
                let name = card.row.kind.sign_in_name().to_lowercase();
                ((place.unwrap_or(usize::MAX), account, name), id)
            })
            .collect();
        pinned.sort();
        pinned.into_iter().map(|(_, id)| id).collect()
    }

    fn quick_identities(&self, ids: Vec<ItemId>) -> Vec<QuickIdentity> {
        let sessions = self.sessions_by_identity();
        ids.into_iter()
            .filter_map(|id| {
                let card = self.catalogue.identity(id)?;
                Some(quick(
                    card,
                    self.catalogue.account(card.account)?,
                    &sessions,
                ))
            })
            .collect()
    }

    fn quick_identity(&self, id: ItemId) -> Result<QuickIdentity, SessionError> {
        let mut found = self.quick_identities(vec![id]);
        found.pop().ok_or(SessionError::NoSuchItem)
    }

    /// The session of each identity that ends last.
    fn sessions_by_identity(&self) -> BTreeMap<ItemId, SessionId> {
        let mut sessions: Vec<_> = self.live_sessions().collect();
        sessions.sort_by_key(|session| session.credentials.expiration());
        sessions
            .into_iter()
            .filter(|session| session.kind == SessionKind::Session)
            .filter_map(|session| Some((session.identity?, session.id)))
            .collect()
    }

    /// Remembers that an identity or a profile was used. Losing it on a full disk loses nothing but the order.
    pub(crate) fn used(&mut self, item: ItemId) {
        let recent = &mut self.state.recent;
        if recent.first() == Some(&item) {
            return;
        }
        recent.retain(|other| *other != item);
        recent.insert(0, item);
        recent.truncate(MOST_RECENT);
        self.keep_state();
        self.notify(Event::Used);
    }
}

fn quick(
    card: &IdentityCard,
    account: AccountRow,
    sessions: &BTreeMap<ItemId, SessionId>,
) -> QuickIdentity {
    let session = sessions.get(&card.row.id).copied();
    let mut row = card.row.clone();
    row.live = session.is_some();
    QuickIdentity {
        account,
        row,
        device: card.first_device,
        key: card.first_key.clone(),
        session,
    }
}
