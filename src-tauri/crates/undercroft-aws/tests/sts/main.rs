//! STS as it really is, as it refuses, and as it attacks.
//!
//! One test binary, because linking the SDK is what takes time.

#![allow(clippy::expect_used, reason = "a test may end like this")]

mod answers;
mod calls;
mod console;
mod copying;
mod environment;
mod hostile;
mod iam;
mod moto;
mod roles;
mod server;
mod service;
mod strict;
mod tls;

use std::sync::Arc;
use std::time::Duration;

use undercroft_aws::{
    AwsSts, HttpClient, HttpSettings, LongTermKey, MfaProof, SystemClock, Target,
};
use undercroft_model::{AccessKeyId, DurationSecs, EndpointUrl, Partition, Region, Serial};
use undercroft_secret::SecretString;

/// An STS client as the app makes it, with a shorter limit.
fn sts(settings: &HttpSettings, limit: Duration) -> AwsSts {
    let http = HttpClient::new(settings).expect("valid settings");
    AwsSts::new(http, Arc::new(SystemClock)).with_time_limit(limit)
}

/// A client for servers that answer.
fn patient_sts() -> AwsSts {
    sts(&HttpSettings::default(), Duration::from_secs(15))
}

fn target(endpoint: &str) -> Target {
    Target {
        partition: Partition::Aws,
        region: Region::parse("us-east-1").expect("a region"),
        endpoint: Some(EndpointUrl::parse(endpoint).expect("an address")),
        clock_offset_secs: 0,
    }
}

fn key(id: &str, secret: &str) -> LongTermKey {
    LongTermKey {
        id: AccessKeyId::parse(id).expect("an access key id"),
        secret: SecretString::copy_of(secret),
    }
}

fn anns_key() -> LongTermKey {
    key(
        "AKIAIOSFODNN7EXAMPLE",
        "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    )
}

fn proof(serial: &str, code: &str) -> MfaProof {
    MfaProof::new(
        Serial::parse(serial).expect("a serial"),
        SecretString::copy_of(code),
    )
    .expect("a code of six digits")
}

fn secs(secs: u32) -> DurationSecs {
    DurationSecs::new(secs).expect("a duration")
}
