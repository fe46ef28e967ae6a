//! Telling apart what a person pasted.

use undercroft_secret::SecretString;

use crate::{OtpAuth, OtpAuthError, ParsedSeed, Seed, SeedError};

/// What a person pasted into the seed's field.
#[derive(Clone, Debug)]
pub enum TypedSecret {
    /// The address behind a QR code.
    Uri(OtpAuth),
    /// A bare seed.
    Seed(ParsedSeed),
}

/// Why neither reading worked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TypedError {
    /// It is an address, but not one of a device.
    #[error(transparent)]
    Uri(#[from] OtpAuthError),
    /// It is no address, and no seed either.
    #[error(transparent)]
    Seed(#[from] SeedError),
}

impl TypedError {
    /// Returns a stable code for programs; the text is for people.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Uri(error) => error.code(),
            Self::Seed(error) => error.code(),
        }
    }
}

/// Reads an otpauth address or a bare seed, whichever it is.
///
/// # Errors
///
/// Those of [`OtpAuth::parse`] for addresses of any scheme, of [`Seed::from_base32`] for all else.
pub fn parse_typed(text: &SecretString) -> Result<TypedSecret, TypedError> {
    // Exposed to look at its beginning only.
    if looks_like_uri(text.expose()) {
        Ok(TypedSecret::Uri(OtpAuth::parse(text)?))
    } else {
        Ok(TypedSecret::Seed(Seed::from_base32(text)?))
    }
}

/// Tells whether a text begins with a scheme; an ARN does not count, it has an error of its own.
fn looks_like_uri(text: &str) -> bool {
    let text = text
        .trim_start_matches(|character: char| character.is_whitespace() || character == '\u{feff}');
    let scheme = text.split(':').next().unwrap_or_default();
    let names_otpauth = scheme
        .get(..7)
        .is_some_and(|start| start.eq_ignore_ascii_case("otpauth"));
    names_otpauth
        || text
            .get(scheme.len()..)
            .is_some_and(|rest| rest.starts_with("://"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code_of(text: &str) -> &'static str {
        parse_typed(&SecretString::copy_of(text))
            .map(|_| ())
            .unwrap_err()
            .code()
    }

    #[test]
    fn each_mistake_gets_the_error_of_its_kind() {
        assert_eq!(code_of("https://example.com"), "otpauth-not-a-uri");
        assert_eq!(
            code_of("otpauth-migration://offline?data=AAAA"),
            "otpauth-migration"
        );
        assert_eq!(code_of("otpauth"), "otpauth-not-a-uri");
        assert_eq!(code_of("\u{feff} OTPAUTH://hotp/a"), "otpauth-hotp");
        assert_eq!(
            code_of("arn:aws:iam::123456789012:mfa/phone"),
            "seed-looks-like-arn"
        );
        assert_eq!(code_of("123456"), "seed-looks-like-code");
        assert_eq!(code_of("ünlikely"), "seed-not-base32");
        assert_eq!(code_of(""), "seed-empty");
    }

    #[test]
    fn an_address_has_a_scheme_or_names_otpauth() {
        for text in [
            "otpaut://totp/a",
            "x://",
            "://",
            " \u{feff}https://example.com",
            "otpauths:",
            "OTPAUTH",
        ] {
            assert_eq!(code_of(text), "otpauth-not-a-uri", "{text}");
        }
        assert_eq!(code_of("otpauth:totp/a"), "otpauth-missing-secret");
        assert_eq!(code_of("apple-otpauth://totp/a"), "otpauth-missing-secret");
        for text in ["otpaut:", "mailto:jane", "a:b://c", "a:/b", "x otpauth:"] {
            assert_eq!(code_of(text), "seed-not-base32", "{text}");
        }
    }

    #[test]
    fn an_address_is_taken_for_one() {
        for text in [
            "otpauth://totp/jane?secret=GEZDGNBVGY3TQOJQ",
            "\u{feff}\n OtpAuth:totp/jane?secret=GEZDGNBVGY3TQOJQ",
        ] {
            match parse_typed(&SecretString::copy_of(text)) {
                Ok(TypedSecret::Uri(uri)) => assert_eq!(uri.name, "jane"),
                other => panic!("{text}: {other:?}"),
            }
        }
    }

    #[test]
    fn a_seed_is_taken_for_a_seed() {
        let typed = parse_typed(&SecretString::copy_of("gezd gnbv gy3t qojq")).unwrap();
        assert!(matches!(typed, TypedSecret::Seed(_)));
    }
}
