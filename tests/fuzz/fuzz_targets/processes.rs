//! Feeds what a process says of itself to the reader of `/proc`: it may not panic, a name holds no control characters,
//! and a script is found by its whole path.
//!
//! What stands before the first line end is the command line, the rest is `stat`.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let mut parts = bytes.splitn(2, |byte| *byte == b'\n');
    let command_line = parts.next().unwrap_or_default();
    look_at(parts.next().unwrap_or_default(), command_line);
});

#[cfg(any(target_os = "linux", target_os = "android"))]
fn look_at(stat: &[u8], command_line: &[u8]) {
    if let Some((name, script)) = undercroft_agent::parse_process(stat, command_line) {
        assert!(!name.contains(char::is_control));
        assert!(script.is_none_or(|path| path.is_absolute()));
    }
}

/// There is no `/proc` elsewhere.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn look_at(_stat: &[u8], _command_line: &[u8]) {}
