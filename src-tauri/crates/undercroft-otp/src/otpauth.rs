//! `otpauth://` URIs: the Key URI Format, read as it occurs rather than as it is specified.
//!
//! The format: <https://github.com/google/google-authenticator/wiki/Key-Uri-Format>.

mod label;
mod query;

use undercroft_model::{Digits, OtpAlgorithm, OtpParams, PeriodSecs};
use undercroft_secret::SecretString;

use crate::percent::{self, Plus};
use crate::{Correction, ParsedSeed, Seed, SeedError, SeedWarning};
use label::Label;
use query::Query;

/// The most bytes that a URI may have: twice what the largest QR code holds.
const MAX_BYTES: usize = 8192;

/// What an `otpauth://totp` URI says.
#[derive(Clone, Debug)]
pub struct OtpAuth {
    /// The seed, with corrections applied.
    pub seed: Seed,
    /// Algorithm, digits and period.
    pub params: OtpParams,
    /// Who issued the seed: the `issuer` parameter, or else the label's part before the colon.
    pub issuer: Option<String>,
    /// The issuer that the label names, when the `issuer` parameter names another.
    pub issuer_in_label: Option<String>,
    /// The label without its issuer; empty when there was none.
    pub name: String,
    /// The whole label as it stands in the URI, decoded, with an issuer in front only where one stands there.
    pub written_label: String,
    /// The characters of the seed that were read as another one.
    pub corrected: Vec<Correction>,
    /// What looks odd; none of it stops the URI from being used.
    pub warnings: Vec<UriWarning>,
}

impl OtpAuth {
    /// Reads a URI from a QR code or the clipboard.
    ///
    /// Case, `+` and `%20`, missing or contradicting issuers, ARNs in the label, `HmacSHA1` and unknown parameters
    /// are accepted. Hidden and reordering characters are taken out of the texts.
    ///
    /// # Errors
    ///
    /// When it is another kind of URI, has no usable secret, contradicts itself, or asks for what no TOTP device
    /// has (period 0, ten digits). No error repeats any part of the URI.
    pub fn parse(uri: &SecretString) -> Result<Self, OtpAuthError> {
        // Exposed to be taken apart: only the secret's own text is copied, and wiped.
        parse(uri.expose())
    }

    /// Puts a device together whose parts came from elsewhere; the texts are cleaned as those of a URI are.
    ///
    /// # Errors
    ///
    /// When the label is too long, or carries the secret.
    pub fn from_parts(
        issuer: &str,
        name: &str,
        seed: Seed,
        params: OtpParams,
    ) -> Result<Self, OtpAuthError> {
        let warnings = seed.warnings();
        let label = Label::parse(&percent::encode(name), Some(&percent::encode(issuer)))?;
        assemble(label, seed, params, Vec::new(), warnings)
    }

    /// Returns the label as it is usually shown: `issuer:name`, or the name alone.
    #[must_use]
    pub fn label(&self) -> String {
        match &self.issuer {
            Some(issuer) => format!("{issuer}:{}", self.name),
            None => self.name.clone(),
        }
    }

    /// Writes the URI, to take the device to another program.
    #[must_use]
    pub fn to_uri(&self) -> SecretString {
        let issuer = self.issuer.as_deref().map(percent::encode);
        let (prefix, parameter) = issuer.map_or((String::new(), String::new()), |issuer| {
            (format!("{issuer}:"), format!("&issuer={issuer}"))
        });
        // Exposed into the URI, which is wiped like the seed itself.
        let seed = self.seed.to_base32();
        SecretString::concat(&[
            "otpauth://totp/",
            &prefix,
            &percent::encode(&self.name),
            "?secret=",
            seed.expose(),
            &parameter,
            "&algorithm=",
            self.params.algorithm.as_str(),
            "&digits=",
            &self.params.digits.count().to_string(),
            "&period=",
            &self.params.period.as_secs().to_string(),
        ])
    }
}

/// What looks odd about a URI that can be used all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum UriWarning {
    /// The label and the `issuer` parameter name different issuers; the parameter is believed.
    IssuersDiffer,
    /// Characters were removed that hide or reorder others: somebody may be pretending.
    HiddenCharacters,
    /// The seed itself looks odd.
    Seed(SeedWarning),
}

impl UriWarning {
    /// Returns a stable code for programs; the text is for people.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::IssuersDiffer => "otpauth-issuers-differ",
            Self::HiddenCharacters => "otpauth-hidden-characters",
            Self::Seed(warning) => warning.code(),
        }
    }
}

/// A parameter of the URI that this crate reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parameter {
    /// The seed in Base32.
    Secret,
    /// Who issued it.
    Issuer,
    /// The hash of the HMAC.
    Algorithm,
    /// The length of a code.
    Digits,
    /// The length of a step in seconds.
    Period,
}

