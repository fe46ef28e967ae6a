//! Taking over `~/.aws`, the console's CSVs, otpauth lists and pictures, by paths.

mod devices;
mod keys;
mod plain_secrets;
mod profiles;
mod reading;
mod roles;

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    sync::atomic::{AtomicUsize, Ordering},
};

use crate::stage::{self, KEY, KEY_SECRET, OTHER_SEED, SEED, Stage};
use proptest::prelude::*;
use undercroft_aws::AwsErrorKind;
use undercroft_model::{
    DurationSecs, EndpointUrl, ItemId, KeyState, Mfa, Profile, Recipe, RoleSource, TokenSource,
};
use undercroft_session::{
    FoundFile, FoundKind, FoundStatus, IdentityDetails, ImportPaths, SecretRef, SessionError,
};

const OTHER_KEY: &str = "AKIAI44QH8DHBEXAMPLE";
const OTHER_SECRET: &str = "je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY";
/// A key whose id holds the account 609629065308.
const NEWER_KEY: &str = "AKIAY34FZKBOKMUTVV7A";
const ID: &str = "123456789012";
const JANE: &str = "arn:aws:iam::123456789012:user/staff/jane.doe";

use FoundKind::{AccessKey, Account, Device, Identity, Profile as ProfileKind};
use FoundStatus::{Conflict, Duplicate, New};

/// Writes a file into a folder of the test's own.
fn write(stage: &Stage, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
    let path = stage.folder.path().join("files").join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, text).unwrap();
    path
}

fn keys(section: &str, id: &str, secret: &str) -> String {
    format!("[{section}]\naws_access_key_id = {id}\naws_secret_access_key = {secret}\n")
}

fn otpauth(label: &str, seed: &str) -> String {
    format!("otpauth://totp/{label}?secret={seed}&issuer=Amazon%20Web%20Services\n")
}

fn wish(paths: &[PathBuf]) -> ImportPaths {
    ImportPaths {
        paths: paths.to_vec(),
        ..ImportPaths::default()
    }
}

/// What the vault shows, and its file.
async fn state(stage: &Stage) -> String {
    let accounts = stage.session.accounts().await.unwrap();
    let profiles = stage.session.profiles().await.unwrap();
    let file = std::fs::read(stage.vault()).unwrap();
    format!("{accounts:?} {profiles:?} {file:?}")
}

/// Imports with the custom wish, after a dry run that must answer the same and change nothing.
async fn import_as(stage: &Stage, wish: ImportPaths) -> Vec<FoundFile> {
    let before = state(stage).await;
    let dry = ImportPaths {
        dry_run: true,
        ..wish.clone()
    };
    let dry = stage.session.import_paths(dry).await.unwrap();
    assert_eq!(state(stage).await, before, "a dry run changed something");
    let real = stage.session.import_paths(wish).await.unwrap();
    assert_eq!(dry, real);
    real
}

async fn import(stage: &Stage, paths: &[PathBuf]) -> Vec<FoundFile> {
    import_as(stage, wish(paths)).await
}

fn rows(file: &FoundFile) -> Vec<(FoundKind, &str, FoundStatus)> {
    let found = file.found.iter();
    found
        .map(|item| (item.kind, item.name.as_str(), item.status))
        .collect()
}

async fn profile(stage: &Stage, name: &str) -> Profile {
    let id = stage.session.profile_named(name.to_owned()).await.unwrap();
    stage.session.profile(id).await.unwrap().profile
}

async fn account_of(stage: &Stage, digits: &str) -> undercroft_session::AccountDetails {
    let rows = stage.session.accounts().await.unwrap();
    let row = rows
        .iter()
        .find(|row| row.account_id.as_str() == digits)
        .unwrap();
    stage.session.account(row.id).await.unwrap()
}

/// A user, or the root user where the name is `root`.
async fn user(stage: &Stage, digits: &str, name: &str) -> IdentityDetails {
    let account = account_of(stage, digits).await;
    let row = account
        .identities
        .iter()
        .find(|row| row.kind.sign_in_name() == name || name == "root" && row.kind.is_root())
        .unwrap();
    stage.session.identity(row.id).await.unwrap()
}

fn session_of(profile: &Profile) -> (ItemId, Mfa) {
    let Recipe::Session(recipe) = &profile.recipe else {
        panic!("no session: {profile:?}");
    };
    (recipe.identity, recipe.mfa)
}

