//! The way to AWS: settings, trust, and a connector that bounds what comes back.

mod bounded;
mod connect;
mod settings;
mod trust;

pub use connect::{HttpClient, HttpSetupError};
pub use settings::{CaBundle, CaBundleError, HttpSettings, Proxy, ProxyError};

pub(crate) use bounded::{Bounded, Seen};
