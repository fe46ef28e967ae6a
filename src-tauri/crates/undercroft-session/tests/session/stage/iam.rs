//! IAM by script: it keeps devices, and refuses or goes silent when told to.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{
        Mutex,
        atomic::{AtomicI64, Ordering},
    },
};

use undercroft_aws::{
    Answer, AwsError, AwsErrorKind, CodePair, EnrolledDevice, Iam, IamTarget, NewDevice, Signer,
};
use undercroft_model::{Serial, Timestamp, UserName};
use undercroft_secret::SecretString;

use super::{clock::START_SECS, sts::refusal};

/// What the next call is answered with, instead of what is due.
#[derive(Clone, Copy, Debug)]
pub enum Fails {
    /// A refusal.
    Refuses(AwsErrorKind),
    /// It is done, but nobody hears of it.
    LosesAnswer,
    /// Nothing is done, and nobody answers ever.
    Hangs,
}

/// Keeps devices by their serials: whether they are the user's.
#[derive(Default)]
pub struct ScriptedIam {
    devices: Mutex<BTreeMap<String, bool>>,
    script: Mutex<VecDeque<Option<Fails>>>,
    calls: Mutex<Vec<String>>,
    /// By how much its clock was said to be ahead, for each call.
    offsets: Mutex<Vec<i64>>,
    ahead_by: AtomicI64,
}

impl ScriptedIam {
    pub fn will(&self, fails: Fails) {
        self.will_after(0, fails);
    }

    /// As [`Self::will`], after so many calls that go well.
    pub fn will_after(&self, calls: usize, fails: Fails) {
        let mut script = self.script.lock().unwrap();
        script.extend(std::iter::repeat_n(None, calls));
        script.push_back(Some(fails));
    }

    /// Names of the calls so far, with codes.
    pub fn calls(&self) -> Vec<String> {
        self.calls.lock().unwrap().clone()
    }

    /// By how much its clock was taken to be ahead in each call so far.
    pub fn offsets(&self) -> Vec<i64> {
        self.offsets.lock().unwrap().clone()
    }

    /// Answers from now on are dated so many seconds ahead.
    pub fn is_ahead_by(&self, secs: i64) {
        self.ahead_by.store(secs, Ordering::SeqCst);
    }

    /// Makes a device without a call: a user's, or nobody's.
    pub fn put(&self, serial: &str, is_users: bool) {
        let mut devices = self.devices.lock().unwrap();
        devices.insert(serial.to_owned(), is_users);
    }

    pub fn has(&self, serial: &str) -> Option<bool> {
        self.devices.lock().unwrap().get(serial).copied()
    }

    async fn perform<T>(
        &self,
        target: &IamTarget,
        signer: Signer<'_>,
        call: String,
        done: impl FnOnce(&mut BTreeMap<String, bool>) -> Result<T, AwsErrorKind>,
    ) -> Result<Answer<T>, AwsError> {
        let signed = match signer {
            Signer::Key(_) => call,
            Signer::Session(_) => format!("{call} by session"),
        };
        self.calls.lock().unwrap().push(signed);
        let offset = Some(self.ahead_by.load(Ordering::SeqCst));
        self.offsets.lock().unwrap().push(target.clock_offset_secs);
        let fails = self.script.lock().unwrap().pop_front().flatten();
        match fails {
            Some(Fails::Refuses(kind)) => return Err(refusal(kind, offset)),
            Some(Fails::Hangs) => std::future::pending().await,
            Some(Fails::LosesAnswer) | None => {}
        }
        let value = done(&mut self.devices.lock().unwrap());
        if fails.is_some() {
            return Err(AwsError {
                aws_code: None,
                aws_message: None,
                ..refusal(AwsErrorKind::Timeout, None)
            });
        }
        Ok(Answer {
            value: value.map_err(|kind| refusal(kind, offset))?,
            clock_offset_secs: offset,
        })
    }
}

