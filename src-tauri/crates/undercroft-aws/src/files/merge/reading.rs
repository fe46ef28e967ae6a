//! One profile's settings out of both files, each taken once.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use undercroft_model::{AccountId, Region};
use undercroft_secret::SecretString;

use super::Files;
use crate::files::config::{FoundSection, Which};
use crate::files::keys;
use crate::files::problem::{Problem, Reason};

/// How many profiles may include one another in a row.
const INCLUDES: usize = 16;

/// A setting that has a value, and where it stands.
#[derive(Clone, Copy)]
pub(super) struct Field<'a> {
    pub(super) value: &'a SecretString,
    file: Which,
    /// The section that it stands in: another's when the profile includes it.
    section: &'a str,
    line: usize,
}

impl<'a> Field<'a> {
    pub(super) fn text(&self) -> &'a str {
        // Read to be parsed here; what parses into a model's type is no secret, and nothing else is kept in the clear
        // but names, tags and paths.
        self.value.expose()
    }

    pub(super) fn is_of_credentials(&self) -> bool {
        self.file == Which::Credentials
    }
}

/// A profile being read.
pub(super) struct Reading<'a> {
    pub(super) name: &'a str,
    fields: BTreeMap<&'static str, Field<'a>>,
    pub(super) problems: Vec<Problem>,
}

impl<'a> Reading<'a> {
    /// Gathers a profile's settings: the credentials file's, the config file's, and those of the profiles it includes.
    pub(super) fn of(files: &Files<'a>, name: &'a str) -> Self {
        let mut reading = Self::empty(name);
        if let Some(section) = files.credentials.get(name) {
            reading.fill(section, Which::Credentials, |_| true);
        }
        // Half a key of one file and half of the other would be a wrong key.
        let has_key = keys::OF_A_KEY
            .iter()
            .any(|key| reading.fields.contains_key(key));
        if let Some(section) = files.config.get(name) {
            reading.fill(section, Which::Config, |key| {
                !(has_key && keys::OF_A_KEY.contains(&key))
            });
        }
        reading.include(files);
        reading
    }

    /// Gathers the settings of an SSO session.
    pub(super) fn of_section(section: &'a FoundSection) -> Self {
        let mut reading = Self::empty(&section.name);
        reading.fill(section, Which::Config, |_| true);
        reading
    }

    fn empty(name: &'a str) -> Self {
        Self {
            name,
            fields: BTreeMap::new(),
            problems: Vec::new(),
        }
    }

    /// Adds those settings that are not there yet.
    fn fill(&mut self, section: &'a FoundSection, file: Which, wanted: impl Fn(&str) -> bool) {
        for (key, setting) in section.settings() {
            let Some(key) = keys::known(key).filter(|key| wanted(key)) else {
                continue;
            };
            let field = Field {
                value: setting.value(),
                file,
                section: &section.name,
                line: setting.line,
            };
            // What was meant as a setting of its own, maybe a secret, must not become a part of a name.
            if setting.value().expose().contains('\n') && key != "credential_process" {
                self.report(field, Reason::SeveralLines { key });
            } else if !setting.value().is_empty() {
                self.fields.entry(key).or_insert(field);
            }
        }
    }

    /// Follows aws-vault's `include_profile`, once called `parent_profile`; keys are never included.
    fn include(&mut self, files: &Files<'a>) {
        let mut visited = vec![self.name];
        while let Some((key, field)) = ["include_profile", "parent_profile"]
            .into_iter()
            .find_map(|key| Some((key, self.take(key)?)))
        {
            let name = field.text();
            let section = files
                .config
                .get(name)
                .filter(|_| !visited.contains(&name) && visited.len() <= INCLUDES);
            let Some(section) = section else {
                self.report(field, Reason::Include { key });
                return;
            };
            visited.push(name);
            self.fields.remove("parent_profile");
            self.fill(section, Which::Config, |key| !keys::OF_A_KEY.contains(&key));
        }
    }

    pub(super) fn take(&mut self, key: &str) -> Option<Field<'a>> {
        self.fields.remove(key)
    }

    pub(super) fn peek(&self, key: &str) -> Option<Field<'a>> {
        self.fields.get(key).copied()
    }

    pub(super) fn report(&mut self, field: Field<'_>, reason: Reason) {
        self.problems.push(Problem {
            file: field.file,
            section: Some(field.section.to_owned()),
            line: Some(field.line),
            reason,
        });
    }

    /// Takes a setting and parses it; what doesn't parse is reported.
    pub(super) fn parsed<T>(
        &mut self,
        key: &str,
        parse: impl FnOnce(&str) -> Result<T, Reason>,
    ) -> Option<T> {
        let field = self.take(key)?;
        match parse(field.text()) {
            Ok(parsed) => Some(parsed),
            Err(reason) => {
                self.report(field, reason);
                None
            }
        }
    }

    /// Takes a text of ASCII letters, digits and `signs`, so many characters long.
    pub(super) fn matching(
        &mut self,
        key: &str,
        lengths: RangeInclusive<usize>,
        signs: &str,
        otherwise: Reason,
    ) -> Option<String> {
        self.parsed(key, |text| {
            let fits = lengths.contains(&text.len())
                && text
                    .chars()
                    .all(|c| c.is_ascii_alphanumeric() || signs.contains(c));
            fits.then(|| text.to_owned()).ok_or(otherwise)
        })
    }

    pub(super) fn region(&mut self, key: &'static str) -> Option<Region> {
        self.parsed(key, |text| {
            Region::parse(text).map_err(|error| Reason::Region { key, error })
        })
    }

    pub(super) fn account(&mut self, key: &'static str) -> Option<AccountId> {
        self.parsed(key, |text| {
            AccountId::parse(text).map_err(|error| Reason::AccountId { key, error })
        })
    }

    pub(super) fn start_url(&mut self, field: Field<'_>) -> Option<String> {
        let text = field.text();
        let fits = url::Url::parse(text).is_ok_and(|url| {
            url.scheme() == "https" && url.host().is_some() && url.username().is_empty()
        });
        if !fits {
            self.report(field, Reason::StartUrl);
        }
        fits.then(|| text.to_owned())
    }
}
