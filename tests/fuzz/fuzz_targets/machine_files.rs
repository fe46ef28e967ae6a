//! Feeds bytes to the readers of the files that stay on this machine: the state file's content, `desktop.json` and
//! `last.json`. None may panic, what is read is written and read the same, and what is no object counts as no file.

#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use undercroft_session::{rewrite_last, rewrite_preferences, state::rewrite_content};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(written) = rewrite_content(bytes) {
        let again = rewrite_content(written.expose()).expect("what was written reads");
        assert_eq!(again.expose(), written.expose());
    }
    let is_object = serde_json::from_slice::<Value>(bytes).is_ok_and(|value| value.is_object());
    for rewrite in [rewrite_preferences, rewrite_last] {
        let written = rewrite(bytes).expect("texts are written");
        assert_eq!(rewrite(&written).expect("texts are written"), written);
        let usual = rewrite(b"").expect("texts are written");
        assert!(is_object || written == usual);
    }
});
