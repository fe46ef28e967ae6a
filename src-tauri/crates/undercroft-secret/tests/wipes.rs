//! What is freed no longer holds the secret. An allocator looks into every block that it gets back.
//!
//! It may use `unsafe` because implementing `GlobalAlloc` demands it.
#![allow(unsafe_code)]
#![allow(clippy::unwrap_used, reason = "tests")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};

use undercroft_secret::{SecretBytes, SecretKey, SecretString};

/// What all secrets of this test are made of: 32 bytes that occur nowhere else.
const MARK: &[u8; 32] = b"Mark of a secret under the vault";

/// How many freed blocks still held the mark.
static LEFT_BEHIND: AtomicUsize = AtomicUsize::new(0);

struct Looking;

// SAFETY: every block comes from `System` and goes back to it with its own layout; looking at it reads only
// inside the block, all of which was written before.
unsafe impl GlobalAlloc for Looking {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // Zeroed, so that `dealloc` never reads what nobody wrote.
        // SAFETY: the caller keeps `GlobalAlloc::alloc`'s contract, which is `System`'s too.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: the block is `layout.size()` bytes, and still ours.
        let bytes = unsafe { std::slice::from_raw_parts(block, layout.size()) };
        if bytes.windows(MARK.len()).any(|window| window == MARK) {
            LEFT_BEHIND.fetch_add(1, Ordering::Relaxed);
        }
        // SAFETY: the caller gives the block back with the layout it was asked for.
        unsafe { System.dealloc(block, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Looking = Looking;

/// How many blocks with the mark `work` frees.
fn left_behind<T>(work: impl FnOnce() -> T) -> usize {
    let before = LEFT_BEHIND.load(Ordering::Relaxed);
    // Else the optimiser drops the allocation with the value.
    drop(std::hint::black_box(work()));
    LEFT_BEHIND.load(Ordering::Relaxed) - before
}

fn text() -> String {
    // One buffer that never grew, as `SecretString::new` asks for.
    String::from_utf8(MARK.to_vec()).unwrap()
}

// One test only: another thread's blocks would count too.
#[test]
fn nothing_secret_is_freed() {
    assert_eq!(
        left_behind(|| MARK.to_vec()),
        1,
        "the control sees a plain vector"
    );
    assert_eq!(left_behind(text), 1, "the control sees a plain string");
    assert_eq!(
        left_behind(|| Box::new(*MARK)),
        1,
        "the control sees a plain box"
    );

    assert_eq!(left_behind(|| SecretBytes::new(MARK.to_vec())), 0);
    assert_eq!(left_behind(|| SecretBytes::copy_of(MARK).clone()), 0);
    assert_eq!(left_behind(|| SecretString::new(text())), 0);
    assert_eq!(left_behind(|| SecretString::new(text()).clone()), 0);
    assert_eq!(left_behind(|| SecretString::new(text()).into_bytes()), 0);
    assert_eq!(
        left_behind(|| SecretString::from_utf8(SecretBytes::copy_of(MARK))),
        0
    );
    assert_eq!(
        left_behind(|| SecretString::concat(&["export ", SecretString::new(text()).expose()])),
        0
    );
    assert_eq!(
        left_behind(|| SecretKey::filled_by(|key| key.copy_from_slice(MARK))),
        0
    );
    assert_eq!(
        left_behind(|| SecretKey::filled_by(|key| key.copy_from_slice(MARK)).clone()),
        0
    );

    let not_text = [MARK.as_slice(), &[0xff]].concat();
    assert_eq!(
        left_behind(|| SecretString::from_utf8(SecretBytes::new(not_text)).unwrap_err()),
        0
    );
    let refused = || {
        SecretKey::try_filled_by(|key| {
            key.copy_from_slice(MARK);
            Err(())
        })
    };
    assert_eq!(left_behind(refused), 0);

    let mut shrunk = MARK.to_vec();
    shrunk.truncate(0);
    assert_eq!(
        left_behind(|| SecretBytes::new(shrunk)),
        0,
        "the capacity is wiped, not the length"
    );
    let grown = || {
        let mut grown = MARK.to_vec();
        grown.reserve(1000);
        SecretBytes::new(grown)
    };
    assert_eq!(
        left_behind(grown),
        1,
        "which is why a vector must not grow before"
    );
}
