//! An STS that means harm: it gets bounded time, bounded bytes, one try with a code, and nothing to keep.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tokio::io::AsyncWriteExt;
use undercroft_aws::{AwsError, AwsErrorKind, HttpSettings, Proxy, Signer, Sts};

use crate::calls::{Making, WEB_TOKEN, some_session};
use crate::server::{Server, doing, http, saying};
use crate::{anns_key, patient_sts, proof, secs, sts, target};

const SERIAL: &str = "arn:aws:iam::123456789012:mfa/phone";

/// What STS answers, with status 403, when a policy denies a call.
const DENIAL: &str = "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error><Type>Sender</Type>\
    <Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>";

/// What the limit of 15 seconds is in these tests.
const LIMIT: Duration = Duration::from_millis(600);

/// Asks `server` for a session, with a code where the call takes one, and checks what holds whatever it answers: the call
/// ends in time, and it was sent once.
#[expect(clippy::print_stdout, reason = "each case is counted by its line")]
async fn ask(
    server: &Server,
    making: Making,
) -> Result<undercroft_aws::SessionCredentials, AwsError> {
    let started = Instant::now();
    let mfa = making.takes_a_code().then(|| proof(SERIAL, "123456"));
    let answer = making
        .ask(
            &sts(&HttpSettings::default(), LIMIT),
            &target(&server.endpoint()),
            mfa,
        )
        .await;
    assert!(started.elapsed() < LIMIT + Duration::from_millis(400));
    assert_eq!(server.requests(), 1);
    assert_eq!(server.connections(), 1);
    println!(
        "case: hostile answer to {making:?}: {:?}",
        answer.as_ref().map_err(|error| error.kind).map(|_| "taken")
    );
    answer.map(|answer| answer.value)
}

async fn refused(server: &Server, making: Making) -> AwsErrorKind {
    let error = ask(server, making).await.expect_err("refused");
    let shown = format!("{error:?} {error}");
    assert!(
        !shown.contains("canary") && !shown.contains(WEB_TOKEN),
        "{shown}"
    );
    error.kind
}

/// A good answer to the call.
pub(crate) fn valid(making: Making) -> String {
    making.xml("ASIAIOSFODNN7EXAMPLE", "secret", "token", &expiring_in(900))
}

#[tokio::test]
async fn an_endless_body_is_read_to_64_kib() {
    let heads = [
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 9000000000\r\n\r\n",
        "HTTP/1.1 403 Forbidden\r\n\r\n",
    ];
    for (head, making) in heads
        .into_iter()
        .flat_map(|head| Making::ALL.map(|making| (head, making)))
    {
        let chunked = head.contains("chunked");
        let sent = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&sent);
        let server = Server::http(doing(move |mut stream| {
            let count = Arc::clone(&count);
            async move {
                stream.write_all(head.as_bytes()).await.expect("sent");
                let (frame, payload) = if chunked {
                    (format!("1000\r\n{}\r\n", "<".repeat(4096)), 4096)
                } else {
                    ("<".repeat(4096), 4096)
                };
                while stream.write_all(frame.as_bytes()).await.is_ok() {
                    count.fetch_add(payload, Ordering::SeqCst);
                }
            }
        }))
        .await;
        let started = Instant::now();
        assert_eq!(
            refused(&server, making).await,
            AwsErrorKind::BadAnswer,
            "{making:?} {head}"
        );
        assert!(started.elapsed() < LIMIT, "refused by length, not by time");
        // What the sockets' buffers swallowed on top is the system's; it stops once the connection is closed.
        tokio::time::sleep(Duration::from_millis(100)).await;
        let after = sent.load(Ordering::SeqCst);
        tokio::time::sleep(Duration::from_millis(100)).await;
        assert_eq!(
            sent.load(Ordering::SeqCst),
            after,
            "the connection is closed"
        );
    }
}

