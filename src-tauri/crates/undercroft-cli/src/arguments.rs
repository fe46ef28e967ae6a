//! What can be typed. The texts are those of the help and of the man pages.

use std::{ffi::OsString, path::PathBuf};

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use undercroft_agent::WaitSecs;
use undercroft_model::{EndpointUrl, Region};

/// How long `--wait` without a number waits: two time steps of a code.
const USUAL_WAIT: &str = "60";

/// Sessions, codes and the console out of an unlocked vault.
///
/// Undercroft asks the unlocked app, or `undercroft agent` on machines without a display.
#[derive(Debug, PartialEq, Eq, Parser)]
#[command(
    name = "undercroft",
    version,
    arg_required_else_help = true,
    subcommand_required = true,
    after_help = "Exit codes: 0 done, 1 failed, 2 usage, 3 locked or not running, 4 no such profile or item, \
                  5 AWS refused, 6 vault damaged or wrong password, 7 vault in use, 8 no unused code yet."
)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) common: Common,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What every command takes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Args)]
pub(crate) struct Common {
    /// The vault file, else UNDERCROFT_VAULT, else the usual one
    #[arg(long, global = true, value_name = "PATH")]
    pub(crate) vault: Option<PathBuf>,
    /// The agent's socket, else UNDERCROFT_SOCKET, else the usual one
    #[arg(long, global = true, value_name = "PATH")]
    pub(crate) socket: Option<PathBuf>,
    /// Prints JSON where there is something to print
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Says more on standard error
    #[arg(long, short, global = true, conflicts_with = "quiet")]
    pub(crate) verbose: bool,
    /// Says nothing on standard error but what went wrong
    #[arg(long, short, global = true)]
    pub(crate) quiet: bool,
}

#[derive(Debug, PartialEq, Eq, Subcommand)]
pub(crate) enum Command {
    /// Makes a vault
    Init(InitArgs),
    /// Serves programs in the foreground, for machines without a display
    Agent(AgentArgs),
    /// Tells whether the vault is unlocked, and which sessions live
    Status,
    /// Raises the unlock window and waits until the vault is unlocked
    Unlock,
    /// Locks the vault
    Lock,
    /// Lists the profiles
    Ls,
    /// Prints credentials the way an AWS SDK wants them of a credential_process
    CredentialProcess(CredentialProcessArgs),
    /// Prints shell lines that set credentials, to be evaluated
    Export(ExportArgs),
    /// Runs a command with credentials in its environment
    Exec(ExecArgs),
    /// Opens the AWS console signed in
    Console(ConsoleArgs),
    /// Prints the next unused MFA code
    Code(CodeArgs),
    /// Adds to the vault what is in files, and offers to take keys in plain text out of them
    Import(ImportArgs),
    /// Has profiles of ~/.aws/config ask Undercroft for credentials
    Configure(ConfigureArgs),
    /// Prints completions for a shell
    Completions(CompletionsArgs),
    /// Writes the man pages into a folder
    #[command(hide = true)]
    Man(ManArgs),
}

#[derive(Debug, PartialEq, Eq, Args)]
pub(crate) struct InitArgs {
    /// Reads the password from one line of standard input
    #[arg(long)]
    pub(crate) password_stdin: bool,
}

#[derive(Debug, PartialEq, Eq, Args)]
pub(crate) struct AgentArgs {
    /// Reads the password from one line of standard input
    #[arg(long, conflicts_with = "locked")]
    pub(crate) password_stdin: bool,
    /// Starts without a password, to be unlocked later
    #[arg(long)]
    pub(crate) locked: bool,
}

/// How long to wait for the next unused code.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Args)]
pub(crate) struct Wait {
    /// Waits for a person's yes or the next unused code, by default up to 60 seconds
    #[arg(long, value_name = "SECS", num_args = 0..=1, require_equals = true, default_missing_value = USUAL_WAIT)]
    wait: Option<u32>,
}

#[derive(Debug, PartialEq, Eq, Args)]
pub(crate) struct CredentialProcessArgs {
    /// The profile
    pub(crate) profile: String,
    /// Raises the unlock window where the vault is locked, and waits up to 45 seconds
    #[arg(long)]
    pub(crate) unlock: bool,
    #[command(flatten)]
    pub(crate) wait: Wait,
}

