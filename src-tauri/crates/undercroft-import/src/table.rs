//! Tables: the CSV of Bitwarden, KeePassXC, 1Password and others that name their columns alike.

use csv::{ReaderBuilder, StringRecord};
use undercroft_secret::SecretString;

use crate::entry::Parts;
use crate::{Format, Import, ImportError, MAX_ENTRIES};

/// What programs call the column of addresses or seeds, in lower case: Bitwarden, KeePassXC, 1Password, others.
const SECRETS: &[&str] = &[
    "login_totp",
    "totp",
    "otpauth",
    "otp",
    "otp secret",
    "one-time password",
    "authenticator key",
    "secret",
    "seed",
];
const ISSUERS: &[&str] = &["issuer", "title", "name"];
const NAMES: &[&str] = &["login_username", "username", "account", "login", "label"];

/// Reads a table whose first line names its columns.
pub(crate) fn read(text: &str) -> Result<Import, ImportError> {
    let mut reader = ReaderBuilder::new()
        .flexible(true)
        .delimiter(delimiter(text))
        .from_reader(text.as_bytes());
    let headers = reader.headers().map_err(|_| ImportError::Unrecognised)?;
    let find = |names: &[&str]| {
        names.iter().find_map(|name| {
            headers
                .iter()
                .position(|header| header.trim().eq_ignore_ascii_case(name))
        })
    };
    let secret = find(SECRETS).ok_or(ImportError::Unrecognised)?;
    let (issuer, name) = (find(ISSUERS), find(NAMES));

    let mut import = Import {
        format: Format::Csv,
        entries: Vec::new(),
        parts: Vec::new(),
    };
    let mut row = StringRecord::new();
    while reader
        .read_record(&mut row)
        .map_err(|_| ImportError::Damaged)?
    {
        let cell = |column: Option<usize>| {
            let cell = column.and_then(|column| row.get(column));
            cell.unwrap_or_default().trim()
        };
        if cell(Some(secret)).is_empty() {
            continue;
        }
        if import.entries.len() >= MAX_ENTRIES {
            return Err(ImportError::TooLarge);
        }
        let secret = SecretString::copy_of(cell(Some(secret)));
        let parts = Parts {
            issuer: cell(issuer),
            name: cell(name),
            secret: Some(&secret),
            ..Parts::default()
        };
        import.entries.push(parts.device());
    }
    Ok(import)
}

/// Spreadsheets write semicolons where the comma is the decimal sign.
fn delimiter(text: &str) -> u8 {
    let head = text.lines().next().unwrap_or_default();
    let count = |sign: char| head.chars().filter(|other| *other == sign).count();
    if count(';') > count(',') { b';' } else { b',' }
}
