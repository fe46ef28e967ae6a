//! Placing MFA devices by their labels.

use undercroft_import::EntryProblem;
use undercroft_model::{
    Account, AccountId, DeviceId, EmailAddress, Extra, Field, Identity, IdentityKind, ItemId,
    MfaDevice, Partition, Serial, rules::MAX_DEVICES, rules::check_label,
};
use undercroft_otp::{AccountRef, AwsLabel, OtpAuth, serial_for};

use super::{
    FoundKind, FoundStatus,
    hints::who_of_device,
    plan::{Holder, Plan, said},
    reading::Gathered,
    whose_key::{Owner, Who},
};

/// The most characters of a device's name.
const LONGEST_NAME: usize = 100;

/// A label, taken apart.
struct Label {
    /// As it stands in the file.
    written: String,
    /// What stands before the account: the device's name, and its user's where the console named it.
    device: String,
    account: NamedAccount,
    /// Whether the issuer is another than AWS, so that the label may mean something else.
    is_foreign: bool,
}

/// How a label names its account.
enum NamedAccount {
    Id(Option<Partition>, AccountId),
    /// An alias or a name.
    Called(String),
    Nowhere,
}

impl Plan<'_> {
    /// Places the devices of all files.
    pub(super) fn place_devices(&mut self, gathered: &Gathered) {
        for group in &gathered.groups {
            self.learn_serials_of_roles(group);
        }
        for (file, entry) in &gathered.devices {
            match entry {
                Ok(device) => self.place_device(*file, device),
                Err(problem) => self.report(*file, refused(problem)),
            }
        }
    }

    fn place_device(&mut self, file: usize, device: &OtpAuth) {
        let aws = AwsLabel::from(device);
        let label = Label::of(device, aws.as_ref());
        if aws.is_some_and(|label| !label.service.works_with_sts()) {
            let problem = format!(
                "{}: this device is for IAM Identity Center or AWS Builder ID, whose sign-in has no place in the vault yet; \
                 leave it in the other program",
                label.written
            );
            self.report(file, problem);
            return;
        }
        let placed = self
            .holder_of_label(&label, device)
            .and_then(|holder| self.add_device(file, &label, device, holder));
        if let Err(problem) = placed {
            self.report(file, format!("{}: {problem}", label.written));
        }
    }

    /// The identity that a label names, in hand.
    fn holder_of_label(&self, label: &Label, device: &OtpAuth) -> Result<Holder, String> {
        let account = match &label.account {
            NamedAccount::Nowhere => {
                return Err(
                    "its label names no account, so it is not imported; add it in the window, or name it NAME@ACCOUNT in the \
                     other program"
                        .to_owned(),
                );
            }
            NamedAccount::Called(called) => match self.accounts_called(called).as_slice() {
                [one] => Ok(*one),
                [] => {
                    return Err(format!(
                        "no account of the vault goes by {called}, so it is not imported; add the account with its 12 digits \
                         first, with this alias or name"
                    ));
                }
                [_, ..] => {
                    return Err(format!(
                        "several accounts of the vault go by {called}, so it is not imported; add it in the window"
                    ));
                }
            },
            NamedAccount::Id(partition, id) => {
                let partitions = partition.map_or(Partition::ALL.to_vec(), |one| vec![one]);
                let mut filed = partitions
                    .into_iter()
                    .filter_map(|partition| self.account_numbered(partition, id));
                filed
                    .next()
                    .ok_or((partition.unwrap_or(Partition::Aws), id.clone()))
            }
        };
        let who = who_of_device(&label.device).ok_or(
            "its label names no user that IAM could have, so it is not imported; add it in the window",
        )?;
        let owner = match account {
            Err((partition, account)) => Owner {
                partition,
                account,
                alias: None,
                who,
            },
            Ok(id) => {
                let account = self.account(id).ok_or("its account is gone")?;
                if let Some(found) = self.user_in(id, &account, label, &who, device) {
                    return self
                        .take(found)
                        .ok_or_else(|| "its user is gone".to_owned());
                }
                if label.is_foreign && matches!(label.account, NamedAccount::Called(_)) {
                    return Err(
                        "another issuer than AWS made it, and the account has no such user, so it is not imported; if it is \
                         AWS's all the same, add it in the window"
                            .to_owned(),
                    );
                }
                Owner {
                    partition: account.partition,
                    account: account.id,
                    alias: None,
                    who,
                }
            }
        };
        self.take_owner(&owner)
    }

    /// The identity that is there for a device: the user of its name, else whose key or device has its serial, else who
    /// has its seed.
    fn user_in(
        &self,
        account_item: ItemId,
        account: &Account,
        label: &Label,
        who: &Who,
        device: &OtpAuth,
    ) -> Option<ItemId> {
        let kind = match who {
            Who::User(name) => IdentityKind::IamUser { name: name.clone() },
            // Any address does: an account has one root user.
            Who::Root => IdentityKind::Root {
                email: EmailAddress::parse("root@account").ok()?,
            },
        };
        let of_serial = || {
            let serial = serial_for(account.partition, &account.id, &label.device).ok()?;
            let of_key = self.serials_of_keys.get(&serial).copied();
            of_key.or_else(|| self.holder_of_serial(&serial))
        };
        let of_seed = || {
            let mut holders = self.identities_of(account_item).into_iter();
            holders.find(|id| {
                let identity = self.identity(*id);
                identity.is_some_and(|identity| self.has_seed(*id, &identity, device))
            })
        };
        self.identity_named(account_item, &kind)
            .or_else(of_serial)
            .or_else(of_seed)
    }

    fn has_seed(&self, id: ItemId, identity: &Identity, device: &OtpAuth) -> bool {
        identity.devices.iter().any(|other| {
            let seed = self.open.seed_of(id, other);
            seed.is_ok_and(|seed| seed.ct_eq(&device.seed))
        })
    }

    fn add_device(
        &mut self,
        file: usize,
        label: &Label,
        device: &OtpAuth,
        mut holder: Holder,
    ) -> Result<(), String> {
        let status = match self.put_device(label, device, &mut holder) {
            Ok(FoundStatus::New) => {
                self.place(&holder).map_err(|error| said(&error))?;
                if let Some(problem) = holder.problem_of_root() {
                    self.report(file, format!("{}: {problem}", label.written));
                }
                FoundStatus::New
            }
            Ok(status) => status,
            Err(problem) if holder.is_new => return Err(problem),
            Err(problem) => {
                self.report(file, format!("{}: {problem}", label.written));
                FoundStatus::Conflict
            }
        };
        let of_identity = if holder.is_new {
            FoundStatus::New
        } else {
            FoundStatus::Duplicate
        };
        self.note_holder(file, &holder, of_identity);
        self.note(file, FoundKind::Device, label.written.clone(), status);
        Ok(())
    }

    fn put_device(
        &self,
        label: &Label,
        device: &OtpAuth,
        holder: &mut Holder,
    ) -> Result<FoundStatus, String> {
        if self.has_seed(holder.id, &holder.identity, device) {
            return Ok(FoundStatus::Duplicate);
        }
        let serial = self.serial_of(label, holder);
        let mut filed = holder.identity.devices.iter();
        if serial.is_some() && filed.any(|other| other.serial == serial) {
            return Err(
                "its user has a device of this serial with another seed, which is kept; if this one is the newer, remove the \
                 other in the window and import again"
                    .to_owned(),
            );
        }
        if holder.identity.devices.len() >= MAX_DEVICES {
            return Err(format!(
                "its user has {MAX_DEVICES} devices already, as many as AWS allows; remove one in the window and import again"
            ));
        }
        let name: String = label.device.chars().take(LONGEST_NAME).collect();
        let name = name.trim().to_owned();
        check_label(&name).map_err(|error| error.to_string())?;
        let id = DeviceId::new_random();
        let seed = device.seed.to_bytes();
        let seed = self.open.vault.seal(holder.id, &Field::MfaSeed(id), &seed);
        holder.identity.devices.push(MfaDevice {
            id,
            name,
            serial,
            seed,
            params: device.params,
            added_at: self.open.now(),
            extra: Extra::new(),
        });
        Ok(FoundStatus::New)
    }

    /// The serial of a device that AWS named.
    fn serial_of(&self, label: &Label, holder: &Holder) -> Option<Serial> {
        if label.is_foreign {
            return None;
        }
        let account = self.account_of(holder)?;
        serial_for(account.partition, &account.id, &label.device).ok()
    }
}

