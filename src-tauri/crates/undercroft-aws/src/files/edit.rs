//! Changes of single lines in a file of `~/.aws`; all other lines stay as they are, byte for byte.
//!
//! Comments, order, line ends, the byte order mark and a missing line end at the end of the file survive. New lines take over the
//! indentation and the spacing of their neighbours. Every change is checked by reading the result: the settings of all
//! other sections must be what they were.

mod page;

use undercroft_secret::SecretString;

use crate::files::config::{FoundSection, Parsed, Which, parse};
use crate::files::keys;
use crate::format::ProfileName;
use page::Page;

/// The settings of a long-term key, which leave a file together.
pub const PLAIN_KEY: [&str; 2] = ["aws_access_key_id", "aws_secret_access_key"];

/// A file after a change.
#[derive(Debug)]
pub struct Edited {
    /// The whole text.
    pub text: SecretString,
    /// Whether it differs from what it was.
    pub is_changed: bool,
}

/// Why a change was not made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EditError {
    /// A key that is no key.
    #[error("a setting's name has letters, digits, dashes and underscores only")]
    Key,
    /// A value that a line can't hold.
    #[error(
        "a setting's value is one line without spaces at its ends, and has no # or ; at its beginning or behind a space"
    )]
    Value,
    /// The file's layout doesn't allow the change without touching other sections.
    #[error(
        "the file's lines are laid out so that this change would touch other sections; make it by hand"
    )]
    Layout,
}

impl EditError {
    /// Returns a stable code for programs.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Key => "edit-key",
            Self::Value => "edit-value",
            Self::Layout => "edit-layout",
        }
    }
}

/// Adds settings to a profile of the config file, or changes them; a profile that isn't there is added at the end.
///
/// A comment behind a changed value moves to a line of its own above it. A setting that has its value already stays as
/// it is.
///
/// # Errors
/// When a key or value can't be written, or another section would be touched.
pub fn set_profile(
    text: &str,
    name: &ProfileName,
    settings: &[(&str, &str)],
) -> Result<Edited, EditError> {
    for (key, value) in settings {
        check(key, value)?;
    }
    let mut page = Page::of(text, Which::Config);
    page.set(name.as_str(), settings);
    let edited = page.written();
    let (before, after) = (
        parse(text, Which::Config),
        parse(edited.expose(), Which::Config),
    );
    let is_set = after.profile(name.as_str()).is_some_and(|profile| {
        let has = |key: &str, value: &str| {
            let setting = profile.setting(key);
            setting.is_some_and(|setting| setting.value().expose() == value)
        };
        // Of two values for one key the later counts.
        settings.iter().enumerate().all(|(at, (key, value))| {
            let later = settings.iter().skip(at + 1);
            later
                .into_iter()
                .any(|(other, _)| other.eq_ignore_ascii_case(key))
                || has(&key.to_lowercase(), value)
        })
    });
    let touched: Vec<_> = settings.iter().map(|(key, _)| *key).collect();
    if is_set && keeps_the_rest(&before, &after, name.as_str(), &touched) {
        Ok(finished(text, edited))
    } else {
        Err(EditError::Layout)
    }
}

/// Takes settings out of a profile, with the lines that continue them.
///
/// Comments and other settings stay. A section that has neither left is taken out too.
///
/// # Errors
/// When another section would be touched.
pub fn remove_keys(
    text: &str,
    which: Which,
    name: &str,
    keys: &[&str],
) -> Result<Edited, EditError> {
    let before = parse(text, which);
    for drops_headers in [true, false] {
        let mut page = Page::of(text, which);
        page.remove(name, keys, drops_headers);
        let edited = page.written();
        let after = parse(edited.expose(), which);
        let is_gone = after.profile(name).is_none_or(|profile| {
            keys.iter()
                .all(|key| profile.setting(&key.to_lowercase()).is_none())
        });
        if is_gone && keeps_the_rest(&before, &after, name, keys) {
            return Ok(finished(text, edited));
        }
    }
    Err(EditError::Layout)
}

/// Tells which settings of a profile AWS's programs use before its `credential_process`; none when it is empty.
///
/// With the credentials file this is the trap that a section of the same name wins over a `credential_process` of the
/// config file; with the config file it tells the same of the profile itself.
#[must_use]
pub fn shadowed_by(parsed: &Parsed, name: &str) -> Vec<&'static str> {
    let stronger = [
        "role_arn",
        "web_identity_token_file",
        "sso_session",
        "sso_start_url",
        "sso_account_id",
        "sso_role_name",
        "login_session",
    ];
    let Some(profile) = parsed.profile(name) else {
        return Vec::new();
    };
    let mut keys: Vec<_> = keys::OF_A_KEY.into_iter().chain(stronger).collect();
    keys.push("credential_process");
    keys.retain(|key| profile.setting(key).is_some());
    keys
}

