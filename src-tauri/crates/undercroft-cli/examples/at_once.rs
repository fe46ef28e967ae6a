//! Starts a program many times at the same moment and prints for each how long it took from that moment to its end, in
//! milliseconds: `at_once COUNT PROGRAM [ARGUMENT…]`.
//!
//! Something slower than this, like a script, would measure how fast it starts programs itself.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark ends by panicking, and prints what it measured"
)]

use std::process::{Command, Stdio};
use std::sync::Barrier;
use std::thread;
use std::time::Instant;

fn main() {
    let mut words = std::env::args_os().skip(1);
    let count: usize = words.next().unwrap().to_str().unwrap().parse().unwrap();
    let program = words.next().unwrap();
    let arguments: Vec<_> = words.collect();
    let ready = Barrier::new(count + 1);
    let took: Vec<f64> = thread::scope(|scope| {
        let runs: Vec<_> = (0..count)
            .map(|_| {
                scope.spawn(|| {
                    ready.wait();
                    ready.wait();
                    let ended = Command::new(&program)
                        .args(&arguments)
                        .stdin(Stdio::null())
                        .stdout(Stdio::null())
                        .status();
                    assert!(ended.unwrap().success());
                    Instant::now()
                })
            })
            .collect();
        ready.wait();
        let begun = Instant::now();
        ready.wait();
        let ends = runs.into_iter().map(|run| run.join().unwrap());
        ends.map(|end| (end - begun).as_secs_f64() * 1000.0)
            .collect()
    });
    for milliseconds in took {
        println!("{milliseconds:.3}");
    }
}
