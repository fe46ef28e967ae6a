//! Devices out of other programs' files, and out of the vault.

use serde::{Deserialize, Serialize};
use specta::Type;

use super::{AccountRow, ConfirmAction, IdentityKindView, Sealed};

/// What files hold; the seeds stay in the backend.
#[derive(Clone, Debug, Serialize, Type)]
pub(crate) struct ImportPreviewView {
    /// Names it when it is applied.
    pub(crate) id: u32,
    /// One for each device.
    pub(crate) rows: Vec<ImportRowView>,
    /// How many codes of exports of Google Authenticator were not among the pictures.
    pub(crate) missing_codes: u32,
}

/// A device of a file.
#[derive(Clone, Debug, Serialize, Type)]
pub(crate) struct ImportRowView {
    /// Its place, by which it is chosen.
    pub(crate) index: u32,
    /// Who issued it.
    pub(crate) issuer: String,
    /// Its name.
    pub(crate) name: String,
    /// Whether it can be taken over.
    pub(crate) status: ImportStatusView,
    /// The account in the vault that its label names.
    pub(crate) account: Option<AccountRow>,
    /// The id of the identity in the vault that its label names.
    pub(crate) identity: Option<String>,
    /// What that identity signs in with.
    pub(crate) identity_name: Option<String>,
    /// The 12 digits that its label names.
    pub(crate) account_id: Option<String>,
    /// Whether its label is that of a root user.
    pub(crate) root: bool,
    /// The IAM user that its label names.
    pub(crate) user_name: Option<String>,
    /// The root user's address, where the file has it.
    pub(crate) email: Option<String>,
    /// Whether STS takes its codes.
    pub(crate) usable_with_sts: bool,
}

/// Whether a device of a file can be taken over.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub(crate) enum ImportStatusView {
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
        reason: String,
    },
}

/// A device that the user wants, and where.
#[derive(Clone, Debug, Deserialize, Type)]
pub(crate) struct ImportChoiceView {
    /// The row's index.
    pub(crate) index: u32,
    /// Where it goes.
    pub(crate) target: ImportTargetView,
}

/// Where a device goes.
#[derive(Clone, Debug, Deserialize, Type)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub(crate) enum ImportTargetView {
    /// To an identity of the vault.
    Existing {
        /// Its id.
        identity: String,
    },
    /// To a new identity; its account is made where the vault does not have it.
    New {
        /// The 12 digits, as typed.
        account_id: String,
        /// Root user or IAM user.
        who: IdentityKindView,
        /// The email or the user name, as typed.
        name: String,
    },
}

/// What was taken over.
#[derive(Clone, Debug, Serialize, Type)]
pub(crate) struct ImportReportView {
    /// New devices.
    pub(crate) devices: u32,
    /// New identities.
    pub(crate) identities: u32,
    /// New accounts.
    pub(crate) accounts: u32,
}

/// Names a device.
#[derive(Clone, Debug, Serialize, Deserialize, Type, PartialEq, Eq)]
pub(crate) struct DeviceRefView {
    /// The identity's id.
    pub(crate) identity: String,
    /// The device's id.
    pub(crate) device: String,
}

/// What devices are written as.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, Type, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum ExportFormatView {
    /// A small vault with a password of its own.
    Vault,
    /// A text of otpauth addresses, one a line.
    OtpauthLines,
    /// QR codes that Google Authenticator and others read, as PNG pictures.
    MigrationPictures,
}

/// The QR code of a device.
#[derive(Clone, Debug, Serialize, Type)]
pub(crate) struct ShownQrView {
    /// The dark modules as the path of an SVG drawing.
    pub(crate) path: Sealed,
    /// The side of the drawing in modules, with its margin.
    pub(crate) side: u32,
}

/// What was written.
#[derive(Clone, Debug, Serialize, Type)]
pub(crate) struct ExportedView {
    /// The files.
    pub(crate) paths: Vec<String>,
    /// How many devices the format can't carry.
    pub(crate) left_out: u32,
}

/// The master password was typed again: the action that it was for may be done now, once.
#[derive(Clone, Debug, Serialize, Deserialize, Type, tauri_specta::Event)]
pub(crate) struct Permitted {
    /// What was permitted.
    pub(crate) action: ConfirmAction,
}
