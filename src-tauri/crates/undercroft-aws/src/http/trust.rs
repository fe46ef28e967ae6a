//! Which certificate authorities are trusted.
//!
//! Mozilla's, compiled in, and those of the user's bundle. The system's store is left out on purpose: the
//! library that reads it takes its place from `SSL_CERT_FILE` and `SSL_CERT_DIR`, so a hostile environment could
//! add an authority.

use aws_smithy_http_client::tls::TrustStore;
use data_encoding::BASE64;
use rustls::pki_types::CertificateDer;

use super::CaBundle;

/// The trust store for a connection: Mozilla's authorities and the given ones.
pub(crate) fn store(bundle: Option<&CaBundle>) -> TrustStore {
    let mut store = TrustStore::empty()
        .with_native_roots(false)
        .with_pem_certificate(pem(webpki_root_certs::TLS_SERVER_ROOT_CERTS));
    if let Some(bundle) = bundle {
        store.add_pem_certificate(pem(bundle.certificates()));
    }
    store
}

/// Writes certificates in PEM (RFC 7468), the only form that the HTTP client takes.
fn pem(certificates: &[CertificateDer<'_>]) -> String {
    let mut text = String::new();
    for certificate in certificates {
        text.push_str("-----BEGIN CERTIFICATE-----\n");
        let body = BASE64.encode(certificate);
        let mut rest = body.as_str();
        while !rest.is_empty() {
            let (line, after) = rest.split_at(rest.len().min(64));
            text.push_str(line);
            text.push('\n');
            rest = after;
        }
        text.push_str("-----END CERTIFICATE-----\n");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_compiled_in_authority_survives_the_way_through_pem() {
        // The HTTP client panics on a certificate that it can't take, so all of them are tried here.
        let bundle = CaBundle::from_pem(pem(webpki_root_certs::TLS_SERVER_ROOT_CERTS).as_bytes())
            .expect("a valid bundle");
        assert_eq!(
            bundle.certificates(),
            webpki_root_certs::TLS_SERVER_ROOT_CERTS
        );
        assert!(bundle.len() > 100, "{}", bundle.len());
    }
}
