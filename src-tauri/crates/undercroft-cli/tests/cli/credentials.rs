//! `credential-process` and `export`.

use std::process::{Command, Stdio};

use undercroft_agent::{Purpose, Request, State};

use crate::{
    script::{KEY_ID, ODD, SECRET, TOKEN},
    stage::{Stage, keys, ran},
};

#[test]
fn an_sdk_gets_version_1() {
    let stage = Stage::new();
    let json = stage.json(&["credential-process", "prod"]);
    assert_eq!(
        keys(&json),
        [
            "AccessKeyId",
            "Expiration",
            "SecretAccessKey",
            "SessionToken",
            "Version"
        ]
    );
    assert_eq!(json["Version"], 1);
    assert_eq!(json["AccessKeyId"], KEY_ID);
    assert_eq!(json["SecretAccessKey"], SECRET);
    assert_eq!(json["SessionToken"], TOKEN);
    let expiration = json["Expiration"].as_str().unwrap();
    assert!(
        expiration.len() == 20 && expiration.ends_with('Z'),
        "{expiration}"
    );

    let json = stage.json(&["credential-process", "key"]);
    assert_eq!(keys(&json), ["AccessKeyId", "SecretAccessKey", "Version"]);
}

#[test]
fn both_ways_through_the_arguments_print_the_same() {
    let stage = Stage::new();
    let fast = stage.run(&["credential-process", "key"]);
    let slow = stage.run(&["credential-process", "--", "key"]);
    assert_eq!((fast.exit, &fast.out, &fast.err), (0, &slow.out, &slow.err));
}

#[test]
fn nothing_is_waited_for_unless_asked_to() {
    let stage = Stage::new();
    for words in [
        &["credential-process", "prod"][..],
        &["credential-process", "prod", "--wait"],
        &["credential-process", "prod", "--wait=33"],
        &["export", "prod", "--wait=5"],
    ] {
        assert_eq!(stage.run(words).exit, 0);
    }
    let asked = stage.script.asked.lock().unwrap();
    let seen: Vec<_> = asked
        .iter()
        .map(|request| match request {
            Request::Credentials(wish) => (wish.purpose, wish.wait_secs.as_secs()),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(
        seen,
        [
            (Purpose::CredentialProcess, 0),
            (Purpose::CredentialProcess, 60),
            (Purpose::CredentialProcess, 33),
            (Purpose::Export, 5),
        ]
    );
}

#[test]
fn a_locked_vault_is_unlocked_when_asked_to() {
    let stage = Stage::new();
    *stage.script.state.lock().unwrap() = State::Locked;
    let ran = stage.run(&["credential-process", "after-unlock"]);
    assert_eq!((ran.exit, ran.out.as_str()), (3, ""));
    let json = stage.json(&["credential-process", "after-unlock", "--unlock"]);
    assert_eq!(json["AccessKeyId"], KEY_ID);
}

/// The variables that a shell has after it evaluated the lines, NUL between them.
fn evaluated(shell: &str, script: &str, lines: &str) -> Vec<String> {
    let output = Command::new(shell)
        .args(["-c", script])
        .env("LINES_TO_EVALUATE", lines)
        .env("AWS_PROFILE", "inherited")
        .stderr(Stdio::inherit())
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    text.split('\0').map(str::to_owned).collect()
}

const PRINTED: &str = r#"printf '%s\0' "$AWS_ACCESS_KEY_ID" "$AWS_SECRET_ACCESS_KEY" "$AWS_SESSION_TOKEN" "$AWS_REGION" "$AWS_DEFAULT_REGION" "$AWS_PROFILE""#;

fn is_installed(program: &str) -> bool {
    let run = Command::new(program).arg("--version").output();
    run.is_ok()
}

#[test]
fn a_shell_that_evaluates_the_lines_has_the_credentials() {
    let stage = Stage::new();
    let mut command = stage.command(&["export", "odd"]);
    command
        .env("AWS_PROFILE", "inherited")
        .env("AWS_BEARER_TOKEN_BEDROCK", "x")
        .env("AWS_SECRET_ACCESS_KEY", "inherited");
    let sh = ran(command.output().unwrap());
    assert_eq!((sh.exit, sh.err.as_str()), (0, ""));
    let unset: Vec<_> = sh.out.lines().filter(|l| l.starts_with("unset ")).collect();
    assert_eq!(
        unset,
        ["unset AWS_BEARER_TOKEN_BEDROCK", "unset AWS_PROFILE"]
    );
    assert!(sh.out.contains("export AWS_CREDENTIAL_EXPIRATION='2"));

    let wanted = [KEY_ID, ODD, TOKEN, "eu-central-1", "eu-central-1", "", ""];
    let script = format!("eval \"$LINES_TO_EVALUATE\"; {PRINTED}");
    for shell in ["sh", "bash", "zsh"] {
        if is_installed(shell) || shell == "sh" {
            assert_eq!(evaluated(shell, &script, &sh.out), wanted, "{shell}");
        }
    }
    if is_installed("fish") {
        let fish = ran(stage
            .command(&["export", "odd", "--format", "fish"])
            .env("AWS_PROFILE", "inherited")
            .output()
            .unwrap());
        let script = format!("eval (string collect -- $LINES_TO_EVALUATE); {PRINTED}");
        assert_eq!(evaluated("fish", &script, &fish.out), wanted);
    }
}

#[test]
fn an_accounts_own_endpoints_are_set_and_no_others_are_touched() {
    let stage = Stage::new();
    let mut command = stage.command(&["export", "private"]);
    command
        .env("AWS_ENDPOINT_URL_STS", "http://inherited.example")
        .env("AWS_ENDPOINT_URL_S3", "http://inherited.example")
        .env("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true");
    let ran = ran(command.output().unwrap());
    let lines: Vec<_> = ran
        .out
        .lines()
        .filter(|line| line.contains("ENDPOINT_URL"))
        .collect();
    assert_eq!(
        lines,
        [
            "unset AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
            "export AWS_ENDPOINT_URL_STS='http://localhost:4566'",
            r"export AWS_ENDPOINT_URL_IAM='https://iam.example/it'\''s'",
        ]
    );
    let without = stage.run(&["export", "prod"]);
    assert!(!without.out.contains("ENDPOINT"), "{without:?}");
    // An SDK takes no endpoint from a `credential_process`, so none is printed.
    let json = stage.json(&["credential-process", "private"]);
    assert!(!json.to_string().contains("4566"));
}

#[test]
fn other_forms_are_printed() {
    let stage = Stage::new();
    let power = stage.run(&["export", "prod", "--format", "powershell"]);
    assert!(
        power
            .out
            .contains(&format!("$Env:AWS_SECRET_ACCESS_KEY = '{SECRET}'\n"))
    );
    let fish = stage.run(&["export", "prod", "--format", "fish"]);
    assert!(fish.out.contains("set -gx AWS_REGION 'eu-central-1'\n"));
    for words in [
        &["export", "prod", "--format", "json"][..],
        &["export", "prod", "--json"],
    ] {
        let json = stage.json(words);
        assert_eq!(
            keys(&json),
            [
                "AccessKeyId",
                "Expiration",
                "Region",
                "SecretAccessKey",
                "SessionToken",
                "Version"
            ]
        );
    }
    let key = stage.run(&["export", "key"]);
    assert!(
        !key.out.contains("TOKEN") && !key.out.contains("REGION"),
        "{key:?}"
    );
}
