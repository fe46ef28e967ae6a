//! Taking plain access keys out of `~/.aws`, once the vault has them.
//!
//! The vault's own copy is the backup: a key's lines leave the file only when the vault, as saved, has the same id and
//! secret. No copy of the file as it was is left anywhere. What the disk keeps of deleted blocks is out of reach.

use std::{
    collections::BTreeSet,
    fs::{self, File, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
};

use tokio::task::spawn_blocking;
use undercroft_aws::files::{self, FileKind, FoundSection, Parsed, Which, config, edit};
use undercroft_model::{AccessKeyId, Field, Identity, ItemId};
use undercroft_secret::{SecretBytes, SecretString};

use super::reading::{MOST_FILES, bytes_of, shown};
use crate::{Session, SessionError, unlocked::Unlocked};

const KEY_ID: &str = edit::PLAIN_KEY[0];
const SECRET: &str = edit::PLAIN_KEY[1];

const MISSING: &str = "the vault does not have this key; import the file first";

/// The sections of a file that hold keys in plain text which the vault has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlainSecrets {
    /// The file.
    pub path: PathBuf,
    /// The sections.
    pub sections: Vec<String>,
}

/// What was taken out of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TakenOut {
    /// The sections whose keys are gone from the file.
    pub taken: Vec<String>,
    /// The sections that keep their keys, and why.
    pub kept: Vec<(String, String)>,
}

/// A section that holds a key in plain text.
#[derive(Debug)]
pub(super) struct PlainKey {
    /// The section's name, fit to be shown.
    pub(super) section: String,
    /// The key, or why it stays whatever the vault has.
    key: Result<(AccessKeyId, SecretString), &'static str>,
}

/// A file of `~/.aws`, read.
struct PlainFile {
    path: PathBuf,
    bytes: SecretBytes,
    which: Which,
}

impl Session {
    /// Finds the files and sections that hold keys in plain text which the vault has: the same id and the same secret.
    ///
    /// Files that can't be read, or are none of `~/.aws`, are left out, and so are more than can be imported at once.
    ///
    /// # Errors
    /// When the vault is locked.
    pub async fn plain_secrets(
        &self,
        paths: Vec<PathBuf>,
    ) -> Result<Vec<PlainSecrets>, SessionError> {
        self.look(|_| Ok(())).await?;
        let read = spawn_blocking(move || {
            let files = paths.into_iter().take(MOST_FILES).filter_map(|path| {
                let file = PlainFile::read(&path).ok()?;
                let keys = plain_keys(&config::parse(file.text().ok()?, file.which));
                Some((path, keys))
            });
            files.collect::<Vec<_>>()
        });
        let files = read.await.map_err(|_| SessionError::Internal)?;
        self.look(move |open| {
            let found = files.into_iter().filter_map(|(path, keys)| {
                let had = keys.into_iter().filter(|key| open.has_plain(key).is_ok());
                let sections: Vec<String> = had.map(|key| key.section).collect();
                (!sections.is_empty()).then_some(PlainSecrets { path, sections })
            });
            Ok(found.collect())
        })
        .await
    }

    /// Takes the keys that the vault has out of sections of a file of `~/.aws`. All other lines stay; so do keys that the
    /// vault does not have, or has otherwise.
    ///
    /// The file is replaced at once and as a whole, with its permissions; a link to it stays one.
    ///
    /// # Errors
    /// When the vault has unsaved changes, or the file can't be read, is none of `~/.aws`, changes meanwhile or can't be
    /// replaced; it is then as it was.
    pub async fn take_out_secrets(
        &self,
        path: PathBuf,
        sections: BTreeSet<String>,
    ) -> Result<TakenOut, SessionError> {
        self.act(move |open| open.take_out_secrets(&path, sections))
            .await
    }
}

impl Unlocked {
    fn take_out_secrets(
        &mut self,
        path: &Path,
        mut wanted: BTreeSet<String>,
    ) -> Result<TakenOut, SessionError> {
        if self.vault.is_dirty() {
            self.save();
        }
        if self.vault.is_dirty() {
            let path = self.vault.path().to_owned();
            let detail = "the vault has changes that are not saved".to_owned();
            return Err(SessionError::Disk { path, detail });
        }
        let file = PlainFile::read(path)?;
        let mut text = SecretString::copy_of(file.text()?);
        let mut outcome = TakenOut::default();
        for key in plain_keys(&config::parse(text.expose(), file.which)) {
            if !wanted.remove(&key.section) {
                continue;
            }
            let had = self.has_plain(&key).map_err(str::to_owned);
            let edited = had.and_then(|()| {
                // Exposed to leave out the key's lines.
                edit::remove_keys(text.expose(), file.which, &key.section, &edit::PLAIN_KEY)
                    .map_err(|error| error.to_string())
            });
            match edited {
                Ok(edited) => {
                    text = edited.text;
                    outcome.taken.push(key.section);
                }
                Err(why) => outcome.kept.push((key.section, why)),
            }
        }
        for section in wanted {
            let why = "there is no such section with a key any more".to_owned();
            outcome.kept.push((section, why));
        }
        if !outcome.taken.is_empty() {
            file.replace(&text)?;
        }
        Ok(outcome)
    }

    fn has_plain(&self, key: &PlainKey) -> Result<(), &'static str> {
        key.is_had(self, |id| {
            let holder = self.catalogue.holder_of_key(id)?;
            Some((holder, self.identity_of(holder).ok()?))
        })
    }
}