impl Parameter {
    /// Returns the name as it stands in a URI.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Secret => "secret",
            Self::Issuer => "issuer",
            Self::Algorithm => "algorithm",
            Self::Digits => "digits",
            Self::Period => "period",
        }
    }
}

/// Why a text is not a URI of a virtual MFA device.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OtpAuthError {
    /// Another kind of address, or no address at all.
    #[error("not an otpauth address")]
    NotOtpAuth,
    /// An export of Google Authenticator, which packs several devices into one code.
    #[error(
        "an export of Google Authenticator, which packs several devices into one code: scan it, drop it or \
         choose its picture"
    )]
    Migration,
    /// A device that counts events rather than time, which AWS does not have.
    #[error("a counter-based (HOTP) device: AWS takes time-based (TOTP) ones only")]
    Hotp,
    /// A type that is neither `totp` nor `hotp`.
    #[error("an otpauth address of an unknown type: only totp is known")]
    UnknownType,
    /// More bytes than a QR code can hold.
    #[error("the address is longer than {limit} bytes")]
    TooLong {
        /// The most bytes that are read.
        limit: usize,
    },
    /// The issuer or the name is longer than any AWS gives.
    #[error("the label is longer than {limit} bytes")]
    LabelTooLong {
        /// The most bytes that are read.
        limit: usize,
    },
    /// No `secret` parameter, or an empty one.
    #[error("the address has no secret")]
    MissingSecret,
    /// The secret is no seed.
    #[error("the secret of the address cannot be used")]
    Secret(#[source] SeedError),
    /// The label or the issuer carries a secret, and labels are shown and stored in the open.
    #[error("the label carries the secret, where it would be shown; type the seed by hand")]
    SecretInLabel,
    /// One parameter stands there twice with different values.
    #[error("the parameter {} stands there twice with different values", parameter.as_str())]
    Duplicate {
        /// Which one.
        parameter: Parameter,
    },
    /// An algorithm that TOTP does not have.
    #[error("an unknown algorithm: TOTP has SHA1, SHA256 and SHA512")]
    Algorithm,
    /// A number of digits that TOTP does not have.
    #[error("a code has 6 to 8 digits")]
    Digits,
    /// A period that no device has.
    #[error("a period has 1 to 300 seconds")]
    Period,
}

impl OtpAuthError {
    /// Returns a stable code for programs; the text is for people.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotOtpAuth => "otpauth-not-a-uri",
            Self::Migration => "otpauth-migration",
            Self::Hotp => "otpauth-hotp",
            Self::UnknownType => "otpauth-unknown-type",
            Self::TooLong { .. } => "otpauth-too-long",
            Self::LabelTooLong { .. } => "otpauth-label-too-long",
            Self::MissingSecret => "otpauth-missing-secret",
            Self::Secret(error) => error.code(),
            Self::SecretInLabel => "otpauth-secret-in-label",
            Self::Duplicate { .. } => "otpauth-duplicate-parameter",
            Self::Algorithm => "otpauth-algorithm",
            Self::Digits => "otpauth-digits",
            Self::Period => "otpauth-period",
        }
    }
}

fn parse(uri: &str) -> Result<OtpAuth, OtpAuthError> {
    // Checked first, so that a megabyte is never taken apart.
    let uri =
        uri.trim_matches(|character: char| character.is_whitespace() || character == '\u{feff}');
    if uri.len() > MAX_BYTES {
        return Err(OtpAuthError::TooLong { limit: MAX_BYTES });
    }
    let (kind, rest) = take_scheme_and_type(uri)?;
    if kind.eq_ignore_ascii_case("hotp") {
        return Err(OtpAuthError::Hotp);
    }
    if !kind.eq_ignore_ascii_case("totp") {
        return Err(OtpAuthError::UnknownType);
    }
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));

    let query = Query::parse(query)?;
    let params = OtpParams {
        algorithm: query.algorithm.map_or(Ok(OtpAlgorithm::Sha1), algorithm)?,
        digits: query
            .digits
            .map_or(Ok(OtpParams::default().digits), digits)?,
        period: query
            .period
            .map_or(Ok(OtpParams::default().period), period)?,
    };
    let ParsedSeed {
        seed,
        corrected,
        warnings,
        ..
    } = query.seed()?;
    let label = Label::parse(path, query.issuer)?;
    assemble(label, seed, params, corrected, warnings)
}

