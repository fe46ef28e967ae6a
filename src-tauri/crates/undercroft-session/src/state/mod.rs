//! The machine-local state file: what changes by the minute, and so stays out of the vault.
//!
//! It holds the ledger of used time steps, cached sessions, clock offsets, when keys were last used, and the save that
//! was last seen. Losing it loses no credential: AWS then may refuse a code, and sessions are asked for again.
//!
//! # The file
//! `<state folder>/<vault id>.state`, replaced whole by renaming, each time made durable first:
//!
//! | bytes | what |
//! |---|---|
//! | 8 | `UCSTATE` and the version, 1 |
//! | 12 | a random nonce |
//! | the rest | AES-256-GCM under a key derived from the vault key; the first 8 bytes and the vault's id are its AAD |
//!
//! Inside: the length of the content as a big-endian `u32`, the content in CBOR, and zeros up to a multiple of 4 KiB,
//! so that the size tells only roughly how many sessions there are.

mod content;
mod file;

pub use content::rewrite_content;
pub(crate) use content::{CachedSession, ClockEntry, State};
pub use file::StateError;
pub(crate) use file::{Opened, StateFile};
