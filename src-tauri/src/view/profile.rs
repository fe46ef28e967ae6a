//! Profiles: recipes that yield credentials, and the way to them.

use serde::{Deserialize, Serialize};
use specta::Type;

use super::{AccountRow, CopiedView};
use crate::error::UiError;

/// A profile in a list.
#[derive(Clone, Debug, Serialize, Type)]
pub(crate) struct ProfileRowView {
    /// The item's id.
    pub(crate) id: String,
    /// What programs ask for it by.
    pub(crate) name: String,
    /// `long-term`, `session`, `role`, `federated`, `web-identity`, `sso`, or a newer version's kind.
    pub(crate) kind: String,
    /// The account in which the credentials act; nothing while that is not in the vault.
    pub(crate) account: Option<AccountRow>,
    /// Its 12 digits, where they are known all the same.
    pub(crate) account_id: Option<String>,
    /// The item id of the identity whose key stands at the beginning.
    pub(crate) identity: Option<String>,
    /// What that identity signs in with.
    pub(crate) identity_name: Option<String>,
    /// The ARN of the role that it ends in.
    pub(crate) role: Option<String>,
    /// Whether a code goes along with a call.
    pub(crate) mfa: bool,
    /// Whether it stands on top.
    pub(crate) favourite: bool,
    /// Its session, while one is live.
    pub(crate) live: Option<ProfileSessionView>,
}

/// The live session of a profile.
#[derive(Clone, Debug, Serialize, Type)]
pub(crate) struct ProfileSessionView {
    /// The session's id.
    pub(crate) session: String,
    /// When it ends, by AWS's clock.
    pub(crate) expires_at: String,
}

/// A profile as it is shown and edited.
#[derive(Clone, Debug, Serialize, Type)]
pub(crate) struct ProfileView {
    /// Its row.
    pub(crate) row: ProfileRowView,
    /// What it is made of, as it would be typed.
    pub(crate) draft: ProfileDraft,
    /// How its credentials come about.
    pub(crate) way: Option<WayView>,
    /// Why they can't, where there is no way.
    pub(crate) problem: Option<UiError>,
}

/// The way to a profile's credentials.
#[derive(Clone, Debug, Serialize, Type)]
pub(crate) struct WayView {
    /// The long-term key at the beginning; a web identity has none.
    pub(crate) key: Option<WayKeyView>,
    /// The calls, in order.
    pub(crate) steps: Vec<WayStepView>,
}

/// The long-term key at the beginning of a way.
#[derive(Clone, Debug, Serialize, Type)]
pub(crate) struct WayKeyView {
    /// The access key id.
    pub(crate) id: String,
    /// The identity's item id.
    pub(crate) identity: String,
    /// Its name.
    pub(crate) identity_name: String,
    /// Its account's name.
    pub(crate) account_name: String,
}

/// One call on a way.
#[derive(Clone, Debug, Serialize, Type)]
pub(crate) struct WayStepView {
    /// What is called.
    pub(crate) call: SessionKindView,
    /// The call's name at AWS.
    pub(crate) call_name: String,
    /// The role's ARN, the federated user or the identity.
    pub(crate) of: String,
    /// The profile that it belongs to.
    pub(crate) profile: String,
    /// The MFA device whose code goes along.
    pub(crate) device: Option<String>,
    /// How long the credentials last.
    pub(crate) duration_secs: u32,
    /// How long they could.
    pub(crate) longest_secs: u32,
    /// What limits that.
    pub(crate) limit: WayLimitView,
    /// Whether they are at hand.
    pub(crate) cached: bool,
}

/// What made a session.
#[derive(Clone, Copy, Debug, Serialize, Type, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum SessionKindView {
    /// `GetSessionToken`.
    Session,
    /// `AssumeRole` with a long-term key.
    Role,
    /// `AssumeRole` with another session.
    ChainedRole,
    /// `GetFederationToken`.
    Federated,
    /// `AssumeRoleWithWebIdentity`.
    WebIdentity,
}

/// What limits how long credentials last.
#[derive(Clone, Copy, Debug, Serialize, Type, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum WayLimitView {
    /// The call itself.
    Call,
    /// A root user's credentials last an hour at most.
    Root,
    /// A role that is assumed with a session lasts an hour at most.
    Chained,
    /// The role's own maximum, which only AWS knows.
    Role,
}

