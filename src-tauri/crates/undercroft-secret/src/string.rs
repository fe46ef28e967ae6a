//! Secret text.

use std::fmt;

use subtle::ConstantTimeEq;
use zeroize::Zeroize;

use crate::SecretBytes;

/// Text that is wiped when dropped.
///
/// `Debug` shows no content and no length.
#[derive(Clone, Default)]
pub struct SecretString(String);

impl SecretString {
    /// Takes over `text` without copying it.
    ///
    /// A `String` that has grown before leaves its earlier buffers behind: build it with its final capacity,
    /// or with [`SecretString::concat`].
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(text)
    }

    /// Copies a borrowed text; the original stays the caller's to wipe.
    #[must_use]
    pub fn copy_of(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// Joins `parts` into one buffer of exactly the right size, so that no smaller copy is left behind.
    #[must_use]
    pub fn concat(parts: &[&str]) -> Self {
        let mut text = String::with_capacity(parts.iter().map(|part| part.len()).sum());
        for part in parts {
            text.push_str(part);
        }
        Self(text)
    }

    /// Reads secret bytes as UTF-8, in place.
    ///
    /// # Errors
    /// Gives the bytes back when they are not UTF-8.
    pub fn from_utf8(bytes: SecretBytes) -> Result<Self, SecretBytes> {
        String::from_utf8(bytes.take())
            .map(Self)
            .map_err(|error| SecretBytes::new(error.into_bytes()))
    }

    /// Lends the text in the clear.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Number of UTF-8 bytes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether the text is empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Compares in a time that depends on the lengths only.
    #[must_use]
    pub fn ct_eq(&self, other: &Self) -> bool {
        self.0.as_bytes().ct_eq(other.0.as_bytes()).into()
    }

    /// Turns the text into its UTF-8 bytes, in place.
    #[must_use]
    pub fn into_bytes(mut self) -> SecretBytes {
        SecretBytes::new(std::mem::take(&mut self.0).into_bytes())
    }
}

impl From<String> for SecretString {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

impl Drop for SecretString {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl fmt::Debug for SecretString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretString(redacted)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_is_redacted() {
        let secret = SecretString::copy_of("hunter2");
        assert_eq!(format!("{secret:?}"), "SecretString(redacted)");
    }

    #[test]
    fn keeps_its_buffer_on_the_way_to_bytes_and_back() {
        let text = String::from("correct horse");
        let address = text.as_ptr();
        let bytes = SecretString::new(text).into_bytes();
        assert_eq!(bytes.expose().as_ptr(), address);
        let text = SecretString::from_utf8(bytes).expect("it was text");
        assert_eq!(text.expose().as_ptr(), address);
        assert_eq!(text.expose(), "correct horse");
    }

    #[test]
    fn bytes_that_are_no_text_come_back() {
        let bytes =
            SecretString::from_utf8(SecretBytes::copy_of(&[0xff, 0x00])).expect_err("not UTF-8");
        assert_eq!(bytes.expose(), [0xff, 0x00]);
    }

    #[test]
    fn concat_allocates_exactly_once() {
        let text = SecretString::concat(&["export A=", "secret", "\n"]);
        assert_eq!(text.expose(), "export A=secret\n");
        assert_eq!(text.0.capacity(), text.len());
        assert!(text.ct_eq(&SecretString::copy_of("export A=secret\n")));
    }
}
