//! The file format from outside: what changed is refused, what was written is read.
#![allow(clippy::unwrap_used, reason = "tests")]

mod changes;
mod fixture;
mod properties;
