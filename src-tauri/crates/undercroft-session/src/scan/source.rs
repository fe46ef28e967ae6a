//! Where pictures come from, and what can go wrong there.

use undercroft_otp::qr::Picture;

/// A source of pictures: the screen, the clipboard, a file, a camera.
///
/// It is asked off the actor and may block. Pictures stay in memory and are wiped.
pub trait PictureSource: Send + 'static {
    /// Takes the pictures that there are now; of a camera, the next one.
    ///
    /// # Errors
    /// What kept it from it.
    fn take(&mut self) -> Result<Vec<Picture>, ScanError>;

    /// Whether it goes on showing: then it is asked again until a code is found or it fails.
    fn is_live(&self) -> bool {
        false
    }
}

/// Why there is nothing to look for codes in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScanError {
    /// The screen can't be read.
    #[error("the screen can't be read: {detail}")]
    NoScreen {
        /// The system's own words.
        detail: String,
    },
    /// The user, or the desktop for them, said no.
    #[error("no picture of the screen was allowed")]
    Refused,
    /// Nobody answered in time.
    #[error("no picture came in time")]
    Timeout,
    /// The user gave up choosing.
    #[error("cancelled")]
    Cancelled,
    /// The clipboard holds neither picture nor file nor text, or can't be reached.
    #[error("nothing to read is on the clipboard")]
    EmptyClipboard,
    /// Nothing was dropped that is a file.
    #[error("no file was dropped")]
    NothingDropped,
    /// The file can't be read.
    #[error("the file can't be read: {detail}")]
    Unreadable {
        /// The system's own words.
        detail: String,
    },
    /// It is a drawing that only describes a picture.
    #[error("a drawing (SVG), not a picture")]
    Svg,
    /// It is no picture of a known kind.
    #[error("not a picture of a known kind")]
    NotAPicture,
    /// The picture is damaged.
    #[error("the picture is damaged")]
    Damaged,
    /// The picture has more pixels or bytes than any screen.
    #[error("the picture is too large")]
    TooLarge,
    /// There is no camera, or this system's can't be used.
    #[error("no camera can be used: {detail}")]
    NoCamera {
        /// What is missing.
        detail: String,
    },
    /// The scan was dropped: its time was up, or another took its place.
    #[error("the scan is gone")]
    Gone,
}
