//! The encrypted export of Ente Auth: its plain one, as a message of libsodium.
//!
//! The format: <https://github.com/ente-io/ente/blob/main/docs/docs/auth/migration-guides/export.md>. The addresses are
//! the one message of a secretstream under a key of Argon2id.

use data_encoding::BASE64;
use serde::Deserialize;
use undercroft_secret::SecretString;

use crate::{Format, Import, ImportError, json, kdf, lines, secretstream};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct File {
    kdf_params: Kdf,
    encrypted_data: String,
    encryption_nonce: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Kdf {
    /// Memory in bytes.
    mem_limit: u64,
    ops_limit: u32,
    salt: String,
}

/// Reads the file.
pub(crate) fn read(bytes: &[u8], password: Option<&SecretString>) -> Result<Import, ImportError> {
    let file: File = json::parse(bytes)?;
    let memory_kib = u32::try_from(file.kdf_params.mem_limit / 1024)
        .map_err(|_| ImportError::HostileParameters)?;
    // libsodium has no lanes.
    let cost = kdf::Argon2id::bounded(memory_kib, file.kdf_params.ops_limit, 1)?;
    let password = password.ok_or(ImportError::PasswordNeeded)?;
    let header = decode(&file.encryption_nonce)?
        .try_into()
        .map_err(|_| ImportError::Damaged)?;
    let sealed = decode(&file.encrypted_data)?;
    let key = cost.key(password, &decode(&file.kdf_params.salt)?)?;
    let plain = secretstream::open(&key, &header, &sealed).ok_or(ImportError::WrongPassword)?;
    // Exposed to be taken apart.
    let text = std::str::from_utf8(plain.expose()).map_err(|_| ImportError::Damaged)?;
    let import = lines::read(text)?;
    Ok(Import {
        format: Format::EnteEncrypted,
        ..import
    })
}

fn decode(text: &str) -> Result<Vec<u8>, ImportError> {
    BASE64
        .decode(text.trim().as_bytes())
        .map_err(|_| ImportError::Damaged)
}