fn role_of(profile: &Profile) -> &undercroft_model::RoleRecipe {
    let Recipe::Role(recipe) = &profile.recipe else {
        panic!("no role: {profile:?}");
    };
    recipe
}

#[tokio::test]
async fn a_section_with_a_key_becomes_a_user_with_a_session_profile() {
    let stage = Stage::unlocked().await;
    stage.sts.key_is_of(KEY, Ok((ID, JANE)));
    let config = write(
        &stage,
        "config",
        "[profile work]\nregion = eu-central-1\noutput = yaml\nduration_seconds = 7200\n\
         mfa_serial = arn:aws:iam::123456789012:mfa/jane.doe\n",
    );
    let credentials = write(&stage, "credentials", keys("work", KEY, KEY_SECRET));
    let list = write(
        &stage,
        "codes.txt",
        otpauth("jane.doe%40123456789012", SEED),
    );
    // The device comes first and is placed after the key all the same.
    let found = import(&stage, &[list, config, credentials]).await;

    assert_eq!(
        rows(&found[2]),
        [
            (Account, ID, New),
            (Identity, "jane.doe", New),
            (AccessKey, KEY, New),
            (ProfileKind, "work", New),
        ]
    );
    assert_eq!(
        rows(&found[0]),
        [
            (Account, ID, Duplicate),
            (Identity, "jane.doe", Duplicate),
            (Device, "jane.doe@123456789012", New),
        ]
    );
    let problems: Vec<_> = found.iter().flat_map(|file| &file.problems).collect();
    assert!(problems.is_empty(), "{problems:?}");

    let jane = user(&stage, ID, "jane.doe").await;
    assert_eq!(jane.keys[0].state, KeyState::Active);
    assert_eq!(
        jane.devices[0].serial.as_ref().unwrap().as_str(),
        "arn:aws:iam::123456789012:mfa/jane.doe"
    );
    let secret = SecretRef::SecretKey {
        identity: jane.id,
        key: jane.keys[0].id.clone(),
    };
    let secret = stage.session.reveal(secret).await.unwrap();
    assert_eq!(secret.expose(), KEY_SECRET);
    let work = profile(&stage, "work").await;
    assert_eq!(session_of(&work), (jane.id, Mfa::IfThere));
    assert_eq!(work.region.unwrap().as_str(), "eu-central-1");
    assert_eq!(work.output.unwrap().as_str(), "yaml");
    assert_eq!(work.duration, DurationSecs::parse("7200").ok());
    let id = stage
        .session
        .profile_named("work".to_owned())
        .await
        .unwrap();
    assert!(stage.session.profile(id).await.unwrap().way.is_ok());
}

#[tokio::test]
async fn a_second_import_finds_everything_there_and_asks_nobody() {
    let stage = Stage::unlocked().await;
    stage.sts.key_is_of(KEY, Ok((ID, JANE)));
    let config = write(
        &stage,
        "config",
        "[profile admin]\nrole_arn = arn:aws:iam::210987654321:role/admin\nsource_profile = work\n\
         duration_seconds = 43200\n",
    );
    let credentials = write(&stage, "credentials", keys("work", KEY, KEY_SECRET));
    let list = write(
        &stage,
        "codes.txt",
        otpauth("jane.doe%40123456789012", SEED),
    );
    let paths = [config, credentials, list];
    import(&stage, &paths).await;
    let asked = stage.sts.calls().len();
    let before = state(&stage).await;
    let again = import(&stage, &paths).await;
    for file in &again {
        assert!(!file.found.is_empty());
        for item in &file.found {
            assert_eq!(item.status, Duplicate, "{item:?}");
        }
        assert!(file.problems.is_empty(), "{:?}", file.problems);
    }
    assert_eq!(stage.sts.calls().len(), asked);
    assert_eq!(state(&stage).await, before);
}

