//! What is listed to programs.

use undercroft_agent::{
    AccountRef, ActivityRow, ImportedFile, ImportedItem, ImportedKind, ImportedStatus, KeptSection,
    ProfileKind, ProfileRow, SessionEnd, TakenOut,
};
use undercroft_session::{
    Activity, FoundFile, FoundKind, FoundStatus, Outcome, ProfileRow as SessionProfileRow,
};

/// A profile; nothing for one that yields no credentials here.
pub(crate) fn profile(row: SessionProfileRow) -> Option<ProfileRow> {
    let kind = match row.kind.as_str() {
        "session" => ProfileKind::Session,
        "role" | "web-identity" | "sso" => ProfileKind::Role,
        "federated" => ProfileKind::Federated,
        "long-term" => ProfileKind::LongTerm,
        _ => return None,
    };
    let alias = row
        .account
        .as_ref()
        .and_then(|account| account.alias.as_ref());
    Some(ProfileRow {
        name: row.name.to_string(),
        kind,
        account: AccountRef {
            alias: alias.map(ToString::to_string),
            id: row.account_id?,
        },
        identity: row.identity.map(|(_, kind)| kind.sign_in_name().to_owned()),
        role: row.role.map(|role| role.to_string()),
        mfa: row.mfa,
        region: row.region,
        output: row.output.map(|output| output.as_str().to_owned()),
        session: row.live.map(|(_, expiration)| SessionEnd { expiration }),
    })
}

/// An entry of the log.
pub(crate) fn activity(entry: Activity) -> ActivityRow {
    ActivityRow {
        at: entry.at,
        what: entry.verb,
        of: Some(entry.of),
        program: Some(entry.path.unwrap_or(entry.program)),
        script: entry.script,
        outcome: match entry.outcome {
            Outcome::Cached | Outcome::Fetched | Outcome::Given => "given".to_owned(),
            Outcome::Denied => "denied".to_owned(),
            Outcome::Failed { code } => code,
        },
        count: entry.count,
    }
}

/// A file of an import.
pub(crate) fn imported(file: FoundFile) -> ImportedFile {
    let found = file.found.into_iter().map(|item| ImportedItem {
        kind: match item.kind {
            FoundKind::Account => ImportedKind::Account,
            FoundKind::Identity => ImportedKind::Identity,
            FoundKind::Device => ImportedKind::Mfa,
            FoundKind::AccessKey => ImportedKind::AccessKey,
            FoundKind::Profile => ImportedKind::Profile,
        },
        name: item.name,
        status: match item.status {
            FoundStatus::New => ImportedStatus::New,
            FoundStatus::Duplicate => ImportedStatus::Duplicate,
            FoundStatus::Conflict => ImportedStatus::Conflict,
        },
    });
    let mut imported = ImportedFile::new(file.source, found.collect(), file.problems);
    imported.plain_secrets = file.plain_secrets;
    imported
}

/// What became of a file's keys in plain text.
pub(crate) fn taken_out(outcome: undercroft_session::TakenOut) -> TakenOut {
    let kept = outcome.kept.into_iter();
    let kept = kept.map(|(section, why)| KeptSection { section, why });
    TakenOut {
        taken: outcome.taken,
        kept: kept.collect(),
    }
}
