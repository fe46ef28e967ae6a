//! The recovery key: a second way in, to be printed and kept.
//!
//! 160 random bits and 20 bits of checksum, written as 36 characters of Crockford's Base32 in six groups of
//! six: `7Q4W2M-…`. Reading forgives case, spaces and dashes, and takes `O` for `0` and `I` or `L` for `1`.

use sha2::{Digest, Sha256};
use undercroft_secret::{SecretBytes, SecretString};
use zeroize::Zeroize;

/// Crockford's Base32: no I, L, O or U.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Random bytes in a key.
const KEY_LEN: usize = 20;
/// Characters that hold the key; four more hold the checksum.
const KEY_CHARS: usize = 32;
const CHARS: usize = KEY_CHARS + 4;
const GROUP: usize = 6;

/// A key of 160 random bits that opens the vault when the password is forgotten.
///
/// It has no `Display`: [`RecoveryKey::to_printable`] names the one moment when it is shown.
#[derive(Clone, Debug)]
pub struct RecoveryKey(SecretBytes);

/// Why a text is not a recovery key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RecoveryKeyError {
    /// A character that never stands in a recovery key.
    #[error("character {} cannot be part of a recovery key", position + 1)]
    BadCharacter {
        /// Zero-based, counting what was typed after spaces and dashes are removed.
        position: usize,
    },
    /// Too few or too many characters.
    #[error("a recovery key has {CHARS} characters, this has {found}")]
    WrongLength {
        /// Characters without spaces and dashes.
        found: usize,
    },
    /// The checksum does not fit: a character was misread.
    #[error("the recovery key has a typing mistake")]
    Checksum,
}

impl RecoveryKey {
    /// Makes a new key.
    #[must_use]
    pub fn random() -> Self {
        Self::from_bytes(undercroft_crypto::random())
    }

    /// Reads a key as a person types it.
    ///
    /// # Errors
    /// [`RecoveryKeyError`] says where to look; it never holds what was typed.
    pub fn parse(text: &str) -> Result<Self, RecoveryKeyError> {
        let mut digits = [0_u8; CHARS];
        let mut found = 0;
        for character in text.chars().filter(|character| !is_separator(*character)) {
            let digit =
                digit(character).ok_or(RecoveryKeyError::BadCharacter { position: found })?;
            if let Some(place) = digits.get_mut(found) {
                *place = digit;
            }
            found += 1;
        }
        if found != CHARS {
            digits.zeroize();
            return Err(RecoveryKeyError::WrongLength { found });
        }
        let mut key = [0; KEY_LEN];
        for (five, eight) in key.chunks_exact_mut(5).zip(digits.chunks_exact(8)) {
            let bits = eight
                .iter()
                .fold(0_u64, |bits, digit| bits << 5 | u64::from(*digit));
            five.copy_from_slice(&bits.to_be_bytes()[3..]);
        }
        let right = checksum(&key) == digits[KEY_CHARS..];
        digits.zeroize();
        if !right {
            key.zeroize();
            return Err(RecoveryKeyError::Checksum);
        }
        Ok(Self::from_bytes(key))
    }

    /// Writes the key for printing: six groups of six characters with dashes between them.
    #[must_use]
    pub fn to_printable(&self) -> SecretString {
        let mut digits = [0_u8; CHARS];
        for (eight, five) in digits
            .chunks_exact_mut(8)
            .zip(self.expose().chunks_exact(5))
        {
            let bits = five
                .iter()
                .fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte));
            for (place, digit) in eight.iter_mut().enumerate() {
                *digit = (bits >> (35 - 5 * place) & 31) as u8;
            }
        }
        digits[KEY_CHARS..].copy_from_slice(&checksum(self.expose()));
        let mut text = String::with_capacity(CHARS + CHARS / GROUP - 1);
        for (place, digit) in digits.iter().enumerate() {
            if place > 0 && place % GROUP == 0 {
                text.push('-');
            }
            text.push(char::from(ALPHABET[usize::from(*digit)]));
        }
        digits.zeroize();
        SecretString::new(text)
    }

    /// The 20 random bytes, which are what Argon2id stretches.
    pub(crate) fn expose(&self) -> &[u8] {
        self.0.expose()
    }

    /// Takes 20 bytes as a key and wipes the original.
    pub(crate) fn from_bytes(mut bytes: [u8; KEY_LEN]) -> Self {
        let key = Self(SecretBytes::copy_of(&bytes));
        bytes.zeroize();
        key
    }
}

