//! Reading and writing 10,000 identities: medians of several runs.
//!
//! `cargo bench -p undercroft-model --bench records`
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a program that measures and prints"
)]

mod samples;

use std::time::{Duration, Instant};

use undercroft_model::{Item, cbor};

fn main() {
    let items = samples::items(500, 10_000);
    let encoded: Vec<Vec<u8>> = items.iter().map(encode).collect();
    let bytes: usize = encoded.iter().map(Vec::len).sum();
    println!(
        "{} items, {} bytes each on average",
        items.len(),
        bytes / items.len()
    );
    let before = resident_kib();
    let decoded: Vec<Item> = encoded.iter().map(|bytes| decode(bytes)).collect();
    let resident = resident_kib().saturating_sub(before) * 1024;
    println!(
        "{} bytes each when decoded",
        resident / decoded.len() as u64
    );
    drop(decoded);
    report("decode all", || {
        encoded
            .iter()
            .map(|bytes| decode(bytes))
            .collect::<Vec<_>>()
            .len()
    });
    report("decode all with ciborium", || {
        let decode = |bytes: &Vec<u8>| ciborium::from_reader::<Item, _>(bytes.as_slice()).unwrap();
        encoded.iter().map(decode).collect::<Vec<_>>().len()
    });
    report("encode all", || {
        items.iter().map(|item| encode(item).len()).sum::<usize>()
    });
}

fn encode(item: &Item) -> Vec<u8> {
    cbor::to_vec(item).unwrap()
}

fn decode(bytes: &[u8]) -> Item {
    cbor::from_slice(bytes).unwrap()
}

fn report(what: &str, mut run: impl FnMut() -> usize) {
    let mut times: Vec<Duration> = (0..15)
        .map(|_| {
            let start = Instant::now();
            std::hint::black_box(run());
            start.elapsed()
        })
        .collect();
    times.sort();
    println!(
        "{what}: median {:.1} ms",
        times[times.len() / 2].as_secs_f64() * 1e3
    );
}

/// The memory of this process in KiB; zero where there is no `/proc`.
fn resident_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok())
        .unwrap_or_default()
}
