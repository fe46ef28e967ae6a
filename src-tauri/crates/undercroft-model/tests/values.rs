//! Parsed types: what they take, what they refuse and with which words.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use std::{fmt::Display, str::FromStr};

use proptest::prelude::*;
use undercroft_model::*;

fn round_trips<T: FromStr<Err: std::fmt::Debug> + Display + PartialEq + std::fmt::Debug>(
    text: &str,
) {
    let value: T = text
        .parse()
        .unwrap_or_else(|error| panic!("{text}: {error:?}"));
    assert_eq!(value.to_string(), text);
    assert_eq!(value.to_string().parse::<T>().unwrap(), value);
}

#[test]
fn account_ids() {
    round_trips::<AccountId>("123456789012");
    for typed in [
        " 1234-5678-9012 ",
        "1234 5678 9012",
        "123456789012\n",
        "1234\u{a0}5678\u{a0}9012",
    ] {
        assert_eq!(AccountId::parse(typed).unwrap().as_str(), "123456789012");
    }
    assert_eq!(
        AccountId::parse("012345678901").unwrap().grouped(),
        "0123-4567-8901"
    );
    assert_eq!(AccountId::parse("  "), Err(AccountIdError::Empty));
    assert_eq!(
        AccountId::parse("12345678901"),
        Err(AccountIdError::Length { found: 11 })
    );
    assert_eq!(
        AccountId::parse("1234567890123"),
        Err(AccountIdError::Length { found: 13 })
    );
    assert_eq!(
        AccountId::parse("12345678901O"),
        Err(AccountIdError::NotDigits { position: 11 })
    );
    assert_eq!(
        AccountId::parse("١٢٣٤٥٦٧٨٩٠١٢"),
        Err(AccountIdError::NotDigits { position: 0 })
    );
    assert_eq!(
        AccountId::parse(SECRET),
        Err(AccountIdError::LooksLikeSecret)
    );
}

#[test]
fn aliases() {
    for alias in [
        "abc",
        "acme-production",
        "1-2",
        "a1b2c3d4e5f6",
        &"a".repeat(63),
    ] {
        round_trips::<AccountAlias>(alias);
    }
    assert_eq!(
        AccountAlias::parse("ab"),
        Err(AccountAliasError::Length { found: 2 })
    );
    assert_eq!(
        AccountAlias::parse(&"a".repeat(64)),
        Err(AccountAliasError::Length { found: 64 })
    );
    assert_eq!(
        AccountAlias::parse("Acme"),
        Err(AccountAliasError::UpperCase)
    );
    assert_eq!(
        AccountAlias::parse("ac_me"),
        Err(AccountAliasError::Character { position: 2 })
    );
    for dashes in ["-acme", "acme-", "ac--me"] {
        assert_eq!(AccountAlias::parse(dashes), Err(AccountAliasError::Dashes));
    }
    assert_eq!(
        AccountAlias::parse("123456789012"),
        Err(AccountAliasError::IsAccountId)
    );
}

#[test]
fn partitions_have_their_hosts() {
    let hosts = Partition::ALL.map(|partition| {
        let region = partition.default_region();
        assert_eq!(region.partition(), partition);
        round_trips::<Partition>(partition.as_str());
        assert_eq!(partition.arn_prefix(), format!("arn:{partition}:"));
        (
            partition.sts_endpoint_host(&region),
            partition.signin_host(),
            partition.console_host(),
        )
    });
    assert_eq!(
        hosts,
        [
            (
                "sts.us-east-1.amazonaws.com".into(),
                "signin.aws.amazon.com",
                "console.aws.amazon.com"
            ),
            (
                "sts.cn-north-1.amazonaws.com.cn".into(),
                "signin.amazonaws.cn",
                "console.amazonaws.cn"
            ),
            (
                "sts.us-gov-west-1.amazonaws.com".into(),
                "signin.amazonaws-us-gov.com",
                "console.amazonaws-us-gov.com"
            ),
            (
                "sts.eusc-de-east-1.amazonaws.eu".into(),
                "signin.amazonaws-eusc.eu",
                "console.amazonaws-eusc.eu"
            ),
        ]
    );
    assert_eq!(Partition::parse("aws-iso"), Err(UnknownPartition));
}

