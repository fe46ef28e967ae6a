//! Taking devices out of the vault: a QR code on the screen, or files.

use tokio::task::spawn_blocking;
use undercroft_model::{Account, DeviceId, ItemId, MfaDevice};
use undercroft_otp::{OtpAuth, Seed, migration_uris, qr};
use undercroft_secret::{SecretBytes, SecretString};

use super::Guarded;
use crate::{Session, SessionError, strength, unlocked::Unlocked};

/// Pixels for each module of a picture.
const SCALE: u8 = 8;

/// Names a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeviceRef {
    /// The identity's item.
    pub identity: ItemId,
    /// The device.
    pub device: DeviceId,
}

/// What devices are written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExportFormat {
    /// A small vault with a password of its own.
    Vault,
    /// A text of otpauth addresses, one a line.
    OtpauthLines,
    /// QR codes that Google Authenticator and others read, as PNG pictures.
    MigrationPictures,
}

/// A file to be written where the user says.
#[derive(Debug)]
pub struct ExportedFile {
    /// What is in it.
    pub bytes: SecretBytes,
}

/// The QR code of a device.
#[derive(Debug)]
pub struct ShownQr {
    /// The dark modules as the path of an SVG drawing; as secret as the seed.
    pub path: SecretString,
    /// The side of the drawing in modules, with its margin.
    pub side: usize,
}

impl Session {
    /// Draws the QR code of a device, to take it to a phone.
    ///
    /// # Errors
    /// [`SessionError::NotPermitted`] without the permission for just this; see [`Session::permit`].
    pub async fn show_qr(&self, device: DeviceRef) -> Result<ShownQr, SessionError> {
        self.act(move |open| {
            open.demand_permission(&Guarded::ShowQr { device })?;
            let uri = open.device_out(device)?.to_uri();
            let drawing = qr::draw(&uri).map_err(|_| SessionError::Internal)?;
            Ok(ShownQr {
                path: drawing.svg_path(),
                side: drawing.side(),
            })
        })
        .await
    }

    /// Writes devices out; the caller puts the files where the user says. How many devices the format can't carry
    /// comes with them.
    ///
    /// # Errors
    /// [`SessionError::NotPermitted`] without the permission for just this; see [`Session::permit`].
    /// [`SessionError::WeakPassword`] when `password` is missing or too easy to guess for [`ExportFormat::Vault`].
    pub async fn export_devices(
        &self,
        devices: Vec<DeviceRef>,
        format: ExportFormat,
        password: Option<SecretString>,
    ) -> Result<(Vec<ExportedFile>, usize), SessionError> {
        if format == ExportFormat::Vault {
            let password = password.ok_or(SessionError::WeakPassword)?;
            let file = self.export_vault(devices, password).await?;
            return Ok((vec![file], 0));
        }
        self.act(move |open| {
            let devices = open.permitted(devices, format)?;
            open.export(&devices, format)
        })
        .await
    }

    /// Writes devices into a vault of their own. Stretching the password keeps nobody waiting who asks for something
    /// else.
    async fn export_vault(
        &self,
        devices: Vec<DeviceRef>,
        password: SecretString,
    ) -> Result<ExportedFile, SessionError> {
        strength::demand(&password, &[])?;
        let packed = self
            .act(move |open| {
                let devices = open.permitted(devices, ExportFormat::Vault)?;
                open.pack(&devices)
            })
            .await?;
        let shared = self.shared.clone();
        let locked = spawn_blocking(move || {
            let kdf = shared.new_kdf().map_err(|_| SessionError::Internal)?;
            packed.lock(&password, kdf)
        });
        let bytes = locked.await.map_err(|_| SessionError::Internal)??;
        Ok(ExportedFile { bytes })
    }
}

impl Unlocked {
    fn permitted(
        &mut self,
        devices: Vec<DeviceRef>,
        format: ExportFormat,
    ) -> Result<Vec<DeviceRef>, SessionError> {
        let guarded = Guarded::Export { devices, format };
        self.demand_permission(&guarded)?;
        match guarded {
            Guarded::Export { devices, .. } => Ok(devices),
            Guarded::ShowQr { .. } | Guarded::ExportAll { .. } => Err(SessionError::Internal),
        }
    }

    fn export(
        &self,
        devices: &[DeviceRef],
        format: ExportFormat,
    ) -> Result<(Vec<ExportedFile>, usize), SessionError> {
        let out: Vec<OtpAuth> = devices
            .iter()
            .map(|device| self.device_out(*device))
            .collect::<Result<_, _>>()?;
        match format {
            ExportFormat::Vault => Err(SessionError::Internal),
            ExportFormat::OtpauthLines => {
                let uris: Vec<SecretString> = out.iter().map(OtpAuth::to_uri).collect();
                // Exposed into the file's text, which is wiped.
                let lines: Vec<&str> = uris.iter().flat_map(|uri| [uri.expose(), "\n"]).collect();
                let bytes = SecretString::concat(&lines).into_bytes();
                Ok((vec![ExportedFile { bytes }], 0))
            }
            ExportFormat::MigrationPictures => {
                let export = migration_uris(&out);
                let files = export.uris.iter().map(|uri| {
                    let drawing = qr::draw(uri).map_err(|_| SessionError::Internal)?;
                    let bytes = drawing.to_png(SCALE);
                    Ok(ExportedFile { bytes })
                });
                Ok((
                    files.collect::<Result<_, SessionError>>()?,
                    export.left_out.len(),
                ))
            }
        }
    }

    /// A device as other programs know it; its label is AWS's own, so that it is recognised when it comes back.
    fn device_out(&self, device: DeviceRef) -> Result<OtpAuth, SessionError> {
        let (identity, account) = self.identity_and_account(device.identity)?;
        let filed = identity
            .device(device.device)
            .ok_or(SessionError::NoSuchItem)?;
        let seed = self.seed_of(device.identity, filed)?;
        aws_device(filed, &account, seed)
    }
}

/// A device with the label that AWS gives it.
pub(super) fn aws_device(
    device: &MfaDevice,
    account: &Account,
    seed: Seed,
) -> Result<OtpAuth, SessionError> {
    let in_serial = device.serial.as_ref().and_then(|serial| {
        let (_, name) = serial.as_str().split_once(":mfa/")?;
        Some(name)
    });
    let name = in_serial.unwrap_or(&device.name);
    let name = format!("{name}@{}", account.id.as_str());
    OtpAuth::from_parts("Amazon Web Services", &name, seed, device.params)
        .map_err(|_| SessionError::Internal)
}
