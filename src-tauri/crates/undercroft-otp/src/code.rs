//! One-time codes: RFC 4226 (HOTP) over the time steps of RFC 6238 (TOTP).

use std::fmt::Write;

use totp_rs::{Algorithm, Builder, Secret};
use undercroft_model::{OtpAlgorithm, OtpParams, Timestamp};
use undercroft_secret::SecretString;

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
    let algorithm = match params.algorithm {
        OtpAlgorithm::Sha1 => Algorithm::SHA1,
        OtpAlgorithm::Sha256 => Algorithm::SHA256,
        OtpAlgorithm::Sha512 => Algorithm::SHA512,
    };
    // The library asks for a time and divides it by the period; with a period of 1 the time is the step itself. Its
    // checks are left out because they refuse what AWS and others use, and ours came first: digits are 6 to 8.
    let token = Builder::new()
        .with_algorithm(algorithm)
        .with_digits(u8::try_from(params.digits.count()).unwrap_or(6))
        .with_step_duration(1)
        .with_secret(Secret::new(seed.expose().into()))
        .build_noncompliant()
        .generate(step.counter());
    let mut text = String::with_capacity(16);
    // Writing to a `String` does not fail.
    let _ = write!(text, "{token}");
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
    fn a_code_leaves_without_a_gap() {
        let code = code(&seed(), with_digits(8), TimeStep::from_counter(0));
        assert_eq!(code.into_secret().expose(), "84755224");
    }

    #[test]
    fn zeros_in_front_are_kept() {
        // RFC 6238 appendix B, at second 1111111109.
        let step = TimeStep::from_counter(37_037_036);
        let shown = |digits| code(&seed(), with_digits(digits), step);
        assert_eq!(shown(8).as_str(), "07081804");
        assert_eq!(shown(8).grouped().expose(), "0708 1804");
        assert_eq!(shown(6).as_str(), "081804");
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