#[test]
fn regions() {
    let known = [
        ("us-east-1", Partition::Aws),
        ("ap-southeast-7", Partition::Aws),
        ("mx-central-1", Partition::Aws),
        ("cn-northwest-1", Partition::AwsCn),
        ("us-gov-east-1", Partition::AwsUsGov),
        ("eusc-de-east-1", Partition::AwsEusc),
    ];
    for (name, partition) in known {
        round_trips::<Region>(name);
        assert_eq!(Region::parse(name).unwrap().partition(), partition);
    }
    for wrong in [
        "",
        "us-east",
        "useast1",
        "US-EAST-1",
        "us-east-1-",
        "us--east-1",
        "us-east-123",
        "frankfurt",
        "a-b-1",
    ] {
        assert_eq!(Region::parse(wrong), Err(RegionError::Shape), "{wrong}");
    }
    assert_eq!(
        Region::parse("eu-central-1b"),
        Err(RegionError::AvailabilityZone)
    );
    assert_eq!(Region::parse("us-isob-east-1"), Err(RegionError::Isolated));
    assert_eq!(Region::parse("eu-isoe-west-1"), Err(RegionError::Isolated));
}

#[test]
fn user_names_and_addresses() {
    for name in ["jane", "jane.doe", "a_b+c=d,e.f@g-h", &"x".repeat(64)] {
        round_trips::<UserName>(name);
    }
    assert_eq!(UserName::parse(""), Err(UserNameError::Empty));
    assert_eq!(
        UserName::parse(&"x".repeat(65)),
        Err(UserNameError::TooLong { found: 65 })
    );
    assert_eq!(
        UserName::parse("jane doe"),
        Err(UserNameError::Character { position: 4 })
    );
    assert_eq!(
        UserName::parse("zoë"),
        Err(UserNameError::Character { position: 2 })
    );
    assert_eq!(
        UserName::parse("arn:aws:iam::123456789012:user/jane"),
        Err(UserNameError::IsArn)
    );

    for address in [
        "aws@example.com",
        "aws+prod@bücher.example",
        "root@localhost",
    ] {
        round_trips::<EmailAddress>(address);
    }
    assert_eq!(EmailAddress::parse(" "), Err(EmailAddressError::Empty));
    for wrong in ["aws", "@example.com", "aws@", "a@b@c"] {
        assert_eq!(
            EmailAddress::parse(wrong),
            Err(EmailAddressError::Shape),
            "{wrong}"
        );
    }
    assert_eq!(EmailAddress::parse("a b@c"), Err(EmailAddressError::Space));
    let long = format!("{}@example.com", "a".repeat(250));
    assert_eq!(
        EmailAddress::parse(&long),
        Err(EmailAddressError::TooLong { found: 262 })
    );
}

const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
const SEED: &str = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
const OTPAUTH: &str = "otpauth://totp/aws:jane?secret=JBSWY3DPEHPK3PXP";

#[test]
fn access_key_ids() {
    for id in [
        "AKIAIOSFODNN7EXAMPLE",
        "LKIAQAAAAAAAEXAMPLE1",
        "moto_test_key_id_1",
        &"A".repeat(128),
    ] {
        round_trips::<AccessKeyId>(id);
    }
    let code = |text: &str| AccessKeyId::parse(text).unwrap_err();
    assert_eq!(code(""), AccessKeyIdError::Empty);
    assert_eq!(code(SECRET), AccessKeyIdError::LooksLikeSecret);
    assert_eq!(code(OTPAUTH), AccessKeyIdError::LooksLikeSecret);
    assert_eq!(code("ASIAIOSFODNN7EXAMPLE"), AccessKeyIdError::Temporary);
    assert_eq!(code("AIDACKCEVSQ6C2EXAMPLE"), AccessKeyIdError::NotAKey);
    assert_eq!(code("AROADBQP57FF2AEXAMPLE"), AccessKeyIdError::NotAKey);
    assert_eq!(
        code("akiaiosfodnn7example"),
        AccessKeyIdError::Character { position: 0 }
    );
    assert_eq!(
        code("AKIA IOSFODNN7EXAMPLE"),
        AccessKeyIdError::Character { position: 4 }
    );
    assert_eq!(
        code("AKIAIOSFODNN7E"),
        AccessKeyIdError::Length { found: 14 }
    );
    assert_eq!(
        code("AKIAIOSFODNN7EXAMPL"),
        AccessKeyIdError::Length { found: 19 }
    );
    assert_eq!(
        code(&"A".repeat(129)),
        AccessKeyIdError::Length { found: 129 }
    );
}

