//! Whatever comes back, nothing panics.

use std::sync::Arc;

use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;
use proptest::prelude::*;
use undercroft_aws::{AwsSts, HttpClient, Signer, Sts, SystemClock};

use crate::calls::Making;
use crate::hostile::valid;
use crate::{anns_key, target};

/// A connection that gives one answer and never touches the network.
#[derive(Clone, Debug)]
struct Canned {
    status: u16,
    date: String,
    body: Vec<u8>,
}

impl HttpConnector for Canned {
    fn call(&self, _: HttpRequest) -> HttpConnectorFuture {
        let status = StatusCode::try_from(self.status).expect("a status");
        let mut response = HttpResponse::new(status, SdkBody::from(self.body.clone()));
        // A date that is no header value is left out, as the real client would refuse it.
        let _ = response.headers_mut().try_insert("date", self.date.clone());
        HttpConnectorFuture::ready(Ok(response))
    }
}

/// Every call on one answer: how many of them took it for good.
fn ask(canned: &Canned) -> usize {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime");
    let canned = canned.clone();
    let http = HttpClient::from_connectors(move || SharedHttpConnector::new(canned.clone()));
    let sts = AwsSts::new(http, Arc::new(SystemClock));
    let (target, key) = (target("http://127.0.0.1:9"), anns_key());
    runtime.block_on(async {
        let identity = sts.get_caller_identity(&target, Signer::Key(&key)).await;
        let mut taken = usize::from(identity.is_ok());
        for making in Making::ALL {
            if let Ok(session) = making.ask(&sts, &target, None).await {
                for secret in [session.value.secret(), session.value.token()] {
                    assert!(secret.expose().bytes().all(|b| b.is_ascii_graphic()));
                }
                taken += 1;
            }
        }
        taken
    })
}

fn identity_xml() -> String {
    "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><GetCallerIdentityResult>\
     <Arn>arn:aws:iam::123456789012:user/ann</Arn><UserId>AIDACKCEVSQ6C2EXAMPLE</UserId>\
     <Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>"
        .to_owned()
}

fn error_xml() -> String {
    "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error><Type>Sender</Type>\
     <Code>AccessDenied</Code><Message>no</Message></Error><RequestId>0</RequestId></ErrorResponse>"
        .to_owned()
}

/// A real answer with some bytes replaced, removed or doubled.
fn mutated() -> impl Strategy<Value = Vec<u8>> {
    let real = prop_oneof![
        prop::sample::select(Making::ALL.to_vec()).prop_map(valid),
        Just(identity_xml()),
        Just(error_xml()),
    ];
    let edits = prop::collection::vec((any::<prop::sample::Index>(), 0..3_u8, any::<u8>()), 1..8);
    (real, edits).prop_map(|(real, edits)| {
        let mut body = real.into_bytes();
        for (index, edit, byte) in edits {
            let at = index
                .index(body.len().max(1))
                .min(body.len().saturating_sub(1));
            match edit {
                0 if !body.is_empty() => body[at] = byte,
                1 if !body.is_empty() => drop(body.remove(at)),
                _ => body.insert(at, byte),
            }
        }
        body
    })
}

fn status() -> impl Strategy<Value = u16> {
    prop_oneof![Just(200), Just(403), Just(500), 200..600_u16]
}

fn date() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("Mon, 23 Nov 2026 10:00:00 GMT".to_owned()),
        "[A-Z][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} [0-9]{1,6} [0-9:]{8} GMT",
        "\\PC{0,40}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn random_bytes_do_no_harm(
        status in status(),
        date in date(),
        body in prop::collection::vec(any::<u8>(), 0..2000),
    ) {
        prop_assert_eq!(ask(&Canned { status, date, body }), 0);
    }

    #[test]
    fn mutated_answers_do_no_harm(status in status(), date in date(), body in mutated()) {
        let taken = ask(&Canned { status, date, body });
        // AssumeRole asks in two ways.
        prop_assert!(taken <= 2);
    }

    #[test]
    fn random_markup_does_no_harm(
        status in status(),
        body in "(<[/?!]?((GetSessionToken|AssumeRole|GetFederationToken|AssumeRoleWithWebIdentity)(Response|Result)|Credentials|Error|[a-z:]{1,3})( a='b')?/?>|&[a-z#0-9]{1,6};|[a-z ]|<!\\[CDATA\\[|]]>){0,60}",
    ) {
        prop_assert_eq!(ask(&Canned { status, date: String::new(), body: body.into_bytes() }), 0);
    }
}

#[test]
fn the_real_answers_are_taken() {
    let canned = |body: String| Canned {
        status: 200,
        date: String::new(),
        body: body.into_bytes(),
    };
    for making in Making::ALL {
        let same = Making::ALL
            .iter()
            .filter(|other| other.action() == making.action());
        assert_eq!(ask(&canned(valid(making))), same.count());
    }
    assert_eq!(ask(&canned(identity_xml())), 1);
    assert_eq!(ask(&canned(error_xml())), 0);
}
