//! The wire format of protocol buffers, as much of it as an export needs.
//!
//! Source: <https://protobuf.dev/programming-guides/encoding/>. Nothing is copied and nothing allocated.

/// The fields of a message, one after the other; a `None` among them says that the rest can't be read.
pub(super) struct Message<'a> {
    rest: &'a [u8],
}

/// What a field holds.
#[derive(Clone, Copy)]
pub(super) enum Value<'a> {
    Number(u64),
    Bytes(&'a [u8]),
    /// Of a fixed size; no field that is read here has one.
    Fixed,
}

impl<'a> Message<'a> {
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    fn field(&mut self) -> Option<(u32, Value<'a>)> {
        let key = self.varint()?;
        let number = u32::try_from(key >> 3).ok().filter(|number| *number > 0)?;
        let value = match key & 7 {
            0 => Value::Number(self.varint()?),
            1 => self.take(8).map(|_| Value::Fixed)?,
            2 => {
                let length = usize::try_from(self.varint()?).ok()?;
                Value::Bytes(self.take(length)?)
            }
            5 => self.take(4).map(|_| Value::Fixed)?,
            _ => return None,
        };
        Some((number, value))
    }

    fn varint(&mut self) -> Option<u64> {
        let mut number = 0_u64;
        for shift in (0..u64::BITS).step_by(7) {
            let (byte, rest) = self.rest.split_first()?;
            self.rest = rest;
            // Of the tenth byte only the lowest bit fits.
            number |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }

    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        Some(taken)
    }
}

impl<'a> Iterator for Message<'a> {
    type Item = Option<(u32, Value<'a>)>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let field = self.field();
        if field.is_none() {
            self.rest = &[];
        }
        Some(field)
    }
}

impl<'a> Value<'a> {
    pub(super) const fn number(self) -> Option<u64> {
        match self {
            Self::Number(number) => Some(number),
            Self::Bytes(_) | Self::Fixed => None,
        }
    }

    pub(super) const fn bytes(self) -> Option<&'a [u8]> {
        match self {
            Self::Bytes(bytes) => Some(bytes),
            Self::Number(_) | Self::Fixed => None,
        }
    }
}

/// Appends a field that holds a number; zero is what a missing field means.
pub(super) fn put_number(message: &mut Vec<u8>, field: u8, number: u64) {
    message.push(field << 3);
    put_varint(message, number);
}

/// Appends a field that holds bytes.
pub(super) fn put_bytes(message: &mut Vec<u8>, field: u8, bytes: &[u8]) {
    message.push(field << 3 | 2);
    put_varint(message, bytes.len() as u64);
    message.extend_from_slice(bytes);
}

fn put_varint(message: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        message.push(number as u8 | 0x80);
        number >>= 7;
    }
    message.push(number as u8);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn numbers(bytes: &[u8]) -> Vec<Option<u64>> {
        Message::new(bytes)
            .map(|field| field.and_then(|(_, value)| value.number()))
            .collect()
    }

    #[test]
    fn numbers_of_every_length() {
        for number in [0, 1, 127, 128, 300, u64::from(u32::MAX), u64::MAX] {
            let mut message = Vec::new();
            put_number(&mut message, 3, number);
            assert_eq!(numbers(&message), [Some(number)]);
        }
    }

    #[test]
    fn what_cannot_be_read_ends_the_message() {
        for message in [
            &[0x08][..],                                                  // no number
            &[0x08, 0x80],                                                // half a number
            &[0x08, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1], // eleven bytes
            &[0x0a, 5, 1, 2],                                             // fewer bytes than said
            &[0x0a, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1],      // a length beyond memory
            &[0x0a],                                                      // no length
            &[0x0a, 0x80],                                                // half a length
            &[0x0d, 1, 2, 3],                                             // less than four bytes
            &[0x09, 1, 2, 3, 4, 5, 6, 7],                                 // less than eight bytes
            &[0x0c],                                                      // the end of a group
            &[0x0e, 0],                                                   // a kind that nobody has
            &[0x80, 0x80, 0x80, 0x80, 0x80, 1, 0],                        // a field beyond 32 bits
            &[0x00, 0],                                                   // field zero
            &[0x0b],                                                      // a group
            &[0x09, 1, 2],                                                // half of eight bytes
        ] {
            assert_eq!(numbers(message), [None], "{message:?}");
        }
    }

    #[test]
    fn each_kind_of_field_is_read_to_its_end() {
        let message = [
            0x09, 1, 2, 3, 4, 5, 6, 7, 8, // eight bytes
            0x0d, 1, 2, 3, 4, // four bytes
            0x12, 2, 7, 8, // as many as said
            0x12, 0, // none
            0x18, 0xac, 0x02, // a number
        ];
        let fields: Vec<_> = Message::new(&message)
            .map(|field| {
                let (number, value) = field.unwrap();
                (number, value.number(), value.bytes())
            })
            .collect();
        let wanted = [
            (1, None, None),
            (1, None, None),
            (2, None, Some(&[7, 8][..])),
            (2, None, Some(&[][..])),
            (3, Some(300), None),
        ];
        assert_eq!(fields, wanted);
    }

    #[test]
    fn the_largest_field_is_read() {
        let mut message = Vec::new();
        put_varint(&mut message, u64::from(u32::MAX) << 3);
        message.push(5);
        let field = Message::new(&message).next().unwrap().unwrap();
        assert_eq!((field.0, field.1.number()), (u32::MAX, Some(5)));
    }

    #[test]
    fn a_number_may_have_bytes_that_add_nothing() {
        assert_eq!(numbers(&[0x08, 0x85, 0x80, 0x80, 0x00]), [Some(5)]);
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            prop_assert!(Message::new(&bytes).count() <= bytes.len());
        }
    }
}
