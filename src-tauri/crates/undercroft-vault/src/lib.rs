//! The encrypted vault: file format, saving, backups and merging.
//!
//! The format is described to the byte in `FORMAT.md` beside this crate's manifest. The modules follow it
//! from the outside to the inside:
//!
//! - [`format`]: the file as a whole, its prelude, its header and its errors;
//! - [`slots`], [`kdf`], [`recovery`]: how a password or a recovery key gives the [`VaultKey`];
//! - [`body`]: what the vault holds, item by item, each kept encoded until it is asked for;
//! - [`sealed`]: the second lock around each secret value inside the body.

pub mod body;
mod crypto;
pub mod format;
pub mod kdf;
pub mod recovery;
pub mod sealed;
pub mod slots;

pub use body::{Body, Items, SaveStamp, StoredItem};
pub use crypto::VaultKey;
pub use format::{
    FormatError, FormatVersion, Header, Opened, Parsed, open, open_with_key, parse, write,
};
pub use kdf::KdfParams;
pub use recovery::{RecoveryKey, RecoveryKeyError};
pub use sealed::{seal, unseal};
pub use slots::{Credential, Slot, SlotKind};
