//! Compares codes with those of `oathtool`, on random seeds, parameters and times.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "it tells how much was compared, or why nothing"
)]

use std::process::{Command, Stdio};

use undercroft_model::{Digits, OtpAlgorithm, OtpParams, PeriodSecs, Timestamp};
use undercroft_otp::{Seed, TimeStep, code};
use undercroft_secret::SecretBytes;

/// Each run of oathtool prints this many successive codes.
const CODES_PER_RUN: u64 = 12;
const SEEDS_PER_COMBINATION: usize = 12;

fn is_missing() -> bool {
    Command::new("oathtool")
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_err()
}

fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).unwrap();
    bytes
}

fn random_below(limit: u64) -> u64 {
    u64::from_le_bytes(random()) % limit
}

fn random_seed() -> Vec<u8> {
    // Some are longer than a block of the hash, where HMAC hashes its key first.
    let length = 1 + random_below(160) as usize;
    let mut seed = random::<160>()[..length].to_vec();
    seed[0] |= 1;
    seed
}

fn of_oathtool(seed: &[u8], params: OtpParams, now: u64, in_base32: bool) -> Vec<String> {
    let seed_text: String = seed.iter().map(|byte| format!("{byte:02x}")).collect();
    let mut command = Command::new("oathtool");
    command
        .arg(format!(
            "--totp={}",
            params.algorithm.as_str().to_lowercase()
        ))
        .arg(format!("--digits={}", params.digits.count()))
        .arg(format!("--time-step-size={}s", params.period.as_secs()))
        .arg(format!("--window={}", CODES_PER_RUN - 1))
        .arg(format!("--now=@{now}"));
    if in_base32 {
        let seed = Seed::from_bytes(SecretBytes::copy_of(seed)).unwrap();
        command.arg("--base32").arg(seed.to_base32().expose());
    } else {
        command.arg(seed_text);
    }
    let output = command.env("TZ", "UTC").output().unwrap();
    assert!(
        output.status.success(),
        "oathtool: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .map(str::to_owned)
        .collect()
}

#[test]
fn codes_agree_with_oathtool() {
    if is_missing() {
        eprintln!(
            "\n*** SKIPPED: oathtool is not installed (apt-get install oathtool); codes were not compared ***\n"
        );
        return;
    }
    let mut compared = 0;
    for algorithm in [
        OtpAlgorithm::Sha1,
        OtpAlgorithm::Sha256,
        OtpAlgorithm::Sha512,
    ] {
        for digits in 6..=8 {
            for run in 0..SEEDS_PER_COMBINATION {
                let period = match run {
                    0 => 30,
                    1 => 1,
                    2 => 300,
                    _ => 1 + random_below(300) as u32,
                };
                let params = OtpParams {
                    algorithm,
                    digits: Digits::new(digits).unwrap(),
                    period: PeriodSecs::new(period).unwrap(),
                };
                let seed = random_seed();
                // Up to the year 2100.
                let now = random_below(4_102_444_800);
                let theirs = of_oathtool(&seed, params, now, run % 2 == 0);
                assert_eq!(theirs.len() as u64, CODES_PER_RUN);

                let wrapped = Seed::from_bytes(SecretBytes::copy_of(&seed)).unwrap();
                let mut step = TimeStep::at(Timestamp::from_unix_secs(now as i64), params.period);
                for their_code in theirs {
                    let ours = code(&wrapped, params, step);
                    assert_eq!(
                        ours.as_str(),
                        their_code,
                        "{params:?}, step {step:?}, seed {seed:02x?}"
                    );
                    step = step.next();
                    compared += 1;
                }
            }
        }
    }
    println!("{compared} codes agree with oathtool");
}