#[tokio::test]
async fn a_body_at_the_limit_is_read_and_one_beyond_is_not() {
    for making in Making::ALL {
        let answer = |padding: usize| {
            let valid = valid(making);
            let padding = " ".repeat(padding - valid.len());
            http("200 OK", "", &format!("{valid}{padding}"))
        };
        let server = Server::saying(answer(64 * 1024)).await;
        ask(&server, making).await.expect("a session");
        let server = Server::saying(answer(64 * 1024 + 1)).await;
        assert_eq!(refused(&server, making).await, AwsErrorKind::BadAnswer);
    }
}

#[tokio::test]
async fn a_slow_drip_ends_at_the_limit() {
    for head in [
        "HTTP/1.1 200 OK\r\nContent-Length: 60000\r\n\r\n",
        // Drips the head itself.
        "HTTP/1.1 200 OK\r\nX-Slow: ",
    ] {
        for making in Making::ALL {
            let server = Server::http(doing(move |mut stream| async move {
                stream.write_all(head.as_bytes()).await.expect("sent");
                while stream.write_all(b"a").await.is_ok() {
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
            }))
            .await;
            assert_eq!(
                refused(&server, making).await,
                AwsErrorKind::Timeout,
                "{making:?} {head}"
            );
        }
    }
}

#[tokio::test]
async fn silence_ends_at_the_limit_and_is_not_asked_again() {
    let server = Server::http(doing(|stream| async move {
        tokio::time::sleep(Duration::from_secs(60)).await;
        drop(stream);
    }))
    .await;
    assert_eq!(
        refused(&server, Making::Session).await,
        AwsErrorKind::Timeout
    );

    let error = sts(&HttpSettings::default(), LIMIT)
        .get_caller_identity(&target(&server.endpoint()), Signer::Key(&anns_key()))
        .await
        .expect_err("nothing comes");
    assert_eq!(error.kind, AwsErrorKind::Timeout);
    assert_eq!(server.requests(), 2, "one more for the second call");
}

#[tokio::test]
async fn endless_headers_are_refused() {
    let server = Server::http(doing(|mut stream| async move {
        stream
            .write_all(b"HTTP/1.1 200 OK\r\n")
            .await
            .expect("sent");
        let line = format!("X-More: {}\r\n", "a".repeat(1000));
        while stream.write_all(line.as_bytes()).await.is_ok() {}
    }))
    .await;
    assert_eq!(
        refused(&server, Making::Session).await,
        AwsErrorKind::Unreachable
    );
}

#[tokio::test]
async fn a_broken_connection_is_not_tried_again_with_a_code() {
    for (answer, kind) in [
        ("", AwsErrorKind::Unreachable),
        ("HTTP/1.1 200 OK\r\n", AwsErrorKind::Unreachable),
        ("no HTTP at all\r\n\r\n", AwsErrorKind::Unreachable),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n<GetSess",
            AwsErrorKind::BadAnswer,
        ),
    ] {
        for making in [Making::Session, Making::Role] {
            let server = Server::saying(answer).await;
            assert_eq!(refused(&server, making).await, kind, "{answer:?}");
        }
    }
}

#[tokio::test]
async fn a_broken_connection_is_tried_once_more_without_a_code() {
    let sts = sts(&HttpSettings::default(), Duration::from_secs(5));
    let server = Server::saying("").await;
    let error = sts
        .get_caller_identity(&target(&server.endpoint()), Signer::Key(&anns_key()))
        .await
        .expect_err("nobody answers");
    assert_eq!(error.kind, AwsErrorKind::Unreachable);
    assert_eq!(server.requests(), 2);
    for making in Making::ALL {
        let server = Server::saying("").await;
        let error = making
            .ask(&sts, &target(&server.endpoint()), None)
            .await
            .expect_err("nobody answers");
        assert_eq!(error.kind, AwsErrorKind::Unreachable);
        assert_eq!(server.requests(), 2, "{making:?}");
    }
}

