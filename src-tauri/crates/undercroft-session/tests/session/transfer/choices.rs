//! Where chosen devices go, and how long what was read waits.

use super::*;
use crate::stage::{self, Filed};
use undercroft_model::{AccountAlias, Colour, Partition};
use undercroft_session::{AccountDraft, IdentityDetails, ImportRow};

const ELSEWHERE: &str = "210987654321";

fn at(index: u32, target: ImportTarget) -> ImportChoice {
    ImportChoice { index, target }
}

/// Different seeds, by their numbers.
fn seed(number: u8) -> String {
    format!("{}{}", char::from(b'A' + number), &SEED[1..])
}

/// The identity of an account's number and its own name.
async fn found(stage: &Stage, digits: &str, name: &str) -> IdentityDetails {
    let rows = stage.session.accounts().await.unwrap();
    let mut rows = rows.iter();
    let row = rows.find(|row| row.account_id.as_str() == digits).unwrap();
    let account = stage.session.account(row.id).await.unwrap();
    let mut identities = account.identities.iter();
    let row = identities.find(|row| row.kind.sign_in_name() == name);
    stage.session.identity(row.unwrap().id).await.unwrap()
}

fn names(identity: &IdentityDetails) -> Vec<&str> {
    let devices = identity.devices.iter();
    devices.map(|device| device.name.as_str()).collect()
}

/// Lets time pass while somebody uses the vault.
async fn wait(stage: &Stage, secs: u32) {
    for _ in 0..secs / 50 {
        stage.session.touch();
        stage.clock.advance(50.0);
    }
    stage.session.touch();
    stage.clock.advance(f64::from(secs % 50));
}

async fn permit(stage: &Stage, guarded: Guarded) {
    let password = secret(PASSWORD);
    stage.session.permit(guarded, password).await.unwrap();
}

async fn written(stage: &Stage, filed: &Filed) -> SecretBytes {
    let devices = vec![DeviceRef {
        identity: filed.identity,
        device: filed.device,
    }];
    let format = ExportFormat::Vault;
    let guarded = Guarded::Export {
        devices: devices.clone(),
        format,
    };
    permit(stage, guarded).await;
    let password = Some(secret("plinth otter vellum 92"));
    let written = stage.session.export_devices(devices, format, password);
    written.await.unwrap().0.pop().unwrap().bytes
}

async fn read(stage: &Stage, bytes: &SecretBytes) -> (u32, ImportRow) {
    let file = ImportFile {
        name: "mine.undercroft".to_owned(),
        bytes: bytes.clone(),
    };
    let password = Some(secret("plinth otter vellum 92"));
    let read = stage.session.preview_import(vec![file], password).await;
    let mut read = read.unwrap();
    assert_eq!(read.rows.len(), 1);
    (read.id, read.rows.remove(0))
}

#[tokio::test]
async fn devices_go_to_the_accounts_and_users_that_are_there() {
    let stage = Stage::unlocked().await;
    let filed = stage.filed().await;
    let lines = (0..5).map(|n| aws(&format!("d{n}@123456789012"), &seed(n)));
    let read = preview(&stage, &lines.collect::<String>()).await;
    let choices = vec![
        at(0, ImportTarget::Existing(filed.identity)),
        at(1, ImportTarget::Existing(filed.identity)),
        new(2, "123456789012", "jane.doe"),
        new(3, "123456789012", "joe"),
        new(4, "123456789012", "joe"),
    ];
    let report = stage.session.apply_import(read.id, choices).await.unwrap();
    assert_eq!(
        (report.accounts, report.identities, report.devices),
        (0, 1, 5)
    );
    assert_eq!(stage.session.accounts().await.unwrap().len(), 1);
    let jane = stage.session.identity(filed.identity).await.unwrap();
    assert_eq!(names(&jane), ["phone", "d0", "d1", "d2"]);
    let joe = found(&stage, "123456789012", "joe").await;
    assert_eq!(names(&joe), ["d3", "d4"]);
}