#[tokio::test]
async fn where_aws_says_nothing_it_is_guessed_and_told() {
    let stage = Stage::unlocked().await;
    stage.sts.caller_is(Err(AwsErrorKind::InactiveOrUnknownKey));
    let text = [
        keys("by-serial", KEY, KEY_SECRET),
        "mfa_serial = arn:aws:iam::123456789012:mfa/jane\n".to_owned(),
        keys("by-id", NEWER_KEY, KEY_SECRET),
        keys("nothing", OTHER_KEY, OTHER_SECRET),
    ]
    .concat();
    let credentials = write(&stage, "credentials", text);
    let found = import(&stage, &[credentials]).await;
    assert_eq!(
        rows(&found[0]),
        [
            (Account, ID, New),
            (Identity, "jane", New),
            (AccessKey, KEY, New),
            (Account, "609629065308", New),
            (Identity, "by-id", New),
            (AccessKey, NEWER_KEY, New),
            (ProfileKind, "by-serial", New),
            (ProfileKind, "by-id", New),
        ]
    );
    let problems = &found[0].problems;
    let says = |words: &[&str]| {
        let fits = |problem: &&String| words.iter().all(|word| problem.contains(word));
        assert!(
            problems.iter().any(|problem| fits(&problem)),
            "{words:?} in {problems:?}"
        );
    };
    says(&["[by-serial]", "inactive", "its mfa_serial", "jane", ID]);
    says(&["[by-id]", "encodes the account", "the section's name"]);
    says(&["[nothing]", "not imported"]);
    // The device is still to be added.
    says(&["[by-serial]", "arn:aws:iam::123456789012:mfa/jane", "seed"]);
    assert_eq!(problems.len(), 4, "{problems:?}");
    let jane = user(&stage, ID, "jane").await;
    assert_eq!(jane.keys[0].state, KeyState::Unknown);
    let profile = profile(&stage, "by-serial").await;
    assert_eq!(session_of(&profile), (jane.id, Mfa::IfThere));
}

#[tokio::test]
async fn a_root_users_key_is_filed_with_the_root_user() {
    let stage = Stage::unlocked().await;
    let arn = "arn:aws:iam::123456789012:root";
    stage.sts.key_is_of(KEY, Ok((ID, arn)));
    let credentials = write(&stage, "credentials", keys("root", KEY, KEY_SECRET));
    let list = write(
        &stage,
        "codes.txt",
        otpauth("root-account-mfa-device%40123456789012", SEED),
    );
    let found = import(&stage, &[credentials, list]).await;
    assert_eq!(rows(&found[0])[1], (Identity, "root", New));
    assert!(found[0].problems[0].contains("email"), "{found:?}");
    assert!(found[1].problems.is_empty(), "{found:?}");
    let root = user(&stage, ID, "root").await;
    assert_eq!((root.keys.len(), root.devices.len()), (1, 1));
    assert_eq!(
        root.devices[0].serial.as_ref().unwrap().as_str(),
        "arn:aws:iam::123456789012:mfa/root-account-mfa-device"
    );
}

#[tokio::test]
async fn what_the_vault_has_otherwise_is_kept_and_told() {
    let stage = Stage::unlocked().await;
    let filed = stage.filed().await;
    let session = &stage.session;
    session
        .set_password(filed.identity, stage::secret("old-password"))
        .await
        .unwrap();
    let credentials = write(&stage, "credentials", keys("work", KEY, KEY_SECRET));
    import(&stage, std::slice::from_ref(&credentials)).await;

    let other = write(
        &stage,
        "other/credentials",
        keys("work", KEY, OTHER_SECRET) + &keys("twice", KEY, OTHER_SECRET),
    );
    let config = write(
        &stage,
        "third/config",
        "[profile work]\nrole_arn = arn:aws:iam::123456789012:role/x\nsource_profile = work\n",
    );
    let seen = write(&stage, "third/credentials", keys("work", KEY, KEY_SECRET));
    let table = write(
        &stage,
        "jane.doe_credentials.csv",
        "User name,Password,Console login link\n\
         jane.doe,new-password,https://123456789012.signin.aws.amazon.com/console\n",
    );
    let list = write(
        &stage,
        "codes.txt",
        otpauth("phone%40123456789012", OTHER_SEED),
    );
    let before = state(&stage).await;
    let found = import(&stage, &[other, config, seen, table, list]).await;
    let status = |file: usize, kind| {
        let mut items = found[file].found.iter();
        items.find(|item| item.kind == kind).map(|item| item.status)
    };
    assert_eq!(status(0, AccessKey), Some(Conflict));
    assert_eq!(status(0, ProfileKind), None);
    assert_eq!(status(2, AccessKey), Some(Duplicate));
    assert_eq!(status(2, ProfileKind), Some(Conflict));
    assert_eq!(status(3, Identity), Some(Conflict));
    // No user is called phone, but one has the device of this serial.
    assert_eq!(status(4, Device), Some(Conflict));
    for file in [0, 2, 3, 4] {
        assert!(!found[file].problems.is_empty(), "{:?}", found[file]);
    }
    assert_eq!(state(&stage).await, before);
}

