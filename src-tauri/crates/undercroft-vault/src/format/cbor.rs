//! The CBOR (RFC 8949) of the header and of the body's frame.
//!
//! A reader for one pass over borrowed bytes, so that opening a vault copies and allocates nothing per item,
//! and hostile input meets no recursion deeper than [`MAX_DEPTH`] and no allocation sized by a claim. It takes
//! definite lengths and shortest forms only. Items themselves are the model's and go through `ciborium`.

use std::collections::BTreeMap;

/// How deep an unknown value may nest.
const MAX_DEPTH: u8 = 32;

const UINT: u8 = 0;
const NEGATIVE: u8 = 1;
const BYTES: u8 = 2;
const TEXT: u8 = 3;
const ARRAY: u8 = 4;
const MAP: u8 = 5;
const TAG: u8 = 6;
const SIMPLE: u8 = 7;

/// Not the CBOR that was expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NotCbor;

/// Fields that this version does not know, kept byte for byte and written back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UnknownFields(BTreeMap<String, Vec<u8>>);

impl UnknownFields {
    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds the fields of `other` that are missing here.
    pub fn merge(&mut self, other: &Self) {
        for (name, value) in &other.0 {
            self.0.entry(name.clone()).or_insert_with(|| value.clone());
        }
    }

    /// Reads the value of the unknown field `name`; an error when the field stands twice.
    pub(crate) fn read(&mut self, name: &str, reader: &mut Reader<'_>) -> Result<(), NotCbor> {
        let value = reader.raw()?.to_vec();
        match self.0.insert(name.to_owned(), value) {
            None => Ok(()),
            Some(_) => Err(NotCbor),
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// How many bytes [`UnknownFields::write`] adds at most.
    pub(crate) fn encoded_len(&self) -> usize {
        self.0
            .iter()
            .map(|(name, value)| 9 + name.len() + value.len())
            .sum()
    }

    pub(crate) fn write(&self, out: &mut Writer) {
        for (name, value) in &self.0 {
            out.text(name);
            out.raw(value);
        }
    }
}

/// Puts a field's value in its place; an error when the field stands twice.
pub(crate) fn set<T>(place: &mut Option<T>, value: T) -> Result<(), NotCbor> {
    match place.replace(value) {
        None => Ok(()),
        Some(_) => Err(NotCbor),
    }
}

/// Reads one CBOR value after another from borrowed bytes.
#[derive(Clone, Debug)]
pub(crate) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    pub(crate) fn uint(&mut self) -> Result<u64, NotCbor> {
        self.head(UINT)
    }

    pub(crate) fn int(&mut self) -> Result<i64, NotCbor> {
        let (major, argument) = self.any_head()?;
        let value = i64::try_from(argument).map_err(|_| NotCbor)?;
        match major {
            UINT => Ok(value),
            NEGATIVE => Ok(-1 - value),
            _ => Err(NotCbor),
        }
    }

    pub(crate) fn bytes(&mut self) -> Result<&'a [u8], NotCbor> {
        let len = self.head(BYTES)?;
        self.take(len)
    }

    pub(crate) fn array_of<const N: usize>(&mut self) -> Result<[u8; N], NotCbor> {
        self.bytes()?.try_into().map_err(|_| NotCbor)
    }