#[tokio::test]
async fn nobody_there_is_unreachable() {
    let gone = Server::saying("").await.endpoint();
    // The task of a dropped server ends at its next turn.
    tokio::time::sleep(Duration::from_millis(50)).await;
    let error = patient_sts()
        .get_session_token(
            &target(&gone),
            &anns_key(),
            secs(900),
            Some(proof(SERIAL, "123456")),
        )
        .await
        .expect_err("nobody there");
    assert_eq!(error.kind, AwsErrorKind::Unreachable);
    assert_eq!(error.clock_offset_secs, None);
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let trap = Server::saying(http("200 OK", "", &valid(Making::Role))).await;
    for status in [
        "301 Moved Permanently",
        "302 Found",
        "303 See Other",
        "307 Temporary Redirect",
        "308 Permanent Redirect",
        "300 Multiple Choices",
        "304 Not Modified",
    ] {
        let location = format!("Location: {}/\r\n", trap.endpoint());
        // A redirect may even carry an answer, valid or an error.
        for making in Making::ALL {
            for body in [&valid(making), DENIAL] {
                let server = Server::saying(http(status, &location, body)).await;
                assert_eq!(
                    refused(&server, making).await,
                    AwsErrorKind::BadAnswer,
                    "{making:?} {status}"
                );
            }
        }
    }
    assert_eq!(trap.connections(), 0);
}

#[tokio::test]
async fn errors_inside_200_and_answers_to_other_questions_are_refused() {
    let identity = "<GetCallerIdentityResponse><GetCallerIdentityResult><Account>123456789012</Account>\
                    </GetCallerIdentityResult></GetCallerIdentityResponse>";
    for making in Making::ALL {
        let action = making.action();
        for body in [
            DENIAL,
            identity,
            "",
            "{}",
            "<html>log in to the hotel's network</html>",
            &format!("<{action}Response/>"),
            &format!("<{action}Response><{action}Result/></{action}Response>"),
        ] {
            let server = Server::saying(http("200 OK", "", body)).await;
            assert_eq!(
                refused(&server, making).await,
                AwsErrorKind::BadAnswer,
                "{making:?} {body}"
            );
        }
        for other in Making::ALL {
            if other.action() != action {
                let server = Server::saying(http("200 OK", "", &valid(other))).await;
                assert_eq!(
                    refused(&server, making).await,
                    AwsErrorKind::BadAnswer,
                    "{making:?} {other:?}"
                );
            }
        }
    }
}

#[tokio::test]
async fn bad_xml_is_refused() {
    let bomb = "<!DOCTYPE a [<!ENTITY b \"bbbbbbbb\"><!ENTITY c \"&b;&b;&b;&b;\">]>";
    for making in Making::ALL {
        let valid = valid(making);
        let entity = valid.replace("secret", "&c;");
        for body in [
            valid[..valid.len() / 2].to_owned(),
            valid.replace("</SecretAccessKey>", "</Other>"),
            format!("{bomb}{entity}"),
            valid.replace("secret", "&xxe;"),
            "<a>".repeat(20_000),
            "\u{0}\u{1}\u{2}".to_owned(),
        ] {
            let server = Server::saying(http("200 OK", "", &body)).await;
            let started = Instant::now();
            assert_eq!(
                refused(&server, making).await,
                AwsErrorKind::BadAnswer,
                "{making:?} {body:.80}"
            );
            assert!(started.elapsed() < LIMIT, "refused by content, not by time");
        }
    }
}

