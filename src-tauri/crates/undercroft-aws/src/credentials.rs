//! What signs a call, what proves MFA, and what a call brings back.

use std::fmt;
use std::ops::RangeInclusive;

use undercroft_model::DurationSecs;
use undercroft_model::{AccessKeyId, Serial, Timestamp};
use undercroft_secret::SecretString;

/// How long a session lives unless the user says otherwise, in seconds: 12 hours, as in the API reference.
pub const SESSION_SECS_DEFAULT: u32 = 43_200;

/// How long a root user's session lives, in seconds: one hour, which is also its maximum.
pub const SESSION_SECS_DEFAULT_ROOT: u32 = 3_600;

/// The durations that GetSessionToken accepts, in seconds (API reference of STS, `DurationSeconds`).
///
/// AWS quietly shortens a root user's longer session to an hour; here that is an error in advance, so that nobody is
/// surprised.
#[must_use]
pub fn session_token_limits(is_root: bool) -> RangeInclusive<u32> {
    if is_root { 900..=3_600 } else { 900..=129_600 }
}

/// How long a role's session lives unless the user says otherwise, in seconds: one hour, as in the API reference.
pub const ROLE_SECS_DEFAULT: u32 = 3_600;

/// The durations that AssumeRole accepts, in seconds, before the role's own maximum is looked at.
///
/// AWS refuses more than an hour to whoever assumes a role from a session.
#[must_use]
pub fn role_limits(chained: bool) -> RangeInclusive<u32> {
    if chained { 900..=3_600 } else { 900..=43_200 }
}

/// The durations that GetFederationToken accepts, in seconds; a root user's longer session would be shortened.
#[must_use]
pub fn federation_limits(is_root: bool) -> RangeInclusive<u32> {
    session_token_limits(is_root)
}

/// An identity's access key with its secret.
#[derive(Clone, Debug)]
pub struct LongTermKey {
    /// The id, which is no secret.
    pub id: AccessKeyId,
    /// The secret access key.
    pub secret: SecretString,
}

/// What signs a call.
#[derive(Clone, Copy, Debug)]
pub enum Signer<'a> {
    /// A long-term access key.
    Key(&'a LongTermKey),
    /// The credentials of a session.
    Session(&'a SessionCredentials),
}

impl<'a> From<&'a LongTermKey> for Signer<'a> {
    fn from(key: &'a LongTermKey) -> Self {
        Self::Key(key)
    }
}

impl<'a> From<&'a SessionCredentials> for Signer<'a> {
    fn from(session: &'a SessionCredentials) -> Self {
        Self::Session(session)
    }
}

/// An MFA device's serial and a code of it, good for one call.
///
/// It can't be cloned and calls take it by value, so a code is not sent twice by accident.
pub struct MfaProof {
    serial: Serial,
    code: SecretString,
}

/// Why a text is not a token code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("STS takes codes of exactly 6 digits")]
pub struct MfaProofError;

impl MfaProof {
    /// Joins a device's serial and its code.
    ///
    /// # Errors
    /// STS takes exactly six digits (API reference, `TokenCode`); a device set to 7 or 8 can't be used with it.
    pub fn new(serial: Serial, code: SecretString) -> Result<Self, MfaProofError> {
        let digits = code.expose().as_bytes();
        if digits.len() == 6 && digits.iter().all(u8::is_ascii_digit) {
            Ok(Self { serial, code })
        } else {
            Err(MfaProofError)
        }
    }

    /// The device's serial.
    #[must_use]
    pub fn serial(&self) -> &Serial {
        &self.serial
    }

    /// Lends the code, for the one call that it is good for.
    #[must_use]
    pub fn expose_code(&self) -> &str {
        self.code.expose()
    }
}

impl fmt::Debug for MfaProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MfaProof({}, redacted)", self.serial)
    }
}

/// The access key id of temporary credentials, such as `ASIAIOSFODNN7EXAMPLE`: 16 to 128 letters, digits and `_`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SessionKeyId(String);

impl SessionKeyId {
    /// Reads an access key id.
    ///
    /// # Errors
    /// Refuses what does not fit the API reference's pattern.
    pub fn parse(text: &str) -> Result<Self, SessionCredentialsError> {
        let fits = (16..=128).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        if fits {
            Ok(Self(text.to_owned()))
        } else {
            Err(SessionCredentialsError::KeyId)
        }
    }

    /// The id.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SessionKeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Temporary credentials with their expiration.
///
/// The secret and the token consist of visible ASCII characters other than `#` and `;`, so they fit on one line of any
/// file, into any header, and begin no comment in a credentials file.
#[derive(Clone, Debug)]
pub struct SessionCredentials {
    key_id: SessionKeyId,
    secret: SecretString,
    token: SecretString,
    expiration: Timestamp,
}

/// Why values can't be a session's credentials. The values are not repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SessionCredentialsError {
    /// The access key id is missing or malformed.
    #[error("the session's access key id is missing or malformed")]
    KeyId,
    /// The secret access key is missing, longer than 1 KiB, or has characters that AWS never uses.
    #[error("the session's secret access key is missing or malformed")]
    Secret,
    /// The session token is missing, longer than 32 KiB, or has characters that AWS never uses.
    #[error("the session token is missing or malformed")]
    Token,
}

