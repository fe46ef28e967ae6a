//! The encrypted vault: file format, saving, backups and merging.
//!
//! The format is described to the byte in `FORMAT.md` beside this crate's manifest. The modules follow it
//! from the outside to the inside:
//!
//! - [`format`]: the file as a whole, its prelude, its header and its errors;
//! - [`slots`], [`kdf`], [`recovery`]: how a password or a recovery key gives the [`VaultKey`];
//! - [`quick_key`]: the vault key sealed to a key of this machine, beside the file;
//! - [`body`]: what the vault holds, item by item, each kept encoded until it is asked for;
//! - [`sealed`]: the second lock around each secret value inside the body.
//!
//! On top of it stand:
//!
//! - [`Vault`]: the unlocked vault, its items, its keys and its backups;
//! - [`store`]: the file on disk, how it is saved, merged and kept;
//! - [`check`]: a look at a file without opening it;
//! - [`archive`]: everything that a vault holds, in a file of its own.

pub mod archive;
pub mod body;
mod check;
mod error;
pub mod format;
pub mod kdf;
pub mod quick_key;
pub mod recovery;
pub mod sealed;
mod sealed_fields;
pub mod slots;
pub mod store;
#[cfg(test)]
mod tests;
mod vault;
mod vault_key;
#[cfg(test)]
mod vectors;

pub use archive::{Archive, ArchiveError, Arrival, Incoming, TakeIn, TwinRule};
pub use body::{Body, Items, SaveStamp, StoredItem};
pub use check::{CheckReport, check, check_free};
pub use error::{Step, VaultError};
pub use format::{
    FormatError, FormatVersion, Header, MAX_FILE_LEN, Opened, Parsed, open, open_with_key, parse,
    write,
};
pub use kdf::KdfParams;
pub use quick_key::{QuickKey, QuickKeyError, SealedVaultKey};
pub use recovery::{RecoveryKey, RecoveryKeyError};
pub use sealed::{seal, unseal};
pub use sealed_fields::without_sealed_bytes;
pub use slots::{Credential, Slot, SlotKind};
pub use store::{Backup, BackupReason, Disk, Holder, MergeReport, OsDisk, Rollback};
pub use vault::{
    Access, AccessWanted, BIN_SECS, CreateOptions, ItemsReport, Locking, Moved, NewerBackups,
    SaveReport, UnlockOptions, UnlockReport, Vault, backups_of, restore_backup,
};
pub use vault_key::VaultKey;