fn finished(before: &str, text: SecretString) -> Edited {
    Edited {
        is_changed: text.expose() != before,
        text,
    }
}

fn check(key: &str, value: &str) -> Result<(), EditError> {
    let is_key = !key.is_empty()
        && key
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'));
    if !is_key {
        return Err(EditError::Key);
    }
    let with_space = SecretString::concat(&[" ", value]);
    let (read, comment) = crate::files::lines::without_comment(with_space.expose());
    let fits = !value.is_empty()
        && read == value
        && comment.is_none()
        && !value.chars().any(char::is_control);
    if fits { Ok(()) } else { Err(EditError::Value) }
}

/// Tells whether everything but `keys` of the profile `name` is the same.
fn keeps_the_rest(before: &Parsed, after: &Parsed, name: &str, keys: &[&str]) -> bool {
    let is_other = |section: &&FoundSection| section.name != name;
    let others_are_same = before
        .profiles
        .iter()
        .filter(is_other)
        .map(Content::of)
        .eq(after.profiles.iter().filter(is_other).map(Content::of));
    let of_the_one = |parsed| {
        let section = Parsed::profile(parsed, name).map(Content::of);
        section
            .map(|section| section.without(keys))
            .unwrap_or_default()
    };
    others_are_same
        && of_the_one(before) == of_the_one(after)
        && before
            .sso_sessions
            .iter()
            .map(Content::of)
            .eq(after.sso_sessions.iter().map(Content::of))
}

/// A section's name and settings, to compare.
#[derive(Default, PartialEq)]
struct Content<'a> {
    name: &'a str,
    settings: Vec<(&'a str, &'a str)>,
}

impl<'a> Content<'a> {
    fn of(section: &'a FoundSection) -> Self {
        let settings = section.settings();
        Self {
            name: &section.name,
            settings: settings
                .map(|(key, setting)| (key, setting.value().expose()))
                .collect(),
        }
    }

    /// The settings that are left without some.
    fn without(mut self, keys: &[&str]) -> Vec<(&'a str, &'a str)> {
        self.settings
            .retain(|(key, _)| !keys.iter().any(|other| other.eq_ignore_ascii_case(key)));
        self.settings
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> ProfileName {
        ProfileName::parse(text).expect("a name")
    }

    #[test]
    fn what_a_line_cannot_hold_is_refused() {
        let set = |key: &str, value: &str| {
            let edited = set_profile("", &name("a"), &[(key, value)]);
            edited.map(|edited| edited.text.expose().to_owned())
        };
        assert_eq!(
            set("region", "x").as_deref(),
            Ok("[profile a]\nregion = x\n")
        );
        for key in ["", "a b", "a=", "[a", "a\n"] {
            assert_eq!(set(key, "x"), Err(EditError::Key), "{key:?}");
        }
        for value in ["", " x", "x ", "# x", "x #y", "x\t;y", "x\ny", "x\ry"] {
            assert_eq!(set("region", value), Err(EditError::Value), "{value:?}");
        }
    }

    #[test]
    fn the_later_of_two_values_for_one_key_is_written() {
        for text in ["", "[profile a]\nregion = w\n"] {
            let settings = [("region", "x"), ("Region", "y")];
            let edited = set_profile(text, &name("a"), &settings).expect("it is set");
            let parsed = parse(edited.text.expose(), Which::Config);
            let section = parsed.profile("a").expect("it is there");
            let region = section.setting("region").expect("it is set");
            assert_eq!(region.value().expose(), "y");
            assert_eq!(parsed.problems, []);
        }
    }

    #[test]
    fn a_section_that_would_win_over_a_command_is_told() {
        let text = "[a]\nregion = x\n[b]\naws_access_key_id = y\ncredential_process = z\n";
        let credentials = parse(text, Which::Credentials);
        assert_eq!(shadowed_by(&credentials, "a"), Vec::<&str>::new());
        assert_eq!(shadowed_by(&credentials, "c"), Vec::<&str>::new());
        assert_eq!(
            shadowed_by(&credentials, "b"),
            ["aws_access_key_id", "credential_process"]
        );
    }

    #[test]
    fn the_edited_text_is_not_shown() {
        let text = "[b]\naws_secret_access_key = hunter2\n";
        let edited = remove_keys(text, Which::Credentials, "a", &["region"]).expect("no change");
        assert!(!edited.is_changed);
        assert!(!format!("{edited:?}").contains("hunter2"));
    }
}
