//! Feeds texts to the seed parser: none may panic, and what is read must be written and read the same.

#![no_main]

use libfuzzer_sys::fuzz_target;
use undercroft_model::OtpParams;
use undercroft_otp::{Seed, TimeStep, code};
use undercroft_secret::SecretString;

fuzz_target!(|text: &str| {
    let Ok(read) = Seed::from_base32(&SecretString::copy_of(text)) else {
        return;
    };
    assert_eq!(read.bits, read.seed.expose().len() * 8);
    assert_eq!(
        code(&read.seed, OtpParams::default(), TimeStep::from_counter(1))
            .as_str()
            .len(),
        6
    );

    // Canonical, it may look like a code or an access key id, which is refused then; nothing else is.
    if let Ok(again) = Seed::from_base32(&read.seed.to_base32()) {
        assert!(again.seed.ct_eq(&read.seed));
        assert!(again.corrected.is_empty());
    } else {
        assert!(read.seed.bits() <= 96);
    }
});
