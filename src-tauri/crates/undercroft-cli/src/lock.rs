//! `undercroft unlock` and `undercroft lock`.

use std::process::ExitCode;

use undercroft_agent::{Reply, Request, Unlock, WaitSecs};

use crate::{arguments::Common, connection::Connection, failure::Failure, terminal::Terminal};

/// Raises the unlock window and waits until the vault is unlocked.
pub(crate) fn unlock(common: &Common, terminal: &Terminal) -> Result<ExitCode, Failure> {
    let mut connection = Connection::open(common)?;
    raise_window(&mut connection)?;
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
    };
    let Reply::Done = connection.ask(&Request::Unlock(wish))? else {
        return Err(Failure::OddAnswer);
    };
    Ok(())
}
