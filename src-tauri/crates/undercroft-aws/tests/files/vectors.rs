//! Reads everything under `tests/vectors/aws_files`: a file more is a test more.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::{Value, json};
use undercroft_aws::files::{FileKind, Which, console, decode, diff, edit, export, recognise};
use undercroft_aws::format::ProfileName;

use crate::shown;

fn folder(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../../tests/vectors/aws_files")
        .join(name)
}

/// The names of a folder's files with one of these extensions, without it.
fn names(folder: &Path, extensions: &[&str]) -> BTreeSet<String> {
    let files = fs::read_dir(folder).unwrap();
    files
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            let extension = path.extension().unwrap_or_default().to_str().unwrap();
            extensions.contains(&extension)
        })
        .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
        .collect()
}

fn text(path: &Path) -> String {
    let bytes = fs::read(path).unwrap_or_default();
    String::from_utf8(bytes).unwrap()
}

fn expected(path: &Path) -> Value {
    let text = fs::read_to_string(path).unwrap_or_else(|_| panic!("{} is missing", path.display()));
    serde_json::from_str(&text).unwrap()
}

fn check(failed: &mut Vec<String>, name: &str, found: &Value, wanted: &Value) {
    if found != wanted {
        failed.push(format!("{name}:\n  found  {found:#}\n  wanted {wanted:#}"));
    }
}

fn done(count: usize, least: usize, failed: &[String]) {
    assert!(count >= least, "only {count} files were found");
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

#[test]
fn every_pair_of_files_reads_as_expected() {
    let folder = folder("profiles");
    let names = names(&folder, &["config", "credentials", "json"]);
    let mut failed = Vec::new();
    for name in &names {
        let file = |end: &str| folder.join(format!("{name}.{end}"));
        let found = shown::profiles(&text(&file("config")), &text(&file("credentials")));
        check(&mut failed, name, &found, &expected(&file("json")));
        for (end, kind) in [
            ("config", FileKind::Config),
            ("credentials", FileKind::Credentials),
        ] {
            let bytes = fs::read(file(end)).unwrap_or_default();
            let recognised = recognise(&bytes, end);
            // Settings that nothing here knows are no reason to take a file for one of these.
            if !bytes.is_empty() && recognised != kind && recognised != FileKind::Other {
                failed.push(format!("{name}.{end} is recognised as {recognised:?}"));
            }
        }
    }
    done(names.len(), 25, &failed);
}

#[test]
fn every_other_file_reads_as_expected() {
    let folder = folder("others");
    let mut failed = Vec::new();
    let mut count = 0;
    for entry in fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if name.ends_with(".expected.json") {
            continue;
        }
        count += 1;
        let bytes = fs::read(&path).unwrap();
        let kind = recognise(&bytes, &name);
        let content = if kind == FileKind::Export {
            match export::parse(decode(&bytes).unwrap().expose()) {
                Ok(export::Exported::Key { user, id, secret }) => {
                    json!({ "user": user, "key": [id, secret.expose()] })
                }
                Ok(export::Exported::Temporary) => json!("temporary"),
                Err(error) => json!({ "error": error.code() }),
            }
        } else {
            match console::parse(&bytes, &name) {
                Ok(rows) => rows.iter().map(shown::row).collect(),
                Err(error) => json!({ "error": error.code() }),
            }
        };
        let found = json!({ "kind": kind.code(), "content": content });
        let wanted = folder.join(format!("{name}.expected.json"));
        check(&mut failed, &name, &found, &expected(&wanted));
    }
    done(count, 15, &failed);
}

#[derive(Deserialize)]
struct Change {
    profile: String,
    set: Option<Vec<(String, String)>>,
    remove: Option<Vec<String>>,
    file: Option<String>,
    diff: Vec<String>,
}

#[test]
fn every_edit_changes_what_is_expected() {
    let folder = folder("edits");
    let names = names(&folder, &["before", "after", "json"]);
    let mut failed = Vec::new();
    for name in &names {
        let file = |end: &str| folder.join(format!("{name}.{end}"));
        let change: Change = serde_json::from_value(expected(&file("json"))).unwrap();
        let before = text(&file("before"));
        let edited = match (&change.set, &change.remove) {
            (Some(settings), None) => {
                let profile = ProfileName::parse(&change.profile).unwrap();
                let settings = settings.iter().map(|(key, value)| (&**key, &**value));
                edit::set_profile(&before, &profile, &settings.collect::<Vec<_>>())
            }
            (None, Some(keys)) => {
                let which = match change.file.as_deref() {
                    Some("config") => Which::Config,
                    _ => Which::Credentials,
                };
                let keys: Vec<_> = keys.iter().map(String::as_str).collect();
                edit::remove_keys(&before, which, &change.profile, &keys)
            }
            _ => panic!("{name} neither sets nor removes, or both"),
        };
        let edited = edited.unwrap();
        let shown = diff(&before, edited.text.expose());
        let found =
            json!({ "text": edited.text.expose(), "diff": shown.lines().collect::<Vec<_>>() });
        let wanted = json!({ "text": text(&file("after")), "diff": change.diff });
        check(&mut failed, name, &found, &wanted);
    }
    done(names.len(), 10, &failed);
}

#[test]
fn no_problem_repeats_a_secret() {
    let folder = folder("profiles");
    for name in names(&folder, &["json"]) {
        let read = |end: &str| text(&folder.join(format!("{name}.{end}")));
        let config = undercroft_aws::files::config::parse(&read("config"), Which::Config);
        let credentials =
            undercroft_aws::files::config::parse(&read("credentials"), Which::Credentials);
        let profiles = undercroft_aws::files::merge(&config, &credentials);
        let problems = config.problems.iter().chain(&credentials.problems);
        let problems = problems.chain(profiles.iter().flat_map(|profile| &profile.problems));
        let texts: String = problems.map(ToString::to_string).collect();
        let shown = format!("{texts} {config:?} {credentials:?} {profiles:?}");
        for parsed in [&config, &credentials] {
            for section in &parsed.profiles {
                for (key, setting) in section.settings() {
                    let value = setting.value().expose();
                    if key.contains("secret") || key.contains("session_token") {
                        assert!(value.is_empty() || !shown.contains(value), "{name}: {key}");
                    }
                }
            }
        }
    }
}
