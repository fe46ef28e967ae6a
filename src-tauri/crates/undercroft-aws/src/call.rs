//! How every call is sent, whichever service it asks: by hand-made settings, in bounded time, and repeated only where
//! that is safe.

use std::error::Error;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_sts::config::http::HttpResponse;
use aws_sdk_sts::config::{Region, SharedHttpClient};
use aws_sdk_sts::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_runtime_api::client::http::{HttpConnector, SharedHttpConnector, http_client_fn};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use tracing::instrument::WithSubscriber;
use tracing::subscriber::NoSubscriber;
use undercroft_model::Timestamp;
use undercroft_secret::SecretString;

use crate::clock::{SigningClock, unix_secs};
use crate::error::{Attempted, from_sdk, undelivered};
use crate::http::{Bounded, Seen};
use crate::{AwsError, AwsErrorKind, HttpClient, Signer, WallClock};

/// How long a call may take in all.
const TIME_LIMIT: Duration = Duration::from_secs(15);

/// How long to wait before a call is repeated that may be.
const PAUSE: Duration = Duration::from_millis(400);

/// The variable that makes the SDK load a foreign list of endpoints, and end the process when it can't.
const FOREIGN_ENDPOINTS: &str = "SMITHY_CLIENT_SDK_CUSTOM_PARTITION";

/// Sends calls to AWS.
///
/// It keeps nothing between calls: no connection, no credentials and no clock offset.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    http: HttpClient,
    clock: Arc<dyn WallClock>,
    time_limit: Duration,
}

impl Caller {
    /// Calls over `http`, by the local time of `clock`.
    pub(crate) fn new(http: HttpClient, clock: Arc<dyn WallClock>) -> Self {
        Self {
            http,
            clock,
            time_limit: TIME_LIMIT,
        }
    }

    /// Gives up on a call after `limit` instead of 15 seconds.
    pub(crate) fn with_time_limit(mut self, limit: Duration) -> Self {
        self.time_limit = limit;
        self
    }

