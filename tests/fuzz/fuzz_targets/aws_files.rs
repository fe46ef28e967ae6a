//! Feeds files to the readers of `~/.aws` and of the console's tables, and edits them: nothing may panic, what is set must be
//! read, and no other section may change.

#![no_main]

use libfuzzer_sys::fuzz_target;
use undercroft_aws::files::{Which, config, console, decode, diff, edit, export, merge, recognise};
use undercroft_aws::format::ProfileName;

fuzz_target!(|bytes: &[u8]| {
    let _ = recognise(bytes, "config");
    let _ = console::parse(bytes, "jane_accessKeys.csv");
    let Some(text) = decode(bytes) else {
        return;
    };
    let text = text.expose();
    let _ = export::parse(text);
    let parsed = config::parse(text, Which::Config);
    let credentials = config::parse(text, Which::Credentials);
    for profile in merge(&parsed, &credentials) {
        for problem in &profile.problems {
            let _ = problem.to_string();
        }
    }

    let profile = ProfileName::parse("a").expect("a name");
    if let Ok(edited) = edit::set_profile(text, &profile, &[("region", "eu-central-1")]) {
        let after = config::parse(edited.text.expose(), Which::Config);
        let section = after.profile("a").expect("it was set");
        let region = section.setting("region").expect("it was set");
        assert_eq!(region.value().expose(), "eu-central-1");
        assert_eq!(
            diff(text, edited.text.expose()).is_empty(),
            !edited.is_changed
        );
    }
    for which in [Which::Config, Which::Credentials] {
        let untouched = edit::remove_keys(text, which, "a", &["not-there"]).expect("nothing to do");
        assert_eq!(untouched.text.expose(), text);
        let _ = edit::remove_keys(text, which, "a", &["aws_secret_access_key"]);
    }
});
