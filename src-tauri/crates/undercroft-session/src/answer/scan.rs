//! What a scan found, without any seed.

use std::fmt;

use undercroft_model::{IdError, ItemId};

use super::SeedPreview;

/// Names a scan whose codes wait for being saved.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct ScanId(ItemId);

impl ScanId {
    /// Draws a new id.
    pub(crate) fn new_random() -> Self {
        Self(ItemId::new_random())
    }

    /// Reads 32 hexadecimal characters.
    ///
    /// # Errors
    /// When the text is not such an id.
    pub fn parse(text: &str) -> Result<Self, IdError> {
        ItemId::parse(text).map(Self)
    }
}

impl fmt::Display for ScanId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for ScanId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ScanId({})", self.0)
    }
}

/// One found device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScannedDevice {
    /// The scan.
    pub scan: ScanId,
    /// Its place among what was found, from 0.
    pub number: u32,
}

/// What a scan found.
#[derive(Clone, Debug, PartialEq)]
pub struct ScanAnswer {
    /// The scan.
    pub id: ScanId,
    /// What was found, each code once, in the order of the pictures; devices of an export each on their own.
    pub found: Vec<Found>,
}

impl ScanAnswer {
    /// Whether there is a device to save.
    #[must_use]
    pub fn has_device(&self) -> bool {
        self.found
            .iter()
            .any(|found| matches!(found, Found::Device { .. }))
    }
}

/// One thing that was found.
#[derive(Clone, Debug, PartialEq)]
pub enum Found {
    /// A device that can be saved.
    Device {
        /// What it is, and where it belongs.
        preview: Box<SeedPreview>,
        /// Whether it was one of several in an export of Google Authenticator.
        exported: bool,
    },
    /// A code that can't be saved.
    Other(OtherCode),
}

/// A code that holds no device to save.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OtherCode {
    /// A web address; only its host is told.
    WebAddress {
        /// The host.
        host: String,
    },
    /// A counter-based device, which AWS does not have.
    Hotp {
        /// What it is called, where the export says so.
        label: Option<String>,
    },
    /// A device that can't be used.
    Unusable {
        /// What it is called, where the export says so.
        label: Option<String>,
        /// Why, for people; never what it holds.
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
