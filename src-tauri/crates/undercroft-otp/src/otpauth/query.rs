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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SeedError;

    const PARAMETERS: [Parameter; 5] = [
        Parameter::Secret,
        Parameter::Issuer,
        Parameter::Algorithm,
        Parameter::Digits,
        Parameter::Period,
    ];

    fn value<'a>(query: &'a str, parameter: Parameter) -> Option<&'a str> {
        let mut query: Query<'a> = Query::parse(query).unwrap();
        *query.slot(parameter)
    }

    #[test]
    fn each_parameter_has_its_own_value() {
        let query = "secret=S&issuer=I&algorithm=A&digits=D&period=P";
        let mut parsed = Query::parse(query).unwrap();
        let values = PARAMETERS.map(|parameter| *parsed.slot(parameter));
        assert_eq!(values, ["S", "I", "A", "D", "P"].map(Some));
        assert_eq!(parsed.secret, Some("S"));
        assert_eq!(parsed.issuer, Some("I"));
        assert_eq!(parsed.algorithm, Some("A"));
        assert_eq!(parsed.digits, Some("D"));
        assert_eq!(parsed.period, Some("P"));
    }

    #[test]
    fn no_parameter_may_contradict_itself() {
        for parameter in PARAMETERS {
            let name = parameter.as_str();
            let twice = Query::parse(&format!("{name}=a&x=y&{name}=b")).map(|_| ());
            assert_eq!(twice, Err(OtpAuthError::Duplicate { parameter }));
            let equal = format!("{name}=a&{name}=a&{name}=&{name}");
            assert_eq!(value(&equal, parameter), Some("a"));
            let error = OtpAuthError::Duplicate { parameter }.to_string();
            assert!(error.contains(&format!(" {name} ")), "{error}");
        }
    }

    #[test]
    fn a_name_is_read_as_programs_write_it() {
        for query in [
            "issuer=a=b",
            "&&issuer=a=b",
            "x=y&amp;issuer=a=b",
            "ISSUER=a=b",
            "%69ssuer=a=b",
            "+issuer%20=a=b",
            "issuer=a=b#&issuer=c",
            "issuer=&issuer=a=b",
        ] {
            assert_eq!(value(query, Parameter::Issuer), Some("a=b"), "{query}");
        }
        for query in [
            "",
            "#issuer=a",
            "issuers=a",
            "issuer",
            "issuer=",
            "amp;amp;issuer=a",
            "a=issuer",
        ] {
            assert_eq!(value(query, Parameter::Issuer), None, "{query}");
        }
    }

    #[test]
    fn the_seed_is_read_or_the_reason_given() {
        let error = |query: &str| Query::parse(query).unwrap().seed().map(|_| ()).unwrap_err();
        assert_eq!(error("issuer=a"), OtpAuthError::MissingSecret);
        assert_eq!(error("secret="), OtpAuthError::MissingSecret);
        let not_base32 = |position| OtpAuthError::Secret(SeedError::NotBase32 { position });
        assert_eq!(error("secret=GE%ff"), not_base32(0));
        assert_eq!(error("secret=GE%21"), not_base32(2));
        let query = Query::parse("secret=GEZD+GNBV%20GY3T-QOJQ%3D%3D").unwrap();
        assert_eq!(query.seed().unwrap().seed.expose(), b"1234567890");
    }
}
