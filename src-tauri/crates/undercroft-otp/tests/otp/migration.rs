//! Runs the exports under `tests/vectors/migration` (a file more there is a test more), and puts codes together.

use std::fs;
use std::path::PathBuf;

use proptest::prelude::*;
use serde_json::Value;
use undercroft_model::{Digits, OtpAlgorithm, OtpParams, PeriodSecs};
use undercroft_otp::{
    AwsLabel, AwsService, Batch, MigrationPart, OtherPayload, OtpAuth, Payload, RefusedEntry,
    classify, collect, migration_uris,
};
use undercroft_secret::SecretString;

#[test]
fn vectors() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../tests/vectors/migration");
    let mut count = 0;
    for file in fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let case: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        check(&case, &path.file_name().unwrap().to_string_lossy());
        count += 1;
    }
    assert!(count >= 48, "only {count} vectors were found");
}

fn check(case: &Value, file: &str) {
    let uri = SecretString::new(uri_of(case));
    let part = match MigrationPart::parse(&uri) {
        Ok(part) => part,
        Err(error) => {
            assert_eq!(Some(error.code()), case["error"].as_str(), "{file}");
            return;
        }
    };
    assert_eq!(None, case["error"].as_str(), "{file} reads");
    let reads = &case["reads"];
    assert_eq!(
        Some(i64::from(part.batch_id)),
        reads["batch_id"].as_i64(),
        "{file}"
    );
    assert_eq!(
        Some(u64::from(part.index)),
        reads["index"].as_u64(),
        "{file}"
    );
    assert_eq!(
        Some(u64::from(part.count)),
        reads["count"].as_u64(),
        "{file}"
    );
    let wanted = reads["devices"].as_array().unwrap();
    assert_eq!(part.devices.len(), wanted.len(), "{file}");
    for (device, wanted) in part.devices.iter().zip(wanted) {
        match device {
            Ok(device) => check_device(device, wanted, file),
            Err(refused) => check_refused(refused, wanted, file),
        }
    }
    assert!(
        matches!(classify(&uri), Ok(Payload::Migration(_))),
        "{file}"
    );
}

fn check_device(device: &OtpAuth, wanted: &Value, file: &str) {
    assert_eq!(None, wanted["error"].as_str(), "{file} has a usable device");
    assert_eq!(
        device.issuer.as_deref(),
        wanted["issuer"].as_str(),
        "{file}"
    );
    assert_eq!(
        Some(device.name.as_str()),
        wanted["name"].as_str(),
        "{file}"
    );
    let seed = device.seed.to_base32();
    assert_eq!(Some(seed.expose()), wanted["seed"].as_str(), "{file}");
    let algorithm = wanted["algorithm"].as_str().unwrap_or("SHA1");
    assert_eq!(device.params.algorithm.as_str(), algorithm, "{file}");
    let digits = wanted["digits"].as_u64().unwrap_or(6);
    assert_eq!(u64::from(device.params.digits.count()), digits, "{file}");
    assert_eq!(device.params.period.as_secs(), 30, "{file}");
    let warnings: Vec<_> = device
        .warnings
        .iter()
        .map(|warning| warning.code())
        .collect();
    let wanted_warnings = wanted["warnings"].as_array().into_iter().flatten();
    let wanted_warnings: Vec<_> = wanted_warnings.map(|code| code.as_str().unwrap()).collect();
    assert_eq!(warnings, wanted_warnings, "{file}");
    let service = AwsLabel::from(device).map(|label| match label.service {
        AwsService::Iam => "iam",
        AwsService::IdentityCenter => "identity-center",
        AwsService::BuilderId => "builder-id",
        _ => "another",
    });
    assert_eq!(service, wanted["aws"].as_str(), "{file}");
    assert!(!format!("{device:?}").contains(seed.expose()), "{file}");
}

fn check_refused(refused: &RefusedEntry, wanted: &Value, file: &str) {
    assert_eq!(
        Some(refused.reason.code()),
        wanted["error"].as_str(),
        "{file}"
    );
    assert_eq!(
        Some(refused.issuer.as_str()),
        wanted["issuer"].as_str(),
        "{file}"
    );
    assert_eq!(
        Some(refused.name.as_str()),
        wanted["name"].as_str(),
        "{file}"
    );
}

