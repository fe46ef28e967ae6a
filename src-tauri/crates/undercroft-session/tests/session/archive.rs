//! Everything out of the vault into one file, and into another vault.

use crate::stage::{self, KEY_SECRET, SEED, Stage, password, secret};
use undercroft_model::{Account, AccountId, Content, ItemId, Partition, Theme, Timestamp};
use undercroft_secret::SecretBytes;
use undercroft_session::{
    ArchiveExport, ArchiveFormat, ArchivePreview, CustomSecretDraft, Guarded, ImportFile,
    LockReason, SecretRef, SessionError, SettingsDraft,
};
use undercroft_vault::{Arrival, TakeIn, TwinRule};

const FILE_PASSWORD: &str = "plinth otter vellum 92";
const FORMATS: [ArchiveFormat; 2] = [ArchiveFormat::Encrypted, ArchiveFormat::Json];
const ALL: TakeIn = TakeIn {
    settings: true,
    twins: TwinRule::Vault,
};

/// A vault with something of each kind.
async fn stocked() -> (Stage, ItemId) {
    let stage = Stage::unlocked().await;
    let filed = stage.filed().await;
    let session = &stage.session;
    for password in ["first", "second", "third"] {
        session
            .set_password(filed.identity, secret(password))
            .await
            .unwrap();
    }
    let draft = CustomSecretDraft {
        item: filed.identity,
        id: None,
        label: "PIN".to_owned(),
        value: Some(secret("0042")),
    };
    session.save_custom_secret(draft).await.unwrap();
    let draft = stage::session_profile("deploy-session", filed.identity);
    session.save_profile(draft).await.unwrap();
    let binned = stage.account("210987654321").await;
    session.bin_item(binned).await.unwrap();
    session.save_settings(settings()).await.unwrap();
    (stage, filed.identity)
}

fn settings() -> SettingsDraft {
    SettingsDraft {
        clipboard_clears_in_secs: 77,
        locks_after_idle_secs: 1_234,
        locks_with_screen: false,
        locks_on_sleep: true,
        keeps_window_on_close: true,
        theme: Theme::Dark,
    }
}

async fn export(stage: &Stage, format: ArchiveFormat) -> ArchiveExport {
    let session = &stage.session;
    let guarded = Guarded::ExportAll { format };
    session.permit(guarded, password()).await.unwrap();
    let file_password = (format == ArchiveFormat::Encrypted).then(|| secret(FILE_PASSWORD));
    session.export_all(format, file_password).await.unwrap()
}

fn file(bytes: &SecretBytes) -> ImportFile {
    ImportFile {
        name: "everything".to_owned(),
        bytes: SecretBytes::copy_of(bytes.expose()),
    }
}

async fn preview(stage: &Stage, format: ArchiveFormat, bytes: &SecretBytes) -> ArchivePreview {
    let read = stage.session.preview_archive(file(bytes)).await;
    match format {
        ArchiveFormat::Json => read.unwrap(),
        ArchiveFormat::Encrypted => {
            assert_eq!(code(read.unwrap_err()), "import-password-needed");
            let wrong = stage.session.open_archive(secret("not this one")).await;
            assert_eq!(code(wrong.unwrap_err()), "import-wrong-password");
            stage
                .session
                .open_archive(secret(FILE_PASSWORD))
                .await
                .unwrap()
        }
    }
}

fn code(error: SessionError) -> &'static str {
    if let SessionError::Import { code, .. } = error {
        code
    } else {
        "another error"
    }
}

