//! Hostile Argon2id parameters are refused before anything is allocated for them.

#![allow(clippy::print_stdout, reason = "a test tells its figures")]

use std::alloc::System;
use std::path::Path;

use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use undercroft_secret::SecretString;
use undercroft_vault::{Credential, FormatError, open};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// What reading a header of a few hundred bytes may take. Argon2id's least is 19 MiB.
const SMALL: usize = 64 * 1024;

// One test only: another thread's allocations would count too.
#[test]
fn refusing_allocates_next_to_nothing() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../tests/vectors/vault/kdf");
    let mut refused = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path
            .extension()
            .is_none_or(|extension| extension != "vault")
        {
            continue;
        }
        let bytes = std::fs::read(&path).unwrap();
        let password = SecretString::copy_of("correct horse battery staple");
        let region = Region::new(ALLOCATOR);
        let error = open(&bytes, Credential::Password(&password)).unwrap_err();
        let allocated = region.change().bytes_allocated;
        assert_eq!(error, FormatError::HostileKdf, "{}", path.display());
        assert!(allocated < SMALL, "{}: {allocated} bytes", path.display());
        refused += 1;
    }
    assert!(
        refused >= 20,
        "only {refused} vectors of hostile parameters"
    );
    println!(
        "figure: hostile KDF parameters: {refused} tried, each refused within {SMALL} bytes of memory"
    );

    // The control: acceptable parameters do allocate, and the counter sees it.
    let golden = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../../tests/vectors/vault/golden/v1-0-empty.vault");
    let bytes = std::fs::read(golden).unwrap();
    let region = Region::new(ALLOCATOR);
    let wrong = SecretString::copy_of("wrong");
    assert_eq!(
        open(&bytes, Credential::Password(&wrong)).unwrap_err(),
        FormatError::WrongCredential
    );
    assert!(region.change().bytes_allocated > 19 * 1024 * 1024);
}
