//! What is on the clipboard, read here so that no page gets it.

use std::path::PathBuf;

use undercroft_otp::qr::Picture;
use undercroft_secret::SecretString;
use undercroft_session::ScanError;

/// What may hold a code or a seed.
pub(crate) enum Pasted {
    /// A picture.
    Picture(Picture),
    /// Files, as a file manager copies them.
    Files(Vec<PathBuf>),
    /// A text.
    Text(SecretString),
}

/// Reads the clipboard: a picture, else files, else a text.
///
/// # Errors
///
/// [`ScanError::EmptyClipboard`] where there is none of these, or no clipboard.
pub(crate) fn read() -> Result<Pasted, ScanError> {
    let mut clipboard = arboard::Clipboard::new().map_err(|_| ScanError::EmptyClipboard)?;
    if let Ok(image) = clipboard.get_image() {
        let (width, height) = (image.width, image.height);
        let [width, height] = [width, height].map(|side| u32::try_from(side).unwrap_or(u32::MAX));
        return super::file::of_rgba(width, height, image.bytes.into_owned()).map(Pasted::Picture);
    }
    if let Ok(files) = clipboard.get().file_list()
        && !files.is_empty()
    {
        return Ok(Pasted::Files(files));
    }
    match clipboard.get_text().map(SecretString::from) {
        Ok(text) if !text.expose().trim().is_empty() => Ok(Pasted::Text(text)),
        Ok(_) | Err(_) => Err(ScanError::EmptyClipboard),
    }
}
