//! `import`, completions and man pages; what is not built in.

use std::fs;

use undercroft_agent::{Request, TakeOutWish};

use crate::stage::{Stage, keys};

#[test]
fn files_are_imported_by_absolute_paths() {
    let stage = Stage::new();
    fs::write(stage.path("keys.csv"), "x").unwrap();
    let words = [
        "import",
        "--json",
        "--dry-run",
        "--endpoint",
        "https://sts.example",
        "keys.csv",
    ];
    let json = stage.json(&words);
    let names = ["found", "plain_secrets", "problems", "source", "taken_out"];
    assert_eq!(keys(&json[0]), names);
    assert_eq!(json[0]["source"], "keys.csv");
    let found = &json[0]["found"];
    assert_eq!(keys(&found[0]), ["kind", "name", "status"]);
    assert_eq!(found[0]["kind"], "access-key");
    assert_eq!(found[0]["status"], "new");
    let asked = stage.script.asked.lock().unwrap();
    let Some(Request::Import(wish)) = asked.last() else {
        panic!("{asked:?}");
    };
    assert_eq!(wish.paths, [stage.path("keys.csv")]);
    assert!(wish.dry_run);
    assert!(wish.endpoint.is_some() && wish.signin_endpoint.is_none());
}

#[test]
fn what_was_found_is_a_table_and_problems_go_elsewhere() {
    let stage = Stage::new();
    fs::write(stage.path("keys.csv"), "x").unwrap();
    fs::write(stage.path("nonsense"), "x").unwrap();
    let ran = stage.run(&["import", "keys.csv"]);
    assert_eq!(
        ran.out,
        "STATUS     KIND        NAME                  FILE\n\
         new        access-key  AKIAIOSFODNN7EXAMPLE  keys.csv\n\
         conflict   profile     prod                  keys.csv\n\
         duplicate  mfa         ada                   keys.csv\n"
    );
    assert_eq!((ran.exit, ran.err.as_str()), (0, "1 added\n"));
    let ran = stage.run(&["import", "keys.csv", "missing", "nonsense", "--dry-run"]);
    assert_eq!(ran.exit, 1);
    assert!(ran.out.contains("AKIAIOSFODNN7EXAMPLE"));
    assert!(ran.err.contains("missing: it can't be read"), "{ran:?}");
    assert!(ran.err.contains("nonsense: this is no file"), "{ran:?}");
    assert!(ran.err.contains("1 would be added"), "{ran:?}");
    let ran = stage.run(&["import", "missing", "--json"]);
    assert_eq!(ran.exit, 1);
    assert!(
        ran.out.contains("\"problems\":[\"it can't be read"),
        "{ran:?}"
    );
}

const CREDENTIALS: &str = "# mine\n[work]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\n\
                           aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\nregion = eu-west-1\n";

/// What the agent was asked to take out.
fn taken_out(stage: &Stage) -> Vec<TakeOutWish> {
    let asked = stage.script.asked.lock().unwrap();
    let wishes = asked.iter().filter_map(|request| match request {
        Request::TakeOut(wish) => Some(wish.clone()),
        _ => None,
    });
    wishes.collect()
}

#[test]
fn keys_leave_a_file_only_where_that_was_asked_for() {
    let stage = Stage::new();
    for folder in [".aws", "kept", "denied"] {
        fs::create_dir(stage.path(folder)).unwrap();
        fs::write(stage.path(folder).join("credentials"), CREDENTIALS).unwrap();
    }
    // Nobody can be asked, so nothing is changed.
    let ran = stage.run(&["import", ".aws/credentials"]);
    assert_eq!(ran.exit, 0, "{ran:?}");
    assert!(ran.err.contains("[work]"), "{ran:?}");
    assert!(
        ran.err
            .contains("`undercroft import --take-out .aws/credentials`"),
        "{ran:?}"
    );
    let left = stage.run(&["import", "--leave", ".aws/credentials"]);
    assert_eq!((left.exit, left.err.as_str()), (0, "1 added\n"));
    let dry = stage.run(&["import", "--take-out", "--dry-run", ".aws/credentials"]);
    assert_eq!(dry.exit, 0, "{dry:?}");
    assert!(dry.err.contains("[work] could be taken out"), "{dry:?}");
    let json = stage.json(&["import", "--json", ".aws/credentials"]);
    assert_eq!(json[0]["plain_secrets"][0], "work");
    assert_eq!(json[0]["taken_out"], serde_json::json!([]));
    assert_eq!(taken_out(&stage), []);
    let both = stage.run(&["import", "--take-out", "--leave", ".aws/credentials"]);
    assert_eq!(both.exit, 2);

    let ran = stage.run(&[
        "import",
        "--take-out",
        ".aws/credentials",
        ".aws/credentials",
    ]);
    assert_eq!(ran.exit, 0, "{ran:?}");
    for line in [
        " [work]\n-aws_access_key_id = AKIAIOSFODNN7EXAMPLE\n-aws_secret_access_key = ****\n region",
        " # mine\n",
    ] {
        assert!(ran.out.contains(line) && dry.out.contains(line), "{ran:?}");
    }
    assert!(ran.err.contains("`undercroft configure work`"), "{ran:?}");
    let wishes = taken_out(&stage);
    assert_eq!(wishes.len(), 1);
    assert_eq!(wishes[0].path, stage.path(".aws/credentials"));
    assert_eq!(wishes[0].sections, ["work"]);

    let ran = stage.run(&["import", "--json", "--take-out", "kept/credentials"]);
    assert_eq!(ran.exit, 1);
    assert!(ran.out.contains("\"taken_out\":[\"work\"]"), "{ran:?}");
    assert!(
        ran.err.contains("[other] keeps its key: it is another"),
        "{ran:?}"
    );
    let ran = stage.run(&["import", "--json", "--take-out", "denied/credentials"]);
    assert_eq!(ran.exit, 1);
    assert!(ran.out.contains("\"taken_out\":[]"), "{ran:?}");
    assert!(ran.err.contains("somebody said no"), "{ran:?}");
}

#[test]
fn completions_and_man_pages_name_every_command() {
    let stage = Stage::without_agent();
    for shell in ["bash", "zsh", "fish", "powershell"] {
        let ran = stage.run(&["completions", shell]);
        assert_eq!((ran.exit, ran.err.as_str()), (0, ""));
        assert!(ran.out.contains("credential-process"), "{shell}");
    }
    let folder = stage.path("man/man1");
    let ran = stage.run(&["man", folder.to_str().unwrap()]);
    assert_eq!((ran.exit, ran.out.as_str()), (0, ""), "{ran:?}");
    let page = fs::read_to_string(folder.join("undercroft.1")).unwrap();
    assert!(page.contains("Exit codes"), "{page}");
    assert!(folder.join("undercroft-exec.1").exists());
}
