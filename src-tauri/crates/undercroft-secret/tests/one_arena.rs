//! Memory that another thread freed goes back to the system when it is told to.
#![cfg(all(target_os = "linux", target_env = "gnu"))]
#![allow(clippy::unwrap_used, reason = "tests")]

use undercroft_secret::{WipingAllocator, release_freed, use_one_arena};

#[global_allocator]
static ALLOCATOR: WipingAllocator = WipingAllocator;

const MIB: usize = 1024 * 1024;
const BLOCKS: usize = 60_000;
const BLOCK_BYTES: usize = 1000;

/// Memory of this process that is in use, in bytes.
fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    let kib: usize = line
        .unwrap()
        .split_whitespace()
        .nth(1)
        .unwrap()
        .parse()
        .unwrap();
    kib * 1024
}

#[test]
fn what_a_thread_freed_is_given_back() {
    use_one_arena();
    // A block this large, once freed, makes glibc keep as much for later.
    drop(std::hint::black_box(vec![0x55_u8; 24 * MIB]));
    let (before, after) = std::thread::spawn(|| {
        let blocks: Vec<Vec<u8>> = (0..BLOCKS).map(|_| vec![0x55; BLOCK_BYTES]).collect();
        let before = resident();
        drop(blocks);
        release_freed();
        (before, resident())
    })
    .join()
    .unwrap();
    assert!(
        after + BLOCKS * BLOCK_BYTES / 2 < before,
        "{before} bytes, then {after}"
    );
}
