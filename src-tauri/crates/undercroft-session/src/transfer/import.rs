//! Reading files, and telling what of them could be taken over.

use tokio::task::spawn_blocking;
use undercroft_import::{EntryProblem, ImportError, read};
use undercroft_model::{
    AccountId, Digits, EmailAddress, IdentityKind, ItemId, Partition, UserName,
};
use undercroft_otp::{AccountRef, AwsLabel, Seed, collect};
use undercroft_secret::{SecretBytes, SecretString};

use super::{Closed, Device, Pending, WAITS, vault_file};
use crate::{AccountRow, Session, SessionError, unlocked::Unlocked};

/// The most files that are read at once.
const MOST_FILES: usize = 100;

/// A file that the user chose.
#[derive(Debug)]
pub struct ImportFile {
    /// Its name, to be shown.
    pub name: String,
    /// What is in it.
    pub bytes: SecretBytes,
}

/// What files hold; the seeds stay in the session.
#[derive(Clone, Debug, PartialEq)]
pub struct ImportPreview {
    /// Names it when it is applied or given up.
    pub id: u32,
    /// One for each device.
    pub rows: Vec<ImportRow>,
    /// How many codes of exports of Google Authenticator were not among the pictures.
    pub missing_codes: u32,
}

/// A device of a file.
#[derive(Clone, Debug, PartialEq)]
pub struct ImportRow {
    /// Its place, by which it is chosen.
    pub index: u32,
    /// Who issued it.
    pub issuer: String,
    /// Its name.
    pub name: String,
    /// Whether it can be taken over.
    pub status: ImportStatus,
    /// The account in the vault that its label names.
    pub account: Option<AccountRow>,
    /// The identity in the vault that its label names, with the name that it signs in with.
    pub identity: Option<(ItemId, String)>,
    /// The account that its label names, where it does so by its number.
    pub account_id: Option<AccountId>,
    /// Whether its label is that of a root user.
    pub root: bool,
    /// The IAM user that its label names.
    pub user_name: Option<UserName>,
    /// The root user's address, where the file has it.
    pub email: Option<EmailAddress>,
    /// Whether STS takes its codes.
    pub usable_with_sts: bool,
}

/// Whether a device of a file can be taken over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ImportStatus {
    /// It is not in the vault yet.
    New,
    /// The same seed is in the vault, or further up in the files.
    Duplicate {
        /// What it is called there.
        of: String,
    },
    /// It can't be used.
    Problem {
        /// Why, as a stable code.
        code: &'static str,
    },
}

impl Session {
    /// Reads files of other programs; what they hold waits for [`Session::apply_import`], in place of what waited
    /// before.
    ///
    /// # Errors
    /// [`SessionError::Import`] with the file that can't be read and why, such as that its password is needed.
    pub async fn preview_import(
        &self,
        files: Vec<ImportFile>,
        password: Option<SecretString>,
    ) -> Result<ImportPreview, SessionError> {
        self.act(|open| {
            open.transfers.give_up();
            open.demand_writable()
        })
        .await?;
        self.read_files(files, password).await
    }

    /// Reads the files again that were encrypted, with their password.
    ///
    /// # Errors
    /// [`SessionError::NoSuchItem`] when they wait no more; otherwise as [`Session::preview_import`].
    pub async fn open_import(&self, password: SecretString) -> Result<ImportPreview, SessionError> {
        let closed = self
            .act(|open| {
                open.transfers.expire(open.shared.clock.monotonic());
                let closed = open.transfers.closed.take();
                closed.ok_or(SessionError::NoSuchItem)
            })
            .await?;
        self.read_files(closed.files, Some(password)).await
    }

