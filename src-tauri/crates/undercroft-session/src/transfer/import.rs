//! Reading files, and telling what of them could be taken over.

use undercroft_import::{EntryProblem, ImportError, read};
use undercroft_model::{AccountId, Digits, ItemId, Partition, UserName};
use undercroft_otp::{AccountRef, AwsLabel, OtpAuth, Seed, collect};
use undercroft_secret::{SecretBytes, SecretString};

use super::{Closed, Pending, WAITS};
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
        self.act(move |open| open.read_or_keep(files, password.as_ref()))
            .await
    }

    /// Reads the files again that were encrypted, with their password.
    ///
    /// # Errors
    /// [`SessionError::NoSuchItem`] when they wait no more; otherwise as [`Session::preview_import`].
    pub async fn open_import(&self, password: SecretString) -> Result<ImportPreview, SessionError> {
        self.act(move |open| {
            let closed = open.transfers.closed.take();
            let closed = closed.ok_or(SessionError::NoSuchItem)?;
            open.read_or_keep(closed.files, Some(&password))
        })
        .await
    }

    /// Gives up what was read.
    ///
    /// # Errors
    /// When the vault is locked, and so nothing waits any more.
    pub async fn cancel_import(&self) -> Result<(), SessionError> {
        self.act(|open| {
            open.transfers.pending = None;
            open.transfers.closed = None;
            Ok(())
        })
        .await
    }
}

impl Unlocked {
    /// Reads files, and keeps those that only lack the right password.
    fn read_or_keep(
        &mut self,
        files: Vec<ImportFile>,
        password: Option<&SecretString>,
    ) -> Result<ImportPreview, SessionError> {
        self.transfers.closed = None;
        let outcome = self.preview_import(&files, password);
        if let Err(SessionError::Import { code, .. }) = &outcome
            && [ImportError::PasswordNeeded, ImportError::WrongPassword]
                .iter()
                .any(|error| error.code() == *code)
        {
            let until = self.shared.clock.monotonic() + WAITS;
            self.transfers.closed = Some(Closed { files, until });
        }
        outcome
    }

    fn preview_import(
        &mut self,
        files: &[ImportFile],
        password: Option<&SecretString>,
    ) -> Result<ImportPreview, SessionError> {
        self.transfers.pending = None;
        self.demand_writable()?;
        let (entries, missing_codes) = read_all(files, password)?;
        let filed = self.filed_seeds();
        let mut rows = Vec::with_capacity(entries.len());
        let mut devices: Vec<Option<OtpAuth>> = Vec::with_capacity(entries.len());
        for (index, entry) in (0..).zip(entries) {
            match entry {
                Ok(device) => {
                    let in_vault = filed
                        .iter()
                        .find(|(_, seed)| seed.ct_eq(&device.seed))
                        .map(|(name, _)| name.clone());
                    let twin = || {
                        let mut before = devices.iter().flatten();
                        let twin = before.find(|before| before.seed.ct_eq(&device.seed))?;
                        Some(twin.label())
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
        device: &OtpAuth,
        status: ImportStatus,
    ) -> Result<ImportRow, SessionError> {
        let label = AwsLabel::from(device);
        let account = label.as_ref().and_then(|label| self.account_named(label));
        let identity = match (account, &label) {
            (Some(account), Some(label)) => self.identity_labelled(account, label),
            (Some(_) | None, _) => None,
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
            root: label.as_ref().is_some_and(|label| label.root),
            user_name: label.and_then(|label| label.user_name),
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
    pub(super) fn partition_of(device: &OtpAuth) -> Partition {
        AwsLabel::from(device)
            .and_then(|label| label.partition)
            .unwrap_or(Partition::Aws)
    }
}

type Entries = Vec<Result<OtpAuth, EntryProblem>>;

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
    for (place, file) in files.iter().enumerate() {
        // Exposed to be read.
        let import = read(file.bytes.expose(), password).map_err(|error| refuse(file, error))?;
        entries.extend(import.entries);
        parts.extend(import.parts);
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
            .map(|device| device.map_err(EntryProblem::from)),
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
        usable_with_sts: false,
    }
}
