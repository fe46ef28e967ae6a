//! `undercroft configure`: profiles of `~/.aws/config` that ask Undercroft.

mod change;
mod file;

use std::{
    env,
    path::{Path, PathBuf},
    process::ExitCode,
};

use undercroft_agent::ProfileRow;
use undercroft_aws::files;

use crate::{
    arguments::{Common, ConfigureArgs},
    connection::Connection,
    failure::Failure,
    ls, moment,
    terminal::{Style, Terminal},
};
use change::Refused;
use file::ConfigFile;

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
    let config = ConfigFile::read(place("AWS_CONFIG_FILE", "config")?)?;
    let credentials = place("AWS_SHARED_CREDENTIALS_FILE", "credentials")?;
    let credentials = ConfigFile::read(credentials)?;
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
        match change::changed(&text, &credentials, row, &settings(row, &asker)) {
            Ok(changed) => text = zeroize::Zeroizing::new(changed),
            Err(refused) => {
                terminal.complain(&format!("{name}: {}", told(&refused)));
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
    config: &ConfigFile,
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

fn told(refused: &Refused) -> String {
    match refused {
        Refused::Credentials { keys } => format!(
            "the credentials file has a section of that name with {}, which would win; take it out there first",
            keys.join(", ")
        ),
        Refused::Config { keys } => format!(
            "the section has {}, which would win; take it out first",
            keys.join(", ")
        ),
        Refused::OtherCommand => {
            "the section has another credential_process already; take it out first".to_owned()
        }
        Refused::Name(error) => error.to_string(),
        Refused::Edit(error) => error.to_string(),
    }
}

/// The settings that a profile is to have.
fn settings(row: &ProfileRow, asker: &str) -> Vec<(&'static str, String)> {
    let command = format!("{asker} credential-process {}", change::quoted(&row.name));
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
        words += &format!(" {option} {}", change::quoted(path));
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

fn coloured(diff: &str, terminal: &Terminal) -> String {
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
