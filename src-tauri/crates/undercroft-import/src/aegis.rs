//! The vault of Aegis Authenticator, as it exports it.
//!
//! The format: <https://github.com/beemdevelopment/Aegis/blob/master/docs/vault.md>. The database is encrypted with
//! AES-256-GCM under a random key, and that key once more for each password, under a key of scrypt.

use data_encoding::{BASE64, HEXLOWER_PERMISSIVE};
use serde::Deserialize;
use undercroft_otp::OtpAuth;
use undercroft_secret::{SecretBytes, SecretKey, SecretString};

use crate::cipher::{TAG_LEN, open_gcm};
use crate::entry::Parts;
use crate::json::{self, Secret};
use crate::kdf::Scrypt;
use crate::{EntryProblem, Format, Import, ImportError, Reason};

/// The kind of slot that a password opens; others are for biometrics, whose keys never leave the phone.
const PASSWORD_SLOT: u32 = 1;

#[derive(Deserialize)]
struct Encrypted {
    header: Header,
    db: String,
}

#[derive(Deserialize)]
struct Plain {
    db: Database,
}

#[derive(Deserialize)]
struct Header {
    slots: Option<Vec<Slot>>,
    params: Option<Sealing>,
}

#[derive(Deserialize)]
struct Slot {
    #[serde(rename = "type")]
    kind: u32,
    key: String,
    key_params: Sealing,
    n: Option<u64>,
    r: Option<u32>,
    p: Option<u32>,
    salt: Option<String>,
}

#[derive(Deserialize)]
struct Sealing {
    nonce: String,
    tag: String,
}

#[derive(Deserialize)]
struct Database {
    entries: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    #[serde(rename = "type")]
    kind: String,
    name: Option<String>,
    issuer: Option<String>,
    info: Info,
}

#[derive(Deserialize)]
struct Info {
    secret: Option<Secret>,
    algo: Option<String>,
    digits: Option<i64>,
    period: Option<i64>,
}

/// Reads the file in the clear.
pub(crate) fn read_plain(bytes: &[u8]) -> Result<Import, ImportError> {
    let file: Plain = json::parse(bytes)?;
    Ok(import(Format::Aegis, &file.db))
}

/// Reads the encrypted file.
pub(crate) fn read_encrypted(
    bytes: &[u8],
    password: Option<&SecretString>,
) -> Result<Import, ImportError> {
    let file: Encrypted = json::parse(bytes)?;
    let slots = file.header.slots.unwrap_or_default();
    let slots: Vec<_> = slots
        .iter()
        .filter(|slot| slot.kind == PASSWORD_SLOT)
        .collect();
    if slots.is_empty() {
        return Err(ImportError::Damaged);
    }
    let costs = slots.iter().map(|slot| slot.cost());
    Scrypt::demand_bounded(costs.collect::<Result<Vec<_>, _>>()?.into_iter())?;
    let password = password.ok_or(ImportError::PasswordNeeded)?;

    let sealing = file.header.params.ok_or(ImportError::Damaged)?;
    let db = BASE64
        .decode(file.db.as_bytes())
        .map_err(|_| ImportError::Damaged)?;
    for slot in slots {
        let Some(key) = slot.open(password)? else {
            continue;
        };
        // The slot's tag fits, so it is the password's; a database that does not open is another's.
        let opened = sealing.open(&key, &db)?.ok_or(ImportError::Damaged)?;
        // Exposed to be taken apart.
        let db: Database = json::parse(opened.expose())?;
        return Ok(import(Format::AegisEncrypted, &db));
    }
    Err(ImportError::WrongPassword)
}

impl Slot {
    fn cost(&self) -> Result<Scrypt, ImportError> {
        match (self.n, self.r, self.p) {
            (Some(n), Some(r), Some(p)) => Ok(Scrypt { n, r, p }),
            _ => Err(ImportError::Damaged),
        }
    }

    fn open(&self, password: &SecretString) -> Result<Option<SecretKey>, ImportError> {
        let salt = hex(self.salt.as_deref().unwrap_or_default())?;
        let key = self.cost()?.key(password, &salt)?;
        let Some(opened) = self.key_params.open(&key, &hex(&self.key)?)? else {
            return Ok(None);
        };
        SecretKey::try_filled_by(|key| {
            // Exposed into the key.
            let bytes: &[u8; 32] = opened.expose().try_into().map_err(|_| ())?;
            key.copy_from_slice(bytes);
            Ok(())
        })
        .map(Some)
        .map_err(|()| ImportError::Damaged)
    }
}

impl Sealing {
    fn open(&self, key: &SecretKey, ciphertext: &[u8]) -> Result<Option<SecretBytes>, ImportError> {
        let nonce = hex(&self.nonce)?
            .try_into()
            .map_err(|_| ImportError::Damaged)?;
        let tag: [u8; TAG_LEN] = hex(&self.tag)?
            .try_into()
            .map_err(|_| ImportError::Damaged)?;
        Ok(open_gcm(key, &nonce, ciphertext, &tag))
    }
}

fn hex(text: &str) -> Result<Vec<u8>, ImportError> {
    HEXLOWER_PERMISSIVE
        .decode(text.as_bytes())
        .map_err(|_| ImportError::Damaged)
}

fn import(format: Format, db: &Database) -> Import {
    Import {
        format,
        entries: db.entries.iter().map(Entry::device).collect(),
        parts: Vec::new(),
    }
}

impl Entry {
    fn device(&self) -> Result<OtpAuth, EntryProblem> {
        let parts = Parts {
            issuer: json::text(&self.issuer),
            name: json::text(&self.name),
            secret: self.info.secret.as_ref().map(|secret| &secret.0),
            algorithm: self.info.algo.as_deref(),
            digits: self.info.digits,
            period: self.info.period,
        };
        match self.kind.to_ascii_lowercase().as_str() {
            "totp" => parts.device(),
            "hotp" => Err(parts.refuse(Reason::Hotp)),
            "steam" => Err(parts.refuse(Reason::Steam)),
            _ => Err(parts.refuse(Reason::UnknownType)),
        }
    }
}
