//! MFA seeds, and reading them as people type them.

use undercroft_secret::{SecretBytes, SecretString};

use crate::base32;

/// The most Base32 characters that a seed may have; AWS's have 64.
const MAX_CHARACTERS: usize = 1024;
/// The most bytes that a seed may have: what [`MAX_CHARACTERS`] hold.
const MAX_BYTES: usize = MAX_CHARACTERS * 5 / 8;
/// RFC 4226 section 4, requirement 6: a shared secret must have 128 bits.
const LEAST_SAFE_BITS: usize = 128;
/// The length of the seeds that AWS gives out.
const AWS_CHARACTERS: usize = 64;

/// The shared secret behind a virtual MFA device.
///
/// Wiped when dropped. It has no `Display`, `Serialize` or `Deref`, and its `Debug` is redacted, so it
/// cannot reach a log, the window or a snapshot by accident. It is never empty and never all zeros.
#[derive(Clone, Debug)]
pub struct Seed(SecretBytes);

impl Seed {
    /// Wraps the raw bytes of a seed, as they were kept.
    ///
    /// # Errors
    ///
    /// [`SeedError::Empty`], [`SeedError::AllZero`] and [`SeedError::TooLong`].
    pub fn from_bytes(bytes: SecretBytes) -> Result<Self, SeedError> {
        if bytes.is_empty() {
            return Err(SeedError::Empty);
        }
        if bytes.len() > MAX_BYTES {
            return Err(SeedError::TooLong {
                limit: MAX_CHARACTERS,
            });
        }
        // HMAC pads its key with zeros, so such a seed is the same as none.
        if bytes.expose().iter().all(|byte| *byte == 0) {
            return Err(SeedError::AllZero);
        }
        Ok(Self(bytes))
    }

    /// Reads a seed as people type it.
    ///
    /// Spaces, dashes, lower case and padding are accepted. `0`, `1` and `8`, which Base32 does not have, are
    /// read as `O`, `L` and `B`; each such correction is returned, to be confirmed.
    ///
    /// # Errors
    ///
    /// When the text is no Base32, or plainly something else (a code, an access key id, an ARN).
    pub fn from_base32(text: &SecretString) -> Result<ParsedSeed, SeedError> {
        // The text is exposed to be decoded here; no copy of it is made.
        parse(text.expose())
    }

    /// Exposes the raw bytes, for the HMAC and for the vault, which seals them.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        self.0.expose()
    }

    /// Returns a copy of the raw bytes, to be sealed by the vault.
    #[must_use]
    pub fn to_bytes(&self) -> SecretBytes {
        self.0.clone()
    }

    /// Returns the seed in upper-case Base32 without padding, as AWS shows it.
    #[must_use]
    pub fn to_base32(&self) -> SecretString {
        base32::encode(self.expose())
    }

    /// Returns the strength in bits.
    #[must_use]
    pub fn bits(&self) -> usize {
        self.0.len() * 8
    }

    /// Lists what looks odd about a seed of which only the bytes are known.
    pub(crate) fn warnings(&self) -> Vec<SeedWarning> {
        let bits = self.bits();
        let characters = bits.div_ceil(5);
        let short = (bits < LEAST_SAFE_BITS).then_some(SeedWarning::Short { bits });
        let odd =
            (characters != AWS_CHARACTERS).then_some(SeedWarning::NotAwsLength { characters });
        short.into_iter().chain(odd).collect()
    }

    /// Tells whether two seeds are the same, in constant time: the same device filed twice.
    #[must_use]
    pub fn ct_eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0)
    }
}

/// A seed as it was read, and what the person should know about it.
#[derive(Clone, Debug)]
pub struct ParsedSeed {
    /// The seed, with the corrections applied.
    pub seed: Seed,
    /// The characters that were read as another one; empty when none were.
    pub corrected: Vec<Correction>,
    /// The strength in bits.
    pub bits: usize,
    /// What looks odd; none of it stops the seed from being used.
    pub warnings: Vec<SeedWarning>,
}

/// A character that Base32 does not have, and the one it was read as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Correction {
    /// Zero-based offset after spaces and dashes are removed.
    pub position: usize,
    /// What was typed: `0`, `1` or `8`.
    pub from: char,
    /// What it was read as: `O`, `L` or `B`.
    pub to: char,
}

/// What looks odd about a seed that can be used all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SeedWarning {
    /// Under the 128 bits that RFC 4226 demands.
    Short {
        /// The strength in bits.
        bits: usize,
    },
    /// Not the 64 characters of an AWS seed: perhaps some are missing.
    NotAwsLength {
        /// The characters that were read.
        characters: usize,
    },
    /// The last character carries bits that make no byte: perhaps one is missing or mistyped.
    Leftover,
}

