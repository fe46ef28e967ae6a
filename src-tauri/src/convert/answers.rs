//! The session's answers as views.

use std::path::Path;

use undercroft_model::{IdentityKind, KeyState, Theme, Timestamp};
use undercroft_otp::AccountRef;
use undercroft_session as session;

use super::errors::offset;
use crate::view::*;

/// A count; a window shows none beyond 2^32.
pub(crate) fn count(number: impl TryInto<u32>) -> u32 {
    number.try_into().unwrap_or(u32::MAX)
}

/// Where a vault is.
pub(crate) fn place(path: &Path) -> VaultPlace {
    VaultPlace {
        path: path.display().to_string(),
        name: path
            .file_stem()
            .map(|stem| stem.to_string_lossy().into_owned())
            .unwrap_or_default(),
        exists: path.exists(),
    }
}

/// What the settings page says about the vault file.
pub(crate) fn details(details: session::VaultDetails) -> VaultDetailsView {
    VaultDetailsView {
        place: place(&details.path),
        size_bytes: count(details.size_bytes),
        saves: count(details.saves),
        saved_at: date(details.saved_at),
        format: details.format,
        kdf_memory_mib: details.kdf_memory_kib / 1024,
        kdf_iterations: details.kdf_iterations,
        kdf_lanes: details.kdf_lanes,
        has_recovery_key: details.has_recovery_key,
        clocks: details
            .clocks
            .into_iter()
            .map(|clock| ClockView {
                host: clock.host,
                offset_secs: offset(clock.offset_secs),
            })
            .collect(),
    }
}

/// What happened on copying.
pub(crate) fn copied(copied: session::Copied) -> CopiedView {
    CopiedView {
        clears_in_secs: copied.clears_in_secs,
        used_before: copied.used_before,
        valid_in_secs: copied.valid_in_secs,
    }
}

/// What AWS says about the caller of a key.
pub(crate) fn caller(caller: session::Caller) -> CallerView {
    CallerView {
        account: caller.account.to_string(),
        arn: caller.arn.to_string(),
        user_id: caller.user_id,
        matches: caller.matches,
    }
}

pub(super) fn date(at: Timestamp) -> String {
    at.to_string()
}

impl From<Theme> for ThemeView {
    fn from(theme: Theme) -> Self {
        match theme {
            Theme::System => Self::System,
            Theme::Light => Self::Light,
            Theme::Dark => Self::Dark,
            Theme::HighContrast => Self::HighContrast,
        }
    }
}

impl From<session::Strength> for StrengthView {
    fn from(strength: session::Strength) -> Self {
        Self {
            score: strength.score,
            guesses_log10: strength.guesses_log10,
            warning: strength.warning,
            suggestions: strength.suggestions,
            acceptable: strength.acceptable,
        }
    }
}

impl From<session::Notice> for NoticeView {
    fn from(notice: session::Notice) -> Self {
        match notice {
            session::Notice::RolledBack { seen, found } => Self::RolledBack {
                seen: count(seen),
                found: count(found),
            },
            session::Notice::Forked => Self::Forked,
            session::Notice::Restored {
                saved_at,
                missing_saves,
                last_save_at,
                passed_over,
            } => Self::Restored {
                saved_at: saved_at.to_string(),
                missing_saves: count(missing_saves),
                last_save_at: last_save_at.map(|at| at.to_string()),
                passed_over: count(passed_over),
            },
            session::Notice::ReadOnly { place } => Self::ReadOnly { place },
            session::Notice::Merged { conflicts, taken } => Self::Merged {
                conflicts: count(conflicts),
                taken: count(taken),
            },
            session::Notice::Strengthened => Self::Strengthened,
            session::Notice::Unsaved { error } => Self::Unsaved {
                error: error.into(),
            },
            session::Notice::ClockOff { offset_secs, host } => Self::ClockOff {
                offset_secs: offset(offset_secs),
                host,
            },
            session::Notice::StateReset => Self::StateReset,
            session::Notice::BinEmptied { items } => Self::BinEmptied {
                items: count(items),
            },
            session::Notice::HalfMadeDevice { identity, name } => Self::HalfMadeDevice {
                identity: identity.to_string(),
                name,
            },
        }
    }
}

