//! `undercroft unlock` and `undercroft lock`.

use std::process::ExitCode;

use undercroft_agent::{Code, Password, Reply, Request, Unlock, WaitSecs};

use crate::{
    arguments::Common, connection::Connection, failure::Failure, hardening::harden, password,
    terminal::Terminal,
};

/// Raises the unlock window and waits until the vault is unlocked; asks in the terminal where an agent has no window.
pub(crate) fn unlock(common: &Common, terminal: &Terminal) -> Result<ExitCode, Failure> {
    let mut connection = Connection::open(common)?;
    match raise_window(&mut connection) {
        Err(Failure::Refused(refusal)) if refusal.code == Code::PasswordNeeded => {
            harden(terminal);
            let wish = Unlock {
                wait_secs: WaitSecs::default(),
                password: Some(Password(password::ask("Master password: ")?)),
            };
            let Reply::Done = connection.ask(&Request::Unlock(wish))? else {
                return Err(Failure::OddAnswer);
            };
        }
        outcome => outcome?,
    }
    terminal.note("the vault is unlocked");
    Ok(ExitCode::SUCCESS)
}

/// Locks the vault.
pub(crate) fn lock(common: &Common, terminal: &Terminal) -> Result<ExitCode, Failure> {
    let mut connection = Connection::open(common)?;
    let Reply::Done = connection.ask(&Request::Lock)? else {
        return Err(Failure::OddAnswer);
    };
    terminal.note("the vault is locked");
    Ok(ExitCode::SUCCESS)
}

/// Asks for the unlock window and gives the person as long as may be.
pub(crate) fn raise_window(connection: &mut Connection) -> Result<(), Failure> {
    let wish = Unlock {
        wait_secs: WaitSecs::LONGEST_UNLOCK,
        password: None,
    };
    let Reply::Done = connection.ask(&Request::Unlock(wish))? else {
        return Err(Failure::OddAnswer);
    };
    Ok(())
}
