//! What a scan found, as the window shows it. No seed and no picture is in it.

use serde::Serialize;
use specta::Type;

use super::SeedPreview;

/// Which sources of codes work on this desktop.
#[derive(Clone, Debug, Serialize, Type)]
pub(crate) struct ScanWaysView {
    /// Whether a part of the screen can be chosen.
    pub(crate) region: bool,
    /// Whether the desktop asks the user before it gives a picture of the screen.
    pub(crate) screen_asks: bool,
    /// What is missing for a camera; nothing where one can be used.
    pub(crate) camera_missing: Option<String>,
}

/// What a scan found.
#[derive(Clone, Debug, Serialize, Type)]
pub(crate) struct ScanView {
    /// The scan's id, by which one of its devices is saved.
    pub(crate) id: String,
    /// What was found; the place of each is its number.
    pub(crate) found: Vec<FoundView>,
}

/// One thing that was found.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub(crate) enum FoundView {
    /// A device that can be saved.
    Device {
        /// What it is, and where it belongs.
        preview: Box<SeedPreview>,
        /// Whether it was one of several in an export of Google Authenticator.
        exported: bool,
    },
    /// A web address; only its host is told.
    WebAddress {
        /// The host.
        host: String,
    },
    /// A counter-based device, which AWS does not have.
    Hotp {
        /// What it is called, where that is known.
        label: Option<String>,
    },
    /// A device that can't be used.
    Unusable {
        /// What it is called, where that is known.
        label: Option<String>,
        /// Why.
        why: String,
    },
    /// The export has more codes than were found.
    MissingParts {
        /// How many.
        missing: u32,
    },
    /// A request for a passkey, which STS never takes.
    Passkey,
    /// A sign-in page of Identity Center or Builder ID.
    SignInPage,
    /// A wireless network.
    Wifi,
    /// Anything else.
    Text,
}

/// Files are dragged over the window.
#[derive(Clone, Copy, Debug, Serialize, serde::Deserialize, Type, tauri_specta::Event)]
pub(crate) struct Dragging {
    /// What they do.
    pub(crate) stage: DragStage,
}

/// What dragged files do.
#[derive(Clone, Copy, Debug, Serialize, serde::Deserialize, Type, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum DragStage {
    /// They came over the window.
    Over,
    /// They were let go: `scan_dropped` looks at them.
    Dropped,
    /// They left.
    Left,
}

/// Which of the two codes of an enrolment is asked for.
#[derive(Clone, Copy, Debug, serde::Deserialize, Serialize, Type)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum EnrolmentTurn {
    /// The first.
    First,
    /// The second.
    Second,
}

/// What came of asking for one of the two codes by which AWS takes in a device.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub(crate) enum EnrolmentCodeView {
    /// It is on the clipboard.
    Copied {
        /// The code, ungrouped, to be typed by hand; worth nothing after its time step.
        code: String,
        /// Seconds until it is cleared from the clipboard.
        clears_in_secs: u32,
        /// Whether it had been given out before.
        used_before: bool,
        /// Milliseconds until its step ends, when the second one's begins.
        ends_in_ms: u32,
        /// The time step.
        period_secs: u32,
    },
    /// The second one's time has not come.
    NotYet {
        /// Milliseconds until it comes.
        in_ms: u32,
    },
    /// The second one's time is over: begin anew.
    TooLate,
}
