//! Quick search, the sign-in sheet and what the desktop does for them.

use serde::{Deserialize, Serialize};
use specta::Type;

use super::{AccountRow, CopiedView, IdentityKindView, ThemeView};

/// What of an identity is copied at one key.
#[derive(Clone, Copy, Debug, Deserialize, Type)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum QuickCopyView {
    /// The code of its MFA device.
    Code,
    /// Its console password.
    Password,
    /// A root user's email or an IAM user's name.
    Name,
    /// The account's alias, else its id.
    AccountName,
    /// Its access key id.
    AccessKeyId,
    /// The secret of its access key.
    SecretKey,
    /// A session as lines for the terminal.
    Session,
}

/// What came of copying.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub(crate) enum QuickAnswerView {
    /// It is on the clipboard; the window of quick search is hidden.
    Copied {
        /// What happened.
        copied: CopiedView,
    },
    /// A session needs a code that is not there yet; ask again then.
    Wait {
        /// Seconds until the next code begins.
        secs: u32,
    },
}

/// One thing to do at AWS's sign-in page.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, Type)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum SignInStepView {
    /// Open the page.
    OpenPage,
    /// Paste the account's alias, or its id where it has none.
    AccountName,
    /// Paste the root user's email.
    Email,
    /// Paste the IAM user's name.
    UserName,
    /// Paste the password.
    Password,
    /// Paste a code of the MFA device.
    Code,
}

/// A sign-in to the console that is under way.
#[derive(Clone, Debug, Serialize, Type)]
pub(crate) struct SignInView {
    /// The identity's item.
    pub(crate) identity: String,
    /// The email or the user name.
    pub(crate) name: String,
    /// Root user or IAM user.
    pub(crate) kind: IdentityKindView,
    /// Its account.
    pub(crate) account: AccountRow,
    /// What is to be done.
    pub(crate) steps: Vec<SignInStepView>,
    /// The index of the step that comes next.
    pub(crate) next: u32,
}

/// What the window of quick search needs at first.
#[derive(Clone, Debug, Serialize, Type)]
pub(crate) struct QuickWindowView {
    /// The theme.
    pub(crate) theme: ThemeView,
    /// After how long the clipboard is cleared.
    pub(crate) clears_in_secs: u32,
    /// The global shortcut, where one is active.
    pub(crate) shortcut: Option<String>,
    /// The sign-in that is under way.
    pub(crate) sign_in: Option<SignInView>,
}

/// What came of asking the desktop for a global shortcut.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum ShortcutStateView {
    /// It works.
    Active,
    /// None is set.
    #[default]
    Off,
    /// Another program has it.
    Taken,
    /// The desktop lets no program take one: `undercroft-app --quick` is for its own settings.
    Unavailable,
}

/// What the desktop does for the program.
#[derive(Clone, Debug, Serialize, Type)]
pub(crate) struct DesktopView {
    /// Whether a panel shows the tray icon.
    pub(crate) tray: bool,
    /// The keys of the global shortcut.
    pub(crate) shortcut: Option<String>,
    /// Whether they work.
    pub(crate) shortcut_state: ShortcutStateView,
    /// Whether the program starts at login; nothing where that can't be told.
    pub(crate) starts_at_login: Option<bool>,
    /// The command that opens the console; nothing takes the system's browser.
    pub(crate) browser: Option<String>,
}

/// What the main window is to turn to.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub(crate) struct ShownItemView {
    /// The item.
    pub(crate) item: String,
    /// The account that it is or belongs to.
    pub(crate) account: String,
    /// Whether it is a profile, which is shown in the account.
    pub(crate) is_profile: bool,
}

/// The window of quick search is shown again; it begins anew.
#[derive(Clone, Debug, Serialize, Deserialize, Type, tauri_specta::Event)]
pub(crate) struct QuickShown;

/// A step of a sign-in was taken, or it began or ended.
#[derive(Clone, Debug, Serialize, Type, tauri_specta::Event)]
pub(crate) struct SignInMoved {
    /// Where it is; nothing when it is over.
    pub(crate) sign_in: Option<SignInView>,
}

/// The main window is to turn to an item.
#[derive(Clone, Debug, Serialize, Deserialize, Type, tauri_specta::Event)]
pub(crate) struct ShowItem(pub(crate) ShownItemView);
