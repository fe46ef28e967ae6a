//! Why a file is not opened or written.

use std::fmt;

/// A version of the format: files of the same major version can be read by every program that knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FormatVersion {
    /// Raised when older programs must not read the file.
    pub major: u16,
    /// Raised when older programs may read and rewrite the file, keeping what they do not know.
    pub minor: u16,
}

impl FormatVersion {
    /// What this program writes.
    pub const CURRENT: Self = Self { major: 1, minor: 0 };
}

impl fmt::Display for FormatVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

/// A part of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Part {
    /// The header: slots, salts and sizes, in the clear.
    Header,
    /// The body: everything that is encrypted.
    Body,
    /// One item of the body.
    Item,
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Header => "header",
            Self::Body => "body",
            Self::Item => "item",
        })
    }
}

/// Why a vault file, or a value in it, cannot be read or written.
///
/// The variants stand in the order in which a reader meets them. None holds a byte of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FormatError {
    /// More than [`MAX_FILE_LEN`](super::MAX_FILE_LEN) bytes, or about to become so.
    #[error("a vault holds at most 64 MiB")]
    TooLarge,
    /// The first eight bytes are not a vault's.
    #[error("not an Undercroft vault")]
    NotAVault,
    /// The file ends too early.
    #[error("the file is cut short")]
    Truncated,
    /// The header claims to be longer than 64 KiB.
    #[error("the header's length is impossible")]
    HeaderLength,
    /// The header's hash does not fit: the file was damaged, whatever the password.
    #[error("the file is damaged")]
    Damaged,
    /// Written by a newer program, in a way that this one must not read.
    #[error("needs a program that knows vault format {needs}")]
    TooNew {
        /// The format version to ask for.
        needs: FormatVersion,
    },
    /// The hash fits, but the content breaks the format's rules.
    #[error("the {0} breaks the rules of the format")]
    Malformed(Part),
    /// Bytes follow the body.
    #[error("the file is longer than its header says")]
    TrailingBytes,
    /// Argon2id parameters outside 19 MiB–1 GiB, 1–16 iterations, 1–8 lanes.
    #[error("a key slot asks for an unreasonable amount of work")]
    HostileKdf,
    /// The memory that Argon2id needs is not to be had.
    #[error("not enough memory to check the password")]
    OutOfMemory,
    /// The vault has no slot for this kind of credential.
    #[error("the vault has no slot of this kind")]
    NoSuchSlot,
    /// No slot opens with this password or recovery key.
    #[error("the password or recovery key is wrong")]
    WrongCredential,
    /// The header was not written with this vault key.
    #[error("the file has another vault key")]
    OtherVaultKey,
    /// The credential is right, but the header or the body was changed by somebody without it.
    #[error("the file was changed by somebody without the key")]
    Tampered,
    /// A sealed value belongs to another vault, item or field, or was changed.
    #[error("the sealed value does not belong here")]
    WrongValue,
    /// A vault has one to eight slots.
    #[error("a vault has one to eight key slots")]
    SlotCount,
}

impl FormatError {
    /// A stable name for vectors, logs and the window.
    #[must_use]
    pub fn class(&self) -> &'static str {
        match self {
            Self::TooLarge => "too-large",
            Self::NotAVault => "not-a-vault",
            Self::Truncated => "truncated",
            Self::HeaderLength => "header-length",
            Self::Damaged => "damaged",
            Self::TooNew { .. } => "too-new",
            Self::Malformed(_) => "malformed",
            Self::TrailingBytes => "trailing-bytes",
            Self::HostileKdf => "hostile-kdf",
            Self::OutOfMemory => "out-of-memory",
            Self::NoSuchSlot => "no-such-slot",
            Self::WrongCredential => "wrong-credential",
            Self::OtherVaultKey => "other-vault-key",
            Self::Tampered => "tampered",
            Self::WrongValue => "wrong-value",
            Self::SlotCount => "slot-count",
        }
    }
}
