//! The first steps: the name is saved, AWS makes the device, its seed is saved.

use undercroft_aws::{Answer, AwsError, AwsErrorKind, NewDevice};
use undercroft_model::{
    AccessKeyId, Content, DeviceId, Enrolment, Extra, Field, ItemId, MfaDevice, OtpParams, Serial,
    rules::{MAX_DEVICES, check_label},
};
use undercroft_otp::Seed;

use super::{EnrolmentStep, Subject, failure::is_certain, signing::Signing};
use crate::{Session, SessionError, unlocked::Unlocked};

impl Session {
    /// Makes a virtual MFA device called `name` at AWS and files its seed; it is not enabled yet.
    ///
    /// # Errors
    /// [`SessionError::Invalid`] for the root user and for names that AWS does not take, [`SessionError::TooMany`];
    /// [`SessionError::IamDenied`] and what else AWS says.
    pub async fn begin_enrolment(
        &self,
        identity: ItemId,
        key: AccessKeyId,
        name: String,
    ) -> Result<EnrolmentStep, SessionError> {
        let asked = key.clone();
        let turn = self
            .act(move |open| {
                open.intend(identity, &asked, name.trim())?;
                open.enrolling
                    .enter(identity)
                    .ok_or(SessionError::NoSuchItem)
            })
            .await?;
        let session = self.clone();
        // The seed is kept even if whoever asked has gone meanwhile.
        let step = tokio::spawn(async move {
            let step = session.make(identity, key).await;
            drop(turn);
            step
        });
        step.await.map_err(|_| SessionError::Internal)?
    }

    /// Deletes what an earlier try may have made, whose seed nobody knows, and makes the device.
    pub(super) async fn make_again(
        &self,
        identity: ItemId,
        key: AccessKeyId,
    ) -> Result<EnrolmentStep, SessionError> {
        let asked = key.clone();
        let (call, subject, had_mfa) = self
            .act(move |open| {
                let (subject, signing, serial) = open.named(identity, &asked)?;
                let (iam, target) = (open.shared.iam.clone(), open.iam_target(&subject.account));
                let had_mfa = signing.has_mfa();
                let call = open.calls.spawn(async move {
                    iam.delete_virtual_mfa_device(&target, signing.signer(), &serial)
                        .await
                });
                Ok((call, subject, had_mfa))
            })
            .await?;
        let answer = call.await.map_err(|_| SessionError::Locked)?;
        self.act(move |open| {
            let is_gone = |error: &AwsError| error.kind == AwsErrorKind::NoSuchEntity;
            if answer.as_ref().err().is_some_and(is_gone) {
                return Ok(());
            }
            let is_anothers = |error: &AwsError| error.kind == AwsErrorKind::DeleteConflict;
            if answer.as_ref().err().is_some_and(is_anothers) {
                // Somebody uses a device of that name, so it is none that was left over here.
                open.set_enrolment(identity, None)?;
            }
            open.hear(&subject, had_mfa, answer)
        })
        .await?;
        self.make(identity, key).await
    }

    async fn make(
        &self,
        identity: ItemId,
        key: AccessKeyId,
    ) -> Result<EnrolmentStep, SessionError> {
        let (call, subject, had_mfa) = self
            .act(move |open| {
                let (subject, signing, serial) = open.named(identity, &key)?;
                let (iam, target) = (open.shared.iam.clone(), open.iam_target(&subject.account));
                let had_mfa = signing.has_mfa();
                let call = open.calls.spawn(async move {
                    let name = serial.device_part();
                    iam.create_virtual_mfa_device(&target, signing.signer(), name)
                        .await
                });
                Ok((call, subject, had_mfa))
            })
            .await?;
        // Cut off by locking: the name stays, and tells of what AWS may have made.
        let answer = call.await.map_err(|_| SessionError::Locked)?;
        self.act(move |open| open.keep_made(identity, &subject, had_mfa, answer))
            .await
    }
}

impl Unlocked {
    /// Saves that a device of that name is going to be made.
    fn intend(&mut self, id: ItemId, key: &AccessKeyId, name: &str) -> Result<(), SessionError> {
        self.demand_writable()?;
        let subject = self.subject(id)?;
        let identity = &subject.identity;
        identity.key(key).ok_or(SessionError::NoSuchItem)?;
        if identity.enrolment.is_some() {
            let message = "finish or remove the device that is being made first";
            return Err(SessionError::field("name", message));
        }
        if identity.devices.len() >= MAX_DEVICES {
            let limit = u32::try_from(MAX_DEVICES).unwrap_or(u32::MAX);
            return Err(SessionError::TooMany { limit });
        }
        let account = &subject.account;
        let serial = Serial::of_virtual_device(account.partition, &account.id, name)
            .map_err(|error| SessionError::field("name", error))?;
        check_label(name).map_err(|error| SessionError::field("name", error))?;
        if name.contains('/') {
            return Err(SessionError::field("name", "a device's name has no slash"));
        }
        let filed = |device: &MfaDevice| device.serial.as_ref() == Some(&serial);
        if identity.devices.iter().any(filed) {
            let message = "a device of this name is filed already";
            return Err(SessionError::field("name", message));
        }
        let intent = Enrolment {
            name: name.to_owned(),
            started_at: self.now(),
            device: None,
            enabled: false,
            extra: Extra::new(),
        };
        self.set_enrolment(id, Some(intent)).inspect_err(|_| {
            // Nothing was asked of AWS yet.
            let _ = self.set_enrolment(id, None);
        })
    }

    /// The user, the signature and the serial of the device that is being made.
    pub(super) fn named(
        &self,
        id: ItemId,
        key: &AccessKeyId,
    ) -> Result<(Subject, Signing, Serial), SessionError> {
        let subject = self.subject(id)?;
        let enrolment = subject.identity.enrolment.as_ref();
        let name = &enrolment.ok_or(SessionError::NoSuchItem)?.name;
        let account = &subject.account;
        let serial = Serial::of_virtual_device(account.partition, &account.id, name)
            .map_err(|error| SessionError::field("name", error))?;
        let signing = self.signing(id, &subject, key)?;
        Ok((subject, signing, serial))
    }

    /// Files what AWS made, and saves it before anything else is done.
    fn keep_made(
        &mut self,
        id: ItemId,
        subject: &Subject,
        had_mfa: bool,
        answer: Result<Answer<NewDevice>, AwsError>,
    ) -> Result<EnrolmentStep, SessionError> {
        if answer.as_ref().err().is_some_and(is_certain) {
            self.set_enrolment(id, None)?;
        }
        let made = self.hear(subject, had_mfa, answer)?;
        let mut identity = self.identity_of(id)?;
        let mut enrolment = identity.enrolment.take().ok_or(SessionError::NoSuchItem)?;
        let seed = Seed::from_base32(&made.seed).map_err(|_| SessionError::Internal)?;
        let device = DeviceId::new_random();
        let bytes = seed.seed.to_bytes();
        enrolment.device = Some(device);
        identity.devices.push(MfaDevice {
            id: device,
            name: enrolment.name.clone(),
            serial: Some(made.serial),
            seed: self.vault.seal(id, &Field::MfaSeed(device), &bytes),
            params: OtpParams::default(),
            added_at: self.now(),
            extra: Extra::new(),
        });
        identity.enrolment = Some(enrolment);
        self.put(id, Content::Identity(identity))?;
        self.demand_saved()?;
        Ok(EnrolmentStep::Created)
    }
}