fn assemble(
    label: Label,
    seed: Seed,
    params: OtpParams,
    corrected: Vec<Correction>,
    warnings: Vec<SeedWarning>,
) -> Result<OtpAuth, OtpAuthError> {
    if label.texts().any(|text| carries_secret(text, &seed)) {
        return Err(OtpAuthError::SecretInLabel);
    }

    let mut warnings: Vec<_> = warnings.into_iter().map(UriWarning::Seed).collect();
    if label.issuer_in_label.is_some() {
        warnings.push(UriWarning::IssuersDiffer);
    }
    if label.had_hidden {
        warnings.push(UriWarning::HiddenCharacters);
    }
    Ok(OtpAuth {
        seed,
        params,
        issuer: label.issuer,
        issuer_in_label: label.issuer_in_label,
        name: label.name,
        written_label: label.written,
        corrected,
        warnings,
    })
}

/// Tells whether a text that is shown has a secret in it: by a lost question mark, or by encoding twice.
pub(crate) fn carries_secret(text: &str, seed: &Seed) -> bool {
    let text = text.to_ascii_uppercase();
    let seed = seed.to_base32();
    // A shorter seed could be part of a word.
    let has_seed = seed.len() >= 16 && text.contains(seed.expose());
    has_seed || text.contains("SECRET=") || text.contains("SECRET%3D")
}

/// Splits `otpauth://totp/rest` into `totp` and `rest`.
fn take_scheme_and_type(uri: &str) -> Result<(&str, &str), OtpAuthError> {
    let (scheme, rest) = uri.split_once(':').ok_or(OtpAuthError::NotOtpAuth)?;
    if scheme.eq_ignore_ascii_case("otpauth-migration") {
        return Err(OtpAuthError::Migration);
    }
    // Apple writes its own scheme before the same format.
    if !scheme.eq_ignore_ascii_case("otpauth") && !scheme.eq_ignore_ascii_case("apple-otpauth") {
        return Err(OtpAuthError::NotOtpAuth);
    }
    let rest = rest.trim_start_matches('/');
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (kind, rest) = rest.split_at(end);
    Ok((kind, rest.strip_prefix('/').unwrap_or(rest)))
}

fn algorithm(text: &str) -> Result<OtpAlgorithm, OtpAuthError> {
    OtpAlgorithm::parse(&percent::decode(text, Plus::Space)).map_err(|_| OtpAuthError::Algorithm)
}

fn digits(text: &str) -> Result<Digits, OtpAuthError> {
    percent::decode(text, Plus::Space)
        .trim()
        .parse()
        .ok()
        .and_then(|digits: u32| Digits::new(digits).ok())
        .ok_or(OtpAuthError::Digits)
}

fn period(text: &str) -> Result<PeriodSecs, OtpAuthError> {
    percent::decode(text, Plus::Space)
        .trim()
        .parse()
        .ok()
        .and_then(|secs: u32| PeriodSecs::new(secs).ok())
        .ok_or(OtpAuthError::Period)
}

#[cfg(test)]
mod tests {
    use undercroft_secret::SecretBytes;

    use super::*;

    const SECRET: &str = "GEZDGNBVGY3TQOJQ";

    fn read(uri: &str) -> Result<OtpAuth, OtpAuthError> {
        OtpAuth::parse(&SecretString::copy_of(uri))
    }

    fn seed_of(bytes: usize) -> Seed {
        Seed::from_bytes(SecretBytes::new(vec![0x5a; bytes])).unwrap()
    }

    #[test]
    fn the_longest_uri_is_read() {
        let start = format!("otpauth://totp/a?secret={SECRET}&x=");
        let of_length = |length: usize| format!("{start}{}", "y".repeat(length - start.len()));
        assert!(read(&of_length(MAX_BYTES)).is_ok());
        assert!(read(&format!("\u{feff} {}\n", of_length(MAX_BYTES))).is_ok());
        assert_eq!(
            read(&of_length(MAX_BYTES + 1)).unwrap_err(),
            OtpAuthError::TooLong { limit: MAX_BYTES }
        );
    }

    #[test]
    fn the_type_ends_at_a_slash_or_a_question_mark() {
        for (start, name) in [
            ("otpauth://totp/jane", "jane"),
            ("otpauth://totp", ""),
            ("otpauth://totp/", ""),
            ("otpauth:totp/jane", "jane"),
            ("otpauth:////totp/jane", "jane"),
            ("otpauth://totp//jane", "/jane"),
            ("Apple-OtpAuth://TOTP/a/b", "a/b"),
        ] {
            let uri = read(&format!("{start}?secret={SECRET}&issuer=a/b")).unwrap();
            assert_eq!(uri.name, name, "{start}");
            assert_eq!(uri.issuer.as_deref(), Some("a/b"), "{start}");
        }
        for (uri, error) in [
            ("otpauth://totps/a", OtpAuthError::UnknownType),
            ("otpauth://tot/a", OtpAuthError::UnknownType),
            ("otpauth://?secret=a", OtpAuthError::UnknownType),
            ("otpauth://hotp?secret=a", OtpAuthError::Hotp),
            ("otpauth", OtpAuthError::NotOtpAuth),
            ("apple-otpauths://totp/a", OtpAuthError::NotOtpAuth),
            ("OTPAUTH-Migration:", OtpAuthError::Migration),
        ] {
            assert_eq!(read(uri).unwrap_err(), error, "{uri}");
        }
    }

