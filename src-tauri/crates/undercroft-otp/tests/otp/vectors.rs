//! Runs the data files under `tests/vectors`: a line more in `otp`, or a file more in `otpauth`, is a test more.

use std::fs;
use std::path::PathBuf;

use serde_json::Value;
use undercroft_model::{Digits, OtpAlgorithm, OtpParams, Partition, PeriodSecs, Timestamp};
use undercroft_otp::{
    AccountRef, AwsLabel, AwsService, Correction, OtpAuth, Seed, TimeStep, TypedSecret, code,
    parse_typed, serial_for,
};
use undercroft_secret::{SecretBytes, SecretString};

fn files(folder: &str, ending: &str) -> Vec<(String, String)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../../tests/vectors")
        .join(folder);
    let mut files: Vec<_> = fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|found| found == ending))
        .map(|path| {
            (
                path.file_name().unwrap().to_string_lossy().into_owned(),
                fs::read_to_string(path).unwrap(),
            )
        })
        .collect();
    files.sort();
    files
}

/// Runs every case and reports all that fail, by name.
fn run(least: usize, cases: impl IntoIterator<Item = (String, Result<(), String>)>) {
    let (mut count, mut failed) = (0, Vec::new());
    for (name, outcome) in cases {
        count += 1;
        if let Err(why) = outcome {
            failed.push(format!("{name}: {why}"));
        }
    }
    assert!(
        failed.is_empty(),
        "{} of {count} vectors failed:\n{}",
        failed.len(),
        failed.join("\n")
    );
    assert!(
        count >= least,
        "only {count} vectors were found, at least {least} were there"
    );
}

fn expect<T: PartialEq + std::fmt::Debug>(what: &str, found: &T, wanted: &T) -> Result<(), String> {
    if found == wanted {
        Ok(())
    } else {
        Err(format!("{what} is {found:?}, should be {wanted:?}"))
    }
}

#[test]
fn codes() {
    let cases = files("otp", "txt").into_iter().flat_map(|(file, text)| {
        let lines: Vec<_> = text.lines().map(str::to_owned).enumerate().collect();
        lines
            .into_iter()
            .filter(|(_, line)| !line.starts_with('#') && !line.trim().is_empty())
            .map(move |(number, line)| (format!("{file}:{}", number + 1), check_code(&line)))
    });
    run(48, cases);
}

fn check_code(line: &str) -> Result<(), String> {
    let fields: Vec<_> = line.split_whitespace().collect();
    let [algorithm, digits, period, unix_secs, seed, wanted] = fields[..] else {
        return Err("not six fields".to_owned());
    };
    let params = OtpParams {
        algorithm: OtpAlgorithm::parse(algorithm).unwrap(),
        digits: Digits::new(digits.parse().unwrap()).unwrap(),
        period: PeriodSecs::new(period.parse().unwrap()).unwrap(),
    };
    let bytes = (0..seed.len() / 2)
        .map(|at| u8::from_str_radix(&seed[2 * at..2 * at + 2], 16).unwrap())
        .collect();
    let seed = Seed::from_bytes(SecretBytes::new(bytes)).unwrap();
    let now = Timestamp::from_unix_secs(unix_secs.parse().unwrap());
    let found = code(&seed, params, TimeStep::at(now, params.period));
    expect("the code", &found.as_str(), &wanted)
}

#[test]
fn seeds() {
    let cases = files("otp", "jsonl").into_iter().flat_map(|(file, text)| {
        let lines: Vec<_> = text.lines().map(str::to_owned).enumerate().collect();
        lines.into_iter().map(move |(number, line)| {
            let case: Value = serde_json::from_str(&line).unwrap();
            (
                format!("{file}:{} ({})", number + 1, case["about"]),
                check_seed(&case),
            )
        })
    });
    run(42, cases);
}

