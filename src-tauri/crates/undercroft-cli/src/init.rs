//! `undercroft init`.

use std::process::ExitCode;

use crate::{
    arguments::{Common, InitArgs},
    failure::Failure,
    terminal::Terminal,
};

/// Makes a vault.
pub(crate) fn run(_: &Common, _: InitArgs, _: &Terminal) -> Result<ExitCode, Failure> {
    Err(Failure::Failed("`undercroft init` is not built in".into()))
}