    pub(crate) fn text(&mut self) -> Result<&'a str, NotCbor> {
        let len = self.head(TEXT)?;
        std::str::from_utf8(self.take(len)?).map_err(|_| NotCbor)
    }

    /// The number of elements that follow.
    pub(crate) fn array(&mut self) -> Result<usize, NotCbor> {
        let count = self.head(ARRAY)?;
        self.at_most_the_rest(count, 1)
    }

    /// The number of pairs that follow.
    pub(crate) fn map(&mut self) -> Result<usize, NotCbor> {
        let count = self.head(MAP)?;
        self.at_most_the_rest(count, 2)
    }

    /// Steps over one well-formed value of any kind and returns its bytes.
    pub(crate) fn raw(&mut self) -> Result<&'a [u8], NotCbor> {
        Ok(self.with_bytes(|reader| reader.skip(MAX_DEPTH))?.1)
    }

    /// Reads something and also returns the bytes that it took.
    pub(crate) fn with_bytes<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, NotCbor>,
    ) -> Result<(T, &'a [u8]), NotCbor> {
        let start = self.rest;
        let value = read(self)?;
        Ok((value, &start[..start.len() - self.rest.len()]))
    }

    /// Checks that nothing follows.
    pub(crate) fn end(&self) -> Result<(), NotCbor> {
        if self.rest.is_empty() {
            Ok(())
        } else {
            Err(NotCbor)
        }
    }

    fn skip(&mut self, depth: u8) -> Result<(), NotCbor> {
        let deeper = depth.checked_sub(1).ok_or(NotCbor)?;
        let mut probe = self.clone();
        let (major, _) = probe.any_head()?;
        match major {
            BYTES => drop(self.bytes()?),
            TEXT => drop(self.text()?),
            ARRAY => {
                for _ in 0..self.array()? {
                    self.skip(deeper)?;
                }
            }
            MAP => {
                for _ in 0..self.map()? {
                    self.skip(deeper)?;
                    self.skip(deeper)?;
                }
            }
            TAG => {
                *self = probe;
                self.skip(deeper)?;
            }
            // Integers and simple values.
            _ => *self = probe,
        }
        Ok(())
    }

    fn head(&mut self, expected: u8) -> Result<u64, NotCbor> {
        let (major, argument) = self.any_head()?;
        if major == expected {
            Ok(argument)
        } else {
            Err(NotCbor)
        }
    }

    /// Major type and argument, in its shortest form; lengths are always definite.
    fn any_head(&mut self) -> Result<(u8, u64), NotCbor> {
        let [first] = self.fixed()?;
        let (major, short) = (first >> 5, first & 31);
        let (argument, least) = match short {
            0..=23 => (u64::from(short), 0),
            24 => (u64::from(u8::from_be_bytes(self.fixed()?)), 24),
            25 => (u64::from(u16::from_be_bytes(self.fixed()?)), 1 << 8),
            26 => (u64::from(u32::from_be_bytes(self.fixed()?)), 1 << 16),
            27 => (u64::from_be_bytes(self.fixed()?), 1 << 32),
            _ => return Err(NotCbor),
        };
        let fits = match major {
            // Booleans, null and undefined; floats, which have their bits as the argument.
            SIMPLE => matches!(short, 20..=23 | 25..=27),
            _ => argument >= least,
        };
        if fits {
            Ok((major, argument))
        } else {
            Err(NotCbor)
        }
    }

    fn fixed<const N: usize>(&mut self) -> Result<[u8; N], NotCbor> {
        let (head, rest) = self.rest.split_first_chunk().ok_or(NotCbor)?;
        self.rest = rest;
        Ok(*head)
    }

    fn take(&mut self, len: u64) -> Result<&'a [u8], NotCbor> {
        let len = usize::try_from(len).map_err(|_| NotCbor)?;
        let (head, rest) = self.rest.split_at_checked(len).ok_or(NotCbor)?;
        self.rest = rest;
        Ok(head)
    }

    /// A claimed count, refused when not even one byte is left for each.
    fn at_most_the_rest(&self, count: u64, bytes_each: usize) -> Result<usize, NotCbor> {
        let count = usize::try_from(count).map_err(|_| NotCbor)?;
        if count <= self.rest.len() / bytes_each {
            Ok(count)
        } else {
            Err(NotCbor)
        }
    }
}

/// Writes CBOR in its shortest form into a buffer.
#[derive(Debug, Default)]
pub(crate) struct Writer {
    out: Vec<u8>,
}

impl Writer {
    /// With a buffer that does not move, and so leaves no copy behind, as long as it holds no more than `len` bytes.
    pub(crate) fn with_capacity(len: usize) -> Self {
        Self {
            out: Vec::with_capacity(len),
        }
    }

