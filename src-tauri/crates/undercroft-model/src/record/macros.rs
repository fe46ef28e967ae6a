//! How records are read and written.
//!
//! serde's own `flatten` buffers every field of a map to find the unknown ones, and loses CBOR's tags on the way. These
//! visitors read known fields directly and only unknown ones into a value.

/// Defines a record with an `extra` field.
///
/// Each field says how it is stored: `required` must be there, `optional` is left out when it has its default,
/// `lenient` is always written, and takes its default where the stored one is wrong; `sparse` is left out when it has
/// its default, and takes that where the stored one is wrong.
macro_rules! record {
    (
        $(#[$meta:meta])*
        $visibility:vis struct $name:ident {
            $($(#[$field_meta:meta])* $mode:ident $field:ident: $type:ty,)*
        }
    ) => {
        $(#[$meta])*
        $visibility struct $name {
            $($(#[$field_meta])* $visibility $field: $type,)*
            /// Fields of a newer version.
            $visibility extra: $crate::record::Extra,
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                use serde::ser::SerializeMap;

                let mut length = self.extra.len();
                $(length += usize::from($crate::record::macros::is_written!($mode, $type, self.$field));)*
                let mut map = serializer.serialize_map(Some(length))?;
                $(if $crate::record::macros::is_written!($mode, $type, self.$field) {
                    map.serialize_entry(stringify!($field), &self.$field)?;
                })*
                for (name, value) in self.extra.iter() {
                    map.serialize_entry(name, value)?;
                }
                map.end()
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                #[allow(non_camel_case_types, reason = "variants are named like the fields")]
                enum Key {
                    $($field,)*
                    Unknown_(String),
                }

                struct KeyVisitor;

                impl serde::de::Visitor<'_> for KeyVisitor {
                    type Value = Key;

                    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        f.write_str("a field's name")
                    }

                    fn visit_str<E: serde::de::Error>(self, name: &str) -> Result<Key, E> {
                        $(if name == stringify!($field) {
                            return Ok(Key::$field);
                        })*
                        Ok(Key::Unknown_(name.to_owned()))
                    }
                }

                impl<'de> serde::Deserialize<'de> for Key {
                    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                        deserializer.deserialize_identifier(KeyVisitor)
                    }
                }

                struct RecordVisitor;

                impl<'de> serde::de::Visitor<'de> for RecordVisitor {
                    type Value = $name;

                    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        f.write_str(concat!("the fields of ", stringify!($name)))
                    }

                    fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<$name, A::Error> {
                        $(let mut $field: Option<$type> = None;)*
                        let mut extra = $crate::record::Extra::new();
                        while let Some(field_name) = map.next_key::<Key>()? {
                            match field_name {
                                $(Key::$field => {
                                    if $field.is_some() {
                                        return Err(serde::de::Error::duplicate_field(stringify!($field)));
                                    }
                                    $field = Some($crate::record::macros::read!($mode, map));
                                })*
                                Key::Unknown_(name) => {
                                    if extra.insert(name, map.next_value()?).is_some() {
                                        return Err(serde::de::Error::custom("a field stands twice"));
                                    }
                                }
                            }
                        }
                        Ok($name {
                            $($field: $crate::record::macros::or_missing!($mode, $field),)*
                            extra,
                        })
                    }
                }

                deserializer.deserialize_map(RecordVisitor)
            }
        }
    };
}

macro_rules! is_written {
    (required, $type:ty, $field:expr) => {
        true
    };
    (lenient, $type:ty, $field:expr) => {
        true
    };
    ($mode:ident, $type:ty, $field:expr) => {
        $field != <$type>::default()
    };
}

macro_rules! read {
    (lenient, $map:ident) => {{
        let value: ciborium::Value = $map.next_value()?;
        value.deserialized().unwrap_or_default()
    }};
    (sparse, $map:ident) => {
        $crate::record::macros::read!(lenient, $map)
    };
    ($mode:ident, $map:ident) => {
        $map.next_value()?
    };
}

macro_rules! or_missing {
    (required, $field:ident) => {
        $field.ok_or_else(|| serde::de::Error::missing_field(stringify!($field)))?
    };
    ($mode:ident, $field:ident) => {
        $field.unwrap_or_default()
    };
}

pub(crate) use {is_written, or_missing, read, record};
