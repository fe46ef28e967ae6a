//! Everything in the vault, out into one file and in again.
//!
//! The file is an [`Archive`] of the vault crate: encrypted under a password of its own, or JSON in the clear. Writing
//! either needs the master password typed again; reading shows first what would change.

use tokio::task::spawn_blocking;
use undercroft_import::ImportError;
use undercroft_model::{
    Content, Item, ItemState, Timestamp,
    rules::{IdentityRuleError, ProfileRuleError, check_account, check_identity, check_profile},
};
use undercroft_secret::SecretString;
use undercroft_vault::{
    Archive, ArchiveError, Arrival, FormatError, Incoming, TakeIn, TwinRule, VaultError,
};

use super::{
    Closed, ExportedFile, Guarded, ImportFile, WAITS,
    vault_file::{TOO_NEW, is_vault, reason},
};
use crate::{BinnedKind, Event, Session, SessionError, strength, unlocked::Unlocked};

/// The most rows that a preview has; the rest is counted.
const MOST_ROWS: usize = 200;
/// The reason when an item goes beyond what a vault may hold.
const BREAKS_RULES: &str = "import-breaks-rules";
/// The reason when something else than an archive was chosen.
const NO_ARCHIVE: &str = "import-no-archive";

/// The reason when the vault has no room for what the archive holds.
const VAULT_FULL: &str = "import-vault-full";

/// What everything is written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArchiveFormat {
    /// A vault with a password of its own.
    Encrypted,
    /// JSON, with every secret in the clear.
    Json,
}

/// How much of each kind there is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ArchiveCounts {
    /// Accounts in use.
    pub accounts: u32,
    /// Identities in use.
    pub identities: u32,
    /// Profiles in use.
    pub profiles: u32,
    /// Console passwords, those before them among them.
    pub passwords: u32,
    /// MFA devices.
    pub devices: u32,
    /// Access keys.
    pub keys: u32,
    /// Further secrets.
    pub secrets: u32,
    /// Items in the bin.
    pub binned: u32,
    /// Earlier versions of items.
    pub versions: u32,
}

/// Everything, on its way into a file.
#[derive(Debug)]
pub struct ArchiveExport {
    /// The file.
    pub file: ExportedFile,
    /// What is in it.
    pub counts: ArchiveCounts,
    /// How many items could not be read, and so are not in it.
    pub unreadable: u32,
    /// How many items hold something of a newer version.
    pub newer: u32,
}

/// What taking an archive in would change; its secrets stay in the session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArchivePreview {
    /// Names it when it is applied or given up.
    pub id: u32,
    /// When the archive was made, where it says so.
    pub made_at: Option<Timestamp>,
    /// What is in it.
    pub counts: ArchiveCounts,
    /// How many items are new.
    pub new: u32,
    /// How many items are in the vault as they are in the archive.
    pub same: u32,
    /// Items that are in the vault in another version, at most 200.
    pub rows: Vec<ArchiveRow>,
    /// How many more of these there are.
    pub more_rows: u32,
    /// Whether the archive has settings other than the vault's.
    pub settings_differ: bool,
    /// Whether the vault still has the settings that it was made with.
    pub settings_untouched: bool,
    /// How many items of the archive could not be read.
    pub unreadable: u32,
    /// How many items hold something of a newer version.
    pub newer: u32,
}

/// An item that vault and archive have in different versions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArchiveRow {
    /// What it is; nothing for what a newer version knows.
    pub kind: Option<BinnedKind>,
    /// What it is called.
    pub name: String,
    /// What becomes of it.
    pub arrival: Arrival,
}

/// What was taken in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ArchiveReport {
    /// Items that were added, or came back.
    pub added: u32,
    /// Items of which another version was there.
    pub merged: u32,
    /// Items that were there already.
    pub same: u32,
    /// Whether the settings were taken over.
    pub settings: bool,
}

/// An archive that was read and is not in the vault yet.
#[derive(Debug)]
pub(super) struct PendingArchive {
    id: u32,
    /// The file's name.
    file: String,
    archive: Archive,
    pub(super) until: std::time::Duration,
}

