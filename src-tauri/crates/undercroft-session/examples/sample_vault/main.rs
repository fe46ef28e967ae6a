//! Writes a sample vault: for `make demo`, for pictures, and for measuring.
//!
//! ```text
//! sample_vault --path VAULT --password-stdin [--accounts FILE.json] [--endpoint URL] [--identities N]
//!     [--profiles N] [--show-recovery-key]
//! ```
//!
//! `--accounts` reads accounts with their secrets in the form that `tests/demo/seed.py` describes. `--identities`
//! adds made-up IAM users with a password, an MFA device and an access key each, twenty to an account, and
//! `--profiles` profiles of a role, spread over those. `--endpoint` becomes the STS and IAM
//! endpoint of every account. The password is read from standard input. `--show-recovery-key` prints the recovery key alone,
//! which is thrown away otherwise.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program on the command line prints"
)]

mod accounts;
mod synthetic;

use std::{
    error::Error,
    io::{Read, stdin},
    path::PathBuf,
    process::ExitCode,
    sync::Arc,
};

use undercroft_model::{EndpointUrl, InstallationId, Timestamp};
use undercroft_secret::SecretString;
use undercroft_session::{Clock, SystemClock};
use undercroft_vault::{CreateOptions, KdfParams, OsDisk, Vault};

/// What the command line says.
#[derive(Default)]
struct Arguments {
    path: Option<PathBuf>,
    accounts: Option<PathBuf>,
    endpoint: Option<EndpointUrl>,
    identities: u32,
    profiles: u32,
    password_stdin: bool,
    shows_recovery_key: bool,
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("sample_vault: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Box<dyn Error>> {
    let arguments = Arguments::read(std::env::args().skip(1))?;
    let path = arguments.path.ok_or("--path is missing")?;
    if !arguments.password_stdin {
        return Err("--password-stdin is missing: the password is read from standard input".into());
    }
    let mut typed = String::new();
    stdin().read_to_string(&mut typed)?;
    let password = SecretString::copy_of(typed.trim_end_matches(['\r', '\n']));

    let now = SystemClock::new().now();
    let options = CreateOptions {
        kdf: KdfParams::MIN_NEW,
        installation: InstallationId::new_random(),
        now,
    };
    let (mut vault, recovery_key) = Vault::create(Arc::new(OsDisk), &path, &password, options)?;
    if let Some(file) = arguments.accounts {
        let text = std::fs::read_to_string(file)?;
        accounts::file(&mut vault, &text, arguments.endpoint.as_ref(), now)?;
    }
    synthetic::file(
        &mut vault,
        (arguments.identities, arguments.profiles),
        arguments.endpoint.as_ref(),
        now,
    )?;
    vault.save(now)?;
    if arguments.shows_recovery_key {
        println!("{}", recovery_key.to_printable().expose());
    } else {
        println!("{}: {} items", path.display(), vault.items().count());
    }
    Ok(())
}

impl Arguments {
    fn read(mut words: impl Iterator<Item = String>) -> Result<Self, Box<dyn Error>> {
        let mut arguments = Self::default();
        while let Some(word) = words.next() {
            let mut value = || words.next().ok_or(format!("{word} wants a value"));
            match word.as_str() {
                "--path" => arguments.path = Some(value()?.into()),
                "--accounts" => arguments.accounts = Some(value()?.into()),
                "--endpoint" => arguments.endpoint = Some(EndpointUrl::parse(&value()?)?),
                "--identities" => arguments.identities = value()?.parse()?,
                "--profiles" => arguments.profiles = value()?.parse()?,
                "--password-stdin" => arguments.password_stdin = true,
                "--show-recovery-key" => arguments.shows_recovery_key = true,
                other => return Err(format!("{other} is not known").into()),
            }
        }
        Ok(arguments)
    }
}

/// Days before `now`, so that dates in the sample differ.
fn days_ago(now: Timestamp, days: i64) -> Timestamp {
    now.plus_secs(-days * 86_400)
}
