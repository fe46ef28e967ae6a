//! The colours that accounts wear.

use crate::text::text_impls;

/// The colour of an account, one of ten that the window has a light and a dark shade for.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Colour {
    /// Grey, the colour of accounts that were given none.
    #[default]
    Grey,
    /// Red.
    Red,
    /// Orange.
    Orange,
    /// Yellow.
    Yellow,
    /// Green.
    Green,
    /// Teal.
    Teal,
    /// Blue.
    Blue,
    /// Indigo.
    Indigo,
    /// Purple.
    Purple,
    /// Pink.
    Pink,
}

/// A text names none of the ten colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "not a known colour; there are grey, red, orange, yellow, green, teal, blue, indigo, purple and pink"
)]
pub struct UnknownColour;

impl Colour {
    /// All colours, in the order in which to offer them.
    pub const ALL: [Self; 10] = [
        Self::Grey,
        Self::Red,
        Self::Orange,
        Self::Yellow,
        Self::Green,
        Self::Teal,
        Self::Blue,
        Self::Indigo,
        Self::Purple,
        Self::Pink,
    ];

    /// Reads a colour's name.
    ///
    /// # Errors
    /// When it is none of [`Colour::ALL`].
    pub fn parse(text: &str) -> Result<Self, UnknownColour> {
        let text = text.trim();
        Self::ALL
            .into_iter()
            .find(|colour| colour.as_str() == text)
            .ok_or(UnknownColour)
    }

    /// The colour's name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Grey => "grey",
            Self::Red => "red",
            Self::Orange => "orange",
            Self::Yellow => "yellow",
            Self::Green => "green",
            Self::Teal => "teal",
            Self::Blue => "blue",
            Self::Indigo => "indigo",
            Self::Purple => "purple",
            Self::Pink => "pink",
        }
    }
}

text_impls!(Colour, UnknownColour, "the name of a colour");