impl Session {
    /// Writes everything out; the caller puts the file where the user says.
    ///
    /// # Errors
    /// [`SessionError::NotPermitted`] without the permission for just this; see [`Session::permit`].
    /// [`SessionError::WeakPassword`] when `password` is missing or too easy to guess for
    /// [`ArchiveFormat::Encrypted`]. [`SessionError::TooLargeForJson`] above 128 MiB, 200,000 items, or 16 MiB for one.
    pub async fn export_all(
        &self,
        format: ArchiveFormat,
        password: Option<SecretString>,
    ) -> Result<ArchiveExport, SessionError> {
        let password = match format {
            ArchiveFormat::Json => None,
            ArchiveFormat::Encrypted => {
                let password = password.ok_or(SessionError::WeakPassword)?;
                strength::demand(&password, &[])?;
                Some(password)
            }
        };
        let archive = self
            .act(move |open| {
                open.demand_permission(&Guarded::ExportAll { format })?;
                Ok(open.vault.archive(open.now()))
            })
            .await?;
        let shared = self.shared.clone();
        // Beside the actor: stretching the password keeps nobody waiting who asks for something else.
        let written = spawn_blocking(move || {
            let bytes = match &password {
                None => archive.to_json().map_err(not_written)?,
                Some(password) => {
                    let kdf = shared.new_kdf().map_err(|_| SessionError::Internal)?;
                    let locked = archive.lock(password, kdf);
                    locked.map_err(|_| SessionError::Internal)?
                }
            };
            Ok(ArchiveExport {
                file: ExportedFile { bytes },
                counts: ArchiveCounts::of(archive.items()),
                unreadable: number(archive.unreadable()),
                newer: number(archive.newer()),
            })
        });
        written.await.map_err(|_| SessionError::Internal)?
    }

    /// Reads an archive, or any vault; what it holds waits for [`Session::apply_archive`], in place of what waited
    /// before.
    ///
    /// # Errors
    /// [`SessionError::Import`] with why the file can't be read, such as that its password is needed.
    pub async fn preview_archive(&self, file: ImportFile) -> Result<ArchivePreview, SessionError> {
        self.act(|open| {
            open.transfers.give_up();
            open.demand_writable()
        })
        .await?;
        self.read_archive(file, None).await
    }

    /// Reads the archive again that was encrypted, with its password.
    ///
    /// # Errors
    /// [`SessionError::NoSuchItem`] when it waits no more; otherwise as [`Session::preview_archive`].
    pub async fn open_archive(
        &self,
        password: SecretString,
    ) -> Result<ArchivePreview, SessionError> {
        let file = self
            .act(|open| {
                open.transfers.expire(open.shared.clock.monotonic());
                let closed = open.transfers.closed_archive.take();
                let file = closed.and_then(|mut closed| closed.files.pop());
                file.ok_or(SessionError::NoSuchItem)
            })
            .await?;
        self.read_archive(file, Some(password)).await
    }

    /// Takes in what was read, all of it or nothing, with one save.
    ///
    /// # Errors
    /// [`SessionError::NoSuchItem`] when what was read is gone; when the vault can't be changed or would become too
    /// large.
    pub async fn apply_archive(&self, id: u32, how: TakeIn) -> Result<ArchiveReport, SessionError> {
        self.act(move |open| open.apply_archive(id, how)).await
    }

    async fn read_archive(
        &self,
        file: ImportFile,
        password: Option<SecretString>,
    ) -> Result<ArchivePreview, SessionError> {
        let read = spawn_blocking(move || {
            let read = read(&file, password.as_ref());
            (file, read)
        });
        let (file, read) = read.await.map_err(|_| SessionError::Internal)?;
        self.act(move |open| {
            read.and_then(|archive| open.preview_archive(archive, &file.name))
                .map_err(|code| {
                    let name = file.name.clone();
                    open.keep_closed_archive(file, code);
                    SessionError::Import { file: name, code }
                })
        })
        .await
    }
}

