//! What a user may set about the way to AWS. Nothing of it is ever read from the environment.

use std::fmt;

use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use url::Url;

/// The longest certificate bundle that is read, in bytes.
const MAX_BUNDLE_BYTES: usize = 4 * 1024 * 1024;

/// The way to AWS: direct and trusting Mozilla's roots, unless set otherwise.
#[derive(Clone, Debug, Default)]
pub struct HttpSettings {
    /// The proxy that every call goes through.
    pub proxy: Option<Proxy>,
    /// Certificate authorities trusted besides Mozilla's, such as that of a company's inspecting proxy.
    pub ca_bundle: Option<CaBundle>,
}

/// The address of an HTTP proxy: `http://` or `https://`, with a host, without a path and without credentials.
#[derive(Clone, PartialEq, Eq)]
pub struct Proxy(String);

/// Why a text is not the address of a proxy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProxyError {
    /// The text is no URL.
    #[error("not an address: write it as http://host:port")]
    NotAUrl,
    /// The scheme is neither `http` nor `https`.
    #[error("a proxy's address starts with http:// or https://")]
    Scheme,
    /// The address has a user name or a password in it.
    #[error("a proxy's address can't hold a user name or a password")]
    Credentials,
    /// The address has a path, a query or a fragment.
    #[error("a proxy's address ends after its port")]
    Path,
}

impl Proxy {
    /// Reads a proxy's address.
    ///
    /// # Errors
    /// Says what is wrong with the text, without repeating it.
    pub fn parse(text: &str) -> Result<Self, ProxyError> {
        let url = Url::parse(text.trim()).map_err(|_| ProxyError::NotAUrl)?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(ProxyError::Scheme);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(ProxyError::Credentials);
        }
        if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
            return Err(ProxyError::Path);
        }
        let host = url.host_str().ok_or(ProxyError::NotAUrl)?;
        let address = match url.port() {
            Some(port) => format!("{}://{host}:{port}", url.scheme()),
            None => format!("{}://{host}", url.scheme()),
        };
        Ok(Self(address))
    }

    /// The address, without a trailing slash.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Proxy({})", self.0)
    }
}

/// Certificates of certificate authorities, each checked to be one that can be trusted.
#[derive(Clone)]
pub struct CaBundle {
    certificates: Vec<CertificateDer<'static>>,
}

/// Why a text is not a bundle of certificates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CaBundleError {
    /// The bundle is longer than 4 MiB.
    #[error("a certificate bundle has at most 4 MiB")]
    TooLong,
    /// There is no certificate in it.
    #[error("no certificate found: the file must be in PEM form, with BEGIN CERTIFICATE lines")]
    Empty,
    /// A section is not well-formed PEM.
    #[error("certificate {} is damaged", index + 1)]
    Damaged {
        /// Which certificate of the bundle, counted from zero.
        index: usize,
    },
    /// A certificate can't serve as an authority.
    #[error("certificate {} can't be used as an authority", index + 1)]
    Unusable {
        /// Which certificate of the bundle, counted from zero.
        index: usize,
    },
}

impl CaBundle {
    /// Reads a PEM bundle (RFC 7468).
    ///
    /// # Errors
    /// Refuses a bundle as a whole when one of its certificates is damaged or unusable, so that nobody believes
    /// in an authority that is not in force.
    pub fn from_pem(pem: &[u8]) -> Result<Self, CaBundleError> {
        if pem.len() > MAX_BUNDLE_BYTES {
            return Err(CaBundleError::TooLong);
        }
        let mut certificates = Vec::new();
        let mut roots = RootCertStore::empty();
        for (index, certificate) in CertificateDer::pem_slice_iter(pem).enumerate() {
            let certificate = certificate.map_err(|_| CaBundleError::Damaged { index })?;
            roots
                .add(certificate.clone())
                .map_err(|_| CaBundleError::Unusable { index })?;
            certificates.push(certificate);
        }
        if certificates.is_empty() {
            return Err(CaBundleError::Empty);
        }
        Ok(Self { certificates })
    }

    /// How many certificates it has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.certificates.len()
    }

    /// Whether it has no certificate, which [`CaBundle::from_pem`] rules out.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.certificates.is_empty()
    }

    pub(crate) fn certificates(&self) -> &[CertificateDer<'static>] {
        &self.certificates
    }
}

impl fmt::Debug for CaBundle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CaBundle({} certificates)", self.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proxies_are_parsed_and_normalised() {
        for (text, address) in [
            ("http://proxy.example:3128", "http://proxy.example:3128"),
            (" https://proxy.example/ ", "https://proxy.example"),
            ("http://[::1]:8080", "http://[::1]:8080"),
        ] {
            assert_eq!(
                Proxy::parse(text).map(|proxy| proxy.0).as_deref(),
                Ok(address)
            );
        }
    }

    #[test]
    fn what_is_no_proxy_is_refused() {
        for (text, error) in [
            ("proxy.example", ProxyError::NotAUrl),
            ("", ProxyError::NotAUrl),
            ("socks5://proxy.example:1080", ProxyError::Scheme),
            ("http://me:secret@proxy.example", ProxyError::Credentials),
            ("http://proxy.example/path", ProxyError::Path),
            ("http://proxy.example/?a", ProxyError::Path),
        ] {
            assert_eq!(Proxy::parse(text), Err(error), "{text}");
        }
    }

    #[test]
    fn bundles_are_checked_certificate_by_certificate() {
        let authority = rcgen::generate_simple_self_signed(["ca.example".to_owned()])
            .expect("a certificate")
            .cert
            .pem();
        let two = format!("A comment before\n{authority}\n{authority}");
        assert_eq!(
            CaBundle::from_pem(two.as_bytes()).map(|b| b.len()).ok(),
            Some(2)
        );

        let damaged = authority.replace("MII", "!!!");
        assert_eq!(
            CaBundle::from_pem(damaged.as_bytes()).err(),
            Some(CaBundleError::Damaged { index: 0 })
        );
        let foreign = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        assert_eq!(
            CaBundle::from_pem(format!("{authority}{foreign}").as_bytes()).err(),
            Some(CaBundleError::Unusable { index: 1 })
        );
        for empty in [&b""[..], b"no certificate", &[0xff; 100]] {
            assert_eq!(CaBundle::from_pem(empty).err(), Some(CaBundleError::Empty));
        }
        assert_eq!(
            CaBundle::from_pem(&vec![b' '; MAX_BUNDLE_BYTES + 1]).err(),
            Some(CaBundleError::TooLong)
        );
    }
}
