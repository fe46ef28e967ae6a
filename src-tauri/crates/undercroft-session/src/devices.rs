//! MFA devices: reading what was typed, filing, removing.

use undercroft_model::{
    Account, Content, DeviceId, Digits, Extra, Field, Identity, IdentityKind, ItemId, MfaDevice,
    OtpAlgorithm, OtpParams, PeriodSecs, Serial,
    rules::{MAX_DEVICES, check_label},
};
use undercroft_otp::{
    AccountRef, AwsLabel, OtpAuth, ParsedSeed, Seed, TypedSecret, parse_typed, serial_for,
};
use undercroft_secret::SecretString;

use crate::{
    DeviceDetails, DeviceDraft, HalfMade, SeedPreview, Session, SessionError, accounts::Problems,
    unlocked::Unlocked,
};

/// RFC 4226, section 4: a seed has at least 128 bits.
const LEAST_BITS: usize = 128;

impl Session {
    /// Tells what a typed seed or otpauth URI holds, before it is saved. `identity` is where the user started from.
    ///
    /// # Errors
    /// [`SessionError::Invalid`] when it is neither.
    pub async fn preview_seed(
        &self,
        identity: Option<ItemId>,
        secret: SecretString,
    ) -> Result<SeedPreview, SessionError> {
        self.act(move |open| open.preview_seed(identity, &secret))
            .await
    }

    /// Files or changes an MFA device; its id.
    ///
    /// # Errors
    /// [`SessionError::Invalid`] with what can't be taken, [`SessionError::TooMany`].
    pub async fn save_device(&self, draft: DeviceDraft) -> Result<DeviceId, SessionError> {
        self.act(move |open| open.save_device(&draft)).await
    }

    /// Takes an MFA device away; the item's history keeps it.
    ///
    /// # Errors
    /// When it is gone.
    pub async fn remove_device(
        &self,
        identity: ItemId,
        device: DeviceId,
    ) -> Result<(), SessionError> {
        self.act(move |open| open.remove_device(identity, device))
            .await
    }
}

impl DeviceDetails {
    pub(crate) fn of(device: &MfaDevice, identity: &Identity) -> Self {
        let unfinished = identity.enrolment.as_ref();
        let unfinished = unfinished.filter(|enrolment| enrolment.device == Some(device.id));
        Self {
            id: device.id,
            name: device.name.clone(),
            serial: device.serial.clone(),
            params: device.params,
            added_at: device.added_at,
            usable_with_sts: device.serial.is_some()
                && device.params.digits == Digits::SIX
                && unfinished.is_none(),
            half_made: unfinished.map(|enrolment| HalfMade::of(enrolment, identity)),
        }
    }
}

/// What was typed or scanned, whichever form it had.
#[derive(Clone)]
pub(crate) struct Typed {
    parsed: ParsedSeed,
    uri: Option<Box<OtpAuth>>,
}

impl From<OtpAuth> for Typed {
    fn from(uri: OtpAuth) -> Self {
        Self {
            parsed: ParsedSeed {
                bits: uri.seed.bits(),
                seed: uri.seed.clone(),
                corrected: uri.corrected.clone(),
                warnings: Vec::new(),
            },
            uri: Some(Box::new(uri)),
        }
    }
}

impl Typed {
    pub(crate) fn read(secret: &SecretString) -> Result<Self, SessionError> {
        let typed = parse_typed(secret).map_err(|error| SessionError::field("secret", error))?;
        Ok(match typed {
            TypedSecret::Seed(parsed) => Self { parsed, uri: None },
            TypedSecret::Uri(uri) => uri.into(),
        })
    }

    fn is_weak(&self) -> bool {
        self.parsed.bits < LEAST_BITS
    }
}

impl Unlocked {
    fn preview_seed(
        &self,
        started_from: Option<ItemId>,
        secret: &SecretString,
    ) -> Result<SeedPreview, SessionError> {
        self.preview_of(started_from, &Typed::read(secret)?)
    }