impl SessionCredentials {
    /// Joins the parts of a session's credentials.
    ///
    /// # Errors
    /// Says which part is missing or malformed.
    pub fn new(
        key_id: SessionKeyId,
        secret: SecretString,
        token: SecretString,
        expiration: Timestamp,
    ) -> Result<Self, SessionCredentialsError> {
        if !is_plain(&secret, 1024) {
            return Err(SessionCredentialsError::Secret);
        }
        // AWS sets no maximum and says to allow for several KiB.
        if !is_plain(&token, 32 * 1024) {
            return Err(SessionCredentialsError::Token);
        }
        Ok(Self {
            key_id,
            secret,
            token,
            expiration,
        })
    }

    /// The access key id, which is no secret.
    #[must_use]
    pub fn key_id(&self) -> &SessionKeyId {
        &self.key_id
    }

    /// The secret access key.
    #[must_use]
    pub fn secret(&self) -> &SecretString {
        &self.secret
    }

    /// The session token, a secret as well.
    #[must_use]
    pub fn token(&self) -> &SecretString {
        &self.token
    }

    /// When AWS stops accepting them, by AWS's clock.
    #[must_use]
    pub fn expiration(&self) -> Timestamp {
        self.expiration
    }
}

fn is_plain(secret: &SecretString, max_bytes: usize) -> bool {
    let plain = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'#' | b';');
    (1..=max_bytes).contains(&secret.len()) && secret.expose().bytes().all(plain)
}

/// Whether a session of `asked` seconds may end at `expiration`, as seen at AWS's time `now`.
///
/// AWS may shorten a session, never lengthen it; five minutes are allowed for clocks.
pub(crate) fn is_plausible(expiration: Timestamp, now: Timestamp, asked: DurationSecs) -> bool {
    const LEEWAY_SECS: i64 = 300;
    let remaining = expiration.secs_since(now);
    remaining > 0 && remaining <= i64::from(asked.as_secs()) + LEEWAY_SECS
}

#[cfg(test)]
mod tests {
    use super::*;

    fn serial() -> Serial {
        Serial::parse("arn:aws:iam::123456789012:mfa/phone").expect("a serial")
    }

    #[test]
    fn codes_have_six_digits() {
        assert!(MfaProof::new(serial(), SecretString::copy_of("012345")).is_ok());
        for text in ["", "12345", "1234567", "12345a", "123 456", "１２３４５６"] {
            assert!(
                MfaProof::new(serial(), SecretString::copy_of(text)).is_err(),
                "{text}"
            );
        }
    }

    #[test]
    fn debug_shows_no_secret() {
        let proof = MfaProof::new(serial(), SecretString::copy_of("987654")).expect("six digits");
        let session = SessionCredentials::new(
            SessionKeyId::parse("ASIAIOSFODNN7EXAMPLE").expect("an id"),
            SecretString::copy_of("wJalrXUtnFEMI"),
            SecretString::copy_of("IQoJb3JpZ2lu"),
            Timestamp::from_unix_secs(0),
        )
        .expect("credentials");
        let shown = format!("{proof:?} {session:?}");
        for secret in ["987654", "wJalrXUtnFEMI", "IQoJb3JpZ2lu"] {
            assert!(!shown.contains(secret), "{shown}");
        }
        assert!(shown.contains("ASIAIOSFODNN7EXAMPLE"));
    }

    #[test]
    fn malformed_credentials_are_refused() {
        let new = |secret: &str, token: &str| {
            SessionCredentials::new(
                SessionKeyId::parse("ASIAIOSFODNN7EXAMPLE").expect("an id"),
                SecretString::copy_of(secret),
                SecretString::copy_of(token),
                Timestamp::from_unix_secs(0),
            )
            .map(|_| ())
        };
        assert_eq!(new("s", "t"), Ok(()));
        for bad in ["", "a b", "a\nb", "a\0b", "ä", "\u{7f}", "#a", "a;b"] {
            assert_eq!(
                new(bad, "t"),
                Err(SessionCredentialsError::Secret),
                "{bad:?}"
            );
            assert_eq!(
                new("s", bad),
                Err(SessionCredentialsError::Token),
                "{bad:?}"
            );
        }
        for bad in [
            "",
            "ASIA",
            "ASIAIOSFODNN7EXAMPL\n",
            "ASIAIOSFODNN7EXAMPLE;id",
        ] {
            assert_eq!(
                SessionKeyId::parse(bad),
                Err(SessionCredentialsError::KeyId)
            );
        }
    }

    #[test]
    fn expirations_must_lie_within_what_was_asked_for() {
        let now = Timestamp::from_unix_secs(1_000_000);
        let asked = DurationSecs::new(3600).expect("a duration");
        for (secs, plausible) in [
            (-1, false),
            (0, false),
            (1, true),
            (3600, true),
            (3900, true),
            (3901, false),
            (i64::MAX, false),
        ] {
            assert_eq!(
                is_plausible(now.plus_secs(secs), now, asked),
                plausible,
                "{secs}"
            );
        }
        assert!(!is_plausible(
            Timestamp::from_unix_secs(i64::MIN),
            now,
            asked
        ));
    }
}
