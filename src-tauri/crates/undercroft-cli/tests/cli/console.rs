//! `console`, with browsers that are scripts.

use std::{fs, process::Command};

use undercroft_agent::Request;

use crate::{
    script::CONSOLE_URL,
    stage::{Stage, keys, ran},
};

#[test]
fn the_address_is_printed_on_request_only() {
    let stage = Stage::new();
    let ran = stage.run(&["console", "prod", "--print"]);
    assert_eq!((ran.exit, ran.out), (0, format!("{CONSOLE_URL}\n")));
    let json = stage.json(&["console", "prod", "--print", "--json"]);
    assert_eq!(keys(&json), ["expires_at", "url"]);
    let ran = stage.run(&["console", "odd", "--print"]);
    assert_eq!((ran.exit, ran.out.as_str()), (1, ""));
}

#[test]
fn what_is_wished_for_reaches_the_agent() {
    let stage = Stage::new();
    let words = [
        "console",
        "prod",
        "--service",
        "ec2",
        "--region",
        "eu-west-1",
        "--print",
    ];
    assert_eq!(stage.run(&words).exit, 0);
    let asked = stage.script.asked.lock().unwrap();
    let Some(Request::Console(wish)) = asked.last() else {
        panic!("{asked:?}");
    };
    assert_eq!(wish.service.as_deref(), Some("ec2"));
    assert_eq!(wish.region.as_ref().unwrap().to_string(), "eu-west-1");
}

#[test]
fn the_browser_is_sent_on_once_and_never_sees_the_address_in_its_arguments() {
    if Command::new("curl").arg("--version").output().is_err() {
        return;
    }
    let stage = Stage::new();
    let browser = stage.executable(
        "browser",
        "#!/bin/sh\n\
         printf '%s\\n' \"$@\" > arguments\n\
         base=${3%/*}\n\
         curl -s -i \"$base/guess\" > wrong\n\
         curl -s -i -H 'Host: evil.example' \"$3\" > foreign\n\
         curl -s -i \"$3\" > first\n\
         curl -s -i \"$3\" > second\n",
    );
    for option in [true, false] {
        let command = format!("'{}' --profile 'my work' {{url}}", browser.display());
        let mut run = stage.command(&["console", "prod"]);
        if option {
            run.args(["--browser", &command]);
        } else {
            run.env("UNDERCROFT_BROWSER", &command);
        }
        let ran = ran(run.output().unwrap());
        assert_eq!((ran.exit, ran.out.as_str()), (0, ""), "{ran:?}");
        let read = |name: &str| fs::read_to_string(stage.path(name)).unwrap();
        let arguments = read("arguments");
        let words: Vec<_> = arguments.lines().collect();
        assert_eq!(words[..2], ["--profile", "my work"]);
        assert!(words[2].starts_with("http://127.0.0.1:"), "{arguments}");
        assert!(!arguments.contains("SECRETSIGNIN"));
        assert!(read("wrong").starts_with("HTTP/1.1 404"));
        assert!(read("foreign").starts_with("HTTP/1.1 403"));
        let first = read("first");
        assert!(first.starts_with("HTTP/1.1 302"), "{first}");
        for line in [
            format!("Location: {CONSOLE_URL}"),
            "Cache-Control: no-store".into(),
            "Referrer-Policy: no-referrer".into(),
        ] {
            assert!(first.lines().any(|found| found.trim() == line), "{first}");
        }
        let second = fs::read_to_string(stage.path("second")).unwrap_or_default();
        assert!(!second.contains("SECRETSIGNIN"), "{second}");
    }
}

#[test]
fn a_browser_that_fails_is_told() {
    let stage = Stage::new();
    for browser in ["false", "/nonexistent/browser"] {
        let ran = stage.run(&["console", "prod", "--browser", browser]);
        assert_eq!((ran.exit, ran.out.as_str()), (1, ""));
        assert!(ran.err.contains("--print"), "{ran:?}");
        assert!(!ran.err.contains("SECRETSIGNIN"));
    }
    let ran = stage.run(&["console", "prod", "--browser", "firefox 'x"]);
    assert_eq!(ran.exit, 2);
}
