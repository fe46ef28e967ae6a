//! The real STS, through `aws-sdk-sts`.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use aws_sdk_sts::types::{PolicyDescriptorType, Tag};
use undercroft_model::{AccountId, Arn, DurationSecs, PolicyArn, SessionTag, Timestamp};
use undercroft_secret::SecretString;

use crate::call::{Authority, Call, Caller, Effect, Place, client};
use crate::credentials::is_plausible;
use crate::{
    Answer, AwsError, AwsErrorKind, CallerIdentity, FederationWish, HttpClient, LongTermKey,
    MfaProof, RoleWish, SessionCredentials, SessionKeyId, Signer, Sts, Target, WallClock,
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
            authority: Authority::Signature(signer),
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
            authority: Authority::Signature(Signer::Key(key)),
            codes: &code,
            effect: Effect::None,
        };
        let mfa = mfa.as_ref();
        let (output, clock_offset_secs) = self
            .0
            .call(call, |wiring| {
                let client = client!(aws_sdk_sts, wiring);
                let request = client
                    .get_session_token()
                    .duration_seconds(sdk_secs(duration));
                let request = match mfa {
                    None => request,
                    Some(proof) => request
                        .serial_number(proof.serial().as_str())
                        .token_code(proof.expose_code()),
                };
                async move { request.send().await }
            })
            .await?;
        self.session(target, duration, output.credentials, clock_offset_secs)
    }

    async fn assume_role(
        &self,
        target: &Target,
        signer: Signer<'_>,
        wish: &RoleWish,
        mfa: Option<MfaProof>,
    ) -> Result<Answer<SessionCredentials>, AwsError> {
        let code: Vec<&str> = mfa.iter().map(MfaProof::expose_code).collect();
        let call = Call {
            place: place(target),
            authority: Authority::Signature(signer),
            codes: &code,
            effect: Effect::None,
        };
        let tags = sdk_tags(&wish.tags);
        let transitive = wish.tags.iter().filter(|tag| tag.transitive);
        let transitive: Vec<String> = transitive.map(|tag| tag.key.clone()).collect();
        let mfa = mfa.as_ref();
        let (output, clock_offset_secs) = self
            .0
            .call(call, |wiring| {
                let request = client!(aws_sdk_sts, wiring)
                    .assume_role()
                    .role_arn(wish.role.as_str())
                    .role_session_name(wish.session_name.as_str())
                    .duration_seconds(sdk_secs(wish.duration))
                    .set_external_id(owned(wish.external_id.as_ref()))
                    .set_source_identity(owned(wish.source_identity.as_ref()))
                    .set_tags(listed(tags.clone()))
                    .set_transitive_tag_keys(listed(transitive.clone()))
                    .set_policy(owned(wish.policy.as_ref()))
                    .set_policy_arns(listed(sdk_policies(&wish.policy_arns)));
                let request = match mfa {
                    None => request,
                    Some(proof) => request
                        .serial_number(proof.serial().as_str())
                        .token_code(proof.expose_code()),
                };
                async move { request.send().await }
            })
            .await?;
        self.session(target, wish.duration, output.credentials, clock_offset_secs)
    }

    async fn get_federation_token(
        &self,
        target: &Target,
        key: &LongTermKey,
        wish: &FederationWish,
    ) -> Result<Answer<SessionCredentials>, AwsError> {
        let call = Call {
            place: place(target),
            authority: Authority::Signature(Signer::Key(key)),
            codes: &[],
            effect: Effect::None,
        };
        let tags = sdk_tags(&wish.tags);
        let (output, clock_offset_secs) = self
            .0
            .call(call, |wiring| {
                let request = client!(aws_sdk_sts, wiring)
                    .get_federation_token()
                    .name(wish.name.as_str())
                    .duration_seconds(sdk_secs(wish.duration))
                    .set_tags(listed(tags.clone()))
                    .set_policy(owned(wish.policy.as_ref()))
                    .set_policy_arns(listed(sdk_policies(&wish.policy_arns)));
                async move { request.send().await }
            })
            .await?;
        self.session(target, wish.duration, output.credentials, clock_offset_secs)
    }

    async fn assume_role_with_web_identity(
        &self,
        target: &Target,
        token: &SecretString,
        wish: &RoleWish,
    ) -> Result<Answer<SessionCredentials>, AwsError> {
        let call = Call {
            place: place(target),
            authority: Authority::WebIdentity(token),
            codes: &[],
            effect: Effect::None,
        };
        let (output, clock_offset_secs) = self
            .0
            .call(call, |wiring| {
                let request = client!(aws_sdk_sts, wiring)
                    .assume_role_with_web_identity()
                    .role_arn(wish.role.as_str())
                    .role_session_name(wish.session_name.as_str())
                    .web_identity_token(token.expose())
                    .duration_seconds(sdk_secs(wish.duration))
                    .set_policy(owned(wish.policy.as_ref()))
                    .set_policy_arns(listed(sdk_policies(&wish.policy_arns)));
                async move { request.send().await }
            })
            .await?;
        self.session(target, wish.duration, output.credentials, clock_offset_secs)
    }
}

impl AwsSts {
    /// Takes the credentials out of an answer, when they are complete and end when they may.
    fn session(
        &self,
        target: &Target,
        asked: DurationSecs,
        credentials: Option<aws_sdk_sts::types::Credentials>,
        clock_offset_secs: Option<i64>,
    ) -> Result<Answer<SessionCredentials>, AwsError> {
        let now = self.0.aws_now(target.clock_offset_secs, clock_offset_secs);
        let value = credentials
            .and_then(session_credentials)
            .filter(|session| is_plausible(session.expiration(), now, asked))
            .ok_or_else(|| AwsError::bare(AwsErrorKind::BadAnswer, clock_offset_secs))?;
        Ok(Answer {
            value,
            clock_offset_secs,
        })
    }
}

/// Durations end at 366 days, so this never saturates.
fn sdk_secs(duration: DurationSecs) -> i32 {
    i32::try_from(duration.as_secs()).unwrap_or(i32::MAX)
}

fn sdk_tags(tags: &[SessionTag]) -> Vec<Tag> {
    let sdk = |tag: &SessionTag| Tag::builder().key(&tag.key).value(&tag.value).build();
    // Only a tag without key or value is refused, and both are there.
    tags.iter().filter_map(|tag| sdk(tag).ok()).collect()
}

fn sdk_policies(arns: &[PolicyArn]) -> Vec<PolicyDescriptorType> {
    let sdk = |arn: &PolicyArn| PolicyDescriptorType::builder().arn(arn.as_str()).build();
    arns.iter().map(sdk).collect()
}

/// Nothing instead of an empty list, which the SDK would send as a parameter without a value.
fn listed<T>(list: Vec<T>) -> Option<Vec<T>> {
    (!list.is_empty()).then_some(list)
}

fn owned(text: Option<&impl AsRef<str>>) -> Option<String> {
    text.map(|text| text.as_ref().to_owned())
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
