//! Reads MFA devices out of the exports of other programs.
//!
//! [`read`] takes a file's bytes, tells by its content what it is, and returns its devices as
//! [`OtpAuth`]. What a file holds besides devices is not looked at. A device that can't be used is an
//! [`EntryProblem`] and no error of the file, so that the others come over.
//!
//! | module | reads |
//! |---|---|
//! | `lines` | `otpauth://` and `otpauth-migration://` addresses, one a line: Ente, Aegis, Undercroft and many others |
//! | `ente` | Ente Auth, encrypted |
//! | `aegis` | Aegis, plain and encrypted |
//! | `two_fas` | 2FAS, plain and encrypted |
//! | `bitwarden` | Bitwarden's JSON, plain and protected by a password |
//! | `one_password` | the archive of 1Password (1PUX) |
//! | `keepass` | the XML of KeePassXC and KeePass |
//! | `table` | the CSV of Bitwarden, KeePassXC, 1Password and others that name their columns alike |
//! | `picture` | QR codes in pictures |
//!
//! A file is somebody else's: its size, its entries and what its key derivation costs are bounded before anything
//! is computed. What is decrypted here is wiped when dropped. Nothing here reads a clock, a file or the network, and
//! errors never repeat what they were given.

mod aegis;
mod bitwarden;
mod cipher;
mod ente;
mod entry;
mod error;
mod json;
mod kdf;
mod keepass;
mod lines;
mod one_password;
mod picture;
mod recognise;
mod secretstream;
mod table;
mod two_fas;

use undercroft_otp::{MigrationPart, OtpAuth};
use undercroft_secret::SecretString;

pub use error::{EntryProblem, Foreign, ImportError, Reason};

/// The most bytes that a file may have.
pub const MAX_BYTES: usize = 16 << 20;
/// The most devices that a file may hold.
pub const MAX_ENTRIES: usize = 10_000;

/// What a file turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Format {
    /// `otpauth://` addresses, one a line.
    OtpauthLines,
    /// Ente Auth, encrypted.
    EnteEncrypted,
    /// Aegis, in the clear.
    Aegis,
    /// Aegis, encrypted.
    AegisEncrypted,
    /// 2FAS, in the clear.
    TwoFas,
    /// 2FAS, encrypted.
    TwoFasEncrypted,
    /// Bitwarden's JSON, in the clear.
    Bitwarden,
    /// Bitwarden's JSON, protected by a password.
    BitwardenEncrypted,
    /// The archive of 1Password.
    OnePux,
    /// The XML of KeePassXC or KeePass.
    KeePassXml,
    /// A table with a column of addresses or seeds.
    Csv,
    /// A picture with QR codes.
    Picture,
}

impl Format {
    /// Returns a stable code for programs.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::OtpauthLines => "otpauth-lines",
            Self::EnteEncrypted => "ente-encrypted",
            Self::Aegis => "aegis",
            Self::AegisEncrypted => "aegis-encrypted",
            Self::TwoFas => "2fas",
            Self::TwoFasEncrypted => "2fas-encrypted",
            Self::Bitwarden => "bitwarden",
            Self::BitwardenEncrypted => "bitwarden-encrypted",
            Self::OnePux => "1pux",
            Self::KeePassXml => "keepass-xml",
            Self::Csv => "csv",
            Self::Picture => "picture",
        }
    }
}

/// What a file holds.
#[derive(Debug)]
pub struct Import {
    /// What the file is.
    pub format: Format,
    /// Its devices in their order; each one that can't be used says why.
    pub entries: Vec<Result<OtpAuth, EntryProblem>>,
    /// Parts of exports of Google Authenticator. One export may be spread over several files, so whoever has all
    /// of them puts them together, with [`collect`](undercroft_otp::collect).
    pub parts: Vec<MigrationPart>,
}

/// Reads the devices of a file, whatever program wrote it.
///
/// Encrypted files cost what their key derivation costs, up to some seconds.
///
/// # Errors
///
/// [`ImportError::PasswordNeeded`] when the file is encrypted and `password` is `None`, which costs nothing;
/// otherwise why the file can't be read.
pub fn read(bytes: &[u8], password: Option<&SecretString>) -> Result<Import, ImportError> {
    if bytes.len() > MAX_BYTES {
        return Err(ImportError::TooLarge);
    }
    let import = recognise::read(bytes, password)?;
    let in_parts: usize = import.parts.iter().map(|part| part.devices.len()).sum();
    if import.entries.len() + in_parts > MAX_ENTRIES {
        return Err(ImportError::TooLarge);
    }
    Ok(import)
}
