//! Redacted, wiped types for secrets.
//!
//! A secret in Undercroft is always one of three types:
//!
//! - [`SecretBytes`]: any bytes, such as an MFA seed;
//! - [`SecretString`]: any text, such as a password or a secret access key;
//! - [`SecretKey`]: 32 random or derived bytes, kept out of swap where the system allows it.
//!
//! They wipe their memory when dropped. None of them has `Display`, `Serialize`, `Deref` or `PartialEq`, and
//! their `Debug` says only what they are, so a secret cannot reach a log, the window or a file by accident.
//! Every place that reads one says so by calling `expose`.
//!
//! [`WipingAllocator`] covers what types cannot: the copies that libraries leave behind in freed memory.

mod allocator;
mod bytes;
mod key;
mod string;

pub use allocator::{WipingAllocator, release_freed, use_one_arena};
pub use bytes::SecretBytes;
pub use key::SecretKey;
pub use string::SecretString;