    pub(crate) fn finish(self) -> Vec<u8> {
        self.out
    }

    pub(crate) fn uint(&mut self, value: u64) {
        self.head(UINT, value);
    }

    pub(crate) fn int(&mut self, value: i64) {
        match u64::try_from(value) {
            Ok(value) => self.head(UINT, value),
            Err(_) => self.head(NEGATIVE, value.unsigned_abs() - 1),
        }
    }

    pub(crate) fn bytes(&mut self, bytes: &[u8]) {
        self.head(BYTES, bytes.len() as u64);
        self.raw(bytes);
    }

    pub(crate) fn text(&mut self, text: &str) {
        self.head(TEXT, text.len() as u64);
        self.raw(text.as_bytes());
    }

    pub(crate) fn array(&mut self, count: usize) {
        self.head(ARRAY, count as u64);
    }

    pub(crate) fn map(&mut self, count: usize) {
        self.head(MAP, count as u64);
    }

    /// Writes what is CBOR already.
    pub(crate) fn raw(&mut self, bytes: &[u8]) {
        self.out.extend_from_slice(bytes);
    }

    fn head(&mut self, major: u8, argument: u64) {
        let major = major << 5;
        match argument {
            0..24 => self.out.push(major | argument as u8),
            24..0x100 => self.out.extend_from_slice(&[major | 24, argument as u8]),
            0x100..0x1_0000 => {
                self.out.push(major | 25);
                self.out.extend_from_slice(&(argument as u16).to_be_bytes());
            }
            0x1_0000..0x1_0000_0000 => {
                self.out.push(major | 26);
                self.out.extend_from_slice(&(argument as u32).to_be_bytes());
            }
            _ => {
                self.out.push(major | 27);
                self.out.extend_from_slice(&argument.to_be_bytes());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(bytes: &[u8]) -> Result<&[u8], NotCbor> {
        Reader::new(bytes).raw()
    }

    #[test]
    fn writes_the_examples_of_rfc_8949() {
        for (value, bytes) in [
            (0, "00"),
            (10, "0a"),
            (23, "17"),
            (24, "1818"),
            (100, "1864"),
            (1000, "1903e8"),
            (1_000_000, "1a000f4240"),
            (1_000_000_000_000, "1b000000e8d4a51000"),
            (-1, "20"),
            (-100, "3863"),
            (i64::MIN, "3b7fffffffffffffff"),
        ] {
            let mut writer = Writer::default();
            writer.int(value);
            let written = writer.finish();
            assert_eq!(data_encoding::HEXLOWER.encode(&written), bytes);
            assert_eq!(Reader::new(&written).int(), Ok(value));
        }
    }

    #[test]
    fn refuses_longer_forms_than_needed() {
        for bytes in [
            &[0x18, 23][..],
            &[0x19, 0, 255],
            &[0x1a, 0, 0, 255, 255],
            &[0x1b, 0, 0, 0, 0, 255, 255, 255, 255],
        ] {
            assert_eq!(Reader::new(bytes).uint(), Err(NotCbor));
            assert_eq!(raw(bytes), Err(NotCbor));
        }
    }

    #[test]
    fn refuses_indefinite_lengths_and_reserved_values() {
        for bytes in [
            &[0x5f, 0x40, 0xff][..],
            &[0x9f, 0xff],
            &[0xbf, 0xff],
            &[0x1c],
            &[0xff],
            &[0xf8, 32],
            &[0xe0],
        ] {
            assert_eq!(raw(bytes), Err(NotCbor), "{bytes:02x?}");
        }
    }

    #[test]
    fn of_simple_values_only_the_four_with_a_meaning_are_taken() {
        for simple in 0..32 {
            let bytes = [0xe0 | simple, 0, 0, 0, 0, 0, 0, 0, 0];
            let len = match simple {
                20..=23 => Some(1),
                25 => Some(3),
                26 => Some(5),
                27 => Some(9),
                _ => None,
            };
            let read = Reader::new(&bytes).raw().ok().map(<[u8]>::len);
            assert_eq!(read, len, "{simple}");
        }
    }

    #[test]
    fn an_unknown_field_stands_once_and_none_is_replaced() {
        let fields = |named: &[(&str, u8)]| {
            let mut fields = UnknownFields::default();
            for (name, value) in named {
                fields.read(name, &mut Reader::new(&[*value])).unwrap();
            }
            fields
        };
        let mut ours = fields(&[("a", 1), ("b", 2)]);
        assert_eq!(ours.read("a", &mut Reader::new(&[1])), Err(NotCbor));
        let mut ours = fields(&[("a", 1), ("b", 2)]);
        ours.merge(&fields(&[("b", 9), ("c", 3)]));
        assert_eq!(ours, fields(&[("a", 1), ("b", 2), ("c", 3)]));
        assert!(!ours.is_empty() && fields(&[]).is_empty());
        assert_eq!(ours.len(), 3);
        let mut out = Writer::default();
        ours.write(&mut out);
        assert_eq!(out.finish(), b"\x61a\x01\x61b\x02\x61c\x03");
    }

    #[test]
    fn a_field_stands_once() {
        let mut place = None;
        assert_eq!(set(&mut place, 1), Ok(()));
        assert_eq!(set(&mut place, 1), Err(NotCbor));
    }

    #[test]
    fn steps_over_any_well_formed_value() {
        let value = [
            0xa2, 0x61, b'a', 0x82, 0xf5, 0xfb, 0, 0, 0, 0, 0, 0, 0, 0, 0x61, b'b', 0xc1, 0x00,
        ];
        let mut bytes = value.to_vec();
        bytes.push(0x07);
        let mut reader = Reader::new(&bytes);
        assert_eq!(reader.raw(), Ok(&value[..]));
        assert_eq!(reader.uint(), Ok(7));
        assert_eq!(reader.end(), Ok(()));
    }

    #[test]
    fn a_claimed_count_needs_its_bytes() {
        assert_eq!(
            Reader::new(&[0x9b, 255, 255, 255, 255, 255, 255, 255, 255]).array(),
            Err(NotCbor)
        );
        assert_eq!(Reader::new(&[0xa2, 0, 0, 0]).map(), Err(NotCbor));
        assert_eq!(
            Reader::new(&[0x5a, 255, 255, 255, 255, 0]).bytes(),
            Err(NotCbor)
        );
    }

    #[test]
    fn nesting_has_a_limit() {
        let nested = |depth: usize| {
            let mut bytes = vec![0x81; depth];
            bytes.push(0);
            bytes
        };
        assert!(raw(&nested(31)).is_ok());
        assert_eq!(raw(&nested(32)), Err(NotCbor));
        assert_eq!(raw(&nested(60_000)), Err(NotCbor));
    }

    #[test]
    fn text_is_utf8() {
        assert_eq!(Reader::new(&[0x62, 0xc3, 0xa9]).text(), Ok("é"));
        assert_eq!(Reader::new(&[0x61, 0xc3]).text(), Err(NotCbor));
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_panic(bytes: Vec<u8>) {
            let _ = raw(&bytes);
            let _ = Reader::new(&bytes).text();
            let _ = Reader::new(&bytes).map();
        }

        #[test]
        fn agrees_with_ciborium_on_what_is_written(number: i64, text: String, bytes: Vec<u8>) {
            let mut writer = Writer::default();
            writer.array(3);
            writer.int(number);
            writer.text(&text);
            writer.bytes(&bytes);
            let written = writer.finish();
            let value: ciborium::Value = ciborium::from_reader(written.as_slice()).unwrap();
            let expected = ciborium::Value::Array(vec![number.into(), text.into(), ciborium::Value::Bytes(bytes)]);
            proptest::prop_assert_eq!(value, expected);
            proptest::prop_assert_eq!(raw(&written), Ok(written.as_slice()));
        }
    }
}