impl From<session::Reunion> for ReunionView {
    fn from(reunion: session::Reunion) -> Self {
        Self {
            taken: count(reunion.taken),
            conflicts: count(reunion.conflicts),
            complete: reunion.complete,
            unreadable: count(reunion.unreadable),
        }
    }
}

impl From<session::Network> for NetworkView {
    fn from(network: session::Network) -> Self {
        Self {
            proxy: network.proxy.unwrap_or_default(),
            ca_certificates: count(network.ca_certificates),
        }
    }
}

impl OverviewView {
    /// Puts the vault's place beside what the session says.
    pub(crate) fn new(vault: VaultPlace, overview: session::Overview) -> Self {
        Self {
            vault,
            accounts: count(overview.accounts),
            identities: count(overview.identities),
            tags: overview.tags.iter().map(ToString::to_string).collect(),
            binned: count(overview.binned),
            sessions: count(overview.sessions),
            notices: overview.notices.into_iter().map(Into::into).collect(),
            quick_unlock: overview.settings.quick_unlock.into(),
            has_keychain: overview.has_keychain,
            settings: overview.settings.into(),
        }
    }
}

impl From<undercroft_model::QuickUnlock> for QuickUnlockView {
    fn from(setting: undercroft_model::QuickUnlock) -> Self {
        match setting {
            undercroft_model::QuickUnlock::Off => Self::Off,
            undercroft_model::QuickUnlock::UntilLogout => Self::UntilLogout,
        }
    }
}

impl From<undercroft_model::Settings> for SettingsView {
    fn from(settings: undercroft_model::Settings) -> Self {
        Self {
            clipboard_clears_in_secs: settings.clipboard_clears_in_secs,
            locks_after_idle_secs: settings.locks_after_idle_secs,
            locks_with_screen: settings.locks_with_screen,
            locks_on_sleep: settings.locks_on_sleep,
            keeps_window_on_close: settings.keeps_window_on_close,
            theme: settings.theme.into(),
        }
    }
}

impl From<session::AccountRow> for AccountRow {
    fn from(row: session::AccountRow) -> Self {
        Self {
            id: row.id.to_string(),
            account_id: row.account_id.to_string(),
            alias: row.alias.map(|alias| alias.to_string()),
            name: row.name,
            partition: row.partition.to_string(),
            colour: row.colour.to_string(),
            production: row.production,
            favourite: row.favourite,
            tags: row.tags.iter().map(ToString::to_string).collect(),
            identities: count(row.identities),
            live: row.live,
        }
    }
}

pub(super) fn kind_and_name(kind: &IdentityKind) -> (IdentityKindView, String) {
    match kind {
        IdentityKind::Root { email } => (IdentityKindView::Root, email.to_string()),
        IdentityKind::IamUser { name } => (IdentityKindView::IamUser, name.to_string()),
    }
}

impl From<session::IdentityRow> for IdentityRow {
    fn from(row: session::IdentityRow) -> Self {
        let (kind, name) = kind_and_name(&row.kind);
        Self {
            id: row.id.to_string(),
            kind,
            name,
            favourite: row.favourite,
            has_password: row.has_password,
            devices: count(row.devices),
            keys: count(row.keys),
            secrets: count(row.secrets),
            live: row.live,
        }
    }
}

impl From<session::CustomSecretRow> for CustomSecretView {
    fn from(row: session::CustomSecretRow) -> Self {
        Self {
            id: row.id.to_string(),
            label: row.label,
        }
    }
}

impl From<session::AccountDetails> for AccountView {
    fn from(account: session::AccountDetails) -> Self {
        Self {
            row: account.row.into(),
            own_name: account.own_name,
            notes: account.notes,
            region: account.region.map(|region| region.to_string()),
            default_region: account.default_region.to_string(),
            endpoints: EndpointsView {
                sts: account.endpoints.sts.map(|url| url.to_string()),
                iam: account.endpoints.iam.map(|url| url.to_string()),
                sign_in: account.endpoints.sign_in.map(|url| url.to_string()),
            },
            secrets: account.secrets.into_iter().map(Into::into).collect(),
            identities: account.identities.into_iter().map(Into::into).collect(),
            created_at: date(account.created_at),
            modified_at: date(account.modified_at),
            history: count(account.history),
        }
    }
}