impl Unlocked {
    /// Keeps a file that only lacks the right password.
    fn keep_closed_archive(&mut self, file: ImportFile, code: &str) {
        if [ImportError::PasswordNeeded, ImportError::WrongPassword]
            .iter()
            .any(|error| error.code() == code)
        {
            let until = self.shared.clock.monotonic() + WAITS;
            let files = vec![file];
            self.transfers.closed_archive = Some(Closed { files, until });
        }
    }

    fn preview_archive(
        &mut self,
        archive: Archive,
        file: &str,
    ) -> Result<ArchivePreview, &'static str> {
        let all = TakeIn {
            settings: true,
            twins: TwinRule::Vault,
        };
        let planned = self.vault.plan_taking_in(&archive, all, self.now());
        let planned = planned.map_err(|_| ImportError::Damaged.code())?;
        self.transfers.last_id = self.transfers.last_id.wrapping_add(1);
        let mut preview = ArchivePreview {
            id: self.transfers.last_id,
            made_at: archive.made_at(),
            counts: ArchiveCounts::of(archive.items()),
            new: 0,
            same: 0,
            rows: Vec::new(),
            more_rows: 0,
            settings_differ: false,
            settings_untouched: self.vault.get(self.vault.settings_id()).is_none(),
            unreadable: number(archive.unreadable()),
            newer: number(archive.newer()),
        };
        for Incoming { item, arrival } in &planned {
            demand_rules(item)?;
            if matches!(item.content(), Some(Content::Settings(_))) {
                preview.settings_differ = !matches!(arrival, Arrival::Same | Arrival::Left);
                continue;
            }
            match arrival {
                Arrival::New => preview.new += 1,
                Arrival::Same | Arrival::Left => preview.same += 1,
                Arrival::Newer | Arrival::Older | Arrival::Back | Arrival::Twin => {
                    if preview.rows.len() < MOST_ROWS {
                        preview.rows.push(self.archive_row(item, *arrival));
                    } else {
                        preview.more_rows += 1;
                    }
                }
            }
        }
        let until = self.shared.clock.monotonic() + WAITS;
        let id = preview.id;
        self.transfers.archive = Some(PendingArchive {
            id,
            file: file.to_owned(),
            archive,
            until,
        });
        Ok(preview)
    }

    fn archive_row(&self, item: &Item, arrival: Arrival) -> ArchiveRow {
        let (kind, name) = match item.content() {
            Some(Content::Account(account)) => {
                (Some(BinnedKind::Account), account.title().to_owned())
            }
            Some(Content::Identity(identity)) => {
                let who = identity.kind.sign_in_name();
                let account = self.account_of(identity.account);
                let name = account.map_or_else(
                    |_| who.to_owned(),
                    |account| format!("{who} · {}", account.title()),
                );
                (Some(BinnedKind::Identity), name)
            }
            Some(Content::Profile(profile)) => {
                (Some(BinnedKind::Profile), profile.name.as_str().to_owned())
            }
            Some(Content::Settings(_) | Content::Unknown { .. }) | None => (None, String::new()),
        };
        ArchiveRow {
            kind,
            name,
            arrival,
        }
    }

    fn apply_archive(&mut self, id: u32, how: TakeIn) -> Result<ArchiveReport, SessionError> {
        self.demand_writable()?;
        let monotonic = self.shared.clock.monotonic();
        self.transfers.expire(monotonic);
        let pending = self.transfers.archive.take_if(|pending| pending.id == id);
        let pending = pending.ok_or(SessionError::NoSuchItem)?;
        let now = self.now();
        let taken = self.vault.take_in_archive(&pending.archive, how, now);
        let taken = match taken {
            Ok(taken) => taken,
            Err(error) => {
                let file = pending.file.clone();
                self.transfers.archive = Some(pending);
                let is_full = matches!(error, VaultError::Format(FormatError::TooLarge));
                let code = VAULT_FULL;
                return Err(if is_full {
                    SessionError::Import { file, code }
                } else {
                    self.failure(&error)
                });
            }
        };
        self.rebuild_lists();
        self.drop_orphaned_sessions();
        self.follow_settings();
        self.save();
        self.notify(Event::Changed { item: None });
        Ok(ArchiveReport::of(&taken))
    }
}

