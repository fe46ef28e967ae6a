//! IAM as moto plays it, and one that means harm.

use std::sync::Arc;
use std::time::Duration;

use undercroft_aws::{
    AwsErrorKind, AwsIam, CodePair, HttpClient, HttpSettings, Iam, IamTarget, Signer, SystemClock,
};
use undercroft_model::{EndpointUrl, Partition, Serial, UserName};
use undercroft_secret::SecretString;

use crate::anns_key;
use crate::server::{Server, http};
use crate::service::Service;

const SERIAL: &str = "arn:aws:iam::123456789012:mfa/phone";

fn iam() -> AwsIam {
    let http = HttpClient::new(&HttpSettings::default()).expect("valid settings");
    AwsIam::new(http, Arc::new(SystemClock)).with_time_limit(Duration::from_secs(15))
}

fn target(endpoint: &str) -> IamTarget {
    IamTarget {
        partition: Partition::Aws,
        endpoint: Some(EndpointUrl::parse(endpoint).expect("an address")),
        clock_offset_secs: 0,
    }
}

fn ann() -> UserName {
    UserName::parse("ann").expect("a name")
}

fn pair(serial: &Serial) -> CodePair {
    CodePair::new(
        serial.clone(),
        SecretString::copy_of("123456"),
        SecretString::copy_of("654321"),
    )
    .expect("six digits each")
}

#[tokio::test]
async fn moto_makes_gives_and_takes_devices() {
    let moto = Service::moto();
    moto.post_form("Action=CreateUser&Version=2010-05-08&UserName=ann");
    let (iam, target, key) = (iam(), target(&moto.endpoint()), anns_key());
    let signer = Signer::Key(&key);

    let made = iam
        .create_virtual_mfa_device(&target, signer, "phone")
        .await
        .expect("a device");
    assert_eq!(made.value.serial.as_str(), SERIAL);
    assert!(made.value.seed.len() >= 16);
    assert!(made.clock_offset_secs.is_some());
    let serial = made.value.serial;
    let again = iam
        .create_virtual_mfa_device(&target, signer, "phone")
        .await;
    assert_eq!(
        again.expect_err("the name is taken").kind,
        AwsErrorKind::EntityExists
    );
    let unassigned = iam.list_unassigned_devices(&target, signer).await;
    assert_eq!(
        unassigned.expect("a list").value,
        std::slice::from_ref(&serial)
    );

    iam.enable_mfa_device(&target, signer, &ann(), pair(&serial))
        .await
        .expect("enabled");
    let listed = iam.list_mfa_devices(&target, signer, &ann()).await;
    let listed = listed.expect("a list").value;
    assert_eq!(listed[0].makes_codes, Some(serial.clone()));
    assert!(listed[0].enabled_at.unix_secs() > 1_700_000_000);

    iam.deactivate_mfa_device(&target, signer, &ann(), &serial)
        .await
        .expect("switched off");
    iam.delete_virtual_mfa_device(&target, signer, &serial)
        .await
        .expect("deleted");
    let gone = iam
        .delete_virtual_mfa_device(&target, signer, &serial)
        .await;
    assert_eq!(
        gone.expect_err("gone already").kind,
        AwsErrorKind::NoSuchEntity
    );
}

fn made_xml(serial: &str, seed: &str) -> String {
    format!(
        "<CreateVirtualMFADeviceResponse><CreateVirtualMFADeviceResult><VirtualMFADevice>\
         <SerialNumber>{serial}</SerialNumber><Base32StringSeed>{seed}</Base32StringSeed>\
         <QRCodePNG>aGVsbG8=</QRCodePNG></VirtualMFADevice></CreateVirtualMFADeviceResult>\
         </CreateVirtualMFADeviceResponse>"
    )
}