#[async_trait::async_trait]
impl Iam for ScriptedIam {
    async fn create_virtual_mfa_device(
        &self,
        target: &IamTarget,
        signer: Signer<'_>,
        name: &str,
    ) -> Result<Answer<NewDevice>, AwsError> {
        let serial = format!("arn:aws:iam::123456789012:mfa/{name}");
        self.perform(target, signer, format!("create {name}"), |devices| {
            if devices.contains_key(&serial) {
                return Err(AwsErrorKind::EntityExists);
            }
            devices.insert(serial.clone(), false);
            Ok(NewDevice {
                serial: Serial::parse(&serial).unwrap(),
                seed: SecretString::copy_of(super::OTHER_SEED),
            })
        })
        .await
    }

    async fn enable_mfa_device(
        &self,
        target: &IamTarget,
        signer: Signer<'_>,
        _: &UserName,
        codes: CodePair,
    ) -> Result<Answer<()>, AwsError> {
        let [first, second] = codes.expose_codes();
        let serial = codes.serial().to_string();
        self.perform(
            target,
            signer,
            format!("enable {first} {second}"),
            |devices| match devices.get_mut(&serial) {
                None => Err(AwsErrorKind::NoSuchEntity),
                Some(true) => Err(AwsErrorKind::EntityExists),
                Some(enabled) => {
                    *enabled = true;
                    Ok(())
                }
            },
        )
        .await
    }

    async fn resync_mfa_device(
        &self,
        target: &IamTarget,
        signer: Signer<'_>,
        _: &UserName,
        codes: CodePair,
    ) -> Result<Answer<()>, AwsError> {
        let [first, second] = codes.expose_codes();
        self.perform(target, signer, format!("resync {first} {second}"), |_| {
            Ok(())
        })
        .await
    }

    async fn list_mfa_devices(
        &self,
        target: &IamTarget,
        signer: Signer<'_>,
        _: &UserName,
    ) -> Result<Answer<Vec<EnrolledDevice>>, AwsError> {
        self.perform(target, signer, "list".to_owned(), |devices| {
            let enabled = devices.iter().filter(|(_, enabled)| **enabled);
            Ok(enabled
                .map(|(serial, _)| EnrolledDevice {
                    serial: serial.clone(),
                    makes_codes: Serial::parse(serial).ok(),
                    enabled_at: Timestamp::from_unix_secs(START_SECS),
                })
                .collect())
        })
        .await
    }

    async fn list_unassigned_devices(
        &self,
        target: &IamTarget,
        signer: Signer<'_>,
    ) -> Result<Answer<Vec<Serial>>, AwsError> {
        self.perform(target, signer, "list unassigned".to_owned(), |devices| {
            let unassigned = devices.iter().filter(|(_, enabled)| !**enabled);
            Ok(unassigned
                .filter_map(|(serial, _)| Serial::parse(serial).ok())
                .collect())
        })
        .await
    }

    async fn deactivate_mfa_device(
        &self,
        target: &IamTarget,
        signer: Signer<'_>,
        _: &UserName,
        serial: &Serial,
    ) -> Result<Answer<()>, AwsError> {
        self.perform(
            target,
            signer,
            "deactivate".to_owned(),
            |devices| match devices.get_mut(serial.as_str()) {
                Some(enabled) if *enabled => {
                    *enabled = false;
                    Ok(())
                }
                Some(_) | None => Err(AwsErrorKind::NoSuchEntity),
            },
        )
        .await
    }

    async fn delete_virtual_mfa_device(
        &self,
        target: &IamTarget,
        signer: Signer<'_>,
        serial: &Serial,
    ) -> Result<Answer<()>, AwsError> {
        self.perform(target, signer, "delete".to_owned(), |devices| match devices
            .get(serial.as_str())
        {
            None => Err(AwsErrorKind::NoSuchEntity),
            Some(true) => Err(AwsErrorKind::DeleteConflict),
            Some(false) => {
                devices.remove(serial.as_str());
                Ok(())
            }
        })
        .await
    }
}
