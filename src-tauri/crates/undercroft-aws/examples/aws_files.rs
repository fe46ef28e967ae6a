//! Prints what files of `~/.aws` read as, as JSON.
//!
//! `cargo run -p undercroft-aws --example aws_files -- profiles|settings CONFIG CREDENTIALS`; a file that isn't there is
//! empty. `tests/test_aws_files.py` compares it with botocore. It prints secrets, so it is no part of the program.

#![allow(clippy::print_stdout, reason = "a tool of the tests prints")]

#[path = "../tests/files/shown.rs"]
mod shown;

use std::fs;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let read = |at: usize| {
        let path = arguments.get(at).map_or("", String::as_str);
        fs::read_to_string(path).unwrap_or_default()
    };
    let found = match arguments.first().map(String::as_str) {
        Some("settings") => shown::settings(&read(1), &read(2)),
        _ => shown::profiles(&read(1), &read(2)),
    };
    println!("{found:#}");
}
