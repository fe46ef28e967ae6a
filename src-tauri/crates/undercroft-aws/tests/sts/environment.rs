//! A hostile environment changes nothing.
//!
//! A process's environment is its own, so each test here runs this test binary again in a prepared one.

use std::path::Path;
use std::process::{Command, Output};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::json;
use tempfile::TempDir;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use undercroft_aws::{AwsErrorKind, ConsoleOrigin, HttpSettings, Signer, Sts};

use crate::calls::{
    Making, WEB_TOKEN, console, federation_wish, login_url, role_wish, some_session,
};
use crate::server::{Server, http};
use crate::service::Service;
use crate::tls::{self, Authority};
use crate::{anns_key, patient_sts, secs, sts, target};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hostile_variables_and_files_are_ignored() {
    let service = Service::strict(&json!({
        "regions": ["us-east-1"],
        "identities": [{
            "account": "123456789012",
            "user": "ann",
            "keys": [{"id": "AKIAIOSFODNN7EXAMPLE", "secret": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"}],
        }],
        "roles": [
            {"arn": "arn:aws:iam::123456789012:role/deploy", "trusts": ["123456789012"]},
            {"arn": "arn:aws:iam::123456789012:role/job", "providers": ["https://idp.example"]},
        ],
        "web_identities": [{"token": WEB_TOKEN, "provider": "https://idp.example"}],
    }));
    let trap = Server::saying(http("200 OK", "", "")).await;
    let authority = Authority::new();
    let signed = tls::server(authority.acceptor("localhost", false)).await;

    let folder = TempDir::new().expect("a folder");
    let marker = folder.path().join("credential-process-ran");
    let aws = folder.path().join(".aws");
    std::fs::create_dir(&aws).expect("a folder");
    write(
        &aws.join("config"),
        &format!(
            "[default]\nregion = eu-west-3\nendpoint_url = {trap}\ncredential_process = touch {marker}\n\
             [profile evil]\nregion = eu-west-3\nendpoint_url = {trap}\ncredential_process = touch {marker}\n",
            trap = trap.endpoint(),
            marker = marker.display()
        ),
    );
    write(
        &aws.join("credentials"),
        "[default]\naws_access_key_id = AKIAEVILEVILEVIL0000\naws_secret_access_key = evil\n",
    );
    let authorities = folder.path().join("evil.pem");
    write(&authorities, &authority.pem);

    let trap_url = trap.endpoint();
    let mut variables = 0;
    let output = again("environment::inside_a_hostile_environment", |child| {
        child
            .env("UNDERCROFT_TEST_ENDPOINT", service.endpoint())
            .env("UNDERCROFT_TEST_SIGNED_PORT", signed.port.to_string())
            .env("HOME", folder.path())
            .env("AWS_CONFIG_FILE", aws.join("config"))
            .env("AWS_SHARED_CREDENTIALS_FILE", aws.join("credentials"))
            .env("SSL_CERT_FILE", &authorities)
            .env("SSL_CERT_DIR", folder.path())
            .env("AWS_CA_BUNDLE", &authorities)
            .env("REQUESTS_CA_BUNDLE", &authorities);
        for name in [
            "AWS_ENDPOINT_URL",
            "AWS_ENDPOINT_URL_STS",
            "HTTP_PROXY",
            "HTTPS_PROXY",
            "ALL_PROXY",
            "http_proxy",
            "https_proxy",
            "all_proxy",
            "AWS_EC2_METADATA_SERVICE_ENDPOINT",
            "AWS_CONTAINER_CREDENTIALS_FULL_URI",
        ] {
            child.env(name, &trap_url);
        }
        for (name, value) in [
            ("AWS_ACCESS_KEY_ID", "AKIAEVILEVILEVIL0000"),
            ("AWS_SECRET_ACCESS_KEY", "evil"),
            ("AWS_SESSION_TOKEN", "evil"),
            ("AWS_PROFILE", "evil"),
            ("AWS_DEFAULT_PROFILE", "evil"),
            ("AWS_REGION", "eu-west-3"),
            ("AWS_DEFAULT_REGION", "eu-west-3"),
            ("AWS_USE_FIPS_ENDPOINT", "true"),
            ("AWS_USE_DUALSTACK_ENDPOINT", "true"),
            ("AWS_STS_REGIONAL_ENDPOINTS", "legacy"),
            ("AWS_MAX_ATTEMPTS", "9"),
            ("AWS_RETRY_MODE", "adaptive"),
            ("AWS_ROLE_ARN", "arn:aws:iam::666666666666:role/evil"),
            ("AWS_WEB_IDENTITY_TOKEN_FILE", "/dev/null"),
            ("NO_PROXY", ""),
            ("LOG_SENSITIVE_BODIES", "true"),
            ("LOG_SIGNABLE_BODY", "true"),
            ("RUST_LOG", "trace"),
        ] {
            child.env(name, value);
        }
        // Two are the test's own.
        variables = child.get_envs().count() - 2;
    });
    passed(&output);
    println!(
        "figure: {variables} hostile variables and 2 hostile files of ~/.aws: {} connections to the trap, {} calls as asked",
        trap.connections(),
        service.log().len()
    );
    assert_eq!(trap.connections(), 0, "nothing went to the trap");
    assert!(!marker.exists(), "no foreign program ran");
    let log = service.log();
    let actions: Vec<_> = log.iter().map(|call| call["action"].clone()).collect();
    assert_eq!(
        actions,
        [
            "GetCallerIdentity",
            "GetSessionToken",
            "AssumeRole",
            "GetFederationToken",
            "AssumeRoleWithWebIdentity",
            "getSigninToken",
        ]
    );
    for call in &log[..4] {
        assert_eq!(call["key_id"], "AKIAIOSFODNN7EXAMPLE");
        assert_eq!(call["region"], "us-east-1");
    }
    assert!(log[4]["key_id"].is_null(), "a web identity goes unsigned");
    assert_eq!(log[4]["role"], "arn:aws:iam::123456789012:role/job");
    assert_eq!(signed.requests(), 0, "SSL_CERT_FILE adds no authority");
    assert_eq!(signed.connections(), 1);
}

#[tokio::test]
#[ignore = "run by hostile_variables_and_files_are_ignored, in its environment"]
async fn inside_a_hostile_environment() {
    let logged = Logged::everything();
    let endpoint = std::env::var("UNDERCROFT_TEST_ENDPOINT").expect("set by the parent");
    let caller = patient_sts()
        .get_caller_identity(&target(&endpoint), Signer::Key(&anns_key()))
        .await
        .expect("an identity");
    assert_eq!(
        caller.value.arn.as_str(),
        "arn:aws:iam::123456789012:user/ann"
    );
    let session = patient_sts()
        .get_session_token(&target(&endpoint), &anns_key(), secs(900), None)
        .await
        .expect("a session");
    let session = session.value;
    let role = patient_sts()
        .assume_role(
            &target(&endpoint),
            Signer::Key(&anns_key()),
            &role_wish("arn:aws:iam::123456789012:role/deploy", 900),
            None,
        )
        .await
        .expect("a session")
        .value;
    let federated = patient_sts()
        .get_federation_token(
            &target(&endpoint),
            &anns_key(),
            &federation_wish("guest", 900),
        )
        .await
        .expect("a session")
        .value;
    let web = Making::WebIdentity
        .ask(&patient_sts(), &target(&endpoint), None)
        .await
        .expect("a session")
        .value;
    let address = login_url(
        &console(Duration::from_secs(15)),
        &endpoint,
        &role,
        ConsoleOrigin::Role { duration: None },
    )
    .await
    .expect("an address");
    let (_, signin_token) = address.expose().rsplit_once('=').expect("a token");
    let text = logged.text();
    assert!(!text.contains(signin_token) && !text.contains(WEB_TOKEN));
    for made in [&role, &federated, &web] {
        for secret in [made.secret(), made.token()] {
            assert!(!text.contains(secret.expose()), "a secret was logged");
        }
    }
    for secret in [session.secret(), session.token(), &anns_key().secret] {
        assert!(!text.contains(secret.expose()), "a secret was logged");
    }
    tracing::trace!(body = %session.secret().expose(), "what would be found");
    assert!(logged.text().contains(session.secret().expose()));

    let port = std::env::var("UNDERCROFT_TEST_SIGNED_PORT").expect("set by the parent");
    let error = sts(&HttpSettings::default(), Duration::from_secs(15))
        .get_session_token(
            &target(&format!("https://localhost:{port}")),
            &anns_key(),
            secs(900),
            None,
        )
        .await
        .expect_err("an authority of the environment's");
    assert_eq!(error.kind, AwsErrorKind::UntrustedCertificate);
}

#[test]
fn a_foreign_list_of_endpoints_stops_every_call() {
    let folder = TempDir::new().expect("a folder");
    let partitions = folder.path().join("partitions.json");
    write(&partitions, "{\"partitions\": [], \"version\": \"1.1\"}");
    for value in [
        partitions.as_path(),
        Path::new("/nonexistent"),
        Path::new(""),
    ] {
        let output = again("environment::inside_a_foreign_list_of_endpoints", |child| {
            child.env("SMITHY_CLIENT_SDK_CUSTOM_PARTITION", value);
        });
        passed(&output);
    }
}

#[tokio::test]
#[ignore = "run by a_foreign_list_of_endpoints_stops_every_call, in its environment"]
async fn inside_a_foreign_list_of_endpoints() {
    let server = Server::saying("").await;
    let error = patient_sts()
        .get_caller_identity(&target(&server.endpoint()), Signer::Key(&anns_key()))
        .await
        .expect_err("refused");
    assert_eq!(error.kind, AwsErrorKind::HostileEnvironment);
    let error = login_url(
        &console(Duration::from_secs(15)),
        &server.endpoint(),
        &some_session(),
        ConsoleOrigin::ChainedRole,
    )
    .await
    .expect_err("refused");
    assert_eq!(error.kind, AwsErrorKind::HostileEnvironment);
    assert_eq!(server.connections(), 0);
}

/// Everything that any library logs, of any level.
#[derive(Clone, Default)]
struct Logged(Arc<Mutex<String>>);

impl Logged {
    /// Listens to the whole process from now on.
    fn everything() -> Self {
        let logged = Self::default();
        tracing::subscriber::set_global_default(logged.clone()).expect("the only one");
        logged
    }

    fn text(&self) -> String {
        self.0.lock().expect("not poisoned").clone()
    }
}

impl tracing::Subscriber for Logged {
    fn enabled(&self, _: &tracing::Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        span.record(&mut self.clone());
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        values.record(&mut self.clone());
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &tracing::Event<'_>) {
        event.record(&mut self.clone());
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

impl Visit for Logged {
    fn record_debug(&mut self, _: &Field, value: &dyn std::fmt::Debug) {
        let line = format!("{value:?}\n");
        self.0.lock().expect("not poisoned").push_str(&line);
    }
}

/// Runs one ignored test of this binary in a new process.
fn again(test: &str, prepare: impl FnOnce(&mut Command)) -> Output {
    let mut child = Command::new(std::env::current_exe().expect("this binary"));
    child.args(["--exact", test, "--include-ignored", "--nocapture"]);
    prepare(&mut child);
    child.output().expect("it runs")
}

fn passed(output: &Output) {
    let stdout = String::from_utf8_lossy(&output.stdout);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{stdout}\n{stderr}");
    assert!(stdout.contains("1 passed"), "{stdout}");
    for text in [stdout, stderr] {
        assert!(!text.contains("wJalrXUtnFEMI"), "no secret is logged");
    }
}

fn write(path: &Path, text: &str) {
    std::fs::write(path, text).expect("written");
}