impl ArchiveReport {
    fn of(taken: &[Incoming]) -> Self {
        let mut report = Self::default();
        for Incoming { item, arrival } in taken {
            if matches!(item.content(), Some(Content::Settings(_))) {
                report.settings = matches!(arrival, Arrival::New | Arrival::Newer);
                continue;
            }
            match arrival {
                Arrival::New | Arrival::Back => report.added += 1,
                Arrival::Same | Arrival::Left => report.same += 1,
                Arrival::Newer | Arrival::Older | Arrival::Twin => report.merged += 1,
            }
        }
        report
    }
}

impl ArchiveCounts {
    fn of(items: impl Iterator<Item = Item>) -> Self {
        let mut counts = Self::default();
        for item in items {
            counts.versions += number(item.history.len());
            if matches!(item.state, ItemState::Binned { .. }) {
                counts.binned += 1;
                continue;
            }
            match item.content() {
                Some(Content::Account(account)) => {
                    counts.accounts += 1;
                    counts.secrets += number(account.secrets.len());
                }
                Some(Content::Identity(identity)) => {
                    counts.identities += 1;
                    counts.devices += number(identity.devices.len());
                    counts.keys += number(identity.keys.len());
                    counts.secrets += number(identity.secrets.len());
                    let sign_on = identity.sign_on.as_ref();
                    counts.passwords += sign_on.map_or(0, |sign_on| 1 + number(sign_on.past.len()));
                }
                Some(Content::Profile(_)) => counts.profiles += 1,
                Some(Content::Settings(_) | Content::Unknown { .. }) | None => {}
            }
        }
        counts
    }
}

fn read(file: &ImportFile, password: Option<&SecretString>) -> Result<Archive, &'static str> {
    // Exposed to be read.
    let bytes = file.bytes.expose();
    if is_vault(bytes) {
        let password = password.ok_or(ImportError::PasswordNeeded.code())?;
        return Archive::open(bytes, password).map_err(reason);
    }
    if !Archive::is_json(bytes) {
        return Err(NO_ARCHIVE);
    }
    Archive::from_json(bytes).map_err(|error| match error {
        ArchiveError::TooNew { .. } => TOO_NEW,
        ArchiveError::TooLarge => ImportError::TooLarge.code(),
        ArchiveError::Item { .. } => ImportError::Damaged.code(),
        // Whatever is told apart later.
        ArchiveError::NotAnArchive | _ => NO_ARCHIVE,
    })
}

/// Refuses what no vault of ours would hold. What an item says of others is not looked at: it may name what was
/// deleted, as in the vault that it comes from.
fn demand_rules(item: &Item) -> Result<(), &'static str> {
    let holds = match item.live() {
        Some(Content::Account(account)) => check_account(account, None, []).is_ok(),
        Some(Content::Identity(identity)) => matches!(
            check_identity(identity, None, []),
            Ok(()) | Err(IdentityRuleError::NoAccount)
        ),
        Some(Content::Profile(profile)) => matches!(
            check_profile(profile, None, []),
            Ok(()) | Err(ProfileRuleError::NoIdentity | ProfileRuleError::NoSource)
        ),
        Some(Content::Settings(_) | Content::Unknown { .. }) | None => true,
    };
    if holds { Ok(()) } else { Err(BREAKS_RULES) }
}

/// Why there is no archive in JSON.
fn not_written(error: FormatError) -> SessionError {
    if error == FormatError::TooLarge {
        SessionError::TooLargeForJson
    } else {
        SessionError::Internal
    }
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fits_into_no_json_is_told_apart_from_program_errors() {
        let too_large = not_written(FormatError::TooLarge);
        assert_eq!(too_large, SessionError::TooLargeForJson);
        assert_eq!(not_written(FormatError::WrongValue), SessionError::Internal);
    }
}
