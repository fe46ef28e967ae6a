//! Percent-encoding (RFC 3986 section 2.1), lenient on reading.

use undercroft_secret::SecretString;

/// What a plus sign stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Plus {
    /// Itself, as in a path.
    Plus,
    /// A space, as in a form's query.
    Space,
}

/// Decodes text that is not secret; what is not UTF-8 becomes U+FFFD.
pub(crate) fn decode(text: &str, plus: Plus) -> String {
    String::from_utf8_lossy(&decode_bytes(text, plus)).into_owned()
}

/// Decodes secret text without leaving a copy behind; `None` when it is not UTF-8.
pub(crate) fn decode_secret(text: &str, plus: Plus) -> Option<SecretString> {
    SecretString::from_utf8(decode_bytes(text, plus).into()).ok()
}

/// Decodes into a buffer that never moves: what is decoded is not longer than what it was.
///
/// A percent sign that two hexadecimal digits do not follow stands for itself.
fn decode_bytes(text: &str, plus: Plus) -> Vec<u8> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        rest = after;
        decoded.push(match (first, after) {
            (b'%', [high, low, beyond @ ..]) => match (nibble(*high), nibble(*low)) {
                (Some(high), Some(low)) => {
                    rest = beyond;
                    high << 4 | low
                }
                _ => b'%',
            },
            (b'+', _) if plus == Plus::Space => b' ',
            _ => *first,
        });
    }
    decoded
}

/// Encodes everything but the unreserved characters and `@`, which labels show plainly.
pub(crate) fn encode(text: &str) -> String {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    let mut encoded = String::with_capacity(text.len() * 3);
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'@' => {
                encoded.push(char::from(byte));
            }
            _ => {
                encoded.push('%');
                encoded.push(char::from(HEX[usize::from(byte >> 4)]));
                encoded.push(char::from(HEX[usize::from(byte & 0x0f)]));
            }
        }
    }
    encoded
}

fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn plus_is_a_space_only_where_forms_say_so() {
        assert_eq!(decode("a+b%2Bc%20d", Plus::Space), "a b+c d");
        assert_eq!(decode("a+b%2Bc%20d", Plus::Plus), "a+b+c d");
    }

    #[test]
    fn digits_of_both_cases_are_read() {
        assert_eq!(decode("%6a%6b%6c%6d%6e%6f", Plus::Plus), "jklmno");
        assert_eq!(decode("%6A%6B%6C%6D%6E%6F", Plus::Plus), "jklmno");
        assert_eq!(decode("%c3%bc%e2%82%ac", Plus::Plus), "ü€");
        assert_eq!(decode("%30%39%7E", Plus::Plus), "09~");
    }

    #[test]
    fn what_stands_beside_the_digits_is_none() {
        for digit in ['/', ':', '@', 'G', '`', 'g'] {
            for text in [format!("%4{digit}"), format!("%{digit}4")] {
                assert_eq!(decode(&text, Plus::Plus), text);
            }
        }
    }

    #[test]
    fn only_what_is_plain_everywhere_stays() {
        let plain = "AZaz09-._~@";
        assert_eq!(encode(plain), plain);
        assert_eq!(encode("[`{/:!+%é"), "%5B%60%7B%2F%3A%21%2B%25%C3%A9");
    }

    #[test]
    fn broken_escapes_stand_for_themselves() {
        for text in ["%", "%4", "%zz", "100%", "%%41"] {
            assert_eq!(decode(text, Plus::Plus), text.replace("%41", "A"));
        }
    }

    #[test]
    fn bytes_that_are_no_text_do_not_pass_as_a_secret() {
        assert!(decode_secret("%ff", Plus::Space).is_none());
        assert_eq!(decode("%ff", Plus::Space), "\u{fffd}");
    }

    proptest! {
        #[test]
        fn text_comes_back(text in any::<String>()) {
            prop_assert_eq!(decode(&encode(&text), Plus::Plus), text.clone());
            prop_assert_eq!(decode(&encode(&text), Plus::Space), text);
        }
    }
}