#[tokio::test]
async fn a_user_has_two_keys_and_no_more() {
    let stage = Stage::unlocked().await;
    let text = [
        keys("one", KEY, KEY_SECRET),
        keys("two", OTHER_KEY, OTHER_SECRET),
        keys("three", NEWER_KEY, OTHER_SECRET),
    ]
    .concat();
    let credentials = write(&stage, "credentials", text);
    let found = import(&stage, &[credentials]).await;
    assert_eq!(
        rows(&found[0]),
        [
            (Account, ID, New),
            (Identity, "jane.doe", New),
            (AccessKey, KEY, New),
            (AccessKey, OTHER_KEY, New),
            (AccessKey, NEWER_KEY, Conflict),
            (ProfileKind, "one", New),
            (ProfileKind, "two", New),
        ]
    );
    // Each profile takes its own key.
    let two = profile(&stage, "two").await;
    assert!(matches!(
        two.recipe,
        Recipe::Session(recipe) if recipe.key.as_ref().unwrap().as_str() == OTHER_KEY
    ));
}

#[tokio::test]
async fn endpoints_are_those_of_new_accounts_only() {
    let stage = Stage::unlocked().await;
    stage.account("609629065308").await;
    stage.sts.key_is_of(KEY, Ok((ID, JANE)));
    let there = "arn:aws:iam::609629065308:user/joe";
    stage.sts.key_is_of(NEWER_KEY, Ok(("609629065308", there)));
    let text = keys("new", KEY, KEY_SECRET) + &keys("there", NEWER_KEY, KEY_SECRET);
    let credentials = write(&stage, "credentials", text);
    let config = write(
        &stage,
        "config",
        "[profile r]\nrole_arn = arn:aws:iam::222222222222:role/r\nsource_profile = new\n",
    );
    let local = EndpointUrl::parse("http://127.0.0.1:4566").unwrap();
    let wish = ImportPaths {
        endpoint: Some(local.clone()),
        ..wish(&[credentials, config])
    };
    import_as(&stage, wish).await;
    let urls: BTreeSet<String> = stage.sts.calls().into_iter().map(|call| call.url).collect();
    assert_eq!(urls.len(), 2, "{urls:?}");
    assert!(urls.iter().any(|url| url.contains("127.0.0.1:4566")));
    assert!(urls.iter().any(|url| url.contains("amazonaws.com")));
    for digits in [ID, "222222222222"] {
        let endpoints = account_of(&stage, digits).await.endpoints;
        assert_eq!(endpoints.sts.as_ref(), Some(&local));
        assert_eq!(endpoints.iam.as_ref(), Some(&local));
        assert_eq!(endpoints.sign_in.as_ref(), Some(&local));
    }
    let old = account_of(&stage, "609629065308").await.endpoints;
    assert_eq!((old.sts, old.iam, old.sign_in), (None, None, None));
}

#[tokio::test]
async fn the_consoles_tables_bring_users_keys_and_passwords() {
    let stage = Stage::unlocked().await;
    stage.sts.caller_is(Err(AwsErrorKind::Unreachable));
    let table = write(
        &stage,
        "credentials.csv",
        format!(
            "\u{feff}User name,Password,Access key ID,Secret access key,Console login link\r\n\
             jane,\"p,w\"\"1\",{KEY},{KEY_SECRET},https://123456789012.signin.aws.amazon.com/console\r\n\
             joe,pw2,,,https://acme.signin.aws.amazon.com/console\r\n"
        ),
    );
    let root = write(
        &stage,
        "rootkey.csv",
        format!("AWSAccessKeyId={NEWER_KEY}\nAWSSecretKey={OTHER_SECRET}\n"),
    );
    let found = import(&stage, &[table, root]).await;
    let jane = user(&stage, ID, "jane").await;
    let password = SecretRef::Password { identity: jane.id };
    let password = stage.session.reveal(password).await.unwrap();
    assert_eq!(password.expose(), "p,w\"1");
    assert_eq!(jane.keys.len(), 1);
    let problems = &found[0].problems;
    assert!(
        problems
            .iter()
            .any(|problem| problem.contains("row 2") && problem.contains("acme"))
    );
    assert_eq!(user(&stage, "609629065308", "root").await.keys.len(), 1);
    assert!(stage.session.profiles().await.unwrap().is_empty());
}

