//! What every parsed text type shares: one place for `Display`, `FromStr` and serde.

/// Defines a text type over `Box<str>` whose `parse` is written beside it.
///
/// serde goes through `parse`, so a value read from a vault is as checked as one that was typed.
macro_rules! text_type {
    ($(#[$meta:meta])* $name:ident, $error:ty, $expecting:literal) => {
        $(#[$meta])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Box<str>);

        impl $name {
            /// The text in its canonical form.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        $crate::text::text_impls!($name, $error, $expecting);
    };
}

/// Implements the text traits for a type that has `parse` and `as_str`.
macro_rules! text_impls {
    ($name:ident, $error:ty, $expecting:literal) => {
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, concat!(stringify!($name), "({:?})"), self.as_str())
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                self.as_str()
            }
        }

        impl std::str::FromStr for $name {
            type Err = $error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::parse(text)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Visitor;

                impl serde::de::Visitor<'_> for Visitor {
                    type Value = $name;

                    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        f.write_str($expecting)
                    }

                    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<$name, E> {
                        $name::parse(text).map_err(E::custom)
                    }
                }

                deserializer.deserialize_str(Visitor)
            }
        }
    };
}

/// Gives an error enum its stable codes: the window acts on these and never on the text.
macro_rules! codes {
    ($error:ident { $($variant:pat => $code:literal),+ $(,)? }) => {
        impl $error {
            /// A stable code for this case, for programs; the text is for people.
            #[must_use]
            pub fn code(&self) -> &'static str {
                use $error::*;
                match self {
                    $($variant => $code,)+
                }
            }
        }
    };
}

pub(crate) use {codes, text_impls, text_type};