/// The first 20 bits of a SHA-256, as four digits.
fn checksum(key: &[u8]) -> [u8; CHARS - KEY_CHARS] {
    let hash = Sha256::new()
        .chain_update(b"undercroft v1 recovery-key")
        .chain_update(key)
        .finalize();
    let bits = u32::from_be_bytes([hash[0], hash[1], hash[2], hash[3]]);
    std::array::from_fn(|place| (bits >> (27 - 5 * place) & 31) as u8)
}

/// Spaces of any kind, and the dashes that word processors make of `-`.
fn is_separator(character: char) -> bool {
    character.is_whitespace()
        || matches!(character, '-' | '_' | '\u{2010}'..='\u{2015}' | '\u{2212}')
}

fn digit(character: char) -> Option<u8> {
    let character = match character.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    };
    let found = ALPHABET
        .iter()
        .position(|known| char::from(*known) == character)?;
    u8::try_from(found).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_key_has_a_known_form() {
        let key = RecoveryKey::from_bytes(std::array::from_fn(|index| index as u8));
        let text = key.to_printable();
        assert_eq!(text.expose(), "000G40-R40M30-E20918-5GR38E-1W8124-GKKH14");
        assert_eq!(
            RecoveryKey::parse(text.expose()).unwrap().expose(),
            key.expose()
        );
    }

    #[test]
    fn forgives_how_people_type() {
        let key = RecoveryKey::random();
        let text = key.to_printable();
        let typed = text
            .expose()
            .to_lowercase()
            .replace('-', " \u{2013} ")
            .replace('0', "o")
            .replace('1', "l");
        assert_eq!(RecoveryKey::parse(&typed).unwrap().expose(), key.expose());
        assert_eq!(
            RecoveryKey::parse(&text.expose().replace('-', "\n"))
                .unwrap()
                .expose(),
            key.expose()
        );
    }

    #[test]
    fn every_single_mistake_is_noticed_as_a_checksum_of_20_bits_can() {
        let text = RecoveryKey::from_bytes([0x5A; KEY_LEN]).to_printable();
        let mut missed = 0;
        for place in (0..text.len()).filter(|place| text.expose().as_bytes()[*place] != b'-') {
            for digit in ALPHABET {
                let mut typed = text.expose().as_bytes().to_vec();
                if typed[place] == *digit {
                    continue;
                }
                typed[place] = *digit;
                let typed = String::from_utf8(typed).unwrap();
                missed += usize::from(RecoveryKey::parse(&typed).is_ok());
            }
        }
        assert_eq!(missed, 0);
    }

    #[test]
    fn says_what_is_wrong_without_the_text() {
        assert_eq!(
            RecoveryKey::parse("").unwrap_err(),
            RecoveryKeyError::WrongLength { found: 0 }
        );
        assert_eq!(
            RecoveryKey::parse("ab cu").unwrap_err(),
            RecoveryKeyError::BadCharacter { position: 3 }
        );
        assert_eq!(
            RecoveryKey::parse(&"0".repeat(37)).unwrap_err(),
            RecoveryKeyError::WrongLength { found: 37 }
        );
        assert_eq!(
            RecoveryKey::parse(&"0".repeat(36)).unwrap_err(),
            RecoveryKeyError::Checksum
        );
    }

    proptest::proptest! {
        #[test]
        fn any_key_survives_printing(bytes: [u8; KEY_LEN]) {
            let text = RecoveryKey::from_bytes(bytes).to_printable();
            let key = RecoveryKey::parse(text.expose()).unwrap();
            proptest::prop_assert_eq!(key.expose(), bytes);
        }

        #[test]
        fn no_text_panics(text: String) {
            let _ = RecoveryKey::parse(&text);
        }
    }
}
