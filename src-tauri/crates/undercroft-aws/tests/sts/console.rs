//! Signing in to the console: by a stand-in that refuses as AWS does, and by one that means harm.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::json;
use tokio::io::AsyncWriteExt;
use undercroft_aws::{
    AwsErrorKind, ConsoleOrigin, ConsoleService, ConsoleSignIn, Destination, SessionCredentials,
    Signer, Sts,
};
use undercroft_model::Region;

use crate::calls::{console, federation_wish, login_url, role_wish, site, some_session};
use crate::roles::strict_roles;
use crate::server::{Server, doing, http};
use crate::{anns_key, patient_sts, secs, target};

/// What the limit of 15 seconds is against hostile servers.
const LIMIT: Duration = Duration::from_millis(600);

const PATIENCE: Duration = Duration::from_secs(15);

const DIRECT: ConsoleOrigin = ConsoleOrigin::Role { duration: None };

fn lasting(duration_secs: u32) -> ConsoleOrigin {
    ConsoleOrigin::Role {
        duration: Some(secs(duration_secs)),
    }
}

/// A role's session, one chained from it, a federated user's and GetSessionToken's.
async fn sessions(endpoint: &str) -> [SessionCredentials; 4] {
    let (sts, target, ann) = (patient_sts(), target(endpoint), anns_key());
    let deploy = role_wish("arn:aws:iam::123456789012:role/deploy", 3600);
    let hop = role_wish("arn:aws:iam::123456789012:role/hop", 900);
    let role = sts
        .assume_role(&target, Signer::Key(&ann), &deploy, None)
        .await
        .expect("a session");
    let chained = sts
        .assume_role(&target, Signer::Session(&role.value), &hop, None)
        .await
        .expect("a session");
    let federated = sts
        .get_federation_token(&target, &ann, &federation_wish("guest", 900))
        .await
        .expect("a session");
    let plain = sts
        .get_session_token(&target, &ann, secs(900), None)
        .await
        .expect("a session");
    [role.value, chained.value, federated.value, plain.value]
}

#[tokio::test]
async fn the_address_leads_to_the_page_that_was_chosen() {
    let service = strict_roles();
    let [role, chained, federated, _] = sessions(&service.endpoint()).await;
    let page = Destination {
        region: Region::parse("eu-central-1").ok(),
        service: ConsoleService::parse("sqs").ok(),
    };
    for (session, origin) in [
        (&role, DIRECT),
        (&role, lasting(43_200)),
        (&chained, ConsoleOrigin::ChainedRole),
        (&federated, ConsoleOrigin::FederatedUser),
    ] {
        let url = console(PATIENCE)
            .login_url(&site(&service.endpoint()), session, origin, &page)
            .await
            .expect("an address");
        assert!(
            url.clock_offset_secs
                .is_some_and(|offset| offset.abs() <= 2)
        );
        let url = url.value;
        assert!(!format!("{url:?}").contains("SigninToken"));
        for secret in [session.secret(), session.token()] {
            assert!(!url.expose().contains(secret.expose()));
        }
        let path = url
            .expose()
            .strip_prefix(&service.endpoint())
            .expect("at the endpoint");
        let answer = service.visit(path);
        assert!(answer.starts_with("HTTP/1.1 302"), "{answer}");
        let there =
            "Location: https://eu-central-1.console.aws.amazon.com/sqs/v3/home?region=eu-central-1";
        assert!(answer.contains(there), "{answer}");
    }
    let asked: Vec<_> = service
        .log()
        .into_iter()
        .filter(|entry| entry["action"] == "getSigninToken")
        .collect();
    assert_eq!(asked.len(), 4);
    let durations: Vec<_> = asked
        .iter()
        .map(|entry| entry["duration_secs"].clone())
        .collect();
    assert_eq!(
        durations,
        [json!(null), json!("43200"), json!(null), json!(null)]
    );
    for entry in asked {
        assert_eq!(entry["method"], "POST");
        assert_eq!(entry["secret_in_address"], false);
    }
}

#[tokio::test]
async fn what_the_console_does_not_take_is_explained() {
    let service = strict_roles();
    let endpoint = service.endpoint();
    let [role, chained, federated, plain] = sessions(&endpoint).await;
    let calls_before = service.log().len();
    for (session, origin) in [
        (&plain, DIRECT),
        (&chained, lasting(900)),
        (&federated, lasting(900)),
        (&some_session(), DIRECT),
    ] {
        let error = login_url(&console(PATIENCE), &endpoint, session, origin)
            .await
            .expect_err("refused");
        assert_eq!(error.kind, AwsErrorKind::ConsoleRefused);
    }
    assert_eq!(service.log().len(), calls_before + 4, "asked once each");

    for duration_secs in [899, 43_201] {
        let error = login_url(&console(PATIENCE), &endpoint, &role, lasting(duration_secs))
            .await
            .expect_err("refused");
        assert_eq!(error.kind, AwsErrorKind::WrongDuration);
    }
    let abroad = Destination {
        region: Region::parse("cn-north-1").ok(),
        service: None,
    };
    let error = console(PATIENCE)
        .login_url(&site(&endpoint), &role, DIRECT, &abroad)
        .await
        .expect_err("of another partition");
    assert_eq!(error.kind, AwsErrorKind::RegionNotEnabled);
    assert_eq!(service.log().len(), calls_before + 4, "nothing was sent");
}

