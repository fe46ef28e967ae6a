//! A reader of plain CBOR that lies in one piece: definite lengths, no tags, no floating point.
//!
//! It gives up at anything else, and never accepts what ciborium refuses or reads otherwise.

use std::fmt;

use serde::{
    de::{DeserializeSeed, Deserializer, EnumAccess, MapAccess, SeqAccess, VariantAccess, Visitor},
    forward_to_deserialize_any,
};

/// The bytes are not plain CBOR, or not of what was asked for; ciborium may still read them.
#[derive(Debug)]
pub(super) struct NotPlain;

impl fmt::Display for NotPlain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not plain CBOR")
    }
}

impl std::error::Error for NotPlain {}

/// Maps and arrays within each other; ciborium reads deeper ones.
const MAX_DEPTH: u8 = 100;

/// Reads one value that takes up all of the bytes.
pub(super) fn from_slice<'de, T: serde::Deserialize<'de>>(bytes: &'de [u8]) -> Result<T, NotPlain> {
    let mut reader = Reader {
        rest: bytes,
        depth: 0,
    };
    let value = T::deserialize(&mut reader)?;
    if reader.rest.is_empty() {
        Ok(value)
    } else {
        Err(NotPlain)
    }
}

struct Reader<'de> {
    rest: &'de [u8],
    depth: u8,
}

/// What stands at the beginning of an item.
enum Head {
    Unsigned(u64),
    /// The number is -1 minus this.
    Negative(u64),
    Bytes(usize),
    Text(usize),
    Array(usize),
    Map(usize),
    Bool(bool),
    Null,
}

impl<'de> Reader<'de> {
    #[inline]
    fn head(&mut self) -> Result<Head, NotPlain> {
        let (&first, rest) = self.rest.split_first().ok_or(NotPlain)?;
        self.rest = rest;
        let argument = match first & 0x1f {
            small @ 0..24 => u64::from(small),
            24 => u64::from(u8::from_be_bytes(self.array()?)),
            25 => u64::from(u16::from_be_bytes(self.array()?)),
            26 => u64::from(u32::from_be_bytes(self.array()?)),
            27 => u64::from_be_bytes(self.array()?),
            _ => return Err(NotPlain),
        };
        let len = || usize::try_from(argument).map_err(|_| NotPlain);
        Ok(match first >> 5 {
            0 => Head::Unsigned(argument),
            1 => Head::Negative(argument),
            2 => Head::Bytes(len()?),
            3 => Head::Text(len()?),
            4 => Head::Array(len()?),
            5 => Head::Map(len()?),
            _ => match first {
                0xf4 => Head::Bool(false),
                0xf5 => Head::Bool(true),
                0xf6 => Head::Null,
                _ => return Err(NotPlain),
            },
        })
    }

    #[inline]
    fn array<const N: usize>(&mut self) -> Result<[u8; N], NotPlain> {
        let (array, rest) = self.rest.split_first_chunk().ok_or(NotPlain)?;
        self.rest = rest;
        Ok(*array)
    }

    #[inline]
    fn take(&mut self, len: usize) -> Result<&'de [u8], NotPlain> {
        let (taken, rest) = self.rest.split_at_checked(len).ok_or(NotPlain)?;
        self.rest = rest;
        Ok(taken)
    }

    #[inline]
    fn text(&mut self, len: usize) -> Result<&'de str, NotPlain> {
        std::str::from_utf8(self.take(len)?).map_err(|_| NotPlain)
    }

    fn nested<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, NotPlain>,
    ) -> Result<T, NotPlain> {
        if self.depth == MAX_DEPTH {
            return Err(NotPlain);
        }
        self.depth += 1;
        let read = read(self);
        self.depth -= 1;
        read
    }

    fn entries<T>(
        &mut self,
        len: usize,
        read: impl FnOnce(&mut Entries<'_, 'de>) -> Result<T, NotPlain>,
    ) -> Result<T, NotPlain> {
        self.nested(|reader| {
            let mut entries = Entries { reader, left: len };
            let value = read(&mut entries)?;
            if entries.left == 0 {
                Ok(value)
            } else {
                Err(NotPlain)
            }
        })
    }
}

