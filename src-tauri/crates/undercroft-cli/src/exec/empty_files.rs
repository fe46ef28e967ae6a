//! The files of `~/.aws` for a command that is to find credentials nowhere but at its endpoint.

use std::{
    env,
    io::{self, Write},
    path::{Path, PathBuf},
};

use tempfile::TempDir;
use undercroft_agent::Credentials;
use undercroft_model::Region;

use crate::private;

/// A config file with the profile's region and output format, and an empty credentials file; both go with the value.
///
/// Without them keys of `[default]` would win over the endpoint, quietly.
#[derive(Debug)]
pub(crate) struct EmptyFiles {
    folder: TempDir,
}

impl EmptyFiles {
    pub(crate) fn write(credentials: &Credentials) -> io::Result<Self> {
        let mut builder = tempfile::Builder::new();
        builder.prefix("undercroft-");
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
        let folder = builder.tempdir_in(place())?;
        let files = Self { folder };
        let mut config = String::from("[default]\n");
        if let Some(region) = credentials.region.as_ref().map(Region::as_str) {
            config += &format!("region = {region}\n");
        }
        if let Some(output) = credentials.output.as_deref().filter(|text| is_word(text)) {
            config += &format!("output = {output}\n");
        }
        create(&files.config(), &config)?;
        create(&files.credentials(), "")?;
        Ok(files)
    }

    pub(crate) fn config(&self) -> PathBuf {
        self.folder.path().join("config")
    }

    pub(crate) fn credentials(&self) -> PathBuf {
        self.folder.path().join("credentials")
    }
}

/// The user's own folder for what lives as long as a login, else the usual one.
fn place() -> PathBuf {
    env::var_os("XDG_RUNTIME_DIR")
        .map(PathBuf::from)
        .filter(|path| path.is_absolute() && path.is_dir())
        .unwrap_or_else(env::temp_dir)
}

fn create(path: &Path, text: &str) -> io::Result<()> {
    private::new_file().open(path)?.write_all(text.as_bytes())
}

fn is_word(text: &str) -> bool {
    text.chars()
        .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
}
