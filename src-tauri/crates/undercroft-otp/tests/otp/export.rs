//! Reads what an export says by other means than those that wrote it: the format as Google Authenticator has it.

use undercroft_model::{Digits, OtpAlgorithm, OtpParams, PeriodSecs};
use undercroft_otp::{Export, OtpAuth, Seed, migration_uris};
use undercroft_secret::{SecretBytes, SecretString};

const SEED: &[u8; 40] = b"0123456789abcdefghijABCDEFGHIJ!?,.;:-_+*";

/// What a field holds.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Field {
    Number(u64),
    Bytes(Vec<u8>),
}

use Field::{Bytes, Number};

/// Decodes a URI's data: percent escapes, then Base64, bit by bit.
fn payload_of(uri: &SecretString) -> Vec<u8> {
    const ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let data = uri
        .expose()
        .strip_prefix("otpauth-migration://offline?data=")
        .expect("the address of an export");
    assert!(
        data.bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'%'),
        "nothing stands plainly that addresses reserve"
    );
    let data = data
        .replace("%2B", "+")
        .replace("%2F", "/")
        .replace("%3D", "=");
    assert_eq!(data.len() % 4, 0, "the data is padded");
    let bits: Vec<bool> = data
        .trim_end_matches('=')
        .chars()
        .flat_map(|character| {
            let value = ALPHABET.find(character).expect("a character of Base64");
            (0..6).rev().map(move |bit| value >> bit & 1 == 1)
        })
        .collect();
    bits.chunks_exact(8)
        .map(|byte| byte.iter().fold(0, |byte, bit| byte << 1 | u8::from(*bit)))
        .collect()
}

fn varint(bytes: &mut &[u8]) -> u64 {
    let length = bytes.iter().position(|byte| byte & 0x80 == 0).unwrap() + 1;
    let (number, rest) = bytes.split_at(length);
    *bytes = rest;
    number
        .iter()
        .rev()
        .fold(0, |number, byte| number << 7 | u64::from(byte & 0x7f))
}

/// Lists the fields of a message in their order.
fn fields_of(mut bytes: &[u8]) -> Vec<(u64, Field)> {
    let mut fields = Vec::new();
    while !bytes.is_empty() {
        let key = varint(&mut bytes);
        let number = varint(&mut bytes);
        let field = match key & 7 {
            0 => Number(number),
            2 => {
                let (held, rest) = bytes.split_at(number as usize);
                bytes = rest;
                Bytes(held.to_vec())
            }
            kind => panic!("a field of kind {kind}"),
        };
        fields.push((key >> 3, field));
    }
    fields
}

/// What one code says.
struct Code {
    /// The message of each device.
    devices: Vec<Vec<u8>>,
    /// The other fields.
    frame: Vec<(u64, Field)>,
}

fn codes_of(export: &Export) -> Vec<Code> {
    let codes = export.uris.iter().map(|uri| {
        let (devices, frame): (Vec<_>, Vec<_>) = fields_of(&payload_of(uri))
            .into_iter()
            .partition(|(number, _)| *number == 1);
        let devices = devices.into_iter().map(|(_, device)| match device {
            Bytes(device) => device,
            Number(_) => panic!("a device is a message"),
        });
        Code {
            devices: devices.collect(),
            frame,
        }
    });
    codes.collect()
}

fn device(issuer: &str, name: &str) -> OtpAuth {
    let seed = Seed::from_bytes(SecretBytes::copy_of(SEED)).unwrap();
    OtpAuth::from_parts(issuer, name, seed, OtpParams::default()).unwrap()
}

fn only_device_of(export: &Export) -> Vec<(u64, Field)> {
    let codes = codes_of(export);
    let [code] = &codes[..] else {
        panic!("{} codes", codes.len());
    };
    let [device] = &code.devices[..] else {
        panic!("{} devices", code.devices.len());
    };
    fields_of(device)
}

#[test]
fn a_device_is_written_field_by_field() {
    let export = migration_uris(&[device("Amazon Web Services", "jane@acme")]);
    assert!(export.left_out.is_empty());
    let wanted = [
        (1, Bytes(SEED.to_vec())),
        (2, Bytes(b"jane@acme".to_vec())),
        (3, Bytes(b"Amazon Web Services".to_vec())),
        (4, Number(1)), // SHA1
        (5, Number(1)), // six digits
        (6, Number(2)), // TOTP
    ];
    assert_eq!(only_device_of(&export), wanted);
}

#[test]
fn each_algorithm_and_length_has_its_number() {
    for (algorithm, algorithm_number) in [
        (OtpAlgorithm::Sha1, 1),
        (OtpAlgorithm::Sha256, 2),
        (OtpAlgorithm::Sha512, 3),
    ] {
        for (digits, digits_number) in [(6, 1), (8, 2)] {
            let mut device = device("AWS", "jane");
            device.params.algorithm = algorithm;
            device.params.digits = Digits::new(digits).unwrap();
            let fields = only_device_of(&migration_uris(&[device]));
            assert!(
                fields.contains(&(4, Number(algorithm_number))),
                "{fields:?}"
            );
            assert!(fields.contains(&(5, Number(digits_number))), "{fields:?}");
        }
    }
}