#[tokio::test]
async fn a_device_without_a_seed_or_serial_is_no_answer() {
    let key = anns_key();
    // "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ" in Base64.
    let good = "R0VaREdOQlZHWTNUUU9KUUdFWkRHTkJWR1kzVFFPSlE=";
    for (serial, seed, accepted) in [
        (SERIAL, good, true),
        (SERIAL, "", false),
        (SERIAL, "%%%", false),
        (SERIAL, "aGFjay1tZS1wbGVhc2U8Lz4=", false),
        ("arn:aws:iam::123456789012:u2f/user/ann/key", good, false),
        ("", good, false),
    ] {
        let server = Server::saying(http("200 OK", "", &made_xml(serial, seed))).await;
        let answer = iam()
            .create_virtual_mfa_device(&target(&server.endpoint()), Signer::Key(&key), "phone")
            .await;
        assert_eq!(answer.is_ok(), accepted, "{serial} {seed}");
        if let Err(error) = answer {
            assert_eq!(error.kind, AwsErrorKind::BadAnswer);
        }
        assert_eq!(server.requests(), 1);
    }
}

#[tokio::test]
async fn what_makes_something_or_carries_codes_is_sent_once() {
    let key = anns_key();
    let signer = Signer::Key(&key);
    let serial = Serial::parse(SERIAL).expect("a serial");
    for answer in [
        String::new(),
        http("503 Service Unavailable", "", ""),
        http("302 Found", "Location: http://127.0.0.1:1/\r\n", ""),
        http(
            "400 Bad Request",
            "",
            "<ErrorResponse><Error><Code>Throttling</Code></Error></ErrorResponse>",
        ),
        http("200 OK", "", &"a".repeat(65 * 1024)),
    ] {
        let server = Server::saying(answer.clone()).await;
        let target = target(&server.endpoint());
        let iam = iam();
        iam.create_virtual_mfa_device(&target, signer, "phone")
            .await
            .expect_err("no device");
        iam.enable_mfa_device(&target, signer, &ann(), pair(&serial))
            .await
            .map(|_| ())
            .or_else(|error| {
                // Of an answer to EnableMFADevice nothing is read, so any success counts as one.
                assert!(!format!("{error:?}").contains("123456"));
                Ok::<_, ()>(())
            })
            .expect("either");
        assert_eq!(server.requests(), 2, "{answer:.60}");
    }
}

#[tokio::test]
async fn passkeys_are_listed_without_a_serial_and_a_refusal_repeats_no_code() {
    let key = anns_key();
    let list = |serial: &str| {
        format!(
            "<ListMFADevicesResponse><ListMFADevicesResult><MFADevices><member><UserName>ann</UserName>\
             <SerialNumber>{serial}</SerialNumber><EnableDate>2026-01-02T03:04:05Z</EnableDate></member></MFADevices>\
             <IsTruncated>false</IsTruncated></ListMFADevicesResult></ListMFADevicesResponse>"
        )
    };
    for (serial, makes_codes) in [
        (SERIAL, true),
        ("GAHT12345678", true),
        ("arn:aws:iam::123456789012:u2f/user/ann/key-ABC", false),
    ] {
        let server = Server::saying(http("200 OK", "", &list(serial))).await;
        let listed = iam()
            .list_mfa_devices(&target(&server.endpoint()), Signer::Key(&key), &ann())
            .await
            .expect("a list")
            .value;
        assert_eq!(listed[0].serial, serial);
        assert_eq!(listed[0].makes_codes.is_some(), makes_codes);
    }
    let refusal = "<ErrorResponse><Error><Code>InvalidAuthenticationCode</Code>\
                   <Message>123456 then 654321 are wrong</Message></Error></ErrorResponse>";
    let server = Server::saying(http("403 Forbidden", "", refusal)).await;
    let serial = Serial::parse(SERIAL).expect("a serial");
    let error = iam()
        .resync_mfa_device(
            &target(&server.endpoint()),
            Signer::Key(&key),
            &ann(),
            pair(&serial),
        )
        .await
        .expect_err("refused");
    assert_eq!(error.kind, AwsErrorKind::WrongOrReusedCode);
    assert_eq!(error.aws_message.as_deref(), Some("… then … are wrong"));
    assert_eq!(server.requests(), 1);
}
