//! `exec` without an endpoint.

use crate::{
    script::{KEY_ID, SECRET, TOKEN},
    stage::{Ran, Stage, appears, ran},
};

#[test]
fn the_command_has_these_credentials_and_no_others() {
    let stage = Stage::new();
    let mut command = stage.command(&["exec", "prod", "--", "env"]);
    for name in [
        "AWS_PROFILE",
        "AWS_DEFAULT_PROFILE",
        "AWS_SECURITY_TOKEN",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI",
        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
        "AWS_WEB_IDENTITY_TOKEN_FILE",
        "AWS_ROLE_ARN",
        "AWS_BEARER_TOKEN_BEDROCK",
        "AWS_ACCESS_KEY_ID",
        "AWS_SESSION_TOKEN",
    ] {
        command.env(name, "inherited");
    }
    command
        .env("AWS_PAGER", "kept")
        .env("AWS_REGION", "inherited");
    let ran = ran(command.output().unwrap());
    assert_eq!((ran.exit, ran.err.as_str()), (0, ""));
    assert!(!ran.out.contains("inherited"), "{}", ran.out);
    for line in [
        format!("AWS_ACCESS_KEY_ID={KEY_ID}"),
        format!("AWS_SECRET_ACCESS_KEY={SECRET}"),
        format!("AWS_SESSION_TOKEN={TOKEN}"),
        "AWS_REGION=eu-central-1".into(),
        "AWS_DEFAULT_REGION=eu-central-1".into(),
        "AWS_DEFAULT_OUTPUT=text".into(),
        "AWS_PAGER=kept".into(),
    ] {
        assert!(
            ran.out.lines().any(|found| found == line),
            "{line}\n{}",
            ran.out
        );
    }
    assert!(ran.out.contains("AWS_CREDENTIAL_EXPIRATION=2"));
}

#[test]
fn a_long_term_key_inherits_no_token() {
    let stage = Stage::new();
    let mut command = stage.command(&["exec", "key", "--", "env"]);
    let ran = ran(command
        .env("AWS_SESSION_TOKEN", "inherited")
        .output()
        .unwrap());
    assert!(ran.out.contains("AWS_ACCESS_KEY_ID="));
    assert!(!ran.out.contains("AWS_SESSION_TOKEN"), "{}", ran.out);
}

#[test]
fn the_exit_code_is_the_commands() {
    let stage = Stage::new();
    for code in [0, 3, 8, 77, 255] {
        let script = format!("exit {code}");
        let ran = stage.run(&["exec", "prod", "--", "sh", "-c", &script]);
        assert_eq!(ran.exit, code);
    }
    let ran = stage.run(&["exec", "prod", "--", "sh", "-c", "kill -TERM $$"]);
    assert_eq!(ran.exit, -15);
    let ran = stage.run(&["exec", "prod", "--", "/nonexistent/program"]);
    assert_eq!((ran.exit, ran.out.as_str()), (1, ""));
    assert!(
        ran.err.contains("/nonexistent/program can't be run"),
        "{ran:?}"
    );
}

#[test]
fn the_command_takes_the_place_of_the_program() {
    let stage = Stage::new();
    let pid = stage.path("pid");
    let script = format!("echo $$ > {}; cat", pid.display());
    let mut child = stage
        .command(&["exec", "prod", "--", "sh", "-c", &script])
        .stdin(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    assert_eq!(appears(&pid).trim(), child.id().to_string());
    drop(child.stdin.take());
    assert!(child.wait().unwrap().success());
}

/// What a child sees of endpoints, in the order of the names.
fn endpoints(ran: &Ran) -> Vec<&str> {
    let lines = ran.out.lines();
    let mut found: Vec<_> = lines.filter(|line| line.contains("ENDPOINT_URL")).collect();
    found.sort_unstable();
    found
}

#[test]
fn an_accounts_own_endpoints_go_with_its_credentials() {
    let stage = Stage::new();
    let own = [
        "AWS_ENDPOINT_URL_IAM=https://iam.example/it's",
        "AWS_ENDPOINT_URL_STS=http://localhost:4566",
    ];
    for options in [&["exec", "private"][..], &["exec", "private", "--server"]] {
        let words = [options, &["--", "env"]].concat();
        let mut command = stage.command(&words);
        command
            .env("AWS_ENDPOINT_URL_STS", "http://inherited.example")
            .env("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true");
        let ran = ran(command.output().unwrap());
        assert_eq!((ran.exit, endpoints(&ran)), (0, own.to_vec()));
    }
}

#[test]
fn endpoints_that_the_account_does_not_have_are_left_to_whoever_set_them() {
    let stage = Stage::new();
    let inherited = [
        ("AWS_ENDPOINT_URL", "http://localhost:1"),
        ("AWS_ENDPOINT_URL_IAM", "http://localhost:2"),
        ("AWS_ENDPOINT_URL_S3", "http://localhost:3"),
    ];
    let mut command = stage.command(&["exec", "at-4566", "--", "env"]);
    let some = ran(command.envs(inherited).output().unwrap());
    assert_eq!(
        endpoints(&some),
        [
            "AWS_ENDPOINT_URL=http://localhost:1",
            "AWS_ENDPOINT_URL_IAM=http://localhost:2",
            "AWS_ENDPOINT_URL_S3=http://localhost:3",
            "AWS_ENDPOINT_URL_STS=http://127.0.0.1:4566",
        ]
    );

    let ignoring = ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true");
    let mut command = stage.command(&["exec", "prod", "--", "env"]);
    let none = ran(command.envs(inherited).envs([ignoring]).output().unwrap());
    assert_eq!(
        endpoints(&none),
        [
            "AWS_ENDPOINT_URL=http://localhost:1",
            "AWS_ENDPOINT_URL_IAM=http://localhost:2",
            "AWS_ENDPOINT_URL_S3=http://localhost:3",
            "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=true",
        ]
    );
}
