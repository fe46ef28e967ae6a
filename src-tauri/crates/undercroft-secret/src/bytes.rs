//! Secret bytes.

use std::fmt;

use subtle::ConstantTimeEq;
use zeroize::Zeroize;

/// Bytes that are wiped when dropped.
///
/// The whole capacity of the buffer is wiped, not only its length. `Debug` shows no content and no length.
#[derive(Clone, Default)]
pub struct SecretBytes(Vec<u8>);

impl SecretBytes {
    /// Takes over `bytes` without copying them.
    ///
    /// A `Vec` that has grown before leaves its earlier buffers behind: build it with its final capacity.
    #[must_use]
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// Copies a borrowed slice; the original stays the caller's to wipe.
    #[must_use]
    pub fn copy_of(bytes: &[u8]) -> Self {
        Self(bytes.to_vec())
    }

    /// Lends the bytes in the clear.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        &self.0
    }

    /// Number of bytes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is no byte at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Compares in a time that depends on the lengths only.
    #[must_use]
    pub fn ct_eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }

    /// Takes the buffer out; from here on, wiping it is the caller's duty.
    pub(crate) fn take(mut self) -> Vec<u8> {
        std::mem::take(&mut self.0)
    }
}

impl From<Vec<u8>> for SecretBytes {
    fn from(bytes: Vec<u8>) -> Self {
        Self::new(bytes)
    }
}

impl Drop for SecretBytes {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl fmt::Debug for SecretBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretBytes(redacted)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_is_redacted() {
        let secret = SecretBytes::new(b"hunter2".to_vec());
        assert_eq!(format!("{secret:?}"), "SecretBytes(redacted)");
    }

    #[test]
    fn takes_over_the_buffer_without_copying() {
        let bytes = vec![7_u8; 32];
        let address = bytes.as_ptr();
        let secret = SecretBytes::new(bytes);
        assert_eq!(secret.expose().as_ptr(), address);
        assert_eq!(secret.len(), 32);
    }

    #[test]
    fn compares_content_and_length() {
        let a = SecretBytes::copy_of(b"abc");
        assert!(a.ct_eq(&SecretBytes::copy_of(b"abc")));
        assert!(!a.ct_eq(&SecretBytes::copy_of(b"abd")));
        assert!(!a.ct_eq(&SecretBytes::copy_of(b"abcd")));
        assert!(!a.is_empty());
        assert!(SecretBytes::default().is_empty());
    }
}
