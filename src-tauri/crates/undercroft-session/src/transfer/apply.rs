//! Taking devices over: everything is checked on copies first, and saved once.

use undercroft_model::{
    Account, AccountId, Content, DeviceId, EmailAddress, Extra, Field, Identity, IdentityKind,
    ItemId, MfaDevice, UserName,
    rules::{check_identity, check_label},
};
use undercroft_otp::{AwsLabel, OtpAuth, serial_for};

use super::Device;
use crate::{
    Session, SessionError, WhoKind, accounts::Problems, identities::of_rule, unlocked::Unlocked,
};

/// The most characters of a device's name.
const LONGEST_NAME: usize = 100;

/// A device that the user wants, and where.
#[derive(Clone, Debug)]
pub struct ImportChoice {
    /// The row's index.
    pub index: u32,
    /// Where it goes.
    pub target: ImportTarget,
}

/// Where a device goes.
#[derive(Clone, Debug)]
pub enum ImportTarget {
    /// To an identity of the vault.
    Existing(ItemId),
    /// To a new identity, in the account of that number, which is made where the vault does not have it.
    New {
        /// The 12 digits, as typed.
        account_id: String,
        /// Root user or IAM user.
        kind: WhoKind,
        /// The email or the user name, as typed.
        name: String,
    },
}

/// What was taken over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ImportReport {
    /// New devices.
    pub devices: u32,
    /// New identities.
    pub identities: u32,
    /// New accounts.
    pub accounts: u32,
}

/// What will be put into the vault.
#[derive(Default)]
struct Plan {
    accounts: Vec<(ItemId, Account)>,
    identities: Vec<(ItemId, Identity)>,
    report: ImportReport,
}

impl Session {
    /// Takes the chosen devices over, all of them or none, with one save.
    ///
    /// # Errors
    /// [`SessionError::NoSuchItem`] when what was read is gone; [`SessionError::Invalid`] and others when a choice
    /// can't be taken, and what was read waits on.
    pub async fn apply_import(
        &self,
        id: u32,
        choices: Vec<ImportChoice>,
    ) -> Result<ImportReport, SessionError> {
        self.act(move |open| open.apply_import(id, &choices)).await
    }
}

impl Unlocked {
    fn apply_import(
        &mut self,
        id: u32,
        choices: &[ImportChoice],
    ) -> Result<ImportReport, SessionError> {
        self.demand_writable()?;
        let now = self.shared.clock.monotonic();
        self.transfers.expire(now);
        // Taken out, so that the vault can be looked at; put back when a choice can't be taken.
        let pending = self.transfers.pending.take();
        let pending = pending
            .filter(|pending| pending.id == id)
            .ok_or(SessionError::NoSuchItem)?;
        let planned = self.plan(&pending.devices, choices);
        if planned.is_err() {
            self.transfers.pending = Some(pending);
        }
        self.carry_out(planned?)
    }

    fn plan(
        &self,
        devices: &[Option<Device>],
        choices: &[ImportChoice],
    ) -> Result<Plan, SessionError> {
        let mut plan = Plan::default();
        for choice in choices {
            let place = usize::try_from(choice.index).unwrap_or(usize::MAX);
            let device = devices.get(place).and_then(Option::as_ref);
            let device = device.ok_or(SessionError::NoSuchItem)?;
            let id = match &choice.target {
                ImportTarget::Existing(id) => self.plan_existing(&mut plan, *id)?,
                ImportTarget::New {
                    account_id,
                    kind,
                    name,
                } => {
                    let account = self.plan_account(&mut plan, account_id, device)?;
                    self.plan_identity(&mut plan, account, *kind, name)?
                }
            };
            self.plan_device(&mut plan, id, device)?;
        }
        self.check_plan(&plan)?;
        Ok(plan)
    }

    fn plan_existing(&self, plan: &mut Plan, id: ItemId) -> Result<ItemId, SessionError> {
        if !plan.identities.iter().any(|(known, _)| *known == id) {
            plan.identities.push((id, self.identity_of(id)?));
        }
        Ok(id)
    }

    /// Finds the account of that number in the vault or the plan, or plans it.
    fn plan_account(
        &self,
        plan: &mut Plan,
        typed: &str,
        device: &Device,
    ) -> Result<ItemId, SessionError> {
        let mut problems = Problems::default();
        let number = problems.check("account_id", AccountId::parse(typed));
        problems.end()?;
        let number = number.ok_or(SessionError::Internal)?;
        let planned = plan.accounts.iter().find(|(_, other)| other.id == number);
        if let Some((id, _)) = planned {
            return Ok(*id);
        }
        let mut rows = self.catalogue.account_rows();
        if let Some(row) = rows.find(|row| row.account_id == number) {
            return Ok(row.id);
        }
        let account = match &device.owner {
            Some(owner) if owner.account.id == number => owner.account.clone(),
            Some(_) | None => Account::new(number, Self::partition_of(device)),
        };
        self.demand_account(&account, None)?;
        let id = ItemId::new_random();
        plan.accounts.push((id, account));
        plan.report.accounts += 1;
        Ok(id)
    }