#[tokio::test]
async fn labels_find_their_users() {
    let stage = Stage::unlocked().await;
    let account = stage
        .session
        .save_account(undercroft_session::AccountDraft {
            alias: "acme-prod".to_owned(),
            name: "The Shop".to_owned(),
            ..stage::account(ID)
        })
        .await
        .unwrap();
    stage.user(account, "jane").await;
    let seed = |n: usize| ["MFRGGZDFMZTWQ2LK", "GEZDGNBVGY3TQOJQ"][n % 2].repeat(2 + n / 2);
    let lines = [
        otpauth("Amazon%20Web%20Services:jane%40acme-prod", &seed(0)),
        format!("otpauth://totp/joe%40The%20Shop?secret={}\n", seed(1)),
        format!("otpauth://totp/ann%40210987654321?secret={}\n", seed(2)),
        format!(
            "otpauth://totp/GitHub:jim%40acme-prod?secret={}&issuer=GitHub\n",
            seed(3)
        ),
        format!("otpauth://totp/jane%40example.com?secret={}\n", seed(4)),
        format!("otpauth://totp/lonely?secret={}\n", seed(5)),
        "otpauth://totp/broken?secret=1\n".to_owned(),
    ];
    let list = write(&stage, "codes.txt", lines.concat());
    let found = import(&stage, &[list]).await;
    let devices: Vec<_> = rows(&found[0])
        .into_iter()
        .filter(|(kind, ..)| *kind == Device)
        .collect();
    assert_eq!(
        devices,
        [
            (Device, "Amazon Web Services:jane@acme-prod", New),
            (Device, "joe@The Shop", New),
            (Device, "ann@210987654321", New),
        ]
    );
    assert_eq!(found[0].problems.len(), 4, "{:?}", found[0].problems);
    for name in ["jane", "joe"] {
        let user = user(&stage, ID, name).await;
        assert_eq!(
            user.devices[0].serial.as_ref().unwrap().as_str(),
            format!("arn:aws:iam::123456789012:mfa/{name}")
        );
    }
    assert_eq!(user(&stage, "210987654321", "ann").await.devices.len(), 1);
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_file_that_cannot_be_read_stops_no_other() {
    let stage = Stage::unlocked().await;
    let good = write(&stage, "credentials", keys("work", KEY, KEY_SECRET));
    let long = write(&stage, "long.txt", " ".repeat((4 << 20) + 1));
    let odd = write(&stage, "odd.bin", [0xff_u8, 0xfe, 0x00]);
    let gone = stage.folder.path().join("files/gone");
    let folder = stage.folder.path().join("files");
    let pipe = stage.folder.path().join("files/pipe");
    rustix::fs::mkfifoat(rustix::fs::CWD, &pipe, rustix::fs::Mode::RUSR).unwrap();
    let paths = [long, odd, gone, folder, pipe, good, "/dev/zero".into()];
    let found = import(&stage, &paths).await;
    for (at, file) in found.iter().enumerate() {
        assert_eq!(file.source, paths[at].display().to_string());
        if at == 5 {
            assert!(file.problems.is_empty(), "{file:?}");
            assert_eq!(file.found.len(), 4);
        } else {
            assert_eq!(file.problems.len(), 1, "{file:?}");
            assert!(file.problems[0].starts_with("can't be read"), "{file:?}");
        }
    }
    let many = vec![paths[5].clone(); 101];
    let found = import(&stage, &many).await;
    assert!(found[99].problems.is_empty());
    assert!(found[100].problems[0].contains("100"), "{:?}", found[100]);
}

#[tokio::test]
async fn keys_are_asked_about_eight_at_once() {
    let stage = Stage::unlocked().await;
    let text: String = (0..30)
        .map(|n| {
            keys(
                &format!("p{n}"),
                &format!("AKIAIOSFODNN7EXAM{n:03}"),
                KEY_SECRET,
            )
        })
        .collect();
    let credentials = write(&stage, "credentials", text);
    stage.sts.close();
    let session = stage.session.clone();
    let asked = ImportPaths {
        dry_run: true,
        ..wish(std::slice::from_ref(&credentials))
    };
    let running = tokio::spawn(async move { session.import_paths(asked).await });
    stage.sts.made(8).await;
    tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    assert_eq!(stage.sts.calls().len(), 8);
    stage.sts.open();
    running.await.unwrap().unwrap();
    assert_eq!(stage.sts.asked_keys().len(), 30);
    assert_eq!(stage.sts.most_at_once(), 8);

    // An endpoint that can't be reached is not tried for every key.
    let made = stage.sts.calls().len();
    stage.sts.caller_is(Err(AwsErrorKind::Unreachable));
    let asked = ImportPaths {
        dry_run: true,
        ..wish(&[credentials])
    };
    stage.session.import_paths(asked).await.unwrap();
    assert!(stage.sts.calls().len() - made <= 8);
}

#[tokio::test]
async fn a_locked_vault_refuses_before_anything_is_read() {
    let stage = Stage::unlocked().await;
    stage
        .session
        .lock(undercroft_session::LockReason::User)
        .await;
    let credentials = write(&stage, "credentials", keys("work", KEY, KEY_SECRET));
    let refused = stage.session.import_paths(wish(&[credentials])).await;
    assert_eq!(refused, Err(SessionError::Locked));
    assert!(stage.sts.calls().is_empty());
}

#[tokio::test]
async fn a_vault_that_is_open_for_reading_refuses_before_anything_is_asked() {
    let stage = Stage::unlocked().await;
    stage.account(ID).await;
    let older = std::fs::read(stage.vault()).unwrap();
    stage.account("210987654321").await;
    let lock = undercroft_session::LockReason::User;
    stage.session.lock(lock).await;
    std::fs::write(stage.vault(), older).unwrap();
    stage.unlock().await;
    stage.session.read_only().await.unwrap();
    let credentials = write(&stage, "credentials", keys("work", KEY, KEY_SECRET));
    let refused = stage.session.import_paths(wish(&[credentials])).await;
    assert_eq!(refused, Err(SessionError::OpenForReading));
    assert!(stage.sts.calls().is_empty());
}

#[tokio::test]
async fn locking_cuts_the_questions_off() {
    let stage = Stage::unlocked().await;
    let credentials = write(&stage, "credentials", keys("work", KEY, KEY_SECRET));
    stage.sts.close();
    let session = stage.session.clone();
    let running = tokio::spawn(async move { session.import_paths(wish(&[credentials])).await });
    stage.sts.made(1).await;
    stage
        .session
        .lock(undercroft_session::LockReason::User)
        .await;
    assert_eq!(running.await.unwrap(), Err(SessionError::Locked));
}

/// Every file of the vectors.
fn vectors() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../tests/vectors");
    let mut files = stage::files_below(&folder.join("aws_files"));
    files.extend(stage::files_below(&folder.join("import/files")));
    files.retain(|path| path.extension().is_none_or(|end| end != "md"));
    files.sort();
    files
}

