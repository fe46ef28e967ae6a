//! Why a file, or one device in it, can't be taken over.

use undercroft_otp::{
    EntryError, MigrationError, OtpAuthError, PayloadError, RefusedEntry, SeedError,
    qr::PictureError,
};

/// Why a file can't be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ImportError {
    /// The file is encrypted.
    #[error("the file is encrypted: its password is needed")]
    PasswordNeeded,
    /// The password does not open the file; a file changed on its way looks the same.
    #[error("the password does not open the file")]
    WrongPassword,
    /// None of the formats that are known.
    #[error("not an export that is known here")]
    Unrecognised,
    /// A known format, but cut off or broken.
    #[error("the file is damaged or cut off")]
    Damaged,
    /// More bytes, pixels or entries than are read.
    #[error("the file is larger than an export of MFA devices can be")]
    TooLarge,
    /// The file asks for more work or memory than any program sets up.
    #[error("opening the file would cost more than any known program asks for")]
    HostileParameters,
    /// The format is known, but another way out of its program must be taken.
    #[error("{foreign} is not read here")]
    NotReadHere {
        /// What it is.
        foreign: Foreign,
    },
    /// A picture that shows no QR code.
    #[error("no QR code was found in the picture")]
    NoCode,
}

impl ImportError {
    /// Returns a stable code for programs; the text is for people.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::PasswordNeeded => "import-password-needed",
            Self::WrongPassword => "import-wrong-password",
            Self::Unrecognised => "import-unrecognised",
            Self::Damaged => "import-damaged",
            Self::TooLarge => "import-too-large",
            Self::HostileParameters => "import-hostile-parameters",
            Self::NotReadHere { foreign } => foreign.code(),
            Self::NoCode => "import-no-code",
        }
    }
}

impl From<PictureError> for ImportError {
    fn from(error: PictureError) -> Self {
        match error {
            PictureError::FileTooLarge { .. } | PictureError::TooManyPixels { .. } => {
                Self::TooLarge
            }
            PictureError::UnknownFormat => Self::Unrecognised,
            PictureError::Empty | PictureError::Svg | PictureError::Damaged | _ => Self::Damaged,
        }
    }
}

/// A file that holds devices, and is not read here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Foreign {
    /// A database of KeePass: its CSV or XML is read.
    Kdbx,
    /// An export that only the Bitwarden account opens that made it: the password-protected kind is read.
    BitwardenAccount,
    /// An SVG drawing, which has no pixels and could load other files: the same as PNG is read.
    Svg,
}

impl Foreign {
    /// Returns a stable code for programs.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Kdbx => "import-kdbx",
            Self::BitwardenAccount => "import-bitwarden-account",
            Self::Svg => "import-svg",
        }
    }
}

impl std::fmt::Display for Foreign {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Kdbx => "a database of KeePass",
            Self::BitwardenAccount => "an export that only its Bitwarden account opens",
            Self::Svg => "an SVG drawing",
        })
    }
}

/// A device that can't be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct EntryProblem {
    /// Who issued it, fit to be shown; empty when that is not said or would give the secret away.
    pub issuer: String,
    /// Its name, likewise.
    pub name: String,
    /// Why.
    #[source]
    pub reason: Reason,
}

/// Why a device can't be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Reason {
    /// It counts events rather than time, which AWS does not have.
    #[error("a counter-based (HOTP) device: AWS takes time-based (TOTP) ones only")]
    Hotp,
    /// Steam's own kind of codes, five letters.
    #[error("a device of Steam, whose codes are letters")]
    Steam,
    /// Another kind of device, such as Yandex's or mOTP.
    #[error("a device of an unknown type")]
    UnknownType,
    /// MD5, or an algorithm that is not known.
    #[error("an unknown algorithm: TOTP has SHA1, SHA256 and SHA512")]
    Algorithm,
    /// A length of codes that no device has.
    #[error("a code has 6 to 8 digits")]
    Digits,
    /// A period that no device has.
    #[error("a period has 1 to 300 seconds")]
    Period,
    /// No secret at all.
    #[error("the entry has no secret")]
    NoSecret,
    /// The secret is no seed.
    #[error("the secret cannot be used")]
    Secret(#[source] SeedError),
    /// The address can't be used.
    #[error(transparent)]
    Address(OtpAuthError),
    /// A code of an export of Google Authenticator that can't be read.
    #[error(transparent)]
    Migration(#[from] MigrationError),
    /// Something else than a device.
    #[error("not an MFA device")]
    NoDevice,
}

impl Reason {
    /// Returns a stable code for programs; the text is for people.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Hotp => "entry-hotp",
            Self::Steam => "entry-steam",
            Self::UnknownType => "entry-unknown-type",
            Self::Algorithm => "entry-algorithm",
            Self::Digits => "entry-digits",
            Self::Period => "entry-period",
            Self::NoSecret => "entry-no-secret",
            Self::Secret(error) => error.code(),
            Self::Address(error) => error.code(),
            Self::Migration(error) => error.code(),
            Self::NoDevice => "entry-no-device",
        }
    }
}

impl From<OtpAuthError> for Reason {
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "the enum may grow; what is new keeps its own words"
    )]
    fn from(error: OtpAuthError) -> Self {
        match error {
            OtpAuthError::Hotp => Self::Hotp,
            OtpAuthError::UnknownType => Self::UnknownType,
            OtpAuthError::Algorithm => Self::Algorithm,
            OtpAuthError::Digits => Self::Digits,
            OtpAuthError::Period => Self::Period,
            OtpAuthError::MissingSecret => Self::NoSecret,
            OtpAuthError::Secret(SeedError::Empty) => Self::NoSecret,
            OtpAuthError::Secret(error) => Self::Secret(error),
            other => Self::Address(other),
        }
    }
}

impl From<PayloadError> for Reason {
    fn from(error: PayloadError) -> Self {
        match error {
            PayloadError::Device(error) => error.into(),
            PayloadError::Migration(error) => error.into(),
        }
    }
}

impl From<RefusedEntry> for EntryProblem {
    fn from(refused: RefusedEntry) -> Self {
        Self {
            issuer: refused.issuer,
            name: refused.name,
            reason: match refused.reason {
                EntryError::Hotp => Reason::Hotp,
                EntryError::UnknownType => Reason::UnknownType,
                EntryError::Algorithm => Reason::Algorithm,
                EntryError::Digits => Reason::Digits,
                EntryError::Secret(SeedError::Empty) => Reason::NoSecret,
                EntryError::Secret(error) => Reason::Secret(error),
                EntryError::Label(error) => error.into(),
                _ => Reason::UnknownType,
            },
        }
    }
}
