//! `undercroft ls`.

use std::process::ExitCode;

use undercroft_agent::{ProfileKind, ProfileRow, Reply, Request};
use undercroft_model::Timestamp;

use crate::{
    arguments::Common,
    connection::Connection,
    failure::Failure,
    moment,
    table::{self, Cell},
    terminal::{Style, Terminal},
};

/// Lists the profiles.
pub(crate) fn run(common: &Common, terminal: &Terminal) -> Result<ExitCode, Failure> {
    let rows = profiles(&mut Connection::open(common)?)?;
    if common.json {
        let rows: Vec<_> = rows.into_iter().map(listed).collect();
        let text = serde_json::to_string(&rows).map_err(|_| Failure::OddAnswer)?;
        terminal.answer(text + "\n")?;
    } else if rows.is_empty() {
        terminal.note("the vault has no profiles; make one in the window, or import ~/.aws/config");
    } else {
        let now = moment::now();
        let rows = rows.iter().map(|row| cells(row, now)).collect();
        let names = ["NAME", "KIND", "ACCOUNT", "AS", "MFA", "SESSION"];
        terminal.answer(table::lines(&names, rows, terminal))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Asks for the profiles.
pub(crate) fn profiles(connection: &mut Connection) -> Result<Vec<ProfileRow>, Failure> {
    let Reply::Profiles(rows) = connection.ask(&Request::Ls)? else {
        return Err(Failure::OddAnswer);
    };
    Ok(rows)
}

/// A profile without what is no part of the listing.
fn listed(row: ProfileRow) -> ProfileRow {
    ProfileRow {
        region: None,
        output: None,
        ..row
    }
}

fn cells(row: &ProfileRow, now: Timestamp) -> Vec<Cell> {
    let kind = match row.kind {
        ProfileKind::Session => "session",
        ProfileKind::Role => "role",
        ProfileKind::Federated => "federated",
        ProfileKind::LongTerm => "long-term",
    };
    let account = match &row.account.alias {
        Some(alias) => format!("{alias} ({})", row.account.id),
        None => row.account.id.to_string(),
    };
    let who = row.role.as_ref().or(row.identity.as_ref());
    let session = match row.session {
        Some(session) if session.expiration > now => {
            Cell::new(&moment::left(session.expiration, now), Style::Good)
        }
        Some(_) | None => Cell::new("-", Style::Dim),
    };
    vec![
        Cell::plain(&row.name),
        Cell::new(kind, Style::Dim),
        Cell::plain(&account),
        Cell::plain(who.map_or("", String::as_str)),
        Cell::plain(if row.mfa { "yes" } else { "no" }),
        session,
    ]
}