#[tokio::test]
async fn the_vectors_come_over_without_a_secret_in_any_text() {
    let vectors = vectors();
    assert!(vectors.len() > 100, "{}", vectors.len());
    let stage = Stage::unlocked().await;
    for caller in [Err(AwsErrorKind::Unreachable), Ok((ID, JANE))] {
        stage.sts.caller_is(caller);
        for paths in vectors.chunks(60) {
            let found = import(&stage, paths).await;
            let shown = format!("{found:?}");
            for secret in [KEY_SECRET, OTHER_SECRET, "hunter", SEED, OTHER_SEED] {
                assert!(!shown.contains(secret), "{secret}");
            }
        }
    }
    assert!(!stage.session.profiles().await.unwrap().is_empty());
}

/// Pieces that files are made of.
fn piece() -> impl Strategy<Value = String> {
    let name = prop::sample::select(vec![
        "a",
        "b",
        "c",
        "default",
        "profile a",
        "profile b",
        "x]y",
        "ü",
    ]);
    let id = prop::sample::select(vec![
        KEY,
        OTHER_KEY,
        NEWER_KEY,
        "AKIA",
        "ASIAIOSFODNN7EXAMPLE",
    ]);
    let source = prop::sample::select(vec!["a", "b", "c", "nowhere"]);
    prop_oneof![
        name.prop_map(|name| format!("[{name}]\n")),
        id.prop_map(|id| format!("aws_access_key_id = {id}\n")),
        Just(format!("aws_secret_access_key = {KEY_SECRET}\n")),
        Just(format!("aws_secret_access_key = {OTHER_SECRET}\n")),
        source.prop_map(|name| format!("role_arn = arn:aws:iam::{ID}:role/r\nsource_profile = {name}\n")),
        Just("mfa_serial = arn:aws:iam::123456789012:mfa/jane\n".to_owned()),
        Just("mfa_serial = GAHT12345678\nduration_seconds = 43200\n".to_owned()),
        Just("credential_source = Environment\n".to_owned()),
        Just("web_identity_token_file = token\n".to_owned()),
        Just("sso_start_url = https://x.awsapps.com/start\nsso_region = eu-west-1\nsso_account_id = 123456789012\nsso_role_name = r\n".to_owned()),
        Just("User name,Password,Access key ID,Secret access key,Console login link\n".to_owned()),
        Just(format!("joe,pw,{OTHER_KEY},{OTHER_SECRET},https://acme.signin.amazonaws.cn/console\n")),
        Just(otpauth("jane%40123456789012", SEED)),
        Just(otpauth("root-account-mfa-device%40210987654321", OTHER_SEED)),
        "\\PC{0,30}\n",
        any::<String>(),
    ]
}

