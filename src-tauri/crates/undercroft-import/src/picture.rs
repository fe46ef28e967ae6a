//! QR codes in pictures.

use undercroft_otp::qr::{Picture, PictureError, read_codes};
use undercroft_otp::{OtherPayload, Payload, classify};

use crate::entry::Parts;
use crate::{Foreign, Format, Import, ImportError, Reason};

/// Reads a picture's codes; `None` when the bytes are no picture.
pub(crate) fn read(bytes: &[u8]) -> Option<Result<Import, ImportError>> {
    match Picture::read(bytes) {
        Ok(picture) => Some(import(&picture)),
        Err(PictureError::UnknownFormat | PictureError::Empty) => None,
        Err(PictureError::Svg) => {
            let foreign = Foreign::Svg;
            Some(Err(ImportError::NotReadHere { foreign }))
        }
        Err(error) => Some(Err(error.into())),
    }
}

fn import(picture: &Picture) -> Result<Import, ImportError> {
    let mut import = Import {
        format: Format::Picture,
        entries: Vec::new(),
        parts: Vec::new(),
    };
    for found in read_codes(picture) {
        let refuse = |reason| Err(Parts::default().refuse(reason));
        match classify(&found.text) {
            Ok(Payload::Device(device)) => import.entries.push(Ok(device)),
            Ok(Payload::Migration(part)) => import.parts.push(part),
            Ok(Payload::Other(OtherPayload::Hotp)) => import.entries.push(refuse(Reason::Hotp)),
            Ok(Payload::Other(OtherPayload::UnknownDevice)) => {
                import.entries.push(refuse(Reason::UnknownType));
            }
            Ok(Payload::Other(_)) => import.entries.push(refuse(Reason::NoDevice)),
            Err(error) => import.entries.push(refuse(error.into())),
        }
    }
    if import.entries.is_empty() && import.parts.is_empty() {
        return Err(ImportError::NoCode);
    }
    Ok(import)
}
