//! One-time codes: RFC 4226 (HOTP) over the time steps of RFC 6238 (TOTP).

use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::{Sha256, Sha512};
use undercroft_model::{OtpAlgorithm, OtpParams, Timestamp};
use undercroft_secret::SecretString;
use zeroize::Zeroize;

use crate::{Seed, TimeStep, Window};

/// A one-time code of six to eight digits.
///
/// Wiped when dropped; its `Debug` does not show the digits.
#[derive(Clone, Debug)]
pub struct Code(SecretString);

impl Code {
    /// Exposes the digits without a gap, as they are sent to AWS.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.expose()
    }

    /// Returns the digits without a gap, still wrapped.
    #[must_use]
    pub fn into_secret(self) -> SecretString {
        self.0
    }

    /// Returns the digits in two groups, as people read them: `123 456`, `123 4567`, `1234 5678`.
    #[must_use]
    pub fn grouped(&self) -> SecretString {
        let (first, second) = self.as_str().split_at(self.as_str().len() / 2);
        SecretString::concat(&[first, " ", second])
    }
}

/// Computes the code of one time step.
#[must_use]
pub fn code(seed: &Seed, params: OtpParams, step: TimeStep) -> Code {
    let truncated = match params.algorithm {
        OtpAlgorithm::Sha1 => truncated::<Hmac<Sha1>>(seed, step),
        OtpAlgorithm::Sha256 => truncated::<Hmac<Sha256>>(seed, step),
        OtpAlgorithm::Sha512 => truncated::<Hmac<Sha512>>(seed, step),
    };
    let digits = params.digits.count();
    let mut text = String::with_capacity(16);
    for place in (0..digits).rev() {
        text.push(char::from(
            b'0' + (truncated / 10_u32.pow(place) % 10) as u8,
        ));
    }
    Code(SecretString::new(text))
}

/// What a live display of a device shows.
#[derive(Clone, Debug)]
pub struct Live {
    /// The code of the present step.
    pub code: Code,
    /// The code of the following step, shown dimmed.
    pub next: Code,
    /// The present step and how long it lasts.
    pub window: Window,
}

impl Live {
    /// Computes the present and the following code of a device.
    #[must_use]
    pub fn at(seed: &Seed, params: OtpParams, now: Timestamp) -> Self {
        let window = Window::at(now, params.period);
        Self {
            code: code(seed, params, window.step),
            next: code(seed, params, window.step.next()),
            window,
        }
    }
}

/// Computes the dynamic truncation of RFC 4226 section 5.3: 31 bits of the HMAC.
fn truncated<M: Mac + KeyInit>(seed: &Seed, step: TimeStep) -> u32 {
    let Ok(mut mac) = M::new_from_slice(seed.expose()) else {
        unreachable!("RFC 2104: HMAC takes keys of any length");
    };
    mac.update(&step.counter().to_be_bytes());
    let mut digest = mac.finalize().into_bytes();
    let offset = digest.last().map_or(0, |last| usize::from(last & 0x0f));
    let word = digest
        .iter()
        .skip(offset)
        .take(4)
        .fold(0_u32, |word, byte| (word << 8) | u32::from(*byte));
    digest.as_mut_slice().zeroize();
    word & 0x7fff_ffff
}

#[cfg(test)]
mod tests {
    use undercroft_model::{Digits, PeriodSecs};
    use undercroft_secret::SecretBytes;

    use super::*;

    fn seed() -> Seed {
        Seed::from_bytes(SecretBytes::copy_of(b"12345678901234567890")).unwrap()
    }

    fn with_digits(digits: u32) -> OtpParams {
        OtpParams {
            digits: Digits::new(digits).unwrap(),
            ..OtpParams::default()
        }
    }

    #[test]
    fn codes_are_grouped_for_reading() {
        let grouped =
            |digits| code(&seed(), with_digits(digits), TimeStep::from_counter(0)).grouped();
        assert_eq!(grouped(6).expose(), "755 224");
        assert_eq!(grouped(7).expose(), "475 5224");
        assert_eq!(grouped(8).expose(), "8475 5224");
    }

    #[test]
    fn a_code_prints_redacted() {
        let code = code(&seed(), OtpParams::default(), TimeStep::from_counter(0));
        assert_eq!(code.as_str(), "755224");
        assert!(!format!("{code:?}").contains("755224"));
    }

    #[test]
    fn live_shows_this_step_and_the_next() {
        let period = PeriodSecs::new(30).unwrap();
        let live = Live::at(&seed(), OtpParams::default(), Timestamp::from_unix_secs(31));
        assert_eq!(
            live.window.step,
            TimeStep::at(Timestamp::from_unix_secs(31), period)
        );
        assert_eq!(live.code.as_str(), "287082");
        assert_eq!(live.next.as_str(), "359152");
        assert_eq!(live.window.left_secs, 29);
    }
}
