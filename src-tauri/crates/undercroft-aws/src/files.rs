//! The files that AWS's own programs keep: `~/.aws/config`, `~/.aws/credentials`, and the CSVs of the console.
//!
//! - [`config`] reads the two files of `~/.aws` section by section; [`merge`] makes profiles of them.
//! - [`console`] reads the CSVs that the console offers once, when a user or a key is made.
//! - [`export`] reads what `aws-vault export` prints; [`leapp`] opens Leapp's workspace.
//! - [`edit`] changes single lines of a file of `~/.aws` and leaves all others as they are; [`diff`] shows the change.
//! - [`recognise`] tells these files apart.
//!
//! Everything here takes text and gives data: nothing is opened, run or looked up. Commands and endpoints that a file
//! names are told of and never used. Where the AWS CLI and the AWS SDKs read a file differently, the reading is the one that
//! gives people what they meant, and a [`Problem`] says so.
//!
//! # Secrets
//! Every value of a setting is a [`SecretString`], whatever its key, because people paste secrets under the wrong one.
//! Problems name the section, the line and a setting that AWS documents, and never a value.
//!
//! Sources: "Configuration and credential file settings" and "Format of the shared config and credentials files" of the
//! AWS SDKs and Tools reference; botocore's `configloader`; aws-vault's USAGE.md.

pub mod config;
pub mod console;
mod diff;
pub mod edit;
pub mod export;
mod keys;
pub mod leapp;
mod lines;
mod merge;
mod problem;
mod process;
mod profile;
mod recognise;
mod section;

use undercroft_secret::SecretString;

pub use config::{FoundSection, Parsed, Setting, Which};
pub use diff::diff;
pub use edit::shadowed_by;
pub use merge::merge;
pub use problem::{Problem, Reason};
pub use process::{ProcessCommand, command_words};
pub use profile::{AwsProfile, CredentialSource, Keys, Kind, Role, RoleSource, Sso};
pub use recognise::{FileKind, recognise};

/// The most bytes that a file may have.
pub const MAX_BYTES: usize = 4 << 20;

/// Reads bytes as text: UTF-8, or UTF-16 that begins with a byte order mark.
///
/// The mark is left out. `None` when the bytes are neither, or more than [`MAX_BYTES`].
#[must_use]
pub fn decode(bytes: &[u8]) -> Option<SecretString> {
    if bytes.len() > MAX_BYTES {
        return None;
    }
    let wide = |pair: fn([u8; 2]) -> u16, rest: &[u8]| {
        let (units, []) = rest.as_chunks::<2>() else {
            return None;
        };
        // Three bytes of UTF-8 stand for any one unit, so the buffer never grows and leaves no copy.
        let mut text = String::with_capacity(units.len() * 3);
        for character in char::decode_utf16(units.iter().map(|unit| pair(*unit))) {
            match character {
                Ok(character) => text.push(character),
                Err(_) => {
                    drop(SecretString::new(text));
                    return None;
                }
            }
        }
        Some(SecretString::new(text))
    };
    match bytes {
        [0xff, 0xfe, rest @ ..] => wide(u16::from_le_bytes, rest),
        [0xfe, 0xff, rest @ ..] => wide(u16::from_be_bytes, rest),
        [0xef, 0xbb, 0xbf, rest @ ..] | rest => {
            std::str::from_utf8(rest).ok().map(SecretString::copy_of)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bytes: &[u8]) -> Option<String> {
        decode(bytes).map(|text| text.expose().to_owned())
    }

    #[test]
    fn reads_both_kinds_of_text_and_drops_the_mark() {
        assert_eq!(text(b"\xef\xbb\xbfa=1"), Some("a=1".to_owned()));
        assert_eq!(text(b"\xff\xfea\0=\0"), Some("a=".to_owned()));
        assert_eq!(text(b"\xfe\xff\0a\0="), Some("a=".to_owned()));
    }

    #[test]
    fn refuses_other_bytes() {
        assert_eq!(text(b"\xffa"), None);
        assert_eq!(text(b"\xff\xfea"), None);
        assert_eq!(text(b"\xff\xfe\x00\xd8"), None);
        assert_eq!(text(&vec![b' '; MAX_BYTES + 1]), None);
    }
}
