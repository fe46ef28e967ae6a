//! MFA devices that are made and looked after at AWS.

use serde::Serialize;
use specta::Type;

use crate::error::UiError;

/// How far the making of a device has come.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub(crate) enum EnrolmentStepView {
    /// AWS has made it and its seed is saved.
    Created,
    /// The next step needs a code that is not there yet.
    Wait {
        /// Seconds until it is.
        secs: u32,
        /// Whether the device is enabled already.
        enabled: bool,
    },
    /// The user has it; the proof is next.
    Enabled,
    /// It is finished.
    Done {
        /// The device's id.
        device: String,
    },
}

/// A device that was left unfinished.
#[derive(Clone, Debug, Serialize, Type)]
pub(crate) struct HalfMadeView {
    /// Its name at AWS.
    pub(crate) name: String,
    /// Its id, where its seed is kept.
    pub(crate) device: Option<String>,
    /// How far it is.
    pub(crate) stage: HalfMadeStage,
}

/// How far an unfinished device is.
#[derive(Clone, Copy, Debug, Serialize, Type)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum HalfMadeStage {
    /// AWS may have made it; its seed is lost.
    Intent,
    /// Its seed is kept.
    Created,
    /// The user has it; it was not tried with STS.
    Enabled,
}

/// What AWS has of a user's devices, beside what is filed here.
#[derive(Clone, Debug, Serialize, Type)]
pub(crate) struct ComparisonView {
    /// Those that AWS has.
    pub(crate) at_aws: Vec<DeviceAtAwsView>,
    /// Those that are filed here only, or without a serial to tell them by.
    pub(crate) only_here: Vec<OnlyHereView>,
    /// Serials of the account's virtual devices that belong to nobody.
    pub(crate) left_over: Vec<String>,
    /// Why AWS does not tell those.
    pub(crate) left_over_problem: Option<UiError>,
}

/// A device as AWS has it.
#[derive(Clone, Debug, Serialize, Type)]
pub(crate) struct DeviceAtAwsView {
    /// Its serial, or a passkey's ARN.
    pub(crate) serial: String,
    /// Whether it makes codes.
    pub(crate) makes_codes: bool,
    /// Since when the user has it.
    pub(crate) enabled_at: String,
    /// The same device here.
    pub(crate) filed_as: Option<String>,
}

/// A device of the vault that the user does not have at AWS.
#[derive(Clone, Debug, Serialize, Type)]
pub(crate) struct OnlyHereView {
    /// Its id.
    pub(crate) id: String,
    /// Its name.
    pub(crate) name: String,
    /// Its serial; without one it can't be compared.
    pub(crate) serial: Option<String>,
}
