//! One device, from the parts in which programs keep it.

use undercroft_model::{Digits, OtpAlgorithm, OtpParams, PeriodSecs};
use undercroft_otp::{OtpAuth, Seed, SeedError, TypedError, TypedSecret, parse_typed};
use undercroft_secret::SecretString;

use crate::{EntryProblem, Reason};

/// The most characters of a refused device's label that are kept.
const MAX_SHOWN: usize = 100;

/// A device as a program keeps it.
#[derive(Clone, Copy, Default)]
pub(crate) struct Parts<'a> {
    pub(crate) issuer: &'a str,
    pub(crate) name: &'a str,
    /// An address or a bare seed in Base32.
    pub(crate) secret: Option<&'a SecretString>,
    pub(crate) algorithm: Option<&'a str>,
    pub(crate) digits: Option<i64>,
    pub(crate) period: Option<i64>,
}

impl Parts<'_> {
    /// Puts the device together.
    pub(crate) fn device(&self) -> Result<OtpAuth, EntryProblem> {
        self.read().map_err(|reason| self.refuse(reason))
    }

    /// Puts a device together whose seed was kept in another form than Base32.
    pub(crate) fn device_of(&self, seed: Result<Seed, SeedError>) -> Result<OtpAuth, EntryProblem> {
        let device = || {
            let seed = seed.map_err(reason_of_seed)?;
            Ok(OtpAuth::from_parts(
                self.issuer,
                self.name,
                seed,
                self.params()?,
            )?)
        };
        device().map_err(|reason: Reason| self.refuse(reason))
    }

    /// Says that the device can't be used.
    pub(crate) fn refuse(&self, reason: Reason) -> EntryProblem {
        EntryProblem {
            issuer: self.shown(self.issuer),
            name: self.shown(self.name),
            reason,
        }
    }

    fn read(&self) -> Result<OtpAuth, Reason> {
        let secret = self.secret.ok_or(Reason::NoSecret)?;
        // Exposed to look at its beginning only.
        let text = secret.expose().trim();
        if text.is_empty() {
            return Err(Reason::NoSecret);
        }
        if starts_with(text, "steam://") {
            return Err(Reason::Steam);
        }
        match parse_typed(secret) {
            Ok(TypedSecret::Uri(device)) => self.named(device),
            Ok(TypedSecret::Seed(parsed)) => {
                let params = self.params()?;
                let mut device = OtpAuth::from_parts(self.issuer, self.name, parsed.seed, params)?;
                device.corrected = parsed.corrected;
                Ok(device)
            }
            Err(TypedError::Uri(error)) => Err(error.into()),
            Err(TypedError::Seed(error)) => Err(reason_of_seed(error)),
        }
    }

    /// Gives an address without a label the entry's own names.
    fn named(&self, device: OtpAuth) -> Result<OtpAuth, Reason> {
        if !device.name.is_empty() || (self.issuer.is_empty() && self.name.is_empty()) {
            return Ok(device);
        }
        let issuer = device.issuer.as_deref().unwrap_or(self.issuer);
        let mut named = OtpAuth::from_parts(issuer, self.name, device.seed, device.params)?;
        named.corrected = device.corrected;
        Ok(named)
    }

    fn params(&self) -> Result<OtpParams, Reason> {
        let default = OtpParams::default();
        let narrow = |value: i64| u32::try_from(value).unwrap_or(u32::MAX);
        Ok(OtpParams {
            algorithm: match self.algorithm.filter(|text| !text.is_empty()) {
                Some(text) => OtpAlgorithm::parse(text).map_err(|_| Reason::Algorithm)?,
                None => default.algorithm,
            },
            digits: match self.digits {
                Some(digits) => Digits::new(narrow(digits)).map_err(|_| Reason::Digits)?,
                None => default.digits,
            },
            period: match self.period {
                Some(secs) => PeriodSecs::new(narrow(secs)).map_err(|_| Reason::Period)?,
                None => default.period,
            },
        })
    }

    /// A text that may be shown: without hidden characters, short, and not when the secret is in it.
    fn shown(&self, text: &str) -> String {
        let upper = text.to_ascii_uppercase();
        let holds_secret = self.secret.is_some_and(|secret| {
            // Exposed to be looked for; a shorter one could be part of a word.
            let secret = secret.expose().trim();
            secret.len() >= 8 && upper.contains(&secret.to_ascii_uppercase())
        });
        if holds_secret || upper.contains("SECRET=") || upper.contains("SECRET%3D") {
            return String::new();
        }
        let visible = text.chars().filter(|character| !is_hidden(*character));
        visible
            .take(MAX_SHOWN)
            .collect::<String>()
            .trim()
            .to_owned()
    }
}

/// Compares a beginning without regard to case.
pub(crate) fn starts_with(text: &str, prefix: &str) -> bool {
    text.get(..prefix.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(prefix))
}

fn reason_of_seed(error: SeedError) -> Reason {
    if error == SeedError::Empty {
        Reason::NoSecret
    } else {
        Reason::Secret(error)
    }
}

/// Tells whether a character hides or reorders others.
fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{00ad}' | '\u{061c}' | '\u{200b}'
                ..='\u{200f}' | '\u{2028}'
                ..='\u{202e}' | '\u{2060}'
                ..='\u{206f}' | '\u{feff}' | '\u{fff9}'
                ..='\u{fffb}'
        )
}
