//! Bitwarden's JSON export, plain and protected by a password.
//!
//! The format: <https://bitwarden.com/help/encrypted-export/>. Protected, `data` is the plain export under
//! AES-256-CBC with HMAC-SHA-256, whose keys come from PBKDF2 or Argon2id by HKDF.

use data_encoding::BASE64;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use undercroft_otp::OtpAuth;
use undercroft_secret::{SecretBytes, SecretString};

use crate::cipher::CbcHmacKey;
use crate::entry::Parts;
use crate::json::{self, Secret};
use crate::{EntryProblem, Foreign, Format, Import, ImportError, kdf};

const PBKDF2: u32 = 0;
const ARGON2ID: u32 = 1;
/// AES-256-CBC with HMAC-SHA-256, the one way in which exports are encrypted.
const CBC_HMAC: &str = "2";

#[derive(Deserialize)]
struct Plain {
    items: Vec<Item>,
}

#[derive(Deserialize)]
struct Item {
    name: Option<String>,
    login: Option<Login>,
}

#[derive(Deserialize)]
struct Login {
    username: Option<String>,
    totp: Option<Secret>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Protected {
    #[serde(default)]
    password_protected: bool,
    salt: Option<String>,
    kdf_type: Option<u32>,
    kdf_iterations: Option<u32>,
    kdf_memory: Option<u32>,
    kdf_parallelism: Option<u32>,
    #[serde(rename = "encKeyValidation_DO_NOT_EDIT")]
    validation: Option<String>,
    data: Option<String>,
}

/// Reads the file in the clear.
pub(crate) fn read_plain(bytes: &[u8]) -> Result<Import, ImportError> {
    let file: Plain = json::parse(bytes)?;
    Ok(import(Format::Bitwarden, &file.items))
}

/// Reads the file that a password protects.
pub(crate) fn read_encrypted(
    bytes: &[u8],
    password: Option<&SecretString>,
) -> Result<Import, ImportError> {
    let file: Protected = json::parse(bytes)?;
    if !file.password_protected {
        let foreign = Foreign::BitwardenAccount;
        return Err(ImportError::NotReadHere { foreign });
    }
    let validation = Sealed::parse(file.validation.as_deref())?;
    let data = Sealed::parse(file.data.as_deref())?;
    let password = password.ok_or(ImportError::PasswordNeeded)?;

    let key = file.key(password)?;
    validation.open(&key).ok_or(ImportError::WrongPassword)?;
    // The password is right, so what does not open was changed.
    let opened = data.open(&key).ok_or(ImportError::Damaged)?;
    // Exposed to be taken apart.
    let plain: Plain = json::parse(opened.expose())?;
    Ok(import(Format::BitwardenEncrypted, &plain.items))
}

impl Protected {
    fn key(&self, password: &SecretString) -> Result<CbcHmacKey, ImportError> {
        let salt = self.salt.as_deref().ok_or(ImportError::Damaged)?.as_bytes();
        let iterations = self.kdf_iterations.ok_or(ImportError::Damaged)?;
        let key = match self.kdf_type {
            Some(PBKDF2) => kdf::pbkdf2(password, salt, iterations)?,
            Some(ARGON2ID) => {
                let memory_mib = self.kdf_memory.ok_or(ImportError::Damaged)?;
                let lanes = self.kdf_parallelism.ok_or(ImportError::Damaged)?;
                let memory_kib = memory_mib.saturating_mul(1024);
                kdf::Argon2id::bounded(memory_kib, iterations, lanes)?
                    .key(password, &Sha256::digest(salt))?
            }
            Some(_) | None => return Err(ImportError::Damaged),
        };
        CbcHmacKey::expand(&key).ok_or(ImportError::Damaged)
    }
}

/// Bitwarden's `2.iv|text|mac`.
struct Sealed {
    iv: [u8; 16],
    ciphertext: Vec<u8>,
    mac: Vec<u8>,
}

impl Sealed {
    fn parse(text: Option<&str>) -> Result<Self, ImportError> {
        let parse = || {
            let (kind, rest) = text?.split_once('.')?;
            let mut parts = rest
                .split('|')
                .map(|part| BASE64.decode(part.as_bytes()).ok());
            (kind == CBC_HMAC).then_some(())?;
            Some(Self {
                iv: parts.next()??.try_into().ok()?,
                ciphertext: parts.next()??,
                mac: parts.next()??,
            })
        };
        parse().ok_or(ImportError::Damaged)
    }

    fn open(&self, key: &CbcHmacKey) -> Option<SecretBytes> {
        key.open(&self.iv, &self.ciphertext, &self.mac)
    }
}

fn import(format: Format, items: &[Item]) -> Import {
    Import {
        format,
        entries: items.iter().filter_map(Item::device).collect(),
        parts: Vec::new(),
    }
}

impl Item {
    /// The item's device; most items have none.
    fn device(&self) -> Option<Result<OtpAuth, EntryProblem>> {
        let login = self.login.as_ref()?;
        let secret = &login.totp.as_ref()?.0;
        // Exposed to see whether there is any.
        if secret.expose().trim().is_empty() {
            return None;
        }
        let parts = Parts {
            issuer: json::text(&self.name),
            name: json::text(&login.username),
            secret: Some(secret),
            ..Parts::default()
        };
        Some(parts.device())
    }
}
