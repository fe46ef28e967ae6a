//! The backup of 2FAS.
//!
//! The format is that of its apps, <https://github.com/twofas/2fas-android>. Encrypted, `servicesEncrypted` is the
//! text, the salt and the nonce in Base64, with colons between them: AES-256-GCM under 10,000 rounds of PBKDF2.

use data_encoding::BASE64;
use serde::Deserialize;
use undercroft_otp::OtpAuth;
use undercroft_secret::SecretString;

use crate::cipher::{TAG_LEN, open_gcm};
use crate::entry::Parts;
use crate::json::{self, Secret};
use crate::{EntryProblem, Format, Import, ImportError, Reason, kdf};

const ROUNDS: u32 = 10_000;

#[derive(Deserialize)]
struct Plain {
    services: Vec<Service>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Encrypted {
    services_encrypted: String,
}

#[derive(Deserialize)]
struct Service {
    name: Option<String>,
    secret: Option<Secret>,
    #[serde(default)]
    otp: Otp,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Otp {
    account: Option<String>,
    issuer: Option<String>,
    label: Option<String>,
    digits: Option<i64>,
    period: Option<i64>,
    algorithm: Option<String>,
    token_type: Option<String>,
}

/// Reads the file in the clear.
pub(crate) fn read_plain(bytes: &[u8]) -> Result<Import, ImportError> {
    let file: Plain = json::parse(bytes)?;
    Ok(import(Format::TwoFas, &file.services))
}

/// Reads the encrypted file.
pub(crate) fn read_encrypted(
    bytes: &[u8],
    password: Option<&SecretString>,
) -> Result<Import, ImportError> {
    let file: Encrypted = json::parse(bytes)?;
    let mut parts = file.services_encrypted.split(':').map(|part| {
        BASE64
            .decode(part.trim().as_bytes())
            .map_err(|_| ImportError::Damaged)
    });
    let mut next = || parts.next().unwrap_or(Err(ImportError::Damaged));
    let (sealed, salt, nonce) = (next()?, next()?, next()?);
    let nonce = nonce.try_into().map_err(|_| ImportError::Damaged)?;
    let (ciphertext, tag) = sealed
        .split_last_chunk::<TAG_LEN>()
        .ok_or(ImportError::Damaged)?;
    let password = password.ok_or(ImportError::PasswordNeeded)?;

    let key = kdf::pbkdf2(password, &salt, ROUNDS)?;
    let opened = open_gcm(&key, &nonce, ciphertext, tag).ok_or(ImportError::WrongPassword)?;
    // Exposed to be taken apart.
    let services: Vec<Service> = json::parse(opened.expose())?;
    Ok(import(Format::TwoFasEncrypted, &services))
}

fn import(format: Format, services: &[Service]) -> Import {
    Import {
        format,
        entries: services.iter().map(Service::device).collect(),
        parts: Vec::new(),
    }
}

impl Service {
    fn device(&self) -> Result<OtpAuth, EntryProblem> {
        let first = |texts: [&Option<String>; 2]| {
            let texts = texts.map(json::text);
            if texts[0].is_empty() {
                texts[1]
            } else {
                texts[0]
            }
            .to_owned()
        };
        let issuer = first([&self.otp.issuer, &self.name]);
        let name = first([&self.otp.account, &self.otp.label]);
        let parts = Parts {
            issuer: &issuer,
            name: &name,
            secret: self.secret.as_ref().map(|secret| &secret.0),
            algorithm: self.otp.algorithm.as_deref(),
            digits: self.otp.digits,
            period: self.otp.period,
        };
        let kind = json::text(&self.otp.token_type).to_ascii_uppercase();
        match kind.as_str() {
            "" | "TOTP" => parts.device(),
            "HOTP" => Err(parts.refuse(Reason::Hotp)),
            "STEAM" => Err(parts.refuse(Reason::Steam)),
            _ => Err(parts.refuse(Reason::UnknownType)),
        }
    }
}
