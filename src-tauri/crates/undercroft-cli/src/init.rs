//! `undercroft init`.

use std::process::ExitCode;

use crate::{
    agent,
    arguments::{Common, InitArgs},
    failure::Failure,
    hardening::harden,
    password,
    terminal::Terminal,
};

/// Makes a vault and prints its recovery key, which is shown this once.
pub(crate) fn run(
    common: &Common,
    arguments: InitArgs,
    terminal: &Terminal,
) -> Result<ExitCode, Failure> {
    harden(terminal);
    let password = if arguments.password_stdin {
        password::from_stdin()?
    } else {
        password::ask_new()?
    };
    let places = agent::places(common);
    let path = places.vault.clone();
    let kit = agent::runtime()?.block_on(async {
        let session = agent::session(places)?;
        let made = session.create(path.clone(), password).await;
        let kit = made.map_err(|error| agent::failure(&error))?;
        session.lock(undercroft_session::LockReason::Quit).await;
        Ok::<_, Failure>(kit)
    })?;
    terminal.note(&format!("made the vault {}", path.display()));
    terminal.note(
        "its recovery key follows: write it down and keep it somewhere else; it opens the vault \
         when the password is lost, and is shown this once",
    );
    // Exposed because the person is to write it down.
    terminal.answer(format!("{}\n", kit.key.expose()))?;
    Ok(ExitCode::SUCCESS)
}
