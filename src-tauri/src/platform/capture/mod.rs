//! Where pictures of codes come from: the screen, a part of it, a file, the clipboard, a camera.
//!
//! | system | screen | part of it |
//! |---|---|---|
//! | X11 | `GetImage` of each monitor | drawn on a window of our own over a copy of the screen |
//! | Wayland | the screenshot portal, asked by a helper process | the portal's own choosing |
//! | Windows, macOS | `xcap` | – |
//!
//! Pictures stay in this process's memory, whose allocator wipes what it frees; no page ever gets one.

mod camera;
pub(crate) mod file;
pub(crate) mod pasted;
#[cfg(target_os = "linux")]
pub(crate) mod portal;
#[cfg(target_os = "linux")]
mod region;
#[cfg(target_os = "linux")]
mod x11;
#[cfg(any(windows, target_os = "macos"))]
mod xcap;

use undercroft_otp::qr::Picture;
use undercroft_session::{PictureSource, ScanError};

pub(crate) use camera::CameraFrames;

/// The whole screen, all monitors of it.
pub(crate) struct Screen;

/// A part of the screen that the user draws or chooses.
pub(crate) struct ScreenPart;

/// How this desktop gives away pictures of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// Any program may look.
    #[cfg(target_os = "linux")]
    X11,
    /// A program asks the desktop, and that asks the user.
    #[cfg(target_os = "linux")]
    Portal,
    /// By the system's own calls.
    #[cfg(any(windows, target_os = "macos"))]
    Native,
}

#[cfg(target_os = "linux")]
fn way() -> Way {
    // Xwayland would show its own windows only, and the rest black.
    if crate::platform::is_wayland() {
        Way::Portal
    } else {
        Way::X11
    }
}

#[cfg(any(windows, target_os = "macos"))]
fn way() -> Way {
    Way::Native
}

/// Whether a picture is taken without the user being asked, so that it can be taken again without our window.
pub(crate) fn takes_silently() -> bool {
    match way() {
        #[cfg(target_os = "linux")]
        Way::X11 => true,
        #[cfg(target_os = "linux")]
        Way::Portal => false,
        #[cfg(any(windows, target_os = "macos"))]
        Way::Native => true,
    }
}

/// Whether a part of the screen can be chosen.
pub(crate) fn takes_parts() -> bool {
    cfg!(target_os = "linux")
}

/// What is missing for using a camera; nothing where one can be used.
pub(crate) fn camera_missing() -> Option<String> {
    camera::missing()
}

impl PictureSource for Screen {
    fn take(&mut self) -> Result<Vec<Picture>, ScanError> {
        match way() {
            #[cfg(target_os = "linux")]
            Way::X11 => x11::monitors(),
            #[cfg(target_os = "linux")]
            Way::Portal => portal::take(portal::Choice::Screen).map(|picture| vec![picture]),
            #[cfg(any(windows, target_os = "macos"))]
            Way::Native => xcap::monitors(),
        }
    }
}

impl PictureSource for ScreenPart {
    fn take(&mut self) -> Result<Vec<Picture>, ScanError> {
        match way() {
            #[cfg(target_os = "linux")]
            Way::X11 => region::draw().map(|picture| vec![picture]),
            #[cfg(target_os = "linux")]
            Way::Portal => portal::take(portal::Choice::Part).map(|picture| vec![picture]),
            #[cfg(any(windows, target_os = "macos"))]
            Way::Native => Err(ScanError::NoScreen {
                detail: "a part of the screen can't be chosen on this system".to_owned(),
            }),
        }
    }
}
