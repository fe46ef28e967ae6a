//! `undercroft configure`: profiles of `~/.aws/config` that ask Undercroft.

mod change;

use std::{
    env,
    path::{Path, PathBuf},
    process::ExitCode,
};

use undercroft_agent::ProfileRow;
use undercroft_aws::files;

use crate::{
    arguments::{Common, ConfigureArgs},
    aws_file::AwsFile,
    connection::Connection,
    failure::Failure,
    ls, moment,
    terminal::{Style, Terminal},
};
pub(crate) use change::quoted;
use change::{Refused, is_of_a_key};

/// Adds `credential_process` to profiles, or shows what adding it would change.
///
/// All of the profiles are changed or none.
pub(crate) fn run(
    common: &Common,
    arguments: &ConfigureArgs,
    terminal: &Terminal,
) -> Result<ExitCode, Failure> {
    let rows = ls::profiles(&mut Connection::open(common)?)?;
    let asker = asker(common)?;
    let config = AwsFile::read(place("AWS_CONFIG_FILE", "config")?)?;
    let credentials = place("AWS_SHARED_CREDENTIALS_FILE", "credentials")?;
    let credentials = AwsFile::read(credentials)?;
    let credentials_path = credentials.path().to_owned();
    let credentials = files::config::parse(&credentials.text, files::Which::Credentials);

    let mut text = config.text.clone();
    let (mut is_refused, mut is_missing) = (false, false);
    for name in &arguments.profiles {
        let Some(row) = rows.iter().find(|row| row.name == *name) else {
            terminal.complain(&format!(
                "the vault has no profile {name}; `undercroft ls` lists them"
            ));
            is_missing = true;
            continue;
        };
        let settings = settings(row, &asker);
        match change::changed(&text, &credentials, row, &settings, arguments.replace) {
            Ok(changed) => text = changed,
            Err(refused) => {
                let told = told(&refused, &credentials_path, config.path());
                terminal.complain(&format!("{name}: {told}"));
                is_refused = true;
            }
        }
    }
    if is_missing || is_refused {
        terminal.note("nothing was changed");
        return Ok(ExitCode::from(if is_missing { 4 } else { 1 }));
    }
    finish(&config, &text, arguments.dry_run, terminal)
}

fn finish(
    config: &AwsFile,
    text: &str,
    is_dry: bool,
    terminal: &Terminal,
) -> Result<ExitCode, Failure> {
    let path = config.path().display();
    if text == config.text.as_str() {
        terminal.note(&format!("{path} is as it should be already"));
        return Ok(ExitCode::SUCCESS);
    }
    terminal.answer(coloured(&files::diff(&config.text, text), terminal))?;
    if is_dry {
        terminal.note(&format!("{path} would change so; nothing was written"));
        return Ok(ExitCode::SUCCESS);
    }
    if let Some(backup) = config.replace(text, moment::now())? {
        terminal.note(&format!("what was there before is in {}", backup.display()));
    }
    if !is_on_path() {
        terminal.note("`undercroft` is in no folder of PATH; programs can't run it until it is");
    }
    Ok(ExitCode::SUCCESS)
}

fn told(refused: &Refused, credentials: &Path, config: &Path) -> String {
    let taking_out = |path: &Path| {
        let path = quoted(&path.to_string_lossy());
        format!("`undercroft import --take-out {path}` takes keys that the vault has out of it")
    };
    match refused {
        Refused::Credentials { keys } => {
            let what_to_do = if keys.iter().all(|key| is_of_a_key(key)) {
                taking_out(credentials)
            } else {
                "take it out there first".to_owned()
            };
            format!(
                "the credentials file has a section of that name with {}, which would win; {what_to_do}",
                keys.join(", ")
            )
        }
        Refused::Config { keys } => format!(
            "the section has {}, which would win; --replace takes out what the vault's profile is in the place of",
            keys.join(", ")
        ),
        Refused::PlainKey => format!(
            "the section has a key, which would win; {}",
            taking_out(config)
        ),
        Refused::OtherWay { keys } => format!(
            "the section has {}, which would win, and no profile of the vault signs in that way; take it out by hand if \
             you don't need it",
            keys.join(", ")
        ),
        Refused::OtherRole => {
            "the section assumes another role than the vault's profile of that name, so it is not replaced".to_owned()
        }
        Refused::OtherCommand => {
            "the section has another credential_process already; --replace puts the vault's in its place".to_owned()
        }
        Refused::Name(error) => error.to_string(),
        Refused::Edit(error) => error.to_string(),
    }
}

/// The settings that a profile is to have.
fn settings(row: &ProfileRow, asker: &str) -> Vec<(&'static str, String)> {
    let command = format!("{asker} credential-process {}", quoted(&row.name));
    let mut settings = vec![("credential_process", command)];
    let region = row.region.as_ref().map(ToString::to_string);
    settings.extend(region.map(|region| ("region", region)));
    settings.extend(row.output.clone().map(|output| ("output", output)));
    settings
}

/// The program, with the options that lead it to the same agent.
fn asker(common: &Common) -> Result<String, Failure> {
    let mut words = String::from("undercroft");
    for (option, path) in [("--vault", &common.vault), ("--socket", &common.socket)] {
        let Some(path) = path else { continue };
        let path = std::path::absolute(path)
            .map_err(Failure::io(format!("{} has no place", path.display())))?;
        let path = path
            .to_str()
            .ok_or_else(|| Failure::Usage(format!("the path of {option} is not text")))?;
        words += &format!(" {option} {}", quoted(path));
    }
    Ok(words)
}

/// Where a file of `~/.aws` is.
fn place(variable: &str, name: &str) -> Result<PathBuf, Failure> {
    let home = env::home_dir().filter(|home| home.is_absolute());
    let no_home = || Failure::Failed("there is no home folder to look for ~/.aws in".into());
    let named = env::var_os(variable).filter(|path| !path.is_empty());
    let Some(named) = named.map(PathBuf::from) else {
        return Ok(home.ok_or_else(no_home)?.join(".aws").join(name));
    };
    // The AWS CLI expands it too.
    match named.strip_prefix("~") {
        Ok(rest) => Ok(home.ok_or_else(no_home)?.join(rest)),
        Err(_) => Ok(named),
    }
}

fn is_on_path() -> bool {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path).any(|folder: PathBuf| {
        let is_file = |path: &Path| path.is_file();
        is_file(&folder.join("undercroft"))
    })
}

/// A difference as it is shown.
pub(crate) fn coloured(diff: &str, terminal: &Terminal) -> String {
    let style = |line: &str| match line.as_bytes().first() {
        Some(b'+') => Style::Good,
        Some(b'-') => Style::Bad,
        Some(b'@') => Style::Dim,
        Some(_) | None => Style::Plain,
    };
    diff.lines()
        .map(|line| terminal.styled(line, style(line)) + "\n")
        .collect()
}