/// A profile as typed. Fields that its kind does not have are passed over.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub(crate) struct ProfileDraft {
    /// The item's id; nothing for a new one.
    pub(crate) id: Option<String>,
    /// The name.
    pub(crate) name: String,
    /// The kind, as in [`ProfileRowView`].
    pub(crate) kind: String,
    /// The item id of the identity whose key signs.
    pub(crate) identity: Option<String>,
    /// Which of its keys; nothing takes the first that is not inactive.
    pub(crate) key: Option<String>,
    /// Whether a code goes along.
    pub(crate) mfa: MfaView,
    /// The item id of the profile whose credentials sign.
    pub(crate) source: Option<String>,
    /// The role's ARN.
    pub(crate) role: String,
    /// The external id, empty for none.
    pub(crate) external_id: String,
    /// The role session's or the federated user's name, empty for none.
    pub(crate) session_name: String,
    /// The source identity, empty for none.
    pub(crate) source_identity: String,
    /// Session tags.
    pub(crate) tags: Vec<SessionTagView>,
    /// The inline session policy, empty for none.
    pub(crate) policy: String,
    /// Managed session policies.
    pub(crate) policy_arns: Vec<String>,
    /// Where a web identity's token comes from.
    pub(crate) token: Option<TokenSourceView>,
    /// What an import found of IAM Identity Center.
    pub(crate) sso: Option<SsoView>,
    /// The region, empty for the account's.
    pub(crate) region: String,
    /// The output format, empty for the AWS CLI's own choice.
    pub(crate) output: String,
    /// The duration, such as `12h`; empty for the usual one.
    pub(crate) duration: String,
    /// Notes.
    pub(crate) notes: String,
    /// Whether a program's first use is asked about; nothing does as the settings say.
    pub(crate) approval: Option<ApprovalView>,
}

/// Whether a code goes along with a call, and whose.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub(crate) enum MfaView {
    /// That of the identity's first device that can be used, if it has one.
    IfThere,
    /// None.
    None,
    /// That of one device.
    Device {
        /// The device's id.
        device: String,
    },
}

/// A session tag.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub(crate) struct SessionTagView {
    /// The key.
    pub(crate) key: String,
    /// The value.
    pub(crate) value: String,
    /// Whether it stays through chained roles.
    pub(crate) transitive: bool,
}

/// Where a web identity's token comes from.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub(crate) enum TokenSourceView {
    /// A file that somebody keeps fresh.
    File {
        /// Its absolute path.
        path: String,
    },
    /// What a program prints.
    Command {
        /// The program and its arguments; no shell takes part.
        words: Vec<String>,
    },
}

/// A permission set of IAM Identity Center, to be read.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub(crate) struct SsoView {
    /// The start page.
    pub(crate) start_url: String,
    /// The region of the Identity Center.
    pub(crate) sso_region: String,
    /// The account's 12 digits.
    pub(crate) account: String,
    /// The permission set.
    pub(crate) role_name: String,
    /// The `sso-session` section that it came from.
    pub(crate) sso_session: Option<String>,
}

/// When a program's first use of a profile is asked about.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, Type, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum ApprovalView {
    /// Never.
    Never,
    /// Where the account is marked production.
    Production,
    /// Always.
    Always,
}

/// A wish for a profile's session.
#[derive(Clone, Debug, Deserialize, Serialize, Type)]
pub(crate) struct ProfileWish {
    /// The profile's item id.
    pub(crate) profile: String,
    /// Whether to ask STS though a live session is at hand.
    pub(crate) fresh: bool,
    /// The duration; nothing takes the profile's own.
    pub(crate) duration_secs: Option<u32>,
    /// Whether it may only read.
    pub(crate) read_only: bool,
}

/// A wish to open the console as a profile.
#[derive(Clone, Debug, Deserialize, Serialize, Type)]
pub(crate) struct ConsoleWish {
    /// The profile's item id.
    pub(crate) profile: String,
    /// The service whose page to open, such as `s3`; empty for the start page.
    pub(crate) service: String,
    /// The region to show; empty for the profile's.
    pub(crate) region: String,
}

/// What came of a wish for the console.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub(crate) enum ConsoleAnswer {
    /// A browser has the page.
    Opened,
    /// The address is on the clipboard.
    Copied {
        /// How it was copied.
        copied: CopiedView,
    },
    /// No unused code is there yet; ask again then.
    Wait {
        /// Seconds until the next code begins.
        secs: u32,
    },
}
