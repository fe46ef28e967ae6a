//! Imports and exports, between the session's types and the window's.

use undercroft_session::{
    DeviceRef, ExportFormat, Guarded, ImportChoice, ImportPreview, ImportReport, ImportRow,
    ImportStatus, ImportTarget, WhoKind,
};

use super::answers::count;
use super::id;
use crate::error::UiError;
use crate::view::*;

impl From<ImportPreview> for ImportPreviewView {
    fn from(preview: ImportPreview) -> Self {
        Self {
            id: preview.id,
            rows: preview.rows.into_iter().map(Into::into).collect(),
            missing_codes: preview.missing_codes,
        }
    }
}

impl From<ImportRow> for ImportRowView {
    fn from(row: ImportRow) -> Self {
        let (identity, identity_name) = row.identity.unzip();
        Self {
            index: row.index,
            issuer: row.issuer,
            name: row.name,
            status: match row.status {
                ImportStatus::New => ImportStatusView::New,
                ImportStatus::Duplicate { of } => ImportStatusView::Duplicate { of },
                ImportStatus::Problem { code } => ImportStatusView::Problem {
                    reason: code.to_owned(),
                },
            },
            account: row.account.map(Into::into),
            identity: identity.map(|id| id.to_string()),
            identity_name,
            account_id: row.account_id.map(|id| id.as_str().to_owned()),
            root: row.root,
            user_name: row.user_name.map(|name| name.as_str().to_owned()),
            email: row.email.map(|email| email.as_str().to_owned()),
            usable_with_sts: row.usable_with_sts,
        }
    }
}

impl From<ImportReport> for ImportReportView {
    fn from(report: ImportReport) -> Self {
        Self {
            devices: count(report.devices),
            identities: count(report.identities),
            accounts: count(report.accounts),
        }
    }
}

impl TryFrom<ImportChoiceView> for ImportChoice {
    type Error = UiError;

    fn try_from(choice: ImportChoiceView) -> Result<Self, UiError> {
        let target = match choice.target {
            ImportTargetView::Existing { identity } => ImportTarget::Existing(id(&identity)?),
            ImportTargetView::New {
                account_id,
                who,
                name,
            } => ImportTarget::New {
                account_id,
                kind: match who {
                    IdentityKindView::Root => WhoKind::Root,
                    IdentityKindView::IamUser => WhoKind::IamUser,
                },
                name,
            },
        };
        let index = choice.index;
        Ok(Self { index, target })
    }
}

impl TryFrom<&DeviceRefView> for DeviceRef {
    type Error = UiError;

    fn try_from(device: &DeviceRefView) -> Result<Self, UiError> {
        Ok(Self {
            identity: id(&device.identity)?,
            device: id(&device.device)?,
        })
    }
}

impl From<ExportFormatView> for ExportFormat {
    fn from(format: ExportFormatView) -> Self {
        match format {
            ExportFormatView::Vault => Self::Vault,
            ExportFormatView::OtpauthLines => Self::OtpauthLines,
            ExportFormatView::MigrationPictures => Self::MigrationPictures,
        }
    }
}

/// Reads a list of devices.
pub(crate) fn devices(devices: &[DeviceRefView]) -> Result<Vec<DeviceRef>, UiError> {
    devices.iter().map(TryInto::try_into).collect()
}

/// What a confirmed action permits in the session; the others are done at once.
pub(crate) fn guarded(action: &ConfirmAction) -> Result<Guarded, UiError> {
    match action {
        ConfirmAction::ShowQr { device } => Ok(Guarded::ShowQr {
            device: device.try_into()?,
        }),
        ConfirmAction::ExportDevices {
            devices: list,
            format,
        } => Ok(Guarded::Export {
            devices: devices(list)?,
            format: (*format).into(),
        }),
        ConfirmAction::ExportAll { format } => Ok(Guarded::ExportAll {
            format: (*format).into(),
        }),
        ConfirmAction::NewRecoveryKey
        | ConfirmAction::NewVaultKey
        | ConfirmAction::SwitchOnQuickUnlock
        | ConfirmAction::RestoreBackup { .. } => Err(UiError::BadMessage),
    }
}
