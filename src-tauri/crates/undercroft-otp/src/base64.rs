//! Base64 (RFC 4648 sections 4 and 5), lenient about alphabet, padding and white space.

use undercroft_secret::{SecretBytes, SecretString};

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Decodes either alphabet without leaving a copy behind; `None` when it is not Base64.
///
/// A space stands for the plus sign that it was before somebody decoded a form.
pub(crate) fn decode(text: &str) -> Option<SecretBytes> {
    let text = text.trim_end_matches(['=', '\r', '\n']);
    let room = text.len() * 3 / 4;
    let mut bytes = Vec::with_capacity(room);
    let (mut buffer, mut buffered) = (0_u32, 0);
    for character in text.bytes().filter(|c| !matches!(c, b'\r' | b'\n' | b'\t')) {
        let Some(value) = value_of(character) else {
            drop(SecretBytes::new(bytes));
            return None;
        };
        buffer = (buffer << 6) | u32::from(value);
        buffered += 6;
        if buffered >= 8 {
            buffered -= 8;
            bytes.push((buffer >> buffered) as u8);
            buffer &= (1 << buffered) - 1;
        }
    }
    debug_assert!(bytes.len() <= room, "the buffer moved and left a copy");
    let bytes = SecretBytes::new(bytes);
    // One character alone makes no byte.
    (buffered < 6).then_some(bytes)
}

/// Encodes with padding, each character that URIs reserve percent-encoded.
pub(crate) fn encode_for_uri(bytes: &[u8]) -> SecretString {
    let room = bytes.len().div_ceil(3) * 12;
    let mut text = String::with_capacity(room);
    for chunk in bytes.chunks(3) {
        let at = |index: usize| u32::from(chunk.get(index).copied().unwrap_or(0));
        let group = at(0) << 16 | at(1) << 8 | at(2);
        for place in 0..4 {
            let value = (group >> (18 - 6 * place)) & 0x3f;
            match ALPHABET[value as usize] {
                _ if place > chunk.len() => text.push_str("%3D"),
                b'+' => text.push_str("%2B"),
                b'/' => text.push_str("%2F"),
                character => text.push(char::from(character)),
            }
        }
    }
    debug_assert!(text.len() <= room, "the buffer moved and left a copy");
    SecretString::new(text)
}

fn value_of(character: u8) -> Option<u8> {
    match character {
        b'A'..=b'Z' => Some(character - b'A'),
        b'a'..=b'z' => Some(character - b'a' + 26),
        b'0'..=b'9' => Some(character - b'0' + 52),
        b'+' | b'-' | b' ' => Some(62),
        b'/' | b'_' => Some(63),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The examples of RFC 4648 section 10.
    #[test]
    fn the_rfc_examples_hold() {
        for (plain, encoded) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foobar", "Zm9vYmFy"),
        ] {
            let text = encode_for_uri(plain.as_bytes());
            assert_eq!(text.expose(), encoded.replace('=', "%3D"));
            assert_eq!(decode(encoded).unwrap().expose(), plain.as_bytes());
        }
    }

    #[test]
    fn both_alphabets_are_read() {
        for text in ["-_-_", "+/+/", " / /", "+/\n+/\r\n"] {
            assert_eq!(decode(text).unwrap().expose(), [0xfb, 0xff, 0xbf]);
        }
        for text in ["A", "AAAAA", "A*==", "é"] {
            assert!(decode(text).is_none(), "{text}");
        }
    }

    #[test]
    fn every_character_has_its_value() {
        for (value, character) in (0..).zip(ALPHABET) {
            assert_eq!(value_of(*character), Some(value));
        }
        // Beside each range of the alphabet.
        for character in *b"@[`{:.,*=\0" {
            assert_eq!(value_of(character), None, "{character}");
        }
    }

    #[test]
    fn what_uris_reserve_is_escaped() {
        let text = encode_for_uri(&[0xfb, 0xff, 0xfe, 0xfb]);
        assert_eq!(text.expose(), "%2B%2F%2F%2B%2Bw%3D%3D");
        assert_eq!(encode_for_uri(&[0xff; 3]).expose(), "%2F%2F%2F%2F");
    }

    #[test]
    fn line_breaks_may_stand_anywhere() {
        for text in [
            "Zm8=\n", "Zm8=\r\n", "Zm8\r=\n", "Zm8\n", "\r\nZm8=", "Zm\r\n8=", "Zm\t8", "Zm8",
        ] {
            let bytes = decode(text).unwrap_or_else(|| panic!("{text:?} is read"));
            assert_eq!(bytes.expose(), b"fo", "{text:?}");
        }
    }

    #[test]
    fn padding_stands_at_the_end_only() {
        for text in ["=Zm8", "Zm=8", "Zg==Zg=="] {
            assert!(decode(text).is_none(), "{text}");
        }
        assert_eq!(decode("Zg=======").unwrap().expose(), b"f");
    }

    proptest! {
        #[test]
        fn bytes_come_back(bytes in proptest::collection::vec(any::<u8>(), 0..100)) {
            let text = encode_for_uri(&bytes);
            let plain = text.expose().replace("%2B", "+").replace("%2F", "/").replace("%3D", "=");
            let back = decode(&plain).unwrap();
            prop_assert_eq!(back.expose(), &bytes[..]);
        }
    }
}
