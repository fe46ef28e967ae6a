//! The keys of a shortcut, as the settings write them: `Ctrl+Alt+U`.

use std::str::FromStr;

/// Keys that are pressed together: one, and at least one of Ctrl, Alt and Super held, as typing uses neither.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Keys {
    /// Whether Ctrl is held.
    pub(crate) ctrl: bool,
    /// Whether Alt is held.
    pub(crate) alt: bool,
    /// Whether Shift is held.
    pub(crate) shift: bool,
    /// Whether Super is held: the key with the logo.
    pub(crate) logo: bool,
    /// The key that is pressed.
    pub(crate) key: Key,
}

/// A key, named by what is printed on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Key {
    /// A letter or a digit, the letter in upper case.
    Printed(u8),
    /// F1 to F24.
    Function(u8),
    /// Another one.
    Named(&'static str),
}

/// Why a text names no keys of a shortcut.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("these keys make no shortcut")]
pub(crate) struct NoKeys;

/// The named keys with their X11 keysyms (`X11/keysymdef.h`).
const NAMED: &[(&str, u32)] = &[
    ("Space", 0x20),
    ("Backspace", 0xff08),
    ("Enter", 0xff0d),
    ("Home", 0xff50),
    ("Left", 0xff51),
    ("Up", 0xff52),
    ("Right", 0xff53),
    ("Down", 0xff54),
    ("PageUp", 0xff55),
    ("PageDown", 0xff56),
    ("End", 0xff57),
    ("Insert", 0xff63),
    ("Delete", 0xffff),
];

#[cfg(not(target_os = "linux"))]
impl std::fmt::Display for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (held, name) in [
            (self.ctrl, "Ctrl"),
            (self.alt, "Alt"),
            (self.shift, "Shift"),
            (self.logo, "Super"),
        ] {
            if held {
                write!(f, "{name}+")?;
            }
        }
        match self.key {
            Key::Printed(printed) => write!(f, "{}", char::from(printed)),
            Key::Function(number) => write!(f, "F{number}"),
            Key::Named(name) => f.write_str(name),
        }
    }
}

impl FromStr for Keys {
    type Err = NoKeys;

    fn from_str(text: &str) -> Result<Self, NoKeys> {
        let (held, key) = text.rsplit_once('+').ok_or(NoKeys)?;
        let mut keys = Self {
            ctrl: false,
            alt: false,
            shift: false,
            logo: false,
            key: key.parse()?,
        };
        for modifier in held.split('+') {
            let held = match modifier {
                "Ctrl" => &mut keys.ctrl,
                "Alt" => &mut keys.alt,
                "Shift" => &mut keys.shift,
                "Super" => &mut keys.logo,
                _ => return Err(NoKeys),
            };
            *held = true;
        }
        if keys.ctrl || keys.alt || keys.logo {
            Ok(keys)
        } else {
            Err(NoKeys)
        }
    }
}

impl FromStr for Key {
    type Err = NoKeys;

    fn from_str(text: &str) -> Result<Self, NoKeys> {
        if let &[printed] = text.as_bytes()
            && printed.is_ascii_alphanumeric()
        {
            return Ok(Self::Printed(printed.to_ascii_uppercase()));
        }
        if let Some(number) = text.strip_prefix('F').and_then(|rest| rest.parse().ok())
            && (1..=24).contains(&number)
        {
            return Ok(Self::Function(number));
        }
        let named = NAMED.iter().find(|(name, _)| *name == text);
        named.map(|(name, _)| Self::Named(name)).ok_or(NoKeys)
    }
}

#[cfg(target_os = "linux")]
impl Key {
    /// Its X11 keysym: of a letter the lower-case one, as keyboards have it without Shift.
    pub(super) fn keysym(self) -> u32 {
        match self {
            Self::Printed(printed) => printed.to_ascii_lowercase().into(),
            Self::Function(number) => 0xffbe + u32::from(number) - 1,
            Self::Named(name) => {
                let named = NAMED.iter().find(|(other, _)| *other == name);
                named.map_or(0, |(_, keysym)| *keysym)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Keys as the settings write them, and what is like them.
    fn any_keys() -> impl Strategy<Value = String> {
        let part = prop_oneof![
            Just("Ctrl".to_owned()),
            Just("Alt".to_owned()),
            Just("Shift".to_owned()),
            Just("Super".to_owned()),
            prop::sample::select(NAMED).prop_map(|(name, _)| name.to_owned()),
            "F[0-9]{1,4}",
            "[A-Za-z0-9]",
            "\\PC{0,3}",
        ];
        prop::collection::vec(part, 0..6).prop_map(|parts| parts.join("+"))
    }

    proptest! {
        #[test]
        fn no_text_panics(text in prop_oneof![any::<String>(), any_keys()]) {
            if let Ok(keys) = text.parse::<Keys>() {
                prop_assert!(keys.ctrl || keys.alt || keys.logo);
                #[cfg(target_os = "linux")]
                prop_assert_ne!(keys.key.keysym(), 0);
            }
        }

        #[test]
        fn held_keys_count_in_any_order(text in any_keys()) {
            if let Some((held, key)) = text.rsplit_once('+') {
                let turned: Vec<_> = held.split('+').rev().collect();
                let turned = format!("{}+{key}", turned.join("+"));
                prop_assert_eq!(text.parse::<Keys>(), turned.parse::<Keys>());
            }
        }
    }

    #[test]
    fn a_shortcut_needs_a_key_and_something_that_typing_does_not() {
        for keys in [
            "Ctrl+Alt+U",
            "Super+k",
            "Alt+Shift+Space",
            "Ctrl+F12",
            "Ctrl+Alt+Shift+Super+9",
        ] {
            assert!(keys.parse::<Keys>().is_ok(), "{keys}");
        }
        for keys in [
            "",
            "U",
            "Shift+U",
            "Ctrl",
            "Ctrl+Alt",
            "Ctrl+",
            "+U",
            "Ctrl+F25",
            "Ctrl+F0",
            "Ctrl+Ü",
            "Hyper+U",
            "Ctrl+Nonsense",
        ] {
            assert_eq!(keys.parse::<Keys>(), Err(NoKeys), "{keys}");
        }
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn keys_have_their_keysyms() {
        for (key, keysym) in [("U", 0x75), ("7", 0x37), ("F1", 0xffbe), ("F24", 0xffd5)] {
            assert_eq!(key.parse::<Key>().unwrap().keysym(), keysym);
        }
        assert_eq!("PageUp".parse::<Key>().unwrap().keysym(), 0xff55);
    }
}