    /// Sends a call and repeats it once where that is safe and promising, all within the time limit.
    pub(crate) async fn call<T, E, F>(
        &self,
        call: Call<'_>,
        send: impl Fn(Wiring) -> F + Send + Sync,
    ) -> Result<(T, Option<i64>), AwsError>
    where
        T: Send,
        E: ProvideErrorMetadata + Error + 'static,
        F: Future<Output = Result<T, SdkError<E, HttpResponse>>> + Send,
    {
        refuse_foreign_endpoints()?;
        let seen = Arc::new(Seen::default());
        let attempts = async {
            let mut offset_secs = call.place.clock_offset_secs;
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

    /// Posts a form of secrets, unsigned, and repeats it once where no answer came or AWS asked to slow down, all within
    /// the time limit.
    pub(crate) async fn post_form(
        &self,
        url: &str,
        form: &SecretString,
    ) -> Result<(Reply, Option<i64>), AwsError> {
        refuse_foreign_endpoints()?;
        let seen = Arc::new(Seen::default());
        let attempts = async {
            let first = self.post_once(url, form, &seen).await;
            match &first {
                Ok(reply) if reply.status != 429 => return first,
                Err(AwsErrorKind::Unreachable) | Ok(_) => {}
                Err(_) => return first,
            }
            tokio::time::sleep(PAUSE).await;
            self.post_once(url, form, &seen).await
        };
        let attempts = attempts.with_subscriber(NoSubscriber::new());
        let outcome = tokio::time::timeout(self.time_limit, attempts).await;
        let offset_secs = seen.clock_offset_secs();
        match outcome.unwrap_or(Err(AwsErrorKind::Timeout)) {
            Ok(reply) => Ok((reply, offset_secs)),
            Err(kind) => Err(AwsError::bare(kind, offset_secs)),
        }
    }

    async fn post_once(
        &self,
        url: &str,
        form: &SecretString,
        seen: &Arc<Seen>,
    ) -> Result<Reply, AwsErrorKind> {
        let mut request = HttpRequest::new(SdkBody::from(form.expose()));
        let headers = request.headers_mut();
        headers.insert("content-type", "application/x-www-form-urlencoded");
        headers.insert("accept", "application/json");
        headers.insert("user-agent", "undercroft");
        // An address that can't be made into a request.
        let is_set = request.set_method("POST").is_ok() && request.set_uri(url).is_ok();
        if !is_set {
            return Err(AwsErrorKind::Unreachable);
        }
        let response = self.connector(Arc::clone(seen)).call(request).await;
        let response = response.map_err(|cause| undelivered(&cause, seen))?;
        Ok(Reply {
            status: response.status().as_u16(),
            // The connector has read all of it.
            body: response.body().bytes().unwrap_or_default().to_vec(),
        })
    }

    async fn attempt<T, E, F>(
        &self,
        call: &Call<'_>,
        offset_secs: i64,
        seen: &Arc<Seen>,
        send: impl Fn(Wiring) -> F,
    ) -> Result<T, AwsError>
    where
        E: ProvideErrorMetadata + Error + 'static,
        F: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
    {
        let wiring = self.wiring(call, offset_secs, Arc::clone(seen));
        send(wiring).await.map_err(|error| {
            let attempted = Attempted {
                signed_offset_secs: offset_secs,
                carried_code: !call.codes.is_empty(),
                by_web_identity: matches!(call.authority, Authority::WebIdentity(_)),
                unspoken: call.unspoken(),
            };
            from_sdk(&error, seen, &attempted)
        })
    }

    /// What a client for one attempt is set up with.
    fn wiring(&self, call: &Call<'_>, offset_secs: i64, seen: Arc<Seen>) -> Wiring {
        Wiring {
            region: Region::new(call.place.signing_region.clone()),
            url: call.place.url.clone(),
            credentials: call.authority.sdk_credentials(),
            http: self.bounded(seen),
            clock: SigningClock {
                wall: Arc::clone(&self.clock),
                offset_secs,
            },
        }
    }

    fn bounded(&self, seen: Arc<Seen>) -> SharedHttpClient {
        let caller = self.clone();
        http_client_fn(move |_, _| caller.connector(Arc::clone(&seen)))
    }

    /// A connection for one attempt, which notes what it sees.
    fn connector(&self, seen: Arc<Seen>) -> SharedHttpConnector {
        SharedHttpConnector::new(Bounded {
            inner: self.http.connector(),
            clock: Arc::clone(&self.clock),
            seen,
        })
    }

    /// The time at AWS, as far as it is known.
    pub(crate) fn aws_now(
        &self,
        assumed_offset_secs: i64,
        measured_offset_secs: Option<i64>,
    ) -> Timestamp {
        let offset_secs = measured_offset_secs.unwrap_or(assumed_offset_secs);
        Timestamp::from_unix_secs(unix_secs(self.clock.now()).saturating_add(offset_secs))
    }
}

/// An answer to a form, within the bounds of every answer.
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
}

/// What one call of ours is made of, whichever attempt it is.
pub(crate) struct Call<'a> {
    /// Where it goes.
    pub(crate) place: Place,
    /// What it is made in the name of.
    pub(crate) authority: Authority<'a>,
    /// The token codes in it, which must not come back in a message. A call with one is never repeated.
    pub(crate) codes: &'a [&'a str],
    /// What the call does, where it has no codes.
    pub(crate) effect: Effect,
}

/// What a call is made in the name of.
#[derive(Clone, Copy)]
pub(crate) enum Authority<'a> {
    /// The signature of somebody's credentials.
    Signature(Signer<'a>),
    /// A token of an identity provider's within the call, which goes unsigned.
    WebIdentity(&'a SecretString),
}

/// Where a call goes, whichever service is there.
pub(crate) struct Place {
    /// The address.
    pub(crate) url: String,
    /// The region that it is signed for.
    pub(crate) signing_region: String,
    /// How far the clock there is ahead of the local one, as far as is known.
    pub(crate) clock_offset_secs: i64,
}

/// What a call does at AWS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    /// It reads, or makes what ends by itself: once more does no harm.
    None,
    /// It makes or removes something: it is repeated only when AWS refused it for its time.
    Change,
}

/// What a client for one attempt is set up with, every part of it made by hand.
pub(crate) struct Wiring {
    pub(crate) region: Region,
    pub(crate) url: String,
    pub(crate) credentials: Option<SharedCredentialsProvider>,
    pub(crate) http: SharedHttpClient,
    pub(crate) clock: SigningClock<Arc<dyn WallClock>>,
}

