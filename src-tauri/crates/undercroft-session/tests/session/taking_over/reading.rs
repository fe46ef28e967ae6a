//! Reading files: which belong together, which are refused, and with which words.

use super::*;
use undercroft_otp::{OtpAuth, migration_uris};

/// What the one problem of each file says.
fn only_problem(file: &FoundFile) -> &str {
    let [problem] = &file.problems[..] else {
        panic!("not one problem: {file:?}");
    };
    problem
}

#[tokio::test]
async fn each_file_that_is_refused_says_why() {
    let stage = Stage::unlocked().await;
    let sparse = |name: &str, len: u64| {
        let path = write(&stage, name, "");
        let file = std::fs::File::options().write(true).open(&path);
        file.unwrap().set_len(len).unwrap();
        path
    };
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../../tests/vectors/aws_files/leapp/Leapp-lock.json");
    let mail = "Username,Smtp Username,Smtp Password\nme,AKIAIOSFODNN7EXAMPLE,secret\n";
    let unknown = "can't be read: this is no file of ~/.aws";
    let cases = [
        (write(&stage, "empty.txt", ""), "it is empty"),
        (
            write(&stage, "blank.txt", " ".repeat(4 << 20)),
            "it is empty",
        ),
        (
            write(&stage, "long.txt", " ".repeat((4 << 20) + 1)),
            "can't be read: a text has at most 4 MiB",
        ),
        (
            write(&stage, "long.bin", vec![0xff_u8; (4 << 20) + 1]),
            unknown,
        ),
        (sparse("largest.bin", 20 << 20), "can't be read: "),
        (
            sparse("larger.bin", (20 << 20) + 1),
            "can't be read: it has more than 20 MiB",
        ),
        (write(&stage, "notes.txt", "nothing here\n"), unknown),
        (
            write(&stage, "mail_credentials.csv", mail),
            "these are credentials of one service",
        ),
        (
            workspace,
            "this is Leapp's workspace of another machine or of a Leapp team",
        ),
    ];
    let paths = cases.clone().map(|(path, _)| path);
    let found = import(&stage, &paths).await;
    for (file, (path, words)) in found.iter().zip(cases) {
        let problem = only_problem(file);
        assert!(problem.starts_with(words), "{}: {problem}", path.display());
    }
    let largest = only_problem(&found[4]);
    assert!(!largest.contains("more than"), "{largest}");
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_file_that_grows_while_it_is_read_is_not_taken_for_what_it_was() {
    let stage = Stage::unlocked().await;
    // It says that it has no bytes, and then has some.
    let found = import(&stage, &["/proc/self/status".into()]).await;
    let problem = only_problem(&found[0]);
    assert!(problem.contains("another program is writing it"));
}

#[tokio::test]
async fn a_config_goes_with_the_credentials_of_its_folder() {
    let stage = Stage::unlocked().await;
    let joe = "arn:aws:iam::123456789012:user/joe";
    stage.sts.key_is_of(OTHER_KEY, Ok((ID, joe)));
    let config = |role: &str| {
        format!("[profile {role}]\nrole_arn = arn:aws:iam::{ID}:role/r\nsource_profile = base\n")
    };
    let paths = [
        write(&stage, "a/config", config("of-jane")),
        write(&stage, "b/config", config("of-joe")),
        write(
            &stage,
            "b/credentials",
            keys("base", OTHER_KEY, OTHER_SECRET),
        ),
        write(&stage, "a/credentials", keys("base", KEY, KEY_SECRET)),
    ];
    import(&stage, &paths).await;
    for (role, name) in [("of-jane", "jane.doe"), ("of-joe", "joe")] {
        let user = user(&stage, ID, name).await;
        let profile = profile(&stage, role).await;
        let RoleSource::Identity { identity, .. } = role_of(&profile).source else {
            panic!("{role} builds on no key");
        };
        assert_eq!(identity, user.id, "{role}");
    }
}

#[tokio::test]
async fn a_config_and_credentials_alone_go_together_wherever_they_are() {
    let stage = Stage::unlocked().await;
    let paths = [
        write(&stage, "c/config", "[profile base]\nregion = eu-west-1\n"),
        write(&stage, "a/credentials", keys("base", KEY, KEY_SECRET)),
    ];
    import(&stage, &paths).await;
    let base = profile(&stage, "base").await;
    assert_eq!(base.region.unwrap().as_str(), "eu-west-1");
}

#[tokio::test]
async fn a_config_takes_no_settings_of_another_folders_credentials() {
    // Two of the one kind and one of the other, each way round.
    let region = "[profile base]\nregion = eu-west-1\n";
    let stage = Stage::unlocked().await;
    let paths = [
        write(&stage, "b/config", region),
        write(&stage, "a/config", "[profile base]\nregion = eu-west-2\n"),
        write(&stage, "a/credentials", keys("base", KEY, KEY_SECRET)),
    ];
    import(&stage, &paths).await;
    let base = profile(&stage, "base").await;
    assert_eq!(base.region.unwrap().as_str(), "eu-west-2");

    let stage = Stage::unlocked().await;
    let paths = [
        write(&stage, "a/config", region),
        write(
            &stage,
            "b/credentials",
            keys("base", OTHER_KEY, OTHER_SECRET),
        ),
        write(&stage, "c/credentials", keys("other", KEY, KEY_SECRET)),
    ];
    import(&stage, &paths).await;
    assert_eq!(profile(&stage, "base").await.region, None);
}

#[tokio::test]
async fn a_role_is_shown_under_the_file_that_it_stands_in() {
    let stage = Stage::unlocked().await;
    let config = write(&stage, "config", "[profile base]\nregion = eu-west-1\n");
    let role = format!("[r]\nrole_arn = arn:aws:iam::{ID}:role/r\nsource_profile = base\n");
    let credentials = keys("base", KEY, KEY_SECRET) + &role;
    let credentials = write(&stage, "credentials", credentials);
    let found = import(&stage, &[config, credentials]).await;
    assert!(rows(&found[0]).is_empty(), "{found:?}");
    assert!(rows(&found[1]).contains(&(ProfileKind, "r", New)));
}

#[tokio::test]
async fn odd_settings_are_told_and_what_the_import_mends_is_not() {
    let stage = Stage::unlocked().await;
    let sso = "sso_start_url = https://x.awsapps.com/start\nsso_region = eu-west-1\n\
               sso_account_id = 123456789012\nsso_role_name = admin\n";
    let config = write(
        &stage,
        "config",
        format!(
            "[profile base]\noutput = paper\nduration_seconds = 899\n\
             [profile both]\nrole_arn = arn:aws:iam::{ID}:role/r\nsource_profile = base\n{sso}\
             [profile only]\n{sso}\
             [profile settings]\nregion = eu-west-1\n\
             [profile half]\naws_secret_access_key = {KEY_SECRET}\n"
        ),
    );
    let credentials = write(&stage, "credentials", keys("base", KEY, KEY_SECRET));
    let found = import(&stage, &[config, credentials]).await;
    let problems: Vec<&String> = found.iter().flat_map(|file| &file.problems).collect();
    for words in [
        "output is left out",
        "[base]: duration_seconds is left out: a session lasts 900 to 129600 seconds",
        "signs in with IAM Identity Center",
        "[settings]: it holds neither a key nor a role",
        "aws_secret_access_key is there without aws_access_key_id",
    ] {
        let told = problems.iter().filter(|problem| problem.contains(words));
        assert_eq!(told.count(), 1, "{words}: {problems:?}");
    }
    assert_eq!(problems.len(), 5, "{problems:?}");
    assert_eq!(profile(&stage, "base").await.duration, None);
    let Recipe::Sso(recipe) = profile(&stage, "only").await.recipe else {
        panic!("not of Identity Center");
    };
    assert_eq!(recipe.start_url, "https://x.awsapps.com/start");
    assert_eq!(recipe.sso_region.as_str(), "eu-west-1");
    assert_eq!(recipe.account.as_str(), ID);
    assert_eq!(recipe.role_name, "admin");
}

#[tokio::test]
async fn the_codes_of_one_export_are_put_together_and_missing_ones_are_counted() {
    let devices = (0..21_u8).map(|n| {
        let seed = format!("{}{}", char::from(b'A' + n), &SEED[1..]);
        let uri = otpauth(&format!("d{n}%40123456789012"), &seed);
        OtpAuth::parse(&stage::secret(uri.trim())).unwrap()
    });
    let export = migration_uris(&devices.collect::<Vec<_>>());
    assert_eq!(export.uris.len(), 3);
    for (codes, said) in [
        (
            1,
            Some("2 codes of this export of Google Authenticator are"),
        ),
        (2, Some("1 code of this export of Google Authenticator is")),
        (3, None),
    ] {
        let stage = Stage::unlocked().await;
        let parts = export.uris.iter().enumerate().take(codes);
        let paths: Vec<PathBuf> = parts
            .map(|(at, uri)| write(&stage, &format!("{at}.txt"), uri.expose()))
            .collect();
        let found = import(&stage, &paths).await;
        match said {
            Some(words) => assert!(only_problem(&found[0]).starts_with(words)),
            None => assert!(found[0].problems.is_empty(), "{found:?}"),
        }
        let devices = rows(&found[0]).into_iter();
        let devices = devices.filter(|(kind, ..)| *kind == Device).count();
        assert_eq!(devices, [10, 20, 21][codes - 1]);
    }
}
