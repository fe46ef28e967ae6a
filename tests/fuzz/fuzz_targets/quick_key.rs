//! Feeds bytes to the reader of a sealed vault key: none may panic, and none but the true ones open the vault.

#![no_main]

use std::path::PathBuf;
use std::sync::{Arc, LazyLock};

use libfuzzer_sys::fuzz_target;
use undercroft_model::{InstallationId, Timestamp, VaultId};
use undercroft_secret::SecretString;
use undercroft_vault::{
    CreateOptions, KdfParams, OsDisk, QuickKey, SealedVaultKey, UnlockOptions, Vault,
};

/// A vault that a quick key opens.
struct Sealed {
    path: PathBuf,
    id: VaultId,
    quick: QuickKey,
    key: SealedVaultKey,
}

static SEALED: LazyLock<Sealed> = LazyLock::new(|| {
    let folder = std::env::temp_dir().join("undercroft-fuzz-quick-key");
    // The fuzzer ends without clearing away.
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).expect("there is a folder for temporary files");
    let path = folder.join("vault.undercroft");
    let options = CreateOptions {
        kdf: KdfParams::FLOOR,
        installation: InstallationId::new_random(),
        now: Timestamp::default(),
    };
    let password = SecretString::from("of no matter".to_owned());
    let (vault, _) =
        Vault::create(Arc::new(OsDisk), &path, &password, options).expect("a vault is made");
    let quick = QuickKey::random();
    Sealed {
        id: vault.id(),
        key: vault.seal_vault_key(&quick),
        quick,
        path,
    }
});

fn opens(key: &SealedVaultKey) -> bool {
    let options = UnlockOptions {
        raise_to: None,
        ..UnlockOptions::new(InstallationId::new_random(), Timestamp::default())
    };
    let Sealed {
        path, id, quick, ..
    } = &*SEALED;
    Vault::unlock_quickly(Arc::new(OsDisk), path, *id, key, quick, options).is_ok()
}

fuzz_target!(|bytes: &[u8]| {
    if let Ok(read) = SealedVaultKey::parse(bytes) {
        assert_eq!(read.as_bytes().as_slice(), bytes);
        assert!(!opens(&read));
    }

    // The true ones, changed where the input is not zero.
    let mut changed = *SEALED.key.as_bytes();
    for (place, change) in changed.iter_mut().zip(bytes) {
        *place ^= change;
    }
    if let Ok(read) = SealedVaultKey::parse(&changed) {
        assert_eq!(opens(&read), read == SEALED.key);
    }
});
