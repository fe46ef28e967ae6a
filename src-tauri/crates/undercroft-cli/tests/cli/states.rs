//! States, lists, codes; refusals and what goes where.

use std::{fs::OpenOptions, process::Stdio};

use undercroft_agent::{ProfileKind, Request, State};

use crate::{
    script::{VAULT, profile},
    stage::{Stage, keys, ran},
};

#[test]
fn the_state_is_told_in_words_json_and_exit_code() {
    let stage = Stage::new();
    let json = stage.json(&["status", "--json"]);
    assert_eq!(keys(&json), ["protocol", "sessions", "state", "vault"]);
    assert_eq!(json["state"], "unlocked");
    assert_eq!(json["vault"], VAULT);
    assert_eq!(json["protocol"], 1);
    assert_eq!(keys(&json["sessions"][0]), ["expiration", "profile"]);
    let expiration = json["sessions"][0]["expiration"].as_str().unwrap();
    assert!(
        expiration.ends_with('Z') && expiration.len() == 20,
        "{expiration}"
    );

    let ran = stage.run(&["status"]);
    assert_eq!(
        ran.out,
        format!("unlocked\nvault  {VAULT}\nsessions  prod  52 min left\n")
    );
    assert_eq!((ran.exit, ran.err.as_str()), (0, ""));

    *stage.script.state.lock().unwrap() = State::Locked;
    let ran = stage.run(&["status"]);
    assert_eq!((ran.exit, ran.err.as_str()), (3, ""));
    assert!(ran.out.starts_with("locked\n"), "{ran:?}");
}

#[test]
fn not_running_is_a_state_for_status_and_a_failure_for_others() {
    let stage = Stage::without_agent();
    let ran = stage.run(&["status", "--json"]);
    let json: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!((ran.exit, ran.err.as_str()), (3, ""));
    assert_eq!(keys(&json), ["protocol", "sessions", "state", "vault"]);
    assert_eq!(json["state"], "not running");
    let vault = stage.path(".local/share/undercroft/vault.undercroft");
    assert_eq!(json["vault"], vault.to_str().unwrap());

    for words in [vec!["ls"], vec!["credential-process", "prod"], vec!["lock"]] {
        let ran = stage.run(&words);
        assert_eq!((ran.exit, ran.out.as_str()), (3, ""), "{words:?}");
        assert!(ran.err.contains("undercroft agent"), "{ran:?}");
    }
}

#[test]
fn locking_and_unlocking_say_so_on_standard_error() {
    let stage = Stage::new();
    let ran = stage.run(&["lock"]);
    assert_eq!((ran.exit, ran.out.as_str()), (0, ""));
    assert_eq!(ran.err, "the vault is locked\n");
    assert_eq!(*stage.script.state.lock().unwrap(), State::Locked);
    let ran = stage.run(&["unlock", "--quiet"]);
    assert_eq!(
        (ran.exit, ran.out, ran.err),
        (0, String::new(), String::new())
    );
    let asked = stage.script.asked.lock().unwrap();
    let Some(Request::Unlock(wish)) = asked.last() else {
        panic!("{asked:?}");
    };
    assert_eq!(wish.wait_secs.as_secs(), 45);
}

#[test]
fn profiles_are_listed() {
    let stage = Stage::new();
    let json = stage.json(&["ls", "--json"]);
    let wanted = [
        "account", "identity", "kind", "mfa", "name", "role", "session",
    ];
    for row in json.as_array().unwrap() {
        assert_eq!(keys(row), wanted);
        assert_eq!(keys(&row["account"]), ["alias", "id"]);
    }
    assert_eq!(keys(&json[0]["session"]), ["expiration"]);
    assert_eq!(json[0]["kind"], "role");
    assert!(json[1]["session"].is_null());

    let ran = stage.run(&["ls"]);
    assert_eq!(
        ran.out,
        "NAME  KIND       ACCOUNT                AS                                    MFA  SESSION\n\
         prod  role       belfry (123456789012)  arn:aws:iam::123456789012:role/admin  yes  52 min left\n\
         key   long-term  123456789012           ada                                   no   -\n"
    );
    assert_eq!((ran.exit, ran.err.as_str()), (0, ""));
    assert!(!ran.out.contains('\u{1b}'), "no colours into a pipe");

    stage.script.profiles.lock().unwrap().clear();
    let ran = stage.run(&["ls"]);
    assert_eq!((ran.exit, ran.out.as_str()), (0, ""));
    assert!(ran.err.contains("no profiles"), "{ran:?}");
    assert_eq!(stage.run(&["ls", "--json"]).out, "[]\n");
}

#[test]
fn a_name_cannot_steer_the_terminal() {
    let stage = Stage::new();
    let row = profile("a\u{1b}]0;title\u{7}\nb", ProfileKind::Session, false);
    *stage.script.profiles.lock().unwrap() = vec![row];
    let ran = stage.run(&["ls"]);
    assert_eq!(ran.out.lines().count(), 2, "{ran:?}");
    assert!(!ran.out.contains('\u{1b}') && !ran.out.contains('\u{7}'));
}

