//! `undercroft import`.

mod plain;

use std::{
    fs::File,
    path::{Path, PathBuf},
    process::ExitCode,
};

use serde::Serialize;
use undercroft_agent::{
    ImportWish, ImportedFile, ImportedKind, ImportedStatus, Reply, Request, WaitSecs,
};

use crate::{
    arguments::{Common, ImportArgs},
    connection::Connection,
    failure::Failure,
    table::{self, Cell},
    terminal::{Style, Terminal},
};

/// Long enough for a person to be asked.
const WAIT: WaitSecs = WaitSecs::new(45);

/// A file as it was named, and where it is.
struct Named {
    name: String,
    path: PathBuf,
}

/// A file that was imported, as it is reported.
#[derive(Serialize)]
struct Imported {
    #[serde(flatten)]
    file: ImportedFile,
    /// The sections whose keys were taken out of it.
    taken_out: Vec<String>,
    #[serde(skip)]
    path: PathBuf,
}

/// Has the agent add what is in files; fails when one could not be read.
pub(crate) fn run(
    common: &Common,
    arguments: &ImportArgs,
    terminal: &Terminal,
) -> Result<ExitCode, Failure> {
    let named: Vec<Named> = arguments.files.iter().map(|path| Named::of(path)).collect();
    let mut files = Vec::new();
    let mut readable = Vec::new();
    for file in &named {
        match file.problem() {
            Some(problem) => files.push(unread(file, problem)),
            None => readable.push(file.path.clone()),
        }
    }
    if readable.is_empty() {
        show(&files, common, arguments, terminal)?;
        print(&files, common, terminal)?;
        return Ok(ExitCode::FAILURE);
    }
    let wish = ImportWish {
        paths: readable,
        dry_run: arguments.dry_run,
        endpoint: arguments.endpoint.clone(),
        signin_endpoint: arguments.signin_endpoint.clone(),
        wait_secs: WAIT,
    };
    let Reply::Import(answered) = Connection::open(common)?.ask(&Request::Import(wish))? else {
        return Err(Failure::OddAnswer);
    };
    files.extend(answered.into_iter().map(|file| renamed(file, &named)));
    show(&files, common, arguments, terminal)?;
    let taken_out = plain::offer(common, arguments, &mut files, terminal);
    print(&files, common, terminal)?;
    let failed = |file: &Imported| file.file.found.is_empty() && !file.file.problems.is_empty();
    Ok(if !taken_out? || files.iter().any(failed) {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

impl Named {
    fn of(path: &Path) -> Self {
        Self {
            name: path.to_string_lossy().into_owned(),
            path: std::path::absolute(path).unwrap_or_else(|_| path.to_owned()),
        }
    }

    /// Why the file can't be read, so that a mistyped name is told in this program's words.
    fn problem(&self) -> Option<String> {
        match File::open(&self.path).and_then(|file| file.metadata()) {
            Ok(found) if found.is_dir() => Some("it is a folder; name the files in it".to_owned()),
            Ok(_) => None,
            Err(error) => Some(format!("it can't be read: {error}")),
        }
    }
}

fn unread(file: &Named, problem: String) -> Imported {
    Imported {
        file: ImportedFile::new(file.name.clone(), Vec::new(), vec![problem]),
        taken_out: Vec::new(),
        path: file.path.clone(),
    }
}

/// Calls a file what the person called it.
fn renamed(mut file: ImportedFile, named: &[Named]) -> Imported {
    let path = PathBuf::from(&file.source);
    if let Some(named) = named.iter().find(|named| named.path == path) {
        file.source.clone_from(&named.name);
    }
    Imported {
        file,
        taken_out: Vec::new(),
        path,
    }
}

/// Prints the answer to a program.
fn print(files: &[Imported], common: &Common, terminal: &Terminal) -> Result<(), Failure> {
    if !common.json {
        return Ok(());
    }
    let text = serde_json::to_string(files).map_err(|_| Failure::OddAnswer)?;
    terminal.answer(text + "\n")
}

/// Shows a person what was found.
fn show(
    files: &[Imported],
    common: &Common,
    arguments: &ImportArgs,
    terminal: &Terminal,
) -> Result<(), Failure> {
    if common.json {
        return Ok(());
    }
    let (mut rows, mut added) = (Vec::new(), 0_usize);
    for Imported { file, .. } in files {
        for item in &file.found {
            added += usize::from(item.status == ImportedStatus::New);
            let (status, style) = shown_status(item.status);
            rows.push(vec![
                Cell::new(status, style),
                Cell::new(shown_kind(item.kind), Style::Dim),
                Cell::plain(&item.name),
                Cell::new(&file.source, Style::Dim),
            ]);
        }
        for problem in &file.problems {
            terminal.complain(&format!("{}: {problem}", file.source));
        }
    }
    if !rows.is_empty() {
        let names = ["STATUS", "KIND", "NAME", "FILE"];
        terminal.answer(table::lines(&names, rows, terminal))?;
    }
    terminal.note(&if arguments.dry_run {
        format!("{added} would be added")
    } else {
        format!("{added} added")
    });
    Ok(())
}

fn shown_kind(kind: ImportedKind) -> &'static str {
    match kind {
        ImportedKind::Account => "account",
        ImportedKind::Identity => "identity",
        ImportedKind::Mfa => "mfa",
        ImportedKind::AccessKey => "access-key",
        ImportedKind::Profile => "profile",
    }
}

fn shown_status(status: ImportedStatus) -> (&'static str, Style) {
    match status {
        ImportedStatus::New => ("new", Style::Good),
        ImportedStatus::Duplicate => ("duplicate", Style::Dim),
        ImportedStatus::Conflict => ("conflict", Style::Wary),
    }
}
