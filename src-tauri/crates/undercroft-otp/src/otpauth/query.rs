//! The part of the URI after the question mark.

use super::{OtpAuthError, Parameter};
use crate::percent::{self, Plus};
use crate::{ParsedSeed, Seed};

/// The known parameters; an empty one counts as absent.
#[derive(Default)]
pub(super) struct Query<'a> {
    /// Still encoded: it is decoded straight into a wiped buffer.
    secret: Option<&'a str>,
    pub(super) issuer: Option<&'a str>,
    pub(super) algorithm: Option<&'a str>,
    pub(super) digits: Option<&'a str>,
    pub(super) period: Option<&'a str>,
}

impl<'a> Query<'a> {
    /// Sorts the parameters; unknown ones are passed over, a fragment is cut off.
    pub(super) fn parse(query: &'a str) -> Result<Self, OtpAuthError> {
        let query = query.split_once('#').map_or(query, |(before, _)| before);
        let mut parsed = Self::default();
        for pair in query.split('&') {
            // Copied out of a page's source, `&` arrives as `&amp;`.
            let pair = pair.strip_prefix("amp;").unwrap_or(pair);
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            let Some(parameter) = parameter_of(key) else {
                continue;
            };
            if value.is_empty() {
                continue;
            }
            let slot = parsed.slot(parameter);
            if slot.is_some_and(|earlier| earlier != value) {
                return Err(OtpAuthError::Duplicate { parameter });
            }
            *slot = Some(value);
        }
        Ok(parsed)
    }

    /// Reads the seed.
    pub(super) fn seed(&self) -> Result<ParsedSeed, OtpAuthError> {
        let encoded = self.secret.ok_or(OtpAuthError::MissingSecret)?;
        let text = percent::decode_secret(encoded, Plus::Space).ok_or(OtpAuthError::Secret(
            crate::SeedError::NotBase32 { position: 0 },
        ))?;
        Seed::from_base32(&text).map_err(OtpAuthError::Secret)
    }

    fn slot(&mut self, parameter: Parameter) -> &mut Option<&'a str> {
        match parameter {
            Parameter::Secret => &mut self.secret,
            Parameter::Issuer => &mut self.issuer,
            Parameter::Algorithm => &mut self.algorithm,
            Parameter::Digits => &mut self.digits,
            Parameter::Period => &mut self.period,
        }
    }
}

fn parameter_of(key: &str) -> Option<Parameter> {
    let key = percent::decode(key, Plus::Space);
    [
        Parameter::Secret,
        Parameter::Issuer,
        Parameter::Algorithm,
        Parameter::Digits,
        Parameter::Period,
    ]
    .into_iter()
    .find(|parameter| key.trim().eq_ignore_ascii_case(parameter.as_str()))
}
