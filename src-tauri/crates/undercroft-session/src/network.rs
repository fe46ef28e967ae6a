//! The user's settings of the way to AWS.

use undercroft_aws::{CaBundle, HttpSettings, Proxy};
use undercroft_model::Settings;

use crate::{Session, SessionError, shared::Shared, unlocked::Unlocked};

/// The longest certificate bundle that a vault takes, in bytes: it goes into every save.
const MAX_BUNDLE_BYTES: usize = 256 * 1024;

/// The way to AWS.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Network {
    /// The proxy's address; direct when there is none.
    pub proxy: Option<String>,
    /// How many certificate authorities are trusted besides Mozilla's.
    pub ca_certificates: usize,
}

impl Session {
    /// The way that calls to AWS take.
    ///
    /// # Errors
    /// When the vault is locked.
    pub async fn network(&self) -> Result<Network, SessionError> {
        self.look(|open| {
            let settings = http_settings(&open.vault.settings());
            Ok(Network {
                proxy: settings.proxy.map(|proxy| proxy.as_str().to_owned()),
                ca_certificates: settings.ca_bundle.map_or(0, |bundle| bundle.len()),
            })
        })
        .await
    }

    /// Sends calls to AWS through a proxy, or directly when `address` is empty.
    ///
    /// # Errors
    /// [`SessionError::Invalid`] for an address that is none of a proxy.
    pub async fn set_proxy(&self, address: String) -> Result<(), SessionError> {
        self.act(move |open| {
            let address = address.trim();
            let proxy = (!address.is_empty())
                .then(|| Proxy::parse(address))
                .transpose()
                .map_err(|error| SessionError::field("proxy", error))?;
            let proxy = proxy.map(|proxy| proxy.as_str().to_owned());
            open.put_settings(|settings| settings.proxy = proxy)
        })
        .await
    }

    /// Trusts the certificate authorities of a PEM bundle besides Mozilla's, or only those when there is none.
    ///
    /// # Errors
    /// [`SessionError::Invalid`] when one of its certificates can't be used.
    pub async fn set_ca_bundle(&self, pem: Option<Vec<u8>>) -> Result<(), SessionError> {
        self.act(move |open| {
            let text = pem.map(checked_bundle).transpose()?;
            open.put_settings(|settings| settings.ca_bundle = text)
        })
        .await
    }
}

fn checked_bundle(pem: Vec<u8>) -> Result<String, SessionError> {
    let refused = |message: &dyn ToString| SessionError::field("ca_bundle", message.to_string());
    if pem.len() > MAX_BUNDLE_BYTES {
        return Err(refused(&"a certificate bundle has at most 256 KiB here"));
    }
    CaBundle::from_pem(&pem).map_err(|error| refused(&error))?;
    String::from_utf8(pem).map_err(|_| refused(&"the file has more in it than text"))
}

/// What the settings say; one that can't be used counts as not set.
fn http_settings(settings: &Settings) -> HttpSettings {
    let proxy = settings.proxy.as_deref();
    let bundle = settings.ca_bundle.as_deref();
    HttpSettings {
        proxy: proxy.and_then(|text| Proxy::parse(text).ok()),
        ca_bundle: bundle.and_then(|text| CaBundle::from_pem(text.as_bytes()).ok()),
    }
}

impl Shared {
    /// Sends calls to AWS the way that the settings say.
    pub(crate) fn follow_network(&self, settings: &Settings) {
        let wanted = (settings.proxy.clone(), settings.ca_bundle.clone());
        let mut present = self.network();
        if *present == wanted {
            return;
        }
        match self.http.configure(&http_settings(settings)) {
            Ok(()) => *present = wanted,
            Err(error) => tracing::warn!(%error, "the way to AWS could not be set up"),
        }
    }
}

impl Unlocked {
    /// Changes settings of the vault and saves.
    pub(crate) fn put_settings(
        &mut self,
        change: impl FnOnce(&mut Settings),
    ) -> Result<(), SessionError> {
        let mut settings = self.vault.settings();
        change(&mut settings);
        self.save_changed_settings(settings)
    }
}