    pub(crate) fn preview_of(
        &self,
        started_from: Option<ItemId>,
        typed: &Typed,
    ) -> Result<SeedPreview, SessionError> {
        let aws = typed.uri.as_deref().and_then(AwsLabel::from);
        let started_from = started_from
            .map(|id| self.identity_of(id).map(|identity| (id, identity)))
            .transpose()?;
        let named = aws.as_ref().and_then(|label| self.account_named(label));
        let account = named.or(started_from.as_ref().map(|(_, identity)| identity.account));
        let identity = match (&started_from, account) {
            // Where the user started from wins, unless the label names another account.
            (Some((id, identity)), Some(account)) if identity.account == account => Some(*id),
            (_, Some(account)) => aws
                .as_ref()
                .and_then(|label| self.identity_labelled(account, label)),
            (_, None) => None,
        };
        let params = typed
            .uri
            .as_ref()
            .map_or_else(OtpParams::default, |uri| uri.params);
        let works_with_sts = aws
            .as_ref()
            .is_none_or(|label| label.service.works_with_sts());
        let device_name = aws
            .as_ref()
            .map(|label| label.device_name.clone())
            .or_else(|| typed.uri.as_ref().map(|uri| uri.name.clone()))
            .filter(|name| !name.is_empty());
        let account_content = account.map(|id| self.account_of(id)).transpose()?;
        let serial = match (&account_content, &device_name) {
            (Some(account), Some(name)) if works_with_sts => {
                serial_for(account.partition, &account.id, name).ok()
            }
            (Some(_) | None, Some(_) | None) => None,
        };
        Ok(SeedPreview {
            from_uri: typed.uri.is_some(),
            device_name,
            issuer: typed.uri.as_ref().and_then(|uri| uri.issuer.clone()),
            label: typed.uri.as_ref().map(|uri| uri.label()),
            account: account.map(|id| self.account_row(id)).transpose()?,
            identity,
            serial,
            params,
            bits: typed.parsed.bits,
            weak: typed.is_weak(),
            duplicate_of: self.holder_of_seed(&typed.parsed.seed),
            corrections: typed.parsed.corrected.clone(),
            usable_with_sts: works_with_sts && params.digits == Digits::SIX,
            aws,
        })
    }

    /// The account in the vault that a label names.
    pub(crate) fn account_named(&self, label: &AwsLabel) -> Option<ItemId> {
        let named = label.account.as_ref()?;
        self.catalogue
            .account_rows()
            .filter(|row| {
                label
                    .partition
                    .is_none_or(|partition| partition == row.partition)
            })
            .find(|row| match named {
                AccountRef::Id(id) => row.account_id == *id,
                AccountRef::Alias(alias) => row.alias.as_ref() == Some(alias),
            })
            .map(|row| row.id)
    }

    pub(crate) fn identity_labelled(&self, account: ItemId, label: &AwsLabel) -> Option<ItemId> {
        let mut cards = self.catalogue.identities_of(account);
        // The name of a root user's device is nobody's user name.
        let user = label.user_name.as_ref();
        let found = cards.find(|card| match &card.row.kind {
            IdentityKind::Root { .. } => label.root,
            IdentityKind::IamUser { name } => user == Some(name),
        })?;
        Some(found.row.id)
    }

    /// Where the same seed is filed already, as `identity / device`.
    fn holder_of_seed(&self, seed: &Seed) -> Option<String> {
        self.catalogue.identity_cards().find_map(|card| {
            let id = card.row.id;
            let identity = self.identity_of(id).ok()?;
            let device = identity.devices.iter().find(|device| {
                let other = self.seed_of(id, device);
                other.is_ok_and(|other| other.ct_eq(seed))
            })?;
            Some(format!(
                "{} / {}",
                identity.kind.sign_in_name(),
                device.name
            ))
        })
    }

    /// A device's seed in the clear.
    pub(crate) fn seed_of(&self, id: ItemId, device: &MfaDevice) -> Result<Seed, SessionError> {
        let bytes = self.unseal(id, &Field::MfaSeed(device.id), &device.seed)?;
        Seed::from_bytes(bytes).map_err(|_| SessionError::Internal)
    }

    fn save_device(&mut self, draft: &DeviceDraft) -> Result<DeviceId, SessionError> {
        let secret = draft.secret.as_ref().filter(|secret| !secret.is_empty());
        let typed = secret.map(Typed::read).transpose()?;
        self.save_typed_device(draft, typed)
    }