/// Reads a text, or `[[piece, times], …]` where it would be too long to store.
fn uri_of(case: &Value) -> String {
    if let Some(uri) = case["uri"].as_str() {
        return uri.to_owned();
    }
    let parts = case["uri_parts"].as_array().expect("a text or its parts");
    let piece = |part: &Value| {
        let times = part[1].as_u64().unwrap() as usize;
        part[0].as_str().unwrap().repeat(times)
    };
    parts.iter().map(piece).collect()
}

fn device(name: &str) -> OtpAuth {
    let uri = format!(
        "otpauth://totp/Amazon%20Web%20Services:{name}?secret=GQMWATC3JYIGQBZRDPT7JEVWVDZQISEOXZXUP42552H6VRJTIXM3YLHI37J3YW6N&issuer=Amazon%20Web%20Services"
    );
    OtpAuth::parse(&SecretString::new(uri)).unwrap()
}

fn parts_of(uris: &[SecretString]) -> Vec<MigrationPart> {
    let parts = uris.iter().map(|uri| MigrationPart::parse(uri).unwrap());
    parts.collect()
}

fn names(devices: &[Result<OtpAuth, RefusedEntry>]) -> Vec<&str> {
    let names = devices
        .iter()
        .map(|device| device.as_ref().unwrap().name.as_str());
    names.collect()
}

#[test]
fn codes_are_put_together_in_any_order() {
    let devices: Vec<_> = (0..25)
        .map(|number| device(&format!("user{number}")))
        .collect();
    let export = migration_uris(&devices);
    assert!(export.left_out.is_empty());
    assert_eq!(export.uris.len(), 3);
    let mut parts = parts_of(&export.uris);
    parts.push(parts[1].clone());
    parts.reverse();
    let collected = collect(parts);
    assert!(collected.is_complete());
    let wanted: Vec<_> = devices.iter().map(|device| device.name.as_str()).collect();
    assert_eq!(names(&collected.devices), wanted);
}

#[test]
fn missing_codes_are_named() {
    let devices: Vec<_> = (0..25)
        .map(|number| device(&format!("user{number}")))
        .collect();
    let mut parts = parts_of(&migration_uris(&devices).uris);
    let id = parts[0].batch_id;
    parts.remove(1);
    let another = parts_of(&migration_uris(&[device("another")]).uris);
    let collected = collect(parts.into_iter().chain(another));
    assert!(!collected.is_complete());
    assert_eq!(collected.devices.len(), 16);
    let missing = Batch {
        id,
        count: 3,
        missing: vec![1],
    };
    assert_eq!(collected.batches[0], missing);
    assert!(collected.batches[1].missing.is_empty());
}

#[test]
fn what_the_format_cannot_carry_is_left_out_by_name() {
    let mut devices = vec![device("a"), device("b"), device("c")];
    devices[0].params.period = PeriodSecs::new(60).unwrap();
    devices[2].params.digits = Digits::new(7).unwrap();
    let export = migration_uris(&devices);
    assert_eq!(export.left_out, [0, 2]);
    assert_eq!(names(&parts_of(&export.uris)[0].devices), ["b"]);
    assert!(migration_uris(&[]).uris.is_empty());
}

#[test]
fn a_name_with_colons_comes_back() {
    let mut named = device("a");
    named.name = "team: jane".to_owned();
    let parts = parts_of(&migration_uris(&[named.clone()]).uris);
    let back = parts[0].devices[0].as_ref().unwrap();
    assert_eq!((&back.name, &back.issuer), (&named.name, &named.issuer));
}

