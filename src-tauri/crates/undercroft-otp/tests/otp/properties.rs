//! What must hold for any otpauth URI, written by anybody.

use proptest::prelude::*;
use undercroft_otp::{AwsLabel, OtpAuth, TypedSecret, parse_typed};
use undercroft_secret::SecretString;

fn parse(uri: &str) -> Option<OtpAuth> {
    OtpAuth::parse(&SecretString::copy_of(uri)).ok()
}

/// Pieces that a parser of URIs can stumble over, and plain text between them.
fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => prop::sample::select(vec![
            ":", "%3A", "%3a", "%", "%2", "%25", "%00", "%ff", "%E2%80%AE", "\u{202e}", "\u{0}", "\n", " ", "+",
            "%20", "@", "%40", "/", "?", "&", "&amp;", "=", "#", ";", "arn:", "arn:aws:iam::123456789012:mfa/",
            "Amazon%20Web%20Services", "root-account-mfa-device", "123456789012", "ü", "日本", "👩\u{200d}💻",
            "secret=", "&secret=GEZDGNBVGY3TQOJQ", "&issuer=", "&digits=10", "&period=0", "&algorithm=HmacSHA1",
        ])
        .prop_map(str::to_owned),
        1 => "[a-zA-Z0-9_.-]{0,12}",
        1 => "\\PC{0,4}",
    ]
}

fn pieces(most: usize) -> impl Strategy<Value = String> {
    prop::collection::vec(piece(), 0..most).prop_map(|pieces| pieces.concat())
}

/// A text as a label or an issuer parameter can carry it: no delimiter of its place, no secret.
fn label_part() -> impl Strategy<Value = String> {
    pieces(6).prop_map(|text| text.replace(['?', '&', '#', '='], "").replace("secret", ""))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4096, ..ProptestConfig::default() })]

    #[test]
    fn no_text_panics(text in pieces(14)) {
        let _ = parse(&text);
        let _ = parse_typed(&SecretString::new(text));
    }

    #[test]
    fn no_uri_panics(rest in pieces(14)) {
        if let Some(uri) = parse(&format!("otpauth://totp/{rest}")) {
            let _ = AwsLabel::from(&uri);
            let _ = uri.label();
            let debug = format!("{uri:?}");
            let seed = uri.seed.to_base32();
            prop_assert!(seed.len() < 16 || !debug.contains(seed.expose()), "{}", debug);
        }
    }

    #[test]
    fn what_is_read_can_be_written_and_read_again(
        label in label_part(),
        issuer in prop::option::of(label_part()),
        seed in "[A-Z2-7]{24,70}",
        algorithm in prop::sample::select(vec!["SHA1", "sha-256", "HmacSHA512"]),
        digits in 6u8..=8,
        period in 1u16..=300,
    ) {
        let issuer = issuer.map(|issuer| format!("&issuer={issuer}")).unwrap_or_default();
        let uri = format!(
            "otpauth://totp/{label}?secret={seed}{issuer}&algorithm={algorithm}&digits={digits}&period={period}"
        );
        let read = parse(&uri);
        prop_assert!(read.is_some());
        let read = read.unwrap();
        let written = read.to_uri();
        let again = parse(written.expose());
        prop_assert!(again.is_some(), "{}", written.expose());
        let again = again.unwrap();
        prop_assert_eq!(&again.issuer, &read.issuer);
        prop_assert_eq!(&again.name, &read.name);
        prop_assert_eq!(again.params, read.params);
        prop_assert!(again.seed.ct_eq(&read.seed));
        prop_assert_eq!(&again.issuer_in_label, &None);
        prop_assert!(again.to_uri().ct_eq(&written));
    }

    #[test]
    fn what_is_read_shows_nothing_hidden(rest in pieces(14)) {
        if let Some(uri) = parse(&format!("otpauth://totp/{rest}?secret=GEZDGNBVGY3TQOJQ")) {
            for text in [Some(&uri.name), uri.issuer.as_ref(), uri.issuer_in_label.as_ref()].into_iter().flatten() {
                let hidden = text.chars().find(|character| {
                    character.is_control() || matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
                });
                prop_assert_eq!(hidden, None);
                prop_assert_eq!(text.trim(), text.as_str());
            }
        }
    }

    #[test]
    fn a_pasted_uri_is_taken_for_one(seed in "[A-Z2-7]{32}", name in "[a-z]{1,9}") {
        let uri = format!("  otpauth://totp/{name}?secret={seed}\n");
        prop_assert!(matches!(parse_typed(&SecretString::new(uri)), Ok(TypedSecret::Uri(_))));
        prop_assert!(matches!(parse_typed(&SecretString::new(seed)), Ok(TypedSecret::Seed(_))));
    }
}
