//! Feeds bytes to the reader as a header whose hash fits: none may panic, and what is accepted is harmless.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sha2::{Digest, Sha256};
use undercroft_vault::format::MAGIC;
use undercroft_vault::{KdfParams, SlotKind, parse};

fuzz_target!(|header: &[u8]| {
    let _ = parse(header);

    let mut file = MAGIC.to_vec();
    file.extend([0, 1, 0, 0]);
    file.extend(
        u32::try_from(header.len())
            .unwrap_or(u32::MAX)
            .to_be_bytes(),
    );
    file.extend(header);
    file.extend(Sha256::digest(&file));
    file.extend([0x55; 32 + 16]);
    let Ok(parsed) = parse(&file) else {
        return;
    };
    assert!((1..=8).contains(&parsed.slots().len()));
    for slot in parsed.slots() {
        match slot.kdf() {
            None => assert_eq!(slot.kind(), SlotKind::Unknown),
            Some(KdfParams {
                memory_kib,
                iterations,
                lanes,
            }) => {
                assert!((19 * 1024..=1024 * 1024).contains(&memory_kib));
                assert!((1..=16).contains(&iterations));
                assert!((1..=8).contains(&lanes));
            }
        }
    }
});
