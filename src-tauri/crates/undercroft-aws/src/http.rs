//! The way to AWS: settings, trust, and a connector that bounds what comes back.

#[cfg(feature = "calls")]
mod bounded;
#[cfg(feature = "calls")]
mod connect;
mod settings;
#[cfg(feature = "calls")]
mod trust;

#[cfg(feature = "calls")]
pub use connect::{HttpClient, HttpSetupError};
pub use settings::{CaBundle, CaBundleError, HttpSettings, Proxy, ProxyError};

#[cfg(feature = "calls")]
pub(crate) use bounded::{Bounded, Seen};