impl Label {
    fn of(device: &OtpAuth, aws: Option<&AwsLabel>) -> Self {
        let written = match device.written_label.trim() {
            "" => device.label(),
            written => written.to_owned(),
        };
        let written = if written.is_empty() {
            "a device without a label".to_owned()
        } else {
            written
        };
        let is_foreign = aws.is_none() && device.issuer.is_some();
        let by_aws = aws.and_then(|label| match &label.account {
            Some(AccountRef::Id(id)) => Some((label.device_name.clone(), label.partition, id)),
            Some(AccountRef::Alias(_)) | None => None,
        });
        if let Some((device, partition, id)) = by_aws {
            return Self {
                written,
                device,
                account: NamedAccount::Id(partition, id.clone()),
                is_foreign,
            };
        }
        // Names of accounts may have spaces and capitals, which no alias has.
        let (device, account) = match device.name.rsplit_once('@') {
            Some((device, account)) if !device.trim().is_empty() && !account.trim().is_empty() => {
                let account = account.trim();
                let account = match AccountId::parse(account) {
                    Ok(id) => NamedAccount::Id(None, id),
                    Err(_) => NamedAccount::Called(account.to_owned()),
                };
                (device.trim().to_owned(), account)
            }
            Some(_) | None => (device.name.clone(), NamedAccount::Nowhere),
        };
        Self {
            written,
            device,
            account,
            is_foreign,
        }
    }
}

fn refused(problem: &EntryProblem) -> String {
    let name = if problem.name.is_empty() {
        &problem.issuer
    } else {
        &problem.name
    };
    if name.is_empty() {
        format!("a device is not imported: {problem}")
    } else {
        format!("{name}: not imported: {problem}")
    }
}