#[test]
fn serials() {
    let account = AccountId::parse("123456789012").unwrap();
    for serial in [
        "arn:aws:iam::123456789012:mfa/root-account-mfa-device",
        "arn:aws:iam::123456789012:mfa/jane.doe",
        "arn:aws-us-gov:iam::123456789012:mfa/team/jane@phone",
        "GAHT12345678",
        "123456789",
    ] {
        round_trips::<Serial>(serial);
    }
    let root = Serial::of_root(Partition::AwsCn, &account);
    assert_eq!(
        root.as_str(),
        "arn:aws-cn:iam::123456789012:mfa/root-account-mfa-device"
    );
    assert_eq!(Serial::parse(root.as_str()), Ok(root.clone()));
    let name = Serial::ROOT_DEVICE_NAME;
    assert_eq!(
        root.kind(),
        SerialKind::Virtual {
            partition: Partition::AwsCn,
            account: account.clone(),
            name
        }
    );
    assert_eq!(
        Serial::of_virtual_device(Partition::AwsCn, &account, name),
        Ok(root)
    );
    let token = Serial::parse("GAHT12345678").unwrap();
    assert_eq!(
        (token.kind(), token.device_part()),
        (SerialKind::Hardware, "GAHT12345678")
    );

    let code = |text: &str| Serial::parse(text).unwrap_err();
    assert_eq!(code(" "), SerialError::Empty);
    let u2f = "arn:aws:iam::123456789012:u2f/user/jane/default-EXAMPLE";
    assert_eq!(code(u2f), SerialError::PasskeyOrU2f);
    assert!(code(u2f).to_string().contains("can't be used with STS"));
    for other in [
        "arn:aws:iam::123456789012:user/jane",
        "arn:aws:iam::123456789012:mfa/",
        "arn:aws:iam:::mfa/jane",
        "arn:aws:sts::123456789012:mfa/jane",
        "arn:aws:iam:us-east-1:123456789012:mfa/jane",
    ] {
        assert_eq!(code(other), SerialError::NotADevice, "{other}");
    }
    assert_eq!(
        code("arn:aws:iam::12345678901:mfa/jane"),
        SerialError::Arn(ArnError::Account)
    );
    assert_eq!(
        code("arn:aws-iso:iam::123456789012:mfa/jane"),
        SerialError::Arn(ArnError::Partition)
    );
    for secret in [SECRET, SEED, OTPAUTH, &SEED.to_lowercase()] {
        assert_eq!(code(secret), SerialError::LooksLikeSecret);
    }
    assert_eq!(code("GAHT1234"), SerialError::Length { found: 8 });
    assert_eq!(code(&"1".repeat(257)), SerialError::Length { found: 257 });
    assert_eq!(
        code("GAHT 12345678"),
        SerialError::Character { position: 4 }
    );
    let spaced = Serial::of_virtual_device(Partition::Aws, &account, "my phone");
    assert_eq!(spaced, Err(SerialError::Character { position: 2 }));
    assert_eq!(
        Serial::of_virtual_device(Partition::Aws, &account, ""),
        Err(SerialError::NotADevice)
    );
}

