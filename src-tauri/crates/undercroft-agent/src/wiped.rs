//! A buffer for lines that may carry a secret.

use std::{fmt, io};

use zeroize::Zeroize;

/// What a first line is given room for: most answers fit, so that nothing has to move.
const USUAL: usize = 8 * 1024;

/// Bytes that are wiped when they are dropped, and when they move because the buffer grows.
#[derive(Default)]
pub(crate) struct Wiped(Vec<u8>);

impl Wiped {
    pub(crate) fn as_slice(&self) -> &[u8] {
        &self.0
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn extend(&mut self, bytes: &[u8]) {
        let needed = self.0.len() + bytes.len();
        if needed > self.0.capacity() {
            let mut larger = Vec::with_capacity(needed.max(USUAL).max(2 * self.0.capacity()));
            larger.extend_from_slice(&self.0);
            self.0.zeroize();
            self.0 = larger;
        }
        self.0.extend_from_slice(bytes);
    }

    /// Forgets what comes after the first `len` bytes.
    pub(crate) fn shorten(&mut self, len: usize) {
        if let Some(tail) = self.0.get_mut(len..) {
            tail.zeroize();
        }
        self.0.truncate(len);
    }

    /// Forgets the first `len` bytes.
    pub(crate) fn advance(&mut self, len: usize) {
        let len = len.min(self.0.len());
        self.0.copy_within(len.., 0);
        self.shorten(self.0.len() - len);
    }
}

impl Drop for Wiped {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl fmt::Debug for Wiped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Wiped(redacted)")
    }
}

impl io::Write for Wiped {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_its_content_while_it_grows_and_shrinks() {
        let mut buffer = Wiped::default();
        let bytes: Vec<u8> = (0..40_000_u32).map(|n| (n % 251) as u8).collect();
        for piece in bytes.chunks(997) {
            buffer.extend(piece);
        }
        assert_eq!(buffer.as_slice(), bytes);
        buffer.advance(30_001);
        assert_eq!(buffer.as_slice(), &bytes[30_001..]);
        buffer.shorten(5);
        assert_eq!(buffer.as_slice(), &bytes[30_001..30_006]);
        buffer.advance(9);
        assert_eq!(buffer.len(), 0);
    }

    #[test]
    fn forgets_what_it_gives_up() {
        let mut buffer = Wiped::default();
        buffer.extend(b"one\nsecret");
        buffer.advance(4);
        buffer.shorten(1);
        let mut whole = std::mem::take(&mut buffer.0);
        whole.resize(10, 1);
        assert_eq!(whole, b"s\x01\x01\x01\x01\x01\x01\x01\x01\x01");
        assert!(format!("{buffer:?}").contains("redacted"));
    }
}
