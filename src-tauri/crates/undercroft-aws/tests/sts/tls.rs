//! Certificates: which are trusted, and that nothing is said to those that are not.

use std::sync::Arc;
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::TlsAcceptor;
use undercroft_aws::{AwsErrorKind, CaBundle, HttpSettings, Sts};

use crate::calls::Making;
use crate::hostile::valid;
use crate::server::{Server, http, saying};
use crate::{anns_key, proof, secs, sts, target};

/// An authority that signs certificates for one name.
pub(crate) struct Authority {
    pub(crate) pem: String,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    pub(crate) fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).expect("no names");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().expect("a key");
        let pem = params.self_signed(&key).expect("a certificate").pem();
        Self {
            pem,
            issuer: Issuer::new(params, key),
        }
    }

    /// A TLS server with a certificate for `name`, valid now or not.
    pub(crate) fn acceptor(&self, name: &str, expired: bool) -> TlsAcceptor {
        let mut params = CertificateParams::new([name.to_owned()]).expect("a name");
        if expired {
            params.not_before = rcgen::date_time_ymd(2001, 1, 1);
            params.not_after = rcgen::date_time_ymd(2002, 1, 1);
        }
        let key = KeyPair::generate().expect("a key");
        let certificate = params.signed_by(&key, &self.issuer).expect("a certificate");
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_no_client_auth()
            .with_single_cert(
                vec![certificate.der().clone()],
                PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der())),
            )
            .expect("a matching key");
        TlsAcceptor::from(Arc::new(config))
    }
}

/// A server that would hand out a valid session.
pub(crate) async fn server(acceptor: TlsAcceptor) -> Server {
    let valid = valid(Making::Session);
    Server::https(saying(http("200 OK", "", &valid)), acceptor).await
}

#[tokio::test]
async fn wrong_certificates_are_refused_before_anything_is_said() {
    let (ours, theirs) = (Authority::new(), Authority::new());
    let bundle = CaBundle::from_pem(ours.pem.as_bytes()).expect("a bundle");
    for (case, acceptor, ca_bundle) in [
        ("no bundle", ours.acceptor("localhost", false), None),
        (
            "another authority",
            theirs.acceptor("localhost", false),
            Some(bundle.clone()),
        ),
        (
            "another name",
            ours.acceptor("sts.example.com", false),
            Some(bundle.clone()),
        ),
        ("expired", ours.acceptor("localhost", true), Some(bundle)),
    ] {
        let server = server(acceptor).await;
        let settings = HttpSettings {
            proxy: None,
            ca_bundle,
        };
        let error = sts(&settings, Duration::from_secs(15))
            .get_session_token(
                &target(&format!("https://localhost:{}", server.port)),
                &anns_key(),
                secs(900),
                Some(proof("arn:aws:iam::123456789012:mfa/phone", "123456")),
            )
            .await
            .expect_err(case);
        assert_eq!(error.kind, AwsErrorKind::UntrustedCertificate, "{case}");
        assert_eq!(server.requests(), 0, "{case}");
        assert_eq!(server.connections(), 1, "{case}");
    }
}

#[tokio::test]
async fn an_authority_from_the_settings_is_trusted() {
    let ours = Authority::new();
    let server = server(ours.acceptor("localhost", false)).await;
    let settings = HttpSettings {
        proxy: None,
        ca_bundle: Some(CaBundle::from_pem(ours.pem.as_bytes()).expect("a bundle")),
    };
    sts(&settings, Duration::from_secs(15))
        .get_session_token(
            &target(&format!("https://localhost:{}", server.port)),
            &anns_key(),
            secs(900),
            None,
        )
        .await
        .expect("a session");
    assert_eq!(server.requests(), 1);
}
