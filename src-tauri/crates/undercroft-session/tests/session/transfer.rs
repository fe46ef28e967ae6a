//! Taking devices over from other programs' files, and out of the vault.

mod choices;

use crate::stage::{OTHER_SEED, PASSWORD, SEED, Stage, secret};
use undercroft_secret::SecretBytes;
use undercroft_session::{
    DeviceRef, ExportFormat, Guarded, ImportChoice, ImportFile, ImportPreview, ImportStatus,
    ImportTarget, LockReason, SessionError, WhoKind,
};

const THIRD_SEED: &str = "MFRGGZDFMZTWQ2LKMFRGGZDFMZTWQ2LK";

fn file(name: &str, text: &str) -> ImportFile {
    ImportFile {
        name: name.to_owned(),
        bytes: SecretBytes::copy_of(text.as_bytes()),
    }
}

fn vector(name: &str) -> ImportFile {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../../tests/vectors/import/files/"
    );
    ImportFile {
        name: name.to_owned(),
        bytes: SecretBytes::new(std::fs::read(format!("{path}{name}")).unwrap()),
    }
}

fn aws(name: &str, seed: &str) -> String {
    format!(
        "otpauth://totp/Amazon%20Web%20Services:{name}?secret={seed}&issuer=Amazon%20Web%20Services\n"
    )
}

async fn preview(stage: &Stage, text: &str) -> ImportPreview {
    let files = vec![file("list.txt", text)];
    stage.session.preview_import(files, None).await.unwrap()
}

fn new(index: u32, account_id: &str, name: &str) -> ImportChoice {
    ImportChoice {
        index,
        target: ImportTarget::New {
            account_id: account_id.to_owned(),
            kind: WhoKind::IamUser,
            name: name.to_owned(),
        },
    }
}

#[tokio::test]
async fn the_preview_says_where_devices_belong() {
    let stage = Stage::unlocked().await;
    let filed = stage.filed().await;
    let account = stage.session.account(filed.account).await.unwrap().row;
    let text = [
        aws(
            &format!("other@{}", account.account_id.as_str()),
            OTHER_SEED,
        ),
        aws("again@123456789012", SEED),
        aws("twice@123456789012", OTHER_SEED),
        "otpauth://hotp/counter?secret=GEZDGNBVGY3TQOJQ&counter=1\n".to_owned(),
    ];
    let found = preview(&stage, &text.concat()).await;
    let statuses: Vec<_> = found.rows.iter().map(|row| row.status.clone()).collect();
    assert_eq!(statuses[0], ImportStatus::New);
    assert!(matches!(&statuses[1], ImportStatus::Duplicate { of } if of.contains(" / ")));
    assert!(matches!(&statuses[2], ImportStatus::Duplicate { of } if of.contains("other@")));
    assert_eq!(statuses[3], ImportStatus::Problem { code: "entry-hotp" });
    assert_eq!(found.rows[0].account.as_ref().unwrap().id, filed.account);
    assert!(found.rows[0].usable_with_sts);
}

#[tokio::test]
async fn what_is_chosen_is_taken_over_with_one_save() {
    let stage = Stage::unlocked().await;
    let text = aws("alice@210987654321", SEED) + &aws("bob@210987654321", OTHER_SEED);
    let found = preview(&stage, &text).await;
    let choices = vec![
        new(0, "2109-8765-4321", "alice"),
        new(1, "210987654321", "bob"),
    ];
    let report = stage.session.apply_import(found.id, choices).await.unwrap();
    assert_eq!(
        (report.accounts, report.identities, report.devices),
        (1, 2, 2)
    );

    let stage = stage.restart().await;
    stage.session.unlock(secret(PASSWORD)).await.unwrap();
    let accounts = stage.session.accounts().await.unwrap();
    assert_eq!(accounts.len(), 1);
    let account = stage.session.account(accounts[0].id).await.unwrap();
    let alice = stage
        .session
        .identity(account.identities[0].id)
        .await
        .unwrap();
    assert_eq!(alice.devices[0].name, "alice");
    let serial = alice.devices[0].serial.as_ref().unwrap();
    assert_eq!(serial.as_str(), "arn:aws:iam::210987654321:mfa/alice");
}