#[derive(Debug, PartialEq, Eq, Args)]
pub(crate) struct ExportArgs {
    /// The profile
    pub(crate) profile: String,
    /// Whose lines
    #[arg(long, value_enum, default_value_t = ExportFormat::Env)]
    pub(crate) format: ExportFormat,
    #[command(flatten)]
    pub(crate) wait: Wait,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExportFormat {
    /// sh, bash, zsh
    Env,
    /// fish
    Fish,
    /// PowerShell
    #[value(name = "powershell")]
    PowerShell,
    /// An object of variables
    Json,
}

#[derive(Debug, PartialEq, Eq, Args)]
pub(crate) struct ExecArgs {
    /// The profile
    pub(crate) profile: String,
    /// Serves credentials on loopback for as long as the command runs, and renews them
    #[arg(long)]
    pub(crate) server: bool,
    #[command(flatten)]
    pub(crate) wait: Wait,
    /// The command and its arguments
    #[arg(last = true, required = true, value_name = "COMMAND")]
    pub(crate) command: Vec<OsString>,
}

#[derive(Debug, PartialEq, Eq, Args)]
pub(crate) struct ConsoleArgs {
    /// The profile
    pub(crate) profile: String,
    /// The service to open, such as ec2
    #[arg(long, value_name = "SERVICE")]
    pub(crate) service: Option<String>,
    /// The region to show, where not the profile's
    #[arg(long, value_name = "REGION", value_parser = Region::parse)]
    pub(crate) region: Option<Region>,
    /// Prints the address, which signs in whoever has it, and opens nothing
    #[arg(long)]
    pub(crate) print: bool,
    /// The browser's command, in which {url} stands for the address; else UNDERCROFT_BROWSER, else the default browser
    #[arg(long, value_name = "COMMAND")]
    pub(crate) browser: Option<String>,
    #[command(flatten)]
    pub(crate) wait: Wait,
}

#[derive(Debug, PartialEq, Eq, Args)]
pub(crate) struct CodeArgs {
    /// An identity (alias/user, ACCOUNT/root) or a device's name
    pub(crate) device: String,
    #[command(flatten)]
    pub(crate) wait: Wait,
}

#[derive(Debug, PartialEq, Eq, Args)]
pub(crate) struct ImportArgs {
    /// Files of ~/.aws, the console's CSVs, otpauth lists, pictures of QR codes
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// Shows what would be added, and adds nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Takes keys that the vault has out of the files of ~/.aws, without asking
    #[arg(long, conflicts_with = "leave")]
    pub(crate) take_out: bool,
    /// Leaves keys in plain text where they are, without asking
    #[arg(long)]
    pub(crate) leave: bool,
    /// The custom AWS endpoint of accounts that this import creates
    #[arg(long, value_name = "URL", value_parser = EndpointUrl::parse)]
    pub(crate) endpoint: Option<EndpointUrl>,
    /// The same for console sign-in, where it is another
    #[arg(long, value_name = "URL", value_parser = EndpointUrl::parse)]
    pub(crate) signin_endpoint: Option<EndpointUrl>,
}

#[derive(Debug, PartialEq, Eq, Args)]
pub(crate) struct ConfigureArgs {
    /// The profiles
    #[arg(required = true, value_name = "PROFILE")]
    pub(crate) profiles: Vec<String>,
    /// Takes out role_arn, source_profile and the like, and another credential_process, in whose place the vault's profile is
    #[arg(long)]
    pub(crate) replace: bool,
    /// Shows the difference, and writes nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
}

#[derive(Debug, PartialEq, Eq, Args)]
pub(crate) struct CompletionsArgs {
    /// The shell
    pub(crate) shell: Shell,
}

#[derive(Debug, PartialEq, Eq, Args)]
pub(crate) struct ManArgs {
    /// The folder
    pub(crate) folder: PathBuf,
}

impl Wait {
    /// Waits so many seconds.
    pub(crate) fn of_secs(secs: u32) -> Self {
        Self { wait: Some(secs) }
    }

    /// What `--wait` without a number means.
    pub(crate) fn usual() -> Self {
        Self {
            wait: USUAL_WAIT.parse().ok(),
        }
    }

    /// The same for the agent; nothing without the option.
    pub(crate) fn secs(self) -> WaitSecs {
        WaitSecs::new(self.wait.unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_definition_holds_together() {
        Arguments::command().debug_assert();
    }
}
