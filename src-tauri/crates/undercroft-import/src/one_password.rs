//! The archive of 1Password, 1PUX: a ZIP file whose `export.data` is JSON.
//!
//! The format: <https://support.1password.com/1pux-format/>.

use std::io::{Cursor, Read};

use serde::Deserialize;
use undercroft_otp::OtpAuth;
use undercroft_secret::SecretBytes;
use zip::ZipArchive;
use zip::result::ZipError;

use crate::entry::Parts;
use crate::json::{self, Secret};
use crate::{EntryProblem, Format, Import, ImportError, MAX_BYTES};

/// What holds everything but the attachments.
const DATA: &str = "export.data";

#[derive(Deserialize)]
struct File {
    accounts: Vec<Account>,
}

#[derive(Deserialize)]
struct Account {
    #[serde(default)]
    vaults: Vec<Vault>,
}

#[derive(Deserialize)]
struct Vault {
    #[serde(default)]
    items: Vec<Item>,
}

#[derive(Deserialize)]
struct Item {
    details: Option<Details>,
    overview: Option<Overview>,
}

#[derive(Deserialize)]
struct Overview {
    title: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Details {
    #[serde(default)]
    login_fields: Vec<LoginField>,
    #[serde(default)]
    sections: Vec<Section>,
}

#[derive(Deserialize)]
struct LoginField {
    value: Option<Secret>,
    designation: Option<String>,
}

#[derive(Deserialize)]
struct Section {
    #[serde(default)]
    fields: Vec<Field>,
}

#[derive(Deserialize)]
struct Field {
    value: Option<Value>,
}

/// A value has one field, named after its kind.
#[derive(Deserialize)]
struct Value {
    totp: Option<Secret>,
}

/// Reads the archive.
pub(crate) fn read(bytes: &[u8]) -> Result<Import, ImportError> {
    let data = unpack(bytes)?;
    // Exposed to be taken apart.
    let file: File = json::parse(data.expose())?;
    let vaults = file.accounts.iter().flat_map(|account| &account.vaults);
    let items = vaults.flat_map(|vault| &vault.items);
    Ok(Import {
        format: Format::OnePux,
        entries: items.flat_map(Item::devices).collect(),
        parts: Vec::new(),
    })
}

/// Unpacks `export.data`, as far as a file of that size may go.
fn unpack(bytes: &[u8]) -> Result<SecretBytes, ImportError> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| ImportError::Damaged)?;
    let member = archive.by_name(DATA).map_err(|error| {
        // Another kind of archive.
        if matches!(error, ZipError::FileNotFound) {
            ImportError::Unrecognised
        } else {
            ImportError::Damaged
        }
    })?;
    let size = usize::try_from(member.size()).unwrap_or(usize::MAX);
    if size > MAX_BYTES {
        return Err(ImportError::TooLarge);
    }
    // With its final capacity, so that no smaller copy is left behind. What the archive says of the size is not relied on.
    let mut data = Vec::with_capacity(size + 1);
    let read = member.take(MAX_BYTES as u64 + 1).read_to_end(&mut data);
    let data = SecretBytes::new(data);
    read.map_err(|_| ImportError::Damaged)?;
    if data.expose().len() > MAX_BYTES {
        return Err(ImportError::TooLarge);
    }
    Ok(data)
}

impl Item {
    fn devices(&self) -> Vec<Result<OtpAuth, EntryProblem>> {
        let Some(details) = &self.details else {
            return Vec::new();
        };
        let title = self.overview.as_ref().map(|overview| &overview.title);
        let user = details
            .login_fields
            .iter()
            .find(|field| field.designation.as_deref() == Some("username"))
            .and_then(|field| field.value.as_ref());
        let fields = details.sections.iter().flat_map(|section| &section.fields);
        fields
            .filter_map(|field| field.value.as_ref()?.totp.as_ref())
            .map(|secret| {
                let parts = Parts {
                    issuer: title.map_or("", json::text),
                    // A user name is no secret; the field's other values are.
                    name: user.map_or("", |user| user.0.expose().trim()),
                    secret: Some(&secret.0),
                    ..Parts::default()
                };
                parts.device()
            })
            .collect()
    }
}
