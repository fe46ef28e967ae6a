//! Feeds files to the readers of the console's CSVs and of aws-vault's export: none may panic, and nothing of a secret may be
//! shown.

#![no_main]

use libfuzzer_sys::fuzz_target;
use undercroft_aws::files::{console, decode, export, recognise};

fuzz_target!(|bytes: &[u8]| {
    for name in ["rootkey.csv", "jane_accessKeys.csv", "credentials.csv", "x"] {
        let _ = recognise(bytes, name);
        let Ok(rows) = console::parse(bytes, name) else {
            continue;
        };
        for row in &rows {
            let secrets = row
                .key
                .iter()
                .map(|(_, secret)| secret)
                .chain(&row.password);
            let shown = format!("{row:?}");
            for secret in secrets.filter(|secret| secret.len() >= 24) {
                // The file may have the same text under a user's name, too.
                let is_named = row
                    .user
                    .as_ref()
                    .is_some_and(|user| user.as_str() == secret.expose());
                assert!(is_named || !shown.contains(secret.expose()));
            }
        }
    }
    if let Some(text) = decode(bytes) {
        let _ = export::parse(text.expose());
    }
});
