//! The devices that AWS has of a user, beside those that are filed here.

use std::collections::BTreeSet;

use undercroft_aws::{Answer, AwsError, AwsErrorKind, EnrolledDevice};
use undercroft_model::{AccessKeyId, DeviceId, ItemId, Serial, SerialKind, Timestamp};

use super::{HalfMade, cancel::is_gone, enable::Pair};
use crate::{Session, SessionError, unlocked::Unlocked};

/// What AWS has of a user's devices, beside what is filed here.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// Those that AWS has.
    pub at_aws: Vec<DeviceAtAws>,
    /// Those that are filed here only, or without a serial to tell them by.
    pub only_here: Vec<OnlyHere>,
    /// Virtual devices of the account that belong to nobody, none that is being made here among them; or why AWS does
    /// not tell.
    pub left_over: Result<Vec<Serial>, SessionError>,
}

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

/// A device of the vault that the user does not have at AWS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OnlyHere {
    /// The device.
    pub device: DeviceId,
    /// Its name.
    pub name: String,
    /// Its serial; without one it can't be compared.
    pub serial: Option<Serial>,
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
    /// Compares the devices that AWS has of an identity with those that are filed here.
    ///
    /// # Errors
    /// [`SessionError::IamDenied`] and what else AWS says of the user's devices; [`SessionError::Invalid`] for the root
    /// user.
    pub async fn devices_at_aws(
        &self,
        identity: ItemId,
        key: AccessKeyId,
    ) -> Result<Comparison, SessionError> {
        let listed = self.ask_devices(identity, &key).await?;
        let left_over = self.ask_left_over(identity, &key).await;
        self.look(move |open| open.compare(identity, listed, left_over))
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
        self.take_from_aws(identity, &key, serial, Taking::Users)
            .await
    }

    /// Deletes a virtual device at AWS that belongs to nobody.
    ///
    /// # Errors
    /// As [`Session::devices_at_aws`]; AWS refuses it where the device has come to belong to somebody.
    pub async fn remove_left_over_device(
        &self,
        identity: ItemId,
        key: AccessKeyId,
        serial: Serial,
    ) -> Result<(), SessionError> {
        self.take_from_aws(identity, &key, serial, Taking::Nobodys)
            .await
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

    async fn ask_left_over(
        &self,
        identity: ItemId,
        key: &AccessKeyId,
    ) -> Result<Vec<Serial>, SessionError> {
        let key = key.clone();
        let (call, subject, had_mfa) = self
            .act(move |open| {
                let subject = open.subject(identity)?;
                let signing = open.signing(identity, &subject, &key)?;
                let (iam, target) = (open.shared.iam.clone(), open.iam_target(&subject.account));
                let had_mfa = signing.has_mfa();
                let call = open.calls.spawn(async move {
                    iam.list_unassigned_devices(&target, signing.signer()).await
                });
                Ok((call, subject, had_mfa))
            })
            .await?;
        let answer = call.await.map_err(|_| SessionError::Locked)?;
        self.act(move |open| open.hear(&subject, had_mfa, answer))
            .await
    }

    /// Takes a device from its user and deletes it where it is a virtual one.
    pub(super) async fn take_from_aws(
        &self,
        identity: ItemId,
        key: &AccessKeyId,
        serial: Serial,
        taking: Taking,
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
                    let deactivate = async || {
                        let answer = iam
                            .deactivate_mfa_device(&target, signer, &user, &serial)
                            .await;
                        match answer {
                            Err(error) if !is_gone(&error) => Err(error),
                            Ok(_) | Err(_) => Ok(()),
                        }
                    };
                    let delete = async || {
                        iam.delete_virtual_mfa_device(&target, signer, &serial)
                            .await
                    };
                    if taking == Taking::Users {
                        deactivate().await?;
                    }
                    if !matches!(serial.kind(), SerialKind::Virtual { .. }) {
                        return Ok(Answer {
                            value: (),
                            clock_offset_secs: None,
                        });
                    }
                    let deleted = delete().await;
                    let is_used = |error: &AwsError| error.kind == AwsErrorKind::DeleteConflict;
                    if taking == Taking::MadeHere && deleted.as_ref().err().is_some_and(is_used) {
                        deactivate().await?;
                        return delete().await;
                    }
                    deleted
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

/// What is known of a device that is taken from AWS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Taking {
    /// It is the user's.
    Users,
    /// It belongs to nobody, and is left alone should that have changed.
    Nobodys,
    /// It was made here and may have come to be the user's, by a call whose answer was lost.
    MadeHere,
}

impl Unlocked {
    fn compare(
        &self,
        id: ItemId,
        listed: Vec<EnrolledDevice>,
        left_over: Result<Vec<Serial>, SessionError>,
    ) -> Result<Comparison, SessionError> {
        let filed = self.identity_of(id)?;
        let here = |serial: &Option<Serial>| {
            let serial = serial.as_ref()?;
            let mut devices = filed.devices.iter();
            Some(
                devices
                    .find(|device| device.serial.as_ref() == Some(serial))?
                    .id,
            )
        };
        let at_aws: Vec<_> = listed
            .into_iter()
            .map(|device| DeviceAtAws {
                filed_as: here(&device.makes_codes),
                makes_codes: device.makes_codes.is_some(),
                serial: device.serial,
                enabled_at: device.enabled_at,
            })
            .collect();
        let is_there = |device| at_aws.iter().any(|there| there.filed_as == Some(device));
        let unfinished = filed.enrolment.as_ref();
        let is_in_the_making = |device| {
            unfinished
                .is_some_and(|enrolment| enrolment.device == Some(device) && !enrolment.enabled)
        };
        let only_here = filed
            .devices
            .iter()
            .filter(|device| !is_there(device.id) && !is_in_the_making(device.id))
            .map(|device| OnlyHere {
                device: device.id,
                name: device.name.clone(),
                serial: device.serial.clone(),
            })
            .collect();
        let in_the_making = self.serials_in_the_making();
        Ok(Comparison {
            at_aws,
            only_here,
            left_over: left_over.map(|serials| {
                let others = serials.into_iter();
                others
                    .filter(|serial| !in_the_making.contains(serial.as_str()))
                    .collect()
            }),
        })
    }

    /// The serials of all devices that this vault is making: their owners finish or remove them.
    fn serials_in_the_making(&self) -> BTreeSet<String> {
        let unfinished = self.half_made().into_iter();
        unfinished
            .filter(|left| left.stage != HalfMade::Enabled)
            .filter_map(|left| {
                let (_, account) = self.identity_and_account(left.identity).ok()?;
                let serial =
                    Serial::of_virtual_device(account.partition, &account.id, &left.name).ok()?;
                Some(serial.as_str().to_owned())
            })
            .collect()
    }
}