    #[test]
    fn a_seed_in_a_label_is_found_from_sixteen_characters_on() {
        for (bytes, found) in [(9, false), (10, true), (40, true)] {
            let seed = seed_of(bytes);
            let base32 = seed.to_base32();
            for text in [
                base32.expose().to_owned(),
                format!("my {} key", base32.expose().to_ascii_lowercase()),
            ] {
                assert_eq!(carries_secret(&text, &seed), found, "{bytes} bytes");
            }
            assert!(
                !carries_secret(&base32.expose()[1..], &seed),
                "{bytes} bytes"
            );
        }
        for (text, found) in [
            ("a?secret=x", true),
            ("a&Secret=", true),
            ("a?secret%3dx", true),
            ("secret", false),
            ("my secret: x", false),
            ("secret%3", false),
        ] {
            assert_eq!(carries_secret(text, &seed_of(40)), found, "{text}");
        }
    }

    #[test]
    fn parts_are_put_together_as_a_uri_is() {
        let params = OtpParams {
            digits: Digits::new(8).unwrap(),
            ..OtpParams::default()
        };
        let device = OtpAuth::from_parts("A+W%53", "ja\u{202e}ne", seed_of(20), params).unwrap();
        assert_eq!(device.issuer.as_deref(), Some("A+W%53"));
        assert_eq!(device.issuer_in_label, None);
        assert_eq!(
            (device.name.as_str(), device.written_label.as_str()),
            ("jane", "jane")
        );
        assert_eq!(device.label(), "A+W%53:jane");
        assert_eq!(device.params, params);
        assert_eq!(
            device.warnings,
            [
                UriWarning::Seed(SeedWarning::NotAwsLength { characters: 32 }),
                UriWarning::HiddenCharacters
            ]
        );
        let unnamed = OtpAuth::from_parts("", "", seed_of(40), params).unwrap();
        assert_eq!(
            (unnamed.issuer.as_deref(), unnamed.label().as_str()),
            (None, "")
        );
        assert_eq!(unnamed.warnings, []);
    }

    #[test]
    fn parts_that_make_no_label_are_refused() {
        let error = |issuer: &str, name: &str| {
            OtpAuth::from_parts(issuer, name, seed_of(40), OtpParams::default()).unwrap_err()
        };
        assert_eq!(
            error(&"i".repeat(257), "a"),
            OtpAuthError::LabelTooLong { limit: 256 }
        );
        assert_eq!(
            error("a", &"n".repeat(513)),
            OtpAuthError::LabelTooLong { limit: 512 }
        );
        let secret = seed_of(40).to_base32();
        assert_eq!(error(secret.expose(), "a"), OtpAuthError::SecretInLabel);
        assert_eq!(error("a", secret.expose()), OtpAuthError::SecretInLabel);
    }

    #[test]
    fn a_uri_is_written_in_full() {
        let params = OtpParams {
            algorithm: OtpAlgorithm::Sha512,
            digits: Digits::new(7).unwrap(),
            period: PeriodSecs::new(300).unwrap(),
        };
        let seed = || Seed::from_bytes(SecretBytes::copy_of(b"1234567890")).unwrap();
        let written = |issuer, name| {
            let device = OtpAuth::from_parts(issuer, name, seed(), params).unwrap();
            device.to_uri().expose().to_owned()
        };
        let rest = "&algorithm=SHA512&digits=7&period=300";
        assert_eq!(
            written("A & B", "jane@acme?"),
            format!(
                "otpauth://totp/A%20%26%20B:jane@acme%3F?secret={SECRET}&issuer=A%20%26%20B{rest}"
            )
        );
        assert_eq!(
            written("", "jane"),
            format!("otpauth://totp/jane?secret={SECRET}{rest}")
        );
    }

    #[test]
    fn each_warning_has_its_code() {
        let seed = SeedWarning::Leftover;
        for (warning, code) in [
            (UriWarning::IssuersDiffer, "otpauth-issuers-differ"),
            (UriWarning::HiddenCharacters, "otpauth-hidden-characters"),
            (UriWarning::Seed(seed), seed.code()),
        ] {
            assert_eq!(warning.code(), code);
        }
    }
}
