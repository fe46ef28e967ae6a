//! Settings that live in the vault.

use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

use super::{Approval, extra::Extra, macros::record};
use crate::{id::ItemId, timestamp::Timestamp};

/// The settings of a vault.
///
/// Those that lower security live here and not in a file that others can write. The default is the strict one, and a
/// stored value that can't be used counts as the default.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(from = "StoredSettings", into = "StoredSettings")]
pub struct Settings {
    /// How long what was copied stays in the clipboard, in seconds: see [`Settings::CLIPBOARD_SECS`].
    pub clipboard_clears_in_secs: u32,
    /// How long nobody has to touch the machine until the vault locks, in seconds: see [`Settings::IDLE_SECS`].
    pub locks_after_idle_secs: u32,
    /// Whether the vault locks when the screen does.
    pub locks_with_screen: bool,
    /// Whether the vault locks when the machine goes to sleep.
    pub locks_on_sleep: bool,
    /// Whether the vault stays unlocked, in the tray, when the window is closed.
    pub keeps_window_on_close: bool,
    /// Whether the vault can be unlocked without its password on a machine where it was unlocked with it.
    pub quick_unlock: QuickUnlock,
    /// How the window looks.
    pub theme: Theme,
    /// The proxy that calls to AWS go through, such as `http://proxy.example:3128`; direct when there is none.
    pub proxy: Option<String>,
    /// Certificate authorities that are trusted besides the usual ones, in PEM.
    pub ca_bundle: Option<String>,
    /// Whether a program's first use of a profile is asked about, where the profile does not say.
    pub approval: Approval,
    /// Programs that need not ask, or ask in vain.
    pub approval_rules: Vec<ApprovalRule>,
    /// Pinned identities in the order in which the tray menu shows them; favourites that are not named here follow.
    pub pinned_order: Vec<ItemId>,
    /// Fields of a newer version.
    pub extra: Extra,
}

/// Whether a key that the machine keeps unlocks the vault, and where it keeps that.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum QuickUnlock {
    /// Only the password and the recovery key do.
    #[default]
    Off,
    /// In the system's memory, on no disk, until the user logs out.
    UntilLogout,
}

record! {
    /// A program that need not ask for a profile, or asks in vain.
    #[derive(Clone, Debug, PartialEq)]
    pub struct ApprovalRule {
        /// The path of the program that started the one that asks.
        required program: String,
        /// The script that it runs, where it is an interpreter.
        optional script: Option<String>,
        /// The profile; any where there is none.
        optional profile: Option<ItemId>,
        /// What to answer.
        required verdict: Verdict,
        /// When somebody decided so.
        required added_at: Timestamp,
    }
}

/// What a program that asks is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// It gets what it asks for.
    Allow,
    /// It gets nothing.
    Deny,
}

/// How the window looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Theme {
    /// As the desktop does.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
    /// High contrast.
    HighContrast,
}

impl Settings {
    /// How long the clipboard may keep a secret.
    pub const CLIPBOARD_SECS: RangeInclusive<u32> = 5..=600;
    /// How long the vault may stay unlocked while nobody is there.
    pub const IDLE_SECS: RangeInclusive<u32> = 30..=86_400;
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            clipboard_clears_in_secs: 30,
            locks_after_idle_secs: 600,
            locks_with_screen: true,
            locks_on_sleep: true,
            keeps_window_on_close: false,
            quick_unlock: QuickUnlock::Off,
            theme: Theme::System,
            proxy: None,
            ca_bundle: None,
            approval: Approval::default(),
            approval_rules: Vec::new(),
            pinned_order: Vec::new(),
            extra: Extra::new(),
        }
    }
}

record! {
    /// Settings as they are stored, each by itself: a wrong one reads as `None` and spoils no other.
    struct StoredSettings {
        /// See [`Settings`].
        lenient clipboard_clears_in_secs: Option<u32>,
        /// See [`Settings`].
        lenient locks_after_idle_secs: Option<u32>,
        /// See [`Settings`].
        lenient locks_with_screen: Option<bool>,
        /// See [`Settings`].
        lenient locks_on_sleep: Option<bool>,
        /// See [`Settings`].
        lenient keeps_window_on_close: Option<bool>,
        /// See [`Settings`].
        sparse quick_unlock: Option<QuickUnlock>,
        /// See [`Settings`].
        lenient theme: Option<Theme>,
        /// See [`Settings`].
        sparse proxy: Option<String>,
        /// See [`Settings`].
        sparse ca_bundle: Option<String>,
        /// See [`Settings`].
        sparse approval: Option<Approval>,
        /// See [`Settings`].
        sparse approval_rules: Option<Vec<ApprovalRule>>,
        /// See [`Settings`].
        sparse pinned_order: Option<Vec<ItemId>>,
    }
}

impl From<StoredSettings> for Settings {
    fn from(stored: StoredSettings) -> Self {
        let strict = Self::default();
        Self {
            clipboard_clears_in_secs: stored
                .clipboard_clears_in_secs
                .filter(|secs| Self::CLIPBOARD_SECS.contains(secs))
                .unwrap_or(strict.clipboard_clears_in_secs),
            locks_after_idle_secs: stored
                .locks_after_idle_secs
                .filter(|secs| Self::IDLE_SECS.contains(secs))
                .unwrap_or(strict.locks_after_idle_secs),
            locks_with_screen: stored.locks_with_screen.unwrap_or(strict.locks_with_screen),
            locks_on_sleep: stored.locks_on_sleep.unwrap_or(strict.locks_on_sleep),
            keeps_window_on_close: stored
                .keeps_window_on_close
                .unwrap_or(strict.keeps_window_on_close),
            quick_unlock: stored.quick_unlock.unwrap_or(strict.quick_unlock),
            theme: stored.theme.unwrap_or(strict.theme),
            proxy: stored.proxy,
            ca_bundle: stored.ca_bundle,
            approval: stored.approval.unwrap_or(strict.approval),
            approval_rules: stored.approval_rules.unwrap_or_default(),
            pinned_order: stored.pinned_order.unwrap_or_default(),
            extra: stored.extra,
        }
    }
}

impl From<Settings> for StoredSettings {
    fn from(settings: Settings) -> Self {
        Self {
            clipboard_clears_in_secs: Some(settings.clipboard_clears_in_secs),
            locks_after_idle_secs: Some(settings.locks_after_idle_secs),
            locks_with_screen: Some(settings.locks_with_screen),
            locks_on_sleep: Some(settings.locks_on_sleep),
            keeps_window_on_close: Some(settings.keeps_window_on_close),
            quick_unlock: Some(settings.quick_unlock).filter(|how| *how != QuickUnlock::Off),
            theme: Some(settings.theme),
            proxy: settings.proxy,
            ca_bundle: settings.ca_bundle,
            approval: Some(settings.approval).filter(|how| *how != Approval::default()),
            approval_rules: Some(settings.approval_rules).filter(|rules| !rules.is_empty()),
            pinned_order: Some(settings.pinned_order).filter(|order| !order.is_empty()),
            extra: settings.extra,
        }
    }
}
