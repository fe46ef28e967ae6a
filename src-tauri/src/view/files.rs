//! What files of AWS's programs hold.

use serde::{Deserialize, Serialize};
use specta::Type;

use crate::error::UiError;

/// Which files to look at.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, Type, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum FilesSourceView {
    /// Those of `~/.aws`.
    Aws,
    /// Those that the user chooses in the system's dialog.
    Chosen,
}

/// What files hold, before it is taken over.
#[derive(Clone, Debug, Serialize, Type)]
pub(crate) struct FilesPreviewView {
    /// Names them when they are taken over.
    pub(crate) id: u32,
    /// One for each file.
    pub(crate) files: Vec<FoundFileView>,
}

/// What a file holds; its secrets stay in the backend.
#[derive(Clone, Debug, Serialize, Type)]
pub(crate) struct FoundFileView {
    /// What the file is called.
    pub(crate) source: String,
    /// What it holds.
    pub(crate) found: Vec<FoundItemView>,
    /// What a person should know, and do.
    pub(crate) problems: Vec<String>,
    /// Sections whose key in plain text the vault has, or would have.
    pub(crate) plain_secrets: Vec<String>,
}

/// Something that a file holds.
#[derive(Clone, Debug, Serialize, Type)]
pub(crate) struct FoundItemView {
    /// What it is.
    pub(crate) kind: FoundKindView,
    /// What it is called.
    pub(crate) name: String,
    /// How it stands to what the vault holds.
    pub(crate) status: FoundStatusView,
}

/// What kind of thing a file holds.
#[derive(Clone, Copy, Debug, Serialize, Type, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum FoundKindView {
    /// An account.
    Account,
    /// A root user or an IAM user.
    Identity,
    /// An MFA device.
    Device,
    /// An access key.
    AccessKey,
    /// A profile.
    Profile,
}

/// How something in a file stands to what the vault holds.
#[derive(Clone, Copy, Debug, Serialize, Type, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum FoundStatusView {
    /// The vault does not have it.
    New,
    /// The vault has the same.
    Duplicate,
    /// The vault has something else in its place.
    Conflict,
}

/// What became of a file's keys in plain text.
#[derive(Clone, Debug, Serialize, Type)]
pub(crate) struct TakenOutView {
    /// What the file is called.
    pub(crate) source: String,
    /// The sections whose keys are gone from it.
    pub(crate) taken: Vec<String>,
    /// The sections that keep them.
    pub(crate) kept: Vec<KeptSectionView>,
    /// Why the file is as it was.
    pub(crate) problem: Option<UiError>,
}

/// A section that keeps its key.
#[derive(Clone, Debug, Serialize, Type)]
pub(crate) struct KeptSectionView {
    /// Its name.
    pub(crate) section: String,
    /// Why.
    pub(crate) why: String,
}