    /// Reads files beside the actor, as a password may take seconds, and keeps those that only lack the right one.
    async fn read_files(
        &self,
        files: Vec<ImportFile>,
        password: Option<SecretString>,
    ) -> Result<ImportPreview, SessionError> {
        let read = spawn_blocking(move || {
            let read = read_all(&files, password.as_ref());
            (files, read)
        });
        let (files, read) = read.await.map_err(|_| SessionError::Internal)?;
        self.act(move |open| match read {
            Ok((entries, missing_codes)) => open.preview_import(entries, missing_codes),
            Err(error) => {
                open.keep_closed(files, &error);
                Err(error)
            }
        })
        .await
    }

    /// Gives up what was read.
    ///
    /// # Errors
    /// When the vault is locked, and so nothing waits any more.
    pub async fn cancel_import(&self) -> Result<(), SessionError> {
        self.act(|open| {
            open.transfers.give_up();
            Ok(())
        })
        .await
    }
}

impl Unlocked {
    /// Keeps files that only lack the right password.
    fn keep_closed(&mut self, files: Vec<ImportFile>, error: &SessionError) {
        if let SessionError::Import { code, .. } = error
            && [ImportError::PasswordNeeded, ImportError::WrongPassword]
                .iter()
                .any(|error| error.code() == *code)
        {
            let until = self.shared.clock.monotonic() + WAITS;
            self.transfers.closed = Some(Closed { files, until });
        }
    }

    fn preview_import(
        &mut self,
        entries: Entries,
        missing_codes: u32,
    ) -> Result<ImportPreview, SessionError> {
        let filed = self.filed_seeds();
        let mut rows = Vec::with_capacity(entries.len());
        let mut devices: Vec<Option<Device>> = Vec::with_capacity(entries.len());
        for (index, entry) in (0..).zip(entries) {
            match entry {
                Ok(device) => {
                    let in_vault = filed
                        .iter()
                        .find(|(_, seed)| seed.ct_eq(&device.out.seed))
                        .map(|(name, _)| name.clone());
                    let twin = || {
                        let mut before = devices.iter().flatten();
                        let twin = before.find(|before| before.out.seed.ct_eq(&device.out.seed))?;
                        Some(twin.out.label())
                    };
                    let status = match in_vault.or_else(twin) {
                        Some(of) => ImportStatus::Duplicate { of },
                        None => ImportStatus::New,
                    };
                    rows.push(self.row_of(index, &device, status)?);
                    devices.push(Some(device));
                }
                Err(problem) => {
                    rows.push(refused_row(index, problem));
                    devices.push(None);
                }
            }
        }
        self.transfers.last_id = self.transfers.last_id.wrapping_add(1);
        let id = self.transfers.last_id;
        let until = self.shared.clock.monotonic() + WAITS;
        self.transfers.pending = Some(Pending { id, devices, until });
        Ok(ImportPreview {
            id,
            rows,
            missing_codes,
        })
    }

    fn row_of(
        &self,
        index: u32,
        device: &Device,
        status: ImportStatus,
    ) -> Result<ImportRow, SessionError> {
        let Device { out: device, owner } = device;
        let label = AwsLabel::from(device);
        let account = match owner {
            Some(owner) => self
                .catalogue
                .account_rows()
                .find(|row| {
                    row.account_id == owner.account.id && row.partition == owner.account.partition
                })
                .map(|row| row.id),
            None => label.as_ref().and_then(|label| self.account_named(label)),
        };
        let identity = match (account, owner, &label) {
            (Some(account), Some(owner), _) => self.catalogue.identity_named(account, &owner.kind),
            (Some(account), None, Some(label)) => self.identity_labelled(account, label),
            (Some(_) | None, _, _) => None,
        };
        let (user_name, email) = match owner.as_ref().map(|owner| &owner.kind) {
            Some(IdentityKind::Root { email }) => (None, Some(email.clone())),
            Some(IdentityKind::IamUser { name }) => (Some(name.clone()), None),
            None => (
                label.as_ref().and_then(|label| label.user_name.clone()),
                None,
            ),
        };
        let identity = identity
            .map(|id| {
                let identity = self.identity_of(id)?;
                Ok::<_, SessionError>((id, identity.kind.sign_in_name().to_owned()))
            })
            .transpose()?;
        let named = label.as_ref().and_then(|label| label.account.clone());
        let works_with_sts = label
            .as_ref()
            .is_none_or(|label| label.service.works_with_sts());
        Ok(ImportRow {
            index,
            issuer: device.issuer.clone().unwrap_or_default(),
            name: device.name.clone(),
            status,
            account: account.map(|id| self.account_row(id)).transpose()?,
            identity,
            account_id: match named {
                Some(AccountRef::Id(id)) => Some(id),
                Some(AccountRef::Alias(_)) | None => None,
            },
            root: email.is_some()
                || owner.is_none() && label.as_ref().is_some_and(|label| label.root),
            user_name,
            email,
            usable_with_sts: works_with_sts && device.params.digits == Digits::SIX,
        })
    }

