//! Base32 (RFC 4648 section 6), lenient about what stands at the end.

use undercroft_secret::{SecretBytes, SecretString};

const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const BITS_PER_CHARACTER: u32 = 5;

/// Returns the five bits behind an upper- or lower-case Base32 character.
pub(crate) fn value_of(character: char) -> Option<u8> {
    match character {
        'A'..='Z' => Some(character as u8 - b'A'),
        'a'..='z' => Some(character as u8 - b'a'),
        '2'..='7' => Some(character as u8 - b'2' + 26),
        _ => None,
    }
}

/// Collects five-bit values into bytes.
pub(crate) struct Decoder {
    bytes: Vec<u8>,
    buffer: u32,
    buffered: u32,
}

impl Decoder {
    /// Prepares for `characters` values, so that the buffer never moves and leaves a copy behind.
    pub(crate) fn with_room_for(characters: usize) -> Self {
        Self {
            bytes: Vec::with_capacity(characters * 5 / 8 + 1),
            buffer: 0,
            buffered: 0,
        }
    }

    /// Appends the five bits of one character.
    pub(crate) fn push(&mut self, value: u8) {
        self.buffer = (self.buffer << BITS_PER_CHARACTER) | u32::from(value & 0x1f);
        self.buffered += BITS_PER_CHARACTER;
        if self.buffered >= 8 {
            self.buffered -= 8;
            self.bytes.push((self.buffer >> self.buffered) as u8);
            self.buffer &= (1 << self.buffered) - 1;
        }
    }

    /// Returns the whole bytes, and whether the last characters fit them exactly: no character too
    /// many, and only zeros in the bits that are left over.
    pub(crate) fn finish(self) -> (SecretBytes, bool) {
        let exact = self.buffered < BITS_PER_CHARACTER && self.buffer == 0;
        (SecretBytes::new(self.bytes), exact)
    }
}

/// Encodes bytes in upper case without padding.
pub(crate) fn encode(bytes: &[u8]) -> SecretString {
    let room = (bytes.len() * 8).div_ceil(5);
    let mut text = String::with_capacity(room);
    let mut buffer = 0_u32;
    let mut buffered = 0;
    for byte in bytes {
        buffer = (buffer << 8) | u32::from(*byte);
        buffered += 8;
        while buffered >= BITS_PER_CHARACTER {
            buffered -= BITS_PER_CHARACTER;
            text.push(character_of(buffer >> buffered));
        }
        buffer &= (1 << buffered) - 1;
    }
    if buffered > 0 {
        text.push(character_of(buffer << (BITS_PER_CHARACTER - buffered)));
    }
    debug_assert_eq!(text.len(), room, "the buffer fits");
    SecretString::new(text)
}

fn character_of(bits: u32) -> char {
    char::from(ALPHABET[(bits & 0x1f) as usize])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn decode(text: &str) -> (SecretBytes, bool) {
        let mut decoder = Decoder::with_room_for(text.len());
        for character in text.chars() {
            decoder.push(value_of(character).unwrap());
        }
        decoder.finish()
    }

    /// The examples of RFC 4648 section 10.
    #[test]
    fn the_rfc_examples_hold() {
        for (plain, encoded) in [
            ("", ""),
            ("f", "MY"),
            ("fo", "MZXQ"),
            ("foo", "MZXW6"),
            ("foob", "MZXW6YQ"),
            ("fooba", "MZXW6YTB"),
            ("foobar", "MZXW6YTBOI"),
        ] {
            assert_eq!(encode(plain.as_bytes()).expose(), encoded);
            let (bytes, exact) = decode(encoded);
            assert_eq!(bytes.expose(), plain.as_bytes());
            assert!(exact);
        }
    }

    #[test]
    fn every_character_has_its_value() {
        for (value, character) in (0..).zip(ALPHABET) {
            let character = char::from(*character);
            assert_eq!(value_of(character), Some(value));
            assert_eq!(value_of(character.to_ascii_lowercase()), Some(value));
        }
        // Beside each range of the alphabet, and letters whose last byte is that of one in it.
        for character in "@[`{0189\u{141}\u{161}\u{132}".chars() {
            assert_eq!(value_of(character), None, "{character}");
        }
    }

    #[test]
    fn leftovers_are_noticed() {
        assert!(!decode("MZ").1, "bits that are not zero");
        assert!(!decode("A").1, "one character makes no byte");
        assert!(!decode("MZXW6YTBA").1, "nor does it after whole ones");
        assert!(!decode("MZB").1, "the lowest bit counts, too");
        assert!(!decode("MZXW6YTBOIA").1, "a character too many");
    }

    proptest! {
        #[test]
        fn bytes_come_back(bytes in proptest::collection::vec(any::<u8>(), 0..100)) {
            let (back, exact) = decode(encode(&bytes).expose());
            prop_assert_eq!(back.expose(), &bytes[..]);
            prop_assert!(exact);
        }

        #[test]
        fn the_buffers_never_move(bytes in proptest::collection::vec(any::<u8>(), 0..100)) {
            let text = encode(&bytes);
            let mut decoder = Decoder::with_room_for(text.len());
            let room = decoder.bytes.capacity();
            for character in text.expose().chars() {
                decoder.push(value_of(character).unwrap());
            }
            prop_assert_eq!(decoder.bytes.capacity(), room);
        }
    }
}
