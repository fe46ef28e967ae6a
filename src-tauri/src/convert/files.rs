//! What files of AWS's programs hold, as the window shows it.

use undercroft_session::{FoundFile, FoundItem, FoundKind, FoundStatus, TakenOut};

use crate::error::UiError;
use crate::view::*;

/// What a file holds, under the name that it is shown by.
pub(crate) fn found_file(file: FoundFile, source: String) -> FoundFileView {
    FoundFileView {
        source,
        found: file.found.into_iter().map(Into::into).collect(),
        problems: file.problems,
        plain_secrets: file.plain_secrets,
    }
}

impl From<FoundItem> for FoundItemView {
    fn from(item: FoundItem) -> Self {
        Self {
            kind: match item.kind {
                FoundKind::Account => FoundKindView::Account,
                FoundKind::Identity => FoundKindView::Identity,
                FoundKind::Device => FoundKindView::Device,
                FoundKind::AccessKey => FoundKindView::AccessKey,
                FoundKind::Profile => FoundKindView::Profile,
            },
            name: item.name,
            status: match item.status {
                FoundStatus::New => FoundStatusView::New,
                FoundStatus::Duplicate => FoundStatusView::Duplicate,
                FoundStatus::Conflict => FoundStatusView::Conflict,
            },
        }
    }
}

impl TakenOutView {
    /// What was taken out of a file.
    pub(crate) fn of(source: String, outcome: TakenOut) -> Self {
        let kept = outcome.kept.into_iter();
        Self {
            source,
            taken: outcome.taken,
            kept: kept
                .map(|(section, why)| KeptSectionView { section, why })
                .collect(),
            problem: None,
        }
    }

    /// A file that is as it was.
    pub(crate) fn failed(source: String, problem: UiError) -> Self {
        Self {
            source,
            taken: Vec::new(),
            kept: Vec::new(),
            problem: Some(problem),
        }
    }
}
