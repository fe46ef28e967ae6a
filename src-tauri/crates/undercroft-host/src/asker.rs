//! Who asks, for a person to judge and for the log.

use tokio::task::spawn_blocking;
use undercroft_agent::{Caller, Program};
use undercroft_session::{Asker, AskingProgram};

/// Reads who is at the other end of a connection. What can't be read is left out: it informs, and decides nothing that
/// a program of the same user could not get round.
pub(crate) async fn of(caller: &Caller, purpose: &str) -> Asker {
    let looked_at = caller.clone();
    let origin = spawn_blocking(move || looked_at.origin().ok()).await;
    let origin = origin.ok().flatten().unwrap_or_default();
    let script = origin
        .programs
        .iter()
        .find_map(|program| program.script.as_ref());
    Asker {
        script: script.map(|path| path.to_string_lossy().into_owned()),
        folder: origin
            .working_directory
            .map(|path| path.to_string_lossy().into_owned()),
        chain: origin.programs.into_iter().map(program).collect(),
        purpose: purpose.to_owned(),
    }
}

fn program(program: Program) -> AskingProgram {
    AskingProgram {
        pid: program.pid,
        path: program
            .executable
            .map(|path| path.to_string_lossy().into_owned()),
        name: program.name,
    }
}