#[tokio::test]
async fn one_bad_choice_takes_nothing_over_and_can_be_mended() {
    let stage = Stage::unlocked().await;
    let text = aws("alice@210987654321", SEED) + &aws("bob@210987654321", OTHER_SEED);
    let found = preview(&stage, &text).await;
    for bad in [
        new(1, "210987654321", "no such name!"),
        new(1, "12", "bob"),
        new(7, "210987654321", "bob"),
    ] {
        let choices = vec![new(0, "210987654321", "alice"), bad];
        let refused = stage.session.apply_import(found.id, choices).await;
        assert!(refused.is_err());
        assert_eq!(stage.session.accounts().await.unwrap().len(), 0);
    }
    let choices = vec![new(0, "210987654321", "alice")];
    stage
        .session
        .apply_import(found.id, choices.clone())
        .await
        .unwrap();
    let again = stage
        .session
        .apply_import(found.id, choices)
        .await
        .unwrap_err();
    assert_eq!(again, SessionError::NoSuchItem);
}

#[tokio::test]
async fn no_more_devices_than_aws_allows_go_into_an_identity() {
    let stage = Stage::unlocked().await;
    let text: String = (0..9_u8)
        .map(|number| {
            aws(
                &format!("d{number}@210987654321"),
                &format!("{}{}", char::from(b'A' + number), &SEED[1..]),
            )
        })
        .collect();
    let found = preview(&stage, &text).await;
    let choices = (0..9)
        .map(|index| new(index, "210987654321", "alice"))
        .collect();
    assert!(stage.session.apply_import(found.id, choices).await.is_err());
    assert_eq!(stage.session.accounts().await.unwrap().len(), 0);
}

#[tokio::test]
async fn an_encrypted_file_asks_for_its_password() {
    let stage = Stage::unlocked().await;
    for (password, code) in [
        (None, "import-password-needed"),
        (Some("wrong"), "import-wrong-password"),
    ] {
        let files = vec![vector("aegis-encrypted.json")];
        let refused = stage
            .session
            .preview_import(files, password.map(secret))
            .await;
        let file = "aegis-encrypted.json".to_owned();
        assert_eq!(refused.unwrap_err(), SessionError::Import { file, code });
    }
    let files = vec![vector("aegis-encrypted.json")];
    let found = stage
        .session
        .open_import(secret("a cellar of räkor"))
        .await
        .unwrap();
    assert_eq!(found.rows.len(), 9);
    let again = stage.session.open_import(secret("a cellar of räkor")).await;
    assert_eq!(again.unwrap_err(), SessionError::NoSuchItem);
    let password = Some(secret("a cellar of räkor"));
    let found = stage.session.preview_import(files, password).await.unwrap();
    assert_eq!(found.rows.len(), 9);
}

#[tokio::test]
async fn what_was_read_is_gone_after_locking_giving_up_and_ten_minutes() {
    let stage = Stage::unlocked().await;
    let gone = async |id| {
        let refused = stage
            .session
            .apply_import(id, vec![new(0, "210987654321", "a")])
            .await;
        assert_eq!(refused.unwrap_err(), SessionError::NoSuchItem);
    };
    let found = preview(&stage, &aws("a@210987654321", SEED)).await;
    stage.session.lock(LockReason::User).await;
    stage.session.unlock(secret(PASSWORD)).await.unwrap();
    gone(found.id).await;

    let found = preview(&stage, &aws("a@210987654321", SEED)).await;
    stage.session.cancel_import().await.unwrap();
    gone(found.id).await;

    let found = preview(&stage, &aws("a@210987654321", SEED)).await;
    for _ in 0..11 {
        stage.session.touch();
        stage.clock.advance(55.0);
    }
    gone(found.id).await;
}

#[tokio::test]
async fn a_seed_leaves_once_for_one_password_and_one_device() {
    let stage = Stage::unlocked().await;
    let filed = stage.filed().await;
    let device = DeviceRef {
        identity: filed.identity,
        device: filed.device,
    };
    let guarded = Guarded::ShowQr { device };
    let refused = stage.session.show_qr(device).await.unwrap_err();
    assert_eq!(refused, SessionError::NotPermitted);
    let wrong = stage.session.permit(guarded.clone(), secret("wrong")).await;
    assert!(matches!(wrong, Err(SessionError::WrongPassword { .. })));

    stage
        .session
        .permit(guarded.clone(), secret(PASSWORD))
        .await
        .unwrap();
    let shown = stage.session.show_qr(device).await.unwrap();
    assert!(shown.path.expose().starts_with('M'));
    assert!(stage.session.show_qr(device).await.is_err(), "used up");

    stage
        .session
        .permit(guarded.clone(), secret(PASSWORD))
        .await
        .unwrap();
    let other = stage
        .session
        .export_devices(vec![device], ExportFormat::OtpauthLines, None)
        .await;
    assert_eq!(other.unwrap_err(), SessionError::NotPermitted);
    assert!(
        stage.session.show_qr(device).await.is_err(),
        "used up by another wish"
    );

    for (secs, in_time) in [(59.0, true), (60.0, false)] {
        stage
            .session
            .permit(guarded.clone(), secret(PASSWORD))
            .await
            .unwrap();
        stage.clock.advance(secs);
        let shown = stage.session.show_qr(device).await;
        assert_eq!(shown.is_ok(), in_time, "after {secs} s");
    }
}