/// What the session tells of a vault, with the secrets.
async fn told(stage: &Stage, identity: ItemId) -> String {
    let session = &stage.session;
    let details = session.identity(identity).await.unwrap();
    let mut all = format!(
        "{:?}\n{details:?}\n{:?}\n{:?}\n{:?}\n{:?}\n",
        session.accounts().await.unwrap(),
        session.history(identity).await.unwrap(),
        session.bin().await.unwrap(),
        session.profiles().await.unwrap(),
        session.overview().await.unwrap().settings,
    );
    let key = details.keys[0].id.clone();
    let past = &details.sign_on.as_ref().unwrap().past;
    assert_eq!(past.len(), 2);
    let codes = session.codes(identity).await.unwrap();
    all.push_str(codes[0].code.as_str());
    let field = details.secrets[0].id;
    for what in [
        SecretRef::Password { identity },
        SecretRef::PastPassword {
            identity,
            value: past[0].id,
        },
        SecretRef::PastPassword {
            identity,
            value: past[1].id,
        },
        SecretRef::SecretKey { identity, key },
        SecretRef::Custom {
            item: identity,
            field,
        },
    ] {
        // Exposed to be compared.
        let shown = session.reveal(what).await.unwrap();
        all.push_str(shown.expose());
        all.push('\n');
    }
    all
}

#[tokio::test]
async fn an_empty_machine_gets_everything_in_both_formats() {
    let (source, identity) = stocked().await;
    let expected = told(&source, identity).await;
    assert!(expected.contains(KEY_SECRET), "the secrets are compared");
    for format in FORMATS {
        let export = export(&source, format).await;
        assert_eq!((export.unreadable, export.newer), (0, 0));
        let counts = export.counts;
        assert_eq!(
            (counts.accounts, counts.identities, counts.profiles),
            (1, 1, 1)
        );
        assert_eq!((counts.devices, counts.keys, counts.secrets), (1, 1, 1));
        assert_eq!((counts.passwords, counts.binned), (3, 1));
        let is_readable = |secret: &str| {
            let mut windows = export.file.bytes.expose().windows(secret.len());
            windows.any(|window| window == secret.as_bytes())
        };
        assert_eq!(is_readable(KEY_SECRET), format == ArchiveFormat::Json);
        assert_eq!(is_readable(SEED), format == ArchiveFormat::Json);

        let target = Stage::unlocked().await;
        let found = preview(&target, format, &export.file.bytes).await;
        assert_eq!((found.new, found.same, found.rows.len()), (4, 0, 0));
        assert_eq!(found.counts, counts);
        assert!(found.settings_differ && found.settings_untouched);
        assert_eq!(
            target.session.accounts().await.unwrap().len(),
            0,
            "nothing was changed yet"
        );
        let report = target.session.apply_archive(found.id, ALL).await.unwrap();
        assert_eq!(
            (report.added, report.merged, report.same, report.settings),
            (4, 0, 0, true)
        );
        let target = target.restart().await;
        target.unlock().await;
        assert_eq!(told(&target, identity).await, expected);
        println!(
            "{format:?}: 4 items, settings and 5 secrets compared through the session; lost: 0"
        );
    }
}

#[tokio::test]
async fn nothing_leaves_without_the_master_password_for_just_this() {
    let (stage, _) = stocked().await;
    let session = &stage.session;
    let json = ArchiveFormat::Json;
    let refused = session.export_all(json, None).await.unwrap_err();
    assert_eq!(refused, SessionError::NotPermitted);
    let encrypted = Guarded::ExportAll {
        format: ArchiveFormat::Encrypted,
    };
    session.permit(encrypted.clone(), password()).await.unwrap();
    let refused = session.export_all(json, None).await.unwrap_err();
    assert_eq!(
        refused,
        SessionError::NotPermitted,
        "it was for the encrypted file"
    );
    let wrong = session.permit(encrypted.clone(), secret("wrong")).await;
    assert!(matches!(wrong, Err(SessionError::WrongPassword { .. })));
    session.permit(encrypted, password()).await.unwrap();
    for weak in [None, Some(secret("weak"))] {
        let refused = session
            .export_all(ArchiveFormat::Encrypted, weak)
            .await
            .unwrap_err();
        assert_eq!(refused, SessionError::WeakPassword);
    }
    let export = session
        .export_all(ArchiveFormat::Encrypted, Some(secret(FILE_PASSWORD)))
        .await;
    assert!(!format!("{:?}", export.unwrap()).contains(KEY_SECRET));
    let again = session
        .export_all(ArchiveFormat::Encrypted, Some(secret(FILE_PASSWORD)))
        .await;
    assert_eq!(again.unwrap_err(), SessionError::NotPermitted, "once");
}

