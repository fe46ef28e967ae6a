//! The real STS, through `aws-sdk-sts`.

use std::error::Error;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use aws_credential_types::Credentials;
use aws_sdk_sts::Client;
use aws_sdk_sts::config::http::HttpResponse;
use aws_sdk_sts::config::{
    BehaviorVersion, Config, IdentityCache, Region, SharedHttpClient, StalledStreamProtectionConfig,
};
use aws_sdk_sts::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_runtime_api::client::http::{SharedHttpConnector, http_client_fn};
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use tracing::instrument::WithSubscriber;
use tracing::subscriber::NoSubscriber;
use undercroft_model::{AccountId, Arn, DurationSecs, Timestamp};
use undercroft_secret::SecretString;

use crate::clock::{SigningClock, unix_secs};
use crate::credentials::is_plausible;
use crate::error::from_sdk;
use crate::http::{Bounded, Seen};
use crate::{
    Answer, AwsError, AwsErrorKind, CallerIdentity, HttpClient, LongTermKey, MfaProof,
    SessionCredentials, SessionKeyId, Signer, Sts, Target, WallClock,
};

/// How long a call may take in all.
const TIME_LIMIT: Duration = Duration::from_secs(15);

/// How long to wait before a call is repeated that may be.
const PAUSE: Duration = Duration::from_millis(400);

/// The variable that makes the SDK load a foreign list of endpoints, and end the process when it can't.
const FOREIGN_ENDPOINTS: &str = "SMITHY_CLIENT_SDK_CUSTOM_PARTITION";

/// AWS's Security Token Service over the network.
///
/// It keeps nothing between calls: no connection, no credentials and no clock offset.
#[derive(Clone, Debug)]
pub struct AwsSts {
    http: HttpClient,
    clock: Arc<dyn WallClock>,
    time_limit: Duration,
}

impl AwsSts {
    /// Calls over `http`, by the local time of `clock`.
    #[must_use]
    pub fn new(http: HttpClient, clock: Arc<dyn WallClock>) -> Self {
        Self {
            http,
            clock,
            time_limit: TIME_LIMIT,
        }
    }

    /// Gives up on a call after `limit` instead of 15 seconds.
    #[must_use]
    pub fn with_time_limit(mut self, limit: Duration) -> Self {
        self.time_limit = limit;
        self
    }

    /// Sends a call and repeats it once where that is safe and promising, all within the time limit.
    async fn call<T, E, F>(
        &self,
        call: Call<'_>,
        send: impl Fn(Client) -> F + Send + Sync,
    ) -> Result<(T, Option<i64>), AwsError>
    where
        T: Send,
        E: ProvideErrorMetadata + Error + 'static,
        F: Future<Output = Result<T, SdkError<E, HttpResponse>>> + Send,
    {
        if std::env::var_os(FOREIGN_ENDPOINTS).is_some() {
            return Err(AwsError::bare(AwsErrorKind::HostileEnvironment, None));
        }
        let seen = Arc::new(Seen::default());
        let attempts = async {
            let mut offset_secs = call.target.clock_offset_secs;
            let first = self.attempt(&call, offset_secs, &seen, &send).await;
            let Err(error) = first else {
                return first;
            };
            match call.repetition_after(&error, offset_secs) {
                None => return Err(error),
                Some(Repetition::At { offset }) => offset_secs = offset,
                Some(Repetition::Later) => tokio::time::sleep(PAUSE).await,
            }
            self.attempt(&call, offset_secs, &seen, &send).await
        };
        // The SDK logs whole bodies when an environment variable asks for it.
        let attempts = attempts.with_subscriber(NoSubscriber::new());
        match tokio::time::timeout(self.time_limit, attempts).await {
            Ok(outcome) => outcome.map(|value| (value, seen.clock_offset_secs())),
            Err(_) => Err(AwsError::bare(
                AwsErrorKind::Timeout,
                seen.clock_offset_secs(),
            )),
        }
    }

    async fn attempt<T, E, F>(
        &self,
        call: &Call<'_>,
        offset_secs: i64,
        seen: &Arc<Seen>,
        send: impl Fn(Client) -> F,
    ) -> Result<T, AwsError>
    where
        E: ProvideErrorMetadata + Error + 'static,
        F: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
    {
        let client = self.client(call, offset_secs, Arc::clone(seen));
        send(client).await.map_err(|error| {
            let code = call.mfa.map_or("", MfaProof::expose_code);
            let token = match call.signer {
                Signer::Key(_) => "",
                Signer::Session(session) => session.token().expose(),
            };
            from_sdk(
                &error,
                seen,
                offset_secs,
                call.mfa.is_some(),
                &[code, token],
            )
        })
    }

