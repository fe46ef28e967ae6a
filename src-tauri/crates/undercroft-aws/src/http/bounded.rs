//! A connector that believes nothing it is told.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;

use crate::clock::{self, WallClock};

/// The largest answer that is read, in bytes. STS's own are under 4 KiB.
pub(crate) const MAX_BODY_BYTES: usize = 64 * 1024;

/// Why an answer was refused before anything looked at its meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Fault {
    /// The body is longer than [`MAX_BODY_BYTES`].
    #[error("the answer is longer than {MAX_BODY_BYTES} bytes")]
    TooLong,
    /// The answer points elsewhere; nobody goes there.
    #[error("the answer is a redirect")]
    Redirect,
    /// The connection ended before the body did.
    #[error("the answer broke off")]
    BrokeOff,
}

/// What a call learned on the way, whether it succeeded or not.
#[derive(Debug, Default)]
pub(crate) struct Seen(Mutex<Sight>);

#[derive(Clone, Copy, Debug, Default)]
struct Sight {
    clock_offset_secs: Option<i64>,
    fault: Option<Fault>,
}

impl Seen {
    /// How far AWS's clock is ahead of the local one, when an answer said so.
    pub(crate) fn clock_offset_secs(&self) -> Option<i64> {
        self.lock().clock_offset_secs
    }

    /// Why the last answer was refused, when it was.
    pub(crate) fn fault(&self) -> Option<Fault> {
        self.lock().fault
    }

    fn lock(&self) -> MutexGuard<'_, Sight> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Wraps a connector: notes the `Date` header, refuses redirects and reads at most [`MAX_BODY_BYTES`].
#[derive(Debug)]
pub(crate) struct Bounded {
    pub(crate) inner: SharedHttpConnector,
    pub(crate) clock: Arc<dyn WallClock>,
    pub(crate) seen: Arc<Seen>,
}

impl HttpConnector for Bounded {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let clock = Arc::clone(&self.clock);
        let seen = Arc::clone(&self.seen);
        let asked = clock.now();
        let answer = self.inner.call(request);
        HttpConnectorFuture::new(async move {
            let mut response = answer.await?;
            if let Some(date) = response
                .headers()
                .get("date")
                .and_then(clock::parse_http_date)
            {
                let offset = clock::offset_secs(date, asked, clock.now());
                seen.lock().clock_offset_secs = Some(offset);
            }
            let outcome = if (300..400).contains(&response.status().as_u16()) {
                Err(Fault::Redirect)
            } else {
                read(&mut response).await
            };
            match outcome {
                Ok(body) => {
                    *response.body_mut() = body;
                    Ok(response)
                }
                Err(fault) => {
                    seen.lock().fault = Some(fault);
                    Err(ConnectorError::other(fault.into(), None))
                }
            }
        })
    }
}

/// Takes the body out of `response` and reads it to its end or its limit.
async fn read(response: &mut HttpResponse) -> Result<SdkBody, Fault> {
    let body = std::mem::replace(response.body_mut(), SdkBody::taken());
    let mut body = ByteStream::new(body);
    let (announced, _) = body.size_hint();
    if announced > MAX_BODY_BYTES as u64 {
        return Err(Fault::TooLong);
    }
    let mut read = Vec::new();
    while let Some(chunk) = body.next().await {
        let chunk = chunk.map_err(|_| Fault::BrokeOff)?;
        if read.len() + chunk.len() > MAX_BODY_BYTES {
            return Err(Fault::TooLong);
        }
        read.extend_from_slice(&chunk);
    }
    Ok(SdkBody::from(read))
}