    /// Every seed of the vault with `identity / device`, to find those that are filed already.
    fn filed_seeds(&self) -> Vec<(String, Seed)> {
        let holders: Vec<ItemId> = self
            .catalogue
            .identity_cards()
            .filter(|card| card.row.devices > 0)
            .map(|card| card.row.id)
            .collect();
        let mut seeds = Vec::new();
        for id in holders {
            let Ok(identity) = self.identity_of(id) else {
                continue;
            };
            for device in &identity.devices {
                if let Ok(seed) = self.seed_of(id, device) {
                    let name = format!("{} / {}", identity.kind.sign_in_name(), device.name);
                    seeds.push((name, seed));
                }
            }
        }
        seeds
    }

    /// The partition of an account that a label names and the vault does not have.
    pub(super) fn partition_of(device: &Device) -> Partition {
        let labelled = || AwsLabel::from(&device.out)?.partition;
        let owned = device.owner.as_ref().map(|owner| owner.account.partition);
        owned.or_else(labelled).unwrap_or(Partition::Aws)
    }
}

type Entries = Vec<Result<Device, EntryProblem>>;

/// Reads all files; the parts of one export may be spread over them.
fn read_all(
    files: &[ImportFile],
    password: Option<&SecretString>,
) -> Result<(Entries, u32), SessionError> {
    let refuse = |file: &ImportFile, error: ImportError| SessionError::Import {
        file: file.name.clone(),
        code: error.code(),
    };
    let (mut entries, mut parts) = (Vec::new(), Vec::new());
    let alone = |out| Device { out, owner: None };
    for (place, file) in files.iter().enumerate() {
        // Exposed to be read.
        let bytes = file.bytes.expose();
        if vault_file::is_vault(bytes) {
            let devices = vault_file::read_vault(bytes, password).map_err(|code| {
                let file = file.name.clone();
                SessionError::Import { file, code }
            })?;
            entries.extend(devices.into_iter().map(|(out, owner)| {
                let owner = Some(owner);
                Ok(Device { out, owner })
            }));
        } else {
            let import = read(bytes, password).map_err(|error| refuse(file, error))?;
            entries.extend(import.entries.into_iter().map(|entry| entry.map(alone)));
            parts.extend(import.parts);
        }
        if place >= MOST_FILES || entries.len() > undercroft_import::MAX_ENTRIES {
            return Err(refuse(file, ImportError::TooLarge));
        }
    }
    let collected = collect(parts);
    let missing: usize = collected
        .batches
        .iter()
        .map(|batch| batch.missing.len())
        .sum();
    entries.extend(
        collected
            .devices
            .into_iter()
            .map(|device| device.map(alone).map_err(EntryProblem::from)),
    );
    Ok((entries, u32::try_from(missing).unwrap_or(u32::MAX)))
}

fn refused_row(index: u32, problem: EntryProblem) -> ImportRow {
    ImportRow {
        index,
        issuer: problem.issuer,
        name: problem.name,
        status: ImportStatus::Problem {
            code: problem.reason.code(),
        },
        account: None,
        identity: None,
        account_id: None,
        root: false,
        user_name: None,
        email: None,
        usable_with_sts: false,
    }
}
