//! The header: all that stands in the clear, because it is needed before there is a key.

use super::cbor::{NotCbor, Reader, UnknownFields, Writer, set};
use super::{FormatError, FormatVersion, Part};
use crate::slots::{KeySlot, MAX_SLOTS, Slot};

/// Number of bytes of the body's salt.
pub(crate) const SALT_LEN: usize = 32;

/// What a vault keeps of its header between opening and writing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// The version to write: what the file had, or [`FormatVersion::CURRENT`] for a new one.
    pub version: FormatVersion,
    /// The ways in, one to eight.
    pub slots: Vec<Slot>,
    /// Fields of a newer minor version.
    pub unknown: UnknownFields,
}

impl Header {
    /// The header of a new vault.
    #[must_use]
    pub fn new(slots: Vec<Slot>) -> Self {
        Self {
            version: FormatVersion::CURRENT,
            slots,
            unknown: UnknownFields::default(),
        }
    }
}

/// The header as it stands in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StoredHeader {
    pub(crate) version: FormatVersion,
    pub(crate) slots: Vec<KeySlot>,
    pub(crate) body_salt: [u8; SALT_LEN],
    pub(crate) body_len: u64,
    pub(crate) unknown: UnknownFields,
}

impl StoredHeader {
    pub(crate) fn new(header: &Header, body_salt: [u8; SALT_LEN], body_len: usize) -> Self {
        Self {
            version: header.version,
            slots: header.slots.iter().map(|slot| slot.key().clone()).collect(),
            body_salt,
            body_len: body_len as u64,
            unknown: header.unknown.clone(),
        }
    }

    /// Reads the header's CBOR, which is all of `bytes`, and refuses extensions that it must not ignore.
    pub(crate) fn read(version: FormatVersion, bytes: &[u8]) -> Result<Self, FormatError> {
        let (header, needs) =
            Self::read_fields(version, bytes).map_err(|_| FormatError::Malformed(Part::Header))?;
        match needs {
            None => Ok(header),
            Some(needs) => Err(FormatError::TooNew { needs }),
        }
    }

    fn read_fields(
        version: FormatVersion,
        bytes: &[u8],
    ) -> Result<(Self, Option<FormatVersion>), NotCbor> {
        let (mut slots, mut body_salt, mut body_len, mut critical) = (None, None, None, None);
        let mut unknown = UnknownFields::default();
        let mut reader = Reader::new(bytes);
        for _ in 0..reader.map()? {
            match reader.text()? {
                "slots" => set(&mut slots, read_slots(&mut reader)?)?,
                "body-salt" => set(&mut body_salt, reader.array_of()?)?,
                "body-length" => set(&mut body_len, reader.uint()?)?,
                "critical" => set(&mut critical, read_critical(&mut reader)?)?,
                name => unknown.read(name, &mut reader)?,
            }
        }
        reader.end()?;
        let header = Self {
            version,
            slots: slots.ok_or(NotCbor)?,
            body_salt: body_salt.ok_or(NotCbor)?,
            body_len: body_len.ok_or(NotCbor)?,
            unknown,
        };
        Ok((header, critical.flatten()))
    }

    pub(crate) fn write(&self) -> Vec<u8> {
        let mut out = Writer::default();
        out.map(3 + self.unknown.len());
        out.text("slots");
        out.array(self.slots.len());
        for slot in &self.slots {
            slot.write(&mut out);
        }
        out.text("body-salt");
        out.bytes(&self.body_salt);
        out.text("body-length");
        out.uint(self.body_len);
        self.unknown.write(&mut out);
        out.finish()
    }
}

fn read_slots(reader: &mut Reader<'_>) -> Result<Vec<KeySlot>, NotCbor> {
    let count = reader.array()?;
    if !(1..=MAX_SLOTS).contains(&count) {
        return Err(NotCbor);
    }
    (0..count).map(|_| KeySlot::read(reader)).collect()
}

/// Reads the names of critical extensions, none of which version 1.0 knows, and returns the greatest version
/// that one of them asks for.
fn read_critical(reader: &mut Reader<'_>) -> Result<Option<FormatVersion>, NotCbor> {
    let mut needs = None;
    for _ in 0..reader.map()? {
        reader.text()?;
        if reader.array()? != 2 {
            return Err(NotCbor);
        }
        let mut number = || u16::try_from(reader.uint()?).map_err(|_| NotCbor);
        let version = FormatVersion {
            major: number()?,
            minor: number()?,
        };
        needs = needs.max(Some(version));
    }
    Ok(needs)
}
