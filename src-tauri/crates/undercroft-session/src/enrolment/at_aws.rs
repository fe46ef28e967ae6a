//! The devices that AWS has of a user, beside those that are filed here.

use undercroft_aws::{Answer, AwsError, EnrolledDevice};
use undercroft_model::{AccessKeyId, DeviceId, ItemId, Serial, Timestamp};

use super::{cancel::is_gone, enable::Pair};
use crate::{Session, SessionError, unlocked::Unlocked};

/// A device as AWS has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceAtAws {
    /// Its serial, or a passkey's ARN.
    pub serial: String,
    /// Whether it makes codes; passkeys and security keys don't.
    pub makes_codes: bool,
    /// Since when the user has it.
    pub enabled_at: Timestamp,
    /// The same device here.
    pub filed_as: Option<DeviceId>,
}

/// What came of setting a device right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resynced {
    /// AWS took the codes.
    Done,
    /// Two unused codes are there in so many seconds.
    Wait {
        /// Seconds.
        secs: u32,
    },
}

impl Session {
    /// The devices that AWS has of an identity.
    ///
    /// # Errors
    /// [`SessionError::IamDenied`] and what else AWS says; [`SessionError::Invalid`] for the root user.
    pub async fn devices_at_aws(
        &self,
        identity: ItemId,
        key: AccessKeyId,
    ) -> Result<Vec<DeviceAtAws>, SessionError> {
        let listed = self.ask_devices(identity, &key).await?;
        self.look(move |open| {
            let filed = open.identity_of(identity)?;
            let here = |serial: &Option<Serial>| {
                let serial = serial.as_ref()?;
                let mut devices = filed.devices.iter();
                Some(
                    devices
                        .find(|device| device.serial.as_ref() == Some(serial))?
                        .id,
                )
            };
            Ok(listed
                .into_iter()
                .map(|device| DeviceAtAws {
                    filed_as: here(&device.makes_codes),
                    makes_codes: device.makes_codes.is_some(),
                    serial: device.serial,
                    enabled_at: device.enabled_at,
                })
                .collect())
        })
        .await
    }

    /// Tells AWS by two codes how far a device's clock is off.
    ///
    /// # Errors
    /// As [`Session::devices_at_aws`]; [`SessionError::StateFile`] when the codes can't be marked used.
    pub async fn resync_device(
        &self,
        identity: ItemId,
        key: AccessKeyId,
        device: DeviceId,
    ) -> Result<Resynced, SessionError> {
        let begun = self
            .act(move |open| {
                let subject = open.subject(identity)?;
                let codes = match open.pair(identity, &subject, device)? {
                    Pair::InSecs(secs) => return Ok(Err(secs)),
                    Pair::Now(codes) => codes,
                };
                let signing = open.signing(identity, &subject, &key)?;
                let (iam, target) = (open.shared.iam.clone(), open.iam_target(&subject.account));
                let (had_mfa, user) = (signing.has_mfa(), subject.user.clone());
                let call = open.calls.spawn(async move {
                    iam.resync_mfa_device(&target, signing.signer(), &user, codes)
                        .await
                });
                Ok(Ok((call, subject, had_mfa)))
            })
            .await?;
        let (call, subject, had_mfa) = match begun {
            Ok(begun) => begun,
            Err(secs) => return Ok(Resynced::Wait { secs }),
        };
        let answer = call.await.map_err(|_| SessionError::Locked)?;
        self.act(move |open| open.hear(&subject, had_mfa, answer))
            .await?;
        Ok(Resynced::Done)
    }

    /// Takes a device from the user and deletes it at AWS; what is filed here stays.
    ///
    /// # Errors
    /// As [`Session::devices_at_aws`].
    pub async fn remove_device_at_aws(
        &self,
        identity: ItemId,
        key: AccessKeyId,
        serial: Serial,
    ) -> Result<(), SessionError> {
        self.take_from_aws(identity, &key, serial, true).await
    }

    pub(super) async fn ask_devices(
        &self,
        identity: ItemId,
        key: &AccessKeyId,
    ) -> Result<Vec<EnrolledDevice>, SessionError> {
        let key = key.clone();
        let (call, subject, had_mfa) = self
            .act(move |open| {
                let subject = open.subject(identity)?;
                let signing = open.signing(identity, &subject, &key)?;
                let (iam, target) = (open.shared.iam.clone(), open.iam_target(&subject.account));
                let (had_mfa, user) = (signing.has_mfa(), subject.user.clone());
                let call = open.calls.spawn(async move {
                    iam.list_mfa_devices(&target, signing.signer(), &user).await
                });
                Ok((call, subject, had_mfa))
            })
            .await?;
        let answer = call.await.map_err(|_| SessionError::Locked)?;
        self.act(move |open| open.hear(&subject, had_mfa, answer))
            .await
    }

    /// Deactivates a device where it is the user's, and deletes it where it is a virtual one.
    pub(super) async fn take_from_aws(
        &self,
        identity: ItemId,
        key: &AccessKeyId,
        serial: Serial,
        is_enabled: bool,
    ) -> Result<(), SessionError> {
        let key = key.clone();
        let (call, subject, had_mfa) = self
            .act(move |open| {
                let subject = open.subject(identity)?;
                // Read before the device goes: a session made with it stays valid until its end.
                let signing = open.signing(identity, &subject, &key)?;
                let (iam, target) = (open.shared.iam.clone(), open.iam_target(&subject.account));
                let (had_mfa, user) = (signing.has_mfa(), subject.user.clone());
                let call = open.calls.spawn(async move {
                    let signer = signing.signer();
                    if is_enabled {
                        let answer = iam
                            .deactivate_mfa_device(&target, signer, &user, &serial)
                            .await;
                        if let Some(error) = answer.err().filter(|error| !is_gone(error)) {
                            return Err(error);
                        }
                    }
                    if !matches!(serial.kind(), undercroft_model::SerialKind::Virtual { .. }) {
                        return Ok(Answer {
                            value: (),
                            clock_offset_secs: None,
                        });
                    }
                    iam.delete_virtual_mfa_device(&target, signer, &serial)
                        .await
                });
                Ok((call, subject, had_mfa))
            })
            .await?;
        let answer = call.await.map_err(|_| SessionError::Locked)?;
        self.act(move |open: &mut Unlocked| {
            let gone = |error: &AwsError| is_gone(error);
            if answer.as_ref().err().is_some_and(gone) {
                return Ok(());
            }
            open.hear(&subject, had_mfa, answer)
        })
        .await
    }
}
