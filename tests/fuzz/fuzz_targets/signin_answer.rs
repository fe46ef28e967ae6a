//! Feeds answers of AWS's sign-in to their reader: none may panic, and a token leads to the page that was asked for.

#![no_main]

use libfuzzer_sys::fuzz_target;
use undercroft_aws::{login_address, signin_token};

const SITE: &str = "https://signin.aws.amazon.com/federation";
const PAGE: &str = "https://eu-central-1.console.aws.amazon.com/s3/home?region=eu-central-1";

fuzz_target!(|body: &[u8]| {
    assert!(signin_token(403, body).is_err());
    let Ok(token) = signin_token(200, body) else {
        return;
    };
    let address = login_address(SITE, PAGE, &token);
    let query = address
        .expose()
        .strip_prefix(SITE)
        .expect("the site asked")
        .strip_prefix('?');
    let pairs: Vec<_> = url::form_urlencoded::parse(query.expect("a query").as_bytes()).collect();
    let pairs: Vec<_> = pairs
        .iter()
        .map(|(name, value)| (&**name, &**value))
        .collect();
    let wanted = [
        ("Action", "login"),
        ("Issuer", "undercroft"),
        ("Destination", PAGE),
        ("SigninToken", token.expose()),
    ];
    assert_eq!(pairs, wanted);
    assert!(token.expose().bytes().all(|byte| byte.is_ascii_graphic()));
});