/// A client of one of the SDKs. They share no type for their settings that reads nothing from the environment.
macro_rules! client {
    ($sdk:ident, $wiring:expr) => {{
        let wiring: $crate::call::Wiring = $wiring;
        let mut config = $sdk::config::Config::builder();
        config.set_credentials_provider(wiring.credentials);
        let config = config
            .behavior_version($sdk::config::BehaviorVersion::latest())
            .region(wiring.region)
            .endpoint_url(wiring.url)
            .use_fips(false)
            .use_dual_stack(false)
            .identity_cache($sdk::config::IdentityCache::no_cache())
            .http_client(wiring.http)
            .time_source(wiring.clock)
            .sleep_impl(aws_smithy_async::rt::sleep::TokioSleep::new())
            .timeout_config(aws_smithy_types::timeout::TimeoutConfig::disabled())
            .retry_config(aws_smithy_types::retry::RetryConfig::disabled())
            .disable_clock_skew_correction(true)
            .stalled_stream_protection($sdk::config::StalledStreamProtectionConfig::disabled())
            .build();
        $sdk::Client::from_conf(config)
    }};
}

pub(crate) use client;

/// Nothing is sent while the environment would have the SDK send it elsewhere.
fn refuse_foreign_endpoints() -> Result<(), AwsError> {
    match std::env::var_os(FOREIGN_ENDPOINTS) {
        None => Ok(()),
        Some(_) => Err(AwsError::bare(AwsErrorKind::HostileEnvironment, None)),
    }
}

/// How a failed call is repeated.
enum Repetition {
    /// At once, signed with another clock offset.
    At { offset: i64 },
    /// Unchanged, after a pause.
    Later,
}

impl Call<'_> {
    /// The secrets in the call that must not come back in a message.
    fn unspoken(&self) -> Vec<&str> {
        let mut unspoken = self.codes.to_vec();
        match self.authority {
            Authority::Signature(Signer::Key(_)) => {}
            Authority::Signature(Signer::Session(session)) => {
                unspoken.push(session.token().expose());
            }
            Authority::WebIdentity(token) => {
                unspoken.push(token.expose());
                // The parts of a JSON Web Token tell as much as the whole.
                unspoken.extend(token.expose().split('.').filter(|part| part.len() >= 8));
            }
        }
        unspoken
    }

    /// Whether and how to repeat the call after `error`; never when it carried a token code.
    fn repetition_after(&self, error: &AwsError, signed_offset_secs: i64) -> Option<Repetition> {
        if !self.codes.is_empty() {
            return None;
        }
        match error.kind {
            AwsErrorKind::ClockSkew => error
                .clock_offset_secs
                .filter(|offset| *offset != signed_offset_secs)
                .map(|offset| Repetition::At { offset }),
            AwsErrorKind::Throttled | AwsErrorKind::Unreachable => {
                (self.effect == Effect::None).then_some(Repetition::Later)
            }
            AwsErrorKind::WrongOrReusedCode
            | AwsErrorKind::WrongSerial
            | AwsErrorKind::InactiveOrUnknownKey
            | AwsErrorKind::SignatureMismatch
            | AwsErrorKind::SessionExpired
            | AwsErrorKind::NeedsLongTermKey
            | AwsErrorKind::SessionWithoutMfa
            | AwsErrorKind::AccessDenied
            | AwsErrorKind::RoleDenied
            | AwsErrorKind::RegionNotEnabled
            | AwsErrorKind::WrongDuration
            | AwsErrorKind::ChainedTooLong
            | AwsErrorKind::BadPolicy
            | AwsErrorKind::BadWebIdentity
            | AwsErrorKind::ConsoleRefused
            | AwsErrorKind::Unavailable
            | AwsErrorKind::UntrustedCertificate
            | AwsErrorKind::Timeout
            | AwsErrorKind::BadAnswer
            | AwsErrorKind::HostileEnvironment
            | AwsErrorKind::EntityExists
            | AwsErrorKind::NoSuchEntity
            | AwsErrorKind::LimitExceeded
            | AwsErrorKind::DeleteConflict
            | AwsErrorKind::TemporarilyUnmodifiable
            | AwsErrorKind::Refused => None,
        }
    }
}

impl Authority<'_> {
    /// Copies the signer's secrets into the SDK's own type, which wipes itself.
    fn sdk_credentials(self) -> Option<SharedCredentialsProvider> {
        let (id, secret, token) = match self {
            Self::Signature(Signer::Key(key)) => (key.id.as_str(), key.secret.expose(), None),
            Self::Signature(Signer::Session(session)) => (
                session.key_id().as_str(),
                session.secret().expose(),
                Some(session.token().expose().to_owned()),
            ),
            Self::WebIdentity(_) => return None,
        };
        let credentials = Credentials::new(id, secret, token, None, "undercroft");
        Some(SharedCredentialsProvider::new(credentials))
    }
}
