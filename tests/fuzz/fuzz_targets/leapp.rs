//! Feeds Leapp's workspaces, encrypted and opened, to their reader: none may panic, and nothing of one breaks out of the
//! line of `~/.aws/config` that it is written to.

#![no_main]

use libfuzzer_sys::fuzz_target;
use undercroft_aws::files::config::{self, Which};
use undercroft_aws::files::leapp;

const SETTINGS: [&str; 8] = [
    "role_arn",
    "source_profile",
    "role_session_name",
    "sso_start_url",
    "sso_region",
    "sso_account_id",
    "sso_role_name",
    "region",
];

fuzz_target!(|text: &str| {
    let _ = leapp::open(text, &["0123456789abcdef".to_owned()]);
    let Ok(workspace) = leapp::parse(text) else {
        return;
    };
    let headers = workspace
        .config
        .lines()
        .filter(|line| line.starts_with('['));
    let headers = headers.count();
    for line in workspace.config.lines() {
        let setting = line.split_once(" = ").map(|(key, _)| key);
        assert!(
            line.starts_with("[profile ") || setting.is_some_and(|key| SETTINGS.contains(&key))
        );
    }
    let read = config::parse(&workspace.config, Which::Config);
    assert!(read.profiles.len() <= headers);
    for note in workspace.notes {
        assert!(!note.contains(char::is_control), "a note is one line");
    }
});
