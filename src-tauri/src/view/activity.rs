//! Programs that ask: what they wait for, what they got, and what the settings answer them.

use serde::{Deserialize, Serialize};
use specta::Type;

use super::{AccountRow, ApprovalView};

/// A program waits for somebody's yes.
#[derive(Clone, Debug, Serialize, Type)]
pub(crate) struct ApprovalRequestView {
    /// Names the request until it is answered.
    pub(crate) id: String,
    /// The program that a rule would be about.
    pub(crate) program: Option<AskingProgramView>,
    /// The program that asks and those that started it, up to the terminal; the one that asks first.
    pub(crate) chain: Vec<AskingProgramView>,
    /// The script that an interpreter among them runs.
    pub(crate) script: Option<String>,
    /// The working directory.
    pub(crate) folder: Option<String>,
    /// What it is for, such as `credential-process` or `exec`.
    pub(crate) purpose: String,
    /// The profile's item id; nothing where a file is to be changed.
    pub(crate) profile: Option<String>,
    /// Its name, or the file's path.
    pub(crate) profile_name: String,
    /// The sections of a file of `~/.aws` whose keys are to be taken out of it.
    pub(crate) sections: Vec<String>,
    /// The account in which the credentials act.
    pub(crate) account: Option<AccountRow>,
    /// The role's ARN, where it is one.
    pub(crate) role: Option<String>,
    /// Seconds until no answer counts as a no.
    pub(crate) secs_left: u32,
}

/// One program on the way to the one that asks.
#[derive(Clone, Debug, Serialize, Type)]
pub(crate) struct AskingProgramView {
    /// The process id.
    pub(crate) pid: u32,
    /// Its name.
    pub(crate) name: String,
    /// Its file, where it can be read.
    pub(crate) path: Option<String>,
}

/// What somebody answers a program.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, Type, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum DecisionView {
    /// No.
    Deny,
    /// Yes, this once.
    Once,
    /// Yes, for ten minutes.
    TenMinutes,
    /// Yes, until the vault locks.
    UntilLock,
    /// Yes, by a rule in the vault.
    Always,
    /// No, by a rule in the vault.
    Never,
}

/// What the settings say about programs that ask.
#[derive(Clone, Debug, Serialize, Type)]
pub(crate) struct ApprovalSettingsView {
    /// When a first use is asked about, where the profile does not say.
    pub(crate) approval: ApprovalView,
    /// Programs that need not ask, or ask in vain; the position is what removing takes.
    pub(crate) rules: Vec<ApprovalRuleView>,
}

/// What a program is answered without asking.
#[derive(Clone, Debug, Serialize, Type)]
pub(crate) struct ApprovalRuleView {
    /// The program's file or name.
    pub(crate) program: String,
    /// The script that it runs.
    pub(crate) script: Option<String>,
    /// The profile's item id; nothing for any.
    pub(crate) profile: Option<String>,
    /// Its name, unless it is gone.
    pub(crate) profile_name: Option<String>,
    /// Whether it gets what it asks for.
    pub(crate) allows: bool,
    /// When somebody decided so.
    pub(crate) added_at: String,
}

/// The log of who got what.
#[derive(Clone, Debug, Serialize, Type)]
pub(crate) struct ActivityLogView {
    /// The entries, the newest first.
    pub(crate) entries: Vec<ActivityView>,
    /// How many older ones are gone.
    pub(crate) dropped: u32,
    /// Whether every entry fits the one before.
    pub(crate) is_whole: bool,
}

/// Something that a program or a person did.
#[derive(Clone, Debug, Serialize, Type)]
pub(crate) struct ActivityView {
    /// When it happened first.
    pub(crate) at: String,
    /// When it happened last.
    pub(crate) last_at: String,
    /// How often.
    pub(crate) count: u32,
    /// The program's name.
    pub(crate) program: String,
    /// Its file.
    pub(crate) path: Option<String>,
    /// The script that it runs.
    pub(crate) script: Option<String>,
    /// What was asked for, such as `credential-process`, `code` or `console`.
    pub(crate) verb: String,
    /// The profile's or the device's name.
    pub(crate) of: String,
    /// The account's 12 digits.
    pub(crate) account: Option<String>,
    /// What came of it.
    pub(crate) outcome: OutcomeView,
    /// Why it failed, as a code.
    pub(crate) failure: Option<String>,
}

/// What came of a request.
#[derive(Clone, Copy, Debug, Serialize, Type, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum OutcomeView {
    /// Answered with what was at hand.
    Cached,
    /// AWS was asked.
    Fetched,
    /// Given out without a call to AWS.
    Given,
    /// Denied.
    Denied,
    /// Failed.
    Failed,
}

/// A program waits for an answer, or does not any more; the window asks which.
#[derive(Clone, Debug, Serialize, Deserialize, Type, tauri_specta::Event)]
pub(crate) struct ApprovalsChanged;
