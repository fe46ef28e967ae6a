//! Freed memory goes back to the system when it is told to.
#![cfg(all(target_os = "linux", target_env = "gnu"))]
#![allow(clippy::unwrap_used, reason = "tests")]

use undercroft_secret::{WipingAllocator, release_freed};

#[global_allocator]
static ALLOCATOR: WipingAllocator = WipingAllocator;

const BLOCKS: usize = 100_000;
const BLOCK_BYTES: usize = 1000;

/// Memory of this process that is in use, in KiB.
fn resident_kib() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    line.unwrap()
        .split_whitespace()
        .nth(1)
        .unwrap()
        .parse()
        .unwrap()
}

#[test]
fn what_was_freed_below_a_block_in_use_is_given_back() {
    let mut blocks: Vec<Vec<u8>> = (0..BLOCKS).map(|_| vec![0x55; BLOCK_BYTES]).collect();
    // Lies above all others, so that the allocator keeps what is freed below it.
    let last = blocks.pop().unwrap();
    drop(blocks);
    let before = resident_kib();
    release_freed();
    let after = resident_kib();
    assert!(
        after + BLOCKS * BLOCK_BYTES / 1024 / 2 < before,
        "{before} KiB, then {after} KiB"
    );
    assert_eq!(last.len(), BLOCK_BYTES);
}
