//! `undercroft exec`: a command with credentials.

mod child;
mod empty_files;
mod endpoint;
mod held;

use std::process::{Command, ExitCode};

use undercroft_agent::{Credentials, Purpose};

use crate::{
    arguments::{Common, ExecArgs},
    connection::Connection,
    environment,
    failure::Failure,
    hardening,
    terminal::Terminal,
};

/// Runs a command with a profile's credentials.
///
/// Without `--server` this process becomes the command, so that signals and the exit code are the command's own. On
/// Windows, where that can't be, it waits for the command and ends as it does.
pub(crate) fn run(
    common: &Common,
    arguments: &ExecArgs,
    terminal: &Terminal,
) -> Result<ExitCode, Failure> {
    if arguments.server {
        return endpoint::run(common, arguments, terminal);
    }
    let wait = arguments.wait.secs();
    let credentials =
        Connection::open(common)?.credentials(&arguments.profile, Purpose::Exec, wait)?;
    let mut command = command(arguments, &credentials)?;
    for (name, value) in environment::of_credentials(&credentials) {
        command.env(name, &*value);
    }
    #[cfg(unix)]
    {
        let error = hardening::with_core_dumps_as_before(|| {
            std::os::unix::process::CommandExt::exec(&mut command)
        });
        Err(not_started(arguments)(error))
    }
    #[cfg(not(unix))]
    {
        let signals = child::Signals::take();
        let mut child = hardening::with_core_dumps_as_before(|| command.spawn())
            .map_err(not_started(arguments))?;
        child::attend(&mut child, &signals, || ())
    }
}

/// The command in an environment without credentials, with the profile's region, output format and endpoints.
fn command(arguments: &ExecArgs, credentials: &Credentials) -> Result<Command, Failure> {
    let Some((program, rest)) = arguments.command.split_first() else {
        return Err(Failure::Usage("there is no command to run".into()));
    };
    let mut command = Command::new(program);
    command.args(rest);
    for name in environment::inherited(credentials) {
        command.env_remove(name);
    }
    for (name, value) in environment::of_region(credentials.region.as_ref())
        .into_iter()
        .chain(environment::of_endpoints(credentials))
    {
        command.env(name, &*value);
    }
    if let Some(output) = &credentials.output {
        command.env("AWS_DEFAULT_OUTPUT", output);
    }
    Ok(command)
}

fn not_started(arguments: &ExecArgs) -> impl FnOnce(std::io::Error) -> Failure {
    let program = arguments.command.first();
    let name = program.map(|name| name.to_string_lossy().into_owned());
    Failure::io(format!("{} can't be run", name.unwrap_or_default()))
}
