//! Padding, so that a file's size tells what it holds in coarse steps only.
//!
//! A padded body is an 8-byte length, the content and zeros, up to the next multiple of 64 KiB, or of 256 KiB
//! above 1 MiB.

use std::ops::Range;

/// Number of bytes of the length in front of the content.
pub(super) const PREFIX_LEN: usize = 8;

const STEP: usize = 64 * 1024;
const LARGE: usize = 1024 * 1024;
const LARGE_STEP: usize = 256 * 1024;

/// More than is ever padded.
static ZEROS: [u8; LARGE_STEP] = [0; LARGE_STEP];

/// The length to pad to.
pub(super) fn padded_len(len: usize) -> usize {
    let step = if len <= LARGE { STEP } else { LARGE_STEP };
    len.next_multiple_of(step)
}

/// Fills in the length in front and pads with zeros. The first [`PREFIX_LEN`] bytes are there for it.
pub(super) fn pad(content: &mut Vec<u8>) {
    let len = content.len().saturating_sub(PREFIX_LEN) as u64;
    if let Some(prefix) = content.first_chunk_mut() {
        *prefix = len.to_be_bytes();
    }
    content.resize(padded_len(content.len()), 0);
}

/// Where the content is; nothing when the padding is not exactly as [`pad`] makes it.
pub(super) fn content_range(padded: &[u8]) -> Option<Range<usize>> {
    let (prefix, rest) = padded.split_first_chunk::<PREFIX_LEN>()?;
    let len = usize::try_from(u64::from_be_bytes(*prefix)).ok()?;
    let (_, zeros) = rest.split_at_checked(len)?;
    let right =
        padded.len() == padded_len(PREFIX_LEN + len) && ZEROS.get(..zeros.len()) == Some(zeros);
    right.then_some(PREFIX_LEN..PREFIX_LEN + len)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_64_kib_and_above_1_mib_256_kib() {
        assert_eq!(padded_len(1), STEP);
        assert_eq!(padded_len(STEP), STEP);
        assert_eq!(padded_len(STEP + 1), 2 * STEP);
        assert_eq!(padded_len(LARGE), LARGE);
        assert_eq!(padded_len(LARGE + 1), LARGE + LARGE_STEP);
        assert_eq!(padded_len(LARGE + LARGE_STEP + 1), LARGE + 2 * LARGE_STEP);
    }

    #[test]
    fn content_comes_back_and_wrong_padding_does_not() {
        for len in [0, 1, STEP - PREFIX_LEN, STEP - PREFIX_LEN + 1] {
            let mut content = vec![7; PREFIX_LEN + len];
            pad(&mut content);
            assert_eq!(content_range(&content), Some(PREFIX_LEN..PREFIX_LEN + len));
        }
        let mut content = vec![7; PREFIX_LEN + 10];
        pad(&mut content);
        let mut dirty = content.clone();
        dirty[STEP - 1] = 1;
        assert_eq!(content_range(&dirty), None);
        let mut longer = content.clone();
        longer.resize(2 * STEP, 0);
        assert_eq!(content_range(&longer), None);
        let mut lying = content;
        lying[0] = 0xff;
        assert_eq!(content_range(&lying), None);
        assert_eq!(content_range(&[0; 7]), None);
    }
}
