//! What is copied, read back by the programs that it is meant for.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use proptest::prelude::*;
use undercroft_aws::format::{ProfileName, SessionFormat, Surroundings, session_text};
use undercroft_aws::{SessionCredentials, SessionKeyId};
use undercroft_model::{EndpointUrl, Region, Timestamp};
use undercroft_secret::SecretString;

/// Visible ASCII without the two that begin comments: all that credentials may consist of.
const PLAIN: &str = "[!\"$-:<-~]{1,80}";

fn session(secret: &str, token: &str) -> SessionCredentials {
    SessionCredentials::new(
        SessionKeyId::parse("ASIAIOSFODNN7EXAMPLE").expect("an id"),
        SecretString::copy_of(secret),
        SecretString::copy_of(token),
        Timestamp::parse("2026-11-23T10:00:00Z").expect("a time"),
    )
    .expect("credentials")
}

fn text(session: &SessionCredentials, format: &SessionFormat) -> String {
    let region = Region::parse("eu-central-1").expect("a region");
    let sts = EndpointUrl::parse("http://localhost:4566/it's").expect("an address");
    let surroundings = Surroundings {
        region: Some(&region),
        sts: Some(&sts),
        iam: None,
    };
    session_text(session, format, surroundings)
        .expose()
        .to_owned()
}

/// Runs `script` in a shell with an empty environment, and returns the variables that it then has.
fn variables_in(
    shell: &[&str],
    folder: &Path,
    script: &str,
    print: &str,
) -> BTreeMap<String, String> {
    let mut child = Command::new(shell[0])
        .args(&shell[1..])
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", folder)
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the shell starts");
    let mut stdin = child.stdin.take().expect("piped");
    stdin.write_all(script.as_bytes()).expect("written");
    stdin.write_all(print.as_bytes()).expect("written");
    drop(stdin);
    let output = child.wait_with_output().expect("the shell ends");
    let complaints = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success() && complaints.is_empty(),
        "{complaints}"
    );
    String::from_utf8(output.stdout)
        .expect("text")
        .split('\0')
        .filter_map(|entry| entry.split_once('='))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

fn expected(secret: &str, token: &str) -> BTreeMap<String, String> {
    [
        ("AWS_ACCESS_KEY_ID", "ASIAIOSFODNN7EXAMPLE"),
        ("AWS_SECRET_ACCESS_KEY", secret),
        ("AWS_SESSION_TOKEN", token),
        ("AWS_CREDENTIAL_EXPIRATION", "2026-11-23T10:00:00Z"),
        ("AWS_REGION", "eu-central-1"),
        ("AWS_DEFAULT_REGION", "eu-central-1"),
        ("AWS_ENDPOINT_URL_STS", "http://localhost:4566/it's"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into()
}

fn aws_only(variables: BTreeMap<String, String>) -> BTreeMap<String, String> {
    variables
        .into_iter()
        .filter(|(name, _)| name.starts_with("AWS_"))
        .collect()
}

fn has(program: &str) -> bool {
    std::env::var_os("PATH").is_some_and(|path| {
        std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn sh_reads_back_what_was_written(secret in PLAIN, token in PLAIN) {
        let folder = tempfile::tempdir().expect("a folder");
        let script = text(&session(&secret, &token), &SessionFormat::Sh);
        for shell in [&["sh", "-eu"][..], &["bash", "--norc", "-eu"][..]] {
            if shell[0] != "sh" && !has(shell[0]) {
                continue;
            }
            let variables = variables_in(shell, folder.path(), &script, "exec env -0\n");
            prop_assert_eq!(aws_only(variables), expected(&secret, &token));
        }
        let left = std::fs::read_dir(folder.path()).expect("a folder").count();
        prop_assert_eq!(left, 0, "nothing was run");
    }

    #[test]
    fn json_reads_back_what_was_written(secret in PLAIN, token in PLAIN) {
        let json = text(&session(&secret, &token), &SessionFormat::Json);
        let read: serde_json::Value = serde_json::from_str(&json).expect("JSON");
        prop_assert_eq!(read, serde_json::json!({
            "Version": 1,
            "AccessKeyId": "ASIAIOSFODNN7EXAMPLE",
            "SecretAccessKey": secret,
            "SessionToken": token,
            "Expiration": "2026-11-23T10:00:00Z",
        }));
    }

    #[test]
    fn a_credentials_file_reads_back_what_was_written(secret in PLAIN, token in PLAIN) {
        let profile = ProfileName::parse("shop-prod").expect("a name");
        let section = text(&session(&secret, &token), &SessionFormat::CredentialsFile { profile });
        let mut lines = section.lines();
        prop_assert_eq!(lines.next(), Some("[shop-prod]"));
        let read: Vec<_> = lines.filter_map(|line| line.split_once(" = ")).collect();
        prop_assert_eq!(read, vec![
            ("aws_access_key_id", "ASIAIOSFODNN7EXAMPLE"),
            ("aws_secret_access_key", secret.as_str()),
            ("aws_session_token", token.as_str()),
            ("region", "eu-central-1"),
        ]);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn fish_reads_back_what_was_written(secret in PLAIN, token in PLAIN) {
        if has("fish") {
            let folder = tempfile::tempdir().expect("a folder");
            let script = text(&session(&secret, &token), &SessionFormat::Fish);
            let variables = variables_in(&["fish", "--no-config"], folder.path(), &script, "env -0\n");
            prop_assert_eq!(aws_only(variables), expected(&secret, &token));
        }
    }

    #[test]
    fn powershell_reads_back_what_was_written(secret in PLAIN, token in PLAIN) {
        if has("pwsh") {
            let folder = tempfile::tempdir().expect("a folder");
            let script = text(&session(&secret, &token), &SessionFormat::PowerShell);
            let print = "Get-ChildItem Env:AWS_* | ForEach-Object { [Console]::Write(\"$($_.Name)=$($_.Value)`0\") }\n";
            let variables = variables_in(
                &["pwsh", "-NoProfile", "-NonInteractive", "-Command", "-"],
                folder.path(),
                &script,
                print,
            );
            prop_assert_eq!(aws_only(variables), expected(&secret, &token));
        }
    }
}
