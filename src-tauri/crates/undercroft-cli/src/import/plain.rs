//! Taking keys in plain text out of files of `~/.aws`, once the vault has them.

use std::{collections::BTreeSet, path::Path};

use undercroft_agent::{Reply, Request, TakeOutWish, TakenOut};
use undercroft_aws::files::{self, FileKind, Which, edit};
use undercroft_secret::SecretString;

use super::{Imported, WAIT};
use crate::{
    arguments::{Common, ImportArgs},
    aws_file::AwsFile,
    configure::{coloured, quoted},
    connection::Connection,
    failure::Failure,
    terminal::Terminal,
};

/// Offers to take keys out of the files, or does what the options say; whether all that was to leave has left.
pub(super) fn offer(
    common: &Common,
    arguments: &ImportArgs,
    files: &mut [Imported],
    terminal: &Terminal,
) -> Result<bool, Failure> {
    let mut seen = BTreeSet::new();
    let mut is_whole = true;
    for file in files {
        let is_new = seen.insert(file.path.clone());
        if file.file.plain_secrets.is_empty() || !is_new || arguments.leave {
            continue;
        }
        let shows = !common.json && (arguments.take_out || !arguments.dry_run);
        if arguments.dry_run {
            if shows {
                show(file, terminal)?;
            }
            terminal.note(&format!(
                "{}: the keys of {} could be taken out of the file then",
                file.file.source,
                listed(&file.file.plain_secrets)
            ));
        } else if arguments.take_out {
            if shows {
                show(file, terminal)?;
            }
            is_whole &= take_out(common, file, terminal)?;
        } else if common.json || !terminal.can_ask() {
            terminal.note(&format!(
                "{0}: the keys of {1} are still there in plain text; `undercroft import --take-out {2}` takes them out, \
                 --leave leaves them without a word",
                file.file.source,
                listed(&file.file.plain_secrets),
                quoted(&file.file.source)
            ));
        } else {
            show(file, terminal)?;
            let question = format!(
                "The vault has the keys of {}. Take them out of {} so?",
                listed(&file.file.plain_secrets),
                file.file.source
            );
            if terminal.is_confirmed(&question)? {
                is_whole &= take_out(common, file, terminal)?;
            } else {
                terminal.note("the file stays as it is");
            }
        }
    }
    Ok(is_whole)
}

/// Has the agent take the keys out; whether no section keeps its own.
fn take_out(common: &Common, file: &mut Imported, terminal: &Terminal) -> Result<bool, Failure> {
    let mut is_whole = true;
    for sections in file.file.plain_secrets.chunks(TakeOutWish::MOST) {
        let wish = TakeOutWish {
            path: file.path.clone(),
            sections: sections.to_vec(),
            wait_secs: WAIT,
        };
        let reply = Connection::open(common)?.ask(&Request::TakeOut(wish))?;
        let Reply::TakenOut(TakenOut { taken, kept }) = reply else {
            return Err(Failure::OddAnswer);
        };
        file.taken_out.extend(taken);
        is_whole &= kept.is_empty();
        for kept in kept {
            terminal.complain(&format!(
                "{}: [{}] keeps its key: {}",
                file.file.source, kept.section, kept.why
            ));
        }
    }
    if !file.taken_out.is_empty() {
        let names: Vec<_> = file.taken_out.iter().map(|name| quoted(name)).collect();
        terminal.note(&format!(
            "{}: the keys of {} are out of the file; `undercroft configure {}` has AWS's programs ask for them",
            file.file.source,
            listed(&file.taken_out),
            names.join(" ")
        ));
    }
    Ok(is_whole)
}

/// Shows how the file would change, without its secrets.
fn show(file: &Imported, terminal: &Terminal) -> Result<(), Failure> {
    let difference = difference(&file.path, &file.file.plain_secrets)?;
    terminal.answer(coloured(&difference, terminal))
}

fn difference(path: &Path, sections: &[String]) -> Result<String, Failure> {
    let file = AwsFile::read(path.to_owned())?;
    let name = file.path().file_name().unwrap_or_default();
    let kind = files::recognise(file.text.as_bytes(), &name.to_string_lossy());
    let which = if kind == FileKind::Credentials {
        Which::Credentials
    } else {
        Which::Config
    };
    let mut text = SecretString::copy_of(&file.text);
    for section in sections {
        // Exposed to leave out the key's lines. What can't be changed is told when it is tried.
        if let Ok(edited) = edit::remove_keys(text.expose(), which, section, &edit::PLAIN_KEY) {
            text = edited.text;
        }
    }
    // Exposed to be compared; the difference masks what is secret.
    Ok(files::diff(&file.text, text.expose()))
}

/// Sections as they stand in the file.
fn listed(sections: &[String]) -> String {
    let names: Vec<_> = sections.iter().map(|name| format!("[{name}]")).collect();
    names.join(", ")
}
