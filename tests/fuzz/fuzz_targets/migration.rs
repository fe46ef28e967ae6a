//! Feeds texts to the reader of exports: none may panic, no refused device shows its seed, and what is usable must be
//! written and read the same.

#![no_main]

use libfuzzer_sys::fuzz_target;
use undercroft_otp::{MigrationPart, OtpAuth, classify, collect, migration_uris};
use undercroft_secret::SecretString;

fuzz_target!(|text: &str| {
    let text = SecretString::copy_of(text);
    let _ = classify(&text);
    let Ok(part) = MigrationPart::parse(&text) else {
        return;
    };
    assert!(part.index < part.count);
    let usable: Vec<OtpAuth> = part.devices.iter().flatten().cloned().collect();
    let collected = collect([part.clone(), part]);
    assert_eq!(collected.devices.iter().flatten().count(), usable.len());

    let export = migration_uris(&usable);
    assert!(export.left_out.is_empty());
    let parts = export
        .uris
        .iter()
        .map(|uri| MigrationPart::parse(uri).expect("what was written reads"));
    let again = collect(parts);
    assert!(again.is_complete());
    assert_eq!(again.devices.len(), usable.len());
    for (again, device) in again.devices.iter().zip(&usable) {
        let again = again.as_ref().expect("what was usable stays so");
        assert!(again.seed.ct_eq(&device.seed));
        assert_eq!(again.name, device.name);
        assert_eq!(again.issuer, device.issuer);
        assert_eq!(again.params, device.params);
        let seed = device.seed.to_base32();
        assert!(seed.len() < 16 || !format!("{device:?}").contains(seed.expose()));
    }
});
