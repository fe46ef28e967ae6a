//! `undercroft export`: lines for a shell to evaluate.

use std::process::ExitCode;

use undercroft_agent::{Credentials, Purpose};
use undercroft_aws::format::{Shell, set_variables, unset_variables};
use undercroft_secret::SecretString;

use crate::{
    arguments::{Common, ExportArgs, ExportFormat},
    connection::Connection,
    credential_process, environment,
    failure::Failure,
    terminal::Terminal,
};

/// Prints a profile's credentials for a shell.
pub(crate) fn run(
    common: &Common,
    arguments: &ExportArgs,
    terminal: &Terminal,
) -> Result<ExitCode, Failure> {
    let wait = arguments.wait.secs();
    let credentials =
        Connection::open(common)?.credentials(&arguments.profile, Purpose::Export, wait)?;
    let shell = match arguments.format {
        ExportFormat::Json => None,
        _ if common.json => None,
        ExportFormat::Env => Some(Shell::Sh),
        ExportFormat::Fish => Some(Shell::Fish),
        ExportFormat::PowerShell => Some(Shell::PowerShell),
    };
    match shell {
        // Exposed because the shell that evaluates the lines takes the credentials from them.
        Some(shell) => terminal.answer(lines(&credentials, shell).expose())?,
        None => terminal.answer(&*credential_process::printed(
            &credentials,
            credentials.region.as_ref(),
        )?)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn lines(credentials: &Credentials, shell: Shell) -> SecretString {
    let mut variables = environment::of_credentials(credentials);
    variables.extend(environment::of_region(credentials.region.as_ref()));
    variables.extend(environment::of_endpoints(credentials));
    let variables: Vec<_> = variables
        .iter()
        .map(|(name, value)| (*name, value.as_ref()))
        .collect();
    let inherited = environment::inherited(credentials);
    let is_set_anew = |name: &str| variables.iter().any(|(set, _)| *set == name);
    let unset: Vec<_> = inherited
        .iter()
        .map(String::as_str)
        .filter(|name| !is_set_anew(name))
        .collect();
    SecretString::concat(&[
        &unset_variables(shell, &unset),
        set_variables(shell, &variables).expose(),
    ])
}
