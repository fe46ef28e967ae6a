//! Reading a file of `~/.aws`, and replacing it as a whole.

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

use undercroft_aws::files::MAX_BYTES;
use undercroft_model::Timestamp;
use zeroize::Zeroizing;

use crate::{failure::Failure, private};

/// A file as it was read; one that is not there is empty.
pub(crate) struct AwsFile {
    /// The file itself, where the name is a link to it.
    path: PathBuf,
    mode: Option<u32>,
    /// What it says. People keep keys in the config file too.
    pub(crate) text: Zeroizing<String>,
}

impl AwsFile {
    pub(crate) fn read(named: PathBuf) -> Result<Self, Failure> {
        let path = followed(&named)?;
        let bytes = match fs::read(&path) {
            Ok(bytes) => Zeroizing::new(bytes),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Ok(Self {
                    path,
                    mode: None,
                    text: Zeroizing::default(),
                });
            }
            Err(error) => return Err(unreadable(&path)(error)),
        };
        let found = fs::metadata(&path).map_err(unreadable(&path))?;
        let text = std::str::from_utf8(&bytes).map(str::to_owned);
        let Some(text) = text.ok().filter(|text| text.len() <= MAX_BYTES) else {
            return Err(Failure::File {
                path,
                reason: "it is no UTF-8 text, or too large, and is left alone".into(),
            });
        };
        Ok(Self {
            path,
            mode: Some(private::mode(&found)),
            text: Zeroizing::new(text),
        })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Puts a text in the file's place, at once or not at all, and keeps what was there beside it.
    ///
    /// Returns the backup's path, where there was something to keep.
    pub(crate) fn replace(&self, text: &str, now: Timestamp) -> Result<Option<PathBuf>, Failure> {
        let failed = || Failure::io(format!("{} can't be written", self.path.display()));
        let folder = self.path.parent().unwrap_or(Path::new("."));
        private::new_folder().create(folder).map_err(failed())?;
        let mode = self.mode.unwrap_or(private::FILE);
        // Made for its owner alone.
        let mut new = tempfile::Builder::new()
            .prefix(".undercroft-")
            .tempfile_in(folder)
            .map_err(failed())?;
        new.write_all(text.as_bytes()).map_err(failed())?;
        let file = new.as_file();
        // Creating a file is subject to the umask, so its mode is set afterwards.
        private::set_mode(file, mode)
            .and_then(|()| file.sync_all())
            .map_err(failed())?;
        if *Self::read(self.path.clone())?.text != *self.text {
            return Err(Failure::File {
                path: self.path.clone(),
                reason: "another program has just changed it; try again".into(),
            });
        }
        let backup = match self.mode {
            Some(mode) => Some(self.back_up(mode, now)?),
            None => None,
        };
        new.persist(&self.path)
            .map_err(|error| failed()(error.error))?;
        #[cfg(unix)]
        fs::File::open(folder)
            .and_then(|folder| folder.sync_all())
            .map_err(failed())?;
        Ok(backup)
    }

    fn back_up(&self, mode: u32, now: Timestamp) -> Result<PathBuf, Failure> {
        let moment: String = now
            .to_string()
            .chars()
            .filter(|c| c.is_ascii_alphanumeric())
            .collect();
        let name = self.path.file_name().unwrap_or_default().to_string_lossy();
        let mut number = 1;
        loop {
            let ending = if number == 1 {
                String::new()
            } else {
                format!("-{number}")
            };
            let path = self
                .path
                .with_file_name(format!("{name}.undercroft-backup-{moment}{ending}"));
            let failed = || Failure::io(format!("{} can't be written", path.display()));
            match private::new_file().open(&path) {
                Ok(mut file) => {
                    file.write_all(self.text.as_bytes())
                        .and_then(|()| private::set_mode(&file, mode))
                        .and_then(|()| file.sync_all())
                        .map_err(failed())?;
                    return Ok(path);
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => number += 1,
                Err(error) => return Err(failed()(error)),
            }
        }
    }
}

/// The file that a name stands for: people keep their config file elsewhere and link to it.
fn followed(named: &Path) -> Result<PathBuf, Failure> {
    match fs::canonicalize(named) {
        Ok(path) => Ok(path),
        Err(_) if fs::symlink_metadata(named).is_ok_and(|found| found.is_symlink()) => {
            Err(Failure::File {
                path: named.to_owned(),
                reason: "it is a link that leads nowhere; make the file, or remove the link".into(),
            })
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(named.to_owned()),
        Err(error) => Err(unreadable(named)(error)),
    }
}

fn unreadable(path: &Path) -> impl FnOnce(io::Error) -> Failure {
    Failure::io(format!("{} can't be read", path.display()))
}
