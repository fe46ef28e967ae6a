//! `configure` on files as people have them.

use std::{
    fs,
    os::unix::fs::{PermissionsExt, symlink},
    path::Path,
};

use crate::stage::{Stage, ran};

const CONFIG: &str = "# my accounts\r\n[default]\r\nregion=eu-west-1 # home\r\n\r\n\
                      [profile  old]\r\noutput = table\r\n\r\n; the end, without a line end";

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn backups(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = fs::read_dir(folder).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    let is_backup =
        |path: &std::path::PathBuf| path.to_string_lossy().contains(".undercroft-backup-2");
    paths.filter(is_backup).collect()
}

/// A stage with these two files.
fn with_files(config: &str, credentials: &str) -> Stage {
    let stage = Stage::new();
    fs::create_dir(stage.path(".aws")).unwrap();
    fs::write(stage.path(".aws/config"), config).unwrap();
    fs::write(stage.path(".aws/credentials"), credentials).unwrap();
    stage
}

#[test]
fn a_profile_is_added_and_all_else_stays() {
    let stage = with_files(CONFIG, "");
    let (folder, config) = (stage.path(".aws"), stage.path(".aws/config"));
    fs::set_permissions(&config, fs::Permissions::from_mode(0o640)).unwrap();
    let dry = stage.run(&["configure", "prod", "key", "--dry-run"]);
    assert_eq!(dry.exit, 0, "{dry:?}");
    assert_eq!(fs::read_to_string(&config).unwrap(), CONFIG);
    assert!(backups(&folder).is_empty());

    let ran = stage.run(&["configure", "prod", "key"]);
    assert_eq!((ran.exit, &ran.out), (0, &dry.out), "{ran:?}");
    assert!(
        ran.out
            .contains("+credential_process = undercroft credential-process prod"),
        "{ran:?}"
    );
    let text = fs::read_to_string(&config).unwrap();
    assert!(text.starts_with(CONFIG), "{text}");
    let added = &text[CONFIG.len()..];
    for line in [
        "[profile prod]\r\n",
        "credential_process = undercroft credential-process prod\r\n",
        "region = eu-central-1\r\n",
        "output = json\r\n",
        "[profile key]\r\n",
    ] {
        assert!(added.contains(line), "{added:?}");
    }
    assert_eq!(mode(&config), 0o640);
    let backups = backups(&folder);
    assert_eq!(backups.len(), 1);
    assert_eq!(fs::read_to_string(&backups[0]).unwrap(), CONFIG);
    assert_eq!(mode(&backups[0]), 0o640);
    assert_eq!(
        fs::read_dir(&folder).unwrap().count(),
        3,
        "nothing else is left"
    );

    let again = stage.run(&["configure", "prod", "key"]);
    assert_eq!((again.exit, again.out.as_str()), (0, ""));
    assert_eq!(fs::read_to_string(&config).unwrap(), text);
}

#[test]
fn what_is_missing_is_made_for_its_owner_alone() {
    let stage = Stage::new();
    let ran = stage.run(&["configure", "prod"]);
    assert_eq!(ran.exit, 0, "{ran:?}");
    assert_eq!(mode(&stage.path(".aws")), 0o700);
    assert_eq!(mode(&stage.path(".aws/config")), 0o600);
    assert!(backups(&stage.path(".aws")).is_empty());
}

#[test]
fn the_options_that_lead_to_the_agent_are_kept() {
    let stage = Stage::new();
    let socket = stage.path("agent's own.sock");
    fs::rename(stage.socket(), &socket).unwrap();
    let words = ["--socket", socket.to_str().unwrap(), "configure", "prod"];
    let ran = stage.run(&words);
    assert_eq!(ran.exit, 0, "{ran:?}");
    let text = fs::read_to_string(stage.path(".aws/config")).unwrap();
    let quoted = socket.to_str().unwrap().replace('\'', "'\"'\"'");
    assert!(
        text.contains(&format!(
            "credential_process = undercroft --socket '{quoted}' credential-process prod\n"
        )),
        "{text}"
    );
}

