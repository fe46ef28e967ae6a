//! `undercroft completions`, and the man pages.

use std::{fs, process::ExitCode};

use clap::CommandFactory;

use crate::{
    arguments::{Arguments, CompletionsArgs, ManArgs},
    failure::Failure,
    terminal::Terminal,
};

/// Prints completions for a shell.
pub(crate) fn completions(
    arguments: &CompletionsArgs,
    terminal: &Terminal,
) -> Result<ExitCode, Failure> {
    let mut bytes = Vec::new();
    let mut command = Arguments::command();
    clap_complete::generate(arguments.shell, &mut command, "undercroft", &mut bytes);
    terminal.answer(bytes)?;
    Ok(ExitCode::SUCCESS)
}

/// Writes `undercroft.1` and a page for each command.
pub(crate) fn man(arguments: &ManArgs) -> Result<ExitCode, Failure> {
    let folder = &arguments.folder;
    let failed = || Failure::io(format!("{} can't be written", folder.display()));
    fs::create_dir_all(folder).map_err(failed())?;
    clap_mangen::generate_to(Arguments::command(), folder).map_err(failed())?;
    Ok(ExitCode::SUCCESS)
}