#[tokio::test]
async fn what_is_exported_comes_back() {
    let stage = Stage::unlocked().await;
    let text = aws("alice@210987654321", SEED) + &aws("bob@210987654321", THIRD_SEED);
    let found = preview(&stage, &text).await;
    let choices = vec![
        new(0, "210987654321", "alice"),
        new(1, "210987654321", "bob"),
    ];
    stage.session.apply_import(found.id, choices).await.unwrap();
    let account = stage.session.accounts().await.unwrap()[0].id;
    let mut devices = Vec::new();
    for row in stage.session.account(account).await.unwrap().identities {
        let identity = stage.session.identity(row.id).await.unwrap();
        devices.push(DeviceRef {
            identity: row.id,
            device: identity.devices[0].id,
        });
    }
    let file_password = || Some(secret("plinth otter vellum 92"));
    for format in [
        ExportFormat::Vault,
        ExportFormat::OtpauthLines,
        ExportFormat::MigrationPictures,
    ] {
        let guarded = Guarded::Export {
            devices: devices.clone(),
            format,
        };
        stage
            .session
            .permit(guarded, secret(PASSWORD))
            .await
            .unwrap();
        let (files, left_out) = stage
            .session
            .export_devices(devices.clone(), format, file_password())
            .await
            .unwrap();
        assert_eq!(left_out, 0);
        let files = files.into_iter().map(|file| ImportFile {
            name: "back".to_owned(),
            bytes: file.bytes,
        });
        let back = stage
            .session
            .preview_import(files.collect(), file_password())
            .await
            .unwrap();
        assert_eq!(back.missing_codes, 0);
        assert_eq!(back.rows.len(), 2);
        for row in back.rows {
            assert!(
                matches!(row.status, ImportStatus::Duplicate { .. }),
                "{row:?}"
            );
            assert_eq!(row.account.unwrap().id, account);
            assert!(row.identity.is_some());
        }
    }
}

/// A vault with a root user and a user, each with a device, and both devices written into an encrypted file.
async fn encrypted_export(stage: &Stage) -> SecretBytes {
    let text = aws("alice@210987654321", SEED) + &aws("safe@210987654321", THIRD_SEED);
    let found = preview(stage, &text).await;
    let root = ImportChoice {
        index: 1,
        target: ImportTarget::New {
            account_id: "210987654321".to_owned(),
            kind: WhoKind::Root,
            name: "aws@example.com".to_owned(),
        },
    };
    let choices = vec![new(0, "210987654321", "alice.b"), root];
    stage.session.apply_import(found.id, choices).await.unwrap();
    let account = stage.session.accounts().await.unwrap()[0].id;
    let mut devices = Vec::new();
    for row in stage.session.account(account).await.unwrap().identities {
        let identity = stage.session.identity(row.id).await.unwrap();
        devices.push(DeviceRef {
            identity: row.id,
            device: identity.devices[0].id,
        });
    }
    let format = ExportFormat::Vault;
    let guarded = Guarded::Export {
        devices: devices.clone(),
        format,
    };
    let permit = || stage.session.permit(guarded.clone(), secret(PASSWORD));
    permit().await.unwrap();
    let weak = stage
        .session
        .export_devices(devices.clone(), format, Some(secret("letmein")))
        .await;
    assert_eq!(weak.unwrap_err(), SessionError::WeakPassword);
    let (mut files, _) = stage
        .session
        .export_devices(devices, format, Some(secret("plinth otter vellum 92")))
        .await
        .unwrap();
    files.pop().unwrap().bytes
}

