//! Feeds texts to the reader of archives in JSON: none may panic, and what is read is written and read the same.

#![no_main]

use libfuzzer_sys::fuzz_target;
use undercroft_vault::Archive;

fuzz_target!(|bytes: &[u8]| {
    let Ok(archive) = Archive::from_json(bytes) else {
        return;
    };
    let written = archive.to_json().expect("what was read is written");
    let again = Archive::from_json(written.expose()).expect("what was written reads");
    let settings = |archive: &Archive| {
        let items = archive.items();
        items
            .filter(|item| {
                item.content()
                    .is_some_and(|content| content.as_settings().is_some())
            })
            .count()
    };
    assert_eq!(again.items().count(), archive.items().count());
    assert_eq!(settings(&again), settings(&archive));
    let second = again.to_json().expect("it was written before");
    assert_eq!(second.len(), written.len());
});