impl SeedWarning {
    /// Returns a stable code for programs; the text is for people.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Short { .. } => "seed-short",
            Self::NotAwsLength { .. } => "seed-not-aws-length",
            Self::Leftover => "seed-leftover",
        }
    }
}

/// Why a text is not an MFA seed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SeedError {
    /// Nothing was given, or too little for one byte.
    #[error("the seed is empty")]
    Empty,
    /// A character outside the Base32 alphabet.
    #[error("not Base32 at character {}: a seed has the letters A to Z and the digits 2 to 7", position + 1)]
    NotBase32 {
        /// Zero-based offset after spaces and dashes are removed.
        position: usize,
    },
    /// Every bit is zero, which protects nothing.
    #[error("the seed is all zeros")]
    AllZero,
    /// More characters than any seed has.
    #[error("the seed is longer than {limit} characters")]
    TooLong {
        /// The most characters that are read.
        limit: usize,
    },
    /// Six to eight digits: a code was given in place of the seed.
    #[error("this is a code, not the seed that codes are made from")]
    LooksLikeCode,
    /// An access key id was given in place of the seed.
    #[error("this is an access key id, not an MFA seed")]
    LooksLikeAccessKeyId,
    /// An ARN was given in place of the seed: the device's serial, most likely.
    #[error("this is an ARN, not the seed of the device")]
    LooksLikeArn,
}

impl SeedError {
    /// Returns a stable code for programs; the text is for people.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Empty => "seed-empty",
            Self::NotBase32 { .. } => "seed-not-base32",
            Self::AllZero => "seed-all-zero",
            Self::TooLong { .. } => "seed-too-long",
            Self::LooksLikeCode => "seed-looks-like-code",
            Self::LooksLikeAccessKeyId => "seed-looks-like-access-key-id",
            Self::LooksLikeArn => "seed-looks-like-arn",
        }
    }
}

fn parse(text: &str) -> Result<ParsedSeed, SeedError> {
    let typed = || text.chars().filter(|character| !is_separator(*character));
    let length = typed().take(MAX_CHARACTERS + 1).count();
    let padding = text
        .chars()
        .rev()
        .filter(|character| !is_separator(*character))
        .take_while(|c| *c == '=')
        .count();
    if length > MAX_CHARACTERS {
        return Err(SeedError::TooLong {
            limit: MAX_CHARACTERS,
        });
    }
    let characters = length.saturating_sub(padding);
    if characters == 0 {
        return Err(SeedError::Empty);
    }
    if let Some(mistaken) = mistaken_for(typed, characters) {
        return Err(mistaken);
    }

    let mut decoder = base32::Decoder::with_room_for(characters);
    let mut corrected = Vec::new();
    for (position, from) in typed().take(characters).enumerate() {
        let to = correction_of(from);
        if let Some(to) = to {
            corrected.push(Correction { position, from, to });
        }
        match base32::value_of(to.unwrap_or(from)) {
            Some(value) => decoder.push(value),
            None => {
                // Finished all the same, so that what was decoded so far is wiped.
                drop(decoder.finish());
                return Err(SeedError::NotBase32 { position });
            }
        }
    }

    let (bytes, exact) = decoder.finish();
    let seed = Seed::from_bytes(bytes)?;
    let bits = seed.bits();
    let mut warnings = Vec::new();
    if bits < LEAST_SAFE_BITS {
        warnings.push(SeedWarning::Short { bits });
    }
    if characters != AWS_CHARACTERS {
        warnings.push(SeedWarning::NotAwsLength { characters });
    }
    if !exact {
        warnings.push(SeedWarning::Leftover);
    }
    Ok(ParsedSeed {
        seed,
        corrected,
        bits,
        warnings,
    })
}

/// Recognises other AWS values that are pasted into a seed's place.
fn mistaken_for<I: Iterator<Item = char>>(
    typed: impl Fn() -> I,
    characters: usize,
) -> Option<SeedError> {
    let starts_with = |prefix: &str| typed().take(prefix.len()).eq(prefix.chars());
    if (6..=8).contains(&characters) && typed().all(|character| character.is_ascii_digit()) {
        Some(SeedError::LooksLikeCode)
    } else if characters == 20 && (starts_with("AKIA") || starts_with("ASIA")) {
        Some(SeedError::LooksLikeAccessKeyId)
    } else if starts_with("arn:") {
        Some(SeedError::LooksLikeArn)
    } else {
        None
    }
}

const fn correction_of(character: char) -> Option<char> {
    match character {
        '0' => Some('O'),
        '1' => Some('L'),
        '8' => Some('B'),
        _ => None,
    }
}

