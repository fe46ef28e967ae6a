//! Reads every file under `tests/vectors/import`: an entry more in `expected.json` is a test more.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "the functions beside the tests are tests too"
)]

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use serde::Deserialize;
use serde_json::{Value, json};
use undercroft_import::{ImportError, read};
use undercroft_secret::SecretString;

#[derive(Deserialize)]
struct Expected {
    password: Option<String>,
    format: Option<String>,
    entries: Option<Vec<Value>>,
    error: Option<String>,
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../tests/vectors/import")
}

fn expected() -> BTreeMap<String, Expected> {
    let text = fs::read_to_string(folder().join("expected.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn file(name: &str) -> Vec<u8> {
    fs::read(folder().join("files").join(name)).unwrap()
}

/// What a file reads as, in the form in which `expected.json` has it.
fn reads(bytes: &[u8], password: Option<&str>) -> Result<(String, Vec<Value>), ImportError> {
    let password = password.map(SecretString::copy_of);
    let import = read(bytes, password.as_ref())?;
    let entries = import.entries.iter().map(|entry| match entry {
        Ok(device) => json!(device.to_uri().expose()),
        Err(problem) => json!({
            "problem": problem.reason.code(), "issuer": problem.issuer, "name": problem.name,
        }),
    });
    Ok((import.format.code().to_owned(), entries.collect()))
}

#[test]
fn every_file_reads_as_expected() {
    let mut failed = Vec::new();
    let all = expected();
    assert!(all.len() >= 35, "only {} files were found", all.len());
    for (name, wanted) in &all {
        let found = reads(&file(name), wanted.password.as_deref());
        let wanted = match &wanted.error {
            Some(code) => Err(code.clone()),
            None => Ok((
                wanted.format.clone().unwrap(),
                wanted.entries.clone().unwrap(),
            )),
        };
        let found = found.map_err(|error| error.code().to_owned());
        if found != wanted {
            failed.push(format!("{name}:\n  found  {found:?}\n  wanted {wanted:?}"));
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

#[test]
fn no_file_lies_beside_the_expected() {
    let files = fs::read_dir(folder().join("files")).unwrap();
    let mut names: Vec<_> = files
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(names, expected().into_keys().collect::<Vec<_>>());
}

#[test]
fn an_encrypted_file_says_what_its_password_is_worth() {
    let encrypted = expected()
        .into_iter()
        .filter(|(_, wanted)| wanted.password.is_some() && wanted.error.is_none());
    let mut count = 0;
    for (name, _) in encrypted {
        let bytes = file(&name);
        assert_eq!(
            reads(&bytes, None).unwrap_err(),
            ImportError::PasswordNeeded,
            "{name}"
        );
        assert_eq!(
            reads(&bytes, Some("not it")).unwrap_err(),
            ImportError::WrongPassword,
            "{name}"
        );
        count += 1;
    }
    assert_eq!(count, 7);
}

#[test]
fn a_file_in_the_clear_needs_no_password_and_minds_none() {
    let found = reads(&file("aegis-plain.json"), Some("typed for nothing")).unwrap();
    assert_eq!(found.0, "aegis");
}

#[test]
fn no_error_or_debug_text_repeats_a_secret() {
    for (name, wanted) in expected() {
        let password = wanted.password.as_deref().map(SecretString::copy_of);
        let shown = format!("{:?}", read(&file(&name), password.as_ref()));
        let secrets = wanted.entries.unwrap_or_default();
        for uri in secrets.iter().filter_map(Value::as_str) {
            let secret = uri.split("secret=").nth(1).unwrap();
            let secret = secret.split('&').next().unwrap();
            assert!(!shown.contains(secret), "{name}");
        }
    }
}
