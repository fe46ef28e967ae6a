//! Feeds bytes to the readers of the files that stay on this machine: the state file's content, `desktop.json` and
//! `last.json`. None may panic, what is read is written and read the same, and what is no object counts as no file.

#![no_main]

use libfuzzer_sys::fuzz_target;
use undercroft_session::{Preferences, rewrite_last, state::rewrite_content};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(written) = rewrite_content(bytes) {
        let again = rewrite_content(written.expose()).expect("what was written reads");
        assert_eq!(again.expose(), written.expose());
    }

    let preferences = Preferences::parse(bytes);
    let written = preferences.to_json().expect("texts are written");
    assert_eq!(Preferences::parse(&written), preferences);

    let last = rewrite_last(bytes).expect("texts are written");
    assert_eq!(rewrite_last(&last).expect("texts are written"), last);

    let is_object =
        serde_json::from_slice::<serde_json::Value>(bytes).is_ok_and(|it| it.is_object());
    if !is_object {
        assert_eq!(preferences, Preferences::default());
        assert_eq!(last, rewrite_last(b"").expect("texts are written"));
    }
});
