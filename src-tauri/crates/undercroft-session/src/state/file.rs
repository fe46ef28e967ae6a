//! The state file on the disk.

use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use aes_gcm::{
    Aes256Gcm, KeyInit,
    aead::{Aead, Payload},
};
use undercroft_model::VaultId;
use undercroft_secret::{SecretBytes, SecretKey};
use undercroft_vault::Disk;

use super::State;
use crate::{SessionError, places};

const MAGIC: &[u8; 7] = b"UCSTATE";
const VERSION: u8 = 1;
const HEAD_LEN: usize = MAGIC.len() + 1;
const NONCE_LEN: usize = 12;
const STEP: usize = 4096;
/// A larger file is none of ours: 500 sessions with long tokens and a full log of activity take half of it.
const MAX_FILE_BYTES: u64 = 8 * 1024 * 1024;

/// Why a state file can't be used.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// It is no state file, of another vault or another vault key, or was changed.
    #[error("the state file is damaged or not of this vault")]
    Damaged,
    /// A newer version wrote it.
    #[error("the state file is of a newer version")]
    TooNew,
    /// The disk failed.
    #[error("the state file can't be reached")]
    Disk(#[from] io::Error),
}

/// The state file of one vault on this machine.
pub(crate) struct StateFile {
    disk: Arc<dyn Disk>,
    path: PathBuf,
    vault: VaultId,
    key: SecretKey,
}

/// What came of opening a state file.
pub(crate) struct Opened {
    pub(crate) file: StateFile,
    pub(crate) state: State,
    /// Whether a file was there that could not be used; it was set aside.
    pub(crate) was_reset: bool,
}

impl StateFile {
    /// Reads the state file of a vault; one that can't be used is set aside and the state begins anew.
    pub(crate) fn open(
        disk: Arc<dyn Disk>,
        folder: &Path,
        vault: VaultId,
        key: SecretKey,
    ) -> Opened {
        let path = folder.join(format!("{vault}.state"));
        let file = Self {
            disk,
            path,
            vault,
            key,
        };
        match file.read() {
            Ok(state) => Opened {
                file,
                state: state.unwrap_or_default(),
                was_reset: false,
            },
            Err(error) => {
                tracing::warn!(%error, "state file begun anew");
                let _ = file
                    .disk
                    .rename(&file.path, &file.path.with_extension("state-damaged"));
                Opened {
                    file,
                    state: State::default(),
                    was_reset: true,
                }
            }
        }
    }

    /// The key changes with the vault key; the next write is under the new one.
    pub(crate) fn set_key(&mut self, key: SecretKey) {
        self.key = key;
    }

    fn read(&self) -> Result<Option<State>, StateError> {
        match self.disk.read(&self.path, MAX_FILE_BYTES) {
            Ok(bytes) => State::from_bytes(self.decrypt(&bytes)?.content()?).map(Some),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Replaces the file and returns when the new one is durable.
    pub(crate) fn write(&self, state: &State) -> Result<(), SessionError> {
        self.replace(state)
            .map_err(|error| SessionError::StateFile {
                path: self.path.clone(),
                detail: match error {
                    StateError::Disk(error) => error.to_string(),
                    StateError::Damaged | StateError::TooNew => error.to_string(),
                },
            })
    }

    fn replace(&self, state: &State) -> Result<(), StateError> {
        let bytes = self.encrypt(&state.to_bytes()?)?;
        Ok(places::replace_on(&*self.disk, &self.path, &bytes)?)
    }

    fn aad(&self) -> [u8; HEAD_LEN + 16] {
        let mut aad = [0; HEAD_LEN + 16];
        aad[..MAGIC.len()].copy_from_slice(MAGIC);
        aad[MAGIC.len()] = VERSION;
        aad[HEAD_LEN..].copy_from_slice(self.vault.as_bytes());
        aad
    }

    fn encrypt(&self, content: &SecretBytes) -> Result<Vec<u8>, StateError> {
        let padded = Padded::of(content)?;
        let mut nonce = [0; NONCE_LEN];
        getrandom::fill(&mut nonce).map_err(io::Error::other)?;
        let aad = self.aad();
        let payload = Payload {
            msg: padded.0.expose(),
            aad: &aad,
        };
        let sealed = cipher(&self.key)
            .encrypt(&nonce.into(), payload)
            .map_err(|_| StateError::Damaged)?;
        Ok([&aad[..HEAD_LEN], &nonce, &sealed].concat())
    }

    fn decrypt(&self, bytes: &[u8]) -> Result<Padded, StateError> {
        let (head, rest) = bytes
            .split_at_checked(HEAD_LEN)
            .ok_or(StateError::Damaged)?;
        let (nonce, sealed) = rest
            .split_first_chunk::<NONCE_LEN>()
            .ok_or(StateError::Damaged)?;
        if !head.starts_with(MAGIC) {
            return Err(StateError::Damaged);
        }
        if head.last() != Some(&VERSION) {
            return Err(StateError::TooNew);
        }
        let payload = Payload {
            msg: sealed,
            aad: &self.aad(),
        };
        cipher(&self.key)
            .decrypt(&(*nonce).into(), payload)
            .map(|padded| Padded(SecretBytes::new(padded)))
            .map_err(|_| StateError::Damaged)
    }
}

fn cipher(key: &SecretKey) -> Aes256Gcm {
    Aes256Gcm::new(key.expose().into())
}

/// The content with its length in front and zeros after it.
struct Padded(SecretBytes);

impl Padded {
    fn of(content: &SecretBytes) -> Result<Self, StateError> {
        let len = u32::try_from(content.len()).map_err(|_| StateError::Damaged)?;
        let total = (content.len() + 4).next_multiple_of(STEP);
        let mut padded = Vec::with_capacity(total);
        padded.extend_from_slice(&len.to_be_bytes());
        padded.extend_from_slice(content.expose());
        padded.resize(total, 0);
        Ok(Self(SecretBytes::new(padded)))
    }

    fn content(&self) -> Result<&[u8], StateError> {
        let (len, rest) = self
            .0
            .expose()
            .split_first_chunk::<4>()
            .ok_or(StateError::Damaged)?;
        let len = usize::try_from(u32::from_be_bytes(*len)).map_err(|_| StateError::Damaged)?;
        rest.get(..len).ok_or(StateError::Damaged)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_is_padded_to_whole_steps_and_comes_out_as_it_went_in() {
        for (len, padded_len) in [
            (0, STEP),
            (1, STEP),
            (STEP - 4, STEP),
            (STEP - 3, 2 * STEP),
            (STEP, 2 * STEP),
            (2 * STEP - 4, 2 * STEP),
            (2 * STEP - 3, 3 * STEP),
        ] {
            let content = SecretBytes::new(vec![7; len]);
            let padded = Padded::of(&content).unwrap();
            assert_eq!(padded.0.len(), padded_len, "{len}");
            assert_eq!(padded.content().unwrap(), content.expose());
        }
    }

    #[test]
    fn a_length_beyond_the_end_is_damage() {
        for bytes in [
            vec![],
            vec![0, 0, 0],
            vec![0, 0, 0, 1],
            vec![0xff; 4],
            vec![0, 0, 0, 3, 7, 7],
        ] {
            let padded = Padded(SecretBytes::new(bytes));
            assert!(matches!(padded.content(), Err(StateError::Damaged)));
        }
    }
}
