//! `~/.aws/config` and `~/.aws/credentials`, section by section.

use std::collections::BTreeMap;
use std::fmt;

use undercroft_secret::SecretString;

use crate::files::keys;
use crate::files::lines::{LineRole, Lines};
use crate::files::problem::{Problem, Reason};
use crate::files::section::{SectionKind, section_kind};

/// Which of the two files a text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Which {
    /// `~/.aws/config`.
    Config,
    /// `~/.aws/credentials`.
    Credentials,
}

impl Which {
    /// The file's name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Config => "config",
            Self::Credentials => "credentials",
        }
    }
}

/// What a file of `~/.aws` holds.
#[derive(Debug, Default)]
pub struct Parsed {
    /// Its profiles, in the order of their first sections.
    pub profiles: Vec<FoundSection>,
    /// Its `[sso-session NAME]` sections.
    pub sso_sessions: Vec<FoundSection>,
    /// What is wrong with its layout; what is wrong with values comes with the profiles of [`merge`](crate::files::merge).
    pub problems: Vec<Problem>,
}

impl Parsed {
    /// Finds a profile by its name.
    #[must_use]
    pub fn profile(&self, name: &str) -> Option<&FoundSection> {
        self.profiles.iter().find(|section| section.name == name)
    }
}

/// A profile or an SSO session as it stands in one file; sections of one name are one.
pub struct FoundSection {
    /// The name, without `profile` and quotes.
    pub name: String,
    /// The line of its first header, counted from 1.
    pub line: usize,
    /// Its settings by their keys, in lower case.
    settings: BTreeMap<String, Setting>,
}

impl FoundSection {
    /// Finds a setting by its key.
    #[must_use]
    pub fn setting(&self, key: &str) -> Option<&Setting> {
        self.settings.get(key)
    }

    /// Lends every setting with its key, in the keys' order.
    ///
    /// A key that is unknown may be a secret in the wrong place: it is not for showing.
    pub fn settings(&self) -> impl Iterator<Item = (&str, &Setting)> {
        self.settings
            .iter()
            .map(|(key, setting)| (key.as_str(), setting))
    }
}

/// Shows the keys that are known and no value.
impl fmt::Debug for FoundSection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let keys = self.settings.keys().filter_map(|key| keys::known(key));
        f.debug_struct("FoundSection")
            .field("name", &self.name)
            .field("line", &self.line)
            .field("known_keys", &keys.collect::<Vec<_>>())
            .finish()
    }
}

/// A setting's value and where it stands.
pub struct Setting {
    value: SecretString,
    /// Its line, counted from 1.
    pub line: usize,
}

impl Setting {
    /// The value: trimmed, without the comment behind it, continued lines joined with line breaks.
    #[must_use]
    pub fn value(&self) -> &SecretString {
        &self.value
    }
}

impl fmt::Debug for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Setting(line {}, redacted)", self.line)
    }
}

/// Reads a file of `~/.aws`.
///
/// Nothing makes it fail: what can't be read is a problem, and the rest is read. Later settings and sections win over
/// earlier ones of the same name.
#[must_use]
pub fn parse(text: &str, which: Which) -> Parsed {
    let mut reader = Reader {
        which,
        parsed: Parsed::default(),
        place: Place::Nowhere,
        value: None,
        positions: BTreeMap::new(),
    };
    for (at, line) in Lines::of(text).lines.iter().enumerate() {
        reader.read(line.role, at + 1);
    }
    reader.end_of_value();
    reader.parsed
}

/// Which section the lines belong to.
#[derive(Clone, Copy)]
enum Place {
    /// Before the first header.
    Nowhere,
    Profile(usize),
    SsoSession(usize),
    /// A section that is not read.
    Skipped,
}

/// A value that further lines may continue.
struct Value<'a> {
    key: String,
    line: usize,
    parts: Vec<&'a str>,
    blanks: usize,
}

