//! Codes, addresses, exports and pictures, against the data files under `tests/vectors` and against other programs.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "the functions beside the tests are tests too"
)]

mod export;
mod migration;
mod oathtool;
mod properties;
mod qr;
mod vectors;
