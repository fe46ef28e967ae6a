//! The files of `~/.aws` and of the console: vectors, and what must hold for any text.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "the functions beside the tests are tests too"
)]

mod properties;
mod shown;
mod vectors;