    /// Files or changes a device with the seed in `typed`, whatever secret the draft has.
    pub(crate) fn save_typed_device(
        &mut self,
        draft: &DeviceDraft,
        typed: Option<Typed>,
    ) -> Result<DeviceId, SessionError> {
        let (mut identity, account) = self.identity_and_account(draft.identity)?;
        let mut problems = Problems::default();
        let params = match typed.as_ref().and_then(|typed| typed.uri.as_ref()) {
            Some(uri) => Some(uri.params),
            None => draft.params(&mut problems),
        };
        let serial = problems.optional("serial", &draft.serial, Serial::parse);
        let name = draft.name(typed.as_ref(), serial.as_ref());
        problems.check("name", check_label(&name));
        problems.end()?;
        let params = params.ok_or(SessionError::Internal)?;

        let id = draft.id.unwrap_or_else(DeviceId::new_random);
        if let Some(typed) = &typed {
            self.demand_new_seed(draft.identity, &identity, id, &typed.parsed.seed)?;
        }
        let seed = typed.map(|typed| {
            let bytes = typed.parsed.seed.to_bytes();
            self.vault.seal(draft.identity, &Field::MfaSeed(id), &bytes)
        });
        let count = identity.devices.len();
        if let Some(device) = identity.devices.iter_mut().find(|device| device.id == id) {
            device.name = name;
            device.serial = serial;
            device.params = params;
            device.seed = seed.unwrap_or_else(|| device.seed.clone());
        } else if draft.id.is_some() {
            return Err(SessionError::NoSuchItem);
        } else if count >= MAX_DEVICES {
            let limit = u32::try_from(MAX_DEVICES).unwrap_or(u32::MAX);
            return Err(SessionError::TooMany { limit });
        } else {
            let missing = || SessionError::field("secret", "type the seed or paste the address");
            identity.devices.push(MfaDevice {
                id,
                name,
                serial,
                seed: seed.ok_or_else(missing)?,
                params,
                added_at: self.now(),
                extra: Extra::new(),
            });
        }
        // Said before that somebody of the other account has the device.
        demand_serial(&identity, id, &account)?;
        self.put_identity(Some(draft.identity), identity)?;
        Ok(id)
    }

    /// The same seed twice in one identity is one device that was typed twice.
    fn demand_new_seed(
        &self,
        item: ItemId,
        identity: &Identity,
        own: DeviceId,
        seed: &Seed,
    ) -> Result<(), SessionError> {
        let mut others = identity.devices.iter().filter(|device| device.id != own);
        let twin = others.find(|device| {
            self.seed_of(item, device)
                .is_ok_and(|other| other.ct_eq(seed))
        });
        match twin {
            None => Ok(()),
            Some(device) => {
                let message = format!("this seed is filed already, as the device {}", device.name);
                Err(SessionError::field("secret", message))
            }
        }
    }

    fn remove_device(&mut self, id: ItemId, device: DeviceId) -> Result<(), SessionError> {
        let mut identity = self.identity_of(id)?;
        identity.device(device).ok_or(SessionError::NoSuchItem)?;
        identity.devices.retain(|other| other.id != device);
        let unfinished = identity
            .enrolment
            .take_if(|enrolment| enrolment.device == Some(device));
        if unfinished.is_some() {
            self.settle_half_made(id);
        }
        self.put(id, Content::Identity(identity))
    }
}

fn demand_serial(
    identity: &Identity,
    device: DeviceId,
    account: &Account,
) -> Result<(), SessionError> {
    let serial = identity
        .device(device)
        .and_then(|device| device.serial.as_ref());
    serial.map_or(Ok(()), |serial| {
        undercroft_model::rules::check_serial(serial, account)
            .map_err(|error| SessionError::field("serial", error))
    })
}

impl DeviceDraft {
    fn params(&self, problems: &mut Problems) -> Option<OtpParams> {
        let algorithm = problems.check("algorithm", OtpAlgorithm::parse(&self.algorithm));
        let digits = problems.check("digits", Digits::new(self.digits));
        let period = problems.check("period_secs", PeriodSecs::new(self.period_secs));
        Some(OtpParams {
            algorithm: algorithm?,
            digits: digits?,
            period: period?,
        })
    }

    /// The name as typed, else the label's, else the serial's.
    fn name(&self, typed: Option<&Typed>, serial: Option<&Serial>) -> String {
        let typed_name = self.name.trim();
        if !typed_name.is_empty() {
            return typed_name.to_owned();
        }
        let uri = typed.and_then(|typed| typed.uri.as_deref());
        let of_label = uri.map(|uri| {
            AwsLabel::from(uri).map_or_else(|| uri.name.clone(), |label| label.device_name)
        });
        let of_serial = || {
            let name = serial?.as_str().rsplit('/').next()?;
            Some(name.to_owned())
        };
        of_label
            .filter(|name| !name.is_empty())
            .or_else(of_serial)
            .unwrap_or_default()
    }
}