#[tokio::test]
async fn what_both_have_is_shown_and_nothing_is_overwritten_unseen() {
    let (stage, identity) = stocked().await;
    let export = export(&stage, ArchiveFormat::Json).await;
    let session = &stage.session;
    let same = session
        .preview_archive(file(&export.file.bytes))
        .await
        .unwrap();
    assert_eq!((same.new, same.same, same.rows.len()), (0, 4, 0));
    assert!(!same.settings_differ && !same.settings_untouched);

    // Made anew on another machine, under ids of its own.
    let other = Stage::unlocked().await;
    other.filed().await;
    let found = other
        .session
        .preview_archive(file(&export.file.bytes))
        .await
        .unwrap();
    let twins: Vec<_> = found
        .rows
        .iter()
        .map(|row| (row.name.as_str(), row.arrival))
        .collect();
    assert_eq!(
        twins,
        [("jane.doe · Account 123456789012", Arrival::Twin)],
        "the accounts say the same"
    );
    let report = other.session.apply_archive(found.id, ALL).await.unwrap();
    assert_eq!((report.added, report.merged, report.same), (2, 1, 1));
    let accounts = other.session.accounts().await.unwrap();
    assert_eq!(accounts.len(), 1, "no second one of the same number");
    let account = other.session.account(accounts[0].id).await.unwrap();
    let own = account.identities[0].id;
    assert_ne!(own, identity);
    // The password of the file is in the history, and can be brought back.
    let history = other.session.history(own).await.unwrap();
    let with_password = history
        .iter()
        .find(|row| row.differs_in.contains(&"password"))
        .unwrap();
    other
        .session
        .restore_history(own, with_password.index)
        .await
        .unwrap();
    let shown = other
        .session
        .reveal(SecretRef::Password { identity: own })
        .await
        .unwrap();
    assert_eq!(shown.expose(), "third");
}

#[tokio::test]
async fn what_was_read_is_gone_after_locking_and_giving_up() {
    let (source, _) = stocked().await;
    let export = export(&source, ArchiveFormat::Json).await;
    let stage = Stage::unlocked().await;
    let session = &stage.session;
    let found = session
        .preview_archive(file(&export.file.bytes))
        .await
        .unwrap();
    session.cancel_import().await.unwrap();
    let gone = session.apply_archive(found.id, ALL).await.unwrap_err();
    assert_eq!(gone, SessionError::NoSuchItem);
    let found = session
        .preview_archive(file(&export.file.bytes))
        .await
        .unwrap();
    session.lock(LockReason::User).await;
    stage.unlock().await;
    let gone = session.apply_archive(found.id, ALL).await.unwrap_err();
    assert_eq!(gone, SessionError::NoSuchItem);
    assert_eq!(session.accounts().await.unwrap().len(), 0);
}

#[tokio::test]
async fn other_files_are_refused_with_the_reason() {
    let (source, identity) = stocked().await;
    let bytes = export(&source, ArchiveFormat::Json).await.file.bytes;
    let json = std::str::from_utf8(bytes.expose()).unwrap();
    let stage = Stage::unlocked().await;
    let key = format!("\"id\": \"{}\"", stage::KEY);
    let third = json.replacen("\"label\": \"PIN\"", "\"label\": \"\"", 1);
    assert_ne!(third, json);
    assert!(json.contains(&key) && json.contains(&identity.to_string()));
    for (text, reason) in [
        ("no archive at all", "import-no-archive"),
        ("{}", "import-no-archive"),
        (
            r#"{"format":"undercroft-archive","version":9,"items":[]}"#,
            "import-too-new",
        ),
        (
            r#"{"format":"undercroft-archive","version":1,"items":[1]}"#,
            "import-damaged",
        ),
        (json.trim_end().trim_end_matches('}'), "import-no-archive"),
        (&third, "import-breaks-rules"),
    ] {
        let file = file(&SecretBytes::copy_of(text.as_bytes()));
        let refused = stage.session.preview_archive(file).await.unwrap_err();
        assert!(!format!("{refused:?} {refused}").contains(KEY_SECRET));
        assert_eq!(code(refused), reason);
    }
    assert_eq!(stage.session.accounts().await.unwrap().len(), 0);
}