#[test]
fn a_reader_that_leaves_early_is_no_mistake() {
    let stage = Stage::new();
    let many = (0..5_000).map(|n| profile(&format!("p{n}"), ProfileKind::Role, true));
    *stage.script.profiles.lock().unwrap() = many.collect();
    let mut child = stage
        .command(&["ls"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let ran = ran(child.wait_with_output().unwrap());
    assert_eq!((ran.exit, ran.err.as_str()), (0, ""));
}

#[cfg(target_os = "linux")]
#[test]
fn an_answer_that_cannot_be_written_is_a_failure() {
    let stage = Stage::new();
    let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
    let mut command = stage.command(&["ls"]);
    let ran = ran(command.stdout(full).output().unwrap());
    assert_eq!(ran.exit, 1);
    assert!(ran.err.contains("can't be written"), "{ran:?}");
}

#[test]
fn every_refusal_has_its_exit_code_and_says_why() {
    let stage = Stage::new();
    for (code, exit, word) in [
        ("locked", 3, "undercroft unlock"),
        ("no-such-profile", 4, "undercroft ls"),
        ("no-such-device", 4, "alias/user"),
        ("denied", 1, "said no"),
        ("wait", 8, "no unused code until 2"),
        ("aws", 5, "AWS refused (AccessDenied)"),
        ("usage", 2, "scripted"),
        ("timeout", 1, "try again"),
        ("protocol", 1, "versions"),
        ("vault-in-use", 7, "scripted"),
        ("vault-damaged", 6, "scripted"),
        ("unsupported", 1, "scripted"),
        ("failed", 1, "scripted"),
    ] {
        let name = format!("refuse-{code}");
        for command in ["credential-process", "export", "console"] {
            let ran = stage.run(&[command, &name]);
            assert_eq!((ran.exit, ran.out.as_str()), (exit, ""), "{command} {code}");
            assert!(ran.err.starts_with("undercroft: "), "{ran:?}");
            assert!(ran.err.contains(word), "{ran:?}");
            assert!(!ran.err.contains('\u{1b}'), "{ran:?}");
        }
        let ran = stage.run(&["exec", &name, "--", "true"]);
        assert_eq!(ran.exit, exit, "exec {code}");
        let ran = stage.run(&["exec", "--server", &name, "--", "true"]);
        assert_eq!(ran.exit, exit, "exec --server {code}");
    }
}

#[test]
fn quiet_leaves_only_the_reason() {
    let stage = Stage::new();
    let ran = stage.run(&["-q", "export", "refuse-denied"]);
    assert_eq!(ran.err.lines().count(), 1, "{ran:?}");
    let ran = stage.run(&["export", "refuse-denied"]);
    assert_eq!(ran.err.lines().count(), 2, "{ran:?}");
}

#[test]
fn mistyped_lines_have_exit_code_2() {
    let stage = Stage::new();
    for words in [
        &[][..],
        &["nonsense"],
        &["credential-process"],
        &["credential-process", "a", "b"],
        &["credential-process", "prod", "--wait=x"],
        &["exec", "prod"],
        &["exec", "prod", "true"],
        &["export", "prod", "--format", "cmd"],
        &["console", "prod", "--region", "nowhere"],
        &["import", "x", "--endpoint", "no url"],
        &["ls", "--quiet", "--verbose"],
        &["agent", "--locked", "--password-stdin"],
    ] {
        let ran = stage.run(words);
        assert_eq!((ran.exit, ran.out.as_str()), (2, ""), "{words:?}");
        assert!(!ran.err.is_empty());
    }
    let ran = stage.run(&["--help"]);
    assert_eq!(ran.exit, 0);
    assert!(ran.out.contains("credential-process") && !ran.out.contains("  man"));
    assert_eq!(stage.run(&["--version"]).exit, 0);
}

#[test]
fn another_vault_than_the_one_named_is_not_asked() {
    let stage = Stage::new();
    let ran = stage.run(&["--vault", "/other.undercroft", "credential-process", "prod"]);
    assert_eq!((ran.exit, ran.out.as_str()), (3, ""));
    assert!(ran.err.contains(VAULT), "{ran:?}");
    let ran = stage.run(&["--vault", VAULT, "credential-process", "prod"]);
    assert_eq!(ran.exit, 0, "{ran:?}");
    let mut command = stage.command(&["ls"]);
    let ran = ran_with(command.env("UNDERCROFT_VAULT", "/other.undercroft"));
    assert_eq!(ran, 3);
}

fn ran_with(command: &mut std::process::Command) -> i32 {
    ran(command.output().unwrap()).exit
}

#[test]
fn a_code_is_six_digits_alone() {
    let stage = Stage::new();
    let ran = stage.run(&["code", "prod/ada"]);
    assert_eq!((ran.exit, ran.out.as_str()), (0, "012345\n"));
    assert_eq!(ran.err, "");
    let json = stage.json(&["code", "prod/ada", "--json", "--wait=90"]);
    assert_eq!(keys(&json), ["code", "device", "valid_until"]);
    assert_eq!(json["code"], "012345");
    let ran = stage.run(&["code", "refuse-wait"]);
    assert_eq!((ran.exit, ran.out.as_str()), (8, ""));
    assert!(ran.err.contains("Z, 17 s from now"), "{ran:?}");
    let ran = stage.run(&["code", "refuse-no-such-device", "--wait"]);
    assert_eq!(ran.exit, 4);

    let asked = stage.script.asked.lock().unwrap();
    let waits: Vec<_> = asked.iter().map(|wish| wish.wait().as_secs()).collect();
    assert_eq!(waits, [0, 90, 0, 60]);
}