#[test]
fn arns() {
    let arn = Arn::parse("arn:aws:sts::123456789012:assumed-role/Admin/jane@example.com").unwrap();
    assert_eq!(
        (arn.partition(), arn.service(), arn.region()),
        (Partition::Aws, "sts", None)
    );
    assert_eq!(arn.account().unwrap().as_str(), "123456789012");
    assert_eq!(arn.resource(), "assumed-role/Admin/jane@example.com");
    let log = Arn::parse("arn:aws-cn:logs:cn-north-1:123456789012:log-group:a:*").unwrap();
    assert_eq!(
        (log.region(), log.resource()),
        (Some("cn-north-1"), "log-group:a:*")
    );
    assert_eq!(
        Arn::parse("arn:aws:iam::aws:policy/ReadOnlyAccess")
            .unwrap()
            .account(),
        None
    );
    for (wrong, error) in [
        ("", ArnError::Shape),
        ("arn:aws:iam::123456789012", ArnError::Shape),
        ("ARN:aws:iam::123456789012:user/jane", ArnError::Shape),
        (
            "arn:amazon:iam::123456789012:user/jane",
            ArnError::Partition,
        ),
        ("arn:aws::us-east-1:123456789012:x", ArnError::Part),
        ("arn:aws:iam:US:123456789012:x", ArnError::Part),
        ("arn:aws:iam::1234-5678-9012:x", ArnError::Account),
        ("arn:aws:iam::123456789012:", ArnError::Resource),
        (
            "arn:aws:iam::123456789012:user/jane doe",
            ArnError::Resource,
        ),
    ] {
        assert_eq!(Arn::parse(wrong), Err(error), "{wrong}");
    }
}

#[test]
fn endpoints() {
    for address in [
        "https://sts.example.com",
        "https://vpce-0a1b.sts.eu-central-1.vpce.amazonaws.com",
        "https://[2001:db8::1]:8443/path",
        "http://localhost:4566",
        "http://127.0.0.1:5000",
        "http://[::1]:5000",
        "http://10.1.2.3:4566",
        "http://localstack:4566",
        "http://aws.internal",
    ] {
        round_trips::<EndpointUrl>(address);
    }
    let local = EndpointUrl::parse(" HTTP://LocalHost:4566/ ").unwrap();
    assert_eq!(
        (local.as_str(), local.is_plain_http()),
        ("http://localhost:4566", true)
    );
    assert_eq!(
        EndpointUrl::parse("https://x.example:8443/a/b")
            .unwrap()
            .authority(),
        "x.example:8443"
    );
    for (wrong, error) in [
        ("", EndpointUrlError::Shape),
        ("sts.example.com", EndpointUrlError::Shape),
        ("localhost:4566", EndpointUrlError::Shape),
        ("https://", EndpointUrlError::Shape),
        ("ftp://example.com", EndpointUrlError::Scheme),
        ("file:///etc/passwd", EndpointUrlError::Scheme),
        (
            "https://jane:secret@example.com",
            EndpointUrlError::Credentials,
        ),
        ("https://example.com?x=1", EndpointUrlError::Query),
        ("https://example.com/#x", EndpointUrlError::Query),
        ("http://example.com", EndpointUrlError::PlainHttp),
        ("http://8.8.8.8", EndpointUrlError::PlainHttp),
        ("http://localhost.example.com", EndpointUrlError::PlainHttp),
        ("http://10.0.0.1.example.com", EndpointUrlError::PlainHttp),
        ("http://[2001:db8::1]", EndpointUrlError::PlainHttp),
    ] {
        assert_eq!(EndpointUrl::parse(wrong), Err(error), "{wrong}");
    }
    let long = format!("https://example.com/{}", "a".repeat(500));
    assert_eq!(
        EndpointUrl::parse(&long),
        Err(EndpointUrlError::TooLong { found: 520 })
    );
    // What is kept has escapes in it, and must be read again.
    assert_eq!(
        EndpointUrl::parse(&format!("https://h/{}", "{".repeat(200))),
        Err(EndpointUrlError::TooLong { found: 610 })
    );
}

#[test]
fn durations() {
    for (typed, secs) in [
        ("12h", 43_200),
        ("1h30m", 5_400),
        ("900", 900),
        ("15 min", 900),
        ("1 h 1 s", 3_601),
        ("1d", 86_400),
    ] {
        assert_eq!(
            DurationSecs::parse(typed).unwrap().as_secs(),
            secs,
            "{typed}"
        );
    }
    for wrong in ["", "h", "1x", "30m1h", "1h1h", "-5", "1.5h", "12 34"] {
        assert_eq!(
            DurationSecs::parse(wrong),
            Err(DurationError::Shape),
            "{wrong}"
        );
    }
    for wrong in ["0", "0h", "367d", "99999999999", "4294967295d"] {
        assert_eq!(
            DurationSecs::parse(wrong),
            Err(DurationError::Range),
            "{wrong}"
        );
    }
    assert_eq!(DurationSecs::new(5_400).unwrap().to_string(), "1h30m");
}

