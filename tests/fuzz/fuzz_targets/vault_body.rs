//! Feeds bytes to the reader as a decrypted body: none may panic, and what is read must be written and read the same.

#![no_main]

use libfuzzer_sys::fuzz_target;
use undercroft_secret::SecretBytes;
use undercroft_vault::{Body, StoredItem};

fuzz_target!(|content: &[u8]| {
    let Ok((body, revisions)) = Body::from_content(SecretBytes::copy_of(content)) else {
        return;
    };
    let written = body.to_content(&revisions);
    let (again, revisions_again) = Body::from_content(written).expect("what was written reads");
    assert_eq!(again, body);
    assert_eq!(revisions_again, revisions);

    for stored in body.items.iter() {
        let Ok(item) = stored.decode() else {
            continue;
        };
        let encoded = StoredItem::encode(&item).expect("what was read is written");
        let again = encoded.decode().expect("what was written reads");
        assert_eq!(
            StoredItem::encode(&again).expect("it was written before"),
            encoded
        );
    }
});
