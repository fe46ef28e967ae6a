//! The file format from outside: what changed is refused, what was written is read.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test may panic, and tells its figures"
)]

mod changes;
mod fixture;
mod properties;