fn check_seed(case: &Value) -> Result<(), String> {
    let typed = SecretString::new(text_of(case, "typed"));
    let parsed = match Seed::from_base32(&typed) {
        Ok(parsed) => parsed,
        Err(error) => {
            expect("the error", &Some(error.code()), &case["error"].as_str())?;
            return echoes_nothing(&format!("{error} {error:?}"), typed.expose());
        }
    };
    expect("the error", &None, &case["error"].as_str())?;
    if let Some(seed) = case["seed"].as_str() {
        expect("the seed", &parsed.seed.to_base32().expose(), &seed)?;
    }
    expect(
        "the strength",
        &parsed.bits,
        &(parsed.seed.expose().len() * 8),
    )?;
    let warnings: Vec<_> = parsed
        .warnings
        .iter()
        .map(|warning| warning.code().to_owned())
        .collect();
    expect("the warnings", &warnings, &strings(&case["warnings"]))?;
    expect(
        "the corrections",
        &shown(&parsed.corrected),
        &strings(&case["corrected"]),
    )
}

#[test]
fn otpauth() {
    let cases = files("otpauth", "json").into_iter().map(|(file, text)| {
        let case: Value = serde_json::from_str(&text).unwrap();
        let outcome = check_uri(&case);
        (file, outcome)
    });
    run(155, cases);
}

fn check_uri(case: &Value) -> Result<(), String> {
    let uri = SecretString::new(text_of(case, "uri"));
    let parsed = match OtpAuth::parse(&uri) {
        Ok(parsed) => parsed,
        Err(error) => {
            expect("the error", &Some(error.code()), &case["error"].as_str())?;
            return echoes_nothing(&format!("{error} {error:?}"), uri.expose());
        }
    };
    expect("the error", &None, &case["error"].as_str())?;
    check_reading(&parsed, &case["reads"])?;

    // What is written must read the same, and once more.
    let written = parsed.to_uri();
    let again = OtpAuth::parse(&written)
        .map_err(|error| format!("what was written does not read: {error}"))?;
    expect(
        "the issuer, written and read",
        &again.issuer,
        &parsed.issuer,
    )?;
    expect("the name, written and read", &again.name, &parsed.name)?;
    expect(
        "the parameters, written and read",
        &again.params,
        &parsed.params,
    )?;
    expect(
        "the seed, written and read",
        &again.seed.ct_eq(&parsed.seed),
        &true,
    )?;
    expect(
        "what is written twice",
        &again.to_uri().expose(),
        &written.expose(),
    )?;

    match parse_typed(&uri) {
        Ok(TypedSecret::Uri(typed)) => expect("the name, when pasted", &typed.name, &parsed.name),
        other => Err(format!("pasted, it reads as {other:?}")),
    }
}

fn check_reading(parsed: &OtpAuth, wanted: &Value) -> Result<(), String> {
    expect(
        "the issuer",
        &parsed.issuer.as_deref(),
        &wanted["issuer"].as_str(),
    )?;
    expect(
        "the label's issuer",
        &parsed.issuer_in_label.as_deref(),
        &wanted["issuer_in_label"].as_str(),
    )?;
    expect(
        "the name",
        &Some(parsed.name.as_str()),
        &wanted["name"].as_str(),
    )?;
    expect(
        "the seed",
        &Some(parsed.seed.to_base32().expose()),
        &wanted["seed"].as_str(),
    )?;
    expect(
        "the algorithm",
        &parsed.params.algorithm.as_str(),
        &wanted["algorithm"].as_str().unwrap_or("SHA1"),
    )?;
    expect(
        "the digits",
        &u64::from(parsed.params.digits.count()),
        &wanted["digits"].as_u64().unwrap_or(6),
    )?;
    expect(
        "the period",
        &u64::from(parsed.params.period.as_secs()),
        &wanted["period"].as_u64().unwrap_or(30),
    )?;
    let warnings: Vec<_> = parsed
        .warnings
        .iter()
        .map(|warning| warning.code().to_owned())
        .collect();
    expect("the warnings", &warnings, &strings(&wanted["warnings"]))?;
    expect(
        "the corrections",
        &shown(&parsed.corrected),
        &strings(&wanted["corrected"]),
    )?;
    match (AwsLabel::from(parsed), &wanted["aws"]) {
        (None, Value::Null) => Ok(()),
        (None, _) => Err("it is AWS's and was not recognised".to_owned()),
        (Some(label), Value::Null) => Err(format!("it is not AWS's and was read as {label:?}")),
        (Some(label), wanted) => check_aws(&label, wanted),
    }
}