struct Reader<'a> {
    which: Which,
    parsed: Parsed,
    place: Place,
    value: Option<Value<'a>>,
    /// Where each section stands among those read, so that many sections cost no search each.
    positions: BTreeMap<(bool, String), usize>,
}

impl<'a> Reader<'a> {
    fn read(&mut self, role: LineRole<'a>, line: usize) {
        match role {
            LineRole::Comment => {}
            LineRole::Blank => {
                if let Some(value) = &mut self.value {
                    value.blanks += 1;
                }
            }
            LineRole::Continuation(text) => self.continue_value(text, line),
            LineRole::Header(name) => {
                self.end_of_value();
                self.enter(name, line);
            }
            LineRole::Setting {
                key,
                value,
                comment,
            } => {
                self.end_of_value();
                let known = keys::known(key);
                if let (Some(key), Some(_)) = (known, comment) {
                    self.report(line, Reason::CommentBehindValue { key });
                }
                self.value = Some(Value {
                    key: key.to_lowercase(),
                    line,
                    parts: vec![value],
                    blanks: 0,
                });
            }
            LineRole::Stray => {
                self.end_of_value();
                let reason = match self.place {
                    Place::Nowhere => Reason::BeforeFirstSection,
                    Place::Profile(_) | Place::SsoSession(_) | Place::Skipped => Reason::NoSetting,
                };
                self.report(line, reason);
            }
        }
    }

    fn enter(&mut self, header: Option<&str>, line: usize) {
        let (is_profile, name) = match section_kind(self.which, header) {
            SectionKind::Profile(name) => (true, name),
            SectionKind::SsoSession(name) => (false, name),
            SectionKind::Other => {
                self.place = Place::Skipped;
                return;
            }
            SectionKind::Ignored(reason) => {
                self.place = Place::Skipped;
                self.parsed.problems.push(Problem {
                    file: self.which,
                    section: header.map(str::to_owned),
                    line: Some(line),
                    reason,
                });
                return;
            }
        };
        let place = if is_profile {
            Place::Profile
        } else {
            Place::SsoSession
        };
        let key = (is_profile, name.clone());
        if let Some(at) = self.positions.get(&key) {
            self.place = place(*at);
            self.report(line, Reason::SectionTwice);
            return;
        }
        let sections = if is_profile {
            &mut self.parsed.profiles
        } else {
            &mut self.parsed.sso_sessions
        };
        self.place = place(sections.len());
        self.positions.insert(key, sections.len());
        sections.push(FoundSection {
            name,
            line,
            settings: BTreeMap::new(),
        });
    }

    fn continue_value(&mut self, text: &'a str, line: usize) {
        let Some(value) = &mut self.value else { return };
        let nested = value.parts.first().is_some_and(|first| first.is_empty());
        value
            .parts
            .extend(std::iter::repeat_n("", std::mem::take(&mut value.blanks)));
        value.parts.push(text);
        let key = text
            .split(['=', ':'])
            .next()
            .and_then(|key| keys::known(key.trim()));
        if let (false, Some(key)) = (nested, key) {
            self.report(line, Reason::IndentedSetting { key });
        }
    }

    fn end_of_value(&mut self) {
        let Some(value) = self.value.take() else {
            return;
        };
        let Some(section) = self.section() else {
            return;
        };
        let setting = Setting {
            value: joined(&value.parts),
            line: value.line,
        };
        let known = keys::known(&value.key);
        let earlier = section.settings.insert(value.key, setting);
        if earlier.is_some() {
            self.report(value.line, Reason::SettingTwice { key: known });
        }
    }

    fn section(&mut self) -> Option<&mut FoundSection> {
        match self.place {
            Place::Profile(at) => self.parsed.profiles.get_mut(at),
            Place::SsoSession(at) => self.parsed.sso_sessions.get_mut(at),
            Place::Nowhere | Place::Skipped => None,
        }
    }