#[test]
fn no_file_panics_and_a_dry_run_changes_nothing() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let stage = runtime.block_on(Stage::unlocked());
    let texts = prop::collection::vec(prop::collection::vec(piece(), 0..12), 1..4);
    let names = prop::sample::subsequence(vec!["config", "credentials", "x.csv", "list.txt"], 3);
    let round = AtomicUsize::new(0);
    let config = ProptestConfig {
        cases: 96,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    proptest!(config, |(texts in texts, names in names, answers: bool)| {
        runtime.block_on(async {
            stage.sts.caller_is(if answers { Ok((ID, JANE)) } else { Err(AwsErrorKind::Timeout) });
            let round = round.fetch_add(1, Ordering::Relaxed);
            let paths: Vec<PathBuf> = texts
                .iter()
                .zip(&names)
                .map(|(text, name)| write(&stage, &format!("{round}/{name}"), text.concat()))
                .collect();
            let found = import(&stage, &paths).await;
            let shown = format!("{found:?}");
            for secret in [KEY_SECRET, OTHER_SECRET, SEED, OTHER_SEED] {
                assert!(!shown.contains(secret), "{secret}");
            }
        });
    });
}

#[tokio::test]
async fn what_one_file_tells_of_a_key_helps_the_others_in_any_order() {
    let table = format!(
        "User name,Access key ID,Secret access key,Console login link\n\
         joe,{KEY},{KEY_SECRET},https://123456789012.signin.aws.amazon.com/console\n"
    );
    for is_reversed in [false, true] {
        let stage = Stage::unlocked().await;
        stage.sts.caller_is(Err(AwsErrorKind::Unreachable));
        let mut paths = vec![
            write(&stage, "credentials", keys("work", KEY, KEY_SECRET)),
            write(&stage, "credentials.csv", &table),
        ];
        if is_reversed {
            paths.reverse();
        }
        import(&stage, &paths).await;
        let joe = user(&stage, ID, "joe").await;
        assert_eq!(session_of(&profile(&stage, "work").await).0, joe.id);
    }
}

