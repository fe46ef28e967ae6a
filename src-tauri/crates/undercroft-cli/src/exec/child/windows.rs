//! Ctrl-C, which goes to every program of the console, and waiting.

use std::{
    io,
    process::{Child, ExitCode},
};

use tokio::signal::windows::{CtrlBreak, CtrlC, ctrl_break, ctrl_c};

use crate::failure::Failure;

/// As long as these live, Ctrl-C and Ctrl-Break are the command's alone to act on.
#[derive(Debug)]
pub(crate) struct Signals {
    _held: (io::Result<CtrlC>, io::Result<CtrlBreak>),
}

impl Signals {
    /// Takes them, before the command is started.
    pub(crate) fn take() -> Self {
        Self {
            _held: (ctrl_c(), ctrl_break()),
        }
    }
}

/// Waits for the command's end and takes over its exit code, 1 for one that does not fit.
pub(crate) fn attend(
    child: &mut Child,
    _signals: &Signals,
    beside: impl FnOnce(),
) -> Result<ExitCode, Failure> {
    beside();
    let ended = child
        .wait()
        .map_err(Failure::io("the command can't be waited for"))?;
    let code = ended.code().and_then(|code| u8::try_from(code).ok());
    Ok(ExitCode::from(code.unwrap_or(1)))
}
