//! Archives, between the session's types and the window's.

use undercroft_session::{
    ArchiveCounts, ArchiveFormat, ArchivePreview, ArchiveReport, ArchiveRow, BinnedKind,
};
use undercroft_vault::{Arrival, TakeIn, TwinRule};

use crate::view::*;

impl From<ArchiveFormatView> for ArchiveFormat {
    fn from(format: ArchiveFormatView) -> Self {
        match format {
            ArchiveFormatView::Encrypted => Self::Encrypted,
            ArchiveFormatView::Json => Self::Json,
        }
    }
}

impl From<ArchiveCounts> for ArchiveCountsView {
    fn from(counts: ArchiveCounts) -> Self {
        Self {
            accounts: counts.accounts,
            identities: counts.identities,
            profiles: counts.profiles,
            passwords: counts.passwords,
            devices: counts.devices,
            keys: counts.keys,
            secrets: counts.secrets,
            binned: counts.binned,
            versions: counts.versions,
        }
    }
}

impl From<ArchivePreview> for ArchivePreviewView {
    fn from(preview: ArchivePreview) -> Self {
        Self {
            id: preview.id,
            made_at: preview.made_at.map(|at| at.to_string()),
            counts: preview.counts.into(),
            new: preview.new,
            same: preview.same,
            rows: preview.rows.into_iter().map(Into::into).collect(),
            more_rows: preview.more_rows,
            settings_differ: preview.settings_differ,
            settings_untouched: preview.settings_untouched,
            unreadable: preview.unreadable,
            newer: preview.newer,
        }
    }
}

impl From<ArchiveRow> for ArchiveRowView {
    fn from(row: ArchiveRow) -> Self {
        let kind = row.kind.map(|kind| match kind {
            BinnedKind::Account => "account",
            BinnedKind::Identity => "identity",
            BinnedKind::Profile => "profile",
        });
        Self {
            kind: kind.map(str::to_owned),
            name: row.name,
            arrival: match row.arrival {
                Arrival::Newer => ArrivalView::Newer,
                Arrival::Back | Arrival::New => ArrivalView::Back,
                Arrival::Twin => ArrivalView::Twin,
                Arrival::Older | Arrival::Same | Arrival::Left => ArrivalView::Older,
            },
        }
    }
}

impl From<TakeInView> for TakeIn {
    fn from(how: TakeInView) -> Self {
        Self {
            settings: how.settings,
            twins: if how.prefers_archive {
                TwinRule::Archive
            } else {
                TwinRule::Vault
            },
        }
    }
}

impl From<ArchiveReport> for ArchiveReportView {
    fn from(report: ArchiveReport) -> Self {
        Self {
            added: report.added,
            merged: report.merged,
            same: report.same,
            settings: report.settings,
        }
    }
}