fn check_aws(label: &AwsLabel, wanted: &Value) -> Result<(), String> {
    let service = match label.service {
        AwsService::Iam => "iam",
        AwsService::IdentityCenter => "identity-center",
        AwsService::BuilderId => "builder-id",
        _ => return Err("a service without a name in the vectors".to_owned()),
    };
    expect("the service", &Some(service), &wanted["service"].as_str())?;
    expect(
        "its use with STS",
        &label.service.works_with_sts(),
        &(service == "iam"),
    )?;
    expect(
        "the device",
        &Some(label.device_name.as_str()),
        &wanted["device"].as_str(),
    )?;
    expect("root", &Some(label.root), &wanted["root"].as_bool())?;
    expect(
        "the user",
        &label.user_name.as_ref().map(|name| name.as_str()),
        &wanted["user"].as_str(),
    )?;
    let account = label.account.as_ref().map(|account| match account {
        AccountRef::Id(id) => format!("id:{id}"),
        AccountRef::Alias(alias) => format!("alias:{alias}"),
    });
    expect(
        "the account",
        &account.as_deref(),
        &wanted["account"].as_str(),
    )?;
    expect(
        "the partition",
        &label.partition.map(Partition::as_str),
        &wanted["partition"].as_str(),
    )?;
    if let (Some(serial), Some(AccountRef::Id(account))) = (wanted.get("serial"), &label.account) {
        let derived = serial_for(
            label.partition.unwrap_or(Partition::Aws),
            account,
            &label.device_name,
        )
        .ok();
        expect(
            "the serial",
            &derived.as_ref().map(|derived| derived.as_str()),
            &serial.as_str(),
        )?;
    }
    Ok(())
}

/// Reads a text, or `[[piece, times], …]` where it would be too long to store.
fn text_of(case: &Value, key: &str) -> String {
    if let Some(text) = case[key].as_str() {
        return text.to_owned();
    }
    let parts = case[format!("{key}_parts")]
        .as_array()
        .expect("a text or its parts");
    parts
        .iter()
        .map(|part| {
            part[0]
                .as_str()
                .unwrap()
                .repeat(part[1].as_u64().unwrap() as usize)
        })
        .collect()
}

fn strings(value: &Value) -> Vec<String> {
    value
        .as_array()
        .into_iter()
        .flatten()
        .map(|text| text.as_str().unwrap().to_owned())
        .collect()
}

fn shown(corrected: &[Correction]) -> Vec<String> {
    corrected
        .iter()
        .map(|correction| {
            format!(
                "{}:{}>{}",
                correction.position, correction.from, correction.to
            )
        })
        .collect()
}

/// An error must not carry a word of what it was given, but the format's own.
fn echoes_nothing(error: &str, given: &str) -> Result<(), String> {
    const OWN: [&str; 10] = [
        "counter",
        "otpauth",
        "migration",
        "totp",
        "hotp",
        "secret",
        "issuer",
        "algorithm",
        "digits",
        "period",
    ];
    let given: String = given.chars().take(2000).collect();
    let echoed = given
        .split(|character: char| !character.is_alphanumeric())
        .filter(|word| word.len() >= 4 && !OWN.contains(&word.to_lowercase().as_str()))
        .find(|word| error.contains(word));
    match echoed {
        Some(word) => Err(format!("the error repeats {word:?}")),
        None => Ok(()),
    }
}
