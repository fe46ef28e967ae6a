//! The XML export of KeePassXC and KeePass.
//!
//! An entry is a list of named texts. KeePassXC keeps the device in `otp`, as an address or, in old files, as
//! `key=…&step=…&size=…`; KeePass in `TimeOtp-…`, <https://keepass.info/help/base/placeholders.html#otp>; a plugin of
//! old in `TOTP Seed` and `TOTP Settings`. Former versions of an entry, under `History`, are passed over.

use data_encoding::{BASE64, HEXLOWER_PERMISSIVE};
use quick_xml::Reader;
use quick_xml::events::Event;
use undercroft_otp::{OtpAuth, Seed};
use undercroft_secret::{SecretBytes, SecretString};
use zeroize::Zeroizing;

use crate::entry::Parts;
use crate::{EntryProblem, Format, Import, ImportError, MAX_ENTRIES, Reason};

/// The most elements inside each other: KeePassXC nests groups, and no person nests more.
const MAX_DEPTH: usize = 200;

/// The texts of an entry that matter here.
#[derive(Default)]
struct Entry {
    texts: Vec<(String, SecretString)>,
}

/// Reads the file.
pub(crate) fn read(text: &str) -> Result<Import, ImportError> {
    let mut reader = Reader::from_str(text);
    let mut import = Import {
        format: Format::KeePassXml,
        entries: Vec::new(),
        parts: Vec::new(),
    };
    let mut path: Vec<String> = Vec::new();
    let mut entry = Entry::default();
    let mut key = String::new();
    let mut is_keepass = false;
    // Grows with what is read, so it is wiped; the largest texts are notes, which are not kept.
    let mut content = Zeroizing::new(String::new());
    loop {
        match reader.read_event().map_err(|_| ImportError::Damaged)? {
            Event::Start(start) => {
                let name = start.local_name().as_ref().to_owned();
                is_keepass |= path.is_empty() && name == "KeePassFile";
                if !is_keepass {
                    return Err(ImportError::Unrecognised);
                }
                if name == "Entry" && !is_past(&path) {
                    entry = Entry::default();
                }
                path.push(name);
                if path.len() > MAX_DEPTH {
                    return Err(ImportError::Damaged);
                }
                content.clear();
            }
            Event::Text(text) => content.push_str(&text.xml10_content()),
            Event::CData(text) => content.push_str(&text.xml10_content()),
            Event::GeneralRef(reference) => {
                let character = reference.resolve_char_ref();
                let character = character.map_err(|_| ImportError::Damaged)?;
                match character.or_else(|| predefined(&reference)) {
                    Some(character) => content.push(character),
                    // An entity of the file's own making, which no export has.
                    None => return Err(ImportError::Damaged),
                }
            }
            Event::End(_) => {
                let name = path.pop().ok_or(ImportError::Damaged)?;
                if is_past(&path) {
                    continue;
                }
                match name.as_str() {
                    "Key" => key = content.trim().to_owned(),
                    "Value" => entry.keep(&key, &content),
                    "Entry" => {
                        import.entries.extend(entry.device());
                        entry = Entry::default();
                        if import.entries.len() > MAX_ENTRIES {
                            return Err(ImportError::TooLarge);
                        }
                    }
                    _ => {}
                }
                content.clear();
            }
            Event::Eof if path.is_empty() && is_keepass => return Ok(import),
            Event::Eof => {
                return Err(if is_keepass {
                    ImportError::Damaged
                } else {
                    ImportError::Unrecognised
                });
            }
            // A document type could define texts that grow without bound.
            Event::DocType(_) => return Err(ImportError::Unrecognised),
            Event::Empty(_) | Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
        }
    }
}

fn is_past(path: &[String]) -> bool {
    path.iter().any(|name| name == "History")
}

fn predefined(name: &str) -> Option<char> {
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        _ => return None,
    })
}

impl Entry {
    fn keep(&mut self, key: &str, text: &str) {
        let matters = ["Title", "UserName", "otp", "TOTP Seed", "TOTP Settings"].contains(&key)
            || key.starts_with("TimeOtp-");
        if matters && self.texts.len() < 32 {
            self.texts
                .push((key.to_owned(), SecretString::copy_of(text.trim())));
        }
    }