#[test]
fn what_would_win_is_refused_and_nothing_is_written() {
    let stage = with_files(
        CONFIG,
        "[prod]\naws_access_key_id = AKIA\naws_secret_access_key = x\n",
    );
    let ran = stage.run(&["configure", "key", "prod"]);
    assert_eq!((ran.exit, ran.out.as_str()), (1, ""));
    assert!(ran.err.contains("credentials file"), "{ran:?}");
    assert!(ran.err.contains("aws_access_key_id"), "{ran:?}");
    assert!(
        ran.err.contains("`undercroft import --take-out "),
        "{ran:?}"
    );
    let replacing = stage.run(&["configure", "--replace", "prod"]);
    assert_eq!((replacing.exit, replacing.out.as_str()), (1, ""));
    let ran = stage.run(&["configure", "key", "nobody"]);
    assert_eq!((ran.exit, ran.out.as_str()), (4, ""));
    let text = fs::read_to_string(stage.path(".aws/config")).unwrap();
    assert_eq!(text, CONFIG);
    assert!(backups(&stage.path(".aws")).is_empty());
}

#[test]
fn a_role_of_the_file_gives_way_to_the_vaults() {
    let role = "arn:aws:iam::123456789012:role/admin";
    let text = format!(
        "\u{feff}# work\r\n[profile prod]\r\nrole_arn = {role}\r\n; by hand\r\nsource_profile = base\r\n\
         region = eu-central-1\r\n\r\n[profile base]\r\noutput = table"
    );
    let stage = with_files(&text, "");
    let config = stage.path(".aws/config");
    let refused = stage.run(&["configure", "prod"]);
    assert_eq!((refused.exit, refused.out.as_str()), (1, ""));
    assert!(refused.err.contains("role_arn") && refused.err.contains("--replace"));
    let dry = stage.run(&["configure", "--replace", "--dry-run", "prod"]);
    assert_eq!(dry.exit, 0, "{dry:?}");
    assert_eq!(fs::read_to_string(&config).unwrap(), text);

    let ran = stage.run(&["configure", "--replace", "prod"]);
    assert_eq!((ran.exit, &ran.out), (0, &dry.out));
    assert!(ran.out.contains("-source_profile = base\n"), "{ran:?}");
    let left = fs::read_to_string(&config).unwrap();
    assert_eq!(
        left,
        "\u{feff}# work\r\n[profile prod]\r\n; by hand\r\nregion = eu-central-1\r\n\
         credential_process = undercroft credential-process prod\r\noutput = json\r\n\r\n\
         [profile base]\r\noutput = table"
    );
    let backups = backups(&stage.path(".aws"));
    assert_eq!(fs::read_to_string(&backups[0]).unwrap(), text);
    let missing = stage.run(&["configure", "--replace", "base"]);
    assert_eq!((missing.exit, missing.out.as_str()), (4, ""));
    assert_eq!(fs::read_to_string(&config).unwrap(), left);
}

#[test]
fn a_linked_file_is_changed_where_it_is() {
    let stage = Stage::new();
    for folder in ["dotfiles", ".aws"] {
        fs::create_dir(stage.path(folder)).unwrap();
    }
    fs::write(stage.path("dotfiles/aws-config"), CONFIG).unwrap();
    let link = stage.path(".aws/config");
    symlink("../dotfiles/aws-config", &link).unwrap();
    assert_eq!(stage.run(&["configure", "prod"]).exit, 0);
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    let text = fs::read_to_string(stage.path("dotfiles/aws-config")).unwrap();
    assert!(text.contains("[profile prod]"));
    assert_eq!(backups(&stage.path("dotfiles")).len(), 1);

    fs::remove_file(&link).unwrap();
    symlink("../nowhere", &link).unwrap();
    let ran = stage.run(&["configure", "prod"]);
    assert_eq!(ran.exit, 1);
    assert!(ran.err.contains("leads nowhere"), "{ran:?}");
}

#[test]
fn variables_name_other_files() {
    let stage = Stage::new();
    let mut command = stage.command(&["configure", "prod"]);
    command
        .env("AWS_CONFIG_FILE", "~/elsewhere/config")
        .env("AWS_SHARED_CREDENTIALS_FILE", stage.path("none"));
    let ran = ran(command.output().unwrap());
    assert_eq!(ran.exit, 0, "{ran:?}");
    assert!(stage.path("elsewhere/config").exists());
}

#[test]
fn a_file_that_is_no_text_is_left_alone() {
    let stage = with_files("", "");
    fs::write(stage.path(".aws/config"), b"[default]\nregion = \xff\n").unwrap();
    let ran = stage.run(&["configure", "prod"]);
    assert_eq!((ran.exit, ran.out.as_str()), (1, ""));
    assert!(ran.err.contains("no UTF-8"), "{ran:?}");
}