#[test]
fn other_codes_are_told_apart() {
    let kind = |text: &str| match classify(&SecretString::copy_of(text)) {
        Ok(Payload::Other(other)) => other,
        other => panic!("{text}: {other:?}"),
    };
    assert_eq!(
        kind("otpauth://hotp/a?secret=GEZDGNBVGY3TQOJQ&counter=1"),
        OtherPayload::Hotp
    );
    assert_eq!(
        kind("otpauth://steam/a?secret=GEZDGNBV"),
        OtherPayload::UnknownDevice
    );
    assert_eq!(kind("FIDO:/1234567890"), OtherPayload::Passkey);
    assert_eq!(kind("WIFI:S:home;T:WPA;P:secret;;"), OtherPayload::Wifi);
    assert_eq!(
        kind("https://acme.awsapps.com/start"),
        OtherPayload::IdentityCenterPage
    );
    let device = "https://device.sso.eu-west-1.amazonaws.com/?user_code=ABCD-EFGH";
    assert_eq!(kind(device), OtherPayload::IdentityCenterPage);
    assert_eq!(
        kind("https://view.awsapps.com/start"),
        OtherPayload::BuilderIdPage
    );
    assert_eq!(kind("HTTPS://example.com"), OtherPayload::Url);
    // What a host only pretends to be.
    for pretended in [
        "https://example.com/.awsapps.com",
        "https://acme.awsapps.com@example.com/",
        "https://awsapps.com.example.com:443",
    ] {
        assert_eq!(kind(pretended), OtherPayload::Url, "{pretended}");
    }
    for text in [
        "",
        "hello",
        "://",
        "a b://c",
        "GEZDGNBVGY3TQOJQ",
        &"x".repeat(1 << 20),
    ] {
        assert_eq!(kind(text), OtherPayload::Text);
    }
}

#[test]
fn broken_devices_are_errors() {
    let code = |text: &str| classify(&SecretString::copy_of(text)).unwrap_err().code();
    assert_eq!(code("otpauth://totp/a"), "otpauth-missing-secret");
    assert_eq!(
        code("otpauth://totp/a?secret=GEZDGNBVGY3TQOJQ&period=0"),
        "otpauth-period"
    );
    assert_eq!(
        code("otpauth://totp/a?secret=GEZDGNBVGY3TQOJQ&digits=10"),
        "otpauth-digits"
    );
    assert_eq!(
        code(&format!("otpauth://totp/{}", "a".repeat(1 << 20))),
        "otpauth-too-long"
    );
    assert_eq!(
        code("otpauth-migration://offline?data=%21"),
        "migration-not-base64"
    );
}

fn any_device() -> impl Strategy<Value = OtpAuth> {
    (
        "[A-Z2-7]{24,64}",
        "\\PC{0,20}",
        prop::option::of("[a-zA-Z ]{1,20}"),
        prop::sample::select(vec![
            OtpAlgorithm::Sha1,
            OtpAlgorithm::Sha256,
            OtpAlgorithm::Sha512,
        ]),
        prop::sample::select(vec![6, 8]),
    )
        .prop_filter_map("a device", |(seed, name, issuer, algorithm, digits)| {
            let issuer = issuer
                .map(|issuer| format!("&issuer={issuer}"))
                .unwrap_or_default();
            let name = name.replace(['?', '#', '/', ':', '%'], "");
            let uri = format!("otpauth://totp/{name}?secret={seed}{issuer}");
            let mut device = OtpAuth::parse(&SecretString::new(uri)).ok()?;
            device.params = OtpParams {
                algorithm,
                digits: Digits::new(digits).unwrap(),
                ..OtpParams::default()
            };
            Some(device)
        })
}

proptest! {
    #[test]
    fn what_is_exported_is_imported(devices in prop::collection::vec(any_device(), 1..30)) {
        let export = migration_uris(&devices);
        prop_assert!(export.left_out.is_empty());
        let longest = export.uris.iter().map(SecretString::len).max();
        prop_assert!(longest <= Some(2331), "a code of medium strength holds {:?}", longest);
        let collected = collect(parts_of(&export.uris));
        prop_assert!(collected.is_complete());
        prop_assert_eq!(collected.devices.len(), devices.len());
        for (back, device) in collected.devices.iter().zip(&devices) {
            let back = back.as_ref().unwrap();
            prop_assert!(back.seed.ct_eq(&device.seed));
            prop_assert_eq!(&back.name, &device.name);
            prop_assert_eq!(&back.issuer, &device.issuer);
            prop_assert_eq!(back.params, device.params);
        }
    }

    #[test]
    fn no_export_panics(data in "[A-Za-z0-9+/_ %=-]{0,200}") {
        let uri = SecretString::concat(&["otpauth-migration://offline?data=", &data]);
        let _ = MigrationPart::parse(&uri);
    }

    #[test]
    fn no_text_panics(text in "(otpauth|otpauth-migration|https|fido|wifi)?:?/{0,2}\\PC{0,60}") {
        let _ = classify(&SecretString::new(text));
    }
}
