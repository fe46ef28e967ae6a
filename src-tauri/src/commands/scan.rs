//! Scanning codes: each command asks one source, and the window gets what was found without its seed.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tauri::State;
use undercroft_session::{PictureSource, ScanError, ScanId, ScannedDevice, Session};

use crate::Window;
use crate::convert::{Receive, id};
use crate::dropping::Dropped;
use crate::error::UiError;
use crate::platform::capture::{self, pasted};
use crate::platform::dialogs;
use crate::view::{DeviceDraft, EnrolmentCodeView, EnrolmentTurn, ScanView, ScanWaysView};

/// How long a desktop takes to show what was behind a window that went away.
const BEHIND_MS: u64 = 350;

/// The camera that looks just now, if one does.
#[derive(Default)]
pub(crate) struct Camera(Mutex<Arc<AtomicBool>>);

impl Camera {
    /// Ends the one that looks and gives the next one its wish.
    fn begin(&self) -> Arc<AtomicBool> {
        let wanted = Arc::new(AtomicBool::new(true));
        let mut present = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut *present, wanted.clone()).store(false, Ordering::Release);
        wanted
    }
}

/// Which sources work on this desktop.
#[tauri::command]
#[specta::specta]
pub(crate) async fn scan_ways(session: State<'_, Session>) -> Result<ScanWaysView, UiError> {
    session.demand_unlocked().await?;
    Ok(ScanWaysView {
        region: capture::takes_parts(),
        screen_asks: !capture::takes_silently(),
        camera_missing: capture::camera_missing(),
    })
}

/// Looks for codes on all monitors.
///
/// The first look leaves our window where it is. When it finds no device, the window may be in front of the code: it
/// is hidden for a second look. A desktop that asks the user for each picture is asked once only.
#[tauri::command]
#[specta::specta]
pub(crate) async fn scan_screen(
    window: Window,
    session: State<'_, Session>,
    identity: Option<String>,
) -> Result<ScanView, UiError> {
    let identity = identity.as_deref().map(id).transpose()?;
    let first = session.scan(identity, capture::Screen).await?;
    if first.has_device() || !capture::takes_silently() {
        return Ok(first.into());
    }
    let second = behind(&window, session.scan(identity, capture::Screen)).await?;
    let told = if second.found.is_empty() {
        first
    } else {
        second
    };
    Ok(told.into())
}

/// Lets the user draw a rectangle on the screen and looks for codes in it, without our window in front.
#[tauri::command]
#[specta::specta]
pub(crate) async fn scan_region(
    window: Window,
    session: State<'_, Session>,
    identity: Option<String>,
) -> Result<ScanView, UiError> {
    let identity = identity.as_deref().map(id).transpose()?;
    session.demand_unlocked().await?;
    let scanning = session.scan(identity, capture::ScreenPart);
    let answer = if capture::takes_silently() {
        behind(&window, scanning).await?
    } else {
        // The desktop's own dialog comes to the window that has the focus.
        scanning.await?
    };
    Ok(answer.into())
}

/// Looks for codes in what is on the clipboard: a picture, picture files, or the text of a code.
#[tauri::command]
#[specta::specta]
pub(crate) async fn scan_clipboard(
    session: State<'_, Session>,
    identity: Option<String>,
) -> Result<ScanView, UiError> {
    let identity = identity.as_deref().map(id).transpose()?;
    session.demand_unlocked().await?;
    let read = tauri::async_runtime::spawn_blocking(pasted::read).await;
    let answer = match read.map_err(|_| UiError::Internal)?? {
        pasted::Pasted::Picture(picture) => session.scan(identity, Taken(Some(picture))).await?,
        pasted::Pasted::Files(paths) => {
            session
                .scan(identity, capture::file::PictureFiles(paths))
                .await?
        }
        pasted::Pasted::Text(text) => session.scan_text(identity, text).await?,
    };
    Ok(answer.into())
}

/// Lets the user choose a picture file and looks for codes in it.
#[tauri::command]
#[specta::specta]
pub(crate) async fn scan_file(
    window: Window,
    session: State<'_, Session>,
    identity: Option<String>,
) -> Result<ScanView, UiError> {
    let identity = identity.as_deref().map(id).transpose()?;
    session.demand_unlocked().await?;
    let path = dialogs::open_picture(&window)
        .await
        .ok_or(ScanError::Cancelled)?;
    let files = capture::file::PictureFiles(vec![path]);
    Ok(session.scan(identity, files).await?.into())
}