/// Asks a hostile server, and checks that it took no more time than it may, and no second try where none is safe.
async fn refused(server: &Server) -> AwsErrorKind {
    let started = Instant::now();
    let session = some_session();
    let error = login_url(&console(LIMIT), &server.endpoint(), &session, DIRECT)
        .await
        .expect_err("refused");
    assert!(started.elapsed() < LIMIT + Duration::from_millis(400));
    let shown = format!("{error:?} {error}");
    assert!(!shown.contains("canary"), "{shown}");
    error.kind
}

fn json_answer(status: &str, headers: &str, body: &str) -> String {
    http(status, headers, body).replace("text/xml", "application/json")
}

#[tokio::test]
async fn answers_without_a_token_are_refused() {
    let more = format!("{{\"SigninToken\":\"{}\"}}", "a".repeat(20_000));
    for body in [
        "",
        "not JSON",
        "<html>log in to the hotel's network</html>",
        "{}",
        "[]",
        "null",
        "{\"SigninToken\":1}",
        "{\"SigninToken\":\"\"}",
        "{\"SigninToken\":\"<script>alert(1)</script>\"}",
        "{\"SigninToken\":\"a&Destination=https://evil.example\"}",
        "{\"SigninToken\":\"a\\r\\nSet-Cookie: b\"}",
        "{\"SigninToken\":\"a\\u0000\"}",
        "{\"SigninToken\":\"a\",\"SigninToken\":\"b\"}",
        &"[".repeat(60_000),
        &more,
    ] {
        let server = Server::saying(json_answer("200 OK", "", body)).await;
        assert_eq!(
            refused(&server).await,
            AwsErrorKind::BadAnswer,
            "{body:.80}"
        );
        assert_eq!(server.requests(), 1);
    }
}

#[tokio::test]
async fn ten_mebibytes_are_not_read() {
    for head in [
        "HTTP/1.1 200 OK\r\nContent-Length: 10485760\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
        "HTTP/1.1 400 Bad Request\r\n\r\n",
    ] {
        let frame = if head.contains("chunked") {
            format!("1000\r\n{}\r\n", "a".repeat(4096))
        } else {
            "a".repeat(4096)
        };
        let frame: Arc<str> = frame.into();
        let sent = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&sent);
        let server = Server::http(doing(move |mut stream| {
            let (frame, count) = (Arc::clone(&frame), Arc::clone(&count));
            async move {
                stream.write_all(head.as_bytes()).await.expect("sent");
                while count.load(Ordering::SeqCst) < 10 << 20
                    && stream.write_all(frame.as_bytes()).await.is_ok()
                {
                    count.fetch_add(4096, Ordering::SeqCst);
                }
            }
        }))
        .await;
        let started = Instant::now();
        assert_eq!(refused(&server).await, AwsErrorKind::BadAnswer, "{head}");
        assert!(started.elapsed() < LIMIT, "refused by length, not by time");
    }
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let token = "{\"SigninToken\":\"a\"}";
    let trap = Server::saying(json_answer("200 OK", "", token)).await;
    for status in [
        "301 Moved Permanently",
        "302 Found",
        "307 Temporary Redirect",
        "308 Permanent Redirect",
        "304 Not Modified",
    ] {
        let location = format!("Location: {}/federation\r\n", trap.endpoint());
        let server = Server::saying(json_answer(status, &location, token)).await;
        assert_eq!(refused(&server).await, AwsErrorKind::BadAnswer, "{status}");
    }
    assert_eq!(trap.connections(), 0);
}

#[tokio::test]
async fn drips_and_silence_end_at_the_limit() {
    for head in ["", "HTTP/1.1 200 OK\r\nContent-Length: 60000\r\n\r\n{"] {
        let server = Server::http(doing(move |mut stream| async move {
            stream.write_all(head.as_bytes()).await.expect("sent");
            while head.is_empty() || stream.write_all(b" ").await.is_ok() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }))
        .await;
        assert_eq!(refused(&server).await, AwsErrorKind::Timeout, "{head}");
        assert_eq!(server.requests(), 1);
    }
}

#[tokio::test]
async fn statuses_are_told_apart_and_a_lost_answer_is_asked_for_again() {
    for (answer, kind, requests) in [
        (
            json_answer("400 Bad Request", "", "{\"SigninToken\":\"a\"}"),
            AwsErrorKind::ConsoleRefused,
            1,
        ),
        (
            json_answer("404 Not Found", "", ""),
            AwsErrorKind::BadAnswer,
            1,
        ),
        (
            json_answer("503 Service Unavailable", "", ""),
            AwsErrorKind::Unavailable,
            1,
        ),
        (
            json_answer("429 Too Many Requests", "", ""),
            AwsErrorKind::Throttled,
            2,
        ),
        (String::new(), AwsErrorKind::Unreachable, 2),
        (
            "no HTTP at all\r\n\r\n".to_owned(),
            AwsErrorKind::Unreachable,
            2,
        ),
    ] {
        let server = Server::saying(answer.clone()).await;
        assert_eq!(refused(&server).await, kind, "{answer}");
        assert_eq!(server.requests(), requests, "{answer}");
    }
}
