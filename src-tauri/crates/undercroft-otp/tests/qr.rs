//! Draws codes, reads them back, and holds hostile pictures against the reader.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "the functions beside the tests are tests too"
)]

use proptest::prelude::*;
use undercroft_otp::qr::{Picture, draw, read_codes};
use undercroft_otp::{Payload, classify};
use undercroft_secret::SecretString;

const URI: &str = "otpauth://totp/Amazon%20Web%20Services:jane@acme?secret=GQMWATC3JYIGQBZRDPT7JEVWVDZQISEOXZXUP42552H6VRJTIXM3YLHI37J3YW6N&issuer=Amazon%20Web%20Services";

#[test]
fn what_is_drawn_is_read() {
    let drawing = draw(&SecretString::copy_of(URI)).unwrap();
    for scale in [2, 3, 5, 8] {
        let picture = Picture::read(drawing.to_png(scale).expose()).unwrap();
        let found = read_codes(&picture);
        assert_eq!(found.len(), 1, "scale {scale}");
        assert_eq!(found[0].text.expose(), URI);
        assert!(matches!(
            classify(&found[0].text),
            Ok(Payload::Device(device)) if device.name == "jane@acme"
        ));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn any_text_comes_back(text in "[ -~]{1,200}|\\PC{1,40}") {
        let text = SecretString::new(text);
        let found = read_codes(&draw(&text).unwrap().to_picture(4));
        prop_assert_eq!(found.len(), 1);
        prop_assert!(found[0].text.ct_eq(&text), "{}", text.expose());
    }
}
