//! The parameters of one-time codes (RFC 6238).

use serde::{Deserialize, Serialize};

use crate::text::{codes, text_impls};

/// The hash function of a code.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OtpAlgorithm {
    /// HMAC-SHA-1, AWS's own.
    #[default]
    Sha1,
    /// HMAC-SHA-256.
    Sha256,
    /// HMAC-SHA-512.
    Sha512,
}

/// How many digits a code has: 6 to 8.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
pub struct Digits(u8);

/// How long a code is valid, in seconds: 1 to 300.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
pub struct PeriodSecs(u16);

/// How a device makes its codes; the default is what AWS uses: SHA-1, 6 digits, 30 s.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OtpParams {
    /// The hash function.
    #[serde(default)]
    pub algorithm: OtpAlgorithm,
    /// The length of a code.
    #[serde(default)]
    pub digits: Digits,
    /// The time step.
    #[serde(default)]
    pub period: PeriodSecs,
}

/// Why something can't be a parameter of one-time codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OtpParamsError {
    /// An unknown hash function.
    #[error("the algorithm must be SHA1, SHA256 or SHA512; AWS uses SHA1")]
    Algorithm,
    /// Not 6 to 8 digits.
    #[error("a code has 6, 7 or 8 digits; AWS uses 6")]
    Digits,
    /// Not 1 to 300 seconds.
    #[error("a code's period is 1 to 300 seconds; AWS uses 30")]
    Period,
}

codes!(OtpParamsError {
    Algorithm => "otp-algorithm",
    Digits => "otp-digits",
    Period => "otp-period",
});

impl OtpAlgorithm {
    /// Reads the names in use: `SHA1`, `SHA-1`, `HmacSHA1` and so on, in any case.
    ///
    /// # Errors
    /// When the name is of another function.
    pub fn parse(text: &str) -> Result<Self, OtpParamsError> {
        let mut name = text.trim().to_ascii_lowercase();
        name.retain(|c| !matches!(c, '-' | '_'));
        match name.strip_prefix("hmac").unwrap_or(&name) {
            "sha1" | "sha" => Ok(Self::Sha1),
            "sha256" => Ok(Self::Sha256),
            "sha512" => Ok(Self::Sha512),
            _ => Err(OtpParamsError::Algorithm),
        }
    }

    /// The name as otpauth URIs have it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sha1 => "SHA1",
            Self::Sha256 => "SHA256",
            Self::Sha512 => "SHA512",
        }
    }
}

text_impls!(OtpAlgorithm, OtpParamsError, "SHA1, SHA256 or SHA512");

impl Digits {
    /// Six digits, AWS's own.
    pub const SIX: Self = Self(6);

    /// Makes a code length.
    ///
    /// # Errors
    /// When it is not 6 to 8.
    pub fn new(digits: u32) -> Result<Self, OtpParamsError> {
        match u8::try_from(digits) {
            Ok(digits @ 6..=8) => Ok(Self(digits)),
            Ok(_) | Err(_) => Err(OtpParamsError::Digits),
        }
    }

    /// The number of digits.
    #[must_use]
    pub const fn count(self) -> u32 {
        self.0 as u32
    }
}

impl Default for Digits {
    fn default() -> Self {
        Self::SIX
    }
}

impl TryFrom<u32> for Digits {
    type Error = OtpParamsError;

    fn try_from(digits: u32) -> Result<Self, OtpParamsError> {
        Self::new(digits)
    }
}

impl From<Digits> for u32 {
    fn from(digits: Digits) -> Self {
        digits.count()
    }
}

impl PeriodSecs {
    /// Thirty seconds, AWS's own.
    pub const THIRTY: Self = Self(30);

    /// Makes a period.
    ///
    /// # Errors
    /// When it is not 1 to 300.
    pub fn new(secs: u32) -> Result<Self, OtpParamsError> {
        match u16::try_from(secs) {
            Ok(secs @ 1..=300) => Ok(Self(secs)),
            Ok(_) | Err(_) => Err(OtpParamsError::Period),
        }
    }

    /// The period in seconds.
    #[must_use]
    pub const fn as_secs(self) -> u32 {
        self.0 as u32
    }
}

impl Default for PeriodSecs {
    fn default() -> Self {
        Self::THIRTY
    }
}

impl TryFrom<u32> for PeriodSecs {
    type Error = OtpParamsError;

    fn try_from(secs: u32) -> Result<Self, OtpParamsError> {
        Self::new(secs)
    }
}

impl From<PeriodSecs> for u32 {
    fn from(period: PeriodSecs) -> Self {
        period.as_secs()
    }
}
