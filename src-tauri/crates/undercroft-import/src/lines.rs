//! Addresses, one a line: what most programs write when they export in the clear.

use undercroft_otp::{MigrationPart, OtpAuth};
use undercroft_secret::SecretString;

use crate::entry::{Parts, starts_with};
use crate::{Format, Import, ImportError, MAX_ENTRIES, Reason};

/// Tells whether a text has a line of a device; headings and comments may stand before it.
pub(crate) fn is_one(text: &str) -> bool {
    text.lines()
        .take(100)
        .any(|line| starts_with_scheme(line.trim()))
}

/// Reads the addresses; lines that are none are passed over.
pub(crate) fn read(text: &str) -> Result<Import, ImportError> {
    let mut import = Import {
        format: Format::OtpauthLines,
        entries: Vec::new(),
        parts: Vec::new(),
    };
    for line in text.lines().map(str::trim) {
        if starts_with_scheme(line) {
            if import.entries.len() + import.parts.len() >= MAX_ENTRIES {
                return Err(ImportError::TooLarge);
            }
            take(&SecretString::copy_of(line), &mut import);
        }
    }
    Ok(import)
}

/// Reads one address into `import`.
pub(crate) fn take(line: &SecretString, import: &mut Import) {
    let refuse = |reason: Reason| Err(Parts::default().refuse(reason));
    // Exposed to look at its beginning only.
    if starts_with(line.expose().trim(), "otpauth-migration:") {
        match MigrationPart::parse(line) {
            Ok(part) => import.parts.push(part),
            Err(error) => import.entries.push(refuse(error.into())),
        }
        return;
    }
    let entry = OtpAuth::parse(line).map_err(|error| {
        let label = shown_label(line);
        let parts = Parts {
            name: &label,
            ..Parts::default()
        };
        parts.refuse(if is_steam(line) {
            Reason::Steam
        } else {
            error.into()
        })
    });
    import.entries.push(entry);
}

fn starts_with_scheme(line: &str) -> bool {
    ["otpauth:", "otpauth-migration:", "apple-otpauth:"]
        .iter()
        .any(|scheme| starts_with(line, scheme))
}

/// Steam's devices have no type of their own in the format; programs write `otpauth://steam/…`.
fn is_steam(line: &SecretString) -> bool {
    starts_with(line.expose().trim(), "otpauth://steam/")
}

/// Finds something to call a refused address by: the path before the question mark, when it has no odd character.
fn shown_label(line: &SecretString) -> String {
    // Exposed for its label; what could carry the secret is left out by who shows it.
    let path = line.expose().split(['?', '#']).next().unwrap_or_default();
    let label = path.rsplit('/').next().unwrap_or_default();
    // A label of this length could be a seed without its parameter.
    if label.len() > 48 {
        return String::new();
    }
    label
        .replace("%20", " ")
        .replace("%40", "@")
        .replace("%3A", ":")
}
