//! Reads the QR codes of pictures and prints each picture's as a line of JSON, with the time it took.
//!
//! `cargo run --release -p undercroft-otp --features qr --example read_codes FILE…`; the bench of `tests/bench` is built
//! on it. It prints what the codes say, so it is no part of the program.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a tool of the bench prints, and has nobody to hand an error to"
)]

use std::time::Instant;

use serde_json::json;
use undercroft_otp::qr::{Picture, read_codes};
use undercroft_secret::WipingAllocator;

/// As in the program, so that freeing costs what it costs there.
#[global_allocator]
static ALLOCATOR: WipingAllocator = WipingAllocator;

fn main() {
    for file in std::env::args().skip(1) {
        let bytes = std::fs::read(&file).unwrap();
        let started = Instant::now();
        let picture = Picture::read(&bytes);
        let decoded = started.elapsed();
        let found = picture.as_ref().map(read_codes).unwrap_or_default();
        let all = started.elapsed();
        println!(
            "{}",
            json!({
                "file": file,
                "error": picture.err().map(|error| error.code()),
                "codes": found.iter().map(|found| found.text.expose()).collect::<Vec<_>>(),
                "decode_ms": decoded.as_secs_f64() * 1000.0,
                "find_ms": (all - decoded).as_secs_f64() * 1000.0,
            })
        );
    }
}