#[tokio::test]
async fn new_users_of_one_name_are_kept_apart_by_their_accounts() {
    let stage = Stage::unlocked().await;
    let text = aws("here@123456789012", SEED) + &aws("there@210987654321", OTHER_SEED);
    let read = preview(&stage, &text).await;
    let choices = vec![new(0, "123456789012", "alice"), new(1, ELSEWHERE, "alice")];
    let report = stage.session.apply_import(read.id, choices).await.unwrap();
    assert_eq!((report.accounts, report.identities), (2, 2));
    let here = found(&stage, "123456789012", "alice").await;
    assert_eq!(names(&here), ["here"]);
    let there = found(&stage, ELSEWHERE, "alice").await;
    assert_eq!(names(&there), ["there"]);
}

#[tokio::test]
async fn no_two_new_users_get_a_device_of_one_serial() {
    let stage = Stage::unlocked().await;
    let text = aws("phone@210987654321", SEED) + &aws("phone@210987654321", OTHER_SEED);
    let read = preview(&stage, &text).await;
    let choices = vec![new(0, ELSEWHERE, "alice"), new(1, ELSEWHERE, "bob")];
    let refused = stage.session.apply_import(read.id, choices).await;
    assert!(matches!(refused, Err(SessionError::Invalid { .. })));
    assert!(stage.session.accounts().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_label_tells_the_root_user_the_partition_and_what_sts_takes() {
    let stage = Stage::unlocked().await;
    let center = "otpauth://totp/me?issuer=AWS%20IAM%20Identity%20Center";
    let text = [
        aws("root-account-mfa-device@210987654321", &seed(0)),
        aws("alice@210987654321", &seed(1)),
        format!("{center}&secret={}\n", seed(2)),
        aws("long@210987654321", &seed(3)).replace("&issuer", "&digits=8&issuer"),
        format!("{center}&secret={}&digits=8\n", seed(4)),
        format!(
            "otpauth://totp/arn:aws-cn:iam::123456789012:mfa/jane?secret={}\n",
            seed(5)
        ),
    ];
    let read = preview(&stage, &text.concat()).await;
    let told: Vec<_> = read
        .rows
        .iter()
        .map(|row| (row.root, row.usable_with_sts))
        .collect();
    assert_eq!(
        told,
        [
            (true, true),
            (false, true),
            (false, false),
            (false, false),
            (false, false),
            (false, true),
        ]
    );
    let choices = vec![
        new(1, ELSEWHERE, "alice"),
        new(2, ELSEWHERE, "alice"),
        new(5, "123456789012", "jane"),
    ];
    stage.session.apply_import(read.id, choices).await.unwrap();
    let alice = found(&stage, ELSEWHERE, "alice").await;
    let serials = alice.devices.iter().map(|device| device.serial.is_some());
    assert_eq!(serials.collect::<Vec<_>>(), [true, false]);
    let jane = found(&stage, "123456789012", "jane").await;
    assert_eq!(jane.account.partition, Partition::AwsCn);
}

#[tokio::test]
async fn an_account_out_of_a_file_keeps_its_names_and_only_its_own_number_has_them() {
    let source = Stage::unlocked().await;
    let acme = AccountDraft {
        alias: "acme".to_owned(),
        name: "The Shop".to_owned(),
        notes: "not for others".to_owned(),
        sts_endpoint: "http://127.0.0.1:4566".to_owned(),
        colour: "teal".to_owned(),
        production: true,
        ..stage::account("123456789012")
    };
    let account = source.session.save_account(acme).await.unwrap();
    let identity = source.user(account, "jane").await;
    // A user's own device that is named like a root user's is the user's all the same.
    let name = "root-account-mfa-device-7";
    let device = source.device(identity, name, SEED).await;
    let key = source.key(identity, stage::KEY).await;
    let filed = Filed {
        account,
        identity,
        device,
        key,
    };
    let bytes = written(&source, &filed).await;

    let target = Stage::unlocked().await;
    let china = AccountDraft {
        partition: "aws-cn".to_owned(),
        ..stage::account("123456789012")
    };
    target.session.save_account(china.clone()).await.unwrap();
    target.account("609629065308").await;
    let (id, row) = read(&target, &bytes).await;
    assert_eq!(row.account, None, "of another number or partition");
    assert!(!row.root);
    assert_eq!(row.user_name.unwrap().as_str(), "jane");
    let choices = vec![new(0, ELSEWHERE, "jane")];
    target.session.apply_import(id, choices).await.unwrap();
    let jane = found(&target, ELSEWHERE, "jane").await;
    assert_eq!(
        (jane.account.alias, jane.account.name.as_str()),
        (None, ELSEWHERE)
    );
    assert_eq!(jane.account.colour, Colour::Grey);
    assert!(!jane.account.production);

    let target = Stage::unlocked().await;
    let (id, _) = read(&target, &bytes).await;
    let choices = vec![new(0, "123456789012", "jane")];
    target.session.apply_import(id, choices).await.unwrap();
    let jane = found(&target, "123456789012", "jane").await;
    assert_eq!(jane.account.alias, AccountAlias::parse("acme").ok());
    assert_eq!(jane.account.name, "The Shop");
    assert_eq!(jane.account.colour, Colour::Teal);
    assert!(jane.account.production);
    assert_eq!(names(&jane), [name]);
    let account = target.session.account(jane.account.id).await.unwrap();
    assert_eq!(account.notes, "");
    assert_eq!(account.endpoints.sts, None);
    let (_, row) = read(&target, &bytes).await;
    assert_eq!(row.account.unwrap().id, jane.account.id);
    assert_eq!(row.identity, Some((jane.id, "jane".to_owned())));
}

#[tokio::test]
async fn what_was_read_waits_ten_minutes_and_no_longer() {
    let stage = Stage::unlocked().await;
    let text = aws("a@210987654321", SEED);
    for (secs, in_time) in [(599, true), (600, false)] {
        let read = preview(&stage, &text).await;
        wait(&stage, secs).await;
        // A choice that can't be taken shows whether it waits, and files nothing.
        let applied = stage.session.apply_import(read.id, vec![new(0, "12", "a")]);
        let gone = applied.await.unwrap_err() == SessionError::NoSuchItem;
        assert_eq!(gone, !in_time, "after {secs} s");
    }
    for (secs, in_time) in [(599, true), (600, false)] {
        let files = vec![vector("aegis-encrypted.json")];
        let refused = stage.session.preview_import(files, None).await;
        assert!(refused.is_err());
        wait(&stage, secs).await;
        let opened = stage.session.open_import(secret("a cellar of räkor")).await;
        match opened {
            Ok(_) => assert!(in_time, "after {secs} s"),
            Err(error) => {
                assert_eq!(error, SessionError::NoSuchItem);
                assert!(!in_time, "after {secs} s");
            }
        }
    }
}

#[tokio::test]
async fn only_a_file_that_lacks_its_password_is_kept_for_it() {
    let stage = Stage::unlocked().await;
    let files = vec![file("notes.txt", "nothing of that kind\n")];
    let refused = stage.session.preview_import(files, None).await.unwrap_err();
    assert!(matches!(refused, SessionError::Import { .. }));
    let opened = stage.session.open_import(secret("any")).await.unwrap_err();
    assert_eq!(opened, SessionError::NoSuchItem);
}

#[tokio::test]
async fn a_permission_stays_until_its_own_time_is_up() {
    let stage = Stage::unlocked().await;
    let filed = stage.filed().await;
    let device = DeviceRef {
        identity: filed.identity,
        device: filed.device,
    };
    permit(&stage, Guarded::ShowQr { device }).await;
    let other = stage.session.apply_import(77, Vec::new()).await;
    assert_eq!(other.unwrap_err(), SessionError::NoSuchItem);
    stage.session.show_qr(device).await.unwrap();
}

#[tokio::test]
async fn a_hundred_files_and_ten_thousand_entries_are_read_at_once() {
    let stage = Stage::unlocked().await;
    let entry = "otpauth://hotp/counter?secret=GEZDGNBVGY3TQOJQ&counter=1\n";
    let rows = async |files: usize, entries: usize| {
        let files = (0..files).map(|_| file("list.txt", &entry.repeat(entries)));
        let read = stage.session.preview_import(files.collect(), None).await;
        read.map(|read| read.rows.len())
    };
    let too_large = || {
        let file = "list.txt".to_owned();
        let code = "import-too-large";
        Err(SessionError::Import { file, code })
    };
    assert_eq!(rows(100, 1).await, Ok(100));
    assert_eq!(rows(101, 1).await, too_large());
    assert_eq!(rows(2, 5000).await, Ok(10_000));
    assert_eq!(rows(2, 5001).await, too_large());
}
