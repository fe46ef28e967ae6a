//! Scanning: pictures are looked through for codes, and what was found waits here until the user saves it.
//!
//! The seeds never leave: the caller gets a [`ScanAnswer`] without them and names one as a [`ScannedDevice`] to save
//! it. What is not saved is dropped when the scan ends, when another begins, after five minutes, and on locking.

mod pending;
mod reading;
mod source;

use tokio::task::spawn_blocking;
use undercroft_model::{DeviceId, ItemId};
use undercroft_otp::qr::{Picture, read_codes};
use undercroft_secret::SecretString;

pub(crate) use pending::PendingScan;
pub use source::{PictureSource, ScanError};

use crate::{
    DeviceDraft, Found, ScanAnswer, ScanId, ScannedDevice, Session, SessionError, devices::Typed,
    unlocked::Unlocked,
};
use reading::Read;

impl Session {
    /// Looks for codes in the pictures of `source`. `identity` is where the user started from.
    ///
    /// Finding none is an answer without anything found. The vault stays usable while the pictures are taken.
    ///
    /// # Errors
    /// [`SessionError::Scan`] when there are no pictures.
    pub async fn scan(
        &self,
        identity: Option<ItemId>,
        mut source: impl PictureSource,
    ) -> Result<ScanAnswer, SessionError> {
        // No picture is taken for a locked vault.
        self.demand_unlocked().await?;
        let shared = self.shared.clone();
        let looking = spawn_blocking(move || {
            loop {
                let texts = texts_in(&source.take()?);
                // A camera must not go on looking for a vault that was locked meanwhile.
                if !texts.is_empty() || !source.is_live() || !shared.is_open() {
                    return Ok(texts);
                }
            }
        });
        let texts = looking
            .await
            .map_err(|_| SessionError::Internal)?
            .map_err(SessionError::Scan)?;
        self.scan_texts(identity, texts).await
    }

    /// Takes a pasted text as a scan: a seed, an otpauth URI, or the text of a code.
    ///
    /// # Errors
    /// [`SessionError::Invalid`] when it is none of these.
    pub async fn scan_text(
        &self,
        identity: Option<ItemId>,
        text: SecretString,
    ) -> Result<ScanAnswer, SessionError> {
        self.act(move |open| open.scan_text(identity, text)).await
    }

    /// Takes the texts of codes.
    async fn scan_texts(
        &self,
        identity: Option<ItemId>,
        texts: Vec<SecretString>,
    ) -> Result<ScanAnswer, SessionError> {
        self.act(move |open| open.scan_texts(identity, &texts))
            .await
    }

    /// Files a found device, as [`Session::save_device`] does; its id. The draft's own secret is not looked at.
    ///
    /// # Errors
    /// [`ScanError::Gone`]; those of [`Session::save_device`].
    pub async fn save_scanned_device(
        &self,
        draft: DeviceDraft,
        scanned: ScannedDevice,
    ) -> Result<DeviceId, SessionError> {
        self.act(move |open| {
            let now = open.shared.clock.monotonic();
            let typed = open.scan.device(scanned, now)?.clone();
            open.save_typed_device(&draft, Some(typed))
        })
        .await
    }

    /// Makes sure that the vault is unlocked, before something begins that would be for nothing.
    ///
    /// # Errors
    /// [`SessionError::Locked`].
    pub async fn demand_unlocked(&self) -> Result<(), SessionError> {
        self.act(|_| Ok(())).await
    }

    /// Drops what a scan found and was not saved.
    ///
    /// # Errors
    /// [`SessionError::Locked`], when nothing of it is left anyway.
    pub async fn end_scan(&self, scan: ScanId) -> Result<(), SessionError> {
        self.act(move |open| {
            open.scan.end(scan);
            Ok(())
        })
        .await
    }
}

/// The texts of all codes in the pictures, each once.
fn texts_in(pictures: &[Picture]) -> Vec<SecretString> {
    let mut texts: Vec<SecretString> = Vec::new();
    for found in pictures.iter().flat_map(read_codes) {
        // Exposed to be compared: one code may be on two pictures.
        if texts
            .iter()
            .all(|text| text.expose() != found.text.expose())
        {
            texts.push(found.text);
        }
    }
    texts
}

impl Unlocked {
    fn scan_text(
        &mut self,
        identity: Option<ItemId>,
        text: SecretString,
    ) -> Result<ScanAnswer, SessionError> {
        let read = reading::of_pasted(&text)?;
        self.pend(identity, read)
    }

    fn scan_texts(
        &mut self,
        identity: Option<ItemId>,
        texts: &[SecretString],
    ) -> Result<ScanAnswer, SessionError> {
        self.pend(identity, reading::of_codes(texts))
    }

    fn pend(
        &mut self,
        identity: Option<ItemId>,
        read: Vec<Read>,
    ) -> Result<ScanAnswer, SessionError> {
        let mut found = Vec::with_capacity(read.len());
        let mut devices: Vec<Option<Typed>> = Vec::with_capacity(read.len());
        for one in read {
            match one {
                Read::Device { typed, exported } => {
                    let preview = Box::new(self.preview_of(identity, &typed)?);
                    found.push(Found::Device { preview, exported });
                    devices.push(Some(typed));
                }
                Read::Other(other) => {
                    found.push(Found::Other(other));
                    devices.push(None);
                }
            }
        }
        let now = self.shared.clock.monotonic();
        let id = self.scan.put(devices, now);
        Ok(ScanAnswer { id, found })
    }
}
