//! MFA seeds, one-time codes and otpauth URIs.
//!
//! The way through this crate:
//!
//! 1. [`parse_typed`] reads what a person pasted or typed: a [`Seed`] in Base32, or an `otpauth://` URI
//!    ([`OtpAuth`]). Both are read tolerantly, and what was corrected or looks odd is said.
//! 2. [`AwsLabel`] splits an AWS label into device, account and user, so that the account and the serial
//!    ([`serial_for`]) can be proposed. They are proposals: the person confirms them.
//! 3. [`code`] computes the [`Code`] of a [`TimeStep`] (RFC 6238); [`Live`] is what a display shows.
//! 4. The [`Ledger`] remembers which steps were given out, because AWS refuses a code that it has seen.
//!
//! QR codes come in by the feature `qr`: module `qr` finds them in pictures and draws them, [`classify`] tells what one
//! says, and [`MigrationPart`] reads the exports of Google Authenticator, which pack several devices into one.
//!
//! Nothing here reads a clock, a file or the network. Errors never repeat what they were given.

mod aws_label;
mod base32;
mod base64;
mod code;
mod ledger;
mod migration;
mod otpauth;
mod payload;
mod percent;
#[cfg(feature = "qr")]
pub mod qr;
mod seed;
mod step;
mod text;
mod typed;

pub use aws_label::{AccountRef, AwsLabel, AwsService, serial_for};
pub use code::{Code, Live, code};
pub use ledger::{Copied, Ledger, LedgerError, Taken};
pub use migration::{
    Batch, Collected, EntryError, Export, MigrationError, MigrationPart, RefusedEntry, collect,
    migration_uris,
};
pub use otpauth::{OtpAuth, OtpAuthError, Parameter, UriWarning};
pub use payload::{OtherPayload, Payload, PayloadError, classify};
pub use seed::{Correction, ParsedSeed, Seed, SeedError, SeedWarning};
pub use step::{TimeStep, Window};
pub use typed::{TypedError, TypedSecret, parse_typed};