    /// A client for one attempt, every part of it set by hand.
    fn client(&self, call: &Call<'_>, offset_secs: i64, seen: Arc<Seen>) -> Client {
        let config = Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(call.target.region.as_str().to_owned()))
            .endpoint_url(call.target.url())
            .use_fips(false)
            .use_dual_stack(false)
            .credentials_provider(sdk_credentials(call.signer))
            .identity_cache(IdentityCache::no_cache())
            .http_client(self.bounded(seen))
            .time_source(SigningClock {
                wall: Arc::clone(&self.clock),
                offset_secs,
            })
            .sleep_impl(TokioSleep::new())
            .timeout_config(TimeoutConfig::disabled())
            .retry_config(RetryConfig::disabled())
            .disable_clock_skew_correction(true)
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
            .build();
        Client::from_conf(config)
    }

    fn bounded(&self, seen: Arc<Seen>) -> SharedHttpClient {
        let (http, clock) = (self.http.clone(), Arc::clone(&self.clock));
        http_client_fn(move |_, _| {
            SharedHttpConnector::new(Bounded {
                inner: http.connector(),
                clock: Arc::clone(&clock),
                seen: Arc::clone(&seen),
            })
        })
    }

    /// The time at AWS, as far as it is known.
    fn aws_now(&self, target: &Target, measured_offset_secs: Option<i64>) -> Timestamp {
        let offset_secs = measured_offset_secs.unwrap_or(target.clock_offset_secs);
        Timestamp::from_unix_secs(unix_secs(self.clock.now()).saturating_add(offset_secs))
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
            target,
            signer,
            mfa: None,
        };
        let (output, clock_offset_secs) = self
            .call(call, |client| async move {
                client.get_caller_identity().send().await
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
        let call = Call {
            target,
            signer: Signer::Key(key),
            mfa: mfa.as_ref(),
        };
        // Durations end at 366 days, so this never saturates.
        let secs = i32::try_from(duration.as_secs()).unwrap_or(i32::MAX);
        let mfa = mfa.as_ref();
        let (output, clock_offset_secs) = self
            .call(call, |client| {
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
        let now = self.aws_now(target, clock_offset_secs);
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

/// What one call of ours is made of, whichever attempt it is.
struct Call<'a> {
    target: &'a Target,
    signer: Signer<'a>,
    mfa: Option<&'a MfaProof>,
}

/// How a failed call is repeated.
enum Repetition {
    /// At once, signed with another clock offset.
    At { offset: i64 },
    /// Unchanged, after a pause.
    Later,
}

impl Call<'_> {
    /// Whether and how to repeat the call after `error`; never when it carried a token code.
    fn repetition_after(&self, error: &AwsError, signed_offset_secs: i64) -> Option<Repetition> {
        if self.mfa.is_some() {
            return None;
        }
        match error.kind {
            AwsErrorKind::ClockSkew => error
                .clock_offset_secs
                .filter(|offset| *offset != signed_offset_secs)
                .map(|offset| Repetition::At { offset }),
            AwsErrorKind::Throttled | AwsErrorKind::Unreachable => Some(Repetition::Later),
            AwsErrorKind::WrongOrReusedCode
            | AwsErrorKind::WrongSerial
            | AwsErrorKind::InactiveOrUnknownKey
            | AwsErrorKind::SignatureMismatch
            | AwsErrorKind::SessionExpired
            | AwsErrorKind::NeedsLongTermKey
            | AwsErrorKind::SessionWithoutMfa
            | AwsErrorKind::AccessDenied
            | AwsErrorKind::RegionNotEnabled
            | AwsErrorKind::WrongDuration
            | AwsErrorKind::Unavailable
            | AwsErrorKind::UntrustedCertificate
            | AwsErrorKind::Timeout
            | AwsErrorKind::BadAnswer
            | AwsErrorKind::HostileEnvironment
            | AwsErrorKind::Refused => None,
        }
    }
}

/// Copies the signer's secrets into the SDK's own type, which wipes itself.
fn sdk_credentials(signer: Signer<'_>) -> Credentials {
    let (id, secret, token) = match signer {
        Signer::Key(key) => (key.id.as_str(), key.secret.expose(), None),
        Signer::Session(session) => (
            session.key_id().as_str(),
            session.secret().expose(),
            Some(session.token().expose().to_owned()),
        ),
    };
    Credentials::new(id, secret, token, None, "undercroft")
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