impl From<session::IdentityDetails> for IdentityView {
    fn from(identity: session::IdentityDetails) -> Self {
        let (kind, name) = kind_and_name(&identity.kind);
        Self {
            id: identity.id.to_string(),
            account: identity.account.into(),
            kind,
            name,
            favourite: identity.favourite,
            notes: identity.notes,
            sign_on: identity.sign_on.map(|sign_on| SignOnView {
                changed_at: date(sign_on.changed_at),
                past: sign_on
                    .past
                    .into_iter()
                    .map(|past| PastPasswordView {
                        id: past.id.to_string(),
                        replaced_at: date(past.replaced_at),
                    })
                    .collect(),
            }),
            devices: identity.devices.into_iter().map(Into::into).collect(),
            keys: identity.keys.into_iter().map(Into::into).collect(),
            secrets: identity.secrets.into_iter().map(Into::into).collect(),
            half_made: identity.half_made.map(Into::into),
            sessions: identity.sessions.into_iter().map(Into::into).collect(),
            sign_in_url: identity.sign_in_url,
            session_limits: SessionLimitsView {
                min_secs: identity.session_limits.min_secs,
                max_secs: identity.session_limits.max_secs,
                default_secs: identity.session_limits.default_secs,
            },
            created_at: date(identity.created_at),
            modified_at: date(identity.modified_at),
            history: count(identity.history),
        }
    }
}

impl From<session::DeviceDetails> for DeviceView {
    fn from(device: session::DeviceDetails) -> Self {
        Self {
            id: device.id.to_string(),
            name: device.name,
            serial: device.serial.map(|serial| serial.to_string()),
            algorithm: device.params.algorithm.to_string(),
            digits: device.params.digits.count(),
            period_secs: device.params.period.as_secs(),
            added_at: date(device.added_at),
            usable_with_sts: device.usable_with_sts,
        }
    }
}

impl From<session::DeviceCodes> for CodeView {
    fn from(codes: session::DeviceCodes) -> Self {
        Self {
            device: codes.device.to_string(),
            // The codes are shown: the window exists for it.
            code: codes.code.as_str().to_owned(),
            next: codes.next.as_str().to_owned(),
            ends_in_ms: codes.ends_in_ms,
            period_secs: codes.period.as_secs(),
            used: codes.used,
            next_used: codes.next_used,
        }
    }
}

impl From<session::KeyDetails> for KeyView {
    fn from(key: session::KeyDetails) -> Self {
        Self {
            id: key.id.to_string(),
            state: match key.state {
                KeyState::Active => KeyStateView::Active,
                KeyState::Inactive => KeyStateView::Inactive,
                KeyState::Unknown => KeyStateView::Unknown,
            },
            added_at: date(key.added_at),
            created_at: key.created_at.map(date),
            rotated_at: key.rotated_at.map(date),
            last_used_at: key.last_used_at.map(date),
            checked_at: key.checked_at.map(date),
        }
    }
}

impl From<session::LiveSession> for SessionView {
    fn from(live: session::LiveSession) -> Self {
        let who = live.identity_kind.as_ref().map(kind_and_name);
        let (identity_kind, identity_name) = who.unzip();
        let (profile, profile_name) = live.profile.unzip();
        Self {
            id: live.id.to_string(),
            account: live.account.into(),
            kind: live.kind.into(),
            profile: profile.map(|id| id.to_string()),
            profile_name: profile_name.map(|name| name.to_string()),
            role: live.role.map(|role| role.to_string()),
            identity: live.identity.map(|id| id.to_string()),
            identity_name,
            identity_kind,
            key: live.key.map(|key| key.to_string()),
            access_key_id: live.access_key_id.to_string(),
            device: live.device.map(|device| device.to_string()),
            started_at: date(live.started_at),
            expires_at: date(live.expires_at),
            expires_in_secs: live.expires_in_secs,
            duration_secs: live.duration_secs,
            region: live.region.to_string(),
        }
    }
}

