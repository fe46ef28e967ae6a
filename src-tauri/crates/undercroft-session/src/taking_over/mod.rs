//! Taking over what other programs keep: `~/.aws`, the console's CSVs, otpauth lists, QR pictures, authenticators' files.
//!
//! | module | does |
//! |---|---|
//! | `reading` | reads the files, bounded, beside the actor |
//! | `whose_key`, `hints` | asks AWS whose the access keys are; goes by what stands beside them where it does not say |
//! | `plan` | works out, on copies, what the vault would hold |
//! | `keys`, `devices`, `profiles` with `roles` | place what was found in the plan, in this order |
//! | `apply` | puts the plan into the vault and saves once |
//! | `plain_secrets` | takes keys out of `~/.aws` that the vault has |
//!
//! A dry run goes the same way and stops before the last step, so that it answers what the real run then answers.
//! No text of an answer holds a secret.

mod apply;
mod devices;
mod hints;
mod keys;
mod plain_secrets;
mod plan;
mod profiles;
mod reading;
mod roles;
mod whose_key;

use std::{path::PathBuf, sync::Arc};

use tokio::task::spawn_blocking;
use undercroft_model::EndpointUrl;

use crate::{Session, SessionError};
use plan::Plan;

pub use plain_secrets::{PlainSecrets, TakenOut};

/// Files to take over, and how.
#[derive(Clone, Debug, Default)]
pub struct ImportPaths {
    /// The files. `config` and `credentials` of one folder are read as one.
    pub paths: Vec<PathBuf>,
    /// Whether to answer what would be filed and to change nothing.
    pub dry_run: bool,
    /// The endpoint of STS and IAM for accounts that this import files, and only for those.
    pub endpoint: Option<EndpointUrl>,
    /// Their console sign-in page; `endpoint` where there is none.
    pub sign_in_endpoint: Option<EndpointUrl>,
}

/// What was found in a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FoundFile {
    /// The file's path.
    pub source: String,
    /// What it holds.
    pub found: Vec<FoundItem>,
    /// What a person should know, and do: one text each, without secrets.
    pub problems: Vec<String>,
    /// Sections of a file of `~/.aws` whose key in plain text the vault has, or would have: it can be taken out of the
    /// file.
    pub plain_secrets: Vec<String>,
}

/// Something that a file holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundItem {
    /// What it is.
    pub kind: FoundKind,
    /// What it is called. A device has its label, as it stands in the file.
    pub name: String,
    /// How it stands to what the vault holds.
    pub status: FoundStatus,
}

/// What kind of thing a file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FoundKind {
    /// An account.
    Account,
    /// A root user or an IAM user, with the console password.
    Identity,
    /// An MFA device.
    Device,
    /// An access key.
    AccessKey,
    /// A profile.
    Profile,
}

/// How something in a file stands to what the vault holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FoundStatus {
    /// The vault does not have it; for an identity, or not its password.
    New,
    /// The vault has the same.
    Duplicate,
    /// The vault has something else in its place, and keeps it. A problem says what to do.
    Conflict,
}

impl Session {
    /// Takes over what files hold, or tells what it would take over.
    ///
    /// AWS is asked whose the access keys are that the vault does not have yet. What can't be read, placed or asked is a
    /// problem of its file, and the rest is taken over.
    ///
    /// # Errors
    /// When the vault is locked or can't be changed; nothing was read then.
    pub async fn import_paths(&self, wish: ImportPaths) -> Result<Vec<FoundFile>, SessionError> {
        self.act(|open| open.demand_writable()).await?;
        let ImportPaths { paths, dry_run, .. } = wish.clone();
        let gathered = spawn_blocking(move || reading::read_all(&paths));
        let gathered = Arc::new(gathered.await.map_err(|_| SessionError::Internal)?);

        let (asked, of) = (gathered.clone(), wish.clone());
        let asking = self
            .act(move |open| Ok(open.ask_whose_keys(&asked, &of)))
            .await?;
        let answers = asking.answers().await?;

        self.act(move |open| {
            for answer in answers.all() {
                open.learn_offset(&answer.clock, answer.clock_offset_secs());
            }
            open.demand_writable()?;
            let mut plan = Plan::new(open, &gathered, &wish);
            plan.place_keys(&gathered, &answers);
            plan.place_devices(&gathered);
            plan.place_profiles(&gathered);
            plan.note_plain_secrets(&gathered);
            let (report, changes) = plan.end();
            if !dry_run {
                open.carry_out_import(changes)?;
            }
            Ok(report)
        })
        .await
    }
}