    /// Finds the identity in the vault or the plan, or plans it.
    fn plan_identity(
        &self,
        plan: &mut Plan,
        account: ItemId,
        kind: WhoKind,
        name: &str,
    ) -> Result<ItemId, SessionError> {
        let mut problems = Problems::default();
        let kind = match kind {
            WhoKind::Root => problems
                .check("name", EmailAddress::parse(name))
                .map(|email| IdentityKind::Root { email }),
            WhoKind::IamUser => problems
                .check("name", UserName::parse(name))
                .map(|name| IdentityKind::IamUser { name }),
        };
        problems.end()?;
        let kind = kind.ok_or(SessionError::Internal)?;
        let mut planned = plan.identities.iter();
        if let Some((id, _)) = planned.find(|(_, other)| {
            other.account == account && crate::catalogue::is_the_same(&other.kind, &kind)
        }) {
            return Ok(*id);
        }
        if let Some(id) = self.catalogue.identity_named(account, &kind) {
            return self.plan_existing(plan, id);
        }
        let id = ItemId::new_random();
        plan.identities.push((id, Identity::new(account, kind)));
        plan.report.identities += 1;
        Ok(id)
    }

    fn plan_device(
        &self,
        plan: &mut Plan,
        item: ItemId,
        device: &Device,
    ) -> Result<(), SessionError> {
        let Device { out: device, owner } = device;
        let place = plan.identities.iter().position(|(id, _)| *id == item);
        let place = place.ok_or(SessionError::Internal)?;
        let account = self.account_in(plan, plan.identities[place].1.account)?;
        let label = AwsLabel::from(device);
        let name = match owner {
            Some(owner) => owner.device_name.clone(),
            None => name_of(device, label.as_ref()),
        };
        check_label(&name).map_err(|error| SessionError::field("name", error))?;
        let works_with_sts = label
            .as_ref()
            .is_some_and(|label| label.service.works_with_sts());
        // Only AWS's own labels carry the name that is in the serial.
        let serial = match &label {
            Some(label) if works_with_sts => {
                serial_for(account.partition, &account.id, &label.device_name).ok()
            }
            Some(_) | None => None,
        };
        let identity = &mut plan.identities[place].1;
        for other in &identity.devices {
            // What this import brings is not in the vault yet, and its seeds were compared when it was read.
            let filed = self.seed_of(item, other);
            if filed.is_ok_and(|seed| seed.ct_eq(&device.seed)) {
                let message = format!("{name} is filed already, as the device {}", other.name);
                return Err(SessionError::field("import", message));
            }
        }
        let id = DeviceId::new_random();
        let seed = device.seed.to_bytes();
        let seed = self.vault.seal(item, &Field::MfaSeed(id), &seed);
        identity.devices.push(MfaDevice {
            id,
            name,
            serial,
            seed,
            params: device.params,
            added_at: self.now(),
            extra: Extra::new(),
        });
        plan.report.devices += 1;
        Ok(())
    }

    fn account_in(&self, plan: &Plan, id: ItemId) -> Result<Account, SessionError> {
        let planned = plan.accounts.iter().find(|(known, _)| *known == id);
        planned.map_or_else(|| self.account_of(id), |(_, account)| Ok(account.clone()))
    }

    /// Checks the planned identities as they will be, beside each other and beside the vault's.
    fn check_plan(&self, plan: &Plan) -> Result<(), SessionError> {
        for (id, identity) in &plan.identities {
            if !plan.accounts.iter().any(|(id, _)| *id == identity.account) {
                self.demand_identity(identity, Some(*id))?;
            }
            let account = Content::Account(self.account_in(plan, identity.account)?);
            let beside: Vec<(ItemId, Content)> = plan
                .identities
                .iter()
                .filter(|(other, _)| other != id)
                .map(|(other, identity)| (*other, Content::Identity(identity.clone())))
                .collect();
            let others = beside.iter().map(|(id, content)| (*id, content));
            check_identity(
                identity,
                Some(*id),
                others.chain([(identity.account, &account)]),
            )
            .map_err(|error| of_rule(&error))?;
        }
        Ok(())
    }

    fn carry_out(&mut self, plan: Plan) -> Result<ImportReport, SessionError> {
        let now = self.now();
        let accounts = plan
            .accounts
            .into_iter()
            .map(|(id, account)| (id, Content::Account(account)));
        let identities = plan
            .identities
            .into_iter()
            .map(|(id, identity)| (id, Content::Identity(identity)));
        let mut changed = Vec::new();
        for (id, content) in accounts.chain(identities) {
            self.vault
                .put(Some(id), content, now)
                .map_err(|error| self.failure(&error))?;
            changed.push(id);
        }
        self.changed(&changed);
        Ok(plan.report)
    }
}

/// What a device is called: as AWS's label says, or as the file does.
fn name_of(device: &OtpAuth, label: Option<&AwsLabel>) -> String {
    let names = [
        label.map(|label| label.device_name.as_str()),
        Some(device.name.as_str()),
        device.issuer.as_deref(),
    ];
    let name = names
        .into_iter()
        .flatten()
        .find(|name| !name.trim().is_empty());
    let name: String = name
        .unwrap_or("Device")
        .chars()
        .take(LONGEST_NAME)
        .collect();
    name.trim().to_owned()
}
