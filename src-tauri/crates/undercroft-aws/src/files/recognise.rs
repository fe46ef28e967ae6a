//! Telling what a file is.

use crate::files::config::Which;
use crate::files::lines::{LineRole, Lines};
use crate::files::section::{SectionKind, section_kind};
use crate::files::{console, decode, export, keys};

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FileKind {
    /// `~/.aws/config`, or a text of its form.
    Config,
    /// `~/.aws/credentials`, or a text of its form.
    Credentials,
    /// A CSV of the console.
    Console,
    /// A key as a program prints it.
    Export,
    /// Leapp's workspace file, which is encrypted for its machine.
    Leapp,
    /// None of these.
    Other,
}

impl FileKind {
    /// Returns a stable code for programs.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Config => "config",
            Self::Credentials => "credentials",
            Self::Console => "console",
            Self::Export => "export",
            Self::Leapp => "leapp",
            Self::Other => "other",
        }
    }

    /// Says why a file of this kind can't be read and what to do; `None` for kinds that can.
    #[must_use]
    pub const fn explanation(self) -> Option<&'static str> {
        match self {
            Self::Other => {
                Some("this is neither a file of ~/.aws nor a CSV of the console nor a printed key")
            }
            Self::Config | Self::Credentials | Self::Console | Self::Export | Self::Leapp => None,
        }
    }
}

/// What CryptoJS begins its output with: `Salted__` in Base64.
const CRYPTO_JS: &str = "U2FsdGVkX1";

/// Tells what a file is by its content; its name decides between the two files of `~/.aws`.
#[must_use]
pub fn recognise(bytes: &[u8], file_name: &str) -> FileKind {
    let name = file_name.rsplit(['/', '\\']).next().unwrap_or_default();
    let name = name.to_ascii_lowercase();
    let Some(text) = decode(bytes) else {
        return FileKind::Other;
    };
    let text = text.expose();
    if text.trim_start().starts_with(CRYPTO_JS) || name.starts_with("leapp-lock") {
        return FileKind::Leapp;
    }
    if console::is_one(text) {
        return FileKind::Console;
    }
    if export::is_one(text) {
        return FileKind::Export;
    }
    sections(text, &name)
}

fn sections(text: &str, name: &str) -> FileKind {
    let (mut headers, mut prefixed, mut has_known, mut has_key) = (0, false, false, false);
    for line in Lines::of(text).lines {
        match line.role {
            LineRole::Header(header) => {
                headers += 1;
                let is_default = header == Some("default");
                prefixed |= !is_default
                    && !matches!(section_kind(Which::Config, header), SectionKind::Ignored(_));
            }
            LineRole::Setting { key, .. } => {
                let key = keys::known(key);
                has_known |= key.is_some();
                has_key |= key.is_some_and(|key| keys::OF_A_KEY.contains(&key));
            }
            LineRole::Blank | LineRole::Comment | LineRole::Continuation(_) | LineRole::Stray => {}
        }
    }
    if headers == 0 || !(prefixed || has_known) {
        return FileKind::Other;
    }
    match name {
        "config" => FileKind::Config,
        "credentials" => FileKind::Credentials,
        _ if prefixed => FileKind::Config,
        _ if has_key => FileKind::Credentials,
        _ if name.starts_with("credentials") => FileKind::Credentials,
        _ => FileKind::Config,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_told_by_content_and_the_two_by_name() {
        let keys = "[default]\naws_access_key_id = x\n";
        let table = "Access key ID,Secret access key\na,b\n";
        for (text, name, wanted) in [
            (keys, "/home/j/.aws/credentials", FileKind::Credentials),
            (keys, "config", FileKind::Config),
            (keys, "old.txt", FileKind::Credentials),
            ("[profile a]\nregion = x\n", "old.txt", FileKind::Config),
            ("[default]\nregion = x\n", "old.txt", FileKind::Config),
            (table, "whatever", FileKind::Console),
            ("AWSAccessKeyId=a\nAWSSecretKey=b", "x", FileKind::Console),
            ("{\"AccessKeyId\":\"a\"}", "x.json", FileKind::Export),
            ("U2FsdGVkX18xyz", "x", FileKind::Leapp),
            ("junk", "Leapp-lock.json", FileKind::Leapp),
            ("[package]\nname = \"x\"\n", "Cargo.toml", FileKind::Other),
            ("a,b\n1,2\n", "x.csv", FileKind::Other),
            ("", "config", FileKind::Other),
        ] {
            assert_eq!(recognise(text.as_bytes(), name), wanted, "{name}: {text}");
        }
    }

    #[test]
    fn what_cannot_be_read_says_what_to_do() {
        assert!(
            FileKind::Other
                .explanation()
                .is_some_and(|text| text.contains("~/.aws"))
        );
        assert_eq!(FileKind::Config.explanation(), None);
    }
}
