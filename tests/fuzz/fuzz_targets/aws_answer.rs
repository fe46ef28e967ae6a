//! Feeds answers of STS and IAM to AWS's SDK, as our calls set it up, and what it makes of them to our own checks: none
//! may panic, none but a 200 is taken, and what is taken is fit for a shell and for a header.
//!
//! The first byte chooses the call, the second the status; the rest is the body.

#![no_main]

use std::sync::{Arc, LazyLock};

use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_types::body::SdkBody;
use libfuzzer_sys::fuzz_target;
use undercroft_aws::{
    AwsIam, AwsSts, HttpClient, Iam, IamTarget, LongTermKey, RoleWish, SessionCredentials, Signer,
    Sts, SystemClock, Target,
};
use undercroft_model::{
    AccessKeyId, DurationSecs, EndpointUrl, Partition, Region, RoleArn, RoleSessionName, UserName,
};
use undercroft_secret::SecretString;

const STATUSES: [u16; 6] = [200, 400, 403, 404, 500, 302];

/// A connection that gives one answer and never touches the network.
#[derive(Clone, Debug)]
struct Canned {
    status: u16,
    body: Vec<u8>,
}

impl HttpConnector for Canned {
    fn call(&self, _: HttpRequest) -> HttpConnectorFuture {
        let status = self.status.try_into().expect("a status");
        let mut response = HttpResponse::new(status, SdkBody::from(self.body.clone()));
        response
            .headers_mut()
            .insert("date", "Mon, 23 Nov 2026 10:00:00 GMT");
        HttpConnectorFuture::ready(Ok(response))
    }
}

struct Asker {
    key: LongTermKey,
    sts: Target,
    iam: IamTarget,
    user: UserName,
    role: RoleWish,
    hour: DurationSecs,
}

static ASKER: LazyLock<Asker> = LazyLock::new(|| {
    let endpoint = Some(EndpointUrl::parse("http://127.0.0.1:9").expect("an address"));
    let hour = DurationSecs::new(3600).expect("a duration");
    Asker {
        key: LongTermKey {
            id: AccessKeyId::parse("AKIAIOSFODNN7EXAMPLE").expect("an id"),
            secret: SecretString::copy_of("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
        },
        sts: Target {
            partition: Partition::Aws,
            region: Region::parse("us-east-1").expect("a region"),
            endpoint: endpoint.clone(),
            clock_offset_secs: 0,
        },
        iam: IamTarget {
            partition: Partition::Aws,
            endpoint,
            clock_offset_secs: 0,
        },
        user: UserName::parse("ann").expect("a name"),
        role: RoleWish {
            role: RoleArn::parse("arn:aws:iam::123456789012:role/admin").expect("a role"),
            session_name: RoleSessionName::parse("ann").expect("a name"),
            duration: hour,
            external_id: None,
            source_identity: None,
            tags: Vec::new(),
            policy: None,
            policy_arns: Vec::new(),
        },
        hour,
    }
});

fn assert_fit(session: &SessionCredentials) {
    for secret in [session.secret(), session.token()] {
        assert!(secret.expose().bytes().all(|byte| byte.is_ascii_graphic()));
    }
}

/// Asks by the call of that number; whether the answer was taken.
async fn ask(call: u8, http: HttpClient) -> bool {
    let asker = &*ASKER;
    let signer = Signer::Key(&asker.key);
    let sts = AwsSts::new(http.clone(), Arc::new(SystemClock));
    let iam = AwsIam::new(http, Arc::new(SystemClock));
    match call % 6 {
        0 => sts.get_caller_identity(&asker.sts, signer).await.is_ok(),
        1 => sts
            .get_session_token(&asker.sts, &asker.key, asker.hour, None)
            .await
            .inspect(|answer| assert_fit(&answer.value))
            .is_ok(),
        2 => sts
            .assume_role(&asker.sts, signer, &asker.role, None)
            .await
            .inspect(|answer| assert_fit(&answer.value))
            .is_ok(),
        3 => iam
            .create_virtual_mfa_device(&asker.iam, signer, "phone")
            .await
            .is_ok(),
        4 => iam
            .list_mfa_devices(&asker.iam, signer, &asker.user)
            .await
            .is_ok(),
        _ => iam
            .list_unassigned_devices(&asker.iam, signer)
            .await
            .is_ok(),
    }
}

fuzz_target!(|input: (u8, u8, &[u8])| {
    let (call, status, body) = input;
    let status = STATUSES[usize::from(status) % STATUSES.len()];
    let canned = Canned {
        status,
        body: body.to_vec(),
    };
    let http = HttpClient::from_connectors(move || SharedHttpConnector::new(canned.clone()));
    // Waiting between two tries takes no time where the clock is held.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime");
    let taken = runtime.block_on(ask(call, http));
    assert!(status == 200 || !taken, "{status} was taken");
});
