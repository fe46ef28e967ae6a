//! Searching 10,000 identities: medians of several runs, every keystroke of several queries.
//!
//! `cargo bench -p undercroft-model --bench search`
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a program that measures and prints"
)]

mod samples;

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

use undercroft_model::{
    ItemId,
    search::{Boosts, Index},
};

const QUERIES: [&str; 14] = [
    "acme-production-0",
    "jane.schneider",
    "hofmann",
    "prodcution",
    "acme production takahashi",
    "100079197770",
    "AKIA0000000000004711",
    "cost centre 1042",
    "phone",
    "root umbrella",
    "bckp glbx",
    "break glass",
    "zzzzzzzz",
    "arn:aws:iam::100079197770:mfa/hanna-9490",
];

fn main() {
    let items = samples::items(500, 10_000);
    let before = resident_kib();
    let index = Index::build(&items);
    println!(
        "{} items, index of {} KiB resident",
        index.len(),
        resident_kib().saturating_sub(before)
    );
    println!(
        "build: median {:.2} ms",
        median(9, || Index::build(&items).len()).as_secs_f64() * 1e3
    );

    let mut updated = Index::build(&items);
    let mut turn = items.iter().cycle();
    println!(
        "update one: median {:.4} ms",
        median(999, || updated.update(turn.next().unwrap())).as_secs_f64() * 1e3
    );

    let recent: Vec<ItemId> = items.iter().rev().take(10).map(|item| item.id).collect();
    let boosts = Boosts { recent: &recent };
    let mut all = Vec::new();
    let mut worst = (Duration::ZERO, String::new());
    for query in QUERIES {
        let mut slowest = Duration::ZERO;
        for (end, _) in query.char_indices().skip(1).chain([(query.len(), ' ')]) {
            let typed = &query[..end];
            let time = median(9, || black_box(index.query_with(typed, boosts, 50)).len());
            all.push(time);
            slowest = slowest.max(time);
            if time > worst.0 {
                worst = (time, typed.to_owned());
            }
        }
        let hits = index.query_with(query, boosts, 50).len();
        println!(
            "{query:?}: slowest keystroke {:.2} ms, {hits} hits",
            slowest.as_secs_f64() * 1e3
        );
    }
    all.sort();
    println!(
        "keystroke to results: median {:.2} ms",
        all[all.len() / 2].as_secs_f64() * 1e3
    );
    println!(
        "keystroke to results: worst {:.2} ms ({:?})",
        worst.0.as_secs_f64() * 1e3,
        worst.1
    );
}

fn median<T>(runs: usize, mut run: impl FnMut() -> T) -> Duration {
    let mut times: Vec<Duration> = (0..runs)
        .map(|_| {
            let start = Instant::now();
            black_box(run());
            start.elapsed()
        })
        .collect();
    times.sort();
    times[runs / 2]
}

/// The memory of this process in KiB; zero where there is no `/proc`.
fn resident_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok())
        .unwrap_or_default()
}
