//! Feeds what a process says of itself to the reader of `/proc`: it may not panic, and a name can't write over a terminal.
//!
//! What stands before the first line end is the command line, the rest is `stat`.

#![no_main]

use libfuzzer_sys::fuzz_target;
use undercroft_agent::parse_process;

fuzz_target!(|bytes: &[u8]| {
    let mut parts = bytes.splitn(2, |byte| *byte == b'\n');
    let command_line = parts.next().unwrap_or_default();
    if let Some(name) = parse_process(parts.next().unwrap_or_default(), command_line) {
        assert!(!name.contains(char::is_control));
    }
});
