//! Feeds texts to the otpauth parser: none may panic, and what is read must be written and read the same.

#![no_main]

use libfuzzer_sys::fuzz_target;
use undercroft_otp::{AwsLabel, OtpAuth, parse_typed};
use undercroft_secret::SecretString;

fuzz_target!(|text: &str| {
    let pasted = SecretString::copy_of(text);
    let _ = parse_typed(&pasted);
    let Ok(read) = OtpAuth::parse(&pasted) else {
        return;
    };
    let _ = AwsLabel::from(&read);

    let written = read.to_uri();
    let again = OtpAuth::parse(&written).expect("what was written reads");
    assert_eq!(again.issuer, read.issuer);
    assert_eq!(again.name, read.name);
    assert_eq!(again.params, read.params);
    assert!(again.seed.ct_eq(&read.seed));
    assert!(again.to_uri().ct_eq(&written));

    let seed = read.seed.to_base32();
    let shown = format!("{read:?}");
    assert!(seed.len() < 16 || !shown.contains(seed.expose()));
    for text in [
        Some(&read.name),
        read.issuer.as_ref(),
        read.issuer_in_label.as_ref(),
    ]
    .into_iter()
    .flatten()
    {
        assert!(!text.chars().any(|character| character.is_control()));
    }
});
