//! Recognises what people paste into the wrong field.

/// Tells whether `text` has the shape of a secret access key: 40 characters of Base64.
///
/// An all-capital text is not taken for one, as access key ids are written that way.
pub(crate) fn is_secret_access_key(text: &str) -> bool {
    text.len() == 40
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/'))
        && text
            .bytes()
            .any(|b| b.is_ascii_lowercase() || matches!(b, b'+' | b'/'))
}

/// Tells whether `text` is what an MFA device's QR code holds.
pub(crate) fn is_otpauth(text: &str) -> bool {
    text.as_bytes()
        .get(..10)
        .is_some_and(|head| head.eq_ignore_ascii_case(b"otpauth://"))
}

/// Tells whether `text` has the shape of an AWS virtual MFA device's seed: 32 or 64 Base32 characters.
pub(crate) fn is_mfa_seed(text: &str) -> bool {
    matches!(text.len(), 32 | 52 | 56 | 64)
        && text
            .bytes()
            .all(|b| b.is_ascii_alphabetic() || (b'2'..=b'7').contains(&b))
}