    /// Notes a problem of the section at hand; sections that are not read have none but their own.
    fn report(&mut self, line: usize, reason: Reason) {
        if matches!(self.place, Place::Skipped) {
            return;
        }
        let problem = Problem {
            file: self.which,
            section: self.section().map(|section| section.name.clone()),
            line: Some(line),
            reason,
        };
        self.parsed.problems.push(problem);
    }
}

/// Joins the lines of a value in one buffer of the right size.
fn joined(parts: &[&str]) -> SecretString {
    let mut pieces = Vec::with_capacity(parts.len() * 2);
    for part in parts {
        if !pieces.is_empty() {
            pieces.push("\n");
        }
        pieces.push(part);
    }
    SecretString::concat(&pieces)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(parsed: &Parsed, profile: &str, key: &str) -> Option<String> {
        let setting = parsed.profile(profile)?.setting(key)?;
        Some(setting.value().expose().to_owned())
    }

    fn codes(parsed: &Parsed) -> Vec<(Option<usize>, &'static str)> {
        let problems = parsed.problems.iter();
        problems
            .map(|problem| (problem.line, problem.reason.code()))
            .collect()
    }

    #[test]
    fn reads_what_the_cli_reads() {
        let text = "\u{feff}; mine\r\n[default]\r\nRegion=eu-central-1 \r\ns3 =\r\n  max_x = 1\r\n  # why\r\n\r\n  \
                    max_y = 2\r\n\r\n[profile \"the shop\"]\r\ncredential_process = a\r\n    b\r\n";
        let parsed = parse(text, Which::Config);
        assert_eq!(
            value(&parsed, "default", "region").as_deref(),
            Some("eu-central-1")
        );
        assert_eq!(
            value(&parsed, "default", "s3").as_deref(),
            Some("\nmax_x = 1\n\nmax_y = 2")
        );
        assert_eq!(
            value(&parsed, "the shop", "credential_process").as_deref(),
            Some("a\nb")
        );
        assert_eq!(codes(&parsed), []);
    }

    #[test]
    fn later_sections_and_settings_win_and_are_told() {
        let text = "[a]\nregion = x\nregion = y\noutput = text\n[b]\n[a]\nregion = z\n";
        let parsed = parse(text, Which::Credentials);
        assert_eq!(value(&parsed, "a", "region").as_deref(), Some("z"));
        assert_eq!(value(&parsed, "a", "output").as_deref(), Some("text"));
        assert_eq!(
            codes(&parsed),
            [
                (Some(3), "setting-twice"),
                (Some(6), "section-twice"),
                (Some(7), "setting-twice")
            ]
        );
    }

    #[test]
    fn a_broken_header_takes_its_settings_along() {
        let text = "[a]\nregion = x\n[b\nregion = y\nstray\n";
        let parsed = parse(text, Which::Credentials);
        assert_eq!(value(&parsed, "a", "region").as_deref(), Some("x"));
        assert_eq!(codes(&parsed), [(Some(3), "broken-header")]);
    }

    #[test]
    fn a_setting_that_is_read_as_part_of_another_is_told() {
        let text = "x = 1\n[a]\nregion = x\n  output = json\nstray\n";
        let parsed = parse(text, Which::Credentials);
        assert_eq!(
            value(&parsed, "a", "region").as_deref(),
            Some("x\noutput = json")
        );
        assert_eq!(
            codes(&parsed),
            [
                (Some(1), "before-first-section"),
                (Some(4), "indented-setting"),
                (Some(5), "no-setting")
            ]
        );
    }

    #[test]
    fn nothing_shows_a_value_or_an_unknown_key() {
        let text = "[a]\naws_secret_access_key = hunter2\nhunter3/pasted = 1\naws_session_token : hunter4 # hunter5";
        let parsed = parse(text, Which::Credentials);
        let problems: Vec<String> = parsed.problems.iter().map(ToString::to_string).collect();
        let shown = format!("{:?} {:?}", parsed.problems, problems);
        assert!(!shown.contains("hunter"), "{shown}");
        assert!(!format!("{parsed:?}").contains("hunter"));
    }
}
