//! `import`, completions and man pages; what is not built in.

use std::fs;

use undercroft_agent::Request;

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
    assert_eq!(keys(&json[0]), ["found", "problems", "source"]);
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
