//! An allocator that wipes what it frees.
//!
//! This module may use `unsafe` because implementing [`GlobalAlloc`] demands it, and because glibc is asked in C.
#![allow(unsafe_code)]

use std::alloc::{GlobalAlloc, Layout, System};

/// The system's allocator, except that every block is zeroed before it is given back.
///
/// Libraries keep copies of what passes through them: a TLS record, a parsed answer, a string that grew. This
/// allocator makes sure that such a copy is gone once it is freed. Installed by each binary:
///
/// ```
/// #[global_allocator]
/// static ALLOCATOR: undercroft_secret::WipingAllocator = undercroft_secret::WipingAllocator;
/// # fn main() {}
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct WipingAllocator;

// SAFETY: every block comes from `System` and goes back to it with the layout it was asked for; wiping writes
// only inside the block, while it is still ours.
unsafe impl GlobalAlloc for WipingAllocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller keeps `GlobalAlloc::alloc`'s contract, which is `System`'s too.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as in `alloc`.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: the caller owns `layout.size()` bytes at `block`, allocated by `System` with this layout.
        unsafe {
            wipe(block, layout.size());
            System.dealloc(block, layout);
        }
    }

    // `realloc` is the trait's own: it allocates, copies and calls `dealloc` above, so that a block that
    // moves is wiped where it was.
}

/// Hands memory that was freed back to the system, which otherwise stays with the process for its next use.
///
/// Worth calling after much was freed at once, as when a vault is locked. Does nothing where the system's allocator has
/// no such call.
pub fn release_freed() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        unsafe extern "C" {
            fn malloc_trim(pad: usize) -> std::ffi::c_int;
        }
        // SAFETY: glibc's own function; it takes the allocator's locks and touches only free memory.
        unsafe { malloc_trim(0) };
    }
}

/// Has all threads allocate from one place, so that [`release_freed`] reaches all that was freed; to be called first in
/// a program.
///
/// By itself glibc makes up to eight arenas for each core, and never hands back the free end of any but the first. Does
/// nothing where the system's allocator has no such setting.
pub fn use_one_arena() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        use std::ffi::c_int;

        unsafe extern "C" {
            fn mallopt(parameter: c_int, value: c_int) -> c_int;
        }
        /// From glibc's `<malloc.h>`.
        const M_ARENA_MAX: c_int = -8;
        // SAFETY: glibc's own function, which takes two numbers and refuses those that it does not know.
        unsafe { mallopt(M_ARENA_MAX, 1) };
    }
}

/// Zeroes `len` bytes at `start` in a way that the optimiser may not drop.
///
/// Writes whole words where it can, since a plain `memset` before `free` counts as a dead store.
///
/// # Safety
/// `start` must be valid for writes of `len` bytes.
unsafe fn wipe(start: *mut u8, len: usize) {
    const WORD: usize = size_of::<u64>();
    let head = start.align_offset(WORD).min(len);
    let words = (len - head) / WORD;
    // SAFETY: all three loops stay within `len` bytes from `start`, and the words are aligned, because `head`
    // is the distance to the first aligned address.
    unsafe {
        for offset in 0..head {
            start.add(offset).write_volatile(0);
        }
        let first = start.add(head).cast::<u64>();
        for index in 0..words {
            first.add(index).write_volatile(0);
        }
        for offset in head + words * WORD..len {
            start.add(offset).write_volatile(0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wipes_every_byte_and_no_neighbour() {
        for start in 0..20 {
            for len in 0..60 {
                let mut bytes = [0xAA_u8; 96];
                // SAFETY: `start + len` is at most 80, inside the array.
                unsafe { wipe(bytes.as_mut_ptr().add(start), len) };
                for (index, byte) in bytes.iter().enumerate() {
                    let inside = (start..start + len).contains(&index);
                    assert_eq!(
                        *byte,
                        if inside { 0 } else { 0xAA },
                        "{start} {len} {index}"
                    );
                }
            }
        }
    }

    #[test]
    fn growing_keeps_the_content() {
        let allocator = WipingAllocator;
        let layout = Layout::from_size_align(16, 8).expect("a valid layout");
        // SAFETY: one block, reallocated once and freed with its new layout.
        unsafe {
            let block = allocator.alloc_zeroed(layout);
            assert!(!block.is_null());
            block.add(15).write(7);
            let block = allocator.realloc(block, layout, 64);
            assert!(!block.is_null());
            assert_eq!(block.add(15).read(), 7);
            allocator.dealloc(
                block,
                Layout::from_size_align(64, 8).expect("a valid layout"),
            );
        }
    }
}