#[cfg(unix)]
#[tokio::test]
async fn keys_that_the_vault_has_leave_the_file_and_nothing_else_does() {
    use std::os::unix::fs::PermissionsExt;

    let stage = Stage::unlocked().await;
    let text = [
        "# mine\n".to_owned(),
        keys("work", KEY, KEY_SECRET),
        "region = eu-west-1\n\n".to_owned(),
        keys("unknown", OTHER_KEY, OTHER_SECRET),
        "\n".to_owned(),
        keys("twice", KEY, OTHER_SECRET),
        keys("twice", KEY, KEY_SECRET),
    ]
    .concat();
    let credentials = write(&stage, "real/credentials", &text);
    std::fs::set_permissions(&credentials, PermissionsExt::from_mode(0o640)).unwrap();
    let link = stage.folder.path().join("files/credentials");
    std::os::unix::fs::symlink(&credentials, &link).unwrap();

    // Before the import the vault has nothing of it.
    let nothing = stage.session.plain_secrets(vec![link.clone()]).await;
    assert_eq!(nothing, Ok(Vec::new()));
    let only = write(&stage, "only/credentials", keys("work", KEY, KEY_SECRET));
    import(&stage, &[only]).await;
    let found = stage
        .session
        .plain_secrets(vec![link.clone()])
        .await
        .unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].sections, ["work"]);

    let wanted = || {
        ["gone", "twice", "unknown", "work"]
            .map(str::to_owned)
            .into()
    };
    let session = &stage.session;
    let taken = session.take_out_secrets(link.clone(), wanted()).await;
    let taken = taken.unwrap();
    assert_eq!(taken.taken, ["work"]);
    let kept: Vec<&str> = taken.kept.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(kept, ["unknown", "twice", "gone"]);
    assert!(!format!("{taken:?}").contains(OTHER_SECRET));

    let left = text.replacen(
        &format!("aws_access_key_id = {KEY}\naws_secret_access_key = {KEY_SECRET}\n"),
        "",
        1,
    );
    assert_eq!(std::fs::read_to_string(&credentials).unwrap(), left);
    let mode = std::fs::metadata(&credentials)
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o640);
    assert!(std::fs::symlink_metadata(&link).unwrap().is_symlink());
    let beside = stage::files_below(credentials.parent().unwrap());
    assert_eq!(beside, [credentials]);
    let again = session.take_out_secrets(link, wanted()).await.unwrap();
    assert!(again.taken.is_empty());
}

#[tokio::test]
async fn an_import_names_the_sections_whose_keys_it_has_afterwards() {
    let stage = Stage::unlocked().await;
    let text = [
        keys("work", KEY, KEY_SECRET),
        keys("spare", OTHER_KEY, OTHER_SECRET),
        "aws_session_token = x\n".to_owned(),
    ]
    .concat();
    let credentials = write(&stage, "credentials", format!("\u{feff}{text}"));
    let wide: Vec<u8> = [0xfeff]
        .into_iter()
        .chain(text.encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect();
    let other = write(&stage, "other/credentials", wide);
    // A dry run answers the same before the vault has any of it.
    let found = import(&stage, &[credentials.clone(), other]).await;
    assert_eq!(found[0].plain_secrets, ["work"]);
    assert!(found[1].plain_secrets.is_empty(), "not in UTF-8: {found:?}");

    // What is not asked for stays.
    let session = &stage.session;
    let nothing = session.take_out_secrets(credentials.clone(), ["spare".to_owned()].into());
    assert!(nothing.await.unwrap().taken.is_empty());
    let work = || ["work".to_owned()].into();
    let taken = session.take_out_secrets(credentials.clone(), work()).await;
    assert_eq!(taken.unwrap().taken, ["work"]);
    let left = std::fs::read_to_string(&credentials).unwrap();
    assert!(left.starts_with('\u{feff}') && !left.contains(KEY_SECRET));
    assert!(left.contains(OTHER_SECRET));

    // Another secret under a known id is not the vault's.
    let changed = write(
        &stage,
        "changed/credentials",
        keys("work", KEY, OTHER_SECRET),
    );
    assert!(import(&stage, &[changed]).await[0].plain_secrets.is_empty());
}

#[tokio::test]
async fn secrets_are_taken_out_of_no_other_file() {
    let stage = Stage::unlocked().await;
    let other = write(&stage, "notes.txt", "nothing of that kind\n");
    let refused = stage
        .session
        .take_out_secrets(other, ["a".to_owned()].into())
        .await;
    assert!(
        matches!(refused, Err(SessionError::Invalid { .. })),
        "{refused:?}"
    );
    let gone = stage.folder.path().join("gone");
    let refused = stage
        .session
        .take_out_secrets(gone, ["a".to_owned()].into())
        .await;
    assert!(
        matches!(refused, Err(SessionError::Disk { .. })),
        "{refused:?}"
    );
}

#[tokio::test]
async fn a_qr_picture_brings_its_device() {
    let stage = Stage::unlocked().await;
    let uri = otpauth("Amazon%20Web%20Services:jane%40123456789012", SEED);
    let drawing = undercroft_otp::qr::draw(&stage::secret(uri.trim())).unwrap();
    let picture = write(&stage, "code.png", drawing.to_png(4).expose());
    let found = import(&stage, &[picture]).await;
    assert_eq!(
        rows(&found[0]),
        [
            (Account, ID, New),
            (Identity, "jane", New),
            (Device, "Amazon Web Services:jane@123456789012", New),
        ]
    );
}
