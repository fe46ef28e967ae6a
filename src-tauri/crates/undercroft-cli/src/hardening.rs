//! What this process does so that what is in its memory stays there.

use rustix::process::{Resource, Rlimit, setrlimit};

use crate::terminal::Terminal;

/// Refuses debuggers and core dumps, as far as the system goes along: what is in memory here opens the vault.
///
/// Not for commands that ask the agent for credentials: it has to see in `/proc` who asks.
pub(crate) fn harden(terminal: &Terminal) {
    if let Err(error) = secmem_proc::harden_process() {
        terminal.detail(&format!("the process could not be hardened: {error}"));
    }
}

/// Has this process leave no core dump, which would hold the credentials that pass through it.
///
/// Whatever it starts afterwards inherits that.
pub(crate) fn leave_no_core() {
    let none = Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    // A process may always lower its own limit.
    let _ = setrlimit(Resource::Core, none);
}
