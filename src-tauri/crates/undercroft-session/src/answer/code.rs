//! Codes, copies, and what a typed seed holds.

use undercroft_model::{DeviceId, ItemId, OtpParams, PeriodSecs, Serial};
use undercroft_otp::{AwsLabel, Code, Correction};

use super::AccountRow;

/// The codes of a device, now.
#[derive(Clone, Debug)]
pub struct DeviceCodes {
    /// The device.
    pub device: DeviceId,
    /// The present code.
    pub code: Code,
    /// The one after it.
    pub next: Code,
    /// Milliseconds until the present code ends.
    pub ends_in_ms: u32,
    /// The time step.
    pub period: PeriodSecs,
    /// Whether the present code was given out already.
    pub used: bool,
    /// Whether the next one was, too.
    pub next_used: bool,
}

/// What happened on copying.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Copied {
    /// Seconds until the clipboard is cleared; nothing where the value is no secret and stays.
    pub clears_in_secs: Option<u32>,
    /// Whether the code had been given out before, so that AWS may refuse it.
    pub used_before: bool,
    /// Whether the next code was taken because the present one was about to end: seconds until it is valid.
    pub valid_in_secs: Option<u32>,
}

/// What a typed seed or URI holds, without the seed.
#[derive(Clone, Debug, PartialEq)]
pub struct SeedPreview {
    /// Whether it was an otpauth URI.
    pub from_uri: bool,
    /// The device's name, where the label has one.
    pub device_name: Option<String>,
    /// The issuer.
    pub issuer: Option<String>,
    /// The label as it stands in the URI, decoded.
    pub label: Option<String>,
    /// What the label says, where it is one of AWS's.
    pub aws: Option<AwsLabel>,
    /// The account in the vault that this is.
    pub account: Option<AccountRow>,
    /// The identity in the vault that this is.
    pub identity: Option<ItemId>,
    /// The serial derived from account and device name, to be confirmed.
    pub serial: Option<Serial>,
    /// How its codes are made.
    pub params: OtpParams,
    /// The seed's length.
    pub bits: usize,
    /// Characters that were read as others, as in `0→O`.
    pub corrections: Vec<Correction>,
    /// Whether the seed is shorter than RFC 4226 asks for.
    pub weak: bool,
    /// The device that holds the same seed already, as `identity / device`.
    pub duplicate_of: Option<String>,
    /// Whether STS takes its codes; not those of Identity Center and Builder ID, nor 7 or 8 digits.
    pub usable_with_sts: bool,
}