#[tokio::test]
async fn an_encrypted_export_tells_another_vault_whose_the_devices_are() {
    let bytes = encrypted_export(&Stage::unlocked().await).await;
    let whole = bytes.expose();
    for told in ["210987654321", "alice", "aws@example.com"] {
        assert!(
            !whole
                .windows(told.len())
                .any(|part| part == told.as_bytes())
        );
    }
    let stage = Stage::unlocked().await;
    let file = || {
        vec![ImportFile {
            name: "mine.undercroft".to_owned(),
            bytes: bytes.clone(),
        }]
    };
    let code = |error: SessionError| {
        let SessionError::Import { code, .. } = error else {
            panic!("{error:?}");
        };
        code
    };
    let needed = stage.session.preview_import(file(), None).await;
    assert_eq!(code(needed.unwrap_err()), "import-password-needed");
    let wrong = stage
        .session
        .open_import(secret("plinth otter vellum 93"))
        .await;
    assert_eq!(code(wrong.unwrap_err()), "import-wrong-password");
    let found = stage
        .session
        .open_import(secret("plinth otter vellum 92"))
        .await
        .unwrap();
    assert_eq!(found.rows.len(), 2);
    let mut choices = Vec::new();
    for row in &found.rows {
        assert_eq!(row.status, ImportStatus::New);
        assert_eq!(row.account_id.as_ref().unwrap().as_str(), "210987654321");
        let user = row.user_name.as_ref().map(|name| name.as_str().to_owned());
        let email = row.email.as_ref().map(|email| email.as_str().to_owned());
        assert_eq!(row.root, email.is_some());
        choices.push(ImportChoice {
            index: row.index,
            target: ImportTarget::New {
                account_id: "210987654321".to_owned(),
                kind: if row.root {
                    WhoKind::Root
                } else {
                    WhoKind::IamUser
                },
                name: user.or(email).unwrap(),
            },
        });
    }
    stage.session.apply_import(found.id, choices).await.unwrap();
    let account = stage.session.accounts().await.unwrap()[0].id;
    let identities = stage.session.account(account).await.unwrap().identities;
    let names: Vec<_> = identities
        .iter()
        .map(|row| row.kind.sign_in_name())
        .collect();
    assert_eq!(names, ["aws@example.com", "alice.b"]);
    let root = stage.session.identity(identities[0].id).await.unwrap();
    assert_eq!(root.devices[0].name, "safe");
}

#[tokio::test]
async fn a_damaged_encrypted_export_is_refused_and_nothing_is_read() {
    let bytes = encrypted_export(&Stage::unlocked().await).await;
    let stage = Stage::unlocked().await;
    let read = async |bytes: Vec<u8>| {
        let file = ImportFile {
            name: "mine.undercroft".to_owned(),
            bytes: SecretBytes::new(bytes),
        };
        let password = Some(secret("plinth otter vellum 92"));
        let read = stage.session.preview_import(vec![file], password).await;
        let Err(SessionError::Import { code, .. }) = read else {
            panic!("{read:?}");
        };
        code
    };
    let whole = bytes.expose().to_vec();
    assert_eq!(
        read(whole[..whole.len() - 1].to_vec()).await,
        "import-damaged"
    );
    let mut body = whole.clone();
    *body.last_mut().unwrap() ^= 1;
    assert_eq!(read(body).await, "import-damaged");
    let mut header = whole;
    header[40] ^= 1;
    assert_eq!(read(header).await, "import-damaged");
}

#[tokio::test]
async fn an_encrypted_export_opens_as_a_vault_of_its_own() {
    let bytes = encrypted_export(&Stage::unlocked().await).await;
    let stage = Stage::unlocked().await;
    let path = stage.folder.path().join("devices.undercroft");
    std::fs::write(&path, bytes.expose()).unwrap();
    stage.session.open_vault(path).await.unwrap();
    stage
        .session
        .unlock(secret("plinth otter vellum 92"))
        .await
        .unwrap();
    let account = stage.session.accounts().await.unwrap()[0].id;
    let identities = stage.session.account(account).await.unwrap().identities;
    for row in &identities {
        assert_eq!(stage.session.codes(row.id).await.unwrap().len(), 1);
    }
    assert_eq!(identities.len(), 2);
    let details = stage.session.vault_details().await.unwrap();
    assert!(!details.has_recovery_key);
    // It can be changed and saved like any other.
    let user = identities[1].id;
    stage.session.set_favourite(user, true).await.unwrap();
    assert!(stage.session.overview().await.unwrap().notices.is_empty());
}