/// Implements methods that expect one kind of item.
macro_rules! expect {
    ($($method:ident: $head:pat => |$reader:ident, $visitor:ident| $visit:expr;)*) => {$(
        #[inline]
        fn $method<V: Visitor<'de>>(self, $visitor: V) -> Result<V::Value, NotPlain> {
            let $reader = self;
            match $reader.head()? {
                $head => $visit,
                _ => Err(NotPlain),
            }
        }
    )*};
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "every other kind of item is unexpected"
)]
impl<'de> Deserializer<'de> for &mut Reader<'de> {
    type Error = NotPlain;

    fn is_human_readable(&self) -> bool {
        false
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, NotPlain> {
        match self.head()? {
            Head::Unsigned(number) => visitor.visit_u64(number),
            Head::Negative(number) => {
                visitor.visit_i64(!i64::try_from(number).map_err(|_| NotPlain)?)
            }
            Head::Bytes(len) => visitor.visit_borrowed_bytes(self.take(len)?),
            Head::Text(len) => visitor.visit_borrowed_str(self.text(len)?),
            Head::Array(len) => self.entries(len, |entries| visitor.visit_seq(entries)),
            Head::Map(len) => self.entries(len, |entries| visitor.visit_map(entries)),
            Head::Bool(truth) => visitor.visit_bool(truth),
            Head::Null => visitor.visit_none(),
        }
    }

    expect! {
        deserialize_bool: Head::Bool(truth) => |reader, visitor| visitor.visit_bool(truth);
        deserialize_str: Head::Text(len) => |reader, visitor| visitor.visit_borrowed_str(reader.text(len)?);
        deserialize_string: Head::Text(len) => |reader, visitor| visitor.visit_borrowed_str(reader.text(len)?);
        deserialize_identifier: Head::Text(len) => |reader, visitor| visitor.visit_borrowed_str(reader.text(len)?);
        deserialize_bytes: Head::Bytes(len) => |reader, visitor| visitor.visit_borrowed_bytes(reader.take(len)?);
        deserialize_byte_buf: Head::Bytes(len) => |reader, visitor| visitor.visit_borrowed_bytes(reader.take(len)?);
        deserialize_seq: Head::Array(len) => |reader, visitor| reader.entries(len, |entries| visitor.visit_seq(entries));
        deserialize_map: Head::Map(len) => |reader, visitor| reader.entries(len, |entries| visitor.visit_map(entries));
        deserialize_unit: Head::Null => |reader, visitor| visitor.visit_unit();
    }

    fn deserialize_i64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, NotPlain> {
        match self.head()? {
            Head::Unsigned(number) => visitor.visit_i64(number.try_into().map_err(|_| NotPlain)?),
            Head::Negative(number) => {
                visitor.visit_i64(!i64::try_from(number).map_err(|_| NotPlain)?)
            }
            _ => Err(NotPlain),
        }
    }

    fn deserialize_u64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, NotPlain> {
        match self.head()? {
            Head::Unsigned(number) => visitor.visit_u64(number),
            _ => Err(NotPlain),
        }
    }

    fn deserialize_i32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, NotPlain> {
        self.deserialize_i64(visitor)
    }

    fn deserialize_u32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, NotPlain> {
        self.deserialize_u64(visitor)
    }

    fn deserialize_u8<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, NotPlain> {
        self.deserialize_u64(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, NotPlain> {
        match self.rest.first() {
            Some(0xf6) => {
                self.head()?;
                visitor.visit_none()
            }
            Some(_) => visitor.visit_some(self),
            None => Err(NotPlain),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, NotPlain> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, NotPlain> {
        self.deserialize_map(visitor)
    }

    /// A variant without fields is its name, another one a map of its name to its fields.
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, NotPlain> {
        let start = self.rest;
        match self.head()? {
            Head::Text(_) => {
                self.rest = start;
                visitor.visit_enum(Variant {
                    reader: self,
                    has_fields: false,
                })
            }
            Head::Map(1) => self.nested(|reader| {
                visitor.visit_enum(Variant {
                    reader,
                    has_fields: true,
                })
            }),
            _ => Err(NotPlain),
        }
    }

    // None of the records has these; where a newer field's value is read, `deserialize_any` is asked for.
    forward_to_deserialize_any! {
        i8 i16 i128 u16 u128 f32 f64 char unit_struct tuple tuple_struct ignored_any
    }
}

/// What is left of an array or a map.
struct Entries<'r, 'de> {
    reader: &'r mut Reader<'de>,
    left: usize,
}

impl Entries<'_, '_> {
    /// Every entry takes at least a byte, so no length can claim more than there is.
    fn size_hint(&self) -> usize {
        self.left.min(self.reader.rest.len())
    }
}

impl<'de> SeqAccess<'de> for &mut Entries<'_, 'de> {
    type Error = NotPlain;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, NotPlain> {
        if self.left == 0 {
            return Ok(None);
        }
        self.left -= 1;
        seed.deserialize(&mut *self.reader).map(Some)
    }

    fn size_hint(&self) -> Option<usize> {
        Some(Entries::size_hint(self))
    }
}

impl<'de> MapAccess<'de> for &mut Entries<'_, 'de> {
    type Error = NotPlain;

    #[inline]
    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, NotPlain> {
        if self.left == 0 {
            return Ok(None);
        }
        self.left -= 1;
        seed.deserialize(&mut *self.reader).map(Some)
    }

    #[inline]
    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, NotPlain> {
        seed.deserialize(&mut *self.reader)
    }

    fn size_hint(&self) -> Option<usize> {
        Some(Entries::size_hint(self))
    }
}

struct Variant<'r, 'de> {
    reader: &'r mut Reader<'de>,
    has_fields: bool,
}

impl<'de> EnumAccess<'de> for Variant<'_, 'de> {
    type Error = NotPlain;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), NotPlain> {
        let name = seed.deserialize(&mut *self.reader)?;
        Ok((name, self))
    }
}

impl<'de> VariantAccess<'de> for Variant<'_, 'de> {
    type Error = NotPlain;

    fn unit_variant(self) -> Result<(), NotPlain> {
        if self.has_fields {
            Err(NotPlain)
        } else {
            Ok(())
        }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, NotPlain> {
        if self.has_fields {
            seed.deserialize(self.reader)
        } else {
            Err(NotPlain)
        }
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, NotPlain> {
        if self.has_fields {
            self.reader.deserialize_seq(visitor)
        } else {
            Err(NotPlain)
        }
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, NotPlain> {
        if self.has_fields {
            self.reader.deserialize_map(visitor)
        } else {
            Err(NotPlain)
        }
    }
}
