//! `undercroft status`.

use std::process::ExitCode;

use undercroft_agent::{ClientError, State, Status};
use undercroft_session::Places;

use crate::{
    arguments::Common,
    connection::{Connection, named_vault},
    failure::Failure,
    moment,
    table::{self, Cell},
    terminal::{Style, Terminal},
};

/// Tells the state; the exit code is 0 only while unlocked.
pub(crate) fn run(common: &Common, terminal: &Terminal) -> Result<ExitCode, Failure> {
    let status = match Connection::open(common).and_then(|mut connection| connection.status()) {
        Ok(status) => status,
        // Nobody there is a state like the others, not a mistake.
        Err(Failure::Agent(ClientError::NotRunning)) => {
            let vault = named_vault(common).unwrap_or_else(|| Places::from_env().vault);
            Status::not_running(Some(vault.to_string_lossy().into_owned()))
        }
        Err(failure) => return Err(failure),
    };
    terminal.answer(if common.json {
        json(&status)?
    } else {
        shown(&status, terminal)
    })?;
    Ok(match status.state {
        State::Unlocked => ExitCode::SUCCESS,
        State::Locked | State::NotRunning => ExitCode::from(3),
    })
}

fn json(status: &Status) -> Result<String, Failure> {
    serde_json::to_string(status)
        .map(|text| text + "\n")
        .map_err(|_| Failure::OddAnswer)
}

fn shown(status: &Status, terminal: &Terminal) -> String {
    let (word, style) = match status.state {
        State::Unlocked => ("unlocked", Style::Good),
        State::Locked => ("locked", Style::Wary),
        State::NotRunning => ("not running", Style::Dim),
    };
    let mut text = terminal.styled(word, style) + "\n";
    let now = moment::now();
    let mut rows = Vec::new();
    if let Some(vault) = &status.vault {
        rows.push(vec![Cell::new("vault", Style::Dim), Cell::plain(vault)]);
    }
    text += &table::lines(&[], rows, terminal);
    let sessions = status.sessions.iter().enumerate().map(|(at, session)| {
        vec![
            Cell::new(if at == 0 { "sessions" } else { "" }, Style::Dim),
            Cell::plain(&session.profile),
            Cell::plain(&moment::left(session.expiration, now)),
        ]
    });
    text + &table::lines(&[], sessions.collect(), terminal)
}
