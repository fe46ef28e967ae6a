//! Building connections by hand, so that no environment variable has a say.

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext};
use aws_smithy_http_client::{Connector, HttpClientError};
use aws_smithy_runtime_api::client::http::{HttpConnectorSettings, SharedHttpConnector};

use super::{HttpSettings, trust};

/// How long a connection may take to come about, name resolution and TLS included.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(7);

/// Makes the connections that calls travel on.
///
/// Each attempt gets a connection of its own, which is closed afterwards. So no request is ever repeated behind our
/// back on a stale pooled connection, and nothing of a call stays in a connection's buffers. Clones share their
/// settings.
#[derive(Clone)]
pub struct HttpClient(Arc<RwLock<Connect>>);

/// Makes one connection.
struct Connect(Arc<dyn Fn() -> SharedHttpConnector + Send + Sync>);

/// Why the way to AWS can't be set up as the settings say.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HttpSetupError {
    /// The HTTP client does not take the proxy's address.
    #[error("the proxy's address can't be used")]
    Proxy,
    /// The TLS library does not take the certificates.
    #[error("the trusted certificates can't be used")]
    Trust(#[source] HttpClientError),
}

impl HttpClient {
    /// Prepares real connections over rustls, by `settings` alone.
    ///
    /// # Errors
    /// Fails when the libraries below refuse a setting.
    pub fn new(settings: &HttpSettings) -> Result<Self, HttpSetupError> {
        Ok(Self(Arc::new(RwLock::new(Connect::new(settings)?))))
    }

    /// Prepares connections anew, by other settings, for every clone and every call from now on.
    ///
    /// # Errors
    /// Fails when the libraries below refuse a setting; the present settings then stay in force.
    pub fn configure(&self, settings: &HttpSettings) -> Result<(), HttpSetupError> {
        let connect = Connect::new(settings)?;
        // Nothing panics while holding the lock, so a poisoned one holds nothing half-done.
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = connect;
        Ok(())
    }

    /// Uses connections made elsewhere, such as scripted ones in tests and fuzzing.
    pub fn from_connectors(
        connect: impl Fn() -> SharedHttpConnector + Send + Sync + 'static,
    ) -> Self {
        Self(Arc::new(RwLock::new(Connect(Arc::new(connect)))))
    }

    /// A connection for one attempt.
    pub(crate) fn connector(&self) -> SharedHttpConnector {
        let connect = self
            .0
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .0
            .clone();
        connect()
    }
}

impl Connect {
    fn new(settings: &HttpSettings) -> Result<Self, HttpSetupError> {
        let proxy = match &settings.proxy {
            None => ProxyConfig::disabled(),
            // The error repeats the address, so it is not kept.
            Some(proxy) => ProxyConfig::all(proxy.as_str()).map_err(|_| HttpSetupError::Proxy)?,
        };
        let tls = TlsContext::builder()
            .with_trust_store(trust::store(settings.ca_bundle.as_ref()))
            .build()
            .map_err(HttpSetupError::Trust)?;
        let timeouts = HttpConnectorSettings::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .build();
        Ok(Self(Arc::new(move || {
            let connector = Connector::builder()
                .proxy_config(proxy.clone())
                .connector_settings(timeouts.clone())
                .sleep_impl(TokioSleep::new())
                .tls_provider(Provider::Rustls(CryptoMode::Ring))
                .tls_context(tls.clone())
                .build();
            SharedHttpConnector::new(connector)
        })))
    }
}

impl fmt::Debug for HttpClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HttpClient")
    }
}
