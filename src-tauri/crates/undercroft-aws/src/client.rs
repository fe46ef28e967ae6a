//! The real STS, through `aws-sdk-sts`.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use undercroft_model::{AccountId, Arn, DurationSecs, Timestamp};
use undercroft_secret::SecretString;

use crate::call::{Call, Caller, Effect, Place, client};
use crate::credentials::is_plausible;
use crate::{
    Answer, AwsError, AwsErrorKind, CallerIdentity, HttpClient, LongTermKey, MfaProof,
    SessionCredentials, SessionKeyId, Signer, Sts, Target, WallClock,
};

/// AWS's Security Token Service over the network.
///
/// It keeps nothing between calls: no connection, no credentials and no clock offset.
#[derive(Clone, Debug)]
pub struct AwsSts(Caller);

impl AwsSts {
    /// Calls over `http`, by the local time of `clock`.
    #[must_use]
    pub fn new(http: HttpClient, clock: Arc<dyn WallClock>) -> Self {
        Self(Caller::new(http, clock))
    }

    /// Gives up on a call after `limit` instead of 15 seconds.
    #[must_use]
    pub fn with_time_limit(self, limit: Duration) -> Self {
        Self(self.0.with_time_limit(limit))
    }
}

#[async_trait]
impl Sts for AwsSts {
    async fn get_caller_identity(
        &self,
        target: &Target,
        signer: Signer<'_>,
    ) -> Result<Answer<CallerIdentity>, AwsError> {
        let call = Call {
            place: place(target),
            signer,
            codes: &[],
            effect: Effect::None,
        };
        let (output, clock_offset_secs) = self
            .0
            .call(call, |wiring| async move {
                client!(aws_sdk_sts, wiring)
                    .get_caller_identity()
                    .send()
                    .await
            })
            .await?;
        let value = (|| {
            Some(CallerIdentity {
                account: AccountId::parse(output.account()?).ok()?,
                arn: Arn::parse(output.arn()?).ok()?,
                user_id: user_id(output.user_id()?)?,
            })
        })()
        .ok_or_else(|| AwsError::bare(AwsErrorKind::BadAnswer, clock_offset_secs))?;
        Ok(Answer {
            value,
            clock_offset_secs,
        })
    }

    async fn get_session_token(
        &self,
        target: &Target,
        key: &LongTermKey,
        duration: DurationSecs,
        mfa: Option<MfaProof>,
    ) -> Result<Answer<SessionCredentials>, AwsError> {
        let code: Vec<&str> = mfa.iter().map(MfaProof::expose_code).collect();
        let call = Call {
            place: place(target),
            signer: Signer::Key(key),
            codes: &code,
            effect: Effect::None,
        };
        // Durations end at 366 days, so this never saturates.
        let secs = i32::try_from(duration.as_secs()).unwrap_or(i32::MAX);
        let mfa = mfa.as_ref();
        let (output, clock_offset_secs) = self
            .0
            .call(call, |wiring| {
                let client = client!(aws_sdk_sts, wiring);
                let request = client.get_session_token().duration_seconds(secs);
                let request = match mfa {
                    None => request,
                    Some(proof) => request
                        .serial_number(proof.serial().as_str())
                        .token_code(proof.expose_code()),
                };
                async move { request.send().await }
            })
            .await?;
        let now = self.0.aws_now(target.clock_offset_secs, clock_offset_secs);
        let value = output
            .credentials
            .and_then(session_credentials)
            .filter(|session| is_plausible(session.expiration(), now, duration))
            .ok_or_else(|| AwsError::bare(AwsErrorKind::BadAnswer, clock_offset_secs))?;
        Ok(Answer {
            value,
            clock_offset_secs,
        })
    }
}

fn place(target: &Target) -> Place {
    Place {
        url: target.url(),
        signing_region: target.region.as_str().to_owned(),
        clock_offset_secs: target.clock_offset_secs,
    }
}

/// Moves the SDK's credentials into wiped types, or gives nothing when a part is missing or malformed.
fn session_credentials(sdk: aws_sdk_sts::types::Credentials) -> Option<SessionCredentials> {
    let secret = SecretString::new(sdk.secret_access_key);
    let token = SecretString::new(sdk.session_token);
    let key_id = SessionKeyId::parse(&sdk.access_key_id).ok()?;
    let expiration = Timestamp::from_unix_secs(sdk.expiration.secs());
    SessionCredentials::new(key_id, secret, token, expiration).ok()
}

/// A unique id as IAM makes them, or the `id:session-name` of a role's session.
fn user_id(text: &str) -> Option<String> {
    let fits = (1..=256).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
    fits.then(|| text.to_owned())
}
