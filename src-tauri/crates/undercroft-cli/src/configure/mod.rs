//! `undercroft configure`.

use std::process::ExitCode;

use crate::{
    arguments::{Common, ConfigureArgs},
    failure::Failure,
    terminal::Terminal,
};

/// Has profiles of `~/.aws/config` ask Undercroft for credentials.
pub(crate) fn run(_: &Common, _: &ConfigureArgs, _: &Terminal) -> Result<ExitCode, Failure> {
    Err(Failure::Failed("not yet".into()))
}
