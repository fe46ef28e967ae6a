//! The key at the root of a vault.

use undercroft_crypto::hkdf;
use undercroft_secret::SecretKey;

/// The random key at the root of a vault: all others but the slots' are derived from it.
#[derive(Clone, Debug)]
pub struct VaultKey(SecretKey);

impl VaultKey {
    /// Makes the key of a new vault.
    #[must_use]
    pub fn random() -> Self {
        Self(SecretKey::random())
    }

    /// Takes 32 bytes as a vault key.
    #[must_use]
    pub fn from_secret(key: SecretKey) -> Self {
        Self(key)
    }

    /// Derives a key for a purpose outside the vault file, such as the state file beside it.
    ///
    /// Different labels give independent keys, and none equals a key that the file itself uses.
    #[must_use]
    pub fn derive(&self, label: &str) -> SecretKey {
        self.derive_from(&[], &[b"key ", label.as_bytes()])
    }

    /// Compares in constant time.
    #[must_use]
    pub fn ct_eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0)
    }

    /// Derives a key of the file: HKDF with `salt`, the info being the domain and `purpose` joined.
    pub(crate) fn derive_from(&self, salt: &[u8], purpose: &[&[u8]]) -> SecretKey {
        hkdf(self.0.expose(), salt, purpose)
    }

    /// The key itself, for wrapping it into a slot.
    pub(crate) fn secret(&self) -> &SecretKey {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_give_independent_keys() {
        let key = VaultKey::random();
        assert!(key.derive("state").ct_eq(&key.derive("state")));
        assert!(!key.derive("state").ct_eq(&key.derive("state ")));
        assert!(
            !key.derive("state")
                .ct_eq(&key.derive_from(&[], &[b"state"]))
        );
    }
}