impl From<session::SessionAnswer> for SessionAnswer {
    fn from(answer: session::SessionAnswer) -> Self {
        match answer {
            session::SessionAnswer::Ready { session, cached } => Self::Ready {
                session: Box::new((*session).into()),
                cached,
            },
            session::SessionAnswer::Wait { secs } => Self::Wait { secs },
        }
    }
}

impl From<session::Hit> for SearchHit {
    fn from(hit: session::Hit) -> Self {
        let parts = |parts: Vec<(usize, usize)>| {
            let parts = parts.into_iter();
            parts.map(|(at, len)| (count(at), count(len))).collect()
        };
        Self {
            item: hit.item.to_string(),
            account: hit.account.into(),
            identity: hit.identity.map(Into::into),
            matched: parts(hit.matched),
            matched_below: parts(hit.matched_below),
            profile: hit.profile.map(|profile| HitProfileView {
                name: profile.name.to_string(),
                kind: profile.kind,
                role: profile.role,
                favourite: profile.favourite,
            }),
            device: hit.device.map(|device| device.to_string()),
        }
    }
}

impl From<session::SeedPreview> for SeedPreview {
    fn from(preview: session::SeedPreview) -> Self {
        let aws = preview.aws.as_ref();
        Self {
            from_uri: preview.from_uri,
            device_name: preview.device_name,
            issuer: preview.issuer,
            label: preview.label,
            user_name: aws.and_then(|label| Some(label.user_name.as_ref()?.to_string())),
            root: aws.is_some_and(|label| label.root),
            account_hint: aws.and_then(|label| {
                Some(match label.account.as_ref()? {
                    AccountRef::Id(id) => id.to_string(),
                    AccountRef::Alias(alias) => alias.to_string(),
                })
            }),
            account: preview.account.map(Into::into),
            identity: preview.identity.map(|identity| identity.to_string()),
            serial: preview.serial.map(|serial| serial.to_string()),
            algorithm: preview.params.algorithm.to_string(),
            digits: preview.params.digits.count(),
            period_secs: preview.params.period.as_secs(),
            bits: count(preview.bits),
            corrections: preview
                .corrections
                .into_iter()
                .map(|correction| CorrectionView {
                    position: count(correction.position).saturating_add(1),
                    from: correction.from.to_string(),
                    to: correction.to.to_string(),
                })
                .collect(),
            weak: preview.weak,
            duplicate_of: preview.duplicate_of,
            usable_with_sts: preview.usable_with_sts,
        }
    }
}

impl From<session::BinRow> for BinRow {
    fn from(row: session::BinRow) -> Self {
        Self {
            id: row.id.to_string(),
            kind: match row.kind {
                session::BinnedKind::Account => "account",
                session::BinnedKind::Identity => "identity",
                session::BinnedKind::Profile => "profile",
            }
            .to_owned(),
            name: row.name,
            account: row.account,
            binned_at: date(row.binned_at),
            goes_at: date(row.goes_at),
            with_account: row.with_account,
        }
    }
}

impl From<session::HistoryRow> for HistoryRow {
    fn from(row: session::HistoryRow) -> Self {
        Self {
            index: count(row.index),
            replaced_at: date(row.replaced_at),
            lost_merge: row.lost_merge,
            differs_in: row.differs_in.into_iter().map(str::to_owned).collect(),
            name: row.name,
        }
    }
}

impl From<session::BackupRow> for BackupView {
    fn from(row: session::BackupRow) -> Self {
        Self {
            id: row.id,
            saved_at: date(row.saved_at),
            size_bytes: count(row.size_bytes),
            sound: row.sound,
        }
    }
}

impl From<session::CheckReport> for CheckView {
    fn from(report: session::CheckReport) -> Self {
        Self {
            problem: report.problem.map(Into::into),
            items: count(report.items),
            secrets: count(report.secrets),
        }
    }
}