impl PlainKey {
    fn of(section: &FoundSection, parsed: &Parsed) -> Self {
        Self {
            section: shown(&section.name),
            key: key_of(section, parsed),
        }
    }

    /// Whether the vault has this key, by who holds it there.
    ///
    /// # Errors
    /// Why it stays in the file.
    pub(super) fn is_had(
        &self,
        open: &Unlocked,
        holder: impl FnOnce(&AccessKeyId) -> Option<(ItemId, Identity)>,
    ) -> Result<(), &'static str> {
        let (id, secret) = self.key.as_ref().map_err(|why| *why)?;
        let (holder, identity) = holder(id).ok_or(MISSING)?;
        let filed = identity.key(id).ok_or(MISSING)?;
        let field = Field::AccessKeySecret(id.clone());
        let filed = open.unseal_text(holder, &field, &filed.secret);
        if filed.map_err(|_| MISSING)?.ct_eq(secret) {
            Ok(())
        } else {
            Err("the vault has another secret for this key; see which of the two AWS takes")
        }
    }
}

/// The sections with a key.
pub(super) fn plain_keys(parsed: &Parsed) -> Vec<PlainKey> {
    let sections = parsed.profiles.iter();
    sections
        .filter(|section| section.setting(SECRET).is_some())
        .map(|section| PlainKey::of(section, parsed))
        // A name that had to be changed to be shown names no section.
        .filter(|key| parsed.profile(&key.section).is_some())
        .collect()
}

fn key_of(
    section: &FoundSection,
    parsed: &Parsed,
) -> Result<(AccessKeyId, SecretString), &'static str> {
    let is_twice = parsed.problems.iter().any(|problem| {
        let is_here = problem.section.as_deref() == Some(&section.name);
        is_here && ["section-twice", "setting-twice"].contains(&problem.reason.code())
    });
    if is_twice {
        return Err("the section, or a setting of it, is there twice; join the two and try again");
    }
    let tokens = ["aws_session_token", "aws_security_token"];
    if tokens.iter().any(|token| section.setting(token).is_some()) {
        return Err("this is a temporary session, which the vault does not keep");
    }
    let (Some(id), Some(secret)) = (section.setting(KEY_ID), section.setting(SECRET)) else {
        return Err(MISSING);
    };
    // Exposed to be compared.
    let id = AccessKeyId::parse(id.value().expose()).map_err(|_| MISSING)?;
    let secret = SecretString::copy_of(secret.value().expose().trim());
    Ok((id, secret))
}

impl PlainFile {
    fn read(path: &Path) -> Result<Self, SessionError> {
        // What a link points to is replaced, not the link.
        let path = fs::canonicalize(path).map_err(|error| failed(path, &error))?;
        let bytes = bytes_of(&path).map_err(|detail| SessionError::Disk {
            path: path.clone(),
            detail,
        })?;
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let which = match files::recognise(bytes.expose(), &name) {
            FileKind::Config => Which::Config,
            FileKind::Credentials => Which::Credentials,
            FileKind::Console | FileKind::Export | FileKind::Leapp | FileKind::Other | _ => {
                return Err(SessionError::field("path", "this is no file of ~/.aws"));
            }
        };
        Ok(Self { path, bytes, which })
    }

    /// The text with its byte order mark, which the changed file keeps.
    fn text(&self) -> Result<&str, SessionError> {
        // Exposed to be read.
        std::str::from_utf8(self.bytes.expose()).map_err(|_| {
            SessionError::field(
                "path",
                "this file is not in UTF-8; save it so and try again",
            )
        })
    }

    /// Puts another text in the file's place.
    fn replace(&self, text: &SecretString) -> Result<(), SessionError> {
        let path = &self.path;
        let now = bytes_of(path);
        if !now.is_ok_and(|now| now.ct_eq(&self.bytes)) {
            let detail = "another program changed it meanwhile; try again".to_owned();
            return Err(SessionError::Disk {
                path: path.clone(),
                detail,
            });
        }
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(format!(".undercroft-{}", std::process::id()));
        let new = path.with_file_name(name);
        let replaced = write_new(&new, path, text).and_then(|()| fs::rename(&new, path));
        if let Err(error) = replaced {
            let _ = fs::remove_file(&new);
            return Err(failed(path, &error));
        }
        if let Some(folder) = path.parent() {
            sync_folder(folder);
        }
        Ok(())
    }
}

/// Writes a text beside the file whose permissions it takes over, for nobody else to read until then.
fn write_new(new: &Path, like: &Path, text: &SecretString) -> io::Result<()> {
    let permissions = fs::metadata(like)?.permissions();
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(new)?;
    // Exposed to be written: other programs' settings, and keys that the vault does not have.
    file.write_all(text.expose().as_bytes())?;
    file.set_permissions(permissions)?;
    file.sync_all()
}

/// Makes a rename last; a file system that can't do so keeps it all the same.
fn sync_folder(folder: &Path) {
    if let Ok(folder) = File::open(folder) {
        let _ = folder.sync_all();
    }
}

fn failed(path: &Path, error: &io::Error) -> SessionError {
    let path = path.to_owned();
    if error.kind() == io::ErrorKind::PermissionDenied {
        SessionError::NoPermission { path }
    } else {
        SessionError::Disk {
            path,
            detail: error.to_string(),
        }
    }
}