#[tokio::test]
async fn sessions_that_are_incomplete_or_implausible_are_refused() {
    let id = "ASIAIOSFODNN7EXAMPLE";
    let soon = expiring_in(900);
    for making in Making::ALL {
        for xml in [
            making.xml("", "secret", "token", &soon),
            making.xml("ASIA\n[other]", "secret", "token", &soon),
            making.xml(id, "", "token", &soon),
            making.xml(id, "secret", "", &soon),
            making.xml(id, "line one&#10;[default]", "token", &soon),
            making.xml(id, "secret", "a&#13;&#10;b", &soon),
            making.xml(id, "secret", "token", "1970-01-01T00:00:00Z"),
            making.xml(id, "secret", "token", "9999-12-31T23:59:59Z"),
            making.xml(id, "secret", "token", &expiring_in(-60)),
            making.xml(id, "secret", "token", &expiring_in(900 + 600)),
            making.xml(id, "secret", "token", "soon"),
        ] {
            let server = Server::saying(http("200 OK", "", &xml)).await;
            assert_eq!(
                refused(&server, making).await,
                AwsErrorKind::BadAnswer,
                "{xml}"
            );
        }
        let server = Server::saying(http("200 OK", "", &valid(making))).await;
        ask(&server, making)
            .await
            .expect("the same, complete, is taken");
    }
}

#[tokio::test]
async fn what_a_call_sent_does_not_come_back_in_a_message() {
    let session = some_session();
    let echo = format!(
        "123456 {WEB_TOKEN} {} {}",
        session.token().expose(),
        WEB_TOKEN.to_owned() + "more"
    );
    let body = DENIAL.replace("no</Message>", &format!("no: {echo}</Message>"));
    for making in Making::ALL {
        let server = Server::saying(http("403 Forbidden", "", &body)).await;
        let error = ask(&server, making).await.expect_err("refused");
        let message = error.aws_message.expect("a message");
        assert_eq!(
            message.contains("123456"),
            !making.takes_a_code(),
            "{message}"
        );
        let is_web = making == Making::WebIdentity;
        assert_eq!(message.contains(WEB_TOKEN), !is_web, "{message}");
        let is_chained = making == Making::ChainedRole;
        let repeats = message.contains(session.token().expose());
        assert_eq!(repeats, !is_chained, "{message}");
    }
}

#[tokio::test]
async fn absurd_dates_are_not_believed() {
    let valid = valid(Making::Session);
    for date in [
        "Fri, 31 Dec 9999 23:59:59 GMT",
        "Thu, 01 Jan 1970 00:00:00 GMT",
        "yesterday",
        "",
    ] {
        let server = Server::saying(http("200 OK", &format!("Date: {date}\r\n"), &valid)).await;
        let answer = patient_sts()
            .get_session_token(&target(&server.endpoint()), &anns_key(), secs(900), None)
            .await
            .expect("a session");
        assert_eq!(answer.clock_offset_secs, None, "{date}");
    }
}

#[tokio::test]
async fn a_proxy_that_is_set_is_used() {
    let valid = valid(Making::Session);
    let proxy = Server::saying(http("200 OK", "", &valid)).await;
    let there = Server::saying(http("200 OK", "", &valid)).await;
    let settings = HttpSettings {
        proxy: Some(Proxy::parse(&proxy.endpoint()).expect("an address")),
        ca_bundle: None,
    };
    sts(&settings, LIMIT)
        .get_session_token(&target(&there.endpoint()), &anns_key(), secs(900), None)
        .await
        .expect("a session");
    assert_eq!((proxy.requests(), there.connections()), (1, 0));

    // Over HTTPS the proxy only sees where the call goes.
    let refusing = Server::http(saying(http("403 Forbidden", "", ""))).await;
    let settings = HttpSettings {
        proxy: Some(Proxy::parse(&refusing.endpoint()).expect("an address")),
        ca_bundle: None,
    };
    let mut aws = target("https://sts.example.invalid");
    aws.endpoint = None;
    let error = sts(&settings, LIMIT)
        .get_session_token(&aws, &anns_key(), secs(900), Some(proof(SERIAL, "123456")))
        .await
        .expect_err("the proxy refuses");
    assert_eq!(error.kind, AwsErrorKind::Unreachable);
    assert_eq!(refusing.requests(), 1);
}

/// A time from now, as STS writes it.
pub(crate) fn expiring_in(secs: i64) -> String {
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .expect("after 1970")
        .as_secs();
    let now = i64::try_from(now).expect("before the end of time");
    undercroft_model::Timestamp::from_unix_secs(now + secs).to_string()
}