#[test]
fn tags_and_colours() {
    round_trips::<Tag>("Größe XL");
    assert_eq!(Tag::parse(""), Err(TagError::Empty));
    assert_eq!(Tag::parse("a,b"), Err(TagError::Separator));
    assert_eq!(Tag::parse("a\nb"), Err(TagError::Separator));
    assert_eq!(
        Tag::parse(&"ä".repeat(51)),
        Err(TagError::TooLong { found: 51 })
    );
    for colour in Colour::ALL {
        round_trips::<Colour>(colour.as_str());
    }
    assert_eq!(Colour::parse("mauve"), Err(UnknownColour));
}

#[test]
fn parameters_of_codes() {
    let aws = OtpParams::default();
    assert_eq!(
        (aws.algorithm, aws.digits.count(), aws.period.as_secs()),
        (OtpAlgorithm::Sha1, 6, 30)
    );
    for name in ["SHA1", "sha-1", "HmacSHA1"] {
        assert_eq!(OtpAlgorithm::parse(name), Ok(OtpAlgorithm::Sha1));
    }
    assert_eq!(
        OtpAlgorithm::parse("HMAC-SHA-512"),
        Ok(OtpAlgorithm::Sha512)
    );
    assert_eq!(OtpAlgorithm::parse("MD5"), Err(OtpParamsError::Algorithm));
    assert!((0..=400).all(|number| Digits::new(number).is_ok() == (6..=8).contains(&number)));
    assert!((0..=400).all(|number| PeriodSecs::new(number).is_ok() == (1..=300).contains(&number)));
}

#[test]
fn timestamps() {
    let moment = Timestamp::parse("2026-11-23T10:00:00Z").unwrap();
    assert_eq!(
        (moment.unix_secs(), moment.to_string().as_str()),
        (1_795_428_000, "2026-11-23T10:00:00Z")
    );
    assert_eq!(Timestamp::parse("2026-11-23T11:00:00.75+01:00"), Ok(moment));
    assert_eq!(Timestamp::parse("yesterday"), Err(TimestampError));
    // The last second of the calendar, west of Greenwich, is none of UTC's calendar.
    let last = Timestamp::parse("9999-12-31T23:59:59-01:00").map(Timestamp::unix_secs);
    assert_eq!(last, Ok(253_402_304_399));
    assert_eq!(
        Timestamp::from_unix_secs(i64::MAX).plus_secs(1).unix_secs(),
        i64::MAX
    );
    assert_eq!(
        Timestamp::from_unix_secs(i64::MIN).to_string(),
        format!("{} s", i64::MIN)
    );
}

#[test]
fn ids() {
    let id = ItemId::from_bytes([0xab; 16]);
    round_trips::<ItemId>(&"ab".repeat(16));
    assert_eq!(ItemId::parse(&"AB".repeat(16)), Ok(id));
    assert_eq!(ItemId::parse("abc"), Err(IdError::Length { found: 3 }));
    assert_eq!(
        ItemId::parse(&"xy".repeat(16)),
        Err(IdError::NotHex { position: 0 })
    );
    assert_ne!(ItemId::new_random(), ItemId::new_random());
    assert_eq!(
        serde_json::to_string(&id).unwrap(),
        format!("\"{}\"", "ab".repeat(16))
    );
    let mut cbor = Vec::new();
    ciborium::into_writer(&id, &mut cbor).unwrap();
    assert_eq!((cbor[0], cbor.len()), (0x50, 17));
}

#[test]
fn fields_are_named_canonically() {
    let device = DeviceId::from_bytes([1; 16]);
    let field = FieldId::from_bytes([2; 16]);
    let key = AccessKeyId::parse("AKIAIOSFODNN7EXAMPLE").unwrap();
    let names = [
        Field::Password,
        Field::MfaSeed(device),
        Field::AccessKeySecret(key),
        Field::Custom(field),
    ];
    assert_eq!(
        names.map(|field| field.aad()),
        [
            "sign-on.password".to_owned(),
            format!("mfa.{}.seed", "01".repeat(16)),
            "access-key.AKIAIOSFODNN7EXAMPLE.secret".to_owned(),
            format!("custom.{}", "02".repeat(16)),
        ]
    );
}