#[tokio::test]
async fn earlier_versions_and_the_secrets_of_accounts_are_counted() {
    let (stage, identity) = stocked().await;
    let session = &stage.session;
    let before = export(&stage, ArchiveFormat::Json).await.counts;
    let versions = session.history(identity).await.unwrap().len();
    assert!(versions > 1);
    assert_eq!(usize::try_from(before.versions), Ok(versions));
    let account = session.accounts().await.unwrap()[0].id;
    let draft = CustomSecretDraft {
        item: account,
        id: None,
        label: "PIN".to_owned(),
        value: Some(secret("4711")),
    };
    session.save_custom_secret(draft).await.unwrap();
    let after = export(&stage, ArchiveFormat::Json).await.counts;
    assert_eq!((before.secrets, after.secrets), (1, 2));
}

/// A vault with 202 accounts, all of one name.
async fn with_accounts_called(name: &str) -> Stage {
    let stage = Stage::unlocked().await;
    stage.session.lock(LockReason::User).await;
    stage.in_vault(|vault| {
        let now = Timestamp::from_unix_secs(stage::START_SECS);
        for number in 0..202 {
            let digits = AccountId::parse(&format!("{number:012}")).unwrap();
            let account = Account {
                name: name.to_owned(),
                ..Account::new(digits, Partition::Aws)
            };
            vault.put(None, Content::Account(account), now).unwrap();
        }
        vault.save(now).unwrap();
    });
    stage.unlock().await;
    stage
}

#[tokio::test]
async fn two_hundred_differing_items_are_listed_and_the_rest_counted() {
    let source = with_accounts_called("there").await;
    let export = export(&source, ArchiveFormat::Json).await;
    let stage = with_accounts_called("here").await;
    let found = stage.session.preview_archive(file(&export.file.bytes));
    let found = found.await.unwrap();
    assert_eq!((found.rows.len(), found.more_rows), (200, 2));
}

#[tokio::test]
async fn an_archive_waits_ten_minutes_for_its_password_and_for_the_decision() {
    let (source, _) = stocked().await;
    let bytes = export(&source, ArchiveFormat::Encrypted).await.file.bytes;
    for (secs, in_time) in [(599, true), (600, false)] {
        let stage = Stage::unlocked().await;
        let session = &stage.session;
        let wait = || {
            for _ in 0..secs / 50 {
                session.touch();
                stage.clock.advance(50.0);
            }
            session.touch();
            stage.clock.advance(f64::from(secs % 50));
        };
        let needed = session.preview_archive(file(&bytes)).await.unwrap_err();
        assert_eq!(code(needed), "import-password-needed");
        wait();
        let found = match session.open_archive(secret(FILE_PASSWORD)).await {
            Ok(found) => found,
            Err(gone) => {
                assert_eq!(gone, SessionError::NoSuchItem);
                assert!(!in_time, "the password came in time");
                let _ = session.preview_archive(file(&bytes)).await;
                session.open_archive(secret(FILE_PASSWORD)).await.unwrap()
            }
        };
        wait();
        let applied = session.apply_archive(found.id, ALL).await;
        assert_eq!(applied.is_ok(), in_time, "after {secs} s: {applied:?}");
    }
}

#[tokio::test]
async fn only_an_archive_that_lacks_its_password_is_kept_for_it() {
    let stage = Stage::unlocked().await;
    let other = file(&SecretBytes::copy_of(b"no archive at all"));
    let refused = stage.session.preview_archive(other).await.unwrap_err();
    assert_eq!(code(refused), "import-no-archive");
    let opened = stage.session.open_archive(secret(FILE_PASSWORD)).await;
    assert_eq!(opened.unwrap_err(), SessionError::NoSuchItem);
}
