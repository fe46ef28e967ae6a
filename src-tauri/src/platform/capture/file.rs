//! Picture files, and what comes as bytes.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use undercroft_otp::qr::{Picture, PictureError};
use undercroft_session::{PictureSource, ScanError};

/// The most bytes of a file that are read; the decoder takes fewer.
const MOST_BYTES: u64 = 128 * 1024 * 1024;
/// The most files that are looked at at once.
const MOST_FILES: usize = 32;

/// Pictures in files that the user chose, dropped or copied.
pub(crate) struct PictureFiles(pub(crate) Vec<PathBuf>);

impl PictureSource for PictureFiles {
    fn take(&mut self) -> Result<Vec<Picture>, ScanError> {
        let paths = std::mem::take(&mut self.0);
        let mut pictures = Vec::new();
        let mut refused = None;
        for path in paths.iter().take(MOST_FILES) {
            match read(path) {
                Ok(picture) => pictures.push(picture),
                Err(error) => refused = refused.or(Some(error)),
            }
        }
        // One picture among other things is enough.
        if pictures.is_empty() {
            return Err(refused.unwrap_or(ScanError::NothingDropped));
        }
        Ok(pictures)
    }
}

fn read(path: &Path) -> Result<Picture, ScanError> {
    // Looked at before it is opened: opening a pipe would wait for somebody to write.
    let metadata = std::fs::metadata(path).map_err(unreadable)?;
    if !metadata.is_file() {
        return Err(unreadable("it is no file"));
    }
    of_bytes(&read_open(File::open(path).map_err(unreadable)?)?)
}

/// Reads an open file, up to the limit.
pub(super) fn read_open(file: File) -> Result<Vec<u8>, ScanError> {
    let mut bytes = Vec::new();
    let read = file.take(MOST_BYTES + 1).read_to_end(&mut bytes);
    read.map_err(unreadable)?;
    if bytes.len() as u64 > MOST_BYTES {
        return Err(ScanError::TooLarge);
    }
    Ok(bytes)
}

/// Decodes a picture file's content.
pub(super) fn of_bytes(bytes: &[u8]) -> Result<Picture, ScanError> {
    Picture::read(bytes).map_err(refused)
}

/// Makes a picture of pixels, four bytes each.
pub(super) fn of_rgba(width: u32, height: u32, rgba: Vec<u8>) -> Result<Picture, ScanError> {
    Picture::from_rgba(width, height, rgba).map_err(refused)
}

fn refused(error: PictureError) -> ScanError {
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "the enum may grow; what is new is no picture until it has words"
    )]
    match error {
        PictureError::Svg => ScanError::Svg,
        PictureError::Empty | PictureError::Damaged => ScanError::Damaged,
        PictureError::FileTooLarge { .. } | PictureError::TooManyPixels { .. } => {
            ScanError::TooLarge
        }
        _ => ScanError::NotAPicture,
    }
}

fn unreadable(error: impl std::fmt::Display) -> ScanError {
    ScanError::Unreadable {
        detail: error.to_string(),
    }
}
