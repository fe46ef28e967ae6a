//! The last step: one code of the new device, tried with STS.

use undercroft_aws::{Answer, AwsError, AwsErrorKind, MfaProof, SessionCredentials};
use undercroft_model::{AccessKeyId, DeviceId, DurationSecs, ItemId};

use super::{EnrolmentStep, enable::unfinished};
use crate::{Session, SessionError, clocks::clock_name, codes::NextCode, unlocked::Unlocked};

/// The shortest session that STS makes, in seconds: the proof is thrown away.
const PROOF_SECS: u32 = 900;

impl Session {
    pub(super) async fn prove(
        &self,
        identity: ItemId,
        key: AccessKeyId,
    ) -> Result<EnrolmentStep, SessionError> {
        let begun = self
            .act(move |open| {
                let subject = open.subject(identity)?;
                let (device, serial) = unfinished(&subject)?;
                let account = &subject.account;
                let code = match open.code_for_call(identity, &subject.identity, account, device)? {
                    NextCode::InSecs(secs) => return Ok(Err(secs)),
                    NextCode::Now(code) => code,
                };
                let proof = MfaProof::new(serial, code.into_secret())
                    .map_err(|error| SessionError::field("device", error))?;
                let duration = DurationSecs::new(PROOF_SECS).map_err(|_| SessionError::Internal)?;
                let key = open.long_term_key(identity, &subject.identity, &key)?;
                let (sts, target) = (open.shared.sts.clone(), open.target_of(account));
                let call = open.calls.spawn(async move {
                    sts.get_session_token(&target, &key, duration, Some(proof))
                        .await
                });
                Ok(Ok((call, device)))
            })
            .await?;
        let (call, device) = match begun {
            Ok(begun) => begun,
            Err(secs) => {
                return Ok(EnrolmentStep::Wait {
                    secs,
                    enabled: true,
                });
            }
        };
        let answer = call.await.map_err(|_| SessionError::Locked)?;
        self.act(move |open| open.note_proof(identity, device, answer))
            .await
    }

    /// Takes an enabled device as finished without trying it with STS.
    ///
    /// # Errors
    /// When no device of the identity is at that stage.
    pub async fn finish_without_proof(&self, identity: ItemId) -> Result<DeviceId, SessionError> {
        self.act(move |open| {
            let subject = open.subject(identity)?;
            let (device, _) = unfinished(&subject)?;
            let enrolment = subject.identity.enrolment.as_ref();
            enrolment
                .filter(|enrolment| enrolment.enabled)
                .ok_or(SessionError::NoSuchItem)?;
            open.set_enrolment(identity, None)?;
            Ok(device)
        })
        .await
    }
}

impl Unlocked {
    fn note_proof(
        &mut self,
        id: ItemId,
        device: DeviceId,
        answer: Result<Answer<SessionCredentials>, AwsError>,
    ) -> Result<EnrolmentStep, SessionError> {
        let (identity, account) = self.identity_and_account(id)?;
        let host = clock_name(&account);
        let offset = match &answer {
            Ok(answer) => answer.clock_offset_secs,
            Err(error) => error.clock_offset_secs,
        };
        self.learn_offset(&host, offset);
        self.keep_state();
        match answer {
            Ok(_) => {
                self.set_enrolment(id, None)?;
                Ok(EnrolmentStep::Done { device })
            }
            // STS hears of a new device a moment after IAM does, and a code may have been typed elsewhere.
            Err(error) if error.kind == AwsErrorKind::WrongSerial && self.is_fresh(&identity) => {
                let filed = identity.device(device).ok_or(SessionError::NoSuchItem)?;
                Ok(EnrolmentStep::Wait {
                    secs: self.secs_until_code(&account, filed).max(1),
                    enabled: true,
                })
            }
            Err(error) => Err(SessionError::Aws { error, host }),
        }
    }

    /// Whether the device was begun so lately that STS may not know it yet.
    fn is_fresh(&self, identity: &undercroft_model::Identity) -> bool {
        const FRESH_SECS: i64 = 180;
        let begun = identity.enrolment.as_ref();
        begun.is_some_and(|begun| self.now().secs_since(begun.started_at) < FRESH_SECS)
    }
}