#[test]
fn a_name_with_a_colon_stands_after_its_issuer() {
    for (issuer, name, written) in [
        ("AWS", "team:jane", "AWS:team:jane"),
        ("AWS", "jane", "jane"),
        ("", "jane", "jane"),
    ] {
        let mut device = device(issuer, "jane");
        device.name = name.to_owned();
        let fields = only_device_of(&migration_uris(&[device]));
        assert_eq!(fields[1], (2, Bytes(written.into())));
        assert_eq!(fields[2], (3, Bytes(issuer.into())));
    }
    let mut without_issuer = device("", "jane");
    without_issuer.name = "arn:aws:iam::123456789012:mfa/jane".to_owned();
    let fields = only_device_of(&migration_uris(&[without_issuer.clone()]));
    assert_eq!(fields[1], (2, Bytes(without_issuer.name.into())));
}

#[test]
fn each_code_says_which_of_how_many_it_is() {
    let devices: Vec<_> = (0..21)
        .map(|number| device("", &format!("{number}")))
        .collect();
    let codes = codes_of(&migration_uris(&devices));
    let counts: Vec<_> = codes.iter().map(|code| code.devices.len()).collect();
    assert_eq!(counts, [10, 10, 1]);
    let id = codes[0].frame[3].clone();
    for (index, code) in (0..).zip(&codes) {
        let wanted = [
            (2, Number(1)), // the version
            (3, Number(3)),
            (4, Number(index)),
            id.clone(),
        ];
        assert_eq!(code.frame[..], wanted);
    }
}

#[test]
fn ten_devices_fit_into_one_code() {
    let devices = |count| vec![device("", "a"); count];
    assert_eq!(migration_uris(&devices(10)).uris.len(), 1);
    assert_eq!(migration_uris(&devices(11)).uris.len(), 2);
}

#[test]
fn a_code_is_filled_to_800_bytes() {
    // Keys and lengths, that of the name in two bytes, and three numbers.
    let around = 1 + 1 + SEED.len() + 1 + 2 + 1 + 1 + 3 * 2;
    let of_size = |bytes: usize| device("", &"a".repeat(bytes - around));
    let sizes = |devices: &[OtpAuth]| -> Vec<Vec<usize>> {
        let codes = codes_of(&migration_uris(devices)).into_iter();
        codes
            .map(|code| code.devices.iter().map(Vec::len).collect())
            .collect()
    };
    let [most, more] = [of_size(400), of_size(401)];
    assert_eq!(sizes(&[most.clone(), most.clone()]), [[400, 400]]);
    assert_eq!(sizes(&[most.clone(), more.clone()]), [[400], [401]]);
    let thirds = [of_size(300), of_size(300), of_size(200), of_size(200)];
    assert_eq!(sizes(&thirds), [vec![300, 300, 200], vec![200]]);
}

#[test]
fn a_device_larger_than_a_code_stands_alone() {
    let mut large = device(&"i".repeat(256), &"n".repeat(512));
    large.name.insert(256, ':');
    let small = device("", "small");
    let export = migration_uris(&[small.clone(), large, small]);
    assert!(export.left_out.is_empty());
    let codes = codes_of(&export);
    let counts: Vec<_> = codes.iter().map(|code| code.devices.len()).collect();
    assert_eq!(counts, [1, 1, 1]);
}

#[test]
fn devices_are_left_out_for_their_period_or_seven_digits() {
    let mut devices = vec![device("", "a"); 6];
    devices[1].params.digits = Digits::new(7).unwrap();
    devices[2].params.period = PeriodSecs::new(29).unwrap();
    devices[3].params.period = PeriodSecs::new(31).unwrap();
    devices[4].params.digits = Digits::new(8).unwrap();
    let export = migration_uris(&devices);
    assert_eq!(export.left_out, [1, 2, 3]);
    assert_eq!(codes_of(&export)[0].devices.len(), 3);
    let none = migration_uris(&devices[1..4]);
    assert_eq!(none.left_out, [0, 1, 2]);
    assert!(none.uris.is_empty());
}

#[test]
fn the_number_of_an_export_comes_from_its_labels() {
    let id = |devices: &[OtpAuth]| match codes_of(&migration_uris(devices))[0].frame[3] {
        (5, Number(id)) => id,
        ref other => panic!("{other:?}"),
    };
    // FNV-1a of "AWS\0jane\0" and of "\0jane\0", halved, with the lowest bit set.
    assert_eq!(id(&[device("AWS", "jane")]), 1_487_642_973);
    assert_eq!(id(&[device("", "jane")]), 1_955_021_689);
    assert_ne!(id(&[device("AW", "Sjane")]), id(&[device("AWS", "jane")]));
    let mut other_seed = device("AWS", "jane");
    other_seed.seed = Seed::from_bytes(SecretBytes::copy_of(&SEED[..20])).unwrap();
    assert_eq!(id(&[other_seed]), id(&[device("AWS", "jane")]));
    for number in 0..100 {
        let id = id(&[device("", &format!("{number}"))]);
        assert!((1..1 << 31).contains(&id), "{id}");
    }
}