/// Parses with every type; gives the error texts, and what was accepted as shown and as shown when parsed again.
fn parse_all(text: &str) -> (Vec<String>, Vec<(String, String)>) {
    let mut errors = Vec::new();
    let mut shown = Vec::new();
    macro_rules! with {
        ($($type:ty),*) => {$(
            match <$type>::parse(text) {
                Ok(value) => {
                    let once = value.to_string();
                    let again = <$type>::parse(&once).map_or_else(|error| error.to_string(), |value| value.to_string());
                    shown.push((once, again));
                }
                Err(error) => errors.extend([error.to_string(), format!("{error:?}")]),
            }
        )*};
    }
    with!(
        AccountId,
        AccountAlias,
        Partition,
        Region,
        UserName,
        EmailAddress,
        AccessKeyId,
        Serial,
        Arn,
        EndpointUrl,
        DurationSecs,
        Tag,
        Colour,
        OtpAlgorithm,
        ItemId,
        Timestamp
    );
    (errors, shown)
}

#[test]
fn errors_never_repeat_what_was_typed() {
    for secret in [SECRET, SEED, OTPAUTH, "correct horse battery staple!"] {
        let (errors, _) = parse_all(secret);
        assert!(errors.len() > 20);
        for error in errors {
            assert!(
                !error.contains(secret) && !error.contains(&secret[..10]),
                "{error}"
            );
        }
    }
}

fn near_misses() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "\\PC{0,40}",
        "arn:(aws|aws-cn|aws-us-gov|x)?:[a-z]{0,4}:[a-z0-9-]{0,12}:[0-9]{0,13}:(mfa|u2f)?/?\\PC{0,9}",
        "https?://[a-z0-9.:@\\[\\]/?#-]{0,30}",
        "[A-Z0-9]{14,22}",
        "[0-9 -]{10,16}",
        "[a-z]{1,4}-[a-z]{1,9}-[0-9a-f]{1,3}",
        "[0-9]{1,6}( ?[dhms])?( ?[0-9]{1,3}[ms])?",
        "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(Z|\\+[0-9]{2}:[0-9]{2})",
    ]
}

proptest! {
    #[test]
    fn no_input_panics_and_what_is_accepted_round_trips(text in near_misses()) {
        let (_, shown) = parse_all(&text);
        for (once, again) in shown {
            prop_assert_eq!(again, once);
        }
    }

    #[test]
    fn serde_checks_as_parsing_does(text in near_misses()) {
        let mut cbor = Vec::new();
        ciborium::into_writer(&text, &mut cbor).unwrap();
        prop_assert_eq!(ciborium::from_reader::<Serial, _>(cbor.as_slice()).ok(), Serial::parse(&text).ok());
        prop_assert_eq!(ciborium::from_reader::<AccountId, _>(cbor.as_slice()).ok(), AccountId::parse(&text).ok());
        prop_assert_eq!(ciborium::from_reader::<EndpointUrl, _>(cbor.as_slice()).ok(), EndpointUrl::parse(&text).ok());
    }

    #[test]
    fn moments_round_trip(secs in -62_135_596_800..253_402_300_799_i64) {
        let moment = Timestamp::from_unix_secs(secs);
        prop_assert_eq!(Timestamp::parse(&moment.to_string()), Ok(moment));
    }

    #[test]
    fn lengths_of_time_round_trip(secs in 1..=31_622_400_u32) {
        let duration = DurationSecs::new(secs).unwrap();
        prop_assert_eq!(DurationSecs::parse(&duration.to_string()), Ok(duration));
    }

    #[test]
    fn ids_round_trip(bytes in any::<[u8; 16]>()) {
        let id = DeviceId::from_bytes(bytes);
        prop_assert_eq!(DeviceId::parse(&id.to_string()), Ok(id));
        prop_assert_eq!(serde_json::from_str::<DeviceId>(&serde_json::to_string(&id).unwrap()).unwrap(), id);
    }
}
