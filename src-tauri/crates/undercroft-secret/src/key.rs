//! Secret keys.
//!
//! This module may use `unsafe` for one thing: asking the system to keep a page out of swap and to let it go.
#![allow(unsafe_code)]

use std::fmt;

use subtle::ConstantTimeEq;
use zeroize::Zeroize;

/// Number of bytes of a key.
const LEN: usize = 32;

/// Pages are 16 KiB on 64-bit ARM of Apple and 4 KiB nearly everywhere else.
#[cfg(all(target_vendor = "apple", target_arch = "aarch64"))]
const PAGE: usize = 16 * 1024;
#[cfg(not(all(target_vendor = "apple", target_arch = "aarch64")))]
const PAGE: usize = 4 * 1024;

/// A page of its own, so that unlocking it never unlocks a neighbour's secret.
#[cfg_attr(
    all(target_vendor = "apple", target_arch = "aarch64"),
    repr(C, align(16384))
)]
#[cfg_attr(
    not(all(target_vendor = "apple", target_arch = "aarch64")),
    repr(C, align(4096))
)]
struct Page {
    key: [u8; LEN],
    _rest: [u8; PAGE - LEN],
}

/// A 32-byte key, kept out of swap and wiped when dropped.
///
/// Locking the page is best effort: where the limit on locked memory is reached the key still works, and
/// [`SecretKey::is_locked`] tells.
pub struct SecretKey {
    page: Box<Page>,
    locked: bool,
}

impl SecretKey {
    /// Makes a key whose bytes `fill` writes straight into the locked page.
    #[must_use]
    pub fn filled_by(fill: impl FnOnce(&mut [u8; LEN])) -> Self {
        let mut key = Self::zeroed();
        fill(&mut key.page.key);
        key
    }

    /// Like [`SecretKey::filled_by`], for a `fill` that can fail.
    ///
    /// # Errors
    /// Whatever `fill` returns; what it had written is wiped.
    pub fn try_filled_by<E>(fill: impl FnOnce(&mut [u8; LEN]) -> Result<(), E>) -> Result<Self, E> {
        let mut key = Self::zeroed();
        fill(&mut key.page.key)?;
        Ok(key)
    }

    /// Makes a key of 32 bytes from the system's random source.
    ///
    /// # Panics
    /// When the system has no random source, since no safe key could be made.
    #[must_use]
    pub fn random() -> Self {
        Self::filled_by(|key| {
            if let Err(error) = getrandom::fill(key) {
                panic!("the system's random source failed: {error}");
            }
        })
    }

    /// Takes over `bytes` and wipes the original.
    #[must_use]
    pub fn take_from(bytes: &mut [u8; LEN]) -> Self {
        let key = Self::filled_by(|key| key.copy_from_slice(bytes));
        bytes.zeroize();
        key
    }

    /// Lends the key in the clear.
    #[must_use]
    pub fn expose(&self) -> &[u8; LEN] {
        &self.page.key
    }

    /// Compares in constant time.
    #[must_use]
    pub fn ct_eq(&self, other: &Self) -> bool {
        self.page.key.ct_eq(&other.page.key).into()
    }

    /// Whether the system agreed to keep the key out of swap.
    #[must_use]
    pub fn is_locked(&self) -> bool {
        self.locked
    }

    fn zeroed() -> Self {
        let mut page = Box::new(Page {
            key: [0; LEN],
            _rest: [0; PAGE - LEN],
        });
        let locked = lock(&mut page);
        Self { page, locked }
    }
}

impl Clone for SecretKey {
    fn clone(&self) -> Self {
        Self::filled_by(|key| key.copy_from_slice(&self.page.key))
    }
}

impl Drop for SecretKey {
    fn drop(&mut self) {
        self.page.key.zeroize();
        if self.locked {
            unlock(&mut self.page);
        }
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretKey(redacted)")
    }
}

#[cfg(unix)]
fn lock(page: &mut Page) -> bool {
    let address = std::ptr::from_mut(page).cast();
    // SAFETY: the range is exactly the page that `page` borrows, aligned and owned by a `SecretKey`.
    // Locking changes only whether it may be swapped.
    unsafe { rustix::mm::mlock(address, PAGE) }.is_ok()
}

#[cfg(unix)]
fn unlock(page: &mut Page) {
    let address = std::ptr::from_mut(page).cast();
    // SAFETY: the same range that `lock` locked; no other allocation shares it, by its size and alignment.
    // A failure leaves the page locked, which harms nothing.
    let _ = unsafe { rustix::mm::munlock(address, PAGE) };
}

#[cfg(not(unix))]
fn lock(_page: &mut Page) -> bool {
    false
}

#[cfg(not(unix))]
fn unlock(_page: &mut Page) {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_is_redacted() {
        assert_eq!(format!("{:?}", SecretKey::random()), "SecretKey(redacted)");
    }

    #[test]
    fn random_keys_differ_and_clones_do_not() {
        let key = SecretKey::random();
        assert!(!key.ct_eq(&SecretKey::random()));
        assert!(key.ct_eq(&key.clone()));
        assert_ne!(key.expose(), &[0; LEN]);
    }

    #[test]
    fn taking_wipes_the_original() {
        let mut bytes = [9; LEN];
        let key = SecretKey::take_from(&mut bytes);
        assert_eq!(bytes, [0; LEN]);
        assert_eq!(key.expose(), &[9; LEN]);
    }

    #[test]
    fn a_key_has_a_page_of_its_own() {
        let keys: Vec<SecretKey> = (0..8).map(|_| SecretKey::random()).collect();
        for key in &keys {
            assert_eq!(key.expose().as_ptr() as usize % PAGE, 0);
        }
        assert_eq!(size_of::<Page>(), PAGE);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn the_system_counts_the_page_as_locked() {
        let key = SecretKey::random();
        if !key.is_locked() {
            return; // The limit on locked memory is zero here, which `is_locked` told.
        }
        let status = std::fs::read_to_string("/proc/self/status").expect("Linux has it");
        let locked = status
            .lines()
            .find_map(|line| line.strip_prefix("VmLck:"))
            .expect("VmLck");
        assert_ne!(locked.trim(), "0 kB");
    }
}