/// Looks for codes in the files that were dropped last.
#[tauri::command]
#[specta::specta]
pub(crate) async fn scan_dropped(
    session: State<'_, Session>,
    dropped: State<'_, Dropped>,
    identity: Option<String>,
) -> Result<ScanView, UiError> {
    let identity = identity.as_deref().map(id).transpose()?;
    session.demand_unlocked().await?;
    let files = capture::file::PictureFiles(dropped.take());
    Ok(session.scan(identity, files).await?.into())
}

/// Looks for a code before the camera, until one comes, `stop_camera` is called, or a minute has passed.
#[tauri::command]
#[specta::specta]
pub(crate) async fn scan_camera(
    session: State<'_, Session>,
    camera: State<'_, Camera>,
    identity: Option<String>,
) -> Result<ScanView, UiError> {
    let identity = identity.as_deref().map(id).transpose()?;
    session.demand_unlocked().await?;
    let frames = capture::CameraFrames::new(camera.begin());
    Ok(session.scan(identity, frames).await?.into())
}

/// Ends looking through the camera.
#[tauri::command]
#[specta::specta]
pub(crate) async fn stop_camera(
    session: State<'_, Session>,
    camera: State<'_, Camera>,
) -> Result<(), UiError> {
    camera.begin();
    Ok(session.demand_unlocked().await?)
}

/// Drops what a scan found and was not saved.
#[tauri::command]
#[specta::specta]
pub(crate) async fn end_scan(session: State<'_, Session>, scan: String) -> Result<(), UiError> {
    Ok(session.end_scan(scan_id(&scan)?).await?)
}

/// Files a device that a scan found; its id. The draft has no secret: the seed is in the scan.
#[tauri::command]
#[specta::specta]
pub(crate) async fn save_scanned_device(
    session: State<'_, Session>,
    draft: DeviceDraft,
    scan: String,
    number: u32,
) -> Result<String, UiError> {
    let draft = draft.receive(&|_| Err(UiError::BadMessage))?;
    let scanned = ScannedDevice {
        scan: scan_id(&scan)?,
        number,
    };
    let device = session.save_scanned_device(draft, scanned).await?;
    Ok(device.to_string())
}

/// Copies the first or the second of the two consecutive codes that AWS asks for, and counts it as used.
#[tauri::command]
#[specta::specta]
pub(crate) async fn copy_enrolment_code(
    session: State<'_, Session>,
    identity: String,
    device: String,
    turn: EnrolmentTurn,
) -> Result<EnrolmentCodeView, UiError> {
    let (identity, device) = (id(&identity)?, id(&device)?);
    let answer = session.copy_enrolment_code(identity, device, turn.into());
    Ok(answer.await?.into())
}

fn scan_id(text: &str) -> Result<ScanId, UiError> {
    ScanId::parse(text).map_err(|_| ScanError::Gone.into())
}

/// A picture that is there already.
struct Taken(Option<undercroft_otp::qr::Picture>);

impl PictureSource for Taken {
    fn take(&mut self) -> Result<Vec<undercroft_otp::qr::Picture>, ScanError> {
        Ok(self.0.take().into_iter().collect())
    }
}

/// Does `work` while our window is hidden, and brings it back to where it was whatever comes of it.
async fn behind<T>(window: &Window, work: impl Future<Output = T>) -> T {
    // A window manager places a window anew that comes back; a maximised one has its place.
    let is_free = !window.is_maximized().unwrap_or(false);
    let place = window.outer_position().ok().filter(|_| is_free);
    // A window that can't be hidden is in the way, and no more.
    let hidden = window.hide().is_ok();
    if hidden {
        tokio::time::sleep(Duration::from_millis(BEHIND_MS)).await;
    }
    let done = work.await;
    if hidden {
        let _ = window.show();
        if let Some(place) = place {
            let _ = window.set_position(place);
        }
        let _ = window.set_focus();
    }
    done
}