/// Tells whether a character only groups the others: spaces of every kind, dashes, zero-width marks.
fn is_separator(character: char) -> bool {
    character.is_whitespace()
        || matches!(
            character,
            '-' | '\u{2010}'
                ..='\u{2015}' | '\u{2212}' | '\u{00ad}' | '\u{200b}' | '\u{2060}' | '\u{feff}'
        )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const AWS: &str = "GQMWATC3JYIGQBZRDPT7JEVWVDZQISEOXZXUP42552H6VRJTIXM3YLHI37J3YW6N";

    fn read(text: &str) -> Result<ParsedSeed, SeedError> {
        Seed::from_base32(&SecretString::copy_of(text))
    }

    #[test]
    fn a_seed_prints_redacted() {
        let shown = format!("{:?}", read(AWS).unwrap());
        assert!(!shown.contains("GQMW"), "{shown}");
        assert!(!shown.contains("52, 25"), "{shown}");
    }

    #[test]
    fn an_aws_seed_has_nothing_to_say() {
        let parsed = read(AWS).unwrap();
        assert_eq!(parsed.bits, 320);
        assert_eq!(parsed.warnings, []);
        assert_eq!(parsed.corrected, []);
        assert_eq!(parsed.seed.to_base32().expose(), AWS);
        assert_eq!(parsed.seed.expose().len(), 40);
        assert_eq!(parsed.seed.to_bytes().expose(), parsed.seed.expose());
    }

    #[test]
    fn separators_do_not_count_in_positions() {
        assert_eq!(
            read("GQ-MW !").unwrap_err(),
            SeedError::NotBase32 { position: 4 }
        );
        let corrected = read("gq mw-0tc1").unwrap().corrected;
        assert_eq!(
            corrected,
            [
                Correction {
                    position: 4,
                    from: '0',
                    to: 'O'
                },
                Correction {
                    position: 7,
                    from: '1',
                    to: 'L'
                }
            ]
        );
    }

    #[test]
    fn codes_have_six_to_eight_digits() {
        for digits in [
            "123456",
            "222222",
            "7654321",
            "23456777",
            "123-456",
            "1 2 3 4 5 6 7 8",
        ] {
            assert_eq!(
                read(digits).unwrap_err(),
                SeedError::LooksLikeCode,
                "{digits}"
            );
        }
        for digits in ["23456", "234567234", "23", "22222A", "A2222222"] {
            let parsed = read(digits).unwrap_or_else(|error| panic!("{digits}: {error}"));
            assert_eq!(parsed.corrected, [], "{digits}");
        }
        // Other digits are no digits of a code.
        assert_eq!(
            read("\u{661}\u{662}\u{663}\u{664}\u{665}\u{666}").unwrap_err(),
            SeedError::NotBase32 { position: 0 }
        );
    }

    #[test]
    fn access_key_ids_have_twenty_characters_and_their_beginning() {
        for id in [
            "AKIAIOSFODNN7EXAMPLE",
            "ASIAIOSFODNN7EXAMPLE",
            "AKIA-IOSF-ODNN-7EXA-MPLE",
        ] {
            assert_eq!(
                read(id).unwrap_err(),
                SeedError::LooksLikeAccessKeyId,
                "{id}"
            );
        }
        for seed in [
            "AKIAIOSFODNN7EXAMPL",
            "AKIAIOSFODNN7EXAMPLEA",
            "AKIAIOSFODNN7EXAMPLEAKIAIOSFODNN",
            "ASIAIOSFODNN7EXAMPLEASIAIOSFODNN",
            "AKIBIOSFODNN7EXAMPLE",
            "AROAIOSFODNN7EXAMPLE",
            "IOSFODNN7EXAMPLEAKIA",
        ] {
            let parsed = read(seed).unwrap_or_else(|error| panic!("{seed}: {error}"));
            assert_eq!(parsed.corrected, [], "{seed}");
        }
    }

    #[test]
    fn arns_are_known_by_their_beginning() {
        for arn in [
            "arn:",
            "arn:aws:iam::123456789012:mfa/phone",
            " arn:aws-cn:x",
            "a r-n:x",
        ] {
            assert_eq!(read(arn).unwrap_err(), SeedError::LooksLikeArn, "{arn}");
        }
        assert_eq!(read("ARNE").unwrap().bits, 16);
        assert_eq!(
            read("xarn:").unwrap_err(),
            SeedError::NotBase32 { position: 4 }
        );
    }

    #[test]
    fn each_character_is_corrected_to_its_own() {
        let corrected = read("018ABCDE").unwrap().corrected;
        let read_as: Vec<_> = corrected.iter().map(|correction| correction.to).collect();
        assert_eq!(read_as, ['O', 'L', 'B']);
        assert_eq!(
            read("9ABC").unwrap_err(),
            SeedError::NotBase32 { position: 0 }
        );
    }

    #[test]
    fn the_longest_seed_is_read_with_its_separators() {
        let longest = "GA-".repeat(MAX_CHARACTERS / 2);
        assert_eq!(read(&longest).unwrap().seed.expose().len(), MAX_BYTES);
        assert_eq!(
            read(&format!("{longest}G")).unwrap_err(),
            SeedError::TooLong {
                limit: MAX_CHARACTERS
            }
        );
    }

    #[test]
    fn a_seed_of_128_bits_is_safe() {
        let warnings = |bytes: usize| {
            Seed::from_bytes(SecretBytes::new(vec![7; bytes]))
                .unwrap()
                .warnings()
        };
        assert_eq!(
            warnings(15),
            [
                SeedWarning::Short { bits: 120 },
                SeedWarning::NotAwsLength { characters: 24 }
            ]
        );
        assert_eq!(warnings(16), [SeedWarning::NotAwsLength { characters: 26 }]);
        assert_eq!(warnings(39), [SeedWarning::NotAwsLength { characters: 63 }]);
        assert_eq!(warnings(40), []);
        assert_eq!(warnings(41), [SeedWarning::NotAwsLength { characters: 66 }]);
    }

    #[test]
    fn the_position_of_an_error_is_counted_from_one_for_people() {
        let error = read("GQMW!").unwrap_err();
        assert!(error.to_string().contains("character 5:"), "{error}");
    }

    #[test]
    fn one_bit_is_enough_to_be_no_zero() {
        let from = |bytes: &[u8]| Seed::from_bytes(SecretBytes::copy_of(bytes)).map(|_| ());
        assert_eq!(from(&[0, 0, 0, 1]), Ok(()));
        assert_eq!(from(&[1, 0, 0, 0]), Ok(()));
        assert_eq!(from(&[0]), Err(SeedError::AllZero));
    }

    #[test]
    fn raw_bytes_are_checked_too() {
        let from = |bytes: Vec<u8>| Seed::from_bytes(SecretBytes::new(bytes)).map(|_| ());
        assert_eq!(from(vec![]), Err(SeedError::Empty));
        assert_eq!(from(vec![0; 20]), Err(SeedError::AllZero));
        assert_eq!(from(vec![7; MAX_BYTES]), Ok(()));
        assert_eq!(
            from(vec![7; MAX_BYTES + 1]),
            Err(SeedError::TooLong {
                limit: MAX_CHARACTERS
            })
        );
    }

    #[test]
    fn a_megabyte_is_refused() {
        assert_eq!(
            read(&"A".repeat(1 << 20)).unwrap_err().code(),
            "seed-too-long"
        );
        assert_eq!(
            read(&"=".repeat(1 << 20)).unwrap_err().code(),
            "seed-too-long"
        );
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "\\PC{0,80}") {
            let _ = read(&text);
        }

        #[test]
        fn no_odd_text_panics(text in any::<String>()) {
            let _ = read(&text);
        }

        #[test]
        fn seeds_come_back(bytes in proptest::collection::vec(1u8.., 1..100)) {
            let seed = Seed::from_bytes(SecretBytes::copy_of(&bytes)).unwrap();
            let text = seed.to_base32();
            match Seed::from_base32(&text) {
                Ok(parsed) => {
                    prop_assert_eq!(parsed.seed.expose(), &bytes[..]);
                    prop_assert!(parsed.corrected.is_empty());
                    prop_assert!(!parsed.warnings.contains(&SeedWarning::Leftover));
                }
                Err(error) => prop_assert!(
                    matches!(error, SeedError::LooksLikeCode | SeedError::LooksLikeAccessKeyId)
                ),
            }
        }

        #[test]
        fn typing_habits_change_nothing(
            bytes in proptest::collection::vec(1u8.., 15..60),
            every in 1usize..9,
            separator in prop::sample::select(vec!["-", " ", "\u{a0}", "\u{2013}", "\t"]),
            lower: bool,
            padding in 0usize..7,
        ) {
            let seed = Seed::from_bytes(SecretBytes::copy_of(&bytes)).unwrap();
            let mut text = String::new();
            for (position, character) in seed.to_base32().expose().chars().enumerate() {
                if position % every == 0 {
                    text.push_str(separator);
                }
                text.push(if lower { character.to_ascii_lowercase() } else { character });
            }
            text.push_str(&"=".repeat(padding));
            prop_assert!(read(&text).unwrap().seed.ct_eq(&seed));
        }
    }
}