    fn secret(&self, key: &str) -> Option<&SecretString> {
        let (_, text) = self.texts.iter().find(|(name, _)| name == key)?;
        (!text.is_empty()).then_some(text)
    }

    /// A text that is no secret.
    fn text(&self, key: &str) -> Option<&str> {
        self.secret(key).map(SecretString::expose)
    }

    fn number(&self, key: &str) -> Option<i64> {
        // What is no number is refused as one out of bounds.
        self.text(key).map(|text| text.parse().unwrap_or(-1))
    }

    /// The entry's device; most entries have none.
    fn device(&self) -> Option<Result<OtpAuth, EntryProblem>> {
        let parts = Parts {
            issuer: self.text("Title").unwrap_or_default(),
            name: self.text("UserName").unwrap_or_default(),
            ..Parts::default()
        };
        if let Some(secret) = self.secret("otp") {
            return Some(from_otp(parts, secret));
        }
        if let Some(secret) = self.secret("TOTP Seed") {
            let settings = self.text("TOTP Settings").unwrap_or("30;6");
            let (period, digits) = settings.split_once(';').unwrap_or((settings, "6"));
            return Some(if digits.trim() == "S" {
                Err(parts.refuse(Reason::Steam))
            } else {
                let parts = Parts {
                    secret: Some(secret),
                    period: Some(period.trim().parse().unwrap_or(-1)),
                    digits: Some(digits.trim().parse().unwrap_or(-1)),
                    ..parts
                };
                parts.device()
            });
        }
        self.time_otp(parts)
    }

    /// KeePass's own fields.
    fn time_otp(&self, parts: Parts<'_>) -> Option<Result<OtpAuth, EntryProblem>> {
        let parts = Parts {
            algorithm: self.text("TimeOtp-Algorithm"),
            digits: self.number("TimeOtp-Length"),
            period: self.number("TimeOtp-Period"),
            ..parts
        };
        if let secret @ Some(_) = self.secret("TimeOtp-Secret-Base32") {
            return Some(Parts { secret, ..parts }.device());
        }
        let bytes = |text: &SecretString, decode: &dyn Fn(&[u8]) -> Option<Vec<u8>>| {
            // Exposed to be decoded into the seed.
            let bytes = decode(text.expose().as_bytes()).unwrap_or_default();
            parts.device_of(Seed::from_bytes(SecretBytes::new(bytes)))
        };
        if let Some(text) = self.secret("TimeOtp-Secret-Hex") {
            return Some(bytes(text, &|text| HEXLOWER_PERMISSIVE.decode(text).ok()));
        }
        if let Some(text) = self.secret("TimeOtp-Secret-Base64") {
            return Some(bytes(text, &|text| BASE64.decode(text).ok()));
        }
        let text = self.secret("TimeOtp-Secret")?;
        Some(bytes(text, &|text| Some(text.to_vec())))
    }
}

/// Reads KeePassXC's field: an address, the old form, or a bare seed.
fn from_otp(parts: Parts<'_>, secret: &SecretString) -> Result<OtpAuth, EntryProblem> {
    // Exposed to be taken apart.
    let text = secret.expose();
    let value = |name: &str| {
        text.split('&')
            .filter_map(|pair| pair.split_once('='))
            .find(|(key, _)| *key == name)
            .map(|(_, value)| value)
    };
    let Some(key) = value("key").filter(|_| !text.contains("://")) else {
        let secret = Some(secret);
        return Parts { secret, ..parts }.device();
    };
    let key = SecretString::copy_of(&key.replace("%3D", ""));
    let number = |name| value(name).map(|text| text.parse().unwrap_or(-1));
    let parts = Parts {
        secret: Some(&key),
        algorithm: value("otpHashMode"),
        digits: number("size"),
        period: number("step"),
        ..parts
    };
    match value("encoder") {
        Some("steam") => Err(parts.refuse(Reason::Steam)),
        _ => parts.device(),
    }
}
