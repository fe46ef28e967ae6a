//! `undercroft agent`.

use std::process::ExitCode;

use crate::{
    arguments::{AgentArgs, Common},
    failure::Failure,
    terminal::Terminal,
};

/// Serves programs in the foreground.
pub(crate) fn run(_: &Common, _: AgentArgs, _: &Terminal) -> Result<ExitCode, Failure> {
    Err(Failure::Failed("`undercroft agent` is not built in".into()))
}
