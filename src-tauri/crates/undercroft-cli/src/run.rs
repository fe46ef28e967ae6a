//! From the words of a command line to its exit code.

use std::{ffi::OsString, process::ExitCode};

use clap::Parser;

use crate::{
    agent,
    arguments::{Arguments, Command, Common},
    code, configure, console, credential_process, exec, export,
    failure::Failure,
    fast, hardening, import, init, lock, ls, pages, status,
    terminal::Terminal,
};

/// Does what the words, without the program's name, ask for.
pub(crate) fn run(words: Vec<OsString>) -> ExitCode {
    let Arguments { common, command } = match fast::recognise(&words) {
        Some(arguments) => arguments,
        None => match parse(words) {
            Ok(arguments) => arguments,
            Err(exit) => return exit,
        },
    };
    hardening::leave_no_core();
    let terminal = Terminal::new(&common);
    dispatch(&common, command, &terminal).unwrap_or_else(|failure| {
        terminal.fail(&failure);
        failure.exit_code()
    })
}

fn parse(words: Vec<OsString>) -> Result<Arguments, ExitCode> {
    let name = OsString::from("undercroft");
    Arguments::try_parse_from(std::iter::once(name).chain(words)).map_err(|error| {
        // Whoever closed standard output early does not want the rest.
        let _ = error.print();
        ExitCode::from(if error.use_stderr() { 2 } else { 0 })
    })
}

fn dispatch(common: &Common, command: Command, terminal: &Terminal) -> Result<ExitCode, Failure> {
    match command {
        Command::Init(arguments) => init::run(common, arguments, terminal),
        Command::Agent(arguments) => agent::run(common, arguments, terminal),
        Command::Status => status::run(common, terminal),
        Command::Unlock => lock::unlock(common, terminal),
        Command::Lock => lock::lock(common, terminal),
        Command::Ls => ls::run(common, terminal),
        Command::CredentialProcess(arguments) => {
            credential_process::run(common, &arguments, terminal)
        }
        Command::Export(arguments) => export::run(common, &arguments, terminal),
        Command::Exec(arguments) => exec::run(common, &arguments, terminal),
        Command::Console(arguments) => console::run(common, &arguments, terminal),
        Command::Code(arguments) => code::run(common, &arguments, terminal),
        Command::Import(arguments) => import::run(common, &arguments, terminal),
        Command::Configure(arguments) => configure::run(common, &arguments, terminal),
        Command::Completions(arguments) => pages::completions(&arguments, terminal),
        Command::Man(arguments) => pages::man(&arguments),
    }
}
