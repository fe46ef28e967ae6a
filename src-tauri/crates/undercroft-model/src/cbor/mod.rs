//! Reading and writing records as CBOR (RFC 8949).
//!
//! What this crate writes is plain: definite lengths, no tags, no floating point. Such bytes are read in place, in less
//! than half the time that ciborium takes, which counts when ten thousand identities are unlocked. Anything else that
//! CBOR allows is read by ciborium, so both accept the same.

mod plain;

use std::fmt::Display;

use serde::{Serialize, de, de::DeserializeOwned};

/// Why bytes are not the CBOR of a record, or a record can't be written.
///
/// Neither says what stood there, since it may be private.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CborError {
    /// The bytes are not CBOR, or end too early.
    #[error("not CBOR, or cut off")]
    Syntax,
    /// CBOR, but not of what was asked for.
    #[error("the CBOR holds something else than what was expected")]
    Content,
    /// Something follows.
    #[error("bytes follow the end of the CBOR")]
    TrailingBytes,
    /// The value can't be written.
    #[error("this can't be written as CBOR")]
    Unwritable,
}

/// Reads one value that takes up all of the bytes.
///
/// # Errors
/// When the bytes are not CBOR, hold something else, or go on after it.
pub fn from_slice<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, CborError> {
    match plain::from_slice(bytes) {
        Ok(value) => Ok(value),
        Err(plain::NotPlain) => from_slice_by_ciborium(bytes),
    }
}

/// Writes a value.
///
/// # Errors
/// When the value has something that CBOR has no place for; the records of this crate have not.
pub fn to_vec<T: Serialize>(value: &T) -> Result<Vec<u8>, CborError> {
    let mut bytes = Vec::with_capacity(1024);
    ciborium::into_writer(value, &mut bytes).map_err(|_| CborError::Unwritable)?;
    bytes.shrink_to_fit();
    Ok(bytes)
}

fn from_slice_by_ciborium<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, CborError> {
    let mut rest = bytes;
    let value = ciborium::from_reader(&mut rest).map_err(|error| match error {
        ciborium::de::Error::Io(_) | ciborium::de::Error::Syntax(_) => CborError::Syntax,
        ciborium::de::Error::Semantic(..) | ciborium::de::Error::RecursionLimitExceeded => {
            CborError::Content
        }
    })?;
    if rest.is_empty() {
        Ok(value)
    } else {
        Err(CborError::TrailingBytes)
    }
}

impl de::Error for plain::NotPlain {
    fn custom<T: Display>(_: T) -> Self {
        Self
    }
}

#[cfg(test)]
mod tests;
